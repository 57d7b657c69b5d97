/*
 * migrate/piece_sql.h - the statements that take one piece out of a database and into another.
 *
 *   rs_piece_sql_append_select(&sql, &spec)    SELECT "id", ... FROM "shop"."tracks" WHERE ...
 *   rs_piece_sql_append_unload(&sql, &spec, &files)  UNLOAD ('SELECT ...') TO 's3://...' ...
 *   rs_piece_sql_append_delete(&sql, &spec)    DELETE FROM "shop"."tracks" WHERE received_at ...
 *   rs_piece_sql_append_copy(&sql, &spec, &files)    COPY "shop"."tracks" ... FROM 's3://...'
 *
 * Text is exact for every type of a table's columns, so no piece travels as PARQUET, which loses
 * the zone of a TIMESTAMPTZ and knows no TIME, TIMETZ and SUPER as they are. Between two Redshifts
 * it is delimited text with ADDQUOTES and ESCAPE, which keeps blanks at the ends of a value; to and
 * from PostgreSQL it is CSV. NULL is a marker of the run's own, which no value has: an empty text
 * stays one.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html, r_COPY.html
 */
#ifndef RS_MIGRATE_PIECE_SQL_H
#define RS_MIGRATE_PIECE_SQL_H

#include "migrate/piece.h"
#include "migrate/row_key.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/copy.h"
#include "warehouse/table_definition.h"

struct rs_piece_spec {
    struct rs_table_definition_place place; /* its schema is the new one */
    struct rs_str from_schema;
    const struct rs_table_definition *definition;  /* as it is on the old host */
    const struct rs_table_definition *target;      /* as it is on the new one, or NULL: the same */
    const struct rs_table_definition_column *time; /* received_at; NULL: the table has none */
    const struct rs_piece *piece;
    struct rs_str null_text;
    /* Of RS_PIECE_SINCE: */
    const struct rs_table_definition_column *since;
    struct rs_str since_value; /* as text; empty: from the first row on */
    struct rs_str overlap;     /* " - ..." */
    uint64_t seen; /* rows of transactions from this one on, too; 0: those without stamp */
    const struct rs_row_key *key;
    bool is_marked; /* rs_pieces knows of it */
};

/*
 * The temporary table that rows go into first: those of RS_PIECE_SINCE, and those that come from
 * Redshift in two parts.
 *
 * How many digits UNLOAD writes of a double is up to extra_float_digits, or not: that compute nodes
 * heed it is not settled. So a double travels as a text that is near to it and as what that lacks of
 * it, which has few digits: 15 of both are enough, and the new host adds them up. Not so in a table with an IDENTITY, which takes values from COPY alone, or one that
 * has no room for more columns.
 */
#define RS_PIECE_SQL_BATCH "rs_batch"

bool rs_piece_sql_has_batch(const struct rs_piece_spec *spec);

/* Where files are: url is a prefix for UNLOAD, a manifest for COPY. */
struct rs_piece_files {
    struct rs_str url;
    struct rs_copy_access access;
    struct rs_str region;     /* empty: the cluster's */
    struct rs_str encryption; /* UNLOAD: "aws:kms" wants the key's id; else empty */
    struct rs_str kms_key_id;
};

/* The column by which a table is cut: received_at, a timestamp. NULL: there is none. */
const struct rs_table_definition_column *
rs_piece_sql_time_column(const struct rs_table_definition *definition);

/* Append " WHERE ..." of the piece, or nothing when it is the whole table. */
void rs_piece_sql_append_where(struct rs_strbuf *sql, const struct rs_piece_spec *spec);

void rs_piece_sql_append_select(struct rs_strbuf *sql, const struct rs_piece_spec *spec);
void rs_piece_sql_append_unload(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                                const struct rs_piece_files *files);
void rs_piece_sql_append_delete(struct rs_strbuf *sql, const struct rs_piece_spec *spec);

/*
 * Append a statement about the batch: makes it as empty as the table's columns; of RS_PIECE_SINCE
 * alone, removes the table's rows that the batch has anew; puts the batch's rows in.
 */
void rs_piece_sql_append_batch(struct rs_strbuf *sql, const struct rs_piece_spec *spec);
void rs_piece_sql_append_drop_old(struct rs_strbuf *sql, const struct rs_piece_spec *spec);
void rs_piece_sql_append_put(struct rs_strbuf *sql, const struct rs_piece_spec *spec);

/* COPY from S3 (Redshift). */
void rs_piece_sql_append_copy(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                              const struct rs_piece_files *files);

/* COPY TO STDOUT and FROM STDIN (PostgreSQL). */
void rs_piece_sql_append_copy_out(struct rs_strbuf *sql, const struct rs_piece_spec *spec);
void rs_piece_sql_append_copy_in(struct rs_strbuf *sql, const struct rs_piece_spec *spec);

#endif
