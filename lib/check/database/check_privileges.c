/*
 * What a loader needs: to make its schema (CREATE on the database) or to work in one that is there
 * (USAGE and CREATE on it, and to own the tables, because only an owner may alter one), and
 * temporary tables, through which rows come. The catalog is asked first, which says what is
 * missing; then things are made and rolled back, which shows what no catalog says: a resize, a
 * full disk, a server that is read-only.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check/database/database_facts.h"
#include "check/engine/shell_quote.h"
#include "warehouse/target.h"

enum { NAME_MAX_BYTES = 40, SHOWN_TABLES = 5, SQL_MAX = 4096, SCHEMA_MAX = 512 };

/* The schema that is loaded into, as the catalog has it. */
struct target_schema {
    const char *schema; /* NULL: none is named */
    bool exists;
    bool owned;
    bool usage;
    bool create;
    const char *owner;
};

static const char database_question[] =
    "SELECT has_database_privilege($1::name, current_database(), 'CREATE'),"
    " has_database_privilege($1::name, current_database(), 'TEMP')";

struct questions {
    const char *schema; /* who owns it, and what the user may do in it */
    const char *tables; /* of others */
};

/* Who is in an owner's role is an owner too. */
static const struct questions postgresql_questions = {
    .schema = "SELECT pg_has_role($2::name, n.nspowner, 'USAGE'),"
              " has_schema_privilege($2::name, n.oid, 'USAGE'),"
              " has_schema_privilege($2::name, n.oid, 'CREATE'), pg_get_userbyid(n.nspowner)"
              " FROM pg_catalog.pg_namespace n WHERE n.nspname = $1",
    .tables = "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c"
              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1"
              " AND c.relkind IN ('r', 'p') AND NOT pg_has_role($2::name, c.relowner, 'USAGE')"
              " ORDER BY 1",
};

static const struct questions redshift_questions = {
    .schema =
        "SELECT pg_get_userbyid(n.nspowner) = $2, has_schema_privilege($2::name, n.oid, 'USAGE'),"
        " has_schema_privilege($2::name, n.oid, 'CREATE'), pg_get_userbyid(n.nspowner)"
        " FROM pg_catalog.pg_namespace n WHERE n.nspname = $1",
    .tables = "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c"
              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1"
              " AND c.relkind = 'r' AND pg_get_userbyid(c.relowner) <> $2 ORDER BY 1",
};

/* A schema that the user owns, where it may make none. */
static const char *const own_question =
    "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE pg_get_userbyid(n.nspowner) = $1"
    " AND substring(n.nspname, 1, 3) <> 'pg_' ORDER BY 1 LIMIT 1";

static const struct questions *questions_of(const struct rs_check_run *run)
{
    switch (run->database->dialect) {
    case RS_DIALECT_POSTGRESQL:
        return &postgresql_questions;
    case RS_DIALECT_REDSHIFT:
        return &redshift_questions;
    }
    return NULL;
}

/* The name as the server has it. */
static const char *fold(const struct rs_check_run *run, struct rs_arena *arena, const char *name)
{
    char *copy = (char *)(uintptr_t)rs_arena_copy(arena, rs_str_from(name)).data;
    rs_dialect_fold(run->database->dialect, copy);
    return copy;
}

static bool read_schema(struct rs_check_run *run, struct rs_arena *arena,
                        struct target_schema *target, struct rs_error *err)
{
    if (!run->options->schema) {
        return true;
    }
    target->schema = fold(run, arena, run->options->schema);
    const char *const params[] = {target->schema, run->database->user};
    struct rs_result *result = rs_check_query(run, questions_of(run)->schema, params, 2, err);
    target->exists = result && rs_result_rows(result) > 0;
    if (target->exists) {
        target->owned = rs_check_is_true(result, 0, 0);
        target->usage = rs_check_is_true(result, 0, 1);
        target->create = rs_check_is_true(result, 0, 2);
        target->owner = rs_arena_copy(arena, rs_result_text(result, 0, 3)).data;
    }
    rs_result_free(result);
    return err->code == RS_OK;
}

static void advise_provision(const struct rs_check_run *run, const char *option, const char *value,
                             struct rs_check_result *out)
{
    rs_check_command(out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --database=%s%s%s",
                     rs_check_quote(out, run->database->user),
                     rs_check_quote(out, run->database->database), option,
                     *value ? rs_check_quote(out, value) : "");
}

static void lack_create(const struct rs_check_run *run, const struct target_schema *target,
                        struct rs_check_result *out)
{
    const struct rs_check_database_facts *facts = run->database;
    if (target->schema) {
        rs_check_say(out, RS_CHECK_FAIL,
                     "schema \"%s\" is not there, and \"%s\" may not make it: no CREATE on "
                     "database \"%s\"",
                     target->schema, facts->user, facts->database);
    } else {
        rs_check_say(out, RS_CHECK_FAIL, "\"%s\" may make no schema: no CREATE on database \"%s\"",
                     facts->user, facts->database);
    }
    rs_check_why(out, "a loader makes a schema for each source, and its tables in it");
    rs_check_step(out, "in a SQL client or the Redshift console's query editor, as an "
                       "administrator, grant the user CREATE on the database, as Segment's guide "
                       "has it; or let rs-provision-user do it");
    advise_provision(run, "", "", out);
    if (target->schema) {
        advise_provision(run, " --own-schema=", target->schema, out);
    }
    rs_check_sql(out, "GRANT CREATE ON DATABASE %s TO %s", rs_check_sql_name(out, facts->database),
                 rs_check_sql_name(out, facts->user));
}

static void lack_temp(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_database_facts *facts = run->database;
    rs_check_say(out, RS_CHECK_FAIL,
                 "\"%s\" may make no temporary tables: no TEMP on database \"%s\"", facts->user,
                 facts->database);
    rs_check_why(out, "rows come through a temporary table, so that none is loaded twice");
    advise_provision(run, "", "", out);
    rs_check_sql(out, "GRANT TEMP ON DATABASE %s TO %s", rs_check_sql_name(out, facts->database),
                 rs_check_sql_name(out, facts->user));
}

static void lack_schema(const struct rs_check_run *run, const struct target_schema *target,
                        struct rs_check_result *out)
{
    const char *schema = rs_check_sql_name(out, target->schema);
    const char *user = rs_check_sql_name(out, run->database->user);
    const char *lacking = target->usage ? "CREATE" : target->create ? "USAGE" : "USAGE and CREATE";
    rs_check_say(out, RS_CHECK_FAIL, "schema \"%s\" is of user \"%s\": \"%s\" has no %s on it",
                 target->schema, target->owner, run->database->user, lacking);
    rs_check_why(out, "a loader makes and alters tables in its schema");
    rs_check_step(out, "give the schema to the loader, or grant it both privileges");
    rs_check_sql(out, "ALTER SCHEMA %s OWNER TO %s", schema, user);
    rs_check_sql(out, "GRANT USAGE, CREATE ON SCHEMA %s TO %s", schema, user);
}

/* Tables in the schema that somebody else owns. */
static bool judge_tables(struct rs_check_run *run, const struct target_schema *target,
                         struct rs_check_result *out, struct rs_error *err)
{
    const char *const params[] = {target->schema, run->database->user};
    struct rs_result *result = rs_check_query(run, questions_of(run)->tables, params, 2, err);
    const size_t count = result ? rs_result_rows(result) : 0;
    if (count > 0) {
        rs_check_say(out, RS_CHECK_FAIL,
                     "%zu table%s of schema \"%s\" %s another user's: %.*s of \"%.*s\"%s", count,
                     count == 1 ? "" : "s", target->schema, count == 1 ? "is" : "are",
                     RS_STR_ARG(rs_result_text(result, 0, 0)),
                     RS_STR_ARG(rs_result_text(result, 0, 1)), count == 1 ? "" : ", ...");
        rs_check_why(out, "only its owner may add a column to a table");
        rs_check_step(out, "give the tables to the loader%s",
                      count > SHOWN_TABLES ? "; the commands show the first ones" : "");
    }
    for (size_t i = 0; i < count && i < SHOWN_TABLES; i++) {
        rs_check_sql(out, "ALTER TABLE %s.%s OWNER TO %s", rs_check_sql_name(out, target->schema),
                     rs_check_sql_name(out, rs_result_text(result, i, 0).data),
                     rs_check_sql_name(out, run->database->user));
    }
    rs_result_free(result);
    return err->code == RS_OK;
}

/* Without CREATE on the database, and no schema named: one of its own would do. */
static bool judge_own(struct rs_check_run *run, const struct target_schema *target,
                      struct rs_check_result *out, struct rs_error *err)
{
    struct rs_result *result = rs_check_query(run, own_question, &run->database->user, 1, err);
    if (result && rs_result_rows(result) > 0) {
        const struct rs_str schema = rs_result_text(result, 0, 0);
        rs_check_say(out, RS_CHECK_WARN,
                     "no CREATE on database \"%s\": \"%s\" can load into schemas of its own only, "
                     "as \"%.*s\"",
                     run->database->database, run->database->user, RS_STR_ARG(schema));
        rs_check_why(out, "a loader with one schema needs no more; one of several sources makes "
                          "a schema for each");
        rs_check_step(out, "name the schema that is loaded into with -n, and it is checked");
    } else if (result) {
        lack_create(run, target, out);
    }
    rs_result_free(result);
    return result != NULL;
}

/* What the catalog says. */
static bool judge_catalog(struct rs_check_run *run, const struct target_schema *target,
                          struct rs_check_result *out, struct rs_error *err)
{
    struct rs_result *result = rs_check_query(run, database_question, &run->database->user, 1, err);
    const bool create = result && rs_check_is_true(result, 0, 0);
    const bool temp = result && rs_check_is_true(result, 0, 1);
    rs_result_free(result);
    if (!result) {
        return false;
    }
    if (!temp) {
        lack_temp(run, out);
    }
    if (target->exists && !(target->usage && target->create)) {
        lack_schema(run, target, out);
    } else if (target->exists && !run->database->superuser) {
        return judge_tables(run, target, out, err);
    } else if (!target->exists && !create && target->schema) {
        lack_create(run, target, out);
    } else if (!target->exists && !create) {
        return judge_own(run, target, out, err);
    }
    return true;
}

/* Make what a loader makes, in a transaction that is rolled back. */
static bool try_making(struct rs_check_run *run, const struct target_schema *target,
                       struct rs_error *err)
{
    char name[NAME_MAX_BYTES] = "";
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    (void)snprintf(name, sizeof name, "rs_check_%016" PRIx64, run->env->random_u64(run->env));
    const struct rs_str made = rs_str_from(name);
    rs_strbuf_append(&sql, "BEGIN; CREATE ");
    if (target->exists) {
        rs_strbuf_append(&sql, "TABLE ");
        rs_sql_qualified(&sql, rs_str_from(target->schema), made);
        rs_strbuf_append(&sql, " (id INTEGER)");
    } else {
        rs_strbuf_append(&sql, "SCHEMA ");
        rs_sql_ident(&sql, made);
    }
    rs_strbuf_append(&sql, "; CREATE TEMP TABLE ");
    rs_sql_ident(&sql, made);
    rs_strbuf_append(&sql, " (id INTEGER)");
    const bool ok = rs_check_exec(run, &sql, err);
    struct rs_error ignored = {0};
    rs_check_statement_begin(run);
    rs_session_rollback(run->database->session);
    rs_check_statement_end(run, &ignored);
    rs_strbuf_release(&sql);
    return ok;
}

static void say_try(const struct rs_check_run *run, const struct rs_error *err,
                    struct rs_check_result *out)
{
    rs_check_say(out, RS_CHECK_FAIL, "nothing can be made: %s", rs_check_refusal(err));
    if (strstr(err->message, "resize mode")) {
        rs_check_why(out, "while a classic resize copies the cluster it answers questions and "
                          "takes no writes");
        rs_check_step(out, "wait until it is done: Redshift console > Clusters > the cluster > "
                           "Maintenance, or Status");
        rs_check_command(out, "aws redshift describe-resize --cluster-identifier %s",
                         rs_check_cluster_word(run, out));
    } else {
        rs_check_why(out, "the privileges are there, but the server does not take what a loader "
                          "writes");
        if (err->hint[0]) {
            rs_check_step(out, "%s", err->hint);
        }
    }
}

/* A database or schema that shows what is kept elsewhere takes no rows from anybody. */
static bool judge_target(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_arena arena = RS_ARENA_INIT;
    const char *schema = run->options->schema ? fold(run, &arena, run->options->schema) : "";
    rs_check_statement_begin(run);
    const bool ok = rs_target_check(run->database->session, rs_str_from(schema), err);
    rs_check_statement_end(run, err);
    rs_arena_release(&arena);
    return ok;
}

void rs_check_privileges(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct target_schema target = {.schema = NULL, .owner = ""};
    struct rs_error err = {0};
    if (!judge_target(run, &err)) {
        rs_check_say_error(out, RS_CHECK_FAIL, &err);
        rs_check_why(out, "a loader makes tables, and fills them");
    } else if (!read_schema(run, &arena, &target, &err) ||
               !judge_catalog(run, &target, out, &err)) {
        rs_check_say_error(out, rs_check_is_denied(&err) ? RS_CHECK_UNKNOWN : RS_CHECK_FAIL, &err);
    } else if (!out->said && !try_making(run, &target, &err)) {
        say_try(run, &err, out);
    } else if (!out->said && target.exists) {
        rs_check_say(out, RS_CHECK_PASS, "may make and alter tables in schema \"%s\"%s",
                     target.schema, target.owned ? ", which is its own" : "");
    } else if (!out->said) {
        rs_check_say(out, RS_CHECK_PASS,
                     "may make schemas in database \"%s\", and temporary tables",
                     run->database->database);
    }
    rs_arena_release(&arena);
}
