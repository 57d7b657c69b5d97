/*
 * migrate/piece_copy.h - copy pieces from one database to another, each once.
 *
 *   struct rs_piece_copy *copy = rs_piece_copy_new(&shared);
 *   rs_piece_copy_run(copy, &spec, &under_way, &copied, &err)     as often as wanted
 *   rs_piece_copy_free(copy);
 *
 * Out: in one snapshot of the old host the piece's rows are counted, summed up, and unloaded. In:
 * in one transaction of the new host the range is emptied, filled, and a row about it put into the
 * table rs_pieces; so a piece that is copied twice does not double. What failed for a cause that
 * may pass (a lost connection, a serialization failure) is tried again.
 *
 * Between two PostgreSQLs the rows go straight from the one session into the other.
 *
 * Pure:    no: sessions, S3.
 * Owns:    new/free; shared is borrowed until then.
 * Threads: one thread at a time per object; each worker has its own.
 */
#ifndef RS_MIGRATE_PIECE_COPY_H
#define RS_MIGRATE_PIECE_COPY_H

#include "aws/s3_place.h"
#include "base/env.h"
#include "base/meter.h"
#include "connect/connect.h"
#include "migrate/piece_sql.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_piece_copy_shared {
    const struct rs_env *env; /* of the sessions: it may hold interrupts back */
    struct rs_connect *from;
    struct rs_connect *to;
    const struct rs_s3_place *place; /* NULL: between two PostgreSQLs */
    const struct rs_account *account;
    const struct rs_account_options *account_options; /* for how UNLOAD encrypts */
    const char *from_role; /* as whom UNLOAD writes; NULL: with our keys */
    const char *to_role;   /* as whom COPY reads */
    struct rs_str run_id;
};

struct rs_piece_copied {
    uint64_t rows;
    uint64_t bytes; /* as staged, or as sent */
    /* Of RS_PIECE_SINCE: rows of the whole table, in the snapshots of what was carried. */
    uint64_t old_rows;
    uint64_t new_rows;
};

struct rs_piece_copy;

/* Ask for the horizon of the session's server; nothing where it cannot say. */
RS_MUST_USE bool rs_piece_copy_ask_horizon(struct rs_session *session, struct rs_horizon *out,
                                           struct rs_error *err);

RS_MUST_USE struct rs_piece_copy *rs_piece_copy_new(const struct rs_piece_copy_shared *shared);
void rs_piece_copy_free(struct rs_piece_copy *copy); /* NULL is nothing */

/*
 * Carry a piece. Its rows and sum, as they were when it was unloaded, go into rs_pieces. under_way has
 * begun, and is told how far it is.
 */
RS_MUST_USE bool rs_piece_copy_run(struct rs_piece_copy *copy, const struct rs_piece_spec *spec,
                                   struct rs_meter_piece *under_way, struct rs_piece_copied *out,
                                   struct rs_error *err);

#endif
