/*
 * transform/project.h - one event becomes the cells of its rows.
 *
 *   struct rs_projector *projector = rs_projector_new(&options);
 *   switch (rs_projector_event(projector, batch, text, &reason)) ...
 *   rs_projector_free(projector);
 *
 * An event adds one row to the batch, or nothing. What a row's cells become in which table is for
 * transform/layout.h to say, when all workers have seen all their events.
 *
 * Owns:    the projector its streams; the batch its rows: the text may go.
 * Pure:    yes: the time of processing comes in as an option.
 * Threads: one projector a thread.
 * Source:  the event-to-table contract in rs-schema(7).
 */
#ifndef RS_TRANSFORM_PROJECT_H
#define RS_TRANSFORM_PROJECT_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "transform/cells.h"
#include "transform/event.h"
#include "transform/filter.h"
#include "transform/interval_filter.h"
#include "transform/stream.h"

/*
 * Which words of an event's integrations keep it out. Segment's "All" does not speak of warehouses
 * ("Filtering your Segment data": data warehouses are not among what All: false turns off).
 */
enum rs_opt_out {
    RS_OPT_OUT_WAREHOUSES, /* what is said of Warehouses alone */
    RS_OPT_OUT_ALL,        /* All: false too, where nothing is said of them */
};

/* What a trait of an identify or group call that is null does to users or accounts. */
enum rs_null_traits {
    RS_NULL_TRAITS_KEEP,  /* nothing: the latest value stays */
    RS_NULL_TRAITS_CLEAR, /* it is the latest: an older value is NULL from then on */
};

struct rs_projector_options {
    uint64_t seed;                      /* random, against chosen keys */
    size_t name_limit;                  /* bytes in an identifier, of the server */
    struct rs_str warehouse_id;         /* "" when none is configured; borrowed */
    enum rs_opt_out opt_out;            /* what keeps an event out */
    enum rs_null_traits null_traits;    /* what an explicit null does in users and accounts */
    const struct rs_filter *filter;     /* or NULL; borrowed */
    int64_t now_us;                     /* the time of processing */
    struct rs_cardinality_limit *limit; /* or NULL; borrowed */
    size_t key_limit;                   /* with it: keys that one projector learns */
    const struct rs_interval_filter
        *interval_filter; /* the part of the events that is wanted; NULL: all */
};

enum rs_outcome {
    RS_OUTCOME_ROW,        /* a row was added; the last of the batch */
    RS_OUTCOME_NO_EVENT,   /* the text is no event */
    RS_OUTCOME_REJECT,     /* it is one, and has no place */
    RS_OUTCOME_OPT_OUT,    /* the event's integrations keep it out of the warehouse */
    RS_OUTCOME_UNSELECTED, /* none of its tables is wanted */
    RS_OUTCOME_OUTSIDE,    /* with an interval filter: it was received before or after that */
    RS_OUTCOME_UNDATED,    /* with an interval filter: nothing says when it was received */
};

struct rs_projector;

RS_MUST_USE struct rs_projector *rs_projector_new(const struct rs_projector_options *options);
void rs_projector_free(struct rs_projector *projector);

/*
 * Read the text of one event, which is followed by RS_JSON_PADDING readable bytes.
 *
 * reason  gets a static text with RS_OUTCOME_NO_EVENT and RS_OUTCOME_REJECT
 */
enum rs_outcome rs_projector_event(struct rs_projector *projector, struct rs_batch *batch,
                                   struct rs_str text, const char **reason);

/*
 * Have what a body says hold for the events that are read, until it is left.
 *
 * body    the object without the elements of its batch; followed by RS_JSON_PADDING readable bytes
 * events  how many there are
 * reason  gets a static text when it is no body, which then need not be left
 */
RS_MUST_USE bool rs_projector_enter_body(struct rs_projector *projector, struct rs_str body,
                                         size_t events, const char **reason);
void rs_projector_leave_body(struct rs_projector *projector);

/* Whether the body that was entered says anything of its events. */
bool rs_projector_in_body(const struct rs_projector *projector);

/* With an interval filter: when the last event was received that was a row or outside. */
int64_t rs_projector_received_us(const struct rs_projector *projector);

/* The streams seen, by number. */
size_t rs_projector_stream_count(const struct rs_projector *projector);
struct rs_stream *rs_projector_stream(const struct rs_projector *projector, size_t number);

/* Track calls that had no event name. */
uint64_t rs_projector_unnamed_count(const struct rs_projector *projector);

/* Keys in place of fields. */
const struct rs_foreign_keys *rs_projector_foreign_keys(const struct rs_projector *projector);

/* Events that were loaded though their integrations say All: false; none with RS_OPT_OUT_ALL. */
uint64_t rs_projector_all_false_count(const struct rs_projector *projector);

/* What the limit has refused. */
const struct rs_key_budget *rs_projector_budget(const struct rs_projector *projector);

/*
 * Length of the longest value that is a backslash and then only N's, less the backslash: what
 * stands for NULL in a CSV file has one N more (see rows/table_writer.h).
 */
size_t rs_projector_null_run(const struct rs_projector *projector);

#endif
