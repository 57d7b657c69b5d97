/*
 * sync/reasons.h - why lines were rejected and values discarded: how many for what, with an example.
 *
 *   rs_reasons_collect(pipeline);        into the report, when all that comes has come
 *   rs_reasons_text(report->reasons, report->reason_count, out)
 *     -> 3 rejects: the event has no type; first at day.ndjson:7: {"event":"Signed Up", ...
 *          hint: nothing says which call it is: ...
 *        2 discards: type; first at day.ndjson:12: orders.total: soon
 *   rs_reasons_json(&json, report->reasons, report->reason_count)      an array of objects
 *   rs_reasons_parse(text, &reasons, &count)                           what that wrote
 *
 * So they stand in a run's report, in its row of the ledger and in what a shard says of itself.
 *
 * Limits:  RS_REASONS_MAX of either kind, the most frequent; an input's name and a text are cut.
 * Owns:    a list's items and texts, freed with rs_reasons_release.
 * Pure:    yes, but for rs_reasons_collect, which reads the run's files of spilled rejects.
 * Threads: main thread only.
 */
#ifndef RS_SYNC_REASONS_H
#define RS_SYNC_REASONS_H

#include "codec/json_write.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

struct rs_pipeline;
struct rs_reject_place;

enum {
    RS_REASONS_MAX = 20,
    RS_REASONS_TOLD = 5, /* of either kind, to a person */
};

enum rs_reason_kind {
    RS_REASON_REJECT,  /* a line of rs_rejects */
    RS_REASON_DISCARD, /* a value of rs_discards */
};

struct rs_reason {
    enum rs_reason_kind kind;
    uint64_t count;
    char *reason; /* as the tables have it */
    char *input;  /* of the first in the order read; NULL when that is not known */
    uint64_t line;
    char *column; /* of a discard: TABLE.COLUMN; else NULL */
    char *text;   /* begin of the line, or of the value; safe for a terminal */
    char *hint;   /* what is to be done; NULL where nothing was seen */
};

/* "reject" or "discard". */
const char *rs_reason_kind_name(enum rs_reason_kind kind);

/* Fill the report's reasons; done before, it is done anew. */
void rs_reasons_collect(struct rs_pipeline *pipeline);

/* One reject as a reason, of count; false when its text could not be read. */
bool rs_reasons_describe_reject(const struct rs_pipeline *pipeline,
                                const struct rs_reject_place *place, uint64_t count,
                                struct rs_reason *out);

void rs_reasons_text(const struct rs_reason *reasons, size_t count, struct rs_strbuf *out);
void rs_reasons_json(struct rs_json_writer *json, const struct rs_reason *reasons, size_t count);

/* Read what rs_reasons_json wrote; what is none of it gives no reasons. */
void rs_reasons_parse(struct rs_str text, struct rs_reason **reasons, size_t *count);

/* Add those of another part of the run; of two examples the first by input and line stays. */
void rs_reasons_join(struct rs_reason **reasons, size_t *count, const struct rs_reason *others,
                     size_t other_count);

void rs_reason_release(struct rs_reason *reason);
void rs_reasons_release(struct rs_reason *reasons, size_t count);

#endif
