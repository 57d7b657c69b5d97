/*
 * replay/archive.h - the inputs of an archive, the windows that read them, and how one is run.
 *
 *   rs_archive_open(&archive, env, &sync, &interval, err) && rs_archive_plan(&archive, window_us, err)
 *   rs_archive_run(&archive, first, count, &window, &report, err)
 *   rs_archive_close(&archive);
 *
 * Owns:    all but env and sync.   Threads: main thread only.
 */
#ifndef RS_REPLAY_ARCHIVE_H
#define RS_REPLAY_ARCHIVE_H

#include <stdatomic.h>

#include "aws/account.h"
#include "base/env.h"
#include "base/map.h"
#include "read/input_list.h"
#include "replay/window_plan.h"
#include "rs/strbuf.h"
#include "sync/sync.h"
#include "warehouse/session.h"

struct rs_archive {
    const struct rs_env *env;
    struct rs_env patient; /* as env, but one SIGINT is only answered while loading */
    atomic_bool loading;   /* a run that writes is at hand */
    atomic_bool answered;
    struct rs_sync_options sync;
    int64_t wait_us;
    bool all_told;              /* what inputs have beside events is of no interest */
    struct rs_account *account; /* NULL: nothing is in S3 */
    struct rs_input_options how;
    struct rs_input_list list;
    struct rs_connect *connect;
    struct rs_strbuf schema; /* as it is called in the database */
    struct rs_interval interval;
    struct rs_window_plan plan;
    struct rs_map *told; /* notices that were logged */
    /* Of the whole that the run at hand is a part of, to be shown: */
    uint64_t left_bytes;    /* of the inputs of runs after it */
    const char *round_noun; /* "window"; round of rounds, 0 where that is not shown */
    size_t round;
    size_t rounds;

    /* Of the run at hand. */
    size_t *numbers; /* in the plan, of the inputs that it reads */
    struct rs_input *inputs;
    bool *known;
    struct rs_day_set *seen;
    size_t input_count;
    uint64_t input_bytes;
};

/*
 * List the inputs that may have events of the interval, with those of a day before and after it.
 * An empty interval, from_us = to_us = 0, is all of them.
 */
RS_MUST_USE bool rs_archive_open(struct rs_archive *archive, const struct rs_env *env,
                                 const struct rs_sync_options *sync,
                                 const struct rs_interval *interval, struct rs_error *err);
void rs_archive_close(struct rs_archive *archive);

/* Cut the archive's interval into windows. */
RS_MUST_USE bool rs_archive_plan(struct rs_archive *archive, int64_t window_us,
                                 struct rs_error *err);

/* A session of its own, to be closed; the schema's name is known from then on. */
RS_MUST_USE struct rs_session *rs_archive_session(struct rs_archive *archive, struct rs_error *err);

/*
 * Run windows as one. window has all but its times and inputs; those stay until the next run.
 * A lock of another run is waited for, and a failure that may pass is tried again.
 */
RS_MUST_USE bool rs_archive_run(struct rs_archive *archive, size_t first, size_t count,
                                struct rs_sync_window *window, struct rs_sync_report *report,
                                struct rs_error *err);

/* Log a notice, unless it was logged before. */
void rs_archive_tell(struct rs_archive *archive, const char *notice);

/* A run has failed for inputs that could not be read: that spoils their windows, and no others. */
bool rs_archive_may_go_on(const struct rs_sync_report *run, const struct rs_error *err);

/* The windows that were run are done, and it is known which days their inputs have. */
void rs_archive_learn(struct rs_archive *archive, size_t first, size_t count);

#endif
