/* S3's client against a server that says what a list tells it to: what no healthy server says. */
#include "rs/aws/s3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canned.h"
#include "fake_env.h"

#define REFUSAL(status, headers, body)                                                             \
    "HTTP/1.1 " status "\r\n" headers "Connection: close\r\n\r\n" body
#define WHOLE(length, rest) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n" rest
#define PART(length, range, rest)                                                                  \
    "HTTP/1.1 206 Partial\r\nContent-Length: " length "\r\nContent-Range: bytes " range "\r"       \
    "\n" rest

struct world {
    struct fake_env fake;
    struct canned canned;
    struct rs_credentials_provider *keys;
    struct rs_s3 *s3;
    struct rs_error err;
};

static void begin(struct world *world, const struct canned_step *steps, size_t count,
                  unsigned attempts)
{
    struct rs_credentials keys = RS_CREDENTIALS_INIT;
    fake_env_init(&world->fake);
    canned_start(&world->canned, steps, count);
    rs_credentials_set(&keys, RS_STR("AKIDEXAMPLE"), RS_STR("very-secret"), RS_STR("token"),
                       RS_CREDENTIALS_NEVER);
    world->keys = rs_credentials_fixed_new(&keys);
    rs_credentials_release(&keys);
    const struct rs_s3_options options = {
        .credentials = world->keys, .endpoint = world->canned.url, .attempts = attempts};
    world->s3 = rs_s3_new(&world->fake.env, &options);
    world->err = (struct rs_error){0};
}

/* Ends it all; what the server was asked is the caller's to release, with canned_release. */
static struct rs_str end(struct world *world)
{
    rs_s3_free(world->s3);
    rs_credentials_provider_free(world->keys);
    return canned_stop(&world->canned);
}

/* Read the object "a b" to its end; how much there was of it goes to text. */
static bool read_object(struct world *world, char *text, size_t size)
{
    struct rs_s3_stream *stream =
        rs_s3_open(world->s3, RS_STR("bucket"), RS_STR("a b"), NULL, &world->err);
    size_t used = 0;
    size_t count = stream ? 1 : 0;
    bool ok = stream != NULL;
    while (ok && count > 0) {
        ok = rs_s3_read(stream, text + used, size - 1 - used < 3 ? size - 1 - used : 3, &count,
                        &world->err);
        used += ok ? count : 0;
    }
    text[used] = '\0';
    rs_s3_close(stream);
    return ok;
}

/* A stream that is cut goes on where it was, on the condition of the same ETag. */
static void test_s3_scripted__a_stream_is_taken_up_where_it_broke_off(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = WHOLE("10", "ETag: \"e1\"\r\n\r\n0123"), .close = true},
        {.reply = REFUSAL("503 No", "", "<Error><Code>SlowDown</Code></Error>"), .close = true},
        {.reply = PART("6", "4-9/10", "ETag: \"e1\"\r\n\r\n45"), .close = true},
        {.reply = PART("4", "6-9/10", "ETag: \"e1\"\r\n\r\n6789")}};
    struct world world;
    char text[32];
    begin(&world, steps, RS_COUNTOF(steps), 5);
    if (!read_object(&world, text, sizeof text)) {
        fail_msg("%s", world.err.message);
    }
    assert_string_equal(text, "0123456789");
    struct rs_str asked = end(&world);
    assert_int_equal(canned_count(asked, "GET /bucket/a%20b HTTP/1.1\r\n"), 4);
    assert_int_equal(canned_count(asked, "Range: bytes=4-\r\nIf-Match: \"e1\"\r\n"), 2);
    assert_int_equal(canned_count(asked, "Range: bytes=6-\r\nIf-Match: \"e1\"\r\n"), 1);
    canned_release(&world.canned);
}

/* A part may be shorter than what was asked for; the object is as long as it was at first. */
static void test_s3_scripted__a_part_that_is_short_is_not_the_end(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = WHOLE("10", "ETag: \"e1\"\r\n\r\n0123"), .close = true},
        {.reply = PART("2", "4-5/10", "ETag: \"e1\"\r\n\r\n45"), .close = true},
        {.reply = PART("4", "6-9/10", "ETag: \"e1\"\r\n\r\n6789")}};
    struct world world;
    char text[32];
    begin(&world, steps, RS_COUNTOF(steps), 5);
    if (!read_object(&world, text, sizeof text)) {
        fail_msg("%s", world.err.message);
    }
    assert_string_equal(text, "0123456789");
    (void)end(&world);
    canned_release(&world.canned);
}

/* Cut before its first byte, it may be another object that comes then. */
static void test_s3_scripted__an_object_is_the_same_from_its_first_byte_on(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = WHOLE("4", "ETag: \"e1\"\r\n\r\n"), .close = true},
        {.reply = REFUSAL("412 No", "", "<Error><Code>PreconditionFailed</Code></Error>"),
         .close = true}};
    struct world world;
    char text[32];
    begin(&world, steps, RS_COUNTOF(steps), 2);
    assert_false(read_object(&world, text, sizeof text));
    assert_non_null(strstr(world.err.message, "it changed while it was read"));
    struct rs_str asked = end(&world);
    assert_int_equal(canned_count(asked, "If-Match: \"e1\"\r\n"), 1);
    assert_int_equal(canned_count(asked, "Range: "), 0);
    canned_release(&world.canned);
}

static void test_s3_scripted__an_object_that_changed_is_not_taken_up(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        const char *words;
    } cases[] = {
        {REFUSAL("412 No", "", "<Error><Code>PreconditionFailed</Code></Error>"), "it changed"},
        {PART("6", "4-9/10", "ETag: \"e2\"\r\n\r\n456789"), "it changed"},
        {WHOLE("10", "\r\n0123456789"), "does not send the part"},
        {PART("10", "0-9/10", "\r\n0123456789"), "does not send the part"},
        {PART("6", "44-49/50", "\r\n456789"), "does not send the part"},
        {"HTTP/1.1 206 Partial\r\nContent-Length: 6\r\n\r\n456789", "does not send the part"},
        {REFUSAL("404 No", "", "<Error><Code>NoSuchKey</Code></Error>"), "NoSuchKey"}};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const struct canned_step steps[] = {
            {.reply = WHOLE("10", "ETag: \"e1\"\r\n\r\n0123"), .close = true},
            {.reply = cases[i].reply, .close = true}};
        struct world world;
        char text[32];
        begin(&world, steps, RS_COUNTOF(steps), 2);
        assert_false(read_object(&world, text, sizeof text));
        assert_string_equal(text, "0123");
        if (!strstr(world.err.message, cases[i].words)) {
            fail_msg("%zu: %s", i, world.err.message);
        }
        (void)end(&world);
        canned_release(&world.canned);
    }
}

/* S3 tells where a bucket is; the request is signed for that region then, and so are later ones. */
static void test_s3_scripted__a_bucket_is_followed_into_its_region(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("400 No", "",
                          "<Error><Code>AuthorizationHeaderMalformed</Code>"
                          "<Region>eu-central-1</Region></Error>"),
         .close = true},
        {.reply = WHOLE("0", "ETag: \"e\"\r\n\r\n")},
        {.reply = WHOLE("0", "ETag: \"e\"\r\n\r\n")}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 2);
    for (int i = 0; i < 2; i++) {
        assert_true(
            rs_s3_put(world.s3, RS_STR("bucket"), RS_STR("k"), RS_STR(""), NULL, &world.err));
    }
    assert_string_equal(rs_s3_region(world.s3, RS_STR("bucket"), &world.err), "eu-central-1");
    struct rs_str asked = end(&world);
    assert_int_equal(canned_count(asked, "/us-east-1/s3/aws4_request"), 1);
    assert_int_equal(canned_count(asked, "/eu-central-1/s3/aws4_request"), 2);
    canned_release(&world.canned);
}

/* What looks like an error of S3 may be what was asked for. */
static void test_s3_scripted__an_object_may_hold_an_error(void **state)
{
    (void)state;
    static const char text[] = "<Error><Code>SlowDown</Code></Error>";
    static const struct canned_step steps[] = {
        {.reply = WHOLE("36", "\r\n<Error><Code>SlowDown</Code></Error>")}};
    struct world world;
    struct rs_strbuf out = RS_STRBUF_INIT(1000);
    begin(&world, steps, RS_COUNTOF(steps), 1);
    if (!rs_s3_get(world.s3, RS_STR("bucket"), RS_STR("k"), 1000, &out, &world.err)) {
        fail_msg("%s", world.err.message);
    }
    assert_string_equal(rs_strbuf_cstr(&out), text);
    rs_strbuf_release(&out);
    (void)end(&world);
    canned_release(&world.canned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_scripted__a_stream_is_taken_up_where_it_broke_off),
        cmocka_unit_test(test_s3_scripted__a_part_that_is_short_is_not_the_end),
        cmocka_unit_test(test_s3_scripted__an_object_is_the_same_from_its_first_byte_on),
        cmocka_unit_test(test_s3_scripted__an_object_that_changed_is_not_taken_up),
        cmocka_unit_test(test_s3_scripted__a_bucket_is_followed_into_its_region),
        cmocka_unit_test(test_s3_scripted__an_object_may_hold_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
