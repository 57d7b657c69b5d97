/* Loads into Redshift of tables that have a SUPER column: it is carried like any other. */
#include "warehouse/script.h"

#include <string.h>

#include "unit.h"

static const struct rs_coltype varchar = {.type = RS_TYPE_VARCHAR, .length = 512};
static const struct rs_coltype timestamp = {.type = RS_TYPE_TIMESTAMP};
static const struct rs_coltype super = {.type = RS_TYPE_SUPER};
static const struct rs_coltype unknown = {.type = RS_TYPE_OTHER};

/* A table of id and received_at, with a column of arrays and one that nobody knows. */
static void add_table(struct rs_schema *schema, const char *name, enum rs_table_kind kind,
                      bool with_columns)
{
    struct rs_table *table = rs_schema_add_table(schema, rs_str_from(name), kind);
    rs_table_add_column(schema, table, RS_STR("id"), varchar, 10);
    rs_table_add_column(schema, table, RS_STR("received_at"), timestamp, 10);
    if (with_columns) {
        rs_table_add_column(schema, table, RS_STR("shape"), unknown, 10);
        rs_table_add_column(schema, table, RS_STR("tags"), super, 10);
    }
}

/* The merge of the table into what exists, statement after statement. */
static void merge(struct rs_strbuf *out, const char *name, enum rs_table_kind kind, bool there)
{
    struct rs_schema wanted = {0};
    struct rs_schema existing = {0};
    struct rs_plan plan = {0};
    struct rs_script script = {0};
    struct rs_script_stage stage = {.files = {.url = RS_STR("s3://b/rows"), .manifest = true},
                                    .times_url = RS_STR("s3://b/at")};
    rs_schema_init(&wanted, RS_STR("shop"));
    rs_schema_init(&existing, RS_STR("shop"));
    existing.exists = true;
    add_table(&wanted, name, kind, true);
    add_table(&existing, name, kind, there);
    rs_plan_make(&wanted, &existing, RS_DIALECT_REDSHIFT, NULL, &plan);
    struct rs_script_target target = {
        .plan = &plan, .table = &wanted.tables[0], .null_text = RS_STR("\\N"), .stage = &stage};
    rs_script_make(&script, &target);
    for (size_t i = 0; i < script.count; i++) {
        rs_strbuf_append_str(out, rs_strbuf_str(&script.steps[i].sql));
        rs_strbuf_append(out, ";\n");
    }
    rs_script_release(&script);
    rs_plan_release(&plan);
    rs_schema_release(&wanted);
    rs_schema_release(&existing);
}

static void assert_has(const struct rs_strbuf *sql, const char *part)
{
    if (!strstr(rs_strbuf_cstr(sql), part)) {
        fail_msg("no\n%s\nin\n%s", part, rs_strbuf_cstr(sql));
    }
}

static void test_script_super__events_carry_it_through_the_batch(void **state)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1 << 20);
    (void)state;
    merge(&sql, "tracks", RS_TABLE_EVENTS, true);
    assert_has(&sql, "CREATE TEMPORARY TABLE \"rs_batch\" (\n    \"id\" varchar(512),\n"
                     "    \"received_at\" timestamp,\n    \"shape\" varchar(512),\n"
                     "    \"tags\" super\n) DISTKEY(\"id\")");
    assert_has(&sql, "INSERT INTO \"shop\".\"tracks\" (\"id\", \"received_at\", \"tags\")\n"
                     "SELECT \"id\", \"received_at\", \"tags\"\nFROM \"rs_batch\"");
    rs_strbuf_release(&sql);
}

static void test_script_super__users_fold_it_by_its_time(void **state)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1 << 20);
    (void)state;
    merge(&sql, "users", RS_TABLE_FOLD, true);
    assert_has(&sql, "    \"tags\" super\n) DISTKEY(\"id\")");
    assert_has(&sql, "CREATE TEMPORARY TABLE \"rs_batch_at\" (\n    \"id\" varchar(512),\n"
                     "    \"shape\" timestamp,\n    \"tags\" timestamp\n) DISTKEY(\"id\")");
    assert_has(&sql,
               "CREATE TABLE IF NOT EXISTS \"shop\".\"rs_users_at\" (\n"
               "    \"id\" varchar(512),\n    \"shape\" timestamp,\n    \"tags\" timestamp\n)");
    assert_has(&sql, "    CASE WHEN b.\"tags\" IS NOT NULL AND (t.\"tags\" IS NULL AND "
                     "s.\"tags\" IS NULL OR coalesce(k.\"tags\", b.\"received_at\", ");
    assert_has(&sql, " THEN b.\"tags\" ELSE t.\"tags\" END AS v2");
    assert_has(&sql, "    \"tags\" = m0.v2\n");
    assert_has(&sql, "INSERT INTO \"shop\".\"users\" (\"id\", \"received_at\", \"tags\")\n"
                     "SELECT b.\"id\", b.\"received_at\", b.\"tags\"\n");
    assert_null(strstr(rs_strbuf_cstr(&sql), "RIGHT"));
    assert_null(strstr(rs_strbuf_cstr(&sql), "FULL"));
    rs_strbuf_release(&sql);
}

static void test_script_super__a_new_column_of_it_is_added(void **state)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1 << 20);
    (void)state;
    merge(&sql, "tracks", RS_TABLE_EVENTS, false);
    assert_has(&sql, "ALTER TABLE \"shop\".\"tracks\" ADD COLUMN \"tags\" super;\n");
    rs_strbuf_release(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_script_super__events_carry_it_through_the_batch),
        cmocka_unit_test(test_script_super__users_fold_it_by_its_time),
        cmocka_unit_test(test_script_super__a_new_column_of_it_is_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
