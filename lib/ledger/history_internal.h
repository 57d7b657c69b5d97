/*
 * ledger/history_internal.h - for the files that write the ledger: history.c and window_log.c.
 */
#ifndef RS_LEDGER_HISTORY_INTERNAL_H
#define RS_LEDGER_HISTORY_INTERNAL_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "transform/schema.h"
#include "warehouse/session.h"

/* Append text as a literal: valid UTF-8, at most max bytes of it. */
void rs_history_append_text(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str text,
                            size_t max_bytes);

void rs_history_append_time(struct rs_strbuf *sql, int64_t us);

/* Run one or more statements and forget their text. */
RS_MUST_USE bool rs_history_exec(struct rs_session *session, struct rs_strbuf *sql,
                                 struct rs_error *err);

/* Make the schema and what is missing of the tables that define adds to one. */
RS_MUST_USE bool rs_history_ensure_tables(struct rs_session *session, struct rs_str schema,
                                          void (*define)(struct rs_schema *schema,
                                                         enum rs_dialect dialect),
                                          struct rs_error *err);

#endif
