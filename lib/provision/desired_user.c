/*
 * What the two dialects do not take is refused here, before anything is read: a name that would be
 * cut in silence would be another's, and a privilege that does not exist would be missing for ever.
 */
#include "provision/desired_user.h"

#include <string.h>

#include "base/timefmt.h"
#include "codec/utf8.h"

bool rs_desired_user_check_name(enum rs_dialect dialect, const char *what, const char *name,
                                struct rs_error *err)
{
    const size_t max = rs_dialect_facts(dialect)->name_max_bytes;
    const size_t length = strlen(name);
    if (length == 0) {
        return rs_error_set(err, RS_E_USAGE, "could not use the %s's name: it is empty", what);
    }
    if (!rs_utf8_valid((struct rs_str){name, length})) {
        return rs_error_set(err, RS_E_USAGE, "could not use the %s's name: it is not UTF-8", what);
    }
    if (length > max) {
        return rs_error_set(err, RS_E_USAGE,
                            "could not use the %s's name: it has %zu bytes, the server keeps %zu",
                            what, length, max);
    }
    return true;
}

static bool check_names(enum rs_dialect dialect, const char *what, struct rs_names names,
                        struct rs_error *err)
{
    for (size_t i = 0; i < names.count; i++) {
        if (!rs_desired_user_check_name(dialect, what, names.items[i], err)) {
            return false;
        }
    }
    return true;
}

/* What Redshift alone has. */
static bool check_postgresql(const struct rs_desired_user *desired, struct rs_error *err)
{
    const struct lack {
        bool desired;
        const char *option;
        const char *hint;
    } lacks[] = {
        {desired->roles.count > 0, "--assume-role",
         "leave it out: PostgreSQL has no IAM roles, and is loaded without S3"},
        {desired->syslog_access, "--syslog-access",
         "leave it out, or grant pg_read_all_stats with --group=pg_read_all_stats"},
        {desired->query_group != NULL, "--query-group",
         "leave it out: PostgreSQL has no queues to sort queries into"},
    };
    for (size_t i = 0; i < RS_COUNTOF(lacks); i++) {
        if (lacks[i].desired) {
            (void)rs_error_set(err, RS_E_USAGE, "%s is for Redshift: the server is PostgreSQL",
                               lacks[i].option);
            return rs_error_hint(err, "%s", lacks[i].hint);
        }
    }
    return true;
}

static bool check_options(const struct rs_desired_user *desired, struct rs_error *err)
{
    switch (desired->dialect) {
    case RS_DIALECT_POSTGRESQL:
        return check_postgresql(desired, err);
    case RS_DIALECT_REDSHIFT:
        return true;
    }
    return false;
}

bool rs_desired_user_check(const struct rs_desired_user *desired, struct rs_error *err)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_names path = {NULL, 0};
    int64_t until_us = 0;
    bool ok = rs_desired_user_check_name(desired->dialect, "user", desired->user, err) &&
              (!desired->own_schema ||
               rs_desired_user_check_name(desired->dialect, "schema", desired->own_schema, err)) &&
              check_names(desired->dialect, "schema", desired->read, err) &&
              check_names(desired->dialect, "group", desired->groups, err) &&
              check_options(desired, err);
    if (ok && desired->valid_until && strcmp(desired->valid_until, "infinity") != 0 &&
        !rs_timefmt_parse(rs_str_from(desired->valid_until), &until_us)) {
        (void)rs_error_set(err, RS_E_USAGE, "option \"--valid-until\": \"%s\" is no time",
                           desired->valid_until);
        ok = rs_error_hint(err, "write it as 2027-01-31 or 2027-01-31T18:00Z, or infinity");
    }
    if (ok && desired->search_path &&
        !rs_desired_user_split_path(&arena, rs_str_from(desired->search_path), &path)) {
        (void)rs_error_set(err, RS_E_USAGE, "option \"--search-path\": \"%s\" is no list of names",
                           desired->search_path);
        ok = rs_error_hint(err, "write it as shop, public; a name with blanks or commas in double "
                                "quotes");
    }
    ok = ok && check_names(desired->dialect, "schema", path, err);
    rs_arena_release(&arena);
    return ok;
}

const char *rs_desired_user_fold(enum rs_dialect dialect, struct rs_arena *arena, const char *name)
{
    char *copy = (char *)rs_arena_copy(arena, rs_str_from(name)).data;
    rs_dialect_fold(dialect, copy);
    return copy;
}

/* One name of a path into out, which has room; the bytes read, or 0 when there is none. */
static size_t read_path_name(struct rs_str rest, char *out)
{
    const bool quoted = rest.length > 0 && rest.data[0] == '"';
    size_t length = 0;
    size_t i = quoted ? 1 : 0;
    for (; i < rest.length; i++) {
        const char c = rest.data[i];
        if (quoted && c == '"') {
            i++;
            if (i >= rest.length || rest.data[i] != '"') {
                out[length] = '\0';
                return length > 0 ? i : 0;
            }
        } else if (!quoted && (c == ',' || c == ' ' || c == '"')) {
            break;
        }
        out[length++] = rest.data[i];
    }
    out[length] = '\0';
    return quoted ? 0 : i; /* a quote that does not end is none */
}

bool rs_desired_user_split_path(struct rs_arena *arena, struct rs_str path, struct rs_names *out)
{
    const char **items = rs_arena_zalloc(arena, path.length + 1, sizeof *items);
    struct rs_str rest = rs_str_trim(path);
    *out = (struct rs_names){items, 0};
    while (true) {
        char *name = rs_arena_alloc(arena, rest.length + 1);
        const size_t used = read_path_name(rest, name);
        if (used == 0) {
            return false;
        }
        items[out->count++] = name;
        rest = rs_str_trim(rs_str_slice(rest, used, rest.length));
        if (rest.length == 0) {
            return true;
        }
        if (rest.data[0] != ',') {
            return false;
        }
        rest = rs_str_trim(rs_str_slice(rest, 1, rest.length));
    }
}
