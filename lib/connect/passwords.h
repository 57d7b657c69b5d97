/*
 * connect/passwords.h - passwords that a person types, each asked for once in a run.
 *
 *   struct rs_passwords passwords;
 *   rs_passwords_init(&passwords, ask, arg);
 *   options.passwords = &passwords;                     for as many connections as there are
 *   rs_passwords_get(&passwords, "password for user \"ann\" at db.example.com", &out, &err)
 *   rs_passwords_release(&passwords);
 *
 * Who asks again gets the answer that there was, or none where there was none. Others wait while
 * somebody types.
 *
 * Limits:  RS_PASSWORDS_MAX questions; past it nobody is asked.
 * Pure:    no: whatever ask does.
 * Owns:    the object; answers are wiped.   Threads: rs_passwords_get: any thread.
 */
#ifndef RS_CONNECT_PASSWORDS_H
#define RS_CONNECT_PASSWORDS_H

#include <pthread.h>

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"

enum { RS_PASSWORDS_MAX = 8 };

/* Append what was typed. False without an error where there is nobody to ask. */
typedef bool rs_passwords_ask(void *arg, const char *what, struct rs_strbuf *out,
                              struct rs_error *err);

struct rs_passwords {
    rs_passwords_ask *ask;
    void *arg;
    pthread_mutex_t lock;
    struct {
        char *what;
        char *answer; /* NULL: there was none */
    } asked[RS_PASSWORDS_MAX];
    size_t count;
};

void rs_passwords_init(struct rs_passwords *passwords, rs_passwords_ask *ask, void *arg);
void rs_passwords_release(struct rs_passwords *passwords);

/*
 * The answer to a question; freed by the caller with rs_mem_free_secret.
 *
 * what  without control characters
 * err   what went wrong in asking. NULL without an error: there is no answer
 */
RS_MUST_USE char *rs_passwords_get(struct rs_passwords *passwords, const char *what,
                                   struct rs_error *err);

#endif
