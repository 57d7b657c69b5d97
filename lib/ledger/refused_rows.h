/*
 * ledger/refused_rows.h - find the rows of a load that PostgreSQL refuses as too large.
 *
 *   if (rs_refused_rows_is_cause(&err)) ...          the load failed and was rolled back
 *   rs_refused_rows_find(session, &request, &count, &err)
 *     -> request->refusals.refuse(arg, ref) for each row; nothing has changed
 *
 * The server says that a row is too large, but not which: COPY tells of the line where it wrote a
 * lot of lines out, and UPDATE of none. So the load is played in a transaction that is rolled back,
 * a lot of rows at a time within a savepoint; a lot that is refused is halved. What a row meets in
 * the table is part of it: a user's stored values, or columns that were dropped.
 *
 * Limits:  lots of 4 MiB or 4096 rows are in memory.   Pure: no: statements on the session.
 * Threads: as rs_load_table.
 * Source:  PostgreSQL manual, "TOAST" and appendix "PostgreSQL Limits"
 */
#ifndef RS_LEDGER_REFUSED_ROWS_H
#define RS_LEDGER_REFUSED_ROWS_H

#include "ledger/load.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* The server's word for a row that it has no room for. */
bool rs_refused_rows_is_cause(const struct rs_error *err);

/*
 * Find them.
 *
 * count  how many; 0: the rows all find room when they come in lots
 * err    as rs_load_table
 */
RS_MUST_USE bool rs_refused_rows_find(struct rs_session *session,
                                      const struct rs_load_request *request, uint64_t *count,
                                      struct rs_error *err);

#endif
