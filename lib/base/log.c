/*
 * One line a message, made in a local buffer and written with one write(2), so that lines of
 * several threads do not mix. Control bytes in a message may come from input and are shown as
 * \xNN, so that no input steers the terminal.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 4096, MESSAGE_BYTES = 1024, BEFORE_BYTES = 16 };

static const char *const level_names[] = {
    [RS_LOG_ERROR] = "error", [RS_LOG_WARNING] = "warning", [RS_LOG_NOTICE] = "notice",
    [RS_LOG_INFO] = "info",   [RS_LOG_DEBUG] = "debug",
};

static const char *const level_colors[] = {
    [RS_LOG_ERROR] = "\033[1;31m", [RS_LOG_WARNING] = "\033[1;33m", [RS_LOG_NOTICE] = "",
    [RS_LOG_INFO] = "\033[2m",     [RS_LOG_DEBUG] = "\033[2m",
};

/* How many bytes at p are one character of UTF-8; 0: none. */
static size_t character_bytes(const char *p)
{
    const unsigned char *c = (const unsigned char *)p;
    size_t count = c[0] >= 0xf5 ? 0 : c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : c[0] >= 0xc2 ? 2 : 0;
    for (size_t i = 1; i < count; i++) {
        if ((c[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool strange = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
                   (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f);
    return strange ? 0 : count;
}

/* Copy text with control bytes shown; in JSON, which is UTF-8, quotes and backslashes are escaped. */
static size_t append_clean(char *out, size_t room, const char *text, bool json)
{
    size_t used = 0;
    for (const char *p = text; *p != '\0' && used + 8 < room; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f) {
            const char *form = json ? "\\u%04x" : "\\x%02x";
            used += (size_t)snprintf(out + used, room - used, form, (unsigned)c);
        } else if (json && (c == '"' || c == '\\')) {
            out[used++] = '\\';
            out[used++] = (char)c;
        } else if (json && c >= 0x80) {
            size_t count = character_bytes(p);
            memcpy(out + used, count > 0 ? p : "\xef\xbf\xbd", count > 0 ? count : 3);
            used += count > 0 ? count : 3;
            p += count > 0 ? count - 1 : 0;
        } else {
            out[used++] = (char)c;
        }
    }
    out[used] = '\0';
    return used;
}

static size_t format_json(const struct rs_log *log, enum rs_log_level level, const char *text,
                          const char *hint, char *line)
{
    struct timespec now = {0};
    struct tm utc = {0};
    char stamp[32] = "";
    char clean[MESSAGE_BYTES * 2];
    char clean_hint[MESSAGE_BYTES];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)append_clean(clean, sizeof clean, text, true);
    (void)append_clean(clean_hint, sizeof clean_hint, hint, true);
    int used = snprintf(line, LINE_BYTES,
                        "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"tool\":\"%s\","
                        "\"message\":\"%s\"%s%s%s}\n",
                        stamp, now.tv_nsec / 1000000, level_names[level], log->tool, clean,
                        *hint ? ",\"hint\":\"" : "", clean_hint, *hint ? "\"" : "");
    return used < 0 ? 0 : (size_t)used;
}

static size_t format_text(const struct rs_log *log, enum rs_log_level level, const char *text,
                          const char *hint, char *line)
{
    char clean[MESSAGE_BYTES * 2];
    char clean_hint[MESSAGE_BYTES];
    bool labelled = level <= RS_LOG_WARNING;
    bool color = log->color && *level_colors[level];
    (void)append_clean(clean, sizeof clean, text, false);
    (void)append_clean(clean_hint, sizeof clean_hint, hint, false);
    int used =
        snprintf(line, LINE_BYTES, "%s: %s%s%s%s%s%s%s%s%s", log->tool,
                 color ? level_colors[level] : "", labelled ? level_names[level] : "",
                 labelled ? ": " : "", color && labelled ? "\033[0m" : "", clean,
                 color && !labelled ? "\033[0m" : "", *hint ? "\n  hint: " : "", clean_hint, "\n");
    return used < 0 ? 0 : (size_t)used;
}

static void emit(const struct rs_log *log, enum rs_log_level level, const char *text,
                 const char *hint)
{
    char line[BEFORE_BYTES + LINE_BYTES];
    const char *before = log->before ? log->before(log->before_arg) : "";
    size_t begin = strlen(before);
    begin = begin < BEFORE_BYTES ? begin : 0;
    memcpy(line, before, begin);
    size_t used = log->json ? format_json(log, level, text, hint, line + begin)
                            : format_text(log, level, text, hint, line + begin);
    used = used < LINE_BYTES ? used : LINE_BYTES - 1;
    ssize_t ignored = write(log->fd, line, begin + used);
    (void)ignored; /* nowhere left to say that stderr is gone */
}

void rs_log(const struct rs_log *log, enum rs_log_level level, const char *fmt, ...)
{
    char text[MESSAGE_BYTES];
    if (level > log->level) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    emit(log, level, text, "");
}

void rs_log_error(const struct rs_log *log, const struct rs_error *err)
{
    emit(log, RS_LOG_ERROR, err->message, err->hint);
}
