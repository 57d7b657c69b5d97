/* Nice marks, and pictures that stay whole whatever the values are. */
#include "codec/chart.h"

#include <string.h>

#include "codec/xml.h"
#include "unit.h"

enum { PAGE_BYTES = 1 << 20 };

static void test_chart__marks_are_nice(void **state)
{
    static const struct {
        double greatest;
        double least;
        double step;
    } cases[] = {
        {1, 1, 1},        {3, 1, 1},    {5, 1, 1},       {6, 1, 2},       {20, 1, 5},
        {100, 1, 20},     {123, 1, 50}, {999, 1, 200},   {5000, 1, 1000}, {0.3, 0, 0.1},
        {0.02, 0, 0.005}, {7, 0, 2},    {1e12, 1, 2e11},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const double step = rs_chart_step(cases[i].greatest, 5, cases[i].least);
        assert_true(step > cases[i].step * 0.999 && step < cases[i].step * 1.001);
    }
}

static void test_chart__spans_of_days_are_few_enough(void **state)
{
    static const struct {
        int64_t days;
        int64_t span;
    } cases[] = {{1, 1},     {120, 1},    {121, 7},     {840, 7},     {841, 30},
                 {3600, 30}, {3601, 365}, {43800, 365}, {43801, 366}, {3652059, 30434}};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(rs_chart_span(cases[i].days), cases[i].span);
    }
}

/* The chart as XML; to be freed. */
static struct rs_xml_doc *draw(const struct rs_chart *chart, struct rs_strbuf *out)
{
    struct rs_html html = RS_HTML_INIT(out);
    struct rs_error err = {0};
    rs_chart_draw(&html, chart);
    assert_true(rs_html_ok(&html));
    struct rs_xml_doc *doc = rs_xml_parse(rs_strbuf_str(out), "the chart", &err);
    assert_non_null(doc);
    return doc;
}

static size_t count_of(struct rs_str text, const char *part)
{
    size_t count = 0;
    for (const char *at = text.data; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }
    return count;
}

static void test_chart__a_point_says_what_it_is(void **state)
{
    static const char *const labels[] = {"2026-11-01", "2026-11-02"};
    static const double rows[] = {1234, 0};
    static const double rejects[] = {0, 3};
    struct rs_strbuf out = RS_STRBUF_INIT(PAGE_BYTES);
    (void)state;
    struct rs_xml_doc *doc =
        draw(&(struct rs_chart){.title = "Rows a day",
                                .labels = labels,
                                .count = 2,
                                .series = {{"rows", rows}, {"rejects", rejects}},
                                .series_count = 2},
             &out);
    const struct rs_xml_node *point = rs_xml_find_path(rs_xml_root(doc), "svg/g");
    assert_string_equal(rs_xml_child(point, "title").data, "2026-11-01: rows 1,234, rejects 0");
    assert_string_equal(rs_xml_child(rs_xml_next(point), "title").data,
                        "2026-11-02: rows 0, rejects 3");
    assert_int_equal(count_of(rs_strbuf_str(&out), "aria-label=\"Rows a day, from 2026-11-01 to "
                                                   "2026-11-02; rows: 1,234 in all, at most 1,234 "
                                                   "at 2026-11-01; rejects: 3 in all, at most 3 "
                                                   "at 2026-11-02\""),
                     1);
    rs_xml_free(doc);
    rs_strbuf_release(&out);
}

static void test_chart__any_number_of_points_and_any_values(void **state)
{
    static const double values[] = {0, 1e-9, 0.4, 1, 59, 1e4, 86400, 1.8e19, 1e300};
    static const char *labels[RS_CHART_POINTS_MAX];
    static double points[RS_CHART_POINTS_MAX];
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(values); i++) {
        for (size_t count = 1; count <= RS_CHART_POINTS_MAX; count += 17) {
            for (unsigned form = 0; form < 4; form++) {
                struct rs_strbuf out = RS_STRBUF_INIT(PAGE_BYTES);
                for (size_t j = 0; j < count; j++) {
                    labels[j] = "2026-11-01 12:00";
                    points[j] = j % 2 == 0 ? values[i] : 0;
                }
                struct rs_xml_doc *doc =
                    draw(&(struct rs_chart){.title = "Any",
                                            .form = form % 2 == 0 ? RS_CHART_BARS : RS_CHART_LINES,
                                            .unit = form < 2 ? RS_CHART_NUMBER : RS_CHART_SECONDS,
                                            .labels = labels,
                                            .count = count,
                                            .series = {{"any", points}},
                                            .series_count = 1},
                         &out);
                assert_int_equal(count_of(rs_strbuf_str(&out), "class=\"point\""), count);
                const size_t marks = count_of(rs_strbuf_str(&out), "class=\"mark\"");
                assert_true(marks >= 1 && marks <= 6);
                assert_int_equal(count_of(rs_strbuf_str(&out), "nan"), 0);
                assert_int_equal(count_of(rs_strbuf_str(&out), "inf"), 0);
                rs_xml_free(doc);
                rs_strbuf_release(&out);
            }
        }
    }
}

static void test_chart__no_points_are_no_picture(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(PAGE_BYTES);
    struct rs_html html = RS_HTML_INIT(&out);
    (void)state;
    rs_chart_draw(&html, &(struct rs_chart){.title = "None", .series_count = 1});
    rs_chart_strip(&html, &(struct rs_chart){.title = "None", .series_count = 1}, 0);
    assert_int_equal(out.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chart__marks_are_nice),
        cmocka_unit_test(test_chart__spans_of_days_are_few_enough),
        cmocka_unit_test(test_chart__a_point_says_what_it_is),
        cmocka_unit_test(test_chart__any_number_of_points_and_any_values),
        cmocka_unit_test(test_chart__no_points_are_no_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
