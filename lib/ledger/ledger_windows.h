/*
 * ledger/ledger_windows.h - the table rs_windows of the ledger: how far a replay has come.
 *
 *   rs_ledger_put_windows(session, &run, &entry, err)         in the transaction that ends a run
 *   rs_ledger_read_windows(session, schema, replay, put, arg, err)
 *   rs_ledger_close_windows(session, schema, replay, err)     all are done: the next is a new one
 *
 * A replay is named by what it is asked to do. Rows of one that was closed stay, as a record.
 *
 * Pure:    no: statements on the session.
 * Threads: as the session.
 */
#ifndef RS_LEDGER_LEDGER_WINDOWS_H
#define RS_LEDGER_LEDGER_WINDOWS_H

#include "base/interval.h"
#include "ledger/ledger_tables.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"

/* One row of rs_windows. */
struct rs_window_mark {
    struct rs_interval window;
    struct rs_str input; /* "": the window is done; else it wants this input */
    struct rs_str inputs_digest;
    uint64_t bytes; /* of the inputs that were read for it */
};

/* What a run has to say about windows; count 0: nothing. */
struct rs_ledger_windows {
    struct rs_str replay;
    const struct rs_window_mark *marks;
    size_t count;
    uint64_t events; /* of the whole run */
    uint64_t rows;
    double seconds;
};

/* Write the marks. A window that wants an input is no longer done. */
RS_MUST_USE bool rs_ledger_put_windows(struct rs_session *session, const struct rs_ledger_run *run,
                                       const struct rs_ledger_windows *entry, struct rs_error *err);

/* Show every mark of a replay that is not closed; none where there is no such table. */
RS_MUST_USE bool rs_ledger_read_windows(struct rs_session *session, struct rs_str schema,
                                        struct rs_str replay,
                                        void (*put)(void *arg, const struct rs_window_mark *mark),
                                        void *arg, struct rs_error *err);

/* Bytes a second that windows of the schema took, of any replay; 0: none was done. */
RS_MUST_USE bool rs_ledger_window_speed(struct rs_session *session, struct rs_str schema,
                                        double *bytes_per_second, struct rs_error *err);

/* The next replay of this name is a new one. One that had nothing to do may have no table. */
RS_MUST_USE bool rs_ledger_close_windows(struct rs_session *session, struct rs_str schema,
                                         struct rs_str replay, struct rs_error *err);

#endif
