/* Which inputs are whose, and what the files of a shard have beside values. */
#include "shard/shard.h"

#include "transform/coltype.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static void test_shard__a_share_is_written_as_number_and_count(void **state)
{
    struct rs_error err = {0};
    struct rs_shard shard = {0};
    (void)state;
    assert_true(rs_shard_parse("0/1", &shard, &err));
    assert_int_equal(shard.number, 0);
    assert_int_equal(shard.count, 1);
    assert_true(rs_shard_parse("9999/10000", &shard, &err));
    assert_int_equal(shard.number, 9999);
    assert_int_equal(shard.count, 10000);
}

static void test_shard__what_is_no_share_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *text;
        const char *message;
        const char *hint;
    } cases[] = {
        {"", "\"\" is not I/N", "as 0/3"},
        {"1", "\"1\" is not I/N", "as 0/3"},
        {"/", "\"/\" is not I/N", "as 0/3"},
        {"1/", "\"1/\" is not I/N", "as 0/3"},
        {"-1/3", "\"-1/3\" is not I/N", "as 0/3"},
        {"1/3/5", "\"1/3/5\" is not I/N", "as 0/3"},
        {"a/3", "\"a/3\" is not I/N", "as 0/3"},
        {"0/0", "\"0/0\" is not of 1 to 10000 shards", ""},
        {"0/10001", "\"0/10001\" is not of 1 to 10000 shards", ""},
        {"3/3", "there is no shard 3 of 3", "the last one is 2/3"},
        {"4/3", "there is no shard 4 of 3", "the last one is 2/3"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_shard shard = {0};
        assert_false(rs_shard_parse(cases[i].text, &shard, &err));
        assert_int_equal(err.code, RS_E_USAGE);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_non_null(strstr(err.hint, cases[i].hint));
    }
}

static void test_shard__each_input_is_one_shards_and_stays_so(void **state)
{
    static const struct {
        const char *name;
        uint32_t of_16;
    } known[] = {/* of every release: shards of two must not share an input */
                 {"/data/2026-11-23.ndjson", 13},
                 {"/data/2026-11-24.ndjson", 12},
                 {"s3://bucket/segment-logs/a/1.gz", 12}};
    unsigned counts[16] = {0};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(known); i++) {
        for (uint32_t number = 0; number < 16; number++) {
            struct rs_shard shard = {number, 16};
            assert_int_equal(rs_shard_has(&shard, rs_str_from(known[i].name)),
                             number == known[i].of_16);
        }
    }
    for (unsigned i = 0; i < 16000; i++) {
        char name[64];
        unsigned owners = 0;
        (void)snprintf(name, sizeof name, "/logs/2026/%05u.ndjson.gz", i);
        for (uint32_t number = 0; number < 16; number++) {
            struct rs_shard shard = {number, 16};
            bool has = rs_shard_has(&shard, rs_str_from(name));
            owners += has;
            counts[number] += has;
        }
        assert_int_equal(owners, 1);
    }
    for (size_t i = 0; i < 16; i++) {
        assert_in_range(counts[i], 850, 1150); /* 1000 each, give or take what chance does */
    }
}

/* --- files ----------------------------------------------------------------------------------------- */

struct definition {
    struct rs_schema wanted;
    struct rs_schema existing;
    struct rs_schema files;
    struct rs_plan plan;
    struct rs_strbuf text;
    struct rs_error err;
};

static void begin(struct definition *d)
{
    *d = (struct definition){.text = RS_STRBUF_INIT(1 << 20)};
    rs_schema_init(&d->wanted, RS_STR("shop"));
    rs_schema_init(&d->existing, RS_STR("shop"));
    d->existing.exists = true;
}

static void end(struct definition *d)
{
    rs_plan_release(&d->plan);
    rs_schema_release(&d->wanted);
    rs_schema_release(&d->existing);
    rs_schema_release(&d->files);
    rs_strbuf_release(&d->text);
}

static void add(struct rs_schema *schema, const char *name, unsigned kinds, uint64_t max_bytes)
{
    rs_table_add_column(schema, &schema->tables[0], rs_str_from(name),
                        rs_coltype_join(kinds, max_bytes), max_bytes)
        ->kinds = kinds;
}

static bool define(struct definition *d)
{
    rs_schema_sort(&d->wanted);
    rs_plan_make(&d->wanted, &d->existing, RS_DIALECT_REDSHIFT, NULL, &d->plan);
    return rs_shard_check_dropped(&d->plan, &d->existing, &d->err) &&
           rs_shard_define_files(&d->wanted, &d->existing, &d->files, &d->err);
}

static const char *columns(struct definition *d)
{
    const struct rs_table *table = &d->files.tables[0];
    rs_strbuf_reset(&d->text);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct rs_column *column = &table->columns[i];
        rs_strbuf_append_str(&d->text, column->name);
        rs_strbuf_append_char(&d->text, ' ');
        rs_coltype_append_ddl(column->type, &d->text);
        rs_strbuf_printf(&d->text, " %u%s%s\n", column->kinds, column->stored ? " stored" : "",
                         column->role == RS_COLUMN_TEXT ? " text" : "");
    }
    return rs_strbuf_cstr(&d->text);
}

static void test_shard__texts_stand_behind_times_that_may_be_strings(void **state)
{
    struct definition d;
    (void)state;
    begin(&d);
    (void)rs_schema_add_table(&d.wanted, RS_STR("signed_up"), RS_TABLE_EVENTS);
    add(&d.wanted, "id", RS_KIND_STRING, 20);
    add(&d.wanted, "received_at", RS_KIND_TIMESTAMP, 0);
    add(&d.wanted, "born", RS_KIND_TIMESTAMP, 600);
    add(&d.wanted, "age", RS_KIND_INTEGER, 2);
    assert_true(define(&d));
    assert_string_equal(columns(&d), "id varchar(512) 32\n"
                                     "received_at timestamp 16\n"
                                     "age bigint 2\n"
                                     "born timestamp 16\n"
                                     "rs:text:4 varchar(1024) 0 text\n"
                                     "rs:shard bigint 0\n"
                                     "rs:place bigint 0\n");
    end(&d);
}

static void test_shard__a_tables_own_columns_are_in_all_files(void **state)
{
    struct definition d;
    (void)state;
    begin(&d);
    (void)rs_schema_add_table(&d.wanted, RS_STR("signed_up"), RS_TABLE_EVENTS);
    add(&d.wanted, "id", RS_KIND_STRING, 20);
    add(&d.wanted, "born", RS_KIND_STRING, 20);
    add(&d.wanted, "new", RS_KIND_BOOLEAN, 5);
    (void)rs_schema_add_table(&d.existing, RS_STR("signed_up"), RS_TABLE_EVENTS);
    add(&d.existing, "zip", RS_KIND_STRING, 20);
    add(&d.existing, "born", RS_KIND_TIMESTAMP, 0);
    add(&d.existing, "id", RS_KIND_STRING, 20);
    add(&d.existing, "about", RS_KIND_INTEGER, 0);
    add(&d.existing, "place", RS_KIND_STRING, 0);
    d.existing.tables[0].columns[4].type.type = RS_TYPE_OTHER; /* nothing of ours: left alone */
    for (size_t i = 0; i < 5; i++) {
        d.existing.tables[0].columns[i].kinds = 0; /* as a catalog has it */
    }
    assert_true(define(&d));
    assert_string_equal(columns(&d), "id varchar(512) 32 stored\n"
                                     "about bigint 0 stored\n"
                                     "born timestamp 32 stored\n"
                                     "new boolean 1\n"
                                     "zip varchar(512) 0 stored\n"
                                     "rs:shard bigint 0\n"
                                     "rs:place bigint 0\n");
    end(&d);
}

static void add_many(struct rs_schema *schema, unsigned count, unsigned kinds)
{
    char name[32];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "c%04u", i);
        add(schema, name, kinds, 10);
    }
}

static void test_shard__a_table_with_very_many_columns_is_not_filled_up(void **state)
{
    struct definition d;
    (void)state;
    begin(&d);
    (void)rs_schema_add_table(&d.wanted, RS_STR("signed_up"), RS_TABLE_EVENTS);
    add(&d.wanted, "id", RS_KIND_STRING, 20);
    (void)rs_schema_add_table(&d.existing, RS_STR("signed_up"), RS_TABLE_EVENTS);
    add_many(&d.existing, 1300, RS_KIND_STRING);
    assert_true(define(&d));
    assert_int_equal(d.files.tables[0].column_count, 3);
    end(&d);
}

static void test_shard__what_finds_no_room_is_refused(void **state)
{
    struct definition d;
    (void)state;
    begin(&d);
    (void)rs_schema_add_table(&d.wanted, RS_STR("wide"), RS_TABLE_EVENTS);
    add_many(&d.wanted, 900, RS_KIND_TIMESTAMP); /* and as many texts */
    assert_false(define(&d));
    assert_int_equal(d.err.code, RS_E_LIMIT);
    assert_string_equal(d.err.message,
                        "could not stage table \"wide\": with what shards need beside them, its "
                        "columns are 1802, and 1600 is the most");
    end(&d);

    begin(&d);
    (void)rs_schema_add_table(&d.wanted, RS_STR("wide"), RS_TABLE_EVENTS);
    add_many(&d.wanted, 1700, RS_KIND_STRING); /* a plan takes the first 1600: of one shard */
    assert_false(define(&d));
    assert_int_equal(d.err.code, RS_E_LIMIT);
    end(&d);

    begin(&d); /* a table that is full has no room for any shard's new columns */
    (void)rs_schema_add_table(&d.wanted, RS_STR("wide"), RS_TABLE_EVENTS);
    add(&d.wanted, "new", RS_KIND_STRING, 20);
    add(&d.wanted, "c0001", RS_KIND_STRING, 20);
    (void)rs_schema_add_table(&d.existing, RS_STR("wide"), RS_TABLE_EVENTS);
    add_many(&d.existing, 1600, RS_KIND_STRING);
    assert_true(define(&d));
    assert_int_equal(d.plan.dropped_count, 1);
    assert_int_equal(d.files.tables[0].column_count, 3);
    end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shard__a_share_is_written_as_number_and_count),
        cmocka_unit_test(test_shard__what_is_no_share_is_refused_with_a_reason),
        cmocka_unit_test(test_shard__each_input_is_one_shards_and_stays_so),
        cmocka_unit_test(test_shard__texts_stand_behind_times_that_may_be_strings),
        cmocka_unit_test(test_shard__a_tables_own_columns_are_in_all_files),
        cmocka_unit_test(test_shard__a_table_with_very_many_columns_is_not_filled_up),
        cmocka_unit_test(test_shard__what_finds_no_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
