/*
 * Errors are plain values on the caller's stack: nothing to free, and a message that was cut
 * is still a message. vsnprintf cuts at the field's size, so no text of any length overflows.
 */
#include "rs/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool rs_error_set(struct rs_error *err, enum rs_code code, const char *fmt, ...)
{
    if (err->code != RS_OK) {
        return false;
    }
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err->message, sizeof err->message, fmt, args);
    va_end(args);
    err->code = code;
    return false;
}

void rs_error_prefix(struct rs_error *err, const char *fmt, ...)
{
    char old[sizeof err->message];
    if (err->code == RS_OK) {
        return;
    }
    memcpy(old, err->message, sizeof old);
    va_list args;
    va_start(args, fmt);
    int written = vsnprintf(err->message, sizeof err->message, fmt, args);
    va_end(args);
    size_t used = written < 0 ? 0 : (size_t)written;
    if (used + 2 < sizeof err->message) {
        size_t room = sizeof err->message - used - 3;
        (void)snprintf(err->message + used, sizeof err->message - used, ": %.*s", (int)room, old);
    }
}

bool rs_error_hint(struct rs_error *err, const char *fmt, ...)
{
    if (err->hint[0] != '\0') {
        return false;
    }
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err->hint, sizeof err->hint, fmt, args);
    va_end(args);
    return false;
}

bool rs_error_errno(struct rs_error *err, enum rs_code code, int number, const char *what,
                    const char *object)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0) {
        (void)snprintf(reason, sizeof reason, "error %d", number);
    }
    return rs_error_set(err, code, "could not %s \"%s\": %s", what, object, reason);
}

void rs_error_clear(struct rs_error *err)
{
    *err = (struct rs_error){0};
}

int rs_error_exit_status(const struct rs_error *err)
{
    switch (err->code) {
    case RS_OK:
        return 0;
    case RS_E_USAGE:
    case RS_E_CONFIG:
        return 2;
    case RS_E_INPUT:
    case RS_E_IO:
    case RS_E_LIMIT:
    case RS_E_DATABASE:
        return 1;
    case RS_E_PARTIAL:
        return 3;
    case RS_E_NET:
        return 4;
    case RS_E_BUSY:
        return 75;
    case RS_E_INTERRUPTED:
        return 128 + err->signal_number;
    }
    return 1;
}
