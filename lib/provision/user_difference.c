/*
 * A part for each kind of thing: the user itself, its options and settings, groups, the database,
 * schemas, IAM roles, and last what the user has beyond need. Each compares, adds a
 * property, and where it is missing the statements that mend it. Names go through rs_sql_ident and
 * values through rs_sql_literal, without exception.
 */
#include "provision/user_difference.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"

enum { TEXT_MAX_BYTES = 8192 };

static const char mask[] = "********";

/* A comparison under way. A failure is told once, by ok. */
struct difference {
    const struct rs_desired_user *desired;
    const struct rs_actual_user *actual;
    const struct rs_password_change *secret;
    struct rs_user_changes *changes;
    struct rs_strbuf sql; /* the statement that is being built */
    struct rs_error *err;
    bool ok;
};

/* ---- What all parts use ---- */

static const struct rs_dialect_facts *facts_of(const struct difference *diff)
{
    return rs_dialect_facts(diff->desired->dialect);
}

static void begin(struct difference *diff, const char *words)
{
    rs_strbuf_reset(&diff->sql);
    rs_strbuf_append(&diff->sql, words);
}

static void add_words(struct difference *diff, const char *words)
{
    rs_strbuf_append(&diff->sql, words);
}

static void add_name(struct difference *diff, const char *name)
{
    rs_sql_ident(&diff->sql, rs_str_from(name));
}

static void add_value(struct difference *diff, const char *value)
{
    rs_sql_literal(&diff->sql, diff->desired->dialect, rs_str_from(value));
}

static void end(struct difference *diff, size_t property)
{
    diff->ok = diff->ok && rs_user_changes_add_statement(diff->changes, property, NULL, &diff->sql,
                                                         NULL, diff->err);
}

/* What the last statement sets may not be seen to be set: run again it does nothing. */
static void set_once(struct difference *diff, bool once)
{
    if (diff->ok) {
        diff->changes->statements[diff->changes->statement_count - 1].once = once;
    }
}

static size_t add_property(struct difference *diff, const char *what, const char *desired,
                           const char *actual, bool as_desired)
{
    return rs_user_changes_add_property(diff->changes, what, desired, actual,
                                        as_desired ? RS_PROPERTY_OK : RS_PROPERTY_MISSING);
}

/* What a property is called: kind "name"tail. In the changes' arena. */
static const char *label_of(struct difference *diff, const char *kind, const char *name,
                            const char *tail)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    rs_strbuf_printf(&text, "%s \"%s\"%s", kind, name, tail);
    const char *label =
        rs_arena_copy(&diff->changes->arena, rs_str_from(rs_strbuf_cstr(&text))).data;
    rs_strbuf_release(&text);
    return label;
}

/* ---- The user and its password ---- */

/* ALTER USER "u" or ALTER ROLE "u", and words behind it. */
static void begin_alter(struct difference *diff, const char *words)
{
    begin(diff, "ALTER ");
    add_words(diff, facts_of(diff)->user);
    add_words(diff, " ");
    add_name(diff, diff->desired->user);
    add_words(diff, words);
}

/* The statement of user and password, once to be sent and once to be shown. */
static void add_secret(struct difference *diff, size_t property, const char *verb, const char *tail)
{
    const struct rs_str sent[] = {diff->secret->encoded, rs_str_from(mask)};
    struct rs_strbuf texts[] = {RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX),
                                RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX)};
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        (void)!rs_strbuf_reserve(&texts[i], TEXT_MAX_BYTES); /* so that it does not move */
        rs_strbuf_printf(&texts[i], "%s %s ", verb, facts_of(diff)->user);
        rs_sql_ident(&texts[i], rs_str_from(diff->desired->user));
        rs_strbuf_append(&texts[i], tail);
        rs_strbuf_append(&texts[i], " PASSWORD ");
        rs_sql_literal(&texts[i], diff->desired->dialect, sent[i]);
    }
    diff->ok = diff->ok && rs_user_changes_add_statement(diff->changes, property, NULL, &texts[0],
                                                         &texts[1], diff->err);
    rs_strbuf_release_secret(&texts[0]);
    rs_strbuf_release(&texts[1]);
}

static void make_password(struct difference *diff)
{
    const struct rs_password_change *secret = diff->secret;
    size_t property = add_property(diff, "password", secret->given ? "as given" : "new",
                                   secret->same ? "as given" : "another", !secret->set);
    if (secret->set) {
        add_secret(diff, property, "ALTER", "");
    }
}

static void make_user(struct difference *diff)
{
    const char *what = label_of(diff, "user", diff->desired->user, "");
    size_t property = add_property(diff, what, "there", diff->actual->exists ? "there" : "none",
                                   diff->actual->exists);
    if (!diff->actual->exists) {
        add_secret(diff, property, "CREATE", facts_of(diff)->has_login_attribute ? " LOGIN" : "");
        return;
    }
    if (diff->secret->given || diff->secret->set) {
        make_password(diff);
    }
}

/* May it log in at all? No statement mends this one. */
static void make_login(struct difference *diff)
{
    const struct rs_actual_user *actual = diff->actual;
    const bool expired = !diff->desired->valid_until && actual->valid_until_us < actual->now_us;
    const bool disabled = !actual->can_login || actual->connection_limit == 0;
    if (actual->exists && (expired || disabled)) {
        (void)add_property(diff, "login", "allowed", disabled ? "disabled" : "expired", false);
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

static void make_valid_until(struct difference *diff)
{
    const struct rs_actual_user *actual = diff->actual;
    char desired[RS_TIMEFMT_MAX + 1] = "";
    char now[RS_TIMEFMT_MAX + 1] = "";
    int64_t until_us = RS_ACTUAL_FOREVER;
    if (!diff->desired->valid_until) {
        return;
    }
    (void)!rs_timefmt_parse(rs_str_from(diff->desired->valid_until), &until_us);
    format_instant(until_us, desired);
    format_instant(actual->valid_until_us, now);
    size_t property = add_property(diff, "valid until", desired, actual->exists ? now : "",
                                   actual->valid_until_us == until_us);
    if (actual->valid_until_us != until_us) {
        begin_alter(diff, " VALID UNTIL ");
        add_value(diff, desired);
        end(diff, property);
    }
}

static void format_number(unsigned number, unsigned none, char out[16])
{
    (void)snprintf(out, 16, number == none ? "none" : "%u", number);
}

/* An option of a number: VALUE in ALTER USER u WORDS VALUE. */
static void make_number(struct difference *diff, const char *what, const char *words,
                        unsigned desired, unsigned actual, unsigned none)
{
    char texts[2][16];
    if (desired == RS_DESIRED_ANY) {
        return;
    }
    format_number(desired, none, texts[0]);
    format_number(actual, none, texts[1]);
    size_t property = add_property(diff, what, texts[0], texts[1], desired == actual);
    if (desired != actual) {
        begin_alter(diff, words);
        add_words(diff, texts[0]);
        end(diff, property);
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

static void begin_setting(struct difference *diff, const char *name)
{
    begin_alter(diff, " SET ");
    add_words(diff, name);
    add_words(diff, " TO ");
}

static void end_setting(struct difference *diff, size_t property)
{
    end(diff, property);
    set_once(diff, true);
}

/* A setting of milliseconds, given in seconds. */
static void make_timeout(struct difference *diff, const char *name, unsigned seconds)
{
    const char *now = setting_of(diff->actual, name);
    char desired[32] = "";
    if (seconds == RS_DESIRED_ANY) {
        return;
    }
    (void)snprintf(desired, sizeof desired, "%llu", (unsigned long long)seconds * 1000);
    const bool same = now && strcmp(now, desired) == 0;
    size_t property = add_property(diff, name, desired, now ? now : "not set", same);
    if (!same) {
        begin_setting(diff, name);
        add_words(diff, desired);
        end_setting(diff, property);
    }
}

static void make_query_group(struct difference *diff)
{
    const char *desired = diff->desired->query_group;
    const char *now = setting_of(diff->actual, "query_group");
    if (!desired) {
        return;
    }
    const bool same = now && strcmp(now, desired) == 0;
    size_t property = add_property(diff, "query_group", desired, now ? now : "not set", same);
    if (!same) {
        begin_setting(diff, "query_group");
        add_value(diff, desired);
        end_setting(diff, property);
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

static void make_search_path(struct difference *diff)
{
    const char *path = diff->desired->search_path;
    const char *now = setting_of(diff->actual, "search_path");
    struct rs_arena *arena = &diff->changes->arena;
    struct rs_names desired = {NULL, 0};
    struct rs_names actual = {NULL, 0};
    if (!path || !rs_desired_user_split_path(arena, rs_str_from(path), &desired)) {
        return;
    }
    const bool same = now && rs_desired_user_split_path(arena, rs_str_from(now), &actual) &&
                      same_names(desired, actual);
    size_t property = add_property(diff, "search_path", path, now ? now : "not set", same);
    if (!same) {
        begin_setting(diff, "search_path");
        for (size_t i = 0; i < desired.count; i++) {
            add_words(diff, i > 0 ? ", " : "");
            add_name(diff, desired.items[i]);
        }
        end_setting(diff, property);
    }
}

static void make_options(struct difference *diff)
{
    const struct rs_desired_user *desired = diff->desired;
    const struct rs_actual_user *actual = diff->actual;
    make_valid_until(diff);
    make_number(diff, "connection limit", " CONNECTION LIMIT ", desired->connection_limit,
                actual->connection_limit, RS_ACTUAL_UNLIMITED);
    if (facts_of(diff)->has_session_timeout) {
        make_number(diff, "session timeout", " SESSION TIMEOUT ", desired->session_timeout,
                    actual->session_timeout, 0);
    } else {
        make_timeout(diff, "idle_session_timeout", desired->session_timeout);
    }
    if (desired->syslog_access) {
        size_t property = add_property(diff, "syslog access", "unrestricted",
                                       actual->syslog_access ? "unrestricted" : "restricted",
                                       actual->syslog_access);
        if (!actual->syslog_access) {
            begin_alter(diff, " SYSLOG ACCESS UNRESTRICTED");
            end(diff, property);
        }
    }
    make_query_group(diff);
    make_timeout(diff, "statement_timeout", desired->statement_timeout);
    make_search_path(diff);
}

/*
 * ---- What it may ----
 *
 * A loader needs CREATE (to make its schemas) and TEMP on the database, or a schema that is its
 * own; a reader needs USAGE on a schema, SELECT on what is in it, and default privileges of whoever
 * makes tables there. All else that the user has is shown, and left for a person to judge.
 */

/* TO "u" ends most of them. */
static void end_to_user(struct difference *diff, size_t property)
{
    add_words(diff, " TO ");
    add_name(diff, diff->desired->user);
    end(diff, property);
}

static void make_group(struct difference *diff, const char *group)
{
    const bool member = rs_names_have(diff->actual->groups, group);
    const char *what = label_of(diff, "group", group, "");
    size_t property = add_property(diff, what, "member", member ? "member" : "no member", member);
    if (rs_names_have(diff->actual->no_group, group)) {
        begin(diff, "CREATE ");
        add_words(diff, facts_of(diff)->group);
        add_words(diff, " ");
        add_name(diff, group);
        end(diff, property);
    }
    if (member) {
        return;
    }
    switch (diff->desired->dialect) {
    case RS_DIALECT_POSTGRESQL:
        begin(diff, "GRANT ");
        add_name(diff, group);
        end_to_user(diff, property);
        return;
    case RS_DIALECT_REDSHIFT:
        begin(diff, "ALTER GROUP ");
        add_name(diff, group);
        add_words(diff, " ADD USER ");
        add_name(diff, diff->desired->user);
        end(diff, property);
        return;
    }
}

static void make_privilege(struct difference *diff, const char *kind, const char *name,
                           const char *privilege, bool held)
{
    char tail[32] = "";
    (void)snprintf(tail, sizeof tail, ": %s", privilege);
    const char *what = label_of(diff, kind, name, tail);
    size_t property = add_property(diff, what, "yes", held ? "yes" : "no", held);
    if (!held) {
        begin(diff, "GRANT ");
        add_words(diff, privilege);
        add_words(diff, strcmp(kind, "schema") == 0 ? " ON SCHEMA " : " ON DATABASE ");
        add_name(diff, name);
        end_to_user(diff, property);
    }
}

static bool is_loader(const struct difference *diff)
{
    return diff->desired->own_schema || diff->desired->read.count == 0;
}

/* CREATE on the database is for who has no schema of its own and does not only read. */
static bool wants_create(const struct difference *diff)
{
    return !diff->desired->own_schema && diff->desired->read.count == 0;
}

static void make_database(struct difference *diff)
{
    const struct rs_actual_user *actual = diff->actual;
    const char *database = diff->desired->database;
    if (wants_create(diff)) {
        make_privilege(diff, "database", database, "CREATE", actual->create);
    }
    if (is_loader(diff)) {
        make_privilege(diff, "database", database, "TEMP", actual->temp);
    }
    if (facts_of(diff)->has_connect_privilege) {
        make_privilege(diff, "database", database, "CONNECT", actual->connect);
    }
}

static void make_own_schema(struct difference *diff)
{
    const char *schema = diff->desired->own_schema;
    const struct rs_actual_schema *own = &diff->actual->own;
    struct rs_strbuf actual = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    if (!schema) {
        return;
    }
    const bool ours = own->exists && strcmp(own->owner, diff->desired->user) == 0;
    if (own->exists) {
        rs_strbuf_printf(&actual, "of \"%s\"", own->owner);
    } else {
        rs_strbuf_append(&actual, "none");
    }
    const char *what = label_of(diff, "schema", schema, "");
    size_t property =
        add_property(diff, what, "its own", ours ? "its own" : rs_strbuf_cstr(&actual), ours);
    if (!own->exists) {
        begin(diff, "CREATE SCHEMA ");
        add_name(diff, schema);
        add_words(diff, " AUTHORIZATION ");
        add_name(diff, diff->desired->user);
        end(diff, property);
    }
    rs_strbuf_release(&actual);
}

static void make_select(struct difference *diff, const char *schema,
                        const struct rs_actual_schema *actual)
{
    char counts[2][64];
    const char *what = label_of(diff, "schema", schema, ": SELECT");
    (void)snprintf(counts[0], sizeof counts[0], "%" PRIu64 " tables", actual->tables);
    (void)snprintf(counts[1], sizeof counts[1], "%" PRIu64 " tables",
                   actual->tables - actual->unread);
    size_t property = add_property(diff, what, counts[0], counts[1], actual->unread == 0);
    if (actual->unread > 0) {
        begin(diff, "GRANT SELECT ON ALL TABLES IN SCHEMA ");
        add_name(diff, schema);
        end_to_user(diff, property);
    }
}

/* Tables that will be made, by each who makes tables there. */
static void make_defaults(struct difference *diff, const char *schema,
                          const struct rs_actual_schema *actual)
{
    for (size_t i = 0; i < actual->makers.count; i++) {
        const char *maker = actual->makers.items[i];
        const bool granted = rs_names_have(actual->granted, maker);
        struct rs_strbuf tail = RS_STRBUF_INIT(TEXT_MAX_BYTES);
        rs_strbuf_printf(&tail, ": new tables of \"%s\"", maker);
        const char *what = label_of(diff, "schema", schema, rs_strbuf_cstr(&tail));
        size_t property = add_property(diff, what, "SELECT", granted ? "SELECT" : "none", granted);
        if (!granted) {
            begin(diff, "ALTER DEFAULT PRIVILEGES FOR ");
            add_words(diff, facts_of(diff)->user);
            add_words(diff, " ");
            add_name(diff, maker);
            add_words(diff, " IN SCHEMA ");
            add_name(diff, schema);
            add_words(diff, " GRANT SELECT ON TABLES");
            end_to_user(diff, property);
        }
        rs_strbuf_release(&tail);
    }
}

static void make_read(struct difference *diff, const char *schema,
                      const struct rs_actual_schema *actual)
{
    if (!actual->exists) {
        (void)add_property(diff, label_of(diff, "schema", schema, ""), "there", "none", false);
        return;
    }
    make_privilege(diff, "schema", schema, "USAGE", actual->usage);
    make_select(diff, schema, actual);
    make_defaults(diff, schema, actual);
}

/*
 * Whether the user may use a role.
 *
 * untold  why the server would not tell: it is granted, which it may be twice; or NULL
 */
static void make_role(struct difference *diff, const char *role, bool copy, bool unload,
                      const char *untold)
{
    const char *actual = untold           ? untold
                         : copy && unload ? "COPY, UNLOAD"
                         : copy           ? "COPY"
                         : unload         ? "UNLOAD"
                                          : "none";
    const char *what = label_of(diff, "ASSUMEROLE", role, "");
    enum rs_property_state state = untold           ? RS_PROPERTY_UNKNOWN
                                   : copy && unload ? RS_PROPERTY_OK
                                                    : RS_PROPERTY_MISSING;
    size_t property =
        rs_user_changes_add_property(diff->changes, what, "COPY, UNLOAD", actual, state);
    if (state == RS_PROPERTY_OK) {
        return;
    }
    begin(diff, "GRANT ASSUMEROLE ON ");
    if (strcmp(role, "default") == 0) {
        add_words(diff, "DEFAULT");
    } else {
        add_value(diff, role);
    }
    add_words(diff, " TO ");
    add_name(diff, diff->desired->user);
    add_words(diff, " FOR COPY, UNLOAD");
    end(diff, property);
    set_once(diff, untold != NULL);
}

static void add_excess(struct difference *diff, const char *what, const char *actual)
{
    (void)rs_user_changes_add_property(diff->changes, what, "no", actual, RS_PROPERTY_EXCESS);
}

/* Groups that are not asked for are too many where some are; else nobody said which there are. */
static void make_other_groups(struct difference *diff)
{
    const bool asked = diff->desired->groups.count > 0;
    for (size_t i = 0; i < diff->actual->groups.count; i++) {
        const char *group = diff->actual->groups.items[i];
        if (!rs_names_have(diff->desired->groups, group)) {
            (void)rs_user_changes_add_property(diff->changes, label_of(diff, "group", group, ""),
                                               asked ? "no" : "not said", "member",
                                               asked ? RS_PROPERTY_EXCESS : RS_PROPERTY_OK);
        }
    }
}

static void make_excess(struct difference *diff)
{
    const struct rs_desired_user *desired = diff->desired;
    const struct rs_actual_user *actual = diff->actual;
    const bool own_public = desired->own_schema && strcmp(desired->own_schema, "public") == 0;
    const struct excess {
        bool held;
        const char *what;
        const char *how;
    } properties[] = {
        {actual->superuser, "superuser", "yes"},
        {actual->createdb && !actual->superuser, "CREATEDB", "yes"},
        {actual->other_powers, "CREATEROLE, REPLICATION or BYPASSRLS", "yes"},
        {actual->create && !actual->superuser && !wants_create(diff), "CREATE on the database",
         "yes"},
        {actual->create_public && !actual->superuser && !own_public, "CREATE on schema \"public\"",
         "yes (by default PUBLIC has it)"},
    };
    for (size_t i = 0; actual->exists && i < RS_COUNTOF(properties); i++) {
        if (properties[i].held) {
            add_excess(diff, properties[i].what, properties[i].how);
        }
    }
    make_other_groups(diff);
}

static void make_grants(struct difference *diff)
{
    const struct rs_desired_user *desired = diff->desired;
    const struct rs_actual_user *actual = diff->actual;
    for (size_t i = 0; i < desired->groups.count; i++) {
        make_group(diff, desired->groups.items[i]);
    }
    make_database(diff);
    make_own_schema(diff);
    for (size_t i = 0; i < desired->read.count; i++) {
        make_read(diff, desired->read.items[i], &actual->read[i]);
    }
    for (size_t i = 0; i < desired->roles.count; i++) {
        make_role(diff, desired->roles.items[i], actual->copy[i], actual->unload[i],
                  actual->untold[i]);
    }
    make_excess(diff);
}

bool rs_user_difference_make(const struct rs_desired_user *desired,
                             const struct rs_actual_user *actual,
                             const struct rs_password_change *secret,
                             struct rs_user_changes *changes, struct rs_error *err)
{
    struct difference diff = {.desired = desired,
                              .actual = actual,
                              .secret = secret,
                              .changes = changes,
                              .sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX),
                              .err = err,
                              .ok = true};
    make_user(&diff);
    make_login(&diff);
    make_options(&diff);
    make_grants(&diff);
    rs_strbuf_release(&diff.sql);
    return diff.ok;
}

bool rs_user_difference_make_password(const struct rs_desired_user *desired,
                                      const struct rs_password_change *secret,
                                      struct rs_user_changes *changes, struct rs_error *err)
{
    struct difference diff = {.desired = desired,
                              .secret = secret,
                              .changes = changes,
                              .sql = RS_STRBUF_INIT(0),
                              .err = err,
                              .ok = true};
    make_password(&diff);
    return diff.ok;
}
