/*
 * An address is cut where libpq cuts it: a "@" before the first "/" ends user and password, then
 * come hosts, a path and parameters. A "@" further on is mostly one of a password that should have
 * been %40, so the text is refused rather than cut at the wrong place and shown. Parameters are
 * decoded, looked up by their names without case, blanks and underscores, and encoded again.
 */
#include "warehouse/conninfo.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "codec/percent.h"
#include "warehouse/dialect.h"

enum { FOLDED_BYTES = 32, LEFT_OUT_MAX = 400, SCHEME_SHOWN = 40, PORT_MAX = 65535 };

/* Whose address it is. */
enum scheme_flag {
    REDSHIFT = 1,
    JDBC = 2, /* parameters also after ";", "+" is a blank, the driver's own are let go */
    IAM = 4,
    DRIVER = 8, /* "+DRIVER" may follow */
};

static const struct {
    const char *name;
    unsigned flags;
} schemes[] = {
    {"postgresql", DRIVER},
    {"postgres", DRIVER},
    {"redshift", REDSHIFT | DRIVER},
    {"jdbc:postgresql", JDBC},
    {"jdbc:redshift", JDBC | REDSHIFT},
    {"jdbc:redshift:iam", JDBC | REDSHIFT | IAM},
};

/* What a parameter is, beside one of libpq's keywords. */
enum meaning {
    KEYWORD,
    SSL, /* on or off */
    SSLMODE,
    SSLFACTORY,
    USE_IAM,
    CLUSTER,
    SERVERLESS,
    WORKGROUP,
    DB_USER,
    REGION,
    PROFILE,
    KEY_OF_AWS,
    NOTHING,
};

static const struct parameter {
    const char *folded;
    enum meaning meaning;
    const char *keyword; /* libpq's */
} parameters[] = {
    {"user", KEYWORD, "user"},
    {"username", KEYWORD, "user"},
    {"uid", KEYWORD, "user"},
    {"userid", KEYWORD, "user"},
    {"password", KEYWORD, "password"},
    {"pwd", KEYWORD, "password"},
    {"host", KEYWORD, "host"},
    {"hostname", KEYWORD, "host"},
    {"server", KEYWORD, "host"},
    {"servername", KEYWORD, "host"},
    {"datasource", KEYWORD, "host"},
    {"port", KEYWORD, "port"},
    {"dbname", KEYWORD, "dbname"},
    {"database", KEYWORD, "dbname"},
    {"databasename", KEYWORD, "dbname"},
    {"db", KEYWORD, "dbname"},
    {"initialcatalog", KEYWORD, "dbname"},
    {"applicationname", KEYWORD, "application_name"},
    {"connecttimeout", KEYWORD, "connect_timeout"},
    {"logintimeout", KEYWORD, "connect_timeout"},
    {"hostaddr", KEYWORD, "hostaddr"},
    {"passfile", KEYWORD, "passfile"},
    {"service", KEYWORD, "service"},
    {"gssencmode", KEYWORD, "gssencmode"},
    {"channelbinding", KEYWORD, "channel_binding"},
    {"targetsessionattrs", KEYWORD, "target_session_attrs"},
    {"sslrootcert", KEYWORD, "sslrootcert"},
    {"sslcrl", KEYWORD, "sslcrl"},
    {"sslcert", KEYWORD, "sslcert"},
    {"sslkey", KEYWORD, "sslkey"},
    {"sslpassword", KEYWORD, "sslpassword"},
    {"options", KEYWORD, "options"},
    {"ssl", SSL, NULL},
    {"usessl", SSL, NULL},
    {"sslmode", SSLMODE, NULL},
    {"sslfactory", SSLFACTORY, NULL},
    {"iam", USE_IAM, NULL},
    {"iamauth", USE_IAM, NULL},
    {"clusterid", CLUSTER, NULL},
    {"clusteridentifier", CLUSTER, NULL},
    {"isserverless", SERVERLESS, NULL},
    {"serverlessworkgroup", WORKGROUP, NULL},
    {"workgroupname", WORKGROUP, NULL},
    {"dbuser", DB_USER, NULL},
    {"region", REGION, NULL},
    {"profile", PROFILE, NULL},
    {"accesskeyid", KEY_OF_AWS, NULL},
    {"secretaccesskey", KEY_OF_AWS, NULL},
    {"sessiontoken", KEY_OF_AWS, NULL},
    {"driver", NOTHING, NULL},
};

static const struct {
    const char *folded;
    const char *libpq;
} sslmodes[] = {
    {"disable", "disable"},     {"disabled", "disable"},        {"allow", "allow"},
    {"prefer", "prefer"},       {"preferred", "prefer"},        {"require", "require"},
    {"required", "require"},    {"verifyca", "verify-ca"},      {"verifyfull", "verify-full"},
    {"verify-ca", "verify-ca"}, {"verify-full", "verify-full"},
};

struct reader {
    struct rs_conninfo *out;
    unsigned flags;
    bool serverless;
    bool after_password; /* what is read next may be a part of it that was not encoded */
    bool has_user;       /* an address has "@" behind a user */
    struct rs_str host;  /* of an address */
    struct rs_error *err;
};

/* ---- What is refused ---- */

static bool refuse(struct reader *reader, const char *why, const char *hint)
{
    (void)rs_error_set(reader->err, RS_E_USAGE, "could not read the connection: %s", why);
    return rs_error_hint(reader->err, "%s", hint);
}

/* Nothing of the text is shown: any of it may be a password. */
static bool refuse_split(struct reader *reader)
{
    return refuse(
        reader,
        "it has a \"@\" that does not end a user's name and password; a password with one "
        "of @ / ? # % in it has to be percent-encoded",
        "write @ as %40, / as %2F, ? as %3F, # as %23, % as %25; or leave the password out "
        "and give it with PGPASSWORD or ~/.pgpass");
}

static bool refuse_percent(struct reader *reader)
{
    return refuse(reader, "it has a \"%\" that is not followed by two hexadecimal digits",
                  "in an address % itself is written %25, also in a password");
}

static const struct {
    const char *scheme;
    const char *hint;
} strangers[] = {
    {"s3", "-d is the database; what is read is named without an option"},
    {"file", "-d is the database; --bundle=DIR writes files"},
    {"https", "give the endpoint that the page shows: HOST:5439/DATABASE"},
    {"http", "give the endpoint that the page shows: HOST:5439/DATABASE"},
    {"ssh", "a bastion is named with --ssh=USER@HOST, and -d leads from there"},
};

static bool refuse_scheme(struct reader *reader, struct rs_str scheme)
{
    if (scheme.length > SCHEME_SHOWN) {
        scheme.length = SCHEME_SHOWN;
    }
    (void)rs_error_set(reader->err, RS_E_USAGE,
                       "could not read the connection: \"%.*s://\" is neither Redshift nor "
                       "PostgreSQL",
                       RS_STR_ARG(scheme));
    for (size_t i = 0; i < RS_COUNTOF(strangers); i++) {
        if (rs_str_equal(scheme, rs_str_from(strangers[i].scheme))) {
            return rs_error_hint(reader->err, "%s", strangers[i].hint);
        }
    }
    return rs_error_hint(
        reader->err, "give redshift://USER@HOST:5439/DATABASE or postgresql://USER@HOST/DATABASE; "
                     "other databases cannot be loaded");
}

/* ---- Small parts ---- */

/* Offset of the first of these bytes, or the length. */
static size_t find_any(struct rs_str text, const char *bytes)
{
    size_t i = 0;
    while (i < text.length && !strchr(bytes, text.data[i])) {
        i++;
    }
    return i;
}

static bool has(struct rs_str text, char byte)
{
    return rs_str_find_byte(text, byte) != SIZE_MAX;
}

static bool is_word(struct rs_str text, const char *marks)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!isalnum((unsigned char)text.data[i]) && !strchr(marks, text.data[i])) {
            return false;
        }
    }
    return text.length > 0;
}

static bool equals_folded(struct rs_str text, const char *name)
{
    return text.length == strlen(name) && strncasecmp(text.data, name, text.length) == 0;
}

/* Without case, blanks and underscores; "" for what is no name. */
static void fold(struct rs_str name, char out[FOLDED_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i < name.length; i++) {
        const char c = name.data[i];
        if (c != '_' && c != ' ') {
            if (used + 1 == FOLDED_BYTES) {
                used = 0;
                break;
            }
            out[used++] = (char)tolower((unsigned char)c);
        }
    }
    out[used] = '\0';
}

static const struct parameter *find_parameter(struct rs_str name)
{
    char folded[FOLDED_BYTES];
    fold(name, folded);
    for (size_t i = 0; i < RS_COUNTOF(parameters); i++) {
        if (strcmp(parameters[i].folded, folded) == 0) {
            return &parameters[i];
        }
    }
    return NULL;
}

static bool is_redshift_host(struct rs_str host)
{
    return rs_redshift_is_cluster_host(host) || rs_redshift_is_serverless_host(host);
}

/* One host with what may follow it: HOST, HOST:PORT, [IPv6], [IPv6]:PORT. */
struct place {
    struct rs_str host;
    struct rs_str port; /* without the colon */
    bool brackets;
};

static struct place split_place(struct rs_str text)
{
    struct place place = {.brackets = text.length > 0 && text.data[0] == '['};
    const size_t close = place.brackets ? rs_str_find_byte(text, ']') : SIZE_MAX;
    size_t end = close == SIZE_MAX ? find_any(text, ":") : close + 1;
    place.host = rs_str_slice(text, 0, end);
    place.port = rs_str_slice(text, end < text.length ? end + 1 : end, text.length);
    return place;
}

static bool is_port(struct rs_str text)
{
    uint64_t number = 0;
    return rs_str_parse_u64(text, 1, PORT_MAX, &number);
}

/* ---- Parameters ---- */

static void put(struct reader *reader, const char *keyword, struct rs_str value)
{
    struct rs_strbuf *text = &reader->out->text;
    rs_strbuf_printf(text, "%c%s=", reader->out->has_parameters ? '&' : '?', keyword);
    rs_percent_append(text, value, false);
    reader->out->has_parameters = true;
}

static void keep(char **where, struct rs_str value)
{
    rs_mem_free(*where);
    *where = value.length > 0 ? rs_mem_strndup(value.data, value.length) : NULL;
}

static bool is_switch(const struct parameter *known)
{
    return known->meaning == SSL || known->meaning == USE_IAM || known->meaning == SERVERLESS;
}

/*
 * What is neither on nor off is refused: taken for off, ssl=require would go without TLS. That a
 * parameter is named, without a value, is on.
 */
static bool read_switch(struct reader *reader, const struct parameter *known, struct rs_str value,
                        bool *on)
{
    static const char *const words[][2] = {
        {"false", "true"}, {"0", "1"}, {"no", "yes"}, {"off", "on"}};
    *on = value.length == 0;
    bool read = *on;
    for (size_t i = 0; i < RS_COUNTOF(words) && !read; i++) {
        *on = equals_folded(value, words[i][1]);
        read = *on || equals_folded(value, words[i][0]);
    }
    if (!read) {
        (void)rs_error_set(reader->err, RS_E_USAGE,
                           "could not read the connection: its parameter \"%s\" is neither true "
                           "nor false",
                           known->folded);
        return rs_error_hint(reader->err, "%s",
                             known->meaning == SSL ? "how TLS is to be is said with sslmode: "
                                                     "verify-full, require, disable"
                                                   : "write true or false");
    }
    return true;
}

/*
 * ssl=true is the strictest mode in pgJDBC and "require" in libpq. Redshift's drivers verify, as we
 * do where nothing is said.
 */
static void put_ssl(struct reader *reader, bool on)
{
    const bool redshift = (reader->flags & REDSHIFT) != 0;
    const bool jdbc = (reader->flags & JDBC) != 0;
    if (on && !redshift) {
        put(reader, "sslmode", jdbc ? RS_STR("verify-full") : RS_STR("require"));
    } else if (!on && (redshift || !jdbc)) {
        put(reader, "sslmode", RS_STR("disable"));
    }
}

static void put_sslmode(struct reader *reader, struct rs_str value)
{
    char folded[FOLDED_BYTES];
    fold(value, folded);
    for (size_t i = 0; i < RS_COUNTOF(sslmodes); i++) {
        if (strcmp(sslmodes[i].folded, folded) == 0) {
            value = rs_str_from(sslmodes[i].libpq);
        }
    }
    put(reader, "sslmode", value);
}

/* What no row has: in an address libpq knows more, and of a driver's own only the name is kept. */
static bool put_unknown(struct reader *reader, struct rs_str name, struct rs_str value)
{
    struct rs_conninfo *out = reader->out;
    const struct rs_str shown =
        reader->after_password ? RS_STR("...") : rs_str_slice(name, 0, SCHEME_SHOWN);
    if (!(reader->flags & JDBC)) {
        rs_strbuf_append_char(&out->text, out->has_parameters ? '&' : '?');
        rs_strbuf_append_str(&out->text, name);
        rs_strbuf_append_char(&out->text, '=');
        rs_percent_append(&out->text, value, false);
        out->has_parameters = true;
    } else if (name.length >= 3 && strncasecmp(name.data, "ssl", 3) == 0) {
        (void)rs_error_set(reader->err, RS_E_USAGE,
                           "could not read the connection: its parameter \"%.*s\" is for a driver "
                           "in Java",
                           RS_STR_ARG(shown));
        return rs_error_hint(reader->err,
                             "say sslmode=verify-full instead, and sslrootcert=FILE for "
                             "roots of your own (PEM)");
    } else {
        rs_strbuf_append(&out->left_out, out->left_out.length > 0 ? ", " : "");
        rs_strbuf_append_str(&out->left_out, shown);
    }
    return true;
}

/* One parameter, decoded. The name is a word. */
static bool take(struct reader *reader, struct rs_str name, struct rs_str value)
{
    const struct parameter *known = find_parameter(name);
    struct rs_conninfo *out = reader->out;
    bool on = false;
    if (!known) {
        return put_unknown(reader, name, value);
    }
    reader->after_password = known->keyword && strcmp(known->keyword, "password") == 0;
    if (is_switch(known) && !read_switch(reader, known, value, &on)) {
        return false;
    }
    switch (known->meaning) {
    case KEYWORD:
        put(reader, known->keyword, value);
        break;
    case SSL:
        put_ssl(reader, on);
        break;
    case SSLMODE:
        put_sslmode(reader, value);
        break;
    case SSLFACTORY: /* of both drivers, the one with this name asks for no proof */
        if (!rs_str_ends(value, RS_STR("NonValidatingFactory"))) {
            return put_unknown(reader, name, value);
        }
        put(reader, "sslmode", RS_STR("require"));
        break;
    case USE_IAM:
        out->iam = out->iam || on;
        break;
    case CLUSTER:
        keep(&out->cluster, value);
        break;
    case SERVERLESS:
        reader->serverless = on;
        break;
    case WORKGROUP:
        keep(&out->workgroup, value);
        break;
    case DB_USER:
        keep(&out->db_user, value);
        break;
    case REGION:
        keep(&out->region, value);
        break;
    case PROFILE:
        keep(&out->profile, value);
        break;
    case KEY_OF_AWS:
        return refuse(reader, "it has keys of AWS in it",
                      "keep them in AWS's variables or a profile, and log in with --iam "
                      "--cluster=ID (--profile=NAME)");
    case NOTHING:
        break;
    }
    return true;
}

static bool take_encoded(struct reader *reader, struct rs_str name, struct rs_str encoded)
{
    struct rs_strbuf value = RS_STRBUF_INIT(RS_CONNINFO_MAX);
    rs_strbuf_keep_secret(&value);
    const bool plus = (reader->flags & JDBC) != 0;
    bool ok = rs_percent_decode(encoded, plus, &value) && !has(rs_strbuf_str(&value), '\0');
    ok = ok ? take(reader, name, rs_strbuf_str(&value)) : refuse_percent(reader);
    rs_strbuf_release(&value);
    return ok;
}

/* What stands after "?", and in JDBC after ";". */
static bool read_parameters(struct reader *reader, struct rs_str rest)
{
    const char *const between = reader->flags & JDBC ? "&;?" : "&";
    while (rest.length > 0) {
        const size_t end = find_any(rest, between);
        const struct rs_str part = rs_str_slice(rest, 0, end);
        const size_t equals = find_any(part, "=");
        const struct rs_str name = rs_str_slice(part, 0, equals);
        const struct rs_str value = rs_str_slice(part, equals + 1, part.length);
        rest = rs_str_slice(rest, end + 1, rest.length);
        if (part.length == 0) {
            continue;
        }
        if (has(part, '@') && (reader->has_user || !find_parameter(name))) {
            return refuse_split(reader);
        }
        if (equals == part.length || !is_word(name, "_.- ")) {
            return refuse(reader, "behind its \"?\" not all is NAME=VALUE",
                          "write ?NAME=VALUE&NAME=VALUE, and % & and blanks in values "
                          "percent-encoded");
        }
        if (!take_encoded(reader, name, value)) {
            return false;
        }
    }
    return true;
}

/* ---- Addresses ---- */

/* Redshift's own names: CLUSTER.HASH.REGION.redshift..., WORKGROUP.ACCOUNT.REGION.redshift-s... */
static void read_redshift_host(struct reader *reader, struct rs_str host)
{
    struct rs_conninfo *out = reader->out;
    struct rs_str labels[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct rs_str rest = host;
    for (size_t i = 0; i < RS_COUNTOF(labels); i++) {
        const size_t dot = find_any(rest, ".");
        labels[i] = rs_str_slice(rest, 0, dot);
        rest = rs_str_slice(rest, dot + 1, rest.length);
    }
    keep(rs_redshift_is_serverless_host(host) ? &out->workgroup : &out->cluster, labels[0]);
    if (!out->region) {
        keep(&out->region, labels[2]);
    }
}

/* Of jdbc:redshift:iam: CLUSTER:REGION stands where others have a host. */
static bool is_iam_place(const struct reader *reader, const struct place *place)
{
    return reader->flags & IAM && place->port.length > 0 && !is_port(place->port) &&
           is_word(place->port, "-") && is_word(place->host, "-");
}

/* A % that is none, or one of a byte that no text has. */
static bool check_percent(struct reader *reader, struct rs_str text)
{
    struct rs_strbuf decoded = RS_STRBUF_INIT(RS_CONNINFO_MAX);
    rs_strbuf_keep_secret(&decoded);
    const bool ok = rs_percent_decode(text, false, &decoded) && !has(rs_strbuf_str(&decoded), '\0');
    rs_strbuf_release(&decoded);
    return ok || refuse_percent(reader);
}

/* Where IAM is asked for and nobody says for what, the host's name does. */
static void settle_iam(struct reader *reader)
{
    struct rs_conninfo *out = reader->out;
    if (out->iam && !out->cluster && !out->workgroup && is_redshift_host(reader->host)) {
        read_redshift_host(reader, reader->host);
    }
    if (reader->serverless && out->cluster && !out->workgroup) {
        out->workgroup = out->cluster;
        out->cluster = NULL;
    }
}

/* What an address is cut into. */
struct address {
    struct rs_str user; /* with its password, as they were given */
    struct rs_str hosts;
    struct rs_str path; /* from its slash on */
    struct rs_str parameters;
};

static struct address cut_address(struct reader *reader, struct rs_str body)
{
    const bool jdbc = (reader->flags & JDBC) != 0;
    const size_t at = find_any(body, jdbc ? "@/?;" : "@/");
    struct address cut = {.user = RS_STR("")};
    reader->has_user = at < body.length && body.data[at] == '@';
    if (reader->has_user) {
        cut.user = rs_str_slice(body, 0, at);
        body = rs_str_slice(body, at + 1, body.length);
    }
    cut.hosts = rs_str_slice(body, 0, find_any(body, jdbc ? "/?;" : "/?"));
    body = rs_str_slice(body, cut.hosts.length, body.length);
    cut.path = rs_str_slice(body, 0, find_any(body, jdbc ? "?;" : "?"));
    cut.parameters = rs_str_slice(body, cut.path.length + 1, body.length);
    cut.hosts = rs_str_trim(cut.hosts);
    cut.path = rs_str_trim(cut.path);
    return cut;
}

/* [USER[:PASSWORD]@]HOSTS[/DATABASE][?PARAMETERS] */
static bool read_address(struct reader *reader, struct rs_str body)
{
    struct rs_conninfo *out = reader->out;
    const struct address cut = cut_address(reader, body);
    const struct place place = split_place(cut.hosts);
    const bool odd_port = place.port.length > 0 && !is_port(place.port);
    if (has(cut.hosts, '@') || has(cut.path, '@') ||
        (!reader->has_user && odd_port && has(cut.parameters, '@'))) {
        return refuse_split(reader);
    }
    if (!check_percent(reader, cut.user) || !check_percent(reader, cut.hosts) ||
        !check_percent(reader, cut.path)) {
        return false;
    }
    out->form = RS_CONNINFO_URI;
    out->iam = (reader->flags & IAM) != 0;
    reader->host = place.host;
    rs_strbuf_append(&out->text, "postgresql://");
    rs_strbuf_append_str(&out->text, cut.user);
    rs_strbuf_append(&out->text, reader->has_user ? "@" : "");
    if (is_iam_place(reader, &place)) {
        keep(&out->cluster, place.host);
        keep(&out->region, place.port);
    } else {
        rs_strbuf_append_str(&out->text, cut.hosts);
    }
    rs_strbuf_append_str(&out->text, cut.path);
    const bool ok = read_parameters(reader, cut.parameters);
    settle_iam(reader);
    return ok;
}

/* A scheme in whatever case, "+DRIVER" aside. */
static bool find_scheme(struct rs_str scheme, unsigned *flags)
{
    const struct rs_str base = rs_str_slice(scheme, 0, find_any(scheme, "+"));
    for (size_t i = 0; i < RS_COUNTOF(schemes); i++) {
        if (equals_folded(schemes[i].flags & DRIVER ? base : scheme, schemes[i].name)) {
            *flags = schemes[i].flags;
            return true;
        }
    }
    return false;
}

/* What stands before "://"; empty where that is no scheme. */
static struct rs_str scheme_of(struct rs_str text)
{
    const size_t end = find_any(text, "/");
    struct rs_str scheme = rs_str_slice(text, 0, end > 0 ? end - 1 : 0);
    const bool slashes =
        end > 0 && end + 1 < text.length && text.data[end - 1] == ':' && text.data[end + 1] == '/';
    const size_t jdbc = scheme.length > 5 && strncasecmp(scheme.data, "jdbc:", 5) == 0 ? 5 : 0;
    const bool named = is_word(rs_str_slice(scheme, jdbc, scheme.length), jdbc ? "+.-_:" : "+.-_");
    return slashes && named ? scheme : RS_STR("");
}

/* ---- Words with semicolons, as ODBC and .NET have them ---- */

/* It begins with a word of theirs, which libpq does not have or takes no semicolon in. */
static bool is_semicolons(struct rs_str text)
{
    const struct rs_str name = rs_str_trim(rs_str_slice(text, 0, find_any(text, "=")));
    const struct parameter *known = is_word(name, "_ ") ? find_parameter(name) : NULL;
    return known && has(text, ';') &&
           (known->meaning == NOTHING ||
            (known->meaning == KEYWORD &&
             (strcmp(known->keyword, "host") == 0 || strcmp(known->keyword, "dbname") == 0)));
}

static bool names_redshift(struct rs_str driver)
{
    static const char word[] = "redshift";
    const size_t length = sizeof word - 1;
    for (size_t i = 0; i + length <= driver.length; i++) {
        if (strncasecmp(driver.data + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Append a value: up to ";", or in braces, where a "}" stands twice. False: it does not end so. */
static bool cut_value(struct rs_str *rest, struct rs_strbuf *value)
{
    *rest = rs_str_trim(*rest);
    const bool braces = rest->length > 0 && rest->data[0] == '{';
    size_t end = braces ? 1 : find_any(*rest, ";");
    bool twice = false;
    if (!braces) {
        rs_strbuf_append_str(value, rs_str_trim(rs_str_slice(*rest, 0, end)));
    }
    for (; braces && end < rest->length; end += twice ? 2 : 1) {
        twice = rest->data[end] == '}' && end + 1 < rest->length && rest->data[end + 1] == '}';
        if (rest->data[end] == '}' && !twice) {
            break;
        }
        rs_strbuf_append_char(value, rest->data[end]);
    }
    const bool closed = !braces || end < rest->length;
    *rest = rs_str_slice(*rest, end + (braces ? 1 : 0), rest->length);
    const size_t next = find_any(*rest, ";");
    const bool ends = rs_str_trim(rs_str_slice(*rest, 0, next)).length == 0;
    *rest = rs_str_slice(*rest, next + 1, rest->length);
    return closed && ends;
}

/* NAME=VALUE, and the semicolon behind it. */
static bool read_word(struct reader *reader, struct rs_str *rest)
{
    struct rs_strbuf value = RS_STRBUF_INIT(RS_CONNINFO_MAX);
    const size_t equals = find_any(*rest, "=;");
    const struct rs_str name = rs_str_trim(rs_str_slice(*rest, 0, equals));
    bool ok = equals < rest->length && rest->data[equals] == '=' && is_word(name, "_.- ");
    rs_strbuf_keep_secret(&value);
    *rest = rs_str_slice(*rest, equals + 1, rest->length);
    if (!ok || !cut_value(rest, &value)) {
        ok = refuse(reader, "between its semicolons not all is NAME=VALUE",
                    "put a value with a semicolon into braces: PWD={...}, and a } in it twice");
    } else {
        if (equals_folded(name, "driver") && names_redshift(rs_strbuf_str(&value))) {
            reader->flags |= REDSHIFT;
            reader->out->redshift = true;
        }
        ok = take(reader, name, rs_strbuf_str(&value));
    }
    rs_strbuf_release(&value);
    return ok;
}

static bool read_semicolons(struct reader *reader, struct rs_str rest)
{
    reader->flags = JDBC;
    reader->out->form = RS_CONNINFO_URI;
    rs_strbuf_append(&reader->out->text, "postgresql://");
    while ((rest = rs_str_trim(rest)).length > 0) {
        if (!read_word(reader, &rest)) {
            return false;
        }
    }
    settle_iam(reader);
    return true;
}

/* ---- Endpoints ---- */

/* Something that only a place of a server has, see the header. */
static bool is_endpoint(struct rs_str text)
{
    const size_t at = find_any(text, "@/");
    const bool has_user = at < text.length && text.data[at] == '@';
    const struct rs_str user = has_user ? rs_str_slice(text, 0, at) : RS_STR("");
    const struct rs_str rest = has_user ? rs_str_slice(text, at + 1, text.length) : text;
    const size_t end = find_any(rest, "/?");
    const bool slash = end < rest.length && rest.data[end] == '/';
    struct rs_str hosts = rs_str_slice(rest, 0, end);
    bool telling = has_user && has(hosts, '.');
    bool plain = hosts.length > 0;
    while (hosts.length > 0) {
        const size_t comma = find_any(hosts, ",");
        const struct place place = split_place(rs_str_slice(hosts, 0, comma));
        telling = telling || place.brackets || is_redshift_host(place.host) ||
                  is_port(place.port) ||
                  (slash && (has(place.host, '.') || equals_folded(place.host, "localhost")));
        plain =
            plain && (place.brackets || is_word(place.host, ".-_")) && place.host.data[0] != '.';
        hosts = rs_str_slice(hosts, comma + 1, hosts.length);
    }
    /* ann:pa/ss@host: cut at the slash it would be no endpoint, and a name that is shown. */
    const bool split = !has_user && has(text, '@') && find_any(text, ":") < at;
    return has(user, ':') || split || (telling && plain);
}

/* jdbc:oracle:thin:..., jdbc:postgresql:shop: no "//". Not jdbc:PASSWORD@HOST, a user's name. */
static bool is_opaque_jdbc(struct rs_str text)
{
    static const size_t begin = sizeof "jdbc:" - 1;
    const struct rs_str rest =
        rs_str_slice(text, begin < text.length ? begin : text.length, text.length);
    const size_t end = find_any(rest, ":@/?");
    return strncasecmp(text.data, "jdbc:", begin) == 0 && end < rest.length &&
           rest.data[end] == ':';
}

static bool read_bare(struct reader *reader, const char *given, struct rs_str text)
{
    const size_t mark = find_any(text, "=:/@?[");
    const bool words = mark < text.length && text.data[mark] == '=';
    if (is_opaque_jdbc(text)) {
        return refuse(reader, "it is an address of JDBC without a host, or of another database",
                      "give jdbc:redshift://HOST:5439/DATABASE or "
                      "jdbc:postgresql://HOST/DATABASE");
    }
    if (words && is_semicolons(text)) {
        return read_semicolons(reader, text);
    }
    if (rs_str_starts(text, RS_STR("arn:"))) {
        return refuse(reader, "it is an ARN of AWS",
                      "give the endpoint, HOST:5439/DATABASE, or let AWS say where it is: --iam "
                      "--cluster=ID -d DATABASE");
    }
    if (!words && is_endpoint(text)) {
        return read_address(reader, text);
    }
    reader->out->form = has(text, '=') ? RS_CONNINFO_KEYWORDS : RS_CONNINFO_NAME;
    rs_strbuf_append(&reader->out->text, given);
    return true;
}

bool rs_conninfo_read(const char *given, struct rs_conninfo *out, struct rs_error *err)
{
    *out = (struct rs_conninfo){.text = RS_STRBUF_INIT(RS_CONNINFO_MAX),
                                .left_out = RS_STRBUF_INIT(LEFT_OUT_MAX)};
    struct reader reader = {.out = out, .err = err};
    const struct rs_str text = rs_str_trim(rs_str_from(given));
    const struct rs_str scheme = scheme_of(text);
    bool ok = false;
    rs_strbuf_keep_secret(&out->text);
    if (scheme.length == 0) {
        ok = read_bare(&reader, given, text);
    } else if (!find_scheme(scheme, &reader.flags)) {
        ok = refuse_scheme(&reader, scheme);
    } else {
        out->redshift = (reader.flags & REDSHIFT) != 0;
        ok = read_address(&reader, rs_str_slice(text, scheme.length + 3, text.length));
    }
    return ok && (rs_strbuf_ok(&out->text) ||
                  rs_error_set(err, RS_E_LIMIT, "could not read the connection: it is over 1 MiB"));
}

void rs_conninfo_release(struct rs_conninfo *conninfo)
{
    rs_strbuf_release(&conninfo->text);
    rs_strbuf_release(&conninfo->left_out);
    rs_mem_free(conninfo->cluster);
    rs_mem_free(conninfo->workgroup);
    rs_mem_free(conninfo->db_user);
    rs_mem_free(conninfo->region);
    rs_mem_free(conninfo->profile);
    *conninfo = (struct rs_conninfo){.form = RS_CONNINFO_NAME};
}
