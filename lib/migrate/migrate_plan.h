/*
 * migrate/migrate_plan.h - which pieces of a schema's tables a migration has to copy.
 *
 *   rs_migrate_plan(&migration, &err)     migration.migrated[i].todo, after the tables are made
 *
 * Pure:    no: databases.   Threads: main thread only; it starts and ends its own workers.
 */
#ifndef RS_MIGRATE_MIGRATE_PLAN_H
#define RS_MIGRATE_MIGRATE_PLAN_H

#include "migrate/migration.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* Fill done, todo and kept of all tables. */
RS_MUST_USE bool rs_migrate_plan(struct rs_migration *migration, struct rs_error *err);

/* All pieces are carried: rs_pieces tells of those that were looked at. */
RS_MUST_USE bool rs_migrate_settle(struct rs_migration *migration, struct rs_error *err);

#endif
