/*
 * Thin layers over system calls that go on after short counts and EINTR and say which path
 * failed. A tree is removed by descriptors (openat, unlinkat), never by paths, so a link that
 * somebody puts in while it goes on is removed itself and never followed.
 */
#include "base/fsutil.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum {
    READ_BYTES = 64 << 10,
    WAIT_MS = 250,
    WAITS_MAX = 40, /* ten seconds for somebody to write to a pipe */
};

/* All writers of a pipe have gone; where none has come yet this is not so. */
static bool has_ended(int fd)
{
    struct pollfd now = {.fd = fd, .events = POLLIN};
    return poll(&now, 1, 0) == 1 && (now.revents & POLLHUP) != 0;
}

/* Wait for something to read, but no longer than that a writer that says nothing yet is noticed. */
static void wait_for_pipe(int fd)
{
    struct pollfd wait_for = {.fd = fd, .events = POLLIN};
    (void)poll(&wait_for, 1, WAIT_MS);
}

/*
 * A pipe is opened without waiting for its writer, as that wait might have no end. Once one has come
 * it has all the time that it needs.
 */
static bool read_pieces(int fd, char *piece, const char *path, struct rs_strbuf *out,
                        struct rs_error *err)
{
    struct stat info = {0};
    unsigned waits = 0;
    bool begun = fstat(fd, &info) != 0 || !S_ISFIFO(info.st_mode);
    while (rs_strbuf_ok(out)) {
        ssize_t count = read(fd, piece, READ_BYTES);
        if (count < 0 && errno == EAGAIN) { /* somebody has it open to write */
            begun = true;
            wait_for_pipe(fd);
        } else if (count < 0 && errno != EINTR) {
            return rs_error_errno(err, RS_E_IO, errno, "read", path);
        } else if (count == 0 && (begun || has_ended(fd))) {
            return true;
        } else if (count == 0 && waits++ == WAITS_MAX) {
            (void)rs_error_set(err, RS_E_IO,
                               "could not read \"%s\": it is a pipe to which nobody writes", path);
            return rs_error_hint(err, "name a file, or begin to write to it first");
        } else if (count == 0) {
            wait_for_pipe(fd);
        } else if (count > 0) {
            begun = true;
            rs_strbuf_append_bytes(out, piece, (size_t)count);
        }
    }
    return rs_error_set(err, RS_E_LIMIT, "could not read \"%s\": it is larger than %zu bytes", path,
                        out->max_bytes);
}

bool rs_fs_read_file(const char *path, struct rs_strbuf *out, struct rs_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return rs_error_errno(err, RS_E_IO, errno, "read", path);
    }
    char *piece = rs_mem_alloc(READ_BYTES);
    bool ok = read_pieces(fd, piece, path, out, err);
    if (!is_stdin) {
        (void)close(fd);
    }
    rs_mem_wipe(piece, READ_BYTES); /* it may have been a token or a key */
    rs_mem_free(piece);
    return ok;
}

bool rs_fs_write_all(int fd, const void *bytes, size_t count, const char *name,
                     struct rs_error *err)
{
    const char *next = bytes;
    while (count > 0) {
        ssize_t written = write(fd, next, count);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0 && errno == EAGAIN) { /* a pipe that its other user set to not block */
            struct pollfd wait_for = {.fd = fd, .events = POLLOUT};
            (void)poll(&wait_for, 1, -1);
            continue;
        }
        if (written < 0) {
            int number = errno;
            (void)rs_error_errno(err, RS_E_IO, number, "write", name);
            if (number == ENOSPC || number == EDQUOT) {
                (void)rs_error_hint(err, "make room on that disk, or choose another place");
            }
            return false;
        }
        next += written;
        count -= (size_t)written;
    }
    return true;
}

bool rs_fs_make_dir(const char *path, struct rs_error *err)
{
    struct stat info = {0};
    if (mkdir(path, 0777) == 0) {
        return true;
    }
    int number = errno;
    if (number == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return true;
    }
    return rs_error_errno(err, RS_E_IO, number, "make the folder", path);
}

static bool remove_below(int parent, const char *name, const char *top, struct rs_error *err);

/* Remove all that a folder holds; takes the descriptor. */
static bool empty_folder(int fd, const char *top, struct rs_error *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        (void)rs_error_errno(err, RS_E_IO, errno, "remove", top);
        (void)close(fd);
        return false;
    }
    bool ok = true;
    const struct dirent *entry = NULL;
    while (ok && (errno = 0, entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            ok = remove_below(fd, entry->d_name, top, err);
        }
    }
    if (ok && errno != 0) {
        ok = rs_error_errno(err, RS_E_IO, errno, "remove", top);
    }
    (void)closedir(dir);
    return ok;
}

static bool remove_below(int parent, const char *name, const char *top, struct rs_error *err)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) {
        return true;
    }
    int number = errno;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        /* Not a folder: then why it could not be unlinked is what matters. */
        number = errno == ENOTDIR || errno == ELOOP ? number : errno;
        return rs_error_errno(err, RS_E_IO, number, "remove", top);
    }
    if (!empty_folder(fd, top, err)) {
        return false;
    }
    if (unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return rs_error_errno(err, RS_E_IO, errno, "remove", top);
    }
    return true;
}

bool rs_fs_remove_tree(const char *path, struct rs_error *err)
{
    /* "link/" means what the link points to, "link" the link. */
    char *bare = rs_mem_strdup(path);
    for (size_t i = strlen(bare); i > 1 && bare[i - 1] == '/'; i--) {
        bare[i - 1] = '\0';
    }
    bool ok = remove_below(AT_FDCWD, bare, path, err);
    rs_mem_free(bare);
    return ok;
}

int rs_fs_open_temp(const char *tmpdir, struct rs_error *err)
{
    const char *dir = tmpdir && tmpdir[0] != '\0' ? tmpdir : "/tmp";
    char *path = rs_fs_join(dir, "rs-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0) {
        (void)rs_error_errno(err, RS_E_IO, errno, "make a temporary file in", dir);
        (void)rs_error_hint(err, "set TMPDIR to a folder that can be written");
    } else {
        (void)unlink(path);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    rs_mem_free(path);
    return fd;
}

int rs_fs_check_place(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = rs_mem_strdup(slash ? path : ".");
    folder[slash ? (size_t)(slash - path) + 1 : 1] = '\0';
    int number = access(folder, W_OK | X_OK) != 0 ? errno : 0;
    rs_mem_free(folder);
    return number;
}

char *rs_fs_join(const char *dir, const char *name)
{
    size_t dir_length = strlen(dir);
    size_t name_length = strlen(name);
    bool slash = dir_length > 0 && dir[dir_length - 1] != '/';
    char *path = rs_mem_alloc(dir_length + (slash ? 1 : 0) + name_length + 1);
    memcpy(path, dir, dir_length);
    if (slash) {
        path[dir_length] = '/';
    }
    memcpy(path + dir_length + (slash ? 1 : 0), name, name_length + 1);
    return path;
}
