/* What the subcommands show while they work. */
#include "backfill_progress.h"

#include "cli/output.h"

struct rs_meter *rs_backfill_progress_begin(struct rs_app *app)
{
    if (!app->progress.env) {
        return NULL; /* the options could not be read */
    }
    if (app->progress.style == RS_PROGRESS_OFF && app->progress_when != RS_WHEN_NEVER) {
        app->progress.style = RS_PROGRESS_LOG;
    }
    return rs_progress_begin(&app->progress);
}
