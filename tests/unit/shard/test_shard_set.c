/* Shards that are joined: their schema, who is missing, and what goes where in a batch. */
#include "shard/shard_match.h"

#include <stdio.h>
#include <string.h>

#include "transform/coltype.h"
#include "unit.h"
#include "warehouse/plan.h"

struct fixture {
    struct rs_shard_set *set;
    struct rs_schema scratch; /* of tables as shards wrote them */
    struct rs_schema wanted;
    struct rs_schema existing;
    struct rs_plan plan;
    struct rs_arena arena;
    struct rs_shard_batch batch;
    struct rs_strbuf text;
    struct rs_error err;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.set = rs_shard_set_new(), .text = RS_STRBUF_INIT(1 << 20)};
    rs_schema_init(&fixture.scratch, RS_STR("shop"));
    rs_schema_init(&fixture.wanted, RS_STR("shop"));
    rs_schema_init(&fixture.existing, RS_STR("shop"));
    fixture.existing.exists = true;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    rs_shard_set_free(fixture->set);
    rs_arena_release(&fixture->arena);
    rs_plan_release(&fixture->plan);
    rs_schema_release(&fixture->scratch);
    rs_schema_release(&fixture->wanted);
    rs_schema_release(&fixture->existing);
    rs_strbuf_release(&fixture->text);
    return 0;
}

static struct rs_shard_doc doc_of(uint32_t number, uint32_t count)
{
    return (struct rs_shard_doc){.shard = {number, count},
                                 .compression = RS_STR("zstd"),
                                 .null_text = RS_STR("\\N"),
                                 .listed = RS_STR("1"),
                                 .counts = {.events = 10, .inputs_failed = number}};
}

static void add_shard(struct fixture *f, uint32_t number, uint32_t count)
{
    struct rs_shard_doc doc = doc_of(number, count);
    rs_shard_set_add(f->set, &doc, 1000 + number);
}

/* --- who is there ---------------------------------------------------------------------------------- */

static void refuse(struct fixture *f, const char *message)
{
    assert_false(rs_shard_set_check(f->set, &f->err));
    assert_int_equal(f->err.code, RS_E_INPUT);
    assert_string_equal(f->err.message, message);
    assert_string_not_equal(f->err.hint, "");
}

static void test_shard_set__shards_come_in_any_order_and_are_kept_in_theirs(void **state)
{
    struct fixture *f = *state;
    add_shard(f, 1, 11);
    add_shard(f, 10, 11);
    for (uint32_t i = 2; i < 10; i++) {
        add_shard(f, i, 11);
    }
    add_shard(f, 0, 11);
    assert_true(rs_shard_set_check(f->set, &f->err));
    for (uint32_t i = 0; i < 11; i++) {
        assert_int_equal(rs_shard_set_at(f->set, i)->doc.shard.number, i);
        assert_int_equal(rs_shard_set_at(f->set, i)->modified_us, 1000 + i);
    }
    assert_int_equal(rs_shard_set_counts(f->set).events, 110);
    assert_int_equal(rs_shard_set_counts(f->set).inputs_failed, 55);
}

static void test_shard_set__those_that_are_missing_are_named(void **state)
{
    struct fixture *f = *state;
    add_shard(f, 1, 4);
    refuse(f, "could not commit: of 4 shards 3 are not staged: 0, 2, 3");
    rs_error_clear(&f->err);
    add_shard(f, 0, 4);
    add_shard(f, 3, 4);
    refuse(f, "could not commit: of 4 shards 1 is not staged: 2");
}

static void test_shard_set__of_very_many_that_are_missing_some_are_named(void **state)
{
    struct fixture *f = *state;
    add_shard(f, 0, 10000);
    assert_false(rs_shard_set_check(f->set, &f->err));
    assert_non_null(strstr(f->err.message, "of 10000 shards 9999 are not staged: 1, 2, 3, "));
    assert_non_null(strstr(f->err.message, " and 99"));
    assert_non_null(strstr(f->err.message, " more"));
}

static void test_shard_set__shards_of_two_divisions_are_refused(void **state)
{
    struct fixture *f = *state;
    add_shard(f, 0, 2);
    add_shard(f, 1, 2);
    add_shard(f, 1, 3);
    refuse(f, "could not commit: shards of 2 and of 3 are staged, such as 0/2 and 1/3");
}

static void test_shard_set__shards_agree_on_what_shapes_rows(void **state)
{
    struct fixture *f = *state;
    struct rs_shard_doc doc = doc_of(1, 2);
    doc.selection = RS_STR("other");
    doc.listed = RS_STR("2");
    add_shard(f, 0, 2);
    rs_shard_set_add(f->set, &doc, 0);
    assert_false(rs_shard_set_listed_alike(f->set));
    refuse(f, "could not commit: shards 0 and 1 were staged with different --select");
}

/* --- tables ---------------------------------------------------------------------------------------- */

static struct rs_table *begin_table(struct fixture *f, const char *name, enum rs_table_kind kind)
{
    struct rs_table *table = rs_schema_add_table(&f->scratch, rs_str_from(name), kind);
    struct rs_coltype timestamp = {.type = RS_TYPE_TIMESTAMP};
    rs_table_add_column(&f->scratch, table, RS_STR("id"), rs_coltype_join(RS_KIND_STRING, 5), 5)
        ->kinds = RS_KIND_STRING;
    rs_table_add_column(&f->scratch, table, RS_STR("received_at"), timestamp, 0)->kinds =
        RS_KIND_TIMESTAMP;
    return table;
}

static struct rs_column *column(struct fixture *f, struct rs_table *table, const char *name,
                                unsigned kinds, uint64_t max_bytes)
{
    struct rs_column *added = rs_table_add_column(&f->scratch, table, rs_str_from(name),
                                                  rs_coltype_join(kinds, max_bytes), max_bytes);
    added->kinds = kinds;
    return added;
}

static void text_column(struct fixture *f, struct rs_table *table, uint64_t max_bytes)
{
    char name[32];
    (void)snprintf(name, sizeof name, "rs:text:%zu", table->column_count);
    struct rs_column *added = column(f, table, name, RS_KIND_STRING, max_bytes);
    added->kinds = 0;
    added->role = RS_COLUMN_TEXT;
}

static void end_table(struct fixture *f, struct rs_table *table, size_t shard, uint64_t rows)
{
    struct rs_staged_part parts[] = {{rows * 10, table->kind == RS_TABLE_FOLD ? 3 : 0}, {0, 0}};
    column(f, table, "rs:shard", RS_KIND_INTEGER, 0)->role = RS_COLUMN_SHARD;
    column(f, table, "rs:place", RS_KIND_INTEGER, 0)->role = RS_COLUMN_PLACE;
    struct rs_shard_table added = {.table = *table,
                                   .counts = {.rows = rows,
                                              .discards = 1,
                                              .oldest_us = (int64_t)shard,
                                              .newest_us = (int64_t)shard + 10},
                                   .parts = parts,
                                   .part_count = 2};
    rs_shard_set_add_table(f->set, shard, &added);
}

static bool match(struct fixture *f)
{
    rs_shard_set_define(f->set, &f->wanted);
    rs_plan_make(&f->wanted, &f->existing, RS_DIALECT_REDSHIFT, NULL, &f->plan);
    return rs_shard_match(rs_shard_set_find(f->set, f->wanted.tables[0].name), &f->wanted.tables[0],
                          &f->arena, &f->batch, &f->err);
}

static const char *types_of(struct fixture *f, const struct rs_table *table)
{
    rs_strbuf_reset(&f->text);
    for (size_t i = 0; i < table->column_count; i++) {
        rs_strbuf_append(&f->text, i > 0 ? ", " : "");
        rs_strbuf_append_str(&f->text, table->columns[i].name);
        rs_strbuf_append_char(&f->text, ' ');
        rs_coltype_append_ddl(table->columns[i].type, &f->text);
    }
    return rs_strbuf_cstr(&f->text);
}

static const char *names_of(struct fixture *f, const struct rs_table *table)
{
    rs_strbuf_reset(&f->text);
    for (size_t i = 0; i < table->column_count; i++) {
        rs_strbuf_append(&f->text, i > 0 ? ", " : "");
        rs_strbuf_append_str(&f->text, table->columns[i].name);
    }
    return rs_strbuf_cstr(&f->text);
}

static void test_shard_set__types_are_the_join_over_all_shards(void **state)
{
    struct fixture *f = *state;
    add_shard(f, 0, 2);
    add_shard(f, 1, 2);
    struct rs_table *table = begin_table(f, "bought", RS_TABLE_EVENTS);
    column(f, table, "amount", RS_KIND_INTEGER, 3);
    column(f, table, "day", RS_KIND_TIMESTAMP, 30);
    text_column(f, table, 30);
    column(f, table, "until", RS_KIND_TIMESTAMP, 25);
    text_column(f, table, 25);
    end_table(f, table, 0, 4);
    table = begin_table(f, "bought", RS_TABLE_EVENTS);
    column(f, table, "amount", RS_KIND_FLOAT, 5);
    column(f, table, "day", RS_KIND_STRING, 700);
    column(f, table, "ok", RS_KIND_BOOLEAN, 5);
    end_table(f, table, 1, 6);
    assert_true(match(f));
    assert_string_equal(types_of(f, &f->wanted.tables[0]),
                        "id varchar(1024), received_at timestamp, amount double precision, "
                        "day varchar(1024), ok boolean, until timestamp");
    assert_string_equal(types_of(f, f->batch.shards.batch),
                        "id varchar(1024), received_at timestamp, amount double precision, "
                        "day varchar(1024), ok boolean, until timestamp, rs:shard bigint, "
                        "rs:place bigint, rs:skip:0 varchar(512), rs:skip:1 varchar(512)");
    assert_int_equal(f->batch.shards.list_count, 2);
    assert_string_equal(names_of(f, f->batch.lists[0].columns),
                        "id, received_at, amount, rs:skip:0, day, until, rs:skip:1, rs:shard, "
                        "rs:place");
    assert_string_equal(names_of(f, f->batch.lists[1].columns),
                        "id, received_at, amount, day, ok, rs:shard, rs:place");
    assert_int_equal(f->batch.lists[0].rows, 4);
    assert_int_equal(f->batch.lists[1].rows, 6);
    assert_int_equal(f->batch.shards.number_count, 2);
}

static void test_shard_set__files_with_the_same_columns_are_one_list(void **state)
{
    struct fixture *f = *state;
    struct rs_shard_doc doc = doc_of(3, 4);
    doc.null_text = RS_STR("\\NN");
    add_shard(f, 0, 4);
    add_shard(f, 1, 4);
    add_shard(f, 2, 4);
    rs_shard_set_add(f->set, &doc, 0);
    for (size_t i = 0; i < 4; i++) {
        struct rs_table *table = begin_table(f, "users", RS_TABLE_FOLD);
        column(f, table, "plan", i == 0 ? RS_KIND_STRING : RS_KIND_STRING | RS_KIND_INTEGER,
               10 * i);
        column(f, table, "old", RS_KIND_STRING, 0)->kinds = 0; /* which no shard has seen */
        end_table(f, table, i, i == 1 ? 0 : i + 1);
    }
    assert_true(match(f));
    assert_int_equal(f->batch.shards.list_count, 2); /* the last has another text for NULL */
    assert_int_equal(f->batch.lists[0].rows, 4);
    assert_int_equal(f->batch.lists[1].rows, 4);
    assert_true(rs_str_equal(f->batch.lists[1].null_text, RS_STR("\\NN")));
    const struct rs_shard_joined *joined = rs_shard_set_find(f->set, RS_STR("users"));
    assert_int_equal(joined->counts.rows, 8);
    assert_int_equal(joined->counts.discards, 4);
    assert_int_equal(joined->counts.oldest_us, 0);
    assert_int_equal(joined->counts.newest_us, 13);
    assert_int_equal(joined->bytes, 92);
    assert_int_equal(joined->number_count, 3);
    assert_int_equal(joined->numbers[1], 2);
    assert_int_equal(joined->lists[0]->file_count, 3);
    assert_int_equal(joined->lists[0]->files[2].shard, 2);
    assert_string_equal(types_of(f, f->batch.shards.batch),
                        "id varchar(1024), received_at timestamp, plan varchar(512), "
                        "rs:shard bigint, rs:place bigint, rs:skip:0 varchar(512)");
    assert_string_equal(types_of(f, f->batch.shards.times),
                        "id varchar(1024), plan timestamp, rs:shard bigint, rs:skip:0 timestamp");
    assert_string_equal(names_of(f, f->batch.lists[0].times), "id, plan, rs:skip:0, rs:shard");
    assert_null(rs_shard_set_find(f->set, RS_STR("tracks")));
}

/* A column that was staged as this (0 kinds: as the warehouse had it), and is now of a type. */
static bool matches(struct fixture *f, unsigned kinds, bool stored, struct rs_coltype was,
                    struct rs_coltype is)
{
    void *again = f;
    (void)tear_down(&again);
    (void)set_up(&again);
    add_shard(f, 0, 1);
    struct rs_table *table = begin_table(f, "bought", RS_TABLE_EVENTS);
    struct rs_column *staged = column(f, table, "x", kinds, 10);
    staged->stored = stored;
    staged->type = stored ? was : staged->type;
    if (!stored && staged->type.type == RS_TYPE_TIMESTAMP) {
        text_column(f, table, 10);
    }
    end_table(f, table, 0, 1);
    struct rs_table *there = rs_schema_add_table(&f->existing, RS_STR("bought"), RS_TABLE_EVENTS);
    rs_table_add_column(&f->existing, there, RS_STR("x"), is, 0);
    return match(f);
}

static void test_shard_set__a_column_that_changed_since_is_refused_unless_all_fits(void **state)
{
    static const struct rs_coltype bigint = {.type = RS_TYPE_BIGINT};
    static const struct rs_coltype real = {.type = RS_TYPE_REAL};
    static const struct rs_coltype number = {.type = RS_TYPE_DOUBLE};
    static const struct rs_coltype text = {.type = RS_TYPE_VARCHAR, .length = 20};
    static const struct rs_coltype longer = {.type = RS_TYPE_VARCHAR, .length = 2000};
    static const struct rs_coltype time = {.type = RS_TYPE_TIMESTAMP};
    static const struct rs_coltype millis = {.type = RS_TYPE_TIMESTAMP, .scale = 3};
    static const struct rs_coltype boolean = {.type = RS_TYPE_BOOLEAN};
    static const struct rs_coltype money = {.type = RS_TYPE_NUMERIC, .precision = 10, .scale = 2};
    static const struct rs_coltype more = {.type = RS_TYPE_NUMERIC, .precision = 12, .scale = 2};
    struct fixture *f = *state;
    /* what the warehouse had: the same, or a varchar of another length */
    assert_true(matches(f, RS_KIND_STRING, true, text, longer));
    assert_true(matches(f, RS_KIND_STRING, true, longer, text));
    assert_true(matches(f, RS_KIND_FLOAT, true, money, money));
    assert_false(matches(f, RS_KIND_FLOAT, true, money, more));
    assert_false(matches(f, RS_KIND_INTEGER, true, bigint, text));
    assert_false(matches(f, RS_KIND_TIMESTAMP, true, time, millis));
    /* what was new: whatever takes each of its values as it was written */
    assert_true(matches(f, RS_KIND_INTEGER, false, bigint, text));
    assert_true(matches(f, RS_KIND_INTEGER, false, bigint, bigint));
    assert_true(matches(f, RS_KIND_INTEGER, false, bigint, number));
    assert_false(matches(f, RS_KIND_WIDE_INTEGER, false, bigint, number));
    assert_false(matches(f, RS_KIND_INTEGER, false, bigint, real));
    assert_false(matches(f, RS_KIND_FLOAT, false, number, bigint));
    assert_true(matches(f, RS_KIND_BOOLEAN, false, boolean, text));
    assert_false(matches(f, RS_KIND_STRING, false, text, boolean));
    assert_true(matches(f, RS_KIND_TIMESTAMP, false, time, time));
    assert_false(matches(f, RS_KIND_TIMESTAMP, false, time, millis));
    assert_true(matches(f, RS_KIND_TIMESTAMP, false, time, longer));
    assert_string_equal(names_of(f, f->batch.lists[0].columns),
                        "id, received_at, rs:skip:0, x, rs:shard, rs:place");
    assert_false(matches(f, RS_KIND_STRING, false, text, time));
    assert_string_equal(f->err.message,
                        "could not commit table \"bought\": its column \"x\" was varchar(512) when "
                        "it was staged, and is timestamp now");
    assert_string_equal(f->err.hint, "the table has changed since: stage all shards again");
}

static void test_shard_set__a_number_too_long_for_a_string_is_refused(void **state)
{
    struct fixture *f = *state;
    add_shard(f, 0, 2);
    add_shard(f, 1, 2);
    struct rs_table *table = begin_table(f, "bought", RS_TABLE_EVENTS);
    column(f, table, "x", RS_KIND_FLOAT, 70000);
    end_table(f, table, 0, 1);
    table = begin_table(f, "bought", RS_TABLE_EVENTS);
    column(f, table, "x", RS_KIND_STRING, 70000);
    end_table(f, table, 1, 1);
    assert_false(match(f));
    assert_int_equal(f->err.code, RS_E_LIMIT);
}

static void test_shard_set__columns_that_find_no_room_are_refused(void **state)
{
    struct fixture *f = *state;
    add_shard(f, 0, 2);
    add_shard(f, 1, 2);
    for (size_t i = 0; i < 2; i++) {
        struct rs_table *table = begin_table(f, "wide", RS_TABLE_EVENTS);
        for (unsigned j = 0; j < 900; j++) {
            char name[32];
            (void)snprintf(name, sizeof name, "c%zu_%u", i, j);
            column(f, table, name, RS_KIND_STRING, 5);
        }
        end_table(f, table, i, 1);
    }
    assert_false(match(f));
    assert_int_equal(f->err.code, RS_E_LIMIT);
    assert_non_null(strstr(f->err.message, "all shards together have"));
}

static void test_shard_set__an_event_that_lost_counts_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(rs_shard_set_duplicates(f->set, "bought", 5), 5); /* tracks is not selected */
    add_shard(f, 0, 1);
    end_table(f, begin_table(f, "tracks", RS_TABLE_EVENTS), 0, 1);
    assert_int_equal(rs_shard_set_duplicates(f->set, "tracks", 5), 5);
    assert_int_equal(rs_shard_set_duplicates(f->set, "bought", 5), 0);
    assert_int_equal(rs_shard_set_duplicates(f->set, "pages", 5), 5);
    assert_int_equal(rs_shard_set_duplicates(f->set, "users", 5), 0);
}

static void test_shard_set__inputs_are_kept_as_they_came(void **state)
{
    struct fixture *f = *state;
    struct rs_ledger_input input = {.name = RS_STR("/a"), .version = RS_STR("1"), .size_bytes = 2};
    size_t count = 0;
    rs_shard_set_add_input(f->set, &input);
    input.name = RS_STR("/b");
    rs_shard_set_add_input(f->set, &input);
    const struct rs_ledger_input *inputs = rs_shard_set_inputs(f->set, &count);
    assert_int_equal(count, 2);
    assert_true(rs_str_equal(inputs[1].name, RS_STR("/b")));
    assert_true(rs_str_equal(inputs[0].version, RS_STR("1")));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_shard_set__shards_come_in_any_order_and_are_kept_in_theirs),
        CASE(test_shard_set__those_that_are_missing_are_named),
        CASE(test_shard_set__of_very_many_that_are_missing_some_are_named),
        CASE(test_shard_set__shards_of_two_divisions_are_refused),
        CASE(test_shard_set__shards_agree_on_what_shapes_rows),
        CASE(test_shard_set__types_are_the_join_over_all_shards),
        CASE(test_shard_set__files_with_the_same_columns_are_one_list),
        CASE(test_shard_set__a_column_that_changed_since_is_refused_unless_all_fits),
        CASE(test_shard_set__a_number_too_long_for_a_string_is_refused),
        CASE(test_shard_set__columns_that_find_no_room_are_refused),
        CASE(test_shard_set__an_event_that_lost_counts_once),
        CASE(test_shard_set__inputs_are_kept_as_they_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
