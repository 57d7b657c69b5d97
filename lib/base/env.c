/*
 * The system's clock, sleep, randomness and variables behind function pointers, so that what
 * depends on them can be tested with fakes. The one mutable global of the project is here: the
 * number of the signal that asked us to stop.
 */
#include "base/env.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SLICE_MS = 100 }; /* how long a signal that another thread got may go unseen */

static volatile sig_atomic_t stop_signal;

static int64_t clock_us(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_now_us(const struct rs_env *env)
{
    (void)env;
    return clock_us(CLOCK_REALTIME);
}

static int64_t system_monotonic_us(const struct rs_env *env)
{
    (void)env;
    return clock_us(CLOCK_MONOTONIC);
}

static void system_sleep_ms(const struct rs_env *env, unsigned ms)
{
    (void)env;
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&left, NULL); /* a signal ends the sleep: the caller asks interrupted() */
}

static uint64_t system_random_u64(const struct rs_env *env)
{
    (void)env;
    uint64_t value = (uint64_t)clock_us(CLOCK_MONOTONIC) ^ ((uint64_t)getpid() << 40);
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        uint64_t bytes = 0;
        if (read(fd, &bytes, sizeof bytes) == (ssize_t)sizeof bytes) {
            value ^= bytes;
        }
        (void)close(fd);
    }
    return value;
}

static const char *system_getenv(const struct rs_env *env, const char *name)
{
    (void)env;
    return getenv(name);
}

static bool system_interrupted(const struct rs_env *env)
{
    (void)env;
    return stop_signal != 0;
}

void rs_env_init_system(struct rs_env *env, const char *tool)
{
    *env = (struct rs_env){
        .now_us = system_now_us,
        .monotonic_us = system_monotonic_us,
        .sleep_ms = system_sleep_ms,
        .random_u64 = system_random_u64,
        .getenv = system_getenv,
        .interrupted = system_interrupted,
        .log = {.tool = tool, .level = RS_LOG_NOTICE, .fd = STDERR_FILENO},
    };
}

static bool never(const struct rs_env *env)
{
    (void)env;
    return false;
}

void rs_env_init_quiet(struct rs_env *env, const struct rs_env *other)
{
    *env = *other;
    env->interrupted = never;
}

static void on_stop_signal(int number)
{
    stop_signal = number;
}

void rs_env_catch_signals(void)
{
    struct sigaction action = {0};
    struct sigaction hangup = {0};
    action.sa_handler = on_stop_signal;
    (void)sigemptyset(&action.sa_mask);
    action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends at once */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    action.sa_flags = 0;
    if (sigaction(SIGHUP, NULL, &hangup) == 0 &&
        hangup.sa_handler != SIG_IGN) {         /* as nohup has it */
        (void)sigaction(SIGHUP, &action, NULL); /* it comes twice: of the shell, of the terminal */
    }
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
    (void)sigaction(SIGXFSZ, &action, NULL); /* past ulimit -f, write fails: EFBIG */
}

const char *rs_env_variable(const struct rs_env *env, const char *name)
{
    const char *value = env->getenv(env, name);
    return value && *value ? value : NULL;
}

bool rs_env_check_interrupt(const struct rs_env *env, struct rs_error *err)
{
    if (!env->interrupted(env)) {
        return true;
    }
    int number = stop_signal;
    err->signal_number = number != 0 ? number : SIGINT;
    (void)rs_error_set(err, RS_E_INTERRUPTED, "could not finish the run: interrupted by signal %d",
                       err->signal_number);
    return rs_error_hint(err, "run the same command again: it goes on where this one stopped");
}

bool rs_env_pause(const struct rs_env *env, unsigned ms, struct rs_error *err)
{
    while (rs_env_check_interrupt(env, err)) {
        unsigned slice = ms < SLICE_MS ? ms : SLICE_MS;
        if (slice == 0) {
            return true;
        }
        env->sleep_ms(env, slice);
        ms -= slice;
    }
    return false;
}
