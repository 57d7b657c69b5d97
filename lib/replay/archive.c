/*
 * Inputs are listed once, and each run reads views of those that it needs. Folders of days narrow
 * the listing, where there are any.
 */
#include "replay/archive.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/mem.h"
#include "net/retry.h"
#include "read/source.h"
#include "read/source_s3.h"
#include "rs/name.h"
#include "sync/pipeline_state.h"

enum {
    SCHEMA_MAX = 64 << 10,
    ATTEMPTS = 5, /* at a run whose failure may pass */
    REST_MS = 1000,
    REST_MAX_MS = 30000,
    LOCK_REST_MS = 500,
    US_OF_MS = 1000,
};

/* --- a run at hand goes to its end ------------------------------------------------------------------ */

static const struct rs_env *outer(const struct rs_env *env)
{
    const struct rs_archive *archive = env->user;
    return archive->env;
}

static int64_t patient_now_us(const struct rs_env *env)
{
    return outer(env)->now_us(outer(env));
}

static int64_t patient_monotonic_us(const struct rs_env *env)
{
    return outer(env)->monotonic_us(outer(env));
}

static void patient_sleep_ms(const struct rs_env *env, unsigned ms)
{
    outer(env)->sleep_ms(outer(env), ms);
}

static uint64_t patient_random_u64(const struct rs_env *env)
{
    return outer(env)->random_u64(outer(env));
}

static const char *patient_getenv(const struct rs_env *env, const char *name)
{
    return outer(env)->getenv(outer(env), name);
}

/* Asked by all threads of a run. */
static bool patient_interrupted(const struct rs_env *env)
{
    struct rs_archive *archive = env->user;
    struct rs_error signal = {0};
    bool came = !rs_env_check_interrupt(archive->env, &signal);
    bool patient = came && signal.signal_number == SIGINT && atomic_load(&archive->loading);
    if (patient && !atomic_exchange(&archive->answered, true)) {
        rs_log(&archive->env->log, RS_LOG_NOTICE,
               "stopping when the windows at hand are done; interrupt again to stop at once");
    }
    return came && !patient;
}

static struct rs_env patient_of(struct rs_archive *archive, const struct rs_env *env)
{
    return (struct rs_env){
        .now_us = patient_now_us,
        .monotonic_us = patient_monotonic_us,
        .sleep_ms = patient_sleep_ms,
        .random_u64 = patient_random_u64,
        .getenv = patient_getenv,
        .interrupted = patient_interrupted,
        .log = env->log,
        .user = archive,
    };
}

/* --- inputs ------------------------------------------------------------------------------------------ */

static int64_t midnight_ms(int64_t us)
{
    return rs_day_of(us) * (RS_DAY_US / US_OF_MS);
}

/* The interval's days, one before and one after it. */
static struct rs_days days_of(const struct rs_interval *interval)
{
    struct rs_days days = {
        .limited = true, .first_ms = INT64_MIN, .last_ms = INT64_MAX, .takes_undated = true};
    if (interval->from_us != interval->to_us) {
        days.first_ms = midnight_ms(interval->from_us - RS_DAY_US);
        days.last_ms = midnight_ms(interval->to_us - 1 + RS_DAY_US);
    }
    return days;
}

static bool refuse_streams(const struct rs_archive *archive, struct rs_error *err)
{
    for (size_t i = 0; i < archive->list.count; i++) {
        if (archive->list.items[i].is_stream) {
            (void)rs_error_set(err, RS_E_USAGE,
                               "could not use \"%s\": it is a stream, which is read once",
                               archive->list.items[i].name);
            return rs_error_hint(err, "write it to a file, and name that");
        }
    }
    return true;
}

/* A mistyped address or interval must not pass for an archive of which all is there. */
static void warn_of_nothing(const struct rs_archive *archive)
{
    if (archive->list.count == 0) {
        bool limited = archive->how.days.first_ms != INT64_MIN;
        rs_log(&archive->env->log, RS_LOG_WARNING, "there is no file%s in the sources: check %s",
               limited ? " of the range" : "", limited ? "both" : "their names");
    }
}

static void log_notice(void *arg, const char *text)
{
    rs_archive_tell(arg, text);
}

bool rs_archive_open(struct rs_archive *archive, const struct rs_env *env,
                     const struct rs_sync_options *sync, const struct rs_interval *interval,
                     struct rs_error *err)
{
    bool far = false;
    *archive = (struct rs_archive){.env = env,
                                   .patient = patient_of(archive, env),
                                   .sync = *sync,
                                   .list = RS_INPUT_LIST_INIT,
                                   .schema = RS_STRBUF_INIT(SCHEMA_MAX),
                                   .interval = *interval,
                                   .told = rs_map_new(0)};
    for (size_t i = 0; i < sync->input_count; i++) {
        far = far || rs_source_s3_is_address(sync->inputs[i]);
        if (strcmp(sync->inputs[i], "-") == 0) {
            (void)rs_error_set(err, RS_E_USAGE,
                               "could not use \"-\": it is a stream, which is read once");
            return rs_error_hint(err, "write it to a file, and name that");
        }
    }
    if (far) {
        archive->account = rs_account_open(&archive->patient, &sync->account, err);
        if (!archive->account) {
            return false;
        }
    }
    archive->how = (struct rs_input_options){
        .env = env,
        .days = days_of(interval),
        .account = archive->account,
        .excludes = sync->excludes,
        .exclude_count = sync->exclude_count,
        .skips_archived = sync->skip_archived,
    };
    archive->connect = rs_sync_connect(&archive->patient, &archive->sync);
    bool ok =
        rs_source_add_all(&archive->list, &archive->how, sync->inputs, sync->input_count, err) &&
        refuse_streams(archive, err);
    if (ok) {
        rs_source_tell(&archive->list, log_notice, archive);
        warn_of_nothing(archive);
    }
    return ok;
}

static void release_run(struct rs_archive *archive)
{
    rs_mem_free(archive->numbers);
    rs_mem_free(archive->inputs);
    rs_mem_free(archive->known);
    rs_mem_free(archive->seen);
    archive->numbers = NULL;
    archive->inputs = NULL;
    archive->known = NULL;
    archive->seen = NULL;
    archive->input_count = 0;
    archive->input_bytes = 0;
}

void rs_archive_close(struct rs_archive *archive)
{
    release_run(archive);
    rs_window_plan_release(&archive->plan);
    rs_connect_free(archive->connect);
    rs_input_list_release(&archive->list);
    rs_account_close(archive->account);
    rs_strbuf_release(&archive->schema);
    rs_map_free(archive->told);
}

bool rs_archive_plan(struct rs_archive *archive, int64_t window_us, struct rs_error *err)
{
    rs_window_plan_release(&archive->plan);
    if (!rs_window_plan_init(&archive->plan, &archive->interval, window_us, err)) {
        return false;
    }
    for (size_t i = 0; i < archive->list.count; i++) {
        const struct rs_input *input = &archive->list.items[i];
        rs_window_plan_add_input(&archive->plan, input->has_day, input->day_ms, input->size_bytes);
    }
    return true;
}

struct rs_session *rs_archive_session(struct rs_archive *archive, struct rs_error *err)
{
    struct rs_session *session = rs_connect_open(archive->connect, err);
    if (session) {
        rs_strbuf_reset(&archive->schema);
        rs_name_schema(rs_str_from(archive->sync.schema), rs_session_facts(session)->name_max_bytes,
                       &archive->schema);
    }
    return session;
}

/* --- a run ------------------------------------------------------------------------------------------- */

static void choose_inputs(struct rs_archive *archive, size_t first, size_t count)
{
    const struct rs_window_plan *plan = &archive->plan;
    release_run(archive);
    archive->numbers = rs_mem_zalloc(plan->input_count, sizeof *archive->numbers);
    for (size_t i = 0; i < plan->input_count; i++) {
        if (rs_window_plan_takes(plan, first, count, i)) {
            archive->numbers[archive->input_count++] = i;
        }
    }
    archive->inputs = rs_mem_zalloc(archive->input_count, sizeof *archive->inputs);
    archive->known = rs_mem_zalloc(archive->input_count, sizeof *archive->known);
    archive->seen = rs_mem_zalloc(archive->input_count, sizeof *archive->seen);
    for (size_t i = 0; i < archive->input_count; i++) {
        size_t number = archive->numbers[i];
        archive->inputs[i] = archive->list.items[number];
        archive->known[i] = archive->all_told || rs_window_plan_is_told(plan, first, count, number);
        archive->input_bytes += archive->inputs[i].size_bytes;
    }
}

static void tell_once(struct rs_archive *archive, enum rs_log_level level, const char *notice)
{
    void **slot = rs_map_put(archive->told, rs_str_from(notice));
    if (!*slot) {
        *slot = archive;
        rs_log(&archive->env->log, level, "%s", notice);
    }
}

void rs_archive_tell(struct rs_archive *archive, const char *notice)
{
    tell_once(archive, RS_LOG_NOTICE, notice);
}

/* Notices come with every run; each is told once. */
static void tell_notices(struct rs_archive *archive, const struct rs_sync_report *report)
{
    for (size_t i = 0; i < report->notice_count; i++) {
        tell_once(archive, i < report->warning_count ? RS_LOG_WARNING : RS_LOG_NOTICE,
                  report->notices[i]);
    }
}

/* How often a run was tried. */
struct attempts {
    unsigned failures;
    bool waits; /* for somebody else's lock */
    int64_t since_us;
};

/*
 * Rest before a run is tried again; false when it is not, and err says why. Somebody else's lock is
 * asked for again and again for as long as was said, all else a few times.
 */
static bool rest(struct rs_archive *archive, struct attempts *attempts, struct rs_error *err)
{
    const struct rs_env *env = archive->env;
    const struct rs_retry_policy policy = {UINT_MAX, REST_MS, REST_MAX_MS};
    bool locked = err->code == RS_E_BUSY;
    bool first = !attempts->waits;
    int64_t now_us = env->monotonic_us(env);
    struct rs_error signal = {0};
    attempts->since_us = first ? now_us : attempts->since_us;
    attempts->waits = locked;
    bool over = locked ? now_us - attempts->since_us >= archive->wait_us
                       : attempts->failures + 1 >= ATTEMPTS;
    if (!err->retryable || over) {
        return false;
    }
    if (!locked || first) {
        rs_log(&env->log, RS_LOG_NOTICE, "%s: %s", locked ? "waiting" : "trying again",
               err->message);
    }
    unsigned ms = locked ? LOCK_REST_MS
                         : rs_retry_pause_ms(&policy, ++attempts->failures, env->random_u64(env));
    if (!rs_env_pause(env, ms, &signal)) {
        *err = signal;
        return false;
    }
    return true;
}

bool rs_archive_run(struct rs_archive *archive, size_t first, size_t count,
                    struct rs_sync_window *window, struct rs_sync_report *report,
                    struct rs_error *err)
{
    struct attempts attempts = {0};
    bool ok = false;
    choose_inputs(archive, first, count);
    window->interval_filter.received =
        (struct rs_interval){archive->plan.windows[first].interval.from_us,
                             archive->plan.windows[first + count - 1].interval.to_us};
    window->inputs = archive->inputs;
    window->input_count = archive->input_count;
    window->known = archive->known;
    window->seen = archive->seen;
    window->connect = archive->connect;
    archive->sync.window = window;
    uint64_t bytes = archive->input_bytes + archive->left_bytes;
    rs_meter_round(archive->sync.meter, archive->round_noun, archive->round, archive->rounds,
                   bytes > 0 ? (double)archive->input_bytes / (double)bytes : 1.0);
    do {
        rs_error_clear(err);
        rs_sync_report_release(report);
        atomic_store(&archive->loading, !window->compare);
        ok = rs_sync_run(&archive->patient, &archive->sync, report, err);
        atomic_store(&archive->loading, false);
        tell_notices(archive, report);
    } while (!ok && rest(archive, &attempts, err));
    return ok;
}

bool rs_archive_may_go_on(const struct rs_sync_report *run, const struct rs_error *err)
{
    bool of_inputs = err->code == RS_E_PARTIAL || rs_input_failed_alone(err);
    return err->code == RS_E_INPUT || (run->inputs_failed > 0 && of_inputs);
}

void rs_archive_learn(struct rs_archive *archive, size_t first, size_t count)
{
    for (size_t i = 0; i < archive->input_count; i++) {
        rs_window_plan_learn(&archive->plan, first, count, archive->numbers[i], &archive->seen[i]);
    }
    rs_window_plan_done(&archive->plan, first, count);
}
