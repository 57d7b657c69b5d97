/*
 * Credentials from servers: the instance, a container, roles. The other end is tests/lib/aws-mock,
 * which checks signatures by itself.
 */

#include <string.h>

#include "aws/sts.h"
#include "aws_mock.h"
#include "credentials_world.h"
#include "unit.h"

/* A world whose AWS is the mock, with no keys but those that a test puts there. */
static int set_up(void **state)
{
    (void)world_set_up(state);
    struct world *world = *state;
    aws_mock_put("reset", "{}");
    fake_env_set(&world->fake, "AWS_EC2_METADATA_DISABLED", NULL);
    fake_env_set(&world->fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", mock.url);
    fake_env_set(&world->fake, "AWS_ENDPOINT_URL", mock.url);
    fake_env_set(&world->fake, "AWS_REGION", "eu-west-1");
    return 0;
}

#define MOCK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

/* Who the keys of the chain are, as the server sees it. */
static const char *who(struct world *world)
{
    static const char endpoint_name[] = "AWS_ENDPOINT_URL";
    struct rs_sts_identity identity = {0};
    struct rs_http *http = rs_http_new(&world->fake.env, NULL);
    struct rs_aws_call *call = rs_aws_call_new(&world->fake.env, http, world->chain, NULL);
    const struct rs_service sts = {.call = call,
                                   .region = "eu-west-1",
                                   .endpoint =
                                       world->fake.env.getenv(&world->fake.env, endpoint_name)};

    rs_error_clear(&world->err);
    bool ok = rs_sts_identity(&sts, &identity, &world->err);
    rs_aws_call_free(call);
    rs_http_free(http);
    (void)snprintf(world->text, sizeof world->text, "%s", ok ? identity.arn : world->err.message);
    return world->text;
}

/* The member of the last request that was seen. */
static void assert_last(const char *member, const char *value)
{
    struct rs_json_doc *doc = aws_mock_requests();
    const struct rs_json_node *last = NULL;
    for (const struct rs_json_node *node = rs_json_node_first(rs_json_doc_root(doc)); node;
         node = rs_json_node_next(node)) {
        last = node;
    }
    const char *text = rs_json_node_text(rs_json_node_find(last, member));
    text = text ? text
                : rs_json_node_text(rs_json_node_find(rs_json_node_find(last, "params"), member));
    if (value) {
        assert_non_null(text);
        assert_string_equal(text, value);
    } else {
        assert_null(text);
    }
    rs_json_doc_free(doc);
}

static void test_credentials_source__an_instance_has_a_role(void **state)
{
    struct world *world = *state;

    assert_true(world_get(world));
    assert_string_equal(world->keys.access_key_id, "ASIAMOCK0001");
    assert_non_null(world->keys.session_token);
    assert_true(world->keys.expires_us > world->fake.now_us);
    assert_int_equal(aws_mock_count(), 3); /* token, role, keys */
    assert_last("path", "/latest/meta-data/iam/security-credentials/loader");
    assert_string_equal(who(world),
                        "arn:aws:sts::123456789012:assumed-role/loader/i-0123456789abcdef0");
    assert_int_equal(aws_mock_count(), 4); /* from memory */
}

static void test_credentials_source__an_instance_without_a_role_says_so(void **state)
{
    static const struct {
        const char *imds;
        const char *why;
        enum rs_code code;
    } cases[] = {
        {"{\"role\": null}", "instance: no role is attached to this instance", RS_E_CONFIG},
        {"{\"status\": 403}", "instance: the metadata service of EC2 gives no token (HTTP 403)",
         RS_E_CONFIG},
        {"{\"role\": \"loader\", \"status\": 200, \"code\": \"AssumeRoleUnauthorizedAccess\"}",
         "could not get the AWS credentials of the instance: AssumeRoleUnauthorizedAccess",
         RS_E_CONFIG},
    };
    struct world *world = *state;

    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        aws_mock_put("imds", cases[i].imds);
        if (world_get_of(world, NULL) || !strstr(world->err.message, cases[i].why)) {
            fail_msg("%s: %s", cases[i].imds, world->err.message);
        }
        assert_int_equal(world->err.code, cases[i].code);
    }
    fake_env_set(&world->fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1/");
    assert_false(world_get_of(world, NULL));
    assert_non_null(strstr(world->err.message, "instance: the metadata service of EC2 did not"));
}

static void test_credentials_source__an_instance_that_is_slow_is_given_up(void **state)
{
    struct world *world = *state;
    struct rs_env real;

    aws_mock_put("slow", "{\"ms\": 1500}");
    rs_env_init_system(&real, "rs-test");
    int64_t start_us = real.monotonic_us(&real);
    assert_false(world_get(world));
    assert_non_null(strstr(world->err.message, "instance: the metadata service of EC2 did not"));
    assert_true(real.monotonic_us(&real) - start_us < 1400000);
}

static void test_credentials_source__a_container_has_a_role(void **state)
{
    struct world *world = *state;
    char url[128];

    (void)snprintf(url, sizeof url, "%s/container/x?id=1", mock.url);
    fake_env_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    assert_false(world_get(world));
    assert_int_equal(world->err.code, RS_E_NET);
    assert_string_equal(world->err.message, "could not get the AWS credentials of the container: "
                                            "HTTP status 403: the token is not right");
    fake_env_set(&world->fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token");
    assert_true(world_get(world));
    assert_string_equal(who(world), "arn:aws:sts::123456789012:assumed-role/task/container");

    fake_env_set(&world->fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong");
    scratch_write(&world->scratch, "token", "container-token\n", 16);
    char path[600];
    (void)snprintf(path, sizeof path, "%s", scratch_path(&world->scratch, "token"));
    fake_env_set(&world->fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    assert_true(world_get_of(world, NULL));
    scratch_write(&world->scratch, "token", "a\nx-other: b", 12);
    assert_false(world_get_of(world, NULL));
    assert_non_null(strstr(world->err.message, "it is not one line"));
}

static void test_credentials_source__a_web_identity_opens_a_role(void **state)
{
    struct world *world = *state;
    char path[600];

    scratch_write(&world->scratch, "token", "web-token\n", 10);
    (void)snprintf(path, sizeof path, "%s", scratch_path(&world->scratch, "token"));
    fake_env_set(&world->fake, "AWS_WEB_IDENTITY_TOKEN_FILE", path);
    assert_false(world_get(world));
    assert_non_null(strstr(world->err.message, "AWS_ROLE_ARN is not set"));
    fake_env_set(&world->fake, "AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/loader");
    fake_env_set(&world->fake, "AWS_ROLE_SESSION_NAME", "pod-7");
    assert_true(world_get(world));
    assert_last("action", "AssumeRoleWithWebIdentity");
    assert_last("key", NULL); /* not signed */
    assert_string_equal(who(world), "arn:aws:sts::123456789012:assumed-role/loader/pod-7");

    scratch_write(&world->scratch, "token", "hunter2", 7);
    assert_false(world_get_of(world, NULL));
    assert_non_null(strstr(world->err.message, "InvalidIdentityToken"));
    assert_null(strstr(world->err.message, "hunter2"));
    scratch_write(&world->scratch, "token", "\n", 1);
    assert_false(world_get_of(world, NULL));
    assert_non_null(strstr(world->err.message, "it is empty"));
}

static const char roles[] =
    "[profile user]\naws_access_key_id = AKIAMOCK\naws_secret_access_key = mock/secret+key\n"
    "[profile loader]\nrole_arn = arn:aws:iam::123456789012:role/loader\nsource_profile = user\n"
    "role_session_name = tea\nduration_seconds = 900\n"
    "[profile external]\nrole_arn = arn:aws:iam::123456789012:role/external\n"
    "source_profile = user\nexternal_id = 42\n"
    "[profile first]\nrole_arn = arn:aws:iam::123456789012:role/first\nsource_profile = user\n"
    "[profile second]\nrole_arn = arn:aws:iam::123456789012:role/second\nsource_profile = first\n"
    "role_session_name = chain\n"
    "[profile self]\naws_access_key_id = AKIAMOCK\naws_secret_access_key = mock/secret+key\n"
    "role_arn = arn:aws:iam::123456789012:role/loader\nsource_profile = self\n"
    "role_session_name = self\n"
    "[profile instance]\nrole_arn = arn:aws:iam::123456789012:role/loader\n"
    "credential_source = Ec2InstanceMetadata\nrole_session_name = instance\n"
    "[profile environment]\nrole_arn = arn:aws:iam::123456789012:role/loader\n"
    "credential_source = Environment\nrole_session_name = env\n"
    "[profile denied]\nrole_arn = arn:aws:iam::123456789012:role/denied\nsource_profile = user\n"
    "[profile wrong]\naws_access_key_id = AKIAMOCK\naws_secret_access_key = wrong\n"
    "[profile by-wrong]\nrole_arn = arn:aws:iam::123456789012:role/loader\n"
    "source_profile = wrong\n";

static void test_credentials_source__roles_stand_behind_each_other(void **state)
{
    static const struct {
        const char *profile;
        const char *arn;
    } cases[] = {
        {"user", "arn:aws:iam::123456789012:user/mock"},
        {"loader", "arn:aws:sts::123456789012:assumed-role/loader/tea"},
        {"second", "arn:aws:sts::123456789012:assumed-role/second/chain"},
        {"self", "arn:aws:sts::123456789012:assumed-role/loader/self"},
        {"instance", "arn:aws:sts::123456789012:assumed-role/loader/instance"},
        {"environment", "arn:aws:sts::123456789012:assumed-role/loader/env"},
    };
    struct world *world = *state;

    world_write_config(world, roles);
    fake_env_set(&world->fake, "AWS_ACCESS_KEY_ID", "AKIAMOCK");
    fake_env_set(&world->fake, "AWS_SECRET_ACCESS_KEY", "mock/secret+key");
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        if (!world_get_of(world, cases[i].profile) || strcmp(who(world), cases[i].arn) != 0) {
            fail_msg("%s: %s; %s", cases[i].profile, world->err.message, world->text);
        }
    }
}

static void test_credentials_source__a_role_is_asked_for_as_the_profile_says(void **state)
{
    struct world *world = *state;

    world_write_config(world, roles);
    assert_true(world_get_of(world, "external"));
    assert_last("ExternalId", "42");
    assert_last("DurationSeconds", NULL);
    char name[64];
    (void)snprintf(name, sizeof name, "rs-%lld", (long long)(world->fake.now_us / 1000000));
    assert_last("RoleSessionName", name);
    assert_true(world_get_of(world, "loader"));
    assert_last("DurationSeconds", "900");
    assert_last("ExternalId", NULL);
    assert_last("key", "AKIAMOCK");
}

static void test_credentials_source__a_role_that_is_denied_is_an_error(void **state)
{
    struct world *world = *state;

    world_write_config(world, roles);
    assert_false(world_get_of(world, "denied"));
    assert_int_equal(world->err.code, RS_E_NET);
    assert_non_null(strstr(world->err.message, "could not assume role "
                                               "\"arn:aws:iam::123456789012:role/denied\": "
                                               "AccessDenied"));
    assert_string_equal(world->err.hint,
                        "allow sts:AssumeRole on arn:aws:iam::123456789012:role/denied");
    assert_false(world_get_of(world, "by-wrong"));
    assert_non_null(strstr(world->err.message, "SignatureDoesNotMatch"));
}

static void test_credentials_source__what_fails_is_tried_again(void **state)
{
    struct world *world = *state;

    world_write_config(world, roles);
    aws_mock_put("fail", "{\"count\": 2, \"status\": 400, \"code\": \"Throttling\"}");
    assert_true(world_get_of(world, "loader"));
    assert_int_equal(aws_mock_count(), 3);
    aws_mock_put("reset", "{}");
    aws_mock_put("cut", "{\"count\": 1}");
    assert_true(world_get_of(world, "loader"));
    assert_int_equal(aws_mock_count(), 2);
    aws_mock_put("reset", "{}");
    aws_mock_put("fail", "{\"count\": 9, \"status\": 500, \"code\": \"InternalFailure\"}");
    assert_false(world_get_of(world, "loader"));
    assert_int_equal(aws_mock_count(), 3); /* no more than three times */
    assert_true(world->err.retryable);
}

static void test_credentials_source__an_expired_token_is_renewed_by_the_call(void **state)
{
    struct world *world = *state;

    assert_true(world_get(world));
    aws_mock_put("expire", "{}");
    /* The chain thinks that they hold; the server knows better, and rs_aws_call asks for new ones. */
    assert_string_equal(who(world),
                        "arn:aws:sts::123456789012:assumed-role/loader/i-0123456789abcdef0");
    assert_true(world_get(world));
    assert_string_equal(world->keys.access_key_id, "ASIAMOCK0002");
}

static void test_credentials_source__a_source_that_is_away_leaves_the_old_keys(void **state)
{
    struct world *world = *state;

    world_write_config(world, roles);
    assert_true(world_get_of(world, "loader"));
    const char *id = "ASIAMOCK0001";
    world->fake.now_us += INT64_C(3400) * 1000000;
    aws_mock_put("fail", "{\"count\": 99, \"status\": 500, \"code\": \"InternalFailure\"}");
    assert_true(world_get(world));
    assert_string_equal(world->keys.access_key_id, id);
    world->fake.now_us += INT64_C(300) * 1000000;
    assert_false(world_get(world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MOCK_TEST(test_credentials_source__an_instance_has_a_role),
        MOCK_TEST(test_credentials_source__an_instance_without_a_role_says_so),
        MOCK_TEST(test_credentials_source__an_instance_that_is_slow_is_given_up),
        MOCK_TEST(test_credentials_source__a_container_has_a_role),
        MOCK_TEST(test_credentials_source__a_web_identity_opens_a_role),
        MOCK_TEST(test_credentials_source__roles_stand_behind_each_other),
        MOCK_TEST(test_credentials_source__a_role_is_asked_for_as_the_profile_says),
        MOCK_TEST(test_credentials_source__a_role_that_is_denied_is_an_error),
        MOCK_TEST(test_credentials_source__what_fails_is_tried_again),
        MOCK_TEST(test_credentials_source__an_expired_token_is_renewed_by_the_call),
        MOCK_TEST(test_credentials_source__a_source_that_is_away_leaves_the_old_keys),
    };
    return aws_mock_start() ? cmocka_run_group_tests(tests, NULL, aws_mock_stop) : 77;
}
