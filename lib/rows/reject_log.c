/*
 * Records in a spool: a fixed head, then the text's bytes. One too long for a chunk comes
 * as several records; those after the first have no reason and continue it.
 */
#include "rows/reject_log.h"

#include <stdlib.h>
#include <string.h>

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
    struct rs_reject_reason *reasons; /* a few: one for each text */
    size_t reason_count;
    size_t reason_capacity;
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
        rs_mem_free(log->reasons);
        rs_mem_free(log);
    }
}

static struct rs_reject_reason *reason_of(struct rs_reject_log *log, const char *text)
{
    for (size_t i = 0; i < log->reason_count; i++) {
        if (log->reasons[i].first.reason == text ||
            strcmp(log->reasons[i].first.reason, text) == 0) {
            return &log->reasons[i];
        }
    }
    log->reasons = rs_mem_grow(log->reasons, &log->reason_capacity, log->reason_count + 1,
                               sizeof *log->reasons);
    struct rs_reject_reason *reason = &log->reasons[log->reason_count++];
    *reason = (struct rs_reject_reason){.batch = UINT64_MAX, .first.reason = text};
    return reason;
}

/* The reject is the next one of its batch, and the log will have its text at offset. */
static void count_reason(struct rs_reject_log *log, const struct rs_reject *reject, uint32_t input,
                         uint64_t batch, uint64_t offset)
{
    struct rs_reject_reason *reason = reason_of(log, reject->reason);
    reason->count++;
    if (batch < reason->batch) {
        reason->batch = batch;
        reason->first = (struct rs_reject_place){.input = input,
                                                 .line = reject->place.line,
                                                 .reason = reject->reason,
                                                 .offset = offset,
                                                 .length = reject->text.length};
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
        if (reject->reason) {
            count_reason(log, reject, batch->input, stretch.batch,
                         rs_spool_end(log->spool) + sizeof head);
        }
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

static int compare_reasons(const void *left, const void *right)
{
    const struct rs_reject_reason *a = left;
    const struct rs_reject_reason *b = right;
    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    if (a->batch != b->batch) {
        return a->batch < b->batch ? -1 : 1;
    }
    return (a->first.line > b->first.line) - (a->first.line < b->first.line);
}

void rs_reject_log_seal(struct rs_reject_log *log)
{
    if (log->stretch_count > 1) {
        qsort(log->stretches, log->stretch_count, sizeof *log->stretches, compare_stretches);
    }
    if (log->reason_count > 1) {
        qsort(log->reasons, log->reason_count, sizeof *log->reasons, compare_reasons);
    }
}

uint64_t rs_reject_log_count(const struct rs_reject_log *log)
{
    return log->count;
}

const struct rs_reject_reason *rs_reject_log_reasons(const struct rs_reject_log *log, size_t *count)
{
    *count = log->reason_count;
    return log->reasons;
}

/* A stretch of a batch begins with a line's first piece in the batch that has the line's begin. */
bool rs_reject_log_first(const struct rs_reject_log *log, uint32_t input,
                         struct rs_reject_place *out, bool *found, struct rs_error *err)
{
    uint64_t batch = rs_ref_batch(rs_ref_make(input, 0, 0));
    size_t low = 0;
    size_t high = log->stretch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (log->stretches[middle].batch < batch) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct head head = {0};
    *found = false;
    if (low == log->stretch_count) {
        return true;
    }
    uint64_t offset = log->stretches[low].begin;
    if (!rs_spool_read(log->spool, offset, &head, sizeof head, err)) {
        return false;
    }
    *found = head.input == input;
    *out = (struct rs_reject_place){.input = head.input,
                                    .line = head.place.line,
                                    .reason = head.reason,
                                    .offset = offset + sizeof head,
                                    .length = head.length};
    return true;
}

bool rs_reject_log_head(const struct rs_reject_log *log, const struct rs_reject_place *place,
                        char out[RS_REJECT_HEAD_MAX], size_t *length, struct rs_error *err)
{
    *length = place->length < RS_REJECT_HEAD_MAX ? (size_t)place->length : RS_REJECT_HEAD_MAX;
    return rs_spool_read(log->spool, place->offset, out, *length, err);
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
