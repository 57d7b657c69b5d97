/*
 * Probes: replies in all their pieces, addresses, and connections to listeners of this machine.
 * What takes a network of its own is in tests/cli/check-net-namespaces.
 */
#include "check/network/probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check/network/probe_path.h"
#include "check/network/probe_postgres.h"
#include "check/network/probe_tls.h"
#include "codec/base64.h"
#include "rs/strbuf.h"
#include "unit.h"

#define BYTES(literal) ((struct rs_str)RS_STR_INIT(literal))

static struct rs_env env;
static bool is_interrupted;

static bool fake_interrupted(const struct rs_env *unused)
{
    (void)unused;
    return is_interrupted;
}

static int set_up(void **state)
{
    rs_env_init_system(&env, "rs-test");
    env.interrupted = fake_interrupted;
    is_interrupted = false;
    *state = NULL;
    return 0;
}

static struct rs_probe_limit within_ms(unsigned ms)
{
    return (struct rs_probe_limit){.env = &env,
                                   .deadline_us = env.monotonic_us(&env) + ms * INT64_C(1000)};
}

/* ---- Replies -------------------------------------------------------------------------------- */

#define REFUSED                                                                                    \
    "E\0\0\0\x26SFATAL\0C"                                                                         \
    "28000\0Mno entry, SSL off\0\0"

static const struct {
    const char *label;
    struct rs_str bytes;
    enum rs_probe_answer tls;
    enum rs_probe_answer startup;
    const char *message; /* a part of it */
} replies[] = {
    {"nothing yet", RS_STR_INIT(""), RS_PROBE_MORE, RS_PROBE_MORE, ""},
    {"it takes TLS", RS_STR_INIT("S"), RS_PROBE_TLS, RS_PROBE_FOREIGN, ""},
    {"it does not", RS_STR_INIT("N"), RS_PROBE_NO_TLS, RS_PROBE_MORE, ""},
    {"bytes behind its word for TLS", RS_STR_INIT("SE\0\0\0\x08"), RS_PROBE_TAMPERED,
     RS_PROBE_FOREIGN, ""},
    {"an error", RS_STR_INIT(REFUSED), RS_PROBE_ERROR, RS_PROBE_ERROR, "no entry, SSL off"},
    {"the beginning of an error", RS_STR_INIT("E\0\0\0\x26SFATAL\0C28"), RS_PROBE_MORE,
     RS_PROBE_MORE, ""},
    {"an error with a length that cannot be", RS_STR_INIT("E\0\0\0\x03"), RS_PROBE_FOREIGN,
     RS_PROBE_FOREIGN, "something that begins with"},
    {"an error of before protocol 3", RS_STR_INIT("EFATAL:  sorry, too many clients\n\0"),
     RS_PROBE_ERROR, RS_PROBE_ERROR, "FATAL:  sorry, too many clients"},
    {"an error without its end", RS_STR_INIT("E\0\0\0\x0bMgone\0Cxx"), RS_PROBE_ERROR,
     RS_PROBE_ERROR, "gone"},
    {"control characters are not shown", RS_STR_INIT("E\0\0\0\x10Ma\x1b[2Jb\xff\x07z\0\0"),
     RS_PROBE_ERROR, RS_PROBE_ERROR, "a [2Jb? z"},
    {"a password by MD5", RS_STR_INIT("R\0\0\0\x0c\0\0\0\x05salt"), RS_PROBE_FOREIGN, RS_PROBE_ASKS,
     ""},
    {"no password", RS_STR_INIT("R\0\0\0\x08\0\0\0\0Z"), RS_PROBE_FOREIGN, RS_PROBE_LETS_IN, ""},
    {"a request that is too short", RS_STR_INIT("R\0\0\0\x07\0\0\0"), RS_PROBE_FOREIGN,
     RS_PROBE_FOREIGN, ""},
    {"a notice comes first", RS_STR_INIT("N\0\0\0\x07Mx\0R\0\0\0\x08\0\0\0\x03"), RS_PROBE_NO_TLS,
     RS_PROBE_ASKS, ""},
    {"an SSH server", RS_STR_INIT("SSH-2.0-OpenSSH"), RS_PROBE_FOREIGN, RS_PROBE_FOREIGN,
     "an SSH server"},
    {"a web server", RS_STR_INIT("HTTP/1.1 400"), RS_PROBE_FOREIGN, RS_PROBE_FOREIGN, "HTTP"},
    {"an alert of TLS", RS_STR_INIT("\x15\x03\x01\0\x02\x02\x46"), RS_PROBE_FOREIGN,
     RS_PROBE_FOREIGN, "TLS from the first byte"},
    {"a MySQL server",
     RS_STR_INIT("J\0\0\0\x0a"
                 "8.0.33\0"),
     RS_PROBE_FOREIGN, RS_PROBE_FOREIGN, "a MySQL server"},
    {"anything", RS_STR_INIT("what?\n"), RS_PROBE_FOREIGN, RS_PROBE_FOREIGN, "\"what? \""},
};

static void test_probe__a_reply_is_read_as_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(replies); i++) {
        struct rs_probe_reply tls;
        struct rs_probe_reply startup;
        print_message("%s\n", replies[i].label);
        assert_int_equal(rs_probe_parse_tls(replies[i].bytes, &tls), replies[i].tls);
        assert_int_equal(rs_probe_parse_startup(replies[i].bytes, &startup), replies[i].startup);
        assert_int_equal(tls.answer, replies[i].tls);
        assert_int_equal(startup.answer, replies[i].startup);
        const bool told = replies[i].tls == RS_PROBE_ERROR || replies[i].tls == RS_PROBE_FOREIGN;
        assert_non_null(strstr(told ? tls.message : startup.message, replies[i].message));
    }
}

static void test_probe__an_error_has_its_code_and_a_request_its_number(void **state)
{
    struct rs_probe_reply reply;
    (void)state;
    assert_int_equal(rs_probe_parse_startup(BYTES(REFUSED), &reply), RS_PROBE_ERROR);
    assert_string_equal(reply.code, "28000");
    assert_string_equal(reply.message, "no entry, SSL off");
    assert_int_equal(rs_probe_parse_startup(BYTES("R\0\0\0\x0c\0\0\0\x0dsalt"), &reply),
                     RS_PROBE_ASKS);
    assert_int_equal(reply.auth, 13);
}

/* A socket whose other end has said bytes, and has ended if it is to. */
static int hear(struct rs_str bytes, bool ended, int *other)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    if (bytes.length > 0) {
        assert_int_equal(write(ends[1], bytes.data, bytes.length), (ssize_t)bytes.length);
    }
    if (ended) {
        assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
    }
    *other = ends[1];
    return ends[0];
}

static void test_probe__a_server_is_asked_for_tls(void **state)
{
    static const struct {
        const char *label;
        struct rs_str bytes;
        bool ended;
        enum rs_probe_answer answer;
    } cases[] = {
        {"it agrees", RS_STR_INIT("S"), false, RS_PROBE_TLS},
        {"it has none", RS_STR_INIT("N"), false, RS_PROBE_NO_TLS},
        {"it is silent", RS_STR_INIT(""), false, RS_PROBE_SILENT},
        {"it hangs up", RS_STR_INIT(""), true, RS_PROBE_CUT},
        {"it hangs up in a word", RS_STR_INIT("E\0\0\0\x26SF"), true, RS_PROBE_CUT},
        {"it says half a word", RS_STR_INIT("E\0\0\0\x26SF"), false, RS_PROBE_SILENT},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_probe_reply reply;
        char asked[16] = "";
        int other = -1;
        print_message("%s\n", cases[i].label);
        const int fd = hear(cases[i].bytes, cases[i].ended, &other);
        const struct rs_probe_limit limit = within_ms(30);
        rs_probe_ask_tls(&limit, fd, &reply);
        assert_int_equal(reply.answer, cases[i].answer);
        assert_int_equal(read(other, asked, sizeof asked), 8);
        assert_memory_equal(asked, "\0\0\0\x08\x04\xd2\x16\x2f", 8);
        (void)close(fd);
        (void)close(other);
    }
}

static void test_probe__a_login_without_tls_has_a_name_and_no_password(void **state)
{
    struct rs_probe_reply reply;
    char asked[256] = "";
    int other = -1;
    (void)state;
    const int fd = hear(BYTES("R\0\0\0\x08\0\0\0\x03"), false, &other);
    const struct rs_probe_limit limit = within_ms(500);
    rs_probe_ask_startup(&limit, fd, "ann", "dev", &reply);
    assert_int_equal(reply.answer, RS_PROBE_ASKS);
    const struct rs_str sent = BYTES("\0\0\0\x1f\0\x03\0\0user\0ann\0database\0dev\0\0");
    assert_int_equal(read(other, asked, sizeof asked), (ssize_t)sent.length);
    assert_memory_equal(asked, sent.data, sent.length);
    assert_int_equal(recv(other, asked, 1, MSG_DONTWAIT), -1);
    (void)close(fd);
    (void)close(other);
}

/* The names of a login are as long as its author likes; a message is not. */
static void test_probe__a_name_that_a_login_has_no_room_for_is_left_out(void **state)
{
    static const size_t around_the_most[] = {9869, 9870, 9880, 9884, 9885, 9886, 9887, 9890, 30000};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(around_the_most); i++) {
        for (unsigned padded = 0; padded < 2; padded++) {
            static char user[32768];
            static char asked[16384];
            struct rs_probe_reply reply;
            struct rs_probe_path path;
            int other = -1;
            const int fd = hear(BYTES(""), false, &other);
            const struct rs_probe_limit limit = within_ms(0);
            memset(user, 'u', around_the_most[i]);
            user[around_the_most[i]] = '\0';
            if (padded) {
                rs_probe_fill_path(&limit, fd, user, "dev", &path);
            } else {
                rs_probe_ask_startup(&limit, fd, user, "dev", &reply);
            }
            const ssize_t got = read(other, asked, sizeof asked);
            assert_in_range(got, 9, 10000);
            assert_int_equal((uint8_t)asked[2] << 8 | (uint8_t)asked[3], got);
            assert_memory_equal(asked + got - 2, "\0\0", 2);
            if (around_the_most[i] == 30000) { /* and no value stands for a name */
                assert_string_equal(asked + 8, "database");
                assert_string_equal(asked + 8 + sizeof "database", "dev");
            }
            (void)close(fd);
            (void)close(other);
        }
    }
}

/* ---- Addresses ------------------------------------------------------------------------------ */

static void test_probe__an_address_has_its_scope(void **state)
{
    static const struct {
        const char *text;
        enum rs_probe_scope scope;
    } cases[] = {
        {"10.255.0.1", RS_PROBE_PRIVATE},     {"11.0.0.1", RS_PROBE_PUBLIC},
        {"172.16.0.1", RS_PROBE_PRIVATE},     {"172.31.255.255", RS_PROBE_PRIVATE},
        {"172.32.0.1", RS_PROBE_PUBLIC},      {"192.168.7.7", RS_PROBE_PRIVATE},
        {"192.169.0.1", RS_PROBE_PUBLIC},     {"100.64.0.1", RS_PROBE_PRIVATE},
        {"100.127.255.1", RS_PROBE_PRIVATE},  {"100.128.0.1", RS_PROBE_PUBLIC},
        {"169.254.169.254", RS_PROBE_LINK},   {"127.8.8.8", RS_PROBE_LOOPBACK},
        {"52.1.2.3", RS_PROBE_PUBLIC},        {"::1", RS_PROBE_LOOPBACK},
        {"fd00::1", RS_PROBE_PRIVATE},        {"fe80::1", RS_PROBE_LINK},
        {"2001:db8::1", RS_PROBE_PUBLIC},     {"::ffff:10.0.0.1", RS_PROBE_PRIVATE},
        {"::ffff:52.1.2.3", RS_PROBE_PUBLIC},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_probe_addresses addresses = RS_PROBE_ADDRESSES_INIT;
        const struct rs_probe_limit limit = within_ms(2000);
        print_message("%s\n", cases[i].text);
        assert_int_equal(rs_probe_resolve(&limit, cases[i].text, 5439, i, &addresses),
                         RS_PROBE_FOUND);
        assert_int_equal(addresses.count, 1);
        assert_int_equal(addresses.items[0].scope, cases[i].scope);
        assert_int_equal(addresses.items[0].host, i);
        assert_string_equal(addresses.items[0].text, cases[i].text);
        assert_string_equal(addresses.alias_of, "");
        assert_true(rs_probe_is_address(cases[i].text));
    }
    assert_false(rs_probe_is_address("tea.example.com"));
    assert_false(rs_probe_is_address(""));
    assert_true(rs_probe_is_address("fe80::1%eth0"));
}

static void test_probe__a_folder_is_that_of_a_socket(void **state)
{
    struct rs_probe_addresses addresses = RS_PROBE_ADDRESSES_INIT;
    const struct rs_probe_limit limit = within_ms(2000);
    char long_path[200];
    (void)state;
    assert_int_equal(rs_probe_resolve(&limit, "/nonexistent", 5432, 0, &addresses), RS_PROBE_FOUND);
    assert_int_equal(addresses.items[0].scope, RS_PROBE_SOCKET);
    assert_string_equal(addresses.items[0].text, "/nonexistent/.s.PGSQL.5432");
    assert_false(rs_probe_connect(&limit, &addresses));
    assert_int_equal(addresses.items[0].state, RS_PROBE_REFUSED);
    memset(long_path, '/', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(rs_probe_resolve(&limit, long_path, 1, 0, &addresses), RS_PROBE_LOOKUP_FAILED);
    rs_probe_close(&addresses);
}

static void test_probe__addresses_past_the_most_are_left_out(void **state)
{
    struct rs_probe_addresses addresses = RS_PROBE_ADDRESSES_INIT;
    const struct rs_probe_limit limit = within_ms(2000);
    (void)state;
    for (size_t i = 0; i < RS_PROBE_ADDRESSES_MAX + 3; i++) {
        assert_int_equal(rs_probe_resolve(&limit, "127.0.0.1", 1, i, &addresses), RS_PROBE_FOUND);
    }
    assert_int_equal(addresses.count, RS_PROBE_ADDRESSES_MAX);
    rs_probe_close(&addresses);
}

/* ---- Connections ---------------------------------------------------------------------------- */

static int listen_somewhere(unsigned *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, length), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &length), 0);
    *port = ntohs(here.sin_port);
    return fd;
}

static void test_probe__all_addresses_are_tried_and_each_has_its_state(void **state)
{
    struct rs_probe_addresses addresses = RS_PROBE_ADDRESSES_INIT;
    const struct rs_probe_limit limit = within_ms(2000);
    unsigned port = 0;
    (void)state;
    const int listener = listen_somewhere(&port);
    assert_int_equal(rs_probe_resolve(&limit, "127.0.0.1", 1, 0, &addresses), RS_PROBE_FOUND);
    assert_int_equal(rs_probe_resolve(&limit, "127.0.0.1", port, 1, &addresses), RS_PROBE_FOUND);
    assert_true(rs_probe_connect(&limit, &addresses));
    assert_int_equal(addresses.items[0].state, RS_PROBE_REFUSED);
    assert_int_equal(addresses.items[0].fd, -1);
    assert_int_equal(addresses.items[1].state, RS_PROBE_OPEN);
    assert_true(addresses.items[1].fd >= 0);
    const int again = rs_probe_connect_again(&limit, &addresses.items[1]);
    assert_true(again >= 0);
    assert_int_equal(rs_probe_connect_again(&limit, &addresses.items[0]), -1);
    (void)close(again);
    (void)close(listener);
    rs_probe_close(&addresses);
    assert_int_equal(addresses.count, 0);
}

static void test_probe__a_signal_ends_all_waiting(void **state)
{
    struct rs_probe_reply reply;
    int other = -1;
    (void)state;
    const int fd = hear(BYTES(""), false, &other);
    const struct rs_probe_limit limit = within_ms(60000);
    is_interrupted = true;
    rs_probe_ask_tls(&limit, fd, &reply);
    assert_int_equal(reply.answer, RS_PROBE_SILENT);
    assert_true(env.monotonic_us(&env) < limit.deadline_us - 50 * INT64_C(1000000));
    (void)close(fd);
    (void)close(other);
}

/* A local socket's bytes wait until they are read, as TCP's until they are acknowledged. */
static void test_probe__what_is_not_taken_in_time_is_missing(void **state)
{
    struct rs_probe_path path;
    int other = -1;
    (void)state;
    const int fd = hear(BYTES(""), false, &other);
    const struct rs_probe_limit limit = within_ms(40);
    rs_probe_fill_path(&limit, fd, "ann", "dev", &path);
    assert_true(path.sent);
    assert_false(path.acknowledged);
    assert_true(path.missing >= path.bytes);
    assert_true(path.bytes > 1500);
    assert_int_equal(path.state, RS_PROBE_OPEN);
    (void)close(fd);
    (void)close(other);
}

static void test_probe__what_arrives_is_acknowledged(void **state)
{
    struct rs_probe_path path;
    struct rs_probe_addresses addresses = RS_PROBE_ADDRESSES_INIT;
    const struct rs_probe_limit limit = within_ms(2000);
    unsigned port = 0;
    (void)state;
    const int listener = listen_somewhere(&port);
    assert_int_equal(rs_probe_resolve(&limit, "127.0.0.1", port, 0, &addresses), RS_PROBE_FOUND);
    assert_true(rs_probe_connect(&limit, &addresses));
    rs_probe_fill_path(&limit, addresses.items[0].fd, "ann", "dev", &path);
    assert_true(path.acknowledged);
    assert_int_equal(path.missing, 0);
    assert_true(path.bytes <= 10000);
    assert_true(path.mtu >= 1500);
    (void)close(listener);
    rs_probe_close(&addresses);
}

/* ---- Amazon's roots ------------------------------------------------------------------------- */

/* Amazon Root CA 3 and 4; those of RSA are known in the same way. */
static void test_probe__the_keys_of_amazons_roots_are_known(void **state)
{
    static const char *const keys[] = {
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKZenxkF/wA2b6AEbVsbyUqW6LbIS6NIu1/"
        "rJxdiqbR9zgTs7mGs5fDOl"
        "xU6GjoAXaGJFV31EWB2zN+VnCOtm3g==",
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE0quKN0+jUw3+wYp7S6h7RktjsGL2LRvbCHEh0gDoY72aJ/"
        "vwOW5d6j2lyYGq"
        "o1sgmEVdFtv96BBt45zg471fhGLzcGQzoMskL3C6iKEqoHX4ga5iBsSB2zluKbAe+i5c",
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(keys); i++) {
        struct rs_strbuf key = RS_STRBUF_INIT(1024);
        assert_true(rs_base64_decode(rs_str_from(keys[i]), &key));
        assert_true(rs_probe_is_amazons(key.data, key.length));
        assert_false(rs_probe_is_amazons(key.data, key.length - 1));
        rs_strbuf_release(&key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe__a_reply_is_read_as_what_it_is),
        cmocka_unit_test(test_probe__an_error_has_its_code_and_a_request_its_number),
        cmocka_unit_test_setup(test_probe__a_server_is_asked_for_tls, set_up),
        cmocka_unit_test_setup(test_probe__a_login_without_tls_has_a_name_and_no_password, set_up),
        cmocka_unit_test_setup(test_probe__a_name_that_a_login_has_no_room_for_is_left_out, set_up),
        cmocka_unit_test_setup(test_probe__an_address_has_its_scope, set_up),
        cmocka_unit_test_setup(test_probe__a_folder_is_that_of_a_socket, set_up),
        cmocka_unit_test_setup(test_probe__addresses_past_the_most_are_left_out, set_up),
        cmocka_unit_test_setup(test_probe__all_addresses_are_tried_and_each_has_its_state, set_up),
        cmocka_unit_test_setup(test_probe__a_signal_ends_all_waiting, set_up),
        cmocka_unit_test_setup(test_probe__what_is_not_taken_in_time_is_missing, set_up),
        cmocka_unit_test_setup(test_probe__what_arrives_is_acknowledged, set_up),
        cmocka_unit_test(test_probe__the_keys_of_amazons_roots_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
