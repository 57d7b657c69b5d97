/*
 * rs/copy.h - the COPY statements.
 *
 *   COPY "shop"."tracks" ("id", "received_at") FROM 's3://bucket/stage/tracks/manifest'
 *   IAM_ROLE default FORMAT CSV ZSTD MANIFEST NULL AS '\\N' TIMEFORMAT 'auto'
 *   COMPUPDATE OFF STATUPDATE OFF
 *
 *   COPY "shop"."tracks" ("id", "received_at") FROM STDIN WITH (FORMAT csv, NULL '\N')
 *
 * No option that would change or leave out data in silence is ever used (TRUNCATECOLUMNS,
 * ACCEPTINVCHARS, ACCEPTANYDATE, BLANKSASNULL, EMPTYASNULL, MAXERROR): the values fit, or the
 * load fails and says why. Statements have no ";" at their end.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html; PostgreSQL manual, COPY.
 */
#ifndef RS_COPY_H
#define RS_COPY_H

#include "rs/compiler.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/* What is filled. */
struct rs_copy_into {
    struct rs_str schema;           /* empty: name is a temporary table's */
    struct rs_str name;             /* of the table */
    const struct rs_table *columns; /* its columns that are filled, in the rows' order */
    struct rs_str null_text;        /* what stands for NULL, unquoted, in the rows */
};

enum rs_copy_compression { RS_COPY_PLAIN, RS_COPY_GZIP, RS_COPY_ZSTD };

/*
 * As whom the cluster reads S3: a role attached to it (an ARN, or a chain of them with commas), or
 * keys, temporary ones as a rule. All empty: the cluster's default role.
 */
struct rs_copy_access {
    struct rs_str iam_role;
    struct rs_str access_key_id;
    struct rs_str secret_access_key; /* secret, as the session's token: not for logs */
    struct rs_str session_token;
};

struct rs_copy_files {
    struct rs_str url; /* s3://bucket/prefix, or of a manifest */
    struct rs_copy_access access;
    struct rs_str region;                 /* of the bucket; empty: the cluster's */
    enum rs_copy_compression compression; /* of all files alike */
    bool manifest;                        /* url is a manifest's */
};

/* Append the COPY that loads files from S3 into a table in Redshift. */
RS_API void rs_copy_append_s3(struct rs_strbuf *sql, const struct rs_copy_into *into,
                              const struct rs_copy_files *files);

/*
 * Append the COPY FROM STDIN that fills a table in PostgreSQL.
 *
 * freeze  the table is made in this transaction, so its rows need no vacuum later
 */
RS_API void rs_copy_append_stdin(struct rs_strbuf *sql, const struct rs_copy_into *into,
                                 bool freeze);

#endif
