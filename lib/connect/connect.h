/*
 * connect/connect.h - from what a person says to sessions: conninfo, bastion, IAM.
 *
 *   const struct rs_connect_options options = {.conninfo = "dev", .ssh = "ann@bastion",
 *                                              .iam = true, .cluster = "tea"};
 *   if (!rs_connect_check(&options, &err)) ...
 *   struct rs_connect *connect = rs_connect_new(&env, &options);
 *   struct rs_session *session = rs_connect_open(connect, &err);      as often as wanted
 *   rs_session_close(session);
 *   rs_connect_free(connect);                                         when all are closed
 *
 * The tunnel is opened with the first session and shared by all; one that broke is opened anew.
 * With IAM the server's address is asked of AWS where the conninfo names no host, and user and
 * password are fetched before they end; a session outlives its password. That password is a secret
 * like those of rs_session_check_secrets, and the server may ask for it in clear: without verified
 * TLS nobody is connected to.
 *
 * A password that the server asks for and nobody knows is asked of a person, once for all sessions
 * of a run, as psql does.
 *
 * A tunnel is secure to the bastion and no further. Only where it leads to the bastion itself
 * (localhost, as the bastion has it) are sessions through it those of one machine.
 *
 * Pure:    no: network, processes, the clock.
 * Owns:    the object; secrets are wiped. env and the options' texts are borrowed until free.
 * Threads: rs_connect_open: any thread, several at once. All else: one thread.
 * Source:  warehouse/login.h, net/tunnel.h, aws/iam_login.h
 */
#ifndef RS_CONNECT_CONNECT_H
#define RS_CONNECT_CONNECT_H

#include "base/env.h"
#include "connect/passwords.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "warehouse/conninfo.h"
#include "warehouse/session.h"

/* A password is fetched anew when it holds no longer than this. */
#define RS_CONNECT_MARGIN_US ((int64_t)120 * 1000 * 1000)

struct rs_connect_options {
    const char *conninfo;    /* see warehouse/conninfo.h; "": variables, defaults, IAM alone */
    const char *ssh;         /* --ssh: [user@]bastion[:port]; NULL: no tunnel */
    bool iam;                /* --iam: user and password of AWS */
    const char *cluster;     /* --cluster: a provisioned cluster's identifier, or ... */
    const char *workgroup;   /* ... --workgroup: one of Redshift Serverless */
    const char *db_user;     /* --db-user, of a cluster; NULL: named by the IAM role */
    const char *query_group; /* --query-group; NULL: RS_LOGIN_QUERY_GROUP */
    const char *profile;     /* --profile; NULL: AWS_PROFILE, "default" */
    const char *region;      /* --region; NULL: AWS_REGION, the profile's */
    bool insecure_secrets;   /* --insecure-secrets: keys and passwords go over any connection */
    bool no_password;        /* --no-password: nobody is asked for one */
    bool password;           /* --password: asked for before the server wants it */
    struct rs_passwords *passwords; /* who is asked for one that nobody knows; NULL: nobody */
};

struct rs_connect;
struct rs_database_login; /* aws/database_login.h */

/* The options go together, and the conninfo can be read: else RS_E_USAGE. */
RS_MUST_USE bool rs_connect_check(const struct rs_connect_options *options, struct rs_error *err);

/*
 * Put what the conninfo says of IAM (jdbc:redshift:iam://...) where the options say nothing.
 *
 * said  what the conninfo was read as; the options have its texts, so it is released after them
 */
void rs_connect_take_up(struct rs_connect_options *options, const struct rs_conninfo *said);

/* Nothing is connected to yet. */
RS_MUST_USE struct rs_connect *rs_connect_new(const struct rs_env *env,
                                              const struct rs_connect_options *options);

/* Where user and password come from. */
struct rs_connect_iam {
    /*
     * Write user, password and end to out, which is initialised; host and port too where the
     * login's host is "".
     *
     * endpoint  where the conninfo leads; its dbname is the database
     */
    bool (*fetch)(void *arg, const struct rs_endpoint *endpoint, struct rs_database_login *out,
                  struct rs_error *err);
    void *arg;
};

/* Take them from there and not from AWS. Before the first open; iam is copied. */
void rs_connect_use_iam(struct rs_connect *connect, const struct rs_connect_iam *iam);

/*
 * Where the conninfo names no host, this is it. Before the first open; copied. port 0: the
 * conninfo's, or the default.
 */
void rs_connect_use_place(struct rs_connect *connect, const char *host, unsigned port);

/*
 * Open a session. The first one may have ssh ask for a passphrase on the terminal.
 *
 * err  as rs_session_open, rs_tunnel_open and rs_iam_login_get; what ssh said stands behind
 *      the message of a connection that failed over it
 */
RS_MUST_USE struct rs_session *rs_connect_open(struct rs_connect *connect, struct rs_error *err);

/* Who goes in, where that is not what the options say. NULL: as the options say. */
struct rs_connect_as {
    const char *dbname;
    const char *user; /* logs in with this password, also where the options say --iam */
    const char *password;
    const char *timeout; /* see warehouse/login.h */
};

/* The same to another database, or as another user. */
RS_MUST_USE struct rs_session *rs_connect_open_as(struct rs_connect *connect,
                                                  const struct rs_connect_as *as,
                                                  struct rs_error *err);

/*
 * Where sessions lead, past a tunnel: host, port and database. Once a session was open.
 *
 * out  released by the caller with rs_endpoint_release
 */
void rs_connect_place(struct rs_connect *connect, struct rs_endpoint *out);

/*
 * Where a socket of somebody else's reaches the server: through the tunnel, which is opened if it
 * is not yet. Only with options.ssh.
 *
 * out  host: the server's name; address and port: of the tunnel's end here. Released by the caller
 * err  as rs_connect_open
 */
RS_MUST_USE bool rs_connect_tunnel(struct rs_connect *connect, struct rs_endpoint *out,
                                   struct rs_error *err);

/* Put behind the message of a connection over the tunnel that failed what ssh said of it. */
void rs_connect_explain(struct rs_connect *connect, struct rs_error *err);

/* End the tunnel and wipe what is secret. NULL is nothing. */
void rs_connect_free(struct rs_connect *connect);

#endif
