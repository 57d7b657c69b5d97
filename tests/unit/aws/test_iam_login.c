/*
 * A login by IAM: host, port, user and password of a cluster or a workgroup, from tests/lib/aws-mock.
 */
#include "aws/iam_login.h"

#include <string.h>

#include "aws_mock.h"
#include "credentials_world.h"
#include "unit.h"

struct login_case {
    const char *label;
    struct rs_iam_login_options options;
    const char *host; /* NULL: it fails, with why in the message */
    unsigned port;
    const char *user;
    const char *why;
    enum rs_code code;
    size_t requests; /* that reach the mock */
};

static void check_case(struct world *world, struct rs_aws_call *call,
                       const struct rs_profiles *profiles, const struct login_case *one)
{
    struct rs_iam_login_options options = one->options;
    struct rs_database_login login = RS_DATABASE_LOGIN_INIT;

    aws_mock_put("reset", "{}");
    options.call = call;
    options.profiles = profiles;
    options.region = "eu-west-1";
    rs_error_clear(&world->err);
    bool ok = rs_iam_login_get(&options, &login, &world->err);
    if (ok != (one->host != NULL)) {
        fail_msg("%s: %s", one->label, world->err.message);
    }
    assert_int_equal(aws_mock_count(), one->requests);
    if (!ok) {
        assert_int_equal(world->err.code, one->code);
        assert_non_null(strstr(world->err.message, one->why));
        assert_null(login.password);
        return;
    }
    assert_string_equal(login.host, one->host);
    assert_int_equal(login.port, one->port);
    assert_string_equal(login.user, one->user);
    assert_true(strlen(login.password) > 0);
    assert_true(login.expires_us > world->fake.now_us);
    rs_database_login_release(&login);
    assert_null(login.user);
}

static const struct login_case cases[] = {
    {"a user of a cluster",
     {.cluster = "tea", .user = "rs", .database = "dev"},
     .host = "tea.cmock1234567.eu-west-1.redshift.amazonaws.com",
     .port = 5440,
     .user = "IAM:rs",
     .requests = 2},
    {"a role on a cluster",
     {.cluster = "tea", .user = ""},
     .host = "tea.cmock1234567.eu-west-1.redshift.amazonaws.com",
     .port = 5440,
     .user = "IAM:mock",
     .requests = 2},
    {"a user that is created",
     {.cluster = "tea", .user = "rs", .auto_create = true},
     .host = "tea.cmock1234567.eu-west-1.redshift.amazonaws.com",
     .port = 5440,
     .user = "IAMA:rs",
     .requests = 2},
    {"a host that is known",
     {.cluster = "tea", .user = "rs", .host = "localhost", .port = 15439},
     .host = "localhost",
     .port = 15439,
     .user = "IAM:rs",
     .requests = 1},
    {"a host without a port",
     {.workgroup = "tea", .host = "localhost"},
     .host = "localhost",
     .port = 5439,
     .user = "IAMR:loader",
     .requests = 1},
    {"a workgroup",
     {.workgroup = "tea", .duration_seconds = 900},
     .host = "tea.123456789012.eu-west-1.redshift-serverless.amazonaws.com",
     .port = 5439,
     .user = "IAMR:loader",
     .requests = 2},
    {"a cluster that is paused",
     {.cluster = "paused", .user = "rs"},
     .why = "could not log in to cluster \"paused\": it has no endpoint, being paused",
     .code = RS_E_BUSY,
     .requests = 1},
    {"no cluster",
     {.cluster = "none"},
     .why = "ClusterNotFound",
     .code = RS_E_INPUT,
     .requests = 1},
    {"a refusal", {.workgroup = "denied"}, .why = "AccessDenied", .code = RS_E_NET, .requests = 1},
    {"both",
     {.cluster = "tea", .workgroup = "tea"},
     .why = "both a cluster and",
     .code = RS_E_CONFIG,
     .requests = 0},
    {"neither",
     {.cluster = NULL},
     .why = "neither a cluster nor",
     .code = RS_E_CONFIG,
     .requests = 0},
};

static void test_iam_login__finds_the_place_and_a_password(void **state)
{
    struct world *world = *state;
    struct rs_http *http = rs_http_new(&world->fake.env, NULL);

    fake_env_set(&world->fake, "AWS_ENDPOINT_URL", mock.url);
    fake_env_set(&world->fake, "AWS_ACCESS_KEY_ID", "AKIAMOCK");
    fake_env_set(&world->fake, "AWS_SECRET_ACCESS_KEY", "mock/secret+key");
    assert_true(world_get(world));
    struct rs_profiles *profiles = rs_profiles_load(&world->fake.env, NULL, &world->err);
    assert_non_null(profiles);
    struct rs_aws_call *call = rs_aws_call_new(&world->fake.env, http, world->chain, NULL);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        check_case(world, call, profiles, &cases[i]);
    }
    rs_aws_call_free(call);
    rs_profiles_free(profiles);
    rs_http_free(http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_iam_login__finds_the_place_and_a_password),
    };
    return aws_mock_start() ? cmocka_run_group_tests(tests, NULL, aws_mock_stop) : 77;
}
