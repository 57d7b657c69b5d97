/*
 * The tokenizer: one pass, 16 bytes a look inside strings, nothing copied.
 *
 * Two loops do the work. scan_members walks objects in objects and writes tokens; while an object
 * is open, its token's `next` holds the index of the object around it, so there is no stack.
 * scan_opaque checks an array (and all in it) that gets one token only, with a bit a level.
 * The loops read a few bytes past the end instead of comparing at every byte: that is what the
 * padding is for. Whatever is found there can only fault later, since a position never goes
 * back and each close, and each string's end, is compared with the end of the text.
 * A fault is rare, so the loops only notice it; what it was is found by reading again, slowly.
 */
#include "codec/json_token.h"

#include "base/mem.h"
#include "codec/json_scan.h"

struct lexer {
    const char *begin;
    const char *end;
    struct rs_json_tape *tape;
    struct rs_json_fault *fault;
};

/* Always NULL, so that callers can return it. */
static const char *fault_at(struct lexer *lexer, const char *p, const char *reason)
{
    /* Behind the end stands padding: whatever it is, the text ended too early. */
    *lexer->fault = p < lexer->end ? (struct rs_json_fault){(size_t)(p - lexer->begin), reason}
                                   : (struct rs_json_fault){(size_t)(lexer->end - lexer->begin),
                                                            "unexpected end of the text"};
    return NULL;
}

/* Say what is wrong with the string whose quote is at `quote`. */
static const char *fault_string(struct lexer *lexer, const char *quote)
{
    const char *p = quote + 1;

    while (p < lexer->end && *p != '"') {
        if ((uint8_t)*p < 0x20) {
            return fault_at(lexer, p, "control character in a string");
        }
        if (*p == '\\' && lexer->end - p > (p[1] == 'u' ? 5 : 1) && rs_json_scan_escape(p) == 0) {
            return fault_at(lexer, p, "invalid escape in a string");
        }
        p += *p == '\\' ? 2 : 1;
    }
    return fault_at(lexer, quote, "unterminated string");
}

/* Say what is wrong with the value at p, which is no string, array or object. */
static const char *fault_value(struct lexer *lexer, const char *p)
{
    if (p < lexer->end && (*p == '-' || (uint8_t)(*p - '0') <= 9)) {
        return fault_at(lexer, p, "malformed number");
    }
    return fault_at(lexer, p, "expected a value");
}

/* White space is none in most events, so the loop stands apart. */
static const char *pass_space(const char *p, const char *end)
{
    while (p < end && rs_json_is_space(*p)) {
        p++;
    }
    return p;
}

static inline const char *skip_space(const char *p, const char *end)
{
    return RS_LIKELY((uint8_t)*p > ' ') ? p : pass_space(p, end);
}

/* The levels of an array that is passed as a whole: which of them are objects. */
struct levels {
    uint64_t objects[RS_JSON_DEPTH_MAX / 64];
    unsigned depth;
};

static inline bool in_object(const struct levels *levels)
{
    const unsigned top = levels->depth - 1;

    return levels->objects[top / 64] >> (top % 64) & 1;
}

static inline void open_level(struct levels *levels, bool object)
{
    const unsigned top = levels->depth++;
    const uint64_t bit = (uint64_t)1 << (top % 64);

    levels->objects[top / 64] = (levels->objects[top / 64] & ~bit) | (object ? bit : 0);
}

/* skip_space, but what is skipped shows in the flags. */
static inline const char *note_space(const char *p, const char *end, unsigned *flags)
{
    if (RS_LIKELY((uint8_t)*p > ' ')) {
        return p;
    }
    *flags |= RS_JSON_SPACED;
    return pass_space(p, end);
}

/* From the quote of a member's name to its value. */
static inline const char *opaque_key_end(struct lexer *lexer, const char *p, unsigned *flags)
{
    if (*p != '"') {
        return fault_at(lexer, p, "expected a member name");
    }
    const char *quote = rs_json_scan_string(p + 1, lexer->end, flags);
    if (!quote) {
        return fault_string(lexer, p);
    }
    p = note_space(quote + 1, lexer->end, flags);
    if (*p != ':') {
        return fault_at(lexer, p, "expected a colon");
    }
    return note_space(p + 1, lexer->end, flags);
}

/* The end of the string, number or literal at p. */
static inline const char *opaque_scalar_end(struct lexer *lexer, const char *p, unsigned *flags)
{
    unsigned kind = RS_JSON_NULL;
    unsigned ignored = 0;

    if (*p == '"') {
        const char *quote = rs_json_scan_string(p + 1, lexer->end, flags);
        return quote ? quote + 1 : fault_string(lexer, p);
    }
    const char *q = rs_json_scan_scalar(p, lexer->end, &kind, &ignored);
    return q ? q : fault_value(lexer, p);
}

/* The end of the array or object at p, with all in it; `around` levels are open around it. */
static const char *scan_opaque(struct lexer *lexer, const char *p, unsigned around, unsigned *flags)
{
    struct levels levels = {.depth = 0};
    const char *const end = lexer->end;

    for (;;) {
        bool opened = *p == '[' || *p == '{';
        if (!opened) {
            p = opaque_scalar_end(lexer, p, flags);
        } else if (levels.depth + around < RS_JSON_DEPTH_MAX) {
            open_level(&levels, *p++ == '{');
        } else {
            p = fault_at(lexer, p, "nesting deeper than 512 levels");
        }
        if (!p || p > end) {
            return p ? fault_at(lexer, p, "") : NULL;
        }
        p = note_space(p, end, flags);
        for (; *p == (in_object(&levels) ? '}' : ']'); p = note_space(p, end, flags)) {
            p++;
            if (--levels.depth == 0 || p > end) {
                return p <= end ? p : fault_at(lexer, p, "");
            }
            opened = false;
        }
        if (!opened) {
            if (*p != ',') {
                return fault_at(lexer, p, "expected a comma or the end of an array or object");
            }
            p = note_space(p + 1, end, flags);
        }
        if (in_object(&levels)) {
            p = opaque_key_end(lexer, p, flags);
            if (!p) {
                return NULL;
            }
        }
    }
}

static inline struct rs_str span(const char *begin, const char *end)
{
    return (struct rs_str){begin, (size_t)(end - begin)};
}

/* All of a token but next. */
static inline void write_token(const struct lexer *lexer, struct rs_str text, unsigned kind,
                               unsigned flags, struct rs_json_token *token)
{
    token->start = (uint32_t)(text.data - lexer->begin);
    token->length = (uint32_t)text.length;
    token->kind = (uint8_t)kind;
    token->flags = (uint8_t)flags;
}

/*
 * Write the token of the value at p, without tokens for what is inside; next is for the caller.
 * A number has to be followed by something.
 */
static inline const char *scan_value(struct lexer *lexer, const char *p, unsigned around,
                                     struct rs_json_token *token)
{
    const char *stop = NULL;
    unsigned kind = RS_JSON_STRING;
    unsigned flags = 0;

    if (*p == '"') {
        stop = rs_json_scan_string(p + 1, lexer->end, &flags);
        if (RS_UNLIKELY(!stop)) {
            return fault_string(lexer, p);
        }
        write_token(lexer, span(p + 1, stop), kind, flags, token);
        return stop + 1;
    }
    if (*p == '[' || *p == '{') {
        kind = *p == '[' ? RS_JSON_ARRAY : RS_JSON_OBJECT;
        stop = scan_opaque(lexer, p, around, &flags);
        if (RS_UNLIKELY(!stop)) {
            return NULL;
        }
    } else {
        stop = rs_json_scan_scalar(p, lexer->end, &kind, &flags);
        if (RS_UNLIKELY(!stop)) {
            return fault_value(lexer, p);
        }
    }
    write_token(lexer, span(p, stop), kind, flags, token);
    return stop;
}

/* Write the token of the member name at p; returns where its value is. */
static inline const char *scan_key(struct lexer *lexer, const char *p, struct rs_json_token *token)
{
    unsigned flags = 0;

    if (RS_UNLIKELY(*p != '"')) {
        return fault_at(lexer, p, "expected a member name");
    }
    const char *quote = rs_json_scan_string(p + 1, lexer->end, &flags);
    if (RS_UNLIKELY(!quote)) {
        return fault_string(lexer, p);
    }
    write_token(lexer, span(p + 1, quote), RS_JSON_STRING, flags, token);
    p = skip_space(quote + 1, lexer->end);
    if (RS_UNLIKELY(*p != ':')) {
        return fault_at(lexer, p, "expected a colon");
    }
    return skip_space(p + 1, lexer->end);
}

/* Room for one more member, or an element. */
static inline struct rs_json_token *room_at(struct rs_json_tape *tape, size_t count)
{
    if (RS_UNLIKELY(tape->capacity - count < 2)) {
        tape->tokens = rs_mem_grow(tape->tokens, &tape->capacity, count + 2, sizeof(*tape->tokens));
    }
    return &tape->tokens[count];
}

/* Begin the token of the object at p, inside the one at index `around`. */
static inline void open_object(const struct lexer *lexer, const char *p, size_t around,
                               struct rs_json_token *token)
{
    token->start = (uint32_t)(p - lexer->begin);
    token->next = (uint32_t)around;
    token->kind = RS_JSON_OBJECT;
    token->flags = 0;
}

/* End the object at index `open`, whose text ends at p; returns the index of the one around it. */
static inline size_t close_object(const struct lexer *lexer, const char *p, size_t open,
                                  size_t count)
{
    struct rs_json_token *token = &lexer->tape->tokens[open];
    const size_t around = token->next;

    token->length = (uint32_t)(p - lexer->begin) - token->start;
    token->next = (uint32_t)count;
    return around;
}

/* The end of the object whose brace is at p, which is the whole text; writes all its tokens. */
static const char *scan_members(struct lexer *lexer, const char *p)
{
    const char *const end = lexer->end;
    size_t count = 1;
    size_t open = 0;
    unsigned depth = 1;
    bool opened = true;

    open_object(lexer, p, 0, &lexer->tape->tokens[0]);
    p = skip_space(p + 1, end);
    for (;;) {
        for (; *p == '}'; p = skip_space(p, end)) {
            open = close_object(lexer, ++p, open, count);
            if (--depth == 0 || p > end) {
                lexer->tape->count = count;
                return p <= end ? p : fault_at(lexer, p, "");
            }
            opened = false;
        }
        if (!opened) {
            if (RS_UNLIKELY(*p != ',')) {
                return fault_at(lexer, p, "expected a comma or the end of an object");
            }
            p = skip_space(p + 1, end);
        }
        struct rs_json_token *key = room_at(lexer->tape, count);
        p = scan_key(lexer, p, key);
        if (RS_UNLIKELY(!p)) {
            return NULL;
        }
        key[0].next = (uint32_t)count + 1;
        key[1].next = (uint32_t)count + 2;
        count += 2;
        opened = *p == '{';
        if (!opened) {
            p = scan_value(lexer, p, depth, &key[1]);
        } else if (depth++ < RS_JSON_DEPTH_MAX) {
            open_object(lexer, p, open, &key[1]);
            open = count - 1;
            p++;
        } else {
            p = fault_at(lexer, p, "nesting deeper than 512 levels");
        }
        if (RS_UNLIKELY(!p)) {
            return NULL;
        }
        p = skip_space(p, end);
    }
}

/* The end of the array whose bracket is at p, which is the whole text; writes its tokens. */
static const char *scan_elements(struct lexer *lexer, const char *p)
{
    struct rs_json_tape *const tape = lexer->tape;
    const char *const start = p;
    const char *const end = lexer->end;
    unsigned flags = 0;
    size_t count = 1;

    p = note_space(p + 1, end, &flags);
    for (bool more = *p != ']'; more;) {
        struct rs_json_token *element = room_at(tape, count);
        p = scan_value(lexer, p, 1, element);
        if (!p || p > end) {
            return p ? fault_at(lexer, p, "") : NULL;
        }
        element->next = (uint32_t)++count;
        flags |= element->flags & (unsigned)~RS_JSON_FRACTION;
        p = note_space(p, end, &flags);
        more = *p == ',';
        if (more) {
            p = note_space(p + 1, end, &flags);
        } else if (*p != ']') {
            return fault_at(lexer, p, "expected a comma or the end of an array");
        }
    }
    p++;
    tape->tokens[0] = (struct rs_json_token){.start = (uint32_t)(start - lexer->begin),
                                             .length = (uint32_t)(p - start),
                                             .next = (uint32_t)count,
                                             .kind = RS_JSON_ARRAY,
                                             .flags = (uint8_t)flags};
    tape->count = count;
    return p <= end ? p : fault_at(lexer, p, "");
}

/* The end of a text that is one string, number or literal. */
static const char *scan_single(struct lexer *lexer, const char *p)
{
    struct rs_json_token *token = &lexer->tape->tokens[0];

    token->next = 1;
    lexer->tape->count = 1;
    if (*p != '-' && (uint8_t)(*p - '0') > 9) {
        p = scan_value(lexer, p, 0, token);
        return !p || p <= lexer->end ? p : fault_at(lexer, p, "");
    }
    /* Nothing has to follow this number, so what is in the padding may not be looked at. */
    unsigned flags = 0;
    const char *stop = rs_json_scan_long_number(p, lexer->end, &flags);
    if (!stop) {
        return fault_value(lexer, p);
    }
    write_token(lexer, span(p, stop), RS_JSON_NUMBER, flags, token);
    return stop;
}

bool rs_json_tokenize(struct rs_str text, struct rs_json_tape *tape, struct rs_json_fault *fault)
{
    struct lexer lexer = {.begin = text.data, .tape = tape, .fault = fault};

    if (text.length == 0 || text.length > UINT32_MAX - RS_JSON_PADDING) {
        *fault = (struct rs_json_fault){0, text.length == 0 ? "unexpected end of the text"
                                                            : "text of 4 GiB or more"};
        return false;
    }
    lexer.end = text.data + text.length;
    tape->count = 0;
    (void)room_at(tape, 0);
    const char *p = pass_space(text.data, lexer.end);
    if (p == lexer.end) {
        (void)fault_at(&lexer, p, "");
        return false;
    }
    p = *p == '{'   ? scan_members(&lexer, p)
        : *p == '[' ? scan_elements(&lexer, p)
                    : scan_single(&lexer, p);
    if (!p) {
        return false;
    }
    p = pass_space(p, lexer.end);
    if (p != lexer.end) {
        (void)fault_at(&lexer, p, "text after the value");
        return false;
    }
    return true;
}

void rs_json_tape_release(struct rs_json_tape *tape)
{
    rs_mem_free(tape->tokens);
    *tape = (struct rs_json_tape){0};
}
