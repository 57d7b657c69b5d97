/*
 * database.h - a session on the test's PostgreSQL, and a schema of its own for each test.
 *
 *   if (!database_is_there()) return 77;              in main: ctest takes that for a skip
 *   struct database db;
 *   database_open(&db);
 *   database_exec(&db, "CREATE TABLE $.t (a int)");   "$" is the schema
 *   assert_string_equal(database_text(&db, "SELECT a, b FROM $.t"), "1|x\n2|NULL\n");
 *   database_close(&db);                              drops the schema
 *
 * RS_TEST_DATABASE names the database (tests/lib/postgres start prints it).
 */
#ifndef RS_TESTS_DATABASE_H
#define RS_TESTS_DATABASE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rs/strbuf.h"
#include "unit.h"
#include "warehouse/session.h"

struct database {
    struct rs_session *session;
    struct rs_env env;
    struct rs_str schema;
    char name[64];
    struct rs_strbuf text; /* of the last database_text */
};

static inline bool database_is_there(void)
{
    const char *conninfo = getenv("RS_TEST_DATABASE");
    if (conninfo && *conninfo) {
        return true;
    }
    (void)fprintf(stderr, "SKIPPED: RS_TEST_DATABASE names no database to test with\n");
    return false;
}

static inline struct rs_session *database_session(const struct rs_env *env)
{
    struct rs_error err = {0};
    struct rs_login login = {.conninfo = getenv("RS_TEST_DATABASE")};
    struct rs_session *session = rs_session_open(env, &login, &err);
    if (!session) {
        fail_msg("%s", err.message);
    }
    return session;
}

/* The statement with each "$" that no digit follows replaced by the schema's quoted name. */
static inline struct rs_strbuf database_fill(const struct database *db, const char *sql)
{
    struct rs_strbuf out = RS_STRBUF_INIT((size_t)1 << 24);
    for (const char *p = sql; *p; p++) {
        if (p[0] == '$' && !(p[1] >= '0' && p[1] <= '9')) {
            rs_sql_ident(&out, db->schema);
        } else {
            rs_strbuf_append_char(&out, *p);
        }
    }
    return out;
}

static inline void database_exec(struct database *db, const char *sql)
{
    struct rs_error err = {0};
    struct rs_strbuf text = database_fill(db, sql);
    if (!rs_session_exec(db->session, &text, NULL, &err)) {
        fail_msg("%s\n%s", err.message, rs_strbuf_cstr(&text));
    }
    rs_strbuf_release(&text);
}

/* The rows of a query: fields with "|" between them, a "\n" after each row. */
static inline const char *database_text(struct database *db, const char *sql)
{
    struct rs_error err = {0};
    struct rs_strbuf text = database_fill(db, sql);
    struct rs_result *result = rs_session_query(db->session, &text, &err);
    if (!result) {
        fail_msg("%s\n%s", err.message, rs_strbuf_cstr(&text));
    }
    rs_strbuf_reset(&db->text);
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        for (size_t column = 0; column < rs_result_columns(result); column++) {
            rs_strbuf_append(&db->text, column == 0 ? "" : "|");
            rs_strbuf_append_str(&db->text, rs_result_is_null(result, row, column)
                                                ? RS_STR("NULL")
                                                : rs_result_text(result, row, column));
        }
        rs_strbuf_append(&db->text, "\n");
    }
    rs_result_free(result);
    rs_strbuf_release(&text);
    return rs_strbuf_cstr(&db->text);
}

static inline void database_open(struct database *db)
{
    static unsigned count = 0;
    rs_env_init_system(&db->env, "rs-test");
    db->session = database_session(&db->env);
    (void)snprintf(db->name, sizeof db->name, "Test %ld.%u", (long)getpid(), count++);
    db->schema = rs_str_from(db->name);
    db->text = RS_STRBUF_INIT((size_t)1 << 24);
}

static inline void database_close(struct database *db)
{
    database_exec(db, "DROP SCHEMA IF EXISTS $ CASCADE");
    rs_session_close(db->session);
    rs_strbuf_release(&db->text);
}

/* Set up and tear down of a cmocka test whose state is its database. */
static inline int database_set_up(void **state)
{
    static struct database db;
    database_open(&db);
    *state = &db;
    return 0;
}

static inline int database_tear_down(void **state)
{
    database_close(*state);
    return 0;
}

#endif
