/*
 * The checks of the stage, and of our clock, against a server that says what a list tells it to:
 * regions, encryption and dates that the S3 server of the tests does not have.
 */
#include <string.h>

#include "canned.h"
#include "check/engine/check_runner.h"
#include "fake_env.h"
#include "unit.h"

#define EMPTY(status, headers) "HTTP/1.1 " status "\r\n" headers "Content-Length: 0\r\n\r\n"
#define XML(status, body)      "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define REFUSAL(status, code)  XML(status, "<Error><Code>" code "</Code></Error>")
#define LIST                   XML("200 OK", "<ListBucketResult></ListBucketResult>")
#define BODY                   "rs-check-network was here, and removes this again\n"
#define GET                    "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" BODY
#define RULE(how)                                                                                  \
    XML("200 OK",                                                                                  \
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>" how        \
        "</ApplyServerSideEncryptionByDefault></Rule>"                                             \
        "</ServerSideEncryptionConfiguration>")

/* A bucket that takes all that is done to it. */
#define GOOD                                                                                       \
    {.reply = LIST, .close = true}, {.reply = EMPTY("200 OK", "")}, {.reply = GET},                \
    {                                                                                              \
        .reply = EMPTY("204 No Content", "")                                                       \
    }

#define DATE_US INT64_C(1795687200000000) /* Thu, 26 Nov 2026 10:00:00 GMT */
#define DATED   EMPTY("403 Forbidden", "Date: Thu, 26 Nov 2026 10:00:00 GMT\r\n")

struct world {
    struct fake_env fake;
    struct canned canned;
    struct rs_check_options options;
    struct rs_check_run run;
};

static void begin(struct world *world, const struct canned_step *steps, size_t count,
                  enum rs_check_id only)
{
    fake_env_init(&world->fake);
    fake_env_set(&world->fake, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_env_set(&world->fake, "AWS_SECRET_ACCESS_KEY", "very-secret");
    canned_start(&world->canned, steps, count);
    world->options = (struct rs_check_options){.account = {.s3_endpoint = world->canned.url},
                                               .stage = "s3://lake/stage",
                                               .timeout_ms = 5000,
                                               .only = RS_CHECK_BIT(only)};
}

/* Run it; the result is there until end(). */
static const struct rs_check_result *go(struct world *world, enum rs_check_id id)
{
    struct rs_error err = {0};
    if (!rs_check_begin(&world->run, &world->fake.env, &world->options, &err) ||
        !rs_check_go(&world->run, &err)) {
        fail_msg("%s", err.message);
    }
    return &world->run.results[id];
}

static struct rs_str end(struct world *world)
{
    rs_check_end(&world->run);
    return canned_stop(&world->canned);
}

static bool has(const struct rs_check_texts *texts, const char *part)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (strstr(texts->items[i], part)) {
            return true;
        }
    }
    return false;
}

static void test_check_bucket__a_bucket_elsewhere_is_asked_there(void **state)
{
    static const struct canned_step steps[] = {
        {.reply = XML("400 Bad Request", "<Error><Code>AuthorizationHeaderMalformed</Code>"
                                         "<Region>eu-central-1</Region></Error>"),
         .close = true},
        GOOD};
    struct world world;
    (void)state;
    begin(&world, steps, RS_COUNTOF(steps), RS_CHECK_BUCKET);
    world.options.account.region = "us-east-1"; /* which it is not in */
    const struct rs_check_result *result = go(&world, RS_CHECK_BUCKET);
    assert_string_equal(result->seen, "list, write, read and delete work, in eu-central-1");
    assert_int_equal(result->status, RS_CHECK_PASS);
    struct rs_str asked = end(&world);
    assert_int_equal(canned_count(asked, "/eu-central-1/s3/aws4_request"), 4);
    assert_int_equal(canned_count(asked, "PUT /lake/stage/rs-check/"), 1);
    assert_int_equal(canned_count(asked, "DELETE /lake/stage/rs-check/"), 1);
    canned_release(&world.canned);
}

static void test_check_bucket__one_in_another_region_than_the_cluster_is_warned_of(void **state)
{
    static const struct canned_step steps[] = {GOOD};
    struct world world;
    (void)state;
    begin(&world, steps, RS_COUNTOF(steps), RS_CHECK_BUCKET);
    world.options.account.region = "us-east-1";
    world.options.connect.conninfo = "host=tea.abc123.eu-west-1.redshift.amazonaws.com user=ann";
    const struct rs_check_result *result = go(&world, RS_CHECK_BUCKET);
    assert_string_equal(result->seen, "the bucket is in us-east-1, the cluster in eu-west-1");
    assert_int_equal(result->status, RS_CHECK_WARN);
    assert_true(has(&result->commands, "aws s3 mb s3://BUCKET --region eu-west-1"));
    (void)end(&world);
    canned_release(&world.canned);
}

static void test_check_bucket__what_comes_back_otherwise_is_a_failure(void **state)
{
    static const struct canned_step steps[] = {
        {.reply = LIST, .close = true},
        {.reply = EMPTY("200 OK", "")},
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"},
        {.reply = EMPTY("204 No Content", "")}};
    struct world world;
    (void)state;
    begin(&world, steps, RS_COUNTOF(steps), RS_CHECK_BUCKET);
    world.options.account.region = "us-east-1";
    const struct rs_check_result *result = go(&world, RS_CHECK_BUCKET);
    assert_string_equal(result->seen, "what was written to the bucket is not what is read from it");
    assert_int_equal(result->status, RS_CHECK_FAIL);
    struct rs_str asked = end(&world);
    assert_int_equal(canned_count(asked, "DELETE /lake/stage/rs-check/"), 1); /* nothing stays */
    canned_release(&world.canned);
}

/* Who may neither list nor write hears "denied" of what is not there. */
static void test_check_bucket__reading_is_unknown_where_nothing_can_be_written(void **state)
{
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("403 Forbidden", "AccessDenied"), .close = true},
        {.reply = REFUSAL("403 Forbidden", "AccessDenied"), .close = true},
        {.reply = REFUSAL("403 Forbidden", "AccessDenied"), .close = true},
        {.reply = REFUSAL("403 Forbidden", "AccessDenied"), .close = true}};
    struct world world;
    (void)state;
    begin(&world, steps, RS_COUNTOF(steps), RS_CHECK_BUCKET);
    world.options.account.region = "us-east-1";
    const struct rs_check_result *result = go(&world, RS_CHECK_BUCKET);
    assert_string_equal(result->seen, "these keys may not: list (s3:ListBucket), write "
                                      "(s3:PutObject), delete (s3:DeleteObject)");
    assert_int_equal(result->status, RS_CHECK_FAIL);
    assert_true(has(&result->details, "whether these keys may read (s3:GetObject)"));
    (void)end(&world);
    canned_release(&world.canned);
}

static void test_check_bucket__encryption_is_what_the_bucket_says(void **state)
{
    static const struct {
        const char *reply;
        enum rs_check_status status;
        const char *seen;
        const char *step;
    } cases[] = {
        {RULE("<SSEAlgorithm>AES256</SSEAlgorithm>"), RS_CHECK_PASS, "AES256", NULL},
        {RULE("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:k</KMSMasterKeyID>"),
         RS_CHECK_PASS, "aws:kms, key arn:k", NULL},
        {REFUSAL("404 Not Found", "ServerSideEncryptionConfigurationNotFoundError"), RS_CHECK_WARN,
         "the bucket does not encrypt what is written to it", "Default encryption"},
        {REFUSAL("403 Forbidden", "AccessDenied"), RS_CHECK_UNKNOWN,
         "could not read the encryption of \"s3://lake\": AccessDenied",
         "allow s3:GetEncryptionConfiguration on arn:aws:s3:::lake"},
        {LIST, RS_CHECK_UNKNOWN,
         "could not read the encryption of the bucket: the server does not know what that is",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const struct canned_step steps[] = {GOOD, {.reply = cases[i].reply, .close = true}};
        struct world world;
        begin(&world, steps, RS_COUNTOF(steps), RS_CHECK_BUCKET_ENCRYPTION);
        world.options.account.region = "us-east-1";
        const struct rs_check_result *result = go(&world, RS_CHECK_BUCKET_ENCRYPTION);
        assert_string_equal(result->seen, cases[i].seen);
        assert_int_equal(result->status, cases[i].status);
        assert_true(!cases[i].step || has(&result->steps, cases[i].step));
        assert_int_equal(canned_count(end(&world), "GET /lake?encryption"), 1);
        canned_release(&world.canned);
    }
}

static void test_check_bucket__our_clock_is_compared_with_the_servers(void **state)
{
    static const struct {
        int64_t ahead_s;
        enum rs_check_status status;
        const char *seen;
    } cases[] = {
        {1, RS_CHECK_PASS, "0 s ahead of AWS"},       {-30, RS_CHECK_PASS, "30 s behind AWS"},
        {91, RS_CHECK_WARN, "90 s ahead of AWS"},     {-91, RS_CHECK_WARN, "91 s behind AWS"},
        {3600, RS_CHECK_FAIL, "3599 s ahead of AWS"},
    };
    static const struct canned_step steps[] = {{.reply = DATED}};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct world world;
        begin(&world, steps, 1, RS_CHECK_CLOCK);
        world.fake.now_us = DATE_US + cases[i].ahead_s * 1000000;
        const struct rs_check_result *result = go(&world, RS_CHECK_CLOCK);
        assert_string_equal(result->seen, cases[i].seen);
        assert_int_equal(result->status, cases[i].status);
        assert_int_equal(has(&result->commands, "timedatectl"), cases[i].status != RS_CHECK_PASS);
        assert_int_equal(canned_count(end(&world), "uthorization"), 0);
        canned_release(&world.canned);
    }
}

static void test_check_bucket__without_a_date_the_clock_is_unknown(void **state)
{
    static const struct canned_step steps[] = {{.reply = EMPTY("200 OK", "")}};
    struct world world;
    (void)state;
    begin(&world, steps, 1, RS_CHECK_CLOCK);
    assert_int_equal(go(&world, RS_CHECK_CLOCK)->status, RS_CHECK_UNKNOWN);
    (void)end(&world);
    canned_release(&world.canned);
}

static void test_check_bucket__without_a_stage_sts_tells_the_time(void **state)
{
    static const struct canned_step steps[] = {{.reply = DATED}};
    struct world world;
    (void)state;
    begin(&world, steps, 1, RS_CHECK_CLOCK);
    fake_env_set(&world.fake, "AWS_ENDPOINT_URL_STS", world.canned.url);
    world.options.account.s3_endpoint = "http://127.0.0.1:1";
    world.options.stage = NULL;
    world.options.connect.cluster = "tea";
    world.fake.now_us = DATE_US + 500000;
    const struct rs_check_result *result = go(&world, RS_CHECK_CLOCK);
    assert_string_equal(result->seen, "0 s ahead of AWS");
    (void)end(&world);
    canned_release(&world.canned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_bucket__a_bucket_elsewhere_is_asked_there),
        cmocka_unit_test(test_check_bucket__one_in_another_region_than_the_cluster_is_warned_of),
        cmocka_unit_test(test_check_bucket__what_comes_back_otherwise_is_a_failure),
        cmocka_unit_test(test_check_bucket__reading_is_unknown_where_nothing_can_be_written),
        cmocka_unit_test(test_check_bucket__encryption_is_what_the_bucket_says),
        cmocka_unit_test(test_check_bucket__our_clock_is_compared_with_the_servers),
        cmocka_unit_test(test_check_bucket__without_a_date_the_clock_is_unknown),
        cmocka_unit_test(test_check_bucket__without_a_stage_sts_tells_the_time),
    };
    return cmocka_run_group_tests_name("check_bucket", tests, NULL, NULL);
}
