/* The statements that take a piece out of a database and into another, and its sums. */
#include <string.h>

#include "migrate/piece_sql.h"
#include "migrate/row_checksum.h"
#include "unit.h"

/* A table with a column of each type that is not copied as it is. */
struct example {
    struct rs_table_definitions definitions;
    struct rs_piece piece;
    struct rs_piece_spec spec;
};

static void add(struct rs_table_definition *definition, const char *name, const char *type)
{
    struct rs_table_definition_column *column = rs_table_definition_add_column(definition);
    column->name = rs_str_from(name);
    column->type = rs_str_from(type);
}

static void begin(struct example *example, enum rs_dialect from, enum rs_dialect to)
{
    *example = (struct example){.definitions = {.arena = RS_ARENA_INIT}};
    struct rs_table_definition *definition =
        rs_table_definitions_add(&example->definitions, RS_STR("t"));
    add(definition, "received_at", "timestamp without time zone");
    add(definition, "doc", from == RS_DIALECT_REDSHIFT ? "super" : "json");
    add(definition, "bytes", from == RS_DIALECT_REDSHIFT ? "varbyte(9)" : "bytea");
    example->piece = (struct rs_piece){.kind = RS_PIECE_HOURS, .first_hour = 24, .end_hour = 30};
    example->spec = (struct rs_piece_spec){.place = {from, to, RS_STR_INIT("new")},
                                           .from_schema = RS_STR("old"),
                                           .definition = definition,
                                           .time = &definition->columns[0],
                                           .piece = &example->piece,
                                           .null_text = RS_STR("nil")};
}

#define WHERE                                                                                      \
    " WHERE \"received_at\" >= TIMESTAMP '1970-01-02 00:00:00' AND \"received_at\" < TIMESTAMP "   \
    "'1970-01-02 06:00:00'"
#define WHERE_IN_LITERAL                                                                           \
    " WHERE \"received_at\" >= TIMESTAMP ''1970-01-02 00:00:00'' AND \"received_at\" < TIMESTAMP " \
    "''1970-01-02 06:00:00''"

static void assert_sql(struct rs_strbuf *sql, const char *expected)
{
    assert_string_equal(rs_strbuf_cstr(sql), expected);
    rs_strbuf_release(sql);
}

static void test_piece_sql__between_redshifts_values_are_quoted_and_escaped(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(8192);
    struct rs_piece_files files = {.url = RS_STR("s3://b/p/"), .region = RS_STR("eu-west-1")};
    begin(&example, RS_DIALECT_REDSHIFT, RS_DIALECT_REDSHIFT);
    rs_piece_sql_append_unload(&sql, &example.spec, &files);
    assert_sql(&sql,
               "UNLOAD ('SELECT \"received_at\", CASE WHEN \"doc\" IS NOT NULL THEN "
               "json_serialize(\"doc\") END, \"bytes\" FROM "
               "\"old\".\"t\"" WHERE_IN_LITERAL "')\nTO 's3://b/p/'\nIAM_ROLE default\n"
               "DELIMITER ',' ADDQUOTES ESCAPE NULL AS 'nil' ZSTD MANIFEST MAXFILESIZE 256 MB "
               "REGION 'eu-west-1'");
    sql = RS_STRBUF_INIT(8192);
    rs_piece_sql_append_copy(&sql, &example.spec, &files);
    assert_sql(&sql, "COPY \"new\".\"t\" (\"received_at\", \"doc\", \"bytes\")\nFROM 's3://b/p/'\n"
                     "IAM_ROLE default\nDELIMITER ',' REMOVEQUOTES ESCAPE NULL AS 'nil' ZSTD "
                     "MANIFEST REGION 'eu-west-1'\nDATEFORMAT 'auto' TIMEFORMAT 'auto' COMPUPDATE "
                     "OFF STATUPDATE OFF");
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__to_postgresql_it_is_csv(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(8192);
    struct rs_piece_files files = {.url = RS_STR("s3://b/p/")};
    begin(&example, RS_DIALECT_REDSHIFT, RS_DIALECT_POSTGRESQL);
    rs_piece_sql_append_unload(&sql, &example.spec, &files);
    assert_sql(&sql, "UNLOAD ('SELECT \"received_at\", CASE WHEN \"doc\" IS NOT NULL THEN "
                     "json_serialize(\"doc\") END, ''\\\\\\\\x'' || "
                     "to_hex(\"bytes\") FROM \"old\".\"t\"" WHERE_IN_LITERAL
                     "')\nTO 's3://b/p/'\nIAM_ROLE default\nFORMAT CSV NULL AS 'nil' ZSTD MANIFEST "
                     "MAXFILESIZE 256 MB");
    sql = RS_STRBUF_INIT(8192);
    rs_piece_sql_append_copy_in(&sql, &example.spec);
    assert_sql(&sql, "COPY \"new\".\"t\" (\"received_at\", \"doc\", \"bytes\") FROM STDIN WITH "
                     "(FORMAT csv, NULL 'nil')");
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__from_postgresql_all_values_are_quoted(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(8192);
    begin(&example, RS_DIALECT_POSTGRESQL, RS_DIALECT_REDSHIFT);
    rs_piece_sql_append_copy_out(&sql, &example.spec);
    assert_sql(&sql, "COPY (SELECT \"received_at\", \"doc\", encode(\"bytes\", 'hex') FROM "
                     "ONLY \"old\".\"t\"" WHERE
                     ") TO STDOUT WITH (FORMAT csv, NULL 'nil', FORCE_QUOTE *)");
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__an_identity_is_filled_with_what_it_was(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(8192);
    struct rs_piece_files files = {.url = RS_STR("s3://b/p/")};
    begin(&example, RS_DIALECT_REDSHIFT, RS_DIALECT_REDSHIFT);
    example.definitions.definitions[0].columns[2].identity = RS_STR("1,1");
    rs_piece_sql_append_copy(&sql, &example.spec, &files);
    assert_non_null(strstr(rs_strbuf_cstr(&sql), " EXPLICIT_IDS\n"));
    rs_strbuf_reset(&sql);
    example.definitions.definitions[0].columns[2].by_default = true;
    rs_piece_sql_append_copy(&sql, &example.spec, &files);
    assert_null(strstr(rs_strbuf_cstr(&sql), "EXPLICIT_IDS"));
    rs_strbuf_release(&sql);
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__a_piece_is_deleted_by_its_range(void **state)
{
    (void)state;
    struct example example;
    static const struct {
        enum rs_piece_kind kind;
        const char *expected;
    } cases[] = {
        {RS_PIECE_HOURS, "DELETE FROM \"new\".\"t\"" WHERE},
        {RS_PIECE_NULL, "DELETE FROM \"new\".\"t\" WHERE \"received_at\" IS NULL"},
        {RS_PIECE_ALL, "DELETE FROM \"new\".\"t\""},
    };
    begin(&example, RS_DIALECT_REDSHIFT, RS_DIALECT_REDSHIFT);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf sql = RS_STRBUF_INIT(1024);
        example.piece.kind = cases[i].kind;
        rs_piece_sql_append_delete(&sql, &example.spec);
        assert_sql(&sql, cases[i].expected);
    }
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__a_double_leaves_redshift_in_two_parts(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(8192);
    struct rs_piece_files files = {.url = RS_STR("s3://b/p/")};
    begin(&example, RS_DIALECT_REDSHIFT, RS_DIALECT_POSTGRESQL);
    example.piece.kind = RS_PIECE_ALL;
    example.definitions.definitions[0].columns[1].type = RS_STR("double precision");
    assert_true(rs_piece_sql_has_batch(&example.spec));
    rs_piece_sql_append_batch(&sql, &example.spec);
    assert_sql(&sql,
               "CREATE TEMP TABLE \"rs_batch\" (LIKE \"new\".\"t\"); ALTER TABLE \"rs_batch\" "
               "ADD COLUMN \"rs:rest1\" double precision");
    rs_piece_sql_append_copy_in(&sql, &example.spec);
    assert_non_null(strstr(rs_strbuf_cstr(&sql), "COPY \"rs_batch\" (\"received_at\", \"doc\", "
                                                 "\"bytes\", \"rs:rest1\")"));
    rs_strbuf_release(&sql);
    rs_piece_sql_append_put(&sql, &example.spec);
    assert_sql(&sql,
               "INSERT INTO \"new\".\"t\" (\"received_at\", \"doc\", \"bytes\") SELECT "
               "\"received_at\", CASE WHEN \"rs:rest1\" IS NULL THEN \"doc\" WHEN abs(\"doc\") < 1 "
               "THEN \"doc\" + \"rs:rest1\" / CAST('1267650600228229401496703205376' AS double "
               "precision) ELSE \"doc\" + \"rs:rest1\" END, \"bytes\" FROM \"rs_batch\"");
    example.definitions.definitions[0].columns[0].identity = RS_STR("0,1");
    assert_false(rs_piece_sql_has_batch(&example.spec)); /* COPY alone gives it values */
    rs_piece_sql_append_copy(&sql, &example.spec, &files);
    assert_null(strstr(rs_strbuf_cstr(&sql), "rs:rest"));
    rs_strbuf_release(&sql);
    rs_table_definitions_release(&example.definitions);
    begin(&example, RS_DIALECT_POSTGRESQL, RS_DIALECT_REDSHIFT);
    example.definitions.definitions[0].columns[1].type = RS_STR("double precision");
    assert_false(rs_piece_sql_has_batch(&example.spec)); /* PostgreSQL prints all digits */
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__a_real_is_read_with_all_of_its_digits(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    begin(&example, RS_DIALECT_REDSHIFT, RS_DIALECT_REDSHIFT);
    example.piece.kind = RS_PIECE_ALL;
    example.definitions.definitions[0].column_count = 2;
    example.definitions.definitions[0].columns[1].type = RS_STR("real");
    rs_piece_sql_append_select(&sql, &example.spec);
    assert_sql(&sql,
               "SELECT \"received_at\", CAST(\"doc\" AS double precision) FROM \"old\".\"t\"");
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__rows_are_replaced_by_all_columns_of_their_key(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    begin(&example, RS_DIALECT_POSTGRESQL, RS_DIALECT_REDSHIFT);
    struct rs_row_key key = {.columns = {&example.definitions.definitions[0].columns[0],
                                         &example.definitions.definitions[0].columns[1]},
                             .count = 2};
    example.spec.key = &key;
    rs_piece_sql_append_drop_old(&sql, &example.spec);
    assert_sql(&sql,
               "DELETE FROM \"new\".\"t\" USING \"rs_batch\"\n"
               "WHERE \"t\".\"received_at\" = \"rs_batch\".\"received_at\" AND \"t\".\"doc\" = "
               "\"rs_batch\".\"doc\"");
    rs_table_definitions_release(&example.definitions);
}

/* In Redshift 'bob' = 'bob ', and only one of them came again. */
static void test_piece_sql__keys_that_differ_in_blanks_are_told_apart(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    begin(&example, RS_DIALECT_POSTGRESQL, RS_DIALECT_REDSHIFT);
    example.definitions.definitions[0].columns[1].type = RS_STR("text");
    struct rs_row_key key = {.columns = {&example.definitions.definitions[0].columns[1]},
                             .count = 1};
    example.spec.key = &key;
    rs_piece_sql_append_drop_old(&sql, &example.spec);
    assert_sql(&sql, "DELETE FROM \"new\".\"t\" USING \"rs_batch\"\n"
                     "WHERE \"t\".\"doc\" = \"rs_batch\".\"doc\" AND octet_length(\"t\".\"doc\") = "
                     "octet_length(\"rs_batch\".\"doc\")");
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__users_are_carried_whole(void **state)
{
    (void)state;
    struct example example;
    begin(&example, RS_DIALECT_REDSHIFT, RS_DIALECT_REDSHIFT);
    struct rs_table_definition *definition = &example.definitions.definitions[0];
    assert_ptr_equal(rs_piece_sql_time_column(definition), &definition->columns[0]);
    definition->name =
        RS_STR("users"); /* its rows change in place, and their received_at with them */
    assert_null(rs_piece_sql_time_column(definition));
    definition->name = RS_STR("t");
    definition->columns[0].type = RS_STR("character varying(30)");
    assert_null(rs_piece_sql_time_column(definition));
    rs_table_definitions_release(&example.definitions);
}

static void test_piece_sql__sums_are_read_modulo_2_to_the_64(void **state)
{
    (void)state;
    assert_true(rs_row_checksum_parse(RS_STR("")) == 0);
    assert_true(rs_row_checksum_parse(RS_STR("18446744073709551615")) == UINT64_MAX);
    assert_true(rs_row_checksum_parse(RS_STR("18446744073709551616")) == 0);
    assert_true(rs_row_checksum_parse(RS_STR("36893488147419103239")) == 7);
}

static void test_piece_sql__a_column_that_is_not_there_adds_nothing_to_a_sum(void **state)
{
    (void)state;
    struct example example;
    struct rs_strbuf with = RS_STRBUF_INIT(8192);
    struct rs_strbuf without = RS_STRBUF_INIT(8192);
    begin(&example, RS_DIALECT_POSTGRESQL, RS_DIALECT_POSTGRESQL);
    struct rs_table_definition wanted = example.definitions.definitions[0];
    struct rs_table_definition less = wanted;
    less.column_count = 2;
    struct rs_row_checksum sum = {.dialect = RS_DIALECT_POSTGRESQL, .definition = &less};
    rs_row_checksum_append_rows(&with, &sum, &wanted);
    rs_row_checksum_append_rows(&without, &sum, &less);
    assert_string_equal(rs_strbuf_cstr(&with), rs_strbuf_cstr(&without));
    rs_strbuf_release(&with);
    rs_strbuf_release(&without);
    rs_table_definitions_release(&example.definitions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_piece_sql__between_redshifts_values_are_quoted_and_escaped),
        cmocka_unit_test(test_piece_sql__to_postgresql_it_is_csv),
        cmocka_unit_test(test_piece_sql__from_postgresql_all_values_are_quoted),
        cmocka_unit_test(test_piece_sql__an_identity_is_filled_with_what_it_was),
        cmocka_unit_test(test_piece_sql__a_piece_is_deleted_by_its_range),
        cmocka_unit_test(test_piece_sql__a_double_leaves_redshift_in_two_parts),
        cmocka_unit_test(test_piece_sql__a_real_is_read_with_all_of_its_digits),
        cmocka_unit_test(test_piece_sql__rows_are_replaced_by_all_columns_of_their_key),
        cmocka_unit_test(test_piece_sql__keys_that_differ_in_blanks_are_told_apart),
        cmocka_unit_test(test_piece_sql__users_are_carried_whole),
        cmocka_unit_test(test_piece_sql__sums_are_read_modulo_2_to_the_64),
        cmocka_unit_test(test_piece_sql__a_column_that_is_not_there_adds_nothing_to_a_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
