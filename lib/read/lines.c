/*
 * One buffer at a time: it is filled, the place to cut is found, the bytes after the cut are
 * copied to the next buffer, and the buffer itself becomes the chunk's text. Buffers are sized
 * by what is still to come: a small file gets a small one, and a full one is a huge page,
 * which was measured to read twice as fast (3.7 GB/s) as first touching small pages. What turns out
 * much too large is copied to its right size, because chunks are kept by the hundred.
 *
 * Every decision compares counts of bytes of the input with constants, so that a pipe which
 * brings a byte at a time is cut as the file is.
 */
#include "read/lines.h"

#include "base/mem.h"
#include "read/decompress.h"

enum {
    LINE_AND_END_MAX = RS_LINE_MAX + 2, /* with CR LF */
    STREAM_FIRST_BYTES = 64 << 10,      /* what a stream is taken to hold at first */
    SLACK_ALLOWED_BYTES = 4 << 10,
};

struct buffer {
    char *text;      /* NULL: none */
    size_t capacity; /* for text; RS_CHUNK_PADDING more are there */
    size_t used;
};

struct rs_reader {
    const struct rs_input *input;
    struct rs_decompress *data;
    struct buffer buffer; /* begins at a line or, within a long line, at its next piece */
    char *spare;          /* a full chunk's memory, to be used again; or NULL */
    bool ended;           /* nothing is to come but what the buffer holds */
    bool failed;
    bool in_long_line;
    char previous_byte;       /* the last one of the piece before */
    uint64_t long_line_bytes; /* of the pieces before */
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
            capacity = capacity < doubled ? doubled : capacity; /* the guess was too low */
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

/*
 * Line ends in text. A block of a fixed size, counted in a byte, is what compilers make vector
 * code of: 47 GB/s where the plain loop does 2.
 */
static size_t count_line_ends(const char *text, size_t length)
{
    enum { BLOCK = 128 };
    size_t total = 0;
    size_t i = 0;
    for (; length - i >= BLOCK; i += BLOCK) {
        unsigned char in_block = 0;
        for (size_t j = 0; j < BLOCK; j++) {
            in_block = (unsigned char)(in_block + (text[i + j] == '\n'));
        }
        total += in_block;
    }
    for (; i < length; i++) {
        total += text[i] == '\n';
    }
    return total;
}

/* The bytes up to and with the last line end among the first count, or 0. */
static size_t through_last_line_end(const char *text, size_t count)
{
    while (count > 0 && text[count - 1] != '\n') {
        count--;
    }
    return count;
}

/* The first length bytes of the buffer leave as a chunk's text; the rest stays. */
static void hand_out(struct rs_reader *reader, size_t length, struct rs_chunk *out)
{
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
        size_t capacity = choose_capacity(reader, rest_bytes, RS_CHUNK_BYTES);
        reader->buffer = make_buffer(reader, capacity, rest, rest_bytes);
    } else {
        reader->buffer = (struct buffer){NULL, 0, 0};
    }
    memset(full.text + length, 0, RS_CHUNK_PADDING);
    *out = (struct rs_chunk){.kind = RS_CHUNK_LINES,
                             .text = full.text,
                             .length = length,
                             .memory_bytes = full.capacity + RS_CHUNK_PADDING,
                             .first_line = reader->next_line,
                             .index = reader->next_index++};
}

static void hand_out_lines(struct rs_reader *reader, size_t length, struct rs_chunk *out)
{
    hand_out(reader, length, out);
    size_t line_ends = count_line_ends(out->text, length);
    out->line_count = (uint32_t)(line_ends + (out->text[length - 1] != '\n'));
    reader->next_line += out->line_count;
}

static void hand_out_piece(struct rs_reader *reader, size_t length, bool last, struct rs_chunk *out)
{
    hand_out(reader, length, out);
    out->kind = RS_CHUNK_LONG_LINE;
    out->first_piece = !reader->in_long_line;
    out->last_piece = last;
    out->line_count = out->first_piece ? 1 : 0;
    reader->long_line_bytes = (out->first_piece ? 0 : reader->long_line_bytes) + length;
    if (last) {
        bool line_end = length > 0 && out->text[length - 1] == '\n';
        char before = length > 1 ? out->text[length - 2] : reader->previous_byte;
        out->line_bytes = reader->long_line_bytes - (line_end ? before == '\r' ? 2 : 1 : 0);
        reader->next_line++;
    }
    reader->previous_byte = length > 0 ? out->text[length - 1] : reader->previous_byte;
    reader->in_long_line = !last;
}

/* A line that is longer than a chunk, at the buffer's begin: read on to its end. */
static bool next_big_line(struct rs_reader *reader, struct rs_chunk *out, struct rs_error *err)
{
    size_t searched = 0;
    while (true) {
        const char *text = reader->buffer.text;
        size_t used = reader->buffer.used;
        const char *line_end = memchr(text + searched, '\n', used - searched);
        size_t length = line_end ? (size_t)(line_end - text) : used;
        if (line_end) {
            size_t bytes = length - (text[length - 1] == '\r');
            if (bytes > RS_LINE_MAX) {
                hand_out_piece(reader, length + 1, true, out);
            } else {
                hand_out_lines(reader, length + 1, out);
            }
            return true;
        }
        if (used == LINE_AND_END_MAX) {
            hand_out_piece(reader, used, false, out);
            return true;
        }
        if (reader->ended) {
            if (used > RS_LINE_MAX) {
                hand_out_piece(reader, used, true, out);
            } else {
                hand_out_lines(reader, used, out);
            }
            return true;
        }
        searched = used;
        size_t target = used + RS_CHUNK_BYTES;
        if (!fill(reader, target < LINE_AND_END_MAX ? target : LINE_AND_END_MAX, err)) {
            return false;
        }
    }
}

static void next_piece(struct rs_reader *reader, struct rs_chunk *out)
{
    const char *text = reader->buffer.text;
    size_t used = reader->buffer.used;
    const char *line_end = used > 0 ? memchr(text, '\n', used) : NULL;
    size_t length = line_end ? (size_t)(line_end - text) + 1 : used;
    hand_out_piece(reader, length, line_end || used < RS_CHUNK_BYTES, out);
}

static bool next_chunk(struct rs_reader *reader, struct rs_chunk *out, struct rs_error *err)
{
    size_t used = reader->buffer.used;
    if (reader->in_long_line) {
        next_piece(reader, out);
        return true;
    }
    /* Fewer bytes than a chunk: these are the last ones. */
    size_t length =
        used < RS_CHUNK_BYTES ? used : through_last_line_end(reader->buffer.text, RS_CHUNK_BYTES);
    if (length == 0) {
        return next_big_line(reader, out, err);
    }
    hand_out_lines(reader, length, out);
    return true;
}

/* Take a byte-order mark away, or keep the first bytes if they are none. */
static bool begin(struct rs_reader *reader, struct rs_error *err)
{
    static const char mark[3] = {'\xef', '\xbb', '\xbf'};
    if (!fill(reader, sizeof mark, err)) {
        return false;
    }
    if (reader->buffer.used == sizeof mark && memcmp(reader->buffer.text, mark, sizeof mark) == 0) {
        reader->buffer.used = 0;
    }
    return true;
}

struct rs_reader *rs_reader_open(const struct rs_input *input, const struct rs_env *env,
                                 struct rs_error *err)
{
    struct rs_reader *reader = rs_mem_zalloc(1, sizeof *reader);
    reader->input = input;
    reader->next_line = 1;
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
    *chunk = (struct rs_chunk){0};
}

/* The memory of a chunk that the caller is done with: fresh pages cost more than reading. */
static void take_back(struct rs_reader *reader, struct rs_chunk *chunk)
{
    if (!reader->spare && chunk->memory_bytes == (size_t)RS_CHUNK_BYTES + RS_CHUNK_PADDING) {
        reader->spare = chunk->text;
        chunk->text = NULL;
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
    reader->failed = !fill(reader, RS_CHUNK_BYTES, err);
    if (!reader->failed && reader->buffer.used == 0 && !reader->in_long_line) {
        return RS_NEXT_END;
    }
    reader->failed = reader->failed || !next_chunk(reader, out, err);
    return reader->failed ? RS_NEXT_ERROR : RS_NEXT_ITEM;
}

uint64_t rs_chunk_skip_blank(const struct rs_chunk *chunk, size_t *offset)
{
    static const char empty[] = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
    enum { AT_ONCE = sizeof empty - 1 };
    const char *text = chunk->text;
    uint64_t lines = 0;
    size_t i = *offset;
    while (i < chunk->length) {
        if (chunk->length - i >= AT_ONCE && memcmp(text + i, empty, AT_ONCE) == 0) {
            i += AT_ONCE;
            lines += AT_ONCE;
            *offset = i;
        } else if (text[i] == '\n') {
            *offset = ++i;
            lines++;
        } else if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r') {
            i++;
        } else {
            break;
        }
    }
    return lines;
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
        rs_mem_free(reader);
    }
}
