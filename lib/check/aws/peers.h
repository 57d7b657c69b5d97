/*
 * check/aws/peers.h - who has to be let in: whom the options name, or this host.
 *
 *   rs_check_aws_peers(run, &peers, &err)     peers->items[0].text "34.223.203.0/28"
 *
 * Pure:    no: network.   Owns: run->aws has them.   Threads: the thread of the AWS lane.
 */
#ifndef RS_CHECK_AWS_PEERS_H
#define RS_CHECK_AWS_PEERS_H

#include "check/aws/cidr.h"
#include "check/engine/check_run.h"

struct rs_check_peer {
    struct rs_cidr block;
    char text[RS_CIDR_TEXT_MAX];
    bool own; /* this host */
};

struct rs_check_peers {
    struct rs_check_peer *items;
    size_t count;
    size_t capacity;
};

/* What the options allow, or this host. err: RS_E_USAGE; RS_E_NET when this host is not known. */
RS_MUST_USE bool rs_check_aws_peers(struct rs_check_run *run, const struct rs_check_peers **out,
                                    struct rs_error *err);

#endif
