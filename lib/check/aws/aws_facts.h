/*
 * check/aws/aws_facts.h - what AWS has been told of the cluster and its network: each thing is
 * asked for once a run.
 *
 *   const struct rs_check_target *target = NULL;
 *   if (!rs_check_aws_target(run, &target, &err)) ... the same error each time
 *
 * What may not be asked, for lack of a permission, is unknown, with the permission's name.
 *
 * Pure:    no: network.
 * Owns:    run->aws, until rs_check_aws_free.   Threads: the thread of the lane.
 */
#ifndef RS_CHECK_AWS_AWS_FACTS_H
#define RS_CHECK_AWS_AWS_FACTS_H

#include "aws/cloudwatch_api.h"
#include "aws/ec2_api.h"
#include "aws/redshift_api.h"
#include "aws/serverless_api.h"
#include "check/aws/check_inbound.h"
#include "check/aws/peers.h"
#include "check/engine/check_run.h"

/* A cluster or a workgroup, as far as they are the same. Texts are "" where there is none. */
struct rs_check_target {
    const char *kind; /* "cluster", "workgroup" */
    const char *name;
    const char *status;
    const char *address;
    unsigned port;
    const char *vpc_id;
    const char *public_ip;
    const char *private_ip;
    bool publicly_accessible;
    bool enhanced_vpc_routing;
    const struct rs_cluster *cluster;     /* NULL for a workgroup */
    const struct rs_workgroup *workgroup; /* NULL for a cluster */
    const char *group_ids[RS_EC2_IDS_MAX];
    size_t group_count;
};

struct rs_check_subnets {
    const char *ids[RS_EC2_IDS_MAX];
    size_t count;
};

/*
 * Each gives what AWS said, the first time by asking it.
 *
 * err  as AWS's modules have it; RS_E_CONFIG without a region
 */
RS_MUST_USE bool rs_check_aws_target(struct rs_check_run *run, const struct rs_check_target **out,
                                     struct rs_error *err);
RS_MUST_USE bool rs_check_aws_groups(struct rs_check_run *run,
                                     const struct rs_security_groups **out, struct rs_error *err);
RS_MUST_USE bool rs_check_aws_prefix_list(struct rs_check_run *run, const char *id,
                                          const struct rs_prefix_list **out, struct rs_error *err);
RS_MUST_USE bool rs_check_aws_subnet_group(struct rs_check_run *run,
                                           const struct rs_subnet_group **out,
                                           struct rs_error *err);
RS_MUST_USE bool rs_check_aws_acls(struct rs_check_run *run, const struct rs_network_acls **out,
                                   struct rs_error *err);
RS_MUST_USE bool rs_check_aws_routes(struct rs_check_run *run, const struct rs_route_tables **out,
                                     struct rs_error *err);
RS_MUST_USE bool rs_check_aws_endpoints(struct rs_check_run *run,
                                        const struct rs_service_endpoints **out,
                                        struct rs_error *err);

/* The subnets that it is in: of a cluster those of its zone, or of all where it is in several. */
RS_MUST_USE bool rs_check_aws_subnets(struct rs_check_run *run, struct rs_check_subnets *out,
                                      struct rs_error *err);

/* A service of AWS, with the time that is left; NULL name is none. After rs_check_aws_target. */
struct rs_service rs_check_aws_service(struct rs_check_run *run, const char *name);

/*
 * The port that the cluster's rules are about: that of the options, or of the login, unless that
 * leads to another host, as to a balancer or a bastion.
 */
unsigned rs_check_aws_target_port(struct rs_check_run *run);

/* AWS is asked at all: there is a cluster or a workgroup. */
bool rs_check_asks_aws(const struct rs_check_run *run);

/* Add the command, with the region where one is known. */
void rs_check_aws_command(struct rs_check_run *run, struct rs_check_result *out, const char *fmt,
                          ...) RS_PRINTF(3, 4);

/* The region; "" before anything was asked. */
const char *rs_check_aws_region(const struct rs_check_run *run);

struct rs_check_once {
    bool done;
    struct rs_error err;
};

struct rs_check_prefix_list {
    const char *id; /* of a group's rule */
    struct rs_check_once once;
    struct rs_prefix_list list;
    struct rs_check_prefix_list *next;
};

struct rs_check_aws_facts {
    struct rs_profiles *profiles;
    struct rs_http *http;
    struct rs_aws_call *call;
    const char *region; /* NULL: not known yet */
    char region_of_host[32];
    struct rs_check_once ready, once_target, once_groups, once_subnet_group, once_acls, once_routes,
        once_endpoints, once_peers, once_inbound;
    struct rs_clusters clusters;
    struct rs_workgroup workgroup;
    struct rs_check_target target;
    struct rs_security_groups groups;
    struct rs_subnet_group subnet_group;
    struct rs_network_acls acls;
    struct rs_route_tables routes;
    struct rs_service_endpoints endpoints;
    struct rs_check_prefix_list *lists;
    struct rs_check_peers peers;
    struct rs_check_inbound_facts inbound;
};

/* A thing is to be asked for now; true once. */
bool rs_check_is_first(struct rs_check_once *once);

/* What came of it, the first time. */
RS_MUST_USE bool rs_check_outcome(const struct rs_check_once *once, struct rs_error *err);

/* run->aws, made where it is not there. */
struct rs_check_aws_facts *rs_check_aws_facts_of(struct rs_check_run *run);

/* NULL is nothing. */
void rs_check_aws_free(struct rs_check_aws_facts *facts);

#endif
