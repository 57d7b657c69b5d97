/*
 * warehouse/login.h - where a connection leads, and how a server is logged in to.
 *
 *   redshift://ann@shop.abc.us-east-1.redshift.amazonaws.com
 *     -> host=shop.abc... port=5439 dbname=dev user=ann sslmode=verify-full, the system's roots
 *   host=db.example.com user=ann dbname=shop
 *     -> as psql has it
 *
 *   struct rs_login login = {.conninfo = "service=warehouse", .user = "IAM:ann", .password = p};
 *   struct rs_endpoint endpoint = {0};
 *   rs_login_resolve(&env, &login, &endpoint, &err)    endpoint.host, .port, .dbname, .user
 *   rs_endpoint_release(&endpoint);
 *
 * A server is Redshift, as far as a login goes, when the connection's address says so, or its
 * host's name ends in redshift.amazonaws.com or redshift-serverless.amazonaws.com (also .cn), or
 * rs_login says so. Then, unless the conninfo, a PG* variable or a service says otherwise: port
 * 5439, database dev, sslmode=verify-full. Where TLS is verified and no sslrootcert is named the
 * roots are the system's: SSL_CERT_FILE, else the bundle of the distribution. Only what Redshift
 * knows is sent at the start: PGOPTIONS and "options" are not, nor is GSSAPI tried.
 *
 * A service's own port is kept, 5432 too; its sslmode "prefer" cannot be told from none.
 *
 * Pure:    no: PG* variables, service and password files, the system's roots; no network.
 * Owns:    an endpoint's texts, freed with rs_endpoint_release. A login is borrowed.
 * Threads: reentrant, once rs_login_process_init was called.
 * Source:  PostgreSQL manual, "Connection Strings" and "Environment Variables"; Amazon Redshift
 *          Management Guide, "Configuring security options for connections".
 */
#ifndef RS_WAREHOUSE_LOGIN_H
#define RS_WAREHOUSE_LOGIN_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"

#define RS_LOGIN_QUERY_GROUP "segment" /* the query group of Segment's own loads */

/* All but conninfo may be NULL, and then the conninfo has its say. */
struct rs_login {
    const char *conninfo; /* see warehouse/conninfo.h; "": nothing */
    const char *host;     /* the server's name, which its certificate is compared with */
    const char *hostaddr; /* connect to this address, whatever host stands for (a tunnel) */
    const char *port;
    const char *dbname;
    const char *user;
    const char *password;
    const char *query_group; /* Redshift; NULL: RS_LOGIN_QUERY_GROUP; "": none */
    bool redshift;           /* the server is Redshift, whatever it is called */
    const char *timeout;     /* seconds to connect in, where the conninfo does not say less */
    bool leads_on;           /* hostaddr is the end of a tunnel that leads on to another machine */
    bool insecure_secrets;   /* secrets may go over any session: see rs_session_check_secrets */
    bool *wants_password;    /* out, after a failure: the server asked for a password, and none was
                                known; NULL: nobody wants to know */
};

/* Where a login leads. */
struct rs_endpoint {
    char *host; /* a name, an address, a list of them, or a socket's folder; "": a local socket */
    char *address; /* what is connected to: hostaddr, where there is one, else host */
    char *port;
    char *dbname;
    char *user;
    char *password; /* only if asked for; "" if none is known; wiped on release */
    char *sslmode;  /* "prefer", "verify-full" */
    char
        *roots; /* the file of roots that a certificate would be verified by; "system": OpenSSL's */
    bool redshift;
    bool serverless; /* the host's name is one of Redshift Serverless */
};

/*
 * Take PGTZ, PGDATESTYLE and PGGEQO out of the environment: libpq sends what they say with every
 * login, and Redshift refuses a login that sends what it does not know. Sessions set the first
 * two themselves. Main thread only, before other threads start.
 */
void rs_login_process_init(void);

/*
 * Find out where a login leads; nothing is connected to.
 *
 * err  RS_E_USAGE when the conninfo cannot be read or its service is not there
 */
RS_MUST_USE bool rs_login_resolve(const struct rs_env *env, const struct rs_login *login,
                                  struct rs_endpoint *out, struct rs_error *err);

/*
 * The same with the password, from wherever libpq takes it. What connects by another port than
 * the server's needs it, because ~/.pgpass goes by the port.
 */
RS_MUST_USE bool rs_login_resolve_password(const struct rs_env *env, const struct rs_login *login,
                                           struct rs_endpoint *out, struct rs_error *err);

/*
 * Connect. Returns libpq's connection, which the caller finishes (rs_session_open is the one), or
 * NULL with RS_E_NET or RS_E_USAGE.
 *
 * serverless  out: the host's name is one of Redshift Serverless
 */
RS_MUST_USE void *rs_login_connect(const struct rs_env *env, const struct rs_login *login,
                                   bool *serverless, struct rs_error *err);

void rs_endpoint_release(struct rs_endpoint *endpoint);

/*
 * The mode of TLS that a connection (rs_login_connect's) was made with, wherever it was said: one of
 * libpq's words, "" where that cannot be told.
 */
enum { RS_LOGIN_SSLMODE_SIZE = 16 };
void rs_login_read_sslmode(void *conn, char out[RS_LOGIN_SSLMODE_SIZE]);

/* With this mode libpq connects only to a server whose certificate it has verified. */
bool rs_login_verifies(const char *sslmode);

/* A host's name or address, or a socket's folder, that is of the machine itself. */
bool rs_login_is_loopback(const char *host);

#endif
