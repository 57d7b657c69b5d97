/*
 * check/network/network_advice.h - what to do about the way to the database: console steps and
 * commands, added to a result.
 *
 * Pure:    yes, but for a look at this machine's own address.   Threads: the thread of the lane.
 */
#ifndef RS_CHECK_NETWORK_NETWORK_ADVICE_H
#define RS_CHECK_NETWORK_NETWORK_ADVICE_H

#include "check/engine/check_run.h"
#include "check/network/probe.h"

void rs_check_network_advise_lookup(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_private(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_state(const struct rs_check_run *run, enum rs_probe_state state,
                                   struct rs_check_result *out);
void rs_check_network_advise_mtu(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_tls(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_certificate(const struct rs_check_run *run, unsigned problem,
                                         struct rs_check_result *out);

/* What ssh said of a connection that failed, where the way is through a bastion. */
void rs_check_network_advise_ssh(struct rs_check_run *run, struct rs_check_result *out);

#endif
