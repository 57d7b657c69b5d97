/* A question to a server, and its answer: read until it is one, the deadline, or the end. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "check/network/probe_internal.h"

enum {
    STARTUP_MAX = RS_PROBE_PADDING_MAX + 900,
    SEGMENT_DEFAULT = 1448,
    LOOK_MS = 10,
    RESENT_MAX = 4, /* times in a row: more than three seconds, and longer the slower the path */
};

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
    char startup[STARTUP_MAX];
    const size_t length = rs_probe_write_startup(startup, sizeof startup, user, database, 0);
    ask(limit, fd, (struct rs_str){startup, length}, rs_probe_parse_startup, out);
}

/* ---- Packets of full size ------------------------------------------------------------------- */

static unsigned read_option(int fd, int level, int option)
{
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, option, &value, &length) == 0 && value > 0 ? (unsigned)value : 0;
}

#ifdef IP_MTU
unsigned rs_probe_mtu(int fd)
{
    const unsigned mtu = read_option(fd, IPPROTO_IP, IP_MTU);
    return mtu ? mtu : read_option(fd, IPPROTO_IPV6, IPV6_MTU);
}
#else
unsigned rs_probe_mtu(int fd)
{
    return 0 * (unsigned)fd;
}
#endif

unsigned rs_probe_unacknowledged(int fd)
{
    int bytes = 0;
    return ioctl(fd, TIOCOUTQ, &bytes) == 0 && bytes > 0 ? (unsigned)bytes : 0;
}

/* How often the oldest segment was sent again; 0 where nobody knows. */
#ifdef TCP_INFO
static unsigned times_resent(int fd)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    memset(&info, 0, sizeof info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_retransmits : 0;
}
#else
static unsigned times_resent(int fd)
{
    return 0 * (unsigned)fd;
}
#endif

/* Look until all has arrived, the connection ends, or it is plain that it does not get through. */
static void await_acknowledgement(const struct rs_probe_limit *limit, int fd,
                                  struct rs_probe_path *out)
{
    for (;;) {
        const int error = (int)read_option(fd, SOL_SOCKET, SO_ERROR);
        out->missing = rs_probe_unacknowledged(fd);
        out->acknowledged = out->missing == 0 && error == 0;
        out->resent = times_resent(fd) >= RESENT_MAX;
        out->state = rs_probe_state_of(error);
        if (out->acknowledged || out->resent || error || rs_probe_left_ms(limit) == 0) {
            return;
        }
        limit->env->sleep_ms(limit->env, LOOK_MS);
    }
}

void rs_probe_fill_path(const struct rs_probe_limit *limit, int fd, const char *user,
                        const char *database, struct rs_probe_path *out)
{
    char startup[STARTUP_MAX];
    *out = (struct rs_probe_path){.mtu = rs_probe_mtu(fd),
                                  .segment = read_option(fd, IPPROTO_TCP, TCP_MAXSEG),
                                  .state = RS_PROBE_OPEN};
    const size_t segment = out->segment ? out->segment : SEGMENT_DEFAULT;
    const size_t padding = segment + segment / 2;
    const size_t length =
        rs_probe_write_startup(startup, sizeof startup, user, database,
                               padding < RS_PROBE_PADDING_MAX ? padding : RS_PROBE_PADDING_MAX);
    out->bytes = (unsigned)length;
    out->sent = rs_probe_send(limit, fd, (struct rs_str){startup, length});
    if (out->sent) {
        await_acknowledgement(limit, fd, out);
    }
}
