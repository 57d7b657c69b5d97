/*
 * The session of the checks of the database. It is opened by the check "login" and closed at the
 * end of the run; what holds it up is ended by the run's deadline.
 */
#include "check/database/database_facts.h"

#include <string.h>

#include "base/mem.h"
#include "check/engine/check_deadline.h"
#include "check/engine/shell_quote.h"

enum { PARAMS_MAX = 4 };

void rs_check_statement_begin(struct rs_check_run *run)
{
    rs_check_deadline_set(run->deadline, RS_CHECK_STATEMENT_MS);
}

void rs_check_statement_end(struct rs_check_run *run, struct rs_error *err)
{
    rs_check_deadline_explain(run->deadline, "the server did not answer", err);
    rs_check_deadline_set(run->deadline, 0);
}

struct rs_result *rs_check_query(struct rs_check_run *run, const char *sql,
                                 const char *const *params, size_t count, struct rs_error *err)
{
    struct rs_str texts[PARAMS_MAX] = {{NULL, 0}};
    for (size_t i = 0; i < count && i < PARAMS_MAX; i++) {
        texts[i] = rs_str_from(params[i]);
    }
    rs_check_statement_begin(run);
    struct rs_result *result =
        rs_session_query_params(run->database->session, sql, texts, count, err);
    rs_check_statement_end(run, err);
    return result;
}

bool rs_check_exec(struct rs_check_run *run, const struct rs_strbuf *sql, struct rs_error *err)
{
    rs_check_statement_begin(run);
    const bool ok = rs_session_exec(run->database->session, sql, NULL, err);
    rs_check_statement_end(run, err);
    return ok;
}

const char *rs_check_refusal(const struct rs_error *err)
{
    static const char lead[] = "could not run a statement: ";
    const size_t length = sizeof lead - 1;
    return strncmp(err->message, lead, length) == 0 ? err->message + length : err->message;
}

bool rs_check_is_denied(const struct rs_error *err)
{
    return strcmp(err->detail, "42501") == 0;
}

const char *rs_check_cluster_word(const struct rs_check_run *run, struct rs_check_result *out)
{
    const char *host = run->endpoint.host ? run->endpoint.host : "";
    const char *cluster = run->options->connect.cluster;
    if (!cluster && strstr(host, ".redshift.amazonaws.com")) {
        cluster = rs_arena_copy(&out->arena, (struct rs_str){host, strcspn(host, ".")}).data;
    }
    return cluster ? rs_check_quote(out, cluster) : "CLUSTER";
}

bool rs_check_is_true(const struct rs_result *result, size_t row, size_t column)
{
    return rs_str_equal(rs_result_text(result, row, column), RS_STR("t"));
}

void rs_check_database_free(struct rs_check_database_facts *facts)
{
    if (facts) {
        rs_session_close(facts->session);
        rs_arena_release(&facts->arena);
        rs_mem_free(facts);
    }
}
