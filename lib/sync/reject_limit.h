/*
 * sync/reject_limit.h - how many lines of a run may be rejects: --max-rejects.
 *
 *   rs_reject_limit_parse("5%", &limit, err)
 *   rs_reject_limit_allows(&limit, events, rejects)
 *   rs_reject_limit_settle(&pipeline, err)        when all inputs are read
 *
 * Past the limit nothing of the run is loaded. An input that is past it by itself, while the run is
 * not, is told of; one of them without a single event is like an input that cannot be read, and the
 * next run reads it again. A plan says so, and goes on.
 *
 * Threads: main thread only.
 */
#ifndef RS_SYNC_REJECT_LIMIT_H
#define RS_SYNC_REJECT_LIMIT_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/pipeline_state.h"

struct rs_reject_limit {
    bool given;        /* else the default: a tenth, or ten while there are no fewer events */
    bool is_share;     /* millionths of the lines */
    uint64_t most;     /* lines, or millionths */
    const char *words; /* as it was given */
};

/*
 * Read "N" or "N%", of which the share may have up to four decimals; NULL: the default.
 *
 * text  borrowed for as long as the limit is used
 * err   RS_E_USAGE with a hint
 */
RS_MUST_USE bool rs_reject_limit_parse(const char *text, struct rs_reject_limit *out,
                                       struct rs_error *err);

bool rs_reject_limit_allows(const struct rs_reject_limit *limit, uint64_t events, uint64_t rejects);

/*
 * Look at what was read, of each input and of all. A share of a run is judged with all the others, see
 * rs_reject_limit_check.
 *
 * err  RS_E_INPUT: the run is past the limit. The rejects are in --rejects=FILE, where that is given
 */
RS_MUST_USE bool rs_reject_limit_settle(struct rs_pipeline *pipeline, struct rs_error *err);

/* The run as a whole, by its report; events: those that were passed over too. */
RS_MUST_USE bool rs_reject_limit_check(struct rs_pipeline *pipeline, uint64_t events,
                                       struct rs_error *err);

#endif
