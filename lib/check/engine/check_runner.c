/*
 * A run: three lanes, a thread each, that go through the table in its order. What a row needs of
 * another lane it waits for, so the table alone says what happens when.
 */
#include "check/engine/check_runner.h"

#include <pthread.h>

#include "base/mem.h"
#include "check/aws/aws_facts.h"
#include "check/bucket/bucket_facts.h"
#include "check/database/database_facts.h"
#include "check/engine/check_deadline.h"
#include "check/network/network_facts.h"

enum { S3_ATTEMPTS = 2 };

/* Which rows are over, and word of it. */
struct rs_check_sync {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t over;
};

/* ---- Before a run ---- */

static unsigned what_is_offered(const struct rs_check_options *options)
{
    const struct rs_connect_options *connect = &options->connect;
    const bool aws = connect->cluster || connect->workgroup;
    unsigned offered = aws ? RS_CHECK_WANT_AWS | RS_CHECK_WANT_GROUPS | RS_CHECK_WANT_CLOCK : 0;
    offered |= aws || connect->conninfo ? RS_CHECK_WANT_DATABASE : 0;
    offered |= connect->iam || connect->conninfo ? RS_CHECK_WANT_LOGIN : 0;
    offered |= options->stage ? RS_CHECK_WANT_STAGE | RS_CHECK_WANT_CLOCK : 0;
    offered |= options->groups_json ? RS_CHECK_WANT_GROUPS : 0;
    return offered;
}

/* Those that are shown and all that they need, as far as the options offer it. */
static uint64_t what_runs(const struct rs_check_run *run)
{
    uint64_t chosen = run->options->only;
    for (uint64_t before = 0; before != chosen;) {
        before = chosen;
        for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
            chosen |= chosen & RS_CHECK_BIT(id) ? rs_checks[id].needs : 0;
        }
    }
    if (chosen & RS_CHECK_BIT(RS_CHECK_DNS) && run->endpoint.host &&
        run->endpoint.host[0] == '\0') {
        chosen |= RS_CHECK_BIT(RS_CHECK_CLUSTER); /* who is asked for the address */
    }
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        const unsigned wants = rs_checks[id].wants;
        chosen &= (wants & run->offered) == wants ? UINT64_MAX : ~RS_CHECK_BIT(id);
    }
    return chosen;
}

/* Where the login leads. A cluster that AWS is asked for is one of Redshift. */
static bool find_endpoint(struct rs_check_run *run, struct rs_error *err)
{
    const struct rs_connect_options *connect = &run->options->connect;
    const struct rs_login login = {.conninfo = connect->conninfo ? connect->conninfo : "",
                                   .redshift = connect->cluster || connect->workgroup};
    return rs_login_resolve(run->env, &login, &run->endpoint, err);
}

/* Who types a password takes none of the time that a check has. */
static bool ask_in_time(void *arg, const char *what, struct rs_strbuf *out, struct rs_error *err)
{
    const struct rs_check_run *run = arg;
    char *answer = rs_passwords_get(run->options->connect.passwords, what, err);
    rs_check_deadline_again(run->deadline);
    if (answer) {
        rs_strbuf_append(out, answer);
    }
    rs_mem_free_secret(answer);
    return answer != NULL;
}

bool rs_check_begin(struct rs_check_run *run, const struct rs_env *env,
                    const struct rs_check_options *options, struct rs_error *err)
{
    *run = (struct rs_check_run){.env = env, .options = options, .cluster_host = ""};
    for (size_t i = 0; i < RS_CHECK_COUNT; i++) {
        run->results[i] = RS_CHECK_RESULT_INIT;
    }
    run->sync = rs_mem_zalloc(1, sizeof *run->sync);
    (void)pthread_mutex_init(&run->sync->mutex, NULL);
    (void)pthread_cond_init(&run->sync->changed, NULL);
    run->offered = what_is_offered(options);
    struct rs_connect_options connect = options->connect;
    connect.conninfo = connect.conninfo ? connect.conninfo : "";
    if (!connect.iam) { /* then they are asked about, and no login goes by them */
        connect.cluster = NULL;
        connect.workgroup = NULL;
    }
    const bool database = run->offered & RS_CHECK_WANT_DATABASE;
    if (database && (!rs_connect_check(&connect, err) || !find_endpoint(run, err))) {
        return false;
    }
    if (run->offered & (RS_CHECK_WANT_AWS | RS_CHECK_WANT_STAGE)) {
        struct rs_account_options account = options->account;
        account.attempts = account.attempts ? account.attempts : S3_ATTEMPTS;
        const unsigned share_ms = options->timeout_ms / (account.attempts + 1); /* and a pause */
        account.limits = (struct rs_http_limits){.connect_ms = share_ms, .total_ms = share_ms};
        run->account = rs_account_open(env, &account, err);
        if (!run->account) {
            return false;
        }
    }
    if (connect.passwords) {
        rs_passwords_init(&run->passwords, ask_in_time, run);
        connect.passwords = &run->passwords;
    }
    run->deadline = rs_check_deadline_new(env);
    run->connect = database ? rs_connect_new(rs_check_deadline_env(run->deadline), &connect) : NULL;
    run->chosen = what_runs(run);
    return true;
}

/* What a run found; the next one begins without. */
static void forget(struct rs_check_run *run)
{
    rs_check_network_free(run->network);
    rs_check_aws_free(run->aws);
    rs_check_database_free(run->database);
    rs_check_bucket_free(run->bucket);
    run->cluster_host = "";
    run->cluster_port = 0;
    run->network = NULL;
    run->aws = NULL;
    run->database = NULL;
    run->bucket = NULL;
    for (size_t i = 0; i < RS_CHECK_COUNT; i++) {
        rs_check_result_release(&run->results[i]);
    }
    run->sync->over = 0;
}

void rs_check_end(struct rs_check_run *run)
{
    if (!run->sync) {
        return;
    }
    forget(run);
    rs_connect_free(run->connect);
    rs_passwords_release(&run->passwords);
    rs_check_deadline_free(run->deadline);
    rs_account_close(run->account);
    rs_endpoint_release(&run->endpoint);
    (void)pthread_cond_destroy(&run->sync->changed);
    (void)pthread_mutex_destroy(&run->sync->mutex);
    rs_mem_free(run->sync);
    *run = (struct rs_check_run){.env = NULL};
}

/* ---- A run ---- */

static void await(struct rs_check_run *run, uint64_t rows)
{
    (void)pthread_mutex_lock(&run->sync->mutex);
    while ((run->sync->over & rows) != rows) {
        (void)pthread_cond_wait(&run->sync->changed, &run->sync->mutex);
    }
    (void)pthread_mutex_unlock(&run->sync->mutex);
}

static void announce(struct rs_check_run *run, enum rs_check_id id)
{
    (void)pthread_mutex_lock(&run->sync->mutex);
    run->sync->over |= RS_CHECK_BIT(id);
    (void)pthread_cond_broadcast(&run->sync->changed);
    (void)pthread_mutex_unlock(&run->sync->mutex);
}

/* The check that keeps the row from running; RS_CHECK_COUNT: none. */
static enum rs_check_id reason_to_skip(const struct rs_check_run *run, enum rs_check_id id)
{
    for (enum rs_check_id other = 0; other < RS_CHECK_COUNT; other++) {
        if (rs_checks[id].needs & RS_CHECK_BIT(other) && !rs_check_held(run, other)) {
            const enum rs_check_id deeper = run->results[other].skipped;
            return deeper < RS_CHECK_COUNT && run->results[other].status == RS_CHECK_SKIP ? deeper
                                                                                          : other;
        }
    }
    return RS_CHECK_COUNT;
}

static void run_row(struct rs_check_run *run, enum rs_check_id id)
{
    struct rs_check_result *result = &run->results[id];
    const struct rs_env *env = run->env;
    if (env->interrupted(env)) {
        rs_check_say(result, RS_CHECK_SKIP, "not tried: a signal ended the run");
        return;
    }
    result->skipped = reason_to_skip(run, id);
    if (result->skipped < RS_CHECK_COUNT) {
        rs_check_say(result, RS_CHECK_SKIP, "not tried: \"%s\" did not pass",
                     rs_checks[result->skipped].name);
        return;
    }
    const int64_t started = env->monotonic_us(env);
    rs_checks[id].run(run, result);
    result->seconds = (double)(env->monotonic_us(env) - started) / 1e6;
}

struct lane {
    struct rs_check_run *run;
    enum rs_check_lane lane;
    pthread_t thread;
    bool started;
};

static void *run_lane(void *arg)
{
    const struct lane *lane = arg;
    struct rs_check_run *run = lane->run;
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        if (rs_checks[id].lane == lane->lane) {
            if (run->chosen & RS_CHECK_BIT(id)) {
                await(run, (rs_checks[id].needs | rs_checks[id].after) & run->chosen);
                run_row(run, id);
            }
            announce(run, id);
        }
    }
    return NULL;
}

bool rs_check_go(struct rs_check_run *run, struct rs_error *err)
{
    struct lane lanes[RS_CHECK_LANES];
    forget(run);
    run->started_us = run->env->monotonic_us(run->env);
    for (unsigned i = 0; i < RS_CHECK_LANES; i++) {
        lanes[i] = (struct lane){.run = run, .lane = (enum rs_check_lane)i};
        lanes[i].started = pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]) == 0;
    }
    /* A lane that got no thread: AWS first and the database last, as the others wait for them. */
    for (unsigned i = 0; i < RS_CHECK_LANES; i++) {
        static const enum rs_check_lane order[] = {RS_CHECK_LANE_AWS, RS_CHECK_LANE_BUCKET,
                                                   RS_CHECK_LANE_DATABASE};
        if (!lanes[order[i]].started) {
            (void)run_lane(&lanes[order[i]]);
        }
    }
    for (unsigned i = 0; i < RS_CHECK_LANES; i++) {
        if (lanes[i].started) {
            (void)pthread_join(lanes[i].thread, NULL);
        }
    }
    return rs_env_check_interrupt(run->env, err);
}

const char *rs_check_missing_option(const struct rs_check_run *run, enum rs_check_id id)
{
    static const struct {
        enum rs_check_want want;
        const char *hint;
    } hints[] = {
        {RS_CHECK_WANT_AWS, "name the cluster with --cluster=ID, or --workgroup=NAME"},
        {RS_CHECK_WANT_GROUPS, "name the cluster with --cluster=ID or --workgroup=NAME, or give "
                               "--security-group=FILE"},
        {RS_CHECK_WANT_STAGE, "name the bucket with --stage=s3://BUCKET/PREFIX"},
        {RS_CHECK_WANT_CLOCK, "AWS's clock is asked for with --cluster, --workgroup or --stage"},
    };
    const unsigned wants = rs_checks[id].wants & ~run->offered;
    for (size_t i = 0; i < RS_COUNTOF(hints); i++) {
        if (wants & hints[i].want) {
            return hints[i].hint;
        }
    }
    return "say where the database is with -d CONNINFO";
}
