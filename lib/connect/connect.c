/*
 * One lock guards what sessions share: where the conninfo leads, the password, the tunnel. Under it
 * a session's login is made ready and copied out; the connecting itself, which takes longest,
 * happens outside of it, several at once.
 */
#include "connect/connect.h"

#include <pthread.h>
#include <stdio.h>

#include "aws/database_login.h"
#include "base/mem.h"
#include "connect/iam.h"
#include "net/tunnel.h"

enum { PORT_MAX = 16, WHAT_MAX = 512 };

struct rs_connect {
    const struct rs_env *env;
    struct rs_connect_options options; /* with what the conninfo says of IAM */
    struct rs_conninfo said;
    struct rs_connect_iam iam;
    struct rs_iam *aws; /* what iam asks, unless somebody gave another */

    char *host; /* where the conninfo names none: rs_connect_use_place */
    unsigned port;

    pthread_mutex_t lock; /* for all below */
    bool resolved;
    struct rs_endpoint endpoint;
    struct rs_database_login login; /* IAM's; user is NULL until it is fetched */
    struct rs_tunnel *tunnel;
    char *typed; /* the password that a person typed; NULL: none */
};

/* A login with texts of its own; NULL where the conninfo has its say. */
struct own_login {
    char *host;
    char *port;
    char *user;
    char *password;
    bool tunnel;
    bool leads_on; /* from the bastion to another machine */
};

static bool refuse(struct rs_error *err, const char *message, const char *hint)
{
    (void)rs_error_set(err, RS_E_USAGE, "%s", message);
    return rs_error_hint(err, "%s", hint);
}

/* What options say where there is none. */
static const char *first(const char *option, const char *said)
{
    return option ? option : said;
}

void rs_connect_take_up(struct rs_connect_options *options, const struct rs_conninfo *said)
{
    if (said->iam) {
        const bool named = options->cluster || options->workgroup;
        options->iam = true;
        options->cluster = named ? options->cluster : said->cluster;
        options->workgroup = named ? options->workgroup : said->workgroup;
        options->db_user = first(options->db_user, said->db_user);
        options->region = first(options->region, said->region);
        options->profile = first(options->profile, said->profile);
    }
}

static bool check_together(const struct rs_connect_options *options, struct rs_error *err)
{
    if (options->password && options->no_password) {
        return refuse(err, "both --password and --no-password are given", "leave out one of them");
    }
    if (options->iam && !options->cluster == !options->workgroup) {
        return refuse(err,
                      options->cluster ? "both --cluster and --workgroup are given"
                                       : "--iam needs a cluster or a workgroup",
                      "name a provisioned cluster with --cluster=ID, or a workgroup of Redshift "
                      "Serverless with --workgroup=NAME");
    }
    if (!options->iam && (options->cluster || options->workgroup || options->db_user)) {
        return refuse(err, "--cluster, --workgroup and --db-user are for --iam",
                      "add --iam, or leave them out and log in with a password");
    }
    if (options->workgroup && options->db_user) {
        return refuse(err, "--db-user is for a cluster: a workgroup names the user by itself",
                      "leave --db-user out");
    }
    return !options->ssh || rs_tunnel_check(options->ssh, err);
}

bool rs_connect_check(const struct rs_connect_options *options, struct rs_error *err)
{
    struct rs_connect_options all = *options;
    struct rs_conninfo said;
    bool ok = rs_conninfo_read(options->conninfo ? options->conninfo : "", &said, err);
    rs_connect_take_up(&all, &said);
    ok = ok && check_together(&all, err);
    rs_conninfo_release(&said);
    return ok;
}

void rs_connect_use_iam(struct rs_connect *connect, const struct rs_connect_iam *iam)
{
    connect->iam = *iam;
}

struct rs_connect *rs_connect_new(const struct rs_env *env,
                                  const struct rs_connect_options *options)
{
    struct rs_connect *connect = rs_mem_zalloc(1, sizeof *connect);
    struct rs_error later = {0}; /* said again by the first session */
    connect->env = env;
    connect->options = *options;
    if (rs_conninfo_read(options->conninfo ? options->conninfo : "", &connect->said, &later)) {
        rs_connect_take_up(&connect->options, &connect->said);
    }
    if (connect->said.left_out.length > 0) {
        rs_log(&env->log, RS_LOG_NOTICE,
               "left out of the connection's address, as a driver's own: %s",
               rs_strbuf_cstr(&connect->said.left_out));
    }
    connect->login = RS_DATABASE_LOGIN_INIT;
    (void)pthread_mutex_init(&connect->lock, NULL);
    if (connect->options.iam) {
        connect->aws = rs_iam_new(env, &connect->options);
        rs_connect_use_iam(connect, &(struct rs_connect_iam){rs_iam_fetch, connect->aws});
    }
    return connect;
}

void rs_connect_use_place(struct rs_connect *connect, const char *host, unsigned port)
{
    rs_mem_free(connect->host);
    connect->host = rs_mem_strdup_if_any(host);
    connect->port = port;
}

/* The login by the conninfo alone, or at the place that was given. */
static struct rs_login base_login(const struct rs_connect *connect, char port[PORT_MAX])
{
    (void)snprintf(port, PORT_MAX, "%u", connect->port);
    return (struct rs_login){
        .conninfo = connect->options.conninfo ? connect->options.conninfo : "",
        .host = connect->host,
        .port = connect->host && connect->port > 0 ? port : NULL,
        .query_group = connect->options.query_group,
        .redshift = connect->options.iam || connect->host,
        .insecure_secrets = connect->options.insecure_secrets,
    };
}

/* Where the conninfo leads: asked once. A tunnel's port hides the server's from ~/.pgpass, so the
 * password is looked up now. */
static bool resolve(struct rs_connect *connect, struct rs_error *err)
{
    char port[PORT_MAX];
    struct rs_login login = base_login(connect, port);
    if (!connect->resolved) {
        connect->resolved =
            connect->options.ssh && !connect->options.iam
                ? rs_login_resolve_password(connect->env, &login, &connect->endpoint, err)
                : rs_login_resolve(connect->env, &login, &connect->endpoint, err);
    }
    return connect->resolved;
}

/* Have a password that holds for a while. */
static bool renew_password(struct rs_connect *connect, struct rs_error *err)
{
    const struct rs_env *env = connect->env;
    if (!connect->options.iam ||
        (connect->login.user &&
         connect->login.expires_us - env->now_us(env) > RS_CONNECT_MARGIN_US)) {
        return true;
    }
    return connect->iam.fetch(connect->iam.arg, &connect->endpoint, &connect->login, err);
}

/* What IAM says of the place counts where the conninfo says nothing. */
static bool place_is_iams(const struct rs_connect *connect)
{
    return connect->options.iam && !*connect->endpoint.host;
}

/* Where sessions lead is this machine, or that of the bastion: there is no wire behind. */
static bool leads_nowhere(const struct rs_connect *connect)
{
    return !place_is_iams(connect) && rs_login_is_loopback(connect->endpoint.address);
}

/* A password of IAM may be sent to the server: it is nobody else that asks for it. */
static bool check_way(const struct rs_connect *connect, struct rs_error *err)
{
    if (!connect->options.iam || connect->options.insecure_secrets || leads_nowhere(connect) ||
        rs_login_verifies(connect->endpoint.sslmode)) {
        return true;
    }
    (void)rs_error_set(err, RS_E_CONFIG,
                       "could not log in by IAM: with sslmode=%s nobody verifies whom the password "
                       "is sent to",
                       connect->endpoint.sslmode);
    return rs_error_hint(err, "connect with sslmode=verify-full (and sslrootcert=FILE for roots of "
                              "your own); --insecure-secrets is for a test bench");
}

static void port_text(const struct rs_connect *connect, char *out, size_t room)
{
    (void)snprintf(out, room, "%u", connect->login.port);
}

static bool renew_tunnel(struct rs_connect *connect, struct rs_error *err)
{
    char port[16] = "";
    if (!connect->options.ssh || (connect->tunnel && rs_tunnel_is_open(connect->tunnel))) {
        return true;
    }
    port_text(connect, port, sizeof port);
    const bool iams = place_is_iams(connect);
    const struct rs_tunnel_options options = {
        .destination = connect->options.ssh,
        .host = iams ? connect->login.host : connect->endpoint.address,
        .port = iams ? port : connect->endpoint.port,
    };
    rs_tunnel_close(connect->tunnel);
    connect->tunnel = rs_tunnel_open(connect->env, &options, err);
    return connect->tunnel != NULL;
}

static void copy_login(const struct rs_connect *connect, struct own_login *out)
{
    char port[16] = "";
    if (place_is_iams(connect)) {
        port_text(connect, port, sizeof port);
        out->host = rs_mem_strdup_if_any(connect->login.host);
        out->port = rs_mem_strdup_if_any(port);
    }
    if (connect->options.iam) {
        out->user = rs_mem_strdup_if_any(connect->login.user);
        out->password = rs_mem_strdup_if_any(connect->login.password);
    }
    if (connect->typed && !connect->options.iam) {
        out->password = rs_mem_strdup_if_any(connect->typed);
    }
    if (connect->tunnel) {
        rs_mem_free(out->port);
        out->port = rs_mem_strdup_if_any(rs_tunnel_port(connect->tunnel));
        out->password =
            out->password ? out->password : rs_mem_strdup_if_any(connect->endpoint.password);
        out->tunnel = true;
        out->leads_on = !leads_nowhere(connect);
    }
}

static void release_login(struct own_login *login)
{
    rs_mem_free_secret(login->password);
    rs_mem_free(login->user);
    rs_mem_free(login->port);
    rs_mem_free(login->host);
}

/* A login that did not work: what ssh knows of it, and no password is kept that may be wrong. */
static void note_failure(struct rs_connect *connect, struct rs_error *err)
{
    if (connect->tunnel && err->code == RS_E_NET) {
        rs_tunnel_explain(connect->tunnel, err);
    }
    if (connect->options.iam) {
        rs_database_login_release(&connect->login);
    }
}

struct rs_session *rs_connect_open(struct rs_connect *connect, struct rs_error *err)
{
    const struct rs_connect_as nobody_else = {0};
    return rs_connect_open_as(connect, &nobody_else, err);
}

/* Open it once. wants_password: the server asked for one, and none was known. */
static struct rs_session *try_open(struct rs_connect *connect, const struct rs_connect_as *as,
                                   bool *wants_password, struct rs_error *err)
{
    struct own_login own = {0};
    struct rs_session *session = NULL;
    (void)pthread_mutex_lock(&connect->lock);
    bool ready = resolve(connect, err) && (as->user || check_way(connect, err)) &&
                 renew_password(connect, err) && renew_tunnel(connect, err);
    if (ready) {
        copy_login(connect, &own);
    }
    (void)pthread_mutex_unlock(&connect->lock);
    if (ready) {
        char port[PORT_MAX];
        struct rs_login login = base_login(connect, port);
        login.host = own.host ? own.host : login.host;
        login.hostaddr = own.tunnel ? RS_TUNNEL_ADDRESS : NULL;
        login.port = own.port ? own.port : login.port;
        login.dbname = as->dbname;
        login.user = as->user ? as->user : own.user;
        login.password = as->user ? as->password : own.password;
        login.timeout = as->timeout;
        login.leads_on = own.leads_on;
        login.wants_password = wants_password;
        session = rs_session_open(connect->env, &login, err);
    }
    if (ready && !session && !as->user) {
        (void)pthread_mutex_lock(&connect->lock);
        note_failure(connect, err);
        (void)pthread_mutex_unlock(&connect->lock);
    }
    release_login(&own);
    return session;
}

static void append_clean(struct rs_strbuf *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        rs_strbuf_append_char(out, (unsigned char)*c < ' ' || *c == '\x7f' ? '?' : *c);
    }
}

/* password for user "ann" at db.example.com */
static void append_question(const struct rs_connect *connect, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "password for user \"");
    append_clean(out, connect->endpoint.user);
    rs_strbuf_append(out, "\"");
    if (*connect->endpoint.host) {
        rs_strbuf_append(out, " at ");
        append_clean(out, connect->endpoint.host);
    }
}

/* Have a password that a person types, or has typed. False where there is none. */
static bool ask_password(struct rs_connect *connect, struct rs_error *err)
{
    const struct rs_connect_options *options = &connect->options;
    struct rs_strbuf what = RS_STRBUF_INIT(WHAT_MAX);
    struct rs_error why = {0};
    (void)pthread_mutex_lock(&connect->lock);
    if (!connect->typed && options->passwords && !options->no_password && !options->iam &&
        resolve(connect, &why)) {
        append_question(connect, &what);
        connect->typed = rs_passwords_get(options->passwords, rs_strbuf_cstr(&what), &why);
    }
    const bool known = connect->typed != NULL;
    (void)pthread_mutex_unlock(&connect->lock);
    if (why.code != RS_OK) {
        *err = why;
    }
    rs_strbuf_release(&what);
    return known;
}

struct rs_session *rs_connect_open_as(struct rs_connect *connect, const struct rs_connect_as *as,
                                      struct rs_error *err)
{
    bool wants_password = false;
    if (connect->options.password && !connect->options.iam && !as->user &&
        !ask_password(connect, err)) {
        if (err->code == RS_OK) {
            (void)rs_error_set(err, RS_E_USAGE,
                               "could not ask for a password: there is no terminal");
            (void)rs_error_hint(err,
                                "leave --password out, and give it with PGPASSWORD or ~/.pgpass");
        }
        return NULL;
    }
    struct rs_session *session = try_open(connect, as, &wants_password, err);
    if (!session && wants_password && !as->user && ask_password(connect, err)) {
        rs_error_clear(err);
        session = try_open(connect, as, &wants_password, err);
    }
    return session;
}

void rs_connect_place(struct rs_connect *connect, struct rs_endpoint *out)
{
    char port[16] = "";
    (void)pthread_mutex_lock(&connect->lock);
    const struct rs_endpoint *known = &connect->endpoint;
    const bool iams = place_is_iams(connect);
    port_text(connect, port, sizeof port);
    *out = (struct rs_endpoint){
        .host = rs_mem_strdup(iams ? connect->login.host : known->host),
        .address = rs_mem_strdup(iams ? connect->login.host : known->address),
        .port = rs_mem_strdup(iams ? port : known->port),
        .dbname = rs_mem_strdup(known->dbname),
        .user = rs_mem_strdup(known->user),
        .redshift = known->redshift,
        .serverless = known->serverless,
    };
    (void)pthread_mutex_unlock(&connect->lock);
}

bool rs_connect_tunnel(struct rs_connect *connect, struct rs_endpoint *out, struct rs_error *err)
{
    (void)pthread_mutex_lock(&connect->lock);
    const bool ready = resolve(connect, err) &&
                       (!place_is_iams(connect) || renew_password(connect, err)) &&
                       renew_tunnel(connect, err);
    if (ready) {
        const bool iams = place_is_iams(connect);
        *out = (struct rs_endpoint){
            .host = rs_mem_strdup(iams ? connect->login.host : connect->endpoint.host),
            .address = rs_mem_strdup(RS_TUNNEL_ADDRESS),
            .port = rs_mem_strdup(rs_tunnel_port(connect->tunnel)),
        };
    }
    (void)pthread_mutex_unlock(&connect->lock);
    return ready;
}

void rs_connect_explain(struct rs_connect *connect, struct rs_error *err)
{
    (void)pthread_mutex_lock(&connect->lock);
    if (connect->tunnel) {
        rs_tunnel_explain(connect->tunnel, err);
    }
    (void)pthread_mutex_unlock(&connect->lock);
}

void rs_connect_free(struct rs_connect *connect)
{
    if (connect) {
        rs_tunnel_close(connect->tunnel);
        rs_database_login_release(&connect->login);
        rs_endpoint_release(&connect->endpoint);
        rs_iam_free(connect->aws);
        rs_mem_free_secret(connect->typed);
        rs_conninfo_release(&connect->said);
        rs_mem_free(connect->host);
        (void)pthread_mutex_destroy(&connect->lock);
        rs_mem_free(connect);
    }
}
