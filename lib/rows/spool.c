/*
 * A buffer in front of a nameless temporary file. What is still in the buffer is read from
 * there, so a small spool never touches the disk.
 */
#include "rows/spool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"

enum { BUFFER_BYTES = 256 << 10, PIECE_BYTES = 256 << 10 };

struct rs_spool {
    const char *tmpdir;
    int fd;
    uint64_t written; /* bytes in the file */
    size_t buffered;
    char *buffer;
};

struct rs_spool *rs_spool_new(const char *tmpdir)
{
    struct rs_spool *spool = rs_mem_zalloc(1, sizeof *spool);
    spool->tmpdir = tmpdir;
    spool->fd = -1;
    return spool;
}

void rs_spool_free(struct rs_spool *spool)
{
    if (!spool) {
        return;
    }
    if (spool->fd >= 0) {
        (void)close(spool->fd);
    }
    rs_mem_free(spool->buffer);
    rs_mem_free(spool);
}

static bool write_out(struct rs_spool *spool, const void *bytes, size_t count, struct rs_error *err)
{
    if (spool->fd < 0) {
        spool->fd = rs_fs_open_temp(spool->tmpdir, err);
        if (spool->fd < 0) {
            return false;
        }
    }
    if (!rs_fs_write_all(spool->fd, bytes, count, "temporary file", err)) {
        err->hint[0] = '\0'; /* this one is better */
        return rs_error_hint(err, "set TMPDIR to a folder with more room, or raise --memory");
    }
    spool->written += count;
    return true;
}

bool rs_spool_append(struct rs_spool *spool, const void *bytes, size_t count, struct rs_error *err)
{
    if (!spool->buffer) {
        spool->buffer = rs_mem_alloc(BUFFER_BYTES);
    }
    if (spool->buffered + count > BUFFER_BYTES) {
        if (spool->buffered > 0 && !write_out(spool, spool->buffer, spool->buffered, err)) {
            return false;
        }
        spool->buffered = 0;
        if (count > BUFFER_BYTES) {
            return write_out(spool, bytes, count, err);
        }
    }
    if (count > 0) {
        memcpy(spool->buffer + spool->buffered, bytes, count);
    }
    spool->buffered += count;
    return true;
}

uint64_t rs_spool_end(const struct rs_spool *spool)
{
    return spool->written + spool->buffered;
}

bool rs_spool_read(const struct rs_spool *spool, uint64_t offset, void *out, size_t count,
                   struct rs_error *err)
{
    char *place = out;
    while (count > 0 && offset < spool->written) {
        size_t in_file =
            spool->written - offset < count ? (size_t)(spool->written - offset) : count;
        ssize_t got = pread(spool->fd, place, in_file, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return rs_error_errno(err, RS_E_IO, got < 0 ? errno : EIO, "read back",
                                  "temporary file");
        }
        place += got;
        offset += (uint64_t)got;
        count -= (size_t)got;
    }
    if (count > 0) {
        memcpy(place, spool->buffer + (offset - spool->written), count);
    }
    return true;
}

bool rs_spool_copy(const struct rs_spool *spool, uint64_t begin, uint64_t end, struct rs_sink *sink,
                   struct rs_error *err)
{
    char *piece = rs_mem_alloc(PIECE_BYTES);
    bool ok = true;
    while (ok && begin < end) {
        size_t count = end - begin < PIECE_BYTES ? (size_t)(end - begin) : PIECE_BYTES;
        ok = rs_spool_read(spool, begin, piece, count, err) && sink->write(sink, piece, count, err);
        begin += count;
    }
    rs_mem_free(piece);
    return ok;
}

static bool append_sink(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    return rs_spool_append(((struct rs_spool_sink *)sink)->spool, bytes, count, err);
}

struct rs_spool_sink rs_spool_sink(struct rs_spool *spool)
{
    return (struct rs_spool_sink){{append_sink}, spool};
}
