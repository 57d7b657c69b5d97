/* AWS Secrets Manager against tests/lib/aws-mock: made, put as pending, made current, left alone. */
#include "aws/secrets_api.h"

#include <string.h>

#include "aws_mock.h"
#include "fake_env.h"
#include "unit.h"

static void set_up_env(struct fake_env *fake)
{
    fake_env_init(fake);
    fake_env_set(fake, "AWS_ENDPOINT_URL", mock.url);
    fake_env_set(fake, "AWS_ACCESS_KEY_ID", "AKIAMOCK");
    fake_env_set(fake, "AWS_SECRET_ACCESS_KEY", "mock/secret+key");
    fake_env_set(fake, "AWS_CONFIG_FILE", "/nonexistent");
    fake_env_set(fake, "AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    aws_mock_put("reset", "{}");
}

static const struct rs_secret_login login = {.engine = "redshift",
                                             .host = "h",
                                             .port = "5439",
                                             .dbname = "dev",
                                             .user = "u",
                                             .password = RS_STR_INIT("p\"w"),
                                             .cluster = "tea"};

/* The actions that were asked, and the last one's params. */
static void assert_asked(const char *const *actions, const char *member, const char *value)
{
    struct rs_json_doc *seen = aws_mock_requests();
    const struct rs_json_node *request = rs_json_node_first(rs_json_doc_root(seen));
    const struct rs_json_node *last = NULL;
    for (; *actions; actions++) {
        assert_non_null(request);
        assert_string_equal(rs_json_node_text(rs_json_node_find(request, "action")), *actions);
        last = request;
        request = rs_json_node_next(request);
    }
    assert_null(request);
    const struct rs_json_node *param = rs_json_node_find(rs_json_node_find(last, "params"), member);
    if (rs_json_node_kind(param) == RS_JSON_ARRAY) {
        param = rs_json_node_first(param);
    }
    assert_string_equal(rs_json_node_text(param), value);
    rs_json_doc_free(seen);
}

static struct rs_secret_store *store_of(struct fake_env *fake, const char *name)
{
    const struct rs_secret_store_options options = {.name = name, .region = "eu-west-1"};
    return rs_secret_store_new(&fake->env, &options);
}

static void test_secrets_api__a_secret_is_made_and_then_left_alone(void **state)
{
    (void)state;
    struct fake_env fake;
    struct rs_error err = {0};
    set_up_env(&fake);
    struct rs_secret_store *store = store_of(&fake, "prod/x");
    assert_true(rs_secret_store_put(store, &login, false, &err));
    assert_true(rs_secret_store_settle(store, &err));
    assert_asked((const char *const[]){"DescribeSecret", "CreateSecret", NULL}, "SecretString",
                 "{\"engine\":\"redshift\",\"host\":\"h\",\"port\":5439,\"username\":\"u\","
                 "\"password\":\"p\\\"w\",\"dbname\":\"dev\",\"dbClusterIdentifier\":\"tea\"}");
    assert_true(rs_secret_store_put(store, &login, true, &err));
    assert_asked((const char *const[]){"DescribeSecret", "CreateSecret", "DescribeSecret", NULL},
                 "SecretId", "prod/x");
    rs_secret_store_free(store);
}

static void test_secrets_api__a_new_version_waits_until_it_is_settled(void **state)
{
    (void)state;
    struct fake_env fake;
    struct rs_error err = {0};
    set_up_env(&fake);
    struct rs_secret_store *store = store_of(&fake, "prod/x");
    assert_true(rs_secret_store_put(store, &login, false, &err));
    assert_true(rs_secret_store_put(store, &login, false, &err));
    assert_asked((const char *const[]){"DescribeSecret", "CreateSecret", "DescribeSecret",
                                       "PutSecretValue", NULL},
                 "VersionStages", "AWSPENDING");
    assert_true(rs_secret_store_settle(store, &err));
    assert_asked((const char *const[]){"DescribeSecret", "CreateSecret", "DescribeSecret",
                                       "PutSecretValue", "UpdateSecretVersionStage", NULL},
                 "VersionStage", "AWSCURRENT");
    rs_secret_store_free(store);
}

static void test_secrets_api__a_denial_names_the_permission_and_no_secret(void **state)
{
    (void)state;
    struct fake_env fake;
    struct rs_error err = {0};
    set_up_env(&fake);
    struct rs_secret_store *store = store_of(&fake, "denied/x");
    assert_false(rs_secret_store_put(store, &login, false, &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_non_null(strstr(err.hint, "secretsmanager:DescribeSecret"));
    assert_null(strstr(err.message, "p\"w"));
    rs_secret_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets_api__a_secret_is_made_and_then_left_alone),
        cmocka_unit_test(test_secrets_api__a_new_version_waits_until_it_is_settled),
        cmocka_unit_test(test_secrets_api__a_denial_names_the_permission_and_no_secret),
    };
    return aws_mock_start() ? cmocka_run_group_tests(tests, NULL, aws_mock_stop) : 77;
}
