/*
 * What the catalog says a user may is one thing; a login shows that it can. A loader makes a
 * schema (or a table in its own one) in a transaction that is rolled back, a reader reads.
 */
#include "provision/login_test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "provision/names.h"

enum { TEXT_MAX_BYTES = 8192 };

struct test {
    const struct rs_env *env;
    const struct rs_desired_user *desired;
    struct rs_session *session;
    struct rs_user_changes *changes;
};

/* One property; a refusal's words are what was found. */
static void add_state(struct test *test, const char *what, const char *actual,
                      enum rs_property_state state, const struct rs_error *why)
{
    const bool ok = state == RS_PROPERTY_OK;
    char text[sizeof why->message];
    (void)snprintf(text, sizeof text, "%s", ok ? actual : why->message);
    (void)rs_user_changes_add_property(test->changes, what, ok ? actual : "yes", text, state);
}

static void add(struct test *test, const char *what, const char *actual, bool ok,
                const struct rs_error *why)
{
    add_state(test, what, actual, ok ? RS_PROPERTY_OK : RS_PROPERTY_MISSING, why);
}

/*
 * The answers of one query, each of which has to be "t"; a refusal to answer is no "no", and nor is
 * what is said of the role "default" (rs_actual_user_read).
 */
static void ask(struct test *test, const char *what, const char *sql, const char *const *params,
                size_t count)
{
    struct rs_error why = {0};
    struct rs_result *result = rs_names_query(test->session, sql, params, count, &why);
    bool ok = result && rs_result_rows(result) == 1;
    for (size_t i = 0; ok && i < rs_result_columns(result); i++) {
        ok = rs_str_equal(rs_result_text(result, 0, i), RS_STR("t"));
    }
    enum rs_property_state state = ok ? RS_PROPERTY_OK : RS_PROPERTY_MISSING;
    if (result && !ok) {
        const bool by_name = count > 0 && strcmp(params[0], "default") == 0;
        state = by_name ? RS_PROPERTY_UNKNOWN : state;
        (void)rs_error_set(&why, RS_E_DATABASE, by_name ? "not by this name" : "no");
    } else if (!ok && why.code == RS_E_DATABASE) {
        state = RS_PROPERTY_UNKNOWN;
    }
    add_state(test, what, "yes", state, &why);
    rs_result_free(result);
}

static bool is_loader(const struct rs_desired_user *desired)
{
    return desired->own_schema || desired->read.count == 0;
}

static void ask_privileges(struct test *test)
{
    const struct rs_desired_user *desired = test->desired;
    if (!is_loader(desired)) {
        return;
    }
    ask(test, "as the user: has_database_privilege",
        desired->own_schema ? "SELECT has_database_privilege(current_database(), 'TEMP')"
                            : "SELECT has_database_privilege(current_database(), 'CREATE'),"
                              " has_database_privilege(current_database(), 'TEMP')",
        NULL, 0);
    for (size_t i = 0; i < desired->roles.count; i++) {
        const char *const params[] = {desired->roles.items[i]};
        struct rs_strbuf what = RS_STRBUF_INIT(TEXT_MAX_BYTES);
        rs_strbuf_printf(&what, "as the user: ASSUMEROLE \"%s\"", params[0]);
        ask(test, rs_strbuf_cstr(&what),
            "SELECT has_assumerole_privilege($1, 'COPY'), has_assumerole_privilege($1, 'UNLOAD')",
            params, 1);
        rs_strbuf_release(&what);
    }
}

/* CREATE and DROP of something with a name that nobody has, in the schema where there is one. */
static void append_try(struct rs_strbuf *sql, const char *verb, const char *schema,
                       const char *name)
{
    rs_strbuf_printf(sql, "%s %s ", verb, schema ? "TABLE" : "SCHEMA");
    if (schema) {
        rs_sql_qualified(sql, rs_str_from(schema), rs_str_from(name));
        rs_strbuf_append(sql, strcmp(verb, "CREATE") == 0 ? " (id INTEGER)" : "");
    } else {
        rs_sql_ident(sql, rs_str_from(name));
    }
}

static void try_making(struct test *test)
{
    static const char *const verbs[] = {"CREATE", "DROP"};
    const char *schema = test->desired->own_schema;
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_error why = {0};
    char name[40] = "";
    if (!is_loader(test->desired)) {
        return;
    }
    (void)snprintf(name, sizeof name, "rs_proof_%016" PRIx64, test->env->random_u64(test->env));
    bool ok = rs_session_begin(test->session, &why);
    for (size_t i = 0; ok && i < RS_COUNTOF(verbs); i++) {
        rs_strbuf_reset(&sql);
        append_try(&sql, verbs[i], schema, name);
        ok = rs_session_exec(test->session, &sql, NULL, &why);
    }
    rs_session_rollback(test->session);
    add(test, schema ? "as the user: make and drop a table" : "as the user: make and drop a schema",
        "yes", ok, &why);
    rs_strbuf_release(&sql);
}

static void try_reading(struct test *test, const char *schema)
{
    const char *const params[] = {schema};
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_strbuf what = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_error why = {0};
    struct rs_result *tables =
        rs_names_query(test->session,
                       "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                       " ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')"
                       " AND left(c.relname, 8) <> 'mv_tbl__'" /* of materialized views */
                       " ORDER BY 1 LIMIT 1",
                       params, 1, &why);
    bool ok = tables != NULL;
    const bool any = ok && rs_result_rows(tables) > 0;
    if (any) {
        rs_strbuf_append(&sql, "SELECT 1 FROM ");
        rs_sql_qualified(&sql, rs_str_from(schema), rs_result_text(tables, 0, 0));
        rs_strbuf_append(&sql, " LIMIT 1");
        struct rs_result *result = rs_session_query(test->session, &sql, &why);
        ok = result != NULL;
        rs_result_free(result);
    }
    rs_strbuf_printf(&what, "as the user: read schema \"%s\"", schema);
    add(test, rs_strbuf_cstr(&what), any ? "yes" : "no table yet", ok, &why);
    rs_result_free(tables);
    rs_strbuf_release(&what);
    rs_strbuf_release(&sql);
}

bool rs_login_test_run(const struct rs_env *env, const struct rs_provision_connector *connector,
                       const struct rs_desired_user *desired, const char *password,
                       struct rs_user_changes *changes, struct rs_error *err)
{
    struct test test = {.env = env, .desired = desired, .changes = changes};
    struct rs_error why = {0};
    test.session =
        connector->open(connector->arg, desired->database, desired->user, password, &why);
    if (why.code == RS_E_INTERRUPTED) {
        *err = why;
        return false;
    }
    const bool tls = test.session && rs_session_uses_tls(test.session);
    add(&test, "as the user: login", tls ? "over TLS" : "without TLS", test.session != NULL, &why);
    if (test.session) {
        ask_privileges(&test);
        try_making(&test);
        for (size_t i = 0; i < desired->read.count; i++) {
            try_reading(&test, desired->read.items[i]);
        }
        rs_session_close(test.session);
    }
    return rs_env_check_interrupt(env, err);
}
