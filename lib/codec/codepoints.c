/* A bit a code point. ASCII, which all but some texts are made of, is passed over a byte at a time. */
#include "codec/codepoints.h"

#include "base/mem.h"
#include "codec/utf8.h"

enum { CODES = 0x110000, WORD_BITS = 64, ASTRAL = 0x10000 };

/* The character at a place of the text, 0 when it is ASCII or none, and how many bytes it has. */
static size_t decode(struct rs_str text, size_t at, uint32_t *code)
{
    size_t length = rs_utf8_decode(text.data + at, text.data + text.length, code);
    *code = length > 1 ? *code : 0;
    return length > 0 ? length : 1;
}

void rs_codepoints_add(struct rs_codepoints *set, uint32_t code)
{
    if (!set->bits) {
        set->bits = rs_mem_zalloc(CODES / WORD_BITS, sizeof *set->bits);
    }
    if (!rs_codepoints_has(set, code)) {
        set->bits[code / WORD_BITS] |= UINT64_C(1) << code % WORD_BITS;
        set->count++;
    }
}

bool rs_codepoints_has(const struct rs_codepoints *set, uint32_t code)
{
    return set->bits && code < CODES && (set->bits[code / WORD_BITS] >> code % WORD_BITS & 1) != 0;
}

void rs_codepoints_add_text(struct rs_codepoints *set, struct rs_str text)
{
    uint32_t code = 0;
    for (size_t at = 0; at < text.length;) {
        at += decode(text, at, &code);
        if (code != 0) {
            rs_codepoints_add(set, code);
        }
    }
}

bool rs_codepoints_meet(const struct rs_codepoints *set, struct rs_str text)
{
    uint32_t code = 0;
    for (size_t at = 0; set->count > 0 && at < text.length;) {
        at += decode(text, at, &code);
        if (code != 0 && rs_codepoints_has(set, code)) {
            return true;
        }
    }
    return false;
}

uint32_t rs_codepoints_next(const struct rs_codepoints *set, uint32_t code)
{
    while (set->bits && code < CODES) {
        if (set->bits[code / WORD_BITS] == 0) {
            code = (code / WORD_BITS + 1) * WORD_BITS;
        } else if (rs_codepoints_has(set, code)) {
            return code;
        } else {
            code++;
        }
    }
    return UINT32_MAX;
}

static void escape(uint32_t code, struct rs_strbuf *out)
{
    if (code < ASTRAL) {
        rs_strbuf_printf(out, "\\u%04x", (unsigned)code);
    } else {
        rs_strbuf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((code - ASTRAL) >> 10)),
                         (unsigned)(0xdc00 + ((code - ASTRAL) & 0x3ff)));
    }
}

void rs_codepoints_escape(const struct rs_codepoints *set, struct rs_str text,
                          struct rs_strbuf *out)
{
    uint32_t code = 0;
    size_t kept = 0;
    for (size_t at = 0; at < text.length;) {
        size_t length = decode(text, at, &code);
        if (code != 0 && rs_codepoints_has(set, code)) {
            rs_strbuf_append_str(out, rs_str_slice(text, kept, at));
            escape(code, out);
            kept = at + length;
        }
        at += length;
    }
    rs_strbuf_append_str(out, rs_str_slice(text, kept, text.length));
}

static bool collect(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    const struct rs_codepoints_collector *collector = (struct rs_codepoints_collector *)sink;
    (void)err;
    rs_codepoints_add_text(collector->set, (struct rs_str){bytes, count});
    return true;
}

struct rs_codepoints_collector rs_codepoints_collect(struct rs_codepoints *set)
{
    return (struct rs_codepoints_collector){{collect}, set};
}

void rs_codepoints_release(struct rs_codepoints *set)
{
    rs_mem_free(set->bits);
    *set = RS_CODEPOINTS_INIT;
}
