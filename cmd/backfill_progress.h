/*
 * backfill_progress.h - how far a subcommand is: a bar on a terminal, a message a minute elsewhere.
 *
 *   options.meter = rs_backfill_progress_begin(&app);
 *   ...
 *   rs_progress_end(&app.progress, ok);
 *
 * Pure:    no: standard error, the clock.   Threads: main thread only.
 */
#ifndef RS_CMD_BACKFILL_PROGRESS_H
#define RS_CMD_BACKFILL_PROGRESS_H

#include "cli/app.h"

/* NULL with --progress=never, and where the options could not be read. */
struct rs_meter *rs_backfill_progress_begin(struct rs_app *app);

#endif
