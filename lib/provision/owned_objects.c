/*
 * Redshift drops a user of whom the current database knows nothing, and leaves what it owned in
 * the others to nobody; so each database is looked into. It has neither REASSIGN OWNED nor DROP
 * OWNED: a table of kinds says how each kind of object is listed, handed over and taken from.
 * PostgreSQL has both, and pg_shdepend tells what they will touch.
 */
#include "provision/owned_objects.h"

#include "provision/names.h"

enum { TEXT_MAX_BYTES = 8192, PARTS = 5 };

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

/* owned or not, what it is; of this database, and where $2 is "t" of all */
static const char postgresql_objects[] =
    "SELECT s.deptype = 'o', pg_describe_object(s.classid, s.objid, s.objsubid)"
    " FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid"
    " WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND r.rolname = $1"
    " AND (s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
    " OR (s.dbid = 0 AND $2 = 't')) AND s.classid <> 'pg_catalog.pg_auth_members'::regclass"
    " ORDER BY 1 DESC, 2";

/*
 * A kind of thing in Redshift. The query gives up to PARTS texts for $1, the user. In verb, shown
 * and tail %1 .. %5 stand for a part as a name, %' for part 1 as a value, %a for part 3 as it is,
 * %u for the user and %h for the new owner.
 */
struct object_kind {
    const char *query;
    const char *label; /* of the property */
    const char *sql;
    bool owned;    /* a new owner is needed */
    bool once;     /* the same whichever database is asked */
    bool may_lack; /* a server may not have what the query asks */
};

#define OWNED_BY " JOIN pg_catalog.pg_user u ON u.usesysid = "

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
    {.query = "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" OWNED_BY "c.relowner"
              " WHERE u.usename = $1 AND c.relkind IN ('r', 'v', 'm')"
              " AND left(n.nspname, 3) <> 'pg_' AND left(c.relname, 8) <> 'mv_tbl__' ORDER BY 1, 2",
     .label = "table %1.%2",
     .sql = "ALTER TABLE %1.%2 OWNER TO %h",
     .owned = true},
    {.query = "SELECT n.nspname, p.proname, oidvectortypes(p.proargtypes)"
              " FROM pg_catalog.pg_proc_info p"
              " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace" OWNED_BY "p.proowner"
              " WHERE u.usename = $1 AND p.prokind <> 'p' ORDER BY 1, 2, 3",
     .label = "function %1.%2(%a)",
     .sql = "ALTER FUNCTION %1.%2(%a) OWNER TO %h",
     .owned = true},
    {.query = "SELECT n.nspname, p.proname, oidvectortypes(p.proargtypes)"
              " FROM pg_catalog.pg_proc_info p"
              " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace" OWNED_BY "p.proowner"
              " WHERE u.usename = $1 AND p.prokind = 'p' ORDER BY 1, 2, 3",
     .label = "procedure %1.%2(%a)",
     .sql = "ALTER PROCEDURE %1.%2(%a) OWNER TO %h",
     .owned = true},
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
     .sql = "D"}, /* built by append_default */
    {.query = "SELECT DISTINCT namespace_name, relation_name"
              " FROM pg_catalog.svv_relation_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user' ORDER BY 1, 2",
     .label = "table %1.%2",
     .sql = "REVOKE ALL ON TABLE %1.%2 FROM %u"},
    {.query = "SELECT DISTINCT namespace_name, function_name, argument_types"
              " FROM pg_catalog.svv_function_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user' ORDER BY 1, 2, 3",
     .label = "function %1.%2(%a)",
     .sql = "REVOKE ALL ON FUNCTION %1.%2(%a) FROM %u"},
    {.query = "SELECT DISTINCT namespace_name FROM pg_catalog.svv_schema_privileges"
              " WHERE identity_name = $1 AND identity_type = 'user' ORDER BY 1",
     .label = "schema %1",
     .sql = "REVOKE ALL ON SCHEMA %1 FROM %u"},
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
    struct rs_str parts[PARTS];
};

static void append_role(struct rs_strbuf *out, struct rs_str role)
{
    if (rs_str_equal(role, RS_STR("default"))) {
        rs_strbuf_append(out, "ALL"); /* how pg_get_iam_role_by_user calls all of them */
    } else {
        rs_sql_literal(out, RS_DIALECT_REDSHIFT, role);
    }
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
        } else if (*p == 'a') {
            rs_strbuf_append_str(out, filling->parts[2]);
        } else if (*p == '\'') {
            append_role(out, filling->parts[0]);
        } else {
            rs_sql_ident(out, filling->parts[*p - '1']);
        }
    }
}

/* ALTER DEFAULT PRIVILEGES FOR USER o [IN SCHEMA s] REVOKE ALL ON TABLES FROM [GROUP|ROLE] g */
static void append_default(struct rs_strbuf *out, const struct filling *filling)
{
    const struct rs_str *parts = filling->parts;
    const struct rs_str grantee = parts[3];
    const bool functions = rs_str_starts(parts[1], RS_STR("FUNCTION"));
    const bool procedures = rs_str_starts(parts[1], RS_STR("PROCEDURE"));
    rs_strbuf_append(out, "ALTER DEFAULT PRIVILEGES FOR USER ");
    rs_sql_ident(out, parts[4]);
    if (parts[0].length > 0) {
        rs_strbuf_append(out, " IN SCHEMA ");
        rs_sql_ident(out, parts[0]);
    }
    rs_strbuf_append(out, functions    ? " REVOKE ALL ON FUNCTIONS FROM "
                          : procedures ? " REVOKE ALL ON PROCEDURES FROM "
                                       : " REVOKE ALL ON TABLES FROM ");
    if (rs_str_equal(grantee, RS_STR("public"))) {
        rs_strbuf_append(out, "PUBLIC");
        return;
    }
    rs_strbuf_append(out, rs_str_equal(grantee, RS_STR("group"))  ? "GROUP "
                          : rs_str_equal(grantee, RS_STR("role")) ? "ROLE "
                                                                  : "");
    rs_sql_ident(out, parts[2]);
}

/* One property: what is held, and what becomes of it. */
static size_t add_property(struct rs_owned_objects *objects, const char *dbname, const char *what,
                           bool owned)
{
    struct rs_strbuf label = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_strbuf fate = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    rs_strbuf_printf(&label, "%s in \"%s\"", what, dbname);
    if (owned && objects->new_owner) {
        rs_strbuf_printf(&fate, "of \"%s\"", objects->new_owner);
    } else {
        rs_strbuf_append(&fate, owned ? "of another" : "revoked");
    }
    objects->owned += owned;
    size_t property = rs_user_changes_add_property(
        objects->changes, rs_strbuf_cstr(&label), rs_strbuf_cstr(&fate),
        owned ? "owned" : "granted", RS_PROPERTY_MISSING);
    rs_strbuf_release(&label);
    rs_strbuf_release(&fate);
    return property;
}

static bool add_thing(struct rs_owned_objects *objects, const struct object_kind *kind,
                      const char *dbname, const struct filling *filling, struct rs_error *err)
{
    struct rs_strbuf what = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    fill(&what, kind->label, filling);
    size_t property = add_property(objects, dbname, rs_strbuf_cstr(&what), kind->owned);
    if (kind->sql[0] == 'D') {
        append_default(&sql, filling);
    } else {
        fill(&sql, kind->sql, filling);
    }
    bool ok = (kind->owned && !objects->new_owner) ||
              rs_user_changes_add_statement(objects->changes, property, dbname, &sql, NULL, err);
    rs_strbuf_release(&sql);
    rs_strbuf_release(&what);
    return ok;
}

static bool add_kind(struct rs_session *session, struct rs_owned_objects *objects,
                     const struct object_kind *kind, const char *dbname, struct rs_error *err)
{
    struct rs_error refusal = {0};
    struct rs_result *result =
        rs_names_query(session, kind->query, &objects->user, 1, kind->may_lack ? &refusal : err);
    bool ok = result != NULL || (kind->may_lack && refusal.code == RS_E_DATABASE);
    if (!ok && kind->may_lack) {
        *err = refusal;
    }
    for (size_t row = 0; ok && result && row < rs_result_rows(result); row++) {
        struct filling filling = {.objects = objects};
        for (size_t i = 0; i < rs_result_columns(result) && i < PARTS; i++) {
            filling.parts[i] = rs_result_text(result, row, i);
        }
        ok = add_thing(objects, kind, dbname, &filling, err);
    }
    rs_result_free(result);
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
        (void)add_property(objects, dbname, what.data, is_owned);
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
