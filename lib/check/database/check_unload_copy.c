/*
 * What the cluster does with the stage, tried from its side: the row of a temporary table is
 * unloaded there (by the compute nodes, which a SELECT without a table need not reach), and a COPY
 * reads it without loading. What was written is removed with our own keys, in a folder that nothing
 * else is in.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aws/region.h"
#include "check/database/database_facts.h"
#include "check/database/stage_use.h"
#include "check/engine/shell_quote.h"
#include "warehouse/copy.h"

enum { SQL_MAX = 64 << 10, NAME_MAX_BYTES = 40 };

#define COLUMN RS_STR("id")

/* One try. */
struct attempt {
    struct rs_check_run *run;
    struct rs_check_result *out;
    struct rs_check_stage_use use;
    char table[NAME_MAX_BYTES];
};

static bool prepare(struct attempt *attempt, struct rs_error *err)
{
    const struct rs_check_run *run = attempt->run;
    (void)snprintf(attempt->table, sizeof attempt->table, "rs_check_%016" PRIx64,
                   run->env->random_u64(run->env));
    return rs_check_stage_prepare(&attempt->use, run, run->database->session, err);
}

static bool run_statement(struct attempt *attempt, struct rs_strbuf *sql, const char *name,
                          struct rs_error *err)
{
    const bool ok = rs_check_exec(attempt->run, sql, err);
    if (!ok) {
        char words[sizeof err->message];
        (void)snprintf(words, sizeof words, "%s", rs_check_refusal(err));
        (void)snprintf(err->message, sizeof err->message, "%s: %.450s", name, words);
    }
    rs_strbuf_release_secret(sql);
    return ok;
}

static bool make_table(struct attempt *attempt, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    rs_strbuf_append(&sql, "CREATE TEMP TABLE ");
    rs_sql_ident(&sql, rs_str_from(attempt->table));
    rs_strbuf_append(&sql, " (id INTEGER); INSERT INTO ");
    rs_sql_ident(&sql, rs_str_from(attempt->table));
    rs_strbuf_append(&sql, " VALUES (1)");
    return run_statement(attempt, &sql, "CREATE TEMP TABLE", err);
}

static void drop_table(struct attempt *attempt)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    struct rs_error ignored = {0}; /* it goes with the session */
    rs_strbuf_append(&sql, "DROP TABLE ");
    rs_sql_ident(&sql, rs_str_from(attempt->table));
    (void)!run_statement(attempt, &sql, "DROP TABLE", &ignored);
}

/* UNLOAD takes a key of KMS where one is named; else it encrypts with S3's own. */
static void append_key(struct rs_strbuf *sql, const struct rs_account_options *account)
{
    if (account->kms_key_id && strcmp(account->encryption, "aws:kms") == 0) {
        rs_strbuf_append(sql, " KMS_KEY_ID ");
        rs_sql_literal(sql, RS_DIALECT_REDSHIFT, rs_str_from(account->kms_key_id));
        rs_strbuf_append(sql, " ENCRYPTED");
    }
}

static bool unload(struct attempt *attempt, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    struct rs_strbuf query = RS_STRBUF_INIT(SQL_MAX);
    rs_strbuf_append(&query, "SELECT id FROM ");
    rs_sql_ident(&query, rs_str_from(attempt->table));
    rs_copy_append_unload(&sql, rs_strbuf_str(&query), &attempt->use.files);
    append_key(&sql, &attempt->run->options->account);
    rs_strbuf_release(&query);
    return run_statement(attempt, &sql, "UNLOAD", err);
}

static bool copy(struct attempt *attempt, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    rs_copy_append_noload(&sql, rs_str_from(attempt->table), COLUMN, &attempt->use.files);
    return run_statement(attempt, &sql, "COPY NOLOAD", err);
}

/* The role, as far as it is named. */
static const char *role_of(const struct attempt *attempt)
{
    const char *role = attempt->run->options->iam_role;
    return role && strcmp(role, "default") != 0 ? role : "ROLE-ARN";
}

static void advise_role(struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    const char *cluster = rs_check_cluster_word(attempt->run, out);
    const char *role = rs_check_quote(out, role_of(attempt));
    rs_check_why(out,
                 "COPY and UNLOAD go to S3 as the role, which the cluster has to be let assume");
    rs_check_step(out, "Redshift console > Clusters > the cluster > Properties > Cluster "
                       "permissions > Manage IAM roles > Associate IAM roles");
    rs_check_step(out, "IAM console > Roles > the role > Trust relationships: sts:AssumeRole for "
                       "redshift.amazonaws.com");
    if (attempt->run->database->serverless) {
        rs_check_step(out, "by command, write the roles that the namespace has as well: those that "
                           "are left out are taken from it");
        rs_check_command(out, "aws redshift-serverless get-namespace --namespace-name NAMESPACE "
                              "--query namespace.iamRoles");
        rs_check_command(out,
                         "aws redshift-serverless update-namespace --namespace-name NAMESPACE "
                         "--iam-roles %s OTHER-ROLE-ARNS",
                         role);
    } else {
        rs_check_command(out,
                         "aws redshift modify-cluster-iam-roles --cluster-identifier %s "
                         "--add-iam-roles %s",
                         cluster, role);
    }
}

static void advise_default(struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    rs_check_why(out, "\"default\" is the role that is the cluster's default, and it has none");
    rs_check_step(out, "Redshift console > Clusters > the cluster > Properties > Cluster "
                       "permissions > Set default");
    if (attempt->run->database->serverless) {
        rs_check_command(out, "aws redshift-serverless update-namespace --namespace-name NAMESPACE "
                              "--default-iam-role-arn ROLE-ARN");
    } else {
        rs_check_command(out,
                         "aws redshift modify-cluster-iam-roles --cluster-identifier %s "
                         "--default-iam-role-arn ROLE-ARN",
                         rs_check_cluster_word(attempt->run, out));
    }
}

static void advise_assume(struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    const struct rs_check_database_facts *facts = attempt->run->database;
    rs_check_why(out, "the role is the cluster's, but this user may not use it");
    const bool named = strcmp(role_of(attempt), "ROLE-ARN") != 0;
    rs_check_command(out, "rs-provision-user -d " RS_CHECK_ADMIN " --user=%s --assume-role=%s",
                     rs_check_quote(out, facts->user),
                     named ? rs_check_quote(out, role_of(attempt)) : "default");
    rs_check_sql(out, "GRANT ASSUMEROLE ON %s TO %s FOR COPY, UNLOAD",
                 named ? rs_check_sql_text(out, role_of(attempt)) : "DEFAULT",
                 rs_check_sql_name(out, facts->user));
}

static void advise_policy(struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    const struct rs_str region = attempt->use.files.region;
    const char *partition = rs_region_partition(region.length > 0 ? region.data : "");
    const char *arn = rs_check_text(out, "arn:%s:s3:::%s", partition, attempt->use.bucket.data);
    rs_check_why(out, "UNLOAD writes to the bucket (s3:PutObject), COPY lists and reads it "
                      "(s3:ListBucket, s3:GetObject)");
    rs_check_step(out, "IAM console > Roles > the role > Add permissions: allow it what is "
                       "missing; or the bucket's policy denies it");
    rs_check_command(
        out,
        "aws iam put-role-policy --role-name ROLE --policy-name rs-stage --policy-document "
        "'{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":["
        "\"s3:ListBucket\",\"s3:GetBucketLocation\"],\"Resource\":\"%s\"},"
        "{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":"
        "\"%s/*\"}]}'",
        arn, arn);
}

static void advise_region(struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    rs_check_why(out,
                 "a cluster asks for a bucket in its own region, where it is not told another");
    rs_check_step(out, "name the bucket's region (--region, AWS_REGION), or take a bucket in the "
                       "cluster's region");
    rs_check_command(out, "aws s3api get-bucket-location --bucket %.*s",
                     RS_STR_ARG(attempt->use.bucket));
}

static void advise_way(struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    rs_check_why(out, "with enhanced VPC routing a cluster goes to S3 through its own subnets");
    rs_check_step(out,
                  "VPC console > Endpoints > Create endpoint: S3, of type Gateway, for the "
                  "route tables of the cluster's subnets; the check \"outbound\" looks at them "
                  "(--cluster)");
    rs_check_command(out, "aws ec2 create-vpc-endpoint --vpc-id VPC --service-name "
                          "com.amazonaws.REGION.s3 --route-table-ids TABLE");
}

static const struct {
    const char *words;
    void (*advise)(struct attempt *attempt);
} remedies[] = {
    {"does not have ASSUMEROLE", advise_assume},
    {"efault IAM role", advise_default},
    {"not authorized to assume IAM Role", advise_role},
    {"Not authorized to get credentials of role", advise_role},
    {"addressed using the specified endpoint", advise_region},
    {"PermanentRedirect", advise_region},
    {"S3CurlException", advise_way},
    {"did not answer", advise_way},
    {"AccessDenied", advise_policy},
    {"Access Denied", advise_policy},
    {"not authorized to perform: s3:", advise_policy},
};

static void say_refusal(struct attempt *attempt, const struct rs_error *err)
{
    struct rs_check_result *out = attempt->out;
    rs_check_say(out, RS_CHECK_FAIL, "%s", rs_check_refusal(err));
    if (err->hint[0]) {
        rs_check_step(out, "%s", err->hint);
    }
    for (size_t i = 0; i < RS_COUNTOF(remedies); i++) {
        if (strstr(err->message, remedies[i].words)) {
            remedies[i].advise(attempt);
            return;
        }
    }
}

static void try_both(struct attempt *attempt)
{
    struct rs_error err = {0};
    if (!prepare(attempt, &err) || !make_table(attempt, &err)) {
        say_refusal(attempt, &err);
        return;
    }
    if (unload(attempt, &err) && copy(attempt, &err)) {
        const char *role = attempt->run->options->iam_role;
        rs_check_say(attempt->out, RS_CHECK_PASS, "UNLOAD wrote a row, COPY read it, %s%s",
                     role ? "by role " : "with our keys", role ? role : "");
    } else {
        say_refusal(attempt, &err);
    }
    drop_table(attempt);
    rs_check_stage_remove(&attempt->use, attempt->out);
}

void rs_check_unload_copy(struct rs_check_run *run, struct rs_check_result *out)
{
    struct attempt attempt = {.run = run, .out = out};
    const struct rs_dialect_facts *facts = rs_dialect_facts(run->database->dialect);
    if (!facts->loads_from_s3) {
        rs_check_say(out, RS_CHECK_SKIP, "%s reads no S3: rows go over the connection",
                     facts->name);
        return;
    }
    try_both(&attempt);
    rs_check_stage_release(&attempt.use);
}
