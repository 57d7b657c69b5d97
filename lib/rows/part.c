/*
 * A file sink with a compressor in front of it.
 */
#include "rows/part.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"

enum { FILE_MODE = 0666 };

struct rs_part {
    struct rs_sink sink; /* the file; first, so that the sink is the part */
    struct rs_compressor *compressor;
    int fd;
    char *path;
};

static bool write_file(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct rs_part *part = (struct rs_part *)sink;
    return rs_fs_write_all(part->fd, bytes, count, part->path, err);
}

struct rs_part *rs_part_new(enum rs_compression compression)
{
    struct rs_part *part = rs_mem_zalloc(1, sizeof *part);
    part->sink.write = write_file;
    part->compressor = rs_compressor_new(compression);
    part->fd = -1;
    return part;
}

static bool close_file(struct rs_part *part, struct rs_error *err)
{
    bool ok = part->fd < 0 || close(part->fd) == 0 ||
              rs_error_errno(err, RS_E_IO, errno, "write", part->path);
    part->fd = -1;
    rs_mem_free(part->path);
    part->path = NULL;
    return ok;
}

void rs_part_free(struct rs_part *part)
{
    if (part) {
        struct rs_error ignored = {0};
        (void)close_file(part, &ignored);
        rs_compressor_free(part->compressor);
        rs_mem_free(part);
    }
}

struct rs_sink *rs_part_begin(struct rs_part *part, const char *path, struct rs_error *err)
{
    part->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (part->fd < 0) {
        (void)rs_error_errno(err, RS_E_IO, errno, "make", path);
        return NULL;
    }
    part->path = rs_mem_strdup(path);
    return rs_compressor_begin(part->compressor, &part->sink);
}

bool rs_part_finish(struct rs_part *part, struct rs_error *err)
{
    bool ok = rs_compressor_finish(part->compressor, err);
    return close_file(part, err) && ok;
}
