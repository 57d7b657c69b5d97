/*
 * read/chunks.h - an input as chunks of events, whatever form it has.
 *
 *   struct rs_reader *reader = rs_reader_open(&input, env, err);
 *   struct rs_chunk chunk = {0};
 *   while ((next = rs_reader_next(reader, &chunk, err)) == RS_NEXT_ITEM) {
 *       for (size_t i = 0; i < chunk.cut_count; i++) ... chunk.cuts[i]
 *   }
 *   rs_chunk_release(&chunk);
 *   rs_reader_close(reader);
 *
 * Form:    what the events are depends on the bytes alone, see codec/json_cut.h, never on how they
 *          arrive; nor does where chunks end, but for an event that is longer than one. A
 *          byte-order mark that opens an input is left out. What is neither in a chunk's text nor
 *          in its body's is the begin of a body.
 * Limits:  an event of more than RS_JSON_CUT_MAX bytes comes as one cut of that kind, or as a row of
 *          chunks of kind RS_CHUNK_PART: a reject, whose first chunk holds about as many bytes;
 *          reading goes on after it. A body of more than that comes in chunks of its events, each
 *          with what the body has before them.
 * Owns:    a chunk is the caller's and outlives its reader. Its memory is little more than
 *          its text.
 * Pure:    no: see read/decompress.h.
 * Threads: one thread at a time per object, but for rs_reader_consumed_bytes.
 */
#ifndef RS_READ_CHUNKS_H
#define RS_READ_CHUNKS_H

#include "base/env.h"
#include "base/next.h"
#include "codec/json_cut.h"
#include "read/input_list.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum {
    RS_CHUNK_PADDING = 64,                         /* zero bytes that may be read past the end */
    RS_CHUNK_BYTES = (2 << 20) - RS_CHUNK_PADDING, /* of text; with padding, one huge page */
};

enum rs_chunk_kind {
    RS_CHUNK_EVENTS, /* what its cuts say, which may be nothing */
    RS_CHUNK_PART,   /* of one event that is too long */
};

struct rs_chunk {
    enum rs_chunk_kind kind;
    char *text; /* length bytes and RS_CHUNK_PADDING zero bytes */
    size_t length;
    size_t memory_bytes; /* what the text takes, for budgets */
    uint64_t first_line; /* number of its first line in the input, from 1 */
    uint64_t first_byte; /* place of its first byte in the input, from 0 */
    uint32_t index;      /* 0, 1, ... within the input */
    bool first_part;     /* of an event that is too long: it begins here */
    bool last_part;      /* it ends here; this may be nothing */
    struct rs_json_cut *cuts;
    size_t cut_count;
    size_t cut_capacity;
    char *body; /* what the body that the events are of has before them; NULL: they are of none */
    size_t body_length;
};

struct rs_reader;

/*
 * Open an input for reading.
 *
 * input  borrowed until close
 * env    borrowed until close; ends waits for a pipe when a signal came; may be NULL
 * err    RS_E_INPUT, also for what holds no events (read/form.h); RS_E_INTERRUPTED
 */
RS_MUST_USE struct rs_reader *rs_reader_open(const struct rs_input *input, const struct rs_env *env,
                                             struct rs_error *err);

/*
 * Read the next chunk.
 *
 * out   all zero, or the chunk of an earlier call whose text is done with: its memory may be
 *       used again. Written only with RS_NEXT_ITEM, else empty; released with rs_chunk_release
 * err   RS_E_INPUT when the input cannot be read, is damaged, or was cut short in a compressed
 *       member; RS_E_LIMIT when it needs too large a zstd window; RS_E_INTERRUPTED
 */
RS_MUST_USE enum rs_next rs_reader_next(struct rs_reader *reader, struct rs_chunk *out,
                                        struct rs_error *err);

/* Stored bytes taken from the input so far, for progress. May be asked from any thread. */
uint64_t rs_reader_consumed_bytes(const struct rs_reader *reader);

/* NULL is nothing. */
void rs_reader_close(struct rs_reader *reader);

/* Free what it has. An empty chunk, all zero, is nothing; the chunk is empty afterwards. */
void rs_chunk_release(struct rs_chunk *chunk);

#endif
