/* What migrate and switch show while they work. */
#include "backfill_view.h"

static const int64_t MINUTE_US = (int64_t)60 * 1000 * 1000;

void rs_migrate_view_init(struct rs_migrate_view *view, struct rs_app *app)
{
    int64_t now_us = app->env.monotonic_us(&app->env);
    *view = (struct rs_migrate_view){app, now_us, now_us};
}

void rs_migrate_view_show(void *arg, const struct rs_migrate_progress *now)
{
    struct rs_migrate_view *view = arg;
    const struct rs_env *env = &view->app->env;
    int64_t now_us = env->monotonic_us(env);
    struct rs_progress_now bar = {.phase = "migrating",
                                  .done_bytes = now->done_rows,
                                  .total_bytes = now->total_rows,
                                  .events = now->bytes,
                                  .counted = "rows"};
    rs_progress_update(&view->app->progress, &bar);
    if (view->app->progress.style == RS_PROGRESS_OFF && now_us - view->told_us >= MINUTE_US) {
        double seconds = (double)(now_us - view->begun_us) / 1e6;
        view->told_us = now_us;
        rs_log(&env->log, RS_LOG_NOTICE, "%llu of %llu rows, %llu bytes, %.0f rows/s",
               (unsigned long long)now->done_rows, (unsigned long long)now->total_rows,
               (unsigned long long)now->bytes, (double)now->done_rows / seconds);
    }
}
