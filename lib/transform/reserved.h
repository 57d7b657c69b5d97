/*
 * transform/reserved.h - names that Redshift keeps for itself.
 *
 *   "select", "order", "tag", "oid", "ctid" -> true
 *   "user_id", "SELECT", "ordering"         -> false
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html (the list of 2023,
 *          a superset of today's) and the system columns of PostgreSQL, which Redshift refuses too.
 */
#ifndef RS_TRANSFORM_RESERVED_H
#define RS_TRANSFORM_RESERVED_H

#include "rs/compiler.h"
#include "rs/str.h"

/* A name in lower case is a reserved word or a system column. */
bool rs_reserved_has(struct rs_str name);

#endif
