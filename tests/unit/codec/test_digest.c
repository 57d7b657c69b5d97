/* SHA-256, HMAC and MD5 by the examples of their standards, and hexadecimal digits. */
#include "codec/digest.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

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

static void test_digest__sha256_of_pieces_is_that_of_the_whole(void **state)
{
    (void)state;
    const char *text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    unsigned char wanted[RS_SHA256_BYTES];
    unsigned char got[RS_SHA256_BYTES];
    struct rs_sha256 *sha256 = rs_sha256_new();
    for (size_t step = 1; step <= strlen(text); step++) {
        rs_sha256(rs_str_from(text), wanted);
        for (size_t i = 0; i < strlen(text); i += step) {
            rs_sha256_update(sha256, rs_str_slice(rs_str_from(text), i, i + step));
        }
        rs_sha256_finish(sha256, got);
        assert_memory_equal(got, wanted, sizeof got);
    }
    rs_sha256(RS_STR(""), wanted);
    rs_sha256_finish(sha256, got);
    assert_memory_equal(got, wanted, sizeof got);
    rs_sha256_free(sha256);
    rs_sha256_free(NULL);
}

/* RFC 4231, cases 1, 2 and 6: a key of 20 bytes, of 4, and one longer than a block. */
static void test_digest__hmac_is_that_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        char key_byte;
        size_t key_length;
        const char *text;
        const char *wanted;
    } cases[] = {
        {0x0b, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {0, 4, "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {'\xaa', 131, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        unsigned char mac[RS_SHA256_BYTES];
        char hex[2 * RS_SHA256_BYTES + 1] = "";
        char key[131] = "Jefe";
        if (cases[i].key_byte) {
            memset(key, cases[i].key_byte, sizeof key);
        }
        rs_hmac_sha256((struct rs_str){key, cases[i].key_length}, rs_str_from(cases[i].text), mac);
        rs_hex(mac, sizeof mac, hex);
        assert_string_equal(hex, cases[i].wanted);
    }
}

static void test_digest__md5_is_that_of_the_rfc(void **state)
{
    (void)state;
    unsigned char digest[RS_MD5_BYTES];
    char hex[2 * RS_MD5_BYTES + 1] = "";
    assert_true(rs_md5(RS_STR("message digest"), digest));
    rs_hex(digest, sizeof digest, hex);
    assert_string_equal(hex, "f96b697d7cb7938d525a2f31aaf161d0");
    assert_true(rs_md5((struct rs_str){NULL, 0}, digest));
    rs_hex(digest, sizeof digest, hex);
    assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
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
        cmocka_unit_test(test_digest__sha256_of_pieces_is_that_of_the_whole),
        cmocka_unit_test(test_digest__hmac_is_that_of_the_rfc),
        cmocka_unit_test(test_digest__md5_is_that_of_the_rfc),
        cmocka_unit_test(test_digest__hex_has_two_lower_case_digits_a_byte),
        cmocka_unit_test(test_digest__the_version_names_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
