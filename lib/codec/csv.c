/*
 * Most fields need no quotes, so a field is copied and looked at in one go, 16 bytes a step, and
 * written anew when a byte turns up that asks for them. The text may end where its memory ends:
 * the last step of a text is its last 16 bytes, half of them done already, and a text that is
 * shorter is read as two halves that overlap. So no byte is read that is not the field's.
 * Quoted text (a user agent has commas, a JSON array has quotes) goes 16 bytes a step between its
 * quotes as well.
 */
#include "codec/csv.h"

#include <string.h>

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

enum { STEP = 16 };

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t load_eight(const char *p)
{
    uint64_t word = 0;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint32_t load_four(const char *p)
{
    uint32_t word = 0;
    memcpy(&word, p, sizeof word);
    return word;
}

#if defined(__SSE2__)

static inline bool needs_quotes(__m128i v)
{
    __m128i comma = _mm_cmpeq_epi8(v, _mm_set1_epi8(','));
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i cr = _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'));
    __m128i lf = _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'));
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(comma, quote), _mm_or_si128(cr, lf))) != 0;
}

/* Some byte of the two words asks for quotes. */
static inline bool words_need_quotes(uint64_t first, uint64_t second)
{
    return needs_quotes(_mm_set_epi64x((long long)second, (long long)first));
}

/* Copy 16 bytes; true when one of them asks for quotes. */
static inline bool copy_step(char *out, const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    _mm_storeu_si128((__m128i *)(void *)out, v);
    return needs_quotes(v);
}

/* Copy 16 bytes; true when one of them is a quote. */
static inline bool copy_quoted_step(char *out, const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    _mm_storeu_si128((__m128i *)(void *)out, v);
    return _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('"'))) != 0;
}

#else

/* High bits set, some of them, when a byte of the word is the one in question. */
static inline uint64_t has_byte(uint64_t word, unsigned char byte)
{
    uint64_t zero = word ^ EACH(byte);
    return (zero - EACH(1)) & ~zero & EACH(0x80);
}

static inline uint64_t needs_quotes(uint64_t word)
{
    return has_byte(word, ',') | has_byte(word, '"') | has_byte(word, '\r') | has_byte(word, '\n');
}

static inline bool words_need_quotes(uint64_t first, uint64_t second)
{
    return (needs_quotes(first) | needs_quotes(second)) != 0;
}

static inline bool copy_step(char *out, const char *p)
{
    memcpy(out, p, STEP);
    return words_need_quotes(load_eight(p), load_eight(p + 8));
}

static inline bool copy_quoted_step(char *out, const char *p)
{
    memcpy(out, p, STEP);
    return (has_byte(load_eight(p), '"') | has_byte(load_eight(p + 8), '"')) != 0;
}

#endif

/* Copy count bytes one by one, with each quote doubled. */
static inline char *copy_doubling(char *out, const char *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        *out++ = p[i];
        if (p[i] == '"') {
            *out++ = '"';
        }
    }
    return out;
}

static char *write_quoted(char *out, struct rs_str text)
{
    size_t i = 0;
    *out++ = '"';
    while (text.length - i >= STEP) {
        out = copy_quoted_step(out, text.data + i) ? copy_doubling(out, text.data + i, STEP)
                                                   : out + STEP;
        i += STEP;
    }
    out = copy_doubling(out, text.data + i, text.length - i);
    *out++ = '"';
    return out;
}

/* Copy a text of 16 bytes or more; true when one of them asks for quotes. */
static inline bool copy_long(char *out, struct rs_str text)
{
    for (size_t i = 0; i + STEP < text.length; i += STEP) {
        if (copy_step(out + i, text.data + i)) {
            return true;
        }
    }
    return copy_step(out + text.length - STEP, text.data + text.length - STEP);
}

/* Copy a text of 1 to 15 bytes; true when one of them asks for quotes. */
static inline bool copy_short(char *out, struct rs_str text)
{
    const char *p = text.data;
    size_t n = text.length;
    if (n >= 8) {
        uint64_t first = load_eight(p);
        uint64_t last = load_eight(p + n - 8);
        memcpy(out, &first, 8);
        memcpy(out + n - 8, &last, 8);
        return words_need_quotes(first, last);
    }
    if (n >= 4) {
        uint32_t first = load_four(p);
        uint32_t last = load_four(p + n - 4);
        memcpy(out, &first, 4);
        memcpy(out + n - 4, &last, 4);
        return words_need_quotes(first, last);
    }
    out[0] = p[0];
    out[n / 2] = p[n / 2];
    out[n - 1] = p[n - 1];
    return words_need_quotes((unsigned char)p[0],
                             (uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1]);
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

char *rs_csv_field(char *out, struct rs_str text)
{
    if (text.length == 0) {
        memcpy(out, "\"\"", 2);
        return out + 2;
    }
    char first = text.data[0];
    bool quoted = first == '\\' || is_blank(first) || is_blank(text.data[text.length - 1]);
    quoted |= text.length < STEP ? copy_short(out, text) : copy_long(out, text);
    return RS_UNLIKELY(quoted) ? write_quoted(out, text) : out + text.length;
}

void rs_csv_append(struct rs_strbuf *out, struct rs_str text, char separator)
{
    char *place = rs_strbuf_reserve(out, RS_CSV_FIELD_MAX(text.length) + 1);
    if (place) {
        char *end = rs_csv_field(place, text);
        *end++ = separator;
        rs_strbuf_commit(out, (size_t)(end - place));
    }
}
