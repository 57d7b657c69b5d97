/*
 * loading.h - load CSV text into a table of the test's schema, as a run does.
 *
 *   struct loading load;
 *   loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);     id, received_at, uuid_ts
 *   loading_column(&load, "age", bigint, 2);
 *   load.rows = "a,2026-01-01,2026-01-02,7\n";
 *   assert_true(loading_run(&load, &rows, &err));            catalog, plan, ledger, load
 *
 * Included after database.h.
 */
#ifndef RS_TESTS_LOADING_H
#define RS_TESTS_LOADING_H

#include "ledger/ledger_runs.h"
#include "ledger/load.h"
#include "transform/coltype.h"
#include "unit.h"
#include "warehouse/catalog.h"
#include "warehouse/plan.h"

struct loading {
    struct database *db;
    struct rs_schema wanted;
    const char *rows;
    const char *times;
    const char *fail; /* the encoder writes the rows and then fails with this */
    unsigned calls;   /* of the encoder */
    bool again;       /* a try before lost its connection */
    unsigned lock_wait_ms;
};

static inline void loading_column(struct loading *load, const char *name, enum rs_type type,
                                  uint64_t max_bytes)
{
    struct rs_coltype column = {.type = type};
    if (type == RS_TYPE_VARCHAR) {
        column.length = rs_coltype_varchar_length(max_bytes);
    }
    rs_table_add_column(&load->wanted, &load->wanted.tables[0], rs_str_from(name), column,
                        max_bytes);
}

static inline void loading_begin(struct loading *load, struct database *db, const char *table,
                                 enum rs_table_kind kind)
{
    *load = (struct loading){.db = db, .rows = "", .times = ""};
    rs_schema_init(&load->wanted, db->schema);
    rs_schema_add_table(&load->wanted, rs_str_from(table), kind);
    loading_column(load, "id", RS_TYPE_VARCHAR, 20);
    loading_column(load, "received_at", RS_TYPE_TIMESTAMP, 20);
    loading_column(load, "uuid_ts", RS_TYPE_TIMESTAMP, 20);
}

static inline bool loading_encode_rows(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    struct loading *load = arg;
    load->calls++;
    return sink->write(sink, load->rows, strlen(load->rows), err) &&
           (!load->fail || rs_error_set(err, RS_E_IO, "%s", load->fail));
}

static inline bool loading_encode_times(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    const struct loading *load = arg;
    return sink->write(sink, load->times, strlen(load->times), err);
}

/* Plan and load; frees what loading_begin made. */
static inline bool loading_run(struct loading *load, uint64_t *rows, struct rs_error *err)
{
    struct rs_schema existing = {0};
    struct rs_plan plan = {0};
    struct rs_session *session = load->db->session;
    if (!rs_ledger_ensure(session, load->db->schema, err) ||
        !rs_catalog_read(session, load->db->schema, &existing, err)) {
        fail_msg("%s", err->message);
    }
    rs_plan_make(&load->wanted, &existing, RS_DIALECT_POSTGRESQL, NULL, &plan);
    struct rs_load_request request = {
        .plan = &plan,
        .table = &load->wanted.tables[0],
        .null_text = RS_STR("\\N"),
        .rows = {loading_encode_rows, load},
        .times = {loading_encode_times, load},
        .sync_id = RS_STR("it's a run"),
        .again = load->again,
        .lock_wait_ms = load->lock_wait_ms,
    };
    struct rs_load_result result = {0};
    bool ok = rs_load_table(session, &request, &result, err);
    *rows = ok ? result.rows : *rows;
    rs_plan_release(&plan);
    rs_schema_release(&existing);
    rs_schema_release(&load->wanted);
    return ok;
}

/* Run a load that must succeed; returns its rows. */
static inline uint64_t loading_must(struct loading *load)
{
    struct rs_error err = {0};
    uint64_t rows = 0;
    if (!loading_run(load, &rows, &err)) {
        fail_msg("%s (%s)", err.message, err.detail);
    }
    return rows;
}

#endif
