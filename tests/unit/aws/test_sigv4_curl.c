/* A third opinion on signatures: what curl signs with code of its own, we sign alike. */
#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "canned.h"
#include "unit.h"

static const struct rs_credentials keys = {
    (char *)(uintptr_t) "AKIDEXAMPLE",
    (char *)(uintptr_t) "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL, RS_CREDENTIALS_NEVER};

/* The text behind name in what was asked, up to the end of its line. */
static struct rs_str line_of(struct rs_str asked, const char *name)
{
    const char *begin = strstr(asked.data, name);
    assert_non_null(begin);
    begin += strlen(name);
    return (struct rs_str){begin, strcspn(begin, "\r\n")};
}

static void test_sigv4_curl__a_request_of_curl_has_our_signature(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}};
    struct rs_sigv4_scope scope = {&keys, "eu-west-1", "es", 0};
    struct rs_strbuf out = RS_STRBUF_INIT(1024);
    struct canned canned;
    char command[512];
    char iso[] = "0000-00-00T00:00:00";
    if (system("curl --help all 2>/dev/null | grep -q aws-sigv4") != 0) {
        skip();
    }
    canned_start(&canned, steps, RS_COUNTOF(steps));
    (void)snprintf(command, sizeof command,
                   "curl -s --noproxy '*' --aws-sigv4 aws:amz:%s:%s --user %s:%s "
                   "'%s/a-b/c?x=1&y=2'",
                   scope.region, scope.service, keys.access_key_id, keys.secret_access_key,
                   canned.url);
    assert_int_equal(system(command), 0);
    struct rs_str asked = canned_stop(&canned);
    struct rs_str date = line_of(asked, "X-Amz-Date: ");
    assert_int_equal(date.length, RS_SIGV4_DATE_BYTES);
    static const char from[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14};
    static const char to[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
    for (size_t i = 0; i < sizeof from; i++) {
        iso[(size_t)to[i]] = date.data[(size_t)from[i]];
    }
    assert_true(rs_timefmt_parse(rs_str_from(iso), &scope.now_us));
    const struct rs_http_header headers[] = {{RS_STR("Host"), line_of(asked, "Host: ")},
                                             {RS_STR("X-Amz-Date"), date}};
    const struct rs_url_param query[] = {{RS_STR("y"), RS_STR("2")}, {RS_STR("x"), RS_STR("1")}};
    const struct rs_sigv4_request request = {.method = "GET",
                                             .path = RS_STR("/a-b/c"),
                                             .query = query,
                                             .query_count = 2,
                                             .headers = headers,
                                             .header_count = 2,
                                             .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
    rs_sigv4_authorization(&request, &scope, &out);
    struct rs_str theirs = line_of(asked, "Signature=");
    assert_true(rs_str_ends(rs_strbuf_str(&out), theirs));
    assert_int_equal(theirs.length, RS_SIGV4_SIGNATURE_BYTES);
    rs_strbuf_release(&out);
    canned_release(&canned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigv4_curl__a_request_of_curl_has_our_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
