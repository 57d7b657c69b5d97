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

static char *copy_text(struct rs_steps *steps, const char *text)
{
    return (char *)rs_arena_copy(&steps->arena, rs_str_from(text)).data;
}

size_t rs_steps_add_row(struct rs_steps *steps, const char *what, const char *wanted,
                        const char *found, enum rs_row_state state)
{
    steps->rows =
        rs_mem_grow(steps->rows, &steps->row_capacity, steps->row_count + 1, sizeof *steps->rows);
    steps->rows[steps->row_count] = (struct rs_step_row){
        .what = copy_text(steps, what),
        .wanted = copy_text(steps, wanted),
        .found = copy_text(steps, found),
        .state = state,
    };
    return steps->row_count++;
}

static struct rs_str keep_text(const struct rs_strbuf *text)
{
    struct rs_str from = rs_strbuf_str(text);
    return (struct rs_str){rs_mem_copy(rs_strbuf_cstr(text), from.length + 1), from.length};
}

bool rs_steps_add(struct rs_steps *steps, size_t row, const char *dbname,
                  const struct rs_strbuf *sql, const struct rs_strbuf *shown, struct rs_error *err)
{
    if (!rs_sql_ok(sql, err) || (shown && !rs_sql_ok(shown, err))) {
        return false;
    }
    steps->statements = rs_mem_grow(steps->statements, &steps->statement_capacity,
                                    steps->statement_count + 1, sizeof *steps->statements);
    steps->statements[steps->statement_count++] = (struct rs_statement){
        .sql = keep_text(sql),
        .shown = keep_text(shown ? shown : sql),
        .dbname = dbname ? copy_text(steps, dbname) : NULL,
        .row = row,
        .secret = shown != NULL,
    };
    return true;
}

bool rs_steps_lack(const struct rs_steps *steps)
{
    for (size_t i = 0; i < steps->row_count; i++) {
        const struct rs_step_row *row = &steps->rows[i];
        if (row->state != RS_ROW_OK && row->state != RS_ROW_UNKNOWN && !row->mended) {
            return true;
        }
    }
    return false;
}

void rs_steps_release(struct rs_steps *steps)
{
    for (size_t i = 0; i < steps->statement_count; i++) {
        struct rs_statement *statement = &steps->statements[i];
        rs_mem_wipe((void *)(uintptr_t)statement->sql.data, statement->sql.length);
        rs_mem_free((void *)(uintptr_t)statement->sql.data);
        rs_mem_free((void *)(uintptr_t)statement->shown.data);
    }
    rs_mem_free(steps->statements);
    rs_mem_free(steps->rows);
    rs_arena_release(&steps->arena);
    *steps = RS_STEPS_INIT;
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
    rs_sql_literal(&making->sql, making->wanted->dialect, rs_str_from(value));
}

void rs_making_end(struct rs_making *making, size_t row)
{
    making->ok =
        making->ok && rs_steps_add(making->steps, row, NULL, &making->sql, NULL, making->err);
}

size_t rs_making_row(struct rs_making *making, const char *what, const char *wanted,
                     const char *found, bool as_wanted)
{
    return rs_steps_add_row(making->steps, what, wanted, found,
                            as_wanted ? RS_ROW_OK : RS_ROW_MISSING);
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
    const char *label = copy_text(making->steps, rs_strbuf_cstr(&text));
    rs_strbuf_release(&text);
    return label;
}

/* ---- The user and its password ---- */

static bool is_redshift(const struct rs_making *making)
{
    return making->wanted->dialect == RS_DIALECT_REDSHIFT;
}

/* ALTER USER "u" or ALTER ROLE "u", and words behind it. */
static void begin_alter(struct rs_making *making, const char *words)
{
    rs_making_begin(making, is_redshift(making) ? "ALTER USER " : "ALTER ROLE ");
    rs_making_name(making, making->wanted->user);
    rs_making_words(making, words);
}

/* The statement of user and password, once to be sent and once to be shown. */
static void add_secret(struct rs_making *making, size_t row, const char *words, const char *tail)
{
    const struct rs_str sent[] = {making->secret->encoded, rs_str_from(mask)};
    struct rs_strbuf texts[] = {RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX),
                                RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX)};
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        (void)!rs_strbuf_reserve(&texts[i], TEXT_MAX_BYTES); /* so that it does not move */
        rs_strbuf_append(&texts[i], words);
        rs_sql_ident(&texts[i], rs_str_from(making->wanted->user));
        rs_strbuf_append(&texts[i], tail);
        rs_sql_literal(&texts[i], making->wanted->dialect, sent[i]);
    }
    making->ok =
        making->ok && rs_steps_add(making->steps, row, NULL, &texts[0], &texts[1], making->err);
    rs_strbuf_release_secret(&texts[0]);
    rs_strbuf_release(&texts[1]);
}

static void make_password(struct rs_making *making)
{
    const struct rs_steps_secret *secret = making->secret;
    size_t row = rs_making_row(making, "password", secret->given ? "as given" : "new",
                               secret->same ? "as given" : "another", !secret->set);
    if (secret->set) {
        add_secret(making, row, is_redshift(making) ? "ALTER USER " : "ALTER ROLE ", " PASSWORD ");
    }
}

static void make_user(struct rs_making *making)
{
    const char *what = rs_making_label(making, "user", making->wanted->user, "");
    size_t row = rs_making_row(making, what, "there", making->found->exists ? "there" : "none",
                               making->found->exists);
    if (!making->found->exists) {
        add_secret(making, row, is_redshift(making) ? "CREATE USER " : "CREATE ROLE ",
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
    const struct rs_found *found = making->found;
    const bool expired = !making->wanted->valid_until && found->valid_until_us < found->now_us;
    const bool disabled = !found->can_login || found->connection_limit == 0;
    if (found->exists && (expired || disabled)) {
        (void)rs_making_row(making, "login", "allowed", disabled ? "disabled" : "expired", false);
    }
}

/* ---- Options and settings ---- */

static void format_instant(int64_t us, char out[RS_TIMEFMT_MAX + 1])
{
    out[us == RS_FOUND_FOREVER ? 0 : rs_timefmt_format(us, out)] = '\0';
    if (us == RS_FOUND_FOREVER) {
        (void)snprintf(out, RS_TIMEFMT_MAX + 1, "infinity");
    }
}

static void make_valid_until(struct rs_making *making)
{
    const struct rs_found *found = making->found;
    char wanted[RS_TIMEFMT_MAX + 1] = "";
    char now[RS_TIMEFMT_MAX + 1] = "";
    int64_t until_us = RS_FOUND_FOREVER;
    if (!making->wanted->valid_until) {
        return;
    }
    (void)!rs_timefmt_parse(rs_str_from(making->wanted->valid_until), &until_us);
    format_instant(until_us, wanted);
    format_instant(found->valid_until_us, now);
    size_t row = rs_making_row(making, "valid until", wanted, found->exists ? now : "",
                               found->valid_until_us == until_us);
    if (found->valid_until_us != until_us) {
        begin_alter(making, " VALID UNTIL ");
        rs_making_value(making, wanted);
        rs_making_end(making, row);
    }
}

static void format_number(unsigned number, unsigned none, char out[16])
{
    (void)snprintf(out, 16, number == none ? "none" : "%u", number);
}

/* An option of a number: VALUE in ALTER USER u WORDS VALUE. */
static void make_number(struct rs_making *making, const char *what, const char *words,
                        unsigned wanted, unsigned found, unsigned none)
{
    char texts[2][16];
    if (wanted == RS_WANTED_ANY) {
        return;
    }
    format_number(wanted, none, texts[0]);
    format_number(found, none, texts[1]);
    size_t row = rs_making_row(making, what, texts[0], texts[1], wanted == found);
    if (wanted != found) {
        begin_alter(making, words);
        rs_making_words(making, texts[0]);
        rs_making_end(making, row);
    }
}

/* The value of a setting, or NULL. */
static const char *setting_of(const struct rs_found *found, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < found->settings.count; i++) {
        const char *item = found->settings.items[i];
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

static void end_setting(struct rs_making *making, size_t row)
{
    rs_making_end(making, row);
    if (making->ok) {
        making->steps->statements[making->steps->statement_count - 1].once = true;
    }
}

/* A setting of milliseconds, given in seconds. */
static void make_timeout(struct rs_making *making, const char *name, unsigned seconds)
{
    const char *now = setting_of(making->found, name);
    char wanted[32] = "";
    if (seconds == RS_WANTED_ANY) {
        return;
    }
    (void)snprintf(wanted, sizeof wanted, "%llu", (unsigned long long)seconds * 1000);
    const bool same = now && strcmp(now, wanted) == 0;
    size_t row = rs_making_row(making, name, wanted, now ? now : "not set", same);
    if (!same) {
        begin_setting(making, name);
        rs_making_words(making, wanted);
        end_setting(making, row);
    }
}

static void make_query_group(struct rs_making *making)
{
    const char *wanted = making->wanted->query_group;
    const char *now = setting_of(making->found, "query_group");
    if (!wanted) {
        return;
    }
    const bool same = now && strcmp(now, wanted) == 0;
    size_t row = rs_making_row(making, "query_group", wanted, now ? now : "not set", same);
    if (!same) {
        begin_setting(making, "query_group");
        rs_making_value(making, wanted);
        end_setting(making, row);
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
    const char *path = making->wanted->search_path;
    const char *now = setting_of(making->found, "search_path");
    struct rs_arena *arena = &making->steps->arena;
    struct rs_names wanted = {NULL, 0};
    struct rs_names found = {NULL, 0};
    if (!path || !rs_wanted_split_path(arena, rs_str_from(path), &wanted)) {
        return;
    }
    const bool same =
        now && rs_wanted_split_path(arena, rs_str_from(now), &found) && same_names(wanted, found);
    size_t row = rs_making_row(making, "search_path", path, now ? now : "not set", same);
    if (!same) {
        begin_setting(making, "search_path");
        for (size_t i = 0; i < wanted.count; i++) {
            rs_making_words(making, i > 0 ? ", " : "");
            rs_making_name(making, wanted.items[i]);
        }
        end_setting(making, row);
    }
}

static void make_options(struct rs_making *making)
{
    const struct rs_wanted *wanted = making->wanted;
    const struct rs_found *found = making->found;
    make_valid_until(making);
    make_number(making, "connection limit", " CONNECTION LIMIT ", wanted->connection_limit,
                found->connection_limit, RS_FOUND_UNLIMITED);
    if (is_redshift(making)) {
        make_number(making, "session timeout", " SESSION TIMEOUT ", wanted->session_timeout,
                    found->session_timeout, 0);
    } else {
        make_timeout(making, "idle_session_timeout", wanted->session_timeout);
    }
    if (wanted->syslog_access) {
        size_t row = rs_making_row(making, "syslog access", "unrestricted",
                                   found->syslog_access ? "unrestricted" : "restricted",
                                   found->syslog_access);
        if (!found->syslog_access) {
            begin_alter(making, " SYSLOG ACCESS UNRESTRICTED");
            rs_making_end(making, row);
        }
    }
    make_query_group(making);
    make_timeout(making, "statement_timeout", wanted->statement_timeout);
    make_search_path(making);
}

bool rs_steps_make(const struct rs_wanted *wanted, const struct rs_found *found,
                   const struct rs_steps_secret *secret, struct rs_steps *steps,
                   struct rs_error *err)
{
    struct rs_making making = {.wanted = wanted,
                               .found = found,
                               .secret = secret,
                               .steps = steps,
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

bool rs_steps_make_password(const struct rs_wanted *wanted, const struct rs_steps_secret *secret,
                            struct rs_steps *steps, struct rs_error *err)
{
    struct rs_making making = {.wanted = wanted,
                               .secret = secret,
                               .steps = steps,
                               .sql = RS_STRBUF_INIT(0),
                               .err = err,
                               .ok = true};
    make_password(&making);
    return making.ok;
}
