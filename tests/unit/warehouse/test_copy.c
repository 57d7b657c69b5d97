/* COPY statements, and that no option in them may change or lose data in silence. */
#include "warehouse/copy.h"

#include <string.h>

#include "unit.h"

static struct rs_column columns[] = {
    {.name = RS_STR_INIT("id")},
    {.name = RS_STR_INIT("odd\"name")},
};

static const struct rs_table table = {
    .name = RS_STR_INIT("tracks"), .columns = columns, .column_count = 2};

static const struct {
    const char *label;
    struct rs_str null_text;
    struct rs_copy_files files;
    const char *sql; /* from the second line on */
} s3_cases[] = {
    {"default role",
     RS_STR_INIT("\\N"),
     {.url = RS_STR_INIT("s3://bucket/stage/tracks/part-"), .compression = RS_COPY_ZSTD},
     "FROM 's3://bucket/stage/tracks/part-'\n"
     "IAM_ROLE default\n"
     "FORMAT CSV ZSTD NULL AS '\\\\N' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF"},
    {"all options",
     RS_STR_INIT("\\N"),
     {.url = RS_STR_INIT("s3://bucket/it's/manifest"),
      .access.iam_role = RS_STR_INIT("arn:aws:iam::123456789012:role/load"),
      .region = RS_STR_INIT("eu-west-1"),
      .compression = RS_COPY_GZIP,
      .manifest = true},
     "FROM 's3://bucket/it''s/manifest'\n"
     "IAM_ROLE 'arn:aws:iam::123456789012:role/load'\n"
     "FORMAT CSV GZIP MANIFEST REGION 'eu-west-1' NULL AS '\\\\N' TIMEFORMAT 'auto' COMPUPDATE "
     "OFF STATUPDATE OFF"},
    {"temporary keys win over a role",
     RS_STR_INIT("\\N"),
     {.url = RS_STR_INIT("s3://bucket/manifest"),
      .access = {.iam_role = RS_STR_INIT("arn:aws:iam::123456789012:role/load"),
                 .access_key_id = RS_STR_INIT("ASIAEXAMPLE"),
                 .secret_access_key = RS_STR_INIT("sec/ret"),
                 .session_token = RS_STR_INIT("tok\\en")},
      .compression = RS_COPY_ZSTD,
      .manifest = true},
     "FROM 's3://bucket/manifest'\n"
     "ACCESS_KEY_ID 'ASIAEXAMPLE' SECRET_ACCESS_KEY 'sec/ret' SESSION_TOKEN 'tok\\\\en'\n"
     "FORMAT CSV ZSTD MANIFEST NULL AS '\\\\N' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF"},
    {"plain files",
     RS_STR_INIT(""),
     {.url = RS_STR_INIT("s3://b/t"), .compression = RS_COPY_PLAIN},
     "FROM 's3://b/t'\n"
     "IAM_ROLE default\n"
     "FORMAT CSV NULL AS '' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF"},
};

static void test_copy__from_s3_reads_as_redshift_wants_it(void **state)
{
    (void)state;
    static const char *const banned[] = {"TRUNCATECOLUMNS", "ACCEPTINVCHARS", "ACCEPTANYDATE",
                                         "BLANKSASNULL",    "EMPTYASNULL",    "MAXERROR",
                                         "FILLRECORD",      "TRIMBLANKS",     "IGNOREALLERRORS"};
    for (size_t i = 0; i < RS_COUNTOF(s3_cases); i++) {
        static const char begin[] = "COPY \"shop\".\"tracks\" (\"id\", \"odd\"\"name\")\n";
        struct rs_strbuf sql = RS_STRBUF_INIT(4096);
        struct rs_copy_into into = {RS_STR("shop"), table.name, &table, s3_cases[i].null_text};
        print_message("%s\n", s3_cases[i].label);
        rs_copy_append_s3(&sql, &into, &s3_cases[i].files);
        assert_true(rs_strbuf_ok(&sql));
        assert_memory_equal(rs_strbuf_cstr(&sql), begin, sizeof begin - 1);
        assert_string_equal(rs_strbuf_cstr(&sql) + sizeof begin - 1, s3_cases[i].sql);
        for (size_t k = 0; k < RS_COUNTOF(banned); k++) {
            assert_null(strstr(rs_strbuf_cstr(&sql), banned[k]));
        }
        rs_strbuf_release(&sql);
    }
}

static void test_copy__from_stdin_names_table_columns_and_null(void **state)
{
    (void)state;
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    struct rs_copy_into into = {RS_STR("shop"), RS_STR("tracks"), &table, RS_STR("\\N")};
    rs_copy_append_stdin(&sql, &into, false);
    assert_string_equal(rs_strbuf_cstr(&sql),
                        "COPY \"shop\".\"tracks\" (\"id\", \"odd\"\"name\") FROM STDIN WITH "
                        "(FORMAT csv, NULL '\\N')");
    rs_strbuf_reset(&sql);
    into.schema = RS_STR("");
    into.name = RS_STR("rs_batch");
    rs_copy_append_stdin(&sql, &into, true);
    assert_string_equal(rs_strbuf_cstr(&sql),
                        "COPY \"rs_batch\" (\"id\", \"odd\"\"name\") FROM STDIN WITH (FORMAT csv, "
                        "NULL '\\N', FREEZE)");
    rs_strbuf_release(&sql);
}

static void test_copy__a_row_goes_out_and_is_read_back_without_loading(void **state)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1 << 16);
    struct rs_copy_files files = {.url = RS_STR_INIT("s3://b/p/"),
                                  .access = {.iam_role = RS_STR_INIT("arn:r")}};
    (void)state;
    rs_copy_append_unload(&sql, RS_STR("SELECT 'a'"), &files);
    assert_string_equal(rs_strbuf_cstr(&sql), "UNLOAD ('SELECT ''a''')\nTO 's3://b/p/'\n"
                                              "IAM_ROLE 'arn:r'\nFORMAT CSV PARALLEL OFF");
    rs_strbuf_reset(&sql);
    files.region = RS_STR("eu-west-1");
    files.access = (struct rs_copy_access){.access_key_id = RS_STR_INIT("AK"),
                                           .secret_access_key = RS_STR_INIT("se"),
                                           .session_token = RS_STR_INIT("to")};
    rs_copy_append_noload(&sql, RS_STR("t"), RS_STR("id"), &files);
    assert_string_equal(rs_strbuf_cstr(&sql),
                        "COPY \"t\" (\"id\")\nFROM 's3://b/p/'\nACCESS_KEY_ID 'AK' "
                        "SECRET_ACCESS_KEY 'se' SESSION_TOKEN 'to'\nFORMAT CSV NOLOAD COMPUPDATE "
                        "OFF STATUPDATE OFF REGION 'eu-west-1'");
    rs_strbuf_release_secret(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy__from_s3_reads_as_redshift_wants_it),
        cmocka_unit_test(test_copy__from_stdin_names_table_columns_and_null),
        cmocka_unit_test(test_copy__a_row_goes_out_and_is_read_back_without_loading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
