/*
 * check/network/check_net.h - checks of the way to the database: name, port, protocol, TLS.
 *
 * Each is a row's run, see check/engine/check_run.h; check/network/probe.h does the work.
 *
 * Pure:    no: network.   Threads: the thread of their lane.
 */
#ifndef RS_CHECK_NETWORK_CHECK_NET_H
#define RS_CHECK_NETWORK_CHECK_NET_H

#include "check/engine/check_run.h"

void rs_check_dns(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_tcp(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_protocol(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_tls(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_certificate(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_path(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_plaintext(struct rs_check_run *run, struct rs_check_result *out);

/* NULL is nothing. */
void rs_check_network_free(struct rs_check_network_facts *facts);

#endif
