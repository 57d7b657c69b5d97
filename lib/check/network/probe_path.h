/*
 * check/network/probe_path.h - whether packets of full size get through to a server.
 *
 *   rs_probe_fill_path(&limit, fd, "ann", "dev", &path);
 *       path.sent && !path.acknowledged: a black hole takes what is large
 *
 * Pure:    no: network, the clock.   Threads: one thread at a time per socket.
 * Source:  RFC 1191, RFC 2923 (path MTU, and black holes).
 */
#ifndef RS_CHECK_NETWORK_PROBE_PATH_H
#define RS_CHECK_NETWORK_PROBE_PATH_H

#include "check/network/probe.h"

struct rs_probe_path {
    bool sent;                 /* the padded packets went off */
    bool acknowledged;         /* all of it has arrived there */
    bool resent;               /* and was sent more than once, without an answer */
    unsigned mtu;              /* of the route, as far as this machine knows; 0: it does not */
    unsigned segment;          /* TCP's maximum segment size; 0: not known */
    unsigned bytes;            /* that were sent */
    unsigned missing;          /* of them, without an acknowledgement */
    enum rs_probe_state state; /* how the connection ended, where it did */
};

/*
 * Send a StartupMessage of more than a full packet, and wait until the other side's TCP has it.
 * What the server thinks of it does not matter.
 */
void rs_probe_fill_path(const struct rs_probe_limit *limit, int fd, const char *user,
                        const char *database, struct rs_probe_path *out);

/* How many bytes wait for an acknowledgement; 0: not known. */
unsigned rs_probe_unacknowledged(int fd);

#endif
