/*
 * check/network/probe_reply.h - what a server's first bytes mean.
 *
 *   rs_probe_parse_tls(RS_STR("S"), &reply)           -> RS_PROBE_TLS
 *   rs_probe_parse_tls(RS_STR("HTTP/1.1 400"), &reply) -> RS_PROBE_FOREIGN, "a web server (HTTP)"
 *
 * Limits:  RS_PROBE_REPLY_MAX bytes of a reply are looked at.
 * Pure:    yes.   Threads: reentrant.
 * Source:  PostgreSQL manual, "Frontend/Backend Protocol", message flow and formats.
 */
#ifndef RS_CHECK_NETWORK_PROBE_REPLY_H
#define RS_CHECK_NETWORK_PROBE_REPLY_H

#include "check/network/probe.h"
#include "rs/str.h"

enum { RS_PROBE_REPLY_MAX = 2048 };

enum rs_probe_answer {
    RS_PROBE_MORE, /* these bytes are the beginning of an answer */
    RS_PROBE_TLS,  /* it goes on with TLS */
    RS_PROBE_NO_TLS,
    RS_PROBE_ASKS,     /* for a password or the like: reply.auth */
    RS_PROBE_LETS_IN,  /* without any */
    RS_PROBE_ERROR,    /* reply.code, reply.message */
    RS_PROBE_FOREIGN,  /* not PostgreSQL: reply.message says what it may be */
    RS_PROBE_TAMPERED, /* plain bytes behind the agreement to speak TLS */
    RS_PROBE_SILENT,   /* nothing until the deadline */
    RS_PROBE_CUT,      /* the connection was reset or closed: reply.state */
};

struct rs_probe_reply {
    enum rs_probe_answer answer;
    enum rs_probe_state state; /* with RS_PROBE_CUT */
    unsigned auth;             /* the request's number, with RS_PROBE_ASKS */
    char code[6];              /* SQLSTATE, or "" */
    char message[256];         /* UTF-8 without control characters */
};

/* What bytes that came after an SSLRequest mean; out is filled unless it is RS_PROBE_MORE. */
enum rs_probe_answer rs_probe_parse_tls(struct rs_str bytes, struct rs_probe_reply *out);

/* The same after a StartupMessage. */
enum rs_probe_answer rs_probe_parse_startup(struct rs_str bytes, struct rs_probe_reply *out);

#endif
