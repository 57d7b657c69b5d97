/*
 * Where the routes of the subnets lead that the cluster is in. An answer has to find the way back
 * to who asked.
 */
#include <string.h>

#include "check/aws/aws_facts.h"
#include "check/engine/shell_quote.h"

static const char why[] =
    "Without a route back the answers to who connects are lost: the connection times out.";

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* By what the route leads: the one id that is there. */
static const char *target_of(const struct rs_route *route)
{
    const char *const ids[] = {route->gateway,  route->nat_gateway, route->transit_gateway,
                               route->peering,  route->interface,   route->egress_only_gateway,
                               route->instance, "another target"};
    size_t i = 0;
    while (ids[i][0] == '\0') {
        i++;
    }
    return ids[i];
}

/* An internet gateway that any route of the VPC leads to. */
static const char *find_gateway(const struct rs_route_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        for (size_t j = 0; j < tables->items[i].routes.count; j++) {
            const char *gateway = tables->items[i].routes.items[j].gateway;
            if (starts(gateway, "igw-")) {
                return gateway;
            }
        }
    }
    return NULL;
}

/* The way back from a subnet, as it is. */
struct return_route {
    const char *subnet;
    const struct rs_route_table *table;
    const struct rs_route *route; /* NULL: there is none */
    bool v6;
};

static void suggest_gateway(struct rs_check_run *run, const char *gateway,
                            const struct return_route *back, struct rs_check_result *out)
{
    const bool v6 = back->v6;
    const struct rs_route *route = back->route;
    const char *world = v6 ? "::/0" : "0.0.0.0/0";
    const bool replaced = route && strcmp(v6 ? route->v6_block : route->block, world) == 0;

    rs_check_step(out,
                  "VPC console: Route tables, %s, tab Routes, Edit routes: %s to the VPC's "
                  "internet gateway",
                  back->table->id, world);
    if (!gateway) {
        rs_check_aws_command(run, out,
                             "aws ec2 describe-internet-gateways --filters "
                             "Name=attachment.vpc-id,Values=%s",
                             rs_check_quote(out, run->aws->target.vpc_id));
    }
    if (replaced && strcmp(route->state, "blackhole") != 0) {
        rs_check_step(out,
                      "mind the others in %s: those without a public address get out by %s, and "
                      "no longer will; if there are any, give the cluster a subnet of its own",
                      back->subnet, target_of(route));
    }
    rs_check_aws_command(run, out,
                         "aws ec2 %s-route --route-table-id %s --destination-%scidr-block %s "
                         "--gateway-id %s",
                         replaced ? "replace" : "create", rs_check_quote(out, back->table->id),
                         v6 ? "ipv6-" : "", world,
                         gateway ? rs_check_quote(out, gateway) : "IGW_ID");
}

/* The way back from a subnet to a block; true: it is good. */
static bool check_route(struct rs_check_run *run, const struct rs_route_tables *tables,
                        const char *subnet, const struct rs_check_peer *peer,
                        struct rs_check_result *out)
{
    const struct rs_route_table *table = rs_route_table_find(tables, subnet);
    const struct rs_route *route = table ? rs_route_find(table, &peer->block) : NULL;
    const bool outside = !rs_cidr_is_private(&peer->block);

    if (outside && !run->aws->target.publicly_accessible) {
        return true; /* nobody comes that way: that is what "public" says */
    }
    if (!table) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "AWS names no route table for %s", subnet);
        return false;
    }
    if (route && strcmp(route->state, "blackhole") == 0) {
        rs_check_say(out, RS_CHECK_FAIL, "%s: the route to %s leads nowhere, as %s is gone",
                     table->id, peer->text, target_of(route));
    } else if (!route) {
        rs_check_say(out, RS_CHECK_FAIL, "%s: no route from %s to %s", table->id, subnet,
                     peer->text);
    } else if (outside && !starts(route->gateway, "igw-")) {
        rs_check_say(out, RS_CHECK_FAIL,
                     "%s: answers to %s leave by %s, not by an internet gateway", table->id,
                     peer->text, target_of(route));
    } else {
        return true;
    }
    rs_check_why(out, why);
    if (outside) {
        const struct return_route back = {subnet, table, route, peer->block.v6};
        suggest_gateway(run, find_gateway(tables), &back, out);
    } else {
        rs_check_step(out,
                      "VPC console: Route tables, %s, Edit routes: %s to the peering, VPN or "
                      "transit gateway that it comes by",
                      table->id, peer->text);
    }
    return false;
}

/* What Redshift itself says of the subnets; true: all is well. */
static bool check_subnet_group(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_subnet_group *group = NULL;
    struct rs_error err = {0};
    bool ok = true;

    if (run->aws->target.workgroup) {
        return true;
    }
    if (!rs_check_aws_subnet_group(run, &group, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
        return false;
    }
    for (size_t i = 0; i < group->subnets.count; i++) {
        const struct rs_cluster_subnet *subnet = &group->subnets.items[i];
        if (strcmp(subnet->status, "Active") != 0) {
            rs_check_say(out, RS_CHECK_FAIL, "subnet group %s: %s is \"%s\"", group->name,
                         subnet->id, subnet->status);
            rs_check_why(out, "A cluster keeps its address in a subnet only while that is "
                              "\"Active\".");
            rs_check_step(out,
                          "Redshift console: Configurations, Subnet groups, %s, Edit: choose "
                          "subnets that are there",
                          group->name);
            rs_check_aws_command(run, out,
                                 "aws redshift describe-cluster-subnet-groups "
                                 "--cluster-subnet-group-name %s",
                                 rs_check_quote(out, group->name));
            ok = false;
        }
    }
    if (strcmp(group->status, "Complete") != 0) {
        rs_check_say(out, RS_CHECK_WARN, "subnet group %s is \"%s\"", group->name, group->status);
        ok = false;
    }
    return ok;
}

void rs_check_route(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_route_tables *tables = NULL;
    const struct rs_check_peers *peers = NULL;
    struct rs_check_subnets subnets;
    struct rs_error err = {0};

    if (!rs_check_aws_subnets(run, &subnets, &err) || !rs_check_aws_routes(run, &tables, &err) ||
        !rs_check_aws_peers(run, &peers, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
        return;
    }
    bool ok = check_subnet_group(run, out);
    for (size_t i = 0; i < subnets.count; i++) {
        for (size_t j = 0; j < peers->count; j++) {
            ok = check_route(run, tables, subnets.ids[i], &peers->items[j], out) && ok;
        }
    }
    if (ok && run->aws->target.publicly_accessible) {
        rs_check_say(out, RS_CHECK_PASS, "%zu subnet%s with a way back to all who are let in",
                     subnets.count, subnets.count == 1 ? "" : "s");
    } else if (ok) {
        rs_check_say(out, RS_CHECK_PASS,
                     "%zu subnet%s; not publicly accessible, so none needs an internet gateway",
                     subnets.count, subnets.count == 1 ? "" : "s");
    }
}
