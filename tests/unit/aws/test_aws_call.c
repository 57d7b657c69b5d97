/* Calls: what is tried again, mended, or refused, against a server that says what it is told. */
#include "aws/aws_call.h"

#include <string.h>

#include "canned.h"
#include "fake_env.h"
#include "unit.h"

#define OK_HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#define REFUSAL(status, headers, body)                                                             \
    "HTTP/1.1 " status "\r\n" headers "Connection: close\r\n\r\n" body

/* Keys with a number in them: how often they were asked for anew. */
struct counting {
    struct rs_credentials_provider provider;
    unsigned asked;
    unsigned renewed;
};

static bool counting_get(struct rs_credentials_provider *provider, struct rs_credentials *out,
                         struct rs_error *err)
{
    struct counting *counting = (struct counting *)(void *)provider;
    char token[16];
    (void)err;
    counting->asked++;
    (void)snprintf(token, sizeof token, "token-%u", counting->renewed);
    rs_credentials_set(out, RS_STR("AKIDEXAMPLE"), RS_STR("very-secret"), rs_str_from(token),
                       RS_CREDENTIALS_NEVER);
    return true;
}

static void counting_invalidate(struct rs_credentials_provider *provider,
                                const struct rs_credentials *refused)
{
    (void)refused;
    ((struct counting *)(void *)provider)->renewed++;
}

struct world {
    struct fake_env fake;
    struct canned canned;
    struct counting keys;
    struct rs_http *http;
    struct rs_aws_call *call;
    struct rs_http_reply reply;
    struct rs_aws_failure failure;
    struct rs_error err;
};

static uint64_t longest_pause(const struct rs_env *env)
{
    (void)env;
    return 0x7fffffff00000000U / 500 * 500; /* a multiple of no pause + 1: see the sums below */
}

static void begin(struct world *world, const struct canned_step *steps, size_t count,
                  unsigned attempts)
{
    const struct rs_aws_call_options options = {.attempts = attempts};
    fake_env_init(&world->fake);
    world->fake.env.random_u64 = longest_pause;
    canned_start(&world->canned, steps, count);
    world->keys = (struct counting){.provider = {counting_get, counting_invalidate, NULL}};
    world->http = rs_http_new(&world->fake.env, NULL);
    world->call = rs_aws_call_new(&world->fake.env, world->http, &world->keys.provider, &options);
    world->reply = RS_HTTP_REPLY_INIT;
    world->err = (struct rs_error){0};
}

static void end(struct world *world)
{
    rs_http_reply_release(&world->reply);
    rs_aws_call_free(world->call);
    rs_http_free(world->http);
    canned_release(&world->canned);
}

static struct rs_aws_call_request request_of(const struct world *world)
{
    return (struct rs_aws_call_request){.service = "sts",
                                        .region = "eu-west-1",
                                        .method = "POST",
                                        .endpoint = world->canned.url,
                                        .path = RS_STR("/a b"),
                                        .body = RS_STR("Action=X"),
                                        .what = "do \"it\""};
}

static bool send_it(struct world *world)
{
    const struct rs_aws_call_request request = request_of(world);
    rs_http_reply_release(&world->reply);
    rs_error_clear(&world->err);
    return rs_aws_call_send(world->call, &request, &world->reply, &world->failure, &world->err);
}

static void test_aws_call__what_is_sent_is_signed(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.reply = OK_HI}, {.reply = OK_HI}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 3);
    world.fake.now_us = INT64_C(1440938160) * 1000000;
    assert_true(send_it(&world));
    assert_string_equal(rs_strbuf_cstr(&world.reply.body), "hi");
    struct rs_aws_call_request request = request_of(&world);
    request.unsigned_call = true;
    rs_http_reply_release(&world.reply);
    assert_true(rs_aws_call_send(world.call, &request, &world.reply, NULL, &world.err));
    struct rs_str asked = canned_stop(&world.canned);
    assert_int_equal(canned_count(asked, "POST /a%20b HTTP/1.1\r\n"), 2);
    assert_int_equal(canned_count(asked, "X-Amz-Date: 20150830T123600Z\r\n"), 1);
    assert_int_equal(canned_count(asked, "X-Amz-Security-Token: token-0\r\n"), 1);
    assert_int_equal(canned_count(asked, "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"
                                         "20150830/eu-west-1/sts/aws4_request, SignedHeaders="
                                         "host;x-amz-date;x-amz-security-token, Signature="),
                     1);
    assert_int_equal(canned_count(asked, "very-secret"), 0);
    assert_int_equal(world.keys.asked, 1);
    end(&world);
}

static void test_aws_call__what_may_pass_is_tried_again_after_a_pause(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("503 Slow Down", "", "<Error><Code>SlowDown</Code></Error>"),
         .close = true},
        {.reply = REFUSAL("500 Oh", "", ""), .close = true},
        {.reply = "", .close = true},
        {.reply = REFUSAL("400 Bad", "", "{\"__type\":\"a.b#ThrottlingException\"}"),
         .close = true},
        {.reply = OK_HI}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 5);
    assert_true(send_it(&world));
    assert_int_equal(world.reply.status, 200);
    assert_int_equal(world.failure.status, 200);
    assert_string_equal(world.failure.code, "");
    struct rs_str asked = canned_stop(&world.canned);
    assert_int_equal(canned_count(asked, "POST /a%20b"), 5);
    assert_true(world.fake.slept_ms <= 500 + 1000 + 2000 + 4000);
    end(&world);
}

static void test_aws_call__attempts_end_and_are_counted(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("503 No", "", "<Error><Code>SlowDown</Code></Error>"), .close = true},
        {.reply = REFUSAL("503 No", "", "<Error><Code>SlowDown</Code></Error>"), .close = true},
        {.reply = REFUSAL("503 No", "", "<Error><Code>SlowDown</Code></Error>"), .close = true},
        {.reply = OK_HI}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 3);
    assert_false(send_it(&world));
    assert_int_equal(world.err.code, RS_E_NET);
    assert_true(world.err.retryable);
    assert_string_equal(world.err.message, "could not do \"it\": SlowDown (3 attempts)");
    assert_string_equal(world.err.detail, "SlowDown");
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_aws_call__refusals_are_final_and_in_the_services_words(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        const char *message;
        const char *detail;
        enum rs_code code;
    } cases[] = {
        {REFUSAL("403 No", "",
                 "<Error><Code>AccessDenied</Code><Message>not you</Message></Error>"),
         "could not do \"it\": AccessDenied: not you", "AccessDenied", RS_E_NET},
        {REFUSAL("400 No", "",
                 "<ErrorResponse xmlns='u'><Error><Type>Sender</Type><Code>ClusterNot"
                 "Found</Code><Message>Cluster x not found.</Message></Error>"
                 "</ErrorResponse>"),
         "could not do \"it\": ClusterNotFound: Cluster x not found.", "ClusterNotFound",
         RS_E_INPUT},
        {REFUSAL("403 No", "",
                 "<Response><Errors><Error><Code>UnauthorizedOperation</Code>"
                 "<Message>m</Message></Error></Errors></Response>"),
         "could not do \"it\": UnauthorizedOperation: m", "UnauthorizedOperation", RS_E_NET},
        {REFUSAL("400 No", "", "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no wg\"}"),
         "could not do \"it\": ResourceNotFoundException: no wg", "ResourceNotFoundException",
         RS_E_INPUT},
        {REFUSAL("400 No", "x-amzn-ErrorType: ValidationException:http://x/\r\n",
                 "{\"Message\":\"bad\"}"),
         "could not do \"it\": ValidationException: bad", "ValidationException", RS_E_INPUT},
        {REFUSAL("404 No", "", ""), "could not do \"it\": HTTP status 404", "404", RS_E_INPUT},
        {REFUSAL("403 No", "", "<not xml"), "could not do \"it\": HTTP status 403", "403",
         RS_E_NET},
        {REFUSAL("200 OK", "", "<?xml version='1.0'?>\n<Error><Code>NoSuchUpload</Code></Error>"),
         "could not do \"it\": NoSuchUpload", "NoSuchUpload", RS_E_INPUT},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const struct canned_step steps[] = {{.reply = cases[i].reply, .close = true},
                                            {.reply = OK_HI}};
        struct world world;
        begin(&world, steps, RS_COUNTOF(steps), 3);
        assert_false(send_it(&world));
        assert_string_equal(world.err.message, cases[i].message);
        assert_string_equal(world.err.detail, cases[i].detail);
        assert_int_equal(world.err.code, cases[i].code);
        assert_false(world.err.retryable);
        (void)canned_stop(&world.canned);
        end(&world);
    }
}

static void test_aws_call__an_error_inside_a_result_is_the_callers(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("200 OK", "",
                          "<?xml version='1.0'?>\n<DeleteResult><Error><Key>k</Key>"
                          "<Code>AccessDenied</Code></Error></DeleteResult>"),
         .close = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 3);
    assert_true(send_it(&world));
    assert_int_equal(world.failure.status, 200);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_aws_call__a_status_may_be_accepted(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("404 No", "", "<Error><Code>NoSuchKey</Code></Error>"), .close = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 3);
    struct rs_aws_call_request request = request_of(&world);
    request.accept[0] = 404;
    assert_true(rs_aws_call_send(world.call, &request, &world.reply, NULL, &world.err));
    assert_int_equal(world.reply.status, 404);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_aws_call__expired_keys_are_asked_for_anew_once(void **state)
{
    (void)state;
    static const char expired[] = REFUSAL("400 No", "", "<Error><Code>ExpiredToken</Code></Error>");
    static const struct canned_step steps[] = {{.reply = expired, .close = true},
                                               {.reply = OK_HI, .close = true},
                                               {.reply = expired, .close = true},
                                               {.reply = expired, .close = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 5);
    assert_true(send_it(&world));
    assert_int_equal(world.keys.renewed, 1);
    assert_false(send_it(&world));
    assert_int_equal(world.keys.renewed, 2);
    assert_int_equal(world.err.code, RS_E_NET);
    assert_string_equal(world.err.detail, "ExpiredToken");
    assert_int_equal(world.fake.slept_ms, 0);
    struct rs_str asked = canned_stop(&world.canned);
    assert_int_equal(canned_count(asked, "Token: token-0\r\n"), 1);
    assert_int_equal(canned_count(asked, "Token: token-1\r\n"), 2);
    assert_int_equal(canned_count(asked, "Token: token-2\r\n"), 1);
    end(&world);
}

static void test_aws_call__a_clock_that_is_off_is_put_right(void **state)
{
    (void)state;
    static const char skewed[] = REFUSAL("403 No", "Date: Wed, 25 Nov 2026 10:00:00 GMT\r\n",
                                         "<Error><Code>RequestTimeTooSkewed</Code></Error>");
    static const struct canned_step steps[] = {
        {.reply = skewed, .close = true}, {.reply = OK_HI}, {.reply = OK_HI}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 5);
    world.fake.now_us = INT64_C(1440938160) * 1000000;
    assert_true(send_it(&world));
    assert_true(send_it(&world));
    struct rs_str asked = canned_stop(&world.canned);
    assert_int_equal(canned_count(asked, "X-Amz-Date: 20150830T123600Z\r\n"), 1);
    assert_int_equal(canned_count(asked, "X-Amz-Date: 20261125T100000Z\r\n"), 2);
    assert_int_equal(world.fake.slept_ms, 0);
    end(&world);
}

static void test_aws_call__a_refusal_with_the_right_time_is_not_the_clocks_fault(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("403 No", "Date: Sun, 30 Aug 2015 12:36:10 GMT\r\n",
                          "<Error><Code>SignatureDoesNotMatch</Code></Error>"),
         .close = true},
        {.reply = OK_HI}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 5);
    world.fake.now_us = INT64_C(1440938160) * 1000000;
    assert_false(send_it(&world));
    assert_string_equal(world.err.detail, "SignatureDoesNotMatch");
    assert_non_null(strstr(world.err.hint, "secret access key"));
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_aws_call__many_are_under_way_and_pauses_hold_up_none(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.reply = REFUSAL("503 No", "", ""), .close = true},
                                               {.reply = OK_HI, .close = true},
                                               {.reply = OK_HI, .close = true},
                                               {.reply = OK_HI, .close = true}};
    struct world world;
    int tags[3] = {0};
    begin(&world, steps, RS_COUNTOF(steps), 3);
    for (size_t i = 0; i < RS_COUNTOF(tags); i++) {
        struct rs_aws_call_request request = request_of(&world);
        request.tag = &tags[i];
        assert_non_null(rs_aws_call_start(world.call, &request));
    }
    for (size_t i = 0; i < RS_COUNTOF(tags); i++) {
        struct rs_aws_call_job *job = NULL;
        while (!job) {
            assert_true(rs_aws_call_drive(world.call, 1000, &job, &world.err));
        }
        ++*(int *)rs_aws_call_tag(job);
        assert_true(rs_aws_call_finish(job, &world.reply, NULL, &world.err));
        rs_http_reply_release(&world.reply);
    }
    struct rs_aws_call_job *job = NULL;
    assert_true(rs_aws_call_drive(world.call, 1000, &job, &world.err));
    assert_null(job);
    assert_true(tags[0] == 1 && tags[1] == 1 && tags[2] == 1);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_aws_call__a_signal_ends_a_pause(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.reply = REFUSAL("503 No", "", ""), .close = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 9);
    world.fake.stop = true;
    assert_false(send_it(&world));
    assert_int_equal(world.err.code, RS_E_INTERRUPTED);
    (void)canned_stop(&world.canned);
    end(&world);
}

/* Several are refused for the clock before the first of them has put it right. */
static void test_aws_call__a_clock_that_is_off_is_put_right_for_all_that_are_under_way(void **state)
{
    (void)state;
    static const char skewed[] = REFUSAL("403 No", "Date: Wed, 25 Nov 2026 10:00:00 GMT\r\n",
                                         "<Error><Code>RequestTimeTooSkewed</Code></Error>");
    static const struct canned_step steps[] = {{.reply = skewed, .close = true},
                                               {.reply = skewed, .close = true},
                                               {.reply = OK_HI, .close = true},
                                               {.reply = OK_HI, .close = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 5);
    world.fake.now_us = INT64_C(1440938160) * 1000000;
    const struct rs_aws_call_request request = request_of(&world);
    struct rs_aws_call_job *jobs[2] = {rs_aws_call_start(world.call, &request),
                                       rs_aws_call_start(world.call, &request)};
    for (size_t i = 0; i < RS_COUNTOF(jobs); i++) {
        struct rs_aws_call_job *job = NULL;
        while (!job) {
            assert_true(rs_aws_call_drive(world.call, 1000, &job, &world.err));
        }
        rs_http_reply_release(&world.reply);
        if (!rs_aws_call_finish(job, &world.reply, NULL, &world.err)) {
            fail_msg("%s", world.err.message);
        }
    }
    struct rs_str asked = canned_stop(&world.canned);
    assert_int_equal(canned_count(asked, "X-Amz-Date: 20150830T123600Z\r\n"), 2);
    assert_int_equal(canned_count(asked, "X-Amz-Date: 20261125T100000Z\r\n"), 2);
    end(&world);
}

/* A bare 400 to a HEAD may be a token's end; with a region beside it, it is a bucket elsewhere. */
static void test_aws_call__a_bucket_elsewhere_is_no_expired_token(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("400 No", "x-amz-bucket-region: eu-central-1\r\n", ""), .close = true},
        {.reply = REFUSAL("400 No", "", ""), .close = true},
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", .close = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 5);
    struct rs_aws_call_request request = request_of(&world);
    request.method = "HEAD";
    request.body = RS_STR("");
    assert_false(rs_aws_call_send(world.call, &request, &world.reply, &world.failure, &world.err));
    assert_string_equal(world.failure.region, "eu-central-1");
    assert_int_equal(world.keys.renewed, 0);
    rs_error_clear(&world.err);
    assert_true(rs_aws_call_send(world.call, &request, &world.reply, &world.failure, &world.err));
    assert_int_equal(world.keys.renewed, 1);
    (void)canned_stop(&world.canned);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aws_call__what_is_sent_is_signed),
        cmocka_unit_test(test_aws_call__what_may_pass_is_tried_again_after_a_pause),
        cmocka_unit_test(test_aws_call__attempts_end_and_are_counted),
        cmocka_unit_test(test_aws_call__refusals_are_final_and_in_the_services_words),
        cmocka_unit_test(test_aws_call__an_error_inside_a_result_is_the_callers),
        cmocka_unit_test(test_aws_call__a_status_may_be_accepted),
        cmocka_unit_test(test_aws_call__expired_keys_are_asked_for_anew_once),
        cmocka_unit_test(test_aws_call__a_clock_that_is_off_is_put_right),
        cmocka_unit_test(test_aws_call__a_refusal_with_the_right_time_is_not_the_clocks_fault),
        cmocka_unit_test(test_aws_call__many_are_under_way_and_pauses_hold_up_none),
        cmocka_unit_test(test_aws_call__a_signal_ends_a_pause),
        cmocka_unit_test(
            test_aws_call__a_clock_that_is_off_is_put_right_for_all_that_are_under_way),
        cmocka_unit_test(test_aws_call__a_bucket_elsewhere_is_no_expired_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
