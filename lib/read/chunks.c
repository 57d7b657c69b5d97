/*
 * One buffer at a time: it is filled, cut as far as that goes, the bytes after the last cut are
 * copied to the next buffer, and the buffer itself becomes the chunk's text. Buffers are sized
 * by what is still to come: a small file gets a small one, and a full one is a huge page,
 * which was measured to read twice as fast (3.7 GB/s) as first touching small pages. What turns out
 * much too large is copied to its right size, because chunks are kept by the hundred.
 *
 * Every decision compares counts of bytes of the input with constants, so that a pipe which
 * brings a byte at a time is cut as the file is.
 */
#include "read/chunks.h"

#include <string.h>

#include "base/mem.h"
#include "read/decompress.h"
#include "read/form.h"

enum {
    STREAM_FIRST_BYTES = 64 << 10, /* what a stream is taken to hold at first */
    SLACK_ALLOWED_BYTES = 4 << 10,
    LITTLE = 8, /* of what there is: less than this part more */
};

struct buffer {
    char *text;      /* NULL: none */
    size_t capacity; /* for text; RS_CHUNK_PADDING more are there */
    size_t used;
};

struct rs_reader {
    const struct rs_input *input;
    struct rs_decompress *data;
    struct buffer buffer; /* begins with what has not been cut */
    char *spare;          /* a full chunk's memory, to be used again; or NULL */
    bool ended;           /* nothing is to come but what the buffer holds */
    bool failed;
    bool finished; /* nothing is left to cut */
    struct rs_json_cutter cutter;
    struct rs_json_cuts cuts;
    char *body; /* the begin of the one that is read; NULL: none is */
    size_t body_length;
    uint64_t next_byte;
    uint64_t next_line;
    uint32_t next_index;
};

/* A buffer of that capacity which begins with a copy of count bytes. */
static struct buffer make_buffer(struct rs_reader *reader, size_t capacity, const char *bytes,
                                 size_t count)
{
    size_t total = capacity + RS_CHUNK_PADDING;
    struct buffer made = {NULL, capacity, count};
    if (capacity == RS_CHUNK_BYTES && reader->spare) {
        made.text = reader->spare;
        reader->spare = NULL;
    } else if (capacity == RS_CHUNK_BYTES) {
        made.text = rs_mem_alloc_huge(total);
    } else { /* rounding up to whole huge pages could double it */
        made.text = rs_mem_alloc(total);
    }
    if (count > 0) {
        memcpy(made.text, bytes, count);
    }
    return made;
}

/* How large a buffer should be to take what comes after its first used bytes, up to target. */
static size_t choose_capacity(const struct rs_reader *reader, size_t used, size_t target)
{
    size_t guess = rs_decompress_guess_left(reader->data);
    if (guess == SIZE_MAX) {
        guess = reader->next_index == 0 ? STREAM_FIRST_BYTES : target;
    }
    if (guess >= target || used + guess >= target) {
        return target;
    }
    return used + guess + 1; /* one to see the end by */
}

/* Read until the buffer holds target bytes or all that is left. */
static bool fill(struct rs_reader *reader, size_t target, struct rs_error *err)
{
    struct buffer *buffer = &reader->buffer;
    while (!reader->ended && buffer->used < target) {
        if (buffer->used == buffer->capacity) {
            size_t capacity = choose_capacity(reader, buffer->used, target);
            size_t doubled = buffer->used * 2 < target ? buffer->used * 2 : target;
            if (capacity - buffer->used < buffer->used / LITTLE) {
                capacity = capacity < doubled ? doubled : capacity; /* the guess was too low */
            }
            char *old = buffer->text;
            *buffer = make_buffer(reader, capacity, old, buffer->used);
            rs_mem_free(old);
        }
        size_t room = (buffer->capacity < target ? buffer->capacity : target) - buffer->used;
        size_t count = 0;
        if (!rs_decompress_read(reader->data, buffer->text + buffer->used, room, &count, err)) {
            return false;
        }
        buffer->used += count;
        reader->ended = count < room;
    }
    return true;
}

/* What was cut leaves as a chunk; the rest of the buffer stays. */
static void hand_out(struct rs_reader *reader, enum rs_chunk_kind kind, struct rs_chunk *out)
{
    const size_t length = reader->cuts.used;
    if (!reader->buffer.text) {
        reader->buffer = make_buffer(reader, 0, NULL, 0);
    }
    struct buffer full = reader->buffer;
    const char *rest = full.text + length;
    size_t rest_bytes = full.used - length;
    size_t slack = full.capacity - length;

    if (slack > SLACK_ALLOWED_BYTES && slack > full.capacity / 4) {
        struct buffer right = make_buffer(reader, length, full.text, length);
        memmove(full.text, rest, rest_bytes);
        reader->buffer.used = rest_bytes;
        full = right;
    } else if (rest_bytes > 0 || !reader->ended) {
        size_t target = rest_bytes < RS_CHUNK_BYTES ? RS_CHUNK_BYTES : rest_bytes;
        size_t capacity = choose_capacity(reader, rest_bytes, target);
        reader->buffer = make_buffer(reader, capacity, rest, rest_bytes);
    } else {
        reader->buffer = (struct buffer){NULL, 0, 0};
    }
    memset(full.text + length, 0, RS_CHUNK_PADDING);
    *out = (struct rs_chunk){.kind = kind,
                             .text = full.text,
                             .length = length,
                             .memory_bytes = full.capacity + RS_CHUNK_PADDING,
                             .first_line = reader->next_line,
                             .first_byte = reader->next_byte,
                             .index = reader->next_index++,
                             .cuts = reader->cuts.items,
                             .cut_count = reader->cuts.count,
                             .cut_capacity = reader->cuts.capacity};
    reader->next_line += reader->cuts.line_ends;
    reader->next_byte += length;
    reader->cuts = (struct rs_json_cuts){0};
}

/* Keep the begin of a body for the chunks of its events, and go on behind it. */
static void keep_body(struct rs_reader *reader)
{
    struct buffer *buffer = &reader->buffer;
    reader->body_length = reader->cuts.used;
    reader->body = rs_mem_copy(buffer->text, reader->body_length);
    buffer->used -= reader->body_length;
    memmove(buffer->text, buffer->text + reader->body_length, buffer->used);
    reader->next_line += reader->cuts.line_ends;
    reader->next_byte += reader->body_length;
}

/* The chunk's events are of a body. */
static void add_body(struct rs_reader *reader, struct rs_chunk *chunk)
{
    chunk->body = rs_mem_copy(reader->body, reader->body_length);
    chunk->body_length = reader->body_length;
    if (!reader->cutter.in_body) {
        rs_mem_free(reader->body);
        reader->body = NULL;
    }
}

/* Cut what the buffer holds, and read on until that gives something. */
static bool next_chunk(struct rs_reader *reader, struct rs_chunk *out, struct rs_error *err)
{
    static const char nothing[RS_CHUNK_PADDING];
    size_t target = RS_CHUNK_BYTES;
    while (true) {
        if (!fill(reader, target, err)) {
            return false;
        }
        const struct buffer *buffer = &reader->buffer;
        const bool was_long = reader->cutter.is_long;
        if (buffer->text) {
            memset(buffer->text + buffer->used, 0, RS_CHUNK_PADDING);
        }
        switch (rs_json_cut(&reader->cutter, buffer->text ? buffer->text : nothing, buffer->used,
                            reader->ended, &reader->cuts)) {
        case RS_JSON_CUT_PART:
            hand_out(reader, RS_CHUNK_PART, out);
            out->first_part = !was_long;
            out->last_part = !reader->cutter.is_long;
            return true;
        case RS_JSON_CUT_BODY:
            keep_body(reader);
            continue;
        case RS_JSON_CUT_DONE:
            break;
        }
        reader->finished = reader->ended && reader->cuts.used == buffer->used;
        if (reader->cuts.used > 0 || reader->cuts.count > 0) {
            hand_out(reader, RS_CHUNK_EVENTS, out);
            if (reader->body) {
                add_body(reader, out);
            }
            return true;
        }
        if (reader->finished) {
            return true;
        }
        target = buffer->used + RS_CHUNK_BYTES;
    }
}

/* Look at the first bytes: refuse what holds no events, and take a byte-order mark away. */
static bool begin(struct rs_reader *reader, struct rs_error *err)
{
    static const char mark[3] = {'\xef', '\xbb', '\xbf'};
    struct buffer *buffer = &reader->buffer;
    if (!fill(reader, RS_FORM_HEAD_BYTES, err)) {
        return false;
    }
    if (buffer->used >= sizeof mark && memcmp(buffer->text, mark, sizeof mark) == 0) {
        buffer->used -= sizeof mark;
        memmove(buffer->text, buffer->text + sizeof mark, buffer->used);
        reader->next_byte = sizeof mark;
    }
    return rs_form_check(reader->input->name, (struct rs_str){buffer->text, buffer->used}, err);
}

struct rs_reader *rs_reader_open(const struct rs_input *input, const struct rs_env *env,
                                 struct rs_error *err)
{
    struct rs_reader *reader = rs_mem_zalloc(1, sizeof *reader);
    reader->input = input;
    reader->next_line = 1;
    reader->cutter = RS_JSON_CUTTER_INIT;
    reader->data = rs_decompress_open(input, env, err);
    if (!reader->data || !begin(reader, err)) {
        rs_reader_close(reader);
        return NULL;
    }
    return reader;
}

void rs_chunk_release(struct rs_chunk *chunk)
{
    rs_mem_free(chunk->text);
    rs_mem_free(chunk->cuts);
    rs_mem_free(chunk->body);
    *chunk = (struct rs_chunk){0};
}

/* The memory of a chunk that the caller is done with: fresh pages cost more than reading. */
static void take_back(struct rs_reader *reader, struct rs_chunk *chunk)
{
    if (!reader->spare && chunk->memory_bytes == (size_t)RS_CHUNK_BYTES + RS_CHUNK_PADDING) {
        reader->spare = chunk->text;
        chunk->text = NULL;
    }
    if (!reader->cuts.items) {
        reader->cuts.items = chunk->cuts;
        reader->cuts.capacity = chunk->cut_capacity;
        chunk->cuts = NULL;
    }
    rs_chunk_release(chunk);
}

enum rs_next rs_reader_next(struct rs_reader *reader, struct rs_chunk *out, struct rs_error *err)
{
    take_back(reader, out);
    if (reader->failed) {
        (void)rs_error_set(err, RS_E_INPUT, "could not read \"%s\": reading it failed before",
                           reader->input->name);
        return RS_NEXT_ERROR;
    }
    if (reader->finished) {
        return RS_NEXT_END;
    }
    reader->failed = !next_chunk(reader, out, err);
    if (reader->failed) {
        return RS_NEXT_ERROR;
    }
    return out->text ? RS_NEXT_ITEM : RS_NEXT_END;
}

uint64_t rs_reader_consumed_bytes(const struct rs_reader *reader)
{
    return rs_decompress_taken_bytes(reader->data);
}

void rs_reader_close(struct rs_reader *reader)
{
    if (reader) {
        rs_decompress_close(reader->data);
        rs_mem_free(reader->buffer.text);
        rs_mem_free(reader->spare);
        rs_mem_free(reader->body);
        rs_json_cuts_release(&reader->cuts);
        rs_mem_free(reader);
    }
}
