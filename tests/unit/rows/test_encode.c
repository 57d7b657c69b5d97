/* Parts of a table: all rows once, and users folded as a model that knows no parts has them. */
#include "rows/encode.h"

#include "csv_reader.h"
#include "scratch.h"
#include "staging.h"
#include "unit.h"

enum { CALLS = 240, USERS = 12, TRAITS = 4, CHUNK = 20 };

static const char *const values[] = {NULL, "null", "1", "22", "\"x\"", "3"};

struct call {
    unsigned user;
    unsigned day;
    unsigned value[TRAITS]; /* of values[] */
};

static void append_call(struct rs_strbuf *out, const struct call *call, unsigned number)
{
    rs_strbuf_printf(out,
                     "{\"type\":\"identify\",\"userId\":\"u%u\",\"messageId\":\"m%u\","
                     "\"receivedAt\":\"2026-01-%02u\",\"traits\":{\"pad\":\"%.*s\"",
                     call->user, number, call->day, (int)(number % 20), "....................");
    for (unsigned i = 0; i < TRAITS; i++) {
        if (values[call->value[i]]) {
            rs_strbuf_printf(out, ",\"t%u\":%s", i, values[call->value[i]]);
        }
    }
    rs_strbuf_append(out, "}}\n");
}

static void make_run(struct staging *s, struct call *calls, uint64_t seed, uint64_t spill_after)
{
    struct rs_strbuf lines = RS_STRBUF_INIT(1 << 20);
    staging_begin(s, STAGING_WORKERS, UINT64_MAX);
    for (uint32_t chunk = 0; chunk < CALLS / CHUNK; chunk++) {
        rs_strbuf_reset(&lines);
        for (unsigned i = chunk * CHUNK; i < (chunk + 1) * CHUNK; i++) {
            uint64_t draw = scratch_random(&seed) >> 8;
            calls[i] = (struct call){(unsigned)(draw % USERS), (unsigned)(draw / 12 % 5) + 1, {0}};
            for (unsigned t = 0; t < TRAITS; t++) {
                calls[i].value[t] = (unsigned)(draw >> (10 + 5 * t)) % RS_COUNTOF(values);
            }
            append_call(&lines, &calls[i], i);
        }
        staging_add(s, chunk % STAGING_WORKERS, 0, chunk, rs_strbuf_str(&lines));
        if (spill_after >> chunk & 1) {
            staging_spill(s);
        }
    }
    staging_seal(s);
    for (unsigned t = 0; t < TRAITS; t++) { /* strings do not fit, as where a catalog says so */
        char name[] = {'t', (char)('0' + t), '\0'};
        struct rs_table *users = rs_schema_find_table(&s->schema, RS_STR("users"));
        rs_table_find_column(users, rs_str_from(name))->type =
            (struct rs_coltype){.type = RS_TYPE_BIGINT};
    }
    rs_strbuf_release(&lines);
}

/* The newest value of a trait that fits; those newer that do not are counted. */
static const char *newest(const struct call *calls, unsigned user, unsigned trait, uint64_t *lost)
{
    for (unsigned day = 5; day >= 1; day--) {
        for (unsigned i = CALLS; i-- > 0;) {
            const char *value = values[calls[i].value[trait]];
            if (calls[i].user != user || calls[i].day != day || !value || value[0] == 'n') {
                continue;
            }
            if (value[0] != '"') {
                return value;
            }
            ++*lost;
        }
    }
    return "\\N";
}

struct written {
    struct memory_sink rows;
    struct rs_encode_counts counts;
};

static struct written write_parts(struct staging *s, const char *table, uint64_t parts)
{
    struct rs_error err = {0};
    struct written written = {memory_sink_make(), RS_ENCODE_COUNTS_INIT};
    struct rs_table_writer_options options = {
        .layout = staging_table(s, table), .null_text = RS_STR("\\N"), .now_us = PROJECTION_NOW_US};
    for (uint64_t part = 0; part < parts; part++) {
        options.rows = &written.rows.sink;
        assert_true(rs_encode_part(s->rows, part, parts, &options, &written.counts, &err));
    }
    rs_strbuf_append(&written.rows.bytes, "");
    return written;
}

/* Users are: id, received_at, uuid_ts, pad, t0 ... t3. */
static void expect_users(const struct call *calls, const struct written *written)
{
    struct csv_reader reader = csv_open(rs_strbuf_str(&written->rows.bytes));
    bool seen[USERS] = {false};
    uint64_t lost = 0;
    for (uint64_t row = 0; row < written->counts.rows; row++) {
        assert_true(csv_next(&reader));
        unsigned user = (unsigned)strtoul(rs_strbuf_cstr(&reader.field) + 1, NULL, 10);
        assert_true(user < USERS && !seen[user]);
        seen[user] = true;
        for (unsigned column = 1; column < 4 + TRAITS; column++) {
            assert_true(csv_next(&reader));
            assert_int_equal(reader.last, column == 3 + TRAITS);
            if (column >= 4) {
                assert_string_equal(rs_strbuf_cstr(&reader.field),
                                    newest(calls, user, column - 4, &lost));
            }
        }
    }
    assert_false(csv_next(&reader));
    assert_false(reader.bad);
    assert_int_equal(written->counts.discards, lost);
    for (unsigned i = 0; i < CALLS; i++) {
        assert_true(seen[calls[i].user]);
    }
    csv_close(&reader);
}

static void test_encode__users_are_folded_as_a_model_has_them(void **state)
{
    static const uint64_t spills[] = {0, 0x0f, 0x555, UINT64_MAX};
    static const uint64_t parts[] = {1, 3, 64};
    struct call calls[CALLS];
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct staging s;
        make_run(&s, calls, seed * 7919, spills[seed % RS_COUNTOF(spills)]);
        for (size_t i = 0; i < RS_COUNTOF(parts); i++) {
            struct written written = write_parts(&s, "users", parts[i]);
            expect_users(calls, &written);
            rs_strbuf_release(&written.rows.bytes);
        }
        staging_end(&s);
    }
}

/* However a run is cut and whatever was spilled, the bytes are the same. */
static void test_encode__parts_are_the_same_bytes_whatever_was_spilled(void **state)
{
    static const uint64_t spills[] = {0, 0x123, UINT64_MAX};
    static const uint64_t parts[] = {1, 2, 5, 33, 1000};
    struct call calls[CALLS];
    struct written first[2] = {{memory_sink_make(), {0}}, {memory_sink_make(), {0}}};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(spills) * RS_COUNTOF(parts) * 2; i++) {
        const char *table = i % 2 ? "users" : "identifies";
        uint64_t cut = parts[i / 2 % RS_COUNTOF(parts)];
        struct staging s;
        make_run(&s, calls, 4711, spills[i / 2 / RS_COUNTOF(parts)]);
        assert_int_equal(rs_encode_part_count(s.rows, staging_table(&s, table), UINT64_MAX), 1);
        assert_true(rs_encode_part_count(s.rows, staging_table(&s, table), 100) > 20);
        assert_true(i % 2 == 0 || rs_encode_part_count(s.rows, staging_table(&s, table), 1) ==
                                      RS_FOLD_PARTITIONS);
        struct written written = write_parts(&s, table, i % 2 && cut > 64 ? 64 : cut);
        if (i < 2) {
            first[i] = written;
        } else {
            assert_int_equal(written.counts.rows, first[i % 2].counts.rows);
            assert_int_equal(written.counts.discards, first[i % 2].counts.discards);
            assert_string_equal(rs_strbuf_cstr(&written.rows.bytes),
                                rs_strbuf_cstr(&first[i % 2].rows.bytes));
            rs_strbuf_release(&written.rows.bytes);
        }
        staging_end(&s);
    }
    assert_int_equal(first[0].counts.rows, CALLS);
    rs_strbuf_release(&first[0].rows.bytes);
    rs_strbuf_release(&first[1].rows.bytes);
}

/*
 * A number at the end of a row is copied with the bytes behind it: they have to be there wherever
 * the row ends in the memory that it was read back into.
 */
static void test_encode__rows_of_all_sizes_are_read_back_with_room_behind(void **state)
{
    (void)state;
    for (unsigned size = 3900; size < 4110; size++) {
        struct rs_strbuf line = RS_STRBUF_INIT(1 << 16);
        struct staging s;
        rs_strbuf_printf(&line,
                         "{\"type\":\"identify\",\"userId\":\"u\",\"messageId\":\"m\","
                         "\"traits\":{\"a\":\"%*s\",\"n\":7}}",
                         (int)size, "x");
        staging_begin(&s, 1, UINT64_MAX);
        staging_add(&s, 0, 0, 0, rs_strbuf_str(&line));
        staging_spill(&s);
        staging_seal(&s);
        for (int fold = 0; fold < 2; fold++) {
            struct written written = write_parts(&s, fold ? "users" : "identifies", 1);
            struct rs_str bytes = rs_strbuf_str(&written.rows.bytes);
            assert_true(rs_str_ends(bytes, RS_STR(",7\n")));
            rs_strbuf_release(&written.rows.bytes);
        }
        staging_end(&s);
        rs_strbuf_release(&line);
    }
}

static void test_encode__an_error_of_a_sink_ends_the_part(void **state)
{
    struct call calls[CALLS];
    struct staging s;
    (void)state;
    make_run(&s, calls, 1, 0);
    for (int fold = 0; fold < 2; fold++) {
        struct rs_error err = {0};
        struct rs_encode_counts counts = RS_ENCODE_COUNTS_INIT;
        struct memory_sink rows = memory_sink_make();
        rows.fail_after = 0;
        struct rs_table_writer_options options = {
            .layout = staging_table(&s, fold ? "users" : "identifies"),
            .null_text = RS_STR("\\N"),
            .rows = &rows.sink};
        assert_false(rs_encode_part(s.rows, 0, 1, &options, &counts, &err));
        assert_int_equal(err.code, RS_E_IO);
    }
    staging_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode__users_are_folded_as_a_model_has_them),
        cmocka_unit_test(test_encode__parts_are_the_same_bytes_whatever_was_spilled),
        cmocka_unit_test(test_encode__rows_of_all_sizes_are_read_back_with_room_behind),
        cmocka_unit_test(test_encode__an_error_of_a_sink_ends_the_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
