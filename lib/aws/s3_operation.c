/*
 * Everything goes through rs_s3_send, which follows a bucket into its region: S3 tells it in the
 * reply to a request that went astray.
 */
#include "aws/s3_operation.h"

#include <stdio.h>
#include <string.h>

#include "base/iam_denial.h"
#include "base/mem.h"

enum { ENDPOINT_MAX = 512, PATH_MAX_BYTES = 2048, WHAT_MAX = 4096, OWN_HEADERS = 3 };

static const char first_region[] = "us-east-1"; /* where an unknown bucket is asked for */

struct rs_s3 *rs_s3_new(const struct rs_env *env, const struct rs_s3_options *options)
{
    struct rs_aws_call_options call_options = {.attempts = options->attempts};
    const struct rs_http_options http_options = {.limits = options->limits};
    struct rs_s3 *s3 = rs_mem_zalloc(1, sizeof *s3);
    s3->env = env;
    s3->options = *options;
    s3->http = rs_http_new(env, &http_options);
    s3->call = rs_aws_call_new(env, s3->http, options->credentials, &call_options);
    s3->regions = rs_map_new(env->random_u64(env));
    return s3;
}

void rs_s3_free(struct rs_s3 *s3)
{
    if (!s3) {
        return;
    }
    for (size_t i = 0; i < rs_map_count(s3->regions); i++) {
        rs_mem_free(rs_map_at(s3->regions, i, NULL));
    }
    rs_map_free(s3->regions);
    rs_aws_call_free(s3->call);
    rs_http_free(s3->http);
    rs_mem_free(s3);
}

/* ---- Where a bucket is --------------------------------------------------------------------- */

static const char *keep_region(struct rs_s3 *s3, struct rs_str bucket, const char *region)
{
    void **slot = rs_map_put(s3->regions, bucket);
    if (!*slot) {
        *slot = rs_mem_zalloc(1, RS_REGION_MAX + 1);
    }
    (void)snprintf(*slot, RS_REGION_MAX + 1, "%s", region);
    return *slot;
}

/* The region as far as it is known without asking; NULL: it is not. */
static const char *known_region(const struct rs_s3 *s3, struct rs_str bucket)
{
    const char *region = rs_map_find(s3->regions, bucket);
    if (!region) {
        region = s3->options.region;
    }
    return !region && s3->options.endpoint ? first_region : region;
}

/* The ARN of an access point says where that is, whatever was said of buckets. */
static void learn_from_arn(struct rs_s3 *s3, struct rs_str bucket)
{
    struct rs_url_access_point point;
    char region[RS_REGION_MAX + 1];
    if (rs_url_access_point_parse(bucket, &point) && !rs_map_find(s3->regions, bucket)) {
        (void)snprintf(region, sizeof region, "%.*s", RS_STR_ARG(point.region));
        (void)keep_region(s3, bucket, region);
    }
}

/* What the bucket is called in front of the host's name, a dot behind it; false: it is in the path. */
static bool append_label(const struct rs_s3 *s3, struct rs_str bucket, struct rs_strbuf *out)
{
    struct rs_url_access_point point;
    bool dotted = rs_str_find_byte(bucket, '.') != SIZE_MAX;
    bool in_host = s3->options.endpoint ? s3->options.virtual_host : !dotted;
    if (rs_url_access_point_parse(bucket, &point)) {
        rs_strbuf_printf(out, "%.*s-%.*s.", RS_STR_ARG(point.name), RS_STR_ARG(point.account));
        return true;
    }
    if (in_host) {
        rs_strbuf_append_str(out, bucket);
        rs_strbuf_append_char(out, '.');
    }
    return in_host;
}

/*
 * Scheme and host to *endpoint, and what stands before the key to *path. An access point has a host of
 * its own: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-alias.html
 */
static void locate(const struct rs_s3 *s3, struct rs_str bucket, const char *region,
                   struct rs_strbuf *endpoint, struct rs_strbuf *path)
{
    const char *given = s3->options.endpoint;
    bool in_host = false;
    if (given) {
        struct rs_str base = rs_str_from(given);
        const char *slashes = strstr(given, "://");
        size_t begin = slashes ? (size_t)(slashes - given) + 3 : 0;
        while (rs_str_ends(base, RS_STR("/")) && base.length > begin) {
            base.length--;
        }
        rs_strbuf_append_str(endpoint, rs_str_slice(base, 0, begin));
        in_host = append_label(s3, bucket, endpoint);
        rs_strbuf_append_str(endpoint, rs_str_slice(base, begin, base.length));
    } else {
        rs_strbuf_append(endpoint, "https://");
        in_host = append_label(s3, bucket, endpoint);
        rs_strbuf_printf(endpoint, "%s.%s.%s",
                         rs_str_starts(bucket, RS_STR("arn:")) ? "s3-accesspoint" : "s3", region,
                         rs_region_domain(region));
    }
    rs_strbuf_append_char(path, '/');
    if (!in_host) {
        rs_strbuf_append_str(path, bucket);
    }
}

/* The operation's headers, and those that the options add. */
static struct rs_http_header *headers_of(const struct rs_s3 *s3,
                                         const struct rs_s3_operation *operation,
                                         struct rs_arena *arena, size_t *count)
{
    struct rs_http_header *headers =
        rs_arena_zalloc(arena, operation->header_count + OWN_HEADERS, sizeof *headers);
    for (*count = 0; *count < operation->header_count; ++*count) {
        headers[*count] = operation->headers[*count];
    }
    if (operation->makes_object && s3->options.encryption) {
        headers[(*count)++] = (struct rs_http_header){RS_STR("x-amz-server-side-encryption"),
                                                      rs_str_from(s3->options.encryption)};
        if (s3->options.kms_key_id) {
            headers[(*count)++] =
                (struct rs_http_header){RS_STR("x-amz-server-side-encryption-aws-kms-key-id"),
                                        rs_str_from(s3->options.kms_key_id)};
        }
    }
    if (s3->options.request_payer) {
        headers[(*count)++] =
            (struct rs_http_header){RS_STR("x-amz-request-payer"), RS_STR("requester")};
    }
    return headers;
}

/* "read "s3://bucket/key"" */
static const char *what_of(const struct rs_s3_operation *operation, struct rs_arena *arena)
{
    struct rs_strbuf text = RS_STRBUF_INIT(WHAT_MAX);
    rs_strbuf_append(&text, operation->verb);
    rs_strbuf_append(&text, " \"s3://");
    rs_strbuf_append_str(&text, operation->bucket);
    rs_strbuf_append(&text, operation->key.length > 0 ? "/" : "");
    rs_strbuf_append_str(&text, operation->key);
    rs_strbuf_append_char(&text, '"');
    const char *what = rs_arena_copy(arena, rs_strbuf_str(&text)).data;
    rs_strbuf_release(&text);
    return what;
}

static void fill_request(struct rs_s3 *s3, const struct rs_s3_operation *operation,
                         const char *region, struct rs_arena *arena,
                         struct rs_aws_call_request *request)
{
    struct rs_strbuf endpoint = RS_STRBUF_INIT(ENDPOINT_MAX);
    struct rs_strbuf path = RS_STRBUF_INIT(PATH_MAX_BYTES);
    size_t header_count = 0;
    locate(s3, operation->bucket, region, &endpoint, &path);
    if (operation->key.length > 0) {
        rs_strbuf_append(&path, path.length > 1 ? "/" : "");
        rs_strbuf_append_str(&path, operation->key);
    }
    const struct rs_http_header *headers = headers_of(s3, operation, arena, &header_count);
    *request = (struct rs_aws_call_request){.service = "s3",
                                            .region = region,
                                            .method = operation->method,
                                            .endpoint =
                                                rs_arena_copy(arena, rs_strbuf_str(&endpoint)).data,
                                            .path = rs_arena_copy(arena, rs_strbuf_str(&path)),
                                            .query = operation->query,
                                            .query_count = operation->query_count,
                                            .headers = headers,
                                            .header_count = header_count,
                                            .body = operation->body,
                                            .max_body_bytes = operation->max_body_bytes,
                                            .limits = operation->limits,
                                            .what = what_of(operation, arena)};
    rs_strbuf_release(&endpoint);
    rs_strbuf_release(&path);
}

bool rs_s3_learn(struct rs_s3 *s3, struct rs_str bucket, const struct rs_aws_failure *failure)
{
    const char *known = known_region(s3, bucket);
    bool astray = failure->status == 301 || failure->status == 307 || failure->status == 400 ||
                  failure->status == 403;
    if (!astray || !rs_region_is_valid(rs_str_from(failure->region)) ||
        (known && strcmp(known, failure->region) == 0)) {
        return false;
    }
    (void)keep_region(s3, bucket, failure->region);
    return true;
}

const char *rs_s3_region(struct rs_s3 *s3, struct rs_str bucket, struct rs_error *err)
{
    struct rs_s3_operation operation = {.verb = "find the region of",
                                        .permission = "s3:ListBucket",
                                        .method = "HEAD",
                                        .bucket = bucket};
    struct rs_aws_failure failure = {0};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_aws_call_request request;
    struct rs_error why = {0};
    learn_from_arn(s3, bucket);
    const char *region = known_region(s3, bucket);
    if (region) {
        return region;
    }
    fill_request(s3, &operation, first_region, &arena, &request);
    bool ok = rs_aws_call_send(s3->call, &request, &reply, &failure, &why);
    struct rs_str told = rs_http_reply_header(&reply, "x-amz-bucket-region");
    if (ok && rs_region_is_valid(told)) {
        region = keep_region(s3, bucket, rs_arena_copy(&arena, told).data);
    } else if (rs_region_is_valid(rs_str_from(failure.region))) {
        region = keep_region(s3, bucket, failure.region); /* 301, or 403: it tells all the same */
    } else if (ok) {
        region = keep_region(s3, bucket, first_region);
    } else {
        rs_s3_explain(s3, &operation, &failure, &why);
        *err = why;
    }
    rs_http_reply_release(&reply);
    rs_arena_release(&arena);
    return region;
}

/* ---- One operation ------------------------------------------------------------------------- */

bool rs_s3_prepare(struct rs_s3 *s3, const struct rs_s3_operation *operation,
                   struct rs_arena *arena, struct rs_aws_call_request *request,
                   struct rs_error *err)
{
    struct rs_url_access_point point;
    if (!rs_url_bucket_is_valid(operation->bucket) &&
        !rs_url_access_point_parse(operation->bucket, &point)) {
        (void)rs_error_set(err, RS_E_INPUT, "could not %s: that is no name of a bucket",
                           what_of(operation, arena));
        return false;
    }
    if (operation->key.length == 0 && !operation->on_bucket) {
        return rs_error_set(err, RS_E_INPUT, "could not %s: the object's key is empty",
                            what_of(operation, arena));
    }
    if (operation->key.length > RS_S3_KEY_MAX) {
        return rs_error_set(err, RS_E_LIMIT, "could not %s: a key has at most %d bytes",
                            what_of(operation, arena), RS_S3_KEY_MAX);
    }
    const char *region = rs_s3_region(s3, operation->bucket, err);
    if (region) {
        fill_request(s3, operation, region, arena, request);
    }
    return region != NULL;
}

/* Objects under a key of KMS need permissions on that, too; to write one in parts, it is read as well. */
static void explain_kms(const struct rs_s3_operation *operation,
                        const struct rs_aws_failure *failure, struct rs_error *err)
{
    struct rs_iam_denial denial;
    bool reads = strcmp(operation->permission, "s3:GetObject") == 0;
    const char *actions = reads ? "kms:Decrypt" : "kms:GenerateDataKey and kms:Decrypt";
    if (rs_iam_denial_find(failure->message, sizeof failure->message, &denial) &&
        rs_iam_denial_is_of_key(&denial)) {
        (void)rs_error_hint(err, "allow %s on %.*s, in the key's own policy too", actions,
                            RS_STR_ARG(denial.resource));
    } else if (strncmp(failure->code, "KMS.", 4) == 0) {
        (void)rs_error_hint(err, "its key of KMS is disabled, being deleted or gone: see aws kms "
                                 "describe-key");
    } else if (strstr(failure->message, "customer master key")) {
        (void)rs_error_hint(err, "allow %s on its key of KMS, which aws s3api head-object names",
                            actions);
    }
}

static void explain_denial(const struct rs_s3 *s3, const struct rs_s3_operation *operation,
                           struct rs_error *err)
{
    const char *region = known_region(s3, operation->bucket);
    struct rs_str bucket = operation->bucket;
    struct rs_str key = operation->key;
    bool of_objects = strstr(operation->permission, "Object") != NULL;
    bool reads = strcmp(operation->permission, "s3:GetObject") == 0;
    bool point = rs_str_starts(bucket, RS_STR("arn:"));
    struct rs_strbuf arn = RS_STRBUF_INIT(WHAT_MAX);
    if (!point) {
        rs_strbuf_printf(&arn, "arn:%s:s3:::", rs_region_partition(region ? region : first_region));
    }
    rs_strbuf_append_str(&arn, bucket);
    rs_strbuf_append(&arn, point && of_objects            ? "/object/"
                           : key.length > 0 || of_objects ? "/"
                                                          : "");
    rs_strbuf_append(&arn, key.length == 0 && of_objects ? "*" : "");
    rs_strbuf_append_str(&arn, key);
    (void)rs_error_hint(err, "allow %s on %s%s%s", operation->permission, rs_strbuf_cstr(&arn),
                        point ? ", and on its bucket" : "",
                        key.length == 0 || !of_objects ? ""
                        : reads ? ", and kms:Decrypt on its key if it has one of KMS"
                                : ", and kms:GenerateDataKey if the bucket has a key of KMS");
    rs_strbuf_release(&arn);
}

void rs_s3_explain(const struct rs_s3 *s3, const struct rs_s3_operation *operation,
                   const struct rs_aws_failure *failure, struct rs_error *err)
{
    bool bare = failure->code[0] == '\0';
    explain_kms(operation, failure, err);
    if (failure->status == 403 && (bare || strcmp(failure->code, "AccessDenied") == 0)) {
        explain_denial(s3, operation, err);
    } else if (strcmp(failure->code, "InvalidObjectState") == 0) {
        (void)rs_error_hint(err, "it is archived: restore it first (aws s3api restore-object), or "
                                 "leave it out");
    } else if (strcmp(failure->code, "NoSuchBucket") == 0 ||
               (failure->status == 404 && bare && operation->key.length == 0)) {
        (void)rs_error_hint(err, "there is no bucket \"%.*s\": check its name and the account",
                            RS_STR_ARG(operation->bucket));
    } else if (strcmp(failure->code, "NoSuchKey") == 0 || (failure->status == 404 && bare)) {
        (void)rs_error_hint(err, "there is no such object: check the key, letter by letter");
    } else if (failure->status == 301 || failure->status == 307) {
        (void)rs_error_hint(err, "the bucket is in another region: %s",
                            failure->region[0] ? failure->region : "leave the region out");
    }
}

bool rs_s3_send(struct rs_s3 *s3, const struct rs_s3_operation *operation,
                struct rs_http_reply *reply, struct rs_error *err)
{
    struct rs_aws_failure failure = {0};
    struct rs_aws_call_request request;
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_error why = {0};
    bool ok = rs_s3_prepare(s3, operation, &arena, &request, &why) &&
              rs_aws_call_send(s3->call, &request, reply, &failure, &why);
    if (!ok && rs_s3_learn(s3, operation->bucket, &failure)) {
        rs_error_clear(&why);
        ok = rs_s3_prepare(s3, operation, &arena, &request, &why) &&
             rs_aws_call_send(s3->call, &request, reply, &failure, &why);
    }
    if (!ok) {
        rs_s3_explain(s3, operation, &failure, &why);
        if (err->code == RS_OK) {
            *err = why;
        }
    }
    rs_arena_release(&arena);
    return ok;
}

bool rs_s3_class_is_archive(struct rs_str storage_class)
{
    return rs_str_equal(storage_class, RS_STR("GLACIER")) ||
           rs_str_equal(storage_class, RS_STR("DEEP_ARCHIVE"));
}

void rs_s3_copy_etag(char out[RS_S3_ETAG_MAX + 1], struct rs_str text)
{
    text = rs_str_trim(text);
    if (text.length >= 2 && text.data[0] == '"' && text.data[text.length - 1] == '"') {
        text = rs_str_slice(text, 1, text.length - 1);
    }
    (void)snprintf(out, RS_S3_ETAG_MAX + 1, "%.*s", RS_STR_ARG(text));
}
