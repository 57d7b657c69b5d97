/*
 * rs/codec/digest.h - SHA-256, and bytes as hexadecimal digits.
 *
 *   unsigned char digest[RS_SHA256_BYTES];
 *   char hex[2 * RS_SHA256_BYTES];
 *   rs_sha256(RS_STR("abc"), digest);
 *   rs_hex(digest, sizeof digest, hex)     -> "ba7816bf8f01cfea...", without a NUL
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  FIPS 180-4, through OpenSSL's EVP.
 */
#ifndef RS_CODEC_DIGEST_H
#define RS_CODEC_DIGEST_H

#include "rs/base/compiler.h"
#include "rs/base/str.h"

enum { RS_SHA256_BYTES = 32 };

/* Write the SHA-256 digest of bytes. */
void rs_sha256(struct rs_str bytes, unsigned char out[RS_SHA256_BYTES]);

/* Write count bytes as 2 * count lower-case hexadecimal digits; no NUL is added. */
void rs_hex(const unsigned char *bytes, size_t count, char *out);

/* The version of the OpenSSL that is linked, as in "OpenSSL 3.0.15 3 Sep 2024"; static. */
const char *rs_digest_library_version(void);

#endif
