/* Packed cells: what is put comes out, at every edge of the head's fields. */
#include "transform/cells.h"

#include <string.h>

#include "base/mem.h"
#include "transform/coltype.h"
#include "unit.h"

static const uint32_t columns[] = {0, 1, 4095, 65534, 65535, 65536, 1 << 20, (1 << 24) - 2};
static const uint32_t lengths[] = {0,    1,    15,   16,   17,    100,   4093,
                                   4094, 4095, 4096, 4097, 65535, 65536, 300000};

/* A text that differs by its length and column, with slack that is no part of it. */
static char *make_text(uint32_t column, uint32_t length)
{
    char *text = rs_mem_alloc((size_t)length + RS_CELL_SLACK);
    for (uint32_t i = 0; i < length; i++) {
        text[i] = (char)('a' + (i * 7 + length + column) % 26);
    }
    memset(text + length, '#', RS_CELL_SLACK);
    return text;
}

static void test_cells__what_is_put_is_read_at_every_edge(void **state)
{
    struct rs_slab slab = RS_SLAB_INIT;
    struct rs_batch *batch = rs_batch_new(0, 0, 0, &slab, 1, 0);
    struct rs_row *row = rs_batch_add_row(batch, 0);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
        for (size_t j = 0; j < RS_COUNTOF(lengths); j++) {
            char *text = make_text(columns[i], lengths[j]);
            rs_batch_put(batch, columns[i], (uint32_t)(i + j) % 11,
                         (struct rs_str){text, lengths[j]});
            rs_mem_free(text);
        }
    }
    rs_batch_end_row(batch, row);
    const char *at = batch->data + row->offset;
    const char *end = at + row->size;
    for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
        for (size_t j = 0; j < RS_COUNTOF(lengths); j++) {
            struct rs_cell cell = {0};
            const char *begin = at;
            char *text = make_text(columns[i], lengths[j]);
            at = rs_cell_read(at, &cell);
            assert_int_equal(cell.column, columns[i]);
            assert_int_equal(cell.length, lengths[j]);
            assert_int_equal(cell.kind, (i + j) % 11);
            assert_memory_equal(cell.text, text, lengths[j]);
            size_t far = columns[i] >= 65535 ? 4 : 0;
            size_t longer = lengths[j] >= 4095 ? 4 : 0;
            assert_int_equal(at - begin, 4 + far + longer + lengths[j]);
            rs_mem_free(text);
        }
    }
    assert_ptr_equal(at, end);
    rs_batch_end(batch);
    rs_batch_free(batch);
    rs_slab_release(&slab);
}

static void test_cells__instants_keep_all_their_bits(void **state)
{
    static const int64_t instants[] = {0, -1, 1, INT64_MIN, INT64_MAX, 1798675200000001};
    struct rs_slab slab = RS_SLAB_INIT;
    struct rs_batch *batch = rs_batch_new(0, 0, 0, &slab, 1, 0);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(instants); i++) {
        char bytes[RS_CELL_SLACK] = {0};
        memcpy(bytes, &instants[i], sizeof instants[i]);
        rs_batch_put(batch, 3, RS_CELL_INSTANT, (struct rs_str){bytes, sizeof instants[i]});
    }
    const char *at = batch->data;
    for (size_t i = 0; i < RS_COUNTOF(instants); i++) {
        struct rs_cell cell = {0};
        at = rs_cell_read(at, &cell);
        assert_int_equal(cell.kind, RS_CELL_INSTANT);
        assert_true(rs_cell_instant(&cell) == instants[i]);
    }
    rs_batch_free(batch); /* one that was not ended */
    rs_slab_release(&slab);
}

static void test_cells__kinds_are_bits_of_the_lattice(void **state)
{
    static const enum rs_kind kinds[] = {
        [RS_CELL_BOOLEAN] = RS_KIND_BOOLEAN,
        [RS_CELL_INTEGER] = RS_KIND_INTEGER,
        [RS_CELL_WIDE_INTEGER] = RS_KIND_WIDE_INTEGER,
        [RS_CELL_FLOAT] = RS_KIND_FLOAT,
        [RS_CELL_TIMESTAMP] = RS_KIND_TIMESTAMP,
        [RS_CELL_STRING] = RS_KIND_STRING,
        [RS_CELL_ARRAY] = RS_KIND_ARRAY,
    };
    (void)state;
    for (uint32_t i = 0; i < RS_COUNTOF(kinds); i++) {
        struct rs_cell cell = {.kind = i};
        assert_int_equal(rs_cell_value_kind(&cell), kinds[i]);
    }
    assert_true(RS_CELL_DISCARD + RS_DISCARD_NO_TABLE < 16);
    assert_string_equal(rs_discard_reason_text(RS_DISCARD_TYPE), "type");
    assert_string_equal(rs_discard_reason_text(RS_DISCARD_COLLISION), "collision");
    assert_string_equal(rs_discard_reason_text(RS_DISCARD_TRUNCATED), "truncated");
    assert_string_equal(rs_discard_reason_text(RS_DISCARD_COLUMNS), "columns");
    assert_string_equal(rs_discard_reason_text(RS_DISCARD_NO_TABLE), "no_table");
}

/* Rows of three streams in turn; row i has one cell of i % 5 bytes, common where i is even. */
static void add_rows(struct rs_batch *batch, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char *text = make_text(i, i % 5);
        struct rs_row *row = rs_batch_add_row(batch, 9 - i % 3);
        rs_batch_put(batch, i, RS_CELL_STRING, (struct rs_str){text, i % 5});
        row->common_size = i % 2 == 0 ? (uint32_t)(batch->size - row->offset) : 0;
        row->received_us = i;
        rs_batch_end_row(batch, row);
        rs_mem_free(text);
    }
}

static void test_cells__rows_stand_by_stream_in_the_order_read(void **state)
{
    enum { ROWS = 100 };
    struct rs_slab slab = RS_SLAB_INIT;
    struct rs_batch *batch = rs_batch_new(1, 2, 3, &slab, ROWS, 0);
    uint64_t size = 0;
    (void)state;
    add_rows(batch, ROWS);
    rs_batch_end(batch);
    assert_int_equal(batch->row_count, ROWS);
    assert_int_equal(batch->group_count, 3);
    uint32_t first = 0;
    for (uint32_t g = 0; g < 3; g++) {
        const struct rs_row_group *group = &batch->groups[g];
        uint64_t group_size = 0;
        uint64_t common_size = 0;
        assert_int_equal(group->stream, 9 - g);
        assert_int_equal(group->first, first);
        assert_int_equal(group->count, g == 0 ? 34 : 33);
        for (uint32_t i = 0; i < group->count; i++) {
            const struct rs_row *row = &batch->rows[first + i];
            assert_int_equal(row->number, g + 3 * i);
            assert_int_equal(row->stream, group->stream);
            assert_int_equal(batch->order[row->number], first + i);
            assert_int_equal(row->received_us, row->number);
            struct rs_cell cell = {0};
            const char *cells = batch->data + row->offset;
            assert_ptr_equal(rs_cell_read(cells, &cell), cells + row->size);
            assert_int_equal(cell.column, row->number);
            group_size += row->size;
            common_size += row->common_size;
        }
        assert_int_equal(group->size, group_size);
        assert_int_equal(group->common_size, common_size);
        first += group->count;
        size += group_size;
    }
    assert_int_equal(size, batch->size);
    rs_batch_free(batch);
    rs_slab_release(&slab);
}

static void test_cells__batches_share_a_slab(void **state)
{
    enum { BATCHES = 20, ROWS = 50 };
    struct rs_slab slab = RS_SLAB_INIT;
    struct rs_batch *batches[BATCHES];
    (void)state;
    for (uint32_t i = 0; i < BATCHES; i++) {
        batches[i] = rs_batch_new(0, i, 0, &slab, ROWS, i * 1000);
        add_rows(batches[i], i == 7 ? 0 : ROWS);
        rs_batch_end(batches[i]);
    }
    for (uint32_t i = 0; i < BATCHES; i++) {
        assert_int_equal(rs_batch_bytes(batches[i]), rs_batch_bytes(batches[i == 7 ? 7 : 0]));
        for (uint32_t row = 0; row < batches[i]->row_count; row++) {
            assert_int_equal(batches[i]->rows[batches[i]->order[row]].received_us, row);
        }
    }
    for (uint32_t i = 0; i < BATCHES; i++) {
        rs_batch_free(batches[i]);
    }
    rs_batch_free(NULL);
    rs_slab_release(&slab);
}

static void test_cells__rejects_are_copied(void **state)
{
    struct rs_slab slab = RS_SLAB_INIT;
    struct rs_batch *batch = rs_batch_new(0, 0, 0, &slab, 0, 0);
    char text[] = "no\0event";
    (void)state;
    size_t before = rs_batch_bytes(batch);
    rs_batch_add_reject(batch, (struct rs_place){7, 70}, (struct rs_str){text, 8}, "why");
    memset(text, 'x', sizeof text);
    rs_batch_add_reject(batch, (struct rs_place){8, 80}, RS_STR(""), NULL);
    rs_batch_end(batch);
    assert_int_equal(batch->reject_count, 2);
    assert_int_equal(batch->rejects[0].place.line, 7);
    assert_int_equal(batch->rejects[0].place.byte, 70);
    assert_memory_equal(batch->rejects[0].text.data, "no\0event", 8);
    assert_string_equal(batch->rejects[0].reason, "why");
    assert_int_equal(batch->rejects[1].text.length, 0);
    assert_null(batch->rejects[1].reason);
    assert_true(rs_batch_bytes(batch) > before);
    rs_batch_free(batch);
    rs_slab_release(&slab);
}

static void test_cells__refs_sort_in_the_order_read(void **state)
{
    static const uint32_t inputs[] = {0, 1, (1 << 22) - 1};
    static const uint32_t chunks[] = {0, 1, (1 << 22) - 1};
    static const uint32_t rows[] = {0, 1, (1 << 20) - 1};
    rs_ref last = 0;
    (void)state;
    for (size_t i = 0; i < 27; i++) {
        uint32_t row = rows[i % 3];
        rs_ref ref = rs_ref_make(inputs[i / 9], chunks[i / 3 % 3], row);
        assert_true(i == 0 || ref > last);
        assert_int_equal(rs_ref_row(ref), row);
        assert_int_equal(rs_ref_batch(ref),
                         rs_ref_batch(rs_ref_make(inputs[i / 9], chunks[i / 3 % 3], 0)));
        last = ref;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells__what_is_put_is_read_at_every_edge),
        cmocka_unit_test(test_cells__instants_keep_all_their_bits),
        cmocka_unit_test(test_cells__kinds_are_bits_of_the_lattice),
        cmocka_unit_test(test_cells__rows_stand_by_stream_in_the_order_read),
        cmocka_unit_test(test_cells__batches_share_a_slab),
        cmocka_unit_test(test_cells__rejects_are_copied),
        cmocka_unit_test(test_cells__refs_sort_in_the_order_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
