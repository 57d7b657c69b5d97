/*
 * warehouse/load_errors.h - which rows a COPY of Redshift refused, and why.
 *
 *   if (!rs_session_exec(session, &copy_sql, NULL, &err)) {
 *       rs_session_rollback(session);
 *       if (rs_load_errors_is_cause(&err)) {
 *           rs_load_errors_explain(session, &lines, &err);
 *       }
 *   }
 *     -> err: ...: Load into table 'signed_up' failed: column "plan" varchar(8): String length
 *        exceeds DDL length (1204), value "enterprise plus" (s3://b/p/0.csv, line 17)
 *        hint: a value is longer than its column: ...
 *
 * Redshift keeps what a COPY refused in SYS_LOAD_ERROR_DETAIL, and (a provisioned cluster only)
 * in STL_LOAD_ERRORS; both outlive the rollback. The first one counts; the second one has the
 * value as well, and stands in where the first is refused or has nothing.
 *
 * Limits:  RS_LOAD_ERRORS_MAX rows; of a value 60 bytes are shown.   Pure: no: network.
 * Threads: one thread at a time per session.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html,
 *          SYS_LOAD_ERROR_DETAIL.html, r_STL_LOAD_ERRORS.html
 */
#ifndef RS_WAREHOUSE_LOAD_ERRORS_H
#define RS_WAREHOUSE_LOAD_ERRORS_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/session.h"

enum { RS_LOAD_ERRORS_MAX = 5 };

/* A refused row. Texts as the server gives them, padded with blanks or not. */
struct rs_load_error {
    struct rs_str file;
    struct rs_str line; /* -1 where it is not known */
    struct rs_str column;
    struct rs_str type;
    struct rs_str length; /* of the type; may be empty */
    struct rs_str code;
    struct rs_str reason;
    struct rs_str value; /* empty where the server does not keep it */
};

/* The error is a COPY's that found rows which do not fit. */
bool rs_load_errors_is_cause(const struct rs_error *err);

/*
 * Ask the server for the rows that the session's last COPY refused: outside of a transaction, on
 * the session of the COPY. Where it tells none, nothing changes; a refusal to tell is logged.
 *
 * lines  a line for each is appended, for a person; may be NULL
 * err    the COPY's error: the first row's line is put behind it, and what to do as its hint
 */
void rs_load_errors_explain(struct rs_session *session, struct rs_strbuf *lines,
                            struct rs_error *err);

/* Append the row as one line without its end. */
void rs_load_errors_format(const struct rs_load_error *row, struct rs_strbuf *out);

/* What to do about a code of the Load Error Reference; NULL where there is nothing to say. */
const char *rs_load_errors_hint(struct rs_str code);

#endif
