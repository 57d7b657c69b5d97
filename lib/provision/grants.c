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

/* TO "u" ends most of them. */
static void end_to_user(struct rs_making *making, size_t row)
{
    rs_making_words(making, " TO ");
    rs_making_name(making, making->wanted->user);
    rs_making_end(making, row);
}

static void make_group(struct rs_making *making, const char *group)
{
    const bool member = rs_names_have(making->found->groups, group);
    const char *what = rs_making_label(making, "group", group, "");
    size_t row = rs_making_row(making, what, "member", member ? "member" : "no member", member);
    if (rs_names_have(making->found->no_group, group)) {
        rs_making_begin(making, "CREATE ");
        rs_making_words(making, rs_making_facts(making)->group);
        rs_making_words(making, " ");
        rs_making_name(making, group);
        rs_making_end(making, row);
    }
    if (member) {
        return;
    }
    switch (making->wanted->dialect) {
    case RS_DIALECT_POSTGRESQL:
        rs_making_begin(making, "GRANT ");
        rs_making_name(making, group);
        end_to_user(making, row);
        return;
    case RS_DIALECT_REDSHIFT:
        rs_making_begin(making, "ALTER GROUP ");
        rs_making_name(making, group);
        rs_making_words(making, " ADD USER ");
        rs_making_name(making, making->wanted->user);
        rs_making_end(making, row);
        return;
    }
}

static void make_privilege(struct rs_making *making, const char *kind, const char *name,
                           const char *privilege, bool held)
{
    char tail[32] = "";
    (void)snprintf(tail, sizeof tail, ": %s", privilege);
    const char *what = rs_making_label(making, kind, name, tail);
    size_t row = rs_making_row(making, what, "yes", held ? "yes" : "no", held);
    if (!held) {
        rs_making_begin(making, "GRANT ");
        rs_making_words(making, privilege);
        rs_making_words(making, strcmp(kind, "schema") == 0 ? " ON SCHEMA " : " ON DATABASE ");
        rs_making_name(making, name);
        end_to_user(making, row);
    }
}

static bool is_loader(const struct rs_making *making)
{
    return making->wanted->own_schema || making->wanted->read.count == 0;
}

/* CREATE on the database is for who has no schema of its own and does not only read. */
static bool wants_create(const struct rs_making *making)
{
    return !making->wanted->own_schema && making->wanted->read.count == 0;
}

static void make_database(struct rs_making *making)
{
    const struct rs_found *found = making->found;
    const char *database = making->wanted->database;
    if (wants_create(making)) {
        make_privilege(making, "database", database, "CREATE", found->create);
    }
    if (is_loader(making)) {
        make_privilege(making, "database", database, "TEMP", found->temp);
    }
    if (rs_making_facts(making)->has_connect_privilege) {
        make_privilege(making, "database", database, "CONNECT", found->connect);
    }
}

static void make_own_schema(struct rs_making *making)
{
    const char *schema = making->wanted->own_schema;
    const struct rs_found_schema *own = &making->found->own;
    struct rs_strbuf found = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    if (!schema) {
        return;
    }
    const bool ours = own->exists && strcmp(own->owner, making->wanted->user) == 0;
    if (own->exists) {
        rs_strbuf_printf(&found, "of \"%s\"", own->owner);
    } else {
        rs_strbuf_append(&found, "none");
    }
    const char *what = rs_making_label(making, "schema", schema, "");
    size_t row =
        rs_making_row(making, what, "its own", ours ? "its own" : rs_strbuf_cstr(&found), ours);
    if (!own->exists) {
        rs_making_begin(making, "CREATE SCHEMA ");
        rs_making_name(making, schema);
        rs_making_words(making, " AUTHORIZATION ");
        rs_making_name(making, making->wanted->user);
        rs_making_end(making, row);
    }
    rs_strbuf_release(&found);
}

static void make_select(struct rs_making *making, const char *schema,
                        const struct rs_found_schema *found)
{
    char counts[2][64];
    const char *what = rs_making_label(making, "schema", schema, ": SELECT");
    (void)snprintf(counts[0], sizeof counts[0], "%" PRIu64 " tables", found->tables);
    (void)snprintf(counts[1], sizeof counts[1], "%" PRIu64 " tables",
                   found->tables - found->unread);
    size_t row = rs_making_row(making, what, counts[0], counts[1], found->unread == 0);
    if (found->unread > 0) {
        rs_making_begin(making, "GRANT SELECT ON ALL TABLES IN SCHEMA ");
        rs_making_name(making, schema);
        end_to_user(making, row);
    }
}

/* Tables that will be made, by each who makes tables there. */
static void make_defaults(struct rs_making *making, const char *schema,
                          const struct rs_found_schema *found)
{
    for (size_t i = 0; i < found->makers.count; i++) {
        const char *maker = found->makers.items[i];
        const bool granted = rs_names_have(found->granted, maker);
        struct rs_strbuf tail = RS_STRBUF_INIT(TEXT_MAX_BYTES);
        rs_strbuf_printf(&tail, ": new tables of \"%s\"", maker);
        const char *what = rs_making_label(making, "schema", schema, rs_strbuf_cstr(&tail));
        size_t row = rs_making_row(making, what, "SELECT", granted ? "SELECT" : "none", granted);
        if (!granted) {
            rs_making_begin(making, "ALTER DEFAULT PRIVILEGES FOR ");
            rs_making_words(making, rs_making_facts(making)->user);
            rs_making_words(making, " ");
            rs_making_name(making, maker);
            rs_making_words(making, " IN SCHEMA ");
            rs_making_name(making, schema);
            rs_making_words(making, " GRANT SELECT ON TABLES");
            end_to_user(making, row);
        }
        rs_strbuf_release(&tail);
    }
}

static void make_read(struct rs_making *making, const char *schema,
                      const struct rs_found_schema *found)
{
    if (!found->exists) {
        (void)rs_making_row(making, rs_making_label(making, "schema", schema, ""), "there", "none",
                            false);
        return;
    }
    make_privilege(making, "schema", schema, "USAGE", found->usage);
    make_select(making, schema, found);
    make_defaults(making, schema, found);
}

static void make_role(struct rs_making *making, const char *role, bool copy, bool unload)
{
    const char *found = copy && unload ? "COPY, UNLOAD"
                        : copy         ? "COPY"
                        : unload       ? "UNLOAD"
                                       : "none";
    const char *what = rs_making_label(making, "ASSUMEROLE", role, "");
    size_t row = rs_making_row(making, what, "COPY, UNLOAD", found, copy && unload);
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
    rs_making_name(making, making->wanted->user);
    rs_making_words(making, " FOR COPY, UNLOAD");
    rs_making_end(making, row);
}

static void add_excess(struct rs_making *making, const char *what, const char *found)
{
    (void)rs_steps_add_row(making->steps, what, "no", found, RS_ROW_EXCESS);
}

static void make_excess(struct rs_making *making)
{
    const struct rs_wanted *wanted = making->wanted;
    const struct rs_found *found = making->found;
    const bool own_public = wanted->own_schema && strcmp(wanted->own_schema, "public") == 0;
    const struct excess {
        bool held;
        const char *what;
        const char *how;
    } rows[] = {
        {found->superuser, "superuser", "yes"},
        {found->createdb && !found->superuser, "CREATEDB", "yes"},
        {found->other_powers, "CREATEROLE, REPLICATION or BYPASSRLS", "yes"},
        {found->create && !found->superuser && !wants_create(making), "CREATE on the database",
         "yes"},
        {found->create_public && !found->superuser && !own_public, "CREATE on schema \"public\"",
         "yes (by default PUBLIC has it)"},
    };
    for (size_t i = 0; found->exists && i < RS_COUNTOF(rows); i++) {
        if (rows[i].held) {
            add_excess(making, rows[i].what, rows[i].how);
        }
    }
    for (size_t i = 0; i < found->groups.count; i++) {
        if (!rs_names_have(wanted->groups, found->groups.items[i])) {
            add_excess(making, rs_making_label(making, "group", found->groups.items[i], ""),
                       "member");
        }
    }
}

void rs_making_grants(struct rs_making *making)
{
    const struct rs_wanted *wanted = making->wanted;
    const struct rs_found *found = making->found;
    for (size_t i = 0; i < wanted->groups.count; i++) {
        make_group(making, wanted->groups.items[i]);
    }
    make_database(making);
    make_own_schema(making);
    for (size_t i = 0; i < wanted->read.count; i++) {
        make_read(making, wanted->read.items[i], &found->read[i]);
    }
    for (size_t i = 0; i < wanted->roles.count; i++) {
        make_role(making, wanted->roles.items[i], found->copy[i], found->unload[i]);
    }
    make_excess(making);
}
