/*
 * sync/part_jobs.h - a run's tables cut into parts, and the parts written by all workers.
 *
 *   rs_part_jobs_init(&jobs, &pipeline, part_count);
 *   rs_part_jobs_run(&jobs, "encoding", &work, err);      each part once, the heaviest first
 *   rs_part_jobs_copy_discards(&jobs, table, sink, err);
 *   rs_part_jobs_release(&jobs);
 *
 * Which rows a part has, and how it is called, does not depend on who writes it or when; its
 * discards are one stretch of its worker's spool. So what comes out is the same with any number
 * of threads.
 *
 * Owns:    its list and the discards; released with rs_part_jobs_release.
 * Threads: main thread only; rs_part_jobs_run starts and ends the workers, which call work.
 */
#ifndef RS_SYNC_PART_JOBS_H
#define RS_SYNC_PART_JOBS_H

#include "base/meter.h"
#include "base/sink.h"
#include "base/workers.h"
#include "rows/encode.h"
#include "rows/spool.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/pipeline_state.h"

enum { RS_PART_NAME_MAX = 256 };

/* One part of one table. */
struct rs_part_job {
    size_t table; /* of the layout */
    uint64_t part;
    uint64_t parts;
    uint64_t weight;
    struct rs_encode_counts counts;
    unsigned worker;
    uint64_t discards_begin; /* in its worker's spool */
    uint64_t discards_end;
    struct rs_meter_piece piece;
    unsigned files_under_way; /* to S3 */
};

struct rs_part_jobs {
    struct rs_pipeline *pipeline;
    struct rs_part_job *items; /* by table and part */
    size_t count;
    size_t *first;              /* a table: its first item; one more for the end */
    struct rs_spool **discards; /* a worker */
    uint64_t total_weight;
};

/* What the workers do; each works on its own things, by its number. */
struct rs_part_work {
    /*
     * Write a part: open its sinks, then rs_encode_part with these options (layout, discards and
     * piece are set) and counts.
     */
    bool (*write)(void *arg, struct rs_part_job *job, struct rs_table_writer_options *options,
                  struct rs_encode_counts *counts, struct rs_error *err);
    /* The worker has no more parts, or one failed: ok says which. NULL: nothing is left to do. */
    bool (*end)(void *arg, unsigned worker, bool ok, struct rs_error *err);
    void *arg;
    double encoding; /* of a part; at 1.0 it is written, else its piece is ended by who goes on */
};

/* List the parts; part_count says how many a table has, 1 at least. */
void rs_part_jobs_init(struct rs_part_jobs *jobs, struct rs_pipeline *pipeline,
                       uint64_t (*part_count)(const struct rs_pipeline *pipeline,
                                              const struct rs_layout_table *table));
void rs_part_jobs_release(struct rs_part_jobs *jobs);

/* Write every part; phase is what progress calls it. */
RS_MUST_USE bool rs_part_jobs_run(struct rs_part_jobs *jobs, const char *phase,
                                  const struct rs_part_work *work, struct rs_error *err);

/* "tracks/part-0004.csv.zst": the stem is "part" here. */
void rs_part_jobs_name(const struct rs_part_jobs *jobs, const struct rs_part_job *job,
                       const char *stem, char out[RS_PART_NAME_MAX]);

/* The same of a part that somebody else has written. */
void rs_part_jobs_file_name(struct rs_str table, const char *stem, uint64_t part,
                            enum rs_compression compression, char out[RS_PART_NAME_MAX]);

/* The counts of all parts of a table. */
struct rs_encode_counts rs_part_jobs_counts(const struct rs_part_jobs *jobs, size_t table);

/* Write the discards of a table, as lines of rs_discards. */
RS_MUST_USE bool rs_part_jobs_copy_discards(const struct rs_part_jobs *jobs, size_t table,
                                            struct rs_sink *sink, struct rs_error *err);

#endif
