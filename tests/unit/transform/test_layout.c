/* What all workers have seen becomes one schema, and the schema a place for each column. */
#include "transform/layout.h"

#include "staging.h"
#include "unit.h"

/* A schema as text: a line a column. */
static const char *describe(const struct rs_schema *schema, struct rs_strbuf *out)
{
    rs_strbuf_reset(out);
    for (size_t i = 0; i < schema->table_count; i++) {
        const struct rs_table *table = &schema->tables[i];
        rs_strbuf_printf(out, "%.*s%s:", RS_STR_ARG(table->name),
                         table->kind == RS_TABLE_FOLD ? " folds" : "");
        for (size_t j = 0; j < table->column_count; j++) {
            if (rs_schema_standard_order(table->columns[j].name) < 0) {
                rs_strbuf_printf(out, " %.*s ", RS_STR_ARG(table->columns[j].name));
                rs_coltype_append_ddl(table->columns[j].type, out);
            }
        }
        rs_strbuf_append(out, "\n");
    }
    return rs_strbuf_cstr(out);
}

static void test_layout__types_are_joined_over_all_workers(void **state)
{
    static const char *const lines[] = {
        "{\"type\":\"track\",\"event\":\"E\",\"properties\":{\"a\":1,\"b\":true,\"c\":1,\"d\":"
        "\"2026-01-01\",\"only_0\":\"x\"},\"context\":{\"ip\":1}}",
        "{\"type\":\"track\",\"event\":\"e\",\"properties\":{\"c\":9007199254740993,\"a\":2.5,"
        "\"d\":\"2026-01-02\",\"b\":null}}\n{\"type\":\"page\",\"context\":{\"ip\":2}}",
        "{\"type\":\"track\",\"event\":\"E \",\"properties\":{\"d\":\"2026-01-03\",\"b\":7,"
        "\"c\":2.5}}\n{\"type\":\"track\",\"context\":{\"ip\":\"x\"}}",
    };
    struct rs_strbuf text = RS_STRBUF_INIT(1 << 16);
    struct staging s;
    (void)state;
    staging_begin(&s, 3, UINT64_MAX);
    for (uint32_t i = 0; i < 3; i++) {
        staging_add(&s, i, 0, i, rs_str_from(lines[i]));
    }
    staging_seal(&s);
    assert_string_equal(describe(&s.schema, &text),
                        "e: a double precision b varchar(512) c varchar(512) context_ip bigint d "
                        "timestamp only_0 varchar(512)\n"
                        "pages: context_ip bigint\n"
                        "tracks: context_ip varchar(512)\n");
    staging_end(&s);
    rs_strbuf_release(&text);
}

static void test_layout__a_varchar_holds_the_longest_value_of_all(void **state)
{
    struct staging s;
    (void)state;
    staging_begin(&s, 2, UINT64_MAX);
    for (uint32_t i = 0; i < 2; i++) {
        struct rs_strbuf line = RS_STRBUF_INIT(1 << 16);
        rs_strbuf_printf(&line,
                         "{\"type\":\"page\",\"userId\":\"%*s\",\"properties\":{\"p\":"
                         "\"%*s\"}}",
                         i == 0 ? 2000 : 3, "u", i == 0 ? 512 : 513, "p");
        staging_add(&s, i, 0, i, rs_strbuf_str(&line));
        rs_strbuf_release(&line);
    }
    staging_seal(&s);
    const struct rs_table *pages = rs_schema_find_table(&s.schema, RS_STR("pages"));
    const struct rs_column *column = rs_table_find_column(pages, RS_STR("p"));
    assert_int_equal(column->type.length, 1024);
    assert_int_equal(column->max_bytes, 513);
    assert_int_equal(rs_table_find_column(pages, RS_STR("user_id"))->type.length, 2048);
    staging_end(&s);
}

static bool has(const struct rs_schema *schema, const char *table, const char *column)
{
    const struct rs_table *found = rs_schema_find_table(schema, rs_str_from(table));
    assert_non_null(found);
    return rs_table_find_column(found, rs_str_from(column)) != NULL;
}

static void test_layout__each_table_has_its_standard_columns(void **state)
{
    static const char *const all[] = {"id",      "received_at",        "uuid_ts",      "timestamp",
                                      "sent_at", "original_timestamp", "anonymous_id", "user_id"};
    static const struct {
        const char *table;
        const char *more[2];
        bool fold;
    } cases[] = {
        {"tracks", {"event", "event_text"}, false},
        {"e", {"event", "event_text"}, false},
        {"pages", {NULL, NULL}, false},
        {"groups", {"group_id", NULL}, false},
        {"aliases", {"previous_id", NULL}, false},
        {"identifies", {NULL, NULL}, false},
        {"users", {NULL, NULL}, true},
        {"accounts", {NULL, NULL}, true},
    };
    struct staging s;
    (void)state;
    staging_begin(&s, 1, UINT64_MAX);
    staging_add(&s, 0, 0, 0,
                RS_STR("{\"type\":\"track\",\"event\":\"E\"}\n{\"type\":\"page\"}\n"
                       "{\"type\":\"group\",\"groupId\":1}\n{\"type\":\"alias\"}\n"
                       "{\"type\":\"identify\",\"userId\":1}"));
    staging_seal(&s);
    assert_int_equal(s.schema.table_count, RS_COUNTOF(cases));
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const struct rs_table *table = rs_schema_find_table(&s.schema, rs_str_from(cases[i].table));
        size_t count = cases[i].fold ? 3 : RS_COUNTOF(all);
        assert_non_null(table);
        for (size_t j = 0; j < count; j++) {
            assert_true(has(&s.schema, cases[i].table, all[j]));
        }
        for (size_t j = 0; j < 2 && cases[i].more[j]; j++, count++) {
            assert_true(has(&s.schema, cases[i].table, cases[i].more[j]));
        }
        assert_int_equal(table->column_count, count);
        assert_int_equal(table->kind, cases[i].fold ? RS_TABLE_FOLD : RS_TABLE_EVENTS);
    }
    staging_end(&s);
}

static void test_layout__users_and_accounts_have_the_id_that_folds(void **state)
{
    struct rs_strbuf text = RS_STRBUF_INIT(1 << 16);
    struct staging s;
    (void)state;
    staging_begin(&s, 1, UINT64_MAX);
    staging_add(&s, 0, 0, 0,
                RS_STR("{\"type\":\"identify\",\"userId\":\"u\",\"messageId\":\"m\",\"traits\":"
                       "{\"id\":7,\"age\":1},\"context\":{\"ip\":\"i\"}}\n"
                       "{\"type\":\"identify\",\"traits\":{\"not_in_users\":1}}\n"
                       "{\"type\":\"group\",\"groupId\":\"g\",\"userId\":\"u\",\"traits\":"
                       "{\"plan\":true}}"));
    staging_seal(&s);
    assert_string_equal(describe(&s.schema, &text),
                        "accounts folds: plan boolean\n"
                        "groups: plan boolean\n"
                        "identifies: _id bigint age bigint context_ip varchar(512) not_in_users "
                        "bigint\n"
                        "users folds: _id bigint age bigint context_ip varchar(512)\n");
    const struct rs_layout_table *users = staging_table(&s, "users");
    assert_int_equal(users->source_count, 1);
    assert_int_equal(users->rows, RS_LAYOUT_FOLD);
    const int32_t *place = users->sources[0].place;
    assert_int_equal(place[RS_STREAM_USER_ID], 0); /* "id" of users */
    assert_int_equal(place[RS_STREAM_ID], RS_PLACE_NONE);
    assert_int_equal(place[RS_STREAM_RECEIVED_AT], 1);
    assert_int_equal(place[RS_STREAM_TIMESTAMP], RS_PLACE_NONE);
    assert_int_equal(place[RS_STREAM_ANONYMOUS_ID], RS_PLACE_NONE);
    const struct rs_layout_table *accounts = staging_table(&s, "accounts");
    assert_int_equal(accounts->sources[0].place[RS_STREAM_EXTRA], 0);
    assert_int_equal(accounts->sources[0].place[RS_STREAM_USER_ID], RS_PLACE_NONE);
    staging_end(&s);
    rs_strbuf_release(&text);
}

static void test_layout__places_lead_to_the_column_of_the_name(void **state)
{
    struct staging s;
    (void)state;
    staging_begin(&s, 2, UINT64_MAX);
    staging_add(&s, 0, 0, 0,
                RS_STR("{\"type\":\"track\",\"event\":\"E\",\"properties\":{\"z\":1,\"a\":2}}\n"
                       "{\"type\":\"track\",\"context\":{\"q\":1}}"));
    staging_add(&s, 1, 0, 1,
                RS_STR("{\"type\":\"track\",\"event\":\"E\",\"properties\":{\"b\":1,\"z\":\"x\"},"
                       "\"context\":{\"c\":1}}"));
    staging_seal(&s);
    for (size_t t = 0; t < s.layout.table_count; t++) {
        const struct rs_layout_table *table = &s.layout.tables[t];
        bool common = table->rows == RS_LAYOUT_COMMON;
        assert_ptr_equal(table->table, &s.schema.tables[t]);
        assert_int_equal(table->source_count, common ? 3 : 2);
        assert_int_equal(table->uuid_ts_place, 2);
        assert_int_equal(table->event_place, 3);
        for (size_t i = 0; i < table->source_count; i++) {
            const struct rs_layout_source *source = &table->sources[i];
            assert_ptr_equal(rs_layout_source_of(table, source->worker, source->stream), source);
            assert_true(rs_str_equal(source->event, source->columns->table));
            for (size_t c = 0; c < source->columns->column_count; c++) {
                const struct rs_stream_column *column = &source->columns->columns[c];
                if (column->name.length == 0 || (common && !column->common)) {
                    assert_int_equal(source->place[c], RS_PLACE_NONE);
                } else {
                    assert_true(
                        rs_str_equal(table->table->columns[source->place[c]].name, column->name));
                }
            }
        }
    }
    assert_int_equal(s.layout.own_key[0][0], s.layout.own_key[1][0]);
    assert_int_not_equal(s.layout.own_key[0][0], s.layout.own_key[0][1]);
    assert_int_not_equal(s.layout.own_key[0][0], 0);
    staging_end(&s);
}

static void test_layout__arrays_alone_are_text_or_super_as_is_asked(void **state)
{
    static const enum rs_arrays asked[] = {RS_ARRAYS_TEXT, RS_ARRAYS_SUPER};
    static const char *const types[] = {"varchar(512)", "super"};
    struct rs_strbuf text = RS_STRBUF_INIT(1 << 16);
    struct rs_strbuf expected = RS_STRBUF_INIT(1 << 16);
    struct staging s;
    (void)state;
    staging_begin(&s, 2, UINT64_MAX);
    staging_add(&s, 0, 0, 0,
                RS_STR("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"a\":[1],\"b\":[1],"
                       "\"c\":\"x\"}}"));
    staging_add(&s, 0, 1, 1,
                RS_STR("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"a\":[],\"b\":1,"
                       "\"c\":[2],\"d\":null}}"));
    staging_seal(&s);
    for (size_t i = 0; i < RS_COUNTOF(asked); i++) {
        struct rs_schema schema;
        rs_schema_init(&schema, RS_STR("shop"));
        rs_layout_schema(s.projectors, 2, NULL, asked[i], &schema);
        rs_strbuf_reset(&text);
        rs_strbuf_reset(&expected);
        rs_strbuf_printf(&expected,
                         "identifies: a %s b varchar(512) c varchar(512)\n"
                         "users folds: a %s b varchar(512) c varchar(512)\n",
                         types[i], types[i]);
        assert_string_equal(describe(&schema, &text), rs_strbuf_cstr(&expected));
        rs_schema_release(&schema);
    }
    staging_end(&s);
    rs_strbuf_release(&text);
    rs_strbuf_release(&expected);
}

static void test_layout__a_filter_leaves_tables_and_columns_out(void **state)
{
    struct rs_error err = {0};
    struct rs_strbuf text = RS_STRBUF_INIT(1 << 16);
    struct rs_schema schema;
    struct rs_layout layout;
    struct staging s;
    (void)state;
    struct rs_filter *filter = rs_filter_parse(
        RS_STR("{\"collections\":{\"tracks\":false,\"e\":{\"properties\":{\"a\":false,"
               "\"uuid_ts\":false,\"event\":false}},\"zz\":true}}"),
        "f", &err);
    assert_non_null(filter);
    staging_begin(&s, 1, UINT64_MAX);
    staging_add(&s, 0, 0, 0,
                RS_STR("{\"type\":\"track\",\"event\":\"E\",\"properties\":{\"a\":1,\"b\":2}}"));
    staging_seal(&s);
    rs_schema_init(&schema, RS_STR("shop"));
    rs_layout_schema(s.projectors, 1, filter, RS_ARRAYS_TEXT, &schema);
    assert_string_equal(describe(&schema, &text), "e: b bigint\n");
    rs_layout_init(&layout, s.projectors, 1, filter, &schema);
    assert_int_equal(layout.table_count, 1);
    assert_int_equal(layout.tables[0].uuid_ts_place, RS_PLACE_NONE);
    assert_int_equal(layout.tables[0].event_place, RS_PLACE_NONE);
    const struct rs_layout_source *source = &layout.tables[0].sources[0];
    assert_int_equal(source->place[RS_STREAM_STANDARD_COUNT], RS_PLACE_NONE); /* a: not wanted */
    assert_true(source->place[RS_STREAM_STANDARD_COUNT + 1] > 0);             /* b */
    rs_layout_release(&layout);
    schema.tables[0].column_count--; /* as where a table has no room for it */
    rs_layout_init(&layout, s.projectors, 1, filter, &schema);
    source = &layout.tables[0].sources[0];
    assert_int_equal(source->place[RS_STREAM_STANDARD_COUNT + 1], RS_PLACE_DROPPED);
    rs_layout_release(&layout);
    rs_layout_note_names(s.projectors[0], filter);
    rs_strbuf_reset(&text);
    assert_true(rs_filter_unused(filter, 0, &text));
    assert_string_equal(rs_strbuf_cstr(&text), "zz");
    assert_false(rs_filter_unused(filter, 1, &text));
    rs_schema_release(&schema);
    staging_end(&s);
    rs_filter_free(filter);
    rs_strbuf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout__types_are_joined_over_all_workers),
        cmocka_unit_test(test_layout__a_varchar_holds_the_longest_value_of_all),
        cmocka_unit_test(test_layout__each_table_has_its_standard_columns),
        cmocka_unit_test(test_layout__users_and_accounts_have_the_id_that_folds),
        cmocka_unit_test(test_layout__places_lead_to_the_column_of_the_name),
        cmocka_unit_test(test_layout__arrays_alone_are_text_or_super_as_is_asked),
        cmocka_unit_test(test_layout__a_filter_leaves_tables_and_columns_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
