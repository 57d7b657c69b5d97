/*
 * migrate/verify_report.h - what is not the same on two hosts, in text and in JSON.
 *
 * Pure:    yes.   Threads: one thread at a time per object.
 * Owns:    its texts; released with rs_verify_report_release.
 */
#ifndef RS_MIGRATE_VERIFY_REPORT_H
#define RS_MIGRATE_VERIFY_REPORT_H

#include "codec/html.h"
#include "rs/error.h"
#include "rs/strbuf.h"

/* Something that is not the same. */
struct rs_verify_difference {
    char *table;
    char *day;  /* "2026-11-01"; "none": rows without a time; "all": a table without received_at */
    char *what; /* columns that differ, or what is missing */
    uint64_t from_rows;
    uint64_t to_rows;
};

struct rs_verify_report {
    struct rs_verify_difference *differences; /* by table and day */
    size_t count;
    size_t capacity;
    char **notices; /* what could not be compared */
    size_t notice_count;
    size_t notice_capacity;
    uint64_t tables;
    uint64_t rows; /* of the old host */
    double seconds;
};

void rs_verify_report_release(struct rs_verify_report *report);
void rs_verify_report_text(const struct rs_verify_report *report, struct rs_strbuf *out);
void rs_verify_report_json(const struct rs_verify_report *report, const struct rs_error *err,
                           struct rs_strbuf *out);

/* The page for --report but for its end (codec/report_page.h); schema is what was named. */
void rs_verify_report_page(const struct rs_verify_report *report, const char *schema,
                           const struct rs_error *err, struct rs_html *html);

#endif
