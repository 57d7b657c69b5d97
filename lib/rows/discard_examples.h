/*
 * rows/discard_examples.h - of each reason for a discard, the first value in the order read.
 *
 *   struct rs_discard_examples *examples = rs_discard_examples_new();
 *   rs_discard_examples_note(examples, &found);        for each discard, from any thread
 *   if (rs_discard_examples_find(examples, RS_DISCARD_TYPE, &first)) ...
 *
 * What is noted twice, as by a load that is tried again, is noted once. How many there are is counted
 * elsewhere: struct rs_encode_counts.
 *
 * Limits:  a value is kept up to RS_DISCARD_EXAMPLE_MAX bytes, a name up to RS_DISCARD_NAME_MAX.
 * Pure:    yes.
 * Threads: rs_discard_examples_note by many threads; the others when they are done.
 */
#ifndef RS_ROWS_DISCARD_EXAMPLES_H
#define RS_ROWS_DISCARD_EXAMPLES_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "transform/cells.h"

enum {
    RS_DISCARD_SHOWN_MAX = 80,   /* bytes of a value that are shown */
    RS_DISCARD_EXAMPLE_MAX = 84, /* and kept: a character more, so that it shows that it was cut */
    RS_DISCARD_NAME_MAX = 128,
};

struct rs_discard_example {
    enum rs_discard_reason reason;
    rs_ref ref;    /* of the event */
    uint64_t line; /* number in its input */
    struct rs_str table;
    struct rs_str column;
    struct rs_str value;
};

struct rs_discard_examples;

RS_MUST_USE struct rs_discard_examples *rs_discard_examples_new(void);

/* NULL is nothing. */
void rs_discard_examples_free(struct rs_discard_examples *examples);

/* Keep a copy of what was found, unless one is kept that was read before it. */
void rs_discard_examples_note(struct rs_discard_examples *examples,
                              const struct rs_discard_example *found);

/* The first of a reason; false without one. Its texts are the object's. */
bool rs_discard_examples_find(const struct rs_discard_examples *examples,
                              enum rs_discard_reason reason, struct rs_discard_example *out);

#endif
