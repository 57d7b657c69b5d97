/*
 * Servers say little of why they refuse a login: Redshift has the same words for a wrong
 * password, a user that is not there and one that has ended. So what is said is sorted into the
 * few faults that there can be, and the remedies of a fault name all that it may be.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "check/database/database_facts.h"
#include "check/engine/check_deadline.h"
#include "check/engine/shell_quote.h"

enum { LOGIN_MIN_MS = 2000 }; /* which is libpq's least, whatever the checks before it took */

enum fault {
    PASSWORD,
    TEMPORARY_PASSWORD, /* of IAM */
    NO_PASSWORD,
    HASH, /* the password is kept as SHA-256 */
    SHUT, /* the user may not log in */
    CROWDED,
    NO_DATABASE,
    NOT_CONNECT,
    TLS,
    SLOW,
    OTHER,
};

static const struct {
    const char *words;
    const char *also; /* NULL: nothing */
    enum fault fault;
} faults[] = {
    {"password authentication failed", "user \"IAM", TEMPORARY_PASSWORD},
    {"password authentication failed", NULL, PASSWORD},
    {"no password supplied", NULL, NO_PASSWORD},
    {"authentication method 13", NULL, HASH},
    {"is not permitted to log in", NULL, SHUT},
    {"too many connections for", NULL, CROWDED},
    {"permission denied for database", NULL, NOT_CONNECT},
    {"database \"", "does not exist", NO_DATABASE},
    {"role \"", "does not exist", PASSWORD},
    {"no pg_hba.conf entry", "SSL off", TLS},
    {"certificate verify failed", NULL, TLS},
    {"does not match host name", NULL, TLS},
    {"timeout expired", NULL, SLOW},
    {"was not over", NULL, SLOW},
};

static enum fault find_fault(const char *message)
{
    for (size_t i = 0; i < RS_COUNTOF(faults); i++) {
        if (strstr(message, faults[i].words) &&
            (!faults[i].also || strstr(message, faults[i].also))) {
            return faults[i].fault;
        }
    }
    return OTHER;
}

static const char *const reasons[] = {
    [PASSWORD] = "Redshift and PostgreSQL say the same of a wrong password, of a user that is not "
                 "there, of one whose password has ended (VALID UNTIL) and of one without any",
    [TEMPORARY_PASSWORD] = "a password of IAM holds for one user of one cluster, and for minutes",
    [NO_PASSWORD] = "the server asks for a password, and none is given",
    [HASH] = "a password that is kept as SHA-256 can only be shown by AWS's own drivers",
    [SHUT] = "the user is there and may not log in",
    [CROWDED] = "the user has as many sessions as its CONNECTION LIMIT lets it have; a limit of 0 "
                "keeps it out, which is how a user of Redshift is disabled",
    [NO_DATABASE] = "a cluster has the database that it was made with (dev, where nobody said "
                    "another) and those that were added",
    [NOT_CONNECT] = "the user may not connect to this database",
    [TLS] = "the server and this machine do not agree on how to encrypt",
    [SLOW] = "the port answers but no login comes of it: the leader node is overloaded, restarts, "
             "or something in between lets the connection open and then drops its packets",
    [OTHER] = "",
};

/* Ways to a password that works. */
static void advise_password(struct rs_check_result *out, const char *user)
{
    const char *word = rs_check_quote(out, user);
    rs_check_step(out, "as an administrator look at the user: is it there, and until when does its "
                       "password hold?");
    rs_check_sql(out, "SELECT usename, valuntil FROM pg_user WHERE usename = %s",
                 rs_check_sql_text(out, user));
    rs_check_step(out, "make the user where it is missing (segment is the one of Segment's guide), "
                       "or give it a new password");
    rs_check_command(out,
                     "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --generate --pgpass "
                     "--valid-until=infinity",
                     word);
    rs_check_command(
        out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --rotate --generate --pgpass",
        word);
    rs_check_step(out,
                  "or let it in again, where --disable has kept it out and taken its password");
    rs_check_command(
        out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --enable --generate --pgpass",
        word);
}

static void advise_database(struct rs_check_result *out, const char *database)
{
    rs_check_step(out, "Redshift console > Clusters > the cluster > Properties > Database "
                       "configurations: see \"Database name\", and write that in -d");
    rs_check_sql(out, "SELECT datname FROM pg_database");
    rs_check_sql(out, "CREATE DATABASE %s", rs_check_sql_name(out, database));
}

static void advise_crowd(struct rs_check_result *out, const char *word)
{
    rs_check_step(out, "let it in again, or give it more sessions, or end some that are idle");
    rs_check_command(out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --enable", word);
    rs_check_command(out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --connection-limit=50",
                     word);
}

static void advise_slow(struct rs_check_result *out)
{
    rs_check_step(out, "Redshift console > Clusters > the cluster: see its status and CPU; check "
                       "again when it is available, with a larger --timeout");
    rs_check_command(out, "aws redshift describe-clusters --query "
                          "'Clusters[].[ClusterIdentifier,ClusterStatus]'");
}

static void advise(struct rs_check_result *out, enum fault fault, const char *user,
                   const char *database)
{
    const char *word = rs_check_quote(out, user);
    rs_check_why(out, reasons[fault]);
    switch (fault) {
    case PASSWORD:
        advise_password(out, user);
        break;
    case HASH:
        rs_check_command(out,
                         "rs-provision-user -d " RS_CHECK_ADMIN
                         " --user=%s --rotate --generate --pgpass --hash=md5",
                         word);
        break;
    case SHUT:
        rs_check_command(out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --enable", word);
        break;
    case CROWDED:
        advise_crowd(out, word);
        break;
    case NO_DATABASE:
        advise_database(out, database);
        break;
    case NOT_CONNECT:
        rs_check_sql(out, "GRANT CONNECT ON DATABASE %s TO %s", rs_check_sql_name(out, database),
                     rs_check_sql_name(out, user));
        break;
    case SLOW:
        advise_slow(out);
        break;
    case TEMPORARY_PASSWORD:
    case NO_PASSWORD:
    case TLS:
    case OTHER:
        break;
    }
}

/* What libpq puts before a server's words: where it tried. The line has room for the words alone. */
static const char *words_of(const struct rs_error *err)
{
    static const char lead[] = "could not connect to the database: ";
    const char *fatal = strstr(err->message, "FATAL: ");
    if (fatal) {
        fatal += strlen("FATAL: ");
        return fatal + strspn(fatal, " ");
    }
    return strncmp(err->message, lead, sizeof lead - 1) == 0 ? err->message + sizeof lead - 1
                                                             : err->message;
}

static void say_refusal(const struct rs_check_run *run, const struct rs_error *err,
                        struct rs_check_result *out)
{
    const enum fault fault = find_fault(err->message);
    const char *user = run->endpoint.user ? run->endpoint.user : "";
    const char *database = run->endpoint.dbname ? run->endpoint.dbname : "";
    rs_check_say(out, RS_CHECK_FAIL, "%s", words_of(err));
    if (strstr(err->message, "FATAL: ")) {
        rs_check_detail(out, "%s", err->message);
    }
    if (err->hint[0] && fault != NO_DATABASE) { /* whose hint is PostgreSQL's */
        rs_check_step(out, "%s", err->hint);
    }
    advise(out, fault, user, database);
}

static struct rs_session *open_session(struct rs_check_run *run, struct rs_error *err)
{
    char seconds[16] = "";
    const unsigned rest_ms = rs_check_left_ms(run);
    const unsigned left_ms = rest_ms < LOGIN_MIN_MS ? LOGIN_MIN_MS : rest_ms;
    (void)snprintf(seconds, sizeof seconds, "%u", (left_ms + 999) / 1000);
    const char *host = run->endpoint.host && *run->endpoint.host ? "" : run->cluster_host;
    if (*host) { /* the conninfo names none, and AWS did */
        rs_connect_use_place(run->connect, host, run->cluster_port);
    }
    const struct rs_connect_as as = {.timeout = seconds};
    rs_check_deadline_set(run->deadline, left_ms);
    struct rs_session *session = rs_connect_open_as(run->connect, &as, err);
    rs_check_deadline_explain(run->deadline, "the login was not over", err);
    rs_check_deadline_set(run->deadline, 0);
    return session;
}

/* Who we are, and whether as a superuser; what cannot be read is left as the conninfo has it. */
static bool learn(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_database_facts *facts = run->database;
    struct rs_result *result =
        rs_check_query(run,
                       "SELECT u.usename, current_database(), u.usesuper FROM pg_catalog.pg_user u"
                       " WHERE u.usename = current_user",
                       NULL, 0, err);
    if (result && rs_result_rows(result) == 1) {
        facts->user = rs_arena_copy(&facts->arena, rs_result_text(result, 0, 0)).data;
        facts->database = rs_arena_copy(&facts->arena, rs_result_text(result, 0, 1)).data;
        facts->superuser = rs_check_is_true(result, 0, 2);
    } else if (result) {
        (void)rs_error_set(err, RS_E_DATABASE, "pg_user does not have the user of this session");
    }
    rs_result_free(result);
    return err->code == RS_OK;
}

void rs_check_login(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_error err = {0};
    struct rs_session *session = open_session(run, &err);
    if (!session) {
        say_refusal(run, &err, out);
        return;
    }
    run->database = rs_mem_zalloc(1, sizeof *run->database);
    run->database->session = session;
    run->database->arena = RS_ARENA_INIT;
    run->database->dialect = rs_session_dialect(session);
    run->database->serverless = rs_session_is_serverless(session);
    if (!learn(run, &err)) {
        rs_check_say(out, RS_CHECK_FAIL, "logged in, and then: %s", rs_check_refusal(&err));
        return;
    }
    rs_check_say(out, RS_CHECK_PASS, "as \"%s\" to database \"%s\"", run->database->user,
                 run->database->database);
    rs_check_detail(out, "%s",
                    rs_session_uses_tls(session) ? "the session is encrypted"
                                                 : "the session is not encrypted");
    if (run->database->superuser) {
        rs_check_detail(out, "\"%s\" is a superuser, which is more than a loader needs",
                        run->database->user);
    }
}
