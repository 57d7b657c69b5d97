/*
 * check/network/probe_postgres.h - questions to a server in PostgreSQL's protocol.
 *
 *   rs_probe_ask_tls(&limit, fd, &reply)   reply.answer: RS_PROBE_TLS, RS_PROBE_NO_TLS, ...
 *
 * Pure:    no: network, the clock.   Threads: one thread at a time per socket.
 * Source:  PostgreSQL manual, "Frontend/Backend Protocol", message flow and formats.
 */
#ifndef RS_CHECK_NETWORK_PROBE_POSTGRES_H
#define RS_CHECK_NETWORK_PROBE_POSTGRES_H

#include "check/network/probe.h"
#include "check/network/probe_reply.h"
#include "rs/compiler.h"
#include "rs/str.h"

enum {
    RS_PROBE_PADDING_MAX = 9000, /* PostgreSQL takes 10,000 bytes of a startup */
    RS_PROBE_STARTUP_MAX = RS_PROBE_PADDING_MAX + 900,
};

/* Ask to speak TLS. With RS_PROBE_TLS nothing but a handshake may follow on fd. */
void rs_probe_ask_tls(const struct rs_probe_limit *limit, int fd, struct rs_probe_reply *out);

/* Ask to log in without TLS; there is no password in it, and none is sent later. */
void rs_probe_ask_startup(const struct rs_probe_limit *limit, int fd, const char *user,
                          const char *database, struct rs_probe_reply *out);

/*
 * Write a StartupMessage, padded with padding bytes: its length. A name that does not fit in room
 * is left out, and padding is cut; room is 64 bytes at least.
 */
size_t rs_probe_write_startup(char *out, size_t room, const char *user, const char *database,
                              size_t padding);

/* Send all of it; false when the connection or the time has ended. */
RS_MUST_USE bool rs_probe_send(const struct rs_probe_limit *limit, int fd, struct rs_str bytes);

#endif
