/*
 * sync/table_limit.h - a run and the most tables that its database may have.
 *
 *   rs_table_limit_find(pipeline, &room, err)         before the plan, with the catalog read
 *   rs_table_limit_settle(pipeline);                  after: the notice, and what is lost
 *   rs_table_limit_discard(pipeline, discards, err)   with the tables: discards of the others
 *
 * Redshift has a limit of its own; everywhere else there is one where --max-tables gives it.
 *
 * Threads: main thread only.
 */
#ifndef RS_SYNC_TABLE_LIMIT_H
#define RS_SYNC_TABLE_LIMIT_H

#include "rows/spool.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/pipeline_state.h"

/* How many tables the plan may make; UINT64_MAX: no limit. */
RS_MUST_USE bool rs_table_limit_find(struct rs_pipeline *pipeline, uint64_t *room,
                                     struct rs_error *err);

/* Lay out the tables of the plan that found no room, and say so in a notice. */
void rs_table_limit_settle(struct rs_pipeline *pipeline);

/* Write their values as lines of rs_discards, or count them where discards is NULL. */
RS_MUST_USE bool rs_table_limit_discard(struct rs_pipeline *pipeline, struct rs_spool *discards,
                                        struct rs_error *err);

#endif
