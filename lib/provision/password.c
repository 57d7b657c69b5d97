/*
 * The forms are those that a server would have made itself of the password in the clear. A user
 * of Redshift's sha256 form cannot log in by libpq, which does not know that exchange.
 */
#include "provision/password.h"

#include <string.h>

#include "base/mem.h"
#include "codec/base64.h"
#include "codec/digest.h"

enum {
    SCRAM_ITERATIONS = 4096, /* PostgreSQL's own */
    SCRAM_SALT_BYTES = 16,
    SCRAM_ITERATIONS_MAX = 1000000,
    SHA256_HEX = 2 * RS_SHA256_BYTES,
    MD5_HEX = 2 * RS_MD5_BYTES,
};

/* All stand for themselves in a URL, a shell's word, ~/.pgpass and an SQL literal. */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789-_.~";
enum { ALPHABET = sizeof alphabet - 1, LETTERS = 52 };

static const char md5_mark[] = "md5";
static const char sha256_mark[] = "sha256|";
static const char scram_mark[] = "SCRAM-SHA-256$";

/* What a password is made of. */
struct classes {
    bool upper;
    bool lower;
    bool digit;
    bool barred;    /* one that Redshift does not take */
    bool unprinted; /* a control character, or none of ASCII */
    bool space;
};

static struct classes classes_of(struct rs_str password)
{
    struct classes found = {false};
    for (size_t i = 0; i < password.length; i++) {
        const char c = password.data[i];
        found.upper = found.upper || (c >= 'A' && c <= 'Z');
        found.lower = found.lower || (c >= 'a' && c <= 'z');
        found.digit = found.digit || (c >= '0' && c <= '9');
        found.space = found.space || c == ' ';
        found.barred = found.barred || (c != '\0' && strchr("'\"\\/@", c) != NULL);
        found.unprinted = found.unprinted || c < ' ' || c > '~';
    }
    return found;
}

bool rs_password_check(struct rs_str password, enum rs_dialect dialect, struct rs_error *err)
{
    const struct classes has = classes_of(password);
    const bool strict = rs_dialect_facts(dialect)->has_strict_passwords;
    const struct rule {
        bool broken;
        const char *what;
    } rules[] = {
        {password.length == 0, "it is empty"},
        {has.unprinted, "it holds a character that is not printable ASCII"},
        {password.length < RS_PASSWORD_MIN, "it is shorter than 8 characters"},
        {password.length > RS_PASSWORD_MAX, "it is longer than 64 characters"},
        {strict && !has.upper, "it has no upper-case letter"},
        {strict && !has.lower, "it has no lower-case letter"},
        {strict && !has.digit, "it has no digit"},
        {strict && has.space, "it holds a blank"},
        {strict && has.barred, "it holds one of ' \" \\ / @"},
    };
    for (size_t i = 0; i < RS_COUNTOF(rules); i++) {
        if (rules[i].broken) {
            (void)rs_error_set(err, RS_E_USAGE, "could not use the password: %s", rules[i].what);
            return rs_error_hint(err, "--generate makes one that every rule allows");
        }
    }
    return true;
}

bool rs_password_generate(bool (*fill)(unsigned char *out, size_t count), struct rs_strbuf *out,
                          struct rs_error *err)
{
    unsigned char bytes[4 * RS_PASSWORD_GENERATED];
    char password[RS_PASSWORD_GENERATED];
    bool done = false;
    while (!done) {
        size_t length = 0;
        if (!fill(bytes, sizeof bytes)) {
            return rs_error_set(err, RS_E_IO, "could not make a password: there is no randomness");
        }
        for (size_t i = 0; i < sizeof bytes && length < sizeof password; i++) {
            const unsigned count = length == 0 ? LETTERS : ALPHABET;
            if (bytes[i] < 256 / count * count) { /* so that all are equally likely */
                password[length++] = alphabet[bytes[i] % count];
            }
        }
        const struct classes has = classes_of((struct rs_str){password, length});
        done = length == sizeof password && has.upper && has.lower && has.digit;
    }
    rs_strbuf_append_bytes(out, password, sizeof password);
    rs_mem_wipe(password, sizeof password);
    rs_mem_wipe(bytes, sizeof bytes);
    return true;
}

static bool append_md5(struct rs_str user, struct rs_str password, struct rs_strbuf *out)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    unsigned char digest[RS_MD5_BYTES];
    char hex[MD5_HEX];
    (void)!rs_strbuf_reserve(&text, password.length + user.length + 1); /* it never moves */
    rs_strbuf_append_str(&text, password);
    rs_strbuf_append_str(&text, user);
    bool ok = rs_md5(rs_strbuf_str(&text), digest);
    if (ok) {
        rs_hex(digest, sizeof digest, hex);
        rs_strbuf_append(out, md5_mark);
        rs_strbuf_append_bytes(out, hex, sizeof hex);
    }
    rs_strbuf_release_secret(&text);
    return ok;
}

static void append_sha256(struct rs_str password, const unsigned char *salt, struct rs_strbuf *out)
{
    struct rs_sha256 *sha256 = rs_sha256_new();
    unsigned char digest[RS_SHA256_BYTES];
    char hex[SHA256_HEX];
    rs_sha256_update(sha256, password);
    rs_sha256_update(sha256, (struct rs_str){(const char *)salt, RS_PASSWORD_SALT_BYTES});
    rs_sha256_finish(sha256, digest);
    rs_sha256_free(sha256);
    rs_strbuf_append(out, sha256_mark);
    rs_hex(digest, sizeof digest, hex);
    rs_strbuf_append_bytes(out, hex, sizeof hex);
    rs_strbuf_append_char(out, '|');
    rs_hex(salt, RS_PASSWORD_SALT_BYTES, hex);
    rs_strbuf_append_bytes(out, hex, sizeof hex);
}

static struct rs_str view(const unsigned char *bytes, size_t count)
{
    return (struct rs_str){(const char *)bytes, count};
}

/* PBKDF2 of one block with HMAC-SHA-256: RFC 8018. */
static void stretch(struct rs_str password, struct rs_str salt, unsigned iterations,
                    unsigned char out[RS_SHA256_BYTES])
{
    struct rs_strbuf first = RS_STRBUF_INIT(4096);
    unsigned char block[RS_SHA256_BYTES];
    rs_strbuf_append_str(&first, salt);
    rs_strbuf_append_bytes(&first, "\0\0\0\1", 4);
    rs_hmac_sha256(password, rs_strbuf_str(&first), block);
    memcpy(out, block, sizeof block);
    for (unsigned i = 1; i < iterations; i++) {
        rs_hmac_sha256(password, view(block, sizeof block), block);
        for (size_t k = 0; k < sizeof block; k++) {
            out[k] ^= block[k];
        }
    }
    rs_mem_wipe(block, sizeof block);
    rs_strbuf_release(&first);
}

static void append_scram(struct rs_str password, struct rs_str salt, unsigned iterations,
                         struct rs_strbuf *out)
{
    unsigned char salted[RS_SHA256_BYTES];
    unsigned char key[RS_SHA256_BYTES];
    unsigned char stored[RS_SHA256_BYTES];
    stretch(password, salt, iterations, salted);
    rs_strbuf_printf(out, "%s%u:", scram_mark, iterations);
    rs_base64_append(out, salt);
    rs_hmac_sha256(view(salted, sizeof salted), RS_STR("Client Key"), key);
    rs_sha256(view(key, sizeof key), stored);
    rs_strbuf_append_char(out, '$');
    rs_base64_append(out, view(stored, sizeof stored));
    rs_hmac_sha256(view(salted, sizeof salted), RS_STR("Server Key"), key);
    rs_strbuf_append_char(out, ':');
    rs_base64_append(out, view(key, sizeof key));
    rs_mem_wipe(salted, sizeof salted);
    rs_mem_wipe(key, sizeof key);
}

/* A server would take this for a hash. */
static bool looks_hashed(struct rs_str password)
{
    return rs_str_starts(password, rs_str_from(md5_mark)) ||
           rs_str_starts(password, rs_str_from(sha256_mark)) ||
           rs_str_starts(password, rs_str_from(scram_mark));
}

bool rs_password_encode(enum rs_password_form form, struct rs_str user, struct rs_str password,
                        const unsigned char salt[RS_PASSWORD_SALT_BYTES], struct rs_strbuf *out,
                        struct rs_error *err)
{
    switch (form) {
    case RS_PASSWORD_MD5:
        if (!append_md5(user, password, out)) {
            (void)rs_error_set(err, RS_E_LIMIT,
                               "could not hash the password: this OpenSSL forbids MD5");
            return rs_error_hint(err, "--hash=sha256 is for AWS's drivers");
        }
        return true;
    case RS_PASSWORD_SHA256:
        append_sha256(password, salt, out);
        return true;
    case RS_PASSWORD_SCRAM:
        append_scram(password, view(salt, SCRAM_SALT_BYTES), SCRAM_ITERATIONS, out);
        return true;
    case RS_PASSWORD_PLAIN:
        if (looks_hashed(password)) {
            return rs_error_set(err, RS_E_USAGE,
                                "could not use the password: the server would take it for a hash");
        }
        rs_strbuf_append_str(out, password);
        return true;
    }
    return false;
}

static bool read_hex(struct rs_str hex, unsigned char *out)
{
    for (size_t i = 0; i < hex.length; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = hex.data[i] != '\0' ? strchr(digits, hex.data[i]) : NULL;
        if (!digit) {
            return false;
        }
        out[i / 2] = (unsigned char)((unsigned)out[i / 2] << 4 | (unsigned)(digit - digits));
    }
    return true;
}

/* Encode the password again with what kept names; false when kept is of no form that is known. */
static bool encode_like(struct rs_str kept, struct rs_str user, struct rs_str password,
                        struct rs_strbuf *out)
{
    const size_t sha256_length = sizeof sha256_mark - 1 + (size_t)2 * SHA256_HEX + 1;
    unsigned char salt[RS_PASSWORD_SALT_BYTES] = {0};
    uint64_t iterations = 0;
    if (rs_str_starts(kept, rs_str_from(md5_mark)) &&
        kept.length == sizeof md5_mark - 1 + MD5_HEX) {
        return append_md5(user, password, out);
    }
    if (rs_str_starts(kept, rs_str_from(sha256_mark)) && kept.length == sha256_length &&
        read_hex(rs_str_slice(kept, sha256_length - SHA256_HEX, sha256_length), salt)) {
        append_sha256(password, salt, out);
        return true;
    }
    if (!rs_str_starts(kept, rs_str_from(scram_mark))) {
        return false;
    }
    struct rs_str rest = rs_str_slice(kept, sizeof scram_mark - 1, kept.length);
    const size_t colon = rs_str_find_byte(rest, ':');
    const size_t dollar = rs_str_find_byte(rest, '$');
    struct rs_strbuf raw = RS_STRBUF_INIT(1024);
    bool ok =
        colon < dollar && dollar != SIZE_MAX &&
        rs_str_parse_u64(rs_str_slice(rest, 0, colon), 1, SCRAM_ITERATIONS_MAX, &iterations) &&
        rs_base64_decode(rs_str_slice(rest, colon + 1, dollar), &raw);
    if (ok) {
        append_scram(password, rs_strbuf_str(&raw), (unsigned)iterations, out);
    }
    rs_strbuf_release(&raw);
    return ok;
}

enum rs_password_match rs_password_compare(struct rs_str kept, struct rs_str user,
                                           struct rs_str password)
{
    struct rs_strbuf ours = RS_STRBUF_INIT(4096);
    enum rs_password_match match = RS_PASSWORD_UNREADABLE;
    if (encode_like(kept, user, password, &ours)) {
        match = rs_str_equal(kept, rs_strbuf_str(&ours)) ? RS_PASSWORD_SAME : RS_PASSWORD_OTHER;
    }
    rs_strbuf_release(&ours);
    return match;
}
