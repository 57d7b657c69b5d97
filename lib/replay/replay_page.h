/*
 * replay/replay_page.h - a replay as a page, for --report.
 *
 *   struct rs_replay_page page = {0};
 *   rs_replay_page_add(&page, window);                    each that is told of, as it comes
 *   rs_replay_page_write(&page, &report, &options, err, &html);
 *   rs_replay_page_release(&page);
 *
 * Pure:    yes.   Threads: one thread at a time per object.
 * Owns:    what it keeps of windows.
 */
#ifndef RS_REPLAY_REPLAY_PAGE_H
#define RS_REPLAY_REPLAY_PAGE_H

#include "codec/html.h"
#include "replay/replay.h"

struct rs_replay_page {
    struct rs_replay_page_window *windows;
    size_t count;
    size_t capacity;
    struct rs_sync_change *changes; /* of the schema, over all windows */
    size_t change_count;
    size_t change_capacity;
    struct rs_table_sums *tables; /* NULL: no window was run */
};

void rs_replay_page_add(struct rs_replay_page *page, const struct rs_replay_window *window);

/* Write the page, but for its end (codec/report_page.h). */
void rs_replay_page_write(const struct rs_replay_page *page, const struct rs_replay_report *report,
                          const struct rs_replay_options *options, const struct rs_error *err,
                          struct rs_html *html);

void rs_replay_page_release(struct rs_replay_page *page);

#endif
