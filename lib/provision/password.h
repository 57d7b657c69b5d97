/*
 * provision/password.h - passwords of database users: rules, a generator, and what is sent.
 *
 *   rs_password_check(RS_STR("short"), RS_DIALECT_REDSHIFT, &err)
 *     -> could not use the password: it is shorter than 8 characters
 *   rs_password_generate(rs_random_bytes, &password, &err)        32 characters
 *   rs_password_encode(RS_PASSWORD_MD5, user, password, salt, &out, &err)
 *     -> "md5" and 32 hexadecimal digits: what CREATE USER is given
 *
 * What is sent to a server is a hash, so that no log of its statements holds a password.
 *
 * Limits:  passwords of 8 to 64 characters.
 * Pure:    yes, but for the generator's source.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html (rules, md5, sha256);
 *          RFC 5803 and RFC 7677, as PostgreSQL keeps them (SCRAM-SHA-256).
 */
#ifndef RS_PROVISION_PASSWORD_H
#define RS_PROVISION_PASSWORD_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/sqltext.h"

enum {
    RS_PASSWORD_MIN = 8,  /* characters */
    RS_PASSWORD_MAX = 64, /* characters; each is one byte */
    RS_PASSWORD_GENERATED = 32,
    RS_PASSWORD_SALT_BYTES = 32,
    RS_PASSWORD_FORM_MAX_BYTES = 256, /* of what is sent */
};

enum rs_password_form {
    RS_PASSWORD_MD5,    /* md5 of password and user; any client can log in */
    RS_PASSWORD_SHA256, /* Redshift's salted SHA-256: AWS's drivers only */
    RS_PASSWORD_SCRAM,  /* PostgreSQL's SCRAM-SHA-256 verifier */
    RS_PASSWORD_PLAIN,  /* as it is: the server hashes it, and may log it */
};

enum rs_password_match { RS_PASSWORD_SAME, RS_PASSWORD_OTHER, RS_PASSWORD_UNREADABLE };

/* The password may be used; RS_E_USAGE names the rule that it breaks, never the password. */
RS_MUST_USE bool rs_password_check(struct rs_str password, enum rs_dialect dialect,
                                   struct rs_error *err);

/*
 * Append a new password of RS_PASSWORD_GENERATED letters, digits, "-", "_", "." and "~", with an
 * upper-case letter, a lower-case one and a digit among them, a letter at its start.
 *
 * fill  writes random bytes: rs_random_bytes
 * err   RS_E_IO when there is no randomness
 */
RS_MUST_USE bool rs_password_generate(bool (*fill)(unsigned char *out, size_t count),
                                      struct rs_strbuf *out, struct rs_error *err);

/*
 * Append the password in a form.
 *
 * user  its name as the server keeps it
 * salt  random bytes, all used by RS_PASSWORD_SHA256, 16 of them by RS_PASSWORD_SCRAM
 * err   RS_E_LIMIT where OpenSSL forbids MD5; RS_E_USAGE when a plain password looks like a hash
 */
RS_MUST_USE bool rs_password_encode(enum rs_password_form form, struct rs_str user,
                                    struct rs_str password,
                                    const unsigned char salt[RS_PASSWORD_SALT_BYTES],
                                    struct rs_strbuf *out, struct rs_error *err);

/* Whether what a server keeps (pg_shadow.passwd) is of this password. */
enum rs_password_match rs_password_compare(struct rs_str kept, struct rs_str user,
                                           struct rs_str password);

#endif
