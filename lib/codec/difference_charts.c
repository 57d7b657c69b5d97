/*
 * Sorted by table, the differences of one stand together; the tables are then sorted by their sums.
 */
#include "codec/difference_charts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interval.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/report_page.h"

enum { DAY_TEXT = 10, TITLE_BYTES = 192 };

/* The days from the first that differs to the last, in spans that are few enough. */
struct days {
    int64_t first;
    int64_t span;
    size_t count;
    char text[RS_CHART_POINTS_MAX][DAY_TEXT + 1];
    const char *labels[RS_CHART_POINTS_MAX];
};

struct table {
    const char *name;
    const struct rs_difference *items;
    size_t count;
    double sums[RS_CHART_SERIES_MAX];
    double sum;
};

static void find_days(const struct rs_difference_charts *charts, struct days *days)
{
    int64_t last = INT64_MIN;
    days->first = INT64_MAX;
    for (size_t i = 0; i < charts->count; i++) {
        if (charts->items[i].dated) {
            const int64_t day = charts->items[i].day;
            days->first = day < days->first ? day : days->first;
            last = day > last ? day : last;
        }
    }
    if (last < days->first) {
        return;
    }
    days->span = rs_chart_span(last - days->first + 1);
    days->count = (size_t)((last - days->first) / days->span) + 1;
    for (size_t i = 0; i < days->count; i++) {
        char text[RS_TIMEFMT_MAX];
        (void)rs_timefmt_format((days->first + (int64_t)i * days->span) * RS_DAY_US, text);
        memcpy(days->text[i], text, DAY_TEXT);
        days->labels[i] = days->text[i];
    }
}

static size_t place_of(const struct days *days, const struct rs_difference *item)
{
    return (size_t)((item->day - days->first) / days->span);
}

static void draw_days(struct rs_html *html, const struct rs_difference_charts *charts,
                      const struct days *days)
{
    double values[RS_CHART_SERIES_MAX][RS_CHART_POINTS_MAX] = {{0}};
    char title[TITLE_BYTES];
    (void)snprintf(title, sizeof title, days->span == 1 ? "%s a day" : "%s a span of %lld days",
                   charts->title, (long long)days->span);
    struct rs_chart chart = {.title = title,
                             .labels = days->labels,
                             .count = days->count,
                             .series_count = RS_CHART_SERIES_MAX};
    for (size_t i = 0; i < charts->count; i++) {
        for (size_t j = 0; charts->items[i].dated && j < RS_CHART_SERIES_MAX; j++) {
            values[j][place_of(days, &charts->items[i])] += charts->items[i].kinds[j];
        }
    }
    for (size_t j = 0; j < RS_CHART_SERIES_MAX; j++) {
        chart.series[j] = (struct rs_chart_series){charts->kinds[j], values[j]};
    }
    rs_chart_draw(html, &chart);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct rs_difference *)left)->table,
                  ((const struct rs_difference *)right)->table);
}

static int by_sum(const void *left, const void *right)
{
    const struct table *a = left;
    const struct table *b = right;
    return a->sum != b->sum ? (a->sum > b->sum ? -1 : 1) : strcmp(a->name, b->name);
}

static size_t group(const struct rs_difference *sorted, size_t count, struct table *tables)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(sorted[i].table, sorted[i - 1].table) != 0) {
            tables[used++] = (struct table){.name = sorted[i].table, .items = &sorted[i]};
        }
        struct table *table = &tables[used - 1];
        table->count++;
        for (size_t j = 0; j < RS_CHART_SERIES_MAX; j++) {
            table->sums[j] += sorted[i].kinds[j];
            table->sum += sorted[i].kinds[j];
        }
    }
    qsort(tables, used, sizeof *tables, by_sum);
    return used;
}

static void draw_strip(struct rs_html *html, const struct table *table, const struct days *days)
{
    double values[RS_CHART_POINTS_MAX] = {0};
    double greatest = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct rs_difference *item = &table->items[i];
        for (size_t j = 0; item->dated && j < RS_CHART_SERIES_MAX; j++) {
            values[place_of(days, item)] += item->kinds[j];
        }
    }
    for (size_t i = 0; i < days->count; i++) {
        greatest = fmax(greatest, values[i]);
    }
    rs_html_begin_class(html, RS_HTML_TD, "m");
    rs_chart_strip(html,
                   &(struct rs_chart){.title = "What differs",
                                      .labels = days->labels,
                                      .count = days->count,
                                      .series = {{"all kinds", values}},
                                      .series_count = 1},
                   greatest);
    rs_html_end(html);
}

static void write_tables(struct rs_html *html, const struct rs_difference_charts *charts,
                         const struct days *days, const struct table *tables, size_t count)
{
    char heads_text[RS_CHART_SERIES_MAX][TITLE_BYTES];
    const char *heads[RS_CHART_SERIES_MAX + 3] = {"table"};
    const size_t shown = count < RS_PAGE_ROWS_MAX ? count : RS_PAGE_ROWS_MAX;
    size_t used = 1;
    if (days->count > 0) {
        heads[used++] = "days";
    }
    for (size_t j = 0; j < RS_CHART_SERIES_MAX; j++) {
        (void)snprintf(heads_text[j], sizeof heads_text[j], ">%s", charts->kinds[j]);
        heads[used++] = heads_text[j];
    }
    rs_page_begin_table(html, heads);
    for (size_t i = 0; i < shown; i++) {
        rs_html_begin(html, RS_HTML_TR);
        rs_page_cell(html, rs_str_from(tables[i].name));
        if (days->count > 0) {
            draw_strip(html, &tables[i], days);
        }
        for (size_t j = 0; j < RS_CHART_SERIES_MAX; j++) {
            rs_page_cell_number(html, (uint64_t)tables[i].sums[j]);
        }
        rs_html_end(html);
    }
    rs_page_end_table(html, count - shown);
}

void rs_difference_charts_draw(struct rs_html *html, const struct rs_difference_charts *charts)
{
    if (charts->count == 0) {
        return;
    }
    struct days *days = rs_mem_zalloc(1, sizeof *days);
    struct rs_difference *sorted = rs_mem_zalloc(charts->count, sizeof *sorted);
    struct table *tables = rs_mem_zalloc(charts->count, sizeof *tables);
    memcpy(sorted, charts->items, charts->count * sizeof *sorted);
    qsort(sorted, charts->count, sizeof *sorted, by_name);
    find_days(charts, days);
    if (days->count > 0) {
        draw_days(html, charts, days);
    }
    const size_t count = group(sorted, charts->count, tables);
    write_tables(html, charts, days, tables, count);
    rs_mem_free(tables);
    rs_mem_free(sorted);
    rs_mem_free(days);
}
