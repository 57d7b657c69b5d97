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
static const struct rs_shape security_group_shape =
    RS_SHAPE_OF(struct rs_cluster_group, security_group_fields);

static const struct rs_shape_field setting_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_setting, name, "ParameterName"),
    RS_SHAPE_TEXT(struct rs_cluster_setting, status, "ParameterApplyStatus"),
};
static const struct rs_shape setting_shape = RS_SHAPE_OF(struct rs_cluster_setting, setting_fields);

static const struct rs_shape_field parameter_group_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_group, id, "ParameterGroupName"),
    RS_SHAPE_TEXT(struct rs_cluster_group, status, "ParameterApplyStatus"),
    RS_SHAPE_LIST(struct rs_cluster_group, settings, "ClusterParameterStatusList", &setting_shape),
};
static const struct rs_shape parameter_group_shape =
    RS_SHAPE_OF(struct rs_cluster_group, parameter_group_fields);

static const struct rs_shape_field node_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_node, role, "NodeRole"),
    RS_SHAPE_TEXT(struct rs_cluster_node, private_ip, "PrivateIPAddress"),
    RS_SHAPE_TEXT(struct rs_cluster_node, public_ip, "PublicIPAddress"),
};
static const struct rs_shape node_shape = RS_SHAPE_OF(struct rs_cluster_node, node_fields);

static const struct rs_shape_field change_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_change, value, ""),
};
static const struct rs_shape change_shape = RS_SHAPE_OF(struct rs_cluster_change, change_fields);

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
    RS_SHAPE_TEXT(struct rs_cluster, elastic_ip, "ElasticIpStatus/ElasticIp"),
    RS_SHAPE_TEXT(struct rs_cluster, elastic_ip_status, "ElasticIpStatus/Status"),
    RS_SHAPE_TEXT(struct rs_cluster, multi_az, "MultiAZ"),
    RS_SHAPE_LIST(struct rs_cluster, nodes, "ClusterNodes", &node_shape),
};
static const struct rs_shape cluster_shape = RS_SHAPE_OF(struct rs_cluster, cluster_fields);

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

/* A list that comes in several replies. */
struct list {
    const struct rs_service_action *action;
    struct rs_url_param of; /* whose it is */
    const char *element;    /* of the reply */
    const struct rs_shape *shape;
    struct rs_arena *arena;
    void *items; /* and so on: what was read */
    size_t count;
    size_t capacity;
};

/* One reply's items; *marker, in the arena, is where the next one begins, or "". */
static bool read_page(const struct rs_service *service, struct list *list, const char **marker,
                      struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param params[] = {list->of, {RS_STR("Marker"), rs_str_from(*marker)}};
    bool ok =
        rs_service_query(service, &kind, list->action, params, RS_COUNTOF(params), &answer, err);

    if (ok) {
        const size_t size = list->shape->size_bytes;
        const struct rs_xml_node *node = rs_xml_first(rs_xml_find(answer.result, list->element));
        for (; node; node = rs_xml_after(node)) {
            list->items = rs_mem_grow(list->items, &list->capacity, list->count + 1, size);
            rs_shape_read_xml(list->shape, node, list->arena,
                              (char *)list->items + list->count++ * size);
        }
        *marker = rs_arena_copy(list->arena, rs_xml_child(answer.result, "Marker")).data;
    } else {
        hint_at_region(service, &answer, err);
    }
    rs_service_answer_release(&answer);
    return ok;
}

static bool read_pages(const struct rs_service *service, struct list *list, struct rs_error *err)
{
    const char *marker = "";

    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!read_page(service, list, &marker, err)) {
            return false;
        }
        if (!*marker) {
            return true;
        }
    }
    return rs_error_set(err, RS_E_LIMIT, "could not %s: more than %d replies", list->action->what,
                        (int)PAGES_MAX);
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

    if (identifier) {
        (void)snprintf(what, sizeof what, "describe cluster \"%s\"", identifier);
    }
    (void)snprintf(resource, sizeof resource, "arn:%s:redshift:%s:*:cluster:%s",
                   rs_region_partition(service->region), service->region,
                   identifier ? identifier : "*");
    struct list list = {.action = &action,
                        .of = {RS_STR("ClusterIdentifier"), rs_str_from(identifier)},
                        .element = "Clusters",
                        .shape = &cluster_shape,
                        .arena = &out->arena,
                        .items = out->items,
                        .count = out->count,
                        .capacity = out->capacity};
    const bool ok = read_pages(service, &list, err);
    out->items = list.items;
    out->count = list.count;
    out->capacity = list.capacity;
    return ok;
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
static const struct rs_shape parameter_shape =
    RS_SHAPE_OF(struct rs_cluster_parameter, parameter_fields);

static const struct rs_shape_field subnet_fields[] = {
    RS_SHAPE_TEXT(struct rs_cluster_subnet, id, "SubnetIdentifier"),
    RS_SHAPE_TEXT(struct rs_cluster_subnet, availability_zone, "SubnetAvailabilityZone/Name"),
    RS_SHAPE_TEXT(struct rs_cluster_subnet, status, "SubnetStatus"),
};
static const struct rs_shape subnet_shape = RS_SHAPE_OF(struct rs_cluster_subnet, subnet_fields);

static const struct rs_shape_field subnet_group_fields[] = {
    RS_SHAPE_TEXT(struct rs_subnet_group, name, "ClusterSubnetGroupName"),
    RS_SHAPE_TEXT(struct rs_subnet_group, status, "SubnetGroupStatus"),
    RS_SHAPE_LIST(struct rs_subnet_group, subnets, "Subnets", &subnet_shape),
};
static const struct rs_shape subnet_group_shape =
    RS_SHAPE_OF(struct rs_subnet_group, subnet_group_fields);

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

    (void)snprintf(what, sizeof what, "describe parameter group \"%s\"", group);
    (void)snprintf(resource, sizeof resource, "arn:%s:redshift:%s:*:parametergroup:%s",
                   rs_region_partition(service->region), service->region, group);
    struct list list = {.action = &action,
                        .of = {RS_STR("ParameterGroupName"), rs_str_from(group)},
                        .element = "Parameters",
                        .shape = &parameter_shape,
                        .arena = &out->arena,
                        .items = out->items,
                        .count = out->count,
                        .capacity = out->capacity};
    const bool ok = read_pages(service, &list, err);
    out->items = list.items;
    out->count = list.count;
    out->capacity = list.capacity;
    return ok;
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
