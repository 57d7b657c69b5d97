/*
 * sync/run_charts.h - pictures of many runs: rows, what was rejected, seconds; each run and each day.
 *
 *   rs_run_charts_draw(&html, points, count, "run");
 *
 * Limits:  the last RS_CHART_POINTS_MAX runs are drawn one by one; days are put together in weeks,
 *          months and longer spans where there are more of them than that.
 * Pure:    yes.   Owns: nothing.   Threads: reentrant.
 */
#ifndef RS_SYNC_RUN_CHARTS_H
#define RS_SYNC_RUN_CHARTS_H

#include "codec/html.h"

/* A run, or a window of a replay. */
struct rs_run_point {
    int64_t at_us; /* when it began, or what its events begin with */
    uint64_t rows;
    uint64_t rejects;
    uint64_t discards;
    double prepare_seconds;
    double load_seconds;
};

/* points by their time, the first one first; each is what one is called. None draws nothing. */
void rs_run_charts_draw(struct rs_html *html, const struct rs_run_point *points, size_t count,
                        const char *each);

#endif
