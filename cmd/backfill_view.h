/*
 * backfill_view.h - how far a migration is: a bar on a terminal, a line a minute in a log.
 *
 *   struct rs_migrate_view view;
 *   rs_migrate_view_init(&view, &app);
 *   options.progress = rs_migrate_view_show;
 *   options.progress_arg = &view;
 *
 * Pure:    no: standard error, the clock.   Threads: main thread only.
 */
#ifndef RS_CMD_BACKFILL_VIEW_H
#define RS_CMD_BACKFILL_VIEW_H

#include "rs/backfill/migrate.h"
#include "rs/cli/app.h"

struct rs_migrate_view {
    struct rs_app *app;
    int64_t begun_us;
    int64_t told_us;
};

void rs_migrate_view_init(struct rs_migrate_view *view, struct rs_app *app);
void rs_migrate_view_show(void *arg, const struct rs_migrate_progress *now);

#endif
