/* A second opinion on signatures: Swift's S3 interface, which checks the region of their scope. */
#include "aws/s3_upload.h"

#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "unit.h"

static void test_s3_swift__any_key_is_put_got_listed_and_deleted(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "a b",    "a+b",       "a=b&c?d#e", "a%20b", "a//b", "a'(b)*!", "\xc3\xa9\xf0\x9f\x90\xab",
        "a/../b", "~a:@,;$[]|"};
    struct bucket bucket;
    struct rs_error err = {0};
    bucket_make(&bucket, NULL);
    for (size_t i = 0; i < RS_COUNTOF(keys); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(100);
        struct rs_str key = rs_str_from(keys[i]);
        if (!rs_s3_put(bucket.s3, bucket.name, key, key, NULL, &err) ||
            !rs_s3_get(bucket.s3, bucket.name, key, 100, &out, &err)) {
            fail_msg("%s: %s", err.message, err.hint);
        }
        assert_string_equal(rs_strbuf_cstr(&out), keys[i]);
        rs_strbuf_release(&out);
    }
    assert_int_equal(bucket_count(&bucket), RS_COUNTOF(keys));
    bucket_remove(&bucket);
}

static void test_s3_swift__parts_are_put_together_in_their_order(void **state)
{
    (void)state;
    enum { BYTES = 2 * RS_S3_UPLOAD_PART_BYTES_MIN + 1000 };
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_s3_object object;
    char *bytes = rs_mem_zalloc(1, BYTES);
    bucket_make(&bucket, NULL);
    const struct rs_s3_uploader_options options = {.bucket = bucket.name,
                                                   .part_bytes = RS_S3_UPLOAD_PART_BYTES_MIN};
    struct rs_s3_uploader *uploader = rs_s3_uploader_new(bucket.s3, &options);
    struct rs_sink *sink = rs_s3_uploader_begin(uploader, RS_STR("k"), NULL, &err);
    assert_true(sink->write(sink, bytes, BYTES, &err));
    assert_true(rs_s3_uploader_finish(uploader, sink, &err));
    if (!rs_s3_uploader_drain(uploader, &err)) {
        fail_msg("%s: %s", err.message, err.hint);
    }
    assert_true(rs_s3_head(bucket.s3, bucket.name, RS_STR("k"), &object, &err));
    assert_int_equal(object.size_bytes, BYTES);
    rs_s3_uploader_free(uploader);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

/* The server names the right region in its refusal, and the request is signed for that one. */
static void test_s3_swift__another_region_is_refused_and_learned(void **state)
{
    (void)state;
    struct rs_s3_options options = {.region = "eu-west-1"};
    struct bucket bucket;
    struct rs_error err = {0};
    bucket_make(&bucket, &options);
    assert_string_equal(rs_s3_region(bucket.s3, bucket.name, &err), "eu-west-1");
    if (!rs_s3_put(bucket.s3, bucket.name, RS_STR("k"), RS_STR("x"), NULL, &err)) {
        fail_msg("%s: %s", err.message, err.hint);
    }
    assert_string_equal(rs_s3_region(bucket.s3, bucket.name, &err), "us-east-1");
    bucket_remove(&bucket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_swift__any_key_is_put_got_listed_and_deleted),
        cmocka_unit_test(test_s3_swift__parts_are_put_together_in_their_order),
        cmocka_unit_test(test_s3_swift__another_region_is_refused_and_learned),
    };
    const char *endpoint = getenv("RS_TEST_SWIFT");
    if (!endpoint || !*endpoint) {
        (void)fprintf(stderr, "SKIPPED: RS_TEST_SWIFT names no server to test with\n");
        return 77;
    }
    (void)setenv("RS_TEST_S3", endpoint, 1); /* bucket.h goes by these */
    (void)setenv("RS_TEST_S3_KEY", getenv("RS_TEST_SWIFT_KEY"), 1);
    (void)setenv("RS_TEST_S3_SECRET", getenv("RS_TEST_SWIFT_SECRET"), 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
