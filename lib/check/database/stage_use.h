/*
 * check/database/stage_use.h - a folder of the stage that the cluster writes and reads for a check,
 * and as whom it goes there.
 *
 *   struct rs_check_stage_use use;
 *   bool ok = rs_check_stage_prepare(&use, run, session, &err);
 *   ... UNLOAD and COPY with use.files ...
 *   rs_check_stage_remove(&use, out);
 *   rs_check_stage_release(&use);
 *
 * Pure:    no: network, randomness.
 * Owns:    its texts and its client, until rs_check_stage_release, which has to be called whatever
 *          rs_check_stage_prepare came to. It does not move: the client has its environment.
 * Threads: the thread of the database's lane.
 */
#ifndef RS_CHECK_DATABASE_STAGE_USE_H
#define RS_CHECK_DATABASE_STAGE_USE_H

#include "aws/s3.h"
#include "check/engine/check_run.h"
#include "connect/s3_access.h"
#include "rs/copy.h"
#include "warehouse/session.h"

struct rs_check_stage_use {
    struct rs_arena arena;
    struct rs_env quiet; /* a signal does not keep what was written from being removed */
    struct rs_s3 *s3;    /* of this lane */
    struct rs_str bucket;
    struct rs_str prefix;       /* of what is written, with a random number in it */
    struct rs_s3_access access; /* as whom the cluster goes */
    struct rs_copy_files files; /* its url is the prefix's */
};

/* Name the folder, and take keys or the role. Nothing is written. */
RS_MUST_USE bool rs_check_stage_prepare(struct rs_check_stage_use *use,
                                        const struct rs_check_run *run,
                                        const struct rs_session *session, struct rs_error *err);

/* Remove what was written, also after a signal; where that fails, say so with the command. */
void rs_check_stage_remove(struct rs_check_stage_use *use, struct rs_check_result *out);

void rs_check_stage_release(struct rs_check_stage_use *use);

#endif
