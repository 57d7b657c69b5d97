/*
 * sync/report.h - what the report of a run says, for those who print it.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_SYNC_REPORT_H
#define RS_SYNC_REPORT_H

#include "base/arena.h"
#include "codec/report_fields.h"
#include "sync/sync.h"

/* "success", "partial" or "failure", of a run that ended with err. */
const char *rs_sync_report_status(const struct rs_sync_report *report, const struct rs_error *err);

/* The counts of a run, and the words of those that a person is told when they are not zero. */
size_t rs_sync_report_counts(const struct rs_sync_report *report,
                             struct rs_report_field out[RS_REPORT_FIELDS_MAX]);

/* A struct rs_sync_table_report. */
size_t rs_sync_report_table(const void *item, struct rs_arena *arena,
                            struct rs_report_field out[RS_REPORT_FIELDS_MAX]);

/* A struct rs_sync_change. */
size_t rs_sync_report_change(const void *item, struct rs_arena *arena,
                             struct rs_report_field out[RS_REPORT_FIELDS_MAX]);

/* What lines were rejected and values discarded for, likewise. */
void rs_reasons_write(const struct rs_reason *reasons, size_t count, struct rs_html *html);

/* Free a list of changes and its texts. */
void rs_sync_changes_release(struct rs_sync_change *changes, size_t count);

/* What changed as a section of a page; nothing where nothing did. */
void rs_sync_changes_write(const struct rs_sync_change *changes, size_t count,
                           struct rs_html *html);

#endif
