/*
 * codec/json_token.h - one JSON text as a flat tape of tokens that point into it.
 *
 *   struct rs_json_tape tape = {0};            reused from line to line
 *   if (!rs_json_tokenize(line, &tape, &fault)) ... fault.offset, fault.reason
 *   {"a":1,"b":{"c":[2, 3]}}  -> OBJECT | "a" 1 | "b" OBJECT | "c" ARRAY "[2, 3]"
 *   for (i = 1; i < tokens[0].next; i = tokens[i + 1].next)     the members: key i, value i + 1
 *
 * Shape:   in an object stand key, value, key, value ...; a value that is an object is followed
 *          by its own members. An array is one token, whatever is in it; it is checked, but what
 *          is inside makes no tokens. Only where the whole text is an array its elements make
 *          tokens, one each, and an object among them is one token too.
 * Limits:  nesting to RS_JSON_DEPTH_MAX levels; text under 4 GiB.   Pure: yes.
 * Owns:    the tape's tokens, freed with rs_json_tape_release; tokens are offsets, never copies.
 * Threads: one thread at a time per tape.
 * Source:  RFC 8259: every valid text is accepted, every other one refused, but for the UTF-8
 *          inside strings, which is flagged for the caller to repair.
 */
#ifndef RS_CODEC_JSON_TOKEN_H
#define RS_CODEC_JSON_TOKEN_H

#include "rs/compiler.h"
#include "rs/str.h"

enum {
    RS_JSON_PADDING = 64,    /* readable bytes that follow a text; what they are is no matter */
    RS_JSON_DEPTH_MAX = 512, /* objects and arrays inside each other */
};

enum rs_json_kind {
    RS_JSON_NULL,
    RS_JSON_FALSE,
    RS_JSON_TRUE,
    RS_JSON_NUMBER,
    RS_JSON_STRING,
    RS_JSON_ARRAY,
    RS_JSON_OBJECT,
};

/* An array's flags, and those of an object inside one, speak of all that is in it. */
enum rs_json_flag {
    RS_JSON_ESCAPED = 1,   /* string: holds a backslash. Array: a string inside does */
    RS_JSON_NON_ASCII = 2, /* string or array: a byte >= 0x80, so the UTF-8 is to be checked */
    RS_JSON_SPACED = 4,    /* array: white space outside strings */
    RS_JSON_FRACTION = 8,  /* number: has one of . e E */
};

struct rs_json_token {
    uint32_t start;  /* offset of its first byte; of a string, the one after the quote */
    uint32_t length; /* bytes; of a string, without the quotes */
    uint32_t next;   /* index of the token after this value and all in it */
    uint8_t kind;    /* enum rs_json_kind */
    uint8_t flags;   /* set of enum rs_json_flag; 0 for an object whose members have tokens */
};

struct rs_json_tape {
    struct rs_json_token *tokens;
    size_t count;
    size_t capacity;
};

struct rs_json_fault {
    size_t offset;      /* 0..length of the text */
    const char *reason; /* "expected a value", "unterminated string", ...; static */
};

/* White space between tokens, RFC 8259. */
static inline bool rs_json_is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/*
 * Read one JSON text, white space around it included, into the tape.
 *
 * text   followed by RS_JSON_PADDING readable bytes; borrowed, never changed
 * tape   overwritten; its contents mean something only on success
 * fault  written only on failure
 */
RS_MUST_USE bool rs_json_tokenize(struct rs_str text, struct rs_json_tape *tape,
                                  struct rs_json_fault *fault);

/* Free the tokens; the tape is empty and can be used again. */
void rs_json_tape_release(struct rs_json_tape *tape);

/* The bytes of a token. text is the text that was tokenized. */
static inline struct rs_str rs_json_token_text(struct rs_str text,
                                               const struct rs_json_token *token)
{
    return (struct rs_str){text.data + token->start, token->length};
}

#endif
