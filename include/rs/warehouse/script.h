/*
 * rs/warehouse/script.h - the statements that load one table, in order, as text.
 *
 *   rs_script_make(&script, &target);
 *   for each script.steps[i]: run steps[i].sql, or feed the COPY that it starts
 *   rs_script_release(&script);
 *
 * A fresh table (new, or found empty) is copied into directly. Otherwise rows go to a temporary
 * table first, without a lock on the target, and then:
 *   events  batch rows older than the stored row of their id go, stored rows of the ids that are
 *           left go, the batch comes in (a tie or a missing received_at: the batch wins)
 *   folds   column by column the later value wins, by the times in the side table (rs/warehouse/
 *           plan.h); rows are updated in place, so columns that are not ours stay as they are
 *
 * All statements of a script belong in one transaction. No ON CONFLICT and no MERGE, so the
 * merging statements are the same for Redshift.
 *
 * Owns:    the script owns its texts.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_WAREHOUSE_SCRIPT_H
#define RS_WAREHOUSE_SCRIPT_H

#include "rs/base/compiler.h"
#include "rs/base/str.h"
#include "rs/base/strbuf.h"
#include "rs/transform/schema.h"
#include "rs/warehouse/plan.h"

enum rs_script_kind {
    RS_SCRIPT_SQL,
    RS_SCRIPT_EXPECT_EMPTY, /* a query for one boolean: true means the table is not fresh */
    RS_SCRIPT_UNLESS,       /* a query for one boolean: true means to leave out the next step */
    RS_SCRIPT_COPY_ROWS,    /* starts a COPY that takes the rows */
    RS_SCRIPT_COPY_TIMES,   /* starts a COPY that takes the times of a fold table */
};

struct rs_script_step {
    enum rs_script_kind kind;
    struct rs_strbuf sql; /* one statement, no ";" */
    bool counts;          /* the rows that it reports are the rows of the load */
};

struct rs_script {
    struct rs_script_step *steps;
    size_t count;
    size_t capacity;
};

struct rs_script_target {
    const struct rs_plan *plan;   /* that settled the table; names the schema */
    const struct rs_table *table; /* columns in the order of the CSV */
    struct rs_str null_text;      /* what stands for NULL, unquoted, in the CSV */
    bool fresh;                   /* the table is new or empty */
};

void rs_script_make(struct rs_script *out, const struct rs_script_target *target);
void rs_script_release(struct rs_script *script);

/* Append SELECT EXISTS (...): is there a row in the table. */
void rs_script_append_exists(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table);

#endif
