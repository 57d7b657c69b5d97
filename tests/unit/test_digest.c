/* SHA-256 by the examples of FIPS 180-4, and hexadecimal digits. */
#include "rs/codec/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_digest(struct rs_str bytes, const char *wanted)
{
    unsigned char digest[RS_SHA256_BYTES];
    char hex[2 * RS_SHA256_BYTES + 1];
    rs_sha256(bytes, digest);
    memset(hex, 'x', sizeof hex);
    rs_hex(digest, sizeof digest, hex);
    assert_int_equal(hex[2 * RS_SHA256_BYTES], 'x');
    hex[2 * RS_SHA256_BYTES] = '\0';
    assert_string_equal(hex, wanted);
}

static void test_digest__sha256_is_that_of_the_standard(void **state)
{
    (void)state;
    assert_digest((struct rs_str){NULL, 0},
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest(RS_STR("abc"),
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest(RS_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_digest(RS_STR("\0"), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    char *million = malloc(1000000);
    assert_non_null(million);
    memset(million, 'a', 1000000);
    assert_digest((struct rs_str){million, 1000000},
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}

static void test_digest__hex_has_two_lower_case_digits_a_byte(void **state)
{
    const unsigned char bytes[] = {0x00, 0x01, 0x0f, 0x10, 0x7f, 0x80, 0xab, 0xff};
    char hex[2 * sizeof bytes + 1] = "";
    (void)state;
    rs_hex(bytes, sizeof bytes, hex);
    assert_string_equal(hex, "00010f107f80abff");
    rs_hex(bytes, 0, hex);
    assert_string_equal(hex, "00010f107f80abff");
}

static void test_digest__the_version_names_openssl(void **state)
{
    (void)state;
    assert_non_null(strstr(rs_digest_library_version(), "OpenSSL"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest__sha256_is_that_of_the_standard),
        cmocka_unit_test(test_digest__hex_has_two_lower_case_digits_a_byte),
        cmocka_unit_test(test_digest__the_version_names_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
