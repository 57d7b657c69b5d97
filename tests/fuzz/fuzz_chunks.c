/*
 * Any bytes as an input: its chunks make up what rs_decompress says it holds, but for a byte-order
 * mark and the begins of bodies, count their lines right, and hold what is cut of all of it at
 * once; and both say the same of damaged data.
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
#include "base/mem.h"
#include "read/chunks.h"
#include "read/decompress.h"
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
                                   RS_JSON_CUT_MAX};
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

/* A hash of cuts, each where it stands in the input. */
static uint64_t add_cuts(uint64_t hash, const struct rs_json_cut *cuts, size_t count, uint64_t line,
                         uint64_t byte)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t values[] = {cuts[i].kind, line + cuts[i].line, byte + cuts[i].offset,
                                   cuts[i].length};
        for (size_t j = 0; j < RS_COUNTOF(values); j++) {
            hash = (hash ^ values[j]) * UINT64_C(0x100000001b3);
        }
    }
    return hash;
}

/* What is cut of a text at once; *has_part: one that is too long is in it, in parts or as one. */
static uint64_t cut_at_once(const char *text, size_t count, size_t at, bool *has_part)
{
    struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT;
    struct rs_json_cuts cuts = {0};
    uint64_t hash = 0;
    uint64_t line = 1;
    char *padded = rs_mem_zalloc(count + RS_JSON_CUT_PADDING, 1);
    memcpy(padded, text, count);
    do {
        *has_part =
            rs_json_cut(&cutter, padded + at, count - at, true, &cuts) == RS_JSON_CUT_PART ||
            *has_part;
        for (size_t i = 0; i < cuts.count; i++) {
            *has_part = *has_part || cuts.items[i].kind == RS_JSON_CUT_LONG;
        }
        hash = add_cuts(hash, cuts.items, cuts.count, line, at);
        at += cuts.used;
        line += cuts.line_ends;
    } while (at < count || cutter.is_long);
    rs_json_cuts_release(&cuts);
    rs_mem_free(padded);
    return hash;
}

/* Compare the reader's chunks with text, which is what the input holds. */
static void check_chunks(const struct rs_input *input, const char *text, size_t count)
{
    struct rs_error err = {0};
    struct rs_chunk chunk = {0};
    enum rs_next next = RS_NEXT_ERROR;
    size_t used = count >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    uint64_t line = 1;
    uint64_t hash = 0;
    bool in_part = false;
    bool has_part = false;
    uint64_t wanted = cut_at_once(text, count, used, &has_part);
    struct rs_reader *reader = rs_reader_open(input, NULL, &err);
    if (!reader) { /* what holds no events is refused by name */
        check(err.code == RS_E_INPUT && strstr(err.message, "\": it is ") != NULL);
        return;
    }
    while ((next = rs_reader_next(reader, &chunk, &err)) == RS_NEXT_ITEM) {
        check(chunk.first_byte >= used && chunk.length <= count - chunk.first_byte);
        check(chunk.first_byte == used || chunk.body); /* the begin of a body */
        line += rs_json_count_lines(text + used, (size_t)chunk.first_byte - used);
        used = (size_t)chunk.first_byte;
        check(chunk.length == 0 || memcmp(chunk.text, text + used, chunk.length) == 0);
        check(chunk.first_line == line);
        check((chunk.kind == RS_CHUNK_PART) || !in_part);
        check(chunk.kind != RS_CHUNK_PART || chunk.first_part == !in_part);
        in_part = chunk.kind == RS_CHUNK_PART && !chunk.last_part;
        hash = add_cuts(hash, chunk.cuts, chunk.cut_count, line, used);
        line += rs_json_count_lines(chunk.text, chunk.length);
        used += chunk.length;
    }
    check(next == RS_NEXT_END && used == count && !in_part);
    check(has_part || hash == wanted);
    rs_chunk_release(&chunk);
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
