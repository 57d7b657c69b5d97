/*
 * A lot's rows stand in two texts, with the place where each ends, so that any part can be sent. What is
 * played begins as the load in load.c does, which asks for it.
 */
#include "ledger/refused_rows.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "warehouse/script.h"

enum {
    LOT_BYTES = 4 << 20,
    LOT_ROWS = 4096,
    ROW_MAX_BYTES = 1 << 30, /* of a lot: its last row may be long */
};

/* A row of a lot: where it ends. */
struct row {
    uint64_t ref;
    size_t rows_end;
    size_t times_end;
};

struct finder {
    struct rs_load_taker taker; /* first, so that the taker is the finder */
    struct rs_session *session;
    const struct rs_load_request *request;
    const struct rs_script *script;
    struct rs_strbuf rows;
    struct rs_strbuf times;
    struct row lot[LOT_ROWS];
    size_t count;
    uint64_t refused;
};

bool rs_refused_rows_is_cause(const struct rs_error *err)
{
    return err->code == RS_E_DATABASE && strcmp(err->detail, "54000") == 0;
}

static bool take(struct rs_strbuf *buf, const void *bytes, size_t count, struct rs_error *err)
{
    rs_strbuf_append_bytes(buf, bytes, count);
    return rs_strbuf_ok(buf) || rs_error_set(err, RS_E_LIMIT, "a row is longer than 1 GiB");
}

static bool take_rows(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    return take(&((struct finder *)sink)->rows, bytes, count, err);
}

static bool take_times(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct finder *finder = (struct finder *)((char *)sink - offsetof(struct finder, taker.times));
    return take(&finder->times, bytes, count, err);
}

static bool copy_part(struct rs_session *session, const struct rs_strbuf *sql,
                      const struct rs_strbuf *text, size_t begin, size_t end, struct rs_error *err)
{
    struct rs_sink *sink = rs_session_copy_begin(session, sql, err);
    return sink && (begin == end || sink->write(sink, text->data + begin, end - begin, err)) &&
           rs_session_copy_end(session, NULL, err);
}

/* Take the script's steps on rows, with the rows [begin, end) of the lot. */
static bool run_rows(const struct finder *finder, size_t begin, size_t end, struct rs_error *err)
{
    const struct row *last = &finder->lot[end - 1];
    const struct row none = {0};
    const struct row *before = begin > 0 ? &finder->lot[begin - 1] : &none;
    bool ok = true;
    for (size_t i = 0; ok && i < finder->script->count; i++) {
        const struct rs_script_step *step = &finder->script->steps[i];
        if (!step->of_rows) {
            continue;
        }
        if (step->kind == RS_SCRIPT_COPY_ROWS) {
            ok = copy_part(finder->session, &step->sql, &finder->rows, before->rows_end,
                           last->rows_end, err);
        } else if (step->kind == RS_SCRIPT_COPY_TIMES) {
            ok = copy_part(finder->session, &step->sql, &finder->times, before->times_end,
                           last->times_end, err);
        } else {
            ok = rs_session_exec(finder->session, &step->sql, NULL, err);
        }
    }
    return ok;
}

/*
 * Find the rows in [begin, end) of the lot that are refused. The savepoint stays where it is: one a
 * try would be inside the one before, and slow the server down by their number.
 */
static bool find_in(struct finder *finder, size_t begin, size_t end, struct rs_error *err)
{
    struct rs_error why = {0};
    if (begin == end) {
        return true;
    }
    bool stored = run_rows(finder, begin, end, &why);
    if (!stored && !rs_refused_rows_is_cause(&why)) {
        *err = why;
        return false;
    }
    rs_session_copy_abort(finder->session, "the row is refused");
    if (!rs_session_exec_text(finder->session, "ROLLBACK TO rs_rows", err)) {
        return false;
    }
    if (stored) {
        return true;
    }
    if (end - begin == 1) {
        finder->request->refusals.refuse(finder->request->refusals.arg, finder->lot[begin].ref);
        finder->refused++;
        return true;
    }
    size_t middle = begin + (end - begin) / 2;
    return find_in(finder, begin, middle, err) && find_in(finder, middle, end, err);
}

static bool end_lot(struct finder *finder, struct rs_error *err)
{
    bool ok = find_in(finder, 0, finder->count, err);
    finder->count = 0;
    rs_strbuf_reset(&finder->rows);
    rs_strbuf_reset(&finder->times);
    return ok;
}

static bool end_row(struct rs_load_taker *taker, uint64_t ref, struct rs_error *err)
{
    struct finder *finder = (struct finder *)taker;
    finder->lot[finder->count++] = (struct row){ref, finder->rows.length, finder->times.length};
    return (finder->count < LOT_ROWS && finder->rows.length < LOT_BYTES) || end_lot(finder, err);
}

/* What the rows will meet: the columns, the batch, the index. */
static bool prepare(const struct finder *finder, struct rs_error *err)
{
    bool skip = false;
    bool ok = true;
    for (size_t i = 0; ok && i < finder->script->count; i++) {
        const struct rs_script_step *step = &finder->script->steps[i];
        if (step->of_rows || skip) {
            skip = false;
            continue;
        }
        if (step->kind == RS_SCRIPT_UNLESS) {
            struct rs_result *result = rs_session_query(finder->session, &step->sql, err);
            skip = result && rs_result_rows(result) > 0;
            rs_result_free(result);
            ok = err->code == RS_OK;
        } else if (step->kind == RS_SCRIPT_BEGIN) {
            ok = rs_load_begin(finder->session, finder->request, err);
        } else {
            ok = rs_session_exec(finder->session, &step->sql, NULL, err);
        }
    }
    return ok;
}

bool rs_refused_rows_find(struct rs_session *session, const struct rs_load_request *request,
                          uint64_t *count, struct rs_error *err)
{
    struct rs_script script = {NULL, 0, 0};
    struct rs_script_target target = {
        .plan = request->plan, .table = request->table, .null_text = request->null_text};
    struct finder *finder = rs_mem_zalloc(1, sizeof *finder);
    rs_script_make(&script, &target);
    finder->taker = (struct rs_load_taker){{take_rows}, {take_times}, end_row};
    finder->session = session;
    finder->request = request;
    finder->script = &script;
    finder->rows = RS_STRBUF_INIT(ROW_MAX_BYTES);
    finder->times = RS_STRBUF_INIT(ROW_MAX_BYTES);
    bool ok = prepare(finder, err) && rs_session_exec_text(session, "SAVEPOINT rs_rows", err) &&
              request->refusals.encode(request->refusals.arg, &finder->taker, err) &&
              end_lot(finder, err);
    rs_session_rollback(session);
    *count = finder->refused;
    rs_script_release(&script);
    rs_strbuf_release(&finder->rows);
    rs_strbuf_release(&finder->times);
    rs_mem_free(finder);
    return ok;
}
