/*
 * Bits say where a block's quotes, backslashes and brackets are, a prefix sum of the quotes says what
 * is inside strings, and only the brackets outside of them are gone through, some ten in an event of
 * 1 KiB.
 */
#include "codec/json_value.h"

#include "codec/json_token.h"
#include "codec/scan.h"

enum { BLOCK = RS_JSON_VALUE_BLOCK };

struct block {
    uint64_t quotes;
    uint64_t slashes;
    uint64_t brackets;
    uint64_t line_ends;
    uint64_t records;
};

static inline uint64_t find_byte(const char *p, char byte)
{
    return (uint64_t)rs_scan_byte(p, byte) | (uint64_t)rs_scan_byte(p + 16, byte) << 16 |
           (uint64_t)rs_scan_byte(p + 32, byte) << 32 | (uint64_t)rs_scan_byte(p + 48, byte) << 48;
}

static inline struct block look(const char *p)
{
    return (struct block){
        .quotes = find_byte(p, '"'),
        .slashes = find_byte(p, '\\'),
        .brackets = (uint64_t)rs_scan_brackets(p) | (uint64_t)rs_scan_brackets(p + 16) << 16 |
                    (uint64_t)rs_scan_brackets(p + 32) << 32 |
                    (uint64_t)rs_scan_brackets(p + 48) << 48,
        .line_ends = find_byte(p, '\n'),
        .records = find_byte(p, RS_JSON_RECORD_SEPARATOR),
    };
}

/* The bytes behind an odd number of backslashes; *carry is 1 where the block before ends in one. */
static inline uint64_t find_escaped(uint64_t slashes, uint64_t *carry)
{
    static const uint64_t even = UINT64_C(0x5555555555555555);
    if (RS_LIKELY(slashes == 0)) {
        uint64_t escaped = *carry;
        *carry = 0;
        return escaped;
    }
    slashes &= ~*carry;
    uint64_t follows = slashes << 1 | *carry;
    uint64_t odd_starts = slashes & ~even & ~follows;
    uint64_t sum = odd_starts + slashes;
    *carry = sum < slashes ? 1 : 0;
    return (even ^ (sum << 1)) & follows;
}

/* Bit i: an odd number of bits up to and with i. */
static inline uint64_t prefix_xor(uint64_t bits)
{
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    return bits ^ bits << 32;
}

/* The places of a block where something is to be decided. */
static inline uint64_t find_stops(struct rs_json_value *value, const char *p, size_t count)
{
    const struct block seen = look(p);
    uint64_t quotes = seen.quotes & ~find_escaped(seen.slashes, &value->escaped);
    uint64_t in_string = prefix_xor(quotes) ^ value->in_string;
    uint64_t stops = (seen.brackets & ~in_string) | (seen.line_ends & in_string) | seen.records;
    value->in_string = (uint64_t)0 - (in_string >> 63);
    return count < BLOCK ? stops & (((uint64_t)1 << count) - 1) : stops;
}

/* What stands before a place: the last byte that is no white space, and the line's begin. */
struct before {
    char byte;
    bool new_line; /* a line begins between that and the place */
    size_t indent; /* then: blanks before the place */
};

static struct before look_back(const struct rs_json_value *value, const char *text, size_t place)
{
    struct before found = {.byte = value->before};
    for (size_t i = place; i > value->start; i--) {
        char byte = text[i - 1];
        if (byte == '\n' && !found.new_line) {
            found.new_line = true;
            found.indent = place - i;
        } else if (!rs_json_is_space(byte)) {
            found.byte = byte;
            break;
        }
    }
    return found;
}

static inline bool in_object(const struct rs_json_value *value)
{
    const unsigned top = value->depth - 1;
    return top >= RS_JSON_VALUE_LEVELS || value->objects[top / 64] >> (top % 64) & 1;
}

/* What is nested deeper than the levels is counted and no more: it is refused anyway. */
void rs_json_value_open(struct rs_json_value *value, bool object)
{
    const unsigned top = value->depth++;
    if (top < RS_JSON_VALUE_LEVELS) {
        const uint64_t bit = (uint64_t)1 << (top % 64);
        uint64_t *word = &value->objects[top / 64];
        *word = (*word & ~bit) | (object ? bit : 0);
    }
}

/* Whether an object can begin at a place of a value; a line of its own may begin another event. */
static bool can_open(struct rs_json_value *value, const char *text, size_t place)
{
    char byte = place > value->start ? text[place - 1] : value->before;
    if (RS_UNLIKELY((unsigned char)byte <= ' ')) {
        struct before found = look_back(value, text, place);
        byte = found.byte;
        if (found.new_line && value->soft == 0 && found.indent <= value->indent) {
            value->soft = place - found.indent;
        }
    }
    if (value->depth > RS_JSON_VALUE_LEVELS) {
        return byte == ':' || byte == ',' || byte == '[';
    }
    return in_object(value) ? byte == ':' : byte == ',' || byte == '[';
}

/* Take a stop of a value: RS_JSON_SCAN_MORE when it goes on. */
static inline enum rs_json_scan take_stop(struct rs_json_value *value, const char *text,
                                          size_t place)
{
    switch (text[place]) {
    case '{':
        if (RS_LIKELY(value->depth > 0) && RS_UNLIKELY(!can_open(value, text, place))) {
            return RS_JSON_SCAN_FAULT;
        }
        rs_json_value_open(value, true);
        return RS_JSON_SCAN_MORE;
    case '[':
        rs_json_value_open(value, false);
        return RS_JSON_SCAN_MORE;
    case '}':
    case ']':
        if (RS_UNLIKELY(value->depth <= RS_JSON_VALUE_LEVELS &&
                        in_object(value) != (text[place] == '}'))) {
            return RS_JSON_SCAN_FAULT;
        }
        return --value->depth == 0 ? RS_JSON_SCAN_END : RS_JSON_SCAN_MORE;
    default: /* a line end in a string, or a record separator */
        return RS_JSON_SCAN_FAULT;
    }
}

enum rs_json_scan rs_json_value_scan(struct rs_json_value *value, const char *text, size_t bound,
                                     bool ended)
{
    while (value->at < bound && (ended || bound - value->at >= BLOCK)) {
        const size_t base = value->at;
        const size_t count = bound - base < BLOCK ? bound - base : BLOCK;
        uint64_t stops = find_stops(value, text + base, count);
        while (stops != 0) {
            const size_t place = base + (size_t)__builtin_ctzll(stops);
            const enum rs_json_scan found = take_stop(value, text, place);
            if (found != RS_JSON_SCAN_MORE) {
                value->at = place + (found == RS_JSON_SCAN_END ? 1 : 0);
                return found;
            }
            stops &= stops - 1;
        }
        value->at = base + count;
        if (value->at - value->start > value->max_bytes) {
            break;
        }
    }
    return value->at == bound && ended ? RS_JSON_SCAN_FAULT : RS_JSON_SCAN_MORE;
}
