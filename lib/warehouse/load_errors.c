/*
 * Two queries give the same columns from two system tables. PG_LAST_COPY_ID says which COPY is
 * meant, but not after a rollback, which leaves it at the COPY before, and perhaps not in the numbers
 * of SYS_ views; so a later COPY of the same session wins, of those since the one that failed.
 */
#include "warehouse/load_errors.h"

#include <stdio.h>
#include <string.h>

#include "warehouse/warehouse_queries.h"

enum {
    LINE_MAX_BYTES = 4096,
    VALUE_MAX_BYTES = 60,
    AGO_MAX = 32,
    MARGIN_SECONDS = 10, /* between a statement's coming and its start as the server tells it */
};

static const struct {
    const char *code;
    const char *hint;
} hints[] = {
    {"1201", "the file is not as COPY was told: was the table changed meanwhile? run it again"},
    {"1202", "a line has more fields than the table has columns: was the table changed meanwhile? "
             "run it again"},
    {"1203", "a line has fewer fields than the table has columns: was the table changed "
             "meanwhile? run it again"},
    {"1204", "a value is longer than its column, or out of its type's range: widen the column "
             "(ALTER TABLE ... ALTER COLUMN ... TYPE varchar(n)), or leave it out (--select)"},
    {"1205", "the value is no date: give the column another type, or leave it out (--select)"},
    {"1206", "the value is no timestamp: give the column another type, or leave it out (--select)"},
    {"1207", "the value is no number: give the column another type, or leave it out (--select)"},
    {"1208", "the value is no number: give the column another type, or leave it out (--select)"},
    {"1209", "the value is no number: give the column another type, or leave it out (--select)"},
    {"1210", "the value is no boolean: give the column another type, or leave it out (--select)"},
    {"1212", "somebody removed the file before it was loaded: run it again"},
    {"1213", "the column is NOT NULL and the row has no value: make it anew without NOT NULL"},
    {"1214", "the file is not as COPY was told: was the table changed meanwhile? run it again"},
    {"1215", "CHAR holds ASCII only: make the column a varchar"},
    {"1220", "CHAR holds ASCII only: make the column a varchar"},
    {"1222", "the number is too large for its column: make the column a bigint or a varchar"},
    {"1224", "the value is no JSON, which a SUPER column holds: make the column a varchar"},
};

bool rs_load_errors_is_cause(const struct rs_error *err)
{
    return err->code == RS_E_DATABASE && strstr(err->message, "Load into table") &&
           strstr(err->message, "failed");
}

const char *rs_load_errors_hint(struct rs_str code)
{
    for (size_t i = 0; i < RS_COUNTOF(hints); i++) {
        if (rs_str_equal(rs_str_trim(code), rs_str_from(hints[i].code))) {
            return hints[i].hint;
        }
    }
    return NULL;
}

/* Append text on one line, cut on a UTF-8 boundary. */
static void append_shown(struct rs_strbuf *out, struct rs_str text, size_t max_bytes)
{
    size_t end = text.length < max_bytes ? text.length : max_bytes;
    while (end < text.length && end > 0 && ((unsigned char)text.data[end] & 0xC0) == 0x80) {
        end--;
    }
    for (size_t i = 0; i < end; i++) {
        bool plain = (unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7F;
        rs_strbuf_append_char(out, plain ? text.data[i] : ' ');
    }
    rs_strbuf_append(out, end < text.length ? "..." : "");
}

/* Append a piece with what stands before and after it, or nothing when it is blank. */
static void append_piece(struct rs_strbuf *out, const char *before, struct rs_str text,
                         const char *after)
{
    text = rs_str_trim(text);
    if (text.length > 0) {
        rs_strbuf_append(out, before);
        append_shown(out, text, SIZE_MAX);
        rs_strbuf_append(out, after);
    }
}

void rs_load_errors_format(const struct rs_load_error *row, struct rs_strbuf *out)
{
    struct rs_str value = rs_str_trim(row->value);
    struct rs_str length = rs_str_trim(row->length);
    bool sized = length.length > 0 && !rs_str_equal(length, RS_STR("0"));
    append_piece(out, "column \"", row->column, "\" ");
    append_piece(out, "", row->type, "");
    append_piece(out, "(", sized ? length : RS_STR(""), ")");
    rs_strbuf_append(out, rs_str_trim(row->column).length > 0 ? ": " : "");
    append_piece(out, "", row->reason, "");
    append_piece(out, " (", row->code, ")");
    if (value.length > 0) {
        rs_strbuf_append(out, ", value \"");
        append_shown(out, value, VALUE_MAX_BYTES);
        rs_strbuf_append(out, "\"");
    }
    append_piece(out, " (", row->file, "");
    append_piece(out, ", line ", rs_str_starts(row->line, RS_STR("-")) ? RS_STR("") : row->line,
                 "");
    rs_strbuf_append(out, rs_str_trim(row->file).length > 0 ? ")" : "");
}

static struct rs_load_error read_columns(const struct rs_result *result, size_t row)
{
    return (struct rs_load_error){
        .file = rs_result_text(result, row, 0),
        .line = rs_result_text(result, row, 1),
        .column = rs_result_text(result, row, 2),
        .type = rs_result_text(result, row, 3),
        .length = rs_result_text(result, row, 4),
        .code = rs_result_text(result, row, 5),
        .reason = rs_result_text(result, row, 6),
        .value = rs_result_text(result, row, 7),
    };
}

static bool same_text(struct rs_str left, struct rs_str right)
{
    return rs_str_equal(rs_str_trim(left), rs_str_trim(right));
}

/* The row, with the value that the other table has of it. */
static struct rs_load_error read_row(const struct rs_result *result, size_t row,
                                     const struct rs_result *other)
{
    struct rs_load_error out = read_columns(result, row);
    for (size_t i = 0; other && out.value.length == 0 && i < rs_result_rows(other); i++) {
        struct rs_load_error twin = read_columns(other, i);
        if (same_text(twin.file, out.file) && same_text(twin.line, out.line) &&
            same_text(twin.column, out.column)) {
            out.value = twin.value;
        }
    }
    return out;
}

/* Put the line in place of the advice to look into a system table. */
static void extend_message(struct rs_error *err, struct rs_str line)
{
    char *advice = strstr(err->message, " Check '");
    size_t used = advice ? (size_t)(advice - err->message) : strlen(err->message);
    while (used > 0 && (err->message[used - 1] == ' ' || err->message[used - 1] == '.')) {
        used--;
    }
    (void)snprintf(err->message + used, sizeof err->message - used, ": %.*s", RS_STR_ARG(line));
}

static void explain_first(const struct rs_load_error *row, struct rs_error *err)
{
    struct rs_strbuf line = RS_STRBUF_INIT(LINE_MAX_BYTES);
    const char *hint = rs_load_errors_hint(row->code);
    rs_load_errors_format(row, &line);
    extend_message(err, rs_strbuf_str(&line));
    if (hint) {
        err->hint[0] = '\0';
        (void)rs_error_hint(err, "%s", hint);
    }
    rs_strbuf_release(&line);
}

/* The rows by a query; NULL when there are none, or it is refused, which is told. */
static struct rs_result *ask(struct rs_session *session, const char *query,
                             const struct rs_str *params, size_t count)
{
    struct rs_error refusal = {0};
    struct rs_result *result = rs_session_query_params(session, query, params, count, &refusal);
    if (!result) {
        rs_error_prefix(&refusal, "could not ask the server which rows COPY refused");
        rs_log(&rs_session_env(session)->log, RS_LOG_NOTICE, "%s", refusal.message);
    }
    if (result && rs_result_rows(result) == 0) {
        rs_result_free(result);
        result = NULL;
    }
    return result;
}

void rs_load_errors_explain(struct rs_session *session, struct rs_strbuf *lines,
                            struct rs_error *err)
{
    struct rs_result *sys = NULL;
    struct rs_result *stl = NULL;
    char ago[AGO_MAX] = "";
    (void)snprintf(ago, sizeof ago, "%u seconds",
                   rs_session_refusal_seconds(session) + MARGIN_SECONDS);
    struct rs_result *ids = ask(session, "SELECT pg_last_copy_id(), pg_backend_pid()", NULL, 0);
    if (!ids) {
        return;
    }
    const struct rs_str params[] = {rs_result_text(ids, 0, 0), rs_result_text(ids, 0, 1),
                                    rs_str_from(ago)};
    sys = ask(session, rs_query_sys_load_errors, params, RS_COUNTOF(params));
    stl = rs_session_is_serverless(session)
              ? NULL
              : ask(session, rs_query_stl_load_errors, params, RS_COUNTOF(params));
    const struct rs_result *rows = sys ? sys : stl;
    for (size_t i = 0; rows && i < rs_result_rows(rows) && i < RS_LOAD_ERRORS_MAX; i++) {
        struct rs_load_error row = read_row(rows, i, stl);
        if (i == 0) {
            explain_first(&row, err);
        }
        if (lines) {
            rs_load_errors_format(&row, lines);
            rs_strbuf_append(lines, "\n");
        }
    }
    rs_result_free(stl);
    rs_result_free(sys);
    rs_result_free(ids);
}
