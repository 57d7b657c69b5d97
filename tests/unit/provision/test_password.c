/* Rules, the generator, and the forms against the vectors of their makers. */
#include "provision/password.h"

#include <stdlib.h>
#include <string.h>

#include "codec/digest.h"
#include "unit.h"

static const unsigned char no_salt[RS_PASSWORD_SALT_BYTES];

static void assert_encoded(enum rs_password_form form, const char *user, const char *password,
                           const unsigned char *salt, const char *desired)
{
    struct rs_strbuf out = RS_STRBUF_INIT(RS_PASSWORD_FORM_MAX_BYTES);
    struct rs_error err = {0};
    assert_true(
        rs_password_encode(form, rs_str_from(user), rs_str_from(password), salt, &out, &err));
    assert_string_equal(rs_strbuf_cstr(&out), desired);
    assert_int_equal(
        rs_password_compare(rs_strbuf_str(&out), rs_str_from(user), rs_str_from(password)),
        form == RS_PASSWORD_PLAIN ? RS_PASSWORD_UNREADABLE : RS_PASSWORD_SAME);
    if (form != RS_PASSWORD_PLAIN) {
        assert_int_equal(
            rs_password_compare(rs_strbuf_str(&out), rs_str_from(user), RS_STR("another")),
            RS_PASSWORD_OTHER);
    }
    rs_strbuf_release(&out);
}

static void unhex(const char *hex, unsigned char *out)
{
    for (size_t i = 0; hex[i]; i += 2) {
        const char pair[] = {hex[i], hex[i + 1], '\0'};
        out[i / 2] = (unsigned char)strtoul(pair, NULL, 16);
    }
}

static void test_password__forms_are_those_of_the_manuals(void **state)
{
    (void)state;
    unsigned char salt[RS_PASSWORD_SALT_BYTES] = {0};
    /* CREATE USER in Redshift's manual: md5 of "ez" and "user1". */
    assert_encoded(RS_PASSWORD_MD5, "user1", "ez", no_salt, "md5153c434b4b77c89e6b94f12c5393af5b");
    unhex("c721bff5d9042cf541ff7b9d48fa8a6e545c19a763e3710151f9513038b0f6c6", salt);
    assert_encoded(RS_PASSWORD_SHA256, "whoever", "Mypassword1", salt,
                   "sha256|821708135fcc42eb3afda85286dee0ed15c2c461d000291609f77eb113073ec2|"
                   "c721bff5d9042cf541ff7b9d48fa8a6e545c19a763e3710151f9513038b0f6c6");
    assert_encoded(RS_PASSWORD_PLAIN, "ann", "Passw0rd", no_salt, "Passw0rd");
}

static void test_password__a_scram_verifier_is_rfc_7677s(void **state)
{
    (void)state;
    /* The RFC's example: user "user", password "pencil"; its proofs follow from these two keys. */
    unsigned char salt[RS_PASSWORD_SALT_BYTES] = {0};
    unhex("5b6d99689d12358eeca04b141236fa81", salt);
    assert_encoded(RS_PASSWORD_SCRAM, "user", "pencil", salt,
                   "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
                   "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                   "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

static void test_password__a_rule_that_is_broken_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        enum rs_dialect dialect;
        const char *words; /* NULL: it is taken */
    } cases[] = {
        {"", RS_DIALECT_REDSHIFT, "empty"},
        {"Short1", RS_DIALECT_REDSHIFT, "shorter than 8"},
        {"Aa34567", RS_DIALECT_REDSHIFT, "shorter than 8"},
        {"Aa345678", RS_DIALECT_REDSHIFT, NULL},
        {"Aa3456789012345678901234567890123456789012345678901234567890abcd", RS_DIALECT_REDSHIFT,
         NULL},
        {"Aa3456789012345678901234567890123456789012345678901234567890abcde", RS_DIALECT_REDSHIFT,
         "longer than 64"},
        {"lower5678", RS_DIALECT_REDSHIFT, "upper-case"},
        {"UPPER5678", RS_DIALECT_REDSHIFT, "lower-case"},
        {"NoDigits", RS_DIALECT_REDSHIFT, "digit"},
        {"With blank1", RS_DIALECT_REDSHIFT, "blank"},
        {"Quote'12", RS_DIALECT_REDSHIFT, "one of"},
        {"Quote\"12", RS_DIALECT_REDSHIFT, "one of"},
        {"Back\\s12", RS_DIALECT_REDSHIFT, "one of"},
        {"Slash/12", RS_DIALECT_REDSHIFT, "one of"},
        {"At@sign12", RS_DIALECT_REDSHIFT, "one of"},
        {"Semi;colon:1", RS_DIALECT_REDSHIFT, NULL},
        {"Umlaut\xc3\xa4"
         "12",
         RS_DIALECT_REDSHIFT, "ASCII"},
        {"Line\n1234", RS_DIALECT_REDSHIFT, "ASCII"},
        {"Delete\x7f"
         "12",
         RS_DIALECT_POSTGRESQL, "ASCII"},
        {"it's \"\\/@ fine", RS_DIALECT_POSTGRESQL, NULL},
        {"tiny", RS_DIALECT_POSTGRESQL, "shorter than 8"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        bool ok = rs_password_check(rs_str_from(cases[i].password), cases[i].dialect, &err);
        assert_int_equal(ok, cases[i].words == NULL);
        if (cases[i].words) {
            assert_int_equal(err.code, RS_E_USAGE);
            assert_non_null(strstr(err.message, cases[i].words));
        }
        if (cases[i].words && cases[i].password[0]) {
            assert_null(strstr(err.message, cases[i].password));
        }
    }
}

static void test_password__a_generated_one_keeps_every_rule(void **state)
{
    (void)state;
    struct rs_strbuf out = RS_STRBUF_INIT(RS_PASSWORD_MAX);
    char before[RS_PASSWORD_GENERATED + 1] = "";
    bool seen[128] = {false};
    size_t distinct = 0;
    for (size_t i = 0; i < 500; i++) {
        struct rs_error err = {0};
        rs_strbuf_reset(&out);
        assert_true(rs_password_generate(rs_random_bytes, &out, &err));
        assert_int_equal(out.length, RS_PASSWORD_GENERATED);
        assert_true(rs_password_check(rs_strbuf_str(&out), RS_DIALECT_REDSHIFT, &err));
        assert_true(strspn(out.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_.~") == out.length);
        assert_string_not_equal(out.data, before);
        memcpy(before, out.data, out.length + 1);
        for (size_t k = 0; k < out.length; k++) {
            distinct += !seen[(unsigned char)out.data[k]];
            seen[(unsigned char)out.data[k]] = true;
        }
    }
    assert_int_equal(distinct, 66); /* 16,000 draws leave none of the 66 out */
    rs_strbuf_release(&out);
}

static unsigned calls;

/* First one without a digit, then one that will do. */
static bool fill_in_turn(unsigned char *out, size_t count)
{
    memset(out, 0, count);
    if (calls++ > 0) {
        out[1] = 26;
        out[2] = 52;
    }
    return true;
}

static bool fill_nothing(unsigned char *out, size_t count)
{
    (void)out;
    (void)count;
    return false;
}

static void test_password__a_draw_that_breaks_a_rule_is_drawn_again(void **state)
{
    (void)state;
    struct rs_strbuf out = RS_STRBUF_INIT(RS_PASSWORD_MAX);
    struct rs_error err = {0};
    calls = 0;
    assert_true(rs_password_generate(fill_in_turn, &out, &err));
    assert_int_equal(calls, 2);
    assert_string_equal(rs_strbuf_cstr(&out), "Aa0AAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    rs_strbuf_reset(&out);
    assert_false(rs_password_generate(fill_nothing, &out, &err));
    assert_int_equal(err.code, RS_E_IO);
    assert_int_equal(out.length, 0);
    rs_strbuf_release(&out);
}

static void test_password__what_is_no_hash_is_unreadable(void **state)
{
    (void)state;
    static const char *const kept[] = {"",
                                       "********",
                                       "md5",
                                       "sha256|abc|def",
                                       "SCRAM-SHA-256$",
                                       "SCRAM-SHA-256$0:AAAA$AAAA:AAAA",
                                       "SCRAM-SHA-256$4096:!!$AAAA:AAAA",
                                       "DISABLE"};
    for (size_t i = 0; i < RS_COUNTOF(kept); i++) {
        assert_int_equal(rs_password_compare(rs_str_from(kept[i]), RS_STR("u"), RS_STR("p")),
                         RS_PASSWORD_UNREADABLE);
    }
}

static void test_password__a_plain_one_may_not_look_like_a_hash(void **state)
{
    (void)state;
    struct rs_strbuf out = RS_STRBUF_INIT(RS_PASSWORD_FORM_MAX_BYTES);
    struct rs_error err = {0};
    assert_false(rs_password_encode(RS_PASSWORD_PLAIN, RS_STR("u"), RS_STR("md5Passw0rd"), no_salt,
                                    &out, &err));
    assert_int_equal(err.code, RS_E_USAGE);
    rs_strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password__forms_are_those_of_the_manuals),
        cmocka_unit_test(test_password__a_scram_verifier_is_rfc_7677s),
        cmocka_unit_test(test_password__a_rule_that_is_broken_is_named),
        cmocka_unit_test(test_password__a_generated_one_keeps_every_rule),
        cmocka_unit_test(test_password__a_draw_that_breaks_a_rule_is_drawn_again),
        cmocka_unit_test(test_password__what_is_no_hash_is_unreadable),
        cmocka_unit_test(test_password__a_plain_one_may_not_look_like_a_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
