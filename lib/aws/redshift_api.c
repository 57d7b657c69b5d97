/*
 * The fields of a cluster stand in tables, in the order of the API's page, so that one that is
 * wanted later is a line here and one in the struct.
 */
#include "aws/redshift_api.h"

#include <stdio.h>
#include <string.h>

#include "aws/region.h"
#include "aws/shape.h"
#include "base/mem.h"
#include "base/timefmt.h"

enum {
    TEXT_MAX_BYTES = 400,
    NAME_MAX_BYTES = 40,
    GROUP_PARAMS = 5, /* before the groups */
    PAGES_MAX = 1000,
};

static const struct rs_service_kind kind = {.name = "redshift", .version = "2012-12-01"};

static const struct rs_shape_field security_group_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_group, id, "VpcSecurityGroupId"),
    RS_SHAPE_TEXT(struct rs_cluster_group, status, "Status"),
};
static const struct rs_shape security_group_shape = {
    sizeof(struct rs_cluster_group), security_group_fields, RS_COUNTOF(security_group_fields)};

static const struct rs_shape_field setting_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_setting, name, "ParameterName"),
    RS_SHAPE_TEXT(struct rs_cluster_setting, status, "ParameterApplyStatus"),
};
static const struct rs_shape setting_shape = {sizeof(struct rs_cluster_setting), setting_fields,
                                              RS_COUNTOF(setting_fields)};

static const struct rs_shape_field parameter_group_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_group, id, "ParameterGroupName"),
    RS_SHAPE_TEXT(struct rs_cluster_group, status, "ParameterApplyStatus"),
    RS_SHAPE_LIST(struct rs_cluster_group, settings, "ClusterParameterStatusList", &setting_shape),
};
static const struct rs_shape parameter_group_shape = {
    sizeof(struct rs_cluster_group), parameter_group_fields, RS_COUNTOF(parameter_group_fields)};

static const struct rs_shape_field role_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_group, id, "IamRoleArn"),
    RS_SHAPE_TEXT(struct rs_cluster_group, status, "ApplyStatus"),
};
static const struct rs_shape role_shape = {sizeof(struct rs_cluster_group), role_fields,
                                           RS_COUNTOF(role_fields)};

static const struct rs_shape_field node_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_node, role, "NodeRole"),
    RS_SHAPE_TEXT(struct rs_cluster_node, private_ip, "PrivateIPAddress"),
    RS_SHAPE_TEXT(struct rs_cluster_node, public_ip, "PublicIPAddress"),
};
static const struct rs_shape node_shape = {sizeof(struct rs_cluster_node), node_fields,
                                           RS_COUNTOF(node_fields)};

static const struct rs_shape_field interface_fields[] = {
    RS_SHAPE_TEXT(struct rs_vpc_interface, private_ip, "PrivateIpAddress"),
};
static const struct rs_shape interface_shape = {sizeof(struct rs_vpc_interface), interface_fields,
                                                RS_COUNTOF(interface_fields)};

static const struct rs_shape_field vpc_endpoint_fields[] = {
    RS_SHAPE_TEXT(struct rs_vpc_endpoint, vpc_id, "VpcId"),
    RS_SHAPE_LIST(struct rs_vpc_endpoint, interfaces, "NetworkInterfaces", &interface_shape),
};
static const struct rs_shape vpc_endpoint_shape = {
    sizeof(struct rs_vpc_endpoint), vpc_endpoint_fields, RS_COUNTOF(vpc_endpoint_fields)};

static const struct rs_shape_field change_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_change, value, ""),
};
static const struct rs_shape change_shape = {sizeof(struct rs_cluster_change), change_fields,
                                             RS_COUNTOF(change_fields)};

static const struct rs_shape_field cluster_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster, identifier, "ClusterIdentifier"),
    RS_SHAPE_TEXT(struct rs_cluster, node_type, "NodeType"),
    RS_SHAPE_NUMBER(struct rs_cluster, node_count, "NumberOfNodes"),
    RS_SHAPE_TEXT(struct rs_cluster, status, "ClusterStatus"),
    RS_SHAPE_TEXT(struct rs_cluster, availability_status, "ClusterAvailabilityStatus"),
    RS_SHAPE_TEXT(struct rs_cluster, modify_status, "ModifyStatus"),
    RS_SHAPE_TEXT(struct rs_cluster, resize_status, "ResizeInfo/ResizeType"),
    RS_SHAPE_TEXT(struct rs_cluster, restore_status, "RestoreStatus/Status"),
    RS_SHAPE_TEXT(struct rs_cluster, address, "Endpoint/Address"),
    RS_SHAPE_NUMBER(struct rs_cluster, port, "Endpoint/Port"),
    RS_SHAPE_LIST(struct rs_cluster, vpc_endpoints, "Endpoint/VpcEndpoints", &vpc_endpoint_shape),
    RS_SHAPE_TEXT(struct rs_cluster, vpc_id, "VpcId"),
    RS_SHAPE_TEXT(struct rs_cluster, availability_zone, "AvailabilityZone"),
    RS_SHAPE_TEXT(struct rs_cluster, maintenance_window, "PreferredMaintenanceWindow"),
    RS_SHAPE_LIST(struct rs_cluster, changes, "PendingModifiedValues", &change_shape),
    RS_SHAPE_TEXT(struct rs_cluster, subnet_group, "ClusterSubnetGroupName"),
    RS_SHAPE_LIST(struct rs_cluster, security_groups, "VpcSecurityGroups", &security_group_shape),
    RS_SHAPE_LIST(struct rs_cluster, parameter_groups, "ClusterParameterGroups",
                  &parameter_group_shape),
    RS_SHAPE_FLAG(struct rs_cluster, publicly_accessible, "PubliclyAccessible"),
    RS_SHAPE_FLAG(struct rs_cluster, encrypted, "Encrypted"),
    RS_SHAPE_FLAG(struct rs_cluster, enhanced_vpc_routing, "EnhancedVpcRouting"),
    RS_SHAPE_TEXT(struct rs_cluster, kms_key_id, "KmsKeyId"),
    RS_SHAPE_LIST(struct rs_cluster, roles, "IamRoles", &role_shape),
    RS_SHAPE_TEXT(struct rs_cluster, elastic_ip, "ElasticIpStatus/ElasticIp"),
    RS_SHAPE_TEXT(struct rs_cluster, elastic_ip_status, "ElasticIpStatus/Status"),
    RS_SHAPE_TEXT(struct rs_cluster, multi_az, "MultiAZ"),
    RS_SHAPE_LIST(struct rs_cluster, nodes, "ClusterNodes", &node_shape),
};
static const struct rs_shape cluster_shape = {sizeof(struct rs_cluster), cluster_fields,
                                              RS_COUNTOF(cluster_fields)};

/* No such cluster: most often it is the region that is wrong. */
static void hint_at_region(const struct rs_service *service, const struct rs_service_answer *answer,
                           struct rs_error *err)
{
    if (strcmp(answer->failure.code, "ClusterNotFound") == 0 ||
        strcmp(answer->failure.code, "ClusterNotFoundFault") == 0) {
        rs_error_hint(err, "region %s was asked; AWS_REGION or a profile names another",
                      service->region);
    }
}

/* One reply's clusters; *marker, in the arena, is where the next one begins, or "". */
static bool read_page(const struct rs_service *service, const struct rs_service_action *action,
                      const char *identifier, const char **marker, struct rs_clusters *out,
                      struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param params[] = {
        {RS_STR("ClusterIdentifier"), rs_str_from(identifier)},
        {RS_STR("Marker"), rs_str_from(*marker)},
    };
    bool ok = rs_service_query(service, &kind, action, params, RS_COUNTOF(params), &answer, err);

    if (ok) {
        const struct rs_xml_node *node = rs_xml_first(rs_xml_find(answer.result, "Clusters"));
        for (; node; node = rs_xml_after(node)) {
            out->items =
                rs_mem_grow(out->items, &out->capacity, out->count + 1, sizeof *out->items);
            rs_shape_read_xml(&cluster_shape, node, &out->arena, &out->items[out->count++]);
        }
        *marker = rs_arena_copy(&out->arena, rs_xml_child(answer.result, "Marker")).data;
    } else {
        hint_at_region(service, &answer, err);
    }
    rs_service_answer_release(&answer);
    return ok;
}

bool rs_redshift_clusters(const struct rs_service *service, const char *identifier,
                          struct rs_clusters *out, struct rs_error *err)
{
    char what[TEXT_MAX_BYTES] = "list the clusters";
    char resource[TEXT_MAX_BYTES];
    const struct rs_service_action action = {
        .name = "DescribeClusters",
        .what = what,
        .allow = "redshift:DescribeClusters",
        .resource = resource,
    };
    const char *marker = "";

    if (identifier) {
        (void)snprintf(what, sizeof what, "describe cluster \"%s\"", identifier);
    }
    (void)snprintf(resource, sizeof resource, "arn:%s:redshift:%s:*:cluster:%s",
                   rs_region_partition(service->region), service->region,
                   identifier ? identifier : "*");
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!read_page(service, &action, identifier, &marker, out, err)) {
            return false;
        }
        if (!*marker) {
            return true;
        }
    }
    return rs_error_set(err, RS_E_LIMIT, "could not %s: more than %d replies", what,
                        (int)PAGES_MAX);
}

void rs_clusters_release(struct rs_clusters *clusters)
{
    rs_mem_free(clusters->items);
    rs_arena_release(&clusters->arena);
    *clusters = RS_CLUSTERS_INIT;
}

/* ---- Parameter groups and subnet groups ---- */

static const struct rs_shape_field parameter_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_parameter, name, "ParameterName"),
    RS_SHAPE_TEXT(struct rs_cluster_parameter, value, "ParameterValue"),
};
static const struct rs_shape parameter_shape = {sizeof(struct rs_cluster_parameter),
                                                parameter_fields, RS_COUNTOF(parameter_fields)};

static const struct rs_shape_field subnet_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_subnet, id, "SubnetIdentifier"),
    RS_SHAPE_TEXT(struct rs_cluster_subnet, availability_zone, "SubnetAvailabilityZone/Name"),
    RS_SHAPE_TEXT(struct rs_cluster_subnet, status, "SubnetStatus"),
};
static const struct rs_shape subnet_shape = {sizeof(struct rs_cluster_subnet), subnet_fields,
                                             RS_COUNTOF(subnet_fields)};

static const struct rs_shape_field subnet_group_fields[] = {
    RS_SHAPE_TEXT(struct rs_subnet_group, name, "ClusterSubnetGroupName"),
    RS_SHAPE_TEXT(struct rs_subnet_group, status, "SubnetGroupStatus"),
    RS_SHAPE_LIST(struct rs_subnet_group, subnets, "Subnets", &subnet_shape),
};
static const struct rs_shape subnet_group_shape = {
    sizeof(struct rs_subnet_group), subnet_group_fields, RS_COUNTOF(subnet_group_fields)};

/* One reply's parameters; else as read_page. */
static bool read_parameters(const struct rs_service *service,
                            const struct rs_service_action *action, const char *group,
                            const char **marker, struct rs_cluster_parameters *out,
                            struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param params[] = {
        {RS_STR("ParameterGroupName"), rs_str_from(group)},
        {RS_STR("Marker"), rs_str_from(*marker)},
    };
    bool ok = rs_service_query(service, &kind, action, params, RS_COUNTOF(params), &answer, err);

    if (ok) {
        const struct rs_xml_node *node = rs_xml_first(rs_xml_find(answer.result, "Parameters"));
        for (; node; node = rs_xml_after(node)) {
            out->items =
                rs_mem_grow(out->items, &out->capacity, out->count + 1, sizeof *out->items);
            rs_shape_read_xml(&parameter_shape, node, &out->arena, &out->items[out->count++]);
        }
        *marker = rs_arena_copy(&out->arena, rs_xml_child(answer.result, "Marker")).data;
    }
    rs_service_answer_release(&answer);
    return ok;
}

bool rs_redshift_parameters(const struct rs_service *service, const char *group,
                            struct rs_cluster_parameters *out, struct rs_error *err)
{
    char what[TEXT_MAX_BYTES];
    char resource[TEXT_MAX_BYTES];
    const struct rs_service_action action = {
        .name = "DescribeClusterParameters",
        .what = what,
        .allow = "redshift:DescribeClusterParameters",
        .resource = resource,
    };
    const char *marker = "";

    (void)snprintf(what, sizeof what, "describe parameter group \"%s\"", group);
    (void)snprintf(resource, sizeof resource, "arn:%s:redshift:%s:*:parametergroup:%s",
                   rs_region_partition(service->region), service->region, group);
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!read_parameters(service, &action, group, &marker, out, err)) {
            return false;
        }
        if (!*marker) {
            return true;
        }
    }
    return rs_error_set(err, RS_E_LIMIT, "could not %s: more than %d replies", what,
                        (int)PAGES_MAX);
}

const char *rs_cluster_parameter_find(const struct rs_cluster_parameters *parameters,
                                      const char *name)
{
    for (size_t i = 0; i < parameters->count; i++) {
        if (strcmp(parameters->items[i].name, name) == 0) {
            return parameters->items[i].value;
        }
    }
    return NULL;
}

void rs_cluster_parameters_release(struct rs_cluster_parameters *parameters)
{
    rs_mem_free(parameters->items);
    rs_arena_release(&parameters->arena);
    *parameters = RS_CLUSTER_PARAMETERS_INIT;
}

bool rs_redshift_subnet_group(const struct rs_service *service, const char *name,
                              struct rs_subnet_group *out, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param param = {RS_STR("ClusterSubnetGroupName"), rs_str_from(name)};
    char what[TEXT_MAX_BYTES];
    char resource[TEXT_MAX_BYTES];
    const struct rs_service_action action = {
        .name = "DescribeClusterSubnetGroups",
        .what = what,
        .allow = "redshift:DescribeClusterSubnetGroups",
        .resource = resource,
    };

    (void)snprintf(what, sizeof what, "describe subnet group \"%s\"", name);
    (void)snprintf(resource, sizeof resource, "arn:%s:redshift:%s:*:subnetgroup:%s",
                   rs_region_partition(service->region), service->region, name);
    bool ok = rs_service_query(service, &kind, &action, &param, 1, &answer, err);
    const struct rs_xml_node *node =
        rs_xml_first(rs_xml_find(answer.result, "ClusterSubnetGroups"));
    if (ok && !node) {
        ok = rs_error_set(err, RS_E_INPUT, "could not %s: the reply has none", what);
    }
    if (ok) {
        struct rs_subnet_group found;
        rs_shape_read_xml(&subnet_group_shape, node, &out->arena, &found);
        found.arena = out->arena;
        *out = found;
    }
    rs_service_answer_release(&answer);
    return ok;
}

void rs_subnet_group_release(struct rs_subnet_group *group)
{
    rs_arena_release(&group->arena);
    *group = RS_SUBNET_GROUP_INIT;
}

/* ---- Passwords ---- */

static bool read_password(const struct rs_service_answer *answer, const char *what,
                          struct rs_database_login *out, struct rs_error *err)
{
    struct rs_str user = rs_xml_child(answer->result, "DbUser");
    struct rs_str password = rs_xml_child(answer->result, "DbPassword");
    int64_t expires_us = 0;

    if (user.length == 0 || password.length == 0 ||
        !rs_timefmt_parse(rs_xml_child(answer->result, "Expiration"), &expires_us)) {
        return rs_error_set(err, RS_E_INPUT,
                            "could not %s: the reply lacks a user, a password or its end", what);
    }
    rs_database_login_set(out, user, password, expires_us);
    return true;
}

static bool ask_password(const struct rs_service *service, const struct rs_redshift_user *user,
                         const struct rs_url_param *params, size_t count,
                         struct rs_database_login *out, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    char what[TEXT_MAX_BYTES];
    char resource[TEXT_MAX_BYTES];

    if (user->user) {
        (void)snprintf(what, sizeof what, "get a password for user \"%s\" of cluster \"%s\"",
                       user->user, user->cluster);
        (void)snprintf(resource, sizeof resource, "arn:%s:redshift:%s:*:dbuser:%s/%s",
                       rs_region_partition(service->region), service->region, user->cluster,
                       user->user);
    } else {
        (void)snprintf(what, sizeof what, "get a password for cluster \"%s\"", user->cluster);
        (void)snprintf(resource, sizeof resource, "arn:%s:redshift:%s:*:dbname:%s/%s",
                       rs_region_partition(service->region), service->region, user->cluster,
                       user->database ? user->database : "*");
    }
    const struct rs_service_action action = {
        .name = user->user ? "GetClusterCredentials" : "GetClusterCredentialsWithIAM",
        .what = what,
        .allow =
            user->user ? "redshift:GetClusterCredentials" : "redshift:GetClusterCredentialsWithIAM",
        .resource = resource,
    };
    bool ok = rs_service_query(service, &kind, &action, params, count, &answer, err);
    if (ok) {
        ok = read_password(&answer, what, out, err);
    } else {
        hint_at_region(service, &answer, err);
    }
    rs_service_answer_release(&answer);
    return ok;
}

bool rs_redshift_password(const struct rs_service *service, const struct rs_redshift_user *user,
                          struct rs_database_login *out, struct rs_error *err)
{
    char names[RS_LOGIN_GROUPS_MAX][NAME_MAX_BYTES];
    char duration[NAME_MAX_BYTES] = "";
    struct rs_url_param params[GROUP_PARAMS + RS_LOGIN_GROUPS_MAX] = {
        {RS_STR("ClusterIdentifier"), rs_str_from(user->cluster)},
        {RS_STR("DbUser"), rs_str_from(user->user)},
        {RS_STR("DbName"), rs_str_from(user->database)},
        {RS_STR("AutoCreate"), rs_str_from(user->user && user->auto_create ? "true" : NULL)},
    };

    if (user->group_count > RS_LOGIN_GROUPS_MAX) {
        return rs_error_set(err, RS_E_CONFIG, "could not get a password: more than %d groups",
                            (int)RS_LOGIN_GROUPS_MAX);
    }
    if (user->duration_seconds > 0) {
        (void)snprintf(duration, sizeof duration, "%u", user->duration_seconds);
    }
    params[GROUP_PARAMS - 1] =
        (struct rs_url_param){RS_STR("DurationSeconds"), rs_str_from(duration)};
    size_t groups = user->user ? user->group_count : 0;
    for (size_t i = 0; i < groups; i++) {
        (void)snprintf(names[i], sizeof names[i], "DbGroups.DbGroup.%zu", i + 1);
        params[GROUP_PARAMS + i] =
            (struct rs_url_param){rs_str_from(names[i]), rs_str_from(user->groups[i])};
    }
    return ask_password(service, user, params, GROUP_PARAMS + groups, out, err);
}
