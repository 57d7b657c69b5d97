/*
 * Signatures by AWS's own examples: its general test suite (service "service"), and those of the
 * S3 manual. A canonical request is checked by the hash that AWS publishes of it.
 */
#include "aws/sigv4.h"

#include <string.h>

#include "codec/digest.h"
#include "unit.h"

/* 2015-08-30T12:36:00Z and 2013-05-24T00:00:00Z */
static const int64_t suite_us = INT64_C(1440938160) * 1000000;
static const int64_t manual_us = INT64_C(1369353600) * 1000000;

static const struct rs_credentials suite_keys = {
    (char *)(uintptr_t) "AKIDEXAMPLE",
    (char *)(uintptr_t) "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL, RS_CREDENTIALS_NEVER};
static const struct rs_credentials manual_keys = {
    (char *)(uintptr_t) "AKIAIOSFODNN7EXAMPLE",
    (char *)(uintptr_t) "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL, RS_CREDENTIALS_NEVER};

#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define TOKEN                                                                                      \
    "AQoDYXdzEPT//////////"                                                                        \
    "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI"                    \
    "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"                                                          \
    "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0"                                  \
    "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"            \
    "scqKmlzm8FDry"                                                                                \
    "pNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

/* What all paths that are "/" in the end come to. */
#define VANILLA           "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63"
#define VANILLA_SIGNATURE "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

static const struct suite_case {
    const char *label;
    const char *method;
    const char *path;
    const char *canonical_sha256;
    const char *signature;
    const char *query[2][2];
    const char *headers[4][2]; /* beside Host and X-Amz-Date */
} suite_cases[] = {
    {"get-vanilla", "GET", "/", VANILLA, .signature = VANILLA_SIGNATURE},
    {"get-vanilla-empty-query-key", "GET", "/",
     "1e24db194ed7d0eec2de28d7369675a243488e08526e8c1c73571282f7c517ab",
     .signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
     .query = {{"Param1", "value1"}}},
    {"get-vanilla-query-order-key-case", "GET", "/",
     "816cd5b414d056048ba4f7c5386d6e0533120fb1fcfa93762cf0fc39e2cf19e0",
     .signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
     .query = {{"Param2", "value2"}, {"Param1", "value1"}}},
    {"get-vanilla-query-unreserved", "GET", "/",
     "c30d4703d9f799439be92736156d47ccfb2d879ddf56f5befa6d1d6aab979177",
     .signature = "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
     .query = {{UNRESERVED, UNRESERVED}}},
    {"get-vanilla-utf8-query", "GET", "/",
     "eb30c5bed55734080471a834cc727ae56beb50e5f39d1bff6d0d38cb192a7073",
     .signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
     .query = {{"\xe1\x88\xb4", "bar"}}},
    {"get-header-key-duplicate", "GET", "/",
     "dc7f04a3abfde8d472b0ab1a418b741b7c67174dad1551b4117b15527fbe966c",
     .signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
     .headers = {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}},
    {"get-header-value-order", "GET", "/",
     "31ce73cd3f3d9f66977ad3dd957dc47af14df92fcd8509f59b349e9137c58b86",
     .signature = "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
     .headers = {{"My-Header1", "value4"},
                 {"My-Header1", "value1"},
                 {"My-Header1", "value3"},
                 {"My-Header1", "value2"}}},
    {"get-header-value-trim", "GET", "/",
     "a726db9b0df21c14f559d0a978e563112acb1b9e05476f0a6a1c7d68f28605c7",
     .signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
     .headers = {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}},
    {"get-unreserved", "GET", "/" UNRESERVED,
     "6a968768eefaa713e2a6b16b589a8ea192661f098f37349f4e2c0082757446f9",
     .signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8", "GET", "/\xe1\x88\xb4",
     "2a0a97d02205e45ce2e994789806b19270cfbbb0921b278ccf58f5249ac42102",
     .signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-relative", "GET", "/example/..", VANILLA, .signature = VANILLA_SIGNATURE},
    {"get-relative-relative", "GET", "/example1/example2/../..", VANILLA,
     .signature = VANILLA_SIGNATURE},
    {"get-slash", "GET", "//", VANILLA, .signature = VANILLA_SIGNATURE},
    {"get-slash-dot-slash", "GET", "/./", VANILLA, .signature = VANILLA_SIGNATURE},
    {"get-slash-pointless-dot", "GET", "/./example",
     "214d50c111a8edc4819da6a636336472c916b5240f51e9a51b5c3305180cf702",
     .signature = "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
    {"get-slashes", "GET", "//example//",
     "cb96b4ac96d501f7c5c15bc6d67b3035061cfced4af6585ad927f7e6c985c015",
     .signature = "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-space", "GET", "/example space/",
     "63ee75631ed7234ae61b5f736dfc7754cdccfedbff4b5128a915706ee9390d86",
     .signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"post-vanilla", "POST", "/",
     "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
     .signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-header-key-sort", "POST", "/",
     "9368318c2967cf6de74404b30c65a91e8f6253e0a8659d6d5319f1a812f87d65",
     .signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
     .headers = {{"My-Header1", "value1"}}},
    {"post-header-value-case", "POST", "/",
     "d51ced243e649e3de6ef63afbbdcbca03131a21a7103a1583706a64618606a93",
     .signature = "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
     .headers = {{"My-Header1", "VALUE1"}}},
    {"post-sts-header-before", "POST", "/",
     "c237e1b440d4c63c32ca95b5b99481081cb7b13c7e40434868e71567c1a882f6",
     .signature = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
     .headers = {{"X-Amz-Security-Token", TOKEN}}},
    {"post-vanilla-query", "POST", "/",
     "9d659678c1756bb3113e2ce898845a0a79dbbc57b740555917687f1b3340fbbd",
     .signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
     .query = {{"Param1", "value1"}}},
    {"post-vanilla-query-nonunreserved", "POST", "/",
     "eefcefefb33f2f62b17696313b6d0dcb93231d17f4bdf722a1278a1931fa8365",
     .signature = "88d3e39e4fa54b971f51c0a09140368e1a51aafb76c4652d9998f93cf3038074",
     .query = {{"@#$%^&+", "/,?><`\";:\\|][{}"}}},
};

static size_t fill_headers(const struct suite_case *at, struct rs_http_header *headers)
{
    size_t count = 0;
    for (size_t i = 0; i < RS_COUNTOF(at->headers) && at->headers[i][0]; i++) {
        headers[count++] =
            (struct rs_http_header){rs_str_from(at->headers[i][0]), rs_str_from(at->headers[i][1])};
    }
    headers[count++] = (struct rs_http_header){RS_STR("X-Amz-Date"), RS_STR("20150830T123600Z")};
    headers[count++] = (struct rs_http_header){RS_STR("Host"), RS_STR("example.amazonaws.com")};
    return count;
}

static size_t fill_query(const struct suite_case *at, struct rs_url_param *query)
{
    size_t count = 0;
    for (size_t i = 0; i < RS_COUNTOF(at->query) && at->query[i][0]; i++) {
        query[count++] =
            (struct rs_url_param){rs_str_from(at->query[i][0]), rs_str_from(at->query[i][1])};
    }
    return count;
}

/* Each of the three steps by itself, the second and third from what is published. */
static void assert_steps(const struct rs_sigv4_request *request, const struct rs_sigv4_scope *scope,
                         const char *label, const char *canonical_sha256, const char *begin,
                         const char *signature)
{
    struct rs_strbuf canonical = RS_STRBUF_INIT(RS_SIGV4_TEXT_MAX);
    struct rs_strbuf text = RS_STRBUF_INIT(RS_SIGV4_TEXT_MAX);
    struct rs_strbuf wanted = RS_STRBUF_INIT(RS_SIGV4_TEXT_MAX);
    unsigned char digest[RS_SHA256_BYTES];
    char hex[2 * RS_SHA256_BYTES + 1] = "";
    rs_sigv4_canonical(request, scope, &canonical);
    rs_sha256(rs_strbuf_str(&canonical), digest);
    rs_hex(digest, sizeof digest, hex);
    if (strcmp(hex, canonical_sha256) != 0) {
        fail_msg("%s: another canonical request:\n%s", label, rs_strbuf_cstr(&canonical));
    }
    rs_sigv4_string_to_sign(scope, rs_strbuf_str(&canonical), &text);
    rs_strbuf_append(&wanted, begin);
    rs_strbuf_append(&wanted, canonical_sha256);
    assert_string_equal(rs_strbuf_cstr(&text), rs_strbuf_cstr(&wanted));
    rs_sigv4_signature(scope, rs_strbuf_str(&wanted), hex);
    if (strcmp(hex, signature) != 0) {
        fail_msg("%s: another signature: %s", label, hex);
    }
    rs_strbuf_release(&canonical);
    rs_strbuf_release(&text);
    rs_strbuf_release(&wanted);
}

static void test_sigv4__the_general_suite_is_signed_as_aws_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(suite_cases); i++) {
        const struct suite_case *at = &suite_cases[i];
        struct rs_sigv4_scope scope = {&suite_keys, "us-east-1", "service", suite_us};
        struct rs_http_header headers[6];
        struct rs_url_param query[2];
        struct rs_sigv4_request request = {.method = at->method,
                                           .path = rs_str_from(at->path),
                                           .headers = headers,
                                           .query = query,
                                           .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
        request.header_count = fill_headers(at, headers);
        request.query_count = fill_query(at, query);
        assert_steps(
            &request, &scope, at->label, at->canonical_sha256,
            "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n",
            at->signature);
    }
}

static void test_sigv4__the_authorization_header_is_that_of_the_suite(void **state)
{
    (void)state;
    struct rs_sigv4_scope scope = {&suite_keys, "us-east-1", "service", suite_us};
    struct rs_http_header headers[] = {
        {RS_STR_INIT("My-Header2"), RS_STR_INIT(" \"a   b   c\" ")},
        {RS_STR_INIT("host"), RS_STR_INIT("example.amazonaws.com")},
        {RS_STR_INIT("My-Header1"), RS_STR_INIT("value1")},
        {RS_STR_INIT("X-Amz-Date"), RS_STR_INIT("20150830T123600Z")},
    };
    struct rs_sigv4_request request = {.method = "GET",
                                       .headers = headers,
                                       .header_count = RS_COUNTOF(headers),
                                       .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
    struct rs_strbuf out = RS_STRBUF_INIT(1024);
    rs_sigv4_authorization(&request, &scope, &out);
    assert_string_equal(
        rs_strbuf_cstr(&out),
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;my-header1;my-header2;x-amz-date, "
        "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    rs_strbuf_release(&out);
}

static const struct rs_str example_host = RS_STR_INIT("examplebucket.s3.amazonaws.com");

static void assert_manual(const char *label, struct rs_sigv4_request *request,
                          struct rs_http_header *headers, const char *canonical_sha256,
                          const char *signature)
{
    struct rs_sigv4_scope scope = {&manual_keys, "us-east-1", "s3", manual_us};
    size_t count = request->header_count;
    headers[count++] = (struct rs_http_header){RS_STR("Host"), example_host};
    headers[count++] = (struct rs_http_header){RS_STR("x-amz-date"), RS_STR("20130524T000000Z")};
    headers[count++] =
        (struct rs_http_header){RS_STR("x-amz-content-sha256"), request->payload_sha256};
    request->headers = headers;
    request->header_count = count;
    assert_steps(request, &scope, label, canonical_sha256,
                 "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n",
                 signature);
}

static void test_sigv4__the_examples_of_the_s3_manual(void **state)
{
    (void)state;
    struct rs_http_header get[4] = {{RS_STR_INIT("Range"), RS_STR_INIT("bytes=0-9")}};
    struct rs_http_header put[5] = {
        {RS_STR_INIT("Date"), RS_STR_INIT("Fri, 24 May 2013 00:00:00 GMT")},
        {RS_STR_INIT("x-amz-storage-class"), RS_STR_INIT("REDUCED_REDUNDANCY")}};
    struct rs_http_header lifecycle[3];
    struct rs_http_header list[3];
    struct rs_url_param lifecycle_query[] = {{RS_STR_INIT("lifecycle"), RS_STR_INIT("")}};
    struct rs_url_param list_query[] = {{RS_STR_INIT("prefix"), RS_STR_INIT("J")},
                                        {RS_STR_INIT("max-keys"), RS_STR_INIT("2")}};
    struct rs_sigv4_request request = {.method = "GET",
                                       .path = RS_STR("/test.txt"),
                                       .header_count = 1,
                                       .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
    assert_manual("get an object", &request, get,
                  "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
                  "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    request = (struct rs_sigv4_request){
        .method = "PUT",
        .path = RS_STR("/test%24file.text"),
        .header_count = 2,
        .payload_sha256 =
            RS_STR("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")};
    assert_manual("put an object", &request, put,
                  "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
                  "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    request = (struct rs_sigv4_request){.method = "GET",
                                        .query = lifecycle_query,
                                        .query_count = 1,
                                        .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
    assert_manual("a query without a value", &request, lifecycle,
                  "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
                  "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    request = (struct rs_sigv4_request){.method = "GET",
                                        .query = list_query,
                                        .query_count = 2,
                                        .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
    assert_manual("list objects", &request, list,
                  "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
                  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/* The path line of the canonical request of GET path. */
static void assert_path(const char *service, const char *path, const char *wanted)
{
    struct rs_sigv4_scope scope = {&suite_keys, "us-east-1", service, suite_us};
    struct rs_sigv4_request request = {
        .method = "GET", .path = rs_str_from(path), .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
    struct rs_strbuf canonical = RS_STRBUF_INIT(RS_SIGV4_TEXT_MAX);
    rs_sigv4_canonical(&request, &scope, &canonical);
    struct rs_str rest = rs_str_slice(rs_strbuf_str(&canonical), 4, canonical.length);
    rest = rs_str_slice(rest, 0, rs_str_find_byte(rest, '\n'));
    if (!rs_str_equal(rest, rs_str_from(wanted))) {
        fail_msg("%s, %s: %.*s", service, path, RS_STR_ARG(rest));
    }
    rs_strbuf_release(&canonical);
}

static void test_sigv4__s3_paths_stay_and_others_are_normalized_and_encoded_again(void **state)
{
    (void)state;
    assert_path("s3", "", "/");
    assert_path("s3", "/a%20b//c/../d/.", "/a%20b//c/../d/.");
    assert_path("sts", "", "/");
    assert_path("sts", "/a%20b//c/../d/.", "/a%2520b/d/");
    assert_path("sts", "/..", "/");
    assert_path("sts", "/a/b/..", "/a/");
    assert_path("sts", "/../../a", "/a");
}

/* '-' comes before ':' in ASCII, so sorting whole lines puts these two the wrong way round. */
static void test_sigv4__a_name_that_begins_another_comes_first(void **state)
{
    (void)state;
    struct rs_sigv4_scope scope = {&suite_keys, "us-east-1", "s3", suite_us};
    struct rs_http_header headers[] = {
        {RS_STR_INIT("x-amz-server-side-encryption-aws-kms-key-id"), RS_STR_INIT("k")},
        {RS_STR_INIT("x-amz-server-side-encryption"), RS_STR_INIT("aws:kms")},
    };
    struct rs_url_param query[] = {{RS_STR_INIT("a-b"), RS_STR_INIT("2")},
                                   {RS_STR_INIT("a"), RS_STR_INIT("b")},
                                   {RS_STR_INIT("a"), RS_STR_INIT("B")}};
    struct rs_sigv4_request request = {.method = "PUT",
                                       .query = query,
                                       .query_count = 3,
                                       .headers = headers,
                                       .header_count = 2,
                                       .payload_sha256 = RS_SIGV4_UNSIGNED_PAYLOAD};
    struct rs_strbuf canonical = RS_STRBUF_INIT(RS_SIGV4_TEXT_MAX);
    rs_sigv4_canonical(&request, &scope, &canonical);
    assert_string_equal(rs_strbuf_cstr(&canonical),
                        "PUT\n/\na=B&a=b&a-b=2\nx-amz-server-side-encryption:aws:kms\n"
                        "x-amz-server-side-encryption-aws-kms-key-id:k\n\n"
                        "x-amz-server-side-encryption;"
                        "x-amz-server-side-encryption-aws-kms-key-id\nUNSIGNED-PAYLOAD");
    rs_strbuf_release(&canonical);
}

static void test_sigv4__past_its_limits_nothing_is_signed(void **state)
{
    (void)state;
    struct rs_sigv4_scope scope = {&suite_keys, "us-east-1", "s3", suite_us};
    struct rs_http_header headers[RS_SIGV4_HEADERS_MAX + 1];
    struct rs_sigv4_request request = {.method = "GET",
                                       .headers = headers,
                                       .header_count = RS_COUNTOF(headers),
                                       .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
    struct rs_strbuf out = RS_STRBUF_INIT(64 << 10);
    for (size_t i = 0; i < RS_COUNTOF(headers); i++) {
        headers[i] = (struct rs_http_header){RS_STR("a"), RS_STR("b")};
    }
    rs_sigv4_authorization(&request, &scope, &out);
    assert_false(rs_strbuf_ok(&out));
    assert_int_equal(out.length, 0);
    rs_strbuf_release(&out);
}

static void test_sigv4__the_date_is_that_of_the_instant(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {{0, "19700101T000000Z"},
                 {INT64_C(1440938160999999), "20150830T123600Z"},
                 {INT64_C(4102444799000000), "20991231T235959Z"}};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        char date[RS_SIGV4_DATE_BYTES + 1] = "";
        rs_sigv4_date(cases[i].us, date);
        assert_string_equal(date, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigv4__the_general_suite_is_signed_as_aws_does),
        cmocka_unit_test(test_sigv4__the_authorization_header_is_that_of_the_suite),
        cmocka_unit_test(test_sigv4__the_examples_of_the_s3_manual),
        cmocka_unit_test(test_sigv4__s3_paths_stay_and_others_are_normalized_and_encoded_again),
        cmocka_unit_test(test_sigv4__a_name_that_begins_another_comes_first),
        cmocka_unit_test(test_sigv4__past_its_limits_nothing_is_signed),
        cmocka_unit_test(test_sigv4__the_date_is_that_of_the_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
