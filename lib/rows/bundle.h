/*
 * rows/bundle.h - the folder of a bundle: made aside, complete or not there.
 *
 *   struct rs_bundle *bundle = rs_bundle_open("out", err);
 *   path = rs_bundle_path(bundle, "tracks/part-0000.csv.zst");    free with rs_mem_free
 *   rs_bundle_write(bundle, "schema.json", text, err);
 *   rs_bundle_commit(bundle, err);                                now "out" is there
 *   rs_bundle_free(bundle);                                       without commit: removed
 *
 * Pure:    no: files.
 * Threads: one thread at a time per object, but for rs_bundle_path.
 */
#ifndef RS_ROWS_BUNDLE_H
#define RS_ROWS_BUNDLE_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

struct rs_bundle;

/*
 * A bundle can be made at dir, as far as that can be told before it is: to be asked before the
 * work begins. What runs that were killed have left of it is removed first. Errors as in
 * rs_bundle_open.
 *
 * swept  how many folders that were
 */
RS_MUST_USE bool rs_bundle_check(const char *dir, size_t *swept, struct rs_error *err);

/*
 * Begin a bundle at dir: a temporary folder beside it.
 *
 * err  RS_E_USAGE when dir is there and not an empty folder; RS_E_IO
 */
RS_MUST_USE struct rs_bundle *rs_bundle_open(const char *dir, struct rs_error *err);

/* Path of a file of the bundle while it is made; to be freed with rs_mem_free. */
RS_MUST_USE char *rs_bundle_path(const struct rs_bundle *bundle, const char *name);

/* Make a folder in the bundle. */
RS_MUST_USE bool rs_bundle_make_dir(struct rs_bundle *bundle, const char *name,
                                    struct rs_error *err);

/* Make a file with this text. */
RS_MUST_USE bool rs_bundle_write(struct rs_bundle *bundle, const char *name, struct rs_str text,
                                 struct rs_error *err);

/* Give the bundle its name. */
RS_MUST_USE bool rs_bundle_commit(struct rs_bundle *bundle, struct rs_error *err);

/* Removes what was not committed; NULL is nothing. */
void rs_bundle_free(struct rs_bundle *bundle);

#endif
