/*
 * sync/intake.h - from inputs to rows: all workers read, tokenize and project.
 *
 *   rs_intake_init(&intake, &options);
 *   if (!rs_intake_run(&intake, err)) ... intake.failed_input
 *   intake.failures: inputs that could not be opened, of which nothing was taken
 *   intake.rows, intake.projectors, intake.dedupes, intake.rejects: what came of it
 *   rs_intake_release(&intake);
 *
 * Workers take the next chunk of any input that nobody is reading: one input's chunks are read
 * in order, several inputs at once, and a chunk is worked on while the next one is read. When
 * the rows in memory pass the budget, nobody projects until one of them has spilled. Where inputs
 * are in S3 some more workers read ahead.
 *
 * Owns:    everything it names but the options; released with rs_intake_release.
 * Threads: main thread only; it starts and ends its workers.
 */
#ifndef RS_SYNC_INTAKE_H
#define RS_SYNC_INTAKE_H

#include "base/env.h"
#include "read/input_list.h"
#include "rows/dedupe.h"
#include "rows/reject_log.h"
#include "rows/rows.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/sync.h"
#include "transform/project.h"

struct rs_intake_options {
    const struct rs_env *env;
    const struct rs_input_list *inputs;
    const bool *left_out;    /* an input: true when it is not to be read */
    const bool *known;       /* an input: what it has that is no row was told of before; or NULL */
    struct rs_day_set *seen; /* an input: gets the days of its events; or NULL. With an interval */
    bool wants_all;          /* an input that cannot be opened ends the run */
    unsigned threads;        /* that project at once */
    uint64_t memory_bytes;
    const char *tmpdir;
    struct rs_projector_options project;
    struct rs_meter *meter; /* or NULL */
};

struct rs_intake_counts {
    uint64_t events; /* opt_outs and unselected are among them, all else here is not */
    uint64_t rejects;
    uint64_t told_rejects; /* of an input that is known */
    uint64_t opt_outs;
    uint64_t unselected;
    uint64_t outside; /* of the interval */
    uint64_t undated;
    uint64_t bytes; /* stored, read so far */
};

/* An input that could not be opened: denied, archived, gone. The others are read. */
struct rs_intake_failure {
    size_t input;
    struct rs_error why;
};

struct rs_intake {
    struct rs_intake_options options;
    struct rs_projector **projectors; /* one a worker */
    struct rs_dedupe **dedupes;       /* one a worker */
    struct rs_slab *slabs;            /* one a worker: its batches' rows */
    struct rs_rows *rows;
    struct rs_reject_log *rejects;
    struct rs_intake_counts counts;
    struct rs_intake_counts *by_input;
    struct rs_intake_failure *failures; /* by input */
    size_t failure_count;
    size_t failure_capacity;
    size_t failed_input; /* SIZE_MAX: none; else the one that the error is about */
};

void rs_intake_init(struct rs_intake *intake, const struct rs_intake_options *options);
void rs_intake_release(struct rs_intake *intake);

/*
 * Read everything. The rows come out sealed.
 *
 * err  as rs_input_failed_alone (read/input_list.h) when an input is damaged: intake->failed_input
 *      says which, and the rest of what was read is of no use; RS_E_NET; RS_E_IO when a spill
 *      failed; RS_E_INTERRUPTED
 */
RS_MUST_USE bool rs_intake_run(struct rs_intake *intake, struct rs_error *err);

#endif
