/* HTTP against a server that says what it is told: replies, cuts, silence, streams and proxies. */
#include "net/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "canned.h"
#include "fake_env.h"
#include "unit.h"

#define OK_HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

struct world {
    struct fake_env fake;
    struct canned canned;
    struct rs_http *http;
    struct rs_http_reply reply;
    struct rs_error err;
};

static void begin(struct world *world, const struct canned_step *steps, size_t count)
{
    fake_env_init(&world->fake);
    canned_start(&world->canned, steps, count);
    world->http = rs_http_new(&world->fake.env, NULL);
    world->reply = RS_HTTP_REPLY_INIT;
    world->err = (struct rs_error){0};
}

static void end(struct world *world)
{
    rs_http_reply_release(&world->reply);
    rs_http_free(world->http);
    canned_release(&world->canned);
}

static bool ask(struct world *world, struct rs_http_request request)
{
    request.url = request.url ? request.url : world->canned.url;
    rs_error_clear(&world->err);
    rs_http_reply_release(&world->reply);
    return rs_http_send(world->http, &request, &world->reply, &world->err);
}

static bool get(struct world *world)
{
    return ask(world, (struct rs_http_request){.method = "GET"});
}

static void assert_header(const struct world *world, const char *name, const char *wanted)
{
    assert_true(rs_str_equal(rs_http_reply_header(&world->reply, name), rs_str_from(wanted)));
}

static void test_http__a_reply_has_status_headers_and_body(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = "HTTP/1.1 100 Continue\r\nX-A: no\r\n\r\nHTTP/1.1 404 Not Found\r\nX-A:  one \r\n"
                  "x-b:\r\nX-Ab: two\r\nX-A: three\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "2\r\nab\r\n3\r\ncde\r\n0\r\nX-C: trailer\r\n\r\n"}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps));
    assert_true(get(&world));
    assert_int_equal(world.reply.status, 404);
    assert_string_equal(rs_strbuf_cstr(&world.reply.body), "abcde");
    assert_header(&world, "x-a", "one");
    assert_header(&world, "X-AB", "two");
    assert_header(&world, "x-B", "");
    assert_null(rs_http_reply_header(&world.reply, "x-c").data);
    assert_null(rs_http_reply_header(&world.reply, "x").data);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__requests_are_sent_as_they_are_on_one_connection(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = OK_HI},
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
        {.reply = "HTTP/1.1 204 No Content\r\n\r\n"},
        {.reply = OK_HI},
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"},
        {.reply =
             "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"}};
    static const struct rs_http_header headers[] = {{RS_STR_INIT("X-Empty"), RS_STR_INIT("")},
                                                    {RS_STR_INIT("X-One"), RS_STR_INIT("1 2")}};
    struct world world;
    char url[128];
    begin(&world, steps, RS_COUNTOF(steps));
    (void)snprintf(url, sizeof url, "%s/a%%20b//c/../%%2F?x=1&y", world.canned.url);
    assert_true(
        ask(&world, (struct rs_http_request){
                        .method = "GET", .url = url, .headers = headers, .header_count = 2}));
    assert_true(ask(&world, (struct rs_http_request){.method = "PUT", .body = RS_STR("body")}));
    assert_true(ask(&world, (struct rs_http_request){.method = "DELETE"}));
    assert_true(ask(&world, (struct rs_http_request){.method = "POST"}));
    assert_true(ask(&world, (struct rs_http_request){.method = "HEAD"}));
    assert_header(&world, "content-length", "5000");
    assert_int_equal(world.reply.body.length, 0);
    assert_true(get(&world));
    assert_int_equal(world.reply.status, 301);
    struct rs_str asked = canned_stop(&world.canned); /* a second connection was never taken */
    assert_int_equal(canned_count(asked, "HTTP/1.1\r\n"), RS_COUNTOF(steps));
    assert_int_equal(canned_count(asked, "GET /a%20b//c/../%2F?x=1&y HTTP/1.1\r\n"), 1);
    assert_int_equal(canned_count(asked, "X-Empty:\r\nX-One: 1 2\r\n"), 1);
    assert_int_equal(canned_count(asked, "Content-Length: 4\r\n\r\nbodyDELETE / "), 1);
    assert_int_equal(canned_count(asked, "Content-Length: 0\r\n\r\nHEAD / "), 1);
    assert_int_equal(canned_count(asked, "Content-Type"), 0);
    end(&world);
}

static void test_http__a_large_body_arrives_whole(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.reply = OK_HI}};
    enum { BYTES = 3 << 20 };
    struct world world;
    char *body = rs_mem_alloc(BYTES);
    memset(body, 'x', BYTES);
    begin(&world, steps, RS_COUNTOF(steps));
    assert_true(ask(&world, (struct rs_http_request){.method = "PUT", .body = {body, BYTES}}));
    struct rs_str asked = canned_stop(&world.canned);
    assert_true(asked.length > BYTES);
    assert_memory_equal(asked.data + asked.length - BYTES, body, BYTES);
    rs_mem_free(body);
    end(&world);
}

static void test_http__what_cannot_be_sent_is_refused(void **state)
{
    (void)state;
    static const struct rs_http_header headers[] = {
        {RS_STR_INIT("X-A"), RS_STR_INIT("a\r\nX-B: b")},
        {RS_STR_INIT("X-A"), RS_STR_INIT("a\0b")},
        {RS_STR_INIT("X-A: b\r\nX-B"), RS_STR_INIT("a")},
        {RS_STR_INIT(""), RS_STR_INIT("a")}};
    static const char *const urls[] = {"ftp://127.0.0.1/", "file:///etc/passwd", "http://a b/",
                                       "http://127.0.0.1/\r\nX: y", ""};
    struct world world;
    begin(&world, NULL, 0);
    for (size_t i = 0; i < RS_COUNTOF(headers); i++) {
        assert_false(ask(&world, (struct rs_http_request){
                                     .method = "GET", .headers = &headers[i], .header_count = 1}));
        assert_int_equal(world.err.code, RS_E_INPUT);
    }
    for (size_t i = 0; i < RS_COUNTOF(urls); i++) {
        assert_false(ask(&world, (struct rs_http_request){.method = "GET", .url = urls[i]}));
        assert_int_equal(world.err.code, RS_E_INPUT);
    }
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__a_body_past_its_maximum_is_an_error(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.reply = OK_HI}, {.reply = OK_HI}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps));
    assert_true(ask(&world, (struct rs_http_request){.method = "GET", .max_body_bytes = 2}));
    assert_false(ask(&world, (struct rs_http_request){.method = "GET", .max_body_bytes = 1}));
    assert_int_equal(world.err.code, RS_E_LIMIT);
    assert_false(world.err.retryable);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__cuts_can_be_tried_again(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", .close = true},
        {.reply = "", .close = true},
        {.reply = "HTTP/1.1 200 OK\r\nContent-Le", .close = true},
        {.reply = "+OK this is no HTTP\r\n\r\n", .close = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps));
    for (size_t i = 0; i < RS_COUNTOF(steps); i++) {
        assert_false(get(&world));
        assert_int_equal(world.err.code, RS_E_NET);
        assert_int_equal(world.err.retryable, i < 3);
        assert_non_null(strstr(world.err.message, "could not reach \"127.0.0.1:"));
    }
    (void)canned_stop(&world.canned);
    assert_false(get(&world));
    assert_non_null(strstr(world.err.message, "Connection refused"));
    assert_non_null(strstr(world.err.hint, "port is open"));
    assert_true(world.err.retryable);
    end(&world);
}

static void test_http__a_name_without_an_address_says_so(void **state)
{
    (void)state;
    struct world world;
    begin(&world, NULL, 0);
    assert_false(ask(
        &world, (struct rs_http_request){.method = "GET", .url = "https://no-such.invalid/?q"}));
    assert_int_equal(world.err.code, RS_E_NET);
    assert_string_equal(world.err.message,
                        "could not reach \"no-such.invalid\": its name cannot be resolved");
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__silence_ends_by_the_deadlines(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.hang = true}};
    static const struct {
        struct rs_http_limits limits;
        const char *words;
    } cases[] = {{{.total_ms = 300}, "not done within 300 ms"},
                 {{.stall_ms = 1000}, "no byte for 1000 ms"}};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct world world;
        begin(&world, steps, RS_COUNTOF(steps));
        int64_t begin_us = world.fake.env.monotonic_us(&world.fake.env);
        assert_false(
            ask(&world, (struct rs_http_request){.method = "GET", .limits = cases[i].limits}));
        assert_int_equal(world.err.code, RS_E_NET);
        assert_true(world.err.retryable);
        if (!strstr(world.err.message, cases[i].words)) {
            fail_msg("%s", world.err.message);
        }
        assert_true(world.fake.env.monotonic_us(&world.fake.env) - begin_us < 9000000);
        (void)canned_stop(&world.canned);
        end(&world);
    }
}

static bool after_a_while(const struct rs_env *env)
{
    return ++fake_env_of(env)->slept_ms > 2;
}

static void test_http__a_signal_ends_the_wait(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.hang = true}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps));
    world.fake.env.interrupted = after_a_while;
    assert_false(get(&world));
    assert_int_equal(world.err.code, RS_E_INTERRUPTED);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__many_requests_are_under_way_at_once(void **state)
{
    (void)state;
    enum { MANY = 3 };
    static const struct canned_step steps[] = {{.reply = OK_HI, .close = true},
                                               {.reply = OK_HI, .close = true},
                                               {.reply = "", .close = true}};
    struct world world;
    int tags[MANY] = {0};
    struct rs_http_transfer *finished = NULL;
    size_t good = 0;
    begin(&world, steps, RS_COUNTOF(steps));
    for (size_t i = 0; i < MANY; i++) {
        const struct rs_http_request request = {
            .method = "GET", .url = world.canned.url, .tag = &tags[i]};
        assert_non_null(rs_http_start(world.http, &request, &world.err));
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_true(rs_http_drive(world.http, 5000, &finished, &world.err));
        assert_non_null(finished);
        ++*(int *)rs_http_tag(finished);
        struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
        struct rs_error err = {0};
        good += rs_http_finish(finished, &reply, &err);
        rs_http_reply_release(&reply);
    }
    assert_true(rs_http_drive(world.http, 5000, &finished, &world.err));
    assert_null(finished);
    assert_int_equal(good, 2);
    assert_true(tags[0] == 1 && tags[1] == 1 && tags[2] == 1);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__what_is_cancelled_or_left_is_gone(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.hang = true}};
    struct world world;
    struct rs_http_transfer *finished = NULL;
    begin(&world, steps, RS_COUNTOF(steps));
    const struct rs_http_request request = {.method = "GET", .url = world.canned.url};
    struct rs_http_transfer *transfer = rs_http_start(world.http, &request, &world.err);
    assert_true(rs_http_drive(world.http, 50, &finished, &world.err));
    assert_null(finished);
    rs_http_cancel(transfer);
    rs_http_cancel(NULL);
    assert_non_null(rs_http_start(world.http, &request, &world.err)); /* freed with the client */
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__a_stream_is_read_in_pieces_of_any_size(void **state)
{
    (void)state;
    enum { BYTES = 9 << 20 };
    static const struct canned_step steps[] = {
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 9437186\r\nETag: \"e\"\r\n\r\nab",
         .filler_bytes = BYTES},
        {.reply = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}};
    static const size_t sizes[] = {1, 100000, 3, 2 << 20, 65536};
    struct world world;
    char *piece = rs_mem_alloc(2 << 20);
    size_t total = 0;
    size_t count = 1;
    begin(&world, steps, RS_COUNTOF(steps));
    const struct rs_http_request request = {.method = "GET", .url = world.canned.url};
    struct rs_http_stream *stream = rs_http_open(world.http, &request, &world.reply, &world.err);
    assert_non_null(stream);
    assert_int_equal(world.reply.status, 200);
    assert_header(&world, "etag", "\"e\"");
    for (size_t i = 0; count > 0; i++) {
        size_t size = sizes[i % RS_COUNTOF(sizes)];
        assert_true(rs_http_read(stream, piece, size, &count, &world.err));
        assert_true(count <= size);
        assert_true(count == 0 || total < 2 || (piece[0] == '.' && piece[count - 1] == '.'));
        total += count;
    }
    assert_int_equal(total, BYTES + 2);
    assert_true(rs_http_read(stream, piece, 1, &count, &world.err));
    assert_int_equal(count, 0);
    rs_http_close(stream);
    rs_http_reply_release(&world.reply);
    stream = rs_http_open(world.http, &request, &world.reply, &world.err);
    assert_int_equal(world.reply.status, 404);
    assert_true(rs_http_read(stream, piece, 100, &count, &world.err));
    assert_int_equal(count, 0);
    rs_http_close(stream);
    (void)canned_stop(&world.canned);
    rs_mem_free(piece);
    end(&world);
}

static void test_http__a_stream_that_is_cut_gives_all_it_has_first(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n",
         .filler_bytes = 3 << 20,
         .close = true}};
    struct world world;
    static char piece[1 << 20];
    size_t total = 0;
    size_t count = 1;
    bool ok = true;
    begin(&world, steps, RS_COUNTOF(steps));
    const struct rs_http_request request = {.method = "GET", .url = world.canned.url};
    struct rs_http_stream *stream = rs_http_open(world.http, &request, &world.reply, &world.err);
    while (ok && count > 0) {
        ok = rs_http_read(stream, piece, sizeof piece, &count, &world.err);
        total += ok ? count : 0;
    }
    assert_false(ok);
    assert_int_equal(total, 3 << 20);
    assert_true(world.err.retryable);
    rs_http_close(stream);
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__proxies_are_used_but_for_link_local_addresses(void **state)
{
    (void)state;
    static const struct canned_step steps[] = {{.reply = OK_HI}, {.reply = OK_HI}};
    struct world world;
    begin(&world, steps, RS_COUNTOF(steps));
    fake_env_set(&world.fake, "http_proxy", world.canned.url);
    fake_env_set(&world.fake, "no_proxy", "direct.invalid");
    assert_true(
        ask(&world, (struct rs_http_request){.method = "GET", .url = "http://a.invalid/x"}));
    assert_false(
        ask(&world, (struct rs_http_request){.method = "GET", .url = "http://direct.invalid/y"}));
    assert_false(ask(&world, (struct rs_http_request){.method = "GET",
                                                      .url = "http://[fd00:ec2::254]/z",
                                                      .limits = {.connect_ms = 300}}));
    fake_env_set(&world.fake, "http_proxy", NULL);
    fake_env_set(&world.fake, "ALL_PROXY", world.canned.url);
    assert_true(ask(&world, (struct rs_http_request){.method = "GET", .url = "http://b.invalid/"}));
    struct rs_str asked = canned_stop(&world.canned);
    assert_int_equal(canned_count(asked, "GET http://a.invalid/x HTTP/1.1\r\n"), 1);
    assert_int_equal(canned_count(asked, "GET http://b.invalid/ HTTP/1.1\r\n"), 1);
    assert_int_equal(canned_count(asked, "GET "), 2);
    end(&world);
}

static void test_http__certificates_are_checked(void **state)
{
    (void)state;
    const char *url = getenv("RS_TEST_S3_TLS");
    struct world world;
    if (!url) {
        skip();
    }
    begin(&world, NULL, 0);
    assert_false(ask(&world, (struct rs_http_request){.method = "GET", .url = url}));
    assert_int_equal(world.err.code, RS_E_NET);
    assert_false(world.err.retryable);
    assert_non_null(strstr(world.err.hint, "AWS_CA_BUNDLE"));
    rs_http_free(world.http);
    fake_env_set(&world.fake, "AWS_CA_BUNDLE", getenv("RS_TEST_S3_CA"));
    world.http = rs_http_new(&world.fake.env, NULL);
    assert_true(ask(&world, (struct rs_http_request){.method = "GET", .url = url}));
    assert_int_equal(world.reply.status, 200);
    rs_http_free(world.http);
    fake_env_set(&world.fake, "AWS_CA_BUNDLE", "/no/such/file");
    world.http = rs_http_new(&world.fake.env, NULL);
    assert_false(ask(&world, (struct rs_http_request){.method = "GET", .url = url}));
    assert_non_null(strstr(world.err.message, "CA certificates cannot be used"));
    (void)canned_stop(&world.canned);
    end(&world);
}

static void test_http__the_version_is_that_of_libcurl(void **state)
{
    (void)state;
    assert_true(rs_http_library_version()[0] >= '7');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http__a_reply_has_status_headers_and_body),
        cmocka_unit_test(test_http__requests_are_sent_as_they_are_on_one_connection),
        cmocka_unit_test(test_http__a_large_body_arrives_whole),
        cmocka_unit_test(test_http__what_cannot_be_sent_is_refused),
        cmocka_unit_test(test_http__a_body_past_its_maximum_is_an_error),
        cmocka_unit_test(test_http__cuts_can_be_tried_again),
        cmocka_unit_test(test_http__a_name_without_an_address_says_so),
        cmocka_unit_test(test_http__silence_ends_by_the_deadlines),
        cmocka_unit_test(test_http__a_signal_ends_the_wait),
        cmocka_unit_test(test_http__many_requests_are_under_way_at_once),
        cmocka_unit_test(test_http__what_is_cancelled_or_left_is_gone),
        cmocka_unit_test(test_http__a_stream_is_read_in_pieces_of_any_size),
        cmocka_unit_test(test_http__a_stream_that_is_cut_gives_all_it_has_first),
        cmocka_unit_test(test_http__proxies_are_used_but_for_link_local_addresses),
        cmocka_unit_test(test_http__certificates_are_checked),
        cmocka_unit_test(test_http__the_version_is_that_of_libcurl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
