/*
 * check/network/probe.h - names, addresses and connections, and how far each gets.
 *
 *   struct rs_probe_limit limit = {.env = &env, .deadline_us = env.monotonic_us(&env) + 5000000};
 *   struct rs_probe_addresses addresses = RS_PROBE_ADDRESSES_INIT;
 *   rs_probe_resolve(&limit, "tea.abc.eu-west-1.redshift.amazonaws.com", 5439, &addresses)
 *   rs_probe_connect(&limit, &addresses)   each address at once; addresses.items[i].state, .fd
 *   rs_probe_close(&addresses);
 *
 * A name is looked up in a thread of its own, because the resolver has no limit that holds: one
 * that hangs is left behind, and ends whenever it ends.
 *
 * Limits:  RS_PROBE_ADDRESSES_MAX addresses of all names together. All waiting ends at the limit's
 *          deadline, or with a signal.
 * Pure:    no: network, the clock.
 * Owns:    addresses: their sockets, closed by rs_probe_close.
 * Threads: one thread at a time per object.
 * Source:  RFC 1918, 4193, 6598 for private addresses.
 */
#ifndef RS_CHECK_NETWORK_PROBE_H
#define RS_CHECK_NETWORK_PROBE_H

#include <sys/socket.h>

#include "base/env.h"
#include "rs/compiler.h"

enum {
    RS_PROBE_ADDRESSES_MAX = 32,
    RS_PROBE_ADDRESS_TEXT_MAX = 120, /* with NUL; a socket's path is longer than an address */
    RS_PROBE_NAME_MAX = 256,
};

struct rs_probe_limit {
    const struct rs_env *env;
    int64_t deadline_us; /* of env->monotonic_us */
};

/* ---- Name -> addresses ---- */

enum rs_probe_lookup {
    RS_PROBE_FOUND,
    RS_PROBE_NO_SUCH_NAME,
    RS_PROBE_NO_ADDRESS,  /* the name is there, but has none */
    RS_PROBE_NO_RESOLVER, /* that answers, or answers with anything but a failure of its own */
    RS_PROBE_LOOKUP_TIMED_OUT,
    RS_PROBE_LOOKUP_FAILED,
};

/* Where an address can be reached from. */
enum rs_probe_scope {
    RS_PROBE_PUBLIC,
    RS_PROBE_PRIVATE, /* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7 */
    RS_PROBE_LINK,    /* 169.254/16, fe80::/10 */
    RS_PROBE_LOOPBACK,
    RS_PROBE_SOCKET, /* of this machine, with a path */
};

enum rs_probe_state {
    RS_PROBE_NOT_TRIED,
    RS_PROBE_OPEN,
    RS_PROBE_REFUSED,
    RS_PROBE_TIMED_OUT,
    RS_PROBE_UNREACHABLE, /* no route, or a router or firewall says no */
    RS_PROBE_RESET,       /* ... after it was open */
    RS_PROBE_CLOSED,      /* the same, politely */
    RS_PROBE_FORBIDDEN,   /* by this machine itself */
    RS_PROBE_FAILED,
};

struct rs_probe_address {
    struct sockaddr_storage socket;
    socklen_t length;
    enum rs_probe_scope scope;
    size_t host; /* which of several names, as the caller numbers them */
    unsigned port;
    char text[RS_PROBE_ADDRESS_TEXT_MAX]; /* "10.0.0.7", "2001:db8::7", "/run/.s.PGSQL.5432" */

    enum rs_probe_state state;
    unsigned ms; /* until it was settled */
    int fd;      /* of one that is open, not blocking; else -1 */
};

struct rs_probe_addresses {
    struct rs_probe_address items[RS_PROBE_ADDRESSES_MAX];
    size_t count;
    char alias_of[RS_PROBE_NAME_MAX]; /* what the last name stands for (CNAME), or "" */
};

#define RS_PROBE_ADDRESSES_INIT ((struct rs_probe_addresses){.count = 0, .alias_of = ""})

/*
 * Look up a name, or read an address, and append what is found; a path is one of a socket's
 * folder.
 *
 * host  borrowed for the call
 * tag   of the addresses' host
 */
enum rs_probe_lookup rs_probe_resolve(const struct rs_probe_limit *limit, const char *host,
                                      unsigned port, size_t tag,
                                      struct rs_probe_addresses *addresses);

/* "10.0.0.7", not a name. */
bool rs_probe_is_address(const char *host);

/*
 * Connect to all addresses at once. Once one is open the others have a little more time, so that
 * what is slow or dead shows. An open one that is reset or closed within a moment is no longer
 * open. True when one stays open.
 */
bool rs_probe_connect(const struct rs_probe_limit *limit, struct rs_probe_addresses *addresses);

/* Connect to one address once more. Returns a socket that the caller closes, or -1. */
int rs_probe_connect_again(const struct rs_probe_limit *limit,
                           const struct rs_probe_address *address);

/*
 * The address that this machine has on the way to another; nothing is sent. False where there is
 * no way.
 */
RS_MUST_USE bool rs_probe_own_address(const struct rs_probe_address *address,
                                      char out[RS_PROBE_ADDRESS_TEXT_MAX]);

void rs_probe_close(struct rs_probe_addresses *addresses);

/* "timed out", "refused", ... */
extern const char *const rs_probe_state_names[];

/* ---- Waiting ---- */

/* Milliseconds that are left, rounded up; 0 when none are, or a signal came. */
int rs_probe_left_ms(const struct rs_probe_limit *limit);

/* The socket is ready for these events of poll(2), or has failed. False at the deadline. */
RS_MUST_USE bool rs_probe_wait(const struct rs_probe_limit *limit, int fd, short events);

/* What an errno of a connection stands for. */
enum rs_probe_state rs_probe_state_of(int error);

#endif
