/* One description, three readers: a program, a table, a sentence. */
#include "codec/report_fields.h"

#include "unit.h"

struct thing {
    const char *name;
    uint64_t rows;
    double seconds;
    bool made;
};

static const struct thing things[] = {{"tracks", 120, 1.5, true}, {"a\x1b[m", 3, 0, false}};

static size_t describe(const void *item, struct rs_arena *arena,
                       struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct thing *thing = item;
    const struct rs_str copy = rs_arena_copy(arena, rs_str_from(thing->name));
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("name", thing->name ? copy.data : NULL, .head = "table"),
        RS_REPORT_COUNT("rows", thing->rows, .head = "rows"),
        RS_REPORT_TEXT(NULL, thing->made ? "new" : "", .head = ""),
        RS_REPORT_SECONDS("seconds", thing->seconds),
        RS_REPORT_FLAG("made", thing->made),
    };
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

static void test_report_fields__a_table_has_the_fields_with_a_head(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(1024);
    (void)state;
    rs_report_fields_table(&out, describe, things, RS_COUNTOF(things), sizeof *things);
    assert_string_equal(rs_strbuf_cstr(&out), "table    rows\n"
                                              "tracks    120  new\n"
                                              "a\\x1b[m     3\n");
    rs_strbuf_reset(&out);
    rs_report_fields_table(&out, describe, NULL, 0, sizeof *things);
    assert_string_equal(rs_strbuf_cstr(&out), "table  rows\n");
    rs_strbuf_release(&out);
}

static void test_report_fields__json_has_the_fields_with_a_key(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(1024);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);
    (void)state;
    rs_json_write_object_begin(&json);
    rs_report_fields_json_array(&json, "things", describe, things, RS_COUNTOF(things),
                                sizeof *things);
    rs_json_write_object_end(&json);
    assert_true(rs_json_write_ok(&json));
    assert_string_equal(
        rs_strbuf_cstr(&out),
        "{\"things\":[{\"name\":\"tracks\",\"rows\":120,\"seconds\":1.500,\"made\":true},"
        "{\"name\":\"a\\u001b[m\",\"rows\":3,\"seconds\":0.000,\"made\":false}]}");
    rs_strbuf_release(&out);
}

static void
test_report_fields__a_sentence_has_the_counts_that_are_not_zero_in_their_turn(void **state)
{
    const struct rs_report_field counts[] = {
        RS_REPORT_EXCEPTION("rejects", 0, 1, "reject", "rejects"),
        RS_REPORT_EXCEPTION("discards", 1, 3, "discard", "discards"), RS_REPORT_COUNT("bytes", 7),
        RS_REPORT_EXCEPTION("left", 3, 2, "event left", "events left")};
    struct rs_strbuf out = RS_STRBUF_INIT(256);
    (void)state;
    rs_report_fields_sentence(&out, counts, 1);
    assert_string_equal(rs_strbuf_cstr(&out), "");
    rs_report_fields_sentence(&out, counts, RS_COUNTOF(counts));
    assert_string_equal(rs_strbuf_cstr(&out), "3 events left, 1 discard\n");
    rs_strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_fields__a_table_has_the_fields_with_a_head),
        cmocka_unit_test(test_report_fields__json_has_the_fields_with_a_key),
        cmocka_unit_test(
            test_report_fields__a_sentence_has_the_counts_that_are_not_zero_in_their_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
