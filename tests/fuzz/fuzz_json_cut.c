/*
 * Any bytes as text to cut: what is cut is the same at once and in steps, stands in order in the
 * text, and leaves nothing but separators out. The first two bytes choose steps and limits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json_cut.h"
#include "rs/strbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LISTING_MAX = 64 << 20 };

static void check(bool claim)
{
    if (!claim) {
        abort();
    }
}

struct listing {
    struct rs_strbuf text; /* of the cuts, to compare */
    size_t covered;        /* place behind the last cut */
};

static bool is_separator(char byte)
{
    return byte != '\0' && strchr(" \t\r\n,[]\x1e", byte) != NULL;
}

/* What lies between the last cut and a place is separators. */
static void cover(struct listing *listing, const char *all, size_t begin, size_t end)
{
    check(begin >= listing->covered);
    for (size_t i = listing->covered; i < begin; i++) {
        check(is_separator(all[i]));
    }
    listing->covered = end;
}

static void list_cuts(struct listing *listing, const struct rs_json_cuts *cuts, const char *all,
                      size_t begin, size_t line)
{
    for (size_t i = 0; i < cuts->count; i++) {
        const struct rs_json_cut *cut = &cuts->items[i];
        size_t place = begin + cut->offset;
        cover(listing, all, place, place + cut->length);
        rs_strbuf_printf(&listing->text, "%u %zu %zu %u\n", (unsigned)cut->kind, line + cut->line,
                         place, (unsigned)cut->length);
        check(cut->kind == RS_JSON_CUT_UNCLOSED || cut->length > 0);
        if (cut->kind == RS_JSON_CUT_VALUE || cut->kind == RS_JSON_CUT_LINE) {
            check(memchr(all + place, '{', cut->length) && memchr(all + place, '}', cut->length));
        }
    }
}

static void cut(const char *text, size_t length, size_t step, size_t max_bytes, size_t window,
                struct listing *out)
{
    struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT;
    struct rs_json_cuts cuts = {0};
    size_t begin = 0;
    size_t end = 0;
    size_t line = 0;
    size_t part = SIZE_MAX;
    bool ended = false;
    cutter.value.max_bytes = max_bytes;
    cutter.window = window;
    while (!ended || begin < length || cutter.is_long) {
        end = length - end < step ? length : end + step;
        ended = end == length;
        size_t before = begin;
        enum rs_json_cut_status status = RS_JSON_CUT_DONE;
        do {
            char *given = rs_mem_zalloc(end - begin + RS_JSON_CUT_PADDING, 1);
            memcpy(given, text + begin, end - begin);
            status = rs_json_cut(&cutter, given, end - begin, ended, &cuts);
            rs_mem_free(given);
            check(cuts.used <= end - begin);
            list_cuts(out, &cuts, text, begin, line);
            if (status == RS_JSON_CUT_PART) {
                part = part == SIZE_MAX ? begin : part;
                out->covered = begin + cuts.used;
                if (!cutter.is_long) {
                    rs_strbuf_printf(&out->text, "part %zu\n", line);
                    part = SIZE_MAX;
                }
            } else if (status == RS_JSON_CUT_BODY) {
                out->covered = begin + cuts.used;
            }
            before = begin;
            begin += cuts.used;
            line += cuts.line_ends;
        } while ((begin > before || status == RS_JSON_CUT_PART) && begin < end);
        check(!ended || begin == length);
    }
    check(part == SIZE_MAX);
    cover(out, text, length, length);
    rs_json_cuts_release(&cuts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    const char *text = (const char *)data + 2;
    const bool small = (data[1] & 1) != 0; /* values are too long, in parts that depend on steps */
    const size_t max_bytes = small ? 150 : RS_JSON_CUT_MAX;
    const size_t window = 1 + data[1] * (size_t)2;
    struct listing whole = {.text = RS_STRBUF_INIT(LISTING_MAX)};
    struct listing steps = {.text = RS_STRBUF_INIT(LISTING_MAX)};
    cut(text, size - 2, SIZE_MAX / 2, max_bytes, window, &whole);
    cut(text, size - 2, 1 + data[0], max_bytes, window, &steps);
    check(small || rs_str_equal(rs_strbuf_str(&whole.text), rs_strbuf_str(&steps.text)));
    rs_strbuf_release(&whole.text);
    rs_strbuf_release(&steps.text);
    return 0;
}
