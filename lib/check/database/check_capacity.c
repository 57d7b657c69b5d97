/*
 * Room on the disks, and room for tables. Disks are asked for where a user may be let see them,
 * the better source first: STV_NODE_STORAGE_CAPACITY knows the quota of managed storage, which
 * STV_PARTITIONS does not. SVV_TABLE_INFO tells only what tables take, and not of how much.
 */
#include <inttypes.h>

#include "check/database/database_facts.h"
#include "check/engine/shell_quote.h"
#include "check/engine/thresholds.h"
#include "warehouse/capacity.h"

/* node, used, capacity: MB */
static const struct {
    const char *table;
    const char *sql;
} disk_questions[] = {
    {"stv_node_storage_capacity",
     "SELECT node, used, capacity FROM pg_catalog.stv_node_storage_capacity"
     " WHERE capacity > 0 ORDER BY node"},
    {"stv_partitions",
     "SELECT owner, sum(used - tossed), sum(capacity) FROM pg_catalog.stv_partitions"
     " WHERE owner = host AND capacity > 0 GROUP BY owner ORDER BY owner"},
};

static const char tables_question[] = "SELECT sum(size) FROM pg_catalog.svv_table_info";
static const char database_question[] = "SELECT pg_database_size(current_database())";

/* Rows of node, used and capacity, added up; the fullest node goes to the details. */
static bool add_up(const struct rs_result *result, uint64_t *used, uint64_t *capacity,
                   struct rs_check_result *out, struct rs_error *err)
{
    double fullest = -1;
    struct rs_str node = RS_STR("");
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        uint64_t its[2] = {0, 0};
        if (!rs_result_u64(result, row, 1, &its[0], err) ||
            !rs_result_u64(result, row, 2, &its[1], err)) {
            return false;
        }
        if (rs_check_share_percent(its[0], its[1]) > fullest) {
            fullest = rs_check_share_percent(its[0], its[1]);
            node = rs_result_text(result, row, 0);
        }
        *used += its[0];
        *capacity += its[1];
    }
    if (rs_result_rows(result) > 1) {
        rs_check_detail(out, "the fullest node is %.*s: %.0f %%", RS_STR_ARG(node), fullest);
    }
    return true;
}

static void advise_disk(const struct rs_check_run *run, struct rs_check_result *out)
{
    rs_check_why(out, "a cluster whose disks are full refuses loads, and from 90 % on sorting and "
                      "joins, which need room of their own, fail");
    rs_check_step(out, "drop or truncate what nobody needs, and give back the room: VACUUM");
    rs_check_step(out, "Redshift console > Clusters > the cluster > Actions > Resize: more or "
                       "larger nodes");
    rs_check_sql(out, "SELECT \"schema\", \"table\", size FROM svv_table_info ORDER BY size DESC "
                      "LIMIT 20");
    rs_check_sql(out, "VACUUM DELETE ONLY");
    rs_check_command(out,
                     "aws redshift resize-cluster --cluster-identifier %s --number-of-nodes NUMBER",
                     rs_check_cluster_word(run, out));
}

static void say_disk(const struct rs_check_run *run, uint64_t used, uint64_t capacity,
                     struct rs_check_result *out)
{
    const enum rs_check_status status = rs_check_share_status(used, capacity);
    rs_check_say(out, status, "disk: %.1f %% used, %.1f of %.1f GB",
                 rs_check_share_percent(used, capacity), (double)used / 1024,
                 (double)capacity / 1024);
    if (status != RS_CHECK_PASS) {
        advise_disk(run, out);
    }
}

/* What tables take, where no more is shown. */
static void say_unknown(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_error err = {0};
    uint64_t size = 0;
    struct rs_result *result = rs_check_query(run, tables_question, NULL, 0, &err);
    const bool told = result && rs_result_rows(result) == 1 && !rs_result_is_null(result, 0, 0) &&
                      rs_result_u64(result, 0, 0, &size, &err);
    rs_result_free(result);
    if (told) {
        rs_check_say(out, RS_CHECK_UNKNOWN,
                     "disk: tables take %.1f GB, of how much is not shown to us",
                     (double)size / 1024);
    } else {
        rs_check_say(out, RS_CHECK_UNKNOWN, "disk: how full it is is not shown to us");
    }
    rs_check_why(out, "a cluster whose disks are full refuses loads");
    rs_check_step(out, "let the user see it: SELECT on stv_node_storage_capacity, by the role "
                       "sys:monitor; or look it up as an administrator");
    rs_check_sql(out, "GRANT ROLE sys:monitor TO %s", rs_check_sql_name(out, run->database->user));
    rs_check_step(out, "Redshift console > Clusters > the cluster > Cluster performance: "
                       "\"Percentage disk space used\"");
}

static void judge_disk(struct rs_check_run *run, struct rs_check_result *out)
{
    for (size_t i = 0; i < RS_COUNTOF(disk_questions); i++) {
        struct rs_error err = {0};
        uint64_t used = 0;
        uint64_t capacity = 0;
        struct rs_result *result = rs_check_query(run, disk_questions[i].sql, NULL, 0, &err);
        const bool told =
            result && rs_result_rows(result) > 0 && add_up(result, &used, &capacity, out, &err);
        rs_result_free(result);
        if (told) {
            say_disk(run, used, capacity, out);
            return;
        }
        if (err.code == RS_E_NET || err.code == RS_E_INTERRUPTED) {
            rs_check_say_error(out, RS_CHECK_FAIL, &err);
            return;
        }
        rs_check_detail(out, "%s: %s", disk_questions[i].table,
                        err.code == RS_OK ? "no rows" : rs_check_refusal(&err));
    }
    say_unknown(run, out);
}

static void judge_tables(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_capacity capacity = {0};
    struct rs_error err = {0};
    rs_check_statement_begin(run);
    const bool told = rs_capacity_read(run->database->session, &capacity, &err);
    rs_check_statement_end(run, &err);
    if (!told) {
        rs_check_say_error(out, rs_check_is_denied(&err) ? RS_CHECK_UNKNOWN : RS_CHECK_FAIL, &err);
        return;
    }
    const uint64_t limit = rs_capacity_limit(&capacity, 0);
    const enum rs_check_status status = rs_check_share_status(capacity.tables, limit);
    rs_check_say(out, status, "tables: %" PRIu64 " of the %" PRIu64 " that there may be",
                 capacity.tables, limit);
    if (capacity.slices == 0 && !run->database->serverless) {
        rs_check_detail(out, "the limit is that of large nodes; slices, which tell them, are not "
                             "shown to us");
    }
    if (status != RS_CHECK_PASS) {
        rs_check_why(out, "each event that is new makes a table, and a cluster takes only so many");
        rs_check_step(out, "drop tables that nobody needs, load fewer events (--select), or resize "
                           "to larger nodes");
        rs_check_sql(out, "SELECT nspname, count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = "
                          "relnamespace WHERE relkind = 'r' GROUP BY 1 ORDER BY 2 DESC");
    }
}

/* PostgreSQL tells how much there is, and not of how much: no privilege would. */
static void say_postgresql(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_error err = {0};
    uint64_t size = 0;
    struct rs_result *result = rs_check_query(run, database_question, NULL, 0, &err);
    const bool told = result && rs_result_u64(result, 0, 0, &size, &err);
    rs_result_free(result);
    if (told) {
        rs_check_say(out, RS_CHECK_SKIP,
                     "PostgreSQL does not tell how large its disk is; the database takes %.1f MB",
                     (double)size / (1 << 20));
    } else {
        rs_check_say_error(out, rs_check_is_denied(&err) ? RS_CHECK_UNKNOWN : RS_CHECK_FAIL, &err);
    }
}

static void say_redshift(struct rs_check_run *run, struct rs_check_result *out)
{
    if (run->database->serverless) {
        rs_check_detail(out, "Serverless has no disks to fill: its storage grows as it is used");
    } else {
        judge_disk(run, out);
    }
    judge_tables(run, out);
}

void rs_check_capacity(struct rs_check_run *run, struct rs_check_result *out)
{
    switch (run->database->dialect) {
    case RS_DIALECT_POSTGRESQL:
        say_postgresql(run, out);
        return;
    case RS_DIALECT_REDSHIFT:
        say_redshift(run, out);
        return;
    }
}
