/* What a shard says of itself is read as it was written, or refused. */
#include "shard/shard_doc.h"

#include <string.h>

#include "codec/json_doc.h"
#include "unit.h"

struct fixture {
    struct rs_arena arena;
    struct rs_strbuf text;
    struct rs_error err;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.text = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES)};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    rs_arena_release(&fixture->arena);
    rs_strbuf_release(&fixture->text);
    return 0;
}

static const struct rs_shard_doc example = {
    .shard = {2, 3},
    .schema = RS_STR_INIT("shop"),
    .sync_id = RS_STR_INIT("27b486b9-0000-4000-8000-000000000001"),
    .compression = RS_STR_INIT("zstd"),
    .selection = RS_STR_INIT("00ff"),
    .warehouse_id = RS_STR_INIT("\xc3\xa9 \"w\""),
    .null_text = RS_STR_INIT("\\NN"),
    .listed = RS_STR_INIT("0123456789abcdef"),
    .counts = {14, 1, 2, 3, 4, 5, 6, UINT64_C(1) << 50, 8, 9, 15},
    .tables = 10,
    .inputs = 11,
    .rejects_bytes = 12,
    .discards_bytes = 13,
    .damage = RS_STR_INIT("could not read \"x\": it ends too early"),
    .reasons = RS_STR_INIT("[1]"),
};

static void test_shard_doc__a_document_is_read_as_it_was_written(void **state)
{
    struct fixture *f = *state;
    struct rs_shard_doc read = {0};
    struct rs_strbuf again = RS_STRBUF_INIT(1 << 16);
    rs_shard_doc_append(&example, &f->text);
    assert_true(rs_shard_doc_parse(rs_strbuf_str(&f->text), "s3://b/shard.json", &f->arena, &read,
                                   &f->err));
    assert_int_equal(read.shard.number, 2);
    assert_int_equal(read.shard.count, 3);
    assert_true(rs_str_equal(read.warehouse_id, example.warehouse_id));
    assert_true(rs_str_equal(read.null_text, RS_STR("\\NN")));
    assert_int_equal(read.counts.inputs_failed, 9);
    assert_int_equal(read.counts.lines, 14);
    assert_true(rs_str_equal(read.reasons, example.reasons));
    assert_int_equal(read.discards_bytes, 13);
    rs_shard_doc_append(&read, &again);
    assert_string_equal(rs_strbuf_cstr(&again), rs_strbuf_cstr(&f->text));
    rs_strbuf_release(&again);
}

/* Put a text in the place of another one, which is there once. */
static void replace(struct rs_strbuf *text, const char *from, const char *to)
{
    struct rs_strbuf out = RS_STRBUF_INIT(1 << 20);
    const char *at = strstr(rs_strbuf_cstr(text), from);
    assert_non_null(at);
    rs_strbuf_append_bytes(&out, text->data, (size_t)(at - text->data));
    rs_strbuf_append(&out, to);
    rs_strbuf_append(&out, at + strlen(from));
    rs_strbuf_release(text);
    *text = out;
}

static void refuse_doc(struct fixture *f, const char *from, const char *to, const char *message)
{
    struct rs_shard_doc read = {0};
    rs_strbuf_reset(&f->text);
    rs_error_clear(&f->err);
    rs_shard_doc_append(&example, &f->text);
    replace(&f->text, from, to);
    assert_false(rs_shard_doc_parse(rs_strbuf_str(&f->text), "s3://b/shard.json", &f->arena, &read,
                                    &f->err));
    assert_int_equal(f->err.code, RS_E_INPUT);
    assert_non_null(strstr(f->err.message, message));
    assert_string_not_equal(f->err.hint, "");
}

static void test_shard_doc__what_another_version_wrote_is_refused_by_its_name(void **state)
{
    struct fixture *f = *state;
    refuse_doc(f, "\"format\":2", "\"format\":3", "could not use \"s3://b/shard.json\": rs-sync ");
    refuse_doc(f, "\"tool\":\"rs-sync ", "\"tool\":\"rs-sync 99.", "rs-sync 99.");
    refuse_doc(f, "\"tool\":\"rs-sync ", "\"tool\":\"somebody ", "somebody ");
}

static void test_shard_doc__a_damaged_document_is_refused(void **state)
{
    struct fixture *f = *state;
    refuse_doc(f, "\"format\":2,", "", "its \"format\" is missing");
    refuse_doc(f, "\"tool\":", "\"tools\":", "its \"tool\" is missing");
    refuse_doc(f, "\"of\":3", "\"of\":2", "its \"of\"");
    refuse_doc(f, "\"of\":3", "\"of\":0", "its \"of\"");
    refuse_doc(f, "\"shard\":2", "\"shard\":\"2\"", "its \"shard\"");
    refuse_doc(f, "\"shard\":2", "\"shard\":-1", "its \"shard\"");
    refuse_doc(f, "\"schema\":\"shop\"", "\"schema\":null", "its \"schema\"");
    refuse_doc(f, "\"events\":1", "\"events\":1.5", "its \"events\"");
    refuse_doc(f, "\"discards_bytes\":13", "\"discards_bytes\":13,", "line ");
    refuse_doc(f, "}", "", "line ");
}

static struct rs_shard_table table_of(struct rs_column *columns, size_t count)
{
    static struct rs_staged_part parts[] = {{100, 0}, {0, 0}, {UINT64_C(1) << 40, 7}};
    return (struct rs_shard_table){
        .table = {.name = RS_STR("signed_up"),
                  .kind = RS_TABLE_FOLD,
                  .columns = columns,
                  .column_count = count},
        .counts = {.rows = 5,
                   .discards = 1,
                   .oldest_us = INT64_C(-62135596800000000),
                   .newest_us = INT64_C(253402300799999999)},
        .parts = parts,
        .part_count = 3,
    };
}

static void test_shard_doc__a_table_is_read_as_it_was_written(void **state)
{
    struct fixture *f = *state;
    struct rs_column columns[] = {
        {.name = RS_STR("id"),
         .type = {.type = RS_TYPE_VARCHAR, .length = 1024},
         .kinds = 32,
         .max_bytes = 600,
         .stored = true},
        {.name = RS_STR("\xe6\xb3\xa8"),
         .type = {.type = RS_TYPE_TIMESTAMP},
         .kinds = 16,
         .max_bytes = 10},
        {.name = RS_STR("rs:text:2"),
         .type = {.type = RS_TYPE_VARCHAR, .length = 512},
         .max_bytes = 10,
         .role = RS_COLUMN_TEXT},
        {.name = RS_STR("price"),
         .type = {.type = RS_TYPE_NUMERIC, .precision = 12, .scale = 3},
         .kinds = 8,
         .stored = true},
        {.name = RS_STR("shape"), .type = {.type = RS_TYPE_OTHER}, .kinds = 1, .stored = true},
        {.name = RS_STR("rs:shard"), .type = {.type = RS_TYPE_BIGINT}, .role = RS_COLUMN_SHARD},
        {.name = RS_STR("rs:place"), .type = {.type = RS_TYPE_BIGINT}, .role = RS_COLUMN_PLACE}};
    struct rs_shard_table table = table_of(columns, RS_COUNTOF(columns));
    struct rs_shard_table read = {0};
    rs_shard_table_append(&table, &f->text);
    struct rs_str line = rs_str_slice(rs_strbuf_str(&f->text), 0, f->text.length - 1);
    assert_int_equal(rs_str_find_byte(line, '\n'), SIZE_MAX);
    assert_true(rs_shard_table_parse(line, "s3://b/tables.ndjson", &f->arena, &read, &f->err));
    assert_true(rs_str_equal(read.table.name, RS_STR("signed_up")));
    assert_int_equal(read.table.kind, RS_TABLE_FOLD);
    assert_int_equal(read.counts.rows, 5);
    assert_int_equal(read.counts.discards, 1);
    assert_true(read.counts.oldest_us == table.counts.oldest_us);
    assert_true(read.counts.newest_us == table.counts.newest_us);
    assert_int_equal(read.table.column_count, RS_COUNTOF(columns));
    for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
        const struct rs_column *column = &read.table.columns[i];
        assert_true(rs_str_equal(column->name, columns[i].name));
        assert_int_equal(column->type.type, columns[i].type.type);
        assert_int_equal(column->type.length, columns[i].type.length);
        assert_int_equal(column->type.precision, columns[i].type.precision);
        assert_int_equal(column->type.scale, columns[i].type.scale);
        assert_int_equal(column->kinds, columns[i].kinds);
        assert_int_equal(column->max_bytes, columns[i].max_bytes);
        assert_int_equal(column->stored, columns[i].stored);
        assert_int_equal(column->role, columns[i].role);
    }
    assert_int_equal(read.part_count, 3);
    assert_int_equal(read.parts[0].rows_bytes, 100);
    assert_int_equal(read.parts[1].rows_bytes, 0);
    assert_true(read.parts[2].rows_bytes == UINT64_C(1) << 40);
    assert_int_equal(read.parts[2].times_bytes, 7);
}

static void test_shard_doc__a_table_without_rows_has_no_bounds(void **state)
{
    struct fixture *f = *state;
    struct rs_column column = {
        .name = RS_STR("id"), .type = {.type = RS_TYPE_VARCHAR, .length = 512}, .kinds = 32};
    struct rs_shard_table table = table_of(&column, 1);
    struct rs_shard_table read = {0};
    table.counts = RS_ENCODE_COUNTS_INIT;
    table.part_count = 0;
    rs_shard_table_append(&table, &f->text);
    assert_null(strstr(rs_strbuf_cstr(&f->text), "oldest"));
    assert_true(rs_shard_table_parse(rs_strbuf_str(&f->text), "x", &f->arena, &read, &f->err));
    assert_true(read.counts.oldest_us > read.counts.newest_us);
    assert_int_equal(read.part_count, 0);
}

static void test_shard_doc__a_damaged_table_is_refused(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *message;
    } cases[] = {
        {"\"name\":\"signed_up\"", "\"name\":\"\"", "its \"name\""},
        {"\"fold\":true", "\"fold\":1", "its \"fold\""},
        {"\"rows\":5", "\"rows\":\"5\"", "its \"rows\""},
        {"\"oldest\":\"0001-01-01 00:00:00\"", "\"oldest\":\"soon\"", "its \"oldest\""},
        {"[\"born\",\"timestamp\",16,10]", "[\"born\",\"timestamp\",16]", "its \"columns\""},
        {"[\"born\",\"timestamp\",16,10]", "[\"born\",\"timestamp\",64,10]", "its \"columns\""},
        {"[\"born\",\"timestamp\",16,10]", "[\"born\",\"timestamp\",16,10,\"what\"]",
         "its \"columns\""},
        {"[\"born\",\"timestamp\",16,10]", "[\"\",\"timestamp\",16,10]", "its \"columns\""},
        {"[\"born\",\"timestamp\",16,10]", "7", "its \"columns\""},
        {"[\"born\",\"timestamp\",16,10]", "[\"born\",\"timestamp\",16,10,\"text\"]",
         "its \"columns\""},
        {"\"columns\":", "\"column\":", "its \"columns\""},
        {"[100,0]", "[100]", "its \"parts\""},
        {"\"parts\":", "\"part\":", "its \"parts\""},
    };
    struct fixture *f = *state;
    struct rs_column columns[] = {{.name = RS_STR("born"),
                                   .type = {.type = RS_TYPE_TIMESTAMP},
                                   .kinds = 16,
                                   .max_bytes = 10}};
    struct rs_shard_table table = table_of(columns, 1);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_shard_table read = {0};
        rs_strbuf_reset(&f->text);
        rs_error_clear(&f->err);
        rs_shard_table_append(&table, &f->text);
        replace(&f->text, cases[i].from, cases[i].to);
        assert_false(rs_shard_table_parse(rs_strbuf_str(&f->text), "x", &f->arena, &read, &f->err));
        assert_int_equal(f->err.code, RS_E_INPUT);
        if (!strstr(f->err.message, cases[i].message)) {
            fail_msg("%s: %s", cases[i].to, f->err.message);
        }
    }
}

static void test_shard_doc__an_input_is_read_as_the_ledger_would_have_it(void **state)
{
    struct fixture *f = *state;
    struct rs_ledger_input input = {.name = RS_STR("/data/\xff\"x\"\n.gz"),
                                    .version = RS_STR("1794268800123456789"),
                                    .size_bytes = 5,
                                    .events = 6,
                                    .rejects = 7};
    struct rs_ledger_input read = {0};
    rs_shard_input_append(&input, &f->text);
    struct rs_str line = rs_str_slice(rs_strbuf_str(&f->text), 0, f->text.length - 1);
    assert_int_equal(rs_str_find_byte(line, '\n'), SIZE_MAX);
    assert_true(rs_shard_input_parse(line, "x", &f->arena, &read, &f->err));
    assert_true(rs_str_equal(read.name, RS_STR("/data/\xef\xbf\xbd\"x\"\n.gz")));
    assert_true(rs_str_equal(read.version, input.version));
    assert_int_equal(read.size_bytes, 5);
    assert_int_equal(read.events, 6);
    assert_int_equal(read.rejects, 7);
    replace(&f->text, "\"size_bytes\":5", "\"size_bytes\":-5");
    assert_false(rs_shard_input_parse(rs_strbuf_str(&f->text), "x", &f->arena, &read, &f->err));
    assert_string_equal(f->err.message,
                        "could not read \"x\": its \"size_bytes\" is missing or is not what it "
                        "should be");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_shard_doc__a_document_is_read_as_it_was_written),
        CASE(test_shard_doc__what_another_version_wrote_is_refused_by_its_name),
        CASE(test_shard_doc__a_damaged_document_is_refused),
        CASE(test_shard_doc__a_table_is_read_as_it_was_written),
        CASE(test_shard_doc__a_table_without_rows_has_no_bounds),
        CASE(test_shard_doc__a_damaged_table_is_refused),
        CASE(test_shard_doc__an_input_is_read_as_the_ledger_would_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
