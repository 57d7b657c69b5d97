/*
 * compressed.h - text through an encoder, and back.
 *
 *   struct rs_strbuf packed = compress(rs_gzip_encoder_new(6), "hello\n", 6);
 *   whole = decompress(rs_gzip_decoder_new(), rs_strbuf_str(&packed), 1000, 1000, &out, &err);
 *
 * Both free what they are given.
 */
#ifndef RS_TESTS_COMPRESSED_H
#define RS_TESTS_COMPRESSED_H

#include "codec/compression.h"
#include "scratch.h"
#include "unit.h"

/* Compress text in one write. */
static inline struct rs_strbuf compress(struct rs_encoder *encoder, const void *text, size_t count)
{
    struct rs_error err = {0};
    struct memory_sink memory = memory_sink_make();
    struct rs_sink *sink = encoder->begin(encoder, &memory.sink);
    assert_true(sink->write(sink, text, count, &err));
    assert_true(encoder->finish(encoder, &err));
    rs_encoder_free(encoder);
    return memory.bytes;
}

/* Decompress in pieces of in_step and out_step bytes; false on an error or a missing end. */
static inline bool decompress(struct rs_decoder *decoder, struct rs_str packed, size_t in_step,
                              size_t out_step, struct rs_strbuf *out, struct rs_error *err)
{
    unsigned char *room = rs_mem_alloc(out_step);
    size_t given = 0;
    bool ok = true;
    while (ok && given < packed.length) {
        size_t step = packed.length - given < in_step ? packed.length - given : in_step;
        struct rs_decode_io io = {.in = (const unsigned char *)packed.data + given,
                                  .in_left = step};
        enum rs_decode_status status = RS_DECODE_OUTPUT;
        while (status == RS_DECODE_OUTPUT) {
            io.out = room;
            io.out_left = out_step;
            status = decoder->run(decoder, &io, err);
            rs_strbuf_append_bytes(out, room, out_step - io.out_left);
        }
        ok = status == RS_DECODE_INPUT;
        assert_true(!ok || io.in_left == 0);
        given += step;
    }
    ok = ok && decoder->at_end(decoder);
    rs_mem_free(room);
    rs_decoder_free(decoder);
    return ok;
}

#endif
