/*
 * bastion.h - a real database server with a certificate, and a real sshd in front of it.
 *
 *   bastion_server_word(" hostaddr=", address, sizeof address);   the sshd forwards there
 *   if (!bastion_is_there()) return 77;                           ctest takes that for a skip
 *   bastion_put_on_path();                                        an ssh that knows "bastion"
 *   int main(void) { return bastion_run(run_all); }
 *
 * RS_TEST_TLS_DATABASE and RS_TEST_SSHD name them (tests/run starts both).
 */
#ifndef RS_TESTS_BASTION_H
#define RS_TESTS_BASTION_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static inline bool bastion_is_there(void)
{
    if (getenv("RS_TEST_SSHD") && getenv("RS_TEST_TLS_DATABASE")) {
        return true;
    }
    (void)fprintf(stderr, "SKIPPED: RS_TEST_SSHD names no sshd to test with\n");
    return false;
}

static inline void bastion_put_on_path(void)
{
    char path[4096] = "";
    (void)snprintf(path, sizeof path, "%s/bin:/usr/bin:/bin", getenv("RS_TEST_SSHD"));
    assert_int_equal(setenv("PATH", path, 1), 0);
}

/* The word behind the key in the server's conninfo. */
static inline void bastion_server_word(const char *key, char *out, size_t room)
{
    const char *at = strstr(getenv("RS_TEST_TLS_DATABASE"), key);
    assert_non_null(at);
    at += strlen(key);
    (void)snprintf(out, room, "%.*s", (int)strcspn(at, " "), at);
}

/* In a session of its own, so that ssh has no terminal to ask on. */
static inline int bastion_run(int (*run_all)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        (void)setsid();
        exit(run_all());
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : 1;
}

#endif
