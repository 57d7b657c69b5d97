/*
 * rs/error.h - what went wrong, for a person and for an exit status.
 *
 *   return rs_error_set(err, RS_E_INPUT, "could not read \"%s\": %s", name, why);
 *   rs_error_hint(err, "give the file read permission, or leave it out");
 *   rs_error_prefix(err, "could not count rows of \"%s\"", table);
 *
 * Form:    "could not <verb> <object>: <reason>", lower case, no full stop, no newline.
 *          The first error wins; a later rs_error_set on the same object changes nothing.
 * Pure:    yes.
 * Threads: one thread at a time per object.
 */
#ifndef RS_ERROR_H
#define RS_ERROR_H

#include "rs/compiler.h"

enum rs_code {
    RS_OK = 0,
    RS_E_USAGE,       /* wrong option or operand; exit 2 */
    RS_E_CONFIG,      /* wrong configuration or selection file; exit 2 */
    RS_E_INPUT,       /* an input is damaged or cannot be read; exit 1 */
    RS_E_IO,          /* a local file operation failed; exit 1 */
    RS_E_LIMIT,       /* something sized by input passed its stated maximum; exit 1 */
    RS_E_DATABASE,    /* the server refused a statement; exit 1 */
    RS_E_PARTIAL,     /* some of the work is done, the rest is not; exit 3 */
    RS_E_NET,         /* the server cannot be reached or refused the login; exit 4 */
    RS_E_BUSY,        /* paused, or another run holds the lock; exit 75 */
    RS_E_INTERRUPTED, /* a signal asked us to stop; exit 128 + signal */
};

struct rs_error {
    enum rs_code code;
    bool retryable;
    int signal_number; /* with RS_E_INTERRUPTED */
    char detail[48];   /* SQLSTATE, HTTP status or AWS error code; "" if none */
    char message[512]; /* "could not <verb> <object>: <reason>", no newline */
    char hint[256];    /* what the operator can do next; "" if nothing useful */
};

/* Record an error unless one is recorded already. Always returns false. */
RS_API bool rs_error_set(struct rs_error *err, enum rs_code code, const char *fmt, ...)
    RS_PRINTF(3, 4);

/* Put "<prefix>: " before the message of a recorded error; nothing without one. */
RS_API void rs_error_prefix(struct rs_error *err, const char *fmt, ...) RS_PRINTF(2, 3);

/* Say what to do next, unless that is said already. Always returns false. */
RS_API bool rs_error_hint(struct rs_error *err, const char *fmt, ...) RS_PRINTF(2, 3);

/* Record errno's text: "could not <what> "<object>": <strerror>". Always returns false. */
RS_API bool rs_error_errno(struct rs_error *err, enum rs_code code, int number, const char *what,
                           const char *object);

/* Forget what is recorded, so that the object can be used again. */
RS_API void rs_error_clear(struct rs_error *err);

/* The exit status that stands for the error: 0 for none, else 1, 2, 3, 4, 75 or 128+n. */
RS_API int rs_error_exit_status(const struct rs_error *err);

#endif
