/*
 * One mutex guards the table of open inputs, the counts and the rows' list of batches; reading
 * and projecting are done outside of it. A worker that finds nothing to take waits for one of
 * the inputs to come free. Chunks are large (2 MiB), so the mutex is taken a few hundred times
 * a second.
 *
 * A worker that has read a chunk takes a turn, and projects when the turn comes and one of the
 * projectors is free. There are as many of these as processors. Where inputs are far away there
 * are more workers, which wait for the network most of the time: an object in S3 takes its 20 to
 * 100 ms to begin, however small it is. Turns come in the order in which chunks were read, so
 * that at each moment what was projected of an input is its begin: lib/rows/rows.c wants that.
 */
#include "sync/intake.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/workers.h"
#include "read/chunks.h"
#include "sync/project_chunk.h"

enum {
    TELL_EVERY_US = 200000,
    WAIT_NS = 200000000,
    SECOND_NS = 1000000000,
    FAR_READERS_A_THREAD = 8,
    FAR_READERS_MAX = 64,
};

struct open_input {
    struct rs_reader *reader; /* NULL: the slot is free */
    size_t input;
    bool busy;
};

struct shared {
    struct rs_intake *intake;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct open_input *open; /* one slot a worker */
    unsigned slot_count;
    size_t next_input;
    uint64_t next_turn; /* the one that is given out next */
    uint64_t turn;      /* the one that is next to come */
    bool *projecting;   /* a projector */
    unsigned projecting_count;
    bool spill;   /* wanted, as soon as nobody projects */
    bool stopped; /* a worker failed */
    uint64_t done_bytes;
    uint64_t total_bytes;
    int64_t next_tell_us;
};

void rs_intake_init(struct rs_intake *intake, const struct rs_intake_options *options)
{
    *intake = (struct rs_intake){.options = *options, .failed_input = SIZE_MAX};
    intake->projectors = rs_mem_zalloc(options->threads, sizeof(struct rs_projector *));
    intake->dedupes = rs_mem_zalloc(options->threads, sizeof(struct rs_dedupe *));
    for (unsigned i = 0; i < options->threads; i++) {
        intake->projectors[i] = rs_projector_new(&options->project);
        intake->dedupes[i] = rs_dedupe_new(options->project.seed, options->tmpdir);
    }
    intake->slabs = rs_mem_zalloc(options->threads, sizeof *intake->slabs);
    intake->rows = rs_rows_new(options->memory_bytes, options->tmpdir);
    intake->rejects = rs_reject_log_new(options->tmpdir);
    intake->by_input = rs_mem_zalloc(options->inputs->count, sizeof *intake->by_input);
}

void rs_intake_release(struct rs_intake *intake)
{
    for (unsigned i = 0; i < intake->options.threads && intake->projectors; i++) {
        rs_projector_free(intake->projectors[i]);
        rs_dedupe_free(intake->dedupes[i]);
        rs_slab_release(&intake->slabs[i]);
    }
    rs_mem_free(intake->slabs);
    rs_mem_free(intake->projectors);
    rs_mem_free(intake->dedupes);
    rs_rows_free(intake->rows);
    rs_reject_log_free(intake->rejects);
    rs_mem_free(intake->by_input);
    rs_mem_free(intake->failures);
    *intake = (struct rs_intake){0};
}

/* --- a chunk ------------------------------------------------------------------------------------ */

/* What came of a chunk, beside its batch. */
struct chunk_news {
    struct rs_intake_counts counts;
    struct rs_day_set *seen; /* NULL: nobody asks */
    const struct rs_projector *projector;
};

static void count_event(void *arg, enum rs_outcome outcome)
{
    struct chunk_news *news = arg;
    struct rs_intake_counts *counts = &news->counts;
    if (RS_UNLIKELY(news->seen) && (outcome == RS_OUTCOME_ROW || outcome == RS_OUTCOME_OUTSIDE)) {
        rs_day_set_add(news->seen, rs_projector_received_us(news->projector));
    }
    switch (outcome) {
    case RS_OUTCOME_ROW:
        break;
    case RS_OUTCOME_NO_EVENT:
    case RS_OUTCOME_REJECT:
        counts->rejects++;
        return;
    case RS_OUTCOME_OPT_OUT:
        counts->opt_outs++;
        break;
    case RS_OUTCOME_UNSELECTED:
        counts->unselected++;
        break;
    case RS_OUTCOME_OUTSIDE:
        counts->outside++;
        return;
    case RS_OUTCOME_UNDATED:
        counts->undated++;
        return;
    }
    counts->events++;
}

/* Leave out what was told of when the input was read for another window. */
static void forget_told(struct rs_batch *batch, struct rs_intake_counts *counts)
{
    counts->events -= counts->opt_outs + counts->unselected;
    counts->told_rejects = counts->rejects;
    counts->rejects = 0;
    counts->opt_outs = 0;
    counts->unselected = 0;
    counts->undated = 0;
    batch->reject_count = 0;
}

static struct rs_batch *project_chunk(struct rs_intake *intake, unsigned with, size_t input,
                                      const struct rs_chunk *chunk, struct chunk_news *news)
{
    struct rs_batch *batch = rs_batch_new((uint32_t)input, chunk->index, with, &intake->slabs[with],
                                          chunk->cut_count, chunk->length);
    batch->first_line = chunk->first_line;
    const struct rs_project_count told = {count_event, news};
    news->projector = intake->projectors[with];
    rs_project_chunk(intake->projectors[with], batch, chunk, &told);
    if (intake->options.known && intake->options.known[input]) {
        forget_told(batch, &news->counts);
    }
    rs_batch_end(batch);
    rs_dedupe_add(intake->dedupes[with], batch);
    return batch;
}

/* --- taking turns -------------------------------------------------------------------------------- */

/* No input that is left out is the next one. */
static void pass_left_out(struct shared *shared)
{
    const struct rs_intake_options *options = &shared->intake->options;
    while (shared->next_input < options->inputs->count && options->left_out[shared->next_input]) {
        shared->next_input++;
    }
}

/* The earliest open input that nobody reads; else a new one. NULL: none now. */
static struct open_input *find_slot(struct shared *shared)
{
    struct open_input *best = NULL;
    struct open_input *unused = NULL;
    for (unsigned i = 0; i < shared->slot_count; i++) {
        struct open_input *slot = &shared->open[i];
        if (!slot->reader && !slot->busy) {
            unused = slot;
        } else if (!slot->busy && (!best || slot->input < best->input)) {
            best = slot;
        }
    }
    pass_left_out(shared);
    if (best || !unused || shared->next_input == shared->intake->options.inputs->count) {
        return best;
    }
    unused->input = shared->next_input++;
    return unused;
}

static bool all_read(struct shared *shared)
{
    pass_left_out(shared);
    for (unsigned i = 0; i < shared->slot_count; i++) {
        if (shared->open[i].reader || shared->open[i].busy) {
            return false;
        }
    }
    return shared->next_input == shared->intake->options.inputs->count;
}

/* With the mutex held: wait for a change, but not so long that a signal goes unheard. */
static void wait_for_change(struct shared *shared)
{
    struct timespec until = {0};
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WAIT_NS;
    until.tv_sec += until.tv_nsec / SECOND_NS;
    until.tv_nsec %= SECOND_NS;
    (void)pthread_cond_timedwait(&shared->changed, &shared->mutex, &until);
}

static bool keep_rejects(void *arg, const struct rs_batch *batch, struct rs_error *err)
{
    return rs_reject_log_add(arg, batch, err);
}

static bool spill(struct rs_intake *intake, struct rs_error *err)
{
    struct rs_rows_visitor visitor = {keep_rejects, intake->rejects};
    for (unsigned i = 0; i < intake->options.threads; i++) {
        if (!rs_dedupe_spill(intake->dedupes[i], err)) {
            return false;
        }
    }
    if (!rs_rows_spill(intake->rows, intake->projectors, &visitor, err)) {
        return false;
    }
    for (unsigned i = 0; i < intake->options.threads; i++) {
        rs_slab_reset(&intake->slabs[i]);
    }
    return true;
}

/*
 * With the mutex held: wait until the turn has come. False when the run has stopped.
 *
 * with   the projector that may be used from now on, the worker's own if that is free; NULL: none
 *        is needed
 */
static bool await_turn(struct shared *shared, uint64_t turn, unsigned worker, unsigned *with)
{
    unsigned count = shared->intake->options.threads;
    while (!shared->stopped &&
           (shared->turn != turn || shared->spill || (with && shared->projecting_count == count))) {
        (void)pthread_cond_wait(&shared->changed, &shared->mutex);
    }
    if (shared->stopped) {
        return false;
    }
    shared->turn++;
    if (with) {
        *with = worker % count;
        while (shared->projecting[*with]) {
            *with = (*with + 1) % count;
        }
        shared->projecting[*with] = true;
        shared->projecting_count++;
    }
    (void)pthread_cond_broadcast(&shared->changed);
    return true;
}

/* With the mutex held: give the projector back. The last one to do so spills, if that is wanted. */
static bool end_projecting(struct shared *shared, unsigned with, struct rs_error *err)
{
    bool ok = true;
    shared->projecting[with] = false;
    shared->projecting_count--;
    if (shared->spill && shared->projecting_count == 0 && !shared->stopped) {
        ok = spill(shared->intake, err);
        shared->spill = false;
        shared->stopped = !ok;
    }
    (void)pthread_cond_broadcast(&shared->changed);
    return ok;
}

/* With the mutex held. */
static void tell(struct shared *shared)
{
    const struct rs_intake_options *options = &shared->intake->options;
    int64_t now_us = options->meter ? options->env->monotonic_us(options->env) : 0;
    if (!options->meter || now_us < shared->next_tell_us) {
        return;
    }
    uint64_t done = shared->done_bytes;
    for (unsigned i = 0; i < shared->slot_count; i++) {
        done += shared->open[i].reader ? rs_reader_consumed_bytes(shared->open[i].reader) : 0;
    }
    shared->next_tell_us = now_us + TELL_EVERY_US;
    rs_meter_set(options->meter, done, shared->total_bytes);
    rs_meter_count(options->meter, shared->intake->counts.events, shared->intake->counts.rejects);
}

static void add_counts(struct rs_intake_counts *to, const struct rs_intake_counts *from)
{
    to->events += from->events;
    to->rejects += from->rejects;
    to->told_rejects += from->told_rejects;
    to->opt_outs += from->opt_outs;
    to->unselected += from->unselected;
    to->outside += from->outside;
    to->undated += from->undated;
}

/* With the mutex held: keep a batch, if it holds anything. */
static void keep_batch(struct shared *shared, struct rs_batch *batch, size_t input,
                       const struct chunk_news *news)
{
    struct rs_intake *intake = shared->intake;
    add_counts(&intake->counts, &news->counts);
    add_counts(&intake->by_input[input], &news->counts);
    if (intake->options.seen) {
        rs_day_set_merge(&intake->options.seen[input], news->seen);
    }
    if (batch->row_count == 0 && batch->reject_count == 0) {
        rs_batch_free(batch);
        return;
    }
    rs_rows_add(intake->rows, batch);
    shared->spill = shared->spill || rs_rows_full(intake->rows);
}

/* Read the next chunk of the slot's input, which is opened if it must be. */
static enum rs_next read_chunk(const struct rs_intake *intake, size_t input,
                               struct rs_reader **reader, struct rs_chunk *chunk,
                               struct rs_error *err)
{
    const struct rs_input *from = &intake->options.inputs->items[input];
    if (!*reader) {
        *reader = rs_reader_open(from, intake->options.env, err);
    }
    enum rs_next next = *reader ? rs_reader_next(*reader, chunk, err) : RS_NEXT_ERROR;
    if (next == RS_NEXT_ITEM && chunk->index >> RS_REF_CHUNK_BITS != 0) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not read \"%s\": it is longer than 8 TiB",
                           from->name);
        next = RS_NEXT_ERROR;
    }
    return next;
}

/*
 * With the mutex held: an input that could not be opened has no rows yet, so the others may be read
 * on without it. False: the run ends.
 */
static bool pass_over(struct rs_intake *intake, size_t input, struct rs_error *err)
{
    if (intake->options.wants_all || !rs_input_failed_alone(err)) {
        return false;
    }
    intake->failures = rs_mem_grow(intake->failures, &intake->failure_capacity,
                                   intake->failure_count + 1, sizeof *intake->failures);
    intake->failures[intake->failure_count++] = (struct rs_intake_failure){input, *err};
    rs_error_clear(err);
    return true;
}

/* With the mutex held: note an error; of several, the first is the one to report. */
static enum rs_next stop(struct shared *shared, size_t input, struct rs_error *err)
{
    bool damaged = rs_input_failed_alone(err);
    if (shared->stopped) {
        rs_error_clear(err);
        return RS_NEXT_END;
    }
    shared->stopped = true;
    shared->intake->failed_input = damaged ? input : SIZE_MAX;
    return RS_NEXT_ERROR;
}

/* With the mutex held, but not meanwhile: turn the chunk into rows. */
static bool use_chunk(struct shared *shared, size_t input, unsigned with,
                      const struct rs_chunk *chunk, struct rs_error *err)
{
    struct rs_day_set seen = {0};
    struct chunk_news news = {.seen = shared->intake->options.seen ? &seen : NULL};
    (void)pthread_mutex_unlock(&shared->mutex);
    struct rs_batch *batch = project_chunk(shared->intake, with, input, chunk, &news);
    (void)pthread_mutex_lock(&shared->mutex);
    keep_batch(shared, batch, input, &news);
    return end_projecting(shared, with, err);
}

/*
 * Read one chunk of the slot's input, give the slot free for the next worker, and work on the
 * chunk. Begins without the mutex, which it takes only to note what came of it, and returns with
 * it held.
 */
static bool work_on(struct shared *shared, struct open_input *slot, unsigned worker,
                    struct rs_chunk *chunk, struct rs_error *err)
{
    struct rs_intake *intake = shared->intake;
    size_t input = slot->input;
    struct rs_reader *reader = slot->reader;
    enum rs_next next = read_chunk(intake, input, &reader, chunk, err);
    unsigned with = 0;
    (void)pthread_mutex_lock(&shared->mutex);
    slot->reader = reader;
    slot->busy = false;
    if (next == RS_NEXT_ERROR && !reader && pass_over(intake, input, err)) {
        next = RS_NEXT_END;
    } else if (next == RS_NEXT_END) {
        shared->done_bytes += rs_reader_consumed_bytes(reader);
        rs_reader_close(reader);
        slot->reader = NULL;
    } else if (next == RS_NEXT_ERROR) {
        next = stop(shared, input, err);
    }
    uint64_t turn = shared->next_turn++;
    (void)pthread_cond_broadcast(&shared->changed);
    if (next == RS_NEXT_ERROR ||
        !await_turn(shared, turn, worker, next == RS_NEXT_ITEM ? &with : NULL)) {
        return next != RS_NEXT_ERROR;
    }
    if (next == RS_NEXT_END) {
        rs_rows_finish_input(intake->rows, (uint32_t)input);
        return true;
    }
    return use_chunk(shared, input, with, chunk, err);
}

static bool read_events(void *arg, unsigned worker, struct rs_error *err)
{
    struct shared *shared = arg;
    const struct rs_env *env = shared->intake->options.env;
    struct rs_chunk chunk = {0};
    bool ok = true;
    (void)pthread_mutex_lock(&shared->mutex);
    while (ok && !shared->stopped && !all_read(shared)) {
        struct open_input *slot = find_slot(shared);
        if (!slot) {
            wait_for_change(shared);
            ok = rs_env_check_interrupt(env, err);
        } else {
            slot->busy = true;
            (void)pthread_mutex_unlock(&shared->mutex);
            ok = rs_env_check_interrupt(env, err); /* before work, so that Ctrl-C is prompt */
            if (ok) {
                ok = work_on(shared, slot, worker, &chunk, err);
            } else {
                (void)pthread_mutex_lock(&shared->mutex);
                slot->busy = false;
            }
            tell(shared);
        }
    }
    shared->stopped = shared->stopped || !ok;
    (void)pthread_cond_broadcast(&shared->changed);
    (void)pthread_mutex_unlock(&shared->mutex);
    rs_chunk_release(&chunk);
    return ok;
}

/* One that reads and projects for each processor; with them, those that wait for the network. */
static unsigned count_workers(const struct rs_intake_options *options)
{
    unsigned most = options->threads * FAR_READERS_A_THREAD;
    unsigned far = 0;
    most = most < FAR_READERS_MAX ? most : FAR_READERS_MAX;
    for (size_t i = 0; i < options->inputs->count && far < most; i++) {
        far += options->inputs->items[i].bucket && !options->left_out[i] ? 1 : 0;
    }
    return options->threads + far;
}

static int compare_failures(const void *left, const void *right)
{
    const struct rs_intake_failure *a = left;
    const struct rs_intake_failure *b = right;
    return (a->input > b->input) - (a->input < b->input);
}

bool rs_intake_run(struct rs_intake *intake, struct rs_error *err)
{
    struct rs_rows_visitor visitor = {keep_rejects, intake->rejects};
    struct shared shared = {
        .intake = intake,
        .slot_count = count_workers(&intake->options),
        .total_bytes = rs_input_list_total_bytes(intake->options.inputs, intake->options.left_out)};
    shared.open = rs_mem_zalloc(shared.slot_count, sizeof *shared.open);
    shared.projecting = rs_mem_zalloc(intake->options.threads, sizeof *shared.projecting);
    (void)pthread_mutex_init(&shared.mutex, NULL);
    (void)pthread_cond_init(&shared.changed, NULL);
    bool ok = rs_workers_run(shared.slot_count, read_events, &shared, err);
    for (unsigned i = 0; i < shared.slot_count; i++) {
        rs_reader_close(shared.open[i].reader);
    }
    if (intake->failure_count > 0) { /* workers come upon them in any order */
        qsort(intake->failures, intake->failure_count, sizeof *intake->failures, compare_failures);
    }
    intake->counts.bytes = shared.done_bytes;
    (void)pthread_cond_destroy(&shared.changed);
    (void)pthread_mutex_destroy(&shared.mutex);
    rs_mem_free(shared.open);
    rs_mem_free(shared.projecting);
    ok = ok && rs_rows_seal(intake->rows, intake->projectors, &visitor, err);
    rs_reject_log_seal(intake->rejects);
    return ok;
}
