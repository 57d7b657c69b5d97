/*
 * The course of a migration: catalogs, tables, a plan, then workers that take pieces, one of each table
 * in turn, so that loads of one table wait for each other as little as can be. The main thread carries
 * nothing; it shows how far the workers are and keeps the lock alive.
 *
 * A signal ends the run between two pieces: the sessions of the workers do not see it.
 */
#include "migrate/migrate.h"

#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "base/workers.h"
#include "ledger/lock.h"
#include "migrate/migration.h"
#include "migrate/piece_copy.h"

enum { TICK_MS = 50, GRACE_TICKS = 40, RUN_ID_SIZE = 32 };

static const int64_t TOUCH_US = (int64_t)120 * 1000 * 1000;

/* One piece of one table. */
struct errand {
    struct rs_migrate_part *part;
    const struct rs_piece *piece;
};

struct carriage {
    struct rs_migration *migration;
    struct rs_mover_shared shared;
    struct errand *errands;
    size_t count;
    struct rs_tickets tickets;
    pthread_mutex_t mutex; /* of what follows, and of the report */
    uint64_t done_rows;
    uint64_t total_rows;
    uint64_t bytes;
    atomic_uint alive;
    atomic_bool any;
    char null_text[RUN_ID_SIZE];
    char run_id[RUN_ID_SIZE];
};

static bool never_interrupted(const struct rs_env *env)
{
    (void)env;
    return false;
}

/* The first piece of each table, then the second of each, ... */
static void list_errands(struct carriage *carriage)
{
    struct rs_migration *migration = carriage->migration;
    size_t count = 0;
    for (size_t i = 0; i < migration->part_count; i++) {
        count += migration->parts[i].todo.count;
    }
    carriage->errands = rs_mem_zalloc(count + 1, sizeof *carriage->errands);
    for (size_t turn = 0; carriage->count < count; turn++) {
        for (size_t i = 0; i < migration->part_count; i++) {
            struct rs_migrate_part *part = &migration->parts[i];
            if (turn < part->todo.count) {
                carriage->errands[carriage->count++] =
                    (struct errand){part, &part->todo.pieces[turn]};
                carriage->total_rows += part->todo.pieces[turn].rows;
            }
        }
    }
}

static void note_moved(struct carriage *carriage, const struct errand *errand,
                       const struct rs_moved *moved)
{
    struct rs_migrate_report *report = carriage->migration->report;
    (void)pthread_mutex_lock(&carriage->mutex);
    carriage->done_rows += errand->piece->rows;
    carriage->bytes += moved->bytes;
    report->rows += moved->rows;
    report->bytes += moved->bytes;
    report->pieces++;
    errand->part->report->rows += moved->rows;
    errand->part->report->bytes += moved->bytes;
    errand->part->report->pieces++;
    (void)pthread_mutex_unlock(&carriage->mutex);
}

static bool carry(struct carriage *carriage, struct rs_mover *mover, const struct errand *errand,
                  struct rs_error *err)
{
    const struct rs_migration *migration = carriage->migration;
    struct rs_moved moved = {0, 0};
    struct rs_move move = {
        .place = rs_hosts_place(&migration->hosts),
        .from_schema = rs_strbuf_str(&migration->hosts.from_schema),
        .relation = errand->part->relation,
        .target = errand->part->target,
        .time = errand->part->time,
        .piece = errand->piece,
        .null_text = rs_str_from(carriage->null_text),
        .since = errand->part->since,
        .since_value = rs_str_from(errand->part->since_value),
        .key = rs_str_from(migration->options->key ? migration->options->key : "id"),
    };
    if (!rs_mover_run(mover, &move, &moved, err)) {
        return false;
    }
    note_moved(carriage, errand, &moved);
    return true;
}

/* Take pieces until there are no more, one fails, or a signal came. */
static bool work(struct carriage *carriage, struct rs_error *err)
{
    const struct rs_env *env = carriage->migration->env;
    struct rs_mover *mover = rs_mover_new(&carriage->shared);
    size_t next = 0;
    bool ok = true;
    while (ok && !env->interrupted(env) && rs_tickets_take(&carriage->tickets, &next)) {
        ok = carry(carriage, mover, &carriage->errands[next], err);
    }
    if (!ok) {
        rs_tickets_stop(&carriage->tickets);
    }
    rs_mover_free(mover);
    return ok;
}

static void show(struct carriage *carriage)
{
    const struct rs_migrate_options *options = carriage->migration->options;
    (void)pthread_mutex_lock(&carriage->mutex);
    struct rs_migrate_progress now = {carriage->done_rows, carriage->total_rows, carriage->bytes};
    (void)pthread_mutex_unlock(&carriage->mutex);
    if (options->progress) {
        options->progress(options->progress_arg, &now);
    }
}

/* The main thread's share: to watch. Where no thread could be started, it works itself. */
static bool watch(struct carriage *carriage, struct rs_error *err)
{
    const struct rs_env *env = carriage->migration->env;
    int64_t touched_us = env->monotonic_us(env);
    struct rs_error ignored = {0};
    for (unsigned tick = 0; !atomic_load(&carriage->any) || atomic_load(&carriage->alive) > 0;
         tick++) {
        if (!atomic_load(&carriage->any) && tick > GRACE_TICKS) {
            return work(carriage, err);
        }
        show(carriage);
        if (env->monotonic_us(env) - touched_us > TOUCH_US) {
            touched_us = env->monotonic_us(env);
            rs_session_shield(carriage->migration->lock, true);
            (void)!rs_lock_touch(carriage->migration->lock, &ignored); /* asked once more below */
        }
        env->sleep_ms(env, TICK_MS);
    }
    show(carriage);
    return true;
}

static bool share(void *arg, unsigned worker, struct rs_error *err)
{
    struct carriage *carriage = arg;
    if (worker == 0) {
        return watch(carriage, err);
    }
    atomic_fetch_add(&carriage->alive, 1);
    atomic_store(&carriage->any, true);
    bool ok = work(carriage, err);
    atomic_fetch_sub(&carriage->alive, 1);
    return ok;
}

static void name_run(struct carriage *carriage)
{
    const struct rs_env *env = carriage->migration->env;
    struct rs_strbuf text = RS_STRBUF_INIT(RUN_ID_SIZE);
    rs_strbuf_printf(&text, "%016llx", (unsigned long long)env->random_u64(env));
    memcpy(carriage->run_id, rs_strbuf_cstr(&text), text.length + 1);
    rs_strbuf_reset(&text);
    rs_strbuf_printf(&text, "null%016llx", (unsigned long long)env->random_u64(env));
    memcpy(carriage->null_text, rs_strbuf_cstr(&text), text.length + 1);
    rs_strbuf_release(&text);
}

static bool check_lock(const struct rs_migration *migration, struct rs_error *err)
{
    rs_session_shield(migration->lock, true);
    if (rs_lock_touch(migration->lock, err)) {
        return true;
    }
    rs_error_prefix(err, "could not go on: the lock of schema \"%s\" was lost",
                    rs_strbuf_cstr(&migration->hosts.to_schema));
    return rs_error_hint(err, "run again: pieces that were carried stay, and nothing doubles");
}

static bool carry_all(struct rs_migration *migration, const struct rs_depot *depot,
                      struct rs_error *err)
{
    unsigned jobs = migration->options->jobs ? migration->options->jobs : RS_MIGRATE_JOBS;
    struct carriage carriage = {
        .migration = migration, .tickets = RS_TICKETS_INIT(0), .mutex = PTHREAD_MUTEX_INITIALIZER};
    name_run(&carriage);
    carriage.shared = (struct rs_mover_shared){.env = &migration->deaf,
                                               .from = migration->hosts.from,
                                               .to = migration->hosts.to,
                                               .depot = depot,
                                               .from_role = migration->options->from_role,
                                               .to_role = migration->options->to_role,
                                               .run_id = rs_str_from(carriage.run_id)};
    list_errands(&carriage);
    carriage.tickets.count = carriage.count;
    if (migration->options->what == RS_MIGRATE_LEDGER) {
        jobs = 1; /* in their order */
    }
    jobs = carriage.count < jobs ? (unsigned)carriage.count : jobs;
    bool ok = jobs == 0 || rs_workers_run(jobs + 1, share, &carriage, err);
    migration->report->pieces_left = carriage.count - migration->report->pieces;
    rs_mem_free(carriage.errands);
    return ok && check_lock(migration, err) &&
           (migration->report->pieces_left == 0 || rs_env_check_interrupt(migration->env, err));
}

/* All that goes by S3, or needs none. */
static bool carry_by(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_relation_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf folder = RS_STRBUF_INIT(256);
    struct rs_depot *depot = NULL;
    if (place.from == RS_DIALECT_POSTGRESQL && place.to == RS_DIALECT_POSTGRESQL) {
        return carry_all(migration, NULL, err);
    }
    if (!migration->options->stage) {
        rs_error_set(err, RS_E_USAGE, "no place in S3 is given");
        return rs_error_hint(err, "rows of Redshift go by S3: name a prefix with "
                                  "--stage=s3://BUCKET/PREFIX");
    }
    rs_hosts_append_folder(&migration->hosts, &folder);
    struct rs_depot_options options = {.account = migration->options->account,
                                       .stage = migration->options->stage,
                                       .folder = rs_strbuf_str(&folder)};
    depot = rs_depot_open(&migration->deaf, &options, err);
    bool ok = depot != NULL;
    if (ok) {
        struct rs_s3 *s3 = rs_depot_s3(depot);
        ok = rs_depot_clear(depot, s3, RS_STR(""), NULL, err) && carry_all(migration, depot, err);
        rs_s3_free(s3);
    }
    rs_depot_close(depot);
    rs_strbuf_release(&folder);
    return ok;
}

static void tell_views(struct rs_migration *migration)
{
    for (size_t i = 0; i < migration->old.view_count; i++) {
        rs_migrate_notice(migration->report, "view \"%.*s\" is not migrated: make it anew",
                          RS_STR_ARG(migration->old.views[i]));
    }
}

static bool read_catalogs(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_hosts *hosts = &migration->hosts;
    if (!rs_relations_read(hosts->from_session, rs_strbuf_str(&hosts->from_schema), &migration->old,
                           err) ||
        !rs_relations_read(hosts->to_session, rs_strbuf_str(&hosts->to_schema), &migration->new,
                           err)) {
        return false;
    }
    if (!migration->old.exists) {
        return rs_error_set(err, RS_E_DATABASE,
                            "could not migrate: the old host has no schema "
                            "\"%s\"",
                            rs_strbuf_cstr(&hosts->from_schema));
    }
    return true;
}

static void release(struct rs_migration *migration)
{
    for (size_t i = 0; i < migration->part_count; i++) {
        rs_pieces_release(&migration->parts[i].done);
        rs_pieces_release(&migration->parts[i].todo);
        rs_mem_free(migration->parts[i].since_value);
    }
    rs_mem_free(migration->parts);
    rs_relations_release(&migration->old);
    rs_relations_release(&migration->new);
    rs_session_close(migration->lock);
    rs_hosts_close(&migration->hosts);
}

bool rs_migrate_run(const struct rs_env *env, const struct rs_migrate_options *options,
                    struct rs_migrate_report *report, struct rs_error *err)
{
    struct rs_migration migration = {
        .env = env, .deaf = *env, .options = options, .report = report, .hosts = {.env = env}};
    migration.deaf.interrupted = never_interrupted;
    int64_t begun_us = env->monotonic_us(env);
    bool ok = rs_hosts_open(env, &options->hosts, &migration.hosts, err) &&
              read_catalogs(&migration, err) && rs_migrate_prepare(&migration, err) &&
              rs_migrate_make_tables(&migration, err) &&
              (options->since ? rs_migrate_plan_since(&migration, err)
                              : rs_migrate_plan(&migration, err)) &&
              carry_by(&migration, err) && rs_migrate_advance(&migration, err);
    if (ok && options->what == RS_MIGRATE_ROWS) {
        tell_views(&migration);
    }
    report->seconds += (double)(env->monotonic_us(env) - begun_us) / 1e6;
    release(&migration);
    return ok;
}
