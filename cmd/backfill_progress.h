/*
 * backfill_progress.h - how far a subcommand is: a bar on a terminal, a message a minute elsewhere.
 *
 *   rs_backfill_progress_begin(&app);
 *   options.progress = rs_backfill_progress_show;
 *   options.progress_arg = &app;
 *
 * Pure:    no: standard error, the clock.   Threads: main thread only.
 */
#ifndef RS_CMD_BACKFILL_PROGRESS_H
#define RS_CMD_BACKFILL_PROGRESS_H

#include "cli/app.h"
#include "migrate/migrate.h"

/* Where there is no bar, messages tell, but for --progress=never. True: so it is. */
bool rs_backfill_progress_log(struct rs_app *app);

/* The same for a migration, whose first message comes after the others' time between two. */
void rs_backfill_progress_begin(struct rs_app *app);

/* arg is the app. */
void rs_backfill_progress_show(void *arg, const struct rs_migrate_progress *now);

#endif
