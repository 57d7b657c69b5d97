/*
 * warehouse/capacity.h - how many tables a Redshift database may still make.
 *
 *   rs_capacity_read(session, &capacity, err)
 *   room = rs_capacity_room(&capacity, 0);       or with the limit that somebody gave
 *   rs_plan_make(&wanted, &existing, dialect, room, &plan);
 *
 *   4 slices on a node, 9000 tables  -> 190900     2 slices, 9850 tables  -> 0
 *   2 slices, 9000 tables            -> 800        2 slices, limit 20000  -> 11000
 *
 * SQL does not show a cluster's node type, so slices stand for it: nodes with four or more have a
 * limit of 200000 tables, as Serverless has, and the others one of 9900. Clusters of several
 * ra3.xlplus have 20000 and two slices a node: there the limit has to be given.
 *
 * The limit is the cluster's and counts temporary tables too. Only the tables of this database
 * are seen; RS_CAPACITY_SPARE of them are kept free for temporary ones, without which no table
 * that is there could be loaded.
 *
 * Pure:    rs_capacity_limit and rs_capacity_room; the others run a query or two.
 * Threads: as the session.
 * Source:  https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html
 */
#ifndef RS_WAREHOUSE_CAPACITY_H
#define RS_WAREHOUSE_CAPACITY_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "warehouse/session.h"

enum {
    RS_CAPACITY_LARGE = 200000,
    RS_CAPACITY_SMALL = 9900,
    RS_CAPACITY_LARGE_SLICES = 4, /* a node of so many has the larger limit */
    RS_CAPACITY_SPARE = 100,
};

struct rs_capacity {
    uint64_t tables; /* permanent ones that the database has */
    uint64_t slices; /* of the node that has the most; 0 where that cannot be seen */
};

/*
 * Ask the database for both. Slices that cannot be seen, because the user may not or because
 * Serverless has none, are no error: the larger limit is taken.
 *
 * out  written only on success
 */
RS_MUST_USE bool rs_capacity_read(struct rs_session *session, struct rs_capacity *out,
                                  struct rs_error *err);

/* Ask for the tables alone; PostgreSQL answers too. */
RS_MUST_USE bool rs_capacity_count(struct rs_session *session, uint64_t *out, struct rs_error *err);

/* The tables that there may be; max_tables is the limit that was given, 0 for none. */
uint64_t rs_capacity_limit(const struct rs_capacity *capacity, uint64_t max_tables);

/* The tables that may still be made. A limit that was given is kept to the last table. */
uint64_t rs_capacity_room(const struct rs_capacity *capacity, uint64_t max_tables);

#endif
