/*
 * What a loader does with its stage, tried: a list, an object written, read and deleted. Each that
 * is denied is noted and the rest still tried, so that one run names all permissions that lack;
 * any other failure ends it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aws/region.h"
#include "base/mem.h"
#include "check/bucket/bucket_facts.h"
#include "check/engine/shell_quote.h"

enum { KEY_MAX = RS_S3_KEY_MAX + 64, BODY_MAX = 1024, POLICY_MAX = 2048 };

enum action { LIST, PUT, GET, DELETE, ACTIONS };

static const struct {
    const char *verb;
    const char *permission;
} actions[ACTIONS] = {
    [LIST] = {"list", "s3:ListBucket"},
    [PUT] = {"write", "s3:PutObject"},
    [GET] = {"read", "s3:GetObject"},
    [DELETE] = {"delete", "s3:DeleteObject"},
};

/* One try of all. */
struct attempt {
    const struct rs_check_bucket_facts *facts;
    struct rs_check_result *out;
    struct rs_str folder;
    struct rs_str key;
    bool denied[ACTIONS];
    bool untold; /* whether it may read cannot be seen */
    bool written;
};

static const char body[] = "rs-check-network was here, and removes this again\n";

/* Take note of an action's end; false ends it all. */
static bool note(struct attempt *attempt, enum action action, bool ok, const struct rs_error *err)
{
    if (!ok && !rs_check_is_refused(err)) {
        rs_check_say(attempt->out, RS_CHECK_FAIL, "%s", err->message);
        if (err->hint[0]) {
            rs_check_step(attempt->out, "%s", err->hint);
        }
        return false;
    }
    attempt->denied[action] = !ok;
    if (!ok) {
        rs_check_detail(attempt->out, "%s", err->message);
    }
    return true;
}

static bool try_list(struct attempt *attempt)
{
    struct rs_error err = {0};
    struct rs_s3_object object = {.key = RS_STR_INIT("")};
    const struct rs_s3_list_options options = {.prefix = attempt->folder, .page = 1};
    struct rs_s3_list *list = rs_s3_list_new(attempt->facts->s3, attempt->facts->bucket, &options);
    (void)!rs_s3_list_next(list, &object, &err);
    rs_s3_list_free(list);
    return note(attempt, LIST, err.code == RS_OK, &err);
}

static bool try_put(struct attempt *attempt)
{
    struct rs_error err = {0};
    attempt->written = rs_s3_put(attempt->facts->s3, attempt->facts->bucket, attempt->key,
                                 rs_str_from(body), NULL, &err);
    return note(attempt, PUT, attempt->written, &err);
}

/*
 * Where nothing could be written, what is not there is asked for: "not found" says that it might be
 * read. Who may not list is told of a lack of permission even then.
 */
static bool try_get(struct attempt *attempt)
{
    struct rs_error err = {0};
    struct rs_strbuf text = RS_STRBUF_INIT(BODY_MAX);
    bool ok =
        rs_s3_get(attempt->facts->s3, attempt->facts->bucket, attempt->key, BODY_MAX, &text, &err);
    if (ok && !rs_str_equal(rs_strbuf_str(&text), rs_str_from(body))) {
        ok = rs_error_set(&err, RS_E_INPUT,
                          "what was written to the bucket is not what is read from it");
    }
    rs_strbuf_release(&text);
    if (!attempt->written && strcmp(err.detail, "NoSuchKey") == 0) {
        ok = true;
    }
    if (!attempt->written && attempt->denied[LIST] && rs_check_is_refused(&err)) {
        attempt->untold = true;
        return true;
    }
    return note(attempt, GET, ok, &err);
}

static bool try_delete(struct attempt *attempt)
{
    struct rs_error err = {0};
    const bool ok = rs_s3_delete(attempt->facts->s3, attempt->facts->bucket, attempt->key, &err);
    if (!ok && attempt->written) {
        rs_check_detail(attempt->out, "left behind: s3://%.*s/%.*s",
                        RS_STR_ARG(attempt->facts->bucket), RS_STR_ARG(attempt->key));
    }
    return note(attempt, DELETE, ok, &err);
}

/* "list (s3:ListBucket), delete (s3:DeleteObject)" */
static void append_denied(const struct attempt *attempt, struct rs_strbuf *text)
{
    for (enum action i = 0; i < ACTIONS; i++) {
        if (attempt->denied[i]) {
            rs_strbuf_printf(text, "%s%s (%s)", text->length > 0 ? ", " : "", actions[i].verb,
                             actions[i].permission);
        }
    }
}

/* All that a loader needs of its stage, as IAM has it. */
static void advise_policy(const struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    const char *partition = rs_region_partition(attempt->facts->region);
    char policy[POLICY_MAX] = "";
    (void)snprintf(
        policy, sizeof policy,
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
        "\"s3:ListBucket\",\"Resource\":\"arn:%s:s3:::%.*s\"},{\"Effect\":\"Allow\",\"Action\":"
        "[\"s3:GetObject\",\"s3:PutObject\",\"s3:DeleteObject\",\"s3:AbortMultipartUpload\"],"
        "\"Resource\":\"arn:%s:s3:::%.*s/*\"}]}",
        partition, RS_STR_ARG(attempt->facts->bucket), partition,
        RS_STR_ARG(attempt->facts->bucket));
    rs_check_why(out, "a loader writes its rows there, lists and deletes what older runs left, and "
                      "without a role COPY reads with the same keys");
    rs_check_step(out, "IAM console > the loader's user or role > Add permissions > Create inline "
                       "policy: allow what is missing; or the bucket's policy denies it: S3 "
                       "console > the bucket > Permissions > Bucket policy");
    rs_check_command(out,
                     "aws iam put-user-policy --user-name USER --policy-name rs-stage "
                     "--policy-document %s",
                     rs_check_quote(out, policy));
    rs_check_command(out, "aws s3api get-bucket-policy --bucket %.*s",
                     RS_STR_ARG(attempt->facts->bucket));
}

static void say(const struct attempt *attempt)
{
    struct rs_check_result *out = attempt->out;
    struct rs_strbuf denied = RS_STRBUF_INIT(BODY_MAX);
    append_denied(attempt, &denied);
    if (denied.length > 0) {
        rs_check_say(out, RS_CHECK_FAIL, "these keys may not: %s", rs_strbuf_cstr(&denied));
        advise_policy(attempt);
    } else {
        rs_check_say(out, RS_CHECK_PASS, "list, write, read and delete work%s%s",
                     *attempt->facts->region ? ", in " : "", attempt->facts->region);
    }
    if (attempt->untold) {
        rs_check_say(
            out, RS_CHECK_UNKNOWN,
            "whether these keys may read (s3:GetObject) shows once they may list or write");
    }
    rs_strbuf_release(&denied);
}

/* A cluster's name tells its region. */
static void judge_region(const struct rs_check_run *run, struct rs_check_result *out)
{
    char region[RS_REGION_MAX + 1] = "";
    const char *host = run->endpoint.host ? run->endpoint.host : "";
    if (!*run->bucket->region || !rs_region_of_host(rs_str_from(host), region) ||
        strcmp(region, run->bucket->region) == 0) {
        return;
    }
    rs_check_say(out, RS_CHECK_WARN, "the bucket is in %s, the cluster in %s", run->bucket->region,
                 region);
    rs_check_why(out,
                 "all that is loaded goes from one region to the other, which is slow and paid "
                 "for; an endpoint for S3 in the cluster's VPC does not lead there");
    rs_check_step(out, "S3 console > Create bucket: one in %s, for --stage", region);
    rs_check_command(out, "aws s3 mb s3://BUCKET --region %s", region);
}

/* The region, as far as S3 has told it by now. */
static bool learn_region(struct rs_check_bucket_facts *facts, struct rs_error *err)
{
    const char *region = rs_s3_region(facts->s3, facts->bucket, err);
    facts->region = region ? rs_arena_copy(&facts->arena, rs_str_from(region)).data : "";
    return region != NULL;
}

/* Open it and find out its region. */
static bool open_bucket(struct rs_check_run *run, struct rs_check_result *out,
                        struct rs_str *folder)
{
    struct rs_error err = {0};
    struct rs_check_bucket_facts *facts = rs_mem_zalloc(1, sizeof *facts);
    run->bucket = facts;
    facts->arena = RS_ARENA_INIT;
    facts->region = "";
    if (!rs_check_split_stage(run, &facts->arena, &facts->bucket, folder)) {
        rs_check_say(out, RS_CHECK_FAIL, "\"%s\" is no address of S3", run->options->stage);
        rs_check_step(out, "write it as s3://BUCKET/PREFIX");
        return false;
    }
    facts->s3 = rs_account_s3(run->account, NULL);
    if (!learn_region(facts, &err)) {
        rs_check_say(out, RS_CHECK_FAIL, "%s", err.message);
        if (err.hint[0]) {
            rs_check_step(out, "%s", err.hint);
        }
        rs_check_command(out, "aws s3api head-bucket --bucket %.*s", RS_STR_ARG(facts->bucket));
        return false;
    }
    return true;
}

void rs_check_bucket(struct rs_check_run *run, struct rs_check_result *out)
{
    char key[KEY_MAX] = "";
    struct rs_str folder = RS_STR("");
    if (!open_bucket(run, out, &folder)) {
        return;
    }
    (void)snprintf(key, sizeof key, "%.*s%016" PRIx64, RS_STR_ARG(folder),
                   run->env->random_u64(run->env));
    struct attempt attempt = {
        .facts = run->bucket, .out = out, .folder = folder, .key = rs_str_from(key)};
    bool ok = try_list(&attempt) && try_put(&attempt) && try_get(&attempt);
    if (ok || attempt.written) { /* whatever came of it, nothing stays */
        ok = try_delete(&attempt) && ok;
    }
    if (ok) {
        struct rs_error unchanged = {0};
        (void)!learn_region(run->bucket, &unchanged); /* a refusal may have told another */
        say(&attempt);
        judge_region(run, out);
    }
}

void rs_check_bucket_encryption(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_error err = {0};
    struct rs_s3_encryption how = {.algorithm = ""};
    const struct rs_str bucket = run->bucket->bucket;
    if (!rs_s3_read_encryption(run->bucket->s3, bucket, &how, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
        rs_check_why(out, "what is staged holds all that is loaded");
        rs_check_command(out, "aws s3api get-bucket-encryption --bucket %.*s", RS_STR_ARG(bucket));
    } else if (how.algorithm[0] == '\0' && run->options->account.encryption) {
        rs_check_say(out, RS_CHECK_PASS,
                     "what is staged is, as --sse has it: %s; the bucket's own "
                     "setting is none",
                     run->options->account.encryption);
    } else if (how.algorithm[0] == '\0') {
        rs_check_say(out, RS_CHECK_WARN, "the bucket does not encrypt what is written to it");
        rs_check_why(out, "what is staged holds all that is loaded");
        rs_check_step(out, "S3 console > the bucket > Properties > Default encryption > Edit");
        rs_check_command(
            out,
            "aws s3api put-bucket-encryption --bucket %.*s --server-side-encryption-configuration "
            "'{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"AES256\"}}]}"
            "'",
            RS_STR_ARG(bucket));
    } else {
        rs_check_say(out, RS_CHECK_PASS, "%s%s%s", how.algorithm, how.key[0] ? ", key " : "",
                     how.key);
        if (strstr(how.algorithm, "kms")) {
            rs_check_detail(out, "the loader needs kms:GenerateDataKey on the key, and who reads "
                                 "(COPY's role) kms:Decrypt");
        }
    }
}
