/* Each host has the options of a connection, with --from- or --to- before their names. */
#include "backfill_hosts.h"

#include <string.h>

#include "connect_options.h"

const struct rs_help_topic rs_backfill_hosts_topics[] = {
    {"redshift", "How rows leave and enter Redshift.", "stage", "kms-key"},
    {"hosts", "How to get to the two hosts and to AWS.", "from-iam", "s3-endpoint"},
    {.name = NULL},
};

/* What UNLOAD can do: the first of all. */
static const char *const sse_names[] = {"bucket", "AES256", "aws:kms", NULL};

void rs_backfill_hosts_add_databases(struct rs_backfill_hosts *given, struct rs_option *table,
                                     size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_STRING(0, "from", &given->hosts.from.conninfo, "CONNINFO",
                      "the old host's database"),
        RS_OPT_STRING(0, "to", &given->hosts.to.conninfo, "CONNINFO", "the new host's database"),
        RS_OPT_STRING('n', "schema", &given->hosts.schema, "NAME",
                      "the source: the schema that holds its tables"),
        RS_OPT_STRING(0, "to-schema", &given->hosts.to_schema, "NAME",
                      "what it is called on the new host (else: the same)"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

void rs_backfill_hosts_add_stage(struct rs_backfill_hosts *given, struct rs_option *table,
                                 size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_STRING(0, "stage", &given->stage, "S3-URL",
                      "where rows lie on their way: s3://BUCKET/PREFIX"),
        RS_OPT_STRING(0, "iam-role", &given->iam_role, "ARN",
                      "role for UNLOAD and COPY, or default (else: our keys)"),
        RS_OPT_STRING(0, "from-iam-role", &given->from_role, "ARN", NULL),
        RS_OPT_STRING(0, "to-iam-role", &given->to_role, "ARN", "the same for one host alone"),
        RS_OPT_ENUM(0, "sse", &given->sse, sse_names, "HOW",
                    "encrypt staged files: AES256, aws:kms"),
        RS_OPT_STRING(0, "kms-key", &given->account.kms_key_id, "ID",
                      "of aws:kms, which wants one and is implied"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

/* The rows of one host: its prefix, which it is, and its struct rs_connect_options. */
#define HOST_ROWS(prefix, which, host)                                                             \
    RS_OPT_FLAG(0, prefix "-iam", &(host).iam, which " host: user and password by IAM"),           \
        RS_OPT_STRING(0, prefix "-cluster", &(host).cluster, "ID", NULL),                          \
        RS_OPT_STRING(0, prefix "-workgroup", &(host).workgroup, "NAME",                           \
                      "provisioned, or Serverless"),                                               \
        RS_OPT_STRING(0, prefix "-db-user", &(host).db_user, "NAME", "log in there as this user"), \
        RS_OPT_STRING(0, prefix "-ssh", &(host).ssh, "BASTION",                                    \
                      "go there through this SSH server"),                                         \
        RS_OPT_STRING(0, prefix "-query-group", &(host).query_group, "NAME",                       \
                      "for WLM there (default: segment)")

void rs_backfill_hosts_add_ways(struct rs_backfill_hosts *given, struct rs_option *table,
                                size_t *count)
{
    const struct rs_option rows[] = {
        HOST_ROWS("from", "old", given->hosts.from),
        HOST_ROWS("to", "new", given->hosts.to),
        RS_OPT_FLAG('w', "no-password", &given->no_password, NULL),
        RS_OPT_FLAG('W', "password", &given->password, "ask for passwords never, or at once"),
        RS_OPT_FLAG(0, "insecure-secrets", &given->insecure_secrets,
                    "send keys and passwords without verified TLS"),
        RS_OPT_STRING(0, "profile", &given->profile, "NAME",
                      "of AWS's shared files (else: AWS_PROFILE)"),
        RS_OPT_STRING(0, "region", &given->region, "NAME",
                      "of AWS (else: AWS_REGION, the profile, S3)"),
        RS_OPT_STRING(0, "s3-endpoint", &given->account.s3_endpoint, "URL",
                      "an S3 server that is not AWS's"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

/* UNLOAD is told a key, or encrypts with S3's own. */
static bool check_key(const struct rs_account_options *account, struct rs_error *err)
{
    if (account->kms_key_id || !account->encryption ||
        strcmp(account->encryption, "aws:kms") != 0) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "--sse=aws:kms needs --kms-key here");
    return rs_error_hint(err, "UNLOAD has no other way to be told of KMS: name the key with "
                              "--kms-key=ID, aws/s3's for the account's own");
}

static bool check_addresses(const struct rs_backfill_hosts *given, struct rs_error *err)
{
    return rs_option_check_sse(&given->account, err) && check_key(&given->account, err) &&
           rs_option_check_endpoint(given->account.s3_endpoint, err) &&
           rs_option_check_stage(given->stage, err) &&
           rs_option_check_role("iam-role", given->iam_role, err) &&
           rs_option_check_role("from-iam-role", given->from_role, err) &&
           rs_option_check_role("to-iam-role", given->to_role, err);
}

/* What rs_connect_check names --iam, --cluster, ... begins with --from or --to here. */
static bool check_host(const char *host, const struct rs_connect_options *options,
                       struct rs_error *err)
{
    if (rs_connect_check(options, err)) {
        return true;
    }
    rs_error_prefix(err, "the options --%s-*", host);
    return false;
}

bool rs_backfill_hosts_settle(struct rs_backfill_hosts *given, struct rs_app *app,
                              struct rs_error *err)
{
    struct rs_hosts_options *hosts = &given->hosts;
    if (!rs_option_check_no_operand(app, "name the hosts with --from=CONNINFO and --to=CONNINFO",
                                    err)) {
        return false;
    }
    if (!hosts->from.conninfo || !hosts->to.conninfo) {
        rs_error_set(err, RS_E_USAGE, "no %s host is given", hosts->from.conninfo ? "new" : "old");
        return rs_error_hint(err, "give both with --from=CONNINFO and --to=CONNINFO");
    }
    if (!hosts->schema || *hosts->schema == '\0') {
        rs_error_set(err, RS_E_USAGE, "no schema is given");
        return rs_error_hint(err, "name the source with -n, --schema=NAME, for instance -n shop");
    }
    rs_option_settle_sse(given->sse, &given->account);
    hosts->from.profile = hosts->to.profile = given->account.profile = given->profile;
    hosts->from.region = hosts->to.region = given->account.region = given->region;
    hosts->from.insecure_secrets = hosts->to.insecure_secrets = given->insecure_secrets;
    hosts->from.no_password = hosts->to.no_password = given->no_password;
    hosts->from.password = hosts->to.password = given->password;
    rs_passwords_init(&given->passwords, rs_option_ask_password, app);
    hosts->from.passwords = hosts->to.passwords = &given->passwords;
    given->from_role = given->from_role ? given->from_role : given->iam_role;
    given->to_role = given->to_role ? given->to_role : given->iam_role;
    return check_host("from", &hosts->from, err) && check_host("to", &hosts->to, err) &&
           check_addresses(given, err);
}

void rs_backfill_hosts_release(struct rs_backfill_hosts *given)
{
    rs_passwords_release(&given->passwords);
}

void rs_backfill_hosts_fill(const struct rs_backfill_hosts *given,
                            struct rs_migrate_options *options)
{
    options->hosts = given->hosts;
    options->account = given->account;
    options->stage = given->stage;
    options->from_role = given->from_role;
    options->to_role = given->to_role;
}
