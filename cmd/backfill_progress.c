/* What the subcommands show while they work. */
#include "backfill_progress.h"

#include "cli/output.h"

bool rs_backfill_progress_log(struct rs_app *app)
{
    bool log = app->progress.style == RS_PROGRESS_OFF && app->progress_when != RS_WHEN_NEVER;
    if (log) {
        app->progress.style = RS_PROGRESS_LOG;
    }
    return log;
}

void rs_backfill_progress_begin(struct rs_app *app)
{
    if (rs_backfill_progress_log(app)) {
        app->progress.drawn_us = app->env.monotonic_us(&app->env);
    }
}

void rs_backfill_progress_show(void *arg, const struct rs_migrate_progress *now)
{
    struct rs_app *app = arg;
    struct rs_progress_now view = {.phase = "migrating",
                                   .done_bytes = now->done_rows,
                                   .total_bytes = now->total_rows,
                                   .events = now->bytes,
                                   .counted = "rows"};
    rs_progress_update(&app->progress, &view);
}
