/*
 * A link is followed, so that what it leads to is replaced, and not the link. What is no file (a
 * device, a pipe) is refused, as renaming would put a file in its place.
 */
#include "cli/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"
#include "codec/report_page.h"

enum { NAME_BYTES = 64, MODE_OF_ALL = 0777, MODE_NEW = 0666 };

/* Where the page is to be, and the file that becomes it; both to be freed. */
struct place {
    char *target;
    char *temporary;
    int fd;
    bool there; /* a file to replace, of this mode */
    mode_t mode;
};

static void release(struct place *place)
{
    rs_mem_free(place->target);
    rs_mem_free(place->temporary);
}

static char *temporary_beside(const struct rs_env *env, const char *target)
{
    char name[NAME_BYTES];
    const char *slash = strrchr(target, '/');
    char *folder = slash ? rs_mem_strndup(target, (size_t)(slash - target) + 1) : NULL;
    (void)snprintf(name, sizeof name, ".rs-report-%016llx",
                   (unsigned long long)env->random_u64(env));
    char *path = folder ? rs_fs_join(folder, name) : rs_mem_strdup(name);
    rs_mem_free(folder);
    return path;
}

/* Make the temporary file; 0, or an errno. */
static int open_place(const struct rs_env *env, const char *path, struct place *place)
{
    struct stat info = {0};
    char *real = realpath(path, NULL);
    *place = (struct place){.fd = -1, .target = rs_mem_strdup(real ? real : path)};
    free(real);
    if (lstat(place->target, &info) == 0) {
        if (S_ISDIR(info.st_mode)) {
            return EISDIR;
        }
        if (!S_ISREG(info.st_mode)) {
            return EINVAL;
        }
        if (access(place->target, W_OK) != 0) {
            return errno;
        }
        place->there = true;
        place->mode = info.st_mode & MODE_OF_ALL;
    } else if (errno != ENOENT) {
        return errno;
    }
    place->temporary = temporary_beside(env, place->target);
    place->fd = open(place->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE_NEW);
    return place->fd < 0 ? errno : 0;
}

static bool refuse(const char *path, int number, struct rs_error *err)
{
    if (number == EINVAL) {
        (void)rs_error_set(err, RS_E_IO, "could not write the report \"%s\": it is no file", path);
    } else {
        (void)rs_error_errno(err, RS_E_IO, number, "write the report", path);
    }
    return rs_error_hint(err, "--report names a file that you may write to");
}

bool rs_report_file_check(const struct rs_env *env, const char *path, struct rs_error *err)
{
    struct place place;
    if (!path) {
        return true;
    }
    if (*path == '\0' || strcmp(path, "-") == 0) {
        (void)rs_error_set(err, RS_E_USAGE, "option \"--report\": %s",
                           *path ? "standard output has the result" : "the file's name is empty");
        return rs_error_hint(err, "name a file, for instance --report=report.html");
    }
    const int number = open_place(env, path, &place);
    if (place.fd >= 0) {
        (void)close(place.fd);
        (void)unlink(place.temporary);
    }
    release(&place);
    return number == 0 || refuse(path, number, err);
}

static bool write_page(const struct rs_env *env, const char *path, struct rs_str page,
                       struct rs_error *err)
{
    struct place place;
    const int number = open_place(env, path, &place);
    if (number != 0) {
        release(&place);
        return refuse(path, number, err);
    }
    bool ok = rs_fs_write_all(place.fd, page.data, page.length, path, err);
    if (ok && place.there && fchmod(place.fd, place.mode) != 0) {
        ok = refuse(path, errno, err);
    }
    if (close(place.fd) != 0 || (ok && rename(place.temporary, place.target) != 0)) {
        ok = refuse(path, errno, err);
    }
    if (!ok) {
        (void)unlink(place.temporary);
    }
    release(&place);
    return ok;
}

void rs_report_file_write(const struct rs_env *env, const char *path, const char *tool,
                          struct rs_html *html, struct rs_error *err)
{
    rs_page_end(html, tool, env->now_us(env));
    struct rs_error why = {0};
    if (!rs_html_ok(html)) {
        (void)rs_error_set(&why, RS_E_LIMIT,
                           "could not write the report \"%s\": it is over %zu MiB", path,
                           html->out->max_bytes >> 20);
    } else if (write_page(env, path, rs_strbuf_str(html->out), &why)) {
        return;
    }
    if (err->code != RS_OK) {
        rs_log(&env->log, RS_LOG_WARNING, "%s", why.message);
        return;
    }
    (void)rs_error_set(err, RS_E_PARTIAL, "%s", why.message);
    (void)rs_error_hint(err, "all else is done%s%s", why.hint[0] != '\0' ? "; " : "", why.hint);
}
