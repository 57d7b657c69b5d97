/*
 * check/network/network_facts.h - what the checks of the way to the database know of it, and what they
 * advise.
 *
 * Owns:    run->network, made by the row "dns", has sockets, texts and threads until rs_check_network_free.
 * Threads: the thread of the lane; a side's thread reads limit, open, user and database, which do
 *          not change from rs_check_network_start_side_probes on, and writes its side, to be read after the join.
 */
#ifndef RS_CHECK_NETWORK_NETWORK_FACTS_H
#define RS_CHECK_NETWORK_NETWORK_FACTS_H

#include <pthread.h>

#include "base/arena.h"
#include "check/network/check_net.h"
#include "check/network/probe.h"
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

/* The host of the connection that is open, or the first. */
const struct rs_check_network_host *
rs_check_network_host(const struct rs_check_network_facts *facts);

/* Connect, if nobody did yet. */
void rs_check_network_connect(struct rs_check_network_facts *facts);

/* Add what ssh said of a connection that failed, where the way is through a bastion. */
void rs_check_network_add_ssh_error(struct rs_check_run *run, struct rs_check_result *out);

/* Begin the questions beside the others, and wait for their answers; again is nothing. */
void rs_check_network_start_side_probes(struct rs_check_network_facts *facts);
void rs_check_network_join(struct rs_check_side_probe *side);

/* ---- The cluster or the workgroup, as far as it is known ---- */

struct rs_check_cluster_ref {
    bool redshift;
    bool serverless;
    const char *name;   /* "CLUSTER" or "WORKGROUP" where not known */
    const char *word;   /* the same in a command */
    const char *region; /* " --region eu-west-1", or "" */
};

/* Its texts are those of out, as are all below. */
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

/* ---- Advice: console steps and commands ---- */

void rs_check_network_advise_lookup(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_private(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_state(const struct rs_check_run *run, enum rs_probe_state state,
                                   struct rs_check_result *out);
void rs_check_network_advise_require_ssl(const struct rs_check_run *run,
                                         struct rs_check_result *out);
void rs_check_network_advise_mtu(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_tls(const struct rs_check_run *run, struct rs_check_result *out);
void rs_check_network_advise_certificate(const struct rs_check_run *run, unsigned problem,
                                         struct rs_check_result *out);

#endif
