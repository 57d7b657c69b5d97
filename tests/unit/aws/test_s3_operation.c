/* S3's client against a server that says what a list tells it to: what no healthy server says. */
#include "aws/s3.h"

#include <stdlib.h>
#include <string.h>

#include "aws/s3_upload.h"
#include "canned.h"
#include "fake_env.h"
#include "unit.h"

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
static void test_s3_operation__a_stream_is_taken_up_where_it_broke_off(void **state)
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
static void test_s3_operation__a_part_that_is_short_is_not_the_end(void **state)
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
static void test_s3_operation__an_object_is_the_same_from_its_first_byte_on(void **state)
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

static void test_s3_operation__an_object_that_changed_is_not_taken_up(void **state)
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
static void test_s3_operation__a_bucket_is_followed_into_its_region(void **state)
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
static void test_s3_operation__an_object_may_hold_an_error(void **state)
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

/* Without a key a DELETE would be one of the bucket. */
static void test_s3_operation__an_object_without_a_key_is_refused(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.reply = WHOLE("0", "\r\n")}};
    const struct rs_str keys[] = {RS_STR("k"), RS_STR("")};
    const struct rs_str bucket = RS_STR("bucket");
    const struct rs_str none = RS_STR("");
    struct world world;
    struct rs_s3_object object;
    struct rs_strbuf out = RS_STRBUF_INIT(1000);
    begin(&world, steps, RS_COUNTOF(steps), 1);
    for (int i = 0; i < 6; i++) {
        rs_error_clear(&world.err);
        bool ok = i == 0   ? rs_s3_delete(world.s3, bucket, none, &world.err)
                  : i == 1 ? rs_s3_put(world.s3, bucket, none, none, NULL, &world.err)
                  : i == 2 ? rs_s3_get(world.s3, bucket, none, 1000, &out, &world.err)
                  : i == 3 ? rs_s3_head(world.s3, bucket, none, &object, &world.err)
                  : i == 4 ? rs_s3_open(world.s3, bucket, none, NULL, &world.err) != NULL
                           : rs_s3_delete_many(world.s3, bucket, keys, 2, NULL, NULL, &world.err);
        assert_false(ok);
        assert_int_equal(world.err.code, RS_E_INPUT);
        assert_non_null(strstr(world.err.message, "key is empty"));
    }
    struct rs_str asked = end(&world);
    assert_int_equal(asked.length, 0);
    rs_strbuf_release(&out);
    canned_release(&world.canned);
}

static void test_s3_operation__a_list_is_in_the_order_of_its_bytes(void **state)
{
    (void)state;
    static const char *const wanted[] = {"a /", "a!", "a%/", "a&", "\xc3\xa9"};
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("200 OK", "",
                          "<ListBucketResult><IsTruncated>false</IsTruncated>"
                          "<Contents><Key>a!</Key><Size>1</Size>"
                          "<LastModified>2026-11-25T00:00:00Z</LastModified></Contents>"
                          "<Contents><Key>a&amp;</Key><Size>1</Size>"
                          "<LastModified>2026-11-25T00:00:00Z</LastModified></Contents>"
                          "<Contents><Key>%C3%A9</Key><Size>1</Size>"
                          "<LastModified>2026-11-25T00:00:00Z</LastModified></Contents>"
                          "<CommonPrefixes><Prefix>a+/</Prefix></CommonPrefixes>"
                          "<CommonPrefixes><Prefix>a%25/</Prefix></CommonPrefixes>"
                          "</ListBucketResult>"),
         .close = true}};
    struct world world;
    struct rs_s3_object object;
    begin(&world, steps, RS_COUNTOF(steps), 1);
    struct rs_s3_list *list = rs_s3_list_new(world.s3, RS_STR("bucket"), NULL);
    for (size_t i = 0; i < RS_COUNTOF(wanted); i++) {
        if (rs_s3_list_next(list, &object, &world.err) != RS_NEXT_ITEM) {
            fail_msg("%s", world.err.message);
        }
        assert_true(rs_str_equal(object.key, rs_str_from(wanted[i])));
    }
    assert_int_equal(rs_s3_list_next(list, &object, &world.err), RS_NEXT_END);
    rs_s3_list_free(list);
    (void)end(&world);
    canned_release(&world.canned);
}

static void test_s3_operation__a_reply_to_a_delete_is_a_list(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = REFUSAL("200 OK", "", "<html>fine</html>"), .close = true}};
    const struct rs_str key = RS_STR("k");
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 1);
    assert_false(rs_s3_delete_many(world.s3, RS_STR("bucket"), &key, 1, NULL, NULL, &world.err));
    assert_int_equal(world.err.code, RS_E_INPUT);
    (void)end(&world);
    canned_release(&world.canned);
}

/* Two are under way when the first is told where the bucket is: both follow it, once. */
static void test_s3_operation__uploads_follow_a_bucket_into_its_region(void **state)
{
    (void)state;
    static const char astray[] = REFUSAL("301 No", "",
                                         "<Error><Code>PermanentRedirect</Code>"
                                         "<Region>eu-central-1</Region></Error>");
    static const struct canned_step steps[] = {
        {.reply = astray, .close = true},
        {.reply = astray, .close = true},
        {.reply = WHOLE("0", "ETag: \"e\"\r\n\r\n"), .close = true},
        {.reply = WHOLE("0", "ETag: \"e\"\r\n\r\n"), .close = true}};
    const struct rs_s3_uploader_options options = {.bucket = RS_STR("bucket")};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps), 2);
    struct rs_s3_uploader *uploader = rs_s3_uploader_new(world.s3, &options);
    for (int i = 0; i < 2; i++) {
        struct rs_sink *sink = rs_s3_uploader_begin(uploader, RS_STR("k"), NULL, &world.err);
        assert_non_null(sink);
        assert_true(sink->write(sink, "hi", 2, &world.err));
        assert_true(rs_s3_uploader_finish(uploader, sink, &world.err));
    }
    if (!rs_s3_uploader_drain(uploader, &world.err)) {
        fail_msg("%s", world.err.message);
    }
    rs_s3_uploader_free(uploader);
    struct rs_str asked = end(&world);
    assert_int_equal(canned_count(asked, "/us-east-1/s3/aws4_request"), 2);
    assert_int_equal(canned_count(asked, "/eu-central-1/s3/aws4_request"), 2);
    assert_int_equal(canned_count(asked, "\r\n\r\nhi"), 4);
    canned_release(&world.canned);
}

/* Where S3 does not let us, giving up many uploads takes no longer than giving up one. */
static void test_s3_operation__what_cannot_be_aborted_is_tried_once_and_told(void **state)
{
    (void)state;
    static const char begun[] = REFUSAL("200 OK", "",
                                        "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                                        "</InitiateMultipartUploadResult>");
    static const struct canned_step steps[] = {
        {.reply = begun, .close = true},
        {.reply = WHOLE("0", "ETag: \"e\"\r\n\r\n"), .close = true},
        {.reply = begun, .close = true}, /* and what follows is cut off */
        {.reply = REFUSAL("403 No", "", "<Error><Code>AccessDenied</Code></Error>"),
         .close = true}};
    const struct rs_s3_uploader_options options = {.bucket = RS_STR("bucket"),
                                                   .part_bytes = RS_S3_UPLOAD_PART_BYTES_MIN};
    struct world world;
    char told[512] = "";
    char *bytes = malloc(RS_S3_UPLOAD_PART_BYTES_MIN + 1);
    assert_non_null(bytes);
    memset(bytes, 'x', RS_S3_UPLOAD_PART_BYTES_MIN + 1);
    begin(&world, steps, RS_COUNTOF(steps), 2);
    world.fake.env.log.level = RS_LOG_WARNING;
    world.fake.env.log.fd = rs_fs_open_temp(getenv("TMPDIR"), &world.err);
    assert_true(world.fake.env.log.fd >= 0);
    struct rs_s3_uploader *uploader = rs_s3_uploader_new(world.s3, &options);
    for (int i = 0; i < 2; i++) {
        struct rs_sink *sink = rs_s3_uploader_begin(uploader, RS_STR("k"), NULL, &world.err);
        assert_non_null(sink);
        assert_true(sink->write(sink, bytes, RS_S3_UPLOAD_PART_BYTES_MIN + 1, &world.err));
    }
    rs_s3_uploader_free(uploader);
    free(bytes);
    assert_true(pread(world.fake.env.log.fd, told, sizeof told - 1, 0) > 0);
    assert_non_null(strstr(told, "parts of 2 unfinished uploads are left in \"s3://bucket\": could "
                                 "not give up the upload of \"s3://bucket/k\": AccessDenied"));
    assert_null(strstr(strchr(told, '\n'), "parts"));
    (void)close(world.fake.env.log.fd);
    struct rs_str asked = end(&world);
    assert_int_equal(canned_count(asked, "DELETE /bucket/k?uploadId=u"), 1);
    canned_release(&world.canned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_operation__a_stream_is_taken_up_where_it_broke_off),
        cmocka_unit_test(test_s3_operation__a_part_that_is_short_is_not_the_end),
        cmocka_unit_test(test_s3_operation__an_object_is_the_same_from_its_first_byte_on),
        cmocka_unit_test(test_s3_operation__an_object_that_changed_is_not_taken_up),
        cmocka_unit_test(test_s3_operation__a_bucket_is_followed_into_its_region),
        cmocka_unit_test(test_s3_operation__an_object_may_hold_an_error),
        cmocka_unit_test(test_s3_operation__an_object_without_a_key_is_refused),
        cmocka_unit_test(test_s3_operation__a_list_is_in_the_order_of_its_bytes),
        cmocka_unit_test(test_s3_operation__a_reply_to_a_delete_is_a_list),
        cmocka_unit_test(test_s3_operation__uploads_follow_a_bucket_into_its_region),
        cmocka_unit_test(test_s3_operation__what_cannot_be_aborted_is_tried_once_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
