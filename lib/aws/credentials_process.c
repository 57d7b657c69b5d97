/*
 * A command of the profile that prints keys as JSON. It is run by /bin/sh, as the SDKs do; its
 * stderr is ours, so that it can ask for something; its stdin is empty, because ours may hold
 * events. It stays in our process group to keep the terminal, so at the deadline the shell alone is
 * killed; whatever it leaves behind is not waited for. The command may hold secrets itself: no
 * message shows it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/credentials_source.h"
#include "base/mem.h"
#include "codec/json_doc.h"
#include "rs/strbuf.h"

enum {
    OUTPUT_MAX_BYTES = 64 << 10,
    DEADLINE_SECONDS = 60,
    POLL_MS = 200,
    PAUSE_MS = 5,
    PIECE_BYTES = 4096
};

extern char **environ;

struct process {
    const struct rs_credentials_seek *seek;
    const char *profile;
    pid_t pid;
    int fd;              /* the end of its stdout that we read */
    int64_t deadline_us; /* monotonic */
    struct rs_strbuf output;
};

static bool fail(const struct process *process, const char *reason, struct rs_error *err)
{
    rs_error_set(err, RS_E_CONFIG,
                 "could not get AWS credentials from credential_process of profile \"%s\": %s",
                 process->profile, reason);
    return rs_error_hint(err, "run the command by hand: it has to print {\"Version\": 1, "
                              "\"AccessKeyId\": ..., \"SecretAccessKey\": ...}");
}

static bool cannot_run(const struct process *process, int number, struct rs_error *err)
{
    return rs_error_errno(err, RS_E_IO, number, "run credential_process of profile",
                          process->profile);
}

/* Start the shell with its stdout in a pipe. Signals that we ignore are not ignored there. */
static bool start(struct process *process, const char *command, struct rs_error *err)
{
    char shell[] = "sh";
    char option[] = "-c";
    char *text = rs_mem_strdup(command);
    char *argv[] = {shell, option, text, NULL};
    int ends[2] = {-1, -1};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t set;

    if (pipe(ends) != 0) {
        int number = errno;
        rs_mem_free_secret(text);
        return cannot_run(process, number, err);
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes,
                                   (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
    (void)sigemptyset(&set);
    (void)posix_spawnattr_setsigmask(&attributes, &set);
    (void)sigaddset(&set, SIGPIPE);
    (void)sigaddset(&set, SIGXFSZ);
    (void)posix_spawnattr_setsigdefault(&attributes, &set);
    int failed = posix_spawn(&process->pid, "/bin/sh", &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    process->fd = ends[0];
    rs_mem_free_secret(text);
    return failed == 0 || cannot_run(process, failed, err);
}

/* Read what is there. *end: that was all. */
static bool read_some(struct process *process, bool *end, struct rs_error *err)
{
    char piece[PIECE_BYTES];
    ssize_t count = read(process->fd, piece, sizeof piece);

    if (count < 0 && errno == EINTR) {
        return true;
    }
    if (count < 0) {
        return cannot_run(process, errno, err);
    }
    rs_strbuf_append_bytes(&process->output, piece, (size_t)count);
    rs_mem_wipe(piece, sizeof piece);
    *end = count == 0;
    return rs_strbuf_ok(&process->output) || fail(process, "its output is over 64 KiB", err);
}

/* False when a signal came, or its time is over. */
static bool may_go_on(const struct process *process, struct rs_error *err)
{
    const struct rs_env *env = process->seek->env;

    return rs_env_check_interrupt(env, err) &&
           (env->monotonic_us(env) <= process->deadline_us ||
            fail(process, "it did not end within 60 seconds", err));
}

static bool read_output(struct process *process, struct rs_error *err)
{
    bool end = false;

    (void)!rs_strbuf_reserve(&process->output, OUTPUT_MAX_BYTES);
    while (!end) {
        struct pollfd wait_for = {.fd = process->fd, .events = POLLIN};
        int ready = poll(&wait_for, 1, POLL_MS);
        if ((ready > 0 && !read_some(process, &end, err)) || !may_go_on(process, err)) {
            return false;
        }
    }
    return true;
}

/* Wait for the shell's end, which mostly is there with the end of its output. */
static bool wait_for_end(struct process *process, int *status, struct rs_error *err)
{
    const struct rs_env *env = process->seek->env;
    pid_t ended = 0;

    while ((ended = waitpid(process->pid, status, WNOHANG)) == 0) {
        if (!may_go_on(process, err)) {
            return false;
        }
        env->sleep_ms(env, PAUSE_MS);
    }
    return true;
}

static void kill_it(struct process *process)
{
    int status = 0;

    (void)kill(process->pid, SIGKILL);
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
}

static bool run(struct process *process, struct rs_error *err)
{
    int status = 0;
    char reason[64];

    if (!read_output(process, err) || !wait_for_end(process, &status, err)) {
        kill_it(process);
        return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return true;
    }
    if (WIFEXITED(status)) {
        (void)snprintf(reason, sizeof reason, "it ended with status %d", WEXITSTATUS(status));
    } else {
        (void)snprintf(reason, sizeof reason, "it was ended by signal %d", WTERMSIG(status));
    }
    return fail(process, reason, err);
}

static bool check_version(const struct process *process, struct rs_error *err)
{
    struct rs_error ignored = {0};
    struct rs_json_doc *doc =
        rs_json_doc_parse(rs_strbuf_str(&process->output), "its output", &ignored);
    int64_t version = 0;
    bool ok = rs_json_node_i64(rs_json_node_find(rs_json_doc_root(doc), "Version"), &version);

    ok = ok && version == 1;
    if (!doc) {
        (void)fail(process, "it printed no JSON", err);
    } else if (!ok) {
        (void)fail(process, "\"Version\" is not 1", err);
    }
    rs_json_doc_free(doc);
    return ok;
}

bool rs_credentials_run_process(const struct rs_credentials_seek *seek, const char *profile,
                                const char *command, struct rs_credentials *out,
                                struct rs_error *err)
{
    struct process process = {.seek = seek,
                              .profile = profile,
                              .pid = -1,
                              .fd = -1,
                              .output = RS_STRBUF_INIT(OUTPUT_MAX_BYTES)};
    bool ok = start(&process, command, err);

    process.deadline_us = seek->env->monotonic_us(seek->env) + INT64_C(1000000) * DEADLINE_SECONDS;
    if (ok) {
        ok = run(&process, err) && check_version(&process, err) &&
             rs_credentials_parse_json(rs_strbuf_str(&process.output), "credential_process",
                                       "SessionToken", out, err);
    }
    if (process.fd >= 0) {
        (void)close(process.fd);
    }
    rs_mem_wipe(process.output.data, process.output.length);
    rs_strbuf_release(&process.output);
    return ok;
}
