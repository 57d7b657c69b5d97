/* Arenas: places are aligned, apart from each other and stay as they are until the reset. */
#include "base/arena.h"

#include <string.h>

#include "unit.h"

enum { PLACES = 3000 };

/* Sizes around those of blocks, and many small ones. */
static size_t size_of(size_t i)
{
    static const size_t odd[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1};
    return i % 97 == 0 ? odd[i / 97 % RS_COUNTOF(odd)] : i * 7 % 61;
}

static void fill(struct rs_arena *arena, unsigned char **places)
{
    size_t used = 0;
    for (size_t i = 0; i < PLACES; i++) {
        size_t size = size_of(i);
        places[i] = rs_arena_alloc(arena, size);
        assert_non_null(places[i]);
        assert_int_equal((uintptr_t)places[i] % 16, 0);
        memset(places[i], (int)(i % 251), size);
        used += (size + 15) / 16 * 16;
        assert_int_equal(arena->used_bytes, used);
    }
    for (size_t i = 0; i < PLACES; i++) {
        for (size_t j = 0; j < size_of(i); j++) {
            assert_int_equal(places[i][j], i % 251);
        }
    }
}

static void test_arena__places_stay_until_the_reset(void **state)
{
    static unsigned char *first[PLACES];
    static unsigned char *second[PLACES];
    struct rs_arena arena = RS_ARENA_INIT;
    (void)state;
    fill(&arena, first);
    rs_arena_reset(&arena);
    assert_int_equal(arena.used_bytes, 0);
    fill(&arena, second);
    assert_memory_equal(first, second, sizeof first); /* the memory was kept */
    rs_arena_release(&arena);
    assert_null(arena.first);
    assert_int_equal(arena.used_bytes, 0);
    fill(&arena, first);
    rs_arena_release(&arena);
    rs_arena_release(&arena);
}

static void test_arena__zalloc_is_zero_where_something_was(void **state)
{
    struct rs_arena arena = RS_ARENA_INIT;
    (void)state;
    memset(rs_arena_alloc(&arena, 3000), 0xff, 3000);
    rs_arena_reset(&arena);
    const unsigned char *zero = rs_arena_zalloc(&arena, 300, 10);
    for (size_t i = 0; i < 3000; i++) {
        assert_int_equal(zero[i], 0);
    }
    assert_non_null(rs_arena_zalloc(&arena, 0, 8));
    rs_arena_release(&arena);
}

static void test_arena__copies_end_in_a_nul_that_is_not_counted(void **state)
{
    struct rs_arena arena = RS_ARENA_INIT;
    (void)state;
    struct rs_str copy = rs_arena_copy(&arena, (struct rs_str){"a\0bc", 3});
    assert_int_equal(copy.length, 3);
    assert_memory_equal(copy.data, "a\0b\0", 4);
    copy = rs_arena_copy(&arena, (struct rs_str){NULL, 0});
    assert_int_equal(copy.length, 0);
    assert_string_equal(copy.data, "");
    rs_arena_release(&arena);
}

/* Each turn asks for a little more than the last: blocks that became too small do not pile up. */
static void test_arena__growing_turns_take_memory_of_the_largest(void **state)
{
    struct rs_arena arena = RS_ARENA_INIT;
    unsigned char *last = NULL;
    size_t moves = 0;
    (void)state;
    for (size_t size = 5000; size < 900000; size += 1000) {
        rs_arena_reset(&arena);
        unsigned char *place = rs_arena_alloc(&arena, size);
        place[size - 1] = 1;
        moves += place != last ? 1 : 0;
        last = place;
    }
    assert_true(moves <= 12);
    rs_arena_release(&arena);
}

static void test_arena__secrets_are_released_like_all_else(void **state)
{
    (void)state;
    struct rs_arena arena = RS_ARENA_INIT;
    rs_arena_release_secret(&arena);
    for (size_t i = 0; i < 100; i++) {
        memset(rs_arena_alloc(&arena, 1000), 'x', 1000);
    }
    rs_arena_release_secret(&arena);
    assert_null(arena.first);
    assert_int_equal(arena.used_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena__places_stay_until_the_reset),
        cmocka_unit_test(test_arena__zalloc_is_zero_where_something_was),
        cmocka_unit_test(test_arena__copies_end_in_a_nul_that_is_not_counted),
        cmocka_unit_test(test_arena__growing_turns_take_memory_of_the_largest),
        cmocka_unit_test(test_arena__secrets_are_released_like_all_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
