/*
 * The course of a migration: catalogs, tables, a plan, then workers that take pieces, one of each
 * table in turn, so that loads of one table wait for each other as little as can be. The main
 * thread copies nothing; it keeps the lock alive.
 *
 * A signal ends the run between two pieces: the sessions of the workers do not see it.
 */
#include "migrate/migrate.h"

#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "base/workers.h"
#include "connect/s3_access.h"
#include "migrate/migrate_plan.h"
#include "migrate/migrate_report.h"
#include "migrate/migrate_sequences.h"
#include "migrate/migrate_tables.h"
#include "migrate/migration.h"
#include "migrate/piece_copy.h"
#include "warehouse/target.h"

enum { TICK_MS = 50, GRACE_TICKS = 40, RUN_ID_SIZE = 32 };

/* One piece of one table. */
struct piece_task {
    struct rs_migrated_table *migrated;
    const struct rs_piece *piece;
};

struct copying {
    struct rs_migration *migration;
    struct rs_piece_copy_shared shared;
    struct piece_task *tasks;
    size_t count;
    struct rs_tickets tickets;
    pthread_mutex_t mutex; /* of the report */
    uint64_t total_rows;
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
static void list_tasks(struct copying *copying)
{
    struct rs_migration *migration = copying->migration;
    size_t count = 0;
    for (size_t i = 0; i < migration->migrated_count; i++) {
        count += migration->migrated[i].todo.count;
    }
    copying->tasks = rs_mem_zalloc(count + 1, sizeof *copying->tasks);
    for (size_t turn = 0; copying->count < count; turn++) {
        for (size_t i = 0; i < migration->migrated_count; i++) {
            struct rs_migrated_table *migrated = &migration->migrated[i];
            if (turn < migrated->todo.count) {
                copying->tasks[copying->count++] =
                    (struct piece_task){migrated, &migrated->todo.pieces[turn]};
                copying->total_rows += migrated->todo.pieces[turn].rows;
            }
        }
    }
}

/* What --since cannot see: rows that are gone, and those that are older than what it looks at. */
static void tell_counts(struct rs_migrate_report *report, struct rs_migrate_table *table,
                        const struct rs_piece_copied *copied)
{
    if (copied->new_rows > copied->old_rows) {
        table->extra_rows = copied->new_rows - copied->old_rows;
        rs_migrate_notice(report,
                          "table \"%s\": %llu more rows on the new host than on the old one, where "
                          "they were removed or have another key: --again=%s carries it anew",
                          table->name, (unsigned long long)table->extra_rows, table->name);
    } else if (copied->new_rows < copied->old_rows) {
        table->missing_rows = copied->old_rows - copied->new_rows;
        rs_migrate_notice(report,
                          "table \"%s\": %llu rows less on the new host than on the old one: they "
                          "came late, or with old stamps; a greater --overlap, or --again=%s, "
                          "carries them",
                          table->name, (unsigned long long)table->missing_rows, table->name);
    }
}

static void note_copied(struct copying *copying, const struct piece_task *piece_task,
                        const struct rs_piece_copied *copied)
{
    struct rs_migrate_report *report = copying->migration->report;
    (void)pthread_mutex_lock(&copying->mutex);
    report->rows += copied->rows;
    report->bytes += copied->bytes;
    report->pieces++;
    piece_task->migrated->report->rows += copied->rows;
    piece_task->migrated->report->bytes += copied->bytes;
    piece_task->migrated->report->pieces++;
    if (piece_task->piece->kind == RS_PIECE_SINCE) {
        tell_counts(report, piece_task->migrated->report, copied);
    }
    (void)pthread_mutex_unlock(&copying->mutex);
}

static bool copy_piece(struct copying *copying, struct rs_piece_copy *copy,
                       const struct piece_task *piece_task, struct rs_error *err)
{
    const struct rs_migration *migration = copying->migration;
    struct rs_piece_copied copied = {.rows = 0};
    struct rs_piece_spec spec = {
        .place = rs_hosts_place(&migration->hosts),
        .from_schema = rs_strbuf_str(&migration->hosts.from_schema),
        .definition = piece_task->migrated->definition,
        .target = piece_task->migrated->target,
        .time = piece_task->migrated->time,
        .piece = piece_task->piece,
        .null_text = rs_str_from(copying->null_text),
        .since = piece_task->migrated->since,
        .since_value = rs_str_from(piece_task->migrated->since_value),
        .key = &piece_task->migrated->key,
        .is_marked = piece_task->migrated->is_marked,
        .overlap = rs_strbuf_str(&piece_task->migrated->overlap),
        .seen = piece_task->migrated->seen,
    };
    struct rs_meter_piece under_way = {0};
    rs_meter_begin(&under_way, migration->options->meter, spec.definition->name,
                   (double)piece_task->piece->rows);
    bool ok = rs_piece_copy_run(copy, &spec, &under_way, &copied, err);
    rs_meter_end(&under_way);
    if (!ok) {
        return false;
    }
    note_copied(copying, piece_task, &copied);
    return true;
}

/* Take pieces until there are no more, one fails, or a signal came. */
static bool work(struct copying *copying, struct rs_error *err)
{
    const struct rs_env *env = copying->migration->env;
    struct rs_piece_copy *copy = rs_piece_copy_new(&copying->shared);
    size_t next = 0;
    bool ok = true;
    while (ok && !env->interrupted(env) && rs_tickets_take(&copying->tickets, &next)) {
        ok = copy_piece(copying, copy, &copying->tasks[next], err);
    }
    if (!ok) {
        rs_tickets_stop(&copying->tickets);
    }
    rs_piece_copy_free(copy);
    return ok;
}

/* The main thread's share: to watch. Where no thread could be started, it works itself. */
static bool watch(struct copying *copying, struct rs_error *err)
{
    const struct rs_env *env = copying->migration->env;
    const struct rs_migrate_options *options = copying->migration->options;
    struct rs_error ignored = {0}; /* the lock is asked once more when all are copied */
    copying->migration->lock.next_tick_us = env->monotonic_us(env) + RS_SCHEMA_LOCK_TICK_US;
    for (unsigned tick = 0; !atomic_load(&copying->any) || atomic_load(&copying->alive) > 0;
         tick++) {
        if (!atomic_load(&copying->any) && tick > GRACE_TICKS) {
            return work(copying, err);
        }
        if (options->tick) {
            options->tick(options->tick_arg);
        }
        (void)rs_schema_lock_tick(&copying->migration->lock, env, &ignored);
        env->sleep_ms(env, TICK_MS);
    }
    return true;
}

static bool share(void *arg, unsigned worker, struct rs_error *err)
{
    struct copying *copying = arg;
    if (worker == 0) {
        return watch(copying, err);
    }
    atomic_fetch_add(&copying->alive, 1);
    atomic_store(&copying->any, true);
    bool ok = work(copying, err);
    atomic_fetch_sub(&copying->alive, 1);
    return ok;
}

static void name_run(struct copying *copying)
{
    const struct rs_env *env = copying->migration->env;
    struct rs_strbuf text = RS_STRBUF_INIT(RUN_ID_SIZE);
    rs_strbuf_printf(&text, "%016llx", (unsigned long long)env->random_u64(env));
    memcpy(copying->run_id, rs_strbuf_cstr(&text), text.length + 1);
    rs_strbuf_reset(&text);
    rs_strbuf_printf(&text, "null%016llx", (unsigned long long)env->random_u64(env));
    memcpy(copying->null_text, rs_strbuf_cstr(&text), text.length + 1);
    rs_strbuf_release(&text);
}

static bool copy_all(struct rs_migration *migration, const struct rs_s3_place *place,
                     const struct rs_account *account, struct rs_error *err)
{
    unsigned jobs = migration->options->jobs ? migration->options->jobs : RS_MIGRATE_JOBS;
    struct copying copying = {
        .migration = migration, .tickets = RS_TICKETS_INIT(0), .mutex = PTHREAD_MUTEX_INITIALIZER};
    name_run(&copying);
    copying.shared = (struct rs_piece_copy_shared){.env = &migration->uninterrupted_env,
                                                   .from = migration->hosts.from,
                                                   .to = migration->hosts.to,
                                                   .place = place,
                                                   .account = account,
                                                   .account_options = &migration->options->account,
                                                   .from_role = migration->options->from_role,
                                                   .to_role = migration->options->to_role,
                                                   .run_id = rs_str_from(copying.run_id)};
    list_tasks(&copying);
    copying.tickets.count = copying.count;
    if (migration->options->what == RS_MIGRATE_LEDGER) {
        jobs = 1; /* in their order */
    }
    jobs = copying.count < jobs ? (unsigned)copying.count : jobs;
    rs_meter_enter(migration->options->meter, "migrating",
                   &(struct rs_meter_work){.total = (double)copying.total_rows,
                                           .pieces = copying.count,
                                           .noun = "pieces",
                                           .unit = "rows"});
    bool ok = jobs == 0 || rs_workers_run(jobs + 1, share, &copying, err);
    migration->report->pieces_left = copying.count - migration->report->pieces;
    rs_mem_free(copying.tasks);
    return ok && rs_schema_lock_check(&migration->lock, err) &&
           (migration->report->pieces_left == 0 || rs_env_check_interrupt(migration->env, err));
}

/* One run at a time uses the place, so what lies there is of one that was killed. */
static bool copy_by_place(struct rs_migration *migration, struct rs_s3_place *place,
                          struct rs_error *err)
{
    struct rs_account *account =
        rs_account_open(&migration->uninterrupted_env, &migration->options->account, err);
    struct rs_s3 *s3 = account ? rs_account_s3(account, NULL) : NULL;
    struct rs_s3_removal removal = {.prefix = rs_strbuf_str(&place->prefix)};
    bool ok = s3 && rs_s3_place_find_region(place, account, s3, err) &&
              rs_s3_place_remove(place, s3, &removal, err) &&
              copy_all(migration, place, account, err);
    rs_s3_free(s3);
    rs_account_close(account);
    return ok;
}

/* Nothing is made for rows that cannot be carried. */
static bool check_access(const struct rs_migration *migration, struct rs_error *err)
{
    const struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    const struct rs_migrate_options *options = migration->options;
    return (!rs_dialect_facts(place.from)->loads_from_s3 ||
            rs_s3_access_check(migration->hosts.from_session, options->from_role, "--from-iam-role",
                               err)) &&
           (!rs_dialect_facts(place.to)->loads_from_s3 ||
            rs_s3_access_check(migration->hosts.to_session, options->to_role, "--to-iam-role",
                               err));
}

/* All that goes by S3, or needs none. */
static bool copy_rows(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf folder = RS_STRBUF_INIT(256);
    struct rs_s3_place stage;
    if (!rs_dialect_facts(place.from)->loads_from_s3 &&
        !rs_dialect_facts(place.to)->loads_from_s3) {
        return copy_all(migration, NULL, NULL, err);
    }
    if (!migration->options->stage) {
        rs_error_set(err, RS_E_USAGE, "no place in S3 is given");
        return rs_error_hint(err, "rows of Redshift go by S3: name a prefix with "
                                  "--stage=s3://BUCKET/PREFIX");
    }
    rs_strbuf_append(&folder, "migrate/");
    rs_hosts_append_folder(&migration->hosts, &folder);
    rs_strbuf_append_char(&folder, '/');
    bool ok = rs_s3_place_init(&stage, migration->options->stage, rs_strbuf_str(&folder), err) &&
              copy_by_place(migration, &stage, err);
    rs_s3_place_release(&stage);
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

static void release(struct rs_migration *migration)
{
    for (size_t i = 0; i < migration->migrated_count; i++) {
        rs_pieces_release(&migration->migrated[i].done);
        rs_pieces_release(&migration->migrated[i].todo);
        rs_pieces_release(&migration->migrated[i].kept);
        rs_mem_free(migration->migrated[i].since_value);
        rs_strbuf_release(&migration->migrated[i].overlap);
    }
    rs_mem_free(migration->migrated);
    rs_table_definitions_release(&migration->old);
    rs_table_definitions_release(&migration->new);
    rs_session_close(migration->lock.session);
    rs_hosts_close(&migration->hosts);
}

bool rs_migrate_run(const struct rs_env *env, const struct rs_migrate_options *options,
                    struct rs_migrate_report *report, struct rs_error *err)
{
    struct rs_migration migration = {.env = env,
                                     .uninterrupted_env = *env,
                                     .options = options,
                                     .report = report,
                                     .hosts = {.env = env}};
    migration.uninterrupted_env.interrupted = never_interrupted;
    int64_t begun_us = env->monotonic_us(env);
    bool ok =
        rs_hosts_open(env, &options->hosts, &migration.hosts, err) &&
        rs_target_check(migration.hosts.to_session, rs_strbuf_str(&migration.hosts.to_schema),
                        err) &&
        check_access(&migration, err) &&
        rs_hosts_read_tables(&migration.hosts, "migrate", &migration.old, &migration.new, err) &&
        rs_migrate_prepare(&migration, err) && rs_migrate_make_tables(&migration, err) &&
        rs_migrate_plan(&migration, err) && copy_rows(&migration, err) &&
        rs_migrate_settle(&migration, err) && rs_migrate_set_sequences(&migration, err);
    if (ok && options->what == RS_MIGRATE_ROWS) {
        tell_views(&migration);
    }
    report->seconds += (double)(env->monotonic_us(env) - begun_us) / 1e6;
    release(&migration);
    return ok;
}
