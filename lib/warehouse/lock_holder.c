/* One query a server; what it does not tell is left out of the sentence. */
#include "warehouse/lock_holder.h"

#include <stdio.h>
#include <string.h>

#include "warehouse/warehouse_queries.h"

bool rs_lock_holder_is_cause(const struct rs_error *err)
{
    return rs_session_is_late(err) ||
           (err->code == RS_E_DATABASE && strcmp(err->detail, "55P03") == 0);
}

static const char *query_of(enum rs_dialect dialect)
{
    switch (dialect) {
    case RS_DIALECT_POSTGRESQL:
        return rs_query_lock_holder;
    case RS_DIALECT_REDSHIFT:
        return rs_query_lock_holder_redshift;
    }
    return NULL;
}

static void append_holder(struct rs_strbuf *out, const struct rs_result *result)
{
    struct rs_str application = rs_result_text(result, 0, 2);
    if (rs_result_is_null(result, 0, 0)) {
        rs_strbuf_append(out, "a prepared transaction has a lock on it");
        return;
    }
    rs_strbuf_printf(out, "process %.*s", RS_STR_ARG(rs_result_text(result, 0, 0)));
    if (!rs_result_is_null(result, 0, 1)) {
        rs_strbuf_printf(out, " of user \"%.*s\"", RS_STR_ARG(rs_result_text(result, 0, 1)));
    }
    if (application.length > 0) {
        rs_strbuf_printf(out, " (%.*s)", RS_STR_ARG(application));
    }
    rs_strbuf_append(out, " has a lock on it");
    if (!rs_result_is_null(result, 0, 3)) {
        rs_strbuf_printf(out, ", in a transaction that began at %.*s UTC",
                         RS_STR_ARG(rs_result_text(result, 0, 3)));
    }
}

/* A row of who has the lock, or NULL. */
static struct rs_result *find(struct rs_session *session, const struct rs_lock_wait *wait)
{
    struct rs_error ignored = {0};
    const struct rs_str params[] = {wait->schema, wait->table,
                                    wait->side.length > 0 ? wait->side : wait->table,
                                    wait->alters ? RS_STR("t") : RS_STR("f")};
    struct rs_result *result = rs_session_query_params(
        session, query_of(rs_session_dialect(session)), params, RS_COUNTOF(params), &ignored);
    if (result && rs_result_rows(result) == 0) {
        rs_result_free(result);
        result = NULL;
    }
    return result;
}

void rs_lock_holder_explain(struct rs_session *session, const struct rs_lock_wait *wait,
                            struct rs_error *err)
{
    struct rs_strbuf sentence = RS_STRBUF_INIT(RS_LOCK_HOLDER_MAX);
    struct rs_result *result = find(session, wait);
    rs_error_clear(err);
    if (result) {
        append_holder(&sentence, result);
        (void)rs_error_set(err, RS_E_BUSY, "%s", rs_strbuf_cstr(&sentence));
    } else {
        (void)rs_error_set(err, RS_E_BUSY, "another transaction had a lock on it");
    }
    err->retryable = true;
    if (result && !rs_result_is_null(result, 0, 0)) {
        (void)rs_error_hint(err,
                            "end it (SELECT pg_terminate_backend(%.*s)), or wait longer with "
                            "--lock-timeout=SECONDS; run again, and the table is loaded",
                            RS_STR_ARG(rs_result_text(result, 0, 0)));
    } else {
        (void)rs_error_hint(err, "run again, or wait longer with --lock-timeout=SECONDS");
    }
    rs_result_free(result);
    rs_strbuf_release(&sentence);
}

void rs_lock_holder_describe(struct rs_session *session, const struct rs_lock_wait *wait,
                             struct rs_strbuf *out)
{
    struct rs_result *result = find(session, wait);
    if (result) {
        append_holder(out, result);
    } else {
        rs_strbuf_append(out, "another transaction has a lock on it");
    }
    rs_result_free(result);
}
