/*
 * Two tables. Without a connection there is no SQLSTATE, so the first goes by words in libpq's
 * message (a server that speaks another language loses the hint, never the message). The second
 * goes by SQLSTATE, or by its class.
 */
#include "rs/warehouse/diagnose.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 400 };

#define CONNINFO_HINT                                                                              \
    "write it as \"host=db.example.com dbname=shop user=ann\" or "                                 \
    "postgresql://ann@db.example.com/shop, and quote a value with blanks"

static const struct {
    const char *words;
    enum rs_code code;
    bool retryable;
    const char *hint;
} connect_rules[] = {
    /* The connection string is wrong, and libpq quotes it. */
    {"connection info string", RS_E_USAGE, false, CONNINFO_HINT},
    {"invalid connection option", RS_E_USAGE, false, CONNINFO_HINT},
    {"invalid URI", RS_E_USAGE, false, CONNINFO_HINT},
    {" in URI", RS_E_USAGE, false, CONNINFO_HINT},
    {"key/value separator", RS_E_USAGE, false, CONNINFO_HINT},
    {"percent-encoded", RS_E_USAGE, false, CONNINFO_HINT},
    {"could not translate host name", RS_E_NET, false,
     "check the host's name, and that this machine can resolve it"},
    {"Connection refused", RS_E_NET, false,
     "check host and port, and that the server runs and listens there"},
    {"timeout expired", RS_E_NET, false,
     "no answer: check host and port, and that no firewall or security group is in the way"},
    {"timed out", RS_E_NET, false,
     "no answer: check host and port, and that no firewall or security group is in the way"},
    {"Network is unreachable", RS_E_NET, false, "check the network, the VPN and the host's name"},
    {"No route to host", RS_E_NET, false, "check the network, the VPN and the host's name"},
    {"password authentication failed", RS_E_NET, false,
     "check the user's name and password (PGPASSWORD or ~/.pgpass)"},
    {"no password supplied", RS_E_NET, false, "give the password with PGPASSWORD or in ~/.pgpass"},
    {"Peer authentication failed", RS_E_NET, false,
     "run as the system user of that name, or connect by host=localhost with a password"},
    {"no pg_hba.conf entry", RS_E_NET, false,
     "the server does not let this user in from here; TLS may be missing (sslmode=require)"},
    {"server does not support SSL", RS_E_NET, false,
     "the server offers no TLS: turn it on there, or connect with another sslmode"},
    {"root certificate file", RS_E_NET, false, "name the CA's certificate with sslrootcert=FILE"},
    {"certificate verify failed", RS_E_NET, false,
     "name the CA that signed the server's certificate with sslrootcert=FILE"},
    {"does not match host name", RS_E_NET, false,
     "connect by the name that stands in the server's certificate"},
    {"remaining connection slots", RS_E_NET, true, "the server is full: try again later"},
    {"too many", RS_E_NET, true, "the server is full: try again later"},
    {"is starting up", RS_E_NET, true, "the server is starting: try again in a moment"},
    {"not yet accepting connections", RS_E_NET, true,
     "the server is starting: try again in a moment"},
    {"is shutting down", RS_E_NET, true, "the server is stopping: try again later"},
    {"in recovery mode", RS_E_NET, true, "the server is recovering: try again later"},
    {"permission denied for database", RS_E_NET, false, "grant the user CONNECT on the database"},
    {"No such file or directory", RS_E_NET, false,
     "no server runs on this machine's socket: start it, or name another with host=NAME"},
    {"definition of service", RS_E_USAGE, false,
     "check the service's name and the files ~/.pg_service.conf and PGSERVICEFILE"},
    {"service file", RS_E_USAGE, false, "check the file that PGSERVICEFILE names"},
    {"invalid port number", RS_E_USAGE, false, "a port is a number from 1 to 65535"},
    {"invalid integer value", RS_E_USAGE, false, CONNINFO_HINT},
    {"invalid sslmode value", RS_E_USAGE, false,
     "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full"},
    {"role \"", RS_E_NET, false, "check the user's name (user=NAME or PGUSER)"},
    {"database \"", RS_E_NET, false,
     "check the database's name (dbname=NAME or PGDATABASE), or create it with createdb"},
};

static const struct {
    const char *state; /* a whole SQLSTATE, or the two characters of a class */
    enum rs_code code;
    bool retryable;
    const char *hint;
} state_rules[] = {
    {"23", RS_E_DATABASE, false,
     "a constraint that somebody put on the table refuses the rows: drop it, or set a default"},
    {"0A000", RS_E_DATABASE, false,
     "drop the view or rule that is in the way, run again, and make it anew"},
    {"25006", RS_E_DATABASE, false, "this server is read-only: connect to the primary"},
    {"40001", RS_E_DATABASE, true, "another transaction was in the way: run it again"},
    {"40P01", RS_E_DATABASE, true, "another transaction was in the way: run it again"},
    {"42501", RS_E_DATABASE, false,
     "the user needs CREATE on the database or the schema, and to own the schema's tables"},
    {"42703", RS_E_DATABASE, false,
     "a view has the table's name, or the table was changed meanwhile: rename it, or run again"},
    {"42809", RS_E_DATABASE, false,
     "a view has the table's name: rename it, and a table will be made"},
    {"53100", RS_E_DATABASE, false, "the server's disk is full: make room there"},
    {"53200", RS_E_DATABASE, true, "the server is out of memory: try again later"},
    {"53300", RS_E_NET, true, "the server is full: try again later"},
    {"54000", RS_E_DATABASE, false,
     "a row of the server may not be that large: select fewer columns (--select)"},
    {"54011", RS_E_DATABASE, false,
     "the table is full of columns, dropped ones included: make it anew, or select fewer"},
    {"55P03", RS_E_DATABASE, true, "another transaction holds a lock: run it again"},
    {"57014", RS_E_DATABASE, false, "somebody cancelled the statement: run it again"},
    {"57P01", RS_E_NET, true, "the server was stopped: run it again when it is back"},
    {"57P02", RS_E_NET, true, "the server crashed: run it again when it is back"},
    {"57P03", RS_E_NET, true, "the server is not ready: try again in a moment"},
    {"08", RS_E_NET, true, "the connection broke: run it again"},
};

/*
 * Copy text on one line: runs of white space become one space. A line that begins with a tab is
 * left out: libpq's guesses at a cause ("Is the server running ...?"), for which we have hints.
 */
static void flatten(struct rs_str text, char *out, size_t room)
{
    size_t used = 0;
    bool gap = false;
    for (size_t i = 0; i < text.length && used + 2 < room; i++) {
        char c = text.data[i];
        if (c == '\n' && i + 1 < text.length && text.data[i + 1] == '\t') {
            while (i + 1 < text.length && text.data[i + 1] != '\n') {
                i++;
            }
        }
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            gap = used > 0;
            continue;
        }
        if (gap) {
            out[used++] = ' ';
            gap = false;
        }
        out[used++] = c;
    }
    out[used] = '\0';
}

/* The string may hold a password: as a keyword, or after the user's name in a URI. */
static bool may_hold_password(const char *conninfo)
{
    const char *user = strstr(conninfo, "://");
    return strstr(conninfo, "password") || (user && strchr(user, '@'));
}

/* Take out what stands between the first and the last quote. */
static void hide_quoted(char *text, size_t room)
{
    char tail[TEXT_MAX] = "";
    char *open = strchr(text, '"');
    if (open && strrchr(text, '"') > open) {
        (void)snprintf(tail, sizeof tail, "%s", strrchr(text, '"'));
        (void)snprintf(open, room - (size_t)(open - text), "\"...%s", tail);
    }
}

bool rs_diagnose_connect(struct rs_str why, const char *conninfo, struct rs_error *err)
{
    char text[TEXT_MAX] = "";
    size_t rule = 0;
    if (err->code != RS_OK) {
        return false;
    }
    flatten(why, text, sizeof text);
    while (rule < RS_COUNTOF(connect_rules) && !strstr(text, connect_rules[rule].words)) {
        rule++;
    }
    if (rule == RS_COUNTOF(connect_rules)) {
        return rs_error_set(err, RS_E_NET, "could not connect to the database: %s",
                            *text ? text : "the server gave no reason");
    }
    if (connect_rules[rule].code == RS_E_USAGE && may_hold_password(conninfo)) {
        hide_quoted(text, sizeof text);
    }
    (void)rs_error_set(err, connect_rules[rule].code, "could not connect to the database: %s",
                       text);
    err->retryable = connect_rules[rule].retryable;
    return rs_error_hint(err, "%s", connect_rules[rule].hint);
}

bool rs_diagnose_statement(const struct rs_server_message *message, struct rs_error *err)
{
    char primary[TEXT_MAX] = "";
    char detail[TEXT_MAX / 2] = "";
    char context[TEXT_MAX / 4] = "";
    char hint[TEXT_MAX / 2] = "";
    enum rs_code code = RS_E_DATABASE;
    bool retryable = false;
    if (err->code != RS_OK) {
        return false;
    }
    flatten(message->primary, primary, sizeof primary);
    flatten(message->detail, detail, sizeof detail);
    flatten(message->context, context, sizeof context);
    flatten(message->hint, hint, sizeof hint);
    for (size_t i = 0; i < RS_COUNTOF(state_rules) && message->sqlstate.length > 0; i++) {
        if (rs_str_starts(message->sqlstate, rs_str_from(state_rules[i].state))) {
            code = state_rules[i].code;
            retryable = state_rules[i].retryable;
            (void)snprintf(hint, sizeof hint, "%s", state_rules[i].hint);
            break;
        }
    }
    if (rs_str_starts(message->context, RS_STR("COPY"))) {
        (void)snprintf(detail + strlen(detail), sizeof detail - strlen(detail), "%s%s",
                       *detail ? "; " : "", context);
    }
    (void)rs_error_set(err, code, "could not run a statement: %s%s%s", primary, *detail ? "; " : "",
                       detail);
    err->retryable = retryable;
    (void)snprintf(err->detail, sizeof err->detail, "%.*s", RS_STR_ARG(message->sqlstate));
    return rs_error_hint(err, "%s", hint);
}
