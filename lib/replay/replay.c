/*
 * From top to bottom of rs_replay_run: list the inputs, plan the windows, take those off that the
 * ledger knows, run the others oldest first, close the replay. What a window's inputs turn out to
 * hold of other windows is written to the ledger in the same transaction that says it is done.
 * A window counts as done as long as the inputs that are listed for it are those that it was done
 * with.
 */
#include "replay/replay.h"

#include <string.h>

#include "base/mem.h"
#include "codec/digest.h"
#include "ledger/ledger_windows.h"
#include "replay/archive.h"
#include "sync/window.h"

enum {
    MS_OF_SECOND = 1000,
    US_OF_MS = 1000,
    NUMBER_BYTES = 32,
    HEX_BYTES = 2 * RS_SHA256_BYTES,
};

/* What a window takes where nothing was measured yet; most of it is the loading. */
static const double GUESSED_BYTES_PER_SECOND = 5e6;

/* In place of a digest, of a window that wants an input: it was done before without that one. */
#define AGAIN "again"

struct digest {
    char hex[HEX_BYTES + 1];
};

struct replay {
    const struct rs_replay_options *options;
    const struct rs_env *env;
    struct rs_replay_report *report;
    struct rs_archive archive;
    struct digest name; /* of the replay, in the ledger */
    struct rs_sync_window window;
    int64_t started_us;

    /* Of the run at hand. */
    size_t first;
    size_t count;
    struct digest *digests; /* of each of its windows */
    struct rs_window_marks *marks;
    struct rs_str stray;        /* the input that other windows want */
    uint64_t left_bytes;        /* of the inputs of windows after it */
    struct rs_error past_limit; /* of the first run whose rejects were too many */
};

/* --- names ------------------------------------------------------------------------------------------- */

static void add_text(struct rs_sha256 *sha256, const char *text)
{
    struct rs_str given = rs_str_from(text);
    rs_sha256_update(sha256, given);
    rs_sha256_update(sha256, (struct rs_str){"", 1}); /* its end, a NUL */
}

static void add_number(struct rs_sha256 *sha256, int64_t number)
{
    struct rs_strbuf text = RS_STRBUF_INIT(NUMBER_BYTES);
    rs_strbuf_append_i64(&text, number);
    add_text(sha256, rs_strbuf_cstr(&text));
    rs_strbuf_release(&text);
}

/* The default adds nothing: replays from before there was a choice keep their names. */
static void add_choice(struct rs_sha256 *sha256, const char *option, unsigned value)
{
    if (value != 0) {
        add_text(sha256, option);
        add_number(sha256, value);
    }
}

static void finish_digest(struct rs_sha256 *sha256, struct digest *out)
{
    unsigned char bytes[RS_SHA256_BYTES];
    rs_sha256_finish(sha256, bytes);
    rs_hex(bytes, sizeof bytes, out->hex);
    out->hex[HEX_BYTES] = '\0';
    rs_sha256_free(sha256);
}

/*
 * Name the replay: those of one name ask for the same events, cut in the same way. RS_E_CONFIG when
 * the file of --select cannot be read.
 */
static bool make_name(struct replay *replay, struct rs_error *err)
{
    const struct rs_replay_options *options = replay->options;
    char selection[RS_SELECTION_HEX_SIZE];
    if (!rs_sync_selection_digest(options->sync.select_file, selection, err)) {
        return false;
    }
    struct rs_sha256 *sha256 = rs_sha256_new();
    add_number(sha256, options->interval.from_us);
    add_number(sha256, options->interval.to_us);
    add_number(sha256, options->window_us);
    add_number(sha256, options->calls);
    for (size_t i = 0; i < options->event_count; i++) {
        add_text(sha256, options->events[i]);
    }
    add_text(sha256, "");
    add_text(sha256, selection);
    add_text(sha256, options->sync.warehouse_id);
    add_choice(sha256, "opt-out", options->sync.opt_out);
    add_choice(sha256, "null-traits", options->sync.null_traits);
    for (size_t i = 0; i < options->sync.input_count; i++) {
        add_text(sha256, options->sync.inputs[i]);
    }
    finish_digest(sha256, &replay->name);
    return true;
}

/* Tell the inputs that are listed for a window from what they were or will be. */
static void digest_inputs(const struct replay *replay, size_t window, struct digest *out)
{
    const struct rs_archive *archive = &replay->archive;
    struct rs_sha256 *sha256 = rs_sha256_new();
    for (size_t i = 0; i < archive->list.count; i++) {
        if (rs_window_plan_by_day(&archive->plan, window, i)) {
            add_text(sha256, archive->list.items[i].identity);
            add_text(sha256, archive->list.items[i].version);
        }
    }
    finish_digest(sha256, out);
}

/* --- the ledger ---------------------------------------------------------------------------------------- */

/* What the ledger has of this replay, before anything is run. */
struct known {
    struct replay *replay;
    struct rs_map *inputs; /* identity -> number + 1 in the list, as a pointer into numbers */
    size_t *numbers;
};

static void list_identities(struct known *known)
{
    const struct rs_input_list *list = &known->replay->archive.list;
    known->inputs = rs_map_new(0);
    known->numbers = rs_mem_zalloc(list->count, sizeof *known->numbers);
    for (size_t i = 0; i < list->count; i++) {
        known->numbers[i] = i;
        *rs_map_put(known->inputs, rs_str_from(list->items[i].identity)) = &known->numbers[i];
    }
}

static void put_mark(void *arg, const struct rs_window_mark *mark)
{
    struct known *known = arg;
    struct replay *replay = known->replay;
    struct rs_window_plan *plan = &replay->archive.plan;
    size_t window = rs_window_plan_find(plan, &mark->window);
    struct digest digest;
    if (window == SIZE_MAX) {
        return;
    }
    if (mark->input.length > 0) {
        const size_t *number = rs_map_find(known->inputs, mark->input);
        if (number) {
            rs_window_plan_want(plan, window, *number);
        }
        plan->windows[window].told =
            plan->windows[window].told || rs_str_equal(mark->inputs_digest, RS_STR(AGAIN));
        return;
    }
    digest_inputs(replay, window, &digest);
    if (rs_str_equal(mark->inputs_digest, rs_str_from(digest.hex))) { /* else some are new */
        rs_window_plan_done(plan, window, 1);
    }
}

/* Take what the ledger has of this replay into the plan, and how fast windows were; 0: unknown. */
static bool read_ledger(struct replay *replay, double *speed, struct rs_error *err)
{
    struct rs_archive *archive = &replay->archive;
    struct known known = {.replay = replay};
    struct rs_session *session = rs_archive_session(archive, err);
    bool ok = session != NULL;
    if (ok && !replay->options->restart) {
        list_identities(&known);
        ok = rs_ledger_read_windows(session, rs_strbuf_str(&archive->schema),
                                    rs_str_from(replay->name.hex), put_mark, &known, err);
    }
    ok = ok && rs_ledger_window_speed(session, rs_strbuf_str(&archive->schema), speed, err);
    rs_map_free(known.inputs);
    rs_mem_free(known.numbers);
    rs_session_close(session);
    return ok;
}

static bool close_replay(struct replay *replay, struct rs_error *err)
{
    struct rs_archive *archive = &replay->archive;
    struct rs_session *session = rs_archive_session(archive, err);
    bool ok = session && rs_ledger_close_windows(session, rs_strbuf_str(&archive->schema),
                                                 rs_str_from(replay->name.hex), err);
    rs_session_close(session);
    return ok;
}

static void tell_known(struct replay *replay)
{
    const struct rs_window_plan *plan = &replay->archive.plan;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->windows[i].done) {
            struct rs_replay_window window = {
                .state = RS_REPLAY_BEFORE, .interval = plan->windows[i].interval, .windows = 1};
            replay->report->windows_before++;
            replay->options->window(replay->options->arg, &window);
        }
    }
}

/* --- a run ------------------------------------------------------------------------------------------- */

static void add_mark(struct replay *replay, const struct rs_window_mark *mark)
{
    struct rs_window_marks *marks = replay->marks;
    marks->items =
        rs_mem_grow(marks->items, &marks->capacity, marks->count + 1, sizeof *marks->items);
    marks->items[marks->count++] = *mark;
}

static void mark_stray(void *arg, size_t window)
{
    struct replay *replay = arg;
    const struct rs_window *of = &replay->archive.plan.windows[window];
    add_mark(replay,
             &(struct rs_window_mark){.window = of->interval,
                                      .input = replay->stray,
                                      .inputs_digest = of->told ? RS_STR(AGAIN) : RS_STR("")});
}

/* All inputs of the run are read: say which windows are done, and which others want one of them. */
static void make_marks(void *arg, struct rs_window_marks *out)
{
    struct replay *replay = arg;
    struct rs_archive *archive = &replay->archive;
    replay->marks = out;
    for (size_t i = 0; i < archive->input_count; i++) {
        replay->stray = rs_str_from(archive->inputs[i].identity);
        rs_window_plan_strays(&archive->plan, replay->first, replay->count, archive->numbers[i],
                              &archive->seen[i], mark_stray, replay);
    }
    for (size_t i = 0; i < replay->count; i++) {
        digest_inputs(replay, replay->first + i, &replay->digests[i]);
        add_mark(replay, &(struct rs_window_mark){
                             .window = archive->plan.windows[replay->first + i].interval,
                             .inputs_digest = rs_str_from(replay->digests[i].hex),
                             .bytes = archive->input_bytes / replay->count});
    }
}

static void count_run(struct replay *replay, const struct rs_sync_report *run)
{
    struct rs_replay_report *report = replay->report;
    report->read_bytes += replay->archive.input_bytes;
    report->lines += run->lines;
    report->events += run->events;
    report->rows += run->rows;
    report->rejects += run->rejects;
    report->discards += run->discards;
    report->duplicates += run->duplicates;
    report->opt_outs += run->skips_opt_out;
    report->unselected += run->skips_select;
    report->undated += run->undated;
    report->inputs_suspect += run->inputs_suspect;
    rs_reasons_join(&report->reasons, &report->reason_count, run->reasons, run->reason_count);
    if (!report->schema) {
        report->schema = rs_mem_strdup_if_any(run->schema);
        report->database = rs_mem_strdup_if_any(run->database);
    }
}

static bool run_windows(struct replay *replay, struct rs_error *err)
{
    struct rs_archive *archive = &replay->archive;
    struct rs_sync_report run = {0};
    struct rs_replay_report *report = replay->report;
    int64_t began_us = replay->env->monotonic_us(replay->env);
    replay->digests = rs_mem_zalloc(replay->count, sizeof *replay->digests);
    archive->left_bytes = replay->left_bytes;
    archive->round = report->windows_before + report->windows_done + report->windows_failed + 1;
    archive->rounds = report->windows > archive->round ? report->windows : archive->round;
    bool ok = rs_archive_run(archive, replay->first, replay->count, &replay->window, &run, err);
    bool failed = !ok && rs_archive_may_go_on(&run, err);
    if (ok || failed) {
        struct rs_replay_window window = {
            .state = ok ? RS_REPLAY_DONE : RS_REPLAY_FAILED,
            .interval = replay->window.interval_filter.received,
            .windows = replay->count,
            .inputs = archive->input_count,
            .bytes = archive->input_bytes,
            .report = &run,
            .seconds = (double)(replay->env->monotonic_us(replay->env) - began_us) / 1e6,
            .error = failed ? err->message : NULL,
        };
        *(ok ? &report->windows_done : &report->windows_failed) += replay->count;
        count_run(replay, &run);
        rs_archive_learn(archive, replay->first, replay->count);
        replay->options->window(replay->options->arg, &window);
    }
    if (failed && run.past_limit && replay->past_limit.code == RS_OK) {
        replay->past_limit = *err;
    }
    if (failed) {
        rs_error_clear(err);
    }
    rs_sync_report_release(&run);
    rs_mem_free(replay->digests);
    replay->digests = NULL;
    return ok || failed;
}

/* --- between runs -------------------------------------------------------------------------------------- */

static bool rest(struct replay *replay, int64_t us, struct rs_error *err)
{
    int64_t until_us = replay->env->monotonic_us(replay->env) + us;
    int64_t left_us = us;
    while (left_us > 0) {
        int64_t slice_us = left_us < US_OF_MS * MS_OF_SECOND ? left_us : US_OF_MS * MS_OF_SECOND;
        if (!rs_env_pause(replay->env, (unsigned)((slice_us + US_OF_MS - 1) / US_OF_MS), err)) {
            return false;
        }
        left_us = until_us - replay->env->monotonic_us(replay->env);
    }
    return rs_env_check_interrupt(replay->env, err);
}

static bool rest_until_allowed(struct replay *replay, struct rs_error *err)
{
    const struct rs_replay_options *options = replay->options;
    int64_t passed_us = replay->env->monotonic_us(replay->env) - replay->started_us;
    int64_t rate_us = rs_rate_rest_us(replay->report->rows, passed_us, options->rate);
    if (!rest(replay, rate_us, err)) {
        return false;
    }
    int64_t hours_us = rs_hours_wait_us(&options->hours, replay->env->now_us(replay->env));
    if (hours_us > 0) {
        rs_log(&replay->env->log, RS_LOG_NOTICE, "resting for %lld minutes, until the hours begin",
               (long long)(hours_us / (60 * US_OF_MS * MS_OF_SECOND) + 1));
    }
    return rest(replay, hours_us, err);
}

static bool run_all(struct replay *replay, struct rs_error *err)
{
    struct rs_window_plan *plan = &replay->archive.plan;
    while ((replay->count = rs_window_plan_next(plan, replay->options->jobs, &replay->first)) > 0) {
        if (!rest_until_allowed(replay, err)) {
            return false;
        }
        replay->left_bytes =
            rs_window_plan_bytes_left(plan, replay->first, replay->count, replay->left_bytes);
        if (!run_windows(replay, err)) {
            return false;
        }
    }
    return true;
}

/* --- --dry-run ----------------------------------------------------------------------------------------- */

static void show_plan(struct replay *replay, double speed)
{
    struct rs_window_plan *plan = &replay->archive.plan;
    struct rs_replay_report *report = replay->report;
    size_t first = 0;
    while (rs_window_plan_next(plan, 1, &first) > 0) {
        struct rs_replay_window window = {
            .state = RS_REPLAY_PLANNED, .interval = plan->windows[first].interval, .windows = 1};
        window.bytes = rs_window_plan_bytes(plan, first, &window.inputs);
        report->read_bytes += window.bytes;
        rs_window_plan_done(plan, first, 1);
        replay->options->window(replay->options->arg, &window);
    }
    report->measured = speed > 0;
    report->estimate_seconds =
        (double)report->read_bytes / (speed > 0 ? speed : GUESSED_BYTES_PER_SECOND);
}

/* --- the replay ------------------------------------------------------------------------------------------ */

/* Windows that are there for their inputs' sake: those done before and those still to be done. */
static size_t count_windows(struct replay *replay)
{
    struct rs_window_plan *plan = &replay->archive.plan;
    size_t count = replay->report->windows_before;
    size_t inputs = 0;
    for (size_t window = 0; window < plan->count; window++) {
        if (!plan->windows[window].done) {
            (void)rs_window_plan_bytes(plan, window, &inputs);
            count += inputs > 0 ? 1 : 0;
            plan->windows[window].done = inputs == 0;
        }
    }
    return count;
}

/*
 * At the end those count that were run: some that were planned have no events, as those show that
 * are in files of no day, and some were found on the way, in other days' folders.
 */
static void recount_windows(struct replay *replay)
{
    const struct rs_window_plan *plan = &replay->archive.plan;
    replay->report->windows = 0;
    for (size_t window = 0; window < plan->count; window++) {
        replay->report->windows += plan->windows[window].told ? 1 : 0;
    }
}

static void set_up(struct replay *replay)
{
    const struct rs_replay_options *options = replay->options;
    struct rs_archive *archive = &replay->archive;
    archive->wait_us = options->wait_us;
    archive->round_noun = "window";
    replay->window = (struct rs_sync_window){
        .interval_filter = {.calls = options->calls},
        .events = options->events,
        .event_count = options->event_count,
        .replay = replay->name.hex,
        .marks = make_marks,
        .arg = replay,
    };
}

static bool work(struct replay *replay, struct rs_error *err)
{
    const struct rs_replay_options *options = replay->options;
    struct rs_archive *archive = &replay->archive;
    double speed = 0;
    if (!make_name(replay, err) ||
        !rs_archive_open(archive, replay->env, &options->sync, &options->interval, err)) {
        return false;
    }
    set_up(replay);
    replay->report->inputs = archive->list.count;
    if (!rs_archive_plan(archive, options->window_us, err) || !read_ledger(replay, &speed, err)) {
        return false;
    }
    tell_known(replay);
    replay->report->windows = count_windows(replay);
    if (options->dry_run) {
        show_plan(replay, speed);
        return true;
    }
    if (!run_all(replay, err)) {
        return false;
    }
    recount_windows(replay);
    if (replay->past_limit.code != RS_OK && replay->report->windows_done == 0) {
        *err = replay->past_limit; /* as a run of rs-sync: nothing is loaded */
        return false;
    }
    if (replay->report->windows_failed > 0) {
        (void)rs_error_set(err, RS_E_PARTIAL, "could not load %zu of %zu windows",
                           replay->report->windows_failed, replay->report->windows);
        return rs_error_hint(err, "mend the inputs and run again: the other windows are done");
    }
    return close_replay(replay, err);
}

bool rs_replay_run(const struct rs_env *env, const struct rs_replay_options *options,
                   struct rs_replay_report *report, struct rs_error *err)
{
    struct replay replay = {
        .options = options, .env = env, .report = report, .started_us = env->monotonic_us(env)};
    report->status = RS_SYNC_FAILURE;
    bool ok = work(&replay, err);
    report->seconds = (double)(env->monotonic_us(env) - replay.started_us) / 1e6;
    if (ok) {
        report->status = RS_SYNC_SUCCESS;
    } else if (err->code == RS_E_PARTIAL) {
        report->status = RS_SYNC_PARTIAL;
    }
    rs_archive_close(&replay.archive);
    return ok;
}
