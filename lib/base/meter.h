/*
 * base/meter.h - how far a run is: phases of known weights, and in them pieces of work.
 *
 *   static const struct rs_meter_phase phases[] = {{"reading", 1}, {"loading", 4}};
 *   rs_meter_plan(meter, phases, 2);
 *   rs_meter_enter(meter, "loading", &(struct rs_meter_work){.total = bytes, .pieces = 12, .noun = "tables"});
 *   rs_meter_begin(&piece, meter, name, weight);      a worker begins a table
 *   rs_meter_step(&piece, 0.6);                       from here to there goes its first step,
 *   rs_meter_advance(&piece, 0.25);                   a quarter of which is done
 *   rs_meter_step(&piece, 1.0);                       a statement that tells nothing until it ends
 *   rs_meter_end(&piece);
 *   rs_meter_leave(meter);
 *   rs_meter_read(meter, &view)                       by who shows it
 *
 * A step of which nothing is heard is expected to take as long as its like has taken: it is said to
 * be under way ever more slowly, and never to have ended before it has. What is shown never goes
 * back: a piece that is begun again stands still until it is as far as it was.
 *
 * Every function but rs_meter_init takes NULL for a meter that nobody reads, and does nothing then.
 *
 * Pure:    no: reads the clock of env.
 * Owns:    nothing: env, names, units and pieces are borrowed, pieces until they end or their phase is left.
 * Threads: any; one thread at a time for a piece.
 */
#ifndef RS_BASE_METER_H
#define RS_BASE_METER_H

#include <pthread.h>

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/str.h"

enum { RS_METER_PHASES_MAX = 4, RS_METER_NAME_MAX = 256 };

struct rs_meter_phase {
    const char *name; /* "loading" */
    double weight;    /* of the time that the whole takes */
};

/* What is to be done in a phase. */
struct rs_meter_work {
    double total;     /* the weight of all pieces, or of what rs_meter_set counts; 0: not known */
    size_t pieces;    /* 0: they are not counted for a person */
    const char *noun; /* what they are: "tables" */
    const char *unit; /* of the weight: "rows"; NULL: bytes; "": of no interest to a person */
};

/* Work of one thread; starts as {0}. */
struct rs_meter_piece {
    struct rs_meter *meter;
    struct rs_meter_piece *next;
    struct rs_str name;
    double weight;
    double from; /* the step at hand, in parts of the piece */
    double to;
    double reached;   /* the farthest so far */
    bool heard;       /* the step says how far it is */
    int64_t since_us; /* when the step began */
};

struct rs_meter {
    const struct rs_env *env;
    pthread_mutex_t mutex;
    double from; /* what the plan has of the whole */
    double to;
    double shown; /* the farthest that was read */
    bool begun;
    bool finished;
    const char *round_noun;
    size_t round;
    size_t rounds;
    struct rs_meter_phase phases[RS_METER_PHASES_MAX];
    size_t phase_count;
    size_t phase;
    struct rs_meter_work work;
    double done; /* by pieces that have ended, or by rs_meter_set */
    size_t pieces_done;
    struct rs_meter_piece *under_way; /* the oldest first */
    double learned_weight;            /* of steps that have ended */
    double learned_us;
    uint64_t events;
    uint64_t rejects;
};

/* What a person is shown. */
struct rs_meter_view {
    bool begun;  /* there is something to show */
    bool known;  /* how much there is */
    double part; /* of the whole, 0 to 1; 1 only when it is finished */
    const char *phase;
    double amount;                /* done in the phase */
    const char *unit;             /* of it; NULL: bytes */
    char name[RS_METER_NAME_MAX]; /* of the piece that was begun first; "" */
    const char *noun;
    size_t pieces; /* 0: not shown */
    size_t pieces_done;
    const char *round_noun; /* "window" */
    size_t round;
    size_t rounds; /* 0: not shown */
    uint64_t events;
    uint64_t rejects;
};

/* env is borrowed. */
void rs_meter_init(struct rs_meter *meter, const struct rs_env *env);

/*
 * What is planned next is one round of many: part, 0 to 1, of what is left of the whole. round counts
 * from 1; rounds is 0 where a person need not know.
 */
void rs_meter_round(struct rs_meter *meter, const char *noun, size_t round, size_t rounds,
                    double part);

/* The phases to come, in order; copied. */
void rs_meter_plan(struct rs_meter *meter, const struct rs_meter_phase *phases, size_t count);

/* A phase begins; one that is not in the plan is all of it. Pieces of another are dropped. */
void rs_meter_enter(struct rs_meter *meter, const char *name, const struct rs_meter_work *work);

/* Pieces that have not ended are dropped. */
void rs_meter_leave(struct rs_meter *meter);

/* How far a phase without pieces is; total as in rs_meter_work. */
void rs_meter_set(struct rs_meter *meter, uint64_t done, uint64_t total);

/* So many were read. */
void rs_meter_count(struct rs_meter *meter, uint64_t events, uint64_t rejects);

/* A piece begins, or goes on after rs_meter_pause. */
void rs_meter_begin(struct rs_meter_piece *piece, struct rs_meter *meter, struct rs_str name,
                    double weight);

/* The step before has ended, and one begins that ends at `to` of the piece. */
void rs_meter_step(struct rs_meter_piece *piece, double to);

/* So far is the step, 0 to 1. */
void rs_meter_advance(struct rs_meter_piece *piece, double part);

/* The piece is put off: it is begun once more later, or never. */
void rs_meter_pause(struct rs_meter_piece *piece);

void rs_meter_end(struct rs_meter_piece *piece);

/* All is done. */
void rs_meter_finish(struct rs_meter *meter);

void rs_meter_read(struct rs_meter *meter, struct rs_meter_view *out);

#endif
