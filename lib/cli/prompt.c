/*
 * Echo is turned off with TCSAFLUSH, so that what was typed before the question is no answer. The
 * terminal is read with poll, so that a signal, whose handler restarts a read, is seen.
 */
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/fsutil.h"

enum { POLL_MS = 200 };

/* One line, without its end. False at the terminal's end and after a signal. */
static bool read_line(const struct rs_env *env, int fd, struct rs_strbuf *out, struct rs_error *err)
{
    while (rs_env_check_interrupt(env, err)) {
        struct pollfd slot = {.fd = fd, .events = POLLIN};
        char c = '\0';
        if (poll(&slot, 1, POLL_MS) <= 0) {
            continue;
        }
        if (read(fd, &c, 1) != 1) {
            return rs_error_set(err, RS_E_USAGE, "could not read the answer: end of input");
        }
        if (c == '\n') {
            return rs_strbuf_ok(out) ||
                   rs_error_set(err, RS_E_USAGE, "could not read the answer: it is too long");
        }
        rs_strbuf_append_char(out, c);
    }
    return false;
}

static bool ask(const struct rs_env *env, int fd, const char *what, const char *again,
                struct rs_strbuf *out, struct rs_error *err)
{
    rs_strbuf_reset(out);
    bool ok = rs_fs_write_all(fd, what, strlen(what), "the terminal", err) &&
              rs_fs_write_all(fd, again, strlen(again), "the terminal", err) &&
              read_line(env, fd, out, err);
    struct rs_error ignored = {0};
    (void)!rs_fs_write_all(fd, "\n", 1, "the terminal", &ignored);
    return ok;
}

static bool ask_twice(const struct rs_env *env, int fd, const char *what, struct rs_strbuf *out,
                      struct rs_error *err)
{
    static const char differs[] = "the two are not the same\n";
    struct rs_strbuf typed[] = {RS_STRBUF_INIT(RS_PROMPT_MAX_BYTES),
                                RS_STRBUF_INIT(RS_PROMPT_MAX_BYTES)};
    bool same = false;
    for (size_t i = 0; i < RS_COUNTOF(typed); i++) {
        (void)!rs_strbuf_reserve(&typed[i], RS_PROMPT_MAX_BYTES - 1); /* so that it does not move */
    }
    for (unsigned i = 0; i < RS_PROMPT_TRIES && !same && err->code == RS_OK; i++) {
        same = ask(env, fd, what, ": ", &typed[0], err) &&
               ask(env, fd, what, ", again: ", &typed[1], err) &&
               rs_str_equal(rs_strbuf_str(&typed[0]), rs_strbuf_str(&typed[1]));
        if (!same && err->code == RS_OK) {
            (void)!rs_fs_write_all(fd, differs, sizeof differs - 1, "the terminal", err);
        }
    }
    if (same) {
        rs_strbuf_append_str(out, rs_strbuf_str(&typed[0]));
    } else {
        (void)rs_error_set(err, RS_E_USAGE,
                           "could not read the password: the two were not the same");
    }
    for (size_t i = 0; i < RS_COUNTOF(typed); i++) {
        rs_strbuf_release_secret(&typed[i]);
    }
    return same;
}

/* The terminal, with how it was; -1: there is none. */
static int open_terminal(struct termios *before)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && tcgetattr(fd, before) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* Ask without echo, and close the terminal. */
static bool ask_quietly(const struct rs_env *env, int fd, const struct termios *before,
                        const char *what, bool twice, struct rs_strbuf *out, struct rs_error *err)
{
    struct termios quiet = *before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    bool ok = tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
    if (ok) {
        ok = twice ? ask_twice(env, fd, what, out, err) : ask(env, fd, what, ": ", out, err);
        (void)tcsetattr(fd, TCSAFLUSH, before);
    } else {
        (void)rs_error_errno(err, RS_E_IO, errno, "set up", "the terminal");
    }
    (void)close(fd);
    return ok;
}

bool rs_prompt_password(const struct rs_env *env, const char *what, struct rs_strbuf *out,
                        struct rs_error *err)
{
    struct termios before;
    const int fd = open_terminal(&before);
    if (fd < 0) {
        (void)rs_error_set(err, RS_E_USAGE, "could not ask for a password: there is no terminal");
        return rs_error_hint(err, "give it with --password-file=FILE, or have one made with "
                                  "--generate --password-out=FILE");
    }
    return ask_quietly(env, fd, &before, what, true, out, err);
}

bool rs_prompt_known_password(const struct rs_env *env, const char *what, struct rs_strbuf *out,
                              struct rs_error *err)
{
    struct termios before;
    const int fd = open_terminal(&before);
    if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) { /* it would be stopped: SIGTTOU */
        (void)close(fd);
        return false;
    }
    return fd >= 0 && ask_quietly(env, fd, &before, what, false, out, err);
}

bool rs_prompt_confirm(const struct rs_env *env, const char *what, const char *hint, bool *yes,
                       struct rs_error *err)
{
    static const char choice[] = " [y/N] ";
    struct rs_strbuf typed = RS_STRBUF_INIT(RS_PROMPT_MAX_BYTES);
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        (void)rs_error_set(err, RS_E_USAGE, "could not ask: there is no terminal");
        return rs_error_hint(err, "%s", hint);
    }
    (void)tcflush(fd, TCIFLUSH);
    bool ok = rs_fs_write_all(fd, what, strlen(what), "the terminal", err) &&
              rs_fs_write_all(fd, choice, sizeof choice - 1, "the terminal", err) &&
              read_line(env, fd, &typed, err);
    const struct rs_str answer = rs_str_trim(rs_strbuf_str(&typed));
    *yes = ok && (rs_str_equal(answer, RS_STR("y")) || rs_str_equal(answer, RS_STR("yes")));
    rs_strbuf_release(&typed);
    (void)close(fd);
    return ok;
}
