/*
 * The shared files as one set of profiles; where a region and an endpoint are found, in which order.
 */
#include "aws/profile.h"

#include <string.h>

#include "fake_env.h"
#include "scratch.h"
#include "unit.h"

struct home {
    struct scratch scratch;
    struct fake_env fake;
};

static void home_make(struct home *home, const char *config, const char *credentials)
{
    home->scratch = scratch_make();
    fake_env_init(&home->fake);
    fake_env_set(&home->fake, "HOME", home->scratch.dir);
    if (config) {
        scratch_write(&home->scratch, ".aws/config", config, strlen(config));
    }
    if (credentials) {
        scratch_write(&home->scratch, ".aws/credentials", credentials, strlen(credentials));
    }
}

static struct rs_profiles *load(struct home *home, const char *chosen)
{
    struct rs_error err = {0};
    struct rs_profiles *profiles = rs_profiles_load(&home->fake.env, chosen, &err);
    if (!profiles) {
        fail_msg("%s", err.message);
    }
    return profiles;
}

static void home_remove(struct home *home)
{
    scratch_remove(&home->scratch);
}

static void test_profile__two_files_are_one(void **state)
{
    static const char config[] =
        "[default]\nregion = us-east-1\n[profile tea]\nregion = eu-west-1\n"
        "a = of config\nb = of config\nempty = there\n"
        "[coffee]\nregion = x\n[profile green tea]\nregion = y\n";
    static const char credentials[] = "[tea]\nb = of credentials\nempty =\n[profile milk]\na = 1\n"
                                      "[sugar]\na = 2\n";
    static const struct {
        const char *profile;
        const char *key;
        const char *value;
    } cases[] = {
        {"default", "region", "us-east-1"},
        {"tea", "region", "eu-west-1"},
        {"tea", "a", "of config"},
        {"tea", "b", "of credentials"},
        {"tea", "empty", "there"},
        {"tea", "c", NULL},
        {"coffee", "region", NULL},
        {"green", "region", NULL},
        {"milk", "a", NULL},
        {"sugar", "a", "2"},
    };
    struct home home;

    (void)state;
    home_make(&home, config, credentials);
    struct rs_profiles *profiles = load(&home, NULL);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const char *value = rs_profiles_find(profiles, cases[i].profile, cases[i].key);
        if (!value != !cases[i].value || (value && strcmp(value, cases[i].value) != 0)) {
            fail_msg("%s.%s is \"%s\"", cases[i].profile, cases[i].key, value ? value : "(none)");
        }
    }
    assert_true(rs_profiles_has(profiles, "tea"));
    assert_true(rs_profiles_has(profiles, "sugar"));
    assert_false(rs_profiles_has(profiles, "coffee"));
    assert_false(rs_profiles_has(profiles, "milk"));
    rs_profiles_free(profiles);
    home_remove(&home);
}

static void test_profile__a_default_with_prefix_hides_one_without(void **state)
{
    struct home home;

    (void)state;
    home_make(&home, "[profile default]\na = 1\n[default]\nb = 2\n", "[default]\nc = 3\n");
    struct rs_profiles *profiles = load(&home, NULL);
    assert_string_equal(rs_profiles_find(profiles, "default", "a"), "1");
    assert_null(rs_profiles_find(profiles, "default", "b"));
    assert_string_equal(rs_profiles_find(profiles, "default", "c"), "3");
    rs_profiles_free(profiles);
    home_remove(&home);
}

static void test_profile__the_chosen_one_is_named_by_option_then_variables(void **state)
{
    struct home home;

    (void)state;
    home_make(&home, NULL, NULL);
    struct rs_profiles *profiles = load(&home, "");
    assert_string_equal(rs_profiles_chosen(profiles), "default");
    assert_false(rs_profiles_is_named(profiles));
    assert_false(rs_profiles_has(profiles, "default"));
    rs_profiles_free(profiles);

    fake_env_set(&home.fake, "AWS_DEFAULT_PROFILE", "milk");
    profiles = load(&home, NULL);
    assert_string_equal(rs_profiles_chosen(profiles), "milk");
    assert_true(rs_profiles_is_named(profiles));
    rs_profiles_free(profiles);

    fake_env_set(&home.fake, "AWS_PROFILE", "tea");
    profiles = load(&home, NULL);
    assert_string_equal(rs_profiles_chosen(profiles), "tea");
    rs_profiles_free(profiles);

    profiles = load(&home, "coffee");
    assert_string_equal(rs_profiles_chosen(profiles), "coffee");
    rs_profiles_free(profiles);
    home_remove(&home);
}

static void test_profile__variables_name_the_files(void **state)
{
    struct home home;
    struct rs_error err = {0};

    (void)state;
    home_make(&home, "[default]\na = home\n", NULL);
    scratch_write(&home.scratch, "other/c", "[default]\na = other\n", 20);
    scratch_write(&home.scratch, "other/k", "[default]\nb = keys\n", 19);
    fake_env_set(&home.fake, "AWS_CONFIG_FILE", "~/other/c");
    char keys[600];
    (void)snprintf(keys, sizeof keys, "%s", scratch_path(&home.scratch, "other/k"));
    fake_env_set(&home.fake, "AWS_SHARED_CREDENTIALS_FILE", keys);
    struct rs_profiles *profiles = load(&home, NULL);
    assert_string_equal(rs_profiles_find(profiles, "default", "a"), "other");
    assert_string_equal(rs_profiles_find(profiles, "default", "b"), "keys");
    rs_profiles_free(profiles);

    fake_env_set(&home.fake, "AWS_CONFIG_FILE", "/nowhere/at/all");
    fake_env_set(&home.fake, "AWS_SHARED_CREDENTIALS_FILE", NULL);
    fake_env_set(&home.fake, "HOME", NULL);
    profiles = load(&home, "tea");
    assert_false(rs_profiles_missing(profiles, "tea", &err));
    assert_int_equal(err.code, RS_E_CONFIG);
    assert_string_equal(err.message, "could not find profile \"tea\": it is neither in "
                                     "/nowhere/at/all nor in ~/.aws/credentials");
    rs_profiles_free(profiles);
    home_remove(&home);
}

static void test_profile__a_missing_one_lists_those_there_are(void **state)
{
    struct home home;
    struct rs_error err = {0};

    (void)state;
    home_make(&home, "[default]\n[profile tea]\n[profile a b c]\n[sso-session s]\n", "[milk]\n");
    struct rs_profiles *profiles = load(&home, "te");
    assert_false(rs_profiles_missing(profiles, "te", &err));
    assert_string_equal(err.hint, "the profiles there are: \"default\", \"tea\", \"milk\"");
    rs_profiles_free(profiles);
    home_remove(&home);
}

static void test_profile__a_file_that_is_wrong_is_an_error(void **state)
{
    struct home home;
    struct rs_error err = {0};

    (void)state;
    home_make(&home, "[default]\nregion eu-west-1\n", NULL);
    assert_null(rs_profiles_load(&home.fake.env, NULL, &err));
    assert_int_equal(err.code, RS_E_CONFIG);
    assert_non_null(strstr(err.message, "/.aws/config\": line 2: expected \"key = value\""));
    rs_error_clear(&err);
    fake_env_set(&home.fake, "AWS_CONFIG_FILE", home.scratch.dir);
    assert_null(rs_profiles_load(&home.fake.env, NULL, &err));
    assert_int_equal(err.code, RS_E_CONFIG);
    home_remove(&home);
}

static void test_profile__finds_the_region(void **state)
{
    struct home home;
    struct rs_error err = {0};

    (void)state;
    home_make(&home, "[profile tea]\nregion = eu-north-1\n", NULL);
    fake_env_set(&home.fake, "AWS_REGION", "eu-west-1");
    fake_env_set(&home.fake, "AWS_DEFAULT_REGION", "eu-west-2");
    struct rs_profiles *profiles = load(&home, "tea");
    assert_string_equal(rs_profiles_region(profiles, "us-gov-west-1", &err), "us-gov-west-1");
    assert_string_equal(rs_profiles_region(profiles, "", &err), "eu-west-1");
    fake_env_set(&home.fake, "AWS_REGION", "");
    assert_string_equal(rs_profiles_region(profiles, NULL, &err), "eu-west-2");
    fake_env_set(&home.fake, "AWS_DEFAULT_REGION", NULL);
    assert_string_equal(rs_profiles_region(profiles, NULL, &err), "eu-north-1");
    assert_null(rs_profiles_region(profiles, "evil.example.com/", &err));
    assert_int_equal(err.code, RS_E_CONFIG);
    rs_profiles_free(profiles);

    rs_error_clear(&err);
    profiles = load(&home, "coffee");
    assert_null(rs_profiles_region(profiles, NULL, &err));
    assert_string_equal(err.message,
                        "could not find an AWS region: neither AWS_REGION nor AWS_DEFAULT_REGION "
                        "is set, and profile \"coffee\" has none");
    rs_profiles_free(profiles);
    home_remove(&home);
}

static void test_profile__finds_the_endpoint(void **state)
{
    struct home home;

    (void)state;
    home_make(&home,
              "[profile tea]\nservices = s\nendpoint_url = http://all\n"
              "[services s]\nredshift_serverless =\n  endpoint_url = http://serverless\n",
              NULL);
    struct rs_profiles *profiles = load(&home, "tea");
    assert_string_equal(rs_profiles_endpoint(profiles, "redshift-serverless"), "http://serverless");
    assert_string_equal(rs_profiles_endpoint(profiles, "sts"), "http://all");
    fake_env_set(&home.fake, "AWS_ENDPOINT_URL", "http://env");
    assert_string_equal(rs_profiles_endpoint(profiles, "redshift-serverless"), "http://env");
    fake_env_set(&home.fake, "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS", "http://env-serverless");
    assert_string_equal(rs_profiles_endpoint(profiles, "redshift-serverless"),
                        "http://env-serverless");
    assert_string_equal(rs_profiles_endpoint(profiles, "redshift"), "http://env");
    fake_env_set(&home.fake, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_null(rs_profiles_endpoint(profiles, "redshift-serverless"));
    rs_profiles_free(profiles);
    home_remove(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile__two_files_are_one),
        cmocka_unit_test(test_profile__a_default_with_prefix_hides_one_without),
        cmocka_unit_test(test_profile__the_chosen_one_is_named_by_option_then_variables),
        cmocka_unit_test(test_profile__variables_name_the_files),
        cmocka_unit_test(test_profile__a_missing_one_lists_those_there_are),
        cmocka_unit_test(test_profile__a_file_that_is_wrong_is_an_error),
        cmocka_unit_test(test_profile__finds_the_region),
        cmocka_unit_test(test_profile__finds_the_endpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
