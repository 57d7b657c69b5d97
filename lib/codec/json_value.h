/*
 * codec/json_value.h - find where an object ends, by its brackets and strings alone.
 *
 *   struct rs_json_value value = {.start = place of its brace, .at = the same, .before = '{', ...};
 *   switch (rs_json_value_scan(&value, text, length, ended))
 *     RS_JSON_SCAN_END: it ends before value.at
 *
 * 64 bytes at a look, 2 to 3 GB/s where a tokenizer does 1. No more of JSON's grammar is looked at
 * than brackets that fit, strings that end in their line, and where an object can begin: what tells
 * that an event has lost its end.
 *
 * Limits:  reads up to 64 bytes past the bound.   Pure: yes.   Owns: nothing.
 * Threads: one thread at a time per object.
 * Source:  RFC 8259, RFC 7464. How escaped quotes are found is known from simdjson.
 */
#ifndef RS_CODEC_JSON_VALUE_H
#define RS_CODEC_JSON_VALUE_H

#include "rs/compiler.h"

enum {
    RS_JSON_VALUE_BLOCK = 64,
    RS_JSON_VALUE_LEVELS = 512, /* up to which brackets have to fit each other */
    RS_JSON_RECORD_SEPARATOR = 0x1e,
};

/* Places are offsets in the text, which stays the same, with more behind it, from call to call. */
struct rs_json_value {
    size_t start;     /* its brace */
    size_t at;        /* how far it is scanned */
    size_t soft;      /* a later line that could begin an event; 0: none */
    size_t indent;    /* blanks that its own line begins with: such a line has no more */
    size_t max_bytes; /* a scan that has come past so many ends soon */
    char before; /* what stood before the text and was no white space, if that is not all of it */
    uint64_t in_string; /* all ones or none */
    uint64_t escaped;   /* 1: the next byte is */
    unsigned depth;
    uint64_t objects[RS_JSON_VALUE_LEVELS / 64];
};

enum rs_json_scan {
    RS_JSON_SCAN_MORE, /* it is not to be told yet, or the value is past its most */
    RS_JSON_SCAN_END,
    RS_JSON_SCAN_FAULT, /* at value->at is what an object cannot have */
};

/*
 * Scan up to bound.
 *
 * ended  what follows the bound is not of the value: that it has no end is a fault there. Else the
 *        last bytes before the bound, fewer than a block, may wait for more
 */
RS_MUST_USE enum rs_json_scan rs_json_value_scan(struct rs_json_value *value, const char *text,
                                                 size_t bound, bool ended);

/* Have one more object, or array, be open. */
void rs_json_value_open(struct rs_json_value *value, bool object);

#endif
