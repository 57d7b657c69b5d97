/*
 * check/network/probe_tls.h - a TLS handshake that is made to be looked at, and the certificate
 * in it.
 *
 *   struct rs_probe_tls_options options = {.host = "tea.abc...", .roots = "/etc/ssl/cert.pem"};
 *   struct rs_probe_tls tls;
 *   rs_probe_handshake(&limit, fd, &options, &tls);
 *     tls.end == RS_PROBE_TLS_DONE, tls.version "TLSv1.3", tls.cipher
 *     tls.problems == 0, or RS_PROBE_EXPIRED | RS_PROBE_WRONG_NAME; tls.not_after_us, tls.names
 *
 * The handshake takes TLS from 1.0 on and any certificate, so that what is wrong can be said; the
 * certificate is judged after it, all that is wrong with it and not the first thing alone. The
 * socket cannot be used for anything else afterwards.
 *
 * Roots of Amazon are known by the SHA-256 of their keys, so that they are recognized where the
 * roots in use do not have them, and in the form signed by another root that its servers send.
 *
 * Pure:    no: network, the file of roots, the clock.
 * Owns:    nothing.   Threads: reentrant.
 * Source:  RFC 5280, 6125; https://www.amazontrust.com/repository/ (the roots of Amazon).
 */
#ifndef RS_CHECK_NETWORK_PROBE_TLS_H
#define RS_CHECK_NETWORK_PROBE_TLS_H

#include "check/network/probe.h"
#include "rs/compiler.h"

enum rs_probe_tls_end {
    RS_PROBE_TLS_DONE,
    RS_PROBE_TLS_SILENT, /* the deadline came first */
    RS_PROBE_TLS_CUT,    /* reset or closed: state */
    RS_PROBE_TLS_ALERT,  /* the server or OpenSSL gave up: words */
};

/* What is wrong with a certificate. */
enum rs_probe_problem {
    RS_PROBE_EXPIRED = 1,
    RS_PROBE_NOT_YET = 2,
    RS_PROBE_WRONG_NAME = 4,
    RS_PROBE_SELF_SIGNED = 8,
    RS_PROBE_UNKNOWN_ROOT = 16,
    RS_PROBE_NO_INTERMEDIATE =
        32,                 /* the server sends its own alone, and nobody here has the next */
    RS_PROBE_WEAK = 64,     /* key or digest, by this machine's policy */
    RS_PROBE_INVALID = 128, /* anything else: words */
};

struct rs_probe_tls_options {
    const char *host;  /* that the certificate is for; an address too */
    const char *roots; /* a file; NULL, "" or "system": those of OpenSSL */
};

struct rs_probe_tls {
    enum rs_probe_tls_end end;
    enum rs_probe_state state;
    char words[160];   /* OpenSSL's, of what went wrong */
    unsigned received; /* bytes that came after our hello */
    unsigned waiting;  /* bytes of ours without an acknowledgement at the end */
    bool old;          /* the version is below 1.2 */
    char version[16];  /* "TLSv1.2" */
    char cipher[64];
    unsigned bits;

    unsigned sent;     /* certificates in the server's message; 0: none */
    unsigned problems; /* of rs_probe_problem */
    bool roots_unread; /* the file of roots is not there or holds none */
    bool amazon;       /* a key of the chain is that of a root of Amazon */
    int64_t not_before_us;
    int64_t not_after_us;    /* the earliest of the chain that the server sends */
    char expires_first[160]; /* whose that is */
    char subject[160];
    char issuer[160];
    char top[160];   /* the root, or the issuer that nobody has */
    char names[512]; /* of the server: "*.a.example, b.example" */
};

void rs_probe_handshake(const struct rs_probe_limit *limit, int fd,
                        const struct rs_probe_tls_options *options, struct rs_probe_tls *out);

/* The public key (DER, a SubjectPublicKeyInfo) is that of a root of Amazon. */
bool rs_probe_is_amazons(const void *key, size_t length);

#endif
