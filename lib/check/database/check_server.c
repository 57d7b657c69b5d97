/*
 * What answers: version() says Redshift or PostgreSQL, and which; slices say how many files a COPY
 * wants. Redshift Serverless has none to show.
 */
#include <string.h>

#include "check/database/database_facts.h"

/* The word behind a word in version(): "1.0.54052", "15.20". */
static struct rs_str word_behind(struct rs_str text, const char *lead)
{
    const char *begin = text.data ? strstr(text.data, lead) : NULL;
    if (!begin) {
        return RS_STR("");
    }
    begin += strlen(lead);
    return (struct rs_str){begin, strcspn(begin, " ,;")};
}

static void say_postgresql(struct rs_str version, struct rs_check_result *out)
{
    rs_check_say(out, RS_CHECK_PASS, "PostgreSQL %.*s, loaded without S3",
                 RS_STR_ARG(word_behind(version, "PostgreSQL ")));
}

/* Nodes and slices of a provisioned cluster. */
static void say_redshift(struct rs_check_run *run, struct rs_str version,
                         struct rs_check_result *out)
{
    const struct rs_str number = word_behind(version, "Redshift ");
    struct rs_check_database_facts *facts = run->database;
    struct rs_error err = {0};
    uint64_t nodes = 0;
    uint64_t slices = 0;
    struct rs_result *result = rs_check_query(
        run, "SELECT count(DISTINCT node), count(*) FROM pg_catalog.stv_slices", NULL, 0, &err);
    const bool told = result && rs_result_u64(result, 0, 0, &nodes, &err) &&
                      rs_result_u64(result, 0, 1, &slices, &err);
    rs_result_free(result);
    if (facts->serverless) {
        rs_check_say(out, RS_CHECK_PASS, "Redshift %.*s, Serverless", RS_STR_ARG(number));
    } else if (told && slices > 0) {
        rs_check_say(out, RS_CHECK_PASS, "Redshift %.*s, provisioned: %llu node%s, %llu slice%s",
                     RS_STR_ARG(number), (unsigned long long)nodes, nodes == 1 ? "" : "s",
                     (unsigned long long)slices, slices == 1 ? "" : "s");
        rs_check_detail(out, "rows are loaded fastest from a multiple of %llu files of a like size",
                        (unsigned long long)slices);
    } else if (told) {
        facts->serverless = true;
        rs_check_say(out, RS_CHECK_PASS,
                     "Redshift %.*s that shows no slices: Serverless, or a Multi-AZ cluster",
                     RS_STR_ARG(number));
    } else if (rs_check_is_denied(&err)) {
        rs_check_say(out, RS_CHECK_UNKNOWN,
                     "Redshift %.*s; provisioned or Serverless, and its slices: not shown to us",
                     RS_STR_ARG(number));
        rs_check_detail(out, "%s", rs_check_refusal(&err));
        rs_check_why(out, "a cluster shows stv_slices to everybody, Serverless to nobody: it is "
                          "one that is reached by a name of another's");
        rs_check_step(out, "name the server by AWS's own name for it, which says what it is");
    } else {
        rs_check_say_error(out, RS_CHECK_FAIL, &err);
    }
}

static void say_version(struct rs_check_run *run, struct rs_str version,
                        struct rs_check_result *out)
{
    switch (run->database->dialect) {
    case RS_DIALECT_POSTGRESQL:
        say_postgresql(version, out);
        return;
    case RS_DIALECT_REDSHIFT:
        say_redshift(run, version, out);
        return;
    }
}

void rs_check_server(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_error err = {0};
    struct rs_result *result = rs_check_query(run, "SELECT version()", NULL, 0, &err);
    if (!result || rs_result_rows(result) != 1) {
        (void)rs_error_set(&err, RS_E_DATABASE, "version() has no answer");
        rs_check_say_error(out, RS_CHECK_FAIL, &err);
    } else {
        say_version(run, rs_result_text(result, 0, 0), out);
    }
    rs_result_free(result);
}
