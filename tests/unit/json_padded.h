/*
 * json_padded.h - tokenize a text with several kinds of padding behind it.
 *
 * Each stands in a block that ends where the padding ends, so that a sanitizer sees a read past it.
 */
#ifndef RS_TESTS_JSON_PADDED_H
#define RS_TESTS_JSON_PADDED_H

#include "base/mem.h"
#include "codec/json_token.h"
#include "unit.h"

struct text_case {
    const char *label;
    struct rs_str text;
};

#define CASE(label, literal)                                                                       \
    {                                                                                              \
        (label), RS_STR_INIT(literal)                                                              \
    }

/* What a careless reader would take for more of the text. */
static const char *const paddings[] = {"\0",      "}",        "]",        "\"", "9", " ",
                                       "e1",      ".5",       ",\"a\":1", "\\", "[", "{",
                                       "{\"a\":", "\xc3\xa9", "l",        "\n"};

/* A copy of text, padded with the pattern, to be freed. */
static inline char *pad(struct rs_str text, const char *pattern)
{
    const size_t pattern_length = *pattern ? rs_str_from(pattern).length : 1;
    char *block = rs_mem_alloc(text.length + RS_JSON_PADDING);

    for (size_t i = 0; i < text.length; i++) {
        block[i] = text.data[i];
    }
    for (size_t i = 0; i < RS_JSON_PADDING; i++) {
        block[text.length + i] = pattern[i % pattern_length];
    }
    return block;
}

/* Tokenize with every padding; the answers have to agree. */
static inline bool accepts(struct rs_str text, struct rs_json_fault *fault)
{
    struct rs_json_tape tape = {0};
    bool first = false;

    for (size_t i = 0; i < RS_COUNTOF(paddings); i++) {
        char *block = pad(text, paddings[i]);
        struct rs_json_fault why = {0};
        const bool ok = rs_json_tokenize((struct rs_str){block, text.length}, &tape, &why);
        if (i == 0) {
            first = ok;
            *fault = why;
        }
        assert_int_equal(ok, first);
        assert_int_equal(why.offset, fault->offset);
        assert_ptr_equal(why.reason, fault->reason);
        assert_true(ok || (why.reason && *why.reason && why.offset <= text.length));
        rs_mem_free(block);
    }
    rs_json_tape_release(&tape);
    return first;
}

static inline void expect(const struct text_case *cases, size_t count, bool valid)
{
    for (size_t i = 0; i < count; i++) {
        struct rs_json_fault fault = {0};
        if (accepts(cases[i].text, &fault) != valid) {
            fail_msg("%s: %s (%s at %zu)", cases[i].label, valid ? "refused" : "accepted",
                     fault.reason ? fault.reason : "", fault.offset);
        }
    }
}

#endif
