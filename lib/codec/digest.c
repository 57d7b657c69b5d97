/*
 * The one file that knows OpenSSL's libcrypto. EVP_Digest with SHA-256 fails in two cases only:
 * there is no memory for its context, or the machine's OpenSSL is configured without SHA-256.
 * Names of columns and ids of events depend on the digest, so there is no going on without it.
 */
#include "codec/digest.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/mem.h"

struct rs_sha256 {
    EVP_MD_CTX *context;
};

static void must(int result)
{
    if (result != 1) {
        abort();
    }
}

static const void *start_of(struct rs_str bytes)
{
    return bytes.length > 0 ? bytes.data : "";
}

void rs_sha256(struct rs_str bytes, unsigned char out[RS_SHA256_BYTES])
{
    must(EVP_Digest(start_of(bytes), bytes.length, out, NULL, EVP_sha256(), NULL));
}

struct rs_sha256 *rs_sha256_new(void)
{
    struct rs_sha256 *sha256 = rs_mem_zalloc(1, sizeof *sha256);
    sha256->context = EVP_MD_CTX_new();
    must(sha256->context && EVP_DigestInit_ex(sha256->context, EVP_sha256(), NULL));
    return sha256;
}

void rs_sha256_update(struct rs_sha256 *sha256, struct rs_str piece)
{
    must(EVP_DigestUpdate(sha256->context, start_of(piece), piece.length));
}

void rs_sha256_finish(struct rs_sha256 *sha256, unsigned char out[RS_SHA256_BYTES])
{
    must(EVP_DigestFinal_ex(sha256->context, out, NULL));
    must(EVP_DigestInit_ex(sha256->context, EVP_sha256(), NULL));
}

void rs_sha256_free(struct rs_sha256 *sha256)
{
    if (sha256) {
        EVP_MD_CTX_free(sha256->context);
        rs_mem_free(sha256);
    }
}

void rs_hmac_sha256(struct rs_str key, struct rs_str bytes, unsigned char out[RS_SHA256_BYTES])
{
    if (key.length > INT_MAX || !HMAC(EVP_sha256(), start_of(key), (int)key.length, start_of(bytes),
                                      bytes.length, out, NULL)) {
        abort();
    }
}

bool rs_md5(struct rs_str bytes, unsigned char out[RS_MD5_BYTES])
{
    return EVP_Digest(start_of(bytes), bytes.length, out, NULL, EVP_md5(), NULL) == 1;
}

void rs_hex(const unsigned char *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

bool rs_random_bytes(unsigned char *out, size_t count)
{
    return count <= INT_MAX && RAND_priv_bytes(out, (int)count) == 1;
}

const char *rs_digest_library_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
