/*
 * rs-check-network - find out why the database cannot be reached, and say what to do.
 *
 * Reads the options, runs the checks of check/engine/check_table.h, prints what they found. See
 * man/rs-check-network.1.
 */
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/timefmt.h"
#include "check/aws/fix_inbound.h"
#include "check/engine/check_report.h"
#include "check/engine/check_runner.h"
#include "cli/app.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "connect_options.h"
#include "warehouse/login.h"

static const struct rs_help_topic topics[] = {
    {"aws", "How to get to the database and to AWS.", "iam", "s3-endpoint"},
    {.name = NULL},
};

static const struct rs_tool tool = {
    .name = "rs-check-network",
    .summary = "Find out why a Redshift database cannot be reached or loaded, and what to do.",
    .operands = "",
    .manual = "rs-check-network(1)",
    .topics = topics,
};

/* Where Segment's loaders come from, as its guide has it. */
static const char *const segment_us[] = {"34.223.203.0/28", "52.25.130.38/32"};
static const char *const segment_eu[] = {"3.251.148.96/29"};

enum {
    OPTIONS_MAX = 48,
    PORT_MAX = 65535,
    TIMEOUT_DEFAULT = 10, /* seconds */
    TIMEOUT_MAX = 600,
    WATCH_MAX = 3600,
    EXIT_FAILED = 3,
    EXIT_UNREACHABLE = 4,
};

static const size_t OUTPUT_MAX_BYTES = (size_t)16 << 20;
static const size_t GROUPS_MAX_BYTES = (size_t)64 << 20;

struct command {
    struct rs_app app;
    struct rs_check_options options;
    struct rs_passwords passwords;
    struct rs_conninfo said;
    struct rs_option_list allow;
    struct rs_option_list only;
    struct rs_option_list skip;
    unsigned sse;
    const char *check_names[RS_CHECK_COUNT + 1];
    const char *groups_file;
    struct rs_strbuf groups;
    unsigned timeout;
    unsigned watch;
    unsigned list;
    const char *fix;
    bool yes;
    bool segment_us;
    bool segment_eu;
    enum rs_check_status last[RS_CHECK_COUNT]; /* --watch: what was printed of each */
};

/* ---- What the options mean ---- */

static bool refuse(struct rs_error *err, const char *message, const char *hint)
{
    (void)rs_error_set(err, RS_E_USAGE, "%s", message);
    return rs_error_hint(err, "%s", hint);
}

static bool refuse_name(const char *option, const char *name, struct rs_error *err)
{
    struct rs_nearest nearest = rs_nearest_of(rs_str_from(name));
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        rs_nearest_offer(&nearest, rs_checks[id].name);
    }
    const char *near = rs_nearest_name(&nearest);
    (void)rs_error_set(err, RS_E_USAGE, "option \"--%s\": there is no check \"%s\"", option, name);
    return near ? rs_error_hint(err, "did you mean \"%s\"? --list names all", near)
                : rs_error_hint(err, "--list names all");
}

/* The bits of lists of names, with commas between. */
static bool read_names(const struct rs_option_list *list, const char *option, uint64_t *out,
                       struct rs_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        char *state = NULL;
        for (char *name = strtok_r(list->items[i], ", ", &state); name;
             name = strtok_r(NULL, ", ", &state)) {
            const enum rs_check_id id = rs_check_find(name);
            if (id == RS_CHECK_COUNT) {
                return refuse_name(option, name, err);
            }
            *out |= RS_CHECK_BIT(id);
        }
    }
    return true;
}

static bool choose_checks(struct command *command, struct rs_error *err)
{
    uint64_t only = 0;
    uint64_t skip = 0;
    if (!read_names(&command->only, "only", &only, err) ||
        !read_names(&command->skip, "skip", &skip, err)) {
        return false;
    }
    if (command->only.count > 0 && only == 0) {
        return refuse(err, "option \"--only\": no check is named", "--list names all");
    }
    const uint64_t unnamed = command->list > 0 ? RS_CHECK_ALL : RS_CHECK_ALL & ~RS_CHECK_BY_NAME;
    command->options.only = (command->only.count > 0 ? only : unnamed) & ~skip;
    command->options.skip = skip;
    return true;
}

static void append_blocks(struct rs_option_list *list, const char *const *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rs_option_list_append(list, (char *)(uintptr_t)blocks[i]); /* only read */
    }
}

static void settle_allow(struct command *command)
{
    if (command->segment_us) {
        append_blocks(&command->allow, segment_us, RS_COUNTOF(segment_us));
    }
    if (command->segment_eu) {
        append_blocks(&command->allow, segment_eu, RS_COUNTOF(segment_eu));
    }
    command->options.allow = (const char *const *)command->allow.items;
    command->options.allow_count = command->allow.count;
}

static bool check_allow(const struct command *command, struct rs_error *err)
{
    struct rs_cidr block;
    for (size_t i = 0; i < command->allow.count; i++) {
        if (!rs_cidr_parse(rs_str_from(command->allow.items[i]), &block)) {
            (void)rs_error_set(err, RS_E_USAGE,
                               "option \"--allow\": \"%s\" is no address or block of addresses",
                               command->allow.items[i]);
            return rs_error_hint(err, "write it as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32");
        }
    }
    return true;
}

static bool check_fix(const struct command *command, struct rs_error *err)
{
    const struct rs_connect_options *connect = &command->options.connect;
    if (!command->fix) {
        return !command->yes || refuse(err, "--yes is for --fix", "add --fix=inbound");
    }
    if (strcmp(command->fix, "inbound") != 0) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "option \"--fix\": \"%s\" cannot be put right by itself", command->fix);
        return rs_error_hint(err, "--fix=inbound adds inbound rules; all else says what to do");
    }
    return ((connect->cluster || connect->workgroup) && !command->groups_file) ||
           refuse(err, "--fix=inbound needs a cluster that AWS is asked for",
                  "name it with --cluster=ID or --workgroup=NAME");
}

static bool check_stage(const struct command *command, struct rs_error *err)
{
    return rs_option_check_stage(command->options.stage, err) &&
           rs_option_check_endpoint(command->options.account.s3_endpoint, err) &&
           rs_option_check_sse(&command->options.account, err);
}

static bool check(struct command *command, struct rs_error *err)
{
    struct rs_check_options *options = &command->options;
    const struct rs_connect_options *connect = &options->connect;
    if (!rs_option_check_no_operand(&command->app, "say where the database is with -d CONNINFO",
                                    err) ||
        !check_fix(command, err) || !rs_option_check_not_empty("cluster", connect->cluster, err) ||
        !rs_option_check_not_empty("workgroup", connect->workgroup, err)) {
        return false;
    }
    if (!connect->conninfo && !connect->cluster && !connect->workgroup && !options->stage &&
        !command->groups_file) {
        return refuse(err, "nothing to check is given",
                      "-d CONNINFO, --cluster=ID, --workgroup=NAME, --stage=s3://BUCKET/PREFIX, or "
                      "--security-group=FILE");
    }
    if (connect->cluster && connect->workgroup) {
        return refuse(err, "both --cluster and --workgroup are given", "run once for each");
    }
    return check_stage(command, err) && check_allow(command, err) && choose_checks(command, err);
}

/* A check that is asked for and cannot be run, or none at all, is no success. */
static bool check_chosen(const struct command *command, const struct rs_check_run *run,
                         struct rs_error *err)
{
    const uint64_t asked = command->options.only;
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT && command->only.count > 0; id++) {
        if (asked & ~run->chosen & RS_CHECK_BIT(id)) {
            (void)rs_error_set(err, RS_E_USAGE,
                               "option \"--only\": \"%s\" cannot be checked with what is given",
                               rs_checks[id].name);
            return rs_error_hint(err, "%s", rs_check_missing_option(run, id));
        }
    }
    return (asked & run->chosen) != 0 ||
           refuse(err, "no check is left to run", "name fewer with --skip; --list names all");
}

/* Nobody's rules are known: that these are let in is not found out, and that must not look so. */
static void warn_of_allow(const struct command *command, const struct rs_check_run *run)
{
    if (command->options.allow_count > 0 && !(run->offered & RS_CHECK_WANT_GROUPS)) {
        rs_log(&command->app.env.log, RS_LOG_WARNING,
               "whether %s%s is let in is not checked: that needs --cluster, --workgroup or "
               "--security-group",
               command->options.allow[0], command->options.allow_count > 1 ? " and so on" : "");
    }
}

static bool begin(struct command *command, struct rs_check_run *run, struct rs_error *err)
{
    struct rs_connect_options *connect = &command->options.connect;
    if (!rs_conninfo_read(connect->conninfo ? connect->conninfo : "", &command->said, err)) {
        return false;
    }
    rs_connect_take_up(connect, &command->said);
    rs_passwords_init(&command->passwords, rs_option_ask_password, &command->app);
    connect->passwords = &command->passwords;
    if (!rs_check_begin(run, &command->app.env, &command->options, err) ||
        !check_chosen(command, run, err)) {
        return false;
    }
    warn_of_allow(command, run);
    return true;
}

static bool read_groups(struct command *command, struct rs_error *err)
{
    if (command->groups_file) {
        if (!rs_fs_read_file(command->groups_file, &command->groups, err)) {
            return false;
        }
        command->options.groups_json = rs_strbuf_cstr(&command->groups);
    }
    return true;
}

/* ---- What is printed ---- */

static struct rs_check_view view_of(const struct command *command)
{
    const struct rs_env *env = &command->app.env;
    const bool terminal = rs_output_is_terminal(STDOUT_FILENO);
    return (struct rs_check_view){
        .color = command->app.color,
        .utf8 = rs_output_is_utf8(rs_env_variable(env, "LC_ALL"), rs_env_variable(env, "LC_CTYPE"),
                                  rs_env_variable(env, "LANG")),
        .verbose = env->log.level >= RS_LOG_INFO,
        .columns = terminal ? rs_output_columns(STDOUT_FILENO) : 0,
    };
}

static void append_list(const struct command *command, struct rs_strbuf *out)
{
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        if (command->options.only & RS_CHECK_BIT(id)) {
            rs_strbuf_printf(out, "%-18s %s%s\n", rs_checks[id].name, rs_checks[id].title,
                             RS_CHECK_BY_NAME & RS_CHECK_BIT(id) ? " (with --only alone)" : "");
        }
    }
}

/* --watch: what is other than the last time, after the time of day. */
static void append_news(struct command *command, const struct rs_check_run *run,
                        struct rs_strbuf *out)
{
    const struct rs_check_view view = view_of(command);
    char now[RS_TIMEFMT_MAX] = "";
    const int64_t now_us = command->app.env.now_us(&command->app.env);
    const size_t length = rs_timefmt_format(now_us - now_us % 1000000, now);
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        const enum rs_check_status status = run->results[id].status;
        if (rs_check_is_shown(run, id) && status != command->last[id]) {
            rs_strbuf_append_bytes(out, now, length);
            rs_check_line_text(run, id, &view, out);
        }
        command->last[id] = status;
    }
}

static bool print(struct rs_strbuf *out, struct rs_error *err)
{
    const bool fits =
        rs_strbuf_ok(out) ||
        rs_error_set(err, RS_E_LIMIT, "could not print the result: it is over 16 MiB");
    const bool ok = rs_output_write(rs_strbuf_str(out), err) && rs_output_flush(err) && fits;
    rs_strbuf_reset(out);
    return ok;
}

/* ---- The work ---- */

static bool is_well(const struct rs_check_run *run)
{
    const struct rs_check_verdict verdict = rs_check_verdict(run);
    return !verdict.unreachable && verdict.counts[RS_CHECK_FAIL] == 0;
}

/* --fix: show what would be added, ask, add it, and look again. */
static bool fix(struct command *command, struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_fix_plan plan = RS_CHECK_FIX_PLAN_INIT;
    bool yes = command->yes;
    bool ok = rs_check_fix_inbound_plan(run, &plan, err);
    for (size_t i = 0; i < plan.count; i++) {
        const char *done = yes ? "adding" : "would add";
        rs_log(&command->app.env.log, RS_LOG_NOTICE, "%s an inbound rule: %s", done,
               plan.items[i].command);
    }
    if (ok && plan.count > 0) {
        ok = yes || rs_prompt_confirm(&command->app.env, "add these inbound rules?",
                                      "--yes adds them without asking", &yes, err);
        ok = ok && (!yes || (rs_check_fix_inbound_apply(run, &plan, err) && rs_check_go(run, err)));
    }
    rs_check_fix_plan_release(&plan);
    return ok;
}

/* Once, or again and again until all is well. The last report is left in out. */
static bool go(struct command *command, struct rs_check_run *run, struct rs_strbuf *out,
               struct rs_error *err)
{
    bool ok = rs_check_go(run, err) && (!command->fix || fix(command, run, err));
    while (ok && command->watch > 0 && !is_well(run)) {
        if (command->app.json) {
            rs_check_report_json(run, err, out);
        } else {
            append_news(command, run, out);
        }
        ok = print(out, err) && rs_env_pause(&command->app.env, command->watch * 1000, err) &&
             rs_check_go(run, err);
    }
    return ok;
}

static int exit_status(const struct rs_check_run *run)
{
    const struct rs_check_verdict verdict = rs_check_verdict(run);
    return verdict.unreachable                 ? EXIT_UNREACHABLE
           : verdict.counts[RS_CHECK_FAIL] > 0 ? EXIT_FAILED
                                               : 0;
}

static void append_report(const struct command *command, const struct rs_check_run *run,
                          const struct rs_error *err, struct rs_strbuf *out)
{
    const struct rs_check_view view = view_of(command);
    if (command->app.json) {
        rs_check_report_json(run, err, out);
    } else if (err->code == RS_OK &&
               (command->app.env.log.level >= RS_LOG_NOTICE || !is_well(run))) {
        rs_check_report_text(run, &view, out); /* -q: no news */
    }
}

static int work(struct command *command, struct rs_error *err)
{
    struct rs_strbuf out = RS_STRBUF_INIT(OUTPUT_MAX_BYTES);
    struct rs_check_run run = {.options = &command->options};
    int status = 0;
    settle_allow(command);
    command->options.timeout_ms = command->timeout * 1000;
    rs_option_settle_sse(command->sse, &command->options.account);
    command->options.account.profile = command->options.connect.profile;
    command->options.account.region = command->options.connect.region;
    if (err->code == RS_OK && command->list > 0 && choose_checks(command, err)) {
        append_list(command, &out);
    } else {
        if (err->code == RS_OK && check(command, err) && read_groups(command, err) &&
            begin(command, &run, err) && go(command, &run, &out, err)) {
            status = exit_status(&run);
        }
        if (err->code == RS_E_INTERRUPTED) {
            err->hint[0] = '\0'; /* a check goes on nowhere, it begins anew */
        }
        append_report(command, &run, err, &out);
    }
    if (!print(&out, err)) {
        status = EXIT_FAILURE;
    }
    rs_check_end(&run);
    rs_strbuf_release(&out);
    return status;
}

static void add_everyday(struct command *command, struct rs_option *table, size_t *count)
{
    static const char *const fixes[] = {"inbound", NULL};
    struct rs_check_options *o = &command->options;
    const struct rs_option rows[] = {
        RS_OPT_STRING('d', "dbname", &o->connect.conninfo, "CONNINFO",
                      "the database, as the loader logs in"),
        RS_OPT_STRING('n', "schema", &o->schema, "NAME", "the schema that is loaded into"),
        RS_OPT_STRING(0, "cluster", &o->connect.cluster, "ID", NULL),
        RS_OPT_STRING(0, "workgroup", &o->connect.workgroup, "NAME", "ask AWS about it, too"),
        RS_OPT_STRING(0, "stage", &o->stage, "S3-URL", "check this too: s3://BUCKET/PREFIX"),
        RS_OPT_STRING(0, "iam-role", &o->iam_role, "ARN",
                      "role of COPY and UNLOAD, or default (else: our keys)"),
        RS_OPT_STRING(0, "security-group", &command->groups_file, "FILE",
                      "judge what \"ec2 describe-security-groups\" printed"),
        RS_OPT_LIST(0, "allow", &command->allow, "CIDR",
                    "who has to be let in (else: this host); repeatable"),
        RS_OPT_FLAG(0, "segment-us", &command->segment_us, NULL),
        RS_OPT_FLAG(0, "segment-eu", &command->segment_eu, "... Segment's own loaders, US or EU"),
        {.name = "fix",
         .kind = RS_OPTION_STRING,
         .to.string = &command->fix,
         .operand = "inbound",
         .names = fixes},
        RS_OPT_FLAG(0, "yes", &command->yes, "add inbound rules that are missing; do not ask"),
        RS_OPT_UINT(0, "port", &o->port, 1, PORT_MAX, "N", "of the database (else: that of -d)"),
        RS_OPT_UINT(0, "timeout", &command->timeout, 1, TIMEOUT_MAX, "SECONDS",
                    "for the way to the database (default: 10)"),
        {.name = "only",
         .kind = RS_OPTION_LIST,
         .to.list = &command->only,
         .operand = "NAMES",
         .names = command->check_names},
        {.name = "skip",
         .kind = RS_OPTION_LIST,
         .to.list = &command->skip,
         .operand = "NAMES",
         .help = "these checks (a,b), or all but these",
         .names = command->check_names},
        RS_OPT_ACTION("list", &command->list, 1, "name all checks"),
        RS_OPT_UINT(0, "watch", &command->watch, 1, WATCH_MAX, "SECONDS",
                    "again and again until none fails"),
        RS_OPT_STRING(0, "query-group", &o->connect.query_group, "NAME",
                      "of the loader, for WLM (default: segment)"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

/* The topic "aws". */
static void add_aws(struct command *command, struct rs_option *table, size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_ENUM(0, "sse", &command->sse, rs_option_sse_names, "HOW", NULL),
        RS_OPT_STRING(0, "kms-key", &command->options.account.kms_key_id, "ID",
                      "how S3 encrypts what the loader stages, as there"),
        RS_OPT_STRING(0, "s3-endpoint", &command->options.account.s3_endpoint, "URL",
                      "an S3 server that is not AWS's"),
    };
    struct rs_option shared[OPTIONS_MAX];
    size_t shared_count = 0;
    rs_connect_options_add(&command->options.connect, shared, &shared_count);
    for (size_t i = 0; i < shared_count; i++) { /* here these are not for --iam alone */
        if (strcmp(shared[i].name, "cluster") != 0 && strcmp(shared[i].name, "workgroup") != 0) {
            rs_options_append(table, count, &shared[i], 1);
        }
    }
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

int main(int argc, char **argv)
{
    struct command command = {.timeout = TIMEOUT_DEFAULT,
                              .options = {.only = RS_CHECK_ALL},
                              .groups = RS_STRBUF_INIT(GROUPS_MAX_BYTES)};
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    size_t count = 0;
    int status = 0;

    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        command.check_names[id] = rs_checks[id].name;
    }
    add_everyday(&command, table, &count);
    add_aws(&command, table, &count);
    rs_login_process_init();
    rs_app_begin(&command.app, &tool, rs_tool_libraries);
    if (rs_app_options(&command.app, table, argc, argv, &err) || err.code != RS_OK) {
        status = work(&command, &err);
    }
    rs_conninfo_release(&command.said);
    rs_passwords_release(&command.passwords);
    rs_strbuf_release(&command.groups);
    rs_option_list_release(&command.allow);
    rs_option_list_release(&command.only);
    rs_option_list_release(&command.skip);
    return rs_app_end(&command.app, status, &err);
}
