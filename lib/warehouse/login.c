/*
 * libpq alone knows what a connection string, the PG* variables and a service come to, so it is
 * asked: a connection is begun with a gssencmode that does not exist, which libpq refuses when all
 * else is settled and before it looks up a name; PQconninfo then tells what it had. What is said
 * by whom matters too, because a default of ours must not win over a person's word: the string
 * alone is read with PQconninfoParse, variables are looked at, and a service has said what is
 * not libpq's own default.
 *
 * "options" can only be taken out in the string itself: an empty keyword counts as none.
 */
#include "warehouse/login.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "rs/strbuf.h"
#include "warehouse/conninfo.h"
#include "warehouse/diagnose.h"
#include "warehouse/dialect.h"

enum {
    PARAMETERS_MAX = 24,
    LIBPQ_WITH_SYSTEM_ROOTS = 160000,
    PATH_BYTES = 4096,
};

/* The parameters that decide others, and the variables that stand for them. */
enum key {
    HOST,
    HOSTADDR,
    PORT,
    DBNAME,
    USER,
    SSLMODE,
    SSLROOTCERT,
    SERVICE,
    OPTIONS,
    CONNECT_TIMEOUT,
    KEEPALIVES_IDLE,
    KEEPALIVES_INTERVAL,
    GSSENCMODE,
    KEYS,
};

static const struct {
    const char *keyword;
    const char *variable;
} keys[KEYS] = {
    [HOST] = {"host", "PGHOST"},
    [HOSTADDR] = {"hostaddr", "PGHOSTADDR"},
    [PORT] = {"port", "PGPORT"},
    [DBNAME] = {"dbname", "PGDATABASE"},
    [USER] = {"user", "PGUSER"},
    [SSLMODE] = {"sslmode", "PGSSLMODE"},
    [SSLROOTCERT] = {"sslrootcert", "PGSSLROOTCERT"},
    [SERVICE] = {"service", "PGSERVICE"},
    [OPTIONS] = {"options", "PGOPTIONS"},
    [CONNECT_TIMEOUT] = {"connect_timeout", "PGCONNECT_TIMEOUT"},
    [KEEPALIVES_IDLE] = {"keepalives_idle", NULL},
    [KEEPALIVES_INTERVAL] = {"keepalives_interval", NULL},
    [GSSENCMODE] = {"gssencmode", "PGGSSENCMODE"},
};

struct words {
    char *text[KEYS]; /* NULL where there is none */
};

/* A login with all that is known of it. */
struct plan {
    const struct rs_env *env;
    const struct rs_login *login;
    struct rs_conninfo conninfo; /* as libpq takes it; may hold a password */
    struct words said;           /* by the conninfo itself */
    struct words all;            /* as libpq has it, variables and service included */
    char *password;              /* only if asked for */
    bool redshift;
    bool serverless;
};

/* Not a value of gssencmode, and no word of a message about anything else. */
static const char refused_mark[] = "rs-resolve-only";

/* Where distributions keep the roots that they trust. */
static const char *const root_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Amazon Linux, Fedora, RHEL */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL without the links */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/ssl/cert.pem",                                 /* macOS, the BSDs */
};

/*
 * The roots of the system, for a libpq of this version: SSL_CERT_FILE, "system" where libpq finds
 * them by itself, else the bundle of the distribution; NULL where there is none.
 */
static const char *system_roots(const struct rs_env *env, const char *sslmode, int libpq_version)
{
    const char *file = env->getenv(env, "SSL_CERT_FILE");
    if (file && *file) {
        return file;
    }
    if (libpq_version >= LIBPQ_WITH_SYSTEM_ROOTS && strcmp(sslmode, "verify-full") == 0) {
        return "system";
    }
    for (size_t i = 0; i < RS_COUNTOF(root_bundles); i++) {
        if (access(root_bundles[i], R_OK) == 0) {
            return root_bundles[i];
        }
    }
    return NULL;
}

/*
 * The roots that a certificate is verified by, if it is: those that were named, else the user's
 * own (~/.postgresql/root.crt), else the system's. "" where there are none. Freed by the caller.
 */
static char *roots_of(const struct rs_env *env, const char *named, int libpq_version)
{
    char own[PATH_BYTES];
    const char *home = env->getenv(env, "HOME");
    if (named && *named) {
        return rs_mem_strdup(named);
    }
    (void)snprintf(own, sizeof own, "%s/.postgresql/root.crt", home ? home : "");
    if (access(own, R_OK) == 0) {
        return rs_mem_strdup(own);
    }
    const char *system = system_roots(env, "verify-full", libpq_version);
    return rs_mem_strdup(system ? system : "");
}

static void release_words(struct words *words)
{
    for (size_t i = 0; i < KEYS; i++) {
        rs_mem_free(words->text[i]);
    }
}

static void release_plan(struct plan *plan)
{
    release_words(&plan->said);
    release_words(&plan->all);
    rs_mem_free_secret(plan->password);
    rs_conninfo_release(&plan->conninfo);
}

static void read_words(const PQconninfoOption *options, struct words *out)
{
    for (const PQconninfoOption *option = options; option && option->keyword; option++) {
        for (size_t i = 0; i < KEYS; i++) {
            if (option->val && *option->val && strcmp(option->keyword, keys[i].keyword) == 0) {
                out->text[i] = rs_mem_strdup(option->val);
            }
        }
    }
}

static const char *text_of(const struct plan *plan)
{
    return rs_strbuf_cstr(&plan->conninfo.text);
}

static bool parse_said(struct plan *plan, struct rs_error *err)
{
    const char *text = NULL;
    char *why = NULL;
    if (!rs_conninfo_read(plan->login->conninfo, &plan->conninfo, err)) {
        return false;
    }
    text = text_of(plan);
    if (plan->conninfo.form == RS_CONNINFO_NAME) {
        plan->said.text[DBNAME] = *text ? rs_mem_strdup(text) : NULL;
        return true;
    }
    PQconninfoOption *options = PQconninfoParse(text, &why);
    if (!options) {
        (void)rs_diagnose_connect(rs_str_from(why), text, err);
    }
    read_words(options, &plan->said);
    PQconninfoFree(options);
    PQfreemem(why);
    return err->code == RS_OK;
}

/* Ask libpq what all of it comes to. */
static bool resolve_all(struct plan *plan, bool with_password, struct rs_error *err)
{
    const struct rs_login *login = plan->login;
    const char *const keywords[] = {"dbname", "gssencmode", "host",   "port",
                                    "user",   "password",   "dbname", NULL};
    /* A password that is given keeps libpq from reading ~/.pgpass for one that nobody wants. */
    const char *const values[] = {
        text_of(plan), refused_mark,
        login->host,   login->port,
        login->user,   login->password ? login->password : with_password ? NULL : "unused",
        login->dbname, NULL,
    };
    PGconn *conn = PQconnectStartParams(keywords, values, 1);
    bool ok = conn && strstr(PQerrorMessage(conn), refused_mark) != NULL;
    if (ok) {
        PQconninfoOption *options = PQconninfo(conn);
        read_words(options, &plan->all);
        PQconninfoFree(options);
        plan->password = with_password ? rs_mem_strdup(PQpass(conn)) : NULL;
    } else {
        (void)rs_diagnose_connect(rs_str_from(PQerrorMessage(conn)), text_of(plan), err);
    }
    PQfinish(conn);
    return ok;
}

/* The conninfo itself or a variable has a word for it. */
static bool is_said(const struct plan *plan, enum key key)
{
    const char *variable = keys[key].variable;
    return plan->said.text[key] || (variable && plan->env->getenv(plan->env, variable));
}

/* One of a list of hosts is what is asked for. */
static bool has_host(const char *hosts, bool (*is_asked)(struct rs_str host))
{
    struct rs_str rest = rs_str_from(hosts);
    while (rest.length > 0) {
        size_t comma = rs_str_find_byte(rest, ',');
        struct rs_str name = rs_str_trim(rs_str_slice(rest, 0, comma));
        if (is_asked(name)) {
            return true;
        }
        rest = comma == SIZE_MAX ? RS_STR("") : rs_str_slice(rest, comma + 1, rest.length);
    }
    return false;
}

static void recognize(struct plan *plan)
{
    const char *host = plan->all.text[HOST];
    plan->serverless = has_host(host, rs_redshift_is_serverless_host);
    plan->redshift = plan->conninfo.redshift || plan->login->redshift || plan->serverless ||
                     has_host(host, rs_redshift_is_cluster_host);
}

static void replace(struct words *words, enum key key, const char *text)
{
    rs_mem_free(words->text[key]);
    words->text[key] = rs_mem_strdup(text);
}

/* Put Redshift's defaults where nobody said anything. */
static void default_to_redshift(struct plan *plan)
{
    struct words *all = &plan->all;
    bool service = is_said(plan, SERVICE);
    const char *user = all->text[USER] ? all->text[USER] : "";
    const char *sslmode = all->text[SSLMODE] ? all->text[SSLMODE] : "prefer";
    if (!plan->login->port && !is_said(plan, PORT) && !service) {
        replace(all, PORT, "5439");
    }
    /* libpq's own default is a database of the user's name. */
    if (!plan->login->dbname && !is_said(plan, DBNAME) &&
        (!all->text[DBNAME] || strcmp(all->text[DBNAME], user) == 0)) {
        replace(all, DBNAME, "dev");
    }
    if (!is_said(plan, SSLMODE) && strcmp(sslmode, "prefer") == 0) {
        replace(all, SSLMODE, "verify-full");
    }
    sslmode = all->text[SSLMODE] ? all->text[SSLMODE] : "";
    if (!all->text[SSLROOTCERT] && strncmp(sslmode, "verify-", 7) == 0) {
        const char *roots = system_roots(plan->env, sslmode, PQlibVersion());
        if (roots) {
            replace(all, SSLROOTCERT, roots);
        }
    }
}

/* Take "options" out of the conninfo, whoever put it there. */
static void empty_options(struct plan *plan)
{
    struct rs_strbuf *text = &plan->conninfo.text;
    if (is_said(plan, OPTIONS) || plan->all.text[OPTIONS]) {
        rs_log(&plan->env->log, RS_LOG_INFO,
               "left out the connection's options (PGOPTIONS): Redshift does not take them");
    }
    switch (plan->conninfo.form) {
    case RS_CONNINFO_URI:
        rs_strbuf_append(text, plan->conninfo.has_parameters ? "&options=" : "?options=");
        break;
    case RS_CONNINFO_KEYWORDS:
        rs_strbuf_append(text, " options=''");
        break;
    case RS_CONNINFO_NAME: /* it comes as a keyword */
        rs_strbuf_reset(text);
        rs_strbuf_append(text, "options=''");
        break;
    }
}

/* Read the login and settle what it comes to. release_plan also after a failure. */
static bool make_plan(struct plan *plan, const struct rs_env *env, const struct rs_login *login,
                      bool with_password, struct rs_error *err)
{
    *plan = (struct plan){.env = env, .login = login};
    if (!parse_said(plan, err) || !resolve_all(plan, with_password, err)) {
        return false;
    }
    recognize(plan);
    if (plan->redshift) {
        default_to_redshift(plan);
        empty_options(plan);
    }
    return true;
}

struct parameters {
    const char *keywords[PARAMETERS_MAX + 1];
    const char *values[PARAMETERS_MAX + 1];
    size_t count;
};

/* Add a parameter; NULL says nothing. */
static void add(struct parameters *out, const char *keyword, const char *value)
{
    if (value && out->count < PARAMETERS_MAX) {
        out->keywords[out->count] = keyword;
        out->values[out->count++] = value;
    }
}

/* The shorter of what is said and the login's own. */
static const char *timeout_of(const struct plan *plan)
{
    const char *own = plan->login->timeout;
    const char *said = plan->all.text[CONNECT_TIMEOUT];
    const long seconds = said ? strtol(said, NULL, 10) : 0;
    const bool longer = own && (seconds <= 0 || seconds > strtol(own, NULL, 10));
    return longer ? own : said ? said : "10";
}

/* Later words win over earlier ones, and all of them over variables and a service. */
static void list_parameters(const struct plan *plan, struct parameters *out)
{
    static const enum key decided[] = {PORT, DBNAME, SSLMODE, SSLROOTCERT};
    const struct rs_login *login = plan->login;
    bool gss = is_said(plan, GSSENCMODE) || is_said(plan, SERVICE);
    add(out, "keepalives_idle", plan->all.text[KEEPALIVES_IDLE] ? NULL : "60");
    add(out, "keepalives_interval", plan->all.text[KEEPALIVES_INTERVAL] ? NULL : "20");
    add(out, "gssencmode", gss ? NULL : "disable");
    add(out, "dbname", text_of(plan));
    for (size_t i = 0; i < RS_COUNTOF(decided) && plan->redshift; i++) {
        add(out, keys[decided[i]].keyword, plan->all.text[decided[i]]);
    }
    add(out, "dbname", login->dbname); /* a second one is a name, whatever it looks like */
    add(out, "gssencmode", plan->redshift ? "disable" : NULL);
    add(out, "connect_timeout", timeout_of(plan));
    add(out, "host", login->host);
    add(out, "hostaddr", login->hostaddr);
    add(out, "port", login->port);
    add(out, "user", login->user);
    add(out, "password", login->password);
    add(out, "client_encoding", "UTF8");
    add(out, "fallback_application_name", plan->env->log.tool);
}

/* Which roots did not do. */
static void name_roots(const struct plan *plan, struct rs_error *err)
{
    const char *roots = plan->all.text[SSLROOTCERT];
    if (roots && strstr(err->message, "certificate verify failed")) {
        err->hint[0] = '\0';
        (void)rs_error_hint(err,
                            "the roots in use (%s) did not sign it: name others with "
                            "sslrootcert=FILE",
                            roots);
    }
}

/* A server's name, which only the database of that name was looked for by. */
static void name_database(const struct plan *plan, struct rs_error *err)
{
    const char *name = plan->said.text[DBNAME];
    const bool looked =
        strstr(err->message, "No such file or directory") ||
        (strstr(err->message, "database \"") && name && strstr(err->message, "does not exist"));
    if (plan->conninfo.form == RS_CONNINFO_NAME && name && strchr(name, '.') && looked) {
        err->hint[0] = '\0';
        (void)rs_error_hint(err,
                            "\"%.80s\" was taken for a database's name: a server is named as "
                            "HOST:5439/DATABASE, or host=HOST",
                            name);
    }
}

void *rs_login_connect(const struct rs_env *env, const struct rs_login *login, bool *serverless,
                       struct rs_error *err)
{
    struct plan plan;
    struct parameters parameters = {.count = 0};
    PGconn *conn = NULL;
    if (make_plan(&plan, env, login, false, err)) {
        list_parameters(&plan, &parameters);
        *serverless = plan.serverless;
        conn = PQconnectdbParams(parameters.keywords, parameters.values, 1);
        if (PQstatus(conn) != CONNECTION_OK) { /* also when there is none */
            (void)rs_diagnose_connect(rs_str_from(PQerrorMessage(conn)), text_of(&plan), err);
            name_roots(&plan, err);
            name_database(&plan, err);
            if (login->wants_password) {
                *login->wants_password = PQconnectionNeedsPassword(conn) != 0;
            }
            PQfinish(conn);
            conn = NULL;
        }
    }
    release_plan(&plan);
    return conn;
}

static char *take_word(const struct plan *plan, enum key key)
{
    return rs_mem_strdup(plan->all.text[key] ? plan->all.text[key] : "");
}

static bool resolve(const struct rs_env *env, const struct rs_login *login, bool with_password,
                    struct rs_endpoint *out, struct rs_error *err)
{
    struct plan plan;
    bool ok = make_plan(&plan, env, login, with_password, err);
    if (ok) {
        *out = (struct rs_endpoint){
            .host = take_word(&plan, plan.all.text[HOST] ? HOST : HOSTADDR),
            .address = take_word(&plan, plan.all.text[HOSTADDR] ? HOSTADDR : HOST),
            .port = take_word(&plan, PORT),
            .dbname = take_word(&plan, DBNAME),
            .user = take_word(&plan, USER),
            .password = plan.password,
            .sslmode = take_word(&plan, SSLMODE),
            .roots = roots_of(env, plan.all.text[SSLROOTCERT], PQlibVersion()),
            .redshift = plan.redshift,
            .serverless = plan.serverless,
        };
        plan.password = NULL;
    }
    release_plan(&plan);
    return ok;
}

void rs_login_process_init(void)
{
    (void)unsetenv("PGTZ");
    (void)unsetenv("PGDATESTYLE");
    (void)unsetenv("PGGEQO");
}

bool rs_login_resolve(const struct rs_env *env, const struct rs_login *login,
                      struct rs_endpoint *out, struct rs_error *err)
{
    return resolve(env, login, false, out, err);
}

bool rs_login_resolve_password(const struct rs_env *env, const struct rs_login *login,
                               struct rs_endpoint *out, struct rs_error *err)
{
    return resolve(env, login, true, out, err);
}

void rs_login_read_sslmode(void *conn, char out[RS_LOGIN_SSLMODE_SIZE])
{
    PQconninfoOption *options = PQconninfo(conn);
    out[0] = '\0';
    for (const PQconninfoOption *option = options; option && option->keyword; option++) {
        if (option->val && strcmp(option->keyword, "sslmode") == 0) {
            (void)snprintf(out, RS_LOGIN_SSLMODE_SIZE, "%s", option->val);
        }
    }
    PQconninfoFree(options);
}

bool rs_login_verifies(const char *sslmode)
{
    return strcmp(sslmode, "verify-ca") == 0 || strcmp(sslmode, "verify-full") == 0;
}

bool rs_login_is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, host, &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (inet_pton(AF_INET6, host, &v6) == 1) {
        return IN6_IS_ADDR_LOOPBACK(&v6);
    }
    return *host == '\0' || (*host == '/' && !strchr(host, ',')) || *host == '@' ||
           strcmp(host, "localhost") == 0;
}

void rs_endpoint_release(struct rs_endpoint *endpoint)
{
    rs_mem_free(endpoint->host);
    rs_mem_free(endpoint->address);
    rs_mem_free(endpoint->port);
    rs_mem_free(endpoint->dbname);
    rs_mem_free(endpoint->user);
    rs_mem_free_secret(endpoint->password);
    rs_mem_free(endpoint->sslmode);
    rs_mem_free(endpoint->roots);
    *endpoint = (struct rs_endpoint){0};
}
