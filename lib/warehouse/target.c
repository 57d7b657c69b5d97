/*
 * All is asked in one query. Where the server refuses that, as a view of it is unknown to it or not
 * for this user, each part is asked by itself, and a part that is refused has nothing to say.
 */
#include "warehouse/target.h"

#include "warehouse/warehouse_queries.h"

enum { QUERY_MAX = 4096 };

static const struct {
    const char *what; /* the first column of its rows */
    const char *query;
    const char *kind; /* of the name */
    const char *is;
    const char *hint;
} parts[] = {
    {"database", rs_query_target_database, "database", "it is made from a datashare",
     "load on the cluster that shares it, or into a database of this cluster's own"},
    {"integration", rs_query_target_integration, "database",
     "a zero-ETL integration fills it, and it is read-only",
     "load into another database of the cluster: queries can name tables of both "
     "(database.schema.table)"},
    {"schema", rs_query_target_schema, "schema",
     "it is an external schema: its tables are elsewhere",
     "name another schema, one of the database's own"},
};

static bool refuse(const struct rs_result *result, struct rs_error *err)
{
    const struct rs_str name = rs_str_trim(rs_result_text(result, 0, 1));
    for (size_t i = 0; i < RS_COUNTOF(parts); i++) {
        if (rs_str_equal(rs_result_text(result, 0, 0), rs_str_from(parts[i].what))) {
            (void)rs_error_set(err, RS_E_CONFIG, "%s \"%.*s\" cannot be loaded into: %s",
                               parts[i].kind, RS_STR_ARG(name), parts[i].is);
            return rs_error_hint(err, "%s", parts[i].hint);
        }
    }
    return true;
}

/* False: the answer is no, or there is none. refused: the server did not take the question. */
static bool ask(struct rs_session *session, const char *query, struct rs_str schema, bool *refused,
                struct rs_error *err)
{
    struct rs_error answer = {0};
    struct rs_result *result = rs_session_query_params(session, query, &schema, 1, &answer);
    bool ok = true;
    *refused = !result && answer.code == RS_E_DATABASE;
    if (!result && !*refused) {
        *err = answer;
        ok = false;
    } else if (result && rs_result_rows(result) > 0) {
        ok = refuse(result, err);
    }
    rs_result_free(result);
    return ok;
}

bool rs_target_check(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    struct rs_strbuf all = RS_STRBUF_INIT(QUERY_MAX);
    bool refused = false;
    if (!rs_session_facts(session)->has_foreign_targets) {
        return true;
    }
    for (size_t i = 0; i < RS_COUNTOF(parts); i++) {
        rs_strbuf_append(&all, i > 0 ? " UNION ALL " : "");
        rs_strbuf_append(&all, parts[i].query);
    }
    bool ok = ask(session, rs_strbuf_cstr(&all), schema, &refused, err);
    const bool each = refused;
    for (size_t i = 0; i < RS_COUNTOF(parts) && each && ok; i++) {
        ok = ask(session, parts[i].query, schema, &refused, err);
    }
    rs_strbuf_release(&all);
    return ok;
}
