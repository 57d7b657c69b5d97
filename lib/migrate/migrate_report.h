/*
 * migrate/migrate_report.h - what a migration did, in text and in JSON.
 *
 * Pure:    yes.   Threads: one thread at a time per object.
 * Owns:    its texts; released with rs_migrate_report_release.
 */
#ifndef RS_MIGRATE_MIGRATE_REPORT_H
#define RS_MIGRATE_MIGRATE_REPORT_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"

struct rs_migrate_table {
    char *name;
    uint64_t rows;  /* copied by this run */
    uint64_t bytes; /* the same as staged or sent */
    uint64_t pieces;
    uint64_t kept_pieces;  /* that were there as they are */
    uint64_t extra_rows;   /* --since: more than on the old host */
    uint64_t missing_rows; /* --since: less */
    bool made;
};

struct rs_migrate_report {
    struct rs_migrate_table *tables; /* by name */
    size_t table_count;
    uint64_t rows;
    uint64_t bytes;
    uint64_t pieces;
    uint64_t pieces_left; /* not copied, as the run ended before */
    double seconds;
    char **notices; /* sentences for a person */
    size_t notice_count;
    size_t notice_capacity;
    char **warnings; /* the same of what wants doing, also where nobody wants notices */
    size_t warning_count;
    size_t warning_capacity;
};

/* Add a sentence for a person. */
void rs_migrate_notice(struct rs_migrate_report *report, const char *fmt, ...) RS_PRINTF(2, 3);
void rs_migrate_warn(struct rs_migrate_report *report, const char *fmt, ...) RS_PRINTF(2, 3);

void rs_migrate_report_release(struct rs_migrate_report *report);
void rs_migrate_report_text(const struct rs_migrate_report *report, struct rs_strbuf *out);

/* One JSON object on a line. */
void rs_migrate_report_json(const struct rs_migrate_report *report, const struct rs_error *err,
                            struct rs_strbuf *out);

#endif
