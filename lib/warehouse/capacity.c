/*
 * Two queries that return a number each. The second is about what a user may have no right to
 * see, so a refusal is an answer as well.
 */
#include "warehouse/capacity.h"

#include "base/log.h"
#include "warehouse/warehouse_queries.h"

/* Run a query for one number; NULL is 0. */
static bool ask(struct rs_session *session, const char *sql, uint64_t *out, struct rs_error *err)
{
    struct rs_result *result = rs_session_query_params(session, sql, NULL, 0, err);
    uint64_t number = 0;
    bool some = result && rs_result_rows(result) > 0 && !rs_result_is_null(result, 0, 0);
    bool ok = result && (!some || rs_result_u64(result, 0, 0, &number, err));
    rs_result_free(result);
    *out = ok ? number : *out;
    return ok;
}

bool rs_capacity_count(struct rs_session *session, uint64_t *out, struct rs_error *err)
{
    if (!ask(session, rs_query_table_count, out, err)) {
        rs_error_prefix(err, "could not count the tables of the database");
        return false;
    }
    return true;
}

bool rs_capacity_read(struct rs_session *session, struct rs_capacity *out, struct rs_error *err)
{
    struct rs_capacity capacity = {0};
    if (!rs_capacity_count(session, &capacity.tables, err)) {
        return false;
    }
    if (!ask(session, rs_query_slices, &capacity.slices, err)) {
        if (err->code != RS_E_DATABASE || err->retryable) {
            rs_error_prefix(err, "could not count the slices of the cluster");
            return false;
        }
        rs_log(&rs_session_env(session)->log, RS_LOG_DEBUG, "could not count slices: %s",
               err->message);
        rs_error_clear(err);
    }
    *out = capacity;
    return true;
}

uint64_t rs_capacity_limit(const struct rs_capacity *capacity, uint64_t max_tables)
{
    if (max_tables > 0) {
        return max_tables;
    }
    bool large = capacity->slices == 0 || capacity->slices >= RS_CAPACITY_LARGE_SLICES;
    return large ? RS_CAPACITY_LARGE : RS_CAPACITY_SMALL;
}

uint64_t rs_capacity_room(const struct rs_capacity *capacity, uint64_t max_tables)
{
    uint64_t limit = rs_capacity_limit(capacity, max_tables);
    uint64_t taken = capacity->tables + (max_tables > 0 ? 0 : RS_CAPACITY_SPARE);
    return taken < limit ? limit - taken : 0;
}
