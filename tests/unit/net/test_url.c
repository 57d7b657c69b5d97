/* Addresses taken apart: http, https and s3; what is none is refused. */
#include "net/url.h"

#include <string.h>

#include "unit.h"

static void assert_part(struct rs_str got, const char *wanted)
{
    if (!rs_str_equal(got, rs_str_from(wanted))) {
        fail_msg("%.*s instead of %s", RS_STR_ARG(got), wanted);
    }
}

static void test_url__is_split_into_its_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool tls;
        const char *host;
        unsigned port;
        const char *path;
        const char *query;
        const char *host_header;
    } cases[] = {
        {"http://a", false, "a", 80, "", "", "a"},
        {"https://a.b-c.com/", true, "a.b-c.com", 443, "/", "", "a.b-c.com"},
        {"https://a:443/x%20y//z?q=1&r", true, "a", 443, "/x%20y//z", "q=1&r", "a"},
        {"http://127.0.0.1:7480/b", false, "127.0.0.1", 7480, "/b", "", "127.0.0.1:7480"},
        {"https://a:80?x=/?", true, "a", 80, "", "x=/?", "a:80"},
        {"http://[fd00:ec2::254]/latest", false, "[fd00:ec2::254]", 80, "/latest", "",
         "[fd00:ec2::254]"},
        {"https://[::1]:8443", true, "[::1]", 8443, "", "", "[::1]:8443"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_url url;
        struct rs_strbuf host = RS_STRBUF_INIT(256);
        assert_true(rs_url_split(rs_str_from(cases[i].text), &url));
        assert_int_equal(url.tls, cases[i].tls);
        assert_int_equal(url.port, cases[i].port);
        assert_part(url.host, cases[i].host);
        assert_part(url.path, cases[i].path);
        assert_part(url.query, cases[i].query);
        rs_url_append_host(&host, &url);
        assert_string_equal(rs_strbuf_cstr(&host), cases[i].host_header);
        rs_strbuf_release(&host);
    }
}

static void test_url__what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        "http",
                                        "http:/a",
                                        "ftp://a",
                                        "http://",
                                        "http:///a",
                                        "http://a:b",
                                        "http://a:",
                                        "http://a:0",
                                        "http://:80",
                                        "http://a:65536",
                                        "http://u@a",
                                        "http://u:p@a/",
                                        "http://a b",
                                        "http://a/b c",
                                        "http://a/#f",
                                        "http://[::1",
                                        "http://::1",
                                        "http://a\xc3\xa9",
                                        "HTTP://a",
                                        "http://a/\n",
                                        "http://a%20b"};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_url url;
        if (rs_url_split(rs_str_from(cases[i]), &url)) {
            fail_msg("taken: %s", cases[i]);
        }
    }
}

static void test_url__a_query_is_appended_encoded(void **state)
{
    (void)state;
    struct rs_strbuf out = RS_STRBUF_INIT(256);
    rs_strbuf_append(&out, "http://a/");
    rs_url_append_query(&out, RS_STR("list-type"), RS_STR("2"));
    rs_url_append_query(&out, RS_STR("prefix"), RS_STR("a b/&="));
    rs_url_append_query(&out, RS_STR("uploads"), RS_STR(""));
    assert_string_equal(rs_strbuf_cstr(&out),
                        "http://a/?list-type=2&prefix=a%20b%2F%26%3D&uploads=");
    rs_strbuf_release(&out);
}

static void test_url__s3_gives_bucket_and_key(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *bucket; /* NULL: refused */
        const char *key;
    } cases[] = {
        {"s3://bucket", "bucket", ""},
        {"s3://bucket/", "bucket", ""},
        {"s3://my.bucket-1/a b/?c#d//e%20", "my.bucket-1", "a b/?c#d//e%20"},
        {"s3://bucket//a", "bucket", "/a"},
        {"S3://bucket/a", NULL, ""},
        {"s3:/bucket/a", NULL, ""},
        {"s3://", NULL, ""},
        {"s3:///a", NULL, ""},
        {"s3://ab/a", NULL, ""},
        {"s3://Bucket/a", NULL, ""},
        {"s3://a..b/a", NULL, ""},
        {"s3://-ab/a", NULL, ""},
        {"s3://abc-/a", NULL, ""},
        {"s3://a_b/a", NULL, ""},
        {"s3://0123456789012345678901234567890123456789012345678901234567890123/a", NULL, ""},
        {"bucket/a", NULL, ""},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_str bucket = {NULL, 0};
        struct rs_str key = {NULL, 0};
        bool ok = rs_url_split_s3(rs_str_from(cases[i].text), &bucket, &key);
        assert_int_equal(ok, cases[i].bucket != NULL);
        assert_part(bucket, cases[i].bucket ? cases[i].bucket : "");
        assert_part(key, cases[i].key);
    }
}

static void test_url__an_endpoint_is_a_server_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {{"https://example.com", true},        {"http://127.0.0.1:9000", true},
                 {"https://[::1]:9000//", true},       {"https://example.com/", true},
                 {"https://example.com/minio", false}, {"https://example.com?", false},
                 {"https://example.com/?a=b", false},  {"https://user:pass@example.com", false},
                 {"ftp://example.com", false},         {"", false}};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        if (rs_url_is_endpoint(rs_str_from(cases[i].text)) != cases[i].ok) {
            fail_msg("%s", cases[i].text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url__is_split_into_its_parts),
        cmocka_unit_test(test_url__what_is_none_is_refused),
        cmocka_unit_test(test_url__a_query_is_appended_encoded),
        cmocka_unit_test(test_url__s3_gives_bucket_and_key),
        cmocka_unit_test(test_url__an_endpoint_is_a_server_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
