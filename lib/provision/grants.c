/*
 * A loader needs CREATE (to make its schemas) and TEMP on the database, or a schema that is its
 * own; a reader needs USAGE on a schema, SELECT on what is in it, and default privileges of whoever
 * makes tables there. All else that the user has is shown, and left for a person to judge.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "provision/steps_internal.h"

enum { TEXT_MAX_BYTES = 8192 };

static bool is_redshift(const struct rs_making *making)
{
    return making->desired->dialect == RS_DIALECT_REDSHIFT;
}

/* TO "u" ends most of them. */
static void end_to_user(struct rs_making *making, size_t property)
{
    rs_making_words(making, " TO ");
    rs_making_name(making, making->desired->user);
    rs_making_end(making, property);
}

static void make_group(struct rs_making *making, const char *group)
{
    const bool member = rs_names_have(making->actual->groups, group);
    const char *what = rs_making_label(making, "group", group, "");
    size_t property =
        rs_making_row(making, what, "member", member ? "member" : "no member", member);
    if (rs_names_have(making->actual->no_group, group)) {
        rs_making_begin(making, is_redshift(making) ? "CREATE GROUP " : "CREATE ROLE ");
        rs_making_name(making, group);
        rs_making_end(making, property);
    }
    if (member) {
        return;
    }
    if (is_redshift(making)) {
        rs_making_begin(making, "ALTER GROUP ");
        rs_making_name(making, group);
        rs_making_words(making, " ADD USER ");
        rs_making_name(making, making->desired->user);
        rs_making_end(making, property);
    } else {
        rs_making_begin(making, "GRANT ");
        rs_making_name(making, group);
        end_to_user(making, property);
    }
}

static void make_privilege(struct rs_making *making, const char *kind, const char *name,
                           const char *privilege, bool held)
{
    char tail[32] = "";
    (void)snprintf(tail, sizeof tail, ": %s", privilege);
    const char *what = rs_making_label(making, kind, name, tail);
    size_t property = rs_making_row(making, what, "yes", held ? "yes" : "no", held);
    if (!held) {
        rs_making_begin(making, "GRANT ");
        rs_making_words(making, privilege);
        rs_making_words(making, strcmp(kind, "schema") == 0 ? " ON SCHEMA " : " ON DATABASE ");
        rs_making_name(making, name);
        end_to_user(making, property);
    }
}

static bool is_loader(const struct rs_making *making)
{
    return making->desired->own_schema || making->desired->read.count == 0;
}

/* CREATE on the database is for who has no schema of its own and does not only read. */
static bool wants_create(const struct rs_making *making)
{
    return !making->desired->own_schema && making->desired->read.count == 0;
}

static void make_database(struct rs_making *making)
{
    const struct rs_actual_user *actual = making->actual;
    const char *database = making->desired->database;
    if (wants_create(making)) {
        make_privilege(making, "database", database, "CREATE", actual->create);
    }
    if (is_loader(making)) {
        make_privilege(making, "database", database, "TEMP", actual->temp);
    }
    if (!is_redshift(making)) {
        make_privilege(making, "database", database, "CONNECT", actual->connect);
    }
}

static void make_own_schema(struct rs_making *making)
{
    const char *schema = making->desired->own_schema;
    const struct rs_actual_schema *own = &making->actual->own;
    struct rs_strbuf actual = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    if (!schema) {
        return;
    }
    const bool ours = own->exists && strcmp(own->owner, making->desired->user) == 0;
    if (own->exists) {
        rs_strbuf_printf(&actual, "of \"%s\"", own->owner);
    } else {
        rs_strbuf_append(&actual, "none");
    }
    const char *what = rs_making_label(making, "schema", schema, "");
    size_t property =
        rs_making_row(making, what, "its own", ours ? "its own" : rs_strbuf_cstr(&actual), ours);
    if (!own->exists) {
        rs_making_begin(making, "CREATE SCHEMA ");
        rs_making_name(making, schema);
        rs_making_words(making, " AUTHORIZATION ");
        rs_making_name(making, making->desired->user);
        rs_making_end(making, property);
    }
    rs_strbuf_release(&actual);
}

static void make_select(struct rs_making *making, const char *schema,
                        const struct rs_actual_schema *actual)
{
    char counts[2][64];
    const char *what = rs_making_label(making, "schema", schema, ": SELECT");
    (void)snprintf(counts[0], sizeof counts[0], "%" PRIu64 " tables", actual->tables);
    (void)snprintf(counts[1], sizeof counts[1], "%" PRIu64 " tables",
                   actual->tables - actual->unread);
    size_t property = rs_making_row(making, what, counts[0], counts[1], actual->unread == 0);
    if (actual->unread > 0) {
        rs_making_begin(making, "GRANT SELECT ON ALL TABLES IN SCHEMA ");
        rs_making_name(making, schema);
        end_to_user(making, property);
    }
}

/* Tables that will be made, by each who makes tables there. */
static void make_defaults(struct rs_making *making, const char *schema,
                          const struct rs_actual_schema *actual)
{
    for (size_t i = 0; i < actual->makers.count; i++) {
        const char *maker = actual->makers.items[i];
        const bool granted = rs_names_have(actual->granted, maker);
        struct rs_strbuf tail = RS_STRBUF_INIT(TEXT_MAX_BYTES);
        rs_strbuf_printf(&tail, ": new tables of \"%s\"", maker);
        const char *what = rs_making_label(making, "schema", schema, rs_strbuf_cstr(&tail));
        size_t property =
            rs_making_row(making, what, "SELECT", granted ? "SELECT" : "none", granted);
        if (!granted) {
            rs_making_begin(making, is_redshift(making) ? "ALTER DEFAULT PRIVILEGES FOR USER "
                                                        : "ALTER DEFAULT PRIVILEGES FOR ROLE ");
            rs_making_name(making, maker);
            rs_making_words(making, " IN SCHEMA ");
            rs_making_name(making, schema);
            rs_making_words(making, " GRANT SELECT ON TABLES");
            end_to_user(making, property);
        }
        rs_strbuf_release(&tail);
    }
}

static void make_read(struct rs_making *making, const char *schema,
                      const struct rs_actual_schema *actual)
{
    if (!actual->exists) {
        (void)rs_making_row(making, rs_making_label(making, "schema", schema, ""), "there", "none",
                            false);
        return;
    }
    make_privilege(making, "schema", schema, "USAGE", actual->usage);
    make_select(making, schema, actual);
    make_defaults(making, schema, actual);
}

static void make_role(struct rs_making *making, const char *role, bool copy, bool unload)
{
    const char *actual = copy && unload ? "COPY, UNLOAD"
                         : copy         ? "COPY"
                         : unload       ? "UNLOAD"
                                        : "none";
    const char *what = rs_making_label(making, "ASSUMEROLE", role, "");
    size_t property = rs_making_row(making, what, "COPY, UNLOAD", actual, copy && unload);
    if (copy && unload) {
        return;
    }
    rs_making_begin(making, "GRANT ASSUMEROLE ON ");
    if (strcmp(role, "default") == 0) {
        rs_making_words(making, "DEFAULT");
    } else {
        rs_making_value(making, role);
    }
    rs_making_words(making, " TO ");
    rs_making_name(making, making->desired->user);
    rs_making_words(making, " FOR COPY, UNLOAD");
    rs_making_end(making, property);
}

static void add_excess(struct rs_making *making, const char *what, const char *actual)
{
    (void)rs_user_changes_add_property(making->changes, what, "no", actual, RS_PROPERTY_EXCESS);
}

static void make_excess(struct rs_making *making)
{
    const struct rs_desired_user *desired = making->desired;
    const struct rs_actual_user *actual = making->actual;
    const bool own_public = desired->own_schema && strcmp(desired->own_schema, "public") == 0;
    const struct excess {
        bool held;
        const char *what;
        const char *how;
    } properties[] = {
        {actual->superuser, "superuser", "yes"},
        {actual->createdb && !actual->superuser, "CREATEDB", "yes"},
        {actual->other_powers, "CREATEROLE, REPLICATION or BYPASSRLS", "yes"},
        {actual->create && !actual->superuser && !wants_create(making), "CREATE on the database",
         "yes"},
        {actual->create_public && !actual->superuser && !own_public, "CREATE on schema \"public\"",
         "yes (by default PUBLIC has it)"},
    };
    for (size_t i = 0; actual->exists && i < RS_COUNTOF(properties); i++) {
        if (properties[i].held) {
            add_excess(making, properties[i].what, properties[i].how);
        }
    }
    for (size_t i = 0; i < actual->groups.count; i++) {
        if (!rs_names_have(desired->groups, actual->groups.items[i])) {
            add_excess(making, rs_making_label(making, "group", actual->groups.items[i], ""),
                       "member");
        }
    }
}

void rs_making_grants(struct rs_making *making)
{
    const struct rs_desired_user *desired = making->desired;
    const struct rs_actual_user *actual = making->actual;
    for (size_t i = 0; i < desired->groups.count; i++) {
        make_group(making, desired->groups.items[i]);
    }
    make_database(making);
    make_own_schema(making);
    for (size_t i = 0; i < desired->read.count; i++) {
        make_read(making, desired->read.items[i], &actual->read[i]);
    }
    for (size_t i = 0; i < desired->roles.count; i++) {
        make_role(making, desired->roles.items[i], actual->copy[i], actual->unload[i]);
    }
    make_excess(making);
}
