/*
 * migrate/migrate_sequences.h - where sequences of PostgreSQL stand once the rows are there.
 *
 *   rs_migrate_set_sequences(&migration, &err)     after the rows
 *
 * The next id on the new host is the one that the old host would have given then, in whatever way
 * the new host has the sequence: of the same name, or as the identity or default of the same column.
 *
 * Pure:    no: databases.   Threads: main thread only.
 */
#ifndef RS_MIGRATE_MIGRATE_SEQUENCES_H
#define RS_MIGRATE_MIGRATE_SEQUENCES_H

#include "migrate/migration.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* The sequence gives ids to tables that are carried; where all are, each sequence is. */
bool rs_migrate_wants_sequence(const struct rs_migration *migration,
                               const struct rs_table_definition_sequence *sequence);

/* Sequences of tables that come from a host without any go on behind the values that were copied. */
RS_MUST_USE bool rs_migrate_set_sequences(struct rs_migration *migration, struct rs_error *err);

#endif
