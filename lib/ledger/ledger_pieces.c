/* A migration makes this table alone; the rest of the ledger comes with its last step. */
#include "ledger/ledger_pieces.h"

#include "ledger/ledger_tables.h"

enum { STATEMENT_BYTES = 64 << 10 };

static void append_table(struct rs_strbuf *sql, struct rs_str schema)
{
    rs_sql_qualified(sql, schema, RS_STR("rs_pieces"));
}

bool rs_ledger_make_pieces(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "CREATE TABLE IF NOT EXISTS ");
    append_table(&sql, schema);
    rs_strbuf_append(&sql, " (\"table_name\" varchar(127), \"piece\" varchar(64), \"rows\" bigint,"
                           " \"rowsum\" varchar(20), \"run_id\" varchar(64),"
                           " \"loaded_at\" timestamp)");
    bool ok = rs_ledger_exec(session, &sql, err);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_ledger_put_piece(struct rs_session *session, struct rs_str schema,
                         const struct rs_ledger_piece *piece, struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    enum rs_dialect dialect = rs_session_dialect(session);
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "INSERT INTO ");
    append_table(&sql, schema);
    rs_strbuf_append(&sql, " VALUES (");
    rs_sql_literal(&sql, dialect, piece->table);
    rs_strbuf_append(&sql, ", ");
    rs_sql_literal(&sql, dialect, piece->piece);
    rs_strbuf_printf(&sql, ", %llu, '%llu', ", (unsigned long long)piece->rows,
                     (unsigned long long)piece->rowsum);
    rs_sql_literal(&sql, dialect, piece->run_id);
    rs_strbuf_append(&sql, ", ");
    rs_ledger_append_time(&sql, env->now_us(env));
    rs_strbuf_append_char(&sql, ')');
    bool ok = rs_ledger_exec(session, &sql, err);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_ledger_forget_piece(struct rs_session *session, struct rs_str schema, struct rs_str table,
                            struct rs_str piece, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "DELETE FROM ");
    append_table(&sql, schema);
    rs_strbuf_append(&sql, " WHERE \"table_name\" = ");
    rs_sql_literal(&sql, rs_session_dialect(session), table);
    if (piece.length > 0) {
        rs_strbuf_append(&sql, " AND \"piece\" = ");
        rs_sql_literal(&sql, rs_session_dialect(session), piece);
    }
    bool ok = rs_ledger_exec(session, &sql, err);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_ledger_forget_pieces(struct rs_session *session, struct rs_str schema, struct rs_str table,
                             struct rs_error *err)
{
    return rs_ledger_forget_piece(session, schema, table, RS_STR(""), err);
}

struct rs_result *rs_ledger_list_pieces(struct rs_session *session, struct rs_str schema,
                                        struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "SELECT \"table_name\", \"piece\", \"rows\", \"rowsum\" FROM ");
    append_table(&sql, schema);
    rs_strbuf_append(&sql, " ORDER BY \"loaded_at\"");
    struct rs_result *result = rs_session_query(session, &sql, err);
    rs_strbuf_release(&sql);
    return result;
}
