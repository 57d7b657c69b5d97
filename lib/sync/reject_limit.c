/*
 * Counts and examples are there when all is read and nothing is written yet, so this is the place to
 * stop a run, and to tell its owner which inputs are not what they seem.
 */
#include "sync/reject_limit.h"

#include "base/mem.h"
#include "rows/reject_log.h"
#include "sync/reasons.h"
#include "sync/record.h"

enum {
    ALL_MILLIONTHS = 1000000,
    OF_PERCENT = 10000, /* millionths */
    DECIMALS_MAX = 4,
    DEFAULT_MILLIONTHS = 100000,
    DEFAULT_LINES = 10,
    INPUTS_TOLD = 20,
    REASONS_TOLD = 3,
    EXAMPLE_BYTES = 1024,
};

static const char DEFAULT_WORDS[] = "10%, the default";

/* Millionths of "12.5": up to four decimals. */
static bool parse_percent(struct rs_str text, uint64_t *out)
{
    size_t point = rs_str_find_byte(text, '.');
    struct rs_str whole = rs_str_slice(text, 0, point == SIZE_MAX ? text.length : point);
    struct rs_str decimals =
        rs_str_slice(text, point == SIZE_MAX ? text.length : point + 1, text.length);
    uint64_t percent = 0;
    uint64_t part = 0;
    if (!rs_str_parse_u64(whole, 0, 100, &percent) || decimals.length > DECIMALS_MAX ||
        (point != SIZE_MAX && !rs_str_parse_u64(decimals, 0, OF_PERCENT, &part))) {
        return false;
    }
    for (size_t i = decimals.length; i < DECIMALS_MAX; i++) {
        part *= 10;
    }
    *out = percent * OF_PERCENT + part;
    return *out <= ALL_MILLIONTHS;
}

bool rs_reject_limit_parse(const char *text, struct rs_reject_limit *out, struct rs_error *err)
{
    *out = (struct rs_reject_limit){.given = text != NULL,
                                    .is_share = !text,
                                    .most = DEFAULT_MILLIONTHS,
                                    .words = text ? text : DEFAULT_WORDS};
    if (!text) {
        return true;
    }
    struct rs_str number = rs_str_from(text);
    out->is_share = rs_str_ends(number, RS_STR("%"));
    number.length -= out->is_share ? 1 : 0;
    if (out->is_share ? parse_percent(number, &out->most)
                      : rs_str_parse_u64(number, 0, UINT64_MAX, &out->most)) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"--max-rejects\": \"%s\" is no number of lines",
                       text);
    return rs_error_hint(err, "write a number, or a share from 0%% to 100%% such as 5%%");
}

bool rs_reject_limit_allows(const struct rs_reject_limit *limit, uint64_t events, uint64_t rejects)
{
    if (rejects == 0 || (!limit->is_share && rejects <= limit->most)) {
        return true;
    }
    if (!limit->given && (events == 0 || (rejects <= DEFAULT_LINES && rejects <= events))) {
        return events > 0;
    }
    double share = (double)rejects / ((double)events + (double)rejects);
    return limit->is_share && share * ALL_MILLIONTHS <= (double)limit->most;
}

/* --- the run ------------------------------------------------------------------------------------------ */

/* The limit was parsed before, when options were checked. */
static struct rs_reject_limit limit_of(const struct rs_pipeline *pipeline)
{
    struct rs_reject_limit limit = {0};
    struct rs_error ignored = {0};
    (void)!rs_reject_limit_parse(pipeline->options->max_rejects, &limit, &ignored);
    return limit;
}

static void tell_first(struct rs_pipeline *pipeline)
{
    const struct rs_sync_report *report = pipeline->report;
    for (size_t i = 0; i < report->reason_count && i < REASONS_TOLD; i++) {
        const struct rs_reason *reason = &report->reasons[i];
        if (reason->kind == RS_REASON_REJECT && reason->input) {
            rs_pipeline_warn(pipeline, "\"%s\", line %llu: %s: %s", reason->input,
                             (unsigned long long)reason->line, reason->reason, reason->text);
        }
    }
}

/* The hint of the most frequent reason that has one. */
static const char *find_hint(const struct rs_sync_report *report)
{
    for (size_t i = 0; i < report->reason_count; i++) {
        if (report->reasons[i].kind == RS_REASON_REJECT && report->reasons[i].hint) {
            return report->reasons[i].hint;
        }
    }
    return NULL;
}

static bool refuse(struct rs_pipeline *pipeline, const struct rs_reject_limit *limit,
                   uint64_t lines, struct rs_error *err)
{
    const struct rs_sync_report *report = pipeline->report;
    const struct rs_reason *first = report->reason_count > 0 ? &report->reasons[0] : NULL;
    const char *hint = find_hint(report);
    struct rs_strbuf example = RS_STRBUF_INIT(EXAMPLE_BYTES);
    if (first && first->input) {
        rs_strbuf_printf(&example, ", such as %s:%llu: %s", first->input,
                         (unsigned long long)first->line, first->reason);
    }
    (void)rs_error_set(err, RS_E_INPUT,
                       "could not load anything: %llu of %llu lines are rejects, more than "
                       "--max-rejects lets pass (%s)%s",
                       (unsigned long long)report->rejects, (unsigned long long)lines, limit->words,
                       rs_strbuf_cstr(&example));
    rs_strbuf_release(&example);
    return rs_error_hint(err, "%s%smend the input, or load all else with --max-rejects=100%%",
                         hint ? hint : "", hint ? "; " : "");
}

bool rs_reject_limit_check(struct rs_pipeline *pipeline, uint64_t events, struct rs_error *err)
{
    struct rs_sync_report *report = pipeline->report;
    struct rs_reject_limit limit = limit_of(pipeline);
    if (rs_reject_limit_allows(&limit, events, report->rejects)) {
        return true;
    }
    rs_reasons_collect(pipeline);
    report->past_limit = true;
    if (pipeline->options->plan_only) {
        rs_pipeline_warn(pipeline,
                         "a load would end here, with nothing loaded: %llu of %llu lines are "
                         "rejects, more than --max-rejects lets pass (%s)",
                         (unsigned long long)report->rejects,
                         (unsigned long long)(events + report->rejects), limit.words);
        tell_first(pipeline);
        return true;
    }
    tell_first(pipeline);
    return rs_record_reject_file(pipeline, err) &&
           refuse(pipeline, &limit, events + report->rejects, err);
}

/* --- an input ----------------------------------------------------------------------------------------- */

/* What is wrong with an input, in the order of the log. */
struct suspect {
    size_t input;
    uint64_t events;
    uint64_t rejects;
    struct rs_reason first; /* its reason is NULL where nothing is known of it */
};

static void find_first(const struct rs_pipeline *pipeline, struct suspect *suspect)
{
    struct rs_reject_place place = {0};
    struct rs_error ignored = {0};
    bool found = false;
    if (rs_reject_log_first(pipeline->intake.rejects, (uint32_t)suspect->input, &place, &found,
                            &ignored) &&
        found) {
        (void)!rs_reasons_describe_reject(pipeline, &place, 1, &suspect->first);
    }
}

/* It is like one that cannot be read: not loaded, not recorded, and the run is done in part. */
static void leave_out(struct rs_pipeline *pipeline, const struct suspect *suspect)
{
    const struct rs_reason *first = &suspect->first;
    struct rs_error why = {0};
    (void)rs_error_set(
        &why, RS_E_INPUT, "could not use \"%s\": nothing in it is an event, of %llu%s%s%s%s",
        pipeline->inputs.items[suspect->input].name, (unsigned long long)suspect->rejects,
        first->reason ? "; the first: " : "", first->reason ? first->reason : "",
        first->hint ? ": " : "", first->hint ? first->hint : "");
    rs_pipeline_leave_out(pipeline, suspect->input, &why, true);
}

static void tell(struct rs_pipeline *pipeline, const struct suspect *suspect)
{
    const struct rs_reason *first = &suspect->first;
    const char *name = pipeline->inputs.items[suspect->input].name;
    pipeline->report->inputs_suspect++;
    if (pipeline->report->inputs_suspect > INPUTS_TOLD) {
        return;
    }
    if (suspect->events == 0) {
        rs_pipeline_warn(pipeline, "nothing in \"%s\" is an event, of %llu%s%s%s%s", name,
                         (unsigned long long)suspect->rejects, first->reason ? "; the first: " : "",
                         first->reason ? first->reason : "", first->hint ? ": " : "",
                         first->hint ? first->hint : "");
    } else {
        rs_pipeline_warn(pipeline, "%llu of %llu lines of \"%s\" are rejects%s%s%s%s",
                         (unsigned long long)suspect->rejects,
                         (unsigned long long)(suspect->events + suspect->rejects), name,
                         first->reason ? "; the first: " : "", first->reason ? first->reason : "",
                         first->hint ? ": " : "", first->hint ? first->hint : "");
    }
}

/* Windows that only compare were told of no rejects, which is no reason to take no event for all. */
static uint64_t rejects_of(const struct rs_pipeline *pipeline, size_t input)
{
    const struct rs_sync_window *window = pipeline->options->window;
    const struct rs_intake_counts *counts = &pipeline->intake.by_input[input];
    return counts->rejects + (window && window->compare ? counts->told_rejects : 0);
}

static uint64_t events_of(const struct rs_intake_counts *counts)
{
    return counts->events + counts->outside + counts->undated;
}

static void look_at(struct rs_pipeline *pipeline, size_t input, const struct rs_reject_limit *limit)
{
    struct suspect suspect = {.input = input,
                              .events = events_of(&pipeline->intake.by_input[input]),
                              .rejects = rejects_of(pipeline, input)};
    bool allowed = rs_reject_limit_allows(limit, suspect.events, suspect.rejects);
    if (suspect.rejects == 0 || (allowed && suspect.events > 0)) {
        return;
    }
    find_first(pipeline, &suspect);
    if (allowed || suspect.events > 0 || pipeline->options->plan_only) {
        tell(pipeline, &suspect);
    } else {
        leave_out(pipeline, &suspect);
    }
    rs_reason_release(&suspect.first);
}

/* Empty inputs are no fault: log files are, until something is logged. */
static void tell_empty(struct rs_pipeline *pipeline)
{
    const char *first = NULL;
    size_t empty = 0;
    for (size_t i = 0; i < pipeline->inputs.count && !pipeline->options->window; i++) {
        const struct rs_intake_counts *counts = &pipeline->intake.by_input[i];
        if (!pipeline->left_out[i] && counts->events + counts->rejects == 0) {
            first = first ? first : pipeline->inputs.items[i].name;
            empty++;
        }
    }
    if (empty == 1) {
        rs_pipeline_notice(pipeline, "\"%s\" has no lines, or blank ones alone", first);
    } else if (empty > 1) {
        rs_pipeline_notice(pipeline,
                           "%zu inputs have no lines, or blank ones alone, such as \"%s\"", empty,
                           first);
    }
}

bool rs_reject_limit_settle(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_window *window = pipeline->options->window;
    struct rs_reject_limit limit = limit_of(pipeline);
    bool whole = !pipeline->share && !(window && window->compare);
    if (whole && !rs_reject_limit_check(pipeline, events_of(&pipeline->intake.counts), err)) {
        return false;
    }
    for (size_t i = 0; i < pipeline->inputs.count && !pipeline->report->past_limit; i++) {
        if (!pipeline->left_out[i]) {
            look_at(pipeline, i, &limit);
        }
    }
    if (pipeline->report->inputs_suspect > INPUTS_TOLD) {
        rs_pipeline_warn(pipeline, "so it is with %llu more inputs",
                         (unsigned long long)(pipeline->report->inputs_suspect - INPUTS_TOLD));
    }
    tell_empty(pipeline);
    return true;
}
