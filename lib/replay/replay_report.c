/* Pure formatting. What is zero is not mentioned to a person; a program gets all counts. */
#include "codec/json_write.h"
#include "codec/words.h"
#include "replay/interval_text.h"
#include "replay/replay.h"

static const char *const state_names[] = {[RS_REPLAY_PLANNED] = "planned",
                                          [RS_REPLAY_BEFORE] = "loaded before",
                                          [RS_REPLAY_DONE] = "loaded",
                                          [RS_REPLAY_FAILED] = "failed"};

static const char *const status_names[] = {
    [RS_SYNC_SUCCESS] = "success", [RS_SYNC_PARTIAL] = "partial", [RS_SYNC_FAILURE] = "failure"};

static void write_number(struct rs_json_writer *json, const char *key, uint64_t number)
{
    rs_json_write_key(json, rs_str_from(key));
    rs_json_write_u64(json, number);
}

void rs_replay_window_json(const struct rs_replay_window *window, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("event"));
    rs_json_write_text(&json, "window");
    rs_json_write_key(&json, RS_STR("state"));
    rs_json_write_text(&json, state_names[window->state]);
    rs_interval_write(&json, &window->interval);
    write_number(&json, "windows", window->windows);
    if (window->state != RS_REPLAY_BEFORE) {
        write_number(&json, "inputs", window->inputs);
        write_number(&json, "bytes", window->bytes);
    }
    if (window->report) {
        rs_json_write_key(&json, RS_STR("sync_id"));
        rs_json_write_text(&json, window->report->sync_id);
        write_number(&json, "events", window->report->events);
        write_number(&json, "rows", window->report->rows);
        rs_json_write_key(&json, RS_STR("seconds"));
        rs_json_write_seconds(&json, window->seconds);
    }
    if (window->error) {
        rs_json_write_key(&json, RS_STR("error"));
        rs_json_write_text(&json, window->error);
    }
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

void rs_replay_window_text(const struct rs_replay_window *window, struct rs_strbuf *out)
{
    rs_interval_append(out, &window->interval);
    rs_strbuf_printf(out, ": %s", state_names[window->state]);
    if (window->state != RS_REPLAY_BEFORE) {
        rs_strbuf_append(out, ", ");
        rs_words_count(out, window->inputs, "input");
        rs_strbuf_append(out, " (");
        rs_words_bytes(out, window->bytes);
        rs_strbuf_append(out, ")");
    }
    if (window->report) {
        rs_strbuf_append(out, ", ");
        rs_words_count(out, window->report->rows, "row");
        rs_strbuf_append(out, " in ");
        rs_words_seconds(out, window->seconds);
    }
    if (window->error) {
        rs_strbuf_printf(out, ": %s", window->error);
    }
}

void rs_replay_report_json(const struct rs_replay_report *report, bool dry_run,
                           const struct rs_error *err, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("event"));
    rs_json_write_text(&json, "summary");
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, status_names[report->status]);
    write_number(&json, "windows", report->windows);
    write_number(&json, "windows_loaded_before", report->windows_before);
    write_number(&json, "windows_loaded", report->windows_done);
    write_number(&json, "windows_failed", report->windows_failed);
    write_number(&json, "inputs", report->inputs);
    write_number(&json, "bytes", report->read_bytes);
    write_number(&json, "events", report->events);
    write_number(&json, "rows", report->rows);
    write_number(&json, "rejects", report->rejects);
    write_number(&json, "discards", report->discards);
    write_number(&json, "duplicates", report->duplicates);
    write_number(&json, "skips_opt_out", report->opt_outs);
    write_number(&json, "skips_select", report->unselected);
    write_number(&json, "skips_undated", report->undated);
    rs_json_write_key(&json, RS_STR("seconds"));
    rs_json_write_seconds(&json, report->seconds);
    if (dry_run) {
        rs_json_write_key(&json, RS_STR("estimate_seconds"));
        rs_json_write_seconds(&json, report->estimate_seconds);
        rs_json_write_key(&json, RS_STR("estimate_is_measured"));
        rs_json_write_bool(&json, report->measured);
    }
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

/* A sentence of the counts that are not zero; nothing when all are. */
static void append_exceptions(const struct rs_replay_report *report, struct rs_strbuf *out)
{
    const struct rs_words_exception exceptions[] = {
        {report->rejects, "reject", "rejects"},
        {report->discards, "discard", "discards"},
        {report->duplicates, "duplicate", "duplicates"},
        {report->opt_outs, "event opted out", "events opted out"},
        {report->unselected, "event not selected", "events not selected"},
        {report->undated, "event of no known time left out", "events of no known time left out"},
        {report->windows_failed, "window failed", "windows failed"},
    };
    rs_words_exceptions(out, exceptions, RS_COUNTOF(exceptions));
}

static void append_estimate(const struct rs_replay_report *report, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "to load: ");
    rs_words_count(out, report->windows - report->windows_before, "window");
    rs_strbuf_append(out, ", ");
    rs_words_bytes(out, report->read_bytes);
    rs_strbuf_append(out, " to read, about ");
    rs_words_seconds(out, report->estimate_seconds);
    rs_strbuf_append(out, report->measured ? " at the speed of windows that were loaded\n"
                                           : " at a guess: no window was loaded yet\n");
}

void rs_replay_report_text(const struct rs_replay_report *report, bool dry_run,
                           struct rs_strbuf *out)
{
    if (dry_run) {
        append_estimate(report, out);
        return;
    }
    rs_strbuf_printf(out, "%s: ", status_names[report->status]);
    rs_words_count(out, report->windows, "window");
    if (report->windows_before > 0) {
        rs_strbuf_printf(out, " (%zu loaded before)", report->windows_before);
    }
    rs_strbuf_append(out, ", ");
    rs_words_count(out, report->events, "event");
    rs_strbuf_append(out, " from ");
    rs_words_count(out, report->inputs, "input");
    rs_strbuf_append(out, " (");
    rs_words_bytes(out, report->read_bytes);
    rs_strbuf_append(out, " read), ");
    rs_words_count(out, report->rows, "row");
    rs_strbuf_append(out, " in ");
    rs_words_seconds(out, report->seconds);
    double speed = report->seconds > 0 ? (double)report->rows / report->seconds : 0;
    rs_strbuf_printf(out, ", %.0f rows/s\n", speed);
    append_exceptions(report, out);
}
