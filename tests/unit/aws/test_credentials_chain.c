/*
 * The chain: which source answers, what is said when none does, and what is kept how long. The
 * sources are in test_credentials_profile, what needs servers is in test_credentials_source.
 */
#include "aws/credentials_chain.h"

#include <pthread.h>
#include <string.h>

#include "base/timefmt.h"
#include "credentials_world.h"
#include "unit.h"

enum { SECOND = 1000000, THREADS = 8 };

static void test_credentials_chain__are_copied_and_released(void **state)
{
    struct rs_credentials one = RS_CREDENTIALS_INIT;
    struct rs_credentials two = RS_CREDENTIALS_INIT;

    (void)state;
    rs_credentials_set(&one, RS_STR("id"), RS_STR("secret"), RS_STR("token"), 7);
    rs_credentials_copy(&two, &one);
    rs_credentials_set(&one, RS_STR("other"), RS_STR("s"), RS_STR(""), RS_CREDENTIALS_NEVER);
    assert_string_equal(two.access_key_id, "id");
    assert_string_equal(two.session_token, "token");
    assert_int_equal(two.expires_us, 7);
    assert_null(one.session_token);
    rs_credentials_release(&one);
    rs_credentials_release(&two);
    rs_credentials_release(&two);
    assert_null(two.access_key_id);
    assert_true(two.expires_us == RS_CREDENTIALS_NEVER);

    struct rs_error err = {0};
    rs_credentials_set(&one, RS_STR("id"), RS_STR("secret"), RS_STR(""), RS_CREDENTIALS_NEVER);
    struct rs_credentials_provider *fixed = rs_credentials_fixed_new(&one);
    fixed->invalidate(fixed, &one);
    assert_true(fixed->get(fixed, &two, &err));
    assert_string_equal(two.secret_access_key, "secret");
    rs_credentials_provider_free(fixed);
    rs_credentials_provider_free(NULL);
    rs_credentials_release(&one);
    rs_credentials_release(&two);
}

static void test_credentials_chain__the_environment_goes_first(void **state)
{
    struct world *world = *state;

    world_write_config(world, "[default]\naws_access_key_id = F\naws_secret_access_key = f\n");
    fake_env_set(&world->fake, "AWS_ACCESS_KEY_ID", "E");
    fake_env_set(&world->fake, "AWS_SECRET_ACCESS_KEY", "e");
    assert_true(world_get(world));
    world_assert_keys(world, "E", "e", NULL);
    assert_true(world->keys.expires_us == RS_CREDENTIALS_NEVER);
    fake_env_set(&world->fake, "AWS_SESSION_TOKEN", "t");
    assert_true(world_get_of(world, NULL));
    world_assert_keys(world, "E", "e", "t");
    /* A profile that is named by an option goes before it; one that a variable names does not. */
    assert_true(world_get_of(world, "default"));
    world_assert_keys(world, "F", "f", NULL);
    fake_env_set(&world->fake, "AWS_PROFILE", "default");
    assert_true(world_get_of(world, NULL));
    world_assert_keys(world, "E", "e", "t");
}

static void test_credentials_chain__half_a_pair_is_an_error(void **state)
{
    struct world *world = *state;

    world_write_config(world, "[default]\naws_access_key_id = F\naws_secret_access_key = f\n");
    fake_env_set(&world->fake, "AWS_ACCESS_KEY_ID", "E");
    assert_false(world_get(world));
    assert_int_equal(world->err.code, RS_E_CONFIG);
    assert_string_equal(world->err.message,
                        "could not use the AWS credentials of the environment: AWS_ACCESS_KEY_ID "
                        "is set, AWS_SECRET_ACCESS_KEY is not");
    fake_env_set(&world->fake, "AWS_ACCESS_KEY_ID", "");
    fake_env_set(&world->fake, "AWS_SECRET_ACCESS_KEY", "hunter2");
    assert_false(world_get(world));
    assert_null(strstr(world->err.message, "hunter2"));
}

static void test_credentials_chain__none_at_all_says_what_was_tried(void **state)
{
    struct world *world = *state;

    assert_false(world_get(world));
    assert_int_equal(world->err.code, RS_E_CONFIG);
    assert_string_equal(
        world->err.message,
        "could not find AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; web identity: "
        "AWS_WEB_IDENTITY_TOKEN_FILE is not set; profile: there is no \"default\" in ~/.aws; "
        "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set; instance: "
        "AWS_EC2_METADATA_DISABLED is true");
    assert_true(world->err.hint[0] != '\0');
    world_write_config(world, "[default]\nregion = eu-west-1\n");
    assert_false(world_get(world));
    assert_non_null(strstr(world->err.message, "profile: \"default\" has no credentials; "));
}

/* The default profile's process: counts its runs in a file, and gives keys that end then. */
static void write_counter(struct world *world, int64_t expires_us)
{
    char end[RS_TIMEFMT_MAX + 1] = "";

    end[rs_timefmt_format(expires_us, end)] = '\0';
    (void)snprintf(world->text, sizeof world->text,
                   "[default]\ncredential_process = cd '%s' && echo x >> runs && test ! -e broken "
                   "&& printf '{\"Version\":1,\"AccessKeyId\":\"K%%d\",\"SecretAccessKey\":\"s\","
                   "\"Expiration\":\"%s\"}' $(wc -l < runs)\n",
                   world->scratch.dir, end);
    world_write_config(world, world->text);
}

static size_t runs_of(struct world *world)
{
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    struct rs_error err = {0};
    assert_true(rs_fs_read_file(scratch_path(&world->scratch, "runs"), &text, &err));
    size_t runs = text.length / 2;
    rs_strbuf_release(&text);
    return runs;
}

static void test_credentials_chain__are_kept_and_renewed_before_they_end(void **state)
{
    struct world *world = *state;
    const int64_t start_us = world->fake.now_us;

    write_counter(world, start_us + INT64_C(3600) * SECOND);
    assert_true(world_get(world));
    assert_true(world_get(world));
    world->fake.now_us = start_us + INT64_C(3299) * SECOND;
    assert_true(world_get(world));
    world_assert_keys(world, "K1", "s", NULL);
    assert_int_equal(runs_of(world), 1);
    world->fake.now_us = start_us + INT64_C(3301) * SECOND;
    write_counter(world, start_us + INT64_C(7200) * SECOND);
    assert_true(world_get(world));
    world_assert_keys(world, "K2", "s", NULL);
    assert_true(world_get(world));
    assert_int_equal(runs_of(world), 2);
    world->chain->invalidate(world->chain, &world->keys);
    assert_true(world_get(world));
    world_assert_keys(world, "K3", "s", NULL);
}

static void test_credentials_chain__short_ones_are_kept_most_of_their_life(void **state)
{
    struct world *world = *state;
    const int64_t start_us = world->fake.now_us;

    write_counter(world, start_us + INT64_C(120) * SECOND);
    assert_true(world_get(world));
    world->fake.now_us = start_us + INT64_C(80) * SECOND;
    assert_true(world_get(world));
    assert_int_equal(runs_of(world), 1);
    world->fake.now_us = start_us + INT64_C(91) * SECOND;
    assert_true(world_get(world));
    assert_int_equal(runs_of(world), 2);
}

static void test_credentials_chain__old_ones_serve_while_renewing_fails(void **state)
{
    struct world *world = *state;
    const int64_t start_us = world->fake.now_us;

    write_counter(world, start_us + INT64_C(3600) * SECOND);
    assert_true(world_get(world));
    scratch_write(&world->scratch, "broken", "", 0);
    world->fake.now_us = start_us + INT64_C(3400) * SECOND;
    assert_true(world_get(world));
    world_assert_keys(world, "K1", "s", NULL);
    assert_true(world_get(world)); /* and the next try waits */
    assert_int_equal(runs_of(world), 2);
    world->fake.now_us += INT64_C(31) * SECOND;
    assert_true(world_get(world));
    assert_int_equal(runs_of(world), 3);
    world->fake.now_us = start_us + INT64_C(3595) * SECOND; /* too near the end to be of use */
    assert_false(world_get(world));
    assert_non_null(strstr(world->err.message, "it ended with status 1"));
    assert_int_equal(unlink(scratch_path(&world->scratch, "broken")), 0);
    write_counter(world, start_us + INT64_C(7200) * SECOND);
    assert_true(world_get(world));
    world_assert_keys(world, "K5", "s", NULL);
}

struct asker {
    struct rs_credentials_provider *chain;
    bool ok;
    char id[16];
};

static void *ask(void *arg)
{
    struct asker *asker = arg;
    struct rs_credentials keys = RS_CREDENTIALS_INIT;
    struct rs_error err = {0};

    asker->ok = true;
    for (int i = 0; i < 50 && asker->ok; i++) {
        asker->ok = asker->chain->get(asker->chain, &keys, &err);
    }
    (void)snprintf(asker->id, sizeof asker->id, "%.15s",
                   keys.access_key_id ? keys.access_key_id : err.message);
    rs_credentials_release(&keys);
    return NULL;
}

static void test_credentials_chain__many_threads_ask_the_source_once(void **state)
{
    struct world *world = *state;
    struct asker askers[THREADS];
    pthread_t threads[THREADS];
    const struct rs_credentials_options options = {.profile = NULL};

    write_counter(world, world->fake.now_us + INT64_C(3600) * SECOND);
    world->chain = rs_credentials_chain_new(&world->fake.env, &options);
    for (size_t i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.chain = world->chain};
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(askers[i].ok);
        assert_string_equal(askers[i].id, "K1");
    }
    assert_int_equal(runs_of(world), 1);
}

static void test_credentials_chain__keys_that_nobody_refused_are_kept(void **state)
{
    struct world *world = *state;
    struct rs_credentials old = RS_CREDENTIALS_INIT;

    write_counter(world, world->fake.now_us + INT64_C(3600) * SECOND);
    assert_true(world_get(world));
    rs_credentials_copy(&old, &world->keys);
    world->chain->invalidate(world->chain, &old);
    assert_true(world_get(world));
    world_assert_keys(world, "K2", "s", NULL);
    world->chain->invalidate(world->chain, &old); /* by another who was refused with the same */
    assert_true(world_get(world));
    world_assert_keys(world, "K2", "s", NULL);
    assert_int_equal(runs_of(world), 2);
    rs_credentials_release(&old);
}

static void test_credentials_chain__a_failure_is_the_answer_for_all_who_wait(void **state)
{
    struct world *world = *state;
    struct rs_error err = {0};

    write_counter(world, world->fake.now_us + INT64_C(3600) * SECOND);
    scratch_write(&world->scratch, "broken", "", 0);
    assert_false(world_get(world));
    world->fake.now_us += INT64_C(4) * SECOND;
    assert_false(world->chain->get(world->chain, &world->keys, &err));
    assert_string_equal(err.message, world->err.message);
    assert_int_equal(runs_of(world), 1);
    world->fake.now_us += INT64_C(1) * SECOND;
    assert_int_equal(unlink(scratch_path(&world->scratch, "broken")), 0);
    rs_error_clear(&err);
    assert_true(world->chain->get(world->chain, &world->keys, &err));
    /* A signal stops whoever would have to ask, and no one whom memory answers. */
    world->fake.stop = true;
    assert_true(world->chain->get(world->chain, &world->keys, &err));
    world->chain->invalidate(world->chain, &world->keys);
    assert_false(world->chain->get(world->chain, &world->keys, &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    assert_int_equal(runs_of(world), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credentials_chain__are_copied_and_released),
        WORLD_TEST(test_credentials_chain__the_environment_goes_first),
        WORLD_TEST(test_credentials_chain__half_a_pair_is_an_error),
        WORLD_TEST(test_credentials_chain__none_at_all_says_what_was_tried),
        WORLD_TEST(test_credentials_chain__are_kept_and_renewed_before_they_end),
        WORLD_TEST(test_credentials_chain__short_ones_are_kept_most_of_their_life),
        WORLD_TEST(test_credentials_chain__old_ones_serve_while_renewing_fails),
        WORLD_TEST(test_credentials_chain__many_threads_ask_the_source_once),
        WORLD_TEST(test_credentials_chain__keys_that_nobody_refused_are_kept),
        WORLD_TEST(test_credentials_chain__a_failure_is_the_answer_for_all_who_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
