/*
 * All is drawn in a box of WIDTH by HEIGHT units that the page stretches to the room there is: at the
 * width of a telephone a unit is three quarters of a pixel, in two columns of a desk a bit over one.
 */
#include "codec/chart.h"

#include <math.h>
#include <string.h>

#include "codec/words.h"

enum {
    WIDTH = 480,
    HEIGHT = 200,
    TOP = 8,
    RIGHT = 10,
    BOTTOM = 26, /* below: the labels of points */
    LETTER = 8,  /* the width of a letter, at most */
    GAP = 6,     /* between a mark's number and the axis */
    BAR_MAX = 36,
    MARKS = 5,
    TEXT_BYTES = 512,
    SUMMARY_BYTES = 2048,
    LEVELS = 4, /* of a strip */
};

static const double BAR_SHARE = 0.8;  /* of a point's room */
static const double LEAST_SIDE = 1.5; /* what is not nothing is seen */
static const double DOT_RADIUS = 2.2;
static const double NUMBER_MAX = 1.8e19; /* that is told exactly */
static const size_t DOTS_MAX = 60;       /* points that have a dot on their line */

static const char *const fills[RS_CHART_SERIES_MAX] = {"s1", "s2", "s3"};
static const char *const strokes[RS_CHART_SERIES_MAX] = {"l1", "l2", "l3"};

/* A unit of an axis: marks are nice in it. */
struct scale {
    double divisor;
    const char *suffix;
};

static const struct scale number_scales[] = {
    {1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}, {1e12, "T"}};
static const struct scale second_scales[] = {{1, " s"}, {60, " min"}, {3600, " h"}, {86400, " d"}};

struct plot {
    const struct rs_chart *chart;
    struct rs_html *html;
    const struct scale *scale;
    double step;     /* between marks, in the chart's values */
    double greatest; /* the topmost mark */
    double left;
    double slot; /* the room of a point */
};

double rs_chart_step(double greatest, unsigned count, double least)
{
    const double raw = greatest / count;
    const double power = pow(10.0, floor(log10(raw)));
    const double step = raw <= power       ? power
                        : raw <= 2 * power ? 2 * power
                        : raw <= 5 * power ? 5 * power
                                           : 10 * power;
    return step > least ? step : least;
}

/* The greatest of a series, or for bars that stand on each other, of their sums. */
static double greatest_of(const struct rs_chart *chart)
{
    double greatest = 0;
    for (size_t i = 0; i < chart->count; i++) {
        double sum = 0;
        for (size_t j = 0; j < chart->series_count; j++) {
            const double value = chart->series[j].values[i];
            sum = chart->form == RS_CHART_BARS ? sum + value : fmax(sum, value);
        }
        greatest = fmax(greatest, sum);
    }
    return greatest;
}

static const struct scale *scale_of(const struct rs_chart *chart, double greatest)
{
    const bool time = chart->unit == RS_CHART_SECONDS;
    const struct scale *scales = time ? second_scales : number_scales;
    const size_t count = time ? RS_COUNTOF(second_scales) : RS_COUNTOF(number_scales);
    /* Two of a greater unit and more are told in it. */
    const double enough = time ? 2.0 : 1.0;
    size_t i = 0;
    while (i + 1 < count && greatest >= enough * scales[i + 1].divisor) {
        i++;
    }
    return &scales[i];
}

/* ---- Words ---- */

static void append_value(const struct rs_chart *chart, double value, struct rs_strbuf *out)
{
    if (chart->unit == RS_CHART_SECONDS) {
        rs_words_seconds(out, value);
    } else {
        rs_words_grouped(out, value < NUMBER_MAX ? (uint64_t)(value + 0.5) : UINT64_MAX);
    }
}

static void append_mark(const struct plot *plot, double value, struct rs_strbuf *out)
{
    rs_strbuf_printf(out, "%g%s", value / plot->scale->divisor,
                     value > 0 ? plot->scale->suffix : "");
}

/* "2026-11-03: rows 120, rejects 3" */
static void append_point(const struct rs_chart *chart, size_t i, struct rs_strbuf *out)
{
    rs_strbuf_append(out, chart->labels[i]);
    for (size_t j = 0; j < chart->series_count; j++) {
        rs_strbuf_printf(out, "%s %s ", j > 0 ? "," : ":", chart->series[j].name);
        append_value(chart, chart->series[j].values[i], out);
    }
}

/* What is seen, in words. */
static void append_summary(const struct rs_chart *chart, struct rs_strbuf *out)
{
    rs_strbuf_append(out, chart->title);
    rs_strbuf_printf(out, ", from %s to %s", chart->labels[0], chart->labels[chart->count - 1]);
    for (size_t j = 0; j < chart->series_count; j++) {
        const double *values = chart->series[j].values;
        double sum = 0;
        size_t most = 0;
        for (size_t i = 0; i < chart->count; i++) {
            sum += values[i];
            most = values[i] > values[most] ? i : most;
        }
        rs_strbuf_printf(out, "; %s: ", chart->series[j].name);
        if (chart->form == RS_CHART_BARS) {
            append_value(chart, sum, out);
            rs_strbuf_append(out, " in all, ");
        }
        rs_strbuf_append(out, "at most ");
        append_value(chart, values[most], out);
        rs_strbuf_printf(out, " at %s", chart->labels[most]);
    }
}

static void begin_picture(struct rs_html *html, const char *class_name, double width, double height)
{
    struct rs_strbuf box = RS_STRBUF_INIT(TEXT_BYTES);
    rs_strbuf_printf(&box, "0 0 %g %g", width, height);
    rs_html_begin_class(html, RS_HTML_SVG, class_name);
    rs_html_attribute(html, RS_HTML_VIEW_BOX, rs_strbuf_str(&box));
    rs_strbuf_release(&box);
}

/* ---- Axes ---- */

static double y_of(const struct plot *plot, double value)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / plot->greatest);
}

static double middle_of(const struct plot *plot, size_t point)
{
    return plot->left + plot->slot * ((double)point + 0.5);
}

static void draw_text(struct rs_html *html, double x, double y, const char *anchor,
                      struct rs_str text)
{
    rs_html_begin(html, RS_HTML_TEXT);
    rs_html_number(html, RS_HTML_X, x);
    rs_html_number(html, RS_HTML_Y, y);
    rs_html_attribute(html, RS_HTML_TEXT_ANCHOR, rs_str_from(anchor));
    rs_html_text(html, text);
    rs_html_end(html);
}

/* Choose the marks, and leave room for the longest of their numbers. */
static void measure(struct plot *plot)
{
    const struct rs_chart *chart = plot->chart;
    const double greatest = greatest_of(chart);
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_BYTES);
    size_t longest = 1;
    plot->scale = scale_of(chart, greatest);
    const double shown = fmax(greatest, chart->unit == RS_CHART_SECONDS ? 0.1 : 1.0);
    const bool whole = chart->unit == RS_CHART_NUMBER && plot->scale->divisor == 1.0;
    plot->step = plot->scale->divisor *
                 rs_chart_step(shown / plot->scale->divisor, MARKS, whole ? 1.0 : 0.0);
    plot->greatest = plot->step * ceil(shown / plot->step - 1e-9);
    for (unsigned i = 0; i * plot->step <= plot->greatest * (1 + 1e-9); i++) {
        rs_strbuf_reset(&text);
        append_mark(plot, i * plot->step, &text);
        longest = text.length > longest ? text.length : longest;
    }
    plot->left = (double)(longest * LETTER + GAP + 2);
    plot->slot = (WIDTH - RIGHT - plot->left) / (double)chart->count;
    rs_strbuf_release(&text);
}

static void draw_marks(const struct plot *plot)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_BYTES);
    for (unsigned i = 0; i * plot->step <= plot->greatest * (1 + 1e-9); i++) {
        const double value = i * plot->step;
        const double y = y_of(plot, value);
        rs_html_begin_class(plot->html, RS_HTML_LINE, i == 0 ? "axis" : "mark");
        rs_html_number(plot->html, RS_HTML_X1, plot->left);
        rs_html_number(plot->html, RS_HTML_X2, WIDTH - RIGHT);
        rs_html_number(plot->html, RS_HTML_Y1, y);
        rs_html_number(plot->html, RS_HTML_Y2, y);
        rs_html_end(plot->html);
        rs_strbuf_reset(&text);
        append_mark(plot, value, &text);
        draw_text(plot->html, plot->left - GAP, y + 4, "end", rs_strbuf_str(&text));
    }
    rs_strbuf_release(&text);
}

static void draw_label(const struct plot *plot, size_t point)
{
    const char *label = plot->chart->labels[point];
    const double x = middle_of(plot, point);
    const double half = (double)(strlen(label) * LETTER) / 2;
    const double y = HEIGHT - 8;
    if (x + half > WIDTH) {
        draw_text(plot->html, WIDTH, y, "end", rs_str_from(label));
    } else if (x < half) {
        draw_text(plot->html, 0, y, "start", rs_str_from(label));
    } else {
        draw_text(plot->html, x, y, "middle", rs_str_from(label));
    }
}

/* As many labels as there is room for: the first, the last, and others at even distances. */
static void draw_labels(const struct plot *plot)
{
    const struct rs_chart *chart = plot->chart;
    size_t longest = 1;
    for (size_t i = 0; i < chart->count; i++) {
        const size_t length = strlen(chart->labels[i]);
        longest = length > longest ? length : longest;
    }
    const double room = WIDTH - RIGHT - plot->left;
    size_t labels = (size_t)(room / (double)((longest + 2) * LETTER));
    labels = labels < 2 ? 2 : labels;
    labels = labels < chart->count ? labels : chart->count;
    for (size_t i = 0; i < labels; i++) {
        const size_t last = labels > 1 ? labels - 1 : 1;
        draw_label(plot, (i * (chart->count - 1) + last / 2) / last);
    }
}

/* ---- What is drawn ---- */

static void draw_rect(struct rs_html *html, const char *class_name, const double box[4])
{
    rs_html_begin_class(html, RS_HTML_RECT, class_name);
    rs_html_number(html, RS_HTML_X, box[0]);
    rs_html_number(html, RS_HTML_Y, box[1]);
    rs_html_number(html, RS_HTML_WIDTH, box[2]);
    rs_html_number(html, RS_HTML_HEIGHT, box[3]);
    rs_html_end(html);
}

static void draw_bars(const struct plot *plot, size_t point)
{
    const struct rs_chart *chart = plot->chart;
    const double width = fmin(plot->slot * BAR_SHARE, BAR_MAX);
    double foot = y_of(plot, 0);
    for (size_t j = 0; j < chart->series_count; j++) {
        const double value = chart->series[j].values[point];
        if (value > 0) {
            const double height = fmax(y_of(plot, 0) - y_of(plot, value), LEAST_SIDE);
            const double box[] = {middle_of(plot, point) - width / 2, foot - height, width, height};
            draw_rect(plot->html, fills[j], box);
            foot -= height;
        }
    }
}

static void draw_dots(const struct plot *plot, size_t point)
{
    const struct rs_chart *chart = plot->chart;
    for (size_t j = 0; chart->count <= DOTS_MAX && j < chart->series_count; j++) {
        rs_html_begin_class(plot->html, RS_HTML_CIRCLE, fills[j]);
        rs_html_number(plot->html, RS_HTML_CX, middle_of(plot, point));
        rs_html_number(plot->html, RS_HTML_CY, y_of(plot, chart->series[j].values[point]));
        rs_html_number(plot->html, RS_HTML_R, DOT_RADIUS);
        rs_html_end(plot->html);
    }
}

/* A point: the text, the room that shows it, and what is drawn of it. */
static void draw_point(const struct plot *plot, size_t point)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_BYTES);
    const double room[] = {plot->left + plot->slot * (double)point, TOP, plot->slot,
                           HEIGHT - TOP - BOTTOM};
    rs_html_begin_class(plot->html, RS_HTML_G, "point");
    append_point(plot->chart, point, &text);
    rs_html_line(plot->html, RS_HTML_TITLE, NULL, rs_strbuf_str(&text));
    draw_rect(plot->html, "room", room);
    if (plot->chart->form == RS_CHART_BARS) {
        draw_bars(plot, point);
    } else {
        draw_dots(plot, point);
    }
    rs_html_end(plot->html);
    rs_strbuf_release(&text);
}

static void draw_lines(const struct plot *plot)
{
    enum { POINTS_BYTES = 1 << 16 };
    const struct rs_chart *chart = plot->chart;
    for (size_t j = 0; chart->form == RS_CHART_LINES && j < chart->series_count; j++) {
        struct rs_strbuf points = RS_STRBUF_INIT(POINTS_BYTES);
        for (size_t i = 0; i < chart->count; i++) {
            rs_strbuf_printf(&points, "%.1f,%.1f ", middle_of(plot, i),
                             y_of(plot, chart->series[j].values[i]));
        }
        rs_html_begin_class(plot->html, RS_HTML_POLYLINE, strokes[j]);
        rs_html_attribute(plot->html, RS_HTML_POINTS, rs_strbuf_str(&points));
        rs_html_end(plot->html);
        rs_strbuf_release(&points);
    }
}

/* A figure's title; and which colour is which, where there are several. */
static void draw_caption(struct rs_html *html, const struct rs_chart *chart)
{
    rs_html_begin(html, RS_HTML_FIGCAPTION);
    rs_html_line(html, RS_HTML_SPAN, "title", rs_str_from(chart->title));
    for (size_t j = 0; chart->series_count > 1 && j < chart->series_count; j++) {
        const double box[] = {1, 1, 10, 10};
        rs_html_begin_class(html, RS_HTML_SPAN, "key");
        begin_picture(html, "swatch", 12, 12);
        rs_html_attribute(html, RS_HTML_ARIA_HIDDEN, RS_STR("true"));
        draw_rect(html, fills[j], box);
        rs_html_end(html);
        rs_html_text(html, rs_str_from(chart->series[j].name));
        rs_html_end(html);
    }
    rs_html_end(html);
}

void rs_chart_draw(struct rs_html *html, const struct rs_chart *chart)
{
    struct plot plot = {.chart = chart, .html = html};
    struct rs_strbuf summary = RS_STRBUF_INIT(SUMMARY_BYTES);
    if (chart->count == 0 || chart->series_count == 0) {
        return;
    }
    measure(&plot);
    append_summary(chart, &summary);
    rs_html_begin_class(html, RS_HTML_FIGURE, "chart");
    draw_caption(html, chart);
    begin_picture(html, "plot", WIDTH, HEIGHT);
    rs_html_attribute(html, RS_HTML_ROLE, RS_STR("img"));
    rs_html_attribute(html, RS_HTML_ARIA_LABEL, rs_strbuf_str(&summary));
    draw_marks(&plot);
    draw_labels(&plot);
    draw_lines(&plot);
    for (size_t i = 0; i < chart->count; i++) {
        draw_point(&plot, i);
    }
    rs_html_end(html);
    rs_html_end(html);
    rs_strbuf_release(&summary);
}

void rs_chart_meter(struct rs_html *html, double share, unsigned series)
{
    enum { METER_WIDTH = 100, METER_HEIGHT = 8 };
    const double width = share > 0 ? fmax(fmin(share, 1) * METER_WIDTH, 0.5) : 0;
    const double box[] = {0, 0, width, METER_HEIGHT};
    begin_picture(html, "meter", METER_WIDTH, METER_HEIGHT);
    rs_html_attribute(html, RS_HTML_PRESERVE_ASPECT_RATIO, RS_STR("none"));
    rs_html_attribute(html, RS_HTML_ARIA_HIDDEN, RS_STR("true"));
    draw_rect(html, fills[series - 1], box);
    rs_html_end(html);
}

void rs_chart_strip(struct rs_html *html, const struct rs_chart *chart, double greatest)
{
    enum { STRIP_HEIGHT = 10 };
    static const char *const levels[LEVELS + 1] = {"v0", "v1", "v2", "v3", "v4"};
    struct rs_strbuf text = RS_STRBUF_INIT(SUMMARY_BYTES);
    if (chart->count == 0) {
        return;
    }
    append_summary(chart, &text);
    begin_picture(html, "strip", (double)chart->count, STRIP_HEIGHT);
    rs_html_attribute(html, RS_HTML_PRESERVE_ASPECT_RATIO, RS_STR("none"));
    rs_html_attribute(html, RS_HTML_ROLE, RS_STR("img"));
    rs_html_attribute(html, RS_HTML_ARIA_LABEL, rs_strbuf_str(&text));
    for (size_t i = 0; i < chart->count; i++) {
        const double value = chart->series[0].values[i];
        const double share = greatest > 0 ? value / greatest : 0;
        const double box[] = {(double)i + 0.05, 0, 0.9, STRIP_HEIGHT};
        const size_t level = value > 0 ? (size_t)fmax(ceil(fmin(share, 1) * LEVELS), 1) : 0;
        rs_html_begin(html, RS_HTML_G);
        rs_strbuf_reset(&text);
        append_point(chart, i, &text);
        rs_html_line(html, RS_HTML_TITLE, NULL, rs_strbuf_str(&text));
        draw_rect(html, levels[level], box);
        rs_html_end(html);
    }
    rs_html_end(html);
    rs_strbuf_release(&text);
}

int64_t rs_chart_span(int64_t days)
{
    static const int64_t spans[] = {1, 7, 30, 365};
    for (size_t i = 0; i < RS_COUNTOF(spans); i++) {
        if ((days + spans[i] - 1) / spans[i] <= RS_CHART_POINTS_MAX) {
            return spans[i];
        }
    }
    return (days + RS_CHART_POINTS_MAX - 1) / RS_CHART_POINTS_MAX;
}
