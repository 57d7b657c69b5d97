/*
 * codec/digest.h - SHA-256, HMAC-SHA256 and MD5, random bytes, and bytes as hexadecimal digits.
 *
 *   unsigned char digest[RS_SHA256_BYTES];
 *   char hex[2 * RS_SHA256_BYTES];
 *   rs_sha256(RS_STR("abc"), digest);
 *   rs_hex(digest, sizeof digest, hex)     -> "ba7816bf8f01cfea...", without a NUL
 *
 *   struct rs_sha256 *sha256 = rs_sha256_new();          bytes that come in pieces
 *   rs_sha256_update(sha256, piece) ...; rs_sha256_finish(sha256, digest);
 *   rs_sha256_free(sha256);
 *
 * Pure:    yes, but for rs_random_bytes.
 * Threads: reentrant; a struct rs_sha256 by one thread at a time.
 * Source:  FIPS 180-4, RFC 2104 and RFC 1321, through OpenSSL's EVP.
 */
#ifndef RS_CODEC_DIGEST_H
#define RS_CODEC_DIGEST_H

#include "rs/compiler.h"
#include "rs/str.h"

enum { RS_SHA256_BYTES = 32, RS_MD5_BYTES = 16 };

struct rs_sha256;

/* Write the SHA-256 digest of bytes. */
void rs_sha256(struct rs_str bytes, unsigned char out[RS_SHA256_BYTES]);

/* The same for bytes that come in pieces; finish makes it ready for the next ones. */
RS_MUST_USE struct rs_sha256 *rs_sha256_new(void);
void rs_sha256_update(struct rs_sha256 *sha256, struct rs_str piece);
void rs_sha256_finish(struct rs_sha256 *sha256, unsigned char out[RS_SHA256_BYTES]);
void rs_sha256_free(struct rs_sha256 *sha256);

/* Write the HMAC-SHA256 of bytes under key. */
void rs_hmac_sha256(struct rs_str key, struct rs_str bytes, unsigned char out[RS_SHA256_BYTES]);

/* Write the MD5 digest, for protocols that still ask for it; false where OpenSSL forbids it. */
RS_MUST_USE bool rs_md5(struct rs_str bytes, unsigned char out[RS_MD5_BYTES]);

/* Write count bytes as 2 * count lower-case hexadecimal digits; no NUL is added. */
void rs_hex(const unsigned char *bytes, size_t count, char *out);

/* Fill out from OpenSSL's generator of secrets; false when the system has no randomness. */
RS_MUST_USE bool rs_random_bytes(unsigned char *out, size_t count);

/* The version of the OpenSSL that is linked, as in "OpenSSL 3.0.15 3 Sep 2024"; static. */
const char *rs_digest_library_version(void);

#endif
