/*
 * Between the making of a folder and its lock another process may take it for a dead one's: then the
 * lock is refused, or is on a file that is gone, and another folder is made.
 */
#include "rows/partial.h"

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

enum {
    LETTERS = 6,
    MAKE_ATTEMPTS = 10,
    REMOVE_ATTEMPTS = 10,
    RESERVE_BYTES = 1 << 20, /* reading a folder takes 32 KiB a level */
};

static int lock_file(int fd)
{
    const struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &whole) == 0 ? 0 : errno;
}

static bool is_taken(int number)
{
    return number == EACCES || number == EAGAIN;
}

/* The file that fd is of is at path. */
static bool is_at(int fd, const char *path)
{
    struct stat opened = {0};
    struct stat there = {0};
    return fstat(fd, &opened) == 0 && lstat(path, &there) == 0 && opened.st_ino == there.st_ino &&
           opened.st_dev == there.st_dev;
}

/* Lock the new folder. False: somebody else took it for a dead one's. */
static bool claim(struct rs_partial *partial)
{
    char *path = rs_fs_join(partial->path, RS_PARTIAL_LOCK);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int number = fd >= 0 ? lock_file(fd) : errno;
    bool lost = is_taken(number) || number == ENOENT || (fd >= 0 && !is_at(fd, path));
    if (fd >= 0 && (number != 0 || lost)) {
        (void)unlink(path); /* without a lock it would look like a dead one's */
        (void)close(fd);
        fd = -1;
    }
    partial->lock = fd;
    rs_mem_free(path);
    return !lost;
}

/* Called by a thread that finds no memory, while others may still write. */
static void remove_at_last(void *arg)
{
    struct rs_partial *partial = arg;
    rs_mem_free(partial->reserve);
    for (int i = 0; i < REMOVE_ATTEMPTS; i++) {
        struct rs_error again = {0};
        if (rs_fs_remove_tree(partial->path, &again)) {
            break;
        }
    }
}

int rs_partial_make(struct rs_partial *partial, const char *stem)
{
    static const char letters[] = "XXXXXX";
    size_t length = strlen(stem);
    for (int i = 0; i < MAKE_ATTEMPTS; i++) {
        *partial = RS_PARTIAL_INIT;
        char *path = rs_mem_alloc(length + sizeof letters);
        memcpy(path, stem, length);
        memcpy(path + length, letters, sizeof letters);
        if (!mkdtemp(path)) {
            int number = errno;
            rs_mem_free(path);
            return number;
        }
        partial->path = path;
        if (claim(partial)) {
            partial->reserve = rs_mem_alloc(RESERVE_BYTES);
            rs_mem_before_end(remove_at_last, partial);
            return 0;
        }
        rs_partial_remove(partial);
    }
    return EAGAIN;
}

static void release(struct rs_partial *partial)
{
    rs_mem_before_end(NULL, NULL);
    if (partial->lock >= 0) {
        (void)close(partial->lock);
    }
    rs_mem_free(partial->reserve);
    rs_mem_free(partial->path);
    *partial = RS_PARTIAL_INIT;
}

int rs_partial_rename(struct rs_partial *partial, const char *name)
{
    char *lock = rs_fs_join(partial->path, RS_PARTIAL_LOCK);
    (void)unlink(lock);
    rs_mem_free(lock);
    if (rename(partial->path, name) != 0) {
        return errno;
    }
    release(partial);
    return 0;
}

void rs_partial_remove(struct rs_partial *partial)
{
    struct rs_error ignored = {0}; /* the error that led here is the one to tell */
    if (partial->path) {
        (void)!rs_fs_remove_tree(partial->path, &ignored);
    }
    release(partial);
}

/* Six letters or digits follow the stem's last part. */
static bool is_of_stem(const char *name, const char *stem)
{
    size_t length = strlen(stem);
    if (strncmp(name, stem, length) != 0 || strlen(name) != length + LETTERS) {
        return false;
    }
    return strspn(name + length, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789") == LETTERS;
}

/* Remove the folder, if it is ours and its process is gone. */
static bool sweep(const char *path)
{
    struct rs_error ignored = {0};
    struct stat info = {0};
    char *lock = rs_fs_join(path, RS_PARTIAL_LOCK);
    bool ours = lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid();
    int fd = ours ? open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
    bool dead =
        fd >= 0 && lock_file(fd) == 0 && is_at(fd, lock) && rs_fs_remove_tree(path, &ignored);
    if (fd >= 0) {
        (void)close(fd);
    }
    rs_mem_free(lock);
    return dead;
}

size_t rs_partial_sweep(const char *stem)
{
    const char *slash = strrchr(stem, '/');
    const char *last = slash ? slash + 1 : stem;
    char *folder = slash ? rs_mem_strndup(stem, (size_t)(slash - stem) + 1) : rs_mem_strdup(".");
    DIR *dir = opendir(folder);
    const struct dirent *entry = NULL;
    size_t count = 0;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (is_of_stem(entry->d_name, last)) {
            char *path = rs_fs_join(folder, entry->d_name);
            count += sweep(path) ? 1 : 0;
            rs_mem_free(path);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    rs_mem_free(folder);
    return count;
}
