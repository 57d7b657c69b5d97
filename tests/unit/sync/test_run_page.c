/*
 * The page of a run holds together whatever the run has met: it is XML, all its text is there to be
 * read, and its policy allows its own style sheet and nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/report_page.h"
#include "codec/xml.h"
#include "sync/sync.h"
#include "unit.h"

static const char HOSTILE[] = "</td></script><script>alert(1)</script>\"'&\xff\xe2\x80\xae";
static const char SHOWN[] = "</td></script><script>alert(1)</script>\"'&\xef\xbf\xbd\\u202e";

/* A run with so many tables, whose names are as long as can be and as bad as nobody makes them. */
static struct rs_sync_report sample(size_t tables)
{
    struct rs_sync_report report = {.events = 1000, .rows = 5, .load_seconds = 1.5};
    report.table_count = tables;
    report.tables = rs_mem_zalloc(tables > 0 ? tables : 1, sizeof *report.tables);
    for (size_t i = 0; i < tables; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%080zu", HOSTILE, i);
        report.tables[i].name = rs_mem_strdup(name);
        report.tables[i].rows = i;
    }
    report.notices = rs_mem_zalloc(1, sizeof *report.notices);
    report.notices[0] = rs_mem_strdup(HOSTILE);
    report.notice_count = 1;
    report.changes = rs_mem_zalloc(2, sizeof *report.changes);
    report.changes[0] = (struct rs_sync_change){
        .verb = "create table", .table = rs_mem_strdup(HOSTILE), .columns = 12};
    report.changes[1] = (struct rs_sync_change){.verb = "add column",
                                                .table = rs_mem_strdup("tracks"),
                                                .column = rs_mem_strdup(HOSTILE),
                                                .type = rs_mem_strdup("varchar(512)")};
    report.change_count = 2;
    report.plan_sql = RS_STRBUF_INIT(1024);
    rs_strbuf_append(&report.plan_sql, HOSTILE);
    return report;
}

static void write_page(const struct rs_sync_report *report, const struct rs_error *err,
                       struct rs_strbuf *out)
{
    struct rs_html html = RS_HTML_INIT(out);
    *out = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
    rs_sync_report_page(report, HOSTILE, err, &html);
    rs_page_end(&html, "rs-sync", 0);
    assert_true(rs_html_ok(&html));
}

/* Without its first line, which our reader of XML refuses. */
static struct rs_xml_doc *parse(const struct rs_strbuf *out)
{
    struct rs_error err = {0};
    struct rs_str text = rs_strbuf_str(out);
    const size_t end = rs_str_find_byte(text, '\n');
    struct rs_xml_doc *doc = rs_xml_parse(rs_str_slice(text, end, text.length), "the page", &err);
    assert_non_null(doc);
    return doc;
}

static const struct rs_xml_node *section(const struct rs_xml_node *main_part, const char *title)
{
    const struct rs_xml_node *node = rs_xml_find(main_part, "section");
    while (node && strcmp(rs_xml_child(node, "h2").data, title) != 0) {
        node = rs_xml_next(node);
    }
    assert_non_null(node);
    return node;
}

static void test_run_page__hostile_texts_stay_texts(void **state)
{
    struct rs_sync_report report = sample(3);
    struct rs_error err = {0};
    struct rs_strbuf out;
    (void)state;
    (void)rs_error_set(&err, RS_E_PARTIAL, "could not load %s", HOSTILE);
    (void)rs_error_hint(&err, "%s", HOSTILE);
    write_page(&report, &err, &out);
    assert_null(strstr(rs_strbuf_cstr(&out), "<script"));
    struct rs_xml_doc *doc = parse(&out);
    const struct rs_xml_node *body = rs_xml_find(rs_xml_root(doc), "body");
    const struct rs_xml_node *main_part = rs_xml_find(body, "main");
    assert_string_equal(rs_xml_child(body, "header/h1/bdi").data, SHOWN);
    assert_string_equal(rs_xml_child(body, "header/p").data, "partial");
    assert_non_null(strstr(rs_xml_child(main_part, "div/p/bdi").data, SHOWN));
    assert_string_equal(rs_xml_child(section(main_part, "Notices"), "ul/li/bdi").data, SHOWN);
    assert_string_equal(rs_xml_child(section(main_part, "The SQL that would run"), "pre/bdi").data,
                        SHOWN);
    const struct rs_xml_node *change =
        rs_xml_find_path(section(main_part, "New tables and columns"), "div/table/tbody/tr");
    const struct rs_xml_node *cell = rs_xml_next(rs_xml_find(change, "td"));
    assert_string_equal(rs_xml_child(cell, "bdi").data, SHOWN);
    assert_string_equal(rs_xml_child(rs_xml_next(rs_xml_next(cell)), "bdi").data, "12 columns");
    rs_xml_free(doc);
    rs_strbuf_release(&out);
    rs_sync_report_release(&report);
}

static void test_run_page__policy_is_of_the_style_sheet_alone(void **state)
{
    struct rs_sync_report report = {0};
    const struct rs_error none = {0};
    struct rs_strbuf out;
    struct rs_strbuf policy = RS_STRBUF_INIT(1024);
    unsigned char digest[RS_SHA256_BYTES];
    (void)state;
    write_page(&report, &none, &out);
    struct rs_xml_doc *doc = parse(&out);
    rs_sha256(rs_xml_child(rs_xml_root(doc), "head/style"), digest);
    rs_strbuf_append(&policy, "<meta http-equiv=\"Content-Security-Policy\" "
                              "content=\"default-src &#39;none&#39;; style-src &#39;sha256-");
    rs_base64_append(&policy, (struct rs_str){(const char *)digest, sizeof digest});
    rs_strbuf_append(&policy, "&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;\"/>");
    assert_non_null(strstr(rs_strbuf_cstr(&out), rs_strbuf_cstr(&policy)));
    assert_null(strstr(rs_strbuf_cstr(&out), "url("));
    assert_null(strstr(rs_strbuf_cstr(&out), "http:"));
    rs_xml_free(doc);
    rs_strbuf_release(&policy);
    rs_strbuf_release(&out);
}

static void test_run_page__two_thousand_tables_are_listed_and_more_are_counted(void **state)
{
    static const struct {
        size_t tables;
        size_t rows;
        bool more;
    } cases[] = {{1, 1, false}, {2000, 2000, false}, {2100, 2000, true}};
    const struct rs_error none = {0};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_sync_report report = sample(cases[i].tables);
        struct rs_strbuf out;
        write_page(&report, &none, &out);
        struct rs_xml_doc *doc = parse(&out);
        const struct rs_xml_node *body = rs_xml_find(rs_xml_root(doc), "body");
        const struct rs_xml_node *tables = section(rs_xml_find(body, "main"), "Tables");
        const struct rs_xml_node *row = rs_xml_find_path(tables, "div/table/tbody/tr");
        char last[8]; /* the name's end: most rows come first */
        (void)snprintf(last, sizeof last, "%04zu", cases[i].tables - 1);
        const struct rs_str name = rs_xml_child(row, "td/bdi");
        assert_true(rs_str_ends(name, rs_str_from(last)));
        size_t rows = 0;
        for (; row; row = rs_xml_next(row)) {
            rows++;
        }
        assert_int_equal(rows, cases[i].rows);
        assert_int_equal(rs_xml_find(tables, "p") != NULL, cases[i].more);
        assert_true(!cases[i].more || strcmp(rs_xml_child(tables, "p").data,
                                             "And 100 more, which are not shown here.") == 0);
        rs_xml_free(doc);
        rs_strbuf_release(&out);
        rs_sync_report_release(&report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_page__hostile_texts_stay_texts),
        cmocka_unit_test(test_run_page__policy_is_of_the_style_sheet_alone),
        cmocka_unit_test(test_run_page__two_thousand_tables_are_listed_and_more_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
