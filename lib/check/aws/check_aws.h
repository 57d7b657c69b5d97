/*
 * check/aws/check_aws.h - checks of what AWS has been told: the cluster, its network, its load.
 *
 * Each is a row's run, see check/engine/check_run.h. What may not be asked, for lack of a permission, is
 * unknown, with the permission's name.
 *
 * Pure:    no: network.   Threads: the thread of their lane.
 */
#ifndef RS_CHECK_AWS_CHECK_AWS_H
#define RS_CHECK_AWS_CHECK_AWS_H

#include "check/engine/check_run.h"

void rs_check_cluster(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_public(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_encryption(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_require_ssl(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_port_range(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_maintenance(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_inbound(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_acl(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_route(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_outbound(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_cpu(struct rs_check_run *run, struct rs_check_result *out);

/*
 * Where the cluster listens, as AWS said in the row "cluster": to be read after it. "" and 0 where
 * it was not asked, or has none.
 */
const char *rs_check_aws_host(const struct rs_check_run *run);
unsigned rs_check_aws_port(const struct rs_check_run *run);

/* NULL is nothing. */
void rs_check_aws_free(struct rs_check_aws_facts *facts);

#endif
