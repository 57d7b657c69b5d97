/*
 * aws/redshift_api.h - what the API of Amazon Redshift says of clusters, and passwords for them.
 *
 *   const struct rs_service redshift = {.call = call, .region = region, .endpoint = endpoint};
 *   struct rs_clusters clusters = RS_CLUSTERS_INIT;
 *   if (rs_redshift_clusters(&redshift, "tea", &clusters, err)) ...
 *       clusters.items[0].address, .port, .node_type, .node_count, .status
 *   rs_clusters_release(&clusters);
 *
 * Limits:  100 clusters a reply, as many replies as there are.   Pure: no: network.
 * Owns:    texts and lists stay valid until rs_clusters_release.
 * Threads: one thread at a time per rs_aws_call.
 * Source:  https://docs.aws.amazon.com/redshift/latest/APIReference/API_Cluster.html,
 *          API_DescribeClusterParameters.html, API_DescribeClusterSubnetGroups.html,
 *          API_GetClusterCredentials.html, API_GetClusterCredentialsWithIAM.html; 2012-12-01.
 */
#ifndef RS_AWS_REDSHIFT_API_H
#define RS_AWS_REDSHIFT_API_H

#include "aws/database_login.h"
#include "aws/service.h"
#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* Texts are "" where the reply has none. */
struct rs_cluster_setting {
    const char *name;   /* "require_ssl" */
    const char *status; /* "in-sync", "pending-reboot", "applying", ... */
};

struct rs_cluster_group {
    const char *id;     /* a security group's id, a parameter group's name */
    const char *status; /* "active"; "in-sync", "pending-reboot" */
    struct {
        const struct rs_cluster_setting *items; /* of a parameter group */
        size_t count;
    } settings;
};

struct rs_cluster_node {
    const char *role; /* "LEADER", "COMPUTE-0", "SHARED" */
    const char *private_ip;
    const char *public_ip;
};

/* What waits for the next maintenance window; its name is not kept. */
struct rs_cluster_change {
    const char *value;
};

struct rs_cluster {
    const char *identifier;
    const char *node_type; /* "ra3.xlplus" */
    unsigned node_count;
    const char *status;              /* "available", "paused", "available, resize-cleanup", ... */
    const char *availability_status; /* "Available", "Maintenance", ... */
    const char *modify_status;
    const char *resize_status;  /* of an elastic resize */
    const char *restore_status; /* from a snapshot */
    const char *address;        /* "" while it is created or paused: there is no endpoint then */
    unsigned port;
    const char *vpc_id;
    const char *availability_zone;
    const char *subnet_group;
    const char *kms_key_id;
    const char *elastic_ip;
    const char *elastic_ip_status;
    const char *multi_az;           /* "Enabled", "Disabled" */
    const char *maintenance_window; /* "sun:03:00-sun:03:30", UTC */
    bool publicly_accessible;
    bool encrypted;
    bool enhanced_vpc_routing;
    struct {
        const struct rs_cluster_group *items;
        size_t count;
    } security_groups, parameter_groups;
    struct {
        const struct rs_cluster_node *items;
        size_t count;
    } nodes;
    struct {
        const struct rs_cluster_change *items;
        size_t count;
    } changes;
};

struct rs_clusters {
    struct rs_cluster *items;
    size_t count;
    size_t capacity;
    struct rs_arena arena;
};

#define RS_CLUSTERS_INIT ((struct rs_clusters){NULL, 0, 0, RS_ARENA_INIT})

/* A parameter of a group. */
struct rs_cluster_parameter {
    const char *name;  /* "require_ssl" */
    const char *value; /* "true" */
};

struct rs_cluster_parameters {
    struct rs_cluster_parameter *items;
    size_t count;
    size_t capacity;
    struct rs_arena arena;
};

#define RS_CLUSTER_PARAMETERS_INIT ((struct rs_cluster_parameters){NULL, 0, 0, RS_ARENA_INIT})

struct rs_cluster_subnet {
    const char *id;
    const char *availability_zone;
    const char *status; /* "Active" */
};

struct rs_subnet_group {
    const char *name;
    const char *status; /* "Complete" */
    struct {
        const struct rs_cluster_subnet *items;
        size_t count;
    } subnets;
    struct rs_arena arena;
};

#define RS_SUBNET_GROUP_INIT ((struct rs_subnet_group){.arena = RS_ARENA_INIT})

/* A password for a user that is named. */
struct rs_redshift_user {
    const char *cluster;
    const char *user; /* NULL: GetClusterCredentialsWithIAM names it after who asks */
    const char *database;
    const char *const *groups;
    size_t group_count;
    bool auto_create;
    unsigned duration_seconds; /* 900 to 3600; 0: 900 */
};

/*
 * Describe one cluster, or all of the region for a NULL identifier.
 *
 * out  initialised; released by the caller with rs_clusters_release, also after a failure
 * err  RS_E_INPUT, ClusterNotFound, with the region in the hint; RS_E_NET when it is denied, with
 *      the permission in the hint
 */
RS_MUST_USE bool rs_redshift_clusters(const struct rs_service *service, const char *identifier,
                                      struct rs_clusters *out, struct rs_error *err);
void rs_clusters_release(struct rs_clusters *clusters);

/* DescribeClusterParameters: all of a parameter group. out and err as above. */
RS_MUST_USE bool rs_redshift_parameters(const struct rs_service *service, const char *group,
                                        struct rs_cluster_parameters *out, struct rs_error *err);
void rs_cluster_parameters_release(struct rs_cluster_parameters *parameters);

/* The value of a parameter; NULL when the group has none of that name. */
const char *rs_cluster_parameter_find(const struct rs_cluster_parameters *parameters,
                                      const char *name);

/* DescribeClusterSubnetGroups: one of them. out and err as above. */
RS_MUST_USE bool rs_redshift_subnet_group(const struct rs_service *service, const char *name,
                                          struct rs_subnet_group *out, struct rs_error *err);
void rs_subnet_group_release(struct rs_subnet_group *group);

/*
 * GetClusterCredentials, or GetClusterCredentialsWithIAM where no user is named; fills user, password
 * and expires_us of out, which is initialised. err as above.
 */
RS_MUST_USE bool rs_redshift_password(const struct rs_service *service,
                                      const struct rs_redshift_user *user,
                                      struct rs_database_login *out, struct rs_error *err);

#endif
