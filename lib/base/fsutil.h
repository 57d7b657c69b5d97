/*
 * base/fsutil.h - whole-file and folder operations with errors a person can act on.
 *
 * Threads: reentrant.
 */
#ifndef RS_BASE_FSUTIL_H
#define RS_BASE_FSUTIL_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/*
 * Append a whole file to out. RS_E_IO when it cannot be read, or is a pipe that nobody opens to write
 * within ten seconds; RS_E_LIMIT when it does not fit in out's maximum. "-" reads standard input.
 */
RS_MUST_USE bool rs_fs_read_file(const char *path, struct rs_strbuf *out, struct rs_error *err);

/* Write all bytes to a descriptor, going on after short writes and EINTR. name is for errors. */
RS_MUST_USE bool rs_fs_write_all(int fd, const void *bytes, size_t count, const char *name,
                                 struct rs_error *err);

/* Make a folder; one that is there already is fine. */
RS_MUST_USE bool rs_fs_make_dir(const char *path, struct rs_error *err);

/* Remove a folder and all in it. A path that is not there is fine. Never follows links. */
RS_MUST_USE bool rs_fs_remove_tree(const char *path, struct rs_error *err);

/*
 * Open a nameless temporary file in $TMPDIR (else /tmp): it is gone when closed, also after a
 * kill. Returns a descriptor, or -1.
 */
RS_MUST_USE int rs_fs_open_temp(const char *tmpdir, struct rs_error *err);

/* 0 where a file or folder can be made at path, as far as its folder tells; else an errno. */
int rs_fs_check_place(const char *path);

/* dir + "/" + name, to be freed with rs_mem_free. */
RS_MUST_USE char *rs_fs_join(const char *dir, const char *name);

#endif
