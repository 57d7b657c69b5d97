/*
 * The JSON API. Its replies hold one object each: "workgroup", or the password alone.
 */
#include "aws/serverless_api.h"

#include <stdio.h>
#include <string.h>

#include "aws/region.h"
#include "aws/shape.h"
#include "base/timefmt.h"

enum { TEXT_MAX_BYTES = 400 };

static const struct rs_service_kind kind = {.name = "redshift-serverless",
                                            .target = "RedshiftServerless"};

static const struct rs_shape_field id_fields[] = {
    RS_SHAPE_TEXT(struct rs_workgroup_id, text, ""),
};
static const struct rs_shape id_shape = RS_SHAPE_OF(struct rs_workgroup_id, id_fields);

static const struct rs_shape_field setting_fields[] = {
    RS_SHAPE_TEXT(struct rs_workgroup_setting, key, "parameterKey"),
    RS_SHAPE_TEXT(struct rs_workgroup_setting, value, "parameterValue"),
};
static const struct rs_shape setting_shape =
    RS_SHAPE_OF(struct rs_workgroup_setting, setting_fields);

static const struct rs_shape_field interface_fields[] = {
    RS_SHAPE_TEXT(struct rs_vpc_interface, private_ip, "privateIpAddress"),
};
static const struct rs_shape interface_shape =
    RS_SHAPE_OF(struct rs_vpc_interface, interface_fields);

static const struct rs_shape_field vpc_endpoint_fields[] = {
    RS_SHAPE_TEXT(struct rs_vpc_endpoint, vpc_id, "vpcId"),
    RS_SHAPE_LIST(struct rs_vpc_endpoint, interfaces, "networkInterfaces", &interface_shape),
};
static const struct rs_shape vpc_endpoint_shape =
    RS_SHAPE_OF(struct rs_vpc_endpoint, vpc_endpoint_fields);

static const struct rs_shape_field workgroup_fields[] = {
    RS_SHAPE_TEXT(struct rs_workgroup, status, "status"),
    RS_SHAPE_TEXT(struct rs_workgroup, address, "endpoint/address"),
    RS_SHAPE_NUMBER(struct rs_workgroup, port, "endpoint/port"),
    RS_SHAPE_LIST(struct rs_workgroup, vpc_endpoints, "endpoint/vpcEndpoints", &vpc_endpoint_shape),
    RS_SHAPE_FLAG(struct rs_workgroup, publicly_accessible, "publiclyAccessible"),
    RS_SHAPE_FLAG(struct rs_workgroup, enhanced_vpc_routing, "enhancedVpcRouting"),
    RS_SHAPE_LIST(struct rs_workgroup, security_groups, "securityGroupIds", &id_shape),
    RS_SHAPE_LIST(struct rs_workgroup, subnets, "subnetIds", &id_shape),
    RS_SHAPE_LIST(struct rs_workgroup, settings, "configParameters", &setting_shape),
};
static const struct rs_shape workgroup_shape = RS_SHAPE_OF(struct rs_workgroup, workgroup_fields);

/* One action on a workgroup. */
static bool ask(const struct rs_service *service, const char *name, const char *what,
                const struct rs_url_param *params, size_t count, struct rs_service_answer *answer,
                struct rs_error *err)
{
    char allow[TEXT_MAX_BYTES];
    char resource[TEXT_MAX_BYTES];
    const struct rs_service_action action = {
        .name = name,
        .what = what,
        .allow = allow,
        .resource = resource,
    };

    (void)snprintf(allow, sizeof allow, "redshift-serverless:%s", name);
    (void)snprintf(resource, sizeof resource, "arn:%s:redshift-serverless:%s:*:workgroup/*",
                   rs_region_partition(service->region), service->region);
    if (rs_service_json(service, &kind, &action, params, count, answer, err)) {
        return true;
    }
    if (strcmp(answer->failure.code, "ResourceNotFoundException") == 0) {
        rs_error_hint(err, "region %s was asked; AWS_REGION or a profile names another",
                      service->region);
    }
    return false;
}

static bool lacks(const char *what, const char *member, struct rs_error *err)
{
    return rs_error_set(err, RS_E_INPUT, "could not %s: the reply has no \"%s\"", what, member);
}

bool rs_serverless_workgroup(const struct rs_service *service, const char *name,
                             struct rs_workgroup *out, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param param = {RS_STR("workgroupName"), rs_str_from(name)};
    char what[TEXT_MAX_BYTES];

    (void)snprintf(what, sizeof what, "describe workgroup \"%s\"", name);
    bool ok = ask(service, "GetWorkgroup", what, &param, 1, &answer, err);
    const struct rs_json_node *node = rs_json_node_find(rs_json_doc_root(answer.json), "workgroup");
    if (ok && !node) {
        ok = lacks(what, "workgroup", err);
    }
    if (ok) {
        struct rs_workgroup found;
        rs_shape_read_json(&workgroup_shape, node, &out->arena, &found);
        found.arena = out->arena;
        *out = found;
    }
    rs_service_answer_release(&answer);
    return ok;
}

void rs_workgroup_release(struct rs_workgroup *workgroup)
{
    rs_arena_release(&workgroup->arena);
    *workgroup = RS_WORKGROUP_INIT;
}

/* In JSON an instant is a number of seconds; a text is taken as well. */
static bool read_instant(const struct rs_json_node *node, int64_t *out_us)
{
    const char *text = rs_json_node_text(node);
    double seconds = 0;

    if (text) {
        return rs_timefmt_parse(rs_str_from(text), out_us);
    }
    if (!rs_json_node_double(node, &seconds) || seconds < 0 || seconds > 1e11) {
        return false;
    }
    *out_us = (int64_t)(seconds * 1e6);
    return true;
}

bool rs_serverless_password(const struct rs_service *service, const char *workgroup,
                            const char *database, unsigned duration_seconds,
                            struct rs_database_login *out, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    char duration[16] = "";
    char what[TEXT_MAX_BYTES];
    int64_t expires_us = 0;

    if (duration_seconds > 0) {
        (void)snprintf(duration, sizeof duration, "%u", duration_seconds);
    }
    const struct rs_url_param params[] = {
        {RS_STR("workgroupName"), rs_str_from(workgroup)},
        {RS_STR("dbName"), rs_str_from(database)},
        {RS_STR("durationSeconds"), rs_str_from(duration)},
    };
    (void)snprintf(what, sizeof what, "get a password for workgroup \"%s\"", workgroup);
    bool ok = ask(service, "GetCredentials", what, params, RS_COUNTOF(params), &answer, err);
    const struct rs_json_node *root = rs_json_doc_root(answer.json);
    const char *user = rs_json_node_text(rs_json_node_find(root, "dbUser"));
    const char *password = rs_json_node_text(rs_json_node_find(root, "dbPassword"));
    if (ok && (!user || !password)) {
        ok = lacks(what, user ? "dbPassword" : "dbUser", err);
    }
    if (ok && !read_instant(rs_json_node_find(root, "expiration"), &expires_us)) {
        ok = lacks(what, "expiration", err);
    }
    if (ok) {
        rs_database_login_set(out, rs_str_from(user), rs_str_from(password), expires_us);
    }
    rs_service_answer_release(&answer);
    return ok;
}
