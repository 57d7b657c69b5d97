/*
 * The decisions about terminals take what they depend on as arguments; the few calls that ask
 * the system stand beside them. Standard output is buffered by stdio, so a full disk shows only
 * in rs_output_flush: without it a run could say "done" to a file that stayed empty.
 */
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_DEFAULT = 80 };

const char *const rs_when_names[] = {
    [RS_WHEN_AUTO] = "auto", [RS_WHEN_ALWAYS] = "always", [RS_WHEN_NEVER] = "never", NULL};

static bool is_dumb(const char *term)
{
    return !term || *term == '\0' || strcmp(term, "dumb") == 0;
}

bool rs_output_wants_color(enum rs_when when, bool is_terminal, const char *no_color,
                           const char *term)
{
    const bool plain = when == RS_WHEN_AUTO && no_color && *no_color != '\0';
    return rs_output_wants_progress(plain ? RS_WHEN_NEVER : when, is_terminal, term);
}

bool rs_output_wants_progress(enum rs_when when, bool is_terminal, const char *term)
{
    switch (when) {
    case RS_WHEN_ALWAYS:
        return true;
    case RS_WHEN_NEVER:
        return false;
    case RS_WHEN_AUTO:
        break;
    }
    return is_terminal && !is_dumb(term);
}

bool rs_output_is_utf8(const char *lc_all, const char *lc_ctype, const char *lang)
{
    static const char *const names[] = {"UTF-8", "utf-8", "UTF8", "utf8"};
    const char *locale = lc_all ? lc_all : lc_ctype ? lc_ctype : lang;
    for (size_t i = 0; locale && i < RS_COUNTOF(names); i++) {
        if (strstr(locale, names[i])) {
            return true;
        }
    }
    return false;
}

bool rs_output_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

size_t rs_output_columns(int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return COLUMNS_DEFAULT;
    }
    return size.ws_col;
}

static bool write_failed(int number, struct rs_error *err)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0) {
        (void)snprintf(reason, sizeof reason, "error %d", number);
    }
    return rs_error_set(err, RS_E_IO, "could not write standard output: %s", reason);
}

bool rs_output_write(struct rs_str text, struct rs_error *err)
{
    if (text.length > 0 && fwrite(text.data, 1, text.length, stdout) != text.length) {
        return write_failed(errno, err);
    }
    return true;
}

bool rs_output_flush(struct rs_error *err)
{
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return write_failed(errno != 0 ? errno : EIO, err);
    }
    return true;
}
