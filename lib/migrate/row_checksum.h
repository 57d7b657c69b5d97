/*
 * migrate/row_checksum.h - SQL that tells rows apart by sums: counts and checksums, made in the
 * database.
 *
 *   SELECT <hour>, count(*), sum(<hash of a row>) ... GROUP BY 1
 *
 * A row's hash is 60 bits of the MD5 of its values, each as a text that is the same in PostgreSQL
 * and Redshift, with its column's number; NULL adds nothing, so that a new column of NULLs changes
 * no sum. Sums do not depend on the order of rows, and those of two ranges add up to that of both.
 *
 * A double is compared in full, by whole numbers, whatever number of digits a server prints. Where the dialects differ, json
 * and SUPER are compared without blanks. char(n) is compared without the blanks at its end.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  Amazon Redshift Developer Guide: MD5, STRTOL, JSON_SERIALIZE; PostgreSQL manual, 9.
 */
#ifndef RS_MIGRATE_ROW_CHECKSUM_H
#define RS_MIGRATE_ROW_CHECKSUM_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/sqltext.h"
#include "warehouse/table_definition.h"

/* How sums are made of one host's table. */
struct rs_row_checksum {
    enum rs_dialect dialect;
    bool across; /* the other host speaks the other dialect */
    const struct rs_table_definition *definition;
};

/*
 * The columns count together: those of wanted, by name, in its order. What is not there on this
 * host counts as NULL.
 */

/* The column's values can be compared with those of the other host. */
bool rs_row_checksum_can_compare(const struct rs_row_checksum *sum,
                                 const struct rs_table_definition_column *column);

/* Append the sum over rows of the hash of all columns of wanted, as a number. */
void rs_row_checksum_append_rows(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                                 const struct rs_table_definition *wanted);

/*
 * Append the same of one column alone, with the id that its value belongs to, where there is one.
 */
void rs_row_checksum_append_column(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                                   const struct rs_table_definition *wanted, size_t column);

/* In seconds. */
enum rs_row_checksum_unit { RS_ROW_CHECKSUM_HOUR = 3600, RS_ROW_CHECKSUM_DAY = 86400 };

/* Append the hour, or the day, that a time is in. */
void rs_row_checksum_append_unit(struct rs_strbuf *sql, enum rs_row_checksum_unit unit,
                                 const struct rs_table_definition_column *column);

/* The same as the database prints it, in units since 1970. */
RS_MUST_USE bool rs_row_checksum_parse_unit(struct rs_str text, enum rs_row_checksum_unit unit,
                                            int64_t *out, struct rs_error *err);

/* Append an instant as a literal of the column's type. */
void rs_row_checksum_append_instant(struct rs_strbuf *sql,
                                    const struct rs_table_definition_column *column, int64_t hour);

/* A sum as the database prints it, modulo 2^64; empty is 0. */
uint64_t rs_row_checksum_parse(struct rs_str text);

#endif
