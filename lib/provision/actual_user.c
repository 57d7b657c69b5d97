/*
 * Queries in pairs, one for each dialect, with all names bound. Functions such as
 * has_table_privilege run on Redshift's leader node only, so they are asked about pg_catalog and
 * never beside a table of the system's own (STL, STV, SVV). What a user has through PUBLIC, a group
 * or a role is in their answers, which is what counts.
 */
#include "provision/actual_user.h"

#include <string.h>

#include "base/timefmt.h"

/* One question in the words of both servers; NULL: there is nothing to ask. */
struct question {
    const char *postgresql;
    const char *redshift;
};

static const char *words_of(struct rs_session *session, const struct question *question)
{
    switch (rs_session_dialect(session)) {
    case RS_DIALECT_POSTGRESQL:
        return question->postgresql;
    case RS_DIALECT_REDSHIFT:
        return question->redshift;
    }
    return NULL;
}

/* superuser, createdb, other powers, may log in, connection limit, valid until, settings */
static const struct question user_question = {
    .postgresql =
        "SELECT r.rolsuper, r.rolcreatedb, r.rolcreaterole OR r.rolreplication OR r.rolbypassrls,"
        " r.rolcanlogin, r.rolconnlimit, r.rolvaliduntil,"
        " (SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s"
        " WHERE s.setrole = r.oid AND s.setdatabase = 0)"
        " FROM pg_catalog.pg_roles r WHERE r.rolname = $1",
    .redshift = "SELECT usesuper, usecreatedb, false, true, '', valuntil, useconfig"
                " FROM pg_catalog.pg_user WHERE usename = $1",
};

/* connection limit, session timeout, syslog access */
static const struct question limits_question = {
    .postgresql = NULL,
    .redshift = "SELECT connection_limit, session_timeout, syslog_access"
                " FROM pg_catalog.svv_user_info WHERE user_name = $1",
};

static const struct question groups_question = {
    .postgresql = "SELECT g.rolname FROM pg_catalog.pg_auth_members m"
                  " JOIN pg_catalog.pg_roles g ON g.oid = m.roleid"
                  " JOIN pg_catalog.pg_roles u ON u.oid = m.member"
                  " WHERE u.rolname = $1 ORDER BY 1",
    .redshift = "SELECT g.groname FROM pg_catalog.pg_group g, pg_catalog.pg_user u"
                " WHERE u.usesysid = ANY (g.grolist) AND u.usename = $1 ORDER BY 1",
};

static const struct question group_question = {
    .postgresql = "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = $1",
    .redshift = "SELECT groname FROM pg_catalog.pg_group WHERE groname = $1",
};

/* CREATE, TEMP, CONNECT on the database; CREATE on schema public */
static const struct question database_question = {
    .postgresql = "SELECT has_database_privilege($1::name, current_database(), 'CREATE'),"
                  " has_database_privilege($1::name, current_database(), 'TEMP'),"
                  " has_database_privilege($1::name, current_database(), 'CONNECT'),"
                  " (SELECT has_schema_privilege($1::name, oid, 'CREATE')"
                  " FROM pg_catalog.pg_namespace WHERE nspname = 'public')",
    .redshift = "SELECT has_database_privilege($1::name, current_database(), 'CREATE'),"
                " has_database_privilege($1::name, current_database(), 'TEMP'), true,"
                " (SELECT has_schema_privilege($1::name, oid, 'CREATE')"
                " FROM pg_catalog.pg_namespace WHERE nspname = 'public')",
};

static const struct question owner_question = {
    .postgresql = "SELECT r.rolname FROM pg_catalog.pg_namespace n"
                  " JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner WHERE n.nspname = $1",
    .redshift = "SELECT u.usename FROM pg_catalog.pg_namespace n"
                " JOIN pg_catalog.pg_user u ON u.usesysid = n.nspowner WHERE n.nspname = $1",
};

/* Tables and views; in Redshift without the tables that hold materialized views' rows. */
#define POSTGRESQL_TABLES "c.relkind IN ('r', 'v', 'm', 'p', 'f')"
#define REDSHIFT_TABLES   "c.relkind IN ('r', 'v', 'm') AND left(c.relname, 8) <> 'mv_tbl__'"

#define HOW_MANY(tables)                                                                           \
    "SELECT count(*) FROM pg_catalog.pg_class c"                                                   \
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"                                    \
    " WHERE n.nspname = $1 AND " tables

/* How many tables a schema has. */
static const struct question tables_question = {
    .postgresql = HOW_MANY(POSTGRESQL_TABLES),
    .redshift = HOW_MANY(REDSHIFT_TABLES),
};

#define HOW_MANY_UNREAD(tables)                                                                    \
    "SELECT has_schema_privilege($2::name, n.oid, 'USAGE'),"                                       \
    " (SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid"                    \
    " AND " tables " AND NOT has_table_privilege($2::name, c.oid, 'SELECT'))"                      \
    " FROM pg_catalog.pg_namespace n WHERE n.nspname = $1"

/* Whether the user has USAGE; the tables that it may not read. */
static const struct question reader_question = {
    .postgresql = HOW_MANY_UNREAD(POSTGRESQL_TABLES),
    .redshift = HOW_MANY_UNREAD(REDSHIFT_TABLES),
};

static const struct question makers_question = {
    .postgresql = "SELECT DISTINCT r.rolname FROM pg_catalog.pg_roles r"
                  " JOIN (SELECT nspowner AS owner FROM pg_catalog.pg_namespace"
                  " WHERE nspname = $1 UNION SELECT c.relowner FROM pg_catalog.pg_class c"
                  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                  " WHERE n.nspname = $1 AND " POSTGRESQL_TABLES ") o"
                  " ON o.owner = r.oid WHERE r.rolname <> $2 ORDER BY 1",
    .redshift = "SELECT DISTINCT u.usename FROM pg_catalog.pg_user u"
                " JOIN (SELECT nspowner AS owner FROM pg_catalog.pg_namespace"
                " WHERE nspname = $1 UNION SELECT c.relowner FROM pg_catalog.pg_class c"
                " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = $1 AND " REDSHIFT_TABLES ") o"
                " ON o.owner = u.usesysid WHERE u.usename <> $2 AND u.usename <> 'rdsdb'"
                " ORDER BY 1",
};

static const struct question granted_question = {
    .postgresql = "SELECT DISTINCT o.rolname FROM pg_catalog.pg_default_acl d"
                  " JOIN pg_catalog.pg_roles o ON o.oid = d.defaclrole"
                  " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace"
                  " CROSS JOIN LATERAL aclexplode(d.defaclacl) a"
                  " JOIN pg_catalog.pg_roles u ON u.oid = a.grantee"
                  " WHERE d.defaclobjtype = 'r' AND a.privilege_type = 'SELECT'"
                  " AND (n.nspname = $1 OR d.defaclnamespace = 0) AND u.rolname = $2",
    .redshift = "SELECT DISTINCT owner_name FROM pg_catalog.svv_default_privileges"
                " WHERE object_type = 'RELATION' AND privilege_type = 'SELECT'"
                " AND (schema_name = $1 OR schema_name IS NULL) AND grantee_name = $2"
                " AND grantee_type = 'user'",
};

static const char role_question[] = "SELECT has_assumerole_privilege($1, $2, 'COPY'),"
                                    " has_assumerole_privilege($1, $2, 'UNLOAD')";

static const struct question password_question = {
    .postgresql = "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = $1",
    .redshift = "SELECT passwd FROM pg_catalog.pg_shadow WHERE usename = $1",
};

static const struct question sessions_question = {
    .postgresql = "SELECT pid FROM pg_catalog.pg_stat_activity"
                  " WHERE usename = $1 AND pid <> pg_backend_pid() ORDER BY pid",
    .redshift = "SELECT process FROM pg_catalog.stv_sessions WHERE trim(user_name) = left($1, 50)"
                " ORDER BY process",
};

static bool is_true(const struct rs_result *result, size_t row, size_t column)
{
    return rs_str_equal(rs_result_text(result, row, column), RS_STR("t"));
}

/* A number, or what stands for none of it. */
static unsigned read_number(struct rs_str text, unsigned none)
{
    uint64_t number = 0;
    return rs_str_parse_u64(rs_str_trim(text), 0, UINT32_MAX - 1, &number) ? (unsigned)number
                                                                           : none;
}

/* An array's elements: {a=b,"c=d, \"e\""}. */
static struct rs_names read_array(struct rs_arena *arena, struct rs_str text)
{
    const char **items = rs_arena_zalloc(arena, text.length + 1, sizeof *items);
    struct rs_names names = {items, 0};
    size_t i = 1;
    while (text.length > 2 && i < text.length) {
        char *item = rs_arena_alloc(arena, text.length);
        size_t length = 0;
        const bool quoted = text.data[i] == '"';
        for (i += quoted; i < text.length; i++) {
            const char c = text.data[i];
            if (quoted ? c == '"' : c == ',' || c == '}') {
                break;
            }
            i += quoted && c == '\\';
            item[length++] = text.data[i < text.length ? i : text.length - 1];
        }
        item[length] = '\0';
        items[names.count++] = item;
        i += quoted ? 2 : 1; /* the quote, and the comma or the brace */
    }
    return names;
}

static int64_t read_instant(struct rs_str text)
{
    int64_t us = 0;
    return rs_timefmt_parse(text, &us) ? us : RS_ACTUAL_FOREVER;
}

static bool read_user(struct rs_session *session, const struct rs_desired_user *desired,
                      struct rs_arena *arena, struct rs_actual_user *out, struct rs_error *err)
{
    struct rs_result *result =
        rs_names_query(session, words_of(session, &user_question), &desired->user, 1, err);
    if (!result) {
        return false;
    }
    out->exists = rs_result_rows(result) > 0;
    if (out->exists) {
        out->superuser = is_true(result, 0, 0);
        out->createdb = is_true(result, 0, 1);
        out->other_powers = is_true(result, 0, 2);
        out->can_login = is_true(result, 0, 3);
        out->connection_limit = read_number(rs_result_text(result, 0, 4), RS_ACTUAL_UNLIMITED);
        out->valid_until_us = read_instant(rs_result_text(result, 0, 5));
        out->settings = read_array(arena, rs_result_text(result, 0, 6));
    }
    rs_result_free(result);
    if (!out->exists || !words_of(session, &limits_question)) {
        return true;
    }
    result = rs_names_query(session, words_of(session, &limits_question), &desired->user, 1, err);
    if (result && rs_result_rows(result) > 0) {
        out->connection_limit = read_number(rs_result_text(result, 0, 0), RS_ACTUAL_UNLIMITED);
        out->session_timeout = read_number(rs_result_text(result, 0, 1), 0);
        out->syslog_access =
            rs_str_equal(rs_str_trim(rs_result_text(result, 0, 2)), RS_STR("UNRESTRICTED"));
    }
    rs_result_free(result);
    return err->code == RS_OK;
}

/* The desired groups that do not exist. */
static bool read_missing_groups(struct rs_session *session, const struct rs_desired_user *desired,
                                struct rs_arena *arena, struct rs_actual_user *out,
                                struct rs_error *err)
{
    const char **missing = rs_arena_zalloc(arena, desired->groups.count + 1, sizeof *missing);
    out->no_group = (struct rs_names){missing, 0};
    for (size_t i = 0; i < desired->groups.count; i++) {
        struct rs_names actual = {NULL, 0};
        if (!rs_names_read(session, words_of(session, &group_question), &desired->groups.items[i],
                           1, arena, &actual, err)) {
            return false;
        }
        if (actual.count == 0) {
            missing[out->no_group.count++] = desired->groups.items[i];
        }
    }
    return true;
}

static bool read_database(struct rs_session *session, const struct rs_desired_user *desired,
                          struct rs_actual_user *out, struct rs_error *err)
{
    struct rs_result *result =
        rs_names_query(session, words_of(session, &database_question), &desired->user, 1, err);
    if (!result) {
        return false;
    }
    out->create = is_true(result, 0, 0);
    out->temp = is_true(result, 0, 1);
    out->connect = is_true(result, 0, 2);
    out->create_public = is_true(result, 0, 3);
    rs_result_free(result);
    return true;
}

static bool read_owner(struct rs_session *session, const char *schema, struct rs_arena *arena,
                       struct rs_actual_schema *out, struct rs_error *err)
{
    struct rs_names owner = {NULL, 0};
    bool ok =
        rs_names_read(session, words_of(session, &owner_question), &schema, 1, arena, &owner, err);
    out->exists = ok && owner.count > 0;
    out->owner = out->exists ? owner.items[0] : "";
    return ok;
}

static bool read_counts(struct rs_session *session, const char *const params[2], bool user_exists,
                        struct rs_actual_schema *out, struct rs_error *err)
{
    struct rs_result *result =
        rs_names_query(session, words_of(session, &tables_question), params, 1, err);
    bool ok = result && rs_result_u64(result, 0, 0, &out->tables, err);
    rs_result_free(result);
    out->unread = out->tables;
    if (!ok || !user_exists) {
        return ok;
    }
    result = rs_names_query(session, words_of(session, &reader_question), params, 2, err);
    ok = result && (rs_result_rows(result) == 0 || rs_result_u64(result, 0, 1, &out->unread, err));
    out->usage = ok && rs_result_rows(result) > 0 && is_true(result, 0, 0);
    rs_result_free(result);
    return ok;
}

static bool read_schemas(struct rs_session *session, const struct rs_desired_user *desired,
                         struct rs_arena *arena, struct rs_actual_user *out, struct rs_error *err)
{
    struct rs_actual_schema *schemas =
        rs_arena_zalloc(arena, desired->read.count + 1, sizeof *schemas);
    out->read = schemas;
    for (size_t i = 0; i < desired->read.count; i++) {
        const char *const params[2] = {desired->read.items[i], desired->user};
        struct rs_actual_schema *schema = &schemas[i];
        if (!read_owner(session, params[0], arena, schema, err)) {
            return false;
        }
        if (schema->exists && !(read_counts(session, params, out->exists, schema, err) &&
                                rs_names_read(session, words_of(session, &makers_question), params,
                                              2, arena, &schema->makers, err) &&
                                rs_names_read(session, words_of(session, &granted_question), params,
                                              2, arena, &schema->granted, err))) {
            return false;
        }
    }
    return true;
}

/*
 * What has_assumerole_privilege says of each role. Its page knows ARNs alone: a server may refuse
 * "default", or have no role of that name to say yes of.
 */
static bool read_roles(struct rs_session *session, const struct rs_desired_user *desired,
                       struct rs_arena *arena, struct rs_actual_user *out, struct rs_error *err)
{
    bool *copy = rs_arena_zalloc(arena, desired->roles.count + 1, sizeof *copy);
    bool *unload = rs_arena_zalloc(arena, desired->roles.count + 1, sizeof *unload);
    const char **untold = rs_arena_zalloc(arena, desired->roles.count + 1, sizeof *untold);
    out->copy = copy;
    out->unload = unload;
    out->untold = untold;
    for (size_t i = 0; out->exists && i < desired->roles.count; i++) {
        const char *const params[2] = {desired->user, desired->roles.items[i]};
        struct rs_error refusal = {0};
        struct rs_result *result = rs_names_query(session, role_question, params, 2, &refusal);
        if (!result && refusal.code != RS_E_DATABASE) {
            *err = refusal;
            return false;
        }
        copy[i] = result && is_true(result, 0, 0);
        unload[i] = result && is_true(result, 0, 1);
        if (!result) {
            untold[i] = rs_arena_copy(arena, rs_str_from(refusal.message)).data;
        } else if (!(copy[i] && unload[i]) && strcmp(params[1], "default") == 0) {
            untold[i] = "not by this name";
        }
        rs_result_free(result);
    }
    return true;
}

bool rs_actual_user_read(struct rs_session *session, const struct rs_desired_user *desired,
                         struct rs_arena *arena, struct rs_actual_user *out, struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    *out = (struct rs_actual_user){
        .can_login = true,
        .connection_limit = RS_ACTUAL_UNLIMITED,
        .valid_until_us = RS_ACTUAL_FOREVER,
        .temp = true, /* what PUBLIC has; read again once the user is there */
        .connect = true,
        .own = {.owner = ""},
        .now_us = env->now_us(env)};
    bool ok =
        read_user(session, desired, arena, out, err) &&
        (!out->exists || (rs_names_read(session, words_of(session, &groups_question),
                                        &desired->user, 1, arena, &out->groups, err) &&
                          read_database(session, desired, out, err))) &&
        read_missing_groups(session, desired, arena, out, err) &&
        (!desired->own_schema || read_owner(session, desired->own_schema, arena, &out->own, err)) &&
        read_schemas(session, desired, arena, out, err) &&
        read_roles(session, desired, arena, out, err);
    if (!ok) {
        rs_error_prefix(err, "could not read what user \"%s\" may", desired->user);
    }
    return ok;
}

const char *rs_actual_user_password(struct rs_session *session, const char *user,
                                    struct rs_arena *arena)
{
    struct rs_error refusal = {0};
    struct rs_names kept = {NULL, 0};
    if (!rs_names_read(session, words_of(session, &password_question), &user, 1, arena, &kept,
                       &refusal)) {
        return NULL;
    }
    return kept.count > 0 ? kept.items[0] : NULL;
}

struct rs_names rs_actual_user_sessions(struct rs_session *session, const char *user,
                                        struct rs_arena *arena)
{
    struct rs_error refusal = {0};
    struct rs_names actual = {NULL, 0};
    if (!rs_names_read(session, words_of(session, &sessions_question), &user, 1, arena, &actual,
                       &refusal)) {
        rs_log(&rs_session_env(session)->log, RS_LOG_INFO, "open sessions are not known: %s",
               refusal.message);
    }
    return actual;
}
