/*
 * ssh says when it is ready by its LocalCommand, which it runs once it is logged in and its port
 * is open (ExitOnForwardFailure ends it before, where it is not): trying the port would make a
 * connection to the server, and could meet another program there.
 *
 * Its standard error goes to a nameless file: a pipe that nobody empties would stop it one day.
 */
#include "net/tunnel.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "net/tunnel_process.h"
#include "rs/str.h"

#define READY         "rs-tunnel-is-open"
#define LOCAL_COMMAND ("LocalCommand=echo " READY)

enum {
    POLL_MS = 200,
    ATTEMPTS = 5, /* with another port, when somebody took ours */
    WORDS_MAX = 8192,
    SHOWN_MAX = 300,
    ARGUMENTS_MAX = 64,
    OUTPUT_MAX = 512,
};

struct rs_tunnel {
    struct rs_tunnel_process process;
    const struct rs_env *env;
    off_t words_seen; /* bytes of its words that were told */
    char port[8];
    char destination[256];
    char target[300];
};

/* What ssh says, and what to do about it. The first that fits. */
static const struct {
    const char *words;
    bool retryable;
    const char *hint;
} rules[] = {
    /* Of a connection through it; the reason after it may be one of those below. */
    {"administratively prohibited", false,
     "the bastion's sshd may not forward to this host and port: AllowTcpForwarding, PermitOpen"},
    {"open failed", false,
     "the bastion does not reach the server: check its name as the bastion knows it, and that its "
     "security group lets the bastion in"},

    /* Of the tunnel itself. */
    {"IDENTIFICATION HAS CHANGED", false,
     "the bastion's key is not the one that known_hosts has: find out why before you take the old "
     "one out (ssh-keygen -R)"},
    {"Host key verification failed", false,
     "connect once by hand (ssh BASTION) and compare the key with the real one, or put it into "
     "known_hosts"},
    {"Too many authentication failures", false,
     "name the key for this host in ~/.ssh/config (IdentityFile, IdentitiesOnly yes)"},
    {"Permission denied (", false,
     "give the user's name (user@bastion), and the key to the agent (ssh-add) or to ~/.ssh/config; "
     "without a terminal ssh cannot ask for a passphrase"},
    {"Could not resolve hostname", false, "check the bastion's name"},
    {"Connection refused", false, "check the bastion's name and port, and that sshd runs there"},
    {"cannot listen to port", false,
     "~/.ssh/config has a LocalForward for this host whose port is taken"},
    {"timed out", true,
     "no answer: check the bastion's name and port, and that no firewall or security group is in "
     "the way"},
    {"Connection closed by", true, "the bastion hung up: try again, or ask its owner"},
    {"Connection reset by", true, "the bastion hung up: try again, or ask its owner"},
    {"No route to host", true, "check the network, the VPN and the bastion's name"},
    {"Network is unreachable", true, "check the network, the VPN and the bastion's name"},
};

/* ---- Names -------------------------------------------------------------------------------------- */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A name or an address: nothing that a shell of ssh_config's ProxyCommand could run. */
static bool is_host(struct rs_str host)
{
    for (size_t i = 0; i < host.length; i++) {
        if (!is_alnum(host.data[i]) && (host.data[i] == '\0' || !strchr("._-:%", host.data[i]))) {
            return false;
        }
    }
    return host.length > 0 && host.length <= 255 && host.data[0] != '-';
}

static bool is_user(struct rs_str user)
{
    for (size_t i = 0; i < user.length; i++) {
        unsigned char c = (unsigned char)user.data[i];
        if (c <= ' ' || c == 0x7F || strchr("'\"`$;&<>|(){}", (char)c)) {
            return false;
        }
    }
    return user.length > 0 && user.length <= 255 && user.data[0] != '-' &&
           user.data[user.length - 1] != '\\';
}

static bool is_port(struct rs_str port)
{
    uint64_t ignored = 0;
    return rs_str_parse_u64(port, 1, 65535, &ignored);
}

struct destination {
    struct rs_str user; /* may be empty */
    struct rs_str host;
    struct rs_str port; /* may be empty */
};

static bool parse_destination(struct rs_str text, struct destination *out)
{
    size_t at = text.length;
    while (at > 0 && text.data[at - 1] != '@') {
        at--;
    }
    struct rs_str rest = rs_str_slice(text, at, text.length);
    *out = (struct destination){.user = rs_str_slice(text, 0, at > 0 ? at - 1 : 0)};
    bool bracket = rs_str_starts(rest, RS_STR("["));
    size_t close = bracket ? rs_str_find_byte(rest, ']') : 0;
    if (bracket && close == SIZE_MAX) {
        return false;
    }
    out->host = rs_str_slice(rest, bracket ? 1 : 0, bracket ? close : rs_str_find_byte(rest, ':'));
    struct rs_str tail = rs_str_slice(rest, bracket ? close + 1 : out->host.length, rest.length);
    out->port = rs_str_slice(tail, 1, tail.length);
    return (at == 0 || is_user(out->user)) && is_host(out->host) &&
           (tail.length == 0 || (tail.data[0] == ':' && is_port(out->port)));
}

bool rs_tunnel_check(const char *destination, struct rs_error *err)
{
    struct destination ignored;
    if (parse_destination(rs_str_from(destination), &ignored)) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "could not use \"%s\" as a bastion: it is no host",
                       destination);
    return rs_error_hint(err, "write it as HOST, USER@HOST or USER@HOST:PORT; an IPv6 address "
                              "stands in brackets");
}

static bool check_target(const struct rs_tunnel_options *options, struct rs_error *err)
{
    struct rs_str host = rs_str_from(options->host);
    if (is_host(host) && is_port(rs_str_from(options->port))) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE,
                       "could not open a tunnel to \"%s\" port \"%s\": it is not one host and port",
                       options->host, options->port);
    return rs_error_hint(err, "name the server as the bastion knows it (host=NAME), without a "
                              "list of hosts and without a socket");
}

/* ---- ssh's words -------------------------------------------------------------------------------- */

/* Some letter or digit: not a line of stars around a banner. */
static bool has_word(struct rs_str line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (is_alnum(line.data[i])) {
            return true;
        }
    }
    return false;
}

/* The last two lines that say something, joined by "; ", within room. */
static void last_lines(struct rs_str words, char *out, size_t room)
{
    struct rs_str lines[2] = {RS_STR(""), RS_STR("")};
    for (size_t begin = 0, end = 0; begin < words.length; begin = end + 1) {
        struct rs_str rest = rs_str_slice(words, begin, words.length);
        size_t newline = rs_str_find_byte(rest, '\n');
        struct rs_str line = rs_str_trim(rs_str_slice(rest, 0, newline));
        end = newline == SIZE_MAX ? words.length : begin + newline;
        if (has_word(line)) {
            lines[0] = lines[1];
            lines[1] = line;
        }
    }
    (void)snprintf(out, room, "%.*s%s%.*s", RS_STR_ARG(lines[0]), lines[0].length > 0 ? "; " : "",
                   RS_STR_ARG(lines[1]));
}

/* Read what was said since the last time, as far as it is not too much. */
static struct rs_str read_words(struct rs_tunnel *tunnel, char buffer[WORDS_MAX])
{
    struct stat info = {0};
    if (fstat(tunnel->process.words_fd, &info) != 0 || info.st_size <= tunnel->words_seen) {
        return RS_STR("");
    }
    off_t from = tunnel->words_seen;
    from = info.st_size - from > WORDS_MAX ? info.st_size - WORDS_MAX : from;
    ssize_t count = pread(tunnel->process.words_fd, buffer, WORDS_MAX, from);
    tunnel->words_seen = info.st_size;
    return (struct rs_str){buffer, count > 0 ? (size_t)count : 0};
}

static bool has_words(struct rs_str text, const char *words)
{
    size_t length = strlen(words);
    for (size_t i = 0; i + length <= text.length; i++) {
        if (memcmp(text.data + i, words, length) == 0) {
            return true;
        }
    }
    return false;
}

static void advise(struct rs_str words, struct rs_error *err)
{
    for (size_t i = 0; i < RS_COUNTOF(rules); i++) {
        if (has_words(words, rules[i].words)) {
            err->retryable = rules[i].retryable;
            err->hint[0] = '\0';
            (void)rs_error_hint(err, "%s", rules[i].hint);
            return;
        }
    }
}

void rs_tunnel_explain(struct rs_tunnel *tunnel, struct rs_error *err)
{
    char buffer[WORDS_MAX];
    char shown[SHOWN_MAX] = "";
    struct rs_str words = read_words(tunnel, buffer);
    size_t used = strlen(err->message);
    last_lines(words, shown, sizeof shown);
    if (*shown) {
        (void)snprintf(err->message + used, sizeof err->message - used, "; ssh %s to %s: %s",
                       tunnel->destination, tunnel->target, shown);
        advise(words, err);
    }
}

/* ---- The process -------------------------------------------------------------------------------- */

/* Somebody sits there who can be asked: a terminal, and we are not in its background. */
static bool has_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool ours = fd >= 0 && tcgetpgrp(fd) == getpgrp();
    if (fd >= 0) {
        (void)close(fd);
    }
    return ours;
}

/* A port that nobody has now. */
static bool choose_port(char *out, size_t room)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0 &&
              getsockname(fd, (struct sockaddr *)&address, &length) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    (void)snprintf(out, room, "%u", (unsigned)ntohs(address.sin_port));
    return ok;
}

struct arguments {
    struct rs_arena arena;
    char *items[ARGUMENTS_MAX + 1];
    size_t count;
};

static void add(struct arguments *arguments, struct rs_str text)
{
    if (arguments->count < ARGUMENTS_MAX) {
        struct rs_str copy = rs_arena_copy(&arguments->arena, text);
        arguments->items[arguments->count++] = (char *)(uintptr_t)copy.data;
    }
}

static void list_arguments(const struct rs_tunnel *tunnel, const struct destination *to,
                           bool terminal, struct arguments *out)
{
    static const char *const fixed[] = {
        "ssh", "-N", "-T", "-a", "-x", "-o", "ExitOnForwardFailure=yes", "-o",
        "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3", "-o", "ConnectTimeout=15",
        /* A connection that others share would not end with us. */
        "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "RemoteCommand=none", "-o",
        "PermitLocalCommand=yes", "-o", LOCAL_COMMAND};
    char forward[400] = "";
    for (size_t i = 0; i < RS_COUNTOF(fixed); i++) {
        add(out, rs_str_from(fixed[i]));
    }
    if (!terminal) {
        add(out, RS_STR("-o"));
        add(out, RS_STR("BatchMode=yes"));
    }
    (void)snprintf(forward, sizeof forward, "%s:%s:%s", RS_TUNNEL_ADDRESS, tunnel->port,
                   tunnel->target);
    add(out, RS_STR("-L"));
    add(out, rs_str_from(forward));
    if (to->user.length > 0) {
        add(out, RS_STR("-l"));
        add(out, to->user);
    }
    if (to->port.length > 0) {
        add(out, RS_STR("-p"));
        add(out, to->port);
    }
    add(out, RS_STR("--"));
    add(out, to->host);
}

enum outcome { OPEN, ENDED, LATE, INTERRUPTED };

/* Wait for the word that it is open. */
static enum outcome wait_open(const struct rs_tunnel *tunnel, bool terminal)
{
    const struct rs_env *env = tunnel->env;
    int64_t give_up_us = env->monotonic_us(env) + (int64_t)RS_TUNNEL_WAIT_MS * 1000;
    struct pollfd slot = {.fd = tunnel->process.output_fd, .events = POLLIN};
    char output[OUTPUT_MAX];
    size_t used = 0;
    while (!env->interrupted(env)) {
        if (!terminal && env->monotonic_us(env) > give_up_us) {
            return LATE;
        }
        if (poll(&slot, 1, POLL_MS) <= 0) {
            continue;
        }
        ssize_t count = read(slot.fd, output + used, sizeof output - used);
        if (count <= 0) {
            return ENDED;
        }
        used += (size_t)count;
        if (has_words((struct rs_str){output, used}, READY)) {
            return OPEN;
        }
        if (used == sizeof output) { /* a shell that talks; the word may have begun */
            used = sizeof READY - 2;
            memmove(output, output + sizeof output - used, used);
        }
    }
    return INTERRUPTED;
}

/* Say why it is not open, in ssh's words. taken: somebody has the port. */
static void fail_open(struct rs_tunnel *tunnel, enum outcome outcome, bool *taken,
                      struct rs_error *err)
{
    char buffer[WORDS_MAX];
    char shown[SHOWN_MAX] = "";
    char cannot[64] = "";
    int status = rs_tunnel_process_end(&tunnel->process);
    struct rs_str words = read_words(tunnel, buffer);
    last_lines(words, shown, sizeof shown);
    (void)snprintf(cannot, sizeof cannot, "cannot listen to port: %s", tunnel->port);
    *taken = outcome == ENDED && has_words(words, cannot);
    if (outcome == INTERRUPTED) {
        (void)!rs_env_check_interrupt(tunnel->env, err);
        return;
    }
    if (outcome == LATE) {
        (void)snprintf(shown, sizeof shown, "no answer in %d s", RS_TUNNEL_WAIT_MS / 1000);
    } else if (!*shown) {
        (void)snprintf(shown, sizeof shown, "ssh ended with status %d", status);
    }
    (void)rs_error_set(err, RS_E_NET, "could not open a tunnel through \"%s\": %s",
                       tunnel->destination, shown);
    advise(words, err);
    err->retryable = err->retryable || outcome == LATE;
}

/* Run ssh once. */
static enum outcome try_open(struct rs_tunnel *tunnel, const struct destination *to,
                             const char *path, bool *taken, struct rs_error *err)
{
    struct arguments arguments = {.arena = RS_ARENA_INIT};
    bool terminal = has_terminal();
    enum outcome outcome = ENDED;
    if (!choose_port(tunnel->port, sizeof tunnel->port)) {
        (void)rs_error_set(err, RS_E_IO, "could not open a tunnel: no port is free");
        return ENDED;
    }
    list_arguments(tunnel, to, terminal, &arguments);
    tunnel->words_seen = 0;
    if (rs_tunnel_process_start(&tunnel->process, tunnel->env, path, arguments.items, err)) {
        outcome = wait_open(tunnel, terminal);
        if (outcome != OPEN) {
            fail_open(tunnel, outcome, taken, err);
            rs_tunnel_process_release(&tunnel->process);
        }
    }
    rs_arena_release(&arguments.arena);
    return outcome;
}

struct rs_tunnel *rs_tunnel_open(const struct rs_env *env, const struct rs_tunnel_options *options,
                                 struct rs_error *err)
{
    struct destination to;
    bool taken = true;
    enum outcome outcome = ENDED;
    if (!rs_tunnel_check(options->destination, err) || !check_target(options, err) ||
        !parse_destination(rs_str_from(options->destination), &to)) {
        return NULL;
    }
    char *path = rs_tunnel_process_find(env, "ssh");
    if (!path) {
        (void)rs_error_set(err, RS_E_IO, "could not open a tunnel: there is no ssh in PATH");
        (void)rs_error_hint(err, "install OpenSSH's client (openssh-client)");
        return NULL;
    }
    struct rs_tunnel *tunnel = rs_mem_zalloc(1, sizeof *tunnel);
    bool v6 = strchr(options->host, ':') != NULL;
    tunnel->process = RS_TUNNEL_PROCESS_INIT;
    tunnel->env = env;
    (void)snprintf(tunnel->destination, sizeof tunnel->destination, "%s", options->destination);
    (void)snprintf(tunnel->target, sizeof tunnel->target, "%s%s%s:%s", v6 ? "[" : "", options->host,
                   v6 ? "]" : "", options->port);
    for (int i = 0; i < ATTEMPTS && outcome == ENDED && taken; i++) {
        taken = false;
        rs_error_clear(err);
        outcome = try_open(tunnel, &to, path, &taken, err);
    }
    rs_mem_free(path);
    if (outcome != OPEN) {
        rs_tunnel_close(tunnel);
        return NULL;
    }
    rs_log(&env->log, RS_LOG_INFO, "ssh %s forwards port %s to %s", tunnel->destination,
           tunnel->port, tunnel->target);
    return tunnel;
}

const char *rs_tunnel_port(const struct rs_tunnel *tunnel)
{
    return tunnel->port;
}

bool rs_tunnel_is_open(const struct rs_tunnel *tunnel)
{
    struct pollfd slot = {.fd = tunnel->process.output_fd, .events = POLLIN};
    char ignored[OUTPUT_MAX];
    while (poll(&slot, 1, 0) > 0) {
        if (read(slot.fd, ignored, sizeof ignored) <= 0) {
            return false;
        }
    }
    return true;
}

void rs_tunnel_close(struct rs_tunnel *tunnel)
{
    if (tunnel) {
        rs_tunnel_process_release(&tunnel->process);
        rs_mem_free(tunnel);
    }
}
