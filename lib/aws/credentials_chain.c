/*
 * The chain, and the memory of what it found. One mutex holds it all: who comes while another asks
 * the source waits for that answer instead of asking as well, and takes a failure as an answer too.
 * Keys are renewed some minutes before they end; when that fails, and they still hold, they are
 * used and the next try waits a little.
 */
#include "aws/credentials_chain.h"

#include <pthread.h>

#include "aws/credentials_source.h"
#include "base/mem.h"
#include "rs/strbuf.h"

enum {
    SECOND_US = 1000000,
    EARLY_SECONDS = 300,   /* before the end, new ones are asked for */
    MARGIN_SECONDS = 10,   /* so near its end, a key is not worth a request */
    PATIENCE_SECONDS = 30, /* after a renewal that failed */
    FAILURE_SECONDS = 5,   /* so long a failure is the answer for all */
    TRIED_MAX_BYTES = 600,
};

struct chain {
    struct rs_credentials_provider provider;
    const struct rs_env *env;
    char *profile; /* NULL: as the environment says */
    char *region;
    struct rs_http *http;
    pthread_mutex_t lock;
    struct rs_credentials held;
    int64_t renew_us; /* from then on new ones are asked for */
    struct rs_error failure;
    int64_t failed_us; /* when it was the outcome */
};

static const struct source {
    const char *name;
    bool of_environment; /* a profile that is named by an option goes before it */
    enum rs_credentials_found (*ask)(const struct rs_credentials_seek *seek,
                                     struct rs_credentials *out, struct rs_error *why);
} sources[] = {
    {"environment", true, rs_credentials_from_env},
    {"web identity", true, rs_credentials_from_web_identity},
    {"profile", false, rs_credentials_from_profile},
    {"container", false, rs_credentials_from_container},
    {"instance", false, rs_credentials_from_imds},
};

/* Ask one source after the other; what each said is kept for the message. */
static bool ask_sources(const struct rs_credentials_seek *seek, bool profile_given,
                        struct rs_credentials *out, struct rs_error *err)
{
    struct rs_strbuf tried = RS_STRBUF_INIT(TRIED_MAX_BYTES);
    bool done = false;
    bool ok = false;

    for (size_t i = 0; i < RS_COUNTOF(sources) && !done; i++) {
        struct rs_error why = {0};
        if (profile_given && sources[i].of_environment) {
            continue;
        }
        switch (sources[i].ask(seek, out, &why)) {
        case RS_CREDENTIALS_FOUND:
            rs_log(&seek->env->log, RS_LOG_DEBUG, "AWS credentials from: %s", sources[i].name);
            done = ok = true;
            break;
        case RS_CREDENTIALS_ABSENT:
            rs_strbuf_printf(&tried, "%s%s: %s", tried.length > 0 ? "; " : "", sources[i].name,
                             why.message);
            break;
        case RS_CREDENTIALS_FAILED:
            *err = why;
            done = true;
            break;
        }
    }
    if (!done) {
        rs_error_set(err, RS_E_CONFIG, "could not find AWS credentials: %s",
                     rs_strbuf_cstr(&tried));
        rs_error_hint(err, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or "
                           "run where a role is attached");
    }
    rs_strbuf_release(&tried);
    return ok;
}

static bool seek_new(struct chain *chain, struct rs_credentials *out, struct rs_error *err)
{
    struct rs_profiles *profiles = rs_profiles_load(chain->env, chain->profile, err);
    bool ok = false;

    if (!profiles) {
        return false;
    }
    if (!chain->http) {
        chain->http = rs_http_new(chain->env, NULL);
    }
    const struct rs_credentials_seek seek = {
        .env = chain->env, .http = chain->http, .profiles = profiles, .region = chain->region};
    ok = ask_sources(&seek, chain->profile != NULL, out, err);
    rs_profiles_free(profiles);
    return ok;
}

/* Those that end soon after they are given are renewed in the last quarter of their life. */
static int64_t renew_at(int64_t now_us, int64_t expires_us)
{
    int64_t early_us = (int64_t)EARLY_SECONDS * SECOND_US;

    if (expires_us == RS_CREDENTIALS_NEVER) {
        return RS_CREDENTIALS_NEVER;
    }
    if (expires_us - now_us < 4 * early_us) {
        early_us = (expires_us - now_us) / 4;
    }
    return expires_us - early_us;
}

/* The lock is held. */
static bool renew(struct chain *chain, int64_t now_us, struct rs_error *err)
{
    struct rs_credentials fresh = RS_CREDENTIALS_INIT;
    struct rs_error why = {0};
    bool holds = chain->held.access_key_id &&
                 now_us < chain->held.expires_us - (int64_t)MARGIN_SECONDS * SECOND_US;

    if (seek_new(chain, &fresh, &why) && fresh.expires_us <= now_us) {
        rs_error_set(&why, RS_E_NET,
                     "could not use the AWS credentials: they have ended already, or the clock "
                     "of this machine is wrong");
    }
    if (why.code == RS_OK) {
        rs_credentials_release(&chain->held);
        rs_error_clear(&chain->failure);
        chain->held = fresh;
        chain->renew_us = renew_at(now_us, fresh.expires_us);
        return true;
    }
    rs_credentials_release(&fresh);
    if (holds && why.code != RS_E_INTERRUPTED) {
        rs_log(&chain->env->log, RS_LOG_WARNING, "%s; the old ones hold a while", why.message);
        chain->renew_us = now_us + (int64_t)PATIENCE_SECONDS * SECOND_US;
        return true;
    }
    if (why.code != RS_E_INTERRUPTED) {
        chain->failure = why;
        chain->failed_us = chain->env->now_us(chain->env);
    }
    *err = why;
    return false;
}

/* The lock is held. False: it failed just now for somebody else. */
static bool may_ask(const struct chain *chain, int64_t now_us, struct rs_error *err)
{
    int64_t since_us = now_us - chain->failed_us;
    if (chain->failure.code != RS_OK && since_us >= 0 &&
        since_us < (int64_t)FAILURE_SECONDS * SECOND_US) {
        *err = chain->failure;
        return false;
    }
    return rs_env_check_interrupt(chain->env, err);
}

static bool chain_get(struct rs_credentials_provider *provider, struct rs_credentials *out,
                      struct rs_error *err)
{
    struct chain *chain = (struct chain *)(void *)provider;
    bool ok = true;

    (void)pthread_mutex_lock(&chain->lock);
    int64_t now_us = chain->env->now_us(chain->env);
    if (!chain->held.access_key_id || now_us >= chain->renew_us) {
        ok = may_ask(chain, now_us, err) && renew(chain, now_us, err);
    }
    if (ok) {
        rs_credentials_copy(out, &chain->held);
    }
    (void)pthread_mutex_unlock(&chain->lock);
    return ok;
}

static bool is_same_text(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static void chain_invalidate(struct rs_credentials_provider *provider,
                             const struct rs_credentials *refused)
{
    struct chain *chain = (struct chain *)(void *)provider;

    (void)pthread_mutex_lock(&chain->lock);
    if (is_same_text(chain->held.access_key_id, refused->access_key_id) &&
        is_same_text(chain->held.secret_access_key, refused->secret_access_key) &&
        is_same_text(chain->held.session_token, refused->session_token)) {
        rs_credentials_release(&chain->held);
    }
    (void)pthread_mutex_unlock(&chain->lock);
}

static void chain_free(struct rs_credentials_provider *provider)
{
    struct chain *chain = (struct chain *)(void *)provider;

    rs_credentials_release(&chain->held);
    rs_http_free(chain->http);
    (void)pthread_mutex_destroy(&chain->lock);
    rs_mem_free(chain->profile);
    rs_mem_free(chain->region);
    rs_mem_free(chain);
}

struct rs_credentials_provider *
rs_credentials_chain_new(const struct rs_env *env, const struct rs_credentials_options *options)
{
    struct chain *chain = rs_mem_zalloc(1, sizeof *chain);

    chain->provider = (struct rs_credentials_provider){chain_get, chain_invalidate, chain_free};
    chain->env = env;
    chain->profile = rs_mem_strdup_if_any(options->profile);
    chain->region = rs_mem_strdup_if_any(options->region);
    chain->held = RS_CREDENTIALS_INIT;
    (void)pthread_mutex_init(&chain->lock, NULL);
    return &chain->provider;
}
