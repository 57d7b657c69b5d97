/*
 * Windows have one length, so the window of an instant is found by a division. Inputs are walked
 * one by one for each run; there are at most some hundred thousand of them.
 */
#include "replay/window_plan.h"

#include "base/mem.h"

enum {
    US_OF_MS = 1000,
    MANY = 20000000, /* inputs times windows */
};

bool rs_window_plan_init(struct rs_window_plan *plan, const struct rs_interval *interval,
                         int64_t window_us, struct rs_error *err)
{
    int64_t length = interval->to_us - interval->from_us;
    int64_t count = length / window_us + (length % window_us > 0 ? 1 : 0);
    *plan = (struct rs_window_plan){.interval = *interval};
    if (count > RS_WINDOWS_MAX) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not plan %lld windows: they are too many",
                           (long long)count);
        return rs_error_hint(err, "take fewer days, or longer windows");
    }
    plan->count = (size_t)count;
    plan->windows = rs_mem_zalloc(plan->count, sizeof *plan->windows);
    for (size_t i = 0; i < plan->count; i++) {
        int64_t from_us = interval->from_us + (int64_t)i * window_us;
        int64_t to_us = from_us + window_us;
        plan->windows[i].interval =
            (struct rs_interval){from_us, to_us < interval->to_us ? to_us : interval->to_us};
    }
    return true;
}

void rs_window_plan_release(struct rs_window_plan *plan)
{
    for (size_t i = 0; i < plan->input_count; i++) {
        rs_mem_free(plan->inputs[i].wanted_by);
    }
    rs_mem_free(plan->inputs);
    rs_mem_free(plan->windows);
    *plan = (struct rs_window_plan){0};
}

void rs_window_plan_add_input(struct rs_window_plan *plan, bool has_day, int64_t day_ms,
                              uint64_t size_bytes)
{
    plan->inputs = rs_mem_grow(plan->inputs, &plan->input_capacity, plan->input_count + 1,
                               sizeof *plan->inputs);
    plan->inputs[plan->input_count++] = (struct rs_window_input){
        .has_day = has_day,
        .day = {day_ms * US_OF_MS, day_ms * US_OF_MS + RS_DAY_US},
        .size_bytes = size_bytes,
    };
}

/* The window of an instant; the first or the last for one outside of the interval. */
static size_t window_of(const struct rs_window_plan *plan, int64_t us)
{
    int64_t length = plan->windows[0].interval.to_us - plan->interval.from_us;
    int64_t number = us < plan->interval.from_us ? 0 : (us - plan->interval.from_us) / length;
    return number < (int64_t)plan->count ? (size_t)number : plan->count - 1;
}

size_t rs_window_plan_find(const struct rs_window_plan *plan, const struct rs_interval *interval)
{
    size_t number = window_of(plan, interval->from_us);
    return rs_interval_equal(&plan->windows[number].interval, interval) ? number : SIZE_MAX;
}

bool rs_window_plan_by_day(const struct rs_window_plan *plan, size_t window, size_t input)
{
    const struct rs_interval *interval = &plan->windows[window].interval;
    const struct rs_window_input *of = &plan->inputs[input];
    if (!of->has_day) {
        return true;
    }
    bool before = of->day.to_us <= plan->interval.from_us;
    bool after = of->day.from_us >= plan->interval.to_us;
    return before  ? window == 0
           : after ? window + 1 == plan->count
                   : of->day.from_us < interval->to_us && of->day.to_us > interval->from_us;
}

static bool is_wanted_by(const struct rs_window_input *input, size_t window)
{
    for (size_t i = 0; i < input->wanted_count; i++) {
        if (input->wanted_by[i] == window) {
            return true;
        }
    }
    return false;
}

/* The window that tells what the input has beside events. */
static size_t home_of(const struct rs_window_plan *plan, size_t input)
{
    const struct rs_window_input *of = &plan->inputs[input];
    return of->has_day ? window_of(plan, of->day.from_us) : 0;
}

static bool takes(const struct rs_window_plan *plan, size_t window, size_t input)
{
    const struct rs_window_input *of = &plan->inputs[input];
    const struct rs_interval *interval = &plan->windows[window].interval;
    if (of->seen.known) {
        bool tells = of->has_day && window == home_of(plan, input) && !plan->windows[window].told;
        return tells || rs_day_set_meets(&of->seen, interval);
    }
    bool next_day = of->has_day && of->day.from_us >= interval->to_us &&
                    of->day.from_us < interval->to_us + RS_DAY_US;
    return rs_window_plan_by_day(plan, window, input) || (plan->ahead && next_day) ||
           is_wanted_by(of, window);
}

bool rs_window_plan_takes(const struct rs_window_plan *plan, size_t first, size_t count,
                          size_t input)
{
    for (size_t window = first; window < first + count; window++) {
        if (takes(plan, window, input)) {
            return true;
        }
    }
    return false;
}

bool rs_window_plan_is_told(const struct rs_window_plan *plan, size_t first, size_t count,
                            size_t input)
{
    size_t home = home_of(plan, input);
    return home < first || home >= first + count || plan->windows[home].told;
}

void rs_window_plan_want(struct rs_window_plan *plan, size_t window, size_t input)
{
    struct rs_window_input *of = &plan->inputs[input];
    if (!is_wanted_by(of, window)) {
        of->wanted_by = rs_mem_grow(of->wanted_by, &of->wanted_capacity, of->wanted_count + 1,
                                    sizeof *of->wanted_by);
        of->wanted_by[of->wanted_count++] = window;
    }
}

static bool has_inputs(const struct rs_window_plan *plan, size_t window)
{
    for (size_t input = 0; input < plan->input_count; input++) {
        if (takes(plan, window, input)) {
            return true;
        }
    }
    return false;
}

size_t rs_window_plan_next(struct rs_window_plan *plan, size_t most, size_t *first)
{
    size_t count = 0;
    for (size_t window = 0; window < plan->count && count < most; window++) {
        struct rs_window *at = &plan->windows[window];
        at->done = at->done || !has_inputs(plan, window);
        if (at->done && count > 0) {
            break;
        }
        if (!at->done) {
            *first = count == 0 ? window : *first;
            count++;
        }
    }
    return count;
}

void rs_window_plan_strays(const struct rs_window_plan *plan, size_t first, size_t count,
                           size_t input, const struct rs_day_set *seen,
                           void (*put)(void *arg, size_t window), void *arg)
{
    if (plan->inputs[input].seen.known || !seen->known || seen->count == 0) {
        return;
    }
    size_t last = window_of(plan, seen->last_us);
    for (size_t window = window_of(plan, seen->first_us); window <= last; window++) {
        bool at_hand = window >= first && window < first + count;
        if (!at_hand && !rs_window_plan_by_day(plan, window, input) &&
            rs_day_set_meets(seen, &plan->windows[window].interval)) {
            put(arg, window);
        }
    }
}

struct learner {
    struct rs_window_plan *plan;
    size_t input;
};

static void learn_stray(void *arg, size_t window)
{
    const struct learner *learner = arg;
    learner->plan->ahead = learner->plan->ahead || learner->plan->windows[window].done;
    learner->plan->windows[window].done = false;
    rs_window_plan_want(learner->plan, window, learner->input);
}

void rs_window_plan_learn(struct rs_window_plan *plan, size_t first, size_t count, size_t input,
                          const struct rs_day_set *seen)
{
    struct learner learner = {plan, input};
    rs_window_plan_strays(plan, first, count, input, seen, learn_stray, &learner);
    if (seen->known) {
        plan->inputs[input].seen = *seen;
    }
}

void rs_window_plan_done(struct rs_window_plan *plan, size_t first, size_t count)
{
    for (size_t window = first; window < first + count; window++) {
        plan->windows[window].done = true;
        plan->windows[window].told = true;
    }
}

uint64_t rs_window_plan_bytes(const struct rs_window_plan *plan, size_t window, size_t *inputs)
{
    uint64_t bytes = 0;
    *inputs = 0;
    for (size_t input = 0; input < plan->input_count; input++) {
        if (takes(plan, window, input)) {
            bytes += plan->inputs[input].size_bytes;
            ++*inputs;
        }
    }
    return bytes;
}

uint64_t rs_window_plan_bytes_left(const struct rs_window_plan *plan, size_t first, size_t count,
                                   uint64_t before)
{
    uint64_t bytes = 0;
    size_t inputs = 0;
    if (before > 0 && plan->input_count > MANY / plan->count) {
        return before;
    }
    for (size_t window = 0; window < plan->count; window++) {
        bool at_hand = window >= first && window < first + count;
        bytes +=
            plan->windows[window].done || at_hand ? 0 : rs_window_plan_bytes(plan, window, &inputs);
    }
    return bytes;
}
