/*
 * The catalog is read only when the server has refused, or nothing may be changed (--plan): all of
 * it, as rs_table_definitions_read does, and what holds on to the one column.
 *
 * The statements of a replacement are one text. A transaction that fails in the middle is rolled
 * back, and the table is as it was; one whose COMMIT was lost is known by the column's length.
 */
#include "warehouse/widen.h"

#include <string.h>

#include "rs/name.h"
#include "warehouse/ddl.h"
#include "warehouse/lock_holder.h"
#include "warehouse/table_definition_read.h"
#include "warehouse/warehouse_queries.h"

enum { LOCK_WAIT_MS = 2000, LOCK_REST_MS = 500 };

/* No column of ours has a ':' in its name. */
static const struct rs_str new_name = RS_STR_INIT("rs:wide");

void rs_widening_release(struct rs_widening *widening)
{
    rs_strbuf_release(&widening->why);
    rs_strbuf_release(&widening->sql);
}

static void keep(struct rs_widening *out, const char *why)
{
    out->way = RS_WIDEN_KEEP;
    rs_strbuf_reset(&out->why);
    rs_strbuf_append(&out->why, why);
}

/*
 * What was refused is refused for ever, because of what the column is. Not what passes, such as a full
 * disk, or what somebody forgot to grant: then the table is left for a later run.
 */
static bool is_refusal(const struct rs_error *err)
{
    static const char *const words[] = {"unexpected dependency", "cannot alter", "cannot drop",
                                        "not supported", "depend"};
    if (err->code != RS_E_DATABASE || err->retryable) {
        return false;
    }
    bool said = strncmp(err->detail, "0A", 2) == 0 || strncmp(err->detail, "2B", 2) == 0;
    for (size_t i = 0; i < RS_COUNTOF(words); i++) {
        said = said || (strcmp(err->detail, "XX000") == 0 && strstr(err->message, words[i]));
    }
    return said;
}

/* --- what the catalog tells ------------------------------------------------------------------ */

static bool is_in_key(const struct rs_table_definition *table,
                      const struct rs_table_definition_column *column)
{
    for (size_t i = 0; i < table->key_count; i++) {
        struct rs_str rest = table->keys[i].columns;
        while (rest.length > 0) {
            size_t comma = rs_str_find_byte(rest, ',');
            uint64_t number = 0;
            if (rs_str_parse_u64(rs_str_slice(rest, 0, comma), 0, INT32_MAX, &number) &&
                number == (uint64_t)column->number) {
                return true;
            }
            rest = rs_str_slice(rest, comma == SIZE_MAX ? rest.length : comma + 1, rest.length);
        }
    }
    return false;
}

static bool is_interleaved(const struct rs_table_definition *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].sort_key < 0) {
            return true;
        }
    }
    return false;
}

/* What of the column, but its encoding, Redshift may refuse to widen it for; false: nothing. */
static bool has_cause(const struct rs_table_definition *table,
                      const struct rs_table_definition_column *column, struct rs_strbuf *why)
{
    if (column->dist_key) {
        rs_strbuf_append(why, "it is the DISTKEY");
    } else if (column->sort_key != 0) {
        rs_strbuf_append(why, "it is in the SORTKEY");
    } else if (column->standard.length > 0) {
        rs_strbuf_append(why, "it has a default");
    } else if (is_in_key(table, column)) {
        rs_strbuf_append(why, "it is in a PRIMARY KEY or UNIQUE");
    }
    return why->length > 0;
}

/* The encoding is one that a varchar cannot grow with, whoever chose it; or the server says so. */
static bool has_encoding(const struct rs_table_definition_column *column,
                         const struct rs_error *refusal, struct rs_strbuf *why)
{
    static const char *const encodings[] = {"bytedict", "runlength", "text255", "text32k"};
    for (size_t i = 0; i < RS_COUNTOF(encodings); i++) {
        if (rs_str_equal(column->encoding, rs_str_from(encodings[i]))) {
            rs_strbuf_printf(why, "its encoding is %s", encodings[i]);
            return true;
        }
    }
    return refusal && strstr(refusal->message, "encoding");
}

/* What would be lost with the column, or NULL. */
static const char *find_loss(const struct rs_table_definition *table,
                             const struct rs_table_definition_column *column)
{
    return is_interleaved(table) && column->sort_key != 0 ? "it is in an INTERLEAVED SORTKEY"
           : is_in_key(table, column)                     ? "it is in a PRIMARY KEY or UNIQUE"
           : column->not_null                             ? "it is NOT NULL"
                                                          : NULL;
}

/* Views and privileges that hold on to the column: then it is kept. */
static bool read_ties(struct rs_session *session, struct rs_str schema,
                      const struct rs_plan_step *step, struct rs_widening *out, bool *used_by_view,
                      struct rs_error *err)
{
    const struct rs_str params[] = {schema, step->table, step->column};
    struct rs_result *result =
        rs_session_query_params(session, rs_query_column_ties, params, 3, err);
    if (!result) {
        if (err->code != RS_E_DATABASE || err->retryable) {
            return false;
        }
        rs_error_clear(err);
        keep(out, "this user may not see what holds on to it");
        return true;
    }
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        struct rs_str kind = rs_result_text(result, row, 0);
        if (rs_str_equal(kind, RS_STR("view"))) {
            keep(out, "view ");
            rs_strbuf_append_str(&out->why, rs_result_text(result, row, 1));
            rs_strbuf_append(&out->why, " uses it");
            *used_by_view = true;
            break; /* this one may be dropped and made again */
        }
        keep(out, rs_str_equal(kind, RS_STR("privilege"))
                      ? "somebody has privileges on this column alone"
                      : "the table is in a FOREIGN KEY");
    }
    rs_result_free(result);
    return true;
}

/* --- the statements -------------------------------------------------------------------------- */

static void append_alter(struct rs_strbuf *sql, struct rs_str schema,
                         const struct rs_table_definition *table)
{
    rs_strbuf_append(sql, "ALTER TABLE ");
    rs_sql_qualified(sql, schema, table->name);
}

/* Append the sort key with the new column in the old one's place. */
static void append_sort_key(struct rs_strbuf *sql, const struct rs_table_definition *table,
                            const struct rs_table_definition_column *old)
{
    rs_strbuf_append(sql, " ALTER COMPOUND SORTKEY (");
    for (int64_t place = 1; place <= (int64_t)table->column_count; place++) {
        for (size_t i = 0; i < table->column_count; i++) {
            const struct rs_table_definition_column *column = &table->columns[i];
            if (column->sort_key == place) {
                rs_strbuf_append(sql, place > 1 ? ", " : "");
                rs_sql_ident(sql, column == old ? new_name : column->name);
            }
        }
    }
    rs_strbuf_append_char(sql, ')');
}

/* Append what makes the new column the key that the old one is; keys of AUTO are found again. */
static void append_keys(struct rs_strbuf *sql, struct rs_str schema,
                        const struct rs_table_definition *table,
                        const struct rs_table_definition_column *column)
{
    if (column->dist_key) {
        append_alter(sql, schema, table);
        if (rs_str_equal(table->dist_style, RS_STR("AUTO"))) {
            rs_strbuf_append(sql, " ALTER DISTSTYLE EVEN");
        } else {
            rs_strbuf_append(sql, " ALTER DISTKEY ");
            rs_sql_ident(sql, new_name);
        }
        rs_strbuf_append(sql, ";\n");
    }
    if (column->sort_key != 0) {
        append_alter(sql, schema, table);
        if (table->sort_auto) {
            rs_strbuf_append(sql, " ALTER SORTKEY NONE");
        } else {
            append_sort_key(sql, table, column);
        }
        rs_strbuf_append(sql, ";\n");
    }
}

static void append_auto(struct rs_strbuf *sql, struct rs_str schema,
                        const struct rs_table_definition *table,
                        const struct rs_table_definition_column *column)
{
    if (column->dist_key && rs_str_equal(table->dist_style, RS_STR("AUTO"))) {
        append_alter(sql, schema, table);
        rs_strbuf_append(sql, " ALTER DISTSTYLE AUTO;\n");
    }
    if (column->sort_key != 0 && table->sort_auto) {
        append_alter(sql, schema, table);
        rs_strbuf_append(sql, " ALTER SORTKEY AUTO;\n");
    }
}

/* What a varchar can grow with, and the default for one that names none. */
static void append_encode(struct rs_strbuf *sql, struct rs_str schema,
                          const struct rs_table_definition *table, struct rs_str column)
{
    append_alter(sql, schema, table);
    rs_strbuf_append(sql, " ALTER COLUMN ");
    rs_sql_ident(sql, column);
    rs_strbuf_append(sql, " ENCODE lzo");
}

/* That an encoding was named has ended ENCODE AUTO for the whole table. */
static void append_encode_auto(struct rs_strbuf *sql, struct rs_str schema,
                               const struct rs_table_definition *table)
{
    append_alter(sql, schema, table);
    rs_strbuf_append(sql, " ALTER ENCODE AUTO");
}

static void append_encoding(struct rs_strbuf *sql, struct rs_str schema,
                            const struct rs_table_definition *table,
                            const struct rs_plan_step *step)
{
    append_encode(sql, schema, table, step->column);
    rs_strbuf_append(sql, ";\n");
    rs_ddl_append_step(sql, RS_DIALECT_REDSHIFT, schema, step);
    rs_strbuf_append(sql, ";\n");
    if (table->encode_auto) {
        append_encode_auto(sql, schema, table);
        rs_strbuf_append(sql, ";\n");
    }
}

static void append_replacement(struct rs_strbuf *sql, struct rs_str schema,
                               const struct rs_table_definition *table,
                               const struct rs_table_definition_column *column,
                               struct rs_coltype to)
{
    rs_strbuf_append(sql, "BEGIN;\nLOCK TABLE ");
    rs_sql_qualified(sql, schema, table->name);
    rs_strbuf_append(sql, ";\n");
    append_alter(sql, schema, table);
    rs_strbuf_append(sql, " ADD COLUMN ");
    rs_sql_ident(sql, new_name);
    rs_strbuf_append_char(sql, ' ');
    rs_coltype_append_ddl(to, sql);
    if (column->standard.length > 0) {
        rs_strbuf_append(sql, " DEFAULT ");
        rs_strbuf_append_str(sql, column->standard);
    }
    rs_strbuf_append(sql, ";\nUPDATE ");
    rs_sql_qualified(sql, schema, table->name);
    rs_strbuf_append(sql, " SET ");
    rs_sql_ident(sql, new_name);
    rs_strbuf_append(sql, " = ");
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, ";\n");
    append_keys(sql, schema, table, column);
    append_alter(sql, schema, table);
    rs_strbuf_append(sql, " DROP COLUMN ");
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, ";\n");
    append_alter(sql, schema, table);
    rs_strbuf_append(sql, " RENAME COLUMN ");
    rs_sql_ident(sql, new_name);
    rs_strbuf_append(sql, " TO ");
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, ";\n");
    append_auto(sql, schema, table, column);
    if (column->comment.length > 0) {
        struct rs_table_definition_place place = {RS_DIALECT_REDSHIFT, RS_DIALECT_REDSHIFT, schema};
        rs_table_definition_append_comment(sql, &place, table, column);
        rs_strbuf_append(sql, ";\n");
    }
    rs_strbuf_append(sql, "COMMIT;\n");
}

/* --- what is done ---------------------------------------------------------------------------- */

/* Choose the way. refusal: the server's, of widening it in place; encoded: and of its encoding. */
static bool choose(struct rs_session *session, const struct rs_table_definitions *definitions,
                   const struct rs_plan_step *step, const struct rs_error *refusal, bool encoded,
                   struct rs_widening *out, struct rs_error *err)
{
    const struct rs_table_definition *table = rs_table_definitions_find(definitions, step->table);
    const struct rs_table_definition_column *column =
        table ? rs_table_definition_find_column(table, step->column) : NULL;
    struct rs_widening ties = RS_WIDENING_INIT;
    bool used_by_view = false;
    if (!column) {
        keep(out, "it is not there any more");
        return true;
    }
    bool ok = read_ties(session, definitions->schema, step, &ties, &used_by_view, err);
    bool cause = has_cause(table, column, &out->why);
    bool encoding = !cause && !encoded && has_encoding(column, refusal, &out->why);
    bool refuses = cause || encoding || refusal;
    const char *loss = find_loss(table, column);
    if (ok && encoding && !used_by_view) {
        out->way = RS_WIDEN_ENCODE;
        append_encoding(&out->sql, definitions->schema, table, step);
    } else if (ok && ties.way == RS_WIDEN_KEEP && (refuses || used_by_view)) {
        keep(out, rs_strbuf_cstr(&ties.why));
    } else if (ok && refuses && loss) {
        keep(out, loss);
    } else if (ok && refuses) {
        out->way = RS_WIDEN_REPLACE;
        append_replacement(&out->sql, definitions->schema, table, column, step->to);
    }
    rs_widening_release(&ties);
    return ok;
}

bool rs_widening_foretell(struct rs_session *session,
                          const struct rs_table_definitions *definitions,
                          const struct rs_plan_step *step, struct rs_widening *out,
                          struct rs_error *err)
{
    return choose(session, definitions, step, NULL, false, out, err);
}

/* One try for the table's lock, to let it go at once; a server that refuses it will say so of ALTER. */
static bool try_lock(struct rs_session *session, struct rs_str schema,
                     const struct rs_plan_step *step, unsigned ms, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_strbuf_append(&sql, "BEGIN; LOCK TABLE ");
    rs_sql_qualified(&sql, schema, step->table);
    rs_strbuf_append(&sql, "; COMMIT");
    rs_session_limit(session, ms);
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_session_limit(session, 0);
    rs_strbuf_release(&sql);
    if (!ok) {
        rs_session_rollback(session);
    }
    if (err->code == RS_E_DATABASE) {
        rs_error_clear(err);
    }
    return ok || err->code == RS_OK;
}

/* What took too long has waited for this table. */
static void explain(struct rs_session *session, struct rs_str schema,
                    const struct rs_plan_step *step, struct rs_error *err)
{
    const struct rs_lock_wait wait = {.schema = schema, .table = step->table, .alters = true};
    if (rs_session_is_late(err)) {
        rs_lock_holder_explain(session, &wait, err);
    }
}

/*
 * Wait until nobody has the table, in short tries: all who want to read it wait behind one. What is
 * done to it then takes as long as the table is large, which is not to be told from a wait for a lock.
 */
static bool await_lock(struct rs_session *session, struct rs_str schema,
                       const struct rs_plan_step *step, unsigned timeout_ms, struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    const unsigned wait_ms = timeout_ms < LOCK_WAIT_MS ? timeout_ms : LOCK_WAIT_MS;
    const int64_t end_us = env->monotonic_us(env) + (int64_t)timeout_ms * 1000;
    bool told = false;
    while (timeout_ms > 0 && !try_lock(session, schema, step, wait_ms, err)) {
        explain(session, schema, step, err);
        if (err->code != RS_E_BUSY || env->monotonic_us(env) >= end_us) {
            return false;
        }
        rs_log(&env->log, told ? RS_LOG_DEBUG : RS_LOG_NOTICE, "waiting for table \"%.*s\": %s",
               RS_STR_ARG(step->table), err->message);
        told = true;
        rs_error_clear(err);
        if (!rs_env_pause(env, LOCK_REST_MS, err)) {
            return false;
        }
    }
    return true;
}

static bool widen_in_place(struct rs_session *session, struct rs_str schema,
                           const struct rs_plan_step *step, unsigned timeout_ms,
                           struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_ddl_append_step(&sql, RS_DIALECT_REDSHIFT, schema, step);
    rs_session_limit(session, timeout_ms); /* the catalog alone changes */
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_session_limit(session, 0);
    explain(session, schema, step, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* An earlier call has done it, and its connection broke before it could say so. */
static bool is_wide(const struct rs_table_definitions *definitions, const struct rs_plan_step *step)
{
    const struct rs_table_definition *table = rs_table_definitions_find(definitions, step->table);
    const struct rs_table_definition_column *column =
        table ? rs_table_definition_find_column(table, step->column) : NULL;
    return column && rs_table_definition_varchar_bytes(column->type) >= step->to.length;
}

/*
 * Give the column an encoding that it can grow with, and widen it. Each statement is a transaction, as
 * ALTER COLUMN takes part in none; whichever is the last one done, the table is whole.
 */
static bool encode(struct rs_session *session, const struct rs_table_definitions *definitions,
                   const struct rs_plan_step *step, unsigned timeout_ms, bool *encoded,
                   struct rs_error *err)
{
    const struct rs_table_definition *table = rs_table_definitions_find(definitions, step->table);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    append_encode(&sql, definitions->schema, table, step->column);
    *encoded = rs_session_exec(session, &sql, NULL, err);
    bool ok = *encoded && widen_in_place(session, definitions->schema, step, timeout_ms, err);
    struct rs_error ignored = {
        0}; /* the table is as good as it was, but for what chooses encodings */
    rs_strbuf_reset(&sql);
    append_encode_auto(&sql, definitions->schema, table);
    if (*encoded && table->encode_auto && !rs_session_exec(session, &sql, NULL, &ignored) && ok &&
        ignored.code != RS_E_DATABASE) {
        *err = ignored;
        ok = false;
    }
    rs_strbuf_release(&sql);
    return ok;
}

static bool replace(struct rs_session *session, struct rs_widening *out, struct rs_error *err)
{
    bool ok = rs_session_exec(session, &out->sql, NULL, err);
    if (!ok) {
        rs_session_rollback(session);
    }
    return ok;
}

/* The server's words for it, without ours. */
static const char *words_of(const struct rs_error *refusal)
{
    static const char ours[] = "could not run a statement: ";
    bool has_ours = strncmp(refusal->message, ours, sizeof ours - 1) == 0;
    return refusal->message + (has_ours ? sizeof ours - 1 : 0);
}

static void keep_as_refused(struct rs_widening *out, const struct rs_error *refusal)
{
    keep(out, words_of(refusal));
}

/* Another encoding would do, if the server took it: tell the statement, and what it said. */
static void tell_encode(const struct rs_table_definitions *definitions,
                        const struct rs_plan_step *step, const struct rs_error *refusal,
                        struct rs_widening *out)
{
    const struct rs_table_definition *table = rs_table_definitions_find(definitions, step->table);
    rs_strbuf_append(&out->why, "; ");
    append_encode(&out->why, definitions->schema, table, step->column);
    rs_strbuf_printf(&out->why, " was refused: %s", words_of(refusal));
}

/* What is done when the server has refused to widen the column in place. */
static bool go_round(struct rs_session *session, const struct rs_table_definitions *definitions,
                     const struct rs_plan_step *step, const struct rs_error *refusal,
                     struct rs_widening *out, struct rs_error *err)
{
    struct rs_error second = {0}; /* of another encoding */
    if (is_wide(definitions, step)) {
        return true;
    }
    if (!choose(session, definitions, step, refusal, false, out, err)) {
        return false;
    }
    if (out->way == RS_WIDEN_ENCODE) {
        bool encoded = false;
        bool ok = encode(session, definitions, step, out->lock_timeout_ms, &encoded, err);
        if (ok || !is_refusal(err)) {
            return ok;
        }
        second = encoded ? second : *err;
        rs_error_clear(err);
        rs_strbuf_reset(&out->why);
        rs_strbuf_reset(&out->sql);
        if (!choose(session, definitions, step, refusal, true, out, err)) {
            return false;
        }
    }
    if (out->way == RS_WIDEN_REPLACE && !replace(session, out, err)) {
        if (!is_refusal(err)) {
            return false;
        }
        keep_as_refused(out, err);
        rs_error_clear(err);
    }
    if (out->way == RS_WIDEN_KEEP && second.code != RS_OK) {
        tell_encode(definitions, step, &second, out);
    }
    return true;
}

bool rs_widen_column(struct rs_session *session, struct rs_str schema,
                     const struct rs_plan_step *step, struct rs_widening *out, struct rs_error *err)
{
    struct rs_table_definitions definitions = {0};
    if (!await_lock(session, schema, step, out->lock_timeout_ms, err)) {
        return false;
    }
    if (widen_in_place(session, schema, step, out->lock_timeout_ms, err)) {
        return true;
    }
    if (!is_refusal(err)) {
        return false;
    }
    struct rs_error refusal = *err;
    rs_error_clear(err);
    if (rs_table_definitions_read(session, schema, &definitions, err)) {
        bool ok = go_round(session, &definitions, step, &refusal, out, err);
        rs_table_definitions_release(&definitions);
        if (ok && out->why.length == 0 && out->way != RS_WIDEN_IN_PLACE) {
            enum rs_widening_way way = out->way;
            keep_as_refused(out, &refusal);
            out->way = way;
        }
        return ok;
    }
    if (err->code != RS_E_DATABASE || err->retryable) {
        return false;
    }
    rs_error_clear(err); /* a catalog that this user may not read does not say what would be lost */
    keep_as_refused(out, &refusal);
    return true;
}

bool rs_widening_find_user(struct rs_session *session, struct rs_str schema,
                           const struct rs_plan_step *step, struct rs_widening *out,
                           struct rs_error *err)
{
    const struct rs_str params[] = {schema, step->table, step->column};
    struct rs_result *result =
        rs_session_query_params(session, rs_query_column_users, params, RS_COUNTOF(params), err);
    if (result && rs_result_rows(result) > 0) {
        keep(out, "");
        rs_strbuf_append_str(&out->why, rs_result_text(result, 0, 0));
        rs_strbuf_append(&out->why, " uses it");
    }
    rs_result_free(result);
    return result != NULL;
}
