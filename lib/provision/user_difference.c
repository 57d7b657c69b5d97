/*
 * A part for each kind of thing: the user itself, its options and settings, groups, the database,
 * schemas, IAM roles, and last what the user has beyond need. Each compares, adds a row, and where
 * the row is missing the statements that mend it. Names go through rs_sql_ident and values through
 * rs_sql_literal, without exception.
 */
#include "provision/user_difference.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "provision/steps_internal.h"

enum { TEXT_MAX_BYTES = 8192 };

static const char mask[] = "********";

static char *copy_text(struct rs_user_changes *changes, const char *text)
{
    return (char *)rs_arena_copy(&changes->arena, rs_str_from(text)).data;
}

size_t rs_user_changes_add_property(struct rs_user_changes *changes, const char *what,
                                    const char *desired, const char *actual,
                                    enum rs_property_state state)
{
    changes->properties = rs_mem_grow(changes->properties, &changes->property_capacity,
                                      changes->property_count + 1, sizeof *changes->properties);
    changes->properties[changes->property_count] = (struct rs_user_property){
        .what = copy_text(changes, what),
        .desired = copy_text(changes, desired),
        .actual = copy_text(changes, actual),
        .state = state,
    };
    return changes->property_count++;
}

static struct rs_str keep_text(const struct rs_strbuf *text)
{
    struct rs_str from = rs_strbuf_str(text);
    return (struct rs_str){rs_mem_copy(rs_strbuf_cstr(text), from.length + 1), from.length};
}

bool rs_user_changes_add(struct rs_user_changes *changes, size_t property, const char *dbname,
                         const struct rs_strbuf *sql, const struct rs_strbuf *shown,
                         struct rs_error *err)
{
    if (!rs_sql_ok(sql, err) || (shown && !rs_sql_ok(shown, err))) {
        return false;
    }
    changes->statements = rs_mem_grow(changes->statements, &changes->statement_capacity,
                                      changes->statement_count + 1, sizeof *changes->statements);
    changes->statements[changes->statement_count++] = (struct rs_user_statement){
        .sql = keep_text(sql),
        .shown = keep_text(shown ? shown : sql),
        .dbname = dbname ? copy_text(changes, dbname) : NULL,
        .property = property,
        .secret = shown != NULL,
    };
    return true;
}

bool rs_user_changes_lack(const struct rs_user_changes *changes)
{
    for (size_t i = 0; i < changes->property_count; i++) {
        const struct rs_user_property *property = &changes->properties[i];
        if (property->state != RS_PROPERTY_OK && property->state != RS_PROPERTY_UNKNOWN &&
            !property->mended) {
            return true;
        }
    }
    return false;
}

void rs_user_changes_release(struct rs_user_changes *changes)
{
    for (size_t i = 0; i < changes->statement_count; i++) {
        struct rs_user_statement *statement = &changes->statements[i];
        rs_mem_wipe((void *)(uintptr_t)statement->sql.data, statement->sql.length);
        rs_mem_free((void *)(uintptr_t)statement->sql.data);
        rs_mem_free((void *)(uintptr_t)statement->shown.data);
    }
    rs_mem_free(changes->statements);
    rs_mem_free(changes->properties);
    rs_arena_release(&changes->arena);
    *changes = RS_USER_CHANGES_INIT;
}

/* ---- What all parts use ---- */

void rs_making_begin(struct rs_making *making, const char *words)
{
    rs_strbuf_reset(&making->sql);
    rs_strbuf_append(&making->sql, words);
}

void rs_making_words(struct rs_making *making, const char *words)
{
    rs_strbuf_append(&making->sql, words);
}

void rs_making_name(struct rs_making *making, const char *name)
{
    rs_sql_ident(&making->sql, rs_str_from(name));
}

void rs_making_value(struct rs_making *making, const char *value)
{
    rs_sql_literal(&making->sql, making->desired->dialect, rs_str_from(value));
}

void rs_making_end(struct rs_making *making, size_t property)
{
    making->ok = making->ok && rs_user_changes_add(making->changes, property, NULL, &making->sql,
                                                   NULL, making->err);
}

size_t rs_making_row(struct rs_making *making, const char *what, const char *desired,
                     const char *actual, bool as_wanted)
{
    return rs_user_changes_add_property(making->changes, what, desired, actual,
                                        as_wanted ? RS_PROPERTY_OK : RS_PROPERTY_MISSING);
}

bool rs_names_have(struct rs_names names, const char *name)
{
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* What a thing is called in a row: kind "name"tail. In the steps' arena. */
const char *rs_making_label(struct rs_making *making, const char *kind, const char *name,
                            const char *tail)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    rs_strbuf_printf(&text, "%s \"%s\"%s", kind, name, tail);
    const char *label = copy_text(making->changes, rs_strbuf_cstr(&text));
    rs_strbuf_release(&text);
    return label;
}

/* ---- The user and its password ---- */

static bool is_redshift(const struct rs_making *making)
{
    return making->desired->dialect == RS_DIALECT_REDSHIFT;
}

/* ALTER USER "u" or ALTER ROLE "u", and words behind it. */
static void begin_alter(struct rs_making *making, const char *words)
{
    rs_making_begin(making, is_redshift(making) ? "ALTER USER " : "ALTER ROLE ");
    rs_making_name(making, making->desired->user);
    rs_making_words(making, words);
}

/* The statement of user and password, once to be sent and once to be shown. */
static void add_secret(struct rs_making *making, size_t property, const char *words,
                       const char *tail)
{
    const struct rs_str sent[] = {making->secret->encoded, rs_str_from(mask)};
    struct rs_strbuf texts[] = {RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX),
                                RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX)};
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        (void)!rs_strbuf_reserve(&texts[i], TEXT_MAX_BYTES); /* so that it does not move */
        rs_strbuf_append(&texts[i], words);
        rs_sql_ident(&texts[i], rs_str_from(making->desired->user));
        rs_strbuf_append(&texts[i], tail);
        rs_sql_literal(&texts[i], making->desired->dialect, sent[i]);
    }
    making->ok = making->ok && rs_user_changes_add(making->changes, property, NULL, &texts[0],
                                                   &texts[1], making->err);
    rs_strbuf_release_secret(&texts[0]);
    rs_strbuf_release(&texts[1]);
}

static void make_password(struct rs_making *making)
{
    const struct rs_password_change *secret = making->secret;
    size_t property = rs_making_row(making, "password", secret->given ? "as given" : "new",
                                    secret->same ? "as given" : "another", !secret->set);
    if (secret->set) {
        add_secret(making, property, is_redshift(making) ? "ALTER USER " : "ALTER ROLE ",
                   " PASSWORD ");
    }
}

static void make_user(struct rs_making *making)
{
    const char *what = rs_making_label(making, "user", making->desired->user, "");
    size_t property = rs_making_row(
        making, what, "there", making->actual->exists ? "there" : "none", making->actual->exists);
    if (!making->actual->exists) {
        add_secret(making, property, is_redshift(making) ? "CREATE USER " : "CREATE ROLE ",
                   is_redshift(making) ? " PASSWORD " : " LOGIN PASSWORD ");
        return;
    }
    if (making->secret->given || making->secret->set) {
        make_password(making);
    }
}

/* May it log in at all? No statement mends this one. */
static void make_login(struct rs_making *making)
{
    const struct rs_actual_user *actual = making->actual;
    const bool expired = !making->desired->valid_until && actual->valid_until_us < actual->now_us;
    const bool disabled = !actual->can_login || actual->connection_limit == 0;
    if (actual->exists && (expired || disabled)) {
        (void)rs_making_row(making, "login", "allowed", disabled ? "disabled" : "expired", false);
    }
}

/* ---- Options and settings ---- */

static void format_instant(int64_t us, char out[RS_TIMEFMT_MAX + 1])
{
    out[us == RS_ACTUAL_FOREVER ? 0 : rs_timefmt_format(us, out)] = '\0';
    if (us == RS_ACTUAL_FOREVER) {
        (void)snprintf(out, RS_TIMEFMT_MAX + 1, "infinity");
    }
}

static void make_valid_until(struct rs_making *making)
{
    const struct rs_actual_user *actual = making->actual;
    char desired[RS_TIMEFMT_MAX + 1] = "";
    char now[RS_TIMEFMT_MAX + 1] = "";
    int64_t until_us = RS_ACTUAL_FOREVER;
    if (!making->desired->valid_until) {
        return;
    }
    (void)!rs_timefmt_parse(rs_str_from(making->desired->valid_until), &until_us);
    format_instant(until_us, desired);
    format_instant(actual->valid_until_us, now);
    size_t property = rs_making_row(making, "valid until", desired, actual->exists ? now : "",
                                    actual->valid_until_us == until_us);
    if (actual->valid_until_us != until_us) {
        begin_alter(making, " VALID UNTIL ");
        rs_making_value(making, desired);
        rs_making_end(making, property);
    }
}

static void format_number(unsigned number, unsigned none, char out[16])
{
    (void)snprintf(out, 16, number == none ? "none" : "%u", number);
}

/* An option of a number: VALUE in ALTER USER u WORDS VALUE. */
static void make_number(struct rs_making *making, const char *what, const char *words,
                        unsigned desired, unsigned actual, unsigned none)
{
    char texts[2][16];
    if (desired == RS_DESIRED_ANY) {
        return;
    }
    format_number(desired, none, texts[0]);
    format_number(actual, none, texts[1]);
    size_t property = rs_making_row(making, what, texts[0], texts[1], desired == actual);
    if (desired != actual) {
        begin_alter(making, words);
        rs_making_words(making, texts[0]);
        rs_making_end(making, property);
    }
}

/* The value of a setting, or NULL. */
static const char *setting_of(const struct rs_actual_user *actual, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < actual->settings.count; i++) {
        const char *item = actual->settings.items[i];
        if (strncmp(item, name, length) == 0 && item[length] == '=') {
            return item + length + 1;
        }
    }
    return NULL;
}

static void begin_setting(struct rs_making *making, const char *name)
{
    begin_alter(making, " SET ");
    rs_making_words(making, name);
    rs_making_words(making, " TO ");
}

static void end_setting(struct rs_making *making, size_t property)
{
    rs_making_end(making, property);
    if (making->ok) {
        making->changes->statements[making->changes->statement_count - 1].once = true;
    }
}

/* A setting of milliseconds, given in seconds. */
static void make_timeout(struct rs_making *making, const char *name, unsigned seconds)
{
    const char *now = setting_of(making->actual, name);
    char desired[32] = "";
    if (seconds == RS_DESIRED_ANY) {
        return;
    }
    (void)snprintf(desired, sizeof desired, "%llu", (unsigned long long)seconds * 1000);
    const bool same = now && strcmp(now, desired) == 0;
    size_t property = rs_making_row(making, name, desired, now ? now : "not set", same);
    if (!same) {
        begin_setting(making, name);
        rs_making_words(making, desired);
        end_setting(making, property);
    }
}

static void make_query_group(struct rs_making *making)
{
    const char *desired = making->desired->query_group;
    const char *now = setting_of(making->actual, "query_group");
    if (!desired) {
        return;
    }
    const bool same = now && strcmp(now, desired) == 0;
    size_t property = rs_making_row(making, "query_group", desired, now ? now : "not set", same);
    if (!same) {
        begin_setting(making, "query_group");
        rs_making_value(making, desired);
        end_setting(making, property);
    }
}

static bool same_names(struct rs_names left, struct rs_names right)
{
    bool same = left.count == right.count;
    for (size_t i = 0; same && i < left.count; i++) {
        same = strcmp(left.items[i], right.items[i]) == 0;
    }
    return same;
}

static void make_search_path(struct rs_making *making)
{
    const char *path = making->desired->search_path;
    const char *now = setting_of(making->actual, "search_path");
    struct rs_arena *arena = &making->changes->arena;
    struct rs_names desired = {NULL, 0};
    struct rs_names actual = {NULL, 0};
    if (!path || !rs_desired_user_split_path(arena, rs_str_from(path), &desired)) {
        return;
    }
    const bool same = now && rs_desired_user_split_path(arena, rs_str_from(now), &actual) &&
                      same_names(desired, actual);
    size_t property = rs_making_row(making, "search_path", path, now ? now : "not set", same);
    if (!same) {
        begin_setting(making, "search_path");
        for (size_t i = 0; i < desired.count; i++) {
            rs_making_words(making, i > 0 ? ", " : "");
            rs_making_name(making, desired.items[i]);
        }
        end_setting(making, property);
    }
}

static void make_options(struct rs_making *making)
{
    const struct rs_desired_user *desired = making->desired;
    const struct rs_actual_user *actual = making->actual;
    make_valid_until(making);
    make_number(making, "connection limit", " CONNECTION LIMIT ", desired->connection_limit,
                actual->connection_limit, RS_ACTUAL_UNLIMITED);
    if (is_redshift(making)) {
        make_number(making, "session timeout", " SESSION TIMEOUT ", desired->session_timeout,
                    actual->session_timeout, 0);
    } else {
        make_timeout(making, "idle_session_timeout", desired->session_timeout);
    }
    if (desired->syslog_access) {
        size_t property = rs_making_row(making, "syslog access", "unrestricted",
                                        actual->syslog_access ? "unrestricted" : "restricted",
                                        actual->syslog_access);
        if (!actual->syslog_access) {
            begin_alter(making, " SYSLOG ACCESS UNRESTRICTED");
            rs_making_end(making, property);
        }
    }
    make_query_group(making);
    make_timeout(making, "statement_timeout", desired->statement_timeout);
    make_search_path(making);
}

bool rs_user_difference_make(const struct rs_desired_user *desired,
                             const struct rs_actual_user *actual,
                             const struct rs_password_change *secret,
                             struct rs_user_changes *changes, struct rs_error *err)
{
    struct rs_making making = {.desired = desired,
                               .actual = actual,
                               .secret = secret,
                               .changes = changes,
                               .sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX),
                               .err = err,
                               .ok = true};
    make_user(&making);
    make_login(&making);
    make_options(&making);
    rs_making_grants(&making);
    rs_strbuf_release(&making.sql);
    return making.ok;
}

bool rs_user_difference_make_password(const struct rs_desired_user *desired,
                                      const struct rs_password_change *secret,
                                      struct rs_user_changes *changes, struct rs_error *err)
{
    struct rs_making making = {.desired = desired,
                               .secret = secret,
                               .changes = changes,
                               .sql = RS_STRBUF_INIT(0),
                               .err = err,
                               .ok = true};
    make_password(&making);
    return making.ok;
}
