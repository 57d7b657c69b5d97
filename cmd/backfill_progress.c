/* What migrate and switch show while they work. */
#include "backfill_progress.h"

#include "cli/output.h"

void rs_backfill_progress_begin(struct rs_app *app)
{
    if (app->progress.style == RS_PROGRESS_OFF && app->progress_when != RS_WHEN_NEVER) {
        app->progress.style = RS_PROGRESS_LOG;
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
