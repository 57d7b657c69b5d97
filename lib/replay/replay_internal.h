/*
 * replay/replay_internal.h - the state of one replay, for replay.c and replay_ledger.c.
 */
#ifndef RS_REPLAY_REPLAY_INTERNAL_H
#define RS_REPLAY_REPLAY_INTERNAL_H

#include "codec/digest.h"
#include "replay/archive.h"
#include "replay/replay.h"
#include "sync/window.h"

/* In place of a digest, of a window that wants an input: it was done before without that one. */
#define RS_REPLAY_AGAIN "again"

enum { RS_REPLAY_HEX_BYTES = 2 * RS_SHA256_BYTES };

struct rs_replay_digest {
    char hex[RS_REPLAY_HEX_BYTES + 1];
};

struct rs_replay {
    const struct rs_replay_options *options;
    const struct rs_env *env;
    struct rs_replay_report *report;
    struct rs_archive archive;
    struct rs_replay_digest name; /* of the replay, in the ledger */
    struct rs_sync_window window;
    int64_t started_us;

    /* Of the run at hand. */
    size_t first;
    size_t count;
    struct rs_replay_digest *digests; /* of each of its windows */
    struct rs_window_marks *marks;
    struct rs_str stray; /* the input that other windows want */
    uint64_t left_bytes; /* of the inputs of windows after it */
    uint64_t shown_bytes;
    struct rs_replay_progress now;
};

/*
 * Name the replay: those of one name ask for the same events, cut in the same way. RS_E_CONFIG when
 * the file of --select cannot be read.
 */
RS_MUST_USE bool rs_replay_make_name(struct rs_replay *replay, struct rs_error *err);

/* Tell the inputs that are listed for a window from what they were or will be. */
void rs_replay_digest_inputs(const struct rs_replay *replay, size_t window,
                             struct rs_replay_digest *out);

/* Take what the ledger has of this replay into the plan, and how fast windows were; 0: unknown. */
RS_MUST_USE bool rs_replay_read_ledger(struct rs_replay *replay, double *speed,
                                       struct rs_error *err);

/* The next replay of this name is a new one. One that had nothing to do may have no table. */
RS_MUST_USE bool rs_replay_close(struct rs_replay *replay, struct rs_error *err);

#endif
