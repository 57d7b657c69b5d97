/*
 * codec/difference_charts.h - pictures of what differs on which day, over all tables and in each.
 *
 *   rs_difference_charts_draw(&html, &(struct rs_difference_charts){
 *       .title = "Rows a day", .kinds = {"missing", "doubled", "extra"}, .items = ..., .count = ...});
 *
 * First a chart of the days, of all tables; then the tables, those that differ most first, with the
 * sums of each kind and a strip of the same days.
 *
 * Pure:    yes.   Owns: nothing.   Threads: reentrant.
 */
#ifndef RS_CODEC_DIFFERENCE_CHARTS_H
#define RS_CODEC_DIFFERENCE_CHARTS_H

#include "codec/chart.h"
#include "codec/html.h"

struct rs_difference {
    const char *table;
    bool dated;  /* else it is of no day, and in the sums alone */
    int64_t day; /* since 1970 */
    double kinds[RS_CHART_SERIES_MAX];
};

struct rs_difference_charts {
    const char *title;                      /* of the days */
    const char *kinds[RS_CHART_SERIES_MAX]; /* what a difference is */
    const struct rs_difference *items;
    size_t count;
};

void rs_difference_charts_draw(struct rs_html *html, const struct rs_difference_charts *charts);

#endif
