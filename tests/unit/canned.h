/*
 * canned.h - a server in a process of its own that says what a list tells it to, whatever it is
 * asked, and keeps what it was asked.
 *
 *   static const struct canned_step steps[] = {
 *       {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"},
 *       {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", .close = true},
 *       {.hang = true}};
 *   canned_start(&canned, steps, RS_COUNTOF(steps));     canned.url: "http://127.0.0.1:PORT"
 *   ... one request a step ...
 *   struct rs_str asked = canned_stop(&canned);          until the next start
 */
#ifndef RS_TESTS_CANNED_H
#define RS_TESTS_CANNED_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "rs/strbuf.h"
#include "unit.h"

enum { CANNED_ASKED_MAX = 16 << 20 };

struct canned_step {
    const char *reply;
    size_t filler_bytes; /* behind the reply: '.', so many */
    bool close;          /* the connection, after the reply */
    bool hang;           /* says nothing; the connection stays */
};

struct canned {
    pid_t pid;
    int log;
    char url[64];
    struct rs_strbuf asked;
};

/* Read one request, head and body, and write it to the log. False at the end of the connection. */
static inline bool canned_read(int connection, int log)
{
    struct rs_strbuf text = RS_STRBUF_INIT(CANNED_ASKED_MAX);
    size_t wanted = SIZE_MAX;
    bool ok = true;
    while (ok && text.length < wanted) {
        char piece[65536];
        ssize_t count = read(connection, piece, sizeof piece);
        ok = count > 0;
        rs_strbuf_append_bytes(&text, piece, ok ? (size_t)count : 0);
        const char *end = text.data ? strstr(text.data, "\r\n\r\n") : NULL;
        if (end && wanted == SIZE_MAX) {
            const char *length = strstr(text.data, "Content-Length: ");
            wanted = (size_t)(end - text.data) + 4 +
                     (length && length < end ? strtoul(length + 16, NULL, 10) : 0);
            if (strstr(text.data, "Expect: 100-continue")) {
                (void)!write(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25);
            }
        }
    }
    (void)!write(log, text.data ? text.data : "", text.length);
    rs_strbuf_release(&text);
    return ok;
}

static inline void canned_say(int connection, const struct canned_step *step)
{
    struct rs_error err = {0};
    static char filler[65536];
    memset(filler, '.', sizeof filler);
    (void)!rs_fs_write_all(connection, step->reply, strlen(step->reply), "a socket", &err);
    for (size_t left = step->filler_bytes; left > 0;) {
        size_t some = left < sizeof filler ? left : sizeof filler;
        (void)!rs_fs_write_all(connection, filler, some, "a socket", &err);
        left -= some;
    }
}

static inline void canned_serve(int listener, int log, const struct canned_step *steps,
                                size_t count)
{
    int connection = -1;
    for (size_t i = 0; i < count; i++) {
        while (connection < 0 || !canned_read(connection, log)) {
            if (connection >= 0) {
                (void)close(connection);
            }
            connection = accept(listener, NULL, NULL);
        }
        if (steps[i].hang) {
            continue;
        }
        canned_say(connection, &steps[i]);
        if (steps[i].close) {
            (void)close(connection);
            connection = -1;
        }
    }
    while (true) { /* what was answered stays open until the end */
        (void)pause();
    }
}

static inline void canned_start(struct canned *canned, const struct canned_step *steps,
                                size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    struct rs_error err = {0};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    canned->log = rs_fs_open_temp(getenv("TMPDIR"), &err); /* a pipe would fill up */
    assert_true(canned->log >= 0);
    (void)snprintf(canned->url, sizeof canned->url, "http://127.0.0.1:%u",
                   (unsigned)ntohs(address.sin_port));
    canned->asked = RS_STRBUF_INIT(CANNED_ASKED_MAX);
    canned->pid = fork();
    if (canned->pid == 0) {
        (void)signal(SIGPIPE, SIG_IGN);
        (void)alarm(60); /* should the test end without a stop */
        canned_serve(listener, canned->log, steps, count);
        _exit(0);
    }
    (void)close(listener);
}

/* Ends the server; all that it was asked. Released by canned_release. */
static inline struct rs_str canned_stop(struct canned *canned)
{
    char piece[65536];
    ssize_t count = 0;
    (void)kill(canned->pid, SIGKILL);
    (void)waitpid(canned->pid, NULL, 0);
    (void)lseek(canned->log, 0, SEEK_SET);
    while ((count = read(canned->log, piece, sizeof piece)) > 0) {
        rs_strbuf_append_bytes(&canned->asked, piece, (size_t)count);
    }
    (void)close(canned->log);
    return (struct rs_str){rs_strbuf_cstr(&canned->asked), canned->asked.length};
}

static inline void canned_release(struct canned *canned)
{
    rs_strbuf_release(&canned->asked);
}

/* How often text is in what was asked. */
static inline size_t canned_count(struct rs_str asked, const char *text)
{
    size_t count = 0;
    for (const char *at = asked.data; (at = strstr(at, text)); at++) {
        count++;
    }
    return count;
}

#endif
