/*
 * warehouse/widen.h - a longer varchar in a table, and what may stand in its way.
 *
 *   struct rs_widening widening;
 *   rs_widen_column(session, schema, &step, &widening, &err)      false: not done, nobody knows why
 *   widening.way, rs_strbuf_cstr(&widening.why)
 *   rs_widening_release(&widening);
 *
 * Redshift widens a varchar in place, but it is reported to refuse one that is a DISTKEY or in a
 * SORTKEY (also where automatic table optimisation chose it), that has a default, is in a PRIMARY
 * KEY, UNIQUE or FOREIGN KEY, has the encoding BYTEDICT, RUNLENGTH, TEXT255 or TEXT32K, or is used
 * by a view. So that is tried first, and what it says is the truth, whatever the catalog tells.
 *
 * Where it refuses for the encoding (ENCODE AUTO may have chosen it), the column gets ENCODE lzo, which
 * loses nothing, and is widened in place then; the table's ENCODE AUTO is set again.
 *
 * Where it refuses for else, a new column takes the old one's place in one transaction: added, filled, made
 * the key where the old one was, renamed when the old one is dropped. The table stays the one that
 * it is, with its owner, its privileges, its views of other columns and its rows; the column is its
 * last one afterwards. A new table in the place of the old one would lose all of these.
 *
 * Neither is done where something would be lost with the column: then it is kept as it is.
 *   a view uses it: DROP COLUMN refuses, and views are nobody's to drop
 *   somebody has privileges on the column alone, or it is NOT NULL, or in a constraint
 *   it is in an INTERLEAVED SORTKEY, which cannot be altered
 *
 * PostgreSQL widens any column in place, within the load, but one that a view or the like uses; there
 * it is kept, too.
 *
 * Pure:    no: statements on the session, whose search_path changes.
 * Owns:    a widening its texts; released with rs_widening_release.
 * Threads: as the session.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html;
 *          estuary/connectors#4893 ("found unexpected dependency for column", XX000); PostgreSQL's
 *          source, ATExecAlterColumnType
 */
#ifndef RS_WAREHOUSE_WIDEN_H
#define RS_WAREHOUSE_WIDEN_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "warehouse/plan.h"
#include "warehouse/session.h"
#include "warehouse/table_definition.h"

enum rs_widening_way {
    RS_WIDEN_IN_PLACE,
    RS_WIDEN_ENCODE,  /* in place, after another encoding */
    RS_WIDEN_REPLACE, /* a new column takes the place */
    RS_WIDEN_KEEP,    /* it stays as it is */
};

struct rs_widening {
    unsigned
        lock_timeout_ms; /* for rs_widen_column: how long others' locks may take; 0: no limit */
    enum rs_widening_way way;
    struct rs_strbuf why; /* what is in the way, as a sentence: "it is the DISTKEY"; or empty */
    struct rs_strbuf sql; /* of _ENCODE and _REPLACE: the statements, each ended by ";\n" */
};

#define RS_WIDENING_INIT                                                                           \
    {                                                                                              \
        0, RS_WIDEN_IN_PLACE, RS_STRBUF_INIT(4096), RS_STRBUF_INIT(1 << 20)                        \
    }

/*
 * Foretell what rs_widen_column will do, from the catalog. RS_WIDEN_ENCODE and _REPLACE are where
 * Redshift may refuse to widen the column in place.
 *
 * definitions  of the schema (warehouse/table_definition_read.h)
 * step         RS_PLAN_WIDEN_COLUMN
 * out          RS_WIDENING_INIT before the call
 * err          RS_E_NET, RS_E_INTERRUPTED; what a user may not see is no error, but in the way
 */
RS_MUST_USE bool rs_widening_foretell(struct rs_session *session,
                                      const struct rs_table_definitions *definitions,
                                      const struct rs_plan_step *step, struct rs_widening *out,
                                      struct rs_error *err);

/*
 * Widen the column, by whatever way is open; out says which it was, also when this is the second
 * call for a column that the first has widened.
 *
 * schema  of the plan
 * err     RS_E_NET (retryable); RS_E_DATABASE for what says nothing of the column: a conflict
 *         (retryable), a full disk, a privilege; RS_E_BUSY, with who has a lock on the table;
 *         RS_E_INTERRUPTED. A refusal is no error: it is RS_WIDEN_KEEP.
 */
RS_MUST_USE bool rs_widen_column(struct rs_session *session, struct rs_str schema,
                                 const struct rs_plan_step *step, struct rs_widening *out,
                                 struct rs_error *err);

/*
 * The same for PostgreSQL, where the load widens columns in its transaction: RS_WIDEN_KEEP where a
 * view, a trigger or the like uses the column, else RS_WIDEN_IN_PLACE.
 *
 * err  as the session's
 */
RS_MUST_USE bool rs_widening_find_user(struct rs_session *session, struct rs_str schema,
                                       const struct rs_plan_step *step, struct rs_widening *out,
                                       struct rs_error *err);

void rs_widening_release(struct rs_widening *widening);

#endif
