/*
 * Everything is written to a temporary folder on the same file system and renamed in the end. A
 * bundle whose folder is not there yet is made in "<dir>.partial-XXXXXX" and appears at once. A
 * folder that is there already keeps its place, owner and mode (it may be a mount point): the
 * bundle is made in "<dir>/.partial-XXXXXX", and its files are moved up, schema.json last. So a
 * folder with a schema.json is a whole bundle; a killed run leaves a folder told by its name.
 */
#include "rows/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"

struct rs_bundle {
    char *target;
    char *partial;
    bool inside; /* the target is there already, and partial is in it */
    bool committed;
};

/* Is dir missing or an empty folder? */
static bool check_target(const char *dir, struct rs_error *err)
{
    DIR *folder = opendir(dir);
    if (!folder) {
        return errno == ENOENT || rs_error_errno(err, RS_E_USAGE, errno, "make a bundle in", dir);
    }
    bool empty = true;
    const struct dirent *entry = NULL;
    while (empty && (entry = readdir(folder)) != NULL) {
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    (void)closedir(folder);
    if (!empty) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "could not make a bundle in \"%s\": the folder is not empty", dir);
        return rs_error_hint(err, "name a folder that is not there yet, or empty this one");
    }
    return true;
}

static char *trim_slashes(const char *dir)
{
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') {
        length--;
    }
    char *copy = rs_mem_alloc(length + 1);
    memcpy(copy, dir, length);
    copy[length] = '\0';
    return copy;
}

static bool fail_parent(int number, const char *dir, struct rs_error *err)
{
    (void)rs_error_errno(err, RS_E_IO, number, "make a bundle in", dir);
    return rs_error_hint(err, "the folder above it must be there and writable");
}

bool rs_bundle_check(const char *dir, struct rs_error *err)
{
    if (!check_target(dir, err)) {
        return false;
    }
    char *target = trim_slashes(dir);
    int number = rs_fs_check_place(target);
    rs_mem_free(target);
    return number == 0 || fail_parent(number, dir, err);
}

struct rs_bundle *rs_bundle_open(const char *dir, struct rs_error *err)
{
    static const char beside[] = ".partial-XXXXXX";
    static const char inside[] = "/.partial-XXXXXX";
    struct stat status = {0};
    if (!check_target(dir, err)) {
        return NULL;
    }
    struct rs_bundle *bundle = rs_mem_zalloc(1, sizeof *bundle);
    bundle->target = trim_slashes(dir);
    bundle->inside = stat(bundle->target, &status) == 0;
    size_t length = strlen(bundle->target);
    bundle->partial = rs_mem_alloc(length + sizeof inside);
    memcpy(bundle->partial, bundle->target, length);
    if (bundle->inside) {
        memcpy(bundle->partial + length, inside, sizeof inside);
    } else {
        memcpy(bundle->partial + length, beside, sizeof beside);
    }
    if (!mkdtemp(bundle->partial)) {
        (void)fail_parent(errno, dir, err);
        bundle->committed = true; /* nothing to remove */
        rs_bundle_free(bundle);
        return NULL;
    }
    return bundle;
}

char *rs_bundle_path(const struct rs_bundle *bundle, const char *name)
{
    return rs_fs_join(bundle->partial, name);
}

bool rs_bundle_make_dir(struct rs_bundle *bundle, const char *name, struct rs_error *err)
{
    char *path = rs_bundle_path(bundle, name);
    bool ok = rs_fs_make_dir(path, err);
    rs_mem_free(path);
    return ok;
}

bool rs_bundle_write(struct rs_bundle *bundle, const char *name, struct rs_str text,
                     struct rs_error *err)
{
    char *path = rs_bundle_path(bundle, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool ok = fd >= 0 || rs_error_errno(err, RS_E_IO, errno, "make", path);
    ok = ok && rs_fs_write_all(fd, text.data, text.length, path, err);
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = rs_error_errno(err, RS_E_IO, errno, "write", path);
    }
    rs_mem_free(path);
    return ok;
}

/* mkdtemp makes a folder for its owner alone; a bundle is as open as the umask says. */
static bool open_mode(const char *path)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    return chmod(path, 0777 & ~mask) == 0;
}

static bool move_up(const struct rs_bundle *bundle, const char *name, struct rs_error *err)
{
    char *from = rs_fs_join(bundle->partial, name);
    char *to = rs_fs_join(bundle->target, name);
    bool ok = rename(from, to) == 0 || rs_error_errno(err, RS_E_IO, errno, "make", to);
    rs_mem_free(from);
    rs_mem_free(to);
    return ok;
}

/* Move all but schema.json from the partial folder into the target, then that. */
static bool move_all_up(const struct rs_bundle *bundle, struct rs_error *err)
{
    static const char last[] = "schema.json";
    DIR *folder = opendir(bundle->partial);
    bool ok = folder || rs_error_errno(err, RS_E_IO, errno, "read", bundle->partial);
    const struct dirent *entry = NULL;
    while (ok && (entry = readdir(folder)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, last) != 0) {
            ok = move_up(bundle, name, err);
        }
    }
    if (folder) {
        (void)closedir(folder);
    }
    return ok && move_up(bundle, last, err) &&
           (rmdir(bundle->partial) == 0 ||
            rs_error_errno(err, RS_E_IO, errno, "remove", bundle->partial));
}

bool rs_bundle_commit(struct rs_bundle *bundle, struct rs_error *err)
{
    if (bundle->inside) {
        bundle->committed = move_all_up(bundle, err);
        return bundle->committed;
    }
    if (!open_mode(bundle->partial) || rename(bundle->partial, bundle->target) != 0) {
        return rs_error_errno(err, RS_E_IO, errno, "make a bundle in", bundle->target);
    }
    bundle->committed = true;
    return true;
}

void rs_bundle_free(struct rs_bundle *bundle)
{
    if (!bundle) {
        return;
    }
    struct rs_error ignored = {0};
    bool removed = bundle->committed || rs_fs_remove_tree(bundle->partial, &ignored);
    (void)removed; /* the error that led here is the one to tell */
    rs_mem_free(bundle->target);
    rs_mem_free(bundle->partial);
    rs_mem_free(bundle);
}
