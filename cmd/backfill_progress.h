/*
 * backfill_view.h - how far a migration is: a bar on a terminal, a message a minute elsewhere.
 *
 *   rs_migrate_view_begin(&app);
 *   options.progress = rs_migrate_view_show;
 *   options.progress_arg = &app;
 *
 * Pure:    no: standard error, the clock.   Threads: main thread only.
 */
#ifndef RS_CMD_BACKFILL_VIEW_H
#define RS_CMD_BACKFILL_VIEW_H

#include "cli/app.h"
#include "migrate/migrate.h"

/* Where there is no bar, messages tell, but for --progress=never. */
void rs_migrate_view_begin(struct rs_app *app);

/* arg is the app. */
void rs_migrate_view_show(void *arg, const struct rs_migrate_progress *now);

#endif
