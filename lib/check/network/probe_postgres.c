/* A question to a server, and its answer: read until it is one, the deadline, or the end. */
#include "check/network/probe_postgres.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static const char tls_request[8] = {0, 0, 0, 8, 4, (char)0xd2, 22, 47}; /* 80877103 */

/* ---- Asking --------------------------------------------------------------------------------- */

bool rs_probe_send(const struct rs_probe_limit *limit, int fd, struct rs_str bytes)
{
    while (bytes.length > 0) {
        const ssize_t sent = send(fd, bytes.data, bytes.length, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes = rs_str_slice(bytes, (size_t)sent, bytes.length);
        } else if ((errno != EAGAIN && errno != EINTR) || !rs_probe_wait(limit, fd, POLLOUT)) {
            return false;
        }
    }
    return true;
}

/* Add a name and its value, a zero behind each; a pair that does not fit is left out as a whole. */
static size_t put(char *out, size_t room, size_t length, const char *name, const char *value)
{
    const size_t name_bytes = strlen(name) + 1;
    const size_t value_bytes = strlen(value) + 1;
    if (value_bytes > room || name_bytes + value_bytes > room - length) {
        return length;
    }
    memcpy(out + length, name, name_bytes);
    memcpy(out + length + name_bytes, value, value_bytes);
    return length + name_bytes + value_bytes;
}

size_t rs_probe_write_startup(char *out, size_t room, const char *user, const char *database,
                              size_t padding)
{
    static const char version[4] = {0, 3, 0, 0};
    static const char filler[] = "application_name";
    const size_t end = room - 1; /* a zero ends the list */
    size_t length = 8;
    memcpy(out + 4, version, sizeof version);
    length = put(out, end, length, "user", user);
    length = put(out, end, length, "database", database);
    if (padding > 0 && end - length > sizeof filler + 1) {
        const size_t most = end - length - sizeof filler - 1;
        padding = padding < most ? padding : most;
        memcpy(out + length, filler, sizeof filler);
        length += sizeof filler;
        memset(out + length, '.', padding);
        length += padding;
        out[length++] = '\0';
    }
    out[length++] = '\0';
    for (size_t i = 0; i < 4; i++) {
        out[i] = (char)(length >> (24 - 8 * i) & 0xff);
    }
    return length;
}

typedef enum rs_probe_answer parse_function(struct rs_str bytes, struct rs_probe_reply *out);

static void cut(struct rs_probe_reply *out, enum rs_probe_state state)
{
    *out = (struct rs_probe_reply){.answer = RS_PROBE_CUT, .state = state};
}

/* Read until parse knows what it is. */
static void read_reply(const struct rs_probe_limit *limit, int fd, parse_function *parse,
                       struct rs_probe_reply *out)
{
    char bytes[RS_PROBE_REPLY_MAX];
    size_t length = 0;
    while (rs_probe_wait(limit, fd, POLLIN)) {
        const ssize_t got = recv(fd, bytes + length, sizeof bytes - length, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (got < 0) {
            cut(out, rs_probe_state_of(errno));
            return;
        }
        length += (size_t)got;
        if (got > 0 && parse((struct rs_str){bytes, length}, out) != RS_PROBE_MORE) {
            return;
        }
        if (got == 0 || length == sizeof bytes) {
            cut(out, RS_PROBE_CLOSED);
            return;
        }
    }
    *out = (struct rs_probe_reply){.answer = RS_PROBE_SILENT};
}

static void ask(const struct rs_probe_limit *limit, int fd, struct rs_str question,
                parse_function *parse, struct rs_probe_reply *out)
{
    /* A failed send is seen by the read as well, which knows more: a reset, a last word. */
    (void)!rs_probe_send(limit, fd, question);
    read_reply(limit, fd, parse, out);
}

void rs_probe_ask_tls(const struct rs_probe_limit *limit, int fd, struct rs_probe_reply *out)
{
    const struct rs_str question = {tls_request, sizeof tls_request};
    ask(limit, fd, question, rs_probe_parse_tls, out);
}

void rs_probe_ask_startup(const struct rs_probe_limit *limit, int fd, const char *user,
                          const char *database, struct rs_probe_reply *out)
{
    char startup[RS_PROBE_STARTUP_MAX];
    const size_t length = rs_probe_write_startup(startup, sizeof startup, user, database, 0);
    ask(limit, fd, (struct rs_str){startup, length}, rs_probe_parse_startup, out);
}
