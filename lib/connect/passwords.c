/* The lock is held while a person types: who wants the same password waits for it. */
#include "connect/passwords.h"

#include <string.h>

#include "base/mem.h"

enum { ANSWER_MAX = 1024 };

void rs_passwords_init(struct rs_passwords *passwords, rs_passwords_ask *ask, void *arg)
{
    *passwords = (struct rs_passwords){.ask = ask, .arg = arg};
    (void)pthread_mutex_init(&passwords->lock, NULL);
}

void rs_passwords_release(struct rs_passwords *passwords)
{
    if (passwords->ask) {
        for (size_t i = 0; i < passwords->count; i++) {
            rs_mem_free(passwords->asked[i].what);
            rs_mem_free_secret(passwords->asked[i].answer);
        }
        (void)pthread_mutex_destroy(&passwords->lock);
        *passwords = (struct rs_passwords){.ask = NULL};
    }
}

static void ask(struct rs_passwords *passwords, const char *what, struct rs_error *err)
{
    struct rs_strbuf typed = RS_STRBUF_INIT(ANSWER_MAX);
    const size_t slot = passwords->count++;
    passwords->asked[slot].what = rs_mem_strdup(what);
    rs_strbuf_keep_secret(&typed);
    if (passwords->ask(passwords->arg, what, &typed, err)) {
        passwords->asked[slot].answer = rs_mem_strdup(rs_strbuf_cstr(&typed));
    }
    rs_strbuf_release(&typed);
}

char *rs_passwords_get(struct rs_passwords *passwords, const char *what, struct rs_error *err)
{
    char *answer = NULL;
    size_t i = 0;
    (void)pthread_mutex_lock(&passwords->lock);
    while (i < passwords->count && strcmp(passwords->asked[i].what, what) != 0) {
        i++;
    }
    if (i == passwords->count && i < RS_PASSWORDS_MAX) {
        ask(passwords, what, err);
    }
    if (i < passwords->count && passwords->asked[i].answer) {
        answer = rs_mem_strdup(passwords->asked[i].answer);
    }
    (void)pthread_mutex_unlock(&passwords->lock);
    return answer;
}
