/*
 * ledger/ledger_windows.h - the table rs_windows of the ledger: how far a replay has come.
 *
 *   rs_window_log_ensure(session, schema, err)            the table is there
 *   rs_window_log_put(session, &run, &entry, err)         in the transaction that ends a run
 *   rs_window_log_read(session, schema, replay, put, arg, err)
 *   rs_window_log_close(session, schema, replay, err)     all windows are done: the next is a new one
 *
 * A replay is named by what it is asked to do. Rows of one that was closed stay, as a record.
 *
 * Pure:    no: statements on the session.
 * Threads: as the session.
 */
#ifndef RS_LEDGER_LEDGER_WINDOWS_H
#define RS_LEDGER_LEDGER_WINDOWS_H

#include "base/compiler.h"
#include "base/error.h"
#include "ledger/ledger_runs.h"
#include "sync/window.h"
#include "warehouse/session.h"

/* Make the table, where it is missing; the ledger is there. */
RS_MUST_USE bool rs_window_log_ensure(struct rs_session *session, struct rs_str schema,
                                      struct rs_error *err);

/* Write the marks. A window that wants an input is no longer done. */
RS_MUST_USE bool rs_window_log_put(struct rs_session *session, const struct rs_history_run *run,
                                   const struct rs_window_entry *entry, struct rs_error *err);

/* Show every mark of a replay that is not closed; none where there is no such table. */
RS_MUST_USE bool rs_window_log_read(struct rs_session *session, struct rs_str schema,
                                    struct rs_str replay,
                                    void (*put)(void *arg, const struct rs_window_mark *mark),
                                    void *arg, struct rs_error *err);

/* Bytes a second that windows of the schema took, of any replay; 0: none was done. */
RS_MUST_USE bool rs_window_log_speed(struct rs_session *session, struct rs_str schema,
                                     double *bytes_per_second, struct rs_error *err);

RS_MUST_USE bool rs_window_log_close(struct rs_session *session, struct rs_str schema,
                                     struct rs_str replay, struct rs_error *err);

#endif
