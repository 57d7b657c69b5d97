/*
 * Records in a spool: a fixed head, then the text's bytes. One too long for a chunk comes
 * as several records; those after the first have no reason and continue it.
 */
#include "rows/reject_log.h"

#include <stdlib.h>

#include "base/fsutil.h"
#include "base/mem.h"
#include "codec/utf8.h"
#include "rows/spool.h"

enum { READ_MAX = RS_REJECT_TEXT_MAX + 1 }; /* the byte after tells where a character ends */

struct head {
    struct rs_place place;
    uint64_t length;
    const char *reason; /* static text; NULL: goes on with the one before */
    uint32_t input;
    uint32_t unused;
};

/* The rejects of one batch. */
struct stretch {
    uint64_t batch; /* rs_ref_batch: sorts in the order read */
    uint64_t begin;
    uint64_t end;
};

struct rs_reject_log {
    struct rs_spool *spool;
    uint64_t count;
    struct stretch *stretches;
    size_t stretch_count;
    size_t stretch_capacity;
};

struct rs_reject_log *rs_reject_log_new(const char *tmpdir)
{
    struct rs_reject_log *log = rs_mem_zalloc(1, sizeof *log);
    log->spool = rs_spool_new(tmpdir);
    return log;
}

void rs_reject_log_free(struct rs_reject_log *log)
{
    if (log) {
        rs_spool_free(log->spool);
        rs_mem_free(log->stretches);
        rs_mem_free(log);
    }
}

bool rs_reject_log_add(struct rs_reject_log *log, const struct rs_batch *batch,
                       struct rs_error *err)
{
    if (batch->reject_count == 0) {
        return true;
    }
    struct stretch stretch = {
        .batch = rs_ref_batch(rs_ref_make(batch->input, batch->chunk, 0)),
        .begin = rs_spool_end(log->spool),
    };
    for (size_t i = 0; i < batch->reject_count; i++) {
        const struct rs_reject *reject = &batch->rejects[i];
        struct head head = {.place = reject->place,
                            .length = reject->text.length,
                            .reason = reject->reason,
                            .input = batch->input};
        if (!rs_spool_append(log->spool, &head, sizeof head, err) ||
            !rs_spool_append(log->spool, reject->text.data, reject->text.length, err)) {
            return false;
        }
        log->count += reject->reason ? 1 : 0;
    }
    stretch.end = rs_spool_end(log->spool);
    log->stretches = rs_mem_grow(log->stretches, &log->stretch_capacity, log->stretch_count + 1,
                                 sizeof *log->stretches);
    log->stretches[log->stretch_count++] = stretch;
    return true;
}

static int compare_stretches(const void *left, const void *right)
{
    uint64_t a = ((const struct stretch *)left)->batch;
    uint64_t b = ((const struct stretch *)right)->batch;
    return (a > b) - (a < b);
}

void rs_reject_log_seal(struct rs_reject_log *log)
{
    if (log->stretch_count > 1) {
        qsort(log->stretches, log->stretch_count, sizeof *log->stretches, compare_stretches);
    }
}

uint64_t rs_reject_log_count(const struct rs_reject_log *log)
{
    return log->count;
}

/* Show one record, whose head is read, to visit. */
static bool visit_record(const struct rs_reject_log *log, const struct head *head, uint64_t offset,
                         char *raw, rs_reject_visit *visit, void *arg, struct rs_error *err)
{
    char *clean = raw + READ_MAX;
    size_t length = head->length < READ_MAX ? (size_t)head->length : READ_MAX;
    if (!rs_spool_read(log->spool, offset, raw, length, err)) {
        return false;
    }
    length = rs_utf8_cut((struct rs_str){raw, length}, RS_REJECT_TEXT_MAX);
    struct rs_str text = {clean, rs_utf8_repair((struct rs_str){raw, length}, clean)};
    text.length = rs_utf8_cut(text, RS_REJECT_TEXT_MAX);
    struct rs_reject_record record = {head->input, head->place, head->reason, text};
    return visit(arg, &record, err);
}

bool rs_reject_log_each(const struct rs_reject_log *log, rs_reject_visit *visit, void *arg,
                        struct rs_error *err)
{
    char *raw = rs_mem_alloc(READ_MAX + (size_t)RS_REJECT_TEXT_MAX * RS_UTF8_GROWTH);
    bool ok = true;
    for (size_t i = 0; ok && i < log->stretch_count; i++) {
        uint64_t offset = log->stretches[i].begin;
        while (ok && offset < log->stretches[i].end) {
            struct head head = {0};
            ok = rs_spool_read(log->spool, offset, &head, sizeof head, err);
            offset += sizeof head;
            if (ok && head.reason) {
                ok = visit_record(log, &head, offset, raw, visit, arg, err);
            }
            offset += head.length;
        }
    }
    rs_mem_free(raw);
    return ok;
}

static bool copy_bytes(const struct rs_reject_log *log, uint64_t offset, uint64_t length, int fd,
                       const char *name, struct rs_error *err)
{
    enum { PIECE_BYTES = 64 << 10 };
    char *piece = rs_mem_alloc(PIECE_BYTES);
    bool ok = true;
    while (ok && length > 0) {
        size_t count = length < PIECE_BYTES ? (size_t)length : PIECE_BYTES;
        ok = rs_spool_read(log->spool, offset, piece, count, err) &&
             rs_fs_write_all(fd, piece, count, name, err);
        offset += count;
        length -= count;
    }
    rs_mem_free(piece);
    return ok;
}

bool rs_reject_log_copy(const struct rs_reject_log *log, int fd, const char *name,
                        struct rs_error *err)
{
    bool ok = true;
    bool open_line = false;
    for (size_t i = 0; ok && i < log->stretch_count; i++) {
        uint64_t offset = log->stretches[i].begin;
        while (ok && offset < log->stretches[i].end) {
            struct head head = {0};
            ok = rs_spool_read(log->spool, offset, &head, sizeof head, err);
            offset += sizeof head;
            if (ok && head.reason && open_line) {
                ok = rs_fs_write_all(fd, "\n", 1, name, err);
            }
            ok = ok && copy_bytes(log, offset, head.length, fd, name, err);
            open_line = true;
            offset += head.length;
        }
    }
    return ok && (!open_line || rs_fs_write_all(fd, "\n", 1, name, err));
}
