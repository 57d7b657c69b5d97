/*
 * The one file that knows OpenSSL's libcrypto. EVP_Digest with SHA-256 fails in two cases only:
 * there is no memory for its context, or the machine's OpenSSL is configured without SHA-256.
 * Names of columns and ids of events depend on the digest, so there is no going on without it.
 */
#include "rs/codec/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

void rs_sha256(struct rs_str bytes, unsigned char out[RS_SHA256_BYTES])
{
    const void *data = bytes.length > 0 ? bytes.data : "";
    if (EVP_Digest(data, bytes.length, out, NULL, EVP_sha256(), NULL) != 1) {
        abort();
    }
}

void rs_hex(const unsigned char *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

const char *rs_digest_library_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
