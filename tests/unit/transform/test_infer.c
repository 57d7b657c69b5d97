/* Events in, a schema out: what another program does with librs. */
#include "rs/infer.h"

#include <string.h>

#include "rs/name.h"
#include "unit.h"

static struct rs_infer *infer_of(enum rs_arrays arrays, const char *const *lines, size_t count)
{
    struct rs_infer *infer = rs_infer_new(
        &(struct rs_infer_options){.name_limit = RS_NAME_MAX, .arrays = arrays, .seed = 1});
    for (size_t i = 0; i < count; i++) {
        struct rs_error err = {0};
        if (!rs_infer_line(infer, rs_str_from(lines[i]), &err)) {
            fail_msg("%s: %s", lines[i], err.message);
        }
    }
    return infer;
}

static void assert_type(const struct rs_infer *infer, const char *table, const char *column,
                        const char *ddl)
{
    struct rs_schema schema;
    struct rs_strbuf text = RS_STRBUF_INIT(100);
    rs_infer_schema(infer, RS_STR("shop"), &schema);
    assert_true(rs_str_equal(schema.name, RS_STR("shop")));
    const struct rs_table *found = rs_schema_find_table(&schema, rs_str_from(table));
    assert_non_null(found);
    const struct rs_column *place = rs_table_find_column(found, rs_str_from(column));
    assert_non_null(place);
    rs_coltype_append_ddl(place->type, &text);
    assert_string_equal(rs_strbuf_cstr(&text), ddl);
    rs_strbuf_release(&text);
    rs_schema_release(&schema);
}

static void test_infer__types_are_joined_over_all_events_so_far(void **state)
{
    static const char *const first[] = {
        "{\"type\":\"track\",\"event\":\"Tea Poured\",\"properties\":{\"cups\":1,\"list\":[1]}}",
        ""};
    struct rs_error err = {0};
    struct rs_infer *infer = infer_of(RS_ARRAYS_TEXT, first, 2);
    (void)state;
    assert_type(infer, "tea_poured", "cups", "bigint");
    assert_type(infer, "tea_poured", "list", "varchar(512)");
    assert_true(rs_infer_line(
        infer,
        RS_STR("{\"type\":\"track\",\"event\":\"tea poured\",\"properties\":{\"cups\":1.5}}"),
        &err));
    assert_type(infer, "tea_poured", "cups", "double precision");
    rs_infer_free(infer);
}

static void test_infer__arrays_may_become_super(void **state)
{
    static const char *const lines[] = {"{\"type\":\"page\",\"properties\":{\"list\":[1,2]}}"};
    struct rs_infer *infer = infer_of(RS_ARRAYS_SUPER, lines, 1);
    (void)state;
    assert_type(infer, "pages", "list", "super");
    rs_infer_free(infer);
}

static void test_infer__what_is_no_event_is_an_error_and_shows_nothing(void **state)
{
    static const char *const lines[] = {"{\"type\":\"page\"", "[]", "{\"type\":\"trak\"}", "\xff"};
    struct rs_infer *infer = infer_of(RS_ARRAYS_TEXT, NULL, 0);
    struct rs_schema schema;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(lines); i++) {
        struct rs_error err = {0};
        assert_false(rs_infer_line(infer, rs_str_from(lines[i]), &err));
        assert_int_equal(err.code, RS_E_INPUT);
        assert_non_null(strstr(err.message, "could not read the event: "));
    }
    rs_infer_schema(infer, RS_STR("shop"), &schema);
    assert_int_equal(schema.table_count, 0);
    rs_schema_release(&schema);
    rs_infer_free(infer);
    rs_infer_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_infer__types_are_joined_over_all_events_so_far),
        cmocka_unit_test(test_infer__arrays_may_become_super),
        cmocka_unit_test(test_infer__what_is_no_event_is_an_error_and_shows_nothing),
    };
    return cmocka_run_group_tests_name("infer", tests, NULL, NULL);
}
