/*
 * migrate/mover_internal.h - what carries a piece: mover.c has its steps, mover_files.c its way through S3.
 *
 * Pure:    no: sessions, S3.   Threads: one thread at a time per object.
 */
#ifndef RS_MIGRATE_MOVER_INTERNAL_H
#define RS_MIGRATE_MOVER_INTERNAL_H

#include "migrate/piece_copy.h"

struct rs_mover {
    const struct rs_mover_shared *shared;
    struct rs_session *from; /* NULL: to be opened */
    struct rs_session *to;
    struct rs_s3 *s3;
};

/* A piece on its way. */
struct rs_mover_job {
    const struct rs_move *move;
    struct rs_strbuf name; /* of its folder in the depot, with a slash at its end */
    uint64_t rows;         /* as counted in the old host's snapshot */
    uint64_t sum;
    uint64_t bytes;
};

/* Redshift's UNLOAD, and COPY of what it wrote or rs_mover_upload did. */
RS_MUST_USE bool rs_mover_unload(struct rs_mover *mover, struct rs_mover_job *job,
                                 struct rs_error *err);
RS_MUST_USE bool rs_mover_copy(struct rs_mover *mover, struct rs_mover_job *job,
                               struct rs_error *err);

/* PostgreSQL's COPY TO STDOUT into files, and FROM STDIN out of them. */
RS_MUST_USE bool rs_mover_upload(struct rs_mover *mover, struct rs_mover_job *job,
                                 struct rs_error *err);
RS_MUST_USE bool rs_mover_download(struct rs_mover *mover, struct rs_mover_job *job,
                                   struct rs_error *err);

/* RS_E_DATABASE unless the two counts are one. */
RS_MUST_USE bool rs_mover_check_rows(const struct rs_mover_job *job, uint64_t rows, const char *who,
                                     struct rs_error *err);

#endif
