/*
 * The queue that takes the loader's statements: the first rule that holds for its query group and
 * its user. A queue of its own keeps loads and analysts out of each other's way.
 */
#include <inttypes.h>
#include <stdio.h>

#include "check/database/database_facts.h"
#include "check/database/wlm_queue.h"
#include "check/engine/shell_quote.h"

enum { GROUPS_MAX = 256 };

enum column { CONDITION, QUEUE, SLOTS, MAX_MS, QUERY_WILD, USER_WILD, PRIORITY };

static const char rules_question[] =
    "SELECT trim(c.condition), trim(s.name), s.num_query_tasks, s.max_execution_time,"
    " s.query_group_wild_card, s.user_group_wild_card, trim(s.query_priority)"
    " FROM pg_catalog.stv_wlm_classification_config c"
    " JOIN pg_catalog.stv_wlm_service_class_config s ON s.service_class = c.action_service_class"
    " ORDER BY c.id";

/* Asked apart: what stands in the catalog, and what does not, are not joined. */
static const char *const group_questions[] = {
    "SELECT g.groname FROM pg_catalog.pg_group g, pg_catalog.pg_user u"
    " WHERE u.usesysid = ANY (g.grolist) AND u.usename = $1 ORDER BY 1",
    "SELECT role_name FROM pg_catalog.svv_user_grants WHERE user_name = $1 ORDER BY 1",
};

/* The user's groups and roles, as far as they are shown. */
static void read_groups(struct rs_check_run *run, const char **groups, size_t *count,
                        struct rs_check_result *out)
{
    for (size_t i = 0; i < RS_COUNTOF(group_questions); i++) {
        struct rs_error err = {0};
        struct rs_result *result =
            rs_check_query(run, group_questions[i], &run->database->user, 1, &err);
        for (size_t row = 0; result && row < rs_result_rows(result) && *count < GROUPS_MAX; row++) {
            groups[(*count)++] =
                rs_arena_copy(&run->database->arena, rs_result_text(result, row, 0)).data;
        }
        if (!result) {
            rs_check_detail(out, "groups and roles of \"%s\": %s", run->database->user,
                            rs_check_refusal(&err));
        }
        rs_result_free(result);
    }
}

static void advise(const struct rs_check_run *run, const char *group, struct rs_check_result *out)
{
    rs_check_why(out, "in the default queue loads wait behind everybody's questions, and these "
                      "behind loads");
    rs_check_step(out,
                  "Redshift console > Configurations > Workload management > the cluster's "
                  "parameter group > Edit workload queues > Add queue, with \"%s\" among its "
                  "query groups, above the default queue",
                  *group ? group : RS_LOGIN_QUERY_GROUP);
    rs_check_step(out,
                  "or by commands: what is written takes the place of all queues that there are, "
                  "so read them first, put {\"query_group\":[\"%s\"],\"auto_wlm\":true,"
                  "\"queue_type\":\"auto\"} before the last, and write them all; then reboot the "
                  "cluster, which ends all sessions",
                  *group ? group : RS_LOGIN_QUERY_GROUP);
    rs_check_command(out, "aws redshift describe-cluster-parameters --parameter-group-name GROUP "
                          "--query \"Parameters[?ParameterName=='wlm_json_configuration']"
                          ".ParameterValue\" --output text");
    rs_check_command(out, "aws redshift modify-cluster-parameter-group --parameter-group-name "
                          "GROUP --parameters '[{\"ParameterName\":\"wlm_json_configuration\","
                          "\"ParameterValue\":\"ALL-QUEUES\"}]'");
    if (!*group) {
        rs_check_command(out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --query-group=%s",
                         rs_check_quote(out, run->database->user), RS_LOGIN_QUERY_GROUP);
    }
}

static void say_unknown(const struct rs_check_run *run, const struct rs_error *err,
                        struct rs_check_result *out)
{
    rs_check_say(out, RS_CHECK_UNKNOWN, "the queues are not shown to us");
    rs_check_detail(out, "%s", rs_check_refusal(err));
    rs_check_why(out, "only superusers see stv_wlm_classification_config and "
                      "stv_wlm_service_class_config, and who is let see them");
    rs_check_step(out,
                  "let the user see them, by the role sys:monitor; or look at Redshift console "
                  "> Configurations > Workload management");
    rs_check_sql(out, "GRANT ROLE sys:monitor TO %s", rs_check_sql_name(out, run->database->user));
}

/* How many statements at once, and how long each may take. */
static void describe(const struct rs_result *rules, size_t row, struct rs_check_result *out)
{
    struct rs_error none = {0};
    uint64_t max_ms = 0;
    if (rs_result_u64(rules, row, MAX_MS, &max_ms, &none) && max_ms > 0) {
        rs_check_say(out, RS_CHECK_WARN, "the queue ends what takes longer than %" PRIu64 " s",
                     max_ms / 1000);
        rs_check_why(out, "a load that is ended there has loaded nothing, and begins anew the next "
                          "time");
        rs_check_step(out, "Redshift console > Configurations > Workload management > the "
                           "parameter group > the queue: a larger timeout, or none");
    }
    if (rs_result_text(rules, row, PRIORITY).length > 0) {
        rs_check_detail(out, "priority: %.*s", RS_STR_ARG(rs_result_text(rules, row, PRIORITY)));
    }
}

static void say_queue(const struct rs_check_run *run, const struct rs_result *rules, size_t row,
                      enum rs_check_wlm_queue_match match, const char *group,
                      struct rs_check_result *out)
{
    const struct rs_str queue = rs_result_text(rules, row, QUEUE);
    const struct rs_str slots = rs_result_text(rules, row, SLOTS);
    const bool automatic = slots.length > 0 && slots.data[0] == '-';
    char at_once[64] = "as many at once as fit";
    if (!automatic) {
        (void)snprintf(at_once, sizeof at_once, "%.*s at once", RS_STR_ARG(slots));
    }
    if (match == RS_CHECK_WLM_QUEUE_QUERY_GROUP) {
        rs_check_say(out, RS_CHECK_PASS, "\"%.*s\" takes query group \"%s\", %s", RS_STR_ARG(queue),
                     group, at_once);
    } else if (match == RS_CHECK_WLM_QUEUE_USER_GROUP) {
        rs_check_say(out, RS_CHECK_PASS, "\"%.*s\" takes \"%s\" by %.*s, %s", RS_STR_ARG(queue),
                     run->database->user, RS_STR_ARG(rs_result_text(rules, row, CONDITION)),
                     at_once);
    } else {
        rs_check_say(out, RS_CHECK_WARN,
                     "no queue takes %s%s%s: loads are in \"%.*s\" with all others, %s",
                     *group ? "query group \"" : "what has no query group", group,
                     *group ? "\"" : "", RS_STR_ARG(queue), at_once);
        advise(run, group, out);
    }
    describe(rules, row, out);
}

static void judge(struct rs_check_run *run, const struct rs_result *rules,
                  struct rs_check_result *out)
{
    const char *groups[GROUPS_MAX];
    const char *asked = run->options->connect.query_group;
    struct rs_check_wlm_queue_who who = {.query_group = asked ? asked : RS_LOGIN_QUERY_GROUP,
                                         .superuser = run->database->superuser,
                                         .groups = groups,
                                         .group_count = 0};
    read_groups(run, groups, &who.group_count, out);
    for (size_t row = 0; row < rs_result_rows(rules); row++) {
        const struct rs_check_wlm_queue_rule rule = {
            .condition = rs_result_text(rules, row, CONDITION),
            .query_wild = rs_check_is_true(rules, row, QUERY_WILD),
            .user_wild = rs_check_is_true(rules, row, USER_WILD),
        };
        const enum rs_check_wlm_queue_match match = rs_check_wlm_queue_match(&rule, &who);
        if (match != RS_CHECK_WLM_QUEUE_NONE) {
            say_queue(run, rules, row, match, who.query_group, out);
            return;
        }
    }
    rs_check_say(out, RS_CHECK_UNKNOWN,
                 "no rule of the cluster's queues says which one takes \"%s\"", who.query_group);
}

void rs_check_wlm(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_dialect_facts *facts = rs_dialect_facts(run->database->dialect);
    struct rs_error err = {0};
    if (!facts->has_query_groups) {
        rs_check_say(out, RS_CHECK_SKIP, "%s has no queues", facts->name);
        return;
    }
    if (run->database->serverless) {
        rs_check_say(out, RS_CHECK_SKIP, "Serverless sorts statements by itself");
        return;
    }
    struct rs_result *rules = rs_check_query(run, rules_question, NULL, 0, &err);
    if (rules) {
        judge(run, rules, out);
    } else if (rs_check_is_denied(&err)) {
        say_unknown(run, &err, out);
    } else {
        rs_check_say_error(out, RS_CHECK_FAIL, &err);
    }
    rs_result_free(rules);
}
