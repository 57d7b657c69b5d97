/*
 * Profiles, credential_process and the container's address, without a network: what is read, and
 * what is refused with which words.
 */

#include <string.h>

#include "canned.h"
#include "credentials_world.h"
#include "unit.h"

static void test_credentials_profile__profiles_are_read_as_the_sdks_do(void **state)
{
    static const char config[] =
        "[profile keys]\naws_access_key_id = K\naws_secret_access_key = k\naws_session_token = t\n"
        "[profile old]\naws_access_key_id = K\naws_secret_access_key = k\n"
        "aws_security_token = t2\n"
        "[profile half]\naws_access_key_id = K\n"
        "[profile other-half]\naws_secret_access_key = hunter2\n"
        "[profile empty]\nregion = eu-west-1\n"
        "[profile ring-a]\nrole_arn = arn:a\nsource_profile = ring-b\n"
        "[profile ring-b]\nrole_arn = arn:b\nsource_profile = ring-c\n"
        "[profile ring-c]\nrole_arn = arn:c\nsource_profile = ring-a\n"
        "aws_access_key_id =\n"
        "[profile alone]\nrole_arn = arn:a\n"
        "[profile both]\nrole_arn = arn:a\nsource_profile = keys\ncredential_source = Environment\n"
        "[profile nowhere]\nrole_arn = arn:a\nsource_profile = gone\n"
        "[profile hollow]\nrole_arn = arn:a\nsource_profile = empty\n"
        "[profile self]\nrole_arn = arn:a\nsource_profile = self\n"
        "[profile strange]\nrole_arn = arn:a\ncredential_source = Wallet\n"
        "[profile unset]\nrole_arn = arn:a\ncredential_source = Environment\n"
        "[profile long]\nrole_arn = arn:a\nsource_profile = keys\nduration_seconds = 60\n"
        "[profile mfa]\nrole_arn = arn:a\nsource_profile = keys\nmfa_serial = arn:m\n"
        "[profile sso]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
        "[profile sso-old]\nsso_start_url = https://x\n"
        "[profile web]\nweb_identity_token_file = /nowhere/token\n"
        "[profile web-role]\nweb_identity_token_file = /nowhere/token\nrole_arn = arn:a\n";
    static const struct {
        const char *profile;
        const char *why; /* NULL: it works */
    } cases[] = {
        {"keys", NULL},
        {"old", NULL},
        {"half", "it has aws_access_key_id, and no aws_secret_access_key"},
        {"other-half", "it has aws_secret_access_key, and no aws_access_key_id"},
        {"empty", "profile: \"empty\" has no credentials; container: "},
        {"ring-a", "\"ring-c\": the profiles that source_profile names go round in a ring"},
        {"alone", "role_arn stands alone"},
        {"both", "it has both source_profile and credential_source"},
        {"nowhere", "could not find profile \"gone\": it is neither in "},
        {"hollow", "its source_profile \"empty\" has no credentials"},
        {"self", "\"self\": it has no keys of its own"},
        {"strange", "its credential_source is unknown"},
        {"unset", "its credential_source Environment has none: AWS_ACCESS_KEY_ID is not set"},
        {"long", "duration_seconds is not a number from 900 to 43200"},
        {"mfa", "it asks for a code of a device (mfa_serial)"},
        {"sso", "it signs in by SSO (sso_session)"},
        {"sso-old", "it signs in by SSO (sso_start_url)"},
        {"web", "web_identity_token_file needs role_arn"},
        {"web-role", "could not read \"/nowhere/token\""},
        {"gone", "could not find profile \"gone\""},
    };
    struct world *world = *state;

    world_write_config(world, config);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        bool ok = world_get_of(world, cases[i].profile);
        if (ok != !cases[i].why || (!ok && !strstr(world->err.message, cases[i].why))) {
            fail_msg("%s: %s", cases[i].profile, world->err.message);
        }
        assert_null(strstr(world->err.message, "hunter2"));
    }
    assert_true(world_get_of(world, "old"));
    world_assert_keys(world, "K", "k", "t2");
    assert_false(world_get_of(world, "sso"));
    assert_string_equal(world->err.hint, "sign in with the AWS CLI, then: eval \"$(aws configure "
                                         "export-credentials --profile sso --format env)\"");
}

/* A config whose default profile runs what follows. */
static void write_process(struct world *world, const char *command)
{
    (void)snprintf(world->text, sizeof world->text, "[default]\ncredential_process = %s\n",
                   command);
    world_write_config(world, world->text);
}

static void test_credentials_profile__a_process_prints_them(void **state)
{
    struct world *world = *state;

    write_process(world, "printf '{\"Version\": 1, \"AccessKeyId\": \"P%s\", "
                         "\"SecretAccessKey\": \"p\", \"SessionToken\": \"t\", \"Expiration\": "
                         "\"2999-01-02T03:04:05Z\"}' \"$((1+1))\"");
    assert_true(world_get(world));
    world_assert_keys(world, "P2", "p", "t");
    assert_true(world->keys.expires_us == INT64_C(32472241445000000));
    write_process(world, "cat; echo '{\"Version\":1,\"AccessKeyId\":\"Q\",\"SecretAccessKey\":"
                         "\"q\"}' | sed s/q/r/");
    assert_true(world_get_of(world, NULL)); /* its stdin is empty */
    world_assert_keys(world, "Q", "r", NULL);
    assert_true(world->keys.expires_us == RS_CREDENTIALS_NEVER);
}

static void test_credentials_profile__a_process_that_is_wrong_is_told_without_secrets(void **state)
{
    static const struct {
        const char *command;
        const char *why;
    } cases[] = {
        {"exit 3 # hunter2", "it ended with status 3"},
        {"kill -9 $$", "it was ended by signal 9"},
        {"/nowhere/at/all 2>/dev/null", "it ended with status 127"},
        {"true", "it printed no JSON"},
        {"echo hunter2", "it printed no JSON"},
        {"head -c 70000 /dev/zero", "its output is over 64 KiB"},
        {"echo '{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\"}'", "\"Version\" is not 1"},
        {"echo '{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\"}'",
         "\"Version\" is not 1"},
        {"echo '{\"Version\":1,\"SecretAccessKey\":\"hunter2\"}'",
         "\"AccessKeyId\" is missing, or no text"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":7}'",
         "\"SecretAccessKey\" is missing, or no text"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\","
         "\"Expiration\":\"soon\"}'",
         "\"Expiration\" is no time"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\","
         "\"Expiration\":\"2001-01-01T00:00:00Z\"}'",
         "they have ended already"},
    };
    struct world *world = *state;

    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        write_process(world, cases[i].command);
        if (world_get_of(world, NULL) || !strstr(world->err.message, cases[i].why)) {
            fail_msg("%s: %s", cases[i].command, world->err.message);
        }
        assert_null(strstr(world->err.message, "hunter2"));
        assert_null(strstr(world->err.hint, "hunter2"));
        assert_null(world->keys.access_key_id);
    }
}

static int64_t late_us(const struct rs_env *env)
{
    struct fake_env *fake = fake_env_of(env);
    return fake->now_us += 20 * INT64_C(1000000); /* each look at the clock is 20 s later */
}

static void test_credentials_profile__a_process_has_a_deadline(void **state)
{
    struct world *world = *state;

    world->fake.env.monotonic_us = late_us;
    write_process(world, "exec sleep 30");
    assert_false(world_get(world));
    assert_non_null(strstr(world->err.message, "it did not end within 60 seconds"));
    write_process(world, "exec >&-; exec sleep 30"); /* its output has ended, it has not */
    assert_false(world_get(world));
    assert_non_null(strstr(world->err.message, "it did not end within 60 seconds"));
    world->fake.stop = true;
    assert_false(world_get(world));
    assert_int_equal(world->err.code, RS_E_INTERRUPTED);
}

static void test_credentials_profile__a_container_is_asked_at_home_alone(void **state)
{
    static const char *const refused[] = {
        "http://example.com/x",
        "http://127.0.0.1.example.com/x",
        "http://localhost.example.com/x",
        "http://127.0.0.1@example.com/x",
        "http://localhost:80@example.com/x",
        "http://[::1@example.com/x",
        "http://169.254.170.22/x",
        "ftp://127.0.0.1/x",
        "/x",
    };
    struct world *world = *state;

    for (size_t i = 0; i < RS_COUNTOF(refused); i++) {
        fake_env_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", refused[i]);
        if (world_get(world) ||
            !strstr(world->err.message, "it is neither https nor http to this")) {
            fail_msg("%s: %s", refused[i], world->err.message);
        }
    }
    fake_env_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@example.com/");
    assert_false(world_get(world));
    assert_non_null(strstr(world->err.message, "it does not begin with \"/\""));
}

static uint64_t longest_pause(const struct rs_env *env)
{
    (void)env;
    return 400; /* the base */
}

/* Whoever asks holds up all others, so a pause is short, and ends with a signal. */
static void test_credentials_profile__pauses_between_attempts_have_a_cap(void **state)
{
    static const char refusal[] = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
    static const struct canned_step steps[] = {
        {.reply = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"},
        {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n"
                  "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"very-s\"}"},
        {.reply = refusal},
        {.reply = refusal},
    };
    struct world *world = *state;
    struct canned canned;
    world->fake.env.random_u64 = longest_pause;
    canned_start(&canned, steps, RS_COUNTOF(steps));
    fake_env_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", canned.url);
    assert_true(world_get(world));
    world_assert_keys(world, "A", "very-s", NULL);
    assert_int_equal(world->fake.slept_ms, 400);
    world->fake.stop_after_ms = 600;
    assert_false(world_get_of(world, NULL));
    assert_int_equal(world->err.code, RS_E_INTERRUPTED);
    assert_int_equal(world->fake.slept_ms, 600);
    (void)canned_stop(&canned);
    canned_release(&canned);
}

static void test_credentials_profile__many_attempts_have_short_pauses(void **state)
{
    struct canned_step steps[14];
    struct world *world = *state;
    struct canned canned;
    for (size_t i = 0; i < RS_COUNTOF(steps); i++) {
        steps[i] = (struct canned_step){.reply = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"};
    }
    canned_start(&canned, steps, RS_COUNTOF(steps));
    fake_env_set(&world->fake, "AWS_EC2_METADATA_DISABLED", "");
    fake_env_set(&world->fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", canned.url);
    fake_env_set(&world->fake, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "14");
    assert_false(world_get(world));
    assert_in_range(world->fake.slept_ms, 1, 13 * 5000);
    struct rs_str asked = canned_stop(&canned);
    assert_int_equal(canned_count(asked, "PUT /latest/api/token"), 14);
    canned_release(&canned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_credentials_profile__profiles_are_read_as_the_sdks_do),
        WORLD_TEST(test_credentials_profile__a_process_prints_them),
        WORLD_TEST(test_credentials_profile__a_process_that_is_wrong_is_told_without_secrets),
        WORLD_TEST(test_credentials_profile__a_process_has_a_deadline),
        WORLD_TEST(test_credentials_profile__a_container_is_asked_at_home_alone),
        WORLD_TEST(test_credentials_profile__pauses_between_attempts_have_a_cap),
        WORLD_TEST(test_credentials_profile__many_attempts_have_short_pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
