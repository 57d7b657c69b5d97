/*
 * The query of an UNLOAD is a literal in a statement, so its own literals are escaped twice; both
 * times by rs_sql_literal.
 */
#include "migrate/piece_sql.h"

#include "migrate/row_checksum.h"
#include "warehouse/sqltext.h"

const struct rs_relation_column *rs_move_time_column(const struct rs_relation *relation)
{
    const struct rs_relation_column *column =
        rs_relation_find_column(relation, RS_STR("received_at"));
    bool time = column && rs_relation_is_timestamp(column);
    bool fold = rs_str_equal(relation->name, RS_STR("users")) ||
                rs_str_equal(relation->name, RS_STR("accounts"));
    return time && !fold ? column : NULL;
}

/* Rows of the value itself come once more: there may be new ones among them. */
static void append_since(struct rs_strbuf *sql, const struct rs_move *move, const char *before,
                         enum rs_dialect dialect)
{
    if (move->since_value.length > 0) {
        rs_strbuf_append(sql, before);
        rs_sql_ident(sql, move->since->name);
        rs_strbuf_append(sql, " >= CAST(");
        rs_sql_literal(sql, dialect, move->since_value);
        rs_strbuf_append(sql, " AS ");
        if (dialect == move->place.from) {
            rs_strbuf_append_str(sql, move->since->type);
        } else {
            rs_relation_append_type(sql, &move->place, move->since);
        }
        rs_strbuf_append_char(sql, ')');
    }
}

void rs_move_append_where(struct rs_strbuf *sql, const struct rs_move *move)
{
    const struct rs_piece *piece = move->piece;
    if (piece->kind == RS_PIECE_SINCE) {
        append_since(sql, move, " WHERE ", move->place.from);
        return;
    }
    if (!move->time || piece->kind == RS_PIECE_ALL) {
        return;
    }
    rs_strbuf_append(sql, " WHERE ");
    rs_sql_ident(sql, move->time->name);
    if (piece->kind == RS_PIECE_NULL) {
        rs_strbuf_append(sql, " IS NULL");
        return;
    }
    rs_strbuf_append(sql, " >= ");
    rs_rowsum_append_instant(sql, move->time, piece->first_hour);
    rs_strbuf_append(sql, " AND ");
    rs_sql_ident(sql, move->time->name);
    rs_strbuf_append(sql, " < ");
    rs_rowsum_append_instant(sql, move->time, piece->end_hour);
}

/* A column as the other side reads it. */
static void append_value(struct rs_strbuf *sql, const struct rs_move *move,
                         const struct rs_relation_column *column)
{
    bool across = move->place.from != move->place.to;
    bool redshift = move->place.from == RS_DIALECT_REDSHIFT;
    const char *before = "";
    const char *after = "";
    if (redshift && rs_relation_is(column, "super")) {
        before = "json_serialize(";
        after = ")";
    } else if (redshift && rs_relation_is(column, "real")) { /* has at most 8 digits, and needs 9 */
        before = "CAST(";
        after = " AS double precision)";
    } else if (across && rs_relation_is_bytes(column)) {
        before = redshift ? "'\\\\x' || to_hex(" : "encode(";
        after = redshift ? ")" : ", 'hex')";
    } else if (across && rs_str_starts(column->type, RS_STR("character("))) {
        before = "rtrim(";
        after = ")";
    }
    rs_strbuf_append(sql, before);
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, after);
}

void rs_move_append_select(struct rs_strbuf *sql, const struct rs_move *move)
{
    rs_strbuf_append(sql, "SELECT ");
    for (size_t i = 0; i < move->relation->column_count; i++) {
        rs_strbuf_append(sql, i > 0 ? ", " : "");
        append_value(sql, move, &move->relation->columns[i]);
    }
    rs_strbuf_append(sql, " FROM ");
    rs_sql_qualified(sql, move->from_schema, move->relation->name);
    rs_move_append_where(sql, move);
}

static void append_option(struct rs_strbuf *sql, const char *word, struct rs_str value)
{
    rs_strbuf_append(sql, word);
    rs_sql_literal(sql, RS_DIALECT_REDSHIFT, value);
}

/* What UNLOAD writes and COPY reads. */
static void append_format(struct rs_strbuf *sql, const struct rs_move *move, const char *quotes)
{
    if (move->place.from == move->place.to) {
        rs_strbuf_append(sql, "\nDELIMITER ',' ");
        rs_strbuf_append(sql, quotes);
        rs_strbuf_append(sql, " ESCAPE");
    } else {
        rs_strbuf_append(sql, "\nFORMAT CSV");
    }
    append_option(sql, " NULL AS ", move->null_text);
    rs_strbuf_append(sql, " ZSTD MANIFEST");
}

void rs_move_append_unload(struct rs_strbuf *sql, const struct rs_move *move,
                           const struct rs_move_files *files)
{
    struct rs_strbuf query = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_move_append_select(&query, move);
    sql->overflow = sql->overflow || !rs_strbuf_ok(&query);
    rs_strbuf_append(sql, "UNLOAD (");
    rs_sql_literal(sql, RS_DIALECT_REDSHIFT, rs_strbuf_str(&query));
    rs_strbuf_release(&query);
    rs_strbuf_append_char(sql, ')');
    append_option(sql, "\nTO ", files->url);
    rs_copy_append_access(sql, &files->access);
    append_format(sql, move, "ADDQUOTES");
    rs_strbuf_append(sql, " MAXFILESIZE 256 MB");
    if (files->region.length > 0) {
        append_option(sql, " REGION ", files->region);
    }
    if (rs_str_equal(files->encryption, RS_STR("aws:kms")) && files->kms_key_id.length > 0) {
        append_option(sql, " KMS_KEY_ID ", files->kms_key_id);
        rs_strbuf_append(sql, " ENCRYPTED");
    }
}

void rs_move_append_delete(struct rs_strbuf *sql, const struct rs_move *move)
{
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_sql_qualified(sql, move->place.schema, move->relation->name);
    rs_move_append_where(sql, move);
}

void rs_move_append_batch(struct rs_strbuf *sql, const struct rs_move *move)
{
    rs_strbuf_append(sql, "CREATE TEMP TABLE ");
    rs_sql_ident(sql, RS_STR(RS_MOVE_BATCH));
    rs_strbuf_append(sql, " (LIKE ");
    rs_sql_qualified(sql, move->place.schema, move->relation->name);
    rs_strbuf_append_char(sql, ')');
}

/* Rows without a key are known by the range alone: all of them in it come again. */
void rs_move_append_drop_old(struct rs_strbuf *sql, const struct rs_move *move)
{
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_sql_qualified(sql, move->place.schema, move->relation->name);
    rs_strbuf_append(sql, " WHERE ");
    rs_sql_ident(sql, move->key);
    rs_strbuf_append(sql, " IN (SELECT ");
    rs_sql_ident(sql, move->key);
    rs_strbuf_append(sql, " FROM ");
    rs_sql_ident(sql, RS_STR(RS_MOVE_BATCH));
    rs_strbuf_append(sql, ") OR (");
    rs_sql_ident(sql, move->key);
    rs_strbuf_append(sql, " IS NULL");
    append_since(sql, move, " AND ", move->place.to);
    rs_strbuf_append_char(sql, ')');
}

void rs_move_append_put(struct rs_strbuf *sql, const struct rs_move *move)
{
    struct rs_strbuf names = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    for (size_t i = 0; i < move->relation->column_count; i++) {
        rs_strbuf_append(&names, i > 0 ? ", " : "");
        rs_sql_ident(&names, move->relation->columns[i].name);
    }
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_sql_qualified(sql, move->place.schema, move->relation->name);
    rs_strbuf_printf(sql, " (%s) SELECT %s FROM ", rs_strbuf_cstr(&names), rs_strbuf_cstr(&names));
    rs_sql_ident(sql, RS_STR(RS_MOVE_BATCH));
    rs_strbuf_release(&names);
}

static bool append_columns(struct rs_strbuf *sql, const struct rs_move *move)
{
    bool identity = false;
    rs_strbuf_append(sql, "COPY ");
    if (move->piece->kind == RS_PIECE_SINCE) {
        rs_sql_ident(sql, RS_STR(RS_MOVE_BATCH));
    } else {
        rs_sql_qualified(sql, move->place.schema, move->relation->name);
    }
    rs_strbuf_append(sql, " (");
    for (size_t i = 0; i < move->relation->column_count; i++) {
        const struct rs_relation_column *column = &move->relation->columns[i];
        const struct rs_relation_column *there =
            move->target ? rs_relation_find_column(move->target, column->name) : column;
        identity = identity || (there && there->identity.length > 0 && !there->by_default);
        rs_strbuf_append(sql, i > 0 ? ", " : "");
        rs_sql_ident(sql, column->name);
    }
    rs_strbuf_append_char(sql, ')');
    return identity;
}

void rs_move_append_copy(struct rs_strbuf *sql, const struct rs_move *move,
                         const struct rs_move_files *files)
{
    bool identity = append_columns(sql, move);
    append_option(sql, "\nFROM ", files->url);
    rs_copy_append_access(sql, &files->access);
    append_format(sql, move, "REMOVEQUOTES");
    if (files->region.length > 0) {
        append_option(sql, " REGION ", files->region);
    }
    rs_strbuf_append(sql, identity ? " EXPLICIT_IDS" : "");
    rs_strbuf_append(sql, "\nDATEFORMAT 'auto' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF");
}

void rs_move_append_copy_out(struct rs_strbuf *sql, const struct rs_move *move)
{
    rs_strbuf_append(sql, "COPY (");
    rs_move_append_select(sql, move);
    if (move->place.to == RS_DIALECT_POSTGRESQL) {
        rs_strbuf_append(sql, ") TO STDOUT");
        return;
    }
    rs_strbuf_append(sql, ") TO STDOUT WITH (FORMAT csv, NULL ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, move->null_text);
    rs_strbuf_append(sql, ", FORCE_QUOTE *)");
}

void rs_move_append_copy_in(struct rs_strbuf *sql, const struct rs_move *move)
{
    (void)append_columns(sql, move);
    if (move->place.from == RS_DIALECT_POSTGRESQL) {
        rs_strbuf_append(sql, " FROM STDIN");
        return;
    }
    rs_strbuf_append(sql, " FROM STDIN WITH (FORMAT csv, NULL ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, move->null_text);
    rs_strbuf_append_char(sql, ')');
}
