/* One event's values: their text, their kind, the columns of an object and what meets there. */
#include "transform/row.h"

#include "projection.h"
#include "transform/coltype.h"
#include "unit.h"

static void test_row__each_json_value_has_its_kind_and_text(void **state)
{
    static const struct projection_case cases[] = {
        {"true", "identify", ",\"traits\":{\"a\":true,\"b\":false}",
         "a boolean true\nb boolean false\n"},
        {"integers", "identify", ",\"traits\":{\"a\":0,\"b\":-0,\"c\":-12,\"d\":999999999999999}",
         "a integer 0\nb integer -0\nc integer -12\nd integer 999999999999999\n"},
        {"integers that a double does not hold", "identify",
         ",\"traits\":{\"a\":9007199254740992,\"b\":9007199254740993,\"c\":9223372036854775807,"
         "\"d\":-9223372036854775808}",
         "a integer 9007199254740992\nb wide 9007199254740993\nc wide 9223372036854775807\n"
         "d integer -9223372036854775808\n"},
        {"integers past 64 bits", "identify",
         ",\"traits\":{\"a\":18446744073709551616,\"b\":18446744073709551617}",
         "a float 18446744073709551616\nb string 18446744073709551617\n"},
        {"floats keep their text", "identify",
         ",\"traits\":{\"a\":1.50,\"b\":1e3,\"c\":-0.0,\"d\":1E400,\"e\":1.0}",
         "a float 1.50\nb float 1e3\nc float -0.0\nd string 1E400\ne float 1.0\n"},
        {"timestamps", "identify",
         ",\"traits\":{\"a\":\"2026-01-02\",\"b\":\"2026-01-02T03:04:05.678+01:00\","
         "\"c\":\"2026-02-30\",\"d\":\"2026-1-02\",\"e\":\"2026-01-02 \"}",
         "a timestamp 2026-01-02\nb timestamp 2026-01-02T03:04:05.678+01:00\n"
         "c string 2026-02-30\nd string 2026-1-02\ne string 2026-01-02 \n"},
        {"a timestamp written with escapes", "identify", ",\"traits\":{\"a\":\"2026\\u002d01-02\"}",
         "a timestamp 2026-01-02\n"},
        {"strings", "identify",
         ",\"traits\":{\"a\":\"\",\"b\":\"caf\xc3\xa9\",\"c\":\"x\\ny\\u0000z\",\"d\":\"12\"}",
         "a string \nb string caf\xc3\xa9\nc string x\nyz\nd string 12\n"},
        {"text is repaired", "identify",
         ",\"traits\":{\"a\":\"x\xff\",\"b\":\"\\ud800\",\"c\":\"\\ud83d\\ude00\"}",
         "a string x\xef\xbf\xbd\nb string \xef\xbf\xbd\nc string \xf0\x9f\x98\x80\n"},
        {"arrays are their compact text", "identify",
         ",\"traits\":{\"a\":[ 1.50 , \"x\\u00e9\",{\"b\" : null} ],\"b\":[],\"c\":[1,2]}",
         "a array [1.50,\"x\xc3\xa9\",{\"b\":null}]\nb array []\nc array [1,2]\n"},
        {"null and empty objects are nothing", "identify",
         ",\"traits\":{\"a\":null,\"b\":{},\"c\":{\"d\":{},\"e\":null}}", ""},
    };
    (void)state;
    check_cases(cases, RS_COUNTOF(cases));
}

static void test_row__objects_flatten_and_columns_meet(void **state)
{
    static const struct projection_case cases[] = {
        {"paths", "track",
         ",\"event\":\"E\",\"properties\":{\"a\":{\"bC\":{\"d e\":1}},\"f\":{\"g\":2,\"h\":3}}",
         "event_text string E\na_b_c_d_e integer 1\nf_g integer 2\nf_h integer 3\n"},
        {"a path and a name", "track",
         ",\"event\":\"E\",\"properties\":{\"a_b\":1,\"a\":{\"b\":2}}",
         "event_text string E\na_b integer 1\na_b !collision 2\n"},
        {"names that end alike", "track",
         ",\"event\":\"E\",\"properties\":{\"userName\":\"x\",\"user_name\":[1, 2],"
         "\"user name\":true}",
         "event_text string E\nuser_name string x\nuser_name !collision [1,2]\n"
         "user_name !collision true\n"},
        {"null does not take the column", "track",
         ",\"event\":\"E\",\"properties\":{\"aB\":null,\"a_b\":1}",
         "event_text string E\na_b integer 1\n"},
        {"a key that comes twice", "track", ",\"event\":\"E\",\"properties\":{\"a\":1,\"a\":2}",
         "event_text string E\na integer 1\na !collision 2\n"},
        {"an object that comes twice", "track",
         ",\"event\":\"E\",\"properties\":{\"o\":{\"a\":1},\"o\":{\"b\":2,\"a\":3}}",
         "event_text string E\no_a integer 1\no_b integer 2\no_a !collision 3\n"},
        {"an object and a value of one key", "track",
         ",\"event\":\"E\",\"properties\":{\"o\":{\"a\":1},\"o\":2}",
         "event_text string E\no_a integer 1\no integer 2\n"},
        {"keys with escapes", "track", ",\"event\":\"E\",\"properties\":{\"\\u0061b\":1,\"ab\":2}",
         "event_text string E\nab integer 1\nab !collision 2\n"},
        {"a key without a letter", "track", ",\"event\":\"E\",\"properties\":{\"%\":1,\"\":2}",
         "event_text string E\n_ integer 1\n_ !collision 2\n"},
        {"one below the other", "track", ",\"event\":\"E\",\"properties\":{\"%\":{\"a\":1}}",
         "event_text string E\na integer 1\n"},
        {"reserved words and digits", "track",
         ",\"event\":\"E\",\"properties\":{\"select\":1,\"3d\":2}",
         "event_text string E\n_select integer 1\n_3d integer 2\n"},
        {"context", "page", ",\"context\":{\"ip\":\"1\",\"page\":{\"url\":\"u\"},\"ip\":2}",
         "context_ip string 1\ncontext_page_url string u\ncontext_ip !collision 2\n"},
        {"context and a property of its name", "page",
         ",\"context\":{\"ip\":1},\"properties\":{\"context_ip\":2,\"context\":{\"ip\":3}}",
         "context_ip integer 1\n_context_ip integer 2\n_context_ip !collision 3\n"},
    };
    (void)state;
    check_cases(cases, RS_COUNTOF(cases));
}

static void test_row__a_page_has_one_name_and_one_category(void **state)
{
    static const struct projection_case cases[] = {
        {"its own", "page", ",\"name\":\"n\",\"category\":\"c\"",
         "name string n\ncategory string c\n"},
        {"of the properties", "screen", ",\"properties\":{\"name\":\"n\",\"category\":\"c\"}",
         "name string n\ncategory string c\n"},
        {"both, the same", "page", ",\"name\":\"n\",\"properties\":{\"name\":\"\\u006e\"}",
         "name string n\n"},
        {"both, others", "page",
         ",\"name\":\"n\",\"category\":1,\"properties\":{\"name\":\"m\",\"category\":\"1\"}",
         "name string n\ncategory integer 1\n_name string m\n_category string 1\n"},
        {"null is none", "page", ",\"name\":null,\"properties\":{\"name\":\"m\"}",
         "name string m\n"},
        {"other letters, the same words", "page", ",\"name\":\"n\",\"properties\":{\"Name\":\"m\"}",
         "name string n\n_name string m\n"},
        {"an object is no name", "page", ",\"name\":{\"a\":1},\"properties\":{\"x\":1}",
         "name !type {\"a\":1}\nx integer 1\n"},
        {"elsewhere they are properties", "track",
         ",\"event\":\"E\",\"name\":\"n\",\"properties\":{\"name\":\"m\"}",
         "event_text string E\nname string m\n"},
    };
    (void)state;
    check_cases(cases, RS_COUNTOF(cases));
}

static void test_row__columns_collect_kinds_and_lengths(void **state)
{
    struct projection p = projection_make(NULL);
    (void)state;
    assert_int_equal(projection_line(&p, "{\"type\":\"page\",\"properties\":{\"a\":1}}"),
                     RS_OUTCOME_ROW);
    assert_int_equal(projection_line(&p, "{\"type\":\"page\",\"properties\":{\"a\":\"caf\\u00e9\","
                                         "\"A\":\"a longer one that is a discard\"}}"),
                     RS_OUTCOME_ROW);
    assert_int_equal(projection_line(&p, "{\"type\":\"page\",\"properties\":{\"a\":2.5}}"),
                     RS_OUTCOME_ROW);
    const struct rs_stream *stream = projection_stream(&p);
    for (size_t i = 0; i < stream->column_count; i++) {
        const struct rs_stream_column *column = &stream->columns[i];
        if (rs_str_equal(column->name, RS_STR("a"))) {
            assert_int_equal(column->kinds, RS_KIND_INTEGER | RS_KIND_STRING | RS_KIND_FLOAT);
            assert_int_equal(column->max_bytes, 5);
            assert_false(column->common);
            assert_false(column->standard);
        }
    }
    projection_free(&p);
}

/* What stands for NULL has one N more than any value of this form. */
static void test_row__the_longest_run_of_ns_is_noted(void **state)
{
    static const struct {
        const char *value;
        size_t run;
    } cases[] = {
        {"x", 0},           {"\\\\", 0},          {"\\\\N", 1},      {"\\\\NNN", 3},
        {"\\\\NNNNNNx", 3}, {"NNNNNNNNNNNNN", 3}, {" \\\\NNNNN", 3}, {"\\u005cNNNN", 4},
    };
    struct projection p = projection_make(NULL);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf line = RS_STRBUF_INIT(1 << 16);
        rs_strbuf_printf(&line, "{\"type\":\"page\",\"properties\":{\"a\":\"%s\"}}",
                         cases[i].value);
        assert_int_equal(projection_line(&p, rs_strbuf_cstr(&line)), RS_OUTCOME_ROW);
        assert_int_equal(rs_projector_null_run(p.projector), cases[i].run);
        rs_strbuf_release(&line);
    }
    projection_free(&p);
}

/* Objects as deep as the tokenizer lets them be. */
static void test_row__nesting_to_the_limit_is_one_column(void **state)
{
    enum { DEPTH = RS_JSON_DEPTH_MAX - 1 };
    struct projection p = projection_make(NULL);
    struct rs_strbuf line = RS_STRBUF_INIT(1 << 16);
    (void)state;
    rs_strbuf_append(&line, "{\"type\":\"page\",\"messageId\":\"m\",\"properties\":");
    for (int i = 0; i < DEPTH; i++) {
        rs_strbuf_append(&line, "{\"a\":");
    }
    rs_strbuf_append(&line, "1");
    for (int i = 0; i < DEPTH + 1; i++) {
        rs_strbuf_append(&line, "}");
    }
    assert_int_equal(projection_line(&p, rs_strbuf_cstr(&line)), RS_OUTCOME_ROW);
    const char *own = projection_own(&p);
    assert_int_equal(strncmp(own, "a_a_a_", 6), 0);
    const char *end = strchr(own, ' ');
    assert_string_equal(end, " integer 1\n");
    assert_true(end - own > RS_NAME_MAX - 4 && end - own <= RS_NAME_MAX);
    rs_strbuf_release(&line);
    projection_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row__each_json_value_has_its_kind_and_text),
        cmocka_unit_test(test_row__objects_flatten_and_columns_meet),
        cmocka_unit_test(test_row__a_page_has_one_name_and_one_category),
        cmocka_unit_test(test_row__columns_collect_kinds_and_lengths),
        cmocka_unit_test(test_row__the_longest_run_of_ns_is_noted),
        cmocka_unit_test(test_row__nesting_to_the_limit_is_one_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
