/*
 * EC2's query API. Its replies have no <ActionResult>, its lists are <item>s, and its parameters
 * are numbered: "Filter.1.Name". The fields stand in tables; those of security groups twice, for
 * XML and for the JSON that AWS's command line makes of it.
 */
#include "aws/ec2_api.h"

#include <stdio.h>
#include <string.h>

#include "aws/region.h"
#include "aws/shape.h"

enum { TEXT_MAX_BYTES = 400, NAME_MAX_BYTES = 40, PAGES_MAX = 1000 };

static const struct rs_service_kind kind = {.name = "ec2", .version = "2016-11-15", .bare = true};

/* ---- Security groups ---- */

/* A thing and its description: the same in XML and JSON, but for the names. */
#define DESCRIBED(shape, name, words)                                                              \
    static const struct rs_shape_field shape##_fields[] = {                                        \
        RS_SHAPE_TEXT(struct rs_ec2_text, text, name),                                             \
        RS_SHAPE_TEXT(struct rs_ec2_text, description, words),                                     \
    };                                                                                             \
    static const struct rs_shape shape = RS_SHAPE_OF(struct rs_ec2_text, shape##_fields)

DESCRIBED(xml_block, "cidrIp", "description");
DESCRIBED(xml_v6_block, "cidrIpv6", "description");
DESCRIBED(xml_group, "groupId", "description");
DESCRIBED(xml_prefix_list, "prefixListId", "description");
DESCRIBED(json_block, "CidrIp", "Description");
DESCRIBED(json_v6_block, "CidrIpv6", "Description");
DESCRIBED(json_group, "GroupId", "Description");
DESCRIBED(json_prefix_list, "PrefixListId", "Description");
DESCRIBED(xml_entry, "cidr", "description");

static const struct rs_shape_field xml_permission_fields[] = {
    RS_SHAPE_TEXT(struct rs_ec2_permission, protocol, "ipProtocol"),
    RS_SHAPE_NUMBER(struct rs_ec2_permission, from_port, "fromPort"),
    RS_SHAPE_NUMBER(struct rs_ec2_permission, to_port, "toPort"),
    RS_SHAPE_LIST(struct rs_ec2_permission, blocks, "ipRanges", &xml_block),
    RS_SHAPE_LIST(struct rs_ec2_permission, v6_blocks, "ipv6Ranges", &xml_v6_block),
    RS_SHAPE_LIST(struct rs_ec2_permission, groups, "groups", &xml_group),
    RS_SHAPE_LIST(struct rs_ec2_permission, prefix_lists, "prefixListIds", &xml_prefix_list),
};
static const struct rs_shape xml_permission =
    RS_SHAPE_OF(struct rs_ec2_permission, xml_permission_fields);

static const struct rs_shape_field json_permission_fields[] = {
    RS_SHAPE_TEXT(struct rs_ec2_permission, protocol, "IpProtocol"),
    RS_SHAPE_NUMBER(struct rs_ec2_permission, from_port, "FromPort"),
    RS_SHAPE_NUMBER(struct rs_ec2_permission, to_port, "ToPort"),
    RS_SHAPE_LIST(struct rs_ec2_permission, blocks, "IpRanges", &json_block),
    RS_SHAPE_LIST(struct rs_ec2_permission, v6_blocks, "Ipv6Ranges", &json_v6_block),
    RS_SHAPE_LIST(struct rs_ec2_permission, groups, "UserIdGroupPairs", &json_group),
    RS_SHAPE_LIST(struct rs_ec2_permission, prefix_lists, "PrefixListIds", &json_prefix_list),
};
static const struct rs_shape json_permission =
    RS_SHAPE_OF(struct rs_ec2_permission, json_permission_fields);

static const struct rs_shape_field xml_security_group_fields[] = {
    RS_SHAPE_TEXT(struct rs_security_group, id, "groupId"),
    RS_SHAPE_TEXT(struct rs_security_group, name, "groupName"),
    RS_SHAPE_LIST(struct rs_security_group, inbound, "ipPermissions", &xml_permission),
    RS_SHAPE_LIST(struct rs_security_group, outbound, "ipPermissionsEgress", &xml_permission),
};
static const struct rs_shape xml_security_group =
    RS_SHAPE_OF(struct rs_security_group, xml_security_group_fields);

static const struct rs_shape_field json_security_group_fields[] = {
    RS_SHAPE_TEXT(struct rs_security_group, id, "GroupId"),
    RS_SHAPE_TEXT(struct rs_security_group, name, "GroupName"),
    RS_SHAPE_LIST(struct rs_security_group, inbound, "IpPermissions", &json_permission),
    RS_SHAPE_LIST(struct rs_security_group, outbound, "IpPermissionsEgress", &json_permission),
};
static const struct rs_shape json_security_group =
    RS_SHAPE_OF(struct rs_security_group, json_security_group_fields);

/* ---- Network ACLs, routes, endpoints ---- */

static const struct rs_shape_field acl_entry_fields[] = {
    RS_SHAPE_NUMBER(struct rs_acl_entry, number, "ruleNumber"),
    RS_SHAPE_TEXT(struct rs_acl_entry, protocol, "protocol"),
    RS_SHAPE_TEXT(struct rs_acl_entry, action, "ruleAction"),
    RS_SHAPE_FLAG(struct rs_acl_entry, egress, "egress"),
    RS_SHAPE_TEXT(struct rs_acl_entry, block, "cidrBlock"),
    RS_SHAPE_TEXT(struct rs_acl_entry, v6_block, "ipv6CidrBlock"),
    RS_SHAPE_NUMBER(struct rs_acl_entry, from_port, "portRange/from"),
    RS_SHAPE_NUMBER(struct rs_acl_entry, to_port, "portRange/to"),
};
static const struct rs_shape acl_entry = RS_SHAPE_OF(struct rs_acl_entry, acl_entry_fields);

DESCRIBED(acl_subnet, "subnetId", "networkAclAssociationId");

static const struct rs_shape_field acl_fields[] = {
    RS_SHAPE_TEXT(struct rs_network_acl, id, "networkAclId"),
    RS_SHAPE_LIST(struct rs_network_acl, entries, "entrySet", &acl_entry),
    RS_SHAPE_LIST(struct rs_network_acl, subnets, "associationSet", &acl_subnet),
};
static const struct rs_shape network_acl = RS_SHAPE_OF(struct rs_network_acl, acl_fields);

static const struct rs_shape_field route_fields[] = {
    RS_SHAPE_TEXT(struct rs_route, block, "destinationCidrBlock"),
    RS_SHAPE_TEXT(struct rs_route, v6_block, "destinationIpv6CidrBlock"),
    RS_SHAPE_TEXT(struct rs_route, prefix_list, "destinationPrefixListId"),
    RS_SHAPE_TEXT(struct rs_route, gateway, "gatewayId"),
    RS_SHAPE_TEXT(struct rs_route, nat_gateway, "natGatewayId"),
    RS_SHAPE_TEXT(struct rs_route, transit_gateway, "transitGatewayId"),
    RS_SHAPE_TEXT(struct rs_route, peering, "vpcPeeringConnectionId"),
    RS_SHAPE_TEXT(struct rs_route, instance, "instanceId"),
    RS_SHAPE_TEXT(struct rs_route, interface, "networkInterfaceId"),
    RS_SHAPE_TEXT(struct rs_route, egress_only_gateway, "egressOnlyInternetGatewayId"),
    RS_SHAPE_TEXT(struct rs_route, state, "state"),
};
static const struct rs_shape route = RS_SHAPE_OF(struct rs_route, route_fields);

static const struct rs_shape_field association_fields[] = {
    RS_SHAPE_TEXT(struct rs_route_association, subnet_id, "subnetId"),
    RS_SHAPE_FLAG(struct rs_route_association, main, "main"),
};
static const struct rs_shape association =
    RS_SHAPE_OF(struct rs_route_association, association_fields);

static const struct rs_shape_field route_table_fields[] = {
    RS_SHAPE_TEXT(struct rs_route_table, id, "routeTableId"),
    RS_SHAPE_LIST(struct rs_route_table, routes, "routeSet", &route),
    RS_SHAPE_LIST(struct rs_route_table, associations, "associationSet", &association),
};
static const struct rs_shape route_table = RS_SHAPE_OF(struct rs_route_table, route_table_fields);

static const struct rs_shape_field endpoint_fields[] = {
    RS_SHAPE_TEXT(struct rs_service_endpoint, id, "vpcEndpointId"),
    RS_SHAPE_TEXT(struct rs_service_endpoint, type, "vpcEndpointType"),
    RS_SHAPE_TEXT(struct rs_service_endpoint, state, "state"),
    RS_SHAPE_FLAG(struct rs_service_endpoint, private_dns, "privateDnsEnabled"),
};
static const struct rs_shape service_endpoint =
    RS_SHAPE_OF(struct rs_service_endpoint, endpoint_fields);

/* ---- Asking ---- */

/* What is asked, and where its list is. */
struct question {
    const char *action;
    const char *what; /* "describe the routes of vpc-..." */
    const char *list; /* "routeTableSet" */
    const struct rs_shape *items;
    const struct rs_url_param *params;
    size_t count;
};

/* Its items, in the arena of who asks. */
struct found {
    void *items;
    size_t count;
};

static void add_items(const struct rs_xml_node *list, const struct rs_shape *shape,
                      struct rs_arena *arena, struct found *out)
{
    const size_t size = shape->size_bytes;
    const struct rs_xml_node *node = rs_xml_first(list);
    size_t count = 0;

    for (; node; node = rs_xml_after(node)) {
        count++;
    }
    char *items = rs_arena_zalloc(arena, out->count + count, size);
    if (out->count > 0) {
        memcpy(items, out->items, out->count * size);
    }
    for (node = rs_xml_first(list); node; node = rs_xml_after(node)) {
        rs_shape_read_xml(shape, node, arena, items + out->count++ * size);
    }
    out->items = items;
}

/* One reply; *token, in the arena, is where the next one begins, or "". */
static bool ask_page(const struct rs_service *service, const struct question *question,
                     const char **token, struct rs_arena *arena, struct found *out,
                     struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    struct rs_url_param params[RS_EC2_IDS_MAX + 1];
    char allow[TEXT_MAX_BYTES];

    for (size_t i = 0; i < question->count; i++) {
        params[i] = question->params[i];
    }
    params[question->count] = (struct rs_url_param){RS_STR("NextToken"), rs_str_from(*token)};
    (void)snprintf(allow, sizeof allow, "ec2:%s", question->action);
    const struct rs_service_action action = {
        .name = question->action, .what = question->what, .allow = allow};
    bool ok = rs_service_query(service, &kind, &action, params, question->count + 1, &answer, err);
    if (ok) {
        add_items(rs_xml_find(answer.result, question->list), question->items, arena, out);
        *token = rs_arena_copy(arena, rs_xml_child(answer.result, "nextToken")).data;
    }
    rs_service_answer_release(&answer);
    return ok;
}

static bool ask(const struct rs_service *service, const struct question *question,
                struct rs_arena *arena, struct found *out, struct rs_error *err)
{
    const char *token = "";

    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!ask_page(service, question, &token, arena, out, err)) {
            return false;
        }
        if (!*token) {
            return true;
        }
    }
    return rs_error_set(err, RS_E_LIMIT, "could not %s: more than %d replies", question->what,
                        (int)PAGES_MAX);
}

/* What belongs to a VPC, and to a service where one is named. */
static bool ask_of_vpc(const struct rs_service *service, const char *vpc_id,
                       const char *service_name, struct question question, struct rs_arena *arena,
                       struct found *out, struct rs_error *err)
{
    const struct rs_url_param params[] = {
        {RS_STR("Filter.1.Name"), RS_STR("vpc-id")},
        {RS_STR("Filter.1.Value.1"), rs_str_from(vpc_id)},
        {RS_STR("Filter.2.Name"), rs_str_from(service_name ? "service-name" : NULL)},
        {RS_STR("Filter.2.Value.1"), rs_str_from(service_name)},
    };
    char what[TEXT_MAX_BYTES];

    (void)snprintf(what, sizeof what, "%s of %s", question.what, vpc_id);
    question.what = what;
    question.params = params;
    question.count = RS_COUNTOF(params);
    return ask(service, &question, arena, out, err);
}

bool rs_ec2_security_groups(const struct rs_service *service, const char *const *ids, size_t count,
                            struct rs_security_groups *out, struct rs_error *err)
{
    char names[RS_EC2_IDS_MAX][NAME_MAX_BYTES];
    struct rs_url_param params[RS_EC2_IDS_MAX];
    struct found found = {NULL, 0};

    if (count == 0 || count > RS_EC2_IDS_MAX) {
        return rs_error_set(err, RS_E_LIMIT,
                            "could not describe the security groups: there are %zu, and it takes 1 "
                            "to %d",
                            count, (int)RS_EC2_IDS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "GroupId.%zu", i + 1);
        params[i] = (struct rs_url_param){rs_str_from(names[i]), rs_str_from(ids[i])};
    }
    const struct question question = {"DescribeSecurityGroups",
                                      "describe the security groups",
                                      "securityGroupInfo",
                                      &xml_security_group,
                                      params,
                                      count};
    const bool ok = ask(service, &question, &out->arena, &found, err);
    out->items = found.items;
    out->count = found.count;
    return ok;
}

void rs_security_groups_release(struct rs_security_groups *groups)
{
    rs_arena_release(&groups->arena);
    *groups = RS_SECURITY_GROUPS_INIT;
}

/* The list in the object that is printed, the list alone, or one group, which counts as itself. */
static const struct rs_json_node *find_groups(const struct rs_json_node *root, bool *alone)
{
    const struct rs_json_node *list = rs_json_node_find(root, "SecurityGroups");

    list = list ? list : root;
    *alone = list == root && (rs_json_node_find(root, "IpPermissions") != NULL);
    return *alone || rs_json_node_kind(list) == RS_JSON_ARRAY ? list : NULL;
}

/* What somebody has given in its place. */
static const char *groups_hint(const struct rs_json_node *root)
{
    if (rs_json_node_find(root, "terraform_version") || rs_json_node_find(root, "format_version")) {
        return "this is Terraform's: EXAMPLES of rs-check-network(1) make of it what is wanted";
    }
    if (rs_json_node_find(root, "SecurityGroupRules")) {
        return "this is of describe-security-group-rules: aws ec2 describe-security-groups prints "
               "what is wanted here";
    }
    return "aws ec2 describe-security-groups prints what is wanted here";
}

/* A port that is written otherwise would be read as 0, and let in what it does not. */
static bool has_ports(const struct rs_json_node *group)
{
    static const char *const ports[] = {"FromPort", "ToPort"};
    const struct rs_json_node *list = rs_json_node_find(group, "IpPermissions");
    const struct rs_json_node *rule = list ? rs_json_node_first(list) : NULL;
    bool ok = true;
    for (; rule && ok; rule = rs_json_node_next(rule)) {
        for (size_t i = 0; i < RS_COUNTOF(ports); i++) {
            const struct rs_json_node *port = rs_json_node_find(rule, ports[i]);
            const enum rs_json_kind found = port ? rs_json_node_kind(port) : RS_JSON_NULL;
            ok = ok && (found == RS_JSON_NULL || found == RS_JSON_NUMBER);
        }
    }
    return ok;
}

bool rs_security_groups_read(struct rs_str json, struct rs_security_groups *out,
                             struct rs_error *err)
{
    if (rs_str_trim(json).length == 0) {
        (void)rs_error_set(err, RS_E_CONFIG, "could not read the security groups: it is empty");
        return rs_error_hint(err, "%s", groups_hint(NULL));
    }
    struct rs_json_doc *doc = rs_json_doc_parse(json, "the security groups", err);
    bool alone = false;

    if (!doc) {
        return rs_error_hint(err, "%s",
                             err->code == RS_E_LIMIT
                                 ? "have fewer printed: aws ec2 describe-security-groups "
                                   "--group-ids sg-..."
                                 : groups_hint(NULL));
    }
    const struct rs_json_node *root = rs_json_doc_root(doc);
    const struct rs_json_node *list = find_groups(root, &alone);
    const size_t count = alone ? 1 : rs_json_node_count(list);
    bool ok = count > 0;
    if (ok) {
        const struct rs_json_node *node = alone ? list : rs_json_node_first(list);
        struct rs_security_group *items = rs_arena_zalloc(&out->arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++, node = rs_json_node_next(node)) {
            rs_shape_read_json(&json_security_group, node, &out->arena, &items[i]);
            ok = ok && has_ports(node);
        }
        out->items = items;
        out->count = count;
    }
    if (!ok) {
        (void)rs_error_set(err, RS_E_CONFIG, "could not read the security groups: %s",
                           count > 0 ? "a port is no number"
                           : list    ? "the list is empty"
                                     : "there is no list \"SecurityGroups\"");
        (void)rs_error_hint(err, "%s", groups_hint(root));
    }
    rs_json_doc_free(doc);
    return ok;
}

bool rs_ec2_network_acls(const struct rs_service *service, const char *vpc_id,
                         struct rs_network_acls *out, struct rs_error *err)
{
    const struct question question = {.action = "DescribeNetworkAcls",
                                      .what = "describe the network ACLs",
                                      .list = "networkAclSet",
                                      .items = &network_acl};
    struct found found = {NULL, 0};
    const bool ok = ask_of_vpc(service, vpc_id, NULL, question, &out->arena, &found, err);

    out->items = found.items;
    out->count = found.count;
    return ok;
}

void rs_network_acls_release(struct rs_network_acls *acls)
{
    rs_arena_release(&acls->arena);
    *acls = RS_NETWORK_ACLS_INIT;
}

bool rs_ec2_route_tables(const struct rs_service *service, const char *vpc_id,
                         struct rs_route_tables *out, struct rs_error *err)
{
    const struct question question = {.action = "DescribeRouteTables",
                                      .what = "describe the route tables",
                                      .list = "routeTableSet",
                                      .items = &route_table};
    struct found found = {NULL, 0};
    const bool ok = ask_of_vpc(service, vpc_id, NULL, question, &out->arena, &found, err);

    out->items = found.items;
    out->count = found.count;
    return ok;
}

void rs_route_tables_release(struct rs_route_tables *tables)
{
    rs_arena_release(&tables->arena);
    *tables = RS_ROUTE_TABLES_INIT;
}

bool rs_ec2_s3_endpoints(const struct rs_service *service, const char *vpc_id,
                         struct rs_service_endpoints *out, struct rs_error *err)
{
    const struct question question = {.action = "DescribeVpcEndpoints",
                                      .what = "describe the endpoints",
                                      .list = "vpcEndpointSet",
                                      .items = &service_endpoint};
    struct found found = {NULL, 0};
    char name[TEXT_MAX_BYTES];

    (void)snprintf(name, sizeof name, "com.amazonaws.%s.s3", service->region);
    const bool ok = ask_of_vpc(service, vpc_id, name, question, &out->arena, &found, err);
    out->items = found.items;
    out->count = found.count;
    return ok;
}

void rs_service_endpoints_release(struct rs_service_endpoints *endpoints)
{
    rs_arena_release(&endpoints->arena);
    *endpoints = RS_SERVICE_ENDPOINTS_INIT;
}

bool rs_ec2_prefix_list(const struct rs_service *service, const char *id,
                        struct rs_prefix_list *out, struct rs_error *err)
{
    const struct rs_url_param param = {RS_STR("PrefixListId"), rs_str_from(id)};
    struct found found = {NULL, 0};
    char what[TEXT_MAX_BYTES];

    (void)snprintf(what, sizeof what, "read prefix list %s", id);
    const struct question question = {
        "GetManagedPrefixListEntries", what, "entrySet", &xml_entry, &param, 1};
    const bool ok = ask(service, &question, &out->arena, &found, err);
    out->items = found.items;
    out->count = found.count;
    return ok;
}

void rs_prefix_list_release(struct rs_prefix_list *list)
{
    rs_arena_release(&list->arena);
    *list = RS_PREFIX_LIST_INIT;
}

bool rs_ec2_allow_ingress(const struct rs_service *service, const struct rs_ec2_ingress *rule,
                          struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const bool v6 = strchr(rule->block, ':') != NULL;
    char port[NAME_MAX_BYTES];
    char what[TEXT_MAX_BYTES];
    char resource[TEXT_MAX_BYTES];

    (void)snprintf(port, sizeof port, "%u", rule->port);
    (void)snprintf(what, sizeof what, "let %s in on port %u of %s", rule->block, rule->port,
                   rule->group_id);
    (void)snprintf(resource, sizeof resource, "arn:%s:ec2:%s:*:security-group/%s",
                   rs_region_partition(service->region), service->region, rule->group_id);
    const struct rs_url_param params[] = {
        {RS_STR("GroupId"), rs_str_from(rule->group_id)},
        {RS_STR("IpPermissions.1.IpProtocol"), RS_STR("tcp")},
        {RS_STR("IpPermissions.1.FromPort"), rs_str_from(port)},
        {RS_STR("IpPermissions.1.ToPort"), rs_str_from(port)},
        {rs_str_from(v6 ? "IpPermissions.1.Ipv6Ranges.1.CidrIpv6"
                        : "IpPermissions.1.IpRanges.1.CidrIp"),
         rs_str_from(rule->block)},
        {rs_str_from(v6 ? "IpPermissions.1.Ipv6Ranges.1.Description"
                        : "IpPermissions.1.IpRanges.1.Description"),
         rs_str_from(rule->description)},
    };
    const struct rs_service_action action = {.name = "AuthorizeSecurityGroupIngress",
                                             .what = what,
                                             .allow = "ec2:AuthorizeSecurityGroupIngress",
                                             .resource = resource};
    bool ok = rs_service_query(service, &kind, &action, params, RS_COUNTOF(params), &answer, err);
    if (!ok && strcmp(answer.failure.code, "InvalidPermission.Duplicate") == 0) {
        rs_error_clear(err);
        ok = true;
    }
    rs_service_answer_release(&answer);
    return ok;
}
