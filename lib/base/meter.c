/*
 * One mutex for all: a worker comes here some times a second. The time that a step takes is learned
 * from those of its phase that have ended, by weight, whichever kind they were.
 */
#include "base/meter.h"

#include <string.h>

enum { GUESS_US = 3000000, SHORTEST_US = 1000 };

static const double NEARLY = 0.9999; /* the whole is shown when it is finished */

void rs_meter_init(struct rs_meter *meter, const struct rs_env *env)
{
    *meter = (struct rs_meter){.env = env, .mutex = PTHREAD_MUTEX_INITIALIZER, .to = 1.0};
}

static int64_t now_us(const struct rs_meter *meter)
{
    return meter->env->monotonic_us(meter->env);
}

/* --- how far -------------------------------------------------------------------------------------- */

/* A step of which nothing is heard: most of it in the time that is expected, the rest ever more slowly. */
static double part_of_step(const struct rs_meter *meter, const struct rs_meter_piece *piece,
                           int64_t now)
{
    double weight = piece->weight * (piece->to - piece->from);
    double expected = meter->learned_weight > 0 ? weight * meter->learned_us / meter->learned_weight
                                                : (double)GUESS_US;
    double passed = (double)(now - piece->since_us);
    double times = passed / (expected > SHORTEST_US ? expected : SHORTEST_US);
    return 1.0 - 1.0 / ((1.0 + times) * (1.0 + times));
}

static double part_of_piece(const struct rs_meter *meter, const struct rs_meter_piece *piece,
                            int64_t now)
{
    double part = piece->reached;
    if (!piece->heard) {
        double at = piece->from + (piece->to - piece->from) * part_of_step(meter, piece, now);
        part = at > part ? at : part;
    }
    return part;
}

/* Of the phase, in its unit. */
static double amount_of(const struct rs_meter *meter, int64_t now)
{
    double amount = meter->done;
    for (const struct rs_meter_piece *piece = meter->under_way; piece; piece = piece->next) {
        amount += piece->weight * part_of_piece(meter, piece, now);
    }
    return amount;
}

/* Of the whole. */
static double part_of_whole(const struct rs_meter *meter, double amount)
{
    double before = 0.0;
    double all = 0.0;
    for (size_t i = 0; i < meter->phase_count; i++) {
        before += i < meter->phase ? meter->phases[i].weight : 0.0;
        all += meter->phases[i].weight;
    }
    double part = meter->work.total > 0 ? amount / meter->work.total : 0.0;
    double own = meter->phase_count > 0 ? meter->phases[meter->phase].weight : 0.0;
    double done = all > 0 ? (before + own * (part < 1.0 ? part : 1.0)) / all : 0.0;
    return meter->from + (meter->to - meter->from) * done;
}

static void see(struct rs_meter *meter, double amount)
{
    double part = part_of_whole(meter, amount);
    part = part < NEARLY ? part : NEARLY;
    meter->shown = part > meter->shown ? part : meter->shown;
}

void rs_meter_read(struct rs_meter *meter, struct rs_meter_view *out)
{
    *out = (struct rs_meter_view){.begun = false};
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    double amount = amount_of(meter, now_us(meter));
    see(meter, amount);
    *out = (struct rs_meter_view){
        .begun = meter->begun,
        .known = meter->finished || meter->work.total > 0,
        .part = meter->finished ? 1.0 : meter->shown,
        .phase = meter->phase_count > 0 ? meter->phases[meter->phase].name : "",
        .amount = amount,
        .unit = meter->work.unit,
        .noun = meter->work.noun,
        .pieces = meter->work.pieces,
        .pieces_done = meter->pieces_done,
        .round_noun = meter->round_noun,
        .round = meter->round,
        .rounds = meter->rounds,
        .events = meter->events,
        .rejects = meter->rejects,
    };
    if (meter->under_way) {
        struct rs_str name = rs_str_slice(meter->under_way->name, 0, sizeof out->name - 1);
        memcpy(out->name, name.data, name.length); /* the rest is zero */
    }
    (void)pthread_mutex_unlock(&meter->mutex);
}

/* --- phases --------------------------------------------------------------------------------------- */

void rs_meter_round(struct rs_meter *meter, const char *noun, size_t round, size_t rounds,
                    double part)
{
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    see(meter, amount_of(meter, now_us(meter)));
    meter->from = meter->shown;
    meter->to = meter->from + (1.0 - meter->from) * (part < 1.0 ? part : 1.0);
    meter->round_noun = noun;
    meter->round = round;
    meter->rounds = rounds;
    meter->phase_count = 0;
    meter->phase = 0;
    meter->under_way = NULL;
    meter->done = 0;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_plan(struct rs_meter *meter, const struct rs_meter_phase *phases, size_t count)
{
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    meter->phase_count = count < RS_METER_PHASES_MAX ? count : RS_METER_PHASES_MAX;
    memcpy(meter->phases, phases, meter->phase_count * sizeof *phases);
    meter->phase = 0;
    meter->under_way = NULL;
    meter->done = 0;
    (void)pthread_mutex_unlock(&meter->mutex);
}

static size_t find_phase(const struct rs_meter *meter, const char *name)
{
    size_t phase = 0;
    while (phase < meter->phase_count && strcmp(meter->phases[phase].name, name) != 0) {
        phase++;
    }
    return phase;
}

void rs_meter_enter(struct rs_meter *meter, const char *name, const struct rs_meter_work *work)
{
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    meter->phase = find_phase(meter, name);
    if (meter->phase == meter->phase_count) {
        meter->phase = 0;
        meter->phase_count = 1;
        meter->phases[0] = (struct rs_meter_phase){name, 1.0};
    }
    meter->work = *work;
    meter->begun = true;
    meter->done = 0;
    meter->pieces_done = 0;
    meter->under_way = NULL;
    meter->learned_weight = 0;
    meter->learned_us = 0;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_leave(struct rs_meter *meter)
{
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    see(meter, amount_of(meter, now_us(meter)));
    meter->under_way = NULL;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_set(struct rs_meter *meter, uint64_t done, uint64_t total)
{
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    meter->done = (double)done;
    meter->work.total = (double)total;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_count(struct rs_meter *meter, uint64_t events, uint64_t rejects)
{
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    meter->events = events;
    meter->rejects = rejects;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_finish(struct rs_meter *meter)
{
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    meter->finished = true;
    (void)pthread_mutex_unlock(&meter->mutex);
}

/* --- pieces --------------------------------------------------------------------------------------- */

/* The step at hand has ended at its end. */
static void learn(struct rs_meter *meter, struct rs_meter_piece *piece, int64_t now)
{
    double done = piece->to - piece->from;
    if (done > 0) {
        meter->learned_weight += piece->weight * done;
        meter->learned_us += (double)(now - piece->since_us);
    }
    piece->reached = piece->to > piece->reached ? piece->to : piece->reached;
}

static void unlink_piece(struct rs_meter *meter, const struct rs_meter_piece *piece)
{
    struct rs_meter_piece **place = &meter->under_way;
    while (*place && *place != piece) {
        place = &(*place)->next;
    }
    if (*place) {
        *place = piece->next;
    }
}

void rs_meter_begin(struct rs_meter_piece *piece, struct rs_meter *meter, struct rs_str name,
                    double weight)
{
    piece->meter = meter;
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    struct rs_meter_piece **place = &meter->under_way;
    while (*place) {
        place = &(*place)->next;
    }
    *place = piece;
    piece->next = NULL;
    piece->name = name;
    piece->weight = weight;
    piece->from = 0;
    piece->to = 0;
    piece->since_us = now_us(meter);
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_step(struct rs_meter_piece *piece, double to)
{
    struct rs_meter *meter = piece ? piece->meter : NULL;
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    int64_t now = now_us(meter);
    if (to > piece->to) {
        learn(meter, piece, now);
        piece->from = piece->to;
    } else {
        piece->from = 0; /* from its begin once more */
    }
    piece->to = to;
    piece->heard = false;
    piece->since_us = now;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_advance(struct rs_meter_piece *piece, double part)
{
    struct rs_meter *meter = piece ? piece->meter : NULL;
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    double at = piece->from + (piece->to - piece->from) * (part < 1.0 ? part : 1.0);
    piece->heard = true;
    piece->reached = at > piece->reached ? at : piece->reached;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_pause(struct rs_meter_piece *piece)
{
    struct rs_meter *meter = piece->meter;
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    see(meter, amount_of(meter, now_us(meter)));
    unlink_piece(meter, piece);
    piece->meter = NULL;
    (void)pthread_mutex_unlock(&meter->mutex);
}

void rs_meter_end(struct rs_meter_piece *piece)
{
    struct rs_meter *meter = piece->meter;
    if (!meter) {
        return;
    }
    (void)pthread_mutex_lock(&meter->mutex);
    learn(meter, piece, now_us(meter));
    unlink_piece(meter, piece);
    meter->done += piece->weight;
    meter->pieces_done++;
    piece->meter = NULL;
    (void)pthread_mutex_unlock(&meter->mutex);
}
