/*
 * A run's result as a text and as JSON.
 */
#include "sync/sync.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json_doc.h"
#include "unit.h"

static const char SYNC_ID[] = "01932f6e-0000-7000-8000-000000000001";

static struct rs_sync_report sample(bool failed_table)
{
    static const struct {
        const char *name;
        uint64_t rows;
        uint64_t discards;
    } rows[] = {{"identifies", 30, 0}, {"\xe6\xb3\xa8\xe6\x96\x87", 400, 12}};
    struct rs_sync_report report = {
        .inputs = 3,
        .input_bytes = 12345678,
        .lines = 1001,
        .events = 1000,
        .rows = 430,
        .rejects = 1,
        .skips_opt_out = 4,
        .skips_select = 5,
        .discards = 12,
        .duplicates = 2,
        .inputs_skipped = 1,
        .prepare_seconds = 0.514,
        .load_seconds = 12.5,
    };
    memcpy(report.sync_id, SYNC_ID, sizeof SYNC_ID);
    report.table_count = RS_COUNTOF(rows);
    report.tables = rs_mem_zalloc(RS_COUNTOF(rows), sizeof *report.tables);
    for (size_t i = 0; i < RS_COUNTOF(rows); i++) {
        report.tables[i].name = rs_mem_strdup(rows[i].name);
        report.tables[i].rows = rows[i].rows;
        report.tables[i].discards = rows[i].discards;
    }
    if (failed_table) {
        report.status = RS_SYNC_PARTIAL;
        report.tables[0].error = rs_mem_strdup("could not lock it");
    }
    report.notices = rs_mem_zalloc(1, sizeof *report.notices);
    report.notices[0] = rs_mem_strdup("a \"notice\"");
    report.notice_count = 1;
    report.plan_sql = RS_STRBUF_INIT(1024);
    report.schema = rs_mem_strdup("my_shop");
    report.database = rs_mem_strdup("dev");
    report.reasons = rs_mem_zalloc(2, sizeof *report.reasons);
    report.reasons[0] = (struct rs_reason){.kind = RS_REASON_REJECT,
                                           .count = 1,
                                           .reason = rs_mem_strdup("the event has no type"),
                                           .input = rs_mem_strdup("day.ndjson"),
                                           .line = 7,
                                           .text = rs_mem_strdup("{}"),
                                           .hint = rs_mem_strdup("say which")};
    report.reasons[1] = (struct rs_reason){.kind = RS_REASON_DISCARD,
                                           .count = 12,
                                           .reason = rs_mem_strdup("type"),
                                           .input = rs_mem_strdup("day.ndjson"),
                                           .line = 9,
                                           .column = rs_mem_strdup("orders.total"),
                                           .text = rs_mem_strdup("soon")};
    report.reason_count = 2;
    return report;
}

static void expect_text(struct rs_sync_report *report, const char *text)
{
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    rs_sync_report_text(report, &out);
    assert_string_equal(rs_strbuf_cstr(&out), text);
    rs_strbuf_release(&out);
    rs_sync_report_release(report);
}

static void test_report__text_is_a_table_and_a_summary(void **state)
{
    struct rs_sync_report report = sample(false);
    (void)state;
    expect_text(&report,
                "table       rows  discards\n"
                "identifies    30         0\n"
                "\xe6\xb3\xa8\xe6\x96\x87         400        12\n"
                "\n"
                "success: 1001 lines, 1000 events from 3 inputs (12.3 MB), 430 rows in 2 tables of "
                "schema \"my_shop\" in database \"dev\"\n"
                "1 reject, 12 discards, 2 duplicates, 4 events opted out, 5 events not selected, "
                "1 input loaded before\n"
                "1 reject: the event has no type; day.ndjson:7: {}\n"
                "  hint: say which\n"
                "12 discards: type; first at day.ndjson:9: orders.total: soon\n"
                "prepared in 0.51 s, loaded in 12.50 s\n");
}

static void test_report__text_says_why_a_table_was_not_loaded(void **state)
{
    struct rs_sync_report report = sample(true);
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    (void)state;
    rs_sync_report_text(&report, &out);
    assert_non_null(strstr(rs_strbuf_cstr(&out),
                           "\nidentifies    30         0  not loaded: could not lock it\n"));
    assert_non_null(strstr(rs_strbuf_cstr(&out), "\npartial: 1001 lines, 1000 events"));
    rs_strbuf_release(&out);
    rs_sync_report_release(&report);
}

static void test_report__text_of_an_empty_run_is_short(void **state)
{
    struct rs_sync_report report = {
        .inputs = 1, .lines = 1, .events = 1, .rows = 1, .input_bytes = 1};
    (void)state;
    expect_text(&report, "success: 1 event from 1 input (1 byte), 1 row in 0 tables\n"
                         "prepared in 0.00 s, loaded in 0.00 s\n");
}

/* The report as JSON, read again; the text goes to out. */
static struct rs_json_doc *read_json(const struct rs_sync_report *report,
                                     const struct rs_error *err, struct rs_strbuf *out)
{
    struct rs_error why = {0};
    rs_sync_report_json(report, err, out);
    assert_true(rs_strbuf_ok(out));
    assert_int_equal(rs_str_find_byte(rs_strbuf_str(out), '\n'), out->length - 1);
    struct rs_json_doc *doc = rs_json_doc_parse(rs_strbuf_str(out), "report", &why);
    assert_non_null(doc);
    return doc;
}

static int64_t number_at(const struct rs_json_node *node, const char *key)
{
    int64_t number = -1;
    assert_true(rs_json_node_i64(rs_json_node_find(node, key), &number));
    return number;
}

static void test_report__json_has_every_count(void **state)
{
    static const struct {
        const char *key;
        int64_t number;
    } cases[] = {
        {"lines", 1001},       {"events", 1000},      {"rows", 430},
        {"rejects", 1},        {"skips", 9},          {"skips_opt_out", 4},
        {"skips_select", 5},   {"discards", 12},      {"duplicates", 2},
        {"inputs", 3},         {"inputs_skipped", 1}, {"inputs_failed", 0},
        {"inputs_suspect", 0}, {"tables", 2},         {"input_bytes", 12345678},
    };
    const struct rs_error none = {0};
    struct rs_sync_report report = sample(false);
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_json_doc *doc = read_json(&report, &none, &out);
    const struct rs_json_node *root = rs_json_doc_root(doc);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(number_at(root, cases[i].key), cases[i].number);
    }
    assert_string_equal(rs_json_node_text(rs_json_node_find(root, "status")), "success");
    assert_string_equal(rs_json_node_text(rs_json_node_find(root, "sync_id")), SYNC_ID);
    assert_int_equal(number_at(rs_json_node_find(root, "table_rows"), "\xe6\xb3\xa8\xe6\x96\x87"),
                     400);
    assert_string_equal(rs_json_node_text(rs_json_node_find(root, "schema")), "my_shop");
    assert_string_equal(rs_json_node_text(rs_json_node_find(root, "database")), "dev");
    assert_null(rs_json_node_find(root, "table_errors"));
    assert_null(rs_json_node_find(root, "plan_sql"));
    assert_non_null(strstr(rs_strbuf_cstr(&out), "\"prepare_seconds\":0.514"));
    assert_non_null(strstr(rs_strbuf_cstr(&out), "\"notices\":[\"a \\\"notice\\\"\"]"));
    assert_non_null(strstr(rs_strbuf_cstr(&out), "\"error\":null"));
    rs_json_doc_free(doc);
    rs_strbuf_release(&out);
    rs_sync_report_release(&report);
}

static void test_report__json_status_follows_the_error(void **state)
{
    static const struct {
        enum rs_code code;
        enum rs_sync_status reported;
        const char *status;
        int64_t exit_status; /* 0: no error object */
    } cases[] = {
        {RS_OK, RS_SYNC_SUCCESS, "success", 0},
        {RS_OK, RS_SYNC_PARTIAL, "partial", 0},
        {RS_E_PARTIAL, RS_SYNC_SUCCESS, "partial", 3},
        {RS_E_PARTIAL, RS_SYNC_PARTIAL, "partial", 3},
        {RS_E_NET, RS_SYNC_SUCCESS, "failure", 4},
        {RS_E_BUSY, RS_SYNC_FAILURE, "failure", 75},
        {RS_E_USAGE, RS_SYNC_SUCCESS, "failure", 2},
        {RS_E_INTERRUPTED, RS_SYNC_PARTIAL, "partial", 130},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_sync_report report = {.status = cases[i].reported};
        struct rs_strbuf out = RS_STRBUF_INIT(4096);
        struct rs_error err = {.signal_number = 2};
        if (cases[i].code != RS_OK) {
            assert_false(rs_error_set(&err, cases[i].code, "could not do it"));
            assert_false(rs_error_hint(&err, "do it \"so\""));
        }
        struct rs_json_doc *doc = read_json(&report, &err, &out);
        const struct rs_json_node *root = rs_json_doc_root(doc);
        const struct rs_json_node *error = rs_json_node_find(root, "error");
        assert_string_equal(rs_json_node_text(rs_json_node_find(root, "status")), cases[i].status);
        if (cases[i].exit_status != 0) {
            assert_int_equal(number_at(error, "exit"), cases[i].exit_status);
            assert_string_equal(rs_json_node_text(rs_json_node_find(error, "message")),
                                "could not do it");
            assert_string_equal(rs_json_node_text(rs_json_node_find(error, "hint")),
                                "do it \"so\"");
            assert_null(rs_json_node_text(rs_json_node_find(error, "detail")));
        } else {
            assert_int_equal(rs_json_node_kind(error), RS_JSON_NULL);
        }
        rs_json_doc_free(doc);
        rs_strbuf_release(&out);
    }
}

static void test_report__json_has_plan_and_table_errors_where_there_are_any(void **state)
{
    const struct rs_error none = {0};
    struct rs_sync_report report = sample(true);
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    report.schema_changes = true;
    report.changes = rs_mem_zalloc(1, sizeof *report.changes);
    report.changes[0] = (struct rs_sync_change){.verb = "add column",
                                                .table = rs_mem_strdup("tracks"),
                                                .column = rs_mem_strdup("price"),
                                                .type = rs_mem_strdup("bigint")};
    report.change_count = 1;
    rs_strbuf_append(&report.plan_sql, "CREATE SCHEMA \"shop\";\n");
    struct rs_json_doc *doc = read_json(&report, &none, &out);
    const struct rs_json_node *root = rs_json_doc_root(doc);
    const struct rs_json_node *errors = rs_json_node_find(root, "table_errors");
    bool changes = false;
    (void)state;
    assert_string_equal(rs_json_node_text(rs_json_node_find(errors, "identifies")),
                        "could not lock it");
    assert_int_equal(rs_json_node_count(errors), 1);
    assert_true(rs_json_node_bool(rs_json_node_find(root, "schema_changes"), &changes));
    assert_true(changes);
    assert_string_equal(rs_json_node_text(rs_json_node_find(root, "plan_sql")),
                        "CREATE SCHEMA \"shop\";\n");
    assert_non_null(strstr(rs_strbuf_cstr(&out),
                           "\"changes\":[{\"change\":\"add column\",\"table\":\"tracks\","
                           "\"column\":\"price\",\"type\":\"bigint\",\"columns\":0}]"));
    rs_json_doc_free(doc);
    rs_strbuf_release(&out);
    rs_sync_report_release(&report);
}

static void test_report__json_has_reasons_that_can_be_read_again(void **state)
{
    const struct rs_error none = {0};
    struct rs_sync_report report = sample(false);
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    struct rs_strbuf again = RS_STRBUF_INIT(4096);
    struct rs_reason *reasons = NULL;
    size_t count = 0;
    (void)state;
    rs_sync_report_json(&report, &none, &out);
    const char *begin = strstr(rs_strbuf_cstr(&out), "\"reasons\":") + strlen("\"reasons\":");
    const char *end = strstr(begin, ",\"notices\"");
    rs_reasons_parse((struct rs_str){begin, (size_t)(end - begin)}, &reasons, &count);
    rs_reasons_text(report.reasons, report.reason_count, &text);
    rs_reasons_text(reasons, count, &again);
    assert_int_equal(count, 2);
    assert_string_equal(rs_strbuf_cstr(&again), rs_strbuf_cstr(&text));
    rs_reasons_join(&report.reasons, &report.reason_count, reasons, count);
    assert_int_equal(report.reason_count, 2);
    assert_int_equal(report.reasons[1].count, 24);
    rs_reasons_release(reasons, count);
    rs_reasons_parse(RS_STR("{\"no\":[list"), &reasons, &count);
    assert_int_equal(count, 0);
    rs_reasons_release(reasons, count);
    rs_strbuf_release(&again);
    rs_strbuf_release(&text);
    rs_strbuf_release(&out);
    rs_sync_report_release(&report);
}

static void test_report__exit_status_is_3_where_there_is_something_to_look_at(void **state)
{
    const struct rs_sync_report reports[] = {
        {.status = RS_SYNC_PARTIAL}, {.inputs_suspect = 1}, {.past_limit = true}};
    const struct rs_sync_report fine = {.rejects = 1, .discards = 1, .schema_changes = true};
    (void)state;
    assert_int_equal(rs_sync_report_exit_status(&fine), 0);
    for (size_t i = 0; i < RS_COUNTOF(reports); i++) {
        assert_int_equal(rs_sync_report_exit_status(&reports[i]), 3);
    }
}

static void test_report__release_leaves_an_empty_report(void **state)
{
    struct rs_sync_report report = sample(true);
    (void)state;
    rs_sync_report_release(&report);
    assert_null(report.tables);
    assert_null(report.notices);
    assert_int_equal(report.table_count, 0);
    rs_sync_report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report__text_is_a_table_and_a_summary),
        cmocka_unit_test(test_report__text_says_why_a_table_was_not_loaded),
        cmocka_unit_test(test_report__text_of_an_empty_run_is_short),
        cmocka_unit_test(test_report__json_has_every_count),
        cmocka_unit_test(test_report__json_status_follows_the_error),
        cmocka_unit_test(test_report__json_has_plan_and_table_errors_where_there_are_any),
        cmocka_unit_test(test_report__json_has_reasons_that_can_be_read_again),
        cmocka_unit_test(test_report__exit_status_is_3_where_there_is_something_to_look_at),
        cmocka_unit_test(test_report__release_leaves_an_empty_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
