/*
 * check/network/cluster_ref.h - the cluster or the workgroup, as far as it is known without
 * asking AWS: what advice names it by.
 *
 *   rs_check_cluster_ref_of(run, out)
 *       .name "tea", .region " --region eu-west-1": of the options, or of the host's name
 *   rs_check_cluster_ref_query(&ref, "Clusters[0].Endpoint.Port", "workgroup.endpoint.port", out)
 *       "aws redshift describe-clusters --region eu-west-1 --cluster-identifier tea --query ..."
 *
 * Pure:    yes.   Owns: its texts are those of out.   Threads: the thread of the lane.
 */
#ifndef RS_CHECK_NETWORK_CLUSTER_REF_H
#define RS_CHECK_NETWORK_CLUSTER_REF_H

#include "check/engine/check_run.h"

struct rs_check_cluster_ref {
    bool redshift;
    bool serverless;
    const char *name;   /* "CLUSTER" or "WORKGROUP" where not known */
    const char *word;   /* the same in a command */
    const char *region; /* " --region eu-west-1", or "" */
};

/* After the row "dns". */
struct rs_check_cluster_ref rs_check_cluster_ref_of(const struct rs_check_run *run,
                                                    struct rs_check_result *out);

/* The console's page of it, as a step. */
void rs_check_cluster_ref_step(const struct rs_check_cluster_ref *ref, struct rs_check_result *out);

/* A command whose output is one thing about it: a text, or one of the result's commands. */
const char *rs_check_cluster_ref_query(const struct rs_check_cluster_ref *ref,
                                       const char *of_cluster, const char *of_workgroup,
                                       struct rs_check_result *out);
void rs_check_cluster_ref_add_query(const struct rs_check_cluster_ref *ref, const char *of_cluster,
                                    const char *of_workgroup, struct rs_check_result *out);

/* Its security group, as a word of another command. */
const char *rs_check_cluster_ref_query_group(const struct rs_check_cluster_ref *ref,
                                             struct rs_check_result *out);

#endif
