/*
 * codec/scan.h - look at 16 bytes of text at once.
 *
 *   struct rs_scan seen = rs_scan_text(p);    bit i of seen.stop: p[i] is '"', '\' or < 0x20
 *                                             bit i of seen.high: p[i] is >= 0x80
 *   unsigned digits = rs_scan_digits(p);      how many of '0'..'9' stand at p, 0..16
 *   uint32_t bits = rs_scan_byte(p, '"');     bit i: p[i] is that byte
 *
 * Limits:  always reads 16 bytes; no alignment is needed.   Pure: yes.   Threads: reentrant.
 * Form:    SSE2 where the compiler has it (every x86-64), else two 8-byte words in plain C.
 */
#ifndef RS_CODEC_SCAN_H
#define RS_CODEC_SCAN_H

#include "rs/compiler.h"

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

enum { RS_SCAN_BYTES = 16 };

struct rs_scan {
    uint32_t stop; /* where a run of plain text inside a JSON string ends */
    uint32_t high; /* where UTF-8 needs a look */
};

/* Place of the lowest bit set; bits is not 0. */
static inline unsigned rs_scan_first(uint32_t bits)
{
    return (unsigned)__builtin_ctz(bits);
}

#if defined(__SSE2__)

static inline struct rs_scan rs_scan_text(const char *p)
{
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
    const __m128i slash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8(0x1f)), text);
    const __m128i stop = _mm_or_si128(_mm_or_si128(quote, slash), control);

    return (struct rs_scan){.stop = (uint32_t)_mm_movemask_epi8(stop),
                            .high = (uint32_t)_mm_movemask_epi8(text)};
}

static inline unsigned rs_scan_digits(const char *p)
{
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i value = _mm_sub_epi8(text, _mm_set1_epi8('0'));
    const __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value);

    /* Bit 16 ends the run, when all 16 are digits. */
    return rs_scan_first(~(uint32_t)_mm_movemask_epi8(digit));
}

static inline uint32_t rs_scan_byte(const char *p, char byte)
{
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);

    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8(byte)));
}

/* Bit i: p[i] is one of { } [ ]. */
static inline uint32_t rs_scan_brackets(const char *p)
{
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i curly = _mm_or_si128(text, _mm_set1_epi8(0x20));
    const __m128i open = _mm_cmpeq_epi8(curly, _mm_set1_epi8('{'));
    const __m128i close = _mm_cmpeq_epi8(curly, _mm_set1_epi8('}'));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(open, close));
}

/* Bit i: p[i] is NUL or >= 0x80. */
static inline uint32_t rs_scan_odd(const char *p)
{
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i none = _mm_cmpeq_epi8(text, _mm_setzero_si128());

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(text, none));
}

#else

#    define RS_SCAN_EACH(byte) (UINT64_C(0x0101010101010101) * (uint8_t)(byte))

/* Eight bytes, the first one lowest, whatever the machine's byte order is. */
static inline uint64_t rs_scan_load(const char *p)
{
    const uint8_t *byte = (const uint8_t *)p;

    /* Written out, for compilers then see that it is one load. */
    return (uint64_t)byte[0] | (uint64_t)byte[1] << 8 | (uint64_t)byte[2] << 16 |
           (uint64_t)byte[3] << 24 | (uint64_t)byte[4] << 32 | (uint64_t)byte[5] << 40 |
           (uint64_t)byte[6] << 48 | (uint64_t)byte[7] << 56;
}

/* Bit i: the top bit of byte i. */
static inline uint32_t rs_scan_gather(uint64_t tops)
{
    return (uint32_t)(((tops & RS_SCAN_EACH(0x80)) >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

/* The top bit of each byte that is 0; exact, nothing is carried from byte to byte. */
static inline uint64_t rs_scan_zeros(uint64_t word)
{
    return ~(((word & RS_SCAN_EACH(0x7f)) + RS_SCAN_EACH(0x7f)) | word | RS_SCAN_EACH(0x7f));
}

static inline uint64_t rs_scan_stops(uint64_t word)
{
    return rs_scan_zeros(word ^ RS_SCAN_EACH('"')) | rs_scan_zeros(word ^ RS_SCAN_EACH('\\')) |
           rs_scan_zeros(word & RS_SCAN_EACH(0xe0));
}

static inline struct rs_scan rs_scan_text(const char *p)
{
    const uint64_t low = rs_scan_load(p);
    const uint64_t high = rs_scan_load(p + 8);

    return (struct rs_scan){.stop = rs_scan_gather(rs_scan_stops(low)) |
                                    rs_scan_gather(rs_scan_stops(high)) << 8,
                            .high = rs_scan_gather(low) | rs_scan_gather(high) << 8};
}

static inline unsigned rs_scan_digits(const char *p)
{
    unsigned count = 0;

    while (count < RS_SCAN_BYTES && (uint8_t)(p[count] - '0') <= 9) {
        count++;
    }
    return count;
}

static inline uint32_t rs_scan_byte(const char *p, char byte)
{
    return rs_scan_gather(rs_scan_zeros(rs_scan_load(p) ^ RS_SCAN_EACH(byte))) |
           rs_scan_gather(rs_scan_zeros(rs_scan_load(p + 8) ^ RS_SCAN_EACH(byte))) << 8;
}

/* The top bit of each byte that is one of { } [ ]. */
static inline uint64_t rs_scan_bracket_tops(uint64_t word)
{
    const uint64_t curly = word | RS_SCAN_EACH(0x20);

    return rs_scan_zeros(curly ^ RS_SCAN_EACH('{')) | rs_scan_zeros(curly ^ RS_SCAN_EACH('}'));
}

/* Bit i: p[i] is one of { } [ ]. */
static inline uint32_t rs_scan_brackets(const char *p)
{
    return rs_scan_gather(rs_scan_bracket_tops(rs_scan_load(p))) |
           rs_scan_gather(rs_scan_bracket_tops(rs_scan_load(p + 8))) << 8;
}

/* Bit i: p[i] is NUL or >= 0x80. */
static inline uint32_t rs_scan_odd(const char *p)
{
    const uint64_t low = rs_scan_load(p);
    const uint64_t high = rs_scan_load(p + 8);

    return rs_scan_gather(low | rs_scan_zeros(low)) | rs_scan_gather(high | rs_scan_zeros(high))
                                                          << 8;
}

#endif

#endif
