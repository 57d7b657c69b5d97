/*
 * What a run over a window does otherwise: its inputs are views of the caller's, which lists them
 * once for all windows, and what it tells the ledger is what the caller makes of the days that its
 * inputs turned out to have.
 */
#include "sync/run_window.h"

#include "base/mem.h"
#include "rs/name.h"
#include "sync/window.h"

enum { NAME_MAX_BYTES = 64 << 10 };

/* The tables that events of these names fill. */
static void name_tables(struct rs_pipeline *pipeline)
{
    const struct rs_sync_window *window = pipeline->options->window;
    struct rs_strbuf table = RS_STRBUF_INIT(NAME_MAX_BYTES);
    struct rs_str *tables = rs_mem_zalloc(window->event_count, sizeof *tables);
    for (size_t i = 0; i < window->event_count; i++) {
        rs_strbuf_reset(&table);
        rs_name_table(rs_str_from(window->events[i]), pipeline->name_limit, &table);
        tables[i] = (struct rs_str){rs_mem_strndup(table.data, table.length), table.length};
    }
    pipeline->interval_filter.tables = tables;
    pipeline->interval_filter.table_count = window->event_count;
    rs_strbuf_release(&table);
}

void rs_window_open(struct rs_pipeline *pipeline)
{
    const struct rs_sync_window *window = pipeline->options->window;
    pipeline->interval_filter = window->interval_filter;
    name_tables(pipeline);
    pipeline->inputs.items = rs_mem_zalloc(window->input_count, sizeof *pipeline->inputs.items);
    pipeline->inputs.count = window->input_count;
    for (size_t i = 0; i < window->input_count; i++) {
        pipeline->inputs.items[i] = window->inputs[i];
    }
}

void rs_window_close(struct rs_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->interval_filter.table_count; i++) {
        rs_mem_free((void *)pipeline->interval_filter.tables[i].data);
    }
    rs_mem_free((void *)pipeline->interval_filter.tables);
    rs_mem_free(pipeline->inputs.items);
}

void rs_window_note_read(struct rs_pipeline *pipeline)
{
    const struct rs_sync_window *window = pipeline->options->window;
    for (size_t i = 0; window->seen && i < window->input_count; i++) {
        window->seen[i].known = !pipeline->left_out[i];
    }
}

const struct rs_str *rs_window_read_again(const struct rs_pipeline *pipeline, size_t *count)
{
    struct rs_str *names = rs_mem_zalloc(pipeline->inputs.count, sizeof *names);
    *count = 0;
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        if (pipeline->intake.by_input[i].rejects > 0) {
            names[(*count)++] = rs_str_from(pipeline->inputs.items[i].name);
        }
    }
    return names;
}

void rs_window_describe(const struct rs_pipeline *pipeline, struct rs_window_marks *marks,
                        struct rs_ledger_windows *out)
{
    const struct rs_sync_window *window = pipeline->options->window;
    const struct rs_env *env = pipeline->env;
    const struct rs_sync_report *report = pipeline->report;
    if (!window->marks || report->inputs_failed > 0 || pipeline->archived > 0) {
        return; /* a window that lacks an input is not done */
    }
    window->marks(window->arg, marks);
    *out = (struct rs_ledger_windows){
        .replay = rs_str_from(window->replay),
        .marks = marks->items,
        .count = marks->count,
        .events = report->events,
        .rows = report->rows,
        .seconds = (double)(env->monotonic_us(env) - pipeline->started_us) / 1e6,
    };
}
