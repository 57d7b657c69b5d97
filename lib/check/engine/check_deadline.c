/* The environment comes first, so that its functions find what it stands in. */
#include "check/engine/check_deadline.h"

#include "base/mem.h"

struct rs_check_patience {
    struct rs_env env;
    const struct rs_env *world;
    int64_t until_us; /* monotonic; 0: no end */
    unsigned ms;
};

static bool is_over(const struct rs_check_patience *patience)
{
    return patience->until_us > 0 &&
           patience->world->monotonic_us(patience->world) >= patience->until_us;
}

static bool interrupted(const struct rs_env *env)
{
    const struct rs_check_patience *patience = (const struct rs_check_patience *)env;
    return patience->world->interrupted(patience->world) || is_over(patience);
}

struct rs_check_patience *rs_check_patience_new(const struct rs_env *env)
{
    struct rs_check_patience *patience = rs_mem_zalloc(1, sizeof *patience);
    patience->env = *env;
    patience->env.interrupted = interrupted;
    patience->world = env;
    return patience;
}

const struct rs_env *rs_check_patience_env(const struct rs_check_patience *patience)
{
    return &patience->env;
}

void rs_check_patience_set(struct rs_check_patience *patience, unsigned ms)
{
    const int64_t now_us = patience->world->monotonic_us(patience->world);
    patience->ms = ms;
    patience->until_us = ms > 0 ? now_us + (int64_t)ms * 1000 : 0;
}

void rs_check_patience_explain(const struct rs_check_patience *patience, const char *what,
                               struct rs_error *err)
{
    const bool ours =
        err->code == RS_E_INTERRUPTED && !patience->world->interrupted(patience->world);
    if (ours) {
        rs_error_clear(err);
        (void)rs_error_set(err, RS_E_NET, "%s in %.1f s", what, patience->ms / 1000.0);
        err->retryable = true;
    }
}

void rs_check_patience_free(struct rs_check_patience *patience)
{
    rs_mem_free(patience);
}
