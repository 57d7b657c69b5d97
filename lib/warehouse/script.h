/*
 * warehouse/script.h - the statements that load one table, in order, as text.
 *
 *   rs_script_make(&script, &target);
 *   for each script.steps[i]: run steps[i].sql, or feed the COPY that it starts
 *   rs_script_release(&script);
 *
 * A fresh table (new, or found empty) is copied into directly. Otherwise rows go to a temporary
 * table first, without a lock on the target, and then:
 *   events  batch rows older than the stored row of their id go, stored rows of the ids that are
 *           left go, the batch comes in (a tie or a missing received_at: the batch wins)
 *   folds   column by column the later value wins, by the times in the side table
 *           (warehouse/plan.h); rows are updated in place, so columns that are not ours stay as they are
 *
 * What changes the target is one transaction, from the step BEGIN on; the caller ends it. In
 * PostgreSQL that is the whole script. In Redshift three things stand before it: a varchar is
 * widened, which no transaction may do; and the batch is made and copied, so that LOCK, which has
 * to be the first statement of a transaction there, is not held while files are read.
 *
 * Rows that several shards have staged (rs_script_shards) go through the batch always: all COPYs
 * into it, then of the rows of one id all but the latest go, then as above. Folds are copied into
 * rs_shards and rs_shards_at, and the batch is filled and folded once for each shard.
 *
 * Owns:    the script owns its texts.
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/merge-replacing-existing-rows.html,
 *          c_serial_isolation.html (the snapshot is taken by the first statement after BEGIN),
 *          r_ALTER_TABLE.html, r_DELETE.html (no alias on its target).
 */
#ifndef RS_WAREHOUSE_SCRIPT_H
#define RS_WAREHOUSE_SCRIPT_H

#include "rs/compiler.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/copy.h"
#include "warehouse/plan.h"

enum rs_script_kind {
    RS_SCRIPT_SQL,
    RS_SCRIPT_ALONE,        /* before BEGIN, and for good: not again when the script is */
    RS_SCRIPT_BEGIN,        /* BEGIN: from here on it is all or nothing */
    RS_SCRIPT_BATCH,        /* makes a temporary table that outlives a failed transaction */
    RS_SCRIPT_EXPECT_EMPTY, /* a query: a row means that the table is not fresh */
    RS_SCRIPT_UNLESS,       /* a query: a row means to leave out the next step */
    RS_SCRIPT_COPY_ROWS,    /* PostgreSQL: starts a COPY that takes the rows; Redshift: all of it */
    RS_SCRIPT_COPY_TIMES,   /* the same for the times of a fold table */
    RS_SCRIPT_DUPLICATES,   /* the rows that it reports have lost to rows of other shards */
    RS_SCRIPT_COUNT,        /* a query for the rows of the load */
};

struct rs_script_step {
    enum rs_script_kind kind;
    struct rs_strbuf sql; /* one statement, no ";" */
    bool counts;          /* the rows that it reports are the rows of the load */
    uint64_t staged_rows; /* RS_SCRIPT_COPY_ROWS from files: as many have to come */
    const char *batch;    /* RS_SCRIPT_BATCH: its name, for DROP TABLE */
};

struct rs_script {
    struct rs_script_step *steps;
    size_t count;
    size_t capacity;
};

/* Files of a table, of whatever shards, that have the same columns. */
struct rs_script_list {
    const struct rs_table *columns; /* of the batch, in the order of the files */
    const struct rs_table *times;   /* of a fold table: the same for files of times */
    struct rs_str null_text;
    struct rs_str rows_url;  /* of a manifest */
    struct rs_str times_url; /* empty: there are none */
    uint64_t rows;
};

/*
 * What several shards have staged of a table. The batch has the table's columns and more, which no
 * name of ours meets: RS_SCRIPT_SHARD and RS_SCRIPT_PLACE (rs/schema.h) and what the
 * files have beside them.
 */
struct rs_script_shards {
    const struct rs_table *batch;
    const struct rs_table *times; /* of a fold table */
    const struct rs_script_list *lists;
    size_t list_count;
    const uint32_t *numbers; /* of the shards that have rows, in their order */
    size_t number_count;
};

#define RS_SCRIPT_SHARD "rs:shard"
#define RS_SCRIPT_PLACE "rs:place"

/* Where a table's rows are staged (Redshift). */
struct rs_script_stage {
    struct rs_copy_files files; /* its url: of the rows' manifest */
    struct rs_str times_url;    /* of the times' manifest; empty: no value is older than its row */
    uint64_t rows;
    const struct rs_script_shards *shards; /* then the URLs are there; NULL: of one run */
    bool has_bounds; /* the rows' received_at are all within these, in us since 1970 */
    int64_t oldest_us;
    int64_t newest_us;
};

struct rs_script_target {
    const struct rs_plan *plan;          /* that settled the table; dialect and schema */
    const struct rs_table *table;        /* columns in the order of the CSV */
    struct rs_str null_text;             /* what stands for NULL, unquoted, in the CSV */
    bool fresh;                          /* the table is new or empty */
    const struct rs_script_stage *stage; /* Redshift; in PostgreSQL the rows are streamed */
};

void rs_script_make(struct rs_script *out, const struct rs_script_target *target);
void rs_script_release(struct rs_script *script);

/* Temporary tables that a script makes before its transaction: so many at most. */
enum { RS_SCRIPT_BATCHES = 4 };

/* Append a query that returns a row when the table has one. */
void rs_script_append_exists(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table);

#endif
