/*
 * codec/json_cut.h - cut text into the events that it holds, whatever lies between them.
 *
 *   [{"a":1},{"b":2}]        two values, without their brackets and commas
 *   {"a":1}{"b":2}           two values
 *   {"a":\n 1}               a value of two lines
 *   {"a":1\n{"b":2}          what is damaged, up to the line end, and a value
 *
 *   struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT;
 *   struct rs_json_cuts cuts = {0};
 *   status = rs_json_cut(&cutter, text, length, ended, &cuts);    cuts.items, cuts.used
 *
 * Form:    a value is what stands from a brace to the one that closes it, strings passed over: no
 *          more of JSON's grammar is looked at but what tells that an event has lost its end. What
 *          stands between values is white space, commas, the brackets of arrays, and record
 *          separators. rs-schema(7), "Where an event ends", has the rule, and how the next event is
 *          found behind one that is damaged. A string never goes on in another line.
 * Lines:   a line that begins with a brace and ends with one, where a line that begins with one
 *          follows, or nothing, is cut without being looked into, because no value can go on behind
 *          it: RS_JSON_CUT_LINE, which may turn out to be several values, or damaged. Cutting its
 *          text alone, with RS_JSON_CUTTER_INIT_LINE, gives what there is in it. In an array none is.
 * Same:    what is cut depends on the bytes alone, never on how much of them is given at once.
 * Batch:   the elements of an array in an object that is too long to be kept are cut as events, the
 *          object's members before it are given out first: RS_JSON_CUT_BODY. rs_json_find_batch says
 *          which objects are such.
 * Limits:  see below. Time is linear in the text, however it is damaged.
 * Pure:    yes.
 * Owns:    cuts.items; freed with rs_json_cuts_release. A cutter owns nothing.
 * Threads: one thread at a time per object.
 * Source:  RFC 8259, RFC 7464.
 */
#ifndef RS_CODEC_JSON_CUT_H
#define RS_CODEC_JSON_CUT_H

#include "codec/json_value.h"
#include "rs/compiler.h"
#include "rs/str.h"

enum {
    RS_JSON_CUT_MAX = 16 << 20,   /* bytes of a value */
    RS_JSON_CUT_NEAR = 4 << 10,   /* how far behind a value is looked */
    RS_JSON_CUT_PADDING = 64,     /* readable bytes that follow a text */
    RS_JSON_CUT_WINDOW = 1 << 20, /* a line that is cut as one is no longer than this */
    RS_JSON_CUT_CALL = 2 << 20,   /* what ends behind so many bytes comes alone from a call */
};

enum rs_json_cut_kind {
    RS_JSON_CUT_LINE,     /* see above */
    RS_JSON_CUT_VALUE,    /* from { to }; where nothing but blanks is on its line, the line */
    RS_JSON_CUT_DAMAGED,  /* no value, or one that does not end */
    RS_JSON_CUT_LONG,     /* of more than RS_JSON_CUT_MAX bytes */
    RS_JSON_CUT_TAIL,     /* what follows the array of a body, with its last brace */
    RS_JSON_CUT_UNCLOSED, /* no text: an array, or a body, that has begun does not end */
};

struct rs_json_cut {
    uint32_t offset; /* in the text */
    uint32_t length;
    uint32_t line; /* line ends in the text before it */
    uint32_t kind; /* enum rs_json_cut_kind */
};

struct rs_json_cuts {
    struct rs_json_cut *items;
    size_t count;
    size_t capacity;
    size_t used;      /* bytes that are done with; what follows them is to be given again */
    size_t line_ends; /* among those */
};

enum rs_json_cut_status {
    RS_JSON_CUT_DONE, /* as far as it goes: the rest needs more bytes, or there is none */
    RS_JSON_CUT_PART, /* a value is too long: the bytes that are used are a part of it, its last one
                         where cutter->is_long is false again */
    RS_JSON_CUT_BODY, /* a body is too long: the bytes that are used are its begin, with the bracket
                         of its array; it goes on while cutter->in_body */
};

struct rs_json_cutter {
    bool lines;         /* lines are cut as such */
    bool at_line_start; /* the text goes on at the begin of a line */
    bool is_long;       /* its begin was given out as a part */
    bool is_fresh;      /* the value has only blanks before it on its line */
    bool is_pretty;     /* its line has only blanks behind its brace */
    bool is_tail;       /* it is what follows a body's array */
    bool in_body;       /* the array around the values is a body's; arrays is 1 where it is that */
    bool is_behind_value; /* in an array, and no comma has come */
    bool at_damaged_end;
    int state;     /* what the text goes on with, see the source */
    size_t window; /* RS_JSON_CUT_WINDOW; less in tests */
    size_t arrays; /* that are open around the values */
    size_t strict; /* so many bytes are cut wherever an event could begin */
    uint64_t passed_bytes;
    uint64_t wasted_bytes;      /* that are scanned again */
    struct rs_json_value value; /* from the begin of what is given again */
};

#define RS_JSON_CUTTER_INIT                                                                        \
    ((struct rs_json_cutter){.lines = true,                                                        \
                             .at_line_start = true,                                                \
                             .window = RS_JSON_CUT_WINDOW,                                         \
                             .value.max_bytes = RS_JSON_CUT_MAX})

/* For the text of one line, in one call. */
#define RS_JSON_CUTTER_INIT_LINE                                                                   \
    ((struct rs_json_cutter){.at_line_start = true, .value.max_bytes = RS_JSON_CUT_MAX})

/* For what follows the bracket of a body's array, in one call. */
#define RS_JSON_CUTTER_INIT_BODY                                                                   \
    ((struct rs_json_cutter){.in_body = true, .arrays = 1, .value.max_bytes = RS_JSON_CUT_MAX})

/*
 * Whether a text begins with an object of which a member, as far as the text goes, is an array named
 * "batch": *elements is the place behind its bracket.
 */
RS_MUST_USE bool rs_json_find_batch(struct rs_str text, size_t *elements);

/*
 * Cut what the text holds as far as that can be told.
 *
 * text   where an earlier call was: what that did not use, and more; RS_JSON_CUT_PADDING bytes
 *        follow it, whatever they are. 4 GiB at most
 * ended  nothing follows it
 * cuts   overwritten
 */
enum rs_json_cut_status rs_json_cut(struct rs_json_cutter *cutter, const char *text, size_t length,
                                    bool ended, struct rs_json_cuts *cuts);

void rs_json_cuts_release(struct rs_json_cuts *cuts);

/* Line ends in a text. */
size_t rs_json_count_lines(const char *text, size_t length);

#endif
