/*
 * Tunnels: against a real sshd (tests/lib/sshd) what works and what is refused, and against
 * scripts in its place what it is called with and how it ends.
 */
#include "net/tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bastion.h"
#include "scratch.h"
#include "unit.h"

/* The database's address, to which the sshd forwards. */
struct place {
    struct rs_env env;
    char address[32];
};

static bool is_interrupted;
static bool is_late;

static bool fake_interrupted(const struct rs_env *env)
{
    (void)env;
    return is_interrupted;
}

/* Each look at the clock is a minute later. */
static int64_t fake_monotonic_us(const struct rs_env *env)
{
    static int64_t now_us;
    (void)env;
    now_us += is_late ? (int64_t)60 * 1000 * 1000 : 1000;
    return now_us;
}

static int set_up(void **state)
{
    static struct place place;
    rs_env_init_system(&place.env, "rs-test");
    place.env.interrupted = fake_interrupted;
    place.env.monotonic_us = fake_monotonic_us;
    is_interrupted = false;
    is_late = false;
    if (getenv("RS_TEST_SSHD") && getenv("RS_TEST_TLS_DATABASE")) {
        bastion_server_word(" hostaddr=", place.address, sizeof place.address);
        bastion_put_on_path();
    }
    *state = &place;
    return 0;
}

static int connect_to(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* What a server answers to a request for TLS: 'S' of PostgreSQL; 0: it hung up. */
static char ask_for_tls(const char *port)
{
    static const unsigned char request[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
    char answer = 0;
    int fd = connect_to(port);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, request, sizeof request), sizeof request);
    if (read(fd, &answer, 1) != 1) {
        answer = 0;
    }
    (void)close(fd);
    return answer;
}

static struct rs_tunnel *open_to(const struct place *place, const char *destination,
                                 const char *host, const char *port, struct rs_error *err)
{
    struct rs_tunnel_options options = {.destination = destination, .host = host, .port = port};
    return rs_tunnel_open(&place->env, &options, err);
}

static void test_tunnel__it_leads_to_the_server_until_it_is_closed(void **state)
{
    const struct place *place = *state;
    struct rs_error err = {0};
    char port[8] = "";
    struct rs_tunnel *tunnel = open_to(place, "bastion", place->address, "5432", &err);
    if (!tunnel) {
        fail_msg("%s", err.message);
    }
    (void)snprintf(port, sizeof port, "%s", rs_tunnel_port(tunnel));
    assert_int_equal(ask_for_tls(port), 'S');
    assert_int_equal(ask_for_tls(port), 'S');
    assert_true(rs_tunnel_is_open(tunnel));
    rs_tunnel_explain(tunnel, &err);
    assert_string_equal(err.message, "");
    rs_tunnel_close(tunnel);
    assert_int_equal(connect_to(port), -1);
}

static const struct {
    const char *destination;
    bool retryable;
    const char *message;
    const char *hint;
} refused[] = {
    {"wrong-key", false, "Permission denied (publickey)", "ssh-add"},
    {"unknown-host", false, "Host key verification failed", "known_hosts"},
    {"changed-host", false, "has changed", "ssh-keygen -R"},
    {"taken-forward", false, "cannot listen to port", "LocalForward"},
    {"nobody@127.0.0.1:1", false, "Connection refused", "sshd runs there"},
    {"no-such-host.invalid", false, "Could not resolve hostname", "bastion's name"},
};

static void test_tunnel__what_ssh_says_is_passed_on(void **state)
{
    for (size_t i = 0; i < RS_COUNTOF(refused); i++) {
        struct rs_error err = {0};
        print_message("%s\n", refused[i].destination);
        assert_null(open_to(*state, refused[i].destination, "db.internal", "5439", &err));
        print_message("  %s\n  %s\n", err.message, err.hint);
        assert_int_equal(err.code, RS_E_NET);
        assert_int_equal(err.retryable, refused[i].retryable);
        assert_non_null(strstr(err.message, "could not open a tunnel through \""));
        assert_non_null(strstr(err.message, refused[i].message));
        assert_non_null(strstr(err.hint, refused[i].hint));
    }
}

static const struct {
    const char *label;
    const char *host;
    const char *port;
    const char *message;
    const char *hint;
} unreached[] = {
    {"the bastion may not forward there", "db.internal", "5439", "administratively prohibited",
     "PermitOpen"},
    {"nobody listens there", "localhost", "1", "Connection refused", "security group"},
};

static void test_tunnel__a_forward_that_fails_is_explained_with_the_connection(void **state)
{
    for (size_t i = 0; i < RS_COUNTOF(unreached); i++) {
        struct rs_error err = {0};
        struct rs_tunnel *tunnel =
            open_to(*state, "bastion", unreached[i].host, unreached[i].port, &err);
        print_message("%s\n", unreached[i].label);
        assert_non_null(tunnel);
        assert_int_equal(ask_for_tls(rs_tunnel_port(tunnel)), 0);
        assert_true(rs_tunnel_is_open(tunnel));
        (void)rs_error_set(&err, RS_E_NET, "could not connect to the database: it hung up");
        (void)rs_error_hint(&err, "look at the server");
        rs_tunnel_explain(tunnel, &err);
        print_message("  %s\n  %s\n", err.message, err.hint);
        assert_non_null(strstr(err.message, "it hung up; ssh bastion to "));
        assert_non_null(strstr(err.message, unreached[i].message));
        assert_non_null(strstr(err.hint, unreached[i].hint));
        rs_tunnel_close(tunnel);
    }
}

/* A port that takes connections and never says a word. */
static int listen_in_silence(char *destination, size_t room)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(destination, room, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

static void test_tunnel__a_bastion_that_is_silent_is_not_waited_for_forever(void **state)
{
    struct rs_error err = {0};
    char destination[64] = "";
    int fd = listen_in_silence(destination, sizeof destination);
    is_late = true;
    assert_null(open_to(*state, destination, "db.internal", "5439", &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_true(err.retryable);
    assert_non_null(strstr(err.message, "no answer in 60 s"));

    rs_error_clear(&err);
    is_interrupted = true;
    assert_null(open_to(*state, destination, "db.internal", "5439", &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    (void)close(fd);
}

/* Open a tunnel, tell its port, and wait to be killed. */
static void be_killed(const struct place *place, int out)
{
    struct rs_error err = {0};
    struct rs_tunnel *tunnel = open_to(place, "bastion", place->address, "5432", &err);
    const char *port = tunnel ? rs_tunnel_port(tunnel) : "";
    (void)!write(out, port, strlen(port));
    for (;;) {
        (void)pause();
    }
}

static bool ends_within(const char *port, int ms)
{
    for (int waited = 0; waited < ms; waited += 20) {
        int fd = connect_to(port);
        if (fd < 0) {
            return true;
        }
        (void)close(fd);
        (void)poll(NULL, 0, 20);
    }
    return false;
}

static void test_tunnel__it_ends_when_we_are_killed(void **state)
{
    int ends[2];
    char port[16] = "";
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        be_killed(*state, ends[1]);
    }
    assert_true(read(ends[0], port, sizeof port - 1) > 0);
    assert_int_equal(ask_for_tls(port), 'S');
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(ends_within(port, 5000));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* ---- Scripts in place of ssh -------------------------------------------------------------------- */

static void put_ssh(struct scratch *scratch, const char *script)
{
    char path[4096] = "";
    scratch_write(scratch, "bin/ssh", script, strlen(script));
    assert_int_equal(chmod(scratch_path(scratch, "bin/ssh"), 0755), 0);
    (void)snprintf(path, sizeof path, "/nonexistent:%s/bin:/usr/bin:/bin", scratch->dir);
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(setenv("RS_TEST_OUT", scratch_path(scratch, "out"), 1), 0);
}

static void test_tunnel__names_are_arguments_and_never_options(void **state)
{
    static const struct {
        const char *destination;
        const char *host;
        const char *tail; /* the last arguments, a line each; PORT is the tunnel's */
    } cases[] = {
        {"bastion", "db", "-o\nBatchMode=yes\n-L\n127.0.0.1:PORT:db:5439\n--\nbastion\n"},
        {"ann@bastion:2222", "db", "-L\n127.0.0.1:PORT:db:5439\n-l\nann\n-p\n2222\n--\nbastion\n"},
        {"DOMAIN\\ann@x@[2001:db8::1]:22", "::1",
         "-L\n127.0.0.1:PORT:[::1]:5439\n-l\nDOMAIN\\ann@x\n-p\n22\n--\n2001:db8::1\n"},
        {"[fe80::1%eth0]", "10.0.0.5", "-L\n127.0.0.1:PORT:10.0.0.5:5439\n--\nfe80::1%eth0\n"},
    };
    struct scratch scratch = scratch_make();
    put_ssh(&scratch, "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$RS_TEST_OUT\"\n"
                      "echo rs-tunnel-is-open\nexec sleep 60\n");
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(4096);
        char expected[512] = "";
        print_message("%s\n", cases[i].destination);
        struct rs_tunnel *tunnel =
            open_to(*state, cases[i].destination, cases[i].host, "5439", &err);
        assert_non_null(tunnel);
        const char *mark = strstr(cases[i].tail, "PORT");
        (void)snprintf(expected, sizeof expected, "%.*s%s%s", (int)(mark - cases[i].tail),
                       cases[i].tail, rs_tunnel_port(tunnel), mark + 4);
        assert_true(rs_fs_read_file(scratch_path(&scratch, "out"), &out, &err));
        if (!rs_str_ends(rs_strbuf_str(&out), rs_str_from(expected))) {
            fail_msg("%s", rs_strbuf_cstr(&out));
        }
        assert_non_null(strstr(rs_strbuf_cstr(&out), "ExitOnForwardFailure=yes\n"));
        assert_non_null(strstr(rs_strbuf_cstr(&out), "ServerAliveInterval=15\n"));
        rs_tunnel_close(tunnel);
        rs_strbuf_release(&out);
    }
    scratch_remove(&scratch);
}

static const char *const no_bastions[] = {
    "",          "@bastion",   "-oProxyCommand=x", "ann@-x",      "-x@bastion",    "a b",
    "bastion:0", "bastion:",   "bastion:65536",    "bastion:ssh", "2001:db8::1",   "[::1",
    "[::1]x",    "$(touch x)", "ann`x`@bastion",   "a;b",         "ssh://bastion", "ann\\@bastion",
    "bas\ntion", "[]",
};

static void test_tunnel__what_is_no_bastion_is_refused_before_anything_runs(void **state)
{
    struct scratch scratch = scratch_make();
    put_ssh(&scratch, "#!/bin/sh\n: >\"$RS_TEST_OUT\"\n");
    for (size_t i = 0; i < RS_COUNTOF(no_bastions); i++) {
        struct rs_error err = {0};
        print_message("%s\n", no_bastions[i]);
        assert_null(open_to(*state, no_bastions[i], "db", "5439", &err));
        assert_int_equal(err.code, RS_E_USAGE);
    }
    static const char *const no_hosts[] = {"", "-x", "/var/run", "a,b", "a b", "a;b"};
    for (size_t i = 0; i < RS_COUNTOF(no_hosts); i++) {
        struct rs_error err = {0};
        assert_null(open_to(*state, "bastion", no_hosts[i], "5439", &err));
        assert_int_equal(err.code, RS_E_USAGE);
    }
    struct rs_error err = {0};
    assert_null(open_to(*state, "bastion", "db", "5439,5440", &err));
    assert_int_equal(err.code, RS_E_USAGE);
    assert_int_equal(access(scratch_path(&scratch, "out"), F_OK), -1);
    scratch_remove(&scratch);
}

static void test_tunnel__without_ssh_it_says_so(void **state)
{
    struct rs_error err = {0};
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
    assert_null(open_to(*state, "bastion", "db", "5439", &err));
    assert_int_equal(err.code, RS_E_IO);
    assert_non_null(strstr(err.hint, "openssh-client"));
}

static void test_tunnel__an_ssh_that_ends_is_no_tunnel(void **state)
{
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    put_ssh(&scratch, "#!/bin/sh\nexit 7\n");
    assert_null(open_to(*state, "bastion", "db", "5439", &err));
    assert_non_null(strstr(err.message, "ended with status 7"));

    rs_error_clear(&err);
    static const char *const talkers[] = {"3000",
                                          "500"}; /* the word stands across a buffer's end */
    for (size_t i = 0; i < RS_COUNTOF(talkers); i++) {
        char text[128];
        (void)snprintf(text, sizeof text,
                       "#!/bin/sh\nhead -c %s /dev/zero | tr '\\0' x\necho rs-tunnel-is-open\n",
                       talkers[i]);
        put_ssh(&scratch, text);
        struct rs_tunnel *tunnel = open_to(*state, "bastion", "db", "5439", &err);
        assert_non_null(tunnel);
        for (int j = 0; j < 200 && rs_tunnel_is_open(tunnel); j++) {
            (void)poll(NULL, 0, 20);
        }
        assert_false(rs_tunnel_is_open(tunnel));
        rs_tunnel_close(tunnel);
    }
    scratch_remove(&scratch);
}

static void test_tunnel__an_ssh_that_does_not_hear_is_killed(void **state)
{
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    put_ssh(&scratch, "#!/bin/sh\ntrap '' HUP\necho $$ >\"$RS_TEST_OUT\"\n"
                      "echo rs-tunnel-is-open\nexec sleep 60\n");
    struct rs_tunnel *tunnel = open_to(*state, "bastion", "db", "5439", &err);
    struct rs_strbuf out = RS_STRBUF_INIT(64);
    assert_non_null(tunnel);
    assert_true(rs_fs_read_file(scratch_path(&scratch, "out"), &out, &err));
    pid_t ssh = (pid_t)strtol(rs_strbuf_cstr(&out), NULL, 10);
    assert_int_equal(kill(ssh, SIGTERM), 0); /* what stops us must not stop it first */
    (void)poll(NULL, 0, 50);
    assert_true(rs_tunnel_is_open(tunnel));
    rs_tunnel_close(tunnel);
    assert_int_equal(kill(ssh, 0), -1);
    assert_int_equal(errno, ESRCH);
    rs_strbuf_release(&out);
    scratch_remove(&scratch);
}

static int run_all(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest scripts[] = {
        TEST(test_tunnel__names_are_arguments_and_never_options),
        TEST(test_tunnel__what_is_no_bastion_is_refused_before_anything_runs),
        TEST(test_tunnel__without_ssh_it_says_so),
        TEST(test_tunnel__an_ssh_that_ends_is_no_tunnel),
        TEST(test_tunnel__an_ssh_that_does_not_hear_is_killed),
    };
    const struct CMUnitTest tests[] = {
        TEST(test_tunnel__it_leads_to_the_server_until_it_is_closed),
        TEST(test_tunnel__what_ssh_says_is_passed_on),
        TEST(test_tunnel__a_forward_that_fails_is_explained_with_the_connection),
        TEST(test_tunnel__a_bastion_that_is_silent_is_not_waited_for_forever),
        TEST(test_tunnel__it_ends_when_we_are_killed),
    };
#undef TEST
    int failed = cmocka_run_group_tests(scripts, NULL, NULL);
    if (failed > 0) {
        return failed;
    }
    return bastion_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}

int main(void)
{
    return bastion_run(run_all);
}
