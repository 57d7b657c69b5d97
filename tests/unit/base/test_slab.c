/* Slabs: a place grows, what was ended stays, memory is used again after a reset. */
#include "base/slab.h"

#include <string.h>

#include "unit.h"

enum { MIB = 1 << 20, BLOCK = 32 * MIB };

static void test_slab__what_was_ended_stays(void **state)
{
    static const size_t sizes[] = {1, 15, 16, 17, 0, MIB, 20 * MIB, 20 * MIB, 3, BLOCK, 5};
    char *places[RS_COUNTOF(sizes)];
    struct rs_slab slab = RS_SLAB_INIT;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(sizes); i++) {
        size_t room = 0;
        places[i] = rs_slab_begin(&slab, sizes[i], &room);
        assert_true(room >= sizes[i]);
        assert_int_equal((uintptr_t)places[i] % 16, 0);
        memset(places[i], (int)i + 1, sizes[i]);
        rs_slab_end(&slab, sizes[i]);
    }
    for (size_t i = 0; i < RS_COUNTOF(sizes); i++) {
        for (size_t j = 0; j < sizes[i]; j += j < 64 ? 1 : 4093) {
            assert_int_equal(places[i][j], i + 1);
        }
        assert_true(sizes[i] == 0 || places[i][sizes[i] - 1] == (char)(i + 1));
    }
    rs_slab_release(&slab);
    assert_null(slab.first);
    rs_slab_release(&slab);
}

static void test_slab__a_place_that_grows_keeps_what_was_written(void **state)
{
    struct rs_slab slab = RS_SLAB_INIT;
    size_t room = 0;
    (void)state;
    char *before = rs_slab_begin(&slab, 100, &room);
    memset(before, 'b', 100);
    rs_slab_end(&slab, 100);
    char *place = rs_slab_begin(&slab, 1000, &room);
    size_t used = 0;
    for (size_t wanted = 1000; wanted <= (size_t)3 * BLOCK; wanted *= 2) {
        if (room < wanted) {
            place = rs_slab_grow(&slab, place, used, wanted, &room);
        }
        assert_true(room >= wanted);
        memset(place + used, (int)(wanted % 251), wanted - used);
        used = wanted;
    }
    size_t from = 0;
    for (size_t wanted = 1000; wanted <= used; wanted *= 2) {
        assert_int_equal((unsigned char)place[from], wanted % 251);
        assert_int_equal((unsigned char)place[wanted - 1], wanted % 251);
        from = wanted;
    }
    rs_slab_end(&slab, used);
    assert_true(before[0] == 'b' && before[99] == 'b');
    char *next = rs_slab_begin(&slab, 1, &room);
    assert_true(next >= place + used || next < place);
    rs_slab_release(&slab);
}

static void test_slab__grow_in_place_where_there_is_room(void **state)
{
    struct rs_slab slab = RS_SLAB_INIT;
    size_t room = 0;
    (void)state;
    char *place = rs_slab_begin(&slab, 10, &room);
    assert_ptr_equal(rs_slab_grow(&slab, place, 10, room, &room), place);
    assert_int_equal(room, BLOCK);
    rs_slab_end(&slab, room); /* to the last byte */
    char *next = rs_slab_begin(&slab, 0, &room);
    if (room == 0) {
        next = rs_slab_grow(&slab, next, 0, 1, &room);
    }
    assert_true(room > 0);
    next[0] = 'n';
    rs_slab_release(&slab);
}

static void test_slab__memory_is_used_again_after_a_reset(void **state)
{
    struct rs_slab slab = RS_SLAB_INIT;
    const char *first[6];
    size_t room = 0;
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < RS_COUNTOF(first); i++) {
            char *place = rs_slab_begin(&slab, 12 * MIB, &room);
            place[0] = 'x';
            rs_slab_end(&slab, 12 * MIB);
            if (turn == 0) {
                first[i] = place;
            }
            assert_ptr_equal(place, first[i]);
        }
        rs_slab_reset(&slab);
    }
    rs_slab_release(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slab__what_was_ended_stays),
        cmocka_unit_test(test_slab__a_place_that_grows_keeps_what_was_written),
        cmocka_unit_test(test_slab__grow_in_place_where_there_is_room),
        cmocka_unit_test(test_slab__memory_is_used_again_after_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
