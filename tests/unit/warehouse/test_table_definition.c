/* The DDL of a table, made from what a catalog says of it. */
#include "unit.h"
#include "warehouse/table_definition.h"

static const struct rs_table_definition_place same_redshift = {
    RS_DIALECT_REDSHIFT, RS_DIALECT_REDSHIFT, RS_STR_INIT("shop")};
static const struct rs_table_definition_place to_redshift = {
    RS_DIALECT_POSTGRESQL, RS_DIALECT_REDSHIFT, RS_STR_INIT("shop")};
static const struct rs_table_definition_place to_postgresql = {
    RS_DIALECT_REDSHIFT, RS_DIALECT_POSTGRESQL, RS_STR_INIT("shop")};

static struct rs_table_definition_column *add(struct rs_table_definition *definition,
                                              const char *name, const char *type)
{
    struct rs_table_definition_column *column = rs_table_definition_add_column(definition);
    column->name = rs_str_from(name);
    column->type = rs_str_from(type);
    return column;
}

static void assert_table(const struct rs_table_definition_place *place,
                         const struct rs_table_definition *definition, const char *expected)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(8192);
    rs_table_definition_append_table(&sql, place, definition);
    assert_string_equal(rs_strbuf_cstr(&sql), expected);
    rs_strbuf_release(&sql);
}

static void test_table_definition__a_table_of_redshift_keeps_what_it_has(void **state)
{
    (void)state;
    struct rs_table_definitions definitions = {.arena = RS_ARENA_INIT};
    struct rs_table_definition *definition =
        rs_table_definitions_add(&definitions, RS_STR("odd \"name\""));
    struct rs_table_definition_column *column = add(definition, "id", "bigint");
    column->identity = RS_STR("10,3");
    column->encoding = RS_STR("az64");
    column->dist_key = true;
    column->not_null = true;
    column = add(definition, "kind", "character varying(9)");
    column->standard = RS_STR("'it''s'");
    column->encoding = RS_STR("none");
    column->sort_key = 2;
    column = add(definition, "at", "timestamp without time zone");
    column->encoding = RS_STR("none");
    column->sort_key = 1;
    struct rs_table_definition_key key = {.primary = true, .columns = RS_STR("1,3")};
    definition->keys = &key;
    definition->key_count = 1;
    definition->dist_style = RS_STR("KEY");
    assert_table(&same_redshift, definition,
                 "CREATE TABLE \"shop\".\"odd \"\"name\"\"\" (\n"
                 "    \"id\" bigint IDENTITY(10,3) ENCODE az64 NOT NULL,\n"
                 "    \"kind\" character varying(9) DEFAULT 'it''s' ENCODE raw,\n"
                 "    \"at\" timestamp without time zone ENCODE raw,\n"
                 "    PRIMARY KEY (\"id\", \"at\")\n"
                 ")\nDISTKEY(\"id\")\nSORTKEY(\"at\", \"kind\")");
    definition->keys = NULL;
    definition->key_count = 0;
    rs_table_definitions_release(&definitions);
}

static void test_table_definition__what_nobody_named_is_auto(void **state)
{
    (void)state;
    struct rs_table_definitions definitions = {.arena = RS_ARENA_INIT};
    struct rs_table_definition *definition = rs_table_definitions_add(&definitions, RS_STR("t"));
    add(definition, "a", "integer")->encoding = RS_STR("az64");
    definition->dist_style = RS_STR("AUTO");
    definition->encode_auto = true;
    definition->sort_auto = true;
    assert_table(&same_redshift, definition,
                 "CREATE TABLE \"shop\".\"t\" (\n    \"a\" integer\n)\nDISTSTYLE AUTO\nSORTKEY "
                 "AUTO\nENCODE AUTO");
    definition->columns[0].sort_key = -1;
    definition->sort_auto = false;
    definition->dist_style = RS_STR("ALL");
    definition->encode_auto = false;
    assert_table(&same_redshift, definition,
                 "CREATE TABLE \"shop\".\"t\" (\n    \"a\" integer ENCODE az64\n)\nDISTSTYLE ALL\n"
                 "INTERLEAVED SORTKEY(\"a\")");
    rs_table_definitions_release(&definitions);
}

static void test_table_definition__types_become_those_that_hold_the_same_values(void **state)
{
    (void)state;
    static const struct {
        const struct rs_table_definition_place *place;
        const char *type;
        const char *expected;
    } cases[] = {
        {&to_redshift, "text", "character varying(65535)"},
        {&to_redshift, "character varying(100)", "character varying(400)"},
        {&to_redshift, "character varying(40000)", "character varying(65535)"},
        {&to_redshift, "character(3)", "character varying(12)"},
        {&to_redshift, "uuid", "character varying(36)"},
        {&to_redshift, "jsonb", "super"},
        {&to_redshift, "bytea", "varbyte(1024000)"},
        {&to_redshift, "numeric(12,2)", "numeric(12,2)"},
        {&to_redshift, "numeric", "numeric(38,4)"},
        {&to_redshift, "text[]", "character varying(65535)"},
        {&to_redshift, "interval", "character varying(65535)"},
        {&to_redshift, "timestamp with time zone", "timestamp with time zone"},
        {&to_redshift, "timestamp(3) with time zone", "timestamp with time zone"},
        {&to_redshift, "timestamp(6) without time zone", "timestamp without time zone"},
        {&to_redshift, "time(0) without time zone", "time without time zone"},
        {&to_postgresql, "super", "json"},
        {&to_postgresql, "varbyte(64)", "bytea"},
        {&to_postgresql, "character varying(512)", "character varying(512)"},
        {&to_postgresql, "double precision", "double precision"},
        {&same_redshift, "super", "super"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf sql = RS_STRBUF_INIT(128);
        struct rs_table_definition_column column = {.type = rs_str_from(cases[i].type),
                                                    .decimals = 4};
        rs_table_definition_append_type(&sql, cases[i].place, &column);
        print_message("%s\n", cases[i].type);
        assert_string_equal(rs_strbuf_cstr(&sql), cases[i].expected);
        rs_strbuf_release(&sql);
    }
}

static void test_table_definition__names_of_redshift_have_no_case(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        bool redshift = i == 1;
        struct rs_table_definitions definitions = {.dialect = redshift ? RS_DIALECT_REDSHIFT
                                                                       : RS_DIALECT_POSTGRESQL,
                                                   .arena = RS_ARENA_INIT};
        struct rs_table_definition *definition =
            rs_table_definitions_add(&definitions, RS_STR("people"));
        add(definition, "a_z", "integer");
        add(definition, "A_Z", "integer");
        add(definition, "b", "integer");
        assert_int_equal(rs_table_definitions_find(&definitions, RS_STR("People")) != NULL,
                         redshift);
        assert_ptr_equal(rs_table_definition_find_column(definition, RS_STR("A_Z")),
                         &definition->columns[1]);
        assert_int_equal(rs_table_definition_find_column(definition, RS_STR("B")) != NULL,
                         redshift);
        assert_null(rs_table_definition_find_column(definition, RS_STR("bb")));
        rs_table_definitions_release(&definitions);
    }
}

static void test_table_definition__events_of_postgresql_get_the_keys_of_rs_sync(void **state)
{
    (void)state;
    struct rs_table_definitions definitions = {.arena = RS_ARENA_INIT};
    struct rs_table_definition *definition = rs_table_definitions_add(&definitions, RS_STR("t"));
    add(definition, "id", "uuid")->standard = RS_STR("gen_random_uuid()");
    add(definition, "received_at", "timestamp with time zone")->not_null = true;
    add(definition, "n", "integer")->standard = RS_STR("7");
    assert_table(&to_redshift, definition,
                 "CREATE TABLE \"shop\".\"t\" (\n    \"id\" character varying(36),\n"
                 "    \"received_at\" timestamp with time zone NOT NULL,\n"
                 "    \"n\" integer DEFAULT 7\n)\nDISTKEY(\"id\")\nSORTKEY(\"received_at\")");
    rs_table_definitions_release(&definitions);
}

static void assert_grant(const struct rs_table_definition_place *place, const char *kind,
                         const char *privilege, bool grantable, const char *expected)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    struct rs_table_definition_grant grant = {.privilege = rs_str_from(privilege),
                                              .grantee = RS_STR("ann"),
                                              .kind = rs_str_from(kind),
                                              .grantable = grantable};
    bool known = rs_table_definition_append_grant(&sql, place, RS_STR("t"), &grant);
    assert_int_equal(known, expected != NULL);
    assert_string_equal(rs_strbuf_cstr(&sql), expected ? expected : "");
    rs_strbuf_release(&sql);
}

static void test_table_definition__grants_are_said_in_the_words_of_the_new_host(void **state)
{
    (void)state;
    assert_grant(&same_redshift, "user", "SELECT", true,
                 "GRANT SELECT ON TABLE \"shop\".\"t\" TO \"ann\" WITH GRANT OPTION");
    assert_grant(&same_redshift, "group", "DROP", false,
                 "GRANT DROP ON TABLE \"shop\".\"t\" TO GROUP \"ann\"");
    assert_grant(&same_redshift, "role", "SELECT", false,
                 "GRANT SELECT ON TABLE \"shop\".\"t\" TO ROLE \"ann\"");
    assert_grant(&to_postgresql, "public", "SELECT", false,
                 "GRANT SELECT ON TABLE \"shop\".\"t\" TO PUBLIC");
    assert_grant(&to_postgresql, "user", "DROP", false, NULL);
}

static void
test_table_definition__a_column_that_is_added_has_no_more_than_can_be_added(void **state)
{
    (void)state;
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    struct rs_table_definition_column column = {.name = RS_STR("c"),
                                                .type = RS_STR("integer"),
                                                .encoding = RS_STR("az64"),
                                                .not_null = true};
    rs_table_definition_append_add(&sql, &same_redshift, RS_STR("t"), &column);
    assert_string_equal(rs_strbuf_cstr(&sql),
                        "ALTER TABLE \"shop\".\"t\" ADD COLUMN \"c\" integer");
    rs_strbuf_reset(&sql);
    column.standard = RS_STR("1");
    rs_table_definition_append_add(&sql, &same_redshift, RS_STR("t"), &column);
    assert_string_equal(rs_strbuf_cstr(&sql),
                        "ALTER TABLE \"shop\".\"t\" ADD COLUMN \"c\" integer DEFAULT 1 NOT NULL");
    rs_strbuf_release(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_definition__a_table_of_redshift_keeps_what_it_has),
        cmocka_unit_test(test_table_definition__what_nobody_named_is_auto),
        cmocka_unit_test(test_table_definition__types_become_those_that_hold_the_same_values),
        cmocka_unit_test(test_table_definition__names_of_redshift_have_no_case),
        cmocka_unit_test(test_table_definition__events_of_postgresql_get_the_keys_of_rs_sync),
        cmocka_unit_test(test_table_definition__grants_are_said_in_the_words_of_the_new_host),
        cmocka_unit_test(
            test_table_definition__a_column_that_is_added_has_no_more_than_can_be_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
