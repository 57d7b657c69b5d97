/* More than a packet is sent at once, and TCP says when it has arrived. */
#include "check/network/probe_path.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "check/network/probe_postgres.h"

enum {
    SEGMENT_DEFAULT = 1448,
    LOOK_MS = 10,
    RESENT_MAX = 4, /* times in a row: more than three seconds, and longer the slower the path */
};

static unsigned read_option(int fd, int level, int option)
{
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, option, &value, &length) == 0 && value > 0 ? (unsigned)value : 0;
}

/* What the MTU of the route is; 0 where nobody knows. */
#ifdef IP_MTU
static unsigned route_mtu(int fd)
{
    const unsigned mtu = read_option(fd, IPPROTO_IP, IP_MTU);
    return mtu ? mtu : read_option(fd, IPPROTO_IPV6, IPV6_MTU);
}
#else
static unsigned route_mtu(int fd)
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
    char startup[RS_PROBE_STARTUP_MAX];
    *out = (struct rs_probe_path){.mtu = route_mtu(fd),
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
