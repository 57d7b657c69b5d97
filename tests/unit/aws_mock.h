/*
 * aws_mock.h - tests/lib/aws-mock for unit tests: started once a program, ends with it.
 *
 *   return aws_mock_start() ? cmocka_run_group_tests(tests, NULL, aws_mock_stop) : 77;     in main
 *   fake_env_set(&fake, "AWS_ENDPOINT_URL", mock.url);
 *   aws_mock_put("fail", "{\"count\": 2}");
 *   struct rs_json_doc *seen = aws_mock_requests();         an array
 */
#ifndef RS_TESTS_AWS_MOCK_H
#define RS_TESTS_AWS_MOCK_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/json_doc.h"
#include "net/http.h"
#include "rs/strbuf.h"
#include "unit.h"

static struct aws_mock {
    pid_t pid;
    int to;       /* its stdin: closing it ends it */
    char url[64]; /* "http://127.0.0.1:PORT" */
    struct rs_env env;
    struct rs_http *http;
} mock;

static inline bool aws_mock_read_url(int from)
{
    size_t used = 0;
    while (used < sizeof mock.url - 1) {
        ssize_t count = read(from, mock.url + used, 1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0 || mock.url[used] == '\n') {
            break;
        }
        used++;
    }
    mock.url[used] = '\0';
    return strncmp(mock.url, "http://", 7) == 0;
}

/* False, after a word, where it cannot run: the test is skipped then. */
static inline bool aws_mock_start(void)
{
    const char *source = getenv("RS_SOURCE_DIR");
    char path[1024];
    int to[2];
    int from[2];

    (void)snprintf(path, sizeof path, "%s/tests/lib/aws-mock", source ? source : ".");
    if (access("/usr/bin/python3", X_OK) != 0 || access(path, X_OK) != 0 || pipe(to) != 0 ||
        pipe(from) != 0) {
        (void)fprintf(stderr, "SKIPPED: tests/lib/aws-mock does not run here (python3)\n");
        return false;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    mock.pid = fork();
    if (mock.pid == 0) {
        (void)dup2(to[0], STDIN_FILENO);
        (void)dup2(from[1], STDOUT_FILENO);
        (void)close(to[1]);
        (void)execl(path, "aws-mock", (char *)NULL);
        _exit(127);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    (void)fcntl(to[1], F_SETFD, FD_CLOEXEC);
    mock.to = to[1];
    bool ok = aws_mock_read_url(from[0]);
    (void)close(from[0]);
    rs_env_init_system(&mock.env, "rs-test");
    mock.http = rs_http_new(&mock.env, NULL);
    return ok;
}

/* Tear down of the group of tests. */
static inline int aws_mock_stop(void **state)
{
    (void)state;
    rs_http_free(mock.http);
    (void)close(mock.to);
    (void)waitpid(mock.pid, NULL, 0);
    return 0;
}

static inline void aws_mock_send(const char *method, const char *name, const char *body,
                                 struct rs_http_reply *reply)
{
    struct rs_error err = {0};
    char url[128];

    (void)snprintf(url, sizeof url, "%s/_mock/%s", mock.url, name);
    const struct rs_http_request request = {
        .method = method, .url = url, .body = rs_str_from(body)};
    if (!rs_http_send(mock.http, &request, reply, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(reply->status, 200);
}

/* Throw a switch. */
static inline void aws_mock_put(const char *name, const char *json)
{
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    aws_mock_send("PUT", name, json, &reply);
    rs_http_reply_release(&reply);
}

/* What it was asked since the reset; freed with rs_json_doc_free. */
static inline struct rs_json_doc *aws_mock_requests(void)
{
    struct rs_error err = {0};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;

    aws_mock_send("GET", "requests", NULL, &reply);
    struct rs_json_doc *doc = rs_json_doc_parse(rs_strbuf_str(&reply.body), "requests", &err);
    rs_http_reply_release(&reply);
    if (!doc) {
        fail_msg("%s", err.message);
    }
    return doc;
}

static inline size_t aws_mock_count(void)
{
    struct rs_json_doc *doc = aws_mock_requests();
    size_t count = rs_json_node_count(rs_json_doc_root(doc));
    rs_json_doc_free(doc);
    return count;
}

#endif
