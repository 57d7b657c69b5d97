/*
 * check/aws/check_require_ssl.h - what to do so that a server takes no login without TLS.
 *
 *   const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
 *   rs_check_advise_require_ssl(&ref, out);    without AWS: a command asks for the group's name
 *
 * Pure:    yes.   Owns: its texts are those of out.   Threads: one thread at a time per result.
 */
#ifndef RS_CHECK_AWS_CHECK_REQUIRE_SSL_H
#define RS_CHECK_AWS_CHECK_REQUIRE_SSL_H

#include "check/network/cluster_ref.h"

/* Add console steps and commands for a server of which no more is known than ref has. */
void rs_check_advise_require_ssl(const struct rs_check_cluster_ref *ref,
                                 struct rs_check_result *out);

#endif
