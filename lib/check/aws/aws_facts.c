/*
 * The facts of the AWS lane. A thing is asked for when the first row wants it, and what came of it,
 * good or bad, is kept for the others: a run asks AWS each question once. All questions end with
 * the run's timeout; each is tried twice, in half of what is left.
 */
#include "check/aws/aws_facts.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "aws/aws_call.h"
#include "aws/profile.h"
#include "aws/region.h"
#include "base/mem.h"
#include "check/engine/shell_quote.h"
#include "net/http.h"

enum { ATTEMPTS = 2 };

struct rs_check_aws_facts *rs_check_aws_facts_of(struct rs_check_run *run)
{
    if (!run->aws) {
        struct rs_check_aws_facts *facts = rs_mem_zalloc(1, sizeof *facts);
        facts->clusters = RS_CLUSTERS_INIT;
        facts->workgroup = RS_WORKGROUP_INIT;
        facts->groups = RS_SECURITY_GROUPS_INIT;
        facts->subnet_group = RS_SUBNET_GROUP_INIT;
        facts->acls = RS_NETWORK_ACLS_INIT;
        facts->routes = RS_ROUTE_TABLES_INIT;
        facts->endpoints = RS_SERVICE_ENDPOINTS_INIT;
        facts->inbound.rules = RS_RULES_INIT;
        run->aws = facts;
    }
    return run->aws;
}

bool rs_check_is_first(struct rs_check_once *once)
{
    const bool first = !once->done;
    once->done = true;
    return first;
}

bool rs_check_outcome(const struct rs_check_once *once, struct rs_error *err)
{
    if (once->err.code != RS_OK) {
        *err = once->err;
    }
    return once->err.code == RS_OK;
}

bool rs_check_asks_aws(const struct rs_check_run *run)
{
    return (run->offered & RS_CHECK_WANT_AWS) != 0;
}

/* The region of the options, variables and profile, or the one in the server's name. */
static const char *find_region(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_aws_facts *facts = run->aws;
    const char *region = rs_profiles_region(facts->profiles, run->options->connect.region, err);
    const struct rs_str host = rs_str_from(run->endpoint.host);

    if (!region && rs_region_of_host(host, facts->region_of_host)) {
        rs_error_clear(err);
        region = facts->region_of_host;
    }
    return region;
}

static bool make_ready(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);
    struct rs_error *why = &facts->ready.err;
    const struct rs_aws_call_options options = {.attempts = ATTEMPTS};

    if (rs_check_is_first(&facts->ready)) {
        facts->profiles = rs_profiles_load(run->env, run->options->account.profile, why);
        facts->region = facts->profiles ? find_region(run, why) : NULL;
        facts->http = rs_http_new(run->env, NULL);
        facts->call =
            rs_aws_call_new(run->env, facts->http, rs_account_credentials(run->account), &options);
    }
    return rs_check_outcome(&facts->ready, err);
}

struct rs_service rs_check_aws_service(struct rs_check_run *run, const char *name)
{
    const struct rs_check_aws_facts *facts = run->aws;
    const unsigned half_ms = rs_check_left_ms(run) / 2 + 1;

    return (struct rs_service){.call = facts->call,
                               .region = facts->region,
                               .endpoint = rs_profiles_endpoint(facts->profiles, name),
                               .limits = {.connect_ms = half_ms, .total_ms = half_ms}};
}

/* ---- The cluster or the workgroup ---- */

static void describe_cluster(struct rs_check_target *target, const struct rs_cluster *cluster)
{
    target->cluster = cluster;
    target->status = cluster->status;
    target->address = cluster->address;
    target->port = cluster->port;
    target->vpc_id = cluster->vpc_id;
    target->publicly_accessible = cluster->publicly_accessible;
    target->enhanced_vpc_routing = cluster->enhanced_vpc_routing;
    target->public_ip = cluster->elastic_ip;
    for (size_t i = 0; i < cluster->nodes.count; i++) {
        const struct rs_cluster_node *node = &cluster->nodes.items[i];
        if (strcmp(node->role, "LEADER") == 0 || strcmp(node->role, "SHARED") == 0) {
            target->private_ip = node->private_ip;
            target->public_ip = *target->public_ip ? target->public_ip : node->public_ip;
        }
    }
    for (size_t i = 0; i < cluster->security_groups.count && i < RS_EC2_IDS_MAX; i++) {
        target->group_ids[target->group_count++] = cluster->security_groups.items[i].id;
    }
}

static void describe_workgroup(struct rs_check_target *target, const struct rs_workgroup *workgroup)
{
    target->workgroup = workgroup;
    target->status = workgroup->status;
    target->address = workgroup->address;
    target->port = workgroup->port;
    target->publicly_accessible = workgroup->publicly_accessible;
    target->enhanced_vpc_routing = workgroup->enhanced_vpc_routing;
    if (workgroup->vpc_endpoints.count > 0) {
        const struct rs_vpc_endpoint *endpoint = &workgroup->vpc_endpoints.items[0];
        target->vpc_id = endpoint->vpc_id;
        target->private_ip =
            endpoint->interfaces.count > 0 ? endpoint->interfaces.items[0].private_ip : "";
    }
    for (size_t i = 0; i < workgroup->security_groups.count && i < RS_EC2_IDS_MAX; i++) {
        target->group_ids[target->group_count++] = workgroup->security_groups.items[i].text;
    }
}

static bool ask_cluster(struct rs_check_run *run, const char *name, struct rs_error *err)
{
    struct rs_check_aws_facts *facts = run->aws;
    const struct rs_service redshift = rs_check_aws_service(run, "redshift");

    if (!rs_redshift_clusters(&redshift, name, &facts->clusters, err)) {
        return false;
    }
    if (facts->clusters.count == 0) {
        return rs_error_set(err, RS_E_INPUT, "could not describe cluster \"%s\": there is none",
                            name);
    }
    describe_cluster(&facts->target, &facts->clusters.items[0]);
    return true;
}

static bool ask_target(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_aws_facts *facts = run->aws;
    const struct rs_connect_options *connect = &run->options->connect;

    facts->target =
        (struct rs_check_target){.kind = connect->cluster ? "cluster" : "workgroup",
                                 .name = connect->cluster ? connect->cluster : connect->workgroup,
                                 .status = "",
                                 .address = "",
                                 .vpc_id = "",
                                 .public_ip = "",
                                 .private_ip = ""};
    if (connect->cluster) {
        return ask_cluster(run, connect->cluster, err);
    }
    const struct rs_service serverless = rs_check_aws_service(run, "redshift-serverless");
    if (!rs_serverless_workgroup(&serverless, connect->workgroup, &facts->workgroup, err)) {
        return false;
    }
    describe_workgroup(&facts->target, &facts->workgroup);
    return true;
}

bool rs_check_aws_target(struct rs_check_run *run, const struct rs_check_target **out,
                         struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);
    struct rs_check_once *once = &facts->once_target;

    if (rs_check_is_first(once) && make_ready(run, &once->err) && ask_target(run, &once->err)) {
        run->cluster_host = facts->target.address;
        run->cluster_port = facts->target.port;
    }
    *out = &facts->target;
    return rs_check_outcome(once, err);
}

unsigned rs_check_aws_target_port(struct rs_check_run *run)
{
    const struct rs_check_target *target = NULL;
    struct rs_error ignored = {0};
    const char *host = run->endpoint.host ? run->endpoint.host : "";
    const bool known =
        rs_check_asks_aws(run) && rs_check_aws_target(run, &target, &ignored) && target->port > 0;

    return known && run->options->port == 0 && strcasecmp(host, target->address) != 0
               ? target->port
               : rs_check_port(run);
}

/* ---- Its network ---- */

/* The VPC to ask EC2 about now; NULL: it was asked before, or once->err says why it cannot be. */
static const char *find_vpc(struct rs_check_run *run, struct rs_check_once *once,
                            struct rs_service *ec2)
{
    const struct rs_check_target *target = NULL;

    if (!rs_check_is_first(once) || !rs_check_aws_target(run, &target, &once->err)) {
        return NULL;
    }
    if (target->vpc_id[0] == '\0') {
        (void)rs_error_set(&once->err, RS_E_INPUT,
                           "could not look at the network of %s \"%s\": AWS names no VPC for it",
                           target->kind, target->name);
        return NULL;
    }
    *ec2 = rs_check_aws_service(run, "ec2");
    return target->vpc_id;
}

static bool ask_groups(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_aws_facts *facts = run->aws;
    const struct rs_check_target *target = NULL;

    if (run->options->groups_json) {
        return rs_security_groups_read(rs_str_from(run->options->groups_json), &facts->groups, err);
    }
    if (!rs_check_aws_target(run, &target, err)) {
        return false;
    }
    if (target->group_count == 0) {
        return rs_error_set(err, RS_E_INPUT, "%s \"%s\" has no security group", target->kind,
                            target->name);
    }
    const struct rs_service ec2 = rs_check_aws_service(run, "ec2");
    return rs_ec2_security_groups(&ec2, target->group_ids, target->group_count, &facts->groups,
                                  err);
}

bool rs_check_aws_groups(struct rs_check_run *run, const struct rs_security_groups **out,
                         struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);

    if (rs_check_is_first(&facts->once_groups)) {
        (void)!ask_groups(run, &facts->once_groups.err);
    }
    *out = &facts->groups;
    return rs_check_outcome(&facts->once_groups, err);
}

bool rs_check_aws_prefix_list(struct rs_check_run *run, const char *id,
                              const struct rs_prefix_list **out, struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);
    struct rs_check_prefix_list *list = facts->lists;

    while (list && strcmp(list->id, id) != 0) {
        list = list->next;
    }
    if (!list) {
        list = rs_mem_zalloc(1, sizeof *list);
        list->id = id;
        list->list = RS_PREFIX_LIST_INIT;
        list->next = facts->lists;
        facts->lists = list;
    }
    if (rs_check_is_first(&list->once) && rs_check_asks_aws(run) &&
        make_ready(run, &list->once.err)) {
        const struct rs_service ec2 = rs_check_aws_service(run, "ec2");
        (void)!rs_ec2_prefix_list(&ec2, id, &list->list, &list->once.err);
    } else if (!rs_check_asks_aws(run)) {
        (void)rs_error_set(&list->once.err, RS_E_CONFIG,
                           "could not read prefix list %s: AWS is not asked without a cluster", id);
    }
    *out = &list->list;
    return rs_check_outcome(&list->once, err);
}

bool rs_check_aws_subnet_group(struct rs_check_run *run, const struct rs_subnet_group **out,
                               struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);
    struct rs_check_once *once = &facts->once_subnet_group;
    const struct rs_check_target *target = NULL;

    if (rs_check_is_first(once) && rs_check_aws_target(run, &target, &once->err)) {
        const struct rs_service redshift = rs_check_aws_service(run, "redshift");
        (void)!rs_redshift_subnet_group(&redshift, target->cluster->subnet_group,
                                        &facts->subnet_group, &once->err);
    }
    *out = &facts->subnet_group;
    return rs_check_outcome(once, err);
}

bool rs_check_aws_acls(struct rs_check_run *run, const struct rs_network_acls **out,
                       struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);
    struct rs_check_once *once = &facts->once_acls;
    struct rs_service ec2;
    const char *vpc_id = find_vpc(run, once, &ec2);
    if (vpc_id) {
        (void)!rs_ec2_network_acls(&ec2, vpc_id, &facts->acls, &once->err);
    }
    *out = &facts->acls;
    return rs_check_outcome(once, err);
}

bool rs_check_aws_routes(struct rs_check_run *run, const struct rs_route_tables **out,
                         struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);
    struct rs_check_once *once = &facts->once_routes;
    struct rs_service ec2;
    const char *vpc_id = find_vpc(run, once, &ec2);
    if (vpc_id) {
        (void)!rs_ec2_route_tables(&ec2, vpc_id, &facts->routes, &once->err);
    }
    *out = &facts->routes;
    return rs_check_outcome(once, err);
}

bool rs_check_aws_endpoints(struct rs_check_run *run, const struct rs_service_endpoints **out,
                            struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);
    struct rs_check_once *once = &facts->once_endpoints;
    struct rs_service ec2;
    const char *vpc_id = find_vpc(run, once, &ec2);
    if (vpc_id) {
        (void)!rs_ec2_s3_endpoints(&ec2, vpc_id, &facts->endpoints, &once->err);
    }
    *out = &facts->endpoints;
    return rs_check_outcome(once, err);
}

static void add_subnet(struct rs_check_subnets *out, const char *id)
{
    if (out->count < RS_EC2_IDS_MAX) {
        out->ids[out->count++] = id;
    }
}

bool rs_check_aws_subnets(struct rs_check_run *run, struct rs_check_subnets *out,
                          struct rs_error *err)
{
    const struct rs_check_target *target = NULL;
    const struct rs_subnet_group *group = NULL;

    out->count = 0;
    if (!rs_check_aws_target(run, &target, err)) {
        return false;
    }
    if (target->workgroup) {
        for (size_t i = 0; i < target->workgroup->subnets.count; i++) {
            add_subnet(out, target->workgroup->subnets.items[i].text);
        }
        return true;
    }
    if (!rs_check_aws_subnet_group(run, &group, err)) {
        return false;
    }
    const char *zone = target->cluster->availability_zone;
    const bool any = zone[0] == '\0' || strcmp(target->cluster->multi_az, "Enabled") == 0;
    for (size_t i = 0; i < group->subnets.count; i++) {
        if (any || strcmp(group->subnets.items[i].availability_zone, zone) == 0) {
            add_subnet(out, group->subnets.items[i].id);
        }
    }
    return true;
}

/* ---- For all ---- */

const char *rs_check_aws_region(const struct rs_check_run *run)
{
    return run->aws && run->aws->region ? run->aws->region : "";
}

void rs_check_aws_command(struct rs_check_run *run, struct rs_check_result *out, const char *fmt,
                          ...)
{
    const char *region = rs_check_aws_region(run);
    va_list args;

    va_start(args, fmt);
    const char *line = rs_check_text_of(out, fmt, args);
    va_end(args);
    rs_check_command(out, "%s%s%s", line, *region ? " --region " : "",
                     *region ? rs_check_quote(out, region) : "");
}

void rs_check_aws_free(struct rs_check_aws_facts *facts)
{
    if (!facts) {
        return;
    }
    while (facts->lists) {
        struct rs_check_prefix_list *next = facts->lists->next;
        rs_prefix_list_release(&facts->lists->list);
        rs_mem_free(facts->lists);
        facts->lists = next;
    }
    rs_rules_release(&facts->inbound.rules);
    rs_mem_free(facts->inbound.findings);
    rs_mem_free(facts->peers.items);
    rs_clusters_release(&facts->clusters);
    rs_workgroup_release(&facts->workgroup);
    rs_security_groups_release(&facts->groups);
    rs_subnet_group_release(&facts->subnet_group);
    rs_network_acls_release(&facts->acls);
    rs_route_tables_release(&facts->routes);
    rs_service_endpoints_release(&facts->endpoints);
    rs_aws_call_free(facts->call);
    rs_http_free(facts->http);
    rs_profiles_free(facts->profiles);
    rs_mem_free(facts);
}
