/*
 * rows/reject_log.h - rejects, put aside in the order read.
 *
 *   rs_reject_log_add(log, batch, err);                 for each batch, in any order
 *   rs_reject_log_seal(log);                            now they are in the order read
 *   rs_reject_log_each(log, visit, arg, err);           input, place, reason, text
 *   rs_reject_log_copy(log, fd, name, err);             the texts byte for byte
 *   rs_reject_log_reasons(log, &count)                  how many for what, and the first of each
 *
 * Owns:    a spool (rows/spool.h); freed with rs_reject_log_free.
 * Threads: one thread at a time per object.
 */
#ifndef RS_ROWS_REJECT_LOG_H
#define RS_ROWS_REJECT_LOG_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "transform/cells.h"

enum {
    RS_REJECT_TEXT_MAX = 65535, /* bytes of a text that rs_rejects keeps */
    RS_REJECT_HEAD_MAX = 1024,  /* and that rs_reject_log_head gives */
};

struct rs_reject_log;

struct rs_reject_record {
    uint32_t input;
    struct rs_place place;
    const char *reason;
    struct rs_str text; /* valid UTF-8 without NUL, RS_REJECT_TEXT_MAX bytes at most */
};

/* One reject, and where the log has its text. */
struct rs_reject_place {
    uint32_t input;
    uint64_t line;
    const char *reason;
    uint64_t offset;
    uint64_t length;
};

struct rs_reject_reason {
    uint64_t count;
    uint64_t batch;               /* of first: rs_ref_batch */
    struct rs_reject_place first; /* in the order read */
};

typedef bool rs_reject_visit(void *arg, const struct rs_reject_record *record,
                             struct rs_error *err);

RS_MUST_USE struct rs_reject_log *rs_reject_log_new(const char *tmpdir);
void rs_reject_log_free(struct rs_reject_log *log);

/* Add the batch's rejects. */
RS_MUST_USE bool rs_reject_log_add(struct rs_reject_log *log, const struct rs_batch *batch,
                                   struct rs_error *err);

/* Nothing is added any more: put the rejects in the order read. */
void rs_reject_log_seal(struct rs_reject_log *log);

/* How many rejects there are. */
uint64_t rs_reject_log_count(const struct rs_reject_log *log);

/* What lines were rejected for, the most frequent first; borrowed. After the seal. */
const struct rs_reject_reason *rs_reject_log_reasons(const struct rs_reject_log *log,
                                                     size_t *count);

/* The first reject of an input; *found is false without one. After the seal. */
RS_MUST_USE bool rs_reject_log_first(const struct rs_reject_log *log, uint32_t input,
                                     struct rs_reject_place *out, bool *found,
                                     struct rs_error *err);

/* The begin of its text, as it is: RS_REJECT_HEAD_MAX bytes at most. Returns how many. */
RS_MUST_USE bool rs_reject_log_head(const struct rs_reject_log *log,
                                    const struct rs_reject_place *place,
                                    char out[RS_REJECT_HEAD_MAX], size_t *length,
                                    struct rs_error *err);

/* Call visit for each reject, in the order read; its false ends the walk. */
RS_MUST_USE bool rs_reject_log_each(const struct rs_reject_log *log, rs_reject_visit *visit,
                                    void *arg, struct rs_error *err);

/* Write all texts to fd as they were, each followed by LF. name is for errors. */
RS_MUST_USE bool rs_reject_log_copy(const struct rs_reject_log *log, int fd, const char *name,
                                    struct rs_error *err);

#endif
