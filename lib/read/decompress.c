/*
 * The stored bytes and, where the first ones ask for it, a decoder before them. Plain data is
 * read straight to where the caller wants it; compressed data passes through a buffer of its own.
 * The few bytes that were read to tell which are kept in head and handed out first.
 */
#include "read/decompress.h"

#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "codec/gzip.h"
#include "codec/zst.h"
#include "read/bytes.h"
#include "read/source.h"
#include "rs/str.h"

enum {
    HEAD_BYTES = 4,
    STORED_BYTES = 256 << 10, /* read at once from a compressed input */
    STORED_BYTES_MIN = 4 << 10,
    GUESSED_RATIO = 8, /* what JSON lines are commonly compressed by */
};

enum form { FORM_PLAIN, FORM_GZIP, FORM_ZSTD };

struct rs_decompress {
    const struct rs_input *input;
    struct rs_bytes *bytes;
    enum form form;
    unsigned char head[HEAD_BYTES];
    size_t head_used;
    size_t head_given;
    bool ended; /* bytes said so */
    _Atomic uint64_t taken_bytes;
    unsigned char *stored; /* compressed bytes; NULL for plain ones */
    size_t stored_capacity;
    struct rs_decode_io io; /* in: the part of stored that waits for the decoder */
    struct rs_decoder *decoder;
};

/* One read that brings at least a byte, unless the input has ended. */
static bool read_some(struct rs_decompress *data, void *out, size_t size, size_t *out_used,
                      struct rs_error *err)
{
    *out_used = 0;
    if (data->ended) {
        return true;
    }
    if (!data->bytes->read(data->bytes, out, size, out_used, err)) {
        return false;
    }
    data->ended = *out_used == 0;
    (void)atomic_fetch_add_explicit(&data->taken_bytes, *out_used, memory_order_relaxed);
    return true;
}

static bool cut_short(const struct rs_decompress *data, enum form form, struct rs_error *err)
{
    (void)rs_error_set(err, RS_E_INPUT, "could not read \"%s\": the %s", data->input->name,
                       form == FORM_GZIP ? "gzip data ends in the middle of a member"
                                         : "zstd data ends in the middle of a frame");
    return rs_error_hint(err, "the file was cut short; copy it again");
}

/* Tell the form by the first bytes; data->head holds four, or all there are. */
static bool detect(struct rs_decompress *data, struct rs_error *err)
{
    static const struct mark {
        enum form form;
        size_t count;
        unsigned char bytes[HEAD_BYTES];
        unsigned char first_mask;
        struct rs_str suffix;
        const char *label;
    } marks[] = {
        {FORM_GZIP, 2, {0x1f, 0x8b}, 0xff, RS_STR_INIT(".gz"), "gzip"},
        {FORM_ZSTD, 4, {0x28, 0xb5, 0x2f, 0xfd}, 0xff, RS_STR_INIT(".zst"), "zstd"},
        {FORM_ZSTD, 4, {0x50, 0x2a, 0x4d, 0x18}, 0xf0, RS_STR_INIT(".zst"), "zstd"},
    };
    bool printable = true;
    for (size_t i = 0; i < data->head_used; i++) {
        printable = printable && data->head[i] >= ' ' && data->head[i] <= '~';
    }
    for (size_t m = 0; m < RS_COUNTOF(marks); m++) {
        const struct mark *mark = &marks[m];
        size_t count = data->head_used < mark->count ? data->head_used : mark->count;
        unsigned char first = data->head[0] & mark->first_mask;
        if (count > 0 &&
            (first != mark->bytes[0] || memcmp(data->head + 1, mark->bytes + 1, count - 1) != 0)) {
            continue;
        }
        if (count == mark->count) {
            data->form = mark->form;
            return true;
        }
        bool named = rs_str_ends(rs_str_from(data->input->name), mark->suffix);
        if (count == 0 && named) {
            (void)rs_error_set(err, RS_E_INPUT, "could not read \"%s\": it is empty, not %s data",
                               data->input->name, mark->label);
            return rs_error_hint(err, "the file was cut short; copy it again");
        }
        if (named || !printable) {
            return cut_short(data, mark->form, err);
        }
    }
    return true;
}

/* Read the head, tell the form, and make what the form needs. */
static bool begin(struct rs_decompress *data, struct rs_error *err)
{
    size_t count = 1;
    while (data->head_used < HEAD_BYTES && count > 0) {
        if (!read_some(data, data->head + data->head_used, HEAD_BYTES - data->head_used, &count,
                       err)) {
            return false;
        }
        data->head_used += count;
    }
    if (!detect(data, err)) {
        return false;
    }
    if (data->form == FORM_PLAIN) {
        return true;
    }
    size_t wanted = rs_decompress_guess_left(data) / GUESSED_RATIO; /* the stored size again */
    wanted = wanted < STORED_BYTES_MIN ? STORED_BYTES_MIN : wanted;
    data->stored_capacity = wanted > STORED_BYTES ? STORED_BYTES : wanted;
    data->stored = rs_mem_alloc(data->stored_capacity);
    memcpy(data->stored, data->head, data->head_used);
    data->io.in = data->stored;
    data->io.in_left = data->head_used;
    data->head_given = data->head_used;
    data->decoder = data->form == FORM_GZIP ? rs_gzip_decoder_new() : rs_zst_decoder_new();
    return true;
}

static bool read_plain(struct rs_decompress *data, unsigned char *out, size_t size,
                       size_t *out_used, struct rs_error *err)
{
    size_t head_left = data->head_used - data->head_given;
    size_t used = head_left < size ? head_left : size;
    memcpy(out, data->head + data->head_given, used);
    data->head_given += used;
    while (used < size && !data->ended) {
        size_t count = 0;
        if (!read_some(data, out + used, size - used, &count, err)) {
            return false;
        }
        used += count;
    }
    *out_used = used;
    return true;
}

static bool read_compressed(struct rs_decompress *data, unsigned char *out, size_t size,
                            size_t *out_used, struct rs_error *err)
{
    data->io.out = out;
    data->io.out_left = size;
    while (data->io.out_left > 0) {
        enum rs_decode_status status = data->decoder->run(data->decoder, &data->io, err);
        if (status == RS_DECODE_ERROR) {
            rs_error_prefix(err, "could not read \"%s\"", data->input->name);
            return false;
        }
        if (status == RS_DECODE_OUTPUT) {
            continue;
        }
        data->io.in = data->stored;
        if (!read_some(data, data->stored, data->stored_capacity, &data->io.in_left, err)) {
            return false;
        }
        if (data->io.in_left == 0) {
            if (!data->decoder->at_end(data->decoder)) {
                return cut_short(data, data->form, err);
            }
            break;
        }
    }
    *out_used = size - data->io.out_left;
    return true;
}

struct rs_decompress *rs_decompress_open(const struct rs_input *input, const struct rs_env *env,
                                         struct rs_error *err)
{
    struct rs_decompress *data = rs_mem_zalloc(1, sizeof *data);
    data->input = input;
    data->bytes = rs_source_open(input, env, err);
    if (!data->bytes || !begin(data, err)) {
        rs_decompress_close(data);
        return NULL;
    }
    return data;
}

bool rs_decompress_read(struct rs_decompress *data, void *out, size_t size, size_t *out_used,
                        struct rs_error *err)
{
    return data->form == FORM_PLAIN ? read_plain(data, out, size, out_used, err)
                                    : read_compressed(data, out, size, out_used, err);
}

size_t rs_decompress_guess_left(const struct rs_decompress *data)
{
    uint64_t stored = data->ended ? 0 : data->bytes->guess_left(data->bytes);
    uint64_t held = data->io.in_left + data->head_used - data->head_given;
    uint64_t ratio = data->form == FORM_PLAIN ? 1 : GUESSED_RATIO;
    if (stored >= SIZE_MAX / GUESSED_RATIO - held) {
        return SIZE_MAX;
    }
    return (size_t)((stored + held) * ratio);
}

uint64_t rs_decompress_taken_bytes(const struct rs_decompress *data)
{
    return atomic_load_explicit(&data->taken_bytes, memory_order_relaxed);
}

void rs_decompress_close(struct rs_decompress *data)
{
    if (!data) {
        return;
    }
    if (data->bytes) {
        data->bytes->close(data->bytes);
    }
    rs_decoder_free(data->decoder);
    rs_mem_free(data->stored);
    rs_mem_free(data);
}
