/*
 * Names and connections. A lookup that hangs cannot be stopped, so it belongs to two: who asks and
 * the thread that looks, and the last of them frees it.
 */
#include "check/network/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

/* Not of POSIX, but what glibc says of a name without an address. */
#ifndef EAI_NODATA
#    define EAI_NODATA EAI_NONAME
#endif
#ifndef EAI_ADDRFAMILY
#    define EAI_ADDRFAMILY EAI_NONAME
#endif

enum {
    SLICE_MS = 100, /* until a signal is seen */
    GRACE_MS = 250, /* for the others, once one is open; or three times what that one took */
    MOMENT_MS = 60, /* in which an open one may be closed again */
};

const char *const rs_probe_state_names[] = {
    [RS_PROBE_NOT_TRIED] = "not tried",     [RS_PROBE_OPEN] = "open",
    [RS_PROBE_REFUSED] = "refused",         [RS_PROBE_TIMED_OUT] = "timed out",
    [RS_PROBE_UNREACHABLE] = "unreachable", [RS_PROBE_RESET] = "reset",
    [RS_PROBE_CLOSED] = "closed at once",   [RS_PROBE_FORBIDDEN] = "forbidden on this machine",
    [RS_PROBE_FAILED] = "failed",
};

/* ---- Waiting -------------------------------------------------------------------------------- */

int rs_probe_left_ms(const struct rs_probe_limit *limit)
{
    const int64_t left_us = limit->deadline_us - limit->env->monotonic_us(limit->env);
    if (left_us <= 0 || limit->env->interrupted(limit->env)) {
        return 0;
    }
    return left_us > 3600 * INT64_C(1000000) ? 3600 * 1000 : (int)((left_us + 999) / 1000);
}

static int slice_of(int left_ms)
{
    return left_ms < SLICE_MS ? left_ms : SLICE_MS;
}

bool rs_probe_wait(const struct rs_probe_limit *limit, int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events, .revents = 0};
    for (int left = 0; (left = rs_probe_left_ms(limit)) > 0;) {
        if (poll(&ready, 1, slice_of(left)) > 0) {
            return true;
        }
    }
    return false;
}

enum rs_probe_state rs_probe_state_of(int error)
{
    switch (error) {
    case 0:
        return RS_PROBE_OPEN;
    case ECONNREFUSED:
    case ENOENT: /* a socket that is not there */
        return RS_PROBE_REFUSED;
    case ETIMEDOUT:
        return RS_PROBE_TIMED_OUT;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case EADDRNOTAVAIL:
        return RS_PROBE_UNREACHABLE;
    case ECONNRESET:
    case EPIPE:
        return RS_PROBE_RESET;
    case EACCES:
    case EPERM:
        return RS_PROBE_FORBIDDEN;
    default:
        return RS_PROBE_FAILED;
    }
}

/* ---- Names ---------------------------------------------------------------------------------- */

struct lookup {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned owners;
    bool over;
    int result; /* of getaddrinfo */
    struct addrinfo *found;
    char host[RS_PROBE_NAME_MAX];
    char port[8];
};

static void leave(struct lookup *lookup)
{
    (void)pthread_mutex_lock(&lookup->mutex);
    const bool last = --lookup->owners == 0;
    (void)pthread_mutex_unlock(&lookup->mutex);
    if (last) {
        if (lookup->found) {
            freeaddrinfo(lookup->found);
        }
        (void)pthread_cond_destroy(&lookup->changed);
        (void)pthread_mutex_destroy(&lookup->mutex);
        rs_mem_free(lookup);
    }
}

static void *look_up(void *arg)
{
    struct lookup *lookup = arg;
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_CANONNAME | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    const int result = getaddrinfo(lookup->host, lookup->port, &wanted, &found);
    (void)pthread_mutex_lock(&lookup->mutex);
    lookup->result = result;
    lookup->found = result == 0 ? found : NULL;
    lookup->over = true;
    (void)pthread_cond_broadcast(&lookup->changed);
    (void)pthread_mutex_unlock(&lookup->mutex);
    leave(lookup);
    return NULL;
}

/* In slices: the deadline is of a clock that pthread_cond_timedwait need not have. */
static bool await(const struct rs_probe_limit *limit, struct lookup *lookup)
{
    bool over = false;
    (void)pthread_mutex_lock(&lookup->mutex);
    while (!lookup->over && rs_probe_left_ms(limit) > 0) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += slice_of(rs_probe_left_ms(limit)) * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_cond_timedwait(&lookup->changed, &lookup->mutex, &until);
    }
    over = lookup->over;
    (void)pthread_mutex_unlock(&lookup->mutex);
    return over;
}

static enum rs_probe_scope scope_of_v4(uint32_t address)
{
    if (address >> 24 == 127 || address == 0) {
        return RS_PROBE_LOOPBACK;
    }
    if (address >> 24 == 10 || address >> 20 == (172 << 4 | 1) ||
        address >> 16 == (192 << 8 | 168) || address >> 22 == (100 << 2 | 1)) {
        return RS_PROBE_PRIVATE;
    }
    return address >> 16 == (169 << 8 | 254) ? RS_PROBE_LINK : RS_PROBE_PUBLIC;
}

static enum rs_probe_scope scope_of(const struct sockaddr_storage *socket)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (socket->ss_family == AF_INET) {
        memcpy(&v4, socket, sizeof v4);
        return scope_of_v4(ntohl(v4.sin_addr.s_addr));
    }
    memcpy(&v6, socket, sizeof v6);
    const uint8_t *byte = v6.sin6_addr.s6_addr;
    if (IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) {
        return RS_PROBE_LOOPBACK;
    }
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
        return scope_of_v4((uint32_t)byte[12] << 24 | (uint32_t)byte[13] << 16 |
                           (uint32_t)byte[14] << 8 | byte[15]);
    }
    if ((byte[0] & 0xfe) == 0xfc) {
        return RS_PROBE_PRIVATE;
    }
    return byte[0] == 0xfe && (byte[1] & 0xc0) == 0x80 ? RS_PROBE_LINK : RS_PROBE_PUBLIC;
}

static struct rs_probe_address *add(struct rs_probe_addresses *addresses, size_t tag, unsigned port)
{
    if (addresses->count == RS_PROBE_ADDRESSES_MAX) {
        return NULL;
    }
    struct rs_probe_address *address = &addresses->items[addresses->count++];
    *address = (struct rs_probe_address){.host = tag, .port = port, .fd = -1};
    return address;
}

static void add_found(struct rs_probe_addresses *addresses, const struct lookup *lookup, size_t tag,
                      unsigned port)
{
    const struct addrinfo *first = lookup->found;
    for (const struct addrinfo *found = first; found; found = found->ai_next) {
        struct rs_probe_address *address = NULL;
        if (found->ai_addrlen > sizeof address->socket || !(address = add(addresses, tag, port))) {
            continue;
        }
        memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
        address->length = found->ai_addrlen;
        address->scope = scope_of(&address->socket);
        (void)getnameinfo(found->ai_addr, found->ai_addrlen, address->text, sizeof address->text,
                          NULL, 0, NI_NUMERICHOST);
    }
    if (first && first->ai_canonname && strcasecmp(first->ai_canonname, lookup->host) != 0 &&
        !rs_probe_is_address(first->ai_canonname)) {
        (void)snprintf(addresses->alias_of, sizeof addresses->alias_of, "%s", first->ai_canonname);
    }
}

static enum rs_probe_lookup meaning_of(int result)
{
    if (result == 0) {
        return RS_PROBE_FOUND;
    }
    if (result == EAI_NONAME) {
        return RS_PROBE_NO_SUCH_NAME;
    }
    if (result == EAI_NODATA || result == EAI_ADDRFAMILY) {
        return RS_PROBE_NO_ADDRESS;
    }
    return result == EAI_AGAIN ? RS_PROBE_NO_RESOLVER : RS_PROBE_LOOKUP_FAILED;
}

static enum rs_probe_lookup resolve_name(const struct rs_probe_limit *limit, const char *host,
                                         unsigned port, size_t tag,
                                         struct rs_probe_addresses *addresses)
{
    struct lookup *lookup = rs_mem_zalloc(1, sizeof *lookup);
    enum rs_probe_lookup result = RS_PROBE_LOOKUP_TIMED_OUT;
    pthread_attr_t detached;
    pthread_t thread;
    lookup->owners = 2;
    (void)snprintf(lookup->host, sizeof lookup->host, "%s", host);
    (void)snprintf(lookup->port, sizeof lookup->port, "%u", port % 65536);
    (void)pthread_mutex_init(&lookup->mutex, NULL);
    (void)pthread_cond_init(&lookup->changed, NULL);
    (void)pthread_attr_init(&detached);
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &detached, look_up, lookup) != 0) {
        (void)look_up(lookup); /* no thread is to be had: without a deadline, then */
    }
    (void)pthread_attr_destroy(&detached);
    if (await(limit, lookup)) {
        result = meaning_of(lookup->result);
        add_found(addresses, lookup, tag, port);
    }
    leave(lookup);
    return result;
}

static enum rs_probe_lookup resolve_socket(const char *folder, unsigned port, size_t tag,
                                           struct rs_probe_addresses *addresses)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    const int length =
        snprintf(local.sun_path, sizeof local.sun_path, "%s/.s.PGSQL.%u", folder, port);
    if (length < 0 || (size_t)length >= sizeof local.sun_path) {
        return RS_PROBE_LOOKUP_FAILED;
    }
    struct rs_probe_address *address = add(addresses, tag, port);
    if (address) {
        memcpy(&address->socket, &local, sizeof local);
        address->length = (socklen_t)sizeof local;
        address->scope = RS_PROBE_SOCKET;
        (void)snprintf(address->text, sizeof address->text, "%s", local.sun_path);
        if (folder[0] == '@') { /* Linux's sockets without a file */
            struct sockaddr_un *abstract = (struct sockaddr_un *)&address->socket;
            abstract->sun_path[0] = '\0';
            address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length);
        }
    }
    return RS_PROBE_FOUND;
}

enum rs_probe_lookup rs_probe_resolve(const struct rs_probe_limit *limit, const char *host,
                                      unsigned port, size_t tag,
                                      struct rs_probe_addresses *addresses)
{
    addresses->alias_of[0] = '\0';
    if (host[0] == '/' || host[0] == '@') {
        return resolve_socket(host, port, tag, addresses);
    }
    if (host[0] == '\0' || strlen(host) >= RS_PROBE_NAME_MAX) {
        return RS_PROBE_NO_SUCH_NAME;
    }
    return resolve_name(limit, host, port, tag, addresses);
}

bool rs_probe_is_address(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    char bare[RS_PROBE_NAME_MAX];
    (void)snprintf(bare, sizeof bare, "%s", host);
    bare[strcspn(bare, "%")] = '\0'; /* fe80::1%eth0 */
    return inet_pton(AF_INET, bare, &v4) == 1 || inet_pton(AF_INET6, bare, &v6) == 1;
}

/* ---- Connections ---------------------------------------------------------------------------- */

static void settle(struct rs_probe_address *address, int error, unsigned ms)
{
    address->state = rs_probe_state_of(error);
    address->ms = ms;
    if (address->state != RS_PROBE_OPEN && address->fd >= 0) {
        (void)close(address->fd);
        address->fd = -1;
    }
}

/* errno of a connection that has begun; EINPROGRESS while it is under way. */
static int begin(struct rs_probe_address *address)
{
    address->fd = socket(address->socket.ss_family, SOCK_STREAM, 0);
    if (address->fd < 0) {
        return errno == EAFNOSUPPORT ? ENETUNREACH : errno;
    }
    (void)fcntl(address->fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(address->fd, F_SETFL, fcntl(address->fd, F_GETFL) | O_NONBLOCK);
    const int result =
        connect(address->fd, (const struct sockaddr *)&address->socket, address->length);
    return result == 0 ? 0 : errno;
}

static int error_of(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

struct race {
    const struct rs_probe_limit *limit;
    struct rs_probe_addresses *addresses;
    int64_t began_us;
    bool one_is_open;
    unsigned wait_ms; /* for the others, from the beginning */
};

static unsigned gone_ms(const struct race *race)
{
    const struct rs_env *env = race->limit->env;
    return (unsigned)((env->monotonic_us(env) - race->began_us) / 1000);
}

static void note(struct race *race, struct rs_probe_address *address, int error)
{
    const unsigned ms = gone_ms(race);
    settle(address, error, ms);
    if (address->state == RS_PROBE_OPEN && !race->one_is_open) {
        race->one_is_open = true;
        race->wait_ms = 3 * ms > ms + GRACE_MS ? 3 * ms : ms + GRACE_MS;
    }
}

static void begin_all(struct race *race)
{
    for (size_t i = 0; i < race->addresses->count; i++) {
        struct rs_probe_address *address = &race->addresses->items[i];
        const int error = begin(address);
        if (error != EINPROGRESS && error != EINTR) {
            note(race, address, error);
        }
    }
}

/* Wait once for those that are under way. False when there are none, or their time is over. */
static bool step(struct race *race)
{
    struct pollfd ready[RS_PROBE_ADDRESSES_MAX];
    size_t which[RS_PROBE_ADDRESSES_MAX];
    nfds_t count = 0;
    for (size_t i = 0; i < race->addresses->count; i++) {
        if (race->addresses->items[i].state == RS_PROBE_NOT_TRIED) {
            which[count] = i;
            ready[count++] = (struct pollfd){.fd = race->addresses->items[i].fd, .events = POLLOUT};
        }
    }
    int left = rs_probe_left_ms(race->limit);
    if (race->one_is_open) {
        const int others = (int)race->wait_ms - (int)gone_ms(race);
        left = others < left ? others : left;
    }
    if (count == 0 || left <= 0) {
        return false;
    }
    if (poll(ready, count, slice_of(left)) > 0) {
        for (nfds_t i = 0; i < count; i++) {
            if (ready[i].revents) {
                note(race, &race->addresses->items[which[i]], error_of(ready[i].fd));
            }
        }
    }
    return true;
}

/* A proxy without a server behind it, and what only looks like a port, hang up at once. */
static void look_again(const struct rs_probe_limit *limit, struct rs_probe_address *address)
{
    const int64_t now_us = limit->env->monotonic_us(limit->env);
    const int64_t moment_us = now_us + MOMENT_MS * INT64_C(1000);
    const struct rs_probe_limit moment = {
        .env = limit->env,
        .deadline_us = moment_us < limit->deadline_us ? moment_us : limit->deadline_us};
    char byte = 0;
    if (!rs_probe_wait(&moment, address->fd, POLLIN)) {
        return;
    }
    const ssize_t got = recv(address->fd, &byte, 1, MSG_PEEK);
    if (got == 0) {
        settle(address, ECONNRESET, address->ms);
        address->state = RS_PROBE_CLOSED;
    } else if (got < 0 && errno != EAGAIN && errno != EINTR) {
        settle(address, errno, address->ms);
    }
}

bool rs_probe_connect(const struct rs_probe_limit *limit, struct rs_probe_addresses *addresses)
{
    struct race race = {.limit = limit, .addresses = addresses};
    race.began_us = limit->env->monotonic_us(limit->env);
    begin_all(&race);
    while (step(&race)) {
    }
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->items[i].state == RS_PROBE_NOT_TRIED) {
            settle(&addresses->items[i], ETIMEDOUT, gone_ms(&race));
        }
    }
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->items[i].state == RS_PROBE_OPEN) {
            look_again(limit, &addresses->items[i]);
        }
        if (addresses->items[i].state == RS_PROBE_OPEN) {
            return true;
        }
    }
    return false;
}

int rs_probe_connect_again(const struct rs_probe_limit *limit,
                           const struct rs_probe_address *address)
{
    struct rs_probe_address copy = *address;
    int error = begin(&copy);
    if (error == EINPROGRESS || error == EINTR) {
        error = rs_probe_wait(limit, copy.fd, POLLOUT) ? error_of(copy.fd) : ETIMEDOUT;
    }
    if (error != 0 && copy.fd >= 0) {
        (void)close(copy.fd);
        copy.fd = -1;
    }
    return copy.fd;
}

bool rs_probe_own_address(const struct rs_probe_address *address,
                          char out[RS_PROBE_ADDRESS_TEXT_MAX])
{
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    const int fd = socket(address->socket.ss_family, SOCK_DGRAM, 0);
    const bool ok = fd >= 0 &&
                    connect(fd, (const struct sockaddr *)&address->socket, address->length) == 0 &&
                    getsockname(fd, (struct sockaddr *)&own, &length) == 0 &&
                    getnameinfo((const struct sockaddr *)&own, length, out,
                                RS_PROBE_ADDRESS_TEXT_MAX, NULL, 0, NI_NUMERICHOST) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

void rs_probe_close(struct rs_probe_addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->items[i].fd >= 0) {
            (void)close(addresses->items[i].fd);
        }
    }
    *addresses = RS_PROBE_ADDRESSES_INIT;
}
