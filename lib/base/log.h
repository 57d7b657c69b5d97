/*
 * base/log.h - the conversation on stderr.
 *
 *   rs_log(&env->log, RS_LOG_WARNING, "skipped %zu inputs", n);
 *     -> rs-sync: warning: skipped 3 inputs
 *     -> {"time":"2026-11-23T17:00:00.000Z","level":"warning","tool":"rs-sync","message":"..."}
 *
 * Form:    one line a call; bytes that could steer a terminal are shown as \xNN.
 * Threads: reentrant: one write(2) a line.
 */
#ifndef RS_BASE_LOG_H
#define RS_BASE_LOG_H

#include "rs/compiler.h"
#include "rs/error.h"

enum rs_log_level {
    RS_LOG_ERROR,
    RS_LOG_WARNING,
    RS_LOG_NOTICE, /* the default: what a person should see */
    RS_LOG_INFO,   /* -v */
    RS_LOG_DEBUG,  /* -vv */
};

struct rs_log {
    const char *tool;        /* program name; borrowed */
    enum rs_log_level level; /* the last one that is shown */
    bool json;               /* --log-json */
    bool color;
    int fd; /* 2, but for tests */
    const char *(*before)(
        void *); /* what each line begins with, to clear a progress bar; or NULL */
    void *before_arg;
};

void rs_log(const struct rs_log *log, enum rs_log_level level, const char *fmt, ...)
    RS_PRINTF(3, 4);

/* Print an error: message, then its hint as a line of its own. */
void rs_log_error(const struct rs_log *log, const struct rs_error *err);

#endif
