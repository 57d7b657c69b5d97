/*
 * Fork and join: threads live for one piece of work. Starting one takes some 20 microseconds,
 * which is nothing beside a run, and no queue or state is left between the pieces.
 */
#include "base/workers.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct share {
    rs_work *work;
    void *arg;
    unsigned worker;
    bool ok;
    bool started;
    pthread_t thread;
    struct rs_error err;
};

static void *run_share(void *arg)
{
    struct share *share = arg;
    share->ok = share->work(share->arg, share->worker, &share->err);
    return NULL;
}

bool rs_workers_run(unsigned count, rs_work *work, void *arg, struct rs_error *err)
{
    struct share *shares = rs_mem_zalloc(count, sizeof *shares);
    for (unsigned i = 0; i < count; i++) {
        shares[i] = (struct share){.work = work, .arg = arg, .worker = i, .ok = true};
        /* Fewer threads than asked for do the same work: shares are taken, not given. */
        shares[i].started =
            i > 0 && pthread_create(&shares[i].thread, NULL, run_share, &shares[i]) == 0;
    }
    (void)run_share(&shares[0]);
    bool ok = true;
    for (unsigned i = 0; i < count; i++) {
        if (shares[i].started) {
            (void)pthread_join(shares[i].thread, NULL);
        }
        if (!shares[i].ok && ok) {
            *err = shares[i].err;
            ok = false;
        }
    }
    rs_mem_free(shares);
    return ok;
}

unsigned rs_workers_default(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 64 ? 64 : (unsigned)cores;
}

bool rs_tickets_take(struct rs_tickets *tickets, size_t *out)
{
    (void)pthread_mutex_lock(&tickets->mutex);
    bool taken = !tickets->stopped && tickets->next < tickets->count;
    if (taken) {
        *out = tickets->next++;
    }
    (void)pthread_mutex_unlock(&tickets->mutex);
    return taken;
}

void rs_tickets_stop(struct rs_tickets *tickets)
{
    (void)pthread_mutex_lock(&tickets->mutex);
    tickets->stopped = true;
    (void)pthread_mutex_unlock(&tickets->mutex);
}

struct weighed {
    uint64_t weight;
    size_t number;
};

static int compare_weights(const void *left, const void *right)
{
    const struct weighed *a = left;
    const struct weighed *b = right;
    if (a->weight != b->weight) {
        return a->weight > b->weight ? -1 : 1;
    }
    return (a->number > b->number) - (a->number < b->number);
}

size_t *rs_workers_order(const uint64_t *weights, size_t count)
{
    struct weighed *pieces = rs_mem_zalloc(count, sizeof *pieces);
    size_t *order = rs_mem_zalloc(count, sizeof *order);
    for (size_t i = 0; i < count; i++) {
        pieces[i] = (struct weighed){weights[i], i};
    }
    if (count > 1) {
        qsort(pieces, count, sizeof *pieces, compare_weights);
    }
    for (size_t i = 0; i < count; i++) {
        order[i] = pieces[i].number;
    }
    rs_mem_free(pieces);
    return order;
}
