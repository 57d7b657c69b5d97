/*
 * migrate/mover_internal.h - what copies a piece: mover.c has its steps, mover_files.c its way through S3.
 *
 * Pure:    no: sessions, S3.   Threads: one thread at a time per object.
 */
#ifndef RS_MIGRATE_MOVER_INTERNAL_H
#define RS_MIGRATE_MOVER_INTERNAL_H

#include "migrate/piece_copy.h"

struct rs_piece_copy {
    const struct rs_piece_copy_shared *shared;
    struct rs_session *from; /* NULL: to be opened */
    struct rs_session *to;
    struct rs_s3 *s3;
};

/* A piece on its way. */
struct rs_piece_copy_job {
    const struct rs_piece_spec *spec;
    struct rs_strbuf name; /* of its folder in the depot, with a slash at its end */
    uint64_t rows;         /* as counted in the old host's snapshot */
    uint64_t sum;
    uint64_t bytes;
};

/* Redshift's UNLOAD, and COPY of what it wrote or rs_piece_copy_upload did. */
RS_MUST_USE bool rs_piece_copy_unload(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                                      struct rs_error *err);
RS_MUST_USE bool rs_piece_copy_load(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                                    struct rs_error *err);

/* PostgreSQL's COPY TO STDOUT into files, and FROM STDIN out of them. */
RS_MUST_USE bool rs_piece_copy_upload(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                                      struct rs_error *err);
RS_MUST_USE bool rs_piece_copy_download(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                                        struct rs_error *err);

/* RS_E_DATABASE unless the two counts are one. */
RS_MUST_USE bool rs_piece_copy_check_rows(const struct rs_piece_copy_job *job, uint64_t rows,
                                          const char *who, struct rs_error *err);

#endif
