/*
 * The lock's two 32-bit keys are a constant of ours and a hash of the schema's name; advisory
 * locks are per database already. Two names with one hash only keep each other waiting.
 */
#include "rs/sync/lock.h"

#include "rs/base/map.h"
#include "rs/base/strbuf.h"
#include "rs/warehouse/load.h"

enum { LOCK_CLASS = 0x72736c6b }; /* "rslk" */

static bool try_lock(struct rs_session *session, struct rs_str schema, bool *taken,
                     struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_printf(&sql, "SELECT pg_try_advisory_lock(%d, %d)", LOCK_CLASS,
                     (int)(int32_t)(uint32_t)rs_hash64(schema, 0));
    struct rs_result *result = rs_session_query(session, &sql, err);
    *taken = result && rs_str_equal(rs_result_text(result, 0, 0), RS_STR("t"));
    rs_strbuf_release(&sql);
    rs_result_free(result);
    return result != NULL;
}

bool rs_lock_take(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    bool taken = false;
    if (!try_lock(session, schema, &taken, err)) {
        rs_error_prefix(err, "could not lock schema \"%.*s\"", RS_STR_ARG(schema));
        return false;
    }
    if (!taken) {
        (void)rs_error_set(err, RS_E_BUSY,
                           "could not start: another run is loading schema \"%.*s\"",
                           RS_STR_ARG(schema));
        err->retryable = true;
        return rs_error_hint(err, "try again when it has ended; nothing was changed");
    }
    return rs_load_drain(session, schema, err);
}
