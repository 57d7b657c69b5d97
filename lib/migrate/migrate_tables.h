/*
 * migrate/migrate_tables.h - a schema's tables, made or completed on the new host.
 *
 *   rs_migrate_prepare(&migration, &err)      the schema, and its lock
 *   rs_migrate_make_tables(&migration, &err)  migration.migrated
 *
 * Pure:    no: databases.   Threads: main thread only.
 */
#ifndef RS_MIGRATE_MIGRATE_TABLES_H
#define RS_MIGRATE_MIGRATE_TABLES_H

#include "migrate/migration.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* Schema, rs_pieces and the lock are there, and the lock is ours. */
RS_MUST_USE bool rs_migrate_prepare(struct rs_migration *migration, struct rs_error *err);

/* Make and complete the tables; fills migrated. */
RS_MUST_USE bool rs_migrate_make_tables(struct rs_migration *migration, struct rs_error *err);

/* Of migrated that of this name; NULL when it is not copied now. */
struct rs_migrated_table *rs_migrate_find(const struct rs_migration *migration,
                                          struct rs_str table);

#endif
