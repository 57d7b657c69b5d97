/*
 * migrate/migration.h - a migration under way: migrate.c has its course, migrate_tables.c makes the
 * tables, migrate_plan.c says which pieces are to be copied, and all three work on this.
 *
 * Threads: main thread only, but for what migrate.c says.
 */
#ifndef RS_MIGRATE_MIGRATION_H
#define RS_MIGRATE_MIGRATION_H

#include "ledger/schema_lock.h"
#include "migrate/migrate.h"
#include "migrate/piece.h"
#include "migrate/row_key.h"

/* A table that is copied. */
struct rs_migrated_table {
    struct rs_table_definition *definition;   /* as on the old host */
    const struct rs_table_definition *target; /* as on the new one */
    const struct rs_table_definition_column *time;
    struct rs_migrate_table *report;
    bool settled;              /* it is there, or being made */
    struct rs_piece_list done; /* of earlier runs */
    struct rs_piece_list todo;
    struct rs_piece_list kept; /* of a table that was looked at: as they are there */
    bool is_marked;            /* rs_pieces says that not all of its rows came by pieces */
    bool is_looked_at;         /* what the new host has is summed up, not what rs_pieces says */
    const struct rs_table_definition_column *since; /* --since, where the table has the column */
    struct rs_row_key key;                          /* with since */
    char *since_value;        /* the greatest on the new host, as text; NULL: it has no rows */
    struct rs_strbuf overlap; /* what is taken off of it, as SQL */
    uint64_t seen;            /* what transactions before this one wrote is there; 0: not known */
};

struct rs_migration {
    const struct rs_env *env;
    struct rs_env uninterrupted_env; /* the same to whatever copies a piece: it knows no signals */
    const struct rs_migrate_options *options;
    struct rs_migrate_report *report;
    struct rs_hosts hosts;
    struct rs_schema_lock lock; /* of the new schema; its session knows no signals */
    struct rs_table_definitions old;
    struct rs_table_definitions new;
    bool schema_made; /* by this run */
    struct rs_migrated_table *migrated;
    size_t migrated_count;
    struct rs_horizon horizon; /* of the old host, before anything was read */
};

#endif
