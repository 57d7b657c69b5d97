/* Maps: every key has its own place, in the order of insertion; hashes never change. */
#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

enum { KEYS = 20000 };

static struct rs_str key_of(size_t i, char out[32])
{
    int length = snprintf(out, 32, "key-%zu", i * 7919);
    return (struct rs_str){out, (size_t)length};
}

static void fill(struct rs_map *map)
{
    char text[32];
    for (size_t i = 0; i < KEYS; i++) {
        void **slot = rs_map_put(map, key_of(i, text));
        assert_null(*slot);
        *slot = (void *)(uintptr_t)(i + 1);
        memset(text, 'x', sizeof text); /* the map has a copy */
    }
}

static void test_map__keys_are_found_and_walked_in_order(void **state)
{
    static const uint64_t seeds[] = {0, 1, UINT64_MAX, 88172645463325252U};
    (void)state;
    for (size_t s = 0; s < RS_COUNTOF(seeds); s++) {
        struct rs_map *map = rs_map_new(seeds[s]);
        char text[32];
        fill(map);
        assert_int_equal(rs_map_count(map), KEYS);
        for (size_t i = 0; i < KEYS; i++) {
            struct rs_str key = {0};
            assert_ptr_equal(rs_map_find(map, key_of(i, text)), (void *)(uintptr_t)(i + 1));
            assert_ptr_equal(rs_map_at(map, i, &key), (void *)(uintptr_t)(i + 1));
            assert_true(rs_str_equal(key, key_of(i, text)));
            assert_ptr_equal(rs_map_at(map, i, NULL), (void *)(uintptr_t)(i + 1));
            assert_ptr_equal(*rs_map_put(map, key_of(i, text)), (void *)(uintptr_t)(i + 1));
        }
        assert_null(rs_map_find(map, key_of(KEYS, text)));
        assert_int_equal(rs_map_count(map), KEYS);
        rs_map_free(map);
    }
}

static void test_map__keys_are_bytes(void **state)
{
    struct rs_map *map = rs_map_new(7);
    int values[4];
    (void)state;
    assert_null(rs_map_find(map, RS_STR("")));
    *rs_map_put(map, (struct rs_str){NULL, 0}) = &values[0];
    *rs_map_put(map, (struct rs_str){"a\0b", 3}) = &values[1];
    *rs_map_put(map, (struct rs_str){"a\0c", 3}) = &values[2];
    *rs_map_put(map, RS_STR("a")) = &values[3];
    assert_ptr_equal(rs_map_find(map, RS_STR("")), &values[0]);
    assert_ptr_equal(rs_map_find(map, (struct rs_str){"a\0b", 3}), &values[1]);
    assert_ptr_equal(rs_map_find(map, (struct rs_str){"a\0c", 3}), &values[2]);
    assert_ptr_equal(rs_map_find(map, RS_STR("a")), &values[3]);
    assert_int_equal(rs_map_count(map), 4);
    rs_map_free(map);
    rs_map_free(NULL);
}

/* The order of rows on disk depends on these. */
static void test_map__hashes_are_those_of_every_release(void **state)
{
    static const struct {
        const char *text;
        uint64_t seed;
        uint64_t hash;
    } cases[] = {
        {"", UINT64_C(0x0), UINT64_C(0x0000000000000000)},
        {"", UINT64_C(0x1), UINT64_C(0xc58ae07d43cf358d)},
        {"", UINT64_C(0x123456789abcdef), UINT64_C(0x0f5f1c5b49118efe)},
        {"a", UINT64_C(0x0), UINT64_C(0xb5ada2ca715c4c75)},
        {"a", UINT64_C(0x1), UINT64_C(0x9f10ab567b8ebd21)},
        {"a", UINT64_C(0x123456789abcdef), UINT64_C(0x92ba4c45908afff7)},
        {"tracks", UINT64_C(0x0), UINT64_C(0x88ec977ca8ebc2a0)},
        {"tracks", UINT64_C(0x1), UINT64_C(0xf3463faed26c577b)},
        {"tracks", UINT64_C(0x123456789abcdef), UINT64_C(0x78575d686cf3cff9)},
        {"12345678", UINT64_C(0x0), UINT64_C(0x57fb44603604c14a)},
        {"123456789", UINT64_C(0x0), UINT64_C(0x9aef6127a7f0d2c0)},
        {"user-0001-user-0002-user-0003", UINT64_C(0x0), UINT64_C(0x7c151046139b0411)},
        {"user-0001-user-0002-user-0003", UINT64_C(0x1), UINT64_C(0xd3b457850c6bc2d5)},
        {"user-0001-user-0002-user-0003", UINT64_C(0x123456789abcdef),
         UINT64_C(0x593ffa05d0e48f0b)},
        {"caf\xc3\xa9", UINT64_C(0x0), UINT64_C(0xafa9787ce22e7a28)},
        {"caf\xc3\xa9", UINT64_C(0x1), UINT64_C(0x5be73ffe1871c652)},
        {"caf\xc3\xa9", UINT64_C(0x123456789abcdef), UINT64_C(0xbead8a7396cf0658)},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        uint64_t hash = rs_hash64(rs_str_from(cases[i].text), cases[i].seed);
        if (hash != cases[i].hash) {
            fail_msg("\"%s\": %016llx", cases[i].text, (unsigned long long)hash);
        }
    }
}

static void test_map__every_byte_and_the_length_count_in_a_hash(void **state)
{
    char text[64] = {0};
    (void)state;
    for (size_t length = 0; length <= sizeof text; length++) {
        struct rs_str view = {text, length};
        uint64_t hash = rs_hash64(view, 1);
        assert_true(hash != rs_hash64(view, 2));
        for (size_t i = 0; i < length; i++) {
            text[i] = 1;
            assert_true(rs_hash64(view, 1) != hash);
            text[i] = 0;
        }
        assert_true(length == 0 || rs_hash64((struct rs_str){text, length - 1}, 1) != hash);
        for (size_t shift = 0; shift < 8; shift++) { /* no matter where the text stands */
            char moved[80] = {0};
            assert_true(rs_hash64((struct rs_str){moved + shift, length}, 1) == hash);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map__keys_are_found_and_walked_in_order),
        cmocka_unit_test(test_map__keys_are_bytes),
        cmocka_unit_test(test_map__hashes_are_those_of_every_release),
        cmocka_unit_test(test_map__every_byte_and_the_length_count_in_a_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
