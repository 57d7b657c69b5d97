/*
 * rs-provision-user - make a database user for a loader or a reader, check it, take it away.
 *
 * Reads the options, does what they ask through provision/provision.h, and puts a new password
 * where it is to be kept. See man/rs-provision-user.1.
 */
#include <string.h>
#include <sys/stat.h>

#include "aws/secrets_api.h"
#include "base/fsutil.h"
#include "cli/app.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "connect_options.h"
#include "provision/password_delivery.h"
#include "provision/provision.h"
#include "provision/provision_report.h"
#include "warehouse/login.h"

static const struct rs_help_topic topics[] = {
    {"user", "What the user's sessions are like.", "valid-until", "no-verify"},
    {"aws", "How to get to the database and to AWS.", "secret", "region"},
    {.name = NULL},
};

static const struct rs_tool tool = {
    .name = "rs-provision-user",
    .summary = "Make a database user for a loader or a reader, check it, or take it away.",
    .operands = "",
    .manual = "rs-provision-user(1)",
    .topics = topics,
};

static const char *const hashes[] = {
    "default",
    [RS_PROVISION_HASH_MD5] = "md5",
    [RS_PROVISION_HASH_SHA256] = "sha256",
    [RS_PROVISION_HASH_PLAIN] = "plain",
    NULL,
};

enum {
    OPTIONS_MAX = 48,
    LIMIT_MAX = 500, /* connections, Redshift's maximum for all users */
    SESSION_TIMEOUT_MIN = 60,
    SESSION_TIMEOUT_MAX = 1728000,
    STATEMENT_TIMEOUT_MAX = 2147483, /* seconds; a setting is 31 bits of milliseconds */
    PASSWORD_FILE_MAX = 64 << 10,
    PROMPT_MAX = 512,
    NUMBERS_MAX_BYTES = 512,
    EXIT_LACKING = 3, /* --check, and --plan when something is to change */
};

static const size_t OUTPUT_MAX_BYTES = (size_t)64 << 20;

/* All that the command line can say, and what is made of it. */
struct command {
    struct rs_app app;
    struct rs_connect_options options;
    struct rs_passwords passwords;
    const char *database;
    struct rs_provision_options provision;
    struct rs_option_list read;
    struct rs_option_list groups;
    struct rs_option_list roles;
    const char *password_file;
    const char *password_out;
    const char *secret;
    unsigned hash;
    bool generate;
    bool pgpass;
    bool check;
    bool rotate;
    bool disable;
    bool enable;
    bool drop;

    struct rs_connect *connect;
    struct rs_password_delivery delivery;
    struct rs_endpoint endpoint;
    struct rs_secret_store *store;
    struct rs_provision_report report;
};

/* ---- What the library asks of us ---- */

static struct rs_session *open_session(void *arg, const char *dbname, const char *user,
                                       const char *password, struct rs_error *err)
{
    const struct command *command = arg;
    const struct rs_connect_as as = {
        .dbname = dbname ? dbname : command->database, .user = user, .password = password};
    return rs_connect_open_as(command->connect, &as, err);
}

/* A file's text without its line end. */
static bool read_file(void *arg, struct rs_strbuf *out, struct rs_error *err)
{
    const struct command *command = arg;
    struct rs_strbuf text = RS_STRBUF_INIT(PASSWORD_FILE_MAX);
    bool ok = rs_fs_read_file(command->password_file, &text, err);
    size_t length = text.length;
    while (length > 0 && (text.data[length - 1] == '\n' || text.data[length - 1] == '\r')) {
        length--;
    }
    if (ok) {
        rs_strbuf_append_str(out, rs_str_slice(rs_strbuf_str(&text), 0, length));
        ok = rs_strbuf_ok(out) || rs_error_set(err, RS_E_USAGE,
                                               "could not use the password: it is longer than 64 "
                                               "characters");
    }
    rs_strbuf_release_secret(&text);
    return ok;
}

static bool prompt(void *arg, struct rs_strbuf *out, struct rs_error *err)
{
    const struct command *command = arg;
    struct rs_strbuf what = RS_STRBUF_INIT(PROMPT_MAX);
    rs_strbuf_append(&what, "new password for user ");
    for (const char *c = command->report.user; *c; c++) {
        rs_strbuf_append_char(&what, (unsigned char)*c < ' ' || *c == '\x7f' ? '?' : *c);
    }
    bool ok = rs_prompt_password(&command->app.env, rs_strbuf_cstr(&what), out, err);
    rs_strbuf_release(&what);
    return ok;
}

/* The cluster's identifier, by an option or by the host's name; NULL: nobody knows. */
static const char *cluster_of(struct command *command)
{
    char *host = command->endpoint.host;
    if (command->options.cluster || !command->endpoint.redshift || command->endpoint.serverless ||
        !strstr(host, ".redshift.")) {
        return command->options.cluster;
    }
    return rs_arena_copy(&command->app.arena, (struct rs_str){host, strcspn(host, ".")}).data;
}

static bool keep_secret(struct command *command, const char *user, struct rs_str password,
                        bool fresh, struct rs_error *err)
{
    const struct rs_secret_login login = {
        .engine = command->report.engine,
        .host = command->endpoint.host,
        .port = command->endpoint.port,
        .dbname = command->report.database,
        .user = user,
        .password = password,
        .cluster = cluster_of(command),
    };
    return rs_secret_store_put(command->store, &login, !fresh, err);
}

/* Where the server is, as a line of ~/.pgpass names it. */
static void find_place(struct command *command)
{
    rs_endpoint_release(&command->endpoint);
    rs_connect_place(command->connect, &command->endpoint);
    command->delivery.host = command->endpoint.host;
    command->delivery.port = command->endpoint.port;
    command->delivery.dbname = command->report.database;
}

static bool keep(void *arg, const char *user, struct rs_str password, bool fresh,
                 struct rs_error *err)
{
    struct command *command = arg;
    find_place(command);
    if (!rs_password_delivery_keep(&command->delivery, user, password, fresh, err) ||
        (command->store && !keep_secret(command, user, password, fresh, err))) {
        rs_password_delivery_undo(&command->delivery);
        return false;
    }
    return true;
}

/* What a user that was dropped has left behind in ~/.pgpass. */
static bool forget_lines(struct command *command, struct rs_error *err)
{
    struct rs_provision_report *report = &command->report;
    struct rs_strbuf numbers = RS_STRBUF_INIT(NUMBERS_MAX_BYTES);
    size_t removed = 0;
    find_place(command);
    bool ok =
        rs_password_delivery_forget(&command->delivery, report->user, &removed, &numbers, err);
    if (ok && removed > 0) {
        rs_provision_report_notice(report, "took %zu line%s of user \"%s\" out of ~/.pgpass",
                                   removed, removed == 1 ? "" : "s", report->user);
    }
    if (ok && numbers.length > 0) {
        rs_provision_report_notice(
            report, "~/.pgpass has a password of user \"%s\" still, in line %s: %s", report->user,
            rs_strbuf_cstr(&numbers),
            command->pgpass ? "it may be for other servers too, so take it out by hand"
                            : "take it out, or have --drop --pgpass do it");
    }
    rs_strbuf_release(&numbers);
    return ok;
}

static bool settle(void *arg, struct rs_error *err)
{
    struct command *command = arg;
    return !command->store || rs_secret_store_settle(command->store, err);
}

static void forget(void *arg)
{
    struct command *command = arg;
    rs_password_delivery_undo(&command->delivery);
}

/* ---- What options have to do with each other ---- */

static bool refuse(struct rs_error *err, const char *message, const char *hint)
{
    (void)rs_error_set(err, RS_E_USAGE, "%s", message);
    return rs_error_hint(err, "%s", hint);
}

static bool check_jobs(struct command *command, struct rs_error *err)
{
    const unsigned jobs = (unsigned)command->check + command->rotate + command->disable +
                          command->enable + command->drop;
    if (jobs > 1 || (command->check && command->provision.plan_only)) {
        return refuse(err,
                      "only one of --check, --rotate, --disable, --enable and --drop can be given, "
                      "and --check not with --plan",
                      "run once for each");
    }
    if (command->provision.reassign_to && !command->drop) {
        return refuse(err, "--reassign-to is for --drop", "add --drop, or leave it out");
    }
    command->provision.job = command->check     ? RS_PROVISION_CHECK
                             : command->rotate  ? RS_PROVISION_ROTATE
                             : command->disable ? RS_PROVISION_DISABLE
                             : command->enable  ? RS_PROVISION_ENABLE
                             : command->drop    ? RS_PROVISION_DROP
                                                : RS_PROVISION_APPLY;
    return true;
}

static bool check_password(const struct command *command, struct rs_error *err)
{
    const bool kept = command->password_out || command->pgpass || command->secret;
    if (command->generate && command->password_file) {
        return refuse(err, "both --generate and --password-file are given",
                      "leave out one of them");
    }
    if (command->password_out && !command->generate) {
        return refuse(err, "--password-out is for a password that --generate makes",
                      "add --generate, or leave it out");
    }
    if (command->generate && !kept && !command->app.json && !command->check &&
        !command->provision.plan_only) {
        return refuse(err, "--generate would make a password that nobody knows",
                      "say where it goes: --password-out=FILE, --pgpass, --secret=NAME or --json");
    }
    return true;
}

static bool check_names(const struct command *command, struct rs_error *err)
{
    for (size_t i = 0; i < command->roles.count; i++) {
        const char *role = command->roles.items[i];
        if (strcmp(role, "default") != 0 && !rs_str_starts(rs_str_from(role), RS_STR("arn:"))) {
            (void)rs_error_set(err, RS_E_USAGE, "option \"--assume-role\": \"%s\" is no ARN", role);
            return rs_error_hint(err, "write it as arn:aws:iam::ACCOUNT:role/NAME, or as default "
                                      "for the cluster's default role");
        }
    }
    if (!rs_option_check_no_operand(&command->app, "name the user with --user=NAME", err)) {
        return false;
    }
    if (!command->options.conninfo) {
        return refuse(err, "no database is given",
                      "say where, as an administrator, with -d CONNINFO; -d '' takes the PG* "
                      "variables alone");
    }
    return true;
}

static bool check(struct command *command, struct rs_error *err)
{
    return check_names(command, err) && check_jobs(command, err) && check_password(command, err) &&
           rs_connect_check(&command->options, err);
}

/* ---- The work ---- */

static struct rs_names names_of(const struct rs_option_list *list)
{
    return (struct rs_names){(const char *const *)list->items, list->count};
}

/* Where the password comes from and goes to. */
static bool settle_secret(struct command *command, struct rs_error *err)
{
    struct rs_provision_secret *secret = &command->provision.secret;
    const struct rs_secret_store_options store = {.name = command->secret,
                                                  .profile = command->options.profile,
                                                  .region = command->options.region,
                                                  .insecure = command->options.insecure_secrets};
    const bool keeps = !command->provision.plan_only && !command->check;
    struct stat about;
    command->delivery =
        (struct rs_password_delivery){.env = &command->app.env, .pgpass = command->pgpass};
    if (command->generate && !command->rotate && command->password_out &&
        lstat(command->password_out, &about) == 0) {
        if (!S_ISREG(about.st_mode) && !S_ISLNK(about.st_mode)) {
            (void)rs_error_set(err, RS_E_USAGE,
                               "option \"--password-out\": \"%s\" is there, and is no file",
                               command->password_out);
            return rs_error_hint(err, "name a file that is not there yet; --json prints the "
                                      "password to standard output");
        }
        command->generate = false; /* it was generated before: the file has it */
        command->password_file = command->password_out;
        command->password_out = NULL;
    }
    command->delivery.password_out = command->password_out;
    if (keeps && !rs_password_delivery_check(&command->delivery, err)) {
        return false;
    }
    if (command->secret && keeps) {
        command->store = rs_secret_store_new(&command->app.env, &store);
    }
    *secret = (struct rs_provision_secret){
        .read = command->password_file ? read_file : prompt,
        .ask = !command->password_file,
        .generate = command->generate,
        .keep = keep,
        .settle = settle,
        .forget = forget,
        .arg = command,
    };
    return true;
}

static void print(struct command *command, struct rs_strbuf *out, const struct rs_error *err)
{
    const struct rs_provision_report *report = &command->report;
    const bool known = command->delivery.password_out || command->pgpass || command->secret;
    const bool news = command->app.env.log.level >= RS_LOG_NOTICE || report->lacking ||
                      command->provision.plan_only;
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_log(&command->app.env.log, RS_LOG_NOTICE, "%s", report->notices[i]);
    }
    if (command->app.json) {
        rs_provision_report_json(report, !known, err, out);
    } else if (report->changes.property_count > 0 && (news || err->code != RS_OK)) {
        rs_provision_report_text(report, out);
    }
}

static int work(struct command *command, struct rs_error *err)
{
    struct rs_strbuf out = RS_STRBUF_INIT(OUTPUT_MAX_BYTES);
    struct rs_desired_user *desired = &command->provision.desired;
    const struct rs_provision_connector connector = {open_session, command};
    if (err->code == RS_OK && check(command, err) && settle_secret(command, err)) {
        desired->roles = names_of(&command->roles);
        desired->groups = names_of(&command->groups);
        desired->read = names_of(&command->read);
        command->provision.hash = (enum rs_provision_hash)command->hash;
        command->options.query_group = ""; /* an administrator's session is in no queue of ours */
        rs_passwords_init(&command->passwords, rs_option_ask_password, &command->app);
        command->options.passwords = &command->passwords;
        command->connect = rs_connect_new(&command->app.env, &command->options);
        if (rs_provision_run(&command->app.env, &connector, &command->provision, &command->report,
                             err) &&
            command->drop && !command->provision.plan_only) {
            (void)!forget_lines(command, err);
        }
    }
    print(command, &out, err);
    const struct rs_provision_report *report = &command->report;
    const bool lacking = command->check
                             ? report->lacking
                             : command->provision.plan_only && report->changes.statement_count > 0;
    int status = lacking ? EXIT_LACKING : 0;
    if (!rs_strbuf_ok(&out)) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not print the result: it is over 64 MiB");
    }
    if (!rs_output_write(rs_strbuf_str(&out), err)) {
        status = EXIT_FAILURE;
    }
    rs_strbuf_release_secret(&out); /* it may hold the password */
    return status;
}

static void add_everyday(struct command *command, struct rs_option *table, size_t *count)
{
    struct rs_desired_user *desired = &command->provision.desired;
    const struct rs_option rows[] = {
        RS_OPT_STRING('d', "dbname", &command->options.conninfo, "CONNINFO",
                      "where, as an administrator; '' is the PG* variables"),
        RS_OPT_STRING(0, "user", &desired->user, "NAME", "the user (default: segment)"),
        RS_OPT_STRING(0, "database", &command->database, "NAME",
                      "where it may make schemas (else: that of -d)"),
        RS_OPT_STRING(0, "own-schema", &desired->own_schema, "NAME",
                      "a schema of its own, and no others"),
        RS_OPT_LIST(0, "read", &command->read, "SCHEMA",
                    "a reader: tables now and to come; repeatable"),
        RS_OPT_LIST(0, "group", &command->groups, "NAME", "a group that it is in; repeatable"),
        RS_OPT_LIST(0, "assume-role", &command->roles, "ARN",
                    "for COPY and UNLOAD, or default; repeatable"),
        RS_OPT_STRING(0, "password-file", &command->password_file, "FILE",
                      "its password, - is standard input (else: asked)"),
        RS_OPT_FLAG(0, "generate", &command->generate, "make a password of 32 characters"),
        RS_OPT_STRING(0, "password-out", &command->password_out, "FILE",
                      "write it to FILE, which is not there yet"),
        RS_OPT_FLAG(0, "pgpass", &command->pgpass,
                    "put the password into ~/.pgpass (--drop: take it out)"),
        RS_OPT_FLAG(0, "check", &command->check, NULL),
        RS_OPT_FLAG(0, "plan", &command->provision.plan_only,
                    "show what lacks, or the SQL; exit 3 if any"),
        RS_OPT_FLAG(0, "rotate", &command->rotate, "set a new password"),
        RS_OPT_FLAG(0, "disable", &command->disable, NULL),
        RS_OPT_FLAG(0, "enable", &command->enable, "keep the user out, let it in"),
        RS_OPT_FLAG(0, "drop", &command->drop, NULL),
        RS_OPT_STRING(0, "reassign-to", &command->provision.reassign_to, "USER",
                      "take it away; who gets its tables"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

/* The topic "user". */
static void add_user(struct command *command, struct rs_option *table, size_t *count)
{
    struct rs_desired_user *desired = &command->provision.desired;
    const struct rs_option rows[] = {
        RS_OPT_STRING(0, "valid-until", &desired->valid_until, "TIME",
                      "when its password ends, or infinity"),
        RS_OPT_UINT(0, "connection-limit", &desired->connection_limit, 1, LIMIT_MAX, "N",
                    "sessions at a time"),
        RS_OPT_UINT(0, "session-timeout", &desired->session_timeout, SESSION_TIMEOUT_MIN,
                    SESSION_TIMEOUT_MAX, "SECONDS", "end a session that is idle so long"),
        RS_OPT_UINT(0, "statement-timeout", &desired->statement_timeout, 0, STATEMENT_TIMEOUT_MAX,
                    "SECONDS", "end a statement that takes so long; 0: none"),
        RS_OPT_STRING(0, "search-path", &desired->search_path, "NAMES",
                      "schemas, with commas between"),
        RS_OPT_STRING(0, "query-group", &desired->query_group, "NAME",
                      "of its sessions, for WLM (Redshift)"),
        RS_OPT_FLAG(0, "syslog-access", &desired->syslog_access,
                    "let it see others' rows of system tables (Redshift)"),
        RS_OPT_ENUM(0, "hash", &command->hash, hashes, "HOW",
                    "of the password that is sent: md5, sha256, plain"),
        RS_OPT_FLAG(0, "no-verify", &command->provision.no_verify, "do not log in as the user"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

/* The topic "aws". */
static void add_aws(struct command *command, struct rs_option *table, size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_STRING(0, "secret", &command->secret, "NAME",
                      "keep the password in AWS Secrets Manager"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
    rs_connect_options_add(&command->options, table, count);
}

int main(int argc, char **argv)
{
    struct command command = {
        .provision.desired = {.user = "segment",
                              .connection_limit = RS_DESIRED_ANY,
                              .session_timeout = RS_DESIRED_ANY,
                              .statement_timeout = RS_DESIRED_ANY},
        .report = RS_PROVISION_REPORT_INIT,
    };
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    size_t count = 0;
    int status = 0;

    add_everyday(&command, table, &count);
    add_user(&command, table, &count);
    add_aws(&command, table, &count);
    rs_login_process_init();
    rs_app_begin(&command.app, &tool, rs_tool_libraries);
    if (rs_app_options(&command.app, table, argc, argv, &err) || err.code != RS_OK) {
        status = work(&command, &err);
    }
    rs_provision_report_release(&command.report);
    rs_secret_store_free(command.store);
    rs_password_delivery_release(&command.delivery);
    rs_endpoint_release(&command.endpoint);
    rs_connect_free(command.connect);
    rs_passwords_release(&command.passwords);
    rs_option_list_release(&command.read);
    rs_option_list_release(&command.groups);
    rs_option_list_release(&command.roles);
    return rs_app_end(&command.app, status, &err);
}
