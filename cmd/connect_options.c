/* A row of an option is written once, so that its help is the same in every tool. */
#include "connect_options.h"

#include <string.h>

#include "cli/prompt.h"
#include "codec/digest.h"
#include "codec/gzip.h"
#include "codec/json_doc.h"
#include "codec/utf8.h"
#include "codec/xml.h"
#include "codec/zst.h"
#include "net/http.h"
#include "net/url.h"
#include "warehouse/session.h"

const struct rs_app_library rs_tool_libraries[] = {
    {"libpq ", rs_session_library_version},  {"", rs_digest_library_version},
    {"libcurl ", rs_http_library_version},   {"expat ", rs_xml_library_version},
    {"zlib ", rs_gzip_library_version},      {"libzstd ", rs_zst_library_version},
    {"cJSON ", rs_json_doc_library_version}, {NULL, NULL},
};

void rs_options_append(struct rs_option *table, size_t *count, const struct rs_option *rows,
                       size_t row_count)
{
    memcpy(table + *count, rows, row_count * sizeof *rows);
    *count += row_count;
}

void rs_connect_options_add(struct rs_connect_options *options, struct rs_option *table,
                            size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_FLAG(0, "iam", &options->iam, "user and password for some minutes, by IAM"),
        RS_OPT_STRING(0, "cluster", &options->cluster, "ID", "of a provisioned cluster, for --iam"),
        RS_OPT_STRING(0, "workgroup", &options->workgroup, "NAME",
                      "of Redshift Serverless, for --iam"),
        RS_OPT_STRING(0, "db-user", &options->db_user, "NAME",
                      "log in as this user (else: one named by the IAM role)"),
        RS_OPT_STRING(0, "ssh", &options->ssh, "BASTION",
                      "go through this SSH server: [USER@]HOST[:PORT]"),
        RS_OPT_FLAG('w', "no-password", &options->no_password, NULL),
        RS_OPT_FLAG('W', "password", &options->password, "ask for a password never, or at once"),
        RS_OPT_FLAG(0, "insecure-secrets", &options->insecure_secrets,
                    "send keys and passwords without verified TLS"),
        RS_OPT_STRING(0, "profile", &options->profile, "NAME",
                      "of AWS's shared files (else: AWS_PROFILE)"),
        RS_OPT_STRING(0, "region", &options->region, "NAME",
                      "of AWS (else: AWS_REGION, the profile, S3)"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

bool rs_option_check_no_operand(const struct rs_app *app, const char *hint, struct rs_error *err)
{
    if (app->operands.count == 0) {
        return true;
    }
    const char *rest = "";
    const struct rs_str shown = rs_options_shown(app->operands.items[0], &rest);
    (void)rs_error_set(err, RS_E_USAGE, "\"%.*s%s\" is no option", RS_STR_ARG(shown), rest);
    return rs_error_hint(err, "%s", hint);
}

bool rs_option_ask_password(void *arg, const char *what, struct rs_strbuf *out,
                            struct rs_error *err)
{
    struct rs_app *app = arg;
    rs_progress_hold(&app->progress);
    const bool ok = rs_prompt_known_password(&app->env, what, out, err);
    rs_progress_release(&app->progress);
    return ok;
}

/* COPY and UNLOAD take the name of a bucket, for which the alias of an access point stands too. */
static bool check_no_arn(struct rs_str bucket, struct rs_error *err)
{
    if (!rs_str_starts(bucket, RS_STR("arn:"))) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"--stage\": COPY takes no ARN of an access point");
    return rs_error_hint(err,
                         "name the bucket, or the access point's alias: s3://...-s3alias/PREFIX");
}

bool rs_option_check_stage(const char *stage, struct rs_error *err)
{
    struct rs_str bucket = {NULL, 0};
    struct rs_str prefix = {NULL, 0};
    if (stage && !rs_utf8_valid(rs_str_from(stage))) { /* it goes into SQL, and keys are UTF-8 */
        (void)rs_error_set(err, RS_E_USAGE,
                           "option \"--stage\": \"%s\" has bytes that are no UTF-8", stage);
        return rs_error_hint(err, "write it in UTF-8: keys in S3 are nothing else");
    }
    if (!stage || rs_url_split_s3(rs_str_from(stage), &bucket, &prefix)) {
        return check_no_arn(bucket, err);
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"--stage\": \"%s\" is no S3 address", stage);
    return rs_error_hint(err, "write it as s3://BUCKET/PREFIX%s",
                         strncmp(stage, "s3://", 5) == 0
                             ? ", BUCKET being 3 to 63 small letters, digits, dots and hyphens"
                             : "");
}

bool rs_option_check_endpoint(const char *endpoint, struct rs_error *err)
{
    if (!endpoint || *endpoint == '\0' || rs_account_check_endpoint(endpoint, err)) {
        return true;
    }
    err->code = RS_E_USAGE;
    rs_error_prefix(err, "option \"--s3-endpoint\"");
    return false;
}

const char *const rs_option_sse_names[] = {"bucket", "AES256", "aws:kms", "aws:kms:dsse", NULL};

void rs_option_settle_sse(unsigned sse, struct rs_account_options *account)
{
    account->encryption = sse > 0               ? rs_option_sse_names[sse]
                          : account->kms_key_id ? "aws:kms"
                                                : NULL;
}

bool rs_option_check_not_empty(const char *option, const char *value, struct rs_error *err)
{
    if (!value || *value) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"--%s\": the value is empty", option);
    return rs_error_hint(err, "is the variable set that it comes from?");
}

bool rs_option_check_sse(const struct rs_account_options *account, struct rs_error *err)
{
    if (!account->kms_key_id || strcmp(account->encryption, "AES256") != 0) {
        return rs_option_check_not_empty("kms-key", account->kms_key_id, err);
    }
    (void)rs_error_set(err, RS_E_USAGE,
                       "--kms-key is for --sse=aws:kms, and --sse=AES256 is given");
    return rs_error_hint(err, "leave out one of them; --kms-key alone means --sse=aws:kms");
}

bool rs_option_check_role(const char *option, const char *role, struct rs_error *err)
{
    if (!role || strcmp(role, "default") == 0 ||
        (rs_str_starts(rs_str_from(role), RS_STR("arn:")) && rs_utf8_valid(rs_str_from(role)))) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"--%s\": \"%s\" is no ARN", option, role);
    return rs_error_hint(err, "write it as arn:aws:iam::ACCOUNT:role/NAME, several with commas, or "
                              "as default for the cluster's default role");
}
