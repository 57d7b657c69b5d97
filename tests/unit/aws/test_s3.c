/* Objects on a real S3 server (Ceph's radosgw), which checks every signature. */
#include "aws/s3.h"

#include <stdlib.h>
#include <string.h>

#include "aws/s3_upload.h"
#include "bucket.h"
#include "unit.h"

/* Keys that break those who encode a little too much or too little. */
static const char *const special_keys[] = {
    "a b",
    "a+b",
    "a=b",
    "a&b?c",
    "a#b",
    "a%20b",
    "a//b",
    "a%2Fb",
    "a'b",
    "a(b)",
    "a*b",
    "a!b",
    "\xc3\xa9\xe2\x82\xac",
    "\xf0\x9f\x90\xab",
    "a/../b",
    "a/./b",
    "~a:@,;$[]{}|\\^`\"<>",
    "a.b/",
    "line\nfeed\ttab",
    "bell\x07",
    " leading",
    "trailing ",
};

static void put(struct bucket *bucket, const char *key, const char *text)
{
    struct rs_error err = {0};
    if (!rs_s3_put(bucket->s3, bucket->name, rs_str_from(key), rs_str_from(text), NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

static void assert_holds(struct bucket *bucket, const char *key, const char *text)
{
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(1 << 20);
    if (!rs_s3_get(bucket->s3, bucket->name, rs_str_from(key), 1 << 20, &out, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(rs_strbuf_cstr(&out), text);
    rs_strbuf_release(&out);
}

static void test_s3__any_key_is_put_got_listed_and_deleted(void **state)
{
    (void)state;
    struct bucket bucket;
    struct rs_error err = {0};
    bucket_make(&bucket, NULL);
    for (size_t i = 0; i < RS_COUNTOF(special_keys); i++) {
        put(&bucket, special_keys[i], special_keys[i]);
    }
    for (size_t i = 0; i < RS_COUNTOF(special_keys); i++) {
        /* radosgw repeats the prefix as it is, and XML has no way to write a bell. */
        struct rs_str key = rs_str_from(special_keys[i]);
        const struct rs_s3_list_options options = {
            .prefix = rs_str_slice(key, 0, rs_str_find_byte(key, '\x07'))};
        struct rs_s3_list *list = rs_s3_list_new(bucket.s3, bucket.name, &options);
        struct rs_s3_object object;
        assert_holds(&bucket, special_keys[i], special_keys[i]);
        if (rs_s3_list_next(list, &object, &err) != RS_NEXT_ITEM) {
            fail_msg("%s: %s", special_keys[i], err.message);
        }
        assert_true(rs_str_equal(object.key, key));
        assert_int_equal(object.size_bytes, strlen(special_keys[i]));
        assert_int_equal(rs_s3_list_next(list, &object, &err), RS_NEXT_END);
        rs_s3_list_free(list);
    }
    assert_int_equal(bucket_count(&bucket), RS_COUNTOF(special_keys));
    for (size_t i = 0; i < RS_COUNTOF(special_keys); i += 2) {
        assert_true(rs_s3_delete(bucket.s3, bucket.name, rs_str_from(special_keys[i]), &err));
    }
    assert_int_equal(bucket_count(&bucket), RS_COUNTOF(special_keys) / 2);
    bucket_empty(&bucket);
    assert_int_equal(bucket_count(&bucket), 0);
    bucket_remove(&bucket);
}

static void test_s3__head_tells_size_etag_and_date(void **state)
{
    (void)state;
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_s3_object made;
    struct rs_s3_object found;
    bucket_make(&bucket, NULL);
    assert_true(
        rs_s3_put(bucket.s3, bucket.name, RS_STR("k"), RS_STR("message digest"), &made, &err));
    assert_string_equal(made.etag, "f96b697d7cb7938d525a2f31aaf161d0");
    assert_int_equal(made.size_bytes, 14);
    assert_true(rs_s3_head(bucket.s3, bucket.name, RS_STR("k"), &found, &err));
    assert_string_equal(found.etag, made.etag);
    assert_int_equal(found.size_bytes, 14);
    int64_t age_us = bucket.env.now_us(&bucket.env) - found.modified_us;
    assert_true(age_us > -5000000 && age_us < 60000000);
    put(&bucket, "empty", "");
    assert_holds(&bucket, "empty", "");
    assert_true(rs_s3_head(bucket.s3, bucket.name, RS_STR("empty"), &found, &err));
    assert_int_equal(found.size_bytes, 0);
    bucket_remove(&bucket);
}

static void test_s3__a_list_goes_over_its_pages(void **state)
{
    (void)state;
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_s3_object object;
    char previous[32] = "";
    size_t count = 0;
    bucket_make(&bucket, NULL);
    const struct rs_s3_uploader_options upload = {.bucket = bucket.name, .in_flight = 16};
    struct rs_s3_uploader *uploader = rs_s3_uploader_new(bucket.s3, &upload);
    for (int i = 0; i < 1105; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "%c/%04d", "ab"[i % 2], i);
        struct rs_sink *sink = rs_s3_uploader_begin(uploader, rs_str_from(key), NULL, &err);
        assert_true(sink && rs_s3_uploader_finish(uploader, sink, &err));
    }
    assert_true(rs_s3_uploader_drain(uploader, &err));
    rs_s3_uploader_free(uploader);
    assert_int_equal(bucket_count(&bucket), 1105);
    const struct rs_s3_list_options some = {
        .prefix = RS_STR("a/"), .start_after = RS_STR("a/0100"), .page = 7};
    struct rs_s3_list *list = rs_s3_list_new(bucket.s3, bucket.name, &some);
    while (rs_s3_list_next(list, &object, &err) == RS_NEXT_ITEM) {
        assert_true(rs_str_compare(rs_str_from(previous), object.key) < 0);
        (void)snprintf(previous, sizeof previous, "%.*s", RS_STR_ARG(object.key));
        count++;
    }
    assert_string_equal(err.message, "");
    assert_int_equal(count, 553 - 51);
    assert_string_equal(previous, "a/1104");
    rs_s3_list_free(list);
    bucket_remove(&bucket);
}

static void test_s3__a_delimiter_folds_keys_into_prefixes(void **state)
{
    (void)state;
    static const char *const wanted[] = {"a", "a b/", "b", "c d/"};
    static const char *const keys[] = {"a", "a b/1", "a b/2", "b", "c d/1/2"};
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_s3_object object;
    bucket_make(&bucket, NULL);
    for (size_t i = 0; i < RS_COUNTOF(keys); i++) {
        put(&bucket, keys[i], "x");
    }
    for (unsigned page = 0; page < 3; page++) {
        const struct rs_s3_list_options options = {.delimiter = RS_STR("/"), .page = page};
        struct rs_s3_list *list = rs_s3_list_new(bucket.s3, bucket.name, &options);
        for (size_t i = 0; i < RS_COUNTOF(wanted); i++) {
            assert_int_equal(rs_s3_list_next(list, &object, &err), RS_NEXT_ITEM);
            assert_true(rs_str_equal(object.key, rs_str_from(wanted[i])));
            assert_int_equal(object.is_prefix, wanted[i][strlen(wanted[i]) - 1] == '/');
        }
        assert_int_equal(rs_s3_list_next(list, &object, &err), RS_NEXT_END);
        rs_s3_list_free(list);
    }
    bucket_remove(&bucket);
}

static void test_s3__what_is_not_there_is_named(void **state)
{
    (void)state;
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_s3_object object;
    struct rs_strbuf out = RS_STRBUF_INIT(100);
    bucket_make(&bucket, NULL);
    assert_false(rs_s3_get(bucket.s3, bucket.name, RS_STR("a/b"), 100, &out, &err));
    assert_int_equal(err.code, RS_E_INPUT);
    assert_string_equal(err.detail, "NoSuchKey");
    assert_non_null(strstr(err.message, "/a/b\": NoSuchKey"));
    assert_non_null(strstr(err.hint, "no such object"));
    rs_error_clear(&err);
    assert_false(rs_s3_head(bucket.s3, bucket.name, RS_STR("a/b"), &object, &err));
    assert_string_equal(err.detail, "404");
    assert_non_null(strstr(err.hint, "no such object"));
    rs_error_clear(&err);
    assert_null(rs_s3_open(bucket.s3, bucket.name, RS_STR("a/b"), NULL, &err));
    assert_string_equal(err.detail, "NoSuchKey");
    rs_error_clear(&err);
    assert_false(
        rs_s3_put(bucket.s3, RS_STR("no-such-bucket-here"), RS_STR("k"), RS_STR("x"), NULL, &err));
    assert_string_equal(err.detail, "NoSuchBucket");
    assert_non_null(strstr(err.hint, "\"no-such-bucket-here\""));
    rs_error_clear(&err);
    assert_false(rs_s3_put(bucket.s3, RS_STR("No_Bucket"), RS_STR("k"), RS_STR("x"), NULL, &err));
    assert_int_equal(err.code, RS_E_INPUT);
    bucket_remove(&bucket);
}

static void test_s3__an_object_past_the_maximum_is_not_got(void **state)
{
    (void)state;
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(100);
    bucket_make(&bucket, NULL);
    put(&bucket, "k", "0123456789");
    assert_true(rs_s3_get(bucket.s3, bucket.name, RS_STR("k"), 10, &out, &err));
    assert_false(rs_s3_get(bucket.s3, bucket.name, RS_STR("k"), 9, &out, &err));
    assert_int_equal(err.code, RS_E_LIMIT);
    rs_strbuf_release(&out);
    bucket_remove(&bucket);
}

static void test_s3__wrong_keys_say_what_to_check(void **state)
{
    (void)state;
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_s3_object object;
    bucket_make(&bucket, NULL);
    struct rs_credentials_provider *wrong = bucket_keys("wrong", NULL);
    struct rs_s3_options options = {.credentials = wrong, .endpoint = getenv("RS_TEST_S3")};
    struct rs_s3 *s3 = rs_s3_new(&bucket.env, &options);
    assert_false(rs_s3_put(s3, bucket.name, RS_STR("k"), RS_STR("x"), NULL, &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_string_equal(err.detail, "SignatureDoesNotMatch");
    assert_non_null(strstr(err.hint, "secret"));
    assert_null(strstr(err.message, "wrong"));
    rs_s3_free(s3);
    options.credentials = NULL;
    s3 = rs_s3_new(&bucket.env, &options);
    rs_error_clear(&err);
    assert_false(rs_s3_put(s3, bucket.name, RS_STR("a/k"), RS_STR("x"), NULL, &err));
    assert_string_equal(err.detail, "AccessDenied");
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "allow s3:PutObject on arn:aws:s3:::%s/a/k", bucket.text);
    assert_string_equal(err.hint, wanted);
    rs_error_clear(&err);
    assert_false(rs_s3_head(s3, bucket.name, RS_STR("k"), &object, &err));
    assert_string_equal(err.detail, "403");
    assert_non_null(strstr(err.hint, "allow s3:GetObject on "));
    rs_error_clear(&err);
    struct rs_s3_list *list = rs_s3_list_new(s3, bucket.name, NULL);
    assert_int_equal(rs_s3_list_next(list, &object, &err), RS_NEXT_ERROR);
    (void)snprintf(wanted, sizeof wanted, "allow s3:ListBucket on arn:aws:s3:::%s", bucket.text);
    assert_string_equal(err.hint, wanted);
    rs_s3_list_free(list);
    rs_s3_free(s3);
    rs_credentials_provider_free(wrong);
    bucket_remove(&bucket);
}

static void test_s3__kms_keys_encrypt_and_unknown_ones_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *encryption;
        const char *key;
        bool ok;
    } cases[] = {
        {"AES256", NULL, true}, {"aws:kms", "testkey-1", true}, {"aws:kms", "no-such-key", false}};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct bucket bucket;
        struct rs_error err = {0};
        struct rs_s3_options options = {
            .encryption = cases[i].encryption, .kms_key_id = cases[i].key, .attempts = 1};
        bucket_make(&bucket, &options);
        assert_int_equal(
            rs_s3_put(bucket.s3, bucket.name, RS_STR("k"), RS_STR("secret text"), NULL, &err),
            cases[i].ok);
        if (cases[i].ok) {
            assert_holds(&bucket, "k", "secret text");
        }
        bucket_remove(&bucket);
    }
}

static void test_s3__buckets_may_be_in_the_hosts_name(void **state)
{
    (void)state;
    struct bucket bucket;
    char endpoint[64];
    const char *port = strrchr(getenv("RS_TEST_S3"), ':');
    (void)snprintf(endpoint, sizeof endpoint, "http://s3.localhost%s/", port);
    struct rs_s3_options options = {.endpoint = endpoint, .virtual_host = true};
    bucket_make(&bucket, &options);
    for (size_t i = 0; i < RS_COUNTOF(special_keys); i++) {
        put(&bucket, special_keys[i], special_keys[i]);
        assert_holds(&bucket, special_keys[i], special_keys[i]);
    }
    bucket_remove(&bucket);
}

static void report(void *arg, struct rs_str key, const char *code, const char *message)
{
    (void)message;
    assert_string_equal(code, "AccessDenied");
    assert_true(rs_str_equal(key, RS_STR("a&b")) || rs_str_equal(key, RS_STR("c")));
    ++*(size_t *)arg;
}

static void test_s3__what_cannot_be_deleted_is_reported_key_by_key(void **state)
{
    (void)state;
    const struct rs_str keys[] = {RS_STR_INIT("a&b"), RS_STR_INIT("c")};
    struct bucket bucket;
    struct rs_error err = {0};
    struct rs_http *http = NULL;
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_strbuf policy = RS_STRBUF_INIT(1024);
    size_t failed = 0;
    bucket_make(&bucket, NULL);
    put(&bucket, "a&b", "x");
    put(&bucket, "c", "x");
    rs_strbuf_printf(&policy,
                     "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\","
                     "\"Principal\":\"*\",\"Action\":\"s3:DeleteObject\",\"Resource\":"
                     "\"arn:aws:s3:::%s/*\"}]}",
                     bucket.text);
    http = rs_http_new(&bucket.env, NULL);
    struct rs_aws_call *call = rs_aws_call_new(&bucket.env, http, bucket.keys, NULL);
    const struct rs_url_param query = {RS_STR("policy"), RS_STR("")};
    char path[80];
    (void)snprintf(path, sizeof path, "/%s", bucket.text);
    struct rs_aws_call_request request = {.service = "s3",
                                          .region = "us-east-1",
                                          .method = "PUT",
                                          .endpoint = getenv("RS_TEST_S3"),
                                          .path = rs_str_from(path),
                                          .query = &query,
                                          .query_count = 1,
                                          .body = rs_strbuf_str(&policy),
                                          .what = "set a policy"};
    assert_true(rs_aws_call_send(call, &request, &reply, NULL, &err));
    rs_http_reply_release(&reply);
    assert_false(
        rs_s3_delete_many(bucket.s3, bucket.name, keys, RS_COUNTOF(keys), report, &failed, &err));
    if (failed != 2) {
        fail_msg("%zu: %s", failed, err.message);
    }
    assert_int_equal(err.code, RS_E_PARTIAL);
    assert_non_null(strstr(err.message, "2 of 2 objects are still there"));
    request.method = "DELETE";
    request.body = RS_STR("");
    assert_true(rs_aws_call_send(call, &request, &reply, NULL, &err));
    rs_http_reply_release(&reply);
    rs_aws_call_free(call);
    rs_http_free(http);
    rs_strbuf_release(&policy);
    bucket_remove(&bucket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3__any_key_is_put_got_listed_and_deleted),
        cmocka_unit_test(test_s3__head_tells_size_etag_and_date),
        cmocka_unit_test(test_s3__a_list_goes_over_its_pages),
        cmocka_unit_test(test_s3__a_delimiter_folds_keys_into_prefixes),
        cmocka_unit_test(test_s3__what_is_not_there_is_named),
        cmocka_unit_test(test_s3__an_object_past_the_maximum_is_not_got),
        cmocka_unit_test(test_s3__wrong_keys_say_what_to_check),
        cmocka_unit_test(test_s3__kms_keys_encrypt_and_unknown_ones_are_refused),
        cmocka_unit_test(test_s3__buckets_may_be_in_the_hosts_name),
        cmocka_unit_test(test_s3__what_cannot_be_deleted_is_reported_key_by_key),
    };
    return bucket_server_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
