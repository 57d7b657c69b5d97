/*
 * Walks folders: the names of one folder are read and sorted, the folder is closed, and only
 * then the ones below are walked, so that depth costs no descriptors. Its identity, and so
 * the ledger's key and what tells a loop, is the absolute path without links; it is put
 * together on the way down and asked of the system only where a link is followed, because
 * realpath(3) looks at every part of a path again.
 */
#include "read/source_local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"
#include "rs/str.h"

enum {
    READ_MAX = 1 << 30, /* Linux reads no more than 2 GiB at once */
    WAIT_MS = 250,
    WAITS_TOLD = 8, /* two seconds */
    VERSION_MAX = 32,
};

/* What is wrong with the process or the machine; all else is wrong with one thing alone. */
static bool is_of_process(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOMEM;
}

/* What a name was meant to be that is not there; NULL: nothing comes to mind. */
static const char *hint_of_name(const char *name)
{
    if (name[0] == '~') {
        return "a shell makes ~ a folder only where it begins a word, and is not quoted; files of "
               "options have no shell: write the whole path, or $HOME in a shell";
    }
    if (strncmp(name, "file:", 5) == 0) {
        return "name the file alone: /PATH";
    }
    if (strncasecmp(name, "s3:", 3) == 0) {
        return "write it as s3://BUCKET/PREFIX";
    }
    return strpbrk(name, "*?[") ? "it looks like a pattern, which is a shell's to put names in "
                                  "for: nothing fits, or it is quoted; name the folder, and leave "
                                  "out what is not wanted with --exclude"
                                : NULL;
}

/* Record "could not read "<name>": <errno's text>" with a hint what to do. Always false. */
static bool fail_read(const char *name, int number, struct rs_error *err)
{
    static const struct {
        int number;
        const char *hint;
    } hints[] = {
        {ENOENT, "check the name; a link must point to something that is there"},
        {EACCES, "give the file and the folders above it read permission, or leave it out"},
        {ELOOP, "a link points to itself: repair it, or leave it out"},
        {ENOTDIR, "a part of the path is a file, not a folder: check the name"},
        {EIO, "the disk or the network file system failed: see the system's log"},
        {EMFILE, "raise the limit on open files (ulimit -n)"},
    };
    (void)rs_error_errno(err, is_of_process(number) ? RS_E_IO : RS_E_INPUT, number, "read", name);
    if (number == ENOENT && hint_of_name(name)) {
        return rs_error_hint(err, "%s", hint_of_name(name));
    }
    for (size_t i = 0; i < RS_COUNTOF(hints); i++) {
        if (hints[i].number == number) {
            return rs_error_hint(err, "%s", hints[i].hint);
        }
    }
    return false;
}

/* ---- listing -------------------------------------------------------------------------------- */

struct names {
    char **items;
    size_t count;
    size_t capacity;
};

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* What is the same for all that is below an operand. */
struct walk {
    struct rs_input_list *list;
    size_t operand_bytes;
};

static void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        rs_mem_free(names->items[i]);
    }
    rs_mem_free(names->items);
}

/* The names in a folder that are to be looked at, in byte order. 0, or an errno. */
static int read_names(struct rs_input_list *list, const char *path, struct names *names)
{
    DIR *dir = opendir(path);
    if (!dir) {
        return errno;
    }
    const struct dirent *entry = NULL;
    while (errno = 0, (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        if (name[0] == '.') {
            bool itself_or_parent = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
            list->skipped_hidden += itself_or_parent ? 0 : 1;
            continue;
        }
        names->items =
            rs_mem_grow(names->items, &names->capacity, names->count + 1, sizeof *names->items);
        names->items[names->count++] = rs_mem_strdup(name);
    }
    int number = errno;
    (void)closedir(dir);
    if (names->count > 0) {
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    }
    return number;
}

/* Nanoseconds from 1970 to the time, as the ledger has always had them. */
static char *version_of(struct timespec time)
{
    char text[VERSION_MAX] = "";
    const int64_t second_ns = 1000000000;
    int64_t ns = time.tv_sec < 0 ? INT64_MIN : INT64_MAX; /* a file system may hold any number */
    if (time.tv_sec < INT64_MAX / second_ns && time.tv_sec > INT64_MIN / second_ns) {
        ns = (int64_t)time.tv_sec * second_ns + time.tv_nsec;
    }
    (void)snprintf(text, sizeof text, "%lld", (long long)ns);
    return rs_mem_strdup(text);
}

static bool add_file(const struct walk *walk, const char *name, const char *identity,
                     const struct stat *info, struct rs_error *err)
{
    struct rs_input_list *list = walk->list;
    bool skip = false;
    if (!rs_input_list_check_day(list, walk->operand_bytes, name, identity, &skip, err)) {
        return false;
    }
    if (!skip && rs_input_list_first_seen(list, identity)) {
        struct rs_input *input = rs_input_list_append(list, name, identity);
        input->version = version_of(info->st_mtim);
        input->size_bytes = info->st_size < 0 ? 0 : (uint64_t)info->st_size;
    }
    return true;
}

/* What is below an operand and cannot be looked at is listed as an input that cannot be read. */
static bool leave_out(const struct walk *walk, const char *name, const char *identity, int number,
                      struct rs_error *err)
{
    (void)fail_read(name, number, err);
    if (is_of_process(number)) {
        return false;
    }
    rs_input_list_append_failure(walk->list, walk->operand_bytes, name, identity, err);
    return true;
}

/*
 * A stream must not be opened to look whether it can be: its writer would see it close. Links
 * to pipes such as /dev/fd/63 have no real path, so device and inode tell it from others.
 */
static bool add_stream(const struct walk *walk, const char *name, const struct stat *info,
                       struct rs_error *err)
{
    struct rs_input_list *list = walk->list;
    char key[64] = "";
    bool skip = false;
    if (!rs_input_list_check_day(list, 0, name, NULL, &skip, err)) {
        return false;
    }
    if (faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) != 0) {
        return leave_out(walk, name, name, errno, err);
    }
    (void)snprintf(key, sizeof key, "stream %llu %llu", (unsigned long long)info->st_dev,
                   (unsigned long long)info->st_ino);
    if (rs_input_list_first_seen(list, key)) {
        rs_input_list_append(list, name, NULL)->is_stream = true;
    }
    return true;
}

static bool add_folder(const struct walk *walk, const char *name, const char *identity,
                       struct rs_error *err);

/* What a folder holds under one name: list it if it is a file, go on below if it is a folder. */
static bool add_entry(const struct walk *walk, const char *path, const char *identity,
                      struct rs_error *err)
{
    struct stat info = {0};
    char *resolved = NULL;
    bool ok = true;
    if (rs_input_list_excludes(walk->list, rs_str_from(path), walk->operand_bytes)) {
        return true;
    }
    if (lstat(path, &info) != 0) {
        return leave_out(walk, path, identity, errno, err);
    }
    if (S_ISLNK(info.st_mode)) {
        resolved = realpath(path, NULL);
        if (!resolved || stat(path, &info) != 0) {
            ok = leave_out(walk, path, identity, errno, err);
            goto out;
        }
        identity = resolved;
    }
    if (S_ISDIR(info.st_mode)) {
        const char *name = strrchr(path, '/') + 1;
        ok = rs_input_list_skips_folder(walk->list, rs_str_from(name)) ||
             add_folder(walk, path, identity, err);
    } else if (S_ISREG(info.st_mode)) {
        ok = add_file(walk, path, identity, &info, err);
    } else {
        walk->list->skipped_special++;
    }
out:
    free(resolved);
    return ok;
}

static bool add_folder(const struct walk *walk, const char *name, const char *identity,
                       struct rs_error *err)
{
    struct names names = {0};
    if (!rs_input_list_first_seen(walk->list, identity)) {
        return true;
    }
    int number = read_names(walk->list, name, &names);
    bool ok = number == 0 || leave_out(walk, name, identity, number, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        char *path = rs_fs_join(name, names.items[i]);
        char *below = rs_fs_join(identity, names.items[i]);
        ok = add_entry(walk, path, below, err);
        rs_mem_free(below);
        rs_mem_free(path);
    }
    names_release(&names);
    return ok;
}

/* Where the last part of an operand begins, by which --exclude may name it. */
static size_t last_part(const char *operand)
{
    const char *slash = strrchr(operand, '/');
    return slash ? (size_t)(slash - operand) + 1 : 0;
}

bool rs_source_local_add(struct rs_input_list *list, const char *operand, struct rs_error *err)
{
    const struct walk walk = {list, strlen(operand)};
    struct stat info = {0};
    if (stat(operand, &info) != 0) {
        bool denied = errno == EACCES;
        return denied ? leave_out(&walk, operand, operand, EACCES, err)
                      : fail_read(operand, errno, err); /* a name that is mistyped, say */
    }
    if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
        return add_stream(&walk, operand, &info, err);
    }
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
        (void)rs_error_set(err, RS_E_INPUT,
                           "could not read \"%s\": it is neither a file, a folder nor a pipe",
                           operand);
        return rs_error_hint(err, "name a file, a folder, or - for standard input");
    }
    if (S_ISREG(info.st_mode) &&
        rs_input_list_excludes(list, rs_str_from(operand), last_part(operand))) {
        return true;
    }
    char *identity = realpath(operand, NULL);
    if (!identity) {
        return fail_read(operand, errno, err);
    }
    bool ok = S_ISDIR(info.st_mode) ? add_folder(&walk, operand, identity, err)
                                    : add_file(&walk, operand, identity, &info, err);
    free(identity);
    return ok;
}

/* ---- reading -------------------------------------------------------------------------------- */

struct local_bytes {
    struct rs_bytes bytes;
    const struct rs_input *input;
    const struct rs_env *env;
    int fd;
    uint64_t taken_bytes;
    unsigned waits; /* for its first bytes */
};

/* A pipe is a good input, but one that waits in silence looks like a fault. */
static void tell_waiting(struct local_bytes *local)
{
    bool named = !local->input->is_stdin && local->env && local->taken_bytes == 0;
    if (named && ++local->waits == WAITS_TOLD) {
        rs_log(&local->env->log, RS_LOG_NOTICE,
               "waiting for \"%s\": it is a pipe, and nobody has written to it yet",
               local->input->name);
    }
}

/*
 * Return when a stream has something to read or has ended. The wait has a limit, so that a signal
 * which another thread took still ends it.
 */
static bool wait_for_stream(struct local_bytes *local, struct rs_error *err)
{
    int ready = 0;
    while (ready == 0) {
        struct pollfd wait_for = {.fd = local->fd, .events = POLLIN};
        if (local->env && !rs_env_check_interrupt(local->env, err)) {
            return false;
        }
        ready = poll(&wait_for, 1, WAIT_MS);
        if (ready < 0 && errno != EINTR && errno != EAGAIN) {
            return fail_read(local->input->name, errno, err);
        }
        ready = ready < 0 ? 0 : ready;
        if (ready == 0) {
            tell_waiting(local);
        }
    }
    return true;
}

static bool read_local(struct rs_bytes *bytes, void *out, size_t size, size_t *out_count,
                       struct rs_error *err)
{
    struct local_bytes *local = (struct local_bytes *)(void *)bytes;
    bool is_stream = local->input->is_stream;
    ssize_t count = -1;
    while (count < 0) {
        if (is_stream && !wait_for_stream(local, err)) {
            return false;
        }
        count = read(local->fd, out, size < READ_MAX ? size : READ_MAX);
        if (count < 0 && errno != EINTR && (errno != EAGAIN || !is_stream)) {
            return fail_read(local->input->name, errno, err);
        }
    }
    *out_count = (size_t)count;
    local->taken_bytes += (uint64_t)count;
    return true;
}

static uint64_t guess_local(const struct rs_bytes *bytes)
{
    const struct local_bytes *local = (const struct local_bytes *)(const void *)bytes;
    struct stat info = {0};
    if (local->input->is_stream) {
        return UINT64_MAX;
    }
    uint64_t size = fstat(local->fd, &info) == 0 && info.st_size > 0 ? (uint64_t)info.st_size : 0;
    return size > local->taken_bytes ? size - local->taken_bytes : 0;
}

static void close_local(struct rs_bytes *bytes)
{
    struct local_bytes *local = (struct local_bytes *)(void *)bytes;
    if (!local->input->is_stdin) {
        (void)close(local->fd);
    }
    rs_mem_free(local);
}

static int open_file(const struct rs_input *input, struct rs_error *err)
{
    /* A pipe without a writer would wait in open(2), where no signal could end the run. */
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (input->is_stream ? O_NONBLOCK : 0);
    int fd = -1;
    do {
        fd = open(input->name, flags);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        (void)fail_read(input->name, errno, err);
    } else if (!input->is_stream) {
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* refused: only slower */
    }
    return fd;
}

struct rs_bytes *rs_source_local_open(const struct rs_input *input, const struct rs_env *env,
                                      struct rs_error *err)
{
    int fd = input->is_stdin ? STDIN_FILENO : open_file(input, err);
    if (fd < 0) {
        return NULL;
    }
    struct local_bytes *local = rs_mem_zalloc(1, sizeof *local);
    *local = (struct local_bytes){
        .bytes = {read_local, guess_local, close_local}, .input = input, .env = env, .fd = fd};
    return &local->bytes;
}
