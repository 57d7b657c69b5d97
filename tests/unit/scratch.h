/*
 * scratch.h - a throw-away folder, files in it, and a sink in memory, for unit tests.
 *
 *   struct scratch scratch = scratch_make();
 *   scratch_write(&scratch, "a/b.ndjson", bytes, count);      folders are made
 *   const char *path = scratch_path(&scratch, "a/b.ndjson");  good until the next call
 *   scratch_remove(&scratch);
 */
#ifndef RS_TESTS_SCRATCH_H
#define RS_TESTS_SCRATCH_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"
#include "base/sink.h"
#include "rs/strbuf.h"
#include "unit.h"

struct scratch {
    char dir[128];
    char path[512];
};

static inline struct scratch scratch_make(void)
{
    struct scratch scratch = {{0}, {0}};
    const char *tmpdir = getenv("TMPDIR");
    (void)snprintf(scratch.dir, sizeof scratch.dir, "%s/rs-test-XXXXXX", tmpdir ? tmpdir : "/tmp");
    assert_non_null(mkdtemp(scratch.dir));
    return scratch;
}

static inline const char *scratch_path(struct scratch *scratch, const char *name)
{
    (void)snprintf(scratch->path, sizeof scratch->path, "%s/%s", scratch->dir, name);
    return scratch->path;
}

static inline void scratch_mkdir(struct scratch *scratch, const char *name)
{
    assert_int_equal(mkdir(scratch_path(scratch, name), 0755), 0);
}

static inline void scratch_write(struct scratch *scratch, const char *name, const void *bytes,
                                 size_t count)
{
    struct rs_error err = {0};
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        char folder[256] = "";
        memcpy(folder, name, (size_t)(slash - name));
        (void)mkdir(scratch_path(scratch, folder), 0755);
    }
    /* A new file each time: ext4 writes a file that was truncated to the disk at once. */
    (void)unlink(scratch_path(scratch, name));
    int fd = open(scratch_path(scratch, name), O_WRONLY | O_CREAT | O_EXCL, 0644);
    assert_true(fd >= 0);
    assert_true(rs_fs_write_all(fd, bytes, count, name, &err));
    assert_int_equal(close(fd), 0);
}

static inline void scratch_link(struct scratch *scratch, const char *target, const char *name)
{
    assert_int_equal(symlink(target, scratch_path(scratch, name)), 0);
}

static inline void scratch_remove(struct scratch *scratch)
{
    struct rs_error err = {0};
    assert_true(rs_fs_remove_tree(scratch->dir, &err));
}

/* Keeps all that is written, and fails after fail_after writes. */
struct memory_sink {
    struct rs_sink sink;
    struct rs_strbuf bytes;
    size_t writes;
    size_t smallest_but_last; /* of the writes */
    size_t last;
    size_t fail_after;
};

static inline bool memory_sink_write(struct rs_sink *sink, const void *bytes, size_t count,
                                     struct rs_error *err)
{
    struct memory_sink *memory = (struct memory_sink *)(void *)sink;
    if (memory->writes == memory->fail_after) {
        return rs_error_set(err, RS_E_IO, "could not write \"memory\": full");
    }
    if (memory->writes > 0 && memory->last < memory->smallest_but_last) {
        memory->smallest_but_last = memory->last;
    }
    memory->last = count;
    memory->writes++;
    rs_strbuf_append_bytes(&memory->bytes, bytes, count);
    return true;
}

static inline struct memory_sink memory_sink_make(void)
{
    return (struct memory_sink){.sink = {memory_sink_write},
                                .bytes = RS_STRBUF_INIT((size_t)1 << 30),
                                .smallest_but_last = SIZE_MAX,
                                .fail_after = SIZE_MAX};
}

/* The same bytes on every machine: xorshift, for tests that want many different inputs. */
static inline uint64_t scratch_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Text that compresses as rows do. */
static inline char *scratch_rows(size_t count)
{
    char *text = rs_mem_alloc(count + 80);
    uint64_t state = 88172645463325252U;
    size_t used = 0;
    while (used < count) {
        uint64_t number = scratch_random(&state);
        used += (size_t)snprintf(text + used, 80, "%016llx,signed_up,%u,2026-01-%02u 10:00:00\n",
                                 (unsigned long long)number, (unsigned)(number % 1000),
                                 (unsigned)(number % 28) + 1);
    }
    return text;
}

#endif
