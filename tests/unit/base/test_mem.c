/* Memory: what is asked for is there, and a request that cannot be met ends the process. */
#include "base/mem.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static bool all_zero(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void test_mem__empty_blocks_may_be_freed(void **state)
{
    (void)state;
    rs_mem_free(NULL);
    rs_mem_free(rs_mem_alloc(0));
    rs_mem_free(rs_mem_zalloc(0, 8));
    rs_mem_free(rs_mem_zalloc(8, 0));
    rs_mem_free(rs_mem_resize(NULL, 0, 8));
    rs_mem_free(rs_mem_copy(NULL, 0));
    rs_mem_free(rs_mem_alloc_huge(0));
}

static void test_mem__zalloc_is_zero_and_copies_are_copies(void **state)
{
    (void)state;
    unsigned char *zero = rs_mem_zalloc(100, 10);
    assert_true(all_zero(zero, 1000));
    memset(zero, 7, 1000);
    unsigned char *copy = rs_mem_copy(zero, 1000);
    assert_memory_equal(copy, zero, 1000);
    assert_ptr_not_equal(copy, zero);
    char *text = rs_mem_strdup("caf\xc3\xa9");
    assert_string_equal(text, "caf\xc3\xa9");
    rs_mem_wipe(zero, 1000);
    assert_true(all_zero(zero, 1000));
    rs_mem_wipe(NULL, 0);
    rs_mem_free(zero);
    rs_mem_free(copy);
    rs_mem_free(text);
}

static void test_mem__grow_doubles_and_keeps(void **state)
{
    static const struct {
        const char *label;
        size_t capacity;
        size_t needed;
        size_t then;
    } cases[] = {
        {"the first is eight", 0, 0, 8},      {"one", 0, 1, 8},
        {"eight fill it", 0, 8, 8},           {"nine double it", 0, 9, 16},
        {"what is there is enough", 8, 8, 8}, {"one more", 8, 9, 16},
        {"much more", 8, 1000, 1024},         {"a capacity of its own", 10, 11, 20},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        size_t capacity = cases[i].capacity;
        uint32_t *block = capacity > 0 ? rs_mem_zalloc(capacity, sizeof *block) : NULL;
        if (block) {
            block[capacity - 1] = 77;
        }
        block = rs_mem_grow(block, &capacity, cases[i].needed, sizeof *block);
        if (!block || capacity != cases[i].then) {
            fail_msg("%s: %zu", cases[i].label, capacity);
        }
        if (cases[i].capacity > 0) {
            assert_int_equal(block[cases[i].capacity - 1], 77);
        }
        memset(block, 1, capacity * sizeof *block);
        rs_mem_free(block);
    }
    size_t capacity = 8;
    char *block = rs_mem_alloc(8);
    assert_ptr_equal(rs_mem_grow(block, &capacity, 3, 1), block);
    rs_mem_free(block);
}

static void test_mem__huge_blocks_are_aligned(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 5 << 20};
    for (size_t i = 0; i < RS_COUNTOF(sizes); i++) {
        char *block = rs_mem_alloc_huge(sizes[i]);
        assert_int_equal((uintptr_t)block % (2 << 20), 0);
        block[0] = 1;
        block[sizes[i] - 1] = 1;
        rs_mem_free(block);
    }
}

enum request { RESIZE_PAST_ALL, GROW_PAST_ALL, HUGE_PAST_ALL, NO_REQUEST };

static void ask(enum request request)
{
    size_t capacity = 0;
    volatile size_t most = SIZE_MAX; /* so that no compiler says what it thinks of it */
    switch (request) {
    case RESIZE_PAST_ALL:
        rs_mem_free(rs_mem_resize(NULL, most / 2, 3));
        return;
    case GROW_PAST_ALL:
        rs_mem_free(rs_mem_grow(NULL, &capacity, most - 5, 16));
        return;
    case HUGE_PAST_ALL:
        rs_mem_free(rs_mem_alloc_huge(most));
        return;
    case NO_REQUEST:
        return;
    }
}

static void test_mem__a_request_that_cannot_be_met_ends_the_process(void **state)
{
    (void)state;
    for (enum request request = RESIZE_PAST_ALL; request <= NO_REQUEST; request++) {
        char text[256] = "";
        int status = 0;
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)dup2(ends[1], STDERR_FILENO);
            ask(request);
            _exit(42);
        }
        (void)close(ends[1]);
        assert_true(read(ends[0], text, sizeof text - 1) >= 0);
        (void)close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), request == NO_REQUEST ? 42 : 1);
        if (request != NO_REQUEST) {
            assert_int_equal(strncmp(text, "out of memory: ", 15), 0);
        }
    }
}

static void test_mem__texts_are_copied_with_a_nul(void **state)
{
    (void)state;
    char *part = rs_mem_strndup("tracks", 5);
    char *none = rs_mem_strndup(NULL, 0);
    char *any = rs_mem_strdup_if_any("x");
    assert_string_equal(part, "track");
    assert_string_equal(none, "");
    assert_string_equal(any, "x");
    assert_null(rs_mem_strdup_if_any(""));
    assert_null(rs_mem_strdup_if_any(NULL));
    rs_mem_free_secret(part);
    rs_mem_free_secret(none);
    rs_mem_free(any);
    rs_mem_free_secret(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mem__empty_blocks_may_be_freed),
        cmocka_unit_test(test_mem__zalloc_is_zero_and_copies_are_copies),
        cmocka_unit_test(test_mem__grow_doubles_and_keeps),
        cmocka_unit_test(test_mem__huge_blocks_are_aligned),
        cmocka_unit_test(test_mem__a_request_that_cannot_be_met_ends_the_process),
        cmocka_unit_test(test_mem__texts_are_copied_with_a_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
