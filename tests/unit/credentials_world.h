/*
 * credentials_world.h - a chain in a fake world: its variables, files and clock.
 *
 *   cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
 *   struct world *world = *state;
 *   world_write_config(world, "[default]\n...");
 *   assert_true(world_get(world));               the chain of this world answers; after a failure
 *                                                five seconds go by first
 *   assert_true(world_get_of(world, "tea"));     a new one does, for a profile
 *   world_assert_keys(world, "id", "secret", NULL);
 */
#ifndef RS_TESTS_CREDENTIALS_WORLD_H
#define RS_TESTS_CREDENTIALS_WORLD_H

#include <string.h>

#include "aws/credentials_chain.h"
#include "fake_env.h"
#include "scratch.h"
#include "unit.h"

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

struct world {
    struct scratch scratch;
    struct fake_env fake;
    struct rs_credentials_provider *chain;
    struct rs_credentials keys;
    struct rs_error err;
    char text[4096];
};

/* No variables but HOME, and no metadata service. */
static inline int world_set_up(void **state)
{
    struct world *world = rs_mem_zalloc(1, sizeof *world);
    world->scratch = scratch_make();
    world->keys = RS_CREDENTIALS_INIT;
    fake_env_init(&world->fake);
    fake_env_set(&world->fake, "HOME", world->scratch.dir);
    fake_env_set(&world->fake, "AWS_EC2_METADATA_DISABLED", "true");
    *state = world;
    return 0;
}

static inline int world_tear_down(void **state)
{
    struct world *world = *state;
    rs_credentials_release(&world->keys);
    rs_credentials_provider_free(world->chain);
    scratch_remove(&world->scratch);
    rs_mem_free(world);
    return 0;
}

static inline void world_write_config(struct world *world, const char *text)
{
    scratch_write(&world->scratch, ".aws/config", text, strlen(text));
}

static inline bool world_get(struct world *world)
{
    if (!world->chain) {
        const struct rs_credentials_options options = {.region = "eu-west-1"};
        world->chain = rs_credentials_chain_new(&world->fake.env, &options);
    }
    world->fake.now_us += world->err.code == RS_OK ? 0 : INT64_C(5000000); /* it is kept so long */
    rs_error_clear(&world->err);
    return world->chain->get(world->chain, &world->keys, &world->err);
}

/* Ask anew, by a chain that knows nothing. */
static inline bool world_get_of(struct world *world, const char *profile)
{
    const struct rs_credentials_options options = {.profile = profile};
    rs_credentials_provider_free(world->chain);
    world->chain = rs_credentials_chain_new(&world->fake.env, &options);
    return world_get(world);
}

static inline void world_assert_keys(const struct world *world, const char *id, const char *secret,
                                     const char *token)
{
    if (world->err.code != RS_OK) {
        fail_msg("%s", world->err.message);
    }
    assert_string_equal(world->keys.access_key_id, id);
    assert_string_equal(world->keys.secret_access_key, secret);
    if (token) {
        assert_string_equal(world->keys.session_token, token);
    } else {
        assert_null(world->keys.session_token);
    }
}

#endif
