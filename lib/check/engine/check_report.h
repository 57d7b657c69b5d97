/*
 * check/engine/check_report.h - what came out of a run, for a person and for machines.
 *
 *   rs_check_report_text(&run, &(struct rs_check_view){.utf8 = true, .columns = 80}, &out);
 *   rs_check_report_json(&run, &err, &out);
 *   rs_check_verdict(&run).counts[RS_CHECK_FAIL] -> 1
 *
 * Pure:    yes.   Threads: after rs_check_go.
 */
#ifndef RS_CHECK_ENGINE_CHECK_REPORT_H
#define RS_CHECK_ENGINE_CHECK_REPORT_H

#include "check/engine/check_run.h"
#include "rs/error.h"
#include "rs/strbuf.h"

/*
 * It is in the report: it was asked for, or it is why one that was asked for could not run, which
 * nobody would understand without.
 */
bool rs_check_is_shown(const struct rs_check_run *run, enum rs_check_id id);

struct rs_check_verdict {
    unsigned counts[RS_CHECK_FAIL + 1]; /* of what is shown, by status */
    bool unreachable;                   /* no session could be opened: exit 4 */
};

struct rs_check_verdict rs_check_verdict(const struct rs_check_run *run);

/* How the report is printed. */
struct rs_check_view {
    bool color;
    bool utf8;      /* symbols; else letters stand for them */
    bool verbose;   /* details of what is well, and a line for each that was not tried */
    size_t columns; /* of the screen; 0: lines are not broken */
};

/* Append the table for a person, its last line the verdict. */
void rs_check_report_text(const struct rs_check_run *run, const struct rs_check_view *view,
                          struct rs_strbuf *out);

/* Append one JSON object and a line end. */
void rs_check_report_json(const struct rs_check_run *run, const struct rs_error *err,
                          struct rs_strbuf *out);

/* Append one line: the symbol, the title and what was seen of one check. */
void rs_check_line_text(const struct rs_check_run *run, enum rs_check_id id,
                        const struct rs_check_view *view, struct rs_strbuf *out);

#endif
