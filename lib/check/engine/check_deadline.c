/* The environment comes first, so that its functions find what it stands in. */
#include "check/engine/check_deadline.h"

#include "base/mem.h"

struct rs_check_deadline {
    struct rs_env env;
    const struct rs_env *world;
    int64_t until_us; /* monotonic; 0: no end */
    unsigned ms;
    bool shielded;
};

static bool is_over(const struct rs_check_deadline *deadline)
{
    return deadline->until_us > 0 &&
           deadline->world->monotonic_us(deadline->world) >= deadline->until_us;
}

/* A signal came, and counts. */
static bool is_signalled(const struct rs_check_deadline *deadline)
{
    return !deadline->shielded && deadline->world->interrupted(deadline->world);
}

static bool interrupted(const struct rs_env *env)
{
    const struct rs_check_deadline *deadline = (const struct rs_check_deadline *)env;
    return is_signalled(deadline) || is_over(deadline);
}

struct rs_check_deadline *rs_check_deadline_new(const struct rs_env *env)
{
    struct rs_check_deadline *deadline = rs_mem_zalloc(1, sizeof *deadline);
    deadline->env = *env;
    deadline->env.interrupted = interrupted;
    deadline->world = env;
    return deadline;
}

const struct rs_env *rs_check_deadline_env(const struct rs_check_deadline *deadline)
{
    return &deadline->env;
}

void rs_check_deadline_set(struct rs_check_deadline *deadline, unsigned ms)
{
    const int64_t now_us = deadline->world->monotonic_us(deadline->world);
    deadline->ms = ms;
    deadline->until_us = ms > 0 ? now_us + (int64_t)ms * 1000 : 0;
}

void rs_check_deadline_shield(struct rs_check_deadline *deadline, bool on)
{
    deadline->shielded = on;
}

void rs_check_deadline_again(struct rs_check_deadline *deadline)
{
    rs_check_deadline_set(deadline, deadline->ms);
}

void rs_check_deadline_explain(const struct rs_check_deadline *deadline, const char *what,
                               struct rs_error *err)
{
    const bool ours = err->code == RS_E_INTERRUPTED && !is_signalled(deadline);
    if (ours) {
        rs_error_clear(err);
        (void)rs_error_set(err, RS_E_NET, "%s in %.1f s", what, deadline->ms / 1000.0);
        err->retryable = true;
    }
}

void rs_check_deadline_free(struct rs_check_deadline *deadline)
{
    rs_mem_free(deadline);
}
