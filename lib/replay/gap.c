/*
 * Without an interval the days are those of the archive: of its folders, and where there are none, of
 * the events, which are read once for that alone. A day that an event of another day's folder turns
 * out to belong to is compared again, so what differs is told at the end.
 */
#include "replay/gap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "replay/archive.h"

enum { STRAY_DAYS = 31 }; /* how far from its folder's day an event is still looked for */

struct gap {
    const struct rs_gap_options *options;
    const struct rs_env *env;
    struct rs_gap_report *report;
    struct rs_archive archive;
    size_t day;          /* the window at hand */
    uint64_t *events_of; /* a day: ids, over all tables */
    uint64_t events;
    bool *lacks;         /* a day: something is missing or doubled */
    bool *failed;        /* an input: it could not be read */
    uint64_t read_bytes; /* of days that were compared */
    uint64_t left_bytes; /* of days after the one at hand */
    bool filling;
};

static void forget_day(struct gap *gap, const struct rs_interval *day)
{
    struct rs_gap_report *report = gap->report;
    size_t kept = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        if (report->rows[i].day.from_us == day->from_us) {
            rs_mem_free(report->rows[i].table);
        } else {
            report->rows[kept++] = report->rows[i];
        }
    }
    report->row_count = kept;
}

static void put_difference(void *arg, const struct rs_window_difference *found)
{
    struct gap *gap = arg;
    struct rs_gap_report *report = gap->report;
    gap->events += found->events;
    if (found->missing + found->extra + found->doubled == 0) {
        return;
    }
    gap->lacks[gap->day] = gap->lacks[gap->day] || found->missing + found->doubled > 0;
    report->rows = rs_mem_grow(report->rows, &report->row_capacity, report->row_count + 1,
                               sizeof *report->rows);
    report->rows[report->row_count++] = (struct rs_gap_row){
        .day = gap->archive.plan.windows[gap->day].interval,
        .table = rs_mem_strndup(found->table.data, found->table.length),
        .events = found->events,
        .rows = found->rows,
        .missing = found->missing,
        .extra = found->extra,
        .doubled = found->doubled,
        .superseded = found->superseded,
    };
}

static struct rs_sync_window window_of(struct gap *gap, bool compares)
{
    const struct rs_gap_options *options = gap->options;
    return (struct rs_sync_window){
        .interval_filter = {.calls = options->calls},
        .events = options->events,
        .event_count = options->event_count,
        .compare = compares ? put_difference : NULL,
        .arg = gap,
    };
}

/*
 * Run windows. Inputs that cannot be read are noted, and *done is false where there was no other;
 * all else that fails ends the gap.
 */
static bool run_windows(struct gap *gap, size_t window_number, struct rs_sync_window *window,
                        struct rs_sync_report *run, bool *done, struct rs_error *err)
{
    struct rs_archive *archive = &gap->archive;
    *done = rs_archive_run(archive, window_number, 1, window, run, err);
    if (*done || !rs_archive_may_go_on(run, err)) {
        return *done;
    }
    *done = err->code == RS_E_PARTIAL;
    for (size_t i = 0; i < archive->input_count; i++) {
        bool *failed = &gap->failed[archive->numbers[i]];
        gap->report->inputs_failed += !archive->seen[i].known && !*failed ? 1 : 0;
        *failed = *failed || !archive->seen[i].known;
    }
    if (!*done) {
        rs_archive_tell(archive, err->message);
    }
    rs_error_clear(err);
    return true;
}

/* --- which days ------------------------------------------------------------------------------------------ */

/* Take the instant's day into the interval, which is empty at first. */
static void widen(struct rs_interval *interval, int64_t us)
{
    int64_t from_us = rs_day_of(us) * RS_DAY_US;
    bool empty = interval->from_us == interval->to_us;
    interval->from_us = empty || from_us < interval->from_us ? from_us : interval->from_us;
    interval->to_us =
        empty || from_us + RS_DAY_US > interval->to_us ? from_us + RS_DAY_US : interval->to_us;
}

static void ignore_difference(void *arg, const struct rs_window_difference *found)
{
    (void)arg;
    (void)found;
}

/* Read all inputs that no folder has a day for, only to learn theirs. */
static bool survey(struct gap *gap, struct rs_error *err)
{
    struct rs_archive *archive = &gap->archive;
    struct rs_sync_window window = window_of(gap, true);
    struct rs_sync_report run = {0};
    bool any = false;
    window.compare = ignore_difference;
    archive->interval = (struct rs_interval){RS_TIMEFMT_FIRST_US, RS_TIMEFMT_FIRST_US + 1};
    if (!rs_archive_plan(archive, RS_DAY_US, err)) {
        return false;
    }
    for (size_t i = 0; i < archive->plan.input_count; i++) {
        archive->left_bytes += archive->plan.inputs[i].size_bytes; /* all of it is compared then */
        archive->plan.inputs[i].seen.known = archive->plan.inputs[i].has_day;
        any = any || !archive->plan.inputs[i].has_day;
    }
    bool done = false;
    bool ok = !any || run_windows(gap, 0, &window, &run, &done, err);
    if (ok && any) {
        rs_archive_learn(archive, 0, 1);
    }
    rs_sync_report_release(&run);
    return ok;
}

/* The days of the archive, and those around its folders that a stray may be of. */
static bool find_days(struct gap *gap, struct rs_error *err)
{
    struct rs_archive *archive = &gap->archive;
    struct rs_interval interval = {0, 0};
    if (!survey(gap, err)) {
        return false;
    }
    struct rs_window_plan surveyed = archive->plan;
    archive->plan = (struct rs_window_plan){0};
    for (size_t i = 0; i < surveyed.input_count; i++) {
        const struct rs_window_input *input = &surveyed.inputs[i];
        if (input->has_day) {
            widen(&interval, input->day.from_us - STRAY_DAYS * RS_DAY_US);
            widen(&interval, input->day.from_us + STRAY_DAYS * RS_DAY_US);
        } else if (input->seen.count > 0) {
            widen(&interval, input->seen.first_us);
            widen(&interval, input->seen.last_us);
        }
    }
    archive->interval = interval;
    bool ok = interval.from_us == interval.to_us || rs_archive_plan(archive, RS_DAY_US, err);
    for (size_t i = 0; ok && i < archive->plan.input_count; i++) {
        if (!archive->plan.inputs[i].has_day) {
            archive->plan.inputs[i].seen = surveyed.inputs[i].seen;
        }
    }
    rs_window_plan_release(&surveyed);
    return ok;
}

/* --- a day ------------------------------------------------------------------------------------------------- */

/* What is read to fill the days from this one on: twice, as what was filled is compared again. */
static uint64_t bytes_to_fill(const struct gap *gap, size_t day)
{
    const struct rs_window_plan *plan = &gap->archive.plan;
    uint64_t bytes = 0;
    size_t inputs = 0;
    for (; day < plan->count; day++) {
        bytes += gap->lacks[day] ? 2 * rs_window_plan_bytes(plan, day, &inputs) : 0;
    }
    return bytes;
}

static bool compare_day(struct gap *gap, size_t day, struct rs_error *err)
{
    struct rs_archive *archive = &gap->archive;
    struct rs_sync_window window = window_of(gap, true);
    struct rs_sync_report run = {0};
    gap->day = day;
    gap->events = 0;
    gap->lacks[day] = false;
    gap->left_bytes = rs_window_plan_bytes_left(&archive->plan, day, 1, gap->left_bytes);
    archive->left_bytes = gap->filling         ? bytes_to_fill(gap, day + 1)
                          : gap->options->fill ? gap->left_bytes * 2 + gap->read_bytes
                                               : gap->left_bytes;
    forget_day(gap, &archive->plan.windows[day].interval);
    bool done = false;
    bool ok =
        rs_env_check_interrupt(gap->env, err) && run_windows(gap, day, &window, &run, &done, err);
    if (ok) {
        rs_archive_learn(archive, day, 1);
        gap->read_bytes += archive->input_bytes;
        gap->events_of[day] = gap->events;
    }
    rs_sync_report_release(&run);
    return ok;
}

static bool compare_days(struct gap *gap, struct rs_error *err)
{
    size_t day = 0;
    while (rs_window_plan_next(&gap->archive.plan, 1, &day) > 0) {
        if (!compare_day(gap, day, err)) {
            return false;
        }
    }
    return true;
}

static bool fill_day(struct gap *gap, size_t day, struct rs_error *err)
{
    struct rs_sync_window window = window_of(gap, false);
    struct rs_sync_report run = {0};
    bool done = false;
    size_t inputs = 0;
    gap->filling = true;
    gap->archive.left_bytes =
        bytes_to_fill(gap, day + 1) + rs_window_plan_bytes(&gap->archive.plan, day, &inputs);
    bool ok =
        rs_env_check_interrupt(gap->env, err) && run_windows(gap, day, &window, &run, &done, err);
    gap->report->days_filled += done ? 1 : 0;
    gap->report->rows_filled += done ? run.rows : 0;
    rs_sync_report_release(&run);
    return ok && compare_day(gap, day, err);
}

static bool fill_days(struct gap *gap, struct rs_error *err)
{
    bool ok = true;
    for (size_t day = 0; ok && day < gap->archive.plan.count; day++) {
        ok = !gap->lacks[day] || fill_day(gap, day, err);
    }
    return ok;
}

/* --- all of it ----------------------------------------------------------------------------------------------- */

static int compare_rows(const void *left, const void *right)
{
    const struct rs_gap_row *a = left;
    const struct rs_gap_row *b = right;
    if (a->day.from_us != b->day.from_us) {
        return a->day.from_us < b->day.from_us ? -1 : 1;
    }
    return strcmp(a->table, b->table);
}

static void sum_up(struct gap *gap)
{
    struct rs_gap_report *report = gap->report;
    for (size_t day = 0; gap->lacks && day < gap->archive.plan.count; day++) {
        report->days += gap->events_of[day] > 0 ? 1 : 0;
        report->days_lacking += gap->lacks[day] ? 1 : 0;
    }
    for (size_t i = 0; i < report->row_count; i++) {
        report->missing += report->rows[i].missing;
        report->extra += report->rows[i].extra;
        report->doubled += report->rows[i].doubled;
    }
    if (report->row_count > 0) {
        qsort(report->rows, report->row_count, sizeof *report->rows, compare_rows);
    }
}

/* What was compared counts, but not for more than it is. */
static bool check_inputs(const struct gap *gap, struct rs_error *err)
{
    const struct rs_gap_report *report = gap->report;
    if (report->inputs_failed == 0) {
        return true;
    }
    (void)rs_error_set(err, RS_E_PARTIAL,
                       "could not compare %zu of %zu inputs with the tables: see above",
                       report->inputs_failed, report->inputs);
    return rs_error_hint(err, "more than is shown may be missing on their days, and rows of their "
                              "events count as rows of other sources: mend them and run again");
}

static bool work(struct gap *gap, struct rs_error *err)
{
    const struct rs_gap_options *options = gap->options;
    struct rs_archive *archive = &gap->archive;
    const struct rs_interval all = {0, 0};
    if (!rs_archive_open(archive, gap->env, &options->sync,
                         options->has_interval ? &options->interval : &all, err)) {
        return false;
    }
    archive->all_told = true;
    archive->wait_us = options->wait_us;
    gap->report->inputs = archive->list.count;
    gap->failed = rs_mem_zalloc(archive->list.count, sizeof *gap->failed);
    if (!(options->has_interval ? rs_archive_plan(archive, RS_DAY_US, err) : find_days(gap, err))) {
        return false;
    }
    gap->lacks = rs_mem_zalloc(archive->plan.count, sizeof *gap->lacks);
    gap->events_of = rs_mem_zalloc(archive->plan.count, sizeof *gap->events_of);
    return compare_days(gap, err) && (!options->fill || fill_days(gap, err)) &&
           check_inputs(gap, err);
}

bool rs_gap_run(const struct rs_env *env, const struct rs_gap_options *options,
                struct rs_gap_report *report, struct rs_error *err)
{
    struct gap gap = {.options = options, .env = env, .report = report};
    int64_t started_us = env->monotonic_us(env);
    report->ok = work(&gap, err);
    sum_up(&gap);
    report->seconds = (double)(env->monotonic_us(env) - started_us) / 1e6;
    rs_mem_free(gap.failed);
    rs_mem_free(gap.lacks);
    rs_mem_free(gap.events_of);
    rs_archive_close(&gap.archive);
    return report->ok;
}
