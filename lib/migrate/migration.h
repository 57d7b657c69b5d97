/*
 * migrate/migration.h - a migration under way: migrate.c has its course, migrate_tables.c makes the
 * tables, migrate_plan.c says which pieces are to be copied.
 *
 * Pure:    no: databases.   Threads: main thread only, but for what migrate.c says.
 */
#ifndef RS_MIGRATE_MIGRATION_H
#define RS_MIGRATE_MIGRATION_H

#include "migrate/migrate.h"
#include "migrate/piece.h"
#include "migrate/piece_sql.h"

/* A table that is copied. */
struct rs_migrated_table {
    struct rs_relation *relation;     /* as on the old host */
    const struct rs_relation *target; /* as on the new one */
    const struct rs_relation_column *time;
    struct rs_migrate_table *report;
    struct rs_piece_list done; /* of earlier runs */
    struct rs_piece_list todo;
    const struct rs_relation_column *since; /* --since, where the table has the column */
    char *since_value; /* the greatest on the new host, as text; NULL: it has no rows */
};

struct rs_migration {
    const struct rs_env *env;
    struct rs_env uninterrupted_env; /* the same to whatever copies a piece: it knows no signals */
    const struct rs_migrate_options *options;
    struct rs_migrate_report *report;
    struct rs_hosts hosts;
    struct rs_session *lock; /* holds the new schema's lock */
    struct rs_relations old;
    struct rs_relations new;
    bool schema_made; /* by this run */
    struct rs_migrated_table *migrated;
    size_t migrated_count;
};

void rs_migrate_notice(struct rs_migrate_report *report, const char *fmt, ...) RS_PRINTF(2, 3);

/* Schema, rs_pieces and the lock are there, and the lock is ours. */
RS_MUST_USE bool rs_migrate_prepare(struct rs_migration *migration, struct rs_error *err);

/* Make and complete the tables; fills parts. */
RS_MUST_USE bool rs_migrate_make_tables(struct rs_migration *migration, struct rs_error *err);

/* PostgreSQL: identities go on behind the values that were copied. */
RS_MUST_USE bool rs_migrate_advance(struct rs_migration *migration, struct rs_error *err);

/* The same with --since: migrate_since.c. */
RS_MUST_USE bool rs_migrate_plan_since(struct rs_migration *migration, struct rs_error *err);

/* Fill done and todo of all parts. */
RS_MUST_USE bool rs_migrate_plan(struct rs_migration *migration, struct rs_error *err);

#endif
