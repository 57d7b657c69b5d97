/*
 * aws/ec2_api.h - what EC2 says of a network: security groups, ACLs, routes, endpoints.
 *
 *   const struct rs_service ec2 = {.call = call, .region = region, .endpoint = endpoint};
 *   struct rs_security_groups groups = RS_SECURITY_GROUPS_INIT;
 *   if (rs_ec2_security_groups(&ec2, ids, count, &groups, err)) ...
 *       groups.items[0].inbound.items[0].protocol "tcp", .from_port 5439, .blocks, ...
 *   rs_security_groups_release(&groups);
 *
 * Limits:  RS_EC2_IDS_MAX ids a question; as many replies as there are.   Pure: no: network, but
 *          for rs_security_groups_read.
 * Owns:    texts and lists stay valid until the release.
 * Threads: one thread at a time per rs_aws_call.
 * Source:  https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html,
 *          API_DescribeNetworkAcls.html, API_DescribeRouteTables.html,
 *          API_DescribeVpcEndpoints.html, API_GetManagedPrefixListEntries.html,
 *          API_AuthorizeSecurityGroupIngress.html; 2016-11-15.
 */
#ifndef RS_AWS_EC2_API_H
#define RS_AWS_EC2_API_H

#include "aws/service.h"
#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum { RS_EC2_IDS_MAX = 64 };

/* Texts are "" where the reply has none. */
struct rs_ec2_text {
    const char *text;
    const char *description;
};

struct rs_ec2_texts {
    const struct rs_ec2_text *items;
    size_t count;
};

struct rs_ec2_permission {
    const char *protocol; /* "tcp", "udp", "icmp", a number; "-1": all, and all ports */
    unsigned from_port;
    unsigned to_port;
    struct rs_ec2_texts blocks;       /* "10.0.0.0/8" */
    struct rs_ec2_texts v6_blocks;    /* "2001:db8::/32" */
    struct rs_ec2_texts groups;       /* "sg-...": who is a member of it */
    struct rs_ec2_texts prefix_lists; /* "pl-..." */
};

struct rs_security_group {
    const char *id;
    const char *name;
    struct {
        const struct rs_ec2_permission *items;
        size_t count;
    } inbound, outbound;
};

/* Groups, lists of rules and all else come as a list with an arena of its own. */
struct rs_security_groups {
    const struct rs_security_group *items;
    size_t count;
    struct rs_arena arena;
};

#define RS_SECURITY_GROUPS_INIT ((struct rs_security_groups){NULL, 0, RS_ARENA_INIT})

struct rs_acl_entry {
    unsigned number;      /* the lowest that matches decides */
    const char *protocol; /* "6" is TCP, "-1" is all */
    const char *action;   /* "allow", "deny" */
    bool egress;
    const char *block; /* "10.0.0.0/8", or "" */
    const char *v6_block;
    unsigned from_port;
    unsigned to_port;
};

struct rs_network_acl {
    const char *id;
    struct {
        const struct rs_acl_entry *items;
        size_t count;
    } entries;
    struct rs_ec2_texts subnets;
};

struct rs_network_acls {
    const struct rs_network_acl *items;
    size_t count;
    struct rs_arena arena;
};

#define RS_NETWORK_ACLS_INIT ((struct rs_network_acls){NULL, 0, RS_ARENA_INIT})

/* One of block, v6_block and prefix_list is where it leads; of the rest, one is by what. */
struct rs_route {
    const char *block;
    const char *v6_block;
    const char *prefix_list;
    const char *gateway; /* "local", "igw-...", "vgw-...", "vpce-..." */
    const char *nat_gateway;
    const char *transit_gateway;
    const char *peering;
    const char *instance;
    const char *interface;
    const char *egress_only_gateway;
    const char *state; /* "active", "blackhole" */
};

struct rs_route_association {
    const char *subnet_id;
    bool main; /* for the subnets of the VPC that have no table of their own */
};

struct rs_route_table {
    const char *id;
    struct {
        const struct rs_route *items;
        size_t count;
    } routes;
    struct {
        const struct rs_route_association *items;
        size_t count;
    } associations;
};

struct rs_route_tables {
    const struct rs_route_table *items;
    size_t count;
    struct rs_arena arena;
};

#define RS_ROUTE_TABLES_INIT ((struct rs_route_tables){NULL, 0, RS_ARENA_INIT})

/* A way from a VPC to a service of AWS. */
struct rs_service_endpoint {
    const char *id;
    const char *type; /* "Gateway", "Interface" */
    const char *state;
    bool private_dns;
};

struct rs_service_endpoints {
    const struct rs_service_endpoint *items;
    size_t count;
    struct rs_arena arena;
};

#define RS_SERVICE_ENDPOINTS_INIT ((struct rs_service_endpoints){NULL, 0, RS_ARENA_INIT})

struct rs_prefix_list {
    const struct rs_ec2_text *items; /* blocks */
    size_t count;
    struct rs_arena arena;
};

#define RS_PREFIX_LIST_INIT ((struct rs_prefix_list){NULL, 0, RS_ARENA_INIT})

/*
 * DescribeSecurityGroups, by id.
 *
 * out  initialised; released by the caller, also after a failure; so are those below
 * err  RS_E_NET when it is denied, with the permission in the hint; RS_E_INPUT
 */
RS_MUST_USE bool rs_ec2_security_groups(const struct rs_service *service, const char *const *ids,
                                        size_t count, struct rs_security_groups *out,
                                        struct rs_error *err);
void rs_security_groups_release(struct rs_security_groups *groups);

/*
 * Read what "aws ec2 describe-security-groups" prints: the object, its list, or one group of it.
 *
 * err  RS_E_CONFIG when it is no such JSON
 */
RS_MUST_USE bool rs_security_groups_read(struct rs_str json, struct rs_security_groups *out,
                                         struct rs_error *err);

/* DescribeNetworkAcls, DescribeRouteTables: all of a VPC. */
RS_MUST_USE bool rs_ec2_network_acls(const struct rs_service *service, const char *vpc_id,
                                     struct rs_network_acls *out, struct rs_error *err);
void rs_network_acls_release(struct rs_network_acls *acls);
RS_MUST_USE bool rs_ec2_route_tables(const struct rs_service *service, const char *vpc_id,
                                     struct rs_route_tables *out, struct rs_error *err);
void rs_route_tables_release(struct rs_route_tables *tables);

/* DescribeVpcEndpoints: those of a VPC that lead to S3 in the service's region. */
RS_MUST_USE bool rs_ec2_s3_endpoints(const struct rs_service *service, const char *vpc_id,
                                     struct rs_service_endpoints *out, struct rs_error *err);
void rs_service_endpoints_release(struct rs_service_endpoints *endpoints);

/* GetManagedPrefixListEntries; those of AWS's own lists too. */
RS_MUST_USE bool rs_ec2_prefix_list(const struct rs_service *service, const char *id,
                                    struct rs_prefix_list *out, struct rs_error *err);
void rs_prefix_list_release(struct rs_prefix_list *list);

/* One rule to add: TCP on a port from a block. */
struct rs_ec2_ingress {
    const char *group_id;
    unsigned port;
    const char *block; /* IPv4 or IPv6 */
    const char *description;
};

/* AuthorizeSecurityGroupIngress; a rule that is there already is as good. */
RS_MUST_USE bool rs_ec2_allow_ingress(const struct rs_service *service,
                                      const struct rs_ec2_ingress *rule, struct rs_error *err);

#endif
