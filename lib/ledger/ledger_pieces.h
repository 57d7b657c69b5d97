/*
 * ledger/ledger_pieces.h - the table rs_pieces of the ledger: what a migration has carried.
 *
 *   rs_ledger_make_pieces(session, schema, &err)
 *   rs_ledger_put_piece(session, schema, &piece, &err)    in the transaction that carries it
 *   rs_ledger_list_pieces(session, schema, &err)
 *
 * A piece that was carried again has a row for each time; the newest counts.
 *
 * Pure:    no: statements on the session; the clock is the session's.   Threads: as the session.
 */
#ifndef RS_LEDGER_LEDGER_PIECES_H
#define RS_LEDGER_LEDGER_PIECES_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"

struct rs_ledger_piece {
    struct rs_str table;
    struct rs_str piece; /* its name */
    uint64_t rows;
    uint64_t rowsum;
    struct rs_str run_id;
};

/* Make the table where it is not there. */
RS_MUST_USE bool rs_ledger_make_pieces(struct rs_session *session, struct rs_str schema,
                                       struct rs_error *err);

RS_MUST_USE bool rs_ledger_put_piece(struct rs_session *session, struct rs_str schema,
                                     const struct rs_ledger_piece *piece, struct rs_error *err);

/* Remove what is told of a table, or of one piece of it. */
RS_MUST_USE bool rs_ledger_forget_pieces(struct rs_session *session, struct rs_str schema,
                                         struct rs_str table, struct rs_error *err);
RS_MUST_USE bool rs_ledger_forget_piece(struct rs_session *session, struct rs_str schema,
                                        struct rs_str table, struct rs_str piece,
                                        struct rs_error *err);

/* table_name, piece, rows and rowsum, oldest first. NULL on failure. */
RS_MUST_USE struct rs_result *rs_ledger_list_pieces(struct rs_session *session,
                                                    struct rs_str schema, struct rs_error *err);

#endif
