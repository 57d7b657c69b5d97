/*
 * codec/chart.h - pictures of a page: bars or lines over points in a row, and bars within a table.
 *
 *   const struct rs_chart chart = {.title = "Rows", .labels = days, .count = 30,
 *                                  .series = {{"rows", rows}}, .series_count = 1};
 *   rs_chart_draw(&html, &chart);
 *
 * A chart is a figure: its title, which colour is which where there are several, and an SVG with
 * axes. Each point has a text that is shown where a pointer rests, and the whole one that says what
 * is seen, for those who hear a page. Bars of several series stand on each other. Colours are
 * classes (s1, s2, s3) that the page's style sheet fills in.
 *
 * Limits:  RS_CHART_SERIES_MAX; as many points as the caller thinks can be told apart,
 *          RS_CHART_POINTS_MAX being the end of what a screen shows. Values are >= 0 and finite.
 * Pure:    yes.   Owns: nothing; all is borrowed for the call.   Threads: reentrant.
 */
#ifndef RS_CODEC_CHART_H
#define RS_CODEC_CHART_H

#include "codec/html.h"
#include "rs/compiler.h"
#include "rs/str.h"

enum { RS_CHART_SERIES_MAX = 3, RS_CHART_POINTS_MAX = 120 };

enum rs_chart_form { RS_CHART_BARS, RS_CHART_LINES };
enum rs_chart_unit { RS_CHART_NUMBER, RS_CHART_SECONDS };

struct rs_chart_series {
    const char *name;
    const double *values;
};

struct rs_chart {
    const char *title;
    enum rs_chart_form form;
    enum rs_chart_unit unit;
    const char *const *labels; /* of the points, in our own words: times */
    size_t count;
    struct rs_chart_series series[RS_CHART_SERIES_MAX];
    size_t series_count;
};

void rs_chart_draw(struct rs_html *html, const struct rs_chart *chart);

/*
 * A bar as wide as its share of the whole, 0..1, for a cell that stands beside its number; series
 * is 1 for the first colour.
 */
void rs_chart_meter(struct rs_html *html, double share, unsigned series);

/* A row of cells, the darker the more of the greatest value: what is the matter on which day. */
void rs_chart_strip(struct rs_html *html, const struct rs_chart *chart, double greatest);

/* The shortest span, in days, of which there are no more than a chart has points. */
int64_t rs_chart_span(int64_t days);

/*
 * The distance of nice marks on an axis from 0 to greatest (> 0): 1, 2 or 5 times a power of ten,
 * at most count of them within; least is the smallest that makes sense.
 */
double rs_chart_step(double greatest, unsigned count, double least);

#endif
