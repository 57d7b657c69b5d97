/* Bytes put aside: they come back from any place, in the buffer, on disk or across both. */
#include "rows/spool.h"

#include "scratch.h"
#include "unit.h"

enum { BUFFER = 256 << 10, TOTAL = 3 * BUFFER + 777 };

/* The byte at an offset of every spool here. */
static unsigned char byte_at(uint64_t offset)
{
    return (unsigned char)(offset * 2654435761U >> 13);
}

static struct rs_spool *fill(const size_t *sizes, size_t count, uint64_t total)
{
    struct rs_error err = {0};
    struct rs_spool *spool = rs_spool_new(NULL);
    unsigned char *bytes = rs_mem_alloc(TOTAL + 1);
    uint64_t offset = 0;
    for (size_t i = 0; offset < total; i++) {
        size_t size = sizes[i % count];
        size = size > total - offset ? (size_t)(total - offset) : size;
        for (size_t j = 0; j < size; j++) {
            bytes[j] = byte_at(offset + j);
        }
        assert_true(rs_spool_append(spool, bytes, size, &err));
        offset += size;
        assert_int_equal(rs_spool_end(spool), offset);
    }
    rs_mem_free(bytes);
    return spool;
}

static void expect_bytes(const struct rs_spool *spool, uint64_t offset, size_t count)
{
    struct rs_error err = {0};
    unsigned char *bytes = rs_mem_alloc(count);
    assert_true(rs_spool_read(spool, offset, bytes, count, &err));
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != byte_at(offset + i)) {
            fail_msg("byte %zu of %zu from %llu", i, count, (unsigned long long)offset);
        }
    }
    rs_mem_free(bytes);
}

static void test_spool__what_is_appended_is_read_from_any_place(void **state)
{
    static const size_t sizes[][4] = {{1000, 1, 0, 77},
                                      {BUFFER, BUFFER, BUFFER, BUFFER},
                                      {BUFFER - 1, 1, 1, 0},
                                      {BUFFER + 1, 5, BUFFER - 5, 3},
                                      {TOTAL, TOTAL, TOTAL, TOTAL}};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(sizes); i++) {
        struct rs_spool *spool = fill(sizes[i], 4, TOTAL);
        uint64_t state_of_draw = i + 1;
        expect_bytes(spool, 0, TOTAL);
        expect_bytes(spool, TOTAL, 0);
        expect_bytes(spool, TOTAL - 1, 1);
        for (size_t edge = BUFFER; edge < TOTAL; edge += BUFFER) {
            expect_bytes(spool, edge - 1, 1);
            expect_bytes(spool, edge - 1, 2);
            expect_bytes(spool, edge, 1);
        }
        for (int draw = 0; draw < 100; draw++) {
            uint64_t begin = (scratch_random(&state_of_draw) >> 11) % TOTAL;
            expect_bytes(spool, begin,
                         (size_t)((scratch_random(&state_of_draw) >> 11) % (TOTAL - begin)));
        }
        rs_spool_free(spool);
    }
    rs_spool_free(NULL);
}

static void test_spool__reads_and_appends_may_take_turns(void **state)
{
    static const size_t one[] = {4096};
    struct rs_error err = {0};
    unsigned char bytes[4096];
    struct rs_spool *spool = fill(one, 1, 4096);
    (void)state;
    for (uint64_t offset = 4096; offset < TOTAL; offset += sizeof bytes) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = byte_at(offset + i);
        }
        assert_true(rs_spool_append(spool, bytes, sizeof bytes, &err));
        expect_bytes(spool, offset - 1, sizeof bytes + 1);
    }
    expect_bytes(spool, 0, (size_t)rs_spool_end(spool));
    rs_spool_free(spool);
}

static void test_spool__a_stretch_is_copied_into_a_sink(void **state)
{
    static const size_t sizes[] = {70000};
    struct rs_error err = {0};
    struct rs_spool *spool = fill(sizes, 1, TOTAL);
    struct rs_spool *copy = rs_spool_new(NULL);
    struct rs_spool_sink sink = rs_spool_sink(copy);
    (void)state;
    assert_true(rs_spool_copy(spool, 5, 5, &sink.sink, &err));
    assert_int_equal(rs_spool_end(copy), 0);
    assert_true(rs_spool_copy(spool, 0, TOTAL - 3, &sink.sink, &err));
    assert_true(rs_spool_copy(spool, TOTAL - 3, TOTAL, &sink.sink, &err));
    assert_int_equal(rs_spool_end(copy), TOTAL);
    expect_bytes(copy, 0, TOTAL);
    struct memory_sink full = memory_sink_make();
    full.fail_after = 1;
    assert_false(rs_spool_copy(spool, 0, TOTAL, &full.sink, &err));
    assert_int_equal(err.code, RS_E_IO);
    rs_strbuf_release(&full.bytes);
    rs_spool_free(copy);
    rs_spool_free(spool);
}

static void test_spool__a_small_one_needs_no_disk(void **state)
{
    struct rs_error err = {0};
    struct rs_spool *spool = rs_spool_new("/there/is/no/such/folder");
    char *bytes = rs_mem_zalloc(BUFFER, 1);
    (void)state;
    assert_true(rs_spool_append(spool, bytes, BUFFER, &err));
    assert_true(rs_spool_read(spool, 0, bytes, BUFFER, &err));
    assert_false(rs_spool_append(spool, bytes, 1, &err));
    assert_int_equal(err.code, RS_E_IO);
    rs_mem_free(bytes);
    rs_spool_free(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spool__what_is_appended_is_read_from_any_place),
        cmocka_unit_test(test_spool__reads_and_appends_may_take_turns),
        cmocka_unit_test(test_spool__a_stretch_is_copied_into_a_sink),
        cmocka_unit_test(test_spool__a_small_one_needs_no_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
