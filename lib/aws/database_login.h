/*
 * aws/database_login.h - where a database listens, and a user and a password that open it for some
 * minutes.
 *
 *   struct rs_database_login login = RS_DATABASE_LOGIN_INIT;
 *   rs_iam_login_get(&options, &login, err), of aws/iam_login.h
 *   rs_database_login_release(&login);
 *
 * Pure:    yes.
 * Owns:    the login owns its texts; release wipes the password.
 * Threads: one thread at a time per object.
 */
#ifndef RS_AWS_DATABASE_LOGIN_H
#define RS_AWS_DATABASE_LOGIN_H

#include "rs/compiler.h"
#include "rs/str.h"

enum { RS_LOGIN_HOST_MAX = 255, RS_LOGIN_GROUPS_MAX = 32 };

struct rs_database_login {
    char host[RS_LOGIN_HOST_MAX + 1];
    unsigned port;
    char *user; /* as the server wants it: "IAM:rs", "IAMA:rs:loaders", "IAMR:role" */
    char *password;
    int64_t expires_us; /* UTC */
};

#define RS_DATABASE_LOGIN_INIT ((struct rs_database_login){{0}, 0, NULL, NULL, 0})

/* Wipe and free; the object is empty again. */
void rs_database_login_release(struct rs_database_login *login);

/* Put in a copy of user and password; what was there is wiped. */
void rs_database_login_set(struct rs_database_login *login, struct rs_str user,
                           struct rs_str password, int64_t expires_us);

#endif
