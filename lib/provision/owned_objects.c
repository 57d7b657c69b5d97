/*
 * Redshift drops a user of whom the current database knows nothing, and leaves what it owned in
 * the others to nobody; so each database is looked into. It has neither REASSIGN OWNED nor DROP
 * OWNED: a table of kinds says how each kind of object is listed, handed over and taken from.
 * PostgreSQL has both, and pg_shdepend tells what they will touch.
 *
 * In Redshift a superuser's REVOKE takes what an object's owner granted. What another granted, who
 * could do so WITH GRANT OPTION, is taken in that user's name; no view tells of it, so the access
 * lists are read. What was granted on comes first, as REVOKE has no CASCADE there.
 */
#include "provision/owned_objects.h"

#include <string.h>

#include "provision/access_list.h"
#include "provision/names.h"

enum { TEXT_MAX_BYTES = 8192, PARTS = 5, OWNER = 3, LIST = 4 };

static const char postgresql_databases[] =
    "SELECT datname FROM (SELECT datname, 1 AS place FROM pg_catalog.pg_database"
    " WHERE datname <> current_database() AND oid IN (SELECT s.dbid FROM pg_catalog.pg_shdepend s"
    " JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid"
    " WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND r.rolname = $1)"
    " UNION ALL SELECT current_database(), 0) d ORDER BY place, datname";

/* The ones that nobody but AWS connects to are left out. */
static const char redshift_databases[] =
    "SELECT datname FROM (SELECT datname, 1 AS place FROM pg_catalog.pg_database_info"
    " WHERE datallowconn AND NOT datistemplate AND datname <> current_database() AND $1 <> ''"
    " AND datname NOT IN ('padb_harvest', 'awsdatacatalog', 'sys:internal')"
    " UNION ALL SELECT current_database(), 0) d ORDER BY place, datname";

/*
 * Owned or not, what it is; of this database, and where $2 is "t" of all. What nobody can be given,
 * DROP OWNED drops.
 */
static const char postgresql_objects[] =
    "SELECT s.deptype = 'o' AND s.classid NOT IN ('pg_catalog.pg_default_acl'::regclass,"
    " 'pg_catalog.pg_user_mapping'::regclass, 'pg_catalog.pg_auth_members'::regclass),"
    " pg_describe_object(s.classid, s.objid, s.objsubid)"
    " FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid"
    " WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND r.rolname = $1"
    " AND (s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
    " OR (s.dbid = 0 AND $2 = 't')) ORDER BY 1 DESC, 2";

/*
 * A kind of thing in Redshift. The query gives up to PARTS texts for $1, the user. In label, sql and
 * advice %1 .. %5 stand for a part as a name, %' for part 1 as a value, %a for part 3 as it is, %u
 * for the user, %h for the new owner, and of an entry of an access list %g for whom it is granted to
 * and %o for who granted it.
 */
struct object_kind {
    const char *query;
    const char *label; /* of the property */
    const char *sql;
    const char *advice; /* what a person has to do, as no statement hands it over */
    bool owned;         /* a new owner is needed */
    bool once;          /* the same whichever database is asked */
    bool may_lack;      /* a server may not have what the query asks: DROP has the last word */
    bool listed;        /* parts OWNER and LIST are an owner and an access list */
    bool shown_nowhere; /* ... which no view tells of, what the owner granted either */
    bool defaults;      /* default privileges: sql is built */
};

#define OWNED_BY  " JOIN pg_catalog.pg_user u ON u.usesysid = "
#define NO_INNER  " AND left(c.relname, 8) <> 'mv_tbl__'"
#define NO_SYSTEM " AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'"
#define OTHERS_OF " JOIN pg_catalog.pg_user o ON o.usename <> $1 AND o.usesysid = "

/* A view is materialized where the table is that holds its rows. */
#define RELATION                                                                                   \
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"                                       \
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" OWNED_BY "c.relowner"              \
    " LEFT JOIN pg_catalog.pg_class i ON i.relnamespace = c.relnamespace"                          \
    " AND i.relname = 'mv_tbl__' || c.relname || '__0'"                                            \
    " WHERE u.usename = $1 AND c.relkind IN ('r', 'v', 'm')"                                       \
    " AND left(n.nspname, 3) <> 'pg_'" NO_INNER

#define ROUTINE                                                                                    \
    "SELECT n.nspname, p.proname, oidvectortypes(p.proargtypes)"                                   \
    " FROM pg_catalog.pg_proc_info p JOIN pg_catalog.pg_namespace n ON n.oid = "                   \
    "p.pronamespace" OWNED_BY "p.proowner WHERE u.usename = $1 AND p.prokind "

#define ROUTINE_LIST                                                                               \
    "SELECT n.nspname, f.proname, oidvectortypes(f.proargtypes), o.usename,"                       \
    " array_to_string(f.proacl, ',') FROM pg_catalog.pg_proc f"                                    \
    " JOIN pg_catalog.pg_proc_info p ON p.prooid = f.oid"                                          \
    " JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace" OTHERS_OF                          \
    "f.proowner WHERE f.proacl IS NOT NULL AND p.prokind "

static const struct object_kind kinds[] = {
    {.query = "SELECT d.datname FROM pg_catalog.pg_database d" OWNED_BY "d.datdba"
              " WHERE u.usename = $1 ORDER BY 1",
     .label = "database %1",
     .sql = "ALTER DATABASE %1 OWNER TO %h",
     .owned = true,
     .once = true},
    {.query = "SELECT n.nspname FROM pg_catalog.pg_namespace n" OWNED_BY "n.nspowner"
              " WHERE u.usename = $1 AND left(n.nspname, 3) <> 'pg_' ORDER BY 1",
     .label = "schema %1",
     .sql = "ALTER SCHEMA %1 OWNER TO %h",
     .owned = true},
    {.query = RELATION " AND (c.relkind = 'r' OR i.relname IS NULL) ORDER BY 1, 2",
     .label = "table %1.%2",
     .sql = "ALTER TABLE %1.%2 OWNER TO %h",
     .owned = true},
    {.query = RELATION " AND c.relkind <> 'r' AND i.relname IS NOT NULL ORDER BY 1, 2",
     .label = "materialized view %1.%2",
     .advice = "keep what SHOW VIEW %1.%2 prints, run DROP MATERIALIZED VIEW %1.%2, and have its "
               "new owner make it",
     .owned = true},
    {.query = ROUTINE "<> 'p' ORDER BY 1, 2, 3",
     .label = "function %1.%2(%a)",
     .sql = "ALTER FUNCTION %1.%2(%a) OWNER TO %h",
     .owned = true},
    {.query = ROUTINE "= 'p' ORDER BY 1, 2, 3",
     .label = "procedure %1.%2(%a)",
     .sql = "ALTER PROCEDURE %1.%2(%a) OWNER TO %h",
     .owned = true},
    {.query = "SELECT l.name FROM pg_catalog.pg_library l" OWNED_BY "l.owner"
              " WHERE u.usename = $1 ORDER BY 1",
     .label = "library %1",
     .advice = "run DROP LIBRARY %1, or have its new owner run CREATE OR REPLACE LIBRARY %1",
     .owned = true,
     .may_lack = true},
    {.query = "SELECT role_name FROM pg_catalog.svv_roles WHERE role_owner = $1 ORDER BY 1",
     .label = "role %1",
     .sql = "ALTER ROLE %1 OWNER TO %h",
     .owned = true,
     .once = true},
    {.query = "SELECT DISTINCT coalesce(schema_name, ''), object_type, grantee_name, grantee_type,"
              " owner_name FROM pg_catalog.svv_default_privileges"
              " WHERE (owner_name = $1 AND owner_type = 'user')"
              " OR (grantee_name = $1 AND grantee_type = 'user') ORDER BY 1, 2, 3, 4, 5",
     .label = "default privileges",
     .defaults = true},
    {.query = "SELECT coalesce(n.nspname, ''), d.defaclobjtype, '', u.usename,"
              " array_to_string(d.defaclacl, ',') FROM pg_catalog.pg_default_acl d" OWNED_BY
              "d.defacluser LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace"
              " WHERE u.usename = $1 ORDER BY 1, 2",
     .label = "default privileges",
     .defaults = true,
     .may_lack = true,
     .listed = true},
    {.query = "SELECT n.nspname, c.relname, a.attname, o.usename, array_to_string(a.attacl, ',')"
              " FROM pg_catalog.pg_attribute_info a"
              " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" OTHERS_OF "c.relowner"
              " WHERE a.attacl IS NOT NULL AND c.relkind IN ('r', 'v', 'm')" NO_INNER NO_SYSTEM
              " ORDER BY 1, 2, 3",
     .label = "column %3 of table %1.%2",
     .sql = "REVOKE SELECT (%3), UPDATE (%3) ON TABLE %1.%2 FROM %g",
     .may_lack = true,
     .listed = true},
    {.query = "SELECT n.nspname, c.relname, '', o.usename, array_to_string(c.relacl, ',')"
              " FROM pg_catalog.pg_class c"
              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" OTHERS_OF "c.relowner"
              " WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'v', 'm')" NO_INNER NO_SYSTEM
              " ORDER BY 1, 2",
     .label = "table %1.%2",
     .sql = "REVOKE ALL ON TABLE %1.%2 FROM %g",
     .may_lack = true,
     .listed = true},
    {.query = ROUTINE_LIST "<> 'p' ORDER BY 1, 2, 3",
     .label = "function %1.%2(%a)",
     .sql = "REVOKE ALL ON FUNCTION %1.%2(%a) FROM %g",
     .may_lack = true,
     .listed = true,
     .shown_nowhere = true},
    {.query = ROUTINE_LIST "= 'p' ORDER BY 1, 2, 3",
     .label = "procedure %1.%2(%a)",
     .sql = "REVOKE ALL ON PROCEDURE %1.%2(%a) FROM %g",
     .may_lack = true,
     .listed = true,
     .shown_nowhere = true},
    {.query = "SELECT l.lanname, '', '', 'rdsdb', array_to_string(l.lanacl, ',')"
              " FROM pg_catalog.pg_language l WHERE l.lanacl IS NOT NULL AND $1 <> '' ORDER BY 1",
     .label = "language %1",
     .sql = "REVOKE ALL ON LANGUAGE %1 FROM %g",
     .may_lack = true,
     .listed = true},
    {.query = "SELECT n.nspname, '', '', o.usename, array_to_string(n.nspacl, ',')"
              " FROM pg_catalog.pg_namespace n" OTHERS_OF "n.nspowner"
              " WHERE n.nspacl IS NOT NULL ORDER BY 1",
     .label = "schema %1",
     .sql = "REVOKE ALL ON SCHEMA %1 FROM %g",
     .may_lack = true,
     .listed = true},
    {.query = "SELECT d.datname, '', '', o.usename, array_to_string(d.datacl, ',')"
              " FROM pg_catalog.pg_database d" OTHERS_OF "d.datdba"
              " WHERE d.datacl IS NOT NULL AND d.datname = current_database()",
     .label = "database %1",
     .sql = "REVOKE ALL ON DATABASE %1 FROM %g",
     .may_lack = true,
     .listed = true},
    {.query = "SELECT DISTINCT namespace_name, relation_name, column_name"
              " FROM pg_catalog.svv_column_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user' ORDER BY 1, 2, 3",
     .label = "column %3 of table %1.%2",
     .sql = "REVOKE SELECT (%3), UPDATE (%3) ON TABLE %1.%2 FROM %u"},
    {.query = "SELECT DISTINCT namespace_name, relation_name"
              " FROM pg_catalog.svv_relation_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user'"
              " AND left(relation_name, 8) <> 'mv_tbl__' ORDER BY 1, 2",
     .label = "table %1.%2",
     .sql = "REVOKE ALL ON TABLE %1.%2 FROM %u"},
    {.query = "SELECT DISTINCT namespace_name FROM pg_catalog.svv_schema_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user' ORDER BY 1",
     .label = "schema %1",
     .sql = "REVOKE ALL ON SCHEMA %1 FROM %u"},
    {.query = "SELECT DISTINCT language_name FROM pg_catalog.svv_language_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user' ORDER BY 1",
     .label = "language %1",
     .sql = "REVOKE ALL ON LANGUAGE %1 FROM %u"},
    {.query = "SELECT DISTINCT database_name FROM pg_catalog.svv_database_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user' ORDER BY 1",
     .label = "database %1",
     .sql = "REVOKE ALL ON DATABASE %1 FROM %u"},
    {.query = "SELECT iam_role FROM pg_get_iam_role_by_user($1)"
              " res_iam_role(username text, iam_role text, cmd text)"
              " WHERE cmd <> 'None' ORDER BY 1",
     .label = "ASSUMEROLE on %1",
     .sql = "REVOKE ASSUMEROLE ON %' FROM %u FOR ALL",
     .once = true,
     .may_lack = true},
};

/* The parts of one thing, and what stands in for them. */
struct filling {
    const struct rs_owned_objects *objects;
    const struct object_kind *kind;
    const char *dbname;
    struct rs_str parts[PARTS];
    const struct rs_access_entry *entry;
};

static void append_role(struct rs_strbuf *out, struct rs_str role)
{
    if (rs_str_equal(role, RS_STR("default"))) {
        rs_strbuf_append(out, "ALL"); /* how pg_get_iam_role_by_user calls all of them */
    } else {
        rs_sql_literal(out, RS_DIALECT_REDSHIFT, role);
    }
}

/* Whom something is granted to: "ann", GROUP "g", PUBLIC. */
static void append_grantee(struct rs_strbuf *out, enum rs_grantee_kind kind, struct rs_str name)
{
    switch (kind) {
    case RS_GRANTEE_PUBLIC:
        rs_strbuf_append(out, "PUBLIC");
        return;
    case RS_GRANTEE_GROUP:
        rs_strbuf_append(out, "GROUP ");
        break;
    case RS_GRANTEE_ROLE:
        rs_strbuf_append(out, "ROLE ");
        break;
    case RS_GRANTEE_USER:
        break;
    }
    rs_sql_ident(out, name);
}

/* Append a pattern of a kind, filled in. */
static void fill(struct rs_strbuf *out, const char *pattern, const struct filling *filling)
{
    for (const char *p = pattern; *p; p++) {
        if (*p != '%') {
            rs_strbuf_append_char(out, *p);
            continue;
        }
        p++;
        if (*p == 'u') {
            rs_sql_ident(out, rs_str_from(filling->objects->user));
        } else if (*p == 'h') {
            rs_sql_ident(
                out, rs_str_from(filling->objects->new_owner ? filling->objects->new_owner : "?"));
        } else if (*p == 'g') {
            append_grantee(out, filling->entry->kind, rs_str_from(filling->entry->grantee));
        } else if (*p == 'o') {
            rs_sql_ident(out, rs_str_from(filling->entry->grantor));
        } else if (*p == 'a') {
            rs_strbuf_append_str(out, filling->parts[2]);
        } else if (*p == '\'') {
            append_role(out, filling->parts[0]);
        } else {
            rs_sql_ident(out, filling->parts[*p - '1']);
        }
    }
}

static enum rs_grantee_kind grantee_kind(struct rs_str word)
{
    return rs_str_equal(word, RS_STR("public"))  ? RS_GRANTEE_PUBLIC
           : rs_str_equal(word, RS_STR("group")) ? RS_GRANTEE_GROUP
           : rs_str_equal(word, RS_STR("role"))  ? RS_GRANTEE_ROLE
                                                 : RS_GRANTEE_USER;
}

/* ALTER DEFAULT PRIVILEGES FOR USER o [IN SCHEMA s] GRANT ALL ON TABLES, with a verb */
static void append_default(struct rs_strbuf *out, struct rs_str owner, struct rs_str schema,
                           const char *verb, struct rs_str type)
{
    rs_strbuf_append(out, "ALTER DEFAULT PRIVILEGES FOR USER ");
    rs_sql_ident(out, owner);
    if (schema.length > 0) {
        rs_strbuf_append(out, " IN SCHEMA ");
        rs_sql_ident(out, schema);
    }
    rs_strbuf_append(out, verb);
    const char first = type.length > 0 ? type.data[0] : 'r'; /* RELATION or r, and so on */
    rs_strbuf_append(out, first == 'F' || first == 'f'   ? "FUNCTIONS"
                          : first == 'P' || first == 'p' ? "PROCEDURES"
                                                         : "TABLES");
}

/* What svv_default_privileges shows is revoked. */
static void append_default_shown(struct rs_strbuf *out, const struct filling *filling)
{
    const struct rs_str *parts = filling->parts;
    append_default(out, parts[4], parts[0], " REVOKE ALL ON ", parts[1]);
    rs_strbuf_append(out, " FROM ");
    append_grantee(out, grantee_kind(parts[3]), parts[2]);
}

/*
 * A row of pg_default_acl that is there for what the user took from itself, or gave to itself, which
 * no view shows. It goes when it says what holds without it: of all schemas that the owner may all,
 * of one schema nothing more.
 */
static void append_default_rest(struct rs_strbuf *out, const struct filling *filling)
{
    const struct rs_str *parts = filling->parts;
    const bool functions = rs_str_equal(parts[1], RS_STR("f"));
    const bool back = parts[0].length == 0 || parts[LIST].length == 0;
    append_default(out, parts[OWNER], parts[0], back ? " GRANT ALL ON " : " REVOKE ALL ON ",
                   parts[1]);
    rs_strbuf_append(out, back ? " TO " : " FROM ");
    rs_sql_ident(out, parts[OWNER]);
    rs_strbuf_append(out, functions && parts[0].length == 0 ? ", PUBLIC" : "");
}

/* One property: what is held, and what becomes of it. */
static size_t add_property(struct rs_owned_objects *objects, const char *dbname, const char *what,
                           bool owned, const char *advice)
{
    struct rs_strbuf label = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_strbuf fate = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    rs_strbuf_printf(&label, "%s in \"%s\"", what, dbname);
    if (advice) {
        rs_strbuf_append(&fate, advice);
    } else if (owned && objects->new_owner) {
        rs_strbuf_printf(&fate, "of \"%s\"", objects->new_owner);
    } else {
        rs_strbuf_append(&fate, owned ? "of another" : "revoked");
    }
    objects->owned += owned;
    size_t property = rs_user_changes_add_property(
        objects->changes, rs_strbuf_cstr(&label), rs_strbuf_cstr(&fate),
        owned ? "owned" : "granted", RS_PROPERTY_MISSING);
    if (advice && objects->fixed++ == 0) {
        objects->first_fixed = rs_arena_copy(objects->arena, rs_strbuf_str(&label)).data;
        objects->advice = rs_arena_copy(objects->arena, rs_strbuf_str(&fate)).data;
    }
    rs_strbuf_release(&label);
    rs_strbuf_release(&fate);
    return property;
}

/* The statement for a thing, or for an entry of its list. */
static void append_statement(struct rs_strbuf *sql, const struct filling *filling)
{
    const struct object_kind *kind = filling->kind;
    const char *owner = kind->listed ? filling->parts[OWNER].data : NULL;
    if (kind->defaults && kind->listed) {
        append_default_rest(sql, filling);
    } else if (kind->defaults) {
        append_default_shown(sql, filling);
    } else if (kind->listed && strcmp(filling->entry->grantor, owner) != 0) {
        fill(sql, "BEGIN; SET LOCAL SESSION AUTHORIZATION %o; ", filling);
        fill(sql, kind->sql, filling);
        rs_strbuf_append(sql, "; COMMIT");
    } else {
        fill(sql, kind->sql, filling);
    }
}

static bool add_thing(struct rs_owned_objects *objects, const struct filling *filling,
                      struct rs_error *err)
{
    const struct object_kind *kind = filling->kind;
    struct rs_strbuf what = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_strbuf advice = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    bool ok = true;
    fill(&what, kind->label, filling);
    if (kind->advice) {
        fill(&advice, kind->advice, filling);
    }
    if (filling->entry && (filling->entry->kind != RS_GRANTEE_USER ||
                           strcmp(filling->entry->grantee, objects->user) != 0)) {
        fill(&what, " for %g", filling);
    }
    size_t property = add_property(objects, filling->dbname, rs_strbuf_cstr(&what), kind->owned,
                                   kind->advice ? rs_strbuf_cstr(&advice) : NULL);
    if (!kind->advice && !(kind->owned && !objects->new_owner)) {
        append_statement(&sql, filling);
        ok = rs_user_changes_add_statement(objects->changes, property, filling->dbname, &sql, NULL,
                                           err);
    }
    rs_strbuf_release(&sql);
    rs_strbuf_release(&advice);
    rs_strbuf_release(&what);
    return ok;
}

/* ---- Access lists ---- */

/* A thing's list; its owner is not the user. */
struct access_list {
    struct rs_access_entry *entries;
    bool *done;
    size_t count;
    const char *owner;
};

static struct access_list read_list(struct rs_str text, const char *owner, struct rs_arena *arena)
{
    struct access_list list = {.owner = owner};
    size_t most = 1;
    for (size_t i = 0; i < text.length; i++) {
        most += text.data[i] == ',';
    }
    list.entries = rs_arena_zalloc(arena, most, sizeof *list.entries);
    list.done = rs_arena_zalloc(arena, most, sizeof *list.done);
    while (list.count < most && rs_access_entry_next(&text, arena, &list.entries[list.count])) {
        struct rs_access_entry *entry = &list.entries[list.count++];
        if (strcmp(entry->grantor, "rdsdb") == 0) {
            entry->grantor = owner; /* nobody acts as rdsdb */
        }
    }
    return list;
}

static bool is_for(const struct rs_access_entry *entry, const char *user)
{
    return entry->kind == RS_GRANTEE_USER && strcmp(entry->grantee, user) == 0;
}

/* Somebody else lets the grantee of an entry grant on. */
static bool keeps_option(const struct access_list *list, const struct rs_access_entry *entry)
{
    bool kept = strcmp(entry->grantee, list->owner) == 0;
    for (size_t i = 0; i < list->count && !kept; i++) {
        const struct rs_access_entry *other = &list->entries[i];
        kept = other != entry && other->can_grant && is_for(other, entry->grantee);
    }
    return kept;
}

/* Revoke an entry, and before it what its grantee granted on, which without it nobody may hold. */
static bool add_entry(struct rs_owned_objects *objects, struct filling *filling,
                      struct access_list *list, size_t at, struct rs_error *err)
{
    const struct rs_access_entry *entry = &list->entries[at];
    bool ok = true;
    list->done[at] = true;
    const bool ends =
        entry->can_grant && entry->kind == RS_GRANTEE_USER && !keeps_option(list, entry);
    for (size_t i = 0; i < list->count && ok && ends; i++) {
        if (!list->done[i] && strcmp(list->entries[i].grantor, entry->grantee) == 0) {
            ok = add_entry(objects, filling, list, i, err);
        }
    }
    filling->entry = entry;
    return ok && add_thing(objects, filling, err);
}

static bool add_list(struct rs_owned_objects *objects, struct filling *filling,
                     struct rs_arena *arena, struct rs_error *err)
{
    const char *owner = rs_arena_copy(arena, filling->parts[OWNER]).data;
    struct access_list list = read_list(filling->parts[LIST], owner, arena);
    bool ok = true;
    filling->parts[OWNER] = rs_str_from(owner);
    if (filling->kind->defaults) { /* what others have is shown, and revoked first */
        for (size_t i = 0; i < list.count; i++) {
            ok = ok && (list.entries[i].kind == RS_GRANTEE_PUBLIC ||
                        is_for(&list.entries[i], objects->user));
        }
        return !ok || add_thing(objects, filling, err);
    }
    for (size_t i = 0; i < list.count && ok; i++) {
        const struct rs_access_entry *entry = &list.entries[i];
        const bool owners = strcmp(entry->grantor, owner) == 0;
        const bool theirs = is_for(entry, objects->user);
        if (!list.done[i] && (owners ? theirs && filling->kind->shown_nowhere
                                     : theirs || strcmp(entry->grantor, objects->user) == 0)) {
            ok = add_entry(objects, filling, &list, i, err);
        }
    }
    return ok;
}

static bool add_kind(struct rs_session *session, struct rs_owned_objects *objects,
                     const struct object_kind *kind, const char *dbname, struct rs_error *err)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_error refusal = {0};
    struct rs_result *result =
        rs_names_query(session, kind->query, &objects->user, 1, kind->may_lack ? &refusal : err);
    bool ok = result != NULL || (kind->may_lack && refusal.code == RS_E_DATABASE);
    if (!ok && kind->may_lack) {
        *err = refusal;
    } else if (!result) {
        rs_log(&rs_session_env(session)->log, RS_LOG_INFO, "not looked at: %s", refusal.message);
    }
    for (size_t row = 0; ok && result && row < rs_result_rows(result); row++) {
        struct filling filling = {.objects = objects, .kind = kind, .dbname = dbname};
        for (size_t i = 0; i < rs_result_columns(result) && i < PARTS; i++) {
            filling.parts[i] = rs_result_text(result, row, i);
        }
        ok = kind->listed ? add_list(objects, &filling, &arena, err)
                          : add_thing(objects, &filling, err);
        rs_arena_reset(&arena);
    }
    rs_result_free(result);
    rs_arena_release(&arena);
    return ok;
}

/* REASSIGN OWNED BY u TO h, DROP OWNED BY u: for all properties from the first one. */
static bool add_owned(struct rs_owned_objects *objects, const char *dbname, size_t first_row,
                      const char *words, const char *new_owner, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_strbuf_append(&sql, words);
    rs_sql_ident(&sql, rs_str_from(objects->user));
    if (new_owner) {
        rs_strbuf_append(&sql, " TO ");
        rs_sql_ident(&sql, rs_str_from(new_owner));
    }
    bool ok = rs_user_changes_add_statement(objects->changes, first_row, dbname, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

static bool add_postgresql(struct rs_session *session, struct rs_owned_objects *objects,
                           const char *dbname, bool first, struct rs_error *err)
{
    const char *const params[] = {objects->user, first ? "t" : "f"};
    struct rs_result *result = rs_names_query(session, postgresql_objects, params, 2, err);
    const size_t first_row = objects->changes->property_count;
    size_t owned = 0;
    if (!result) {
        return false;
    }
    const size_t rows = rs_result_rows(result);
    for (size_t row = 0; row < rows; row++) {
        const bool is_owned = rs_str_equal(rs_result_text(result, row, 0), RS_STR("t"));
        struct rs_str what = rs_arena_copy(objects->arena, rs_result_text(result, row, 1));
        (void)add_property(objects, dbname, what.data, is_owned, NULL);
        owned += is_owned;
    }
    rs_result_free(result);
    return (owned == 0 || !objects->new_owner ||
            add_owned(objects, dbname, first_row, "REASSIGN OWNED BY ", objects->new_owner, err)) &&
           (rows == 0 || (owned > 0 && !objects->new_owner) ||
            add_owned(objects, dbname, first_row, "DROP OWNED BY ", NULL, err));
}

bool rs_owned_objects_databases(struct rs_session *session, struct rs_owned_objects *objects,
                                struct rs_names *out, struct rs_error *err)
{
    const char *databases = NULL;
    switch (rs_session_dialect(session)) {
    case RS_DIALECT_POSTGRESQL:
        databases = postgresql_databases;
        break;
    case RS_DIALECT_REDSHIFT:
        databases = redshift_databases;
        break;
    }
    return rs_names_read(session, databases, &objects->user, 1, objects->arena, out, err);
}

static bool add_redshift(struct rs_session *session, struct rs_owned_objects *objects,
                         const char *dbname, bool first, struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < RS_COUNTOF(kinds) && ok; i++) {
        ok = (kinds[i].once && !first) || add_kind(session, objects, &kinds[i], dbname, err);
    }
    return ok;
}

bool rs_owned_objects_add(struct rs_session *session, struct rs_owned_objects *objects,
                          const char *dbname, bool first, struct rs_error *err)
{
    bool ok = false;
    switch (rs_session_dialect(session)) {
    case RS_DIALECT_POSTGRESQL:
        ok = add_postgresql(session, objects, dbname, first, err);
        break;
    case RS_DIALECT_REDSHIFT:
        ok = add_redshift(session, objects, dbname, first, err);
        break;
    }
    if (!ok) {
        rs_error_prefix(err, "could not read what user \"%s\" has in database \"%s\"",
                        objects->user, dbname);
    }
    return ok;
}

bool rs_owned_objects_drop_user(struct rs_owned_objects *objects, enum rs_dialect dialect,
                                struct rs_error *err)
{
    struct rs_strbuf what = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_strbuf_printf(&what, "user \"%s\"", objects->user);
    rs_strbuf_printf(&sql, "DROP %s ", rs_dialect_facts(dialect)->user);
    rs_sql_ident(&sql, rs_str_from(objects->user));
    size_t property = rs_user_changes_add_property(objects->changes, rs_strbuf_cstr(&what),
                                                   "dropped", "there", RS_PROPERTY_MISSING);
    bool ok = rs_user_changes_add_statement(objects->changes, property, NULL, &sql, NULL, err);
    rs_strbuf_release(&sql);
    rs_strbuf_release(&what);
    return ok;
}
