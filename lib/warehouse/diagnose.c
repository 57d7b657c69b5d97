/*
 * The rules stand in server_errors.c. Here a server's words become one line: of a block of Redshift
 * between rulers the error, its context, code and query are taken.
 */
#include "warehouse/diagnose.h"

#include <stdio.h>
#include <string.h>

#include "base/iam_denial.h"
#include "rs/strbuf.h"
#include "warehouse/detail_block.h"
#include "warehouse/server_errors.h"

enum {
    TEXT_MAX = 400,
    WHOLE_MAX = 4096,     /* bytes of message and detail that the rules see */
    REASON_MAX = 1 << 20, /* of what a server says; past it the reason is cut */
};

/*
 * Copy text on one line: runs of white space become one space. A line that begins with a tab is
 * left out: libpq's guesses at a cause ("Is the server running ...?"), for which we have hints.
 */
static void flatten(struct rs_str text, char *out, size_t room)
{
    size_t used = 0;
    bool gap = false;
    for (size_t i = 0; i < text.length && used + 2 < room; i++) {
        char c = text.data[i];
        if (c == '\n' && i + 1 < text.length && text.data[i + 1] == '\t') {
            while (i + 1 < text.length && text.data[i + 1] != '\n') {
                i++;
            }
        }
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            gap = used > 0;
            continue;
        }
        if (gap) {
            out[used++] = ' ';
            gap = false;
        }
        out[used++] = c;
    }
    out[used] = '\0';
}

/* The string may hold a password: as a keyword, or after the user's name in a URI. */
static bool may_hold_password(const char *conninfo)
{
    const char *user = strstr(conninfo, "://");
    return strstr(conninfo, "password") || (user && strchr(user, '@'));
}

/* Take out what stands between the first and the last quote. */
static void hide_quoted(char *text, size_t room)
{
    char tail[TEXT_MAX] = "";
    char *open = strchr(text, '"');
    if (open && strrchr(text, '"') > open) {
        (void)snprintf(tail, sizeof tail, "%s", strrchr(text, '"'));
        (void)snprintf(open, room - (size_t)(open - text), "\"...%s", tail);
    }
}

/* libpq tries twice in some cases, and then says the same twice. */
static void say_once(char *text)
{
    size_t half = strlen(text) / 2;
    if (strlen(text) % 2 == 1 && text[half] == ' ' && memcmp(text, text + half + 1, half) == 0) {
        text[half] = '\0';
    }
}

bool rs_diagnose_connect(struct rs_str why, const char *conninfo, struct rs_error *err)
{
    char text[2 * TEXT_MAX] = "";
    if (err->code != RS_OK) {
        return false;
    }
    flatten(why, text, sizeof text);
    say_once(text);
    const struct rs_server_error *rule = rs_connect_errors_find(text);
    if (!rule) {
        return rs_error_set(err, RS_E_NET, "could not connect to the database: %s",
                            *text ? text : "the server gave no reason");
    }
    if (rule->code == RS_E_USAGE && may_hold_password(conninfo)) {
        hide_quoted(text, sizeof text);
    }
    (void)rs_error_set(err, rule->code, "could not connect to the database: %s", text);
    err->retryable = rule->retryable;
    return rs_error_hint(err, "%s", rule->hint);
}

static bool contains(struct rs_str text, struct rs_str part)
{
    for (size_t i = 0; part.length > 0 && i + part.length <= text.length; i++) {
        if (memcmp(text.data + i, part.data, part.length) == 0) {
            return true;
        }
    }
    return part.length == 0;
}

/* Append a part of a sentence, after "; " if there is one before it. */
static void append_part(struct rs_strbuf *out, const char *before, struct rs_str text)
{
    if (text.length > 0) {
        rs_strbuf_append(out, out->length > 0 ? before : "");
        rs_strbuf_append_str(out, text);
    }
}

/* The reason in one piece, not yet on one line: what was said twice is said once. */
static void describe(const struct rs_server_message *message, struct rs_strbuf *out)
{
    struct rs_detail_block block;
    struct rs_str primary = rs_str_trim(message->primary);
    if (!rs_detail_block_parse(message->detail, &block)) {
        append_part(out, "", primary);
        append_part(out, "; ", rs_str_trim(message->detail));
    } else {
        bool longer = contains(block.error, primary);
        append_part(out, "", longer ? block.error : primary);
        append_part(out, "; ", longer || contains(primary, block.error) ? RS_STR("") : block.error);
        append_part(out, "; ", block.context);
        append_part(out, "; code ", block.code);
        append_part(out, ", query ", block.query);
    }
    if (rs_str_starts(message->context, RS_STR("COPY"))) {
        append_part(out, "; ", message->context);
    }
}

/* AWS's own words about what COPY and UNLOAD may not do have the ARN in them. */
static void hint_denial(const char *text, size_t room, struct rs_error *err)
{
    struct rs_iam_denial denial;
    if (rs_iam_denial_find(text, room, &denial)) {
        (void)rs_error_hint(err, "allow the role %.*s on %.*s%s", RS_STR_ARG(denial.action),
                            RS_STR_ARG(denial.resource),
                            rs_iam_denial_is_of_key(&denial) ? ", in the key's own policy too"
                                                             : "");
    }
}

bool rs_diagnose_statement(const struct rs_server_message *message, struct rs_error *err)
{
    char text[sizeof err->message] = "";
    char whole[WHOLE_MAX] = "";
    char state[sizeof err->detail] = "";
    char hint[TEXT_MAX / 2] = "";
    struct rs_strbuf reason = RS_STRBUF_INIT(REASON_MAX);
    if (err->code != RS_OK) {
        return false;
    }
    describe(message, &reason);
    flatten(rs_strbuf_str(&reason), text, sizeof text);
    rs_strbuf_reset(&reason);
    rs_strbuf_append(&reason, "[");
    rs_strbuf_append_str(&reason, rs_str_trim(message->primary));
    rs_strbuf_append(&reason, "] ");
    rs_strbuf_append_str(&reason, message->detail);
    flatten(rs_strbuf_str(&reason), whole, sizeof whole);
    rs_strbuf_release(&reason);
    flatten(message->hint, hint, sizeof hint);
    (void)snprintf(state, sizeof state, "%.*s", RS_STR_ARG(message->sqlstate));

    const struct rs_server_error *rule = rs_server_errors_find(state, whole);
    (void)rs_error_set(err, rule ? rule->code : RS_E_DATABASE, "could not run a statement: %s",
                       text);
    err->retryable = rule && rule->retryable;
    memcpy(err->detail, state, sizeof state);
    hint_denial(whole, sizeof whole, err);
    return rs_error_hint(err, "%s", rule ? rule->hint : hint);
}
