/*
 * warehouse/copy.h - the words of access, and the COPY and UNLOAD that only try it; see rs/copy.h.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
 */
#ifndef RS_WAREHOUSE_COPY_H
#define RS_WAREHOUSE_COPY_H

#include "rs/copy.h"

/* Append the words of COPY and UNLOAD that say as whom S3 is used; keys make the text a secret. */
void rs_copy_append_access(struct rs_strbuf *sql, const struct rs_copy_access *access);

/*
 * Append the UNLOAD that writes a query's rows as CSV, and the COPY that reads them and loads
 * nothing: whether the cluster reaches S3. files->url is a prefix.
 *
 * table, column  a temporary table's
 */
void rs_copy_append_unload(struct rs_strbuf *sql, struct rs_str query,
                           const struct rs_copy_files *files);
void rs_copy_append_noload(struct rs_strbuf *sql, struct rs_str table, struct rs_str column,
                           const struct rs_copy_files *files);

#endif
