/* A password is wiped wherever it was. */
#include "aws/database_login.h"

#include "base/mem.h"

void rs_database_login_release(struct rs_database_login *login)
{
    rs_mem_free_secret(login->password);
    rs_mem_free(login->user);
    *login = RS_DATABASE_LOGIN_INIT;
}

void rs_database_login_set(struct rs_database_login *login, struct rs_str user,
                           struct rs_str password, int64_t expires_us)
{
    rs_mem_free_secret(login->password);
    rs_mem_free(login->user);
    login->user = rs_mem_strndup(user.data, user.length);
    login->password = rs_mem_strndup(password.data, password.length);
    login->expires_us = expires_us;
}
