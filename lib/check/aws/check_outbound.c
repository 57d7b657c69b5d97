/*
 * From the cluster to S3. COPY and UNLOAD go over Redshift's own network, and neither rules nor
 * routes matter, unless enhanced VPC routing sends them through the VPC: then they need a rule that
 * lets them out, and an endpoint for S3, a NAT, or a gateway and an address of the internet.
 */
#include <string.h>

#include "check/aws/aws_facts.h"
#include "check/engine/shell_quote.h"

enum { HTTPS = 443, EPHEMERAL_FROM = 1024 };

static const char why[] =
    "With enhanced VPC routing COPY and UNLOAD go through the VPC. Where the VPC has no way to S3 "
    "they hang, and fail after minutes.";

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_usable(const struct rs_service_endpoint *endpoint)
{
    return strcmp(endpoint->state, "available") == 0 || strcmp(endpoint->state, "Available") == 0;
}

/* ---- The path to S3 ---- */

enum s3_path_kind {
    PATH_NONE,
    PATH_ENDPOINT, /* a gateway endpoint of S3, by a route to its prefix list */
    PATH_INTERFACE,
    PATH_INTERNET, /* all that has no route of its own */
};

struct s3_path {
    enum s3_path_kind kind;
    const char *by;          /* "vpce-...", "nat-..." */
    const char *prefix_list; /* of S3; NULL: not known */
};

static const struct rs_service_endpoint *
find_interface(const struct rs_service_endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++) {
        const struct rs_service_endpoint *endpoint = &endpoints->items[i];
        if (strcmp(endpoint->type, "Interface") == 0 && is_usable(endpoint) &&
            endpoint->private_dns) {
            return endpoint;
        }
    }
    return NULL;
}

static const struct rs_service_endpoint *find_gateway(const struct rs_service_endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++) {
        if (strcmp(endpoints->items[i].type, "Gateway") == 0 && is_usable(&endpoints->items[i])) {
            return &endpoints->items[i];
        }
    }
    return NULL;
}

/* A route to a prefix list by a gateway endpoint that is one of S3. */
static const struct rs_route *find_s3_route(const struct rs_route_table *table,
                                            const struct rs_service_endpoints *endpoints)
{
    for (size_t i = 0; i < table->routes.count; i++) {
        const struct rs_route *route = &table->routes.items[i];
        for (size_t j = 0; j < endpoints->count; j++) {
            if (strcmp(route->gateway, endpoints->items[j].id) == 0 &&
                route->prefix_list[0] != '\0' && strcmp(route->state, "active") == 0) {
                return route;
            }
        }
    }
    return NULL;
}

static struct s3_path find_path(const struct rs_check_target *target,
                                const struct rs_route_table *table,
                                const struct rs_service_endpoints *endpoints)
{
    const struct rs_cidr world = RS_CIDR_WORLD_V4;
    const struct rs_route *s3 = find_s3_route(table, endpoints);
    const struct rs_service_endpoint *interface = find_interface(endpoints);
    const struct rs_route *rest = rs_route_find(table, &world);

    if (s3) {
        return (struct s3_path){PATH_ENDPOINT, s3->gateway, s3->prefix_list};
    }
    if (interface) {
        return (struct s3_path){PATH_INTERFACE, interface->id, NULL};
    }
    if (rest && strcmp(rest->state, "active") == 0) {
        const bool gateway = starts(rest->gateway, "igw-");
        const char *const ids[] = {rest->nat_gateway, rest->transit_gateway, rest->gateway,
                                   rest->instance, rest->interface};
        size_t i = 0;
        while (i < RS_COUNTOF(ids) - 1 && ids[i][0] == '\0') {
            i++;
        }
        /* An internet gateway is of use only to who has an address of the internet. */
        if (!gateway || target->publicly_accessible) {
            return (struct s3_path){PATH_INTERNET, ids[i], NULL};
        }
    }
    return (struct s3_path){PATH_NONE, "", NULL};
}

static void tell_no_path(struct rs_check_run *run, const struct rs_route_table *table,
                         const struct rs_service_endpoints *endpoints, struct rs_check_result *out)
{
    const struct rs_service_endpoint *gateway = find_gateway(endpoints);
    const struct rs_check_target *target = &run->aws->target;

    rs_check_say(out, RS_CHECK_FAIL,
                 "no way to S3 from route table %s, and enhanced VPC routing is on", table->id);
    rs_check_why(out, why);
    if (gateway) {
        rs_check_step(out, "VPC console: Endpoints, %s, Actions, Manage route tables: choose %s",
                      gateway->id, table->id);
        rs_check_aws_command(run, out,
                             "aws ec2 modify-vpc-endpoint --vpc-endpoint-id %s "
                             "--add-route-table-ids %s",
                             rs_check_quote(out, gateway->id), rs_check_quote(out, table->id));
        return;
    }
    rs_check_step(out,
                  "VPC console: Endpoints, Create endpoint: the service com.amazonaws.%s.s3 of "
                  "type Gateway, VPC %s, route table %s",
                  rs_check_aws_region(run), target->vpc_id, table->id);
    rs_check_aws_command(run, out,
                         "aws ec2 create-vpc-endpoint --vpc-id %s --service-name "
                         "com.amazonaws.%s.s3 --route-table-ids %s",
                         rs_check_quote(out, target->vpc_id),
                         rs_check_quote(out, rs_check_aws_region(run)),
                         rs_check_quote(out, table->id));
}

/* ---- The rules ---- */

/* A rule lets it out to the prefix list of S3. */
static bool has_list(const struct rs_rules *rules, const char *prefix_list)
{
    for (size_t i = 0; prefix_list && i < rules->count; i++) {
        const struct rs_rule *rule = &rules->items[i];
        if (rule->peer == RS_RULE_PREFIX_LIST && strcmp(rule->peer_id, prefix_list) == 0 &&
            rule->from_port <= HTTPS && rule->to_port >= HTTPS) {
            return true;
        }
    }
    return false;
}

/* Anything may leave for the port. */
static bool has_any(const struct rs_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->items[i].from_port <= HTTPS && rules->items[i].to_port >= HTTPS) {
            return true;
        }
    }
    return false;
}

static void tell_no_rule(struct rs_check_run *run, const struct rs_security_group *group,
                         const char *prefix_list, struct rs_check_result *out)
{
    const char *id = rs_check_quote(out, group->id);

    rs_check_say(out, RS_CHECK_FAIL, "no rule lets the cluster out to S3 on port 443");
    rs_check_why(out, why);
    rs_check_step(out,
                  "EC2 console: security group %s, tab Outbound rules, Edit: type HTTPS, to "
                  "anywhere or to the prefix list of S3",
                  group->id);
    if (prefix_list) {
        rs_check_aws_command(run, out,
                             "aws ec2 authorize-security-group-egress --group-id %s "
                             "--ip-permissions %s",
                             id,
                             rs_check_quote(out, rs_check_text(out,
                                                               "IpProtocol=tcp,FromPort=443,"
                                                               "ToPort=443,PrefixListIds="
                                                               "[{PrefixListId=%s}]",
                                                               prefix_list)));
    } else {
        rs_check_aws_command(run, out,
                             "aws ec2 authorize-security-group-egress --group-id %s --protocol tcp "
                             "--port 443 --cidr 0.0.0.0/0",
                             id);
    }
}

/* True: all that matters is let out. */
static bool check_rules(struct rs_check_run *run, const struct rs_security_groups *groups,
                        const struct s3_path *found, struct rs_check_result *out)
{
    const struct rs_cidr world = RS_CIDR_WORLD_V4;
    struct rs_rules rules = RS_RULES_INIT;
    struct rs_rules_judgement judgement;
    struct rs_error err = {0};
    bool ok = true;

    for (size_t i = 0; i < groups->count && ok; i++) {
        ok = rs_rules_add(&rules, &groups->items[i], RS_RULES_OUTBOUND, &err);
    }
    if (!ok) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
        rs_rules_release(&rules);
        return false;
    }
    rs_rules_judge(&rules, HTTPS, &world, &judgement);
    ok = judgement.answer == RS_RULES_OPEN || has_list(&rules, found->prefix_list);
    if (!ok && has_any(&rules)) {
        rs_check_say(out, RS_CHECK_UNKNOWN,
                     "the cluster is let out on port 443 to some addresses; whether S3's are among "
                     "them is not known");
        rs_check_why(out, why);
    } else if (!ok) {
        tell_no_rule(run, &groups->items[0], found->prefix_list, out);
    }
    rs_rules_release(&rules);
    return ok;
}

/* The ACL of the subnet, both ways, for what goes to the internet's addresses; S3's are such. */
static bool check_acl(const struct rs_network_acls *acls, const char *subnet,
                      struct rs_check_result *out)
{
    const struct rs_acl_question away = {true, HTTPS, HTTPS, RS_CIDR_WORLD_V4};
    const struct rs_acl_question back = {false, EPHEMERAL_FROM, RS_PORT_MAX, RS_CIDR_WORLD_V4};
    const struct rs_acl_entry *by = NULL;

    for (size_t i = 0; i < acls->count; i++) {
        const struct rs_network_acl *acl = &acls->items[i];
        for (size_t j = 0; j < acl->subnets.count; j++) {
            if (strcmp(acl->subnets.items[j].text, subnet) == 0 &&
                (!rs_acl_allows(acl, &away, &by) || !rs_acl_allows(acl, &back, &by))) {
                rs_check_say(out, RS_CHECK_WARN,
                             "network ACL %s does not let all of port 443 out and its answers in",
                             acl->id);
                rs_check_why(out, why);
                rs_check_step(out,
                              "VPC console: Network ACLs, %s: allow TCP 443 out, and TCP "
                              "1024-65535 in, for S3's addresses",
                              acl->id);
                return false;
            }
        }
    }
    return true;
}

/* ---- All of it ---- */

/* What is needed of AWS for it. */
struct network {
    struct rs_check_subnets subnets;
    const struct rs_route_tables *tables;
    const struct rs_service_endpoints *endpoints;
    const struct rs_security_groups *groups;
    const struct rs_network_acls *acls;
};

static bool ask_network(struct rs_check_run *run, struct network *out, struct rs_error *err)
{
    return rs_check_aws_subnets(run, &out->subnets, err) &&
           rs_check_aws_routes(run, &out->tables, err) &&
           rs_check_aws_endpoints(run, &out->endpoints, err) &&
           rs_check_aws_groups(run, &out->groups, err) && rs_check_aws_acls(run, &out->acls, err);
}

static void check_network(struct rs_check_run *run, const struct network *network,
                          struct rs_check_result *out)
{
    struct s3_path last = {PATH_NONE, "", NULL};
    bool ok = network->subnets.count > 0;

    for (size_t i = 0; i < network->subnets.count; i++) {
        const char *subnet = network->subnets.ids[i];
        const struct rs_route_table *table = rs_route_table_find(network->tables, subnet);
        const struct s3_path found =
            table ? find_path(&run->aws->target, table, network->endpoints) : last;
        if (table && found.kind == PATH_NONE) {
            tell_no_path(run, table, network->endpoints, out);
            ok = false;
        } else {
            ok = check_acl(network->acls, subnet, out) && table && ok;
            last = found;
        }
    }
    if (last.kind != PATH_NONE && check_rules(run, network->groups, &last, out) && ok) {
        rs_check_say(out, RS_CHECK_PASS, "enhanced VPC routing is on; S3 is reached by %s",
                     last.by);
        if (last.kind != PATH_INTERNET) {
            rs_check_detail(out,
                            "what the policy of %s allows is not looked at: \"unload-copy\" "
                            "tries it",
                            last.by);
        }
    }
}

void rs_check_outbound(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_target *target = NULL;
    struct network network = {.subnets = {.count = 0}};
    struct rs_error err = {0};

    if (!rs_check_aws_target(run, &target, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
    } else if (!target->enhanced_vpc_routing) {
        rs_check_say(out, RS_CHECK_PASS,
                     "enhanced VPC routing is off: S3 is reached over Redshift's own network");
    } else if (!ask_network(run, &network, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
    } else {
        check_network(run, &network, out);
        if (!out->said) {
            rs_check_say(out, RS_CHECK_UNKNOWN, "AWS names no subnet that it is in");
        }
    }
}
