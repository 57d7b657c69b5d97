/*
 * migrate/depot.h - the place in S3 where pieces lie between two databases.
 *
 *   struct rs_depot *depot = rs_depot_open(&env, &options, &err);
 *   rs_depot_append_key(depot, RS_STR("tracks/2026-11-01T00/"), &key)   "stage/migrate/.../tracks/..."
 *   rs_depot_clear(depot, s3, RS_STR(""), NULL, &err)            all that earlier runs have left
 *   rs_depot_close(depot);
 *
 * Below the stage's prefix each target and schema has a folder of its own, and one run at a time
 * uses it, so what lies there at the start is of a run that was killed.
 *
 * Pure:    no: network, variables, files.
 * Owns:    options are borrowed until close.
 * Threads: an open depot is only read; an S3 client each thread has of its own.
 */
#ifndef RS_MIGRATE_DEPOT_H
#define RS_MIGRATE_DEPOT_H

#include "aws/account.h"
#include "aws/s3.h"
#include "base/compiler.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "warehouse/copy.h"

struct rs_depot_options {
    struct rs_account_options account;
    const char *stage;    /* s3://bucket/prefix */
    struct rs_str folder; /* of the target and schema */
};

struct rs_depot;

RS_MUST_USE struct rs_depot *rs_depot_open(const struct rs_env *env,
                                           const struct rs_depot_options *options,
                                           struct rs_error *err);
void rs_depot_close(struct rs_depot *depot); /* NULL is nothing */

RS_MUST_USE struct rs_s3 *rs_depot_s3(const struct rs_depot *depot);
struct rs_str rs_depot_bucket(const struct rs_depot *depot);

/* What COPY and UNLOAD have to be told; empty: nothing. */
struct rs_str rs_depot_region(const struct rs_depot *depot);
const struct rs_account_options *rs_depot_account(const struct rs_depot *depot);

/* Append the key, or the URL, of what is called name in the depot. */
void rs_depot_append_key(const struct rs_depot *depot, struct rs_str name, struct rs_strbuf *out);
void rs_depot_append_url(const struct rs_depot *depot, struct rs_str name, struct rs_strbuf *out);

/* As whom a cluster uses S3: a role ("default" for its own), or NULL: our keys. */
struct rs_depot_access {
    struct rs_copy_access copy;
    struct rs_credentials keys;
};
RS_MUST_USE bool rs_depot_take_access(const struct rs_depot *depot, const char *role,
                                      struct rs_depot_access *out, struct rs_error *err);
void rs_depot_release_access(struct rs_depot_access *access);

/* Delete all whose names begin so. out_bytes, if not NULL, gets how much it was. */
RS_MUST_USE bool rs_depot_clear(const struct rs_depot *depot, struct rs_s3 *s3, struct rs_str name,
                                uint64_t *out_bytes, struct rs_error *err);

#endif
