/*
 * The keys of a role open S3: AssumeRole and objects on a gateway that verifies session tokens, by
 * the chain as a user would set it up.
 */
#include "aws/sts.h"

#include <string.h>

#include "bucket.h"
#include "credentials_world.h"
#include "unit.h"

static void write_role(struct world *world)
{
    (void)snprintf(world->text, sizeof world->text,
                   "[profile user]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                   "[profile loader]\nrole_arn = %s\nsource_profile = user\n"
                   "role_session_name = tea\nduration_seconds = 900\n",
                   getenv("RS_TEST_S3_KEY"), getenv("RS_TEST_S3_SECRET"),
                   getenv("RS_TEST_S3_ROLE"));
    world_write_config(world, world->text);
    fake_env_set(&world->fake, "AWS_ENDPOINT_URL_STS", getenv("RS_TEST_S3_STS"));
    fake_env_set(&world->fake, "AWS_REGION", "us-east-1");
}

static void test_sts__a_role_opens_a_bucket(void **state)
{
    struct world *world = *state;
    struct bucket bucket;
    struct rs_strbuf text = RS_STRBUF_INIT(100);

    write_role(world);
    if (!world_get_of(world, "loader")) {
        fail_msg("%s", world->err.message);
    }
    assert_non_null(world->keys.session_token);
    assert_true(world->keys.expires_us > world->fake.now_us + INT64_C(800) * 1000000);
    assert_true(world->keys.expires_us < world->fake.now_us + INT64_C(1000) * 1000000);

    const struct rs_s3_options options = {.credentials = world->chain,
                                          .endpoint = getenv("RS_TEST_S3_STS")};
    bucket_make(&bucket, &options);
    if (!rs_s3_put(bucket.s3, bucket.name, RS_STR("a b"), RS_STR("tea"), NULL, &world->err) ||
        !rs_s3_get(bucket.s3, bucket.name, RS_STR("a b"), 100, &text, &world->err)) {
        fail_msg("%s", world->err.message);
    }
    assert_string_equal(rs_strbuf_cstr(&text), "tea");
    rs_strbuf_release(&text);
    bucket_remove(&bucket);
}

/* With these keys an object of the bucket cannot be read. */
static void assert_shut(struct world *world, const struct rs_credentials *keys, struct rs_str name)
{
    struct rs_strbuf text = RS_STRBUF_INIT(100);
    struct rs_error err = {0};
    struct rs_credentials_provider *provider = rs_credentials_fixed_new(keys);
    const struct rs_s3_options options = {
        .credentials = provider, .region = "us-east-1", .endpoint = getenv("RS_TEST_S3_STS")};
    struct rs_s3 *s3 = rs_s3_new(&world->fake.env, &options);

    assert_false(rs_s3_get(s3, name, RS_STR("a"), 100, &text, &err));
    assert_null(strstr(err.message, "NoSuch"));
    assert_null(strstr(err.message, keys->secret_access_key));
    assert_true(!keys->session_token || !strstr(err.message, keys->session_token));
    rs_s3_free(s3);
    rs_credentials_provider_free(provider);
    rs_strbuf_release(&text);
}

static void test_sts__a_token_that_is_changed_or_missing_opens_nothing(void **state)
{
    struct world *world = *state;
    struct bucket bucket;

    write_role(world);
    assert_true(world_get_of(world, "loader"));
    bucket_make(&bucket, NULL);
    assert_true(rs_s3_put(bucket.s3, bucket.name, RS_STR("a"), RS_STR("x"), NULL, &world->err));
    char *token = world->keys.session_token;
    token[strlen(token) / 2] = token[strlen(token) / 2] == 'A' ? 'B' : 'A';
    assert_shut(world, &world->keys, bucket.name);
    world->keys.session_token = NULL;
    assert_shut(world, &world->keys, bucket.name);
    rs_mem_free(token);
    bucket_remove(&bucket);
}

static void test_sts__a_wrong_secret_assumes_nothing(void **state)
{
    struct world *world = *state;

    write_role(world);
    fake_env_set(&world->fake, "AWS_ACCESS_KEY_ID", getenv("RS_TEST_S3_KEY"));
    fake_env_set(&world->fake, "AWS_SECRET_ACCESS_KEY", "hunter2");
    (void)snprintf(world->text, sizeof world->text,
                   "[profile loader]\nrole_arn = %s\ncredential_source = Environment\n",
                   getenv("RS_TEST_S3_ROLE"));
    world_write_config(world, world->text);
    assert_false(world_get_of(world, "loader"));
    assert_int_equal(world->err.code, RS_E_NET);
    assert_non_null(strstr(world->err.message, "could not assume role"));
    assert_null(strstr(world->err.message, "hunter2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_sts__a_role_opens_a_bucket),
        WORLD_TEST(test_sts__a_token_that_is_changed_or_missing_opens_nothing),
        WORLD_TEST(test_sts__a_wrong_secret_assumes_nothing),
    };
    const char *sts = getenv("RS_TEST_S3_STS");
    if (!bucket_server_is_there() || !sts || !*sts) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
