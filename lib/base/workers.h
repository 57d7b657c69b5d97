/*
 * base/workers.h - the only threads of the program: a few workers that do the same work.
 *
 *   static bool work(void *arg, unsigned worker, struct rs_error *err);
 *   rs_workers_run(4, work, &shared, &err);     worker 0 is the calling thread
 *
 * Threads: rs_workers_run by one thread at a time; work runs on all of them at once.
 */
#ifndef RS_BASE_WORKERS_H
#define RS_BASE_WORKERS_H

#include <pthread.h>

#include "rs/compiler.h"
#include "rs/error.h"

/* One worker's share. The first false (of the lowest worker) is the error of the whole. */
typedef bool rs_work(void *arg, unsigned worker, struct rs_error *err);

/* Run work on count workers and wait for all of them. */
RS_MUST_USE bool rs_workers_run(unsigned count, rs_work *work, void *arg, struct rs_error *err);

/* As many workers as the machine has cores for us. */
unsigned rs_workers_default(void);

/* A counter from which workers take numbers, until they are used up or one of them fails. */
struct rs_tickets {
    pthread_mutex_t mutex;
    size_t next;
    size_t count;
    bool stopped;
};

#define RS_TICKETS_INIT(total)                                                                     \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, 0, (total), false                                               \
    }

/* The next number; false when there are no more, or the work was stopped. */
RS_MUST_USE bool rs_tickets_take(struct rs_tickets *tickets, size_t *out);
void rs_tickets_stop(struct rs_tickets *tickets);

/*
 * The numbers of count pieces of work, the heaviest first (equals in their order), so that
 * workers end at about the same time. To be freed with rs_mem_free.
 */
RS_MUST_USE size_t *rs_workers_order(const uint64_t *weights, size_t count);

#endif
