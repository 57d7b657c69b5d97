/*
 * check/network/network_facts.h - what the checks of the way to the database know of it.
 *
 * Owns:    run->network, made by the row "dns", has sockets, texts and threads until
 *          rs_check_network_free.
 * Threads: the thread of the lane; that of a side probe reads limit, open, user and database, which
 *          do not change from rs_check_network_start_side_probes on, and writes its own, to be read
 *          after the join.
 */
#ifndef RS_CHECK_NETWORK_NETWORK_FACTS_H
#define RS_CHECK_NETWORK_NETWORK_FACTS_H

#include <pthread.h>

#include "base/arena.h"
#include "check/engine/check_run.h"
#include "check/network/probe.h"
#include "check/network/probe_path.h"
#include "check/network/probe_reply.h"
#include "check/network/probe_tls.h"

enum { RS_CHECK_NETWORK_HOSTS_MAX = 16 };

/* One of the hosts of a login. */
struct rs_check_network_host {
    const char *name;    /* the one that a certificate is compared with */
    const char *address; /* what is looked up: hostaddr, or host */
    unsigned port;
};

/* A question that is asked beside the others, over a connection of its own. */
struct rs_check_side_probe {
    const struct rs_check_network_facts *facts;
    pthread_t thread;
    bool started;
    bool connected;
    struct rs_probe_reply reply; /* of a login without TLS */
    struct rs_probe_path path;   /* of packets of full size */
};

struct rs_check_network_facts {
    struct rs_probe_limit limit;
    struct rs_arena arena;
    struct rs_check_network_host hosts[RS_CHECK_NETWORK_HOSTS_MAX];
    size_t host_count;
    const char *user;
    const char *database;
    bool through_bastion;

    struct rs_probe_addresses addresses;
    bool tried;                          /* to connect; addresses have the states */
    const struct rs_probe_address *open; /* the first that is, or NULL */

    struct rs_probe_reply reply; /* to the question for TLS */
    unsigned unacknowledged;     /* bytes of that question without an acknowledgement */
    bool handshake_tried;
    struct rs_probe_tls tls;
    struct rs_check_side_probe plain;
    struct rs_check_side_probe path;
};

/* The facts of a run, with the hosts of its login. */
struct rs_check_network_facts *rs_check_network_new(const struct rs_check_run *run);

/* No host is given, and AWS says where the cluster listens. */
bool rs_check_network_is_asked_of_aws(const struct rs_check_run *run);

/* Begin the timeout anew. */
void rs_check_network_renew_limit(const struct rs_check_run *run,
                                  struct rs_check_network_facts *facts);

/* The host of the connection that is open, or the first. */
const struct rs_check_network_host *
rs_check_network_host(const struct rs_check_network_facts *facts);

/* Connect, if nobody did yet. */
void rs_check_network_connect(struct rs_check_network_facts *facts);

/* Begin the side probes, and wait for one; again is nothing. */
void rs_check_network_start_side_probes(struct rs_check_network_facts *facts);
void rs_check_network_join(struct rs_check_side_probe *side);

/* NULL is nothing. */
void rs_check_network_free(struct rs_check_network_facts *facts);

#endif
