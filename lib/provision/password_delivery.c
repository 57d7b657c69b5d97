/*
 * The file is made with O_EXCL, so that none is ever overwritten and no link followed. ~/.pgpass is
 * written anew beside itself and renamed, so that a reader sees the old one or the new one; where
 * it is a link, what it points at is replaced.
 */
#include "provision/password_delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"

enum { PATH_MAX_BYTES = 4096, SECRET_MODE = 0600 };

/* A field, in which a colon and a backslash are escaped. */
static void append_field(struct rs_strbuf *out, struct rs_str field)
{
    for (size_t i = 0; i < field.length; i++) {
        const char c = field.data[i];
        rs_strbuf_append(out, c == ':' || c == '\\' ? "\\" : "");
        rs_strbuf_append_char(out, c);
    }
}

static bool is_one_line(struct rs_str text)
{
    return rs_str_find_byte(text, '\n') == SIZE_MAX && rs_str_find_byte(text, '\r') == SIZE_MAX;
}

bool rs_pgpass_edit(struct rs_str text, const struct rs_pgpass_key *key, struct rs_str password,
                    struct rs_strbuf *out, struct rs_error *err)
{
    const struct rs_str host = key->host.length > 0 ? key->host : RS_STR("localhost");
    const struct rs_str fields[] = {host, key->port, key->dbname, key->user};
    struct rs_strbuf prefix = RS_STRBUF_INIT(PATH_MAX_BYTES);
    for (size_t i = 0; i < RS_COUNTOF(fields); i++) {
        if (!is_one_line(fields[i])) {
            (void)rs_error_set(err, RS_E_USAGE,
                               "could not write the line of ~/.pgpass: a name holds a line end");
        }
        append_field(&prefix, fields[i]);
        rs_strbuf_append_char(&prefix, ':');
    }
    rs_strbuf_append_str(out, rs_strbuf_str(&prefix));
    append_field(out, password);
    rs_strbuf_append_char(out, '\n');
    for (size_t begin = 0; begin < text.length;) {
        struct rs_str rest = rs_str_slice(text, begin, text.length);
        const size_t end = rs_str_find_byte(rest, '\n');
        struct rs_str line = rs_str_slice(rest, 0, end);
        if (!rs_str_starts(line, rs_strbuf_str(&prefix))) {
            rs_strbuf_append_str(out, line);
            rs_strbuf_append_char(out, '\n');
        }
        begin += line.length + 1;
    }
    bool fits = rs_strbuf_ok(out) && rs_strbuf_ok(&prefix);
    rs_strbuf_release(&prefix);
    return err->code == RS_OK &&
           (fits || rs_error_set(err, RS_E_LIMIT, "could not edit ~/.pgpass: it is over 1 MiB"));
}

/* Take a field and the colon behind it: whether it is the value, or any. */
static bool take_field(struct rs_str *rest, struct rs_str value, bool *any)
{
    size_t length = 0;
    size_t i = 0;
    bool same = true;
    for (; i < rest->length && rest->data[i] != ':'; i++) {
        i += rest->data[i] == '\\' && i + 1 < rest->length;
        same = same && length < value.length && value.data[length] == rest->data[i];
        length++;
    }
    *any = i == 1 && rest->data[0] == '*';
    *rest = rs_str_slice(*rest, i + 1, rest->length);
    return same && length == value.length;
}

enum line_of { LINE_OF_OTHERS, LINE_OF_MANY, LINE_OF_USER };

/* Whether a line is the user's there; of many where its host or port is "*". */
static enum line_of judge_line(struct rs_str line, const struct rs_pgpass_key *key)
{
    const struct rs_str host = key->host.length > 0 ? key->host : RS_STR("localhost");
    bool any[4] = {false};
    const bool host_same = take_field(&line, host, &any[0]);
    const bool port_same = take_field(&line, key->port, &any[1]);
    (void)take_field(&line, key->dbname, &any[2]);
    if (!take_field(&line, key->user, &any[3]) || any[3] || !(host_same || any[0]) ||
        !(port_same || any[1])) {
        return LINE_OF_OTHERS;
    }
    return host_same && port_same ? LINE_OF_USER : LINE_OF_MANY;
}

void rs_pgpass_remove(struct rs_str text, const struct rs_pgpass_key *key, struct rs_strbuf *out,
                      size_t *removed, struct rs_strbuf *numbers)
{
    size_t number = 0;
    *removed = 0;
    for (size_t begin = 0; begin < text.length;) {
        struct rs_str rest = rs_str_slice(text, begin, text.length);
        const size_t end = rs_str_find_byte(rest, '\n');
        struct rs_str line = rs_str_slice(rest, 0, end == SIZE_MAX ? rest.length : end + 1);
        const enum line_of whose =
            line.data[0] == '#' ? LINE_OF_OTHERS : judge_line(rs_str_slice(line, 0, end), key);
        begin += line.length;
        if (out && whose == LINE_OF_USER) {
            ++*removed;
            continue;
        }
        number++;
        if (whose != LINE_OF_OTHERS) {
            rs_strbuf_append(numbers, numbers->length > 0 ? ", " : "");
            rs_strbuf_append_u64(numbers, number);
        }
        if (out) {
            rs_strbuf_append_str(out, line);
        }
    }
}

/* Where the file of passwords is; to be freed. NULL: nobody knows. */
static char *pgpass_path(const struct rs_env *env)
{
    const char *given = env->getenv(env, "PGPASSFILE");
    const char *home = env->getenv(env, "HOME");
    char *path = given && *given ? rs_mem_strdup(given)
                 : home && *home ? rs_fs_join(home, ".pgpass")
                                 : NULL;
    char *target = path ? realpath(path, NULL) : NULL;
    if (target) {
        rs_mem_free(path);
        path = rs_mem_strdup(target);
        free(target);
    }
    return path;
}

/* Write text beside path and rename it there. */
static bool replace_file(const char *path, struct rs_str text, struct rs_error *err)
{
    struct rs_strbuf temp = RS_STRBUF_INIT(PATH_MAX_BYTES);
    rs_strbuf_printf(&temp, "%s.XXXXXX", path);
    int fd = rs_strbuf_ok(&temp) ? mkstemp(temp.data) : -1; /* mode 0600 */
    if (fd < 0) {
        (void)rs_error_errno(err, RS_E_IO, errno, "write", path);
        rs_strbuf_release(&temp);
        return false;
    }
    bool ok = rs_fs_write_all(fd, text.data, text.length, path, err);
    if (close(fd) != 0 || (ok && rename(temp.data, path) != 0)) {
        ok = rs_error_errno(err, RS_E_IO, errno, "write", path);
    }
    if (!ok) {
        (void)unlink(temp.data);
    }
    rs_strbuf_release(&temp);
    return ok;
}

static struct rs_pgpass_key key_of(const struct rs_password_delivery *delivery, const char *user)
{
    return (struct rs_pgpass_key){
        .host = rs_str_from(delivery->host),
        .port = rs_str_from(delivery->port),
        .dbname = rs_str_from(delivery->dbname),
        .user = rs_str_from(user),
    };
}

static bool edit_pgpass(struct rs_password_delivery *delivery, const char *user,
                        struct rs_str password, struct rs_error *err)
{
    const struct rs_pgpass_key key = key_of(delivery, user);
    struct rs_strbuf after = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    char *path = pgpass_path(delivery->env);
    if (!path) {
        (void)rs_error_set(err, RS_E_IO, "could not find ~/.pgpass: HOME is not set");
        return false;
    }
    rs_strbuf_release_secret(&delivery->before);
    delivery->before = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    rs_strbuf_keep_secret(&delivery->before);
    rs_strbuf_keep_secret(&after);
    bool ok = (access(path, F_OK) != 0 || rs_fs_read_file(path, &delivery->before, err)) &&
              rs_pgpass_edit(rs_strbuf_str(&delivery->before), &key, password, &after, err);
    const bool same = ok && rs_str_equal(rs_strbuf_str(&delivery->before), rs_strbuf_str(&after));
    ok = ok && (same || replace_file(path, rs_strbuf_str(&after), err));
    delivery->edited = ok && !same;
    rs_strbuf_release(&after);
    rs_mem_free(path);
    return ok;
}

static bool make_out(struct rs_password_delivery *delivery, struct rs_str password,
                     struct rs_error *err)
{
    const char *path = delivery->password_out;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, SECRET_MODE);
    if (fd < 0) {
        (void)rs_error_errno(err, RS_E_IO, errno, "write", path);
        return rs_error_hint(err, "a file that is there is not overwritten: name another");
    }
    delivery->made_out = true;
    bool ok = rs_fs_write_all(fd, password.data, password.length, path, err) &&
              rs_fs_write_all(fd, "\n", 1, path, err);
    if ((fsync(fd) != 0 && errno != EINVAL) || close(fd) != 0) {
        ok = rs_error_errno(err, RS_E_IO, errno, "write", path);
    }
    if (!ok) {
        rs_password_delivery_undo(delivery);
    }
    return ok;
}

bool rs_password_delivery_check(const struct rs_password_delivery *delivery, struct rs_error *err)
{
    struct stat about;
    if (delivery->password_out && lstat(delivery->password_out, &about) == 0) {
        (void)rs_error_errno(err, RS_E_IO, EEXIST, "write", delivery->password_out);
        return rs_error_hint(err, "a file that is there is not overwritten: name another, or set "
                                  "its password with --password-file");
    }
    const int why = delivery->password_out ? rs_fs_check_place(delivery->password_out) : 0;
    return why == 0 || rs_error_errno(err, RS_E_IO, why, "write", delivery->password_out);
}

bool rs_password_delivery_keep(struct rs_password_delivery *delivery, const char *user,
                               struct rs_str password, bool fresh, struct rs_error *err)
{
    return (!fresh || !delivery->password_out || delivery->made_out ||
            make_out(delivery, password, err)) &&
           (!delivery->pgpass || edit_pgpass(delivery, user, password, err));
}

bool rs_password_delivery_forget(const struct rs_password_delivery *delivery, const char *user,
                                 size_t *removed, struct rs_strbuf *numbers, struct rs_error *err)
{
    const struct rs_pgpass_key key = key_of(delivery, user);
    struct rs_strbuf before = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    struct rs_strbuf after = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    char *path = pgpass_path(delivery->env);
    bool ok = true;
    *removed = 0;
    rs_strbuf_keep_secret(&before);
    rs_strbuf_keep_secret(&after);
    if (path && access(path, F_OK) == 0) {
        ok = rs_fs_read_file(path, &before, err);
        rs_pgpass_remove(rs_strbuf_str(&before), &key, delivery->pgpass ? &after : NULL, removed,
                         numbers);
        ok = ok && (*removed == 0 || replace_file(path, rs_strbuf_str(&after), err));
    }
    rs_strbuf_release(&before);
    rs_strbuf_release(&after);
    rs_mem_free(path);
    return ok;
}

void rs_password_delivery_undo(struct rs_password_delivery *delivery)
{
    struct rs_error err = {0};
    if (delivery->made_out && unlink(delivery->password_out) != 0) {
        (void)rs_error_errno(&err, RS_E_IO, errno, "remove", delivery->password_out);
    }
    char *path = delivery->edited ? pgpass_path(delivery->env) : NULL;
    if (path && delivery->before.length == 0 && unlink(path) != 0) {
        (void)rs_error_errno(&err, RS_E_IO, errno, "remove", path);
    } else if (path && delivery->before.length > 0) {
        (void)!replace_file(path, rs_strbuf_str(&delivery->before), &err);
    }
    if (err.code != RS_OK) {
        rs_log(&delivery->env->log, RS_LOG_WARNING, "%s", err.message);
    }
    rs_mem_free(path);
    delivery->made_out = false;
    delivery->edited = false;
}

void rs_password_delivery_release(struct rs_password_delivery *delivery)
{
    rs_strbuf_release_secret(&delivery->before);
}
