/*
 * The query of an UNLOAD is a literal in a statement, so its own literals are escaped twice; both
 * times by rs_sql_literal.
 */
#include "migrate/piece_sql.h"

#include "migrate/row_checksum.h"
#include "rs/schema.h"
#include "warehouse/sqltext.h"

#define SCALE "CAST('1267650600228229401496703205376' AS double precision)" /* 2^100 */

const struct rs_table_definition_column *
rs_piece_sql_time_column(const struct rs_table_definition *definition)
{
    const struct rs_table_definition_column *column =
        rs_table_definition_find_column(definition, RS_STR("received_at"));
    bool time = column && rs_table_definition_is_timestamp(column);
    bool fold = rs_str_equal(definition->name, RS_STR("users")) ||
                rs_str_equal(definition->name, RS_STR("accounts"));
    return time && !fold ? column : NULL;
}

/* --- doubles in two parts --------------------------------------------------------------------- */

static const struct rs_table_definition_column *
find_target(const struct rs_piece_spec *spec, const struct rs_table_definition_column *column)
{
    return spec->target ? rs_table_definition_find_column(spec->target, column->name) : column;
}

/* Is there a double in the table that could come in two parts? */
static bool is_double(const struct rs_piece_spec *spec,
                      const struct rs_table_definition_column *column)
{
    if (!rs_table_definition_is(column, "double precision")) {
        return false;
    }
    const struct rs_table_definition_column *there = find_target(spec, column);
    return there && rs_table_definition_is(there, "double precision");
}

/* It goes through all columns, so it is asked once, or of a double only. */
static bool has_parts(const struct rs_piece_spec *spec)
{
    if (!rs_dialect_facts(spec->place.from)->prints_short_reals) {
        return false;
    }
    size_t columns = spec->target ? spec->target->column_count : spec->definition->column_count;
    size_t doubles = 0;
    bool identity = false;
    for (size_t i = 0; i < spec->definition->column_count; i++) {
        const struct rs_table_definition_column *there =
            find_target(spec, &spec->definition->columns[i]);
        doubles += is_double(spec, &spec->definition->columns[i]);
        identity = identity || (there && there->identity.length > 0 && !there->by_default);
    }
    return doubles > 0 && !identity && columns + doubles <= RS_TABLE_MAX_COLUMNS;
}

/* The name of the column of the batch with what the double lacks. No column of ours has a ':'. */
static void append_rest_name(struct rs_strbuf *sql, size_t column)
{
    rs_strbuf_printf(sql, "\"rs:rest%zu\"", column);
}

/* A text that is near to the double: rounded, it may be no number beyond those that COPY takes. */
static void append_near(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                        const struct rs_table_definition_column *column)
{
    static const char *const between[] = {
        " * CASE WHEN abs(",
        ") > CAST('1e300' AS double precision) THEN CAST('0.999' AS double precision) WHEN abs(",
        (") < CAST('2.2251e-308' AS double precision) THEN CAST('1.001' AS double precision)"
         " ELSE CAST('1' AS double precision) END AS ")};
    rs_strbuf_append(sql, "CAST(");
    for (size_t i = 0; i < RS_COUNTOF(between); i++) {
        rs_sql_ident(sql, column->name);
        rs_strbuf_append(sql, between[i]);
    }
    rs_strbuf_append(sql, rs_dialect_facts(spec->place.from)->text_type);
    rs_strbuf_append_char(sql, ')');
}

/*
 * What it lacks: a difference of two doubles that are that near is exact. COPY takes no number as
 * small as what a small one lacks, so that is made greater. A zero, NaN and the like lack nothing.
 */
static void append_rest(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                        const struct rs_table_definition_column *column)
{
    rs_strbuf_append(sql, "CASE WHEN abs(");
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, ") > 0 AND abs(");
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, ") <= CAST('1.7976931348623157e308' AS double precision) THEN (");
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, " - CAST(");
    append_near(sql, spec, column);
    rs_strbuf_append(sql, " AS double precision)) * CASE WHEN abs(CAST(");
    append_near(sql, spec, column);
    rs_strbuf_append(sql, " AS double precision)) < 1 THEN " SCALE
                          " ELSE CAST('1' AS double precision) END END");
}

/* Both, as they are in the batch. */
static void append_whole(struct rs_strbuf *sql, const struct rs_table_definition_column *column,
                         size_t number)
{
    static const char *const between[] = {" IS NULL THEN ",     " WHEN abs(", ") < 1 THEN ", " + ",
                                          " / " SCALE " ELSE ", " + ",        " END"};
    rs_strbuf_append(sql, "CASE WHEN ");
    for (size_t i = 0; i < RS_COUNTOF(between); i++) {
        if (i == 0 || i == 4 || i == 6) {
            append_rest_name(sql, number);
        } else {
            rs_sql_ident(sql, column->name);
        }
        rs_strbuf_append(sql, between[i]);
    }
}

/* Append for each double, after a comma, the name of what it lacks, or that itself. */
static void append_rests(struct rs_strbuf *sql, const struct rs_piece_spec *spec, bool names)
{
    const size_t count = has_parts(spec) ? spec->definition->column_count : 0;
    for (size_t i = 0; i < count; i++) {
        if (is_double(spec, &spec->definition->columns[i])) {
            rs_strbuf_append(sql, ", ");
            if (names) {
                append_rest_name(sql, i);
            } else {
                append_rest(sql, spec, &spec->definition->columns[i]);
            }
        }
    }
}

bool rs_piece_sql_has_batch(const struct rs_piece_spec *spec)
{
    return spec->piece->kind == RS_PIECE_SINCE || has_parts(spec);
}

/* --- what is read ------------------------------------------------------------------------------- */

/*
 * Rows of the value itself come once more: there may be new ones among them. So do those of
 * transactions that were open when the last were carried, whatever their stamps; ages are of 32 bits
 * and go round, as xmin does. Where a server cannot tell, rows without a stamp come each time.
 */
static void append_since(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    if (spec->since_value.length == 0) {
        return;
    }
    rs_strbuf_append(sql, " WHERE (");
    rs_sql_ident(sql, spec->since->name);
    rs_strbuf_append(sql, " >= CAST(");
    rs_sql_literal(sql, spec->place.from, spec->since_value);
    rs_strbuf_append(sql, " AS ");
    rs_strbuf_append_str(sql, spec->since->type);
    rs_strbuf_append_char(sql, ')');
    rs_strbuf_append_str(sql, spec->overlap);
    if (spec->seen > 0) {
        rs_strbuf_printf(sql, " OR age(xmin) <= age(CAST('%lu' AS xid)))",
                         (unsigned long)(spec->seen & UINT32_MAX));
    } else {
        rs_strbuf_append(sql, " OR ");
        rs_sql_ident(sql, spec->since->name);
        rs_strbuf_append(sql, " IS NULL)");
    }
}

void rs_piece_sql_append_where(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    const struct rs_piece *piece = spec->piece;
    if (piece->kind == RS_PIECE_SINCE) {
        append_since(sql, spec);
        return;
    }
    if (!spec->time || piece->kind == RS_PIECE_ALL) {
        return;
    }
    rs_strbuf_append(sql, " WHERE ");
    rs_sql_ident(sql, spec->time->name);
    if (piece->kind == RS_PIECE_NULL) {
        rs_strbuf_append(sql, " IS NULL");
        return;
    }
    rs_strbuf_append(sql, " >= ");
    rs_row_checksum_append_instant(sql, spec->time, piece->first_hour);
    rs_strbuf_append(sql, " AND ");
    rs_sql_ident(sql, spec->time->name);
    rs_strbuf_append(sql, " < ");
    rs_row_checksum_append_instant(sql, spec->time, piece->end_hour);
}

/* What stands before and after bytes, so that they become the text that the other server reads. */
static void wrap_bytes(enum rs_dialect from, const char **before, const char **after)
{
    switch (from) {
    case RS_DIALECT_POSTGRESQL:
        *before = "encode(";
        *after = ", 'hex')";
        return;
    case RS_DIALECT_REDSHIFT:
        *before = "'\\\\x' || to_hex(";
        *after = ")";
        return;
    }
}

/* A column as the other host reads it. */
static void append_value(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                         const struct rs_table_definition_column *column)
{
    bool across = spec->place.from != spec->place.to;
    const struct rs_dialect_facts *facts = rs_dialect_facts(spec->place.from);
    const char *before = "";
    const char *after = "";
    if (facts->has_super && rs_table_definition_is(column, "super")) {
        rs_sql_super(sql, column->name);
        return;
    }
    if (is_double(spec, column) && has_parts(spec)) {
        append_near(sql, spec, column);
        return;
    }
    if (facts->prints_short_reals && rs_table_definition_is(column, "real")) {
        before = "CAST(";
        after = " AS double precision)";
    } else if (across && rs_table_definition_is_bytes(column)) {
        wrap_bytes(spec->place.from, &before, &after);
    } else if (across && rs_str_starts(column->type, RS_STR("character("))) {
        before = "rtrim(";
        after = ")";
    }
    rs_strbuf_append(sql, before);
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, after);
}

void rs_piece_sql_append_select(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    rs_strbuf_append(sql, "SELECT ");
    for (size_t i = 0; i < spec->definition->column_count; i++) {
        rs_strbuf_append(sql, i > 0 ? ", " : "");
        append_value(sql, spec, &spec->definition->columns[i]);
    }
    append_rests(sql, spec, false);
    rs_strbuf_append(sql, " FROM ");
    rs_strbuf_append(sql, rs_table_definition_only(spec->place.from, spec->definition));
    rs_sql_qualified(sql, spec->from_schema, spec->definition->name);
    rs_piece_sql_append_where(sql, spec);
}

static void append_option(struct rs_strbuf *sql, const char *word, struct rs_str value)
{
    rs_strbuf_append(sql, word);
    rs_sql_literal(sql, RS_DIALECT_REDSHIFT, value);
}

/* What UNLOAD writes and COPY reads. */
static void append_format(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                          const char *quotes)
{
    if (spec->place.from == spec->place.to) {
        rs_strbuf_append(sql, "\nDELIMITER ',' ");
        rs_strbuf_append(sql, quotes);
        rs_strbuf_append(sql, " ESCAPE");
    } else {
        rs_strbuf_append(sql, "\nFORMAT CSV");
    }
    append_option(sql, " NULL AS ", spec->null_text);
    rs_strbuf_append(sql, " ZSTD MANIFEST");
}

void rs_piece_sql_append_unload(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                                const struct rs_piece_files *files)
{
    struct rs_strbuf query = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_piece_sql_append_select(&query, spec);
    sql->overflow = sql->overflow || !rs_strbuf_ok(&query);
    rs_strbuf_append(sql, "UNLOAD (");
    rs_sql_literal(sql, RS_DIALECT_REDSHIFT, rs_strbuf_str(&query));
    rs_strbuf_release(&query);
    rs_strbuf_append_char(sql, ')');
    append_option(sql, "\nTO ", files->url);
    rs_copy_append_access(sql, &files->access);
    append_format(sql, spec, "ADDQUOTES");
    rs_strbuf_append(sql, " MAXFILESIZE 256 MB");
    if (files->region.length > 0) {
        append_option(sql, " REGION ", files->region);
    }
    if (rs_str_equal(files->encryption, RS_STR("aws:kms")) && files->kms_key_id.length > 0) {
        append_option(sql, " KMS_KEY_ID ", files->kms_key_id);
        rs_strbuf_append(sql, " ENCRYPTED");
    }
}

static void append_delete_from(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_strbuf_append(sql, rs_table_definition_only(spec->place.to,
                                                   spec->target ? spec->target : spec->definition));
    rs_sql_qualified(sql, spec->place.schema, spec->definition->name);
}

void rs_piece_sql_append_delete(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    append_delete_from(sql, spec);
    rs_piece_sql_append_where(sql, spec);
}

void rs_piece_sql_append_batch(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    rs_strbuf_append(sql, "CREATE TEMP TABLE ");
    rs_sql_ident(sql, RS_STR(RS_PIECE_SQL_BATCH));
    rs_strbuf_append(sql, " (LIKE ");
    rs_sql_qualified(sql, spec->place.schema, spec->definition->name);
    rs_strbuf_append_char(sql, ')');
    const size_t count = has_parts(spec) ? spec->definition->column_count : 0;
    for (size_t i = 0; i < count; i++) {
        if (is_double(spec, &spec->definition->columns[i])) {
            rs_strbuf_append(sql, "; ALTER TABLE \"" RS_PIECE_SQL_BATCH "\" ADD COLUMN ");
            append_rest_name(sql, i);
            rs_strbuf_append(sql, " double precision");
        }
    }
}

void rs_piece_sql_append_drop_old(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    struct rs_str batch = RS_STR(RS_PIECE_SQL_BATCH);
    append_delete_from(sql, spec);
    rs_strbuf_append(sql, " USING ");
    rs_sql_ident(sql, batch);
    rs_strbuf_append(sql, "\nWHERE ");
    rs_row_key_append_match(sql, spec->place.to, spec->definition, spec->key, batch);
}

void rs_piece_sql_append_put(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    struct rs_strbuf names = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_strbuf values = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    for (size_t i = 0; i < spec->definition->column_count; i++) {
        const struct rs_table_definition_column *column = &spec->definition->columns[i];
        bool parts = is_double(spec, column) && has_parts(spec);
        rs_strbuf_append(&names, i > 0 ? ", " : "");
        rs_sql_ident(&names, column->name);
        rs_strbuf_append(&values, i > 0 ? ", " : "");
        if (parts) {
            append_whole(&values, column, i);
        } else {
            rs_sql_ident(&values, column->name);
        }
    }
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_sql_qualified(sql, spec->place.schema, spec->definition->name);
    rs_strbuf_printf(sql, " (%s) SELECT %s FROM ", rs_strbuf_cstr(&names), rs_strbuf_cstr(&values));
    rs_sql_ident(sql, RS_STR(RS_PIECE_SQL_BATCH));
    rs_strbuf_release(&names);
    rs_strbuf_release(&values);
}

static bool append_columns(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    bool identity = false;
    rs_strbuf_append(sql, "COPY ");
    if (rs_piece_sql_has_batch(spec)) {
        rs_sql_ident(sql, RS_STR(RS_PIECE_SQL_BATCH));
    } else {
        rs_sql_qualified(sql, spec->place.schema, spec->definition->name);
    }
    rs_strbuf_append(sql, " (");
    for (size_t i = 0; i < spec->definition->column_count; i++) {
        const struct rs_table_definition_column *column = &spec->definition->columns[i];
        const struct rs_table_definition_column *there = find_target(spec, column);
        identity = identity || (there && there->identity.length > 0 && !there->by_default);
        rs_strbuf_append(sql, i > 0 ? ", " : "");
        rs_sql_ident(sql, column->name);
    }
    append_rests(sql, spec, true);
    rs_strbuf_append_char(sql, ')');
    return identity;
}

void rs_piece_sql_append_copy(struct rs_strbuf *sql, const struct rs_piece_spec *spec,
                              const struct rs_piece_files *files)
{
    bool identity = append_columns(sql, spec);
    append_option(sql, "\nFROM ", files->url);
    rs_copy_append_access(sql, &files->access);
    append_format(sql, spec, "REMOVEQUOTES");
    if (files->region.length > 0) {
        append_option(sql, " REGION ", files->region);
    }
    rs_strbuf_append(sql, identity ? " EXPLICIT_IDS" : "");
    rs_strbuf_append(sql, "\nDATEFORMAT 'auto' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF");
}

void rs_piece_sql_append_copy_out(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    rs_strbuf_append(sql, "COPY (");
    rs_piece_sql_append_select(sql, spec);
    if (!rs_dialect_facts(spec->place.to)->loads_from_s3) {
        rs_strbuf_append(sql, ") TO STDOUT");
        return;
    }
    rs_strbuf_append(sql, ") TO STDOUT WITH (FORMAT csv, NULL ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, spec->null_text);
    rs_strbuf_append(sql, ", FORCE_QUOTE *)");
}

void rs_piece_sql_append_copy_in(struct rs_strbuf *sql, const struct rs_piece_spec *spec)
{
    (void)append_columns(sql, spec);
    if (!rs_dialect_facts(spec->place.from)->loads_from_s3) {
        rs_strbuf_append(sql, " FROM STDIN");
        return;
    }
    rs_strbuf_append(sql, " FROM STDIN WITH (FORMAT csv, NULL ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, spec->null_text);
    rs_strbuf_append_char(sql, ')');
}
