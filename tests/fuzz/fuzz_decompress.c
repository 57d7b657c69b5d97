/*
 * Any bytes through both decompressors, in pieces of two different sizes: no crash, no call
 * that goes on for ever, and the same answer and output either way.
 *
 * The first two bytes choose the sizes, the rest is the data.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/gzip.h"
#include "codec/zst.h"
#include "rs/strbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUT_MAX = 1 << 20, ROOM_MAX = 4096 };

static void check(bool claim)
{
    if (!claim) {
        abort();
    }
}

struct outcome {
    struct rs_strbuf output;
    struct rs_error err;
    bool stopped; /* there was more output than we wanted */
    bool whole;
};

static enum rs_decode_status run(struct rs_decoder *decoder, struct rs_decode_io *io,
                                 struct rs_error *err)
{
    const unsigned char *in = io->in;
    const unsigned char *out = io->out;
    struct rs_decode_io before = *io;
    enum rs_decode_status status = decoder->run(decoder, io, err);
    check((size_t)(io->in - in) == before.in_left - io->in_left);
    check((size_t)(io->out - out) == before.out_left - io->out_left);
    check(status != RS_DECODE_INPUT || io->in_left == 0);
    check(status != RS_DECODE_OUTPUT || io->out_left == 0);
    check((status == RS_DECODE_ERROR) == (err->code != RS_OK));
    return status;
}

static struct outcome decode(struct rs_decoder *decoder, const uint8_t *data, size_t size,
                             size_t in_step, size_t out_step)
{
    struct outcome outcome = {.output = RS_STRBUF_INIT(OUTPUT_MAX + ROOM_MAX)};
    unsigned char room[ROOM_MAX];
    size_t given = 0;
    while (given < size && !outcome.stopped && outcome.err.code == RS_OK) {
        size_t step = size - given < in_step ? size - given : in_step;
        struct rs_decode_io io = {.in = data + given, .in_left = step};
        enum rs_decode_status status = RS_DECODE_OUTPUT;
        while (status == RS_DECODE_OUTPUT && !outcome.stopped) {
            io.out = room;
            io.out_left = out_step;
            status = run(decoder, &io, &outcome.err);
            rs_strbuf_append_bytes(&outcome.output, room, out_step - io.out_left);
            outcome.stopped = outcome.output.length >= OUTPUT_MAX;
        }
        given += step;
    }
    outcome.whole = decoder->at_end(decoder);
    rs_decoder_free(decoder);
    return outcome;
}

static void compare(struct outcome *one, struct outcome *two)
{
    /* A frame that is there at once with room for it is decoded without a window. */
    bool limit = one->err.code == RS_E_LIMIT || two->err.code == RS_E_LIMIT;
    if (!limit && !one->stopped && !two->stopped) {
        check(one->err.code == two->err.code);
        check(one->err.code != RS_OK || one->whole == two->whole);
        check(one->err.code != RS_OK || one->output.length == two->output.length);
    }
    if (one->err.code == RS_OK && two->err.code == RS_OK) {
        size_t count =
            one->output.length < two->output.length ? one->output.length : two->output.length;
        check(count == 0 || memcmp(one->output.data, two->output.data, count) == 0);
    }
    rs_strbuf_release(&one->output);
    rs_strbuf_release(&two->output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    size_t in_step = 1 + data[0] % 64;
    size_t out_step = 1 + (size_t)data[1] * 16 % ROOM_MAX;
    struct outcome one = decode(rs_gzip_decoder_new(), data + 2, size - 2, in_step, out_step);
    struct outcome two = decode(rs_gzip_decoder_new(), data + 2, size - 2, size, ROOM_MAX);
    compare(&one, &two);
    one = decode(rs_zst_decoder_new(), data + 2, size - 2, in_step, out_step);
    two = decode(rs_zst_decoder_new(), data + 2, size - 2, size, ROOM_MAX);
    compare(&one, &two);
    return 0;
}
