/* Pure formatting. What is zero is not mentioned to a person; a program gets all counts. */
#include "base/mem.h"
#include "codec/report_fields.h"
#include "codec/words.h"
#include "replay/interval_text.h"
#include "replay/replay.h"

static const char *const state_names[] = {[RS_REPLAY_PLANNED] = "planned",
                                          [RS_REPLAY_BEFORE] = "loaded before",
                                          [RS_REPLAY_DONE] = "loaded",
                                          [RS_REPLAY_FAILED] = "failed"};

static const char *const status_names[] = {
    [RS_SYNC_SUCCESS] = "success", [RS_SYNC_PARTIAL] = "partial", [RS_SYNC_FAILURE] = "failure"};

const char *rs_replay_state_name(enum rs_replay_state state)
{
    return state_names[state];
}

const char *rs_replay_status_name(enum rs_sync_status status)
{
    return status_names[status];
}

void rs_replay_window_json(const struct rs_replay_window *window, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_report_field head[] = {
        RS_REPORT_TEXT("event", "window"),
        RS_REPORT_TEXT("state", state_names[window->state]),
    };
    const struct rs_report_field windows = RS_REPORT_COUNT("windows", window->windows);
    const struct rs_report_field inputs[] = {
        RS_REPORT_COUNT("inputs", window->inputs),
        RS_REPORT_COUNT("bytes", window->bytes),
    };
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, head, RS_COUNTOF(head));
    rs_interval_write(&json, &window->interval);
    rs_report_fields_json(&json, &windows, 1);
    if (window->state != RS_REPLAY_BEFORE) {
        rs_report_fields_json(&json, inputs, RS_COUNTOF(inputs));
    }
    if (window->report) {
        const struct rs_report_field run[] = {
            RS_REPORT_TEXT("sync_id", window->report->sync_id),
            RS_REPORT_COUNT("lines", window->report->lines),
            RS_REPORT_COUNT("events", window->report->events),
            RS_REPORT_COUNT("rejects", window->report->rejects),
            RS_REPORT_COUNT("rows", window->report->rows),
            RS_REPORT_SECONDS("seconds", window->seconds),
        };
        rs_report_fields_json(&json, run, RS_COUNTOF(run));
    }
    if (window->error) {
        const struct rs_report_field error = RS_REPORT_TEXT("error", window->error);
        rs_report_fields_json(&json, &error, 1);
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

/* The counts of a replay, and the words of those that a person is told when they are not zero. */
size_t rs_replay_report_counts(const struct rs_replay_report *report,
                               struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_report_field fields[] = {
        RS_REPORT_COUNT("windows", report->windows),
        RS_REPORT_COUNT("windows_loaded_before", report->windows_before),
        RS_REPORT_COUNT("windows_loaded", report->windows_done),
        RS_REPORT_EXCEPTION("windows_failed", report->windows_failed, 7, "window failed",
                            "windows failed"),
        RS_REPORT_COUNT("inputs", report->inputs),
        RS_REPORT_COUNT("bytes", report->read_bytes),
        RS_REPORT_COUNT("lines", report->lines),
        RS_REPORT_COUNT("events", report->events),
        RS_REPORT_COUNT("rows", report->rows),
        RS_REPORT_EXCEPTION("rejects", report->rejects, 1, "reject", "rejects"),
        RS_REPORT_EXCEPTION("discards", report->discards, 2, "discard", "discards"),
        RS_REPORT_EXCEPTION("duplicates", report->duplicates, 3, "duplicate", "duplicates"),
        RS_REPORT_EXCEPTION("skips_opt_out", report->opt_outs, 4, "event opted out",
                            "events opted out"),
        RS_REPORT_EXCEPTION("skips_select", report->unselected, 5, "event not selected",
                            "events not selected"),
        RS_REPORT_EXCEPTION("skips_undated", report->undated, 6, "event of no known time left out",
                            "events of no known time left out"),
        RS_REPORT_EXCEPTION("inputs_suspect", report->inputs_suspect, 8,
                            "input with too many rejects", "inputs with too many rejects"),
        RS_REPORT_SECONDS("seconds", report->seconds),
    };
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_replay_report_json(const struct rs_replay_report *report, bool dry_run,
                           const struct rs_error *err, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_report_field head[] = {
        RS_REPORT_TEXT("event", "summary"),
        RS_REPORT_TEXT("status", status_names[report->status]),
        RS_REPORT_TEXT("schema", report->schema),
        RS_REPORT_TEXT("database", report->database),
    };
    const struct rs_report_field estimate[] = {
        RS_REPORT_SECONDS("estimate_seconds", report->estimate_seconds),
        RS_REPORT_FLAG("estimate_is_measured", report->measured),
    };
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, head, RS_COUNTOF(head));
    rs_report_fields_json(&json, counts, rs_replay_report_counts(report, counts));
    rs_json_write_key(&json, RS_STR("reasons"));
    rs_reasons_json(&json, report->reasons, report->reason_count);
    rs_report_fields_json(&json, estimate, dry_run ? RS_COUNTOF(estimate) : 0);
    rs_json_write_end(&json, err);
}

void rs_replay_report_release(struct rs_replay_report *report)
{
    rs_reasons_release(report->reasons, report->reason_count);
    rs_mem_free(report->schema);
    rs_mem_free(report->database);
    *report = (struct rs_replay_report){0};
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
    if (report->lines > report->events) {
        rs_words_count(out, report->lines, "line");
        rs_strbuf_append(out, ", ");
    }
    rs_words_count(out, report->events, "event");
    rs_strbuf_append(out, " from ");
    rs_words_count(out, report->inputs, "input");
    rs_strbuf_append(out, " (");
    rs_words_bytes(out, report->read_bytes);
    rs_strbuf_append(out, " read), ");
    rs_words_count(out, report->rows, "row");
    if (report->schema) {
        rs_strbuf_printf(out, " of schema \"%s\" in database \"%s\"", report->schema,
                         report->database);
    }
    rs_strbuf_append(out, " in ");
    rs_words_seconds(out, report->seconds);
    double speed = report->seconds > 0 ? (double)report->rows / report->seconds : 0;
    rs_strbuf_printf(out, ", %.0f rows/s\n", speed);
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    rs_report_fields_sentence(out, counts, rs_replay_report_counts(report, counts));
    rs_reasons_text(report->reasons, report->reason_count, out);
}
