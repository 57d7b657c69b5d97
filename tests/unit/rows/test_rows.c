/* Rows of a run: in the order read and all there, whatever was spilled when. */
#include "rows/rows.h"

#include "base/map.h"
#include "scratch.h"
#include "staging.h"
#include "unit.h"

enum { INPUTS = 4, CHUNKS = 5, BATCHES = INPUTS * CHUNKS };

/* The lines of one chunk: which calls they are differs from chunk to chunk. */
static void append_chunk(struct rs_strbuf *out, uint32_t input, uint32_t chunk)
{
    static const char *const calls[] = {
        "\"type\":\"track\",\"event\":\"Bought\"", "\"type\":\"page\"",
        "\"type\":\"identify\",\"userId\":\"u%u\"", "\"type\":\"track\",\"event\":\"Seen %u\"",
        "\"type\":\"group\",\"groupId\":\"g%u\""};
    uint64_t state = input * 1000 + chunk * 10 + 1;
    uint32_t count = (input + chunk) % 3 * 7;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t draw = scratch_random(&state) >> 20;
        const char *call = calls[(draw % 8 + input + chunk / 2) % RS_COUNTOF(calls)];
        rs_strbuf_printf(out, "{\"messageId\":\"m%u-%u-%u\",", input, chunk, i);
        for (const char *p = call; *p; p++) {
            if (p[0] == '%') {
                rs_strbuf_append_u64(out, draw % 3);
                p++;
            } else {
                rs_strbuf_append_char(out, *p);
            }
        }
        rs_strbuf_printf(
            out, ",\"properties\":{\"n\":%u,\"p%u\":\"%.*s\"},\"traits\":{\"n\":%u}}\n", i,
            (unsigned)(draw % 4), (int)(draw % 40), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", i);
    }
}

/*
 * Batches come from the inputs in turns: each input's chunks in order, at most two inputs open.
 * spill_after: a set of the batches after which there is a spill.
 */
static void fill(struct staging *s, uint64_t order, uint64_t spill_after)
{
    uint32_t next_chunk[INPUTS] = {0};
    struct rs_strbuf lines = RS_STRBUF_INIT(1 << 20);
    uint32_t open = 0;
    staging_begin(s, 2, UINT64_MAX);
    for (uint32_t i = 0; i < BATCHES; i++) {
        uint32_t input = open + (uint32_t)(scratch_random(&order) >> 30) % 3;
        while (input >= INPUTS || next_chunk[input] == CHUNKS) {
            input = (input + 1) % INPUTS;
        }
        rs_strbuf_reset(&lines);
        append_chunk(&lines, input, next_chunk[input]);
        if (lines.length > 0) {
            staging_add(s, (input + next_chunk[input]) % 2, input, next_chunk[input],
                        rs_strbuf_str(&lines));
        }
        if (++next_chunk[input] == CHUNKS) {
            rs_rows_finish_input(s->rows, input);
            open += input == open ? 1 : 0;
        }
        if (spill_after >> i & 1) {
            staging_spill(s);
        }
    }
    staging_seal(s);
    rs_strbuf_release(&lines);
}

static const char *const plain_tables[] = {"tracks", "bought", "seen_0",     "seen_1",
                                           "seen_2", "pages",  "identifies", "groups"};

static void dump_all(const struct staging *s, struct rs_strbuf *out)
{
    for (size_t i = 0; i < RS_COUNTOF(plain_tables); i++) {
        rs_strbuf_printf(out, "== %s\n", plain_tables[i]);
        assert_true(staging_dump(s, plain_tables[i], 0, UINT64_MAX, out) >= 3);
    }
}

static void expect_same(struct rs_str whole, uint64_t order, uint64_t spill_after)
{
    struct rs_strbuf dump = RS_STRBUF_INIT(1 << 24);
    struct staging s;
    fill(&s, order, spill_after);
    dump_all(&s, &dump);
    if (!rs_str_equal(whole, rs_strbuf_str(&dump))) {
        fail_msg("order %llu, spills %llx", (unsigned long long)order,
                 (unsigned long long)spill_after);
    }
    staging_end(&s);
    rs_strbuf_release(&dump);
}

static void test_rows__the_order_is_that_of_the_input_whatever_was_spilled_when(void **state)
{
    (void)state;
    struct rs_strbuf whole = RS_STRBUF_INIT(1 << 24);
    struct staging s;
    fill(&s, 1, 0);
    dump_all(&s, &whole);
    staging_end(&s);
    for (uint64_t order = 1; order <= 6; order++) {
        uint64_t draw = order * 77 + 1;
        expect_same(rs_strbuf_str(&whole), order, 0);
        for (uint32_t i = 0; i < BATCHES; i++) {
            expect_same(rs_strbuf_str(&whole), order, UINT64_C(1) << i);
        }
        expect_same(rs_strbuf_str(&whole), order, UINT64_MAX);
        for (int i = 0; i < 10; i++) {
            expect_same(rs_strbuf_str(&whole), order, scratch_random(&draw) >> 20);
        }
    }
    rs_strbuf_release(&whole);
}

static void test_rows__parts_have_every_row_once(void **state)
{
    static const uint64_t spills[] = {0, 0x2244, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(spills) * RS_COUNTOF(plain_tables); i++) {
        struct rs_strbuf whole = RS_STRBUF_INIT(1 << 24);
        struct staging s;
        const char *name = plain_tables[i % RS_COUNTOF(plain_tables)];
        fill(&s, 3, spills[i / RS_COUNTOF(plain_tables)]);
        (void)staging_dump(&s, name, 0, UINT64_MAX, &whole);
        uint64_t weight = rs_rows_weight(s.rows, staging_table(&s, name));
        assert_true(weight > 0);
        for (uint64_t step = 1; step < weight + 2; step += step < 50 ? 13 : weight / 7 + 1) {
            struct rs_strbuf parts = RS_STRBUF_INIT(1 << 24);
            for (uint64_t begin = 0; begin < weight; begin += step) {
                (void)staging_dump(&s, name, begin, begin + step, &parts);
            }
            assert_string_equal(rs_strbuf_cstr(&parts), rs_strbuf_cstr(&whole));
            rs_strbuf_release(&parts);
        }
        assert_int_equal(staging_dump(&s, name, weight, UINT64_MAX, &whole), 0);
        staging_end(&s);
        rs_strbuf_release(&whole);
    }
}

static void test_rows__a_folding_table_is_cut_by_the_hash_of_the_id(void **state)
{
    static const uint64_t spills[] = {0, 0x1111, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(spills); i++) {
        struct rs_error err = {0};
        struct rs_row_view view = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(1 << 24);
        struct staging s;
        size_t count = 0;
        fill(&s, 2, spills[i]);
        size_t all = staging_dump(&s, "users", 0, RS_FOLD_PARTITIONS, &out);
        assert_true(all > 10);
        for (uint64_t p = 0; p < RS_FOLD_PARTITIONS; p++) {
            struct rs_rows_cursor *cursor =
                rs_rows_open(s.rows, staging_table(&s, "users"), p, p + 1);
            while (rs_rows_next(cursor, &view, &err) == RS_NEXT_ITEM) {
                struct rs_cell id = {0};
                (void)rs_cell_read(view.cells + view.fold_offset, &id);
                assert_true(view.fold_hash == rs_hash64((struct rs_str){id.text, id.length}, 0));
                assert_true(view.fold_hash >> 58 == p);
                count++;
            }
            rs_rows_close(cursor);
        }
        assert_int_equal(count, all);
        staging_end(&s);
        rs_strbuf_release(&out);
    }
}

/* The refs of a table's live rows, as text. */
static void live_refs(const struct staging *s, const char *name, struct rs_strbuf *out)
{
    struct rs_error err = {0};
    struct rs_row_view view = {0};
    struct rs_rows_cursor *cursor = rs_rows_open(s->rows, staging_table(s, name), 0, UINT64_MAX);
    while (rs_rows_next(cursor, &view, &err) == RS_NEXT_ITEM) {
        rs_strbuf_printf(out, "%llx\n", (unsigned long long)view.ref);
    }
    rs_rows_close(cursor);
}

static size_t count_refs(const struct staging *s, const char *name)
{
    struct rs_strbuf refs = RS_STRBUF_INIT(1 << 20);
    size_t count = 0;
    live_refs(s, name, &refs);
    for (size_t i = 0; i < refs.length; i++) {
        count += refs.data[i] == '\n' ? 1 : 0;
    }
    rs_strbuf_release(&refs);
    return count;
}

static void test_rows__dead_rows_are_passed_over_at_their_level(void **state)
{
    static const uint64_t spills[] = {0, 0x1248, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(spills); i++) {
        struct rs_strbuf before = RS_STRBUF_INIT(1 << 20);
        struct rs_strbuf after = RS_STRBUF_INIT(1 << 20);
        struct rs_strbuf expected = RS_STRBUF_INIT(1 << 20);
        struct staging s;
        fill(&s, 5, spills[i]);
        uint64_t weight = rs_rows_weight(s.rows, staging_table(&s, "tracks"));
        size_t tracks = count_refs(&s, "tracks");
        size_t common = 0;
        live_refs(&s, "bought", &before);
        struct rs_str lines = rs_strbuf_str(&before);
        for (uint64_t n = 0; lines.length > 0; n++) {
            size_t end = rs_str_find_byte(lines, '\n');
            rs_ref ref = strtoull(lines.data, NULL, 16);
            if (n % 3 == 0) {
                rs_rows_mark_dead(s.rows, ref, n % 2 ? RS_LEVEL_OWN : RS_LEVEL_COMMON);
                common += n % 2 ? 0 : 1;
            }
            if (n % 6 != 3) {
                rs_strbuf_append_str(&expected, rs_str_slice(lines, 0, end + 1));
            }
            lines = rs_str_slice(lines, end + 1, lines.length);
        }
        live_refs(&s, "bought", &after);
        assert_string_equal(rs_strbuf_cstr(&after), rs_strbuf_cstr(&expected));
        assert_int_equal(rs_rows_weight(s.rows, staging_table(&s, "tracks")), weight);
        assert_int_equal(count_refs(&s, "tracks"), tracks - common);
        staging_end(&s);
        rs_strbuf_release(&before);
        rs_strbuf_release(&after);
        rs_strbuf_release(&expected);
    }
}

static void test_rows__the_budget_is_that_of_the_batches_in_memory(void **state)
{
    (void)state;
    struct rs_strbuf lines = RS_STRBUF_INIT(1 << 20);
    struct staging s;
    append_chunk(&lines, 0, 1);
    staging_begin(&s, 1, 0);
    struct rs_batch *batch = staging_batch(&s, 0, 0, 0, rs_strbuf_str(&lines));
    uint64_t bytes = rs_batch_bytes(batch);
    rs_batch_free(batch);
    staging_end(&s);
    staging_begin(&s, 1, bytes * 2);
    for (uint32_t i = 0; i < 6; i++) {
        staging_add(&s, 0, 0, i, rs_strbuf_str(&lines));
        assert_int_equal(rs_rows_full(s.rows), i % 3 == 2);
        if (i % 3 == 2) {
            staging_spill(&s);
            assert_false(rs_rows_full(s.rows));
        }
    }
    staging_end(&s);
    rs_strbuf_release(&lines);
}

/* Batches that a visitor saw, and the one at which it stops. */
struct seen {
    rs_ref refs[BATCHES];
    size_t count;
    size_t stop_at;
};

static bool see(void *arg, const struct rs_batch *batch, struct rs_error *err)
{
    struct seen *seen = arg;
    if (seen->count == seen->stop_at) {
        return rs_error_set(err, RS_E_IO, "could not see");
    }
    seen->refs[seen->count++] = rs_ref_make(batch->input, batch->chunk, 0);
    return true;
}

static void test_rows__the_visitor_sees_each_batch_once(void **state)
{
    static const char line[] = "{\"type\":\"page\"}";
    struct rs_error err = {0};
    (void)state;
    for (int spill = 0; spill < 2; spill++) {
        struct seen seen = {.stop_at = SIZE_MAX};
        struct rs_rows_visitor visitor = {see, &seen};
        struct staging s;
        staging_begin(&s, 1, 0);
        s.visitor = &visitor;
        staging_add(&s, 0, 1, 0, rs_str_from(line));
        staging_add(&s, 0, 0, 1, rs_str_from(line));
        staging_add(&s, 0, 0, 0, rs_str_from(line));
        if (spill) {
            staging_spill(&s);
        }
        staging_add(&s, 0, 1, 1, rs_str_from(line));
        staging_seal(&s);
        assert_int_equal(seen.count, 4);
        for (size_t i = 1; i < 4; i++) {
            assert_true(seen.refs[i] > seen.refs[i - 1]);
        }
        staging_end(&s);
        seen = (struct seen){.stop_at = 1};
        staging_begin(&s, 1, 0);
        staging_add(&s, 0, 0, 0, rs_str_from(line));
        staging_add(&s, 0, 0, 1, rs_str_from(line));
        assert_false(spill ? rs_rows_spill(s.rows, s.projectors, &visitor, &err)
                           : rs_rows_seal(s.rows, s.projectors, &visitor, &err));
        assert_string_equal(err.message, "could not see");
        staging_end(&s);
        rs_error_clear(&err);
    }
}

static void test_rows__views_of_rows_in_memory_stay(void **state)
{
    struct rs_error err = {0};
    struct rs_row_view views[400];
    (void)state;
    for (int spill = 0; spill < 2; spill++) {
        struct rs_strbuf now = RS_STRBUF_INIT(1 << 20);
        struct rs_strbuf later = RS_STRBUF_INIT(1 << 20);
        struct staging s;
        size_t count = 0;
        fill(&s, 4, spill ? UINT64_MAX : 0);
        struct rs_rows_cursor *cursor =
            rs_rows_open(s.rows, staging_table(&s, "tracks"), 0, UINT64_MAX);
        while (rs_rows_next(cursor, &views[count], &err) == RS_NEXT_ITEM) {
            assert_int_equal(views[count].stays, !spill);
            append_view(&now, &views[count++]);
            assert_true(count < RS_COUNTOF(views));
        }
        assert_true(count > 0);
        rs_rows_close(cursor);
        for (size_t i = 0; i < count && !spill; i++) {
            append_view(&later, &views[i]);
        }
        assert_true(spill || strcmp(rs_strbuf_cstr(&now), rs_strbuf_cstr(&later)) == 0);
        staging_end(&s);
        rs_strbuf_release(&now);
        rs_strbuf_release(&later);
    }
}

static void test_rows__a_table_without_rows_is_empty(void **state)
{
    struct rs_error err = {0};
    struct rs_row_view view = {0};
    struct rs_table table = {.name = RS_STR_INIT("not_there")};
    struct rs_layout_table layout = {.table = &table};
    struct staging s;
    (void)state;
    staging_begin(&s, 1, 0);
    staging_spill(&s);
    staging_seal(&s);
    assert_int_equal(rs_rows_weight(s.rows, &layout), 0);
    struct rs_rows_cursor *cursor = rs_rows_open(s.rows, &layout, 0, UINT64_MAX);
    assert_int_equal(rs_rows_next(cursor, &view, &err), RS_NEXT_END);
    rs_rows_close(cursor);
    rs_rows_close(NULL);
    staging_end(&s);
    rs_rows_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows__the_order_is_that_of_the_input_whatever_was_spilled_when),
        cmocka_unit_test(test_rows__parts_have_every_row_once),
        cmocka_unit_test(test_rows__a_folding_table_is_cut_by_the_hash_of_the_id),
        cmocka_unit_test(test_rows__dead_rows_are_passed_over_at_their_level),
        cmocka_unit_test(test_rows__the_budget_is_that_of_the_batches_in_memory),
        cmocka_unit_test(test_rows__the_visitor_sees_each_batch_once),
        cmocka_unit_test(test_rows__views_of_rows_in_memory_stay),
        cmocka_unit_test(test_rows__a_table_without_rows_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
