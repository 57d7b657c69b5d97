/*
 * Between us and the program stands a keeper: a fork of ours that does nothing but wait for the
 * end of a pipe whose other end only we hold. When we close it, or die of whatever, the keeper
 * ends the program and then itself; when the program ends, so does the keeper. That needs no
 * other end that runs a command for us, and nothing that is not POSIX.
 *
 * The keeper holds the program's output as well: ssh lets go of it when it has nothing to print,
 * and so the end of the output is the end of the keeper.
 *
 * The keeper is forked from a process that may have threads, so between the forks and execve only
 * async-signal-safe functions are called, and all memory is made before.
 */
#include "net/tunnel_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsutil.h"

enum {
    HIGH_FD = 10,         /* above the four that the keeper has */
    LIFE_FD = 3,          /* of the keeper */
    INHERITED_MAX = 4096, /* descriptors that we may have open when a tunnel is made */
    GRACE_STEPS = 50,
    GRACE_STEP_MS = 20,
    EXIT_NOT_RUN = 127,
};

extern char **environ;

char *rs_tunnel_process_find(const struct rs_env *env, const char *name)
{
    const char *path = env->getenv(env, "PATH");
    struct rs_strbuf file = RS_STRBUF_INIT(1 << 20);
    path = path && *path ? path : "/usr/local/bin:/usr/bin:/bin";
    while (*path) {
        size_t length = strcspn(path, ":");
        rs_strbuf_reset(&file);
        rs_strbuf_append_bytes(&file, length > 0 ? path : ".", length > 0 ? length : 1);
        rs_strbuf_append(&file, "/");
        rs_strbuf_append(&file, name);
        if (rs_strbuf_ok(&file) && access(rs_strbuf_cstr(&file), X_OK) == 0) {
            return rs_strbuf_take(&file);
        }
        path += length + (path[length] == ':');
    }
    rs_strbuf_release(&file);
    return NULL;
}

/* ---- In the keeper: async-signal-safe only ------------------------------------------------------ */

static void set_signals(void)
{
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM};
    struct sigaction action = {0};
    action.sa_handler = SIG_IGN;
    for (size_t i = 0; i < RS_COUNTOF(ignored); i++) {
        (void)sigaction(ignored[i], &action, NULL);
    }
    action.sa_handler = SIG_DFL;
    (void)sigaction(SIGPIPE, &action, NULL);
}

/* A hangup ends ssh in good order, unless we run under nohup: then it does not hear it. */
static int end_signal(void)
{
    struct sigaction action = {0};
    (void)sigaction(SIGHUP, NULL, &action);
    return action.sa_handler == SIG_IGN ? SIGKILL : SIGHUP;
}

static void on_child(int number)
{
    (void)number; /* it only ends the wait */
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int end_program(pid_t program)
{
    int status = 0;
    pid_t ended = 0;
    (void)kill(program, end_signal());
    for (int i = 0; i < GRACE_STEPS && ended == 0; i++) {
        ended = waitpid(program, &status, WNOHANG);
        if (ended == 0) {
            (void)poll(NULL, 0, GRACE_STEP_MS);
        }
    }
    if (ended == 0) {
        (void)kill(program, SIGKILL);
        (void)waitpid(program, &status, 0);
    }
    return exit_status(status);
}

/* Wait until the program ends, or end it when nobody holds the pipe. */
static int watch(pid_t program, const sigset_t *waiting)
{
    int status = 0;
    for (;;) {
        fd_set life;
        FD_ZERO(&life);
        FD_SET(LIFE_FD, &life);
        if (waitpid(program, &status, WNOHANG) == program) {
            return exit_status(status);
        }
        if (pselect(LIFE_FD + 1, &life, NULL, NULL, NULL, waiting) > 0) {
            return end_program(program);
        }
    }
}

static void keep(const int fds[4], const char *path, char **argv)
{
    sigset_t child;
    sigset_t before;
    struct sigaction action = {0};
    set_signals();
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, &before);
    action.sa_handler = on_child;
    (void)sigaction(SIGCHLD, &action, NULL);
    for (int i = 0; i < 4; i++) {
        (void)dup2(fds[i], i);
    }
    for (int i = LIFE_FD + 1; i < INHERITED_MAX; i++) {
        (void)close(i);
    }
    pid_t program = fork();
    if (program == 0) {
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        (void)close(LIFE_FD);
        (void)execve(path, argv, environ);
        _exit(EXIT_NOT_RUN);
    }
    (void)sigdelset(&before, SIGCHLD);
    _exit(program > 0 ? watch(program, &before) : EXIT_NOT_RUN);
}

/* ---- In our process ----------------------------------------------------------------------------- */

/*
 * The descriptor above those of standard streams, closed on exec; the old one is closed. -1 for -1,
 * and when there is none; errno says why.
 */
static int raise_fd(int fd)
{
    if (fd < 0) {
        return -1;
    }
    int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
    int number = errno;
    (void)close(fd);
    errno = number;
    return high;
}

/* False, with errno still there, when a descriptor is not to be had. */
static bool make_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    ends[0] = raise_fd(ends[0]);
    int number = errno;
    ends[1] = raise_fd(ends[1]);
    errno = ends[0] < 0 ? number : errno;
    return ends[0] >= 0 && ends[1] >= 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

bool rs_tunnel_process_start(struct rs_tunnel_process *process, const struct rs_env *env,
                             const char *path, char **argv, struct rs_error *err)
{
    int life[2] = {-1, -1};
    int output[2] = {-1, -1};
    int null = -1;
    int words = rs_fs_open_temp(env->getenv(env, "TMPDIR"), err);
    if (words < 0) {
        return false;
    }
    words = raise_fd(words);
    bool ok = words >= 0 && make_pipe(life) && make_pipe(output);
    if (ok) {
        null = raise_fd(open("/dev/null", O_RDONLY));
        ok = null >= 0;
    }
    pid_t keeper = ok ? fork() : -1;
    if (keeper == 0) {
        const int fds[4] = {null, output[1], words, life[0]};
        keep(fds, path, argv);
    }
    if (keeper < 0) {
        (void)rs_error_errno(err, RS_E_IO, errno, "run", path);
        close_fd(&life[1]);
        close_fd(&output[0]);
        close_fd(&words);
    }
    close_fd(&null);
    close_fd(&life[0]);
    close_fd(&output[1]);
    *process = (struct rs_tunnel_process){keeper > 0 ? keeper : 0, life[1], output[0], words};
    return keeper > 0;
}

int rs_tunnel_process_end(struct rs_tunnel_process *process)
{
    int status = 0;
    close_fd(&process->life_fd);
    close_fd(&process->output_fd);
    if (process->keeper == 0) {
        return 0;
    }
    while (waitpid(process->keeper, &status, 0) < 0 && errno == EINTR) {
    }
    process->keeper = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void rs_tunnel_process_release(struct rs_tunnel_process *process)
{
    (void)rs_tunnel_process_end(process);
    close_fd(&process->words_fd);
}
