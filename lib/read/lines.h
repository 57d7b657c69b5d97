/*
 * read/lines.h - an input as chunks of whole lines.
 *
 *   struct rs_reader *reader = rs_reader_open(&input, env, err);
 *   struct rs_chunk chunk = {0};
 *   while ((next = rs_reader_next(reader, &chunk, err)) == RS_NEXT_ITEM) {
 *       size_t offset = 0;
 *       while (rs_chunk_next_line(&chunk, &offset, &line)) ...
 *   }
 *   rs_chunk_release(&chunk);
 *   rs_reader_close(reader);
 *
 * Form:    where chunks are cut depends on the bytes alone, never on how they arrive. A chunk
 *          ends after the last line end in its first RS_CHUNK_BYTES; where there is none, after
 *          the first one that follows, or where the input ends. A byte-order mark that opens
 *          an input is left out; other than that the chunks' texts make up the input.
 * Limits:  a line of more than RS_LINE_MAX bytes, its line end (LF or CR LF) not counted, comes
 *          as a row of chunks of kind RS_CHUNK_LONG_LINE: a reject, whose first chunk holds
 *          RS_LINE_MAX + 2 bytes, or all of the line; reading goes on after it.
 * Owns:    a chunk is the caller's and outlives its reader. Its memory is little more than
 *          its text.
 * Pure:    no: see read/decompress.h.
 * Threads: one thread at a time per object, but for rs_reader_consumed_bytes.
 */
#ifndef RS_READ_LINES_H
#define RS_READ_LINES_H

#include <string.h>

#include "base/env.h"
#include "base/next.h"
#include "read/input_list.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum {
    RS_CHUNK_PADDING = 64,                         /* zero bytes that may be read past the end */
    RS_CHUNK_BYTES = (2 << 20) - RS_CHUNK_PADDING, /* of text; with padding, one huge page */
    RS_LINE_MAX = 16 << 20,
};

enum rs_chunk_kind {
    RS_CHUNK_LINES,     /* whole lines; the input's last one may lack its line end */
    RS_CHUNK_LONG_LINE, /* a piece of one line that is too long */
};

struct rs_chunk {
    enum rs_chunk_kind kind;
    char *text; /* length bytes and RS_CHUNK_PADDING zero bytes */
    size_t length;
    size_t memory_bytes; /* what it takes, for budgets */
    uint64_t first_line; /* number of its first line in the input, from 1 */
    uint32_t line_count; /* lines that begin in it, blank ones too; 0 in later pieces */
    uint32_t index;      /* 0, 1, ... within the input */
    bool first_piece;    /* long line: it begins here */
    bool last_piece;     /* long line: it ends here, with its line end; this may be all */
    uint64_t line_bytes; /* long line, last piece: of the whole line, line end not counted */
};

struct rs_reader;

/*
 * Open an input for reading as lines.
 *
 * input  borrowed until close
 * env    borrowed until close; ends waits for a pipe when a signal came; may be NULL
 * err    RS_E_INPUT, RS_E_INTERRUPTED
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

/*
 * Pass over lines of a chunk, from *offset on, that are empty or all blanks; says how many. A last
 * line without its line end is not passed over.
 */
uint64_t rs_chunk_skip_blank(const struct rs_chunk *chunk, size_t *offset);

/* NULL is nothing. */
void rs_reader_close(struct rs_reader *reader);

/* Free the text. An empty chunk, all zero, is nothing; the chunk is empty afterwards. */
void rs_chunk_release(struct rs_chunk *chunk);

/*
 * The next line of a chunk, from *offset on (0 at first), without its LF or CR LF; false when
 * there is none left. The line is a view of the chunk.
 */
static inline bool rs_chunk_next_line(const struct rs_chunk *chunk, size_t *offset,
                                      struct rs_str *line)
{
    if (*offset >= chunk->length) {
        return false;
    }
    const char *begin = chunk->text + *offset;
    size_t left = chunk->length - *offset;
    const char *end = memchr(begin, '\n', left);
    size_t length = end ? (size_t)(end - begin) : left;
    *offset += end ? length + 1 : length;
    if (end && length > 0 && begin[length - 1] == '\r') {
        length--;
    }
    *line = (struct rs_str){begin, length};
    return true;
}

#endif
