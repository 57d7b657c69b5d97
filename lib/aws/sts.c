/*
 * Three actions of one query API. The two that give a role's keys differ in what proves who asks,
 * and answer with the same <Credentials>.
 */
#include "aws/sts.h"

#include <stdio.h>

#include "base/timefmt.h"

static const struct rs_service_kind kind = {.name = "sts", .version = "2011-06-15"};

enum { SESSION_MAX_BYTES = 64, NUMBER_MAX_BYTES = 16, WHAT_MAX_BYTES = 300 };

/* The params of both ways, in a fixed order so that requests can be compared. */
struct ask {
    char session[SESSION_MAX_BYTES + 1];
    char duration[NUMBER_MAX_BYTES];
    char what[WHAT_MAX_BYTES];
    struct rs_url_param params[5];
};

static void fill(struct ask *ask, const struct rs_service *service, const struct rs_sts_role *role)
{
    const struct rs_env *env = rs_aws_call_env(service->call);

    (void)snprintf(ask->session, sizeof ask->session, "rs-%lld",
                   (long long)(env->now_us(env) / 1000000));
    ask->duration[0] = '\0';
    if (role->duration_seconds > 0) {
        (void)snprintf(ask->duration, sizeof ask->duration, "%u", role->duration_seconds);
    }
    (void)snprintf(ask->what, sizeof ask->what, "assume role \"%s\"", role->arn);
    ask->params[0] = (struct rs_url_param){RS_STR("RoleArn"), rs_str_from(role->arn)};
    ask->params[1] = (struct rs_url_param){
        RS_STR("RoleSessionName"),
        rs_str_from(role->session_name && *role->session_name ? role->session_name : ask->session)};
    ask->params[2] = (struct rs_url_param){RS_STR("DurationSeconds"), rs_str_from(ask->duration)};
}

static bool read_credentials(const struct rs_xml_node *result, const char *what,
                             struct rs_credentials *out, struct rs_error *err)
{
    const struct rs_xml_node *node = rs_xml_find(result, "Credentials");
    struct rs_str id = rs_xml_child(node, "AccessKeyId");
    struct rs_str secret = rs_xml_child(node, "SecretAccessKey");
    struct rs_str token = rs_xml_child(node, "SessionToken");
    int64_t expires_us = 0;

    if (id.length == 0 || secret.length == 0 || token.length == 0 ||
        !rs_timefmt_parse(rs_xml_child(node, "Expiration"), &expires_us)) {
        return rs_error_set(err, RS_E_INPUT, "could not %s: the reply lacks keys or their end",
                            what);
    }
    rs_credentials_set(out, id, secret, token, expires_us);
    return true;
}

bool rs_sts_assume_role(const struct rs_service *service, const struct rs_sts_role *role,
                        struct rs_credentials *out, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    struct ask ask;

    fill(&ask, service, role);
    ask.params[3] = (struct rs_url_param){RS_STR("ExternalId"), rs_str_from(role->external_id)};
    const struct rs_service_action action = {
        .name = "AssumeRole",
        .what = ask.what,
        .allow = "sts:AssumeRole",
        .resource = role->arn,
    };
    bool ok = rs_service_query(service, &kind, &action, ask.params, 4, &answer, err) &&
              read_credentials(answer.result, ask.what, out, err);
    rs_service_answer_release(&answer);
    return ok;
}

bool rs_sts_assume_web(const struct rs_service *service, const struct rs_sts_role *role,
                       struct rs_str token, struct rs_credentials *out, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    struct ask ask;

    fill(&ask, service, role);
    ask.params[3] = (struct rs_url_param){RS_STR("WebIdentityToken"), token};
    const struct rs_service_action action = {
        .name = "AssumeRoleWithWebIdentity",
        .what = ask.what,
        .allow = "sts:AssumeRoleWithWebIdentity",
        .resource = role->arn,
        .unsigned_call = true,
    };
    bool ok = rs_service_query(service, &kind, &action, ask.params, 4, &answer, err) &&
              read_credentials(answer.result, ask.what, out, err);
    rs_service_answer_release(&answer);
    return ok;
}

bool rs_sts_identity(const struct rs_service *service, struct rs_sts_identity *out,
                     struct rs_error *err)
{
    static const struct rs_service_action action = {
        .name = "GetCallerIdentity",
        .what = "ask AWS whose keys these are",
        .allow = "sts:GetCallerIdentity",
    };
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    bool ok = rs_service_query(service, &kind, &action, NULL, 0, &answer, err);

    if (ok) {
        (void)snprintf(out->account, sizeof out->account, "%s",
                       rs_xml_child(answer.result, "Account").data);
        (void)snprintf(out->arn, sizeof out->arn, "%s", rs_xml_child(answer.result, "Arn").data);
        (void)snprintf(out->user_id, sizeof out->user_id, "%s",
                       rs_xml_child(answer.result, "UserId").data);
    }
    rs_service_answer_release(&answer);
    return ok;
}
