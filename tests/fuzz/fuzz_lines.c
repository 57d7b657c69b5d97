/*
 * Any bytes as an input: its chunks make up what rs_decompress says it holds, but for a
 * byte-order mark, are cut where read/lines.h promises, and count their lines right; and
 * both say the same of damaged data.
 *
 * An input that begins with '#' is a recipe for a long text, because chunks are large: each
 * pair of bytes after it is one run, a letter and how many there are of it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "read/decompress.h"
#include "read/lines.h"
#include "rs/strbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TEXT_MAX = 24 << 20,
    LARGE_RUNS_MAX = 3,
    PIECE_BYTES = 5000,
};

static void check(bool claim)
{
    if (!claim) {
        abort();
    }
}

/* A run is 1 to 16 bytes, or so long that it meets a limit: rarely, because that takes time. */
static void write_recipe(const uint8_t *recipe, size_t size, struct rs_strbuf *text)
{
    static const size_t large[] = {RS_CHUNK_BYTES / 2, RS_CHUNK_BYTES - 1, RS_CHUNK_BYTES,
                                   RS_LINE_MAX};
    size_t large_runs = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        size_t count = 1 + recipe[i + 1] % 16;
        if (recipe[i + 1] >= 256 - RS_COUNTOF(large) && large_runs < LARGE_RUNS_MAX) {
            count = large[255 - recipe[i + 1]];
            large_runs++;
        }
        char *place = rs_strbuf_reserve(text, count);
        if (!place) {
            return;
        }
        memset(place, recipe[i], count);
        rs_strbuf_commit(text, count);
    }
}

/* A file without a name that holds the text; its path is written to path. */
static int make_file(struct rs_str text, char path[64])
{
    struct rs_error err = {0};
    int fd = rs_fs_open_temp(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL, &err);
    check(fd >= 0 && rs_fs_write_all(fd, text.data, text.length, "text", &err));
    (void)snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static bool read_plainly(const struct rs_input *input, struct rs_strbuf *out, struct rs_error *err)
{
    char piece[PIECE_BYTES];
    size_t count = 1;
    struct rs_decompress *data = rs_decompress_open(input, NULL, err);
    bool ok = data != NULL;
    while (ok && count > 0 && rs_strbuf_ok(out)) {
        ok = rs_decompress_read(data, piece, sizeof piece, &count, err);
        rs_strbuf_append_bytes(out, piece, ok ? count : 0);
    }
    rs_decompress_close(data);
    return ok;
}

static size_t count_lines(const char *text, size_t length)
{
    size_t lines = length > 0 && text[length - 1] != '\n';
    const char *end = text + length;
    const char *line_end = NULL;
    while ((line_end = memchr(text, '\n', (size_t)(end - text))) != NULL) {
        lines++;
        text = line_end + 1;
    }
    return lines;
}

static void check_lines(const struct rs_chunk *chunk, size_t left)
{
    bool last = chunk->length == left;
    check(chunk->length > 0);
    check(chunk->line_count == count_lines(chunk->text, chunk->length));
    check(last || chunk->text[chunk->length - 1] == '\n');
    if (chunk->length > RS_CHUNK_BYTES) {
        const char *line_end = memchr(chunk->text, '\n', chunk->length);
        check(!line_end || line_end == chunk->text + chunk->length - 1);
        check(chunk->length <= RS_LINE_MAX + 2);
    } else if (!last) {
        /* Beyond the chunk is more of the whole text: see the caller. */
        check(left >= RS_CHUNK_BYTES);
        check(!memchr(chunk->text + chunk->length, '\n', RS_CHUNK_BYTES - chunk->length));
    }
}

/* Compare the reader's chunks with text, which is what the input holds. */
static void check_chunks(const struct rs_input *input, const char *text, size_t count)
{
    struct rs_error err = {0};
    struct rs_chunk chunk = {0};
    enum rs_next next = RS_NEXT_ERROR;
    size_t used = count >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    uint64_t line = 1;
    uint64_t long_bytes = 0;
    bool in_long_line = false;
    struct rs_reader *reader = rs_reader_open(input, NULL, &err);
    check(reader != NULL);
    while ((next = rs_reader_next(reader, &chunk, &err)) == RS_NEXT_ITEM) {
        check(chunk.length <= count - used);
        check(chunk.length == 0 || memcmp(chunk.text, text + used, chunk.length) == 0);
        check(chunk.first_line == line);
        check(chunk.kind == RS_CHUNK_LONG_LINE || !in_long_line);
        if (chunk.kind == RS_CHUNK_LINES) {
            /* The same bytes in the whole text, so that what follows can be looked at. */
            struct rs_chunk in_text = chunk;
            in_text.text = (char *)(uintptr_t)(text + used);
            check_lines(&in_text, count - used);
            line += chunk.line_count;
        } else {
            check(chunk.first_piece == !in_long_line);
            long_bytes = chunk.first_piece ? 0 : long_bytes;
            long_bytes += chunk.length;
            in_long_line = !chunk.last_piece;
            line += chunk.last_piece;
            check(!chunk.last_piece || chunk.line_bytes > RS_LINE_MAX);
            check(!chunk.last_piece || long_bytes - chunk.line_bytes <= 2);
        }
        used += chunk.length;
        rs_chunk_release(&chunk);
    }
    check(next == RS_NEXT_END && used == count && !in_long_line);
    rs_reader_close(reader);
}

static void check_damaged(const struct rs_input *input)
{
    struct rs_error err = {0};
    struct rs_chunk chunk = {0};
    enum rs_next next = RS_NEXT_ERROR;
    struct rs_reader *reader = rs_reader_open(input, NULL, &err);
    while (reader && (next = rs_reader_next(reader, &chunk, &err)) == RS_NEXT_ITEM) {
        rs_chunk_release(&chunk);
    }
    check(next == RS_NEXT_ERROR && err.code != RS_OK && err.message[0] != '\0');
    rs_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX);
    struct rs_strbuf held = RS_STRBUF_INIT((size_t)TEXT_MAX * 2);
    struct rs_error err = {0};
    char path[64] = "";
    if (size > 0 && data[0] == '#') {
        write_recipe(data + 1, size - 1, &text);
    } else {
        rs_strbuf_append_bytes(&text, data, size);
    }
    int fd = make_file(rs_strbuf_str(&text), path);
    struct rs_input input = {.name = path};
    bool ok = read_plainly(&input, &held, &err);
    if (ok && rs_strbuf_ok(&held)) {
        check_chunks(&input, rs_strbuf_cstr(&held), held.length);
    } else if (!ok && err.code != RS_E_LIMIT) {
        check_damaged(&input);
    }
    (void)close(fd);
    rs_strbuf_release(&held);
    rs_strbuf_release(&text);
    return 0;
}
