/*
 * base/env.h - the world outside: clock, sleep, randomness, variables, log, interrupt.
 *
 *   struct rs_env env;
 *   rs_env_init_system(&env, "rs-sync");
 *   int64_t now = env.now_us(&env);
 *
 * A function that takes an rs_env touches the world; one that does not is pure.
 * Tests pass an rs_env of their own.
 *
 * Threads: the functions of the system environment are reentrant; the struct is not changed
 *          after the options are read.
 */
#ifndef RS_BASE_ENV_H
#define RS_BASE_ENV_H

#include "base/log.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_env {
    int64_t (*now_us)(const struct rs_env *env);       /* since 1970, UTC; wall clock */
    int64_t (*monotonic_us)(const struct rs_env *env); /* for durations */
    void (*sleep_ms)(const struct rs_env *env, unsigned ms);
    uint64_t (*random_u64)(const struct rs_env *env);
    const char *(*getenv)(const struct rs_env *env, const char *name); /* NULL if unset */
    bool (*interrupted)(const struct rs_env *env); /* a SIGINT, SIGTERM or SIGHUP came */
    struct rs_log log;
    void *user; /* for fakes */
};

/* The real world. tool is the program's name, for messages; borrowed. */
void rs_env_init_system(struct rs_env *env, const char *tool);

/*
 * Make one in which no signal comes and all else is as in another: for clearing up what must not
 * stay, whoever ends the run.
 */
void rs_env_init_quiet(struct rs_env *env, const struct rs_env *other);

/*
 * Catch SIGINT, SIGTERM and, unless it is ignored, SIGHUP, so that env->interrupted says so, and
 * ignore SIGPIPE.
 * Main thread only.
 */
void rs_env_catch_signals(void);

/* A variable's value; NULL when it is not set or empty. */
const char *rs_env_variable(const struct rs_env *env, const char *name);

/* Set err to RS_E_INTERRUPTED when a signal came. Returns false then, else true. */
RS_MUST_USE bool rs_env_check_interrupt(const struct rs_env *env, struct rs_error *err);

/* Sleep, in slices so that a signal is seen soon. False: as rs_env_check_interrupt. */
RS_MUST_USE bool rs_env_pause(const struct rs_env *env, unsigned ms, struct rs_error *err);

#endif
