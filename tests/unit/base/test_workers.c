/* Workers: all shares are done, each ticket is taken once, and the lowest error is told. */
#include "base/workers.h"

#include <stdatomic.h>

#include "base/mem.h"
#include "unit.h"

enum { TICKETS = 20000, WORKERS_MAX = 16 };

struct shared {
    struct rs_tickets tickets;
    atomic_uint taken[TICKETS];
    atomic_uint runs[WORKERS_MAX];
    unsigned fail; /* a set of workers */
    size_t stop_at;
};

static bool take_all(void *arg, unsigned worker, struct rs_error *err)
{
    struct shared *shared = arg;
    size_t number = 0;
    (void)atomic_fetch_add(&shared->runs[worker], 1);
    if (shared->fail >> worker & 1) {
        return rs_error_set(err, RS_E_IO, "worker %u", worker);
    }
    while (rs_tickets_take(&shared->tickets, &number)) {
        assert_true(number < TICKETS);
        (void)atomic_fetch_add(&shared->taken[number], 1);
        if (number == shared->stop_at) {
            rs_tickets_stop(&shared->tickets);
        }
    }
    return true;
}

static void reset(struct shared *shared)
{
    *shared = (struct shared){.tickets = RS_TICKETS_INIT(TICKETS), .stop_at = SIZE_MAX};
}

static void test_workers__each_ticket_is_taken_once(void **state)
{
    static struct shared shared;
    (void)state;
    for (unsigned count = 1; count <= WORKERS_MAX; count += 5) {
        struct rs_error err = {0};
        reset(&shared);
        assert_true(rs_workers_run(count, take_all, &shared, &err));
        assert_int_equal(err.code, RS_OK);
        for (size_t i = 0; i < TICKETS; i++) {
            assert_int_equal(atomic_load(&shared.taken[i]), 1);
        }
        for (unsigned i = 0; i < WORKERS_MAX; i++) {
            assert_int_equal(atomic_load(&shared.runs[i]), i < count ? 1 : 0);
        }
    }
}

static void test_workers__the_error_is_that_of_the_lowest_worker(void **state)
{
    static const struct {
        unsigned fail;
        const char *message;
    } cases[] = {{1, "worker 0"}, {2, "worker 1"}, {0xc, "worker 2"}, {0xf, "worker 0"}};
    static struct shared shared;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        reset(&shared);
        shared.fail = cases[i].fail;
        assert_false(rs_workers_run(4, take_all, &shared, &err));
        assert_int_equal(err.code, RS_E_IO);
        assert_string_equal(err.message, cases[i].message);
        for (unsigned worker = 0; worker < 4; worker++) { /* the others did their share */
            assert_int_equal(atomic_load(&shared.runs[worker]), 1);
        }
    }
}

static void test_workers__no_ticket_is_taken_after_a_stop(void **state)
{
    static struct shared shared;
    struct rs_error err = {0};
    size_t number = 4711;
    (void)state;
    reset(&shared);
    shared.stop_at = 100;
    assert_true(rs_workers_run(3, take_all, &shared, &err));
    for (size_t i = 0; i <= 100; i++) {
        assert_int_equal(atomic_load(&shared.taken[i]), 1);
    }
    assert_false(rs_tickets_take(&shared.tickets, &number));
    assert_int_equal(number, 4711);
    struct rs_tickets none = RS_TICKETS_INIT(0);
    assert_false(rs_tickets_take(&none, &number));
    struct rs_tickets stopped = RS_TICKETS_INIT(5);
    assert_true(rs_tickets_take(&stopped, &number));
    assert_int_equal(number, 0);
    rs_tickets_stop(&stopped);
    assert_false(rs_tickets_take(&stopped, &number));
}

static void test_workers__the_heaviest_work_comes_first(void **state)
{
    static const uint64_t weights[] = {3, UINT64_MAX, 0, 3, 7, 0, 3};
    static const size_t expected[] = {1, 4, 0, 3, 6, 2, 5};
    (void)state;
    for (size_t count = 0; count <= 2; count++) {
        size_t *order = rs_workers_order(weights, count);
        assert_true(count < 2 || (order[0] == 1 && order[1] == 0));
        rs_mem_free(order);
    }
    size_t *order = rs_workers_order(weights, RS_COUNTOF(weights));
    assert_memory_equal(order, expected, sizeof expected);
    rs_mem_free(order);
}

static void test_workers__there_is_one_at_least(void **state)
{
    (void)state;
    assert_in_range(rs_workers_default(), 1, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workers__each_ticket_is_taken_once),
        cmocka_unit_test(test_workers__the_error_is_that_of_the_lowest_worker),
        cmocka_unit_test(test_workers__no_ticket_is_taken_after_a_stop),
        cmocka_unit_test(test_workers__the_heaviest_work_comes_first),
        cmocka_unit_test(test_workers__there_is_one_at_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
