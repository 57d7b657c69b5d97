/*
 * migrate/long_super.h - SUPER values that are too long to be read as JSON.
 *
 *   if (!rs_long_super_check(session, RS_STR("shop"), definition, where, err)) return false;
 *     -> could not read column "doc": it has a value of 81202 bytes as JSON, of 65535 at most
 *
 * JSON_SERIALIZE, by which values are carried and compared, gives a VARCHAR and fails past its
 * 65,535 bytes; JSON_SIZE does not. So it is asked before any row is carried, and a column that
 * cannot be is named.
 *
 * Pure:    no: network.   Threads: one thread at a time per session.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_json_size.html
 */
#ifndef RS_MIGRATE_LONG_SUPER_H
#define RS_MIGRATE_LONG_SUPER_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"
#include "warehouse/table_definition.h"

/*
 * The table's SUPER columns can be read; nothing is asked of a server that has none.
 *
 * where  of the rows that matter, as " WHERE ..."; or empty
 * err    RS_E_LIMIT with the first column that cannot; or why the server did not tell
 */
RS_MUST_USE bool rs_long_super_check(struct rs_session *session, struct rs_str schema,
                                     const struct rs_table_definition *definition,
                                     struct rs_str where, struct rs_error *err);

#endif
