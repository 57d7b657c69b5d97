/*
 * aws_mock.h - tests/lib/aws-mock for unit tests: started once a program, ends with it.
 *
 *   if (!aws_mock_start(&mock)) return 77;                       there is no python3
 *   fake_env_set(&fake, "AWS_ENDPOINT_URL", mock.url);
 *   aws_mock_put(&mock, "fail", "{\"count\": 2}");
 *   struct rs_json_doc *seen = aws_mock_requests(&mock);         an array
 *   aws_mock_stop(&mock);
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

struct aws_mock {
    pid_t pid;
    int to;       /* its stdin: closing it ends it */
    char url[64]; /* "http://127.0.0.1:PORT" */
    struct rs_env env;
    struct rs_http *http;
};

static inline bool aws_mock_read_url(struct aws_mock *mock, int from)
{
    size_t used = 0;
    while (used < sizeof mock->url - 1) {
        ssize_t count = read(from, mock->url + used, 1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0 || mock->url[used] == '\n') {
            break;
        }
        used++;
    }
    mock->url[used] = '\0';
    return strncmp(mock->url, "http://", 7) == 0;
}

/* False where it cannot run: the test is skipped then. */
static inline bool aws_mock_start(struct aws_mock *mock)
{
    const char *source = getenv("RS_SOURCE_DIR");
    char path[1024];
    int to[2];
    int from[2];

    *mock = (struct aws_mock){.pid = -1};
    (void)snprintf(path, sizeof path, "%s/tests/lib/aws-mock", source ? source : ".");
    if (access("/usr/bin/python3", X_OK) != 0 || access(path, X_OK) != 0 || pipe(to) != 0 ||
        pipe(from) != 0) {
        return false;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    mock->pid = fork();
    if (mock->pid == 0) {
        (void)dup2(to[0], STDIN_FILENO);
        (void)dup2(from[1], STDOUT_FILENO);
        (void)close(to[1]);
        (void)execl(path, "aws-mock", (char *)NULL);
        _exit(127);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    (void)fcntl(to[1], F_SETFD, FD_CLOEXEC);
    mock->to = to[1];
    bool ok = aws_mock_read_url(mock, from[0]);
    (void)close(from[0]);
    rs_env_init_system(&mock->env, "rs-test");
    mock->http = rs_http_new(&mock->env, NULL);
    return ok;
}

static inline void aws_mock_stop(struct aws_mock *mock)
{
    rs_http_free(mock->http);
    (void)close(mock->to);
    (void)waitpid(mock->pid, NULL, 0);
}

static inline void aws_mock_send(struct aws_mock *mock, const char *method, const char *name,
                                 const char *body, struct rs_http_reply *reply)
{
    struct rs_error err = {0};
    char url[128];

    (void)snprintf(url, sizeof url, "%s/_mock/%s", mock->url, name);
    const struct rs_http_request request = {
        .method = method, .url = url, .body = rs_str_from(body)};
    if (!rs_http_send(mock->http, &request, reply, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(reply->status, 200);
}

/* Throw a switch. */
static inline void aws_mock_put(struct aws_mock *mock, const char *name, const char *json)
{
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    aws_mock_send(mock, "PUT", name, json, &reply);
    rs_http_reply_release(&reply);
}

/* What it was asked since the reset; freed with rs_json_doc_free. */
static inline struct rs_json_doc *aws_mock_requests(struct aws_mock *mock)
{
    struct rs_error err = {0};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;

    aws_mock_send(mock, "GET", "requests", NULL, &reply);
    struct rs_json_doc *doc = rs_json_doc_parse(rs_strbuf_str(&reply.body), "requests", &err);
    rs_http_reply_release(&reply);
    if (!doc) {
        fail_msg("%s", err.message);
    }
    return doc;
}

static inline size_t aws_mock_count(struct aws_mock *mock)
{
    struct rs_json_doc *doc = aws_mock_requests(mock);
    size_t count = rs_json_node_count(rs_json_doc_root(doc));
    rs_json_doc_free(doc);
    return count;
}

#endif
