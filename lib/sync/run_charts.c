/*
 * The points are put into columns of values, as charts have them: first one by one, then by spans of
 * days, in which a day without a run has its place too.
 */
#include "sync/run_charts.h"

#include <stdio.h>
#include <string.h>

#include "base/interval.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/chart.h"

enum {
    LABEL_BYTES = 24,
    TITLE_BYTES = 96,
    DAY_TEXT = 10,    /* "2026-11-23" */
    MINUTE_TEXT = 16, /* "2026-11-23 17:04" */
};

struct columns {
    char text[RS_CHART_POINTS_MAX][LABEL_BYTES];
    const char *labels[RS_CHART_POINTS_MAX];
    double rows[RS_CHART_POINTS_MAX];
    double rejects[RS_CHART_POINTS_MAX];
    double discards[RS_CHART_POINTS_MAX];
    double prepare[RS_CHART_POINTS_MAX];
    double load[RS_CHART_POINTS_MAX];
    double speed[RS_CHART_POINTS_MAX];
    size_t count;
};

/* Name the column of an instant by so many letters of its time. */
static void name_column(struct columns *columns, size_t column, int64_t us, size_t letters)
{
    char text[RS_TIMEFMT_MAX];
    const size_t length = rs_timefmt_format(us, text);
    const size_t used = length < letters ? length : letters;
    memcpy(columns->text[column], text, used);
    columns->text[column][used] = '\0';
    columns->labels[column] = columns->text[column];
}

static void add_point(struct columns *columns, size_t column, const struct rs_run_point *point)
{
    columns->rows[column] += (double)point->rows;
    columns->rejects[column] += (double)point->rejects;
    columns->discards[column] += (double)point->discards;
    columns->prepare[column] += point->prepare_seconds;
    columns->load[column] += point->load_seconds;
    const double seconds = columns->prepare[column] + columns->load[column];
    columns->speed[column] = seconds > 0 ? columns->rows[column] / seconds : 0;
}

static void draw(struct rs_html *html, const struct columns *columns, const char *what,
                 const char *each, struct rs_chart chart)
{
    char title[TITLE_BYTES];
    (void)snprintf(title, sizeof title, "%s a %s", what, each);
    chart.title = title;
    chart.labels = columns->labels;
    chart.count = columns->count;
    rs_chart_draw(html, &chart);
}

static bool any(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] > 0) {
            return true;
        }
    }
    return false;
}

static void draw_counts(struct rs_html *html, const struct columns *columns, const char *each)
{
    draw(html, columns, "Rows", each,
         (struct rs_chart){.series = {{"rows", columns->rows}}, .series_count = 1});
    if (any(columns->rejects, columns->count) || any(columns->discards, columns->count)) {
        draw(html, columns, "Rejects and discards", each,
             (struct rs_chart){
                 .series = {{"rejects", columns->rejects}, {"discards", columns->discards}},
                 .series_count = 2});
    }
}

static void draw_times(struct rs_html *html, const struct columns *columns, const char *each)
{
    draw(html, columns, "Time", each,
         (struct rs_chart){.unit = RS_CHART_SECONDS,
                           .series = {{"preparing", columns->prepare}, {"loading", columns->load}},
                           .series_count = 2});
    if (columns->count > 1) {
        rs_chart_draw(html, &(struct rs_chart){.title = "Rows a second",
                                               .form = RS_CHART_LINES,
                                               .labels = columns->labels,
                                               .count = columns->count,
                                               .series = {{"rows a second", columns->speed}},
                                               .series_count = 1});
    }
}

static void draw_each(struct rs_html *html, const struct rs_run_point *points, size_t count,
                      const char *each)
{
    struct columns *columns = rs_mem_zalloc(1, sizeof *columns);
    const size_t left_out = count > RS_CHART_POINTS_MAX ? count - RS_CHART_POINTS_MAX : 0;
    columns->count = count - left_out;
    bool days = true; /* they begin with days */
    for (size_t i = left_out; i < count; i++) {
        days = days && points[i].at_us % RS_DAY_US == 0;
    }
    for (size_t i = 0; i < columns->count; i++) {
        const struct rs_run_point *point = &points[left_out + i];
        name_column(columns, i, point->at_us, days ? DAY_TEXT : MINUTE_TEXT);
        add_point(columns, i, point);
    }
    draw_counts(html, columns, each);
    draw_times(html, columns, each);
    rs_mem_free(columns);
}

/* Nothing where it would be the same picture again. */
static void draw_days(struct rs_html *html, const struct rs_run_point *points, size_t count)
{
    const int64_t first = rs_day_of(points[0].at_us);
    const int64_t days = rs_day_of(points[count - 1].at_us) - first + 1;
    bool several = false;
    for (size_t i = 1; i < count; i++) {
        several = several || rs_day_of(points[i].at_us) == rs_day_of(points[i - 1].at_us);
    }
    if (days < 2 || (!several && count <= RS_CHART_POINTS_MAX)) {
        return;
    }
    struct columns *columns = rs_mem_zalloc(1, sizeof *columns);
    const int64_t span = rs_chart_span(days);
    char each[LABEL_BYTES];
    (void)snprintf(each, sizeof each, span == 1 ? "day" : "span of %lld days", (long long)span);
    columns->count = (size_t)((days + span - 1) / span);
    for (size_t i = 0; i < columns->count; i++) {
        name_column(columns, i, (first + (int64_t)i * span) * RS_DAY_US, DAY_TEXT);
    }
    for (size_t i = 0; i < count; i++) {
        add_point(columns, (size_t)((rs_day_of(points[i].at_us) - first) / span), &points[i]);
    }
    draw_counts(html, columns, each);
    rs_mem_free(columns);
}

void rs_run_charts_draw(struct rs_html *html, const struct rs_run_point *points, size_t count,
                        const char *each)
{
    if (count == 0) {
        return;
    }
    rs_html_begin_class(html, RS_HTML_DIV, "charts");
    draw_days(html, points, count);
    draw_each(html, points, count, each);
    rs_html_end(html);
}
