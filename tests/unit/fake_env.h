/*
 * fake_env.h - a world of a test's own: variables, a clock that is set by hand, no pauses.
 *
 *   struct fake_env fake;
 *   fake_env_init(&fake);
 *   fake_env_set(&fake, "AWS_REGION", "eu-west-1");      texts are borrowed; NULL takes it away
 *   fake.now_us += 1000000;
 *   ... &fake.env ...
 *
 * The clock starts at the true time, because servers compare it with theirs.
 */
#ifndef RS_TESTS_FAKE_ENV_H
#define RS_TESTS_FAKE_ENV_H

#include <string.h>

#include "base/env.h"
#include "unit.h"

enum { FAKE_ENV_MAX = 32 };

struct fake_env {
    struct rs_env env; /* its user is this struct, which must not move */
    const char *names[FAKE_ENV_MAX];
    const char *values[FAKE_ENV_MAX];
    int64_t now_us;
    uint64_t slept_ms;
    uint64_t stop_after_ms; /* a signal comes when so much was slept; 0: none does */
    bool stop;              /* a signal came */
};

static inline struct fake_env *fake_env_of(const struct rs_env *env)
{
    return env->user;
}

static inline int64_t fake_env_now_us(const struct rs_env *env)
{
    return fake_env_of(env)->now_us;
}

static inline void fake_env_sleep_ms(const struct rs_env *env, unsigned ms)
{
    fake_env_of(env)->slept_ms += ms;
}

static inline bool fake_env_interrupted(const struct rs_env *env)
{
    const struct fake_env *fake = fake_env_of(env);
    return fake->stop || (fake->stop_after_ms > 0 && fake->slept_ms >= fake->stop_after_ms);
}

static inline const char *fake_env_getenv(const struct rs_env *env, const char *name)
{
    const struct fake_env *fake = fake_env_of(env);
    for (size_t i = 0; i < FAKE_ENV_MAX; i++) {
        if (fake->names[i] && strcmp(fake->names[i], name) == 0) {
            return fake->values[i];
        }
    }
    return NULL;
}

static inline void fake_env_set(struct fake_env *fake, const char *name, const char *value)
{
    for (size_t i = 0; i < FAKE_ENV_MAX; i++) {
        if (!fake->names[i] || strcmp(fake->names[i], name) == 0) {
            fake->names[i] = name;
            fake->values[i] = value;
            return;
        }
    }
    fail_msg("no room for %s", name);
}

/* Make fake a world with no variables at all. Its log goes nowhere. */
static inline void fake_env_init(struct fake_env *fake)
{
    *fake = (struct fake_env){.stop = false};
    rs_env_init_system(&fake->env, "rs-test");
    fake->now_us = fake->env.now_us(&fake->env);
    fake->env.now_us = fake_env_now_us;
    fake->env.sleep_ms = fake_env_sleep_ms;
    fake->env.getenv = fake_env_getenv;
    fake->env.interrupted = fake_env_interrupted;
    fake->env.log.level = RS_LOG_ERROR;
    fake->env.user = fake;
}

#endif
