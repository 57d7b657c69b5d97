/*
 * net/tunnel.h - a way to a server that only a bastion reaches: the user's own ssh.
 *
 *   const struct rs_tunnel_options options = {
 *       .destination = "ann@bastion.example.com:2222", .host = "db.internal", .port = "5439"};
 *   struct rs_tunnel *tunnel = rs_tunnel_open(&env, &options, &err);
 *   connect to RS_TUNNEL_ADDRESS, port rs_tunnel_port(tunnel)
 *   rs_tunnel_close(tunnel);
 *
 * The ssh that PATH has is run with the user's configuration, agent and known_hosts; where there
 * is a terminal it may ask, else it must not (BatchMode). It is over when the tunnel is closed,
 * and when this process ends in whatever way, SIGKILL included; a bastion that is silent for 45
 * seconds ends it as well. It is not stopped by the signals that a terminal or a service manager
 * sends to all processes at once, so that what runs over it can be put right first.
 *
 * The port is open to the other users of this machine: what goes over it must know its server by
 * its certificate and ask for a password.
 *
 * Limits:  without a terminal, RS_TUNNEL_WAIT_MS until it is open.
 * Pure:    no: a process, its children, a port, a nameless file in TMPDIR.
 * Owns:    the tunnel, freed with rs_tunnel_close. env is borrowed until then.
 * Threads: one thread at a time per object.
 * Source:  ssh(1), ssh_config(5)
 */
#ifndef RS_NET_TUNNEL_H
#define RS_NET_TUNNEL_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"

#define RS_TUNNEL_ADDRESS "127.0.0.1"

enum { RS_TUNNEL_WAIT_MS = 60000 };

struct rs_tunnel;

struct rs_tunnel_options {
    const char *destination; /* [user@]host[:port]; a host of ssh_config too; IPv6 in brackets */
    const char *host;        /* of the server, as the bastion knows it: a name or an address */
    const char *port;
};

/* The destination can be one: else RS_E_USAGE, which says what is wrong. */
RS_MUST_USE bool rs_tunnel_check(const char *destination, struct rs_error *err);

/*
 * Run ssh and wait until it forwards.
 *
 * err  RS_E_USAGE when destination, host or port can be none; RS_E_NET, with ssh's own words, when
 *      it ends before, and retryable when the bastion did not answer; RS_E_IO when there is no ssh
 */
RS_MUST_USE struct rs_tunnel *rs_tunnel_open(const struct rs_env *env,
                                             const struct rs_tunnel_options *options,
                                             struct rs_error *err);

/* The port of RS_TUNNEL_ADDRESS that leads to the server; valid until close. */
const char *rs_tunnel_port(const struct rs_tunnel *tunnel);

/* ssh is still there. */
bool rs_tunnel_is_open(const struct rs_tunnel *tunnel);

/*
 * Put what ssh said since the last time behind the message of a connection that failed, and what
 * to do as its hint: a bastion that may not forward shows only as a server that hangs up. Nothing
 * where ssh said nothing.
 */
void rs_tunnel_explain(struct rs_tunnel *tunnel, struct rs_error *err);

/* End ssh and wait for its end. NULL is nothing. */
void rs_tunnel_close(struct rs_tunnel *tunnel);

#endif
