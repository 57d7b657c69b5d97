/*
 * ledger/ledger_tables.h - the tools' own tables, which stand in the source's schema.
 *
 *   rs_syncs     a row a run, and a row each time somebody pauses or resumes
 *   rs_inputs    what is loaded: name, size and version of each input
 *   rs_loads     a row for each table of each run, written with the table's rows
 *   rs_discards  values that did not fit their column
 *   rs_rejects   lines that are no events
 *   rs_windows   how far a replay of rs-backfill has come; made by the first one
 *   rs_lock      empty; Redshift, which has no advisory locks: a run holds its lock
 *   rs_pieces    what a migration of rs-backfill has carried; made by the first one
 *
 *   rs_ledger_ensure(session, schema, &err)                    they are there
 *   rs_ledger_has_table(session, schema, "rs_syncs", &there, &err)
 *
 * They are read and written in lib/ledger alone, a file a noun: runs, inputs, windows, pieces, the
 * lock of a schema, and the load of a table with its row in rs_loads.
 *
 * Pure:    define and append: yes; the rest: statements on the session.   Threads: as the session.
 * Source:  the event-to-table contract in rs-schema(7).
 */
#ifndef RS_LEDGER_LEDGER_TABLES_H
#define RS_LEDGER_LEDGER_TABLES_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/session.h"
#include "warehouse/sqltext.h"

enum {
    RS_LEDGER_TEXT_MAX = 65535,  /* bytes of a value, a line or a message that is kept */
    RS_LEDGER_NAME_BYTES = 8192, /* of what names an input; longer names are cut */
    RS_LEDGER_VERSION_BYTES = 512,
};

/* The run that writes. */
struct rs_ledger_run {
    enum rs_dialect dialect; /* of the session */
    struct rs_str schema;
    struct rs_str sync_id;
    struct rs_str tool_version;
    int64_t started_us;
};

/* Add the ledger's tables to a schema. Their columns are in the order of their CSV. */
void rs_ledger_define(struct rs_schema *schema, enum rs_dialect dialect);

/* The same of rs_windows alone. */
void rs_ledger_define_windows(struct rs_schema *schema, enum rs_dialect dialect);

/* This is the name of one of them. */
bool rs_ledger_is_table(struct rs_str table);

/* Is this one of the ledger's tables, and there? */
RS_MUST_USE bool rs_ledger_has_table(struct rs_session *session, struct rs_str schema,
                                     const char *table, bool *out, struct rs_error *err);

/*
 * One column: the schemas of the database that have a ledger, by name, but those first that begin
 * like one that has none. NULL on failure.
 */
RS_MUST_USE struct rs_result *rs_ledger_list_schemas(struct rs_session *session, struct rs_str like,
                                                     struct rs_error *err);

/*
 * Make the schema and what is missing of the ledger. What is there is not touched, so a user
 * without CREATE can run on tables that somebody else made.
 */
RS_MUST_USE bool rs_ledger_ensure(struct rs_session *session, struct rs_str schema,
                                  struct rs_error *err);

/* Make rs_windows, where it is missing; the ledger is there. */
RS_MUST_USE bool rs_ledger_ensure_windows(struct rs_session *session, struct rs_str schema,
                                          struct rs_error *err);

/* For those who write them. */

/* Append text as a literal: valid UTF-8, at most max bytes of it. */
void rs_ledger_append_text(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str text,
                           size_t max_bytes);

void rs_ledger_append_time(struct rs_strbuf *sql, int64_t us);

/* Append "INSERT INTO" up to "VALUES ". */
void rs_ledger_append_insert(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table,
                             const char *columns);

/* Run one or more statements and forget their text. */
RS_MUST_USE bool rs_ledger_exec(struct rs_session *session, struct rs_strbuf *sql,
                                struct rs_error *err);

#endif
