/*
 * Each value becomes text, the text an MD5 (so that what is put together stays short: Redshift's
 * texts end at 65535 bytes), the MD5s of a row one text, whose MD5 gives the number that is summed
 * up.
 */
#include "migrate/row_checksum.h"

#include "base/timefmt.h"

enum { NUMBER_MAX = 4096 };

static bool is_json(const struct rs_table_definition_column *column)
{
    return rs_table_definition_is(column, "json") || rs_table_definition_is(column, "jsonb") ||
           rs_table_definition_is(column, "super");
}

bool rs_row_checksum_can_compare(const struct rs_row_checksum *sum,
                                 const struct rs_table_definition_column *column)
{
    static const char *const opaque[] = {"geometry", "geography", "hllsketch"};
    for (size_t i = 0; i < RS_COUNTOF(opaque); i++) {
        if (rs_table_definition_is(column, opaque[i])) {
            return false;
        }
    }
    return !(sum->across &&
             rs_table_definition_is(column, "jsonb")); /* it has its keys in another order */
}

static void append_quoted(struct rs_strbuf *sql, const char *before,
                          const struct rs_table_definition_column *column, const char *after)
{
    rs_strbuf_append(sql, before);
    rs_sql_ident(sql, column->name);
    rs_strbuf_append(sql, after);
}

/*
 * Two whole numbers h and m that make x = m * 2^(2h - 55), as no server prints whole numbers in two
 * ways; how many digits it prints of x is up to settings, and whether a compute node heeds them is
 * not settled. 2^(2h - 0.5) <= |x| < 2^(2h + 1.5): bounds that no number is near to, in which servers
 * could differ by their logarithms. All of these products are exact, also of the smallest numbers.
 * What has no logarithm is a word, or a zero with its sign.
 */
static void append_double(struct rs_strbuf *sql, const char *text,
                          const struct rs_table_definition_column *column)
{
    struct rs_strbuf x = RS_STRBUF_INIT(NUMBER_MAX);
    struct rs_strbuf h = RS_STRBUF_INIT(NUMBER_MAX);
    append_quoted(&x, "CAST(", column, " AS double precision)");
    const char *number = rs_strbuf_cstr(&x);
    rs_strbuf_printf(&h,
                     "CAST(floor((ln(abs(%s)) / CAST('0.6931471805599453' AS double precision)"
                     " + 0.5) / 2) AS integer)",
                     number);
    const char *half = rs_strbuf_cstr(&h);
    rs_strbuf_printf(sql,
                     "CASE WHEN abs(%s) > 0 AND abs(%s) <= CAST('1.7976931348623157e308' AS double"
                     " precision) THEN CAST(%s AS %s) || '/' || CAST(CAST(%s",
                     number, number, half, text, number);
    for (int i = 0; i < 2; i++) {
        rs_strbuf_printf(sql, " * power(CAST('2' AS double precision), -%s)", half);
    }
    rs_strbuf_printf(sql,
                     " * CAST('36028797018963968' AS double precision) AS bigint) AS %s)"
                     " ELSE CAST(%s AS %s) END",
                     text, number, text);
    rs_strbuf_release(&x);
    rs_strbuf_release(&h);
}

/* A number without the zeros that its scale puts behind it. */
static void append_trimmed(struct rs_strbuf *sql, const char *text,
                           const struct rs_table_definition_column *column)
{
    append_quoted(sql, "CASE WHEN strpos(CAST(", column, " AS ");
    rs_strbuf_printf(sql, "%s), '.') > 0 THEN rtrim(rtrim(", text);
    append_quoted(sql, "CAST(", column, " AS ");
    rs_strbuf_printf(sql, "%s), '0'), '.') ", text);
    append_quoted(sql, "ELSE CAST(", column, " AS ");
    rs_strbuf_printf(sql, "%s) END", text);
}

/*
 * Redshift drops the blanks between values; a line break within a text is escaped in both dialects.
 */
static void append_json(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                        const struct rs_table_definition_column *column)
{
    static const char without[] = ", ' ', ''), chr(9), ''), chr(10), ''), chr(13), '')";
    rs_strbuf_append(sql, sum->across ? "replace(replace(replace(replace(" : "");
    if (rs_table_definition_is(column, "super")) {
        rs_sql_super(sql, column->name);
    } else {
        append_quoted(sql, "CAST(", column, " AS text)");
    }
    rs_strbuf_append(sql, sum->across ? without : "");
}

/* With its era, and PostgreSQL's infinities, of which to_char makes NULL. */
static void append_moment(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                          const struct rs_table_definition_column *column)
{
    bool infinite = rs_dialect_facts(sum->dialect)->has_infinity;
    const char *format = rs_table_definition_is(column, "date") ? ", 'YYYY-MM-DD BC')"
                         : rs_table_definition_is_zoned(column)
                             ? " AT TIME ZONE 'UTC', "
                               "'YYYY-MM-DD HH24:MI:SS.US BC')"
                             : ", 'YYYY-MM-DD HH24:MI:SS.US BC')";
    append_quoted(sql, infinite ? "coalesce(to_char(" : "to_char(", column, format);
    if (infinite) {
        append_quoted(sql, ", CAST(", column, " AS text))");
    }
}

static void append_hex(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                       const struct rs_table_definition_column *column)
{
    switch (sum->dialect) {
    case RS_DIALECT_POSTGRESQL:
        append_quoted(sql, "encode(", column, ", 'hex')");
        return;
    case RS_DIALECT_REDSHIFT:
        append_quoted(sql, "lower(to_hex(", column, "))");
        return;
    }
}

/* A value as text; NULL stays NULL. */
static void append_text(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                        const struct rs_table_definition_column *column)
{
    const char *text = rs_dialect_facts(sum->dialect)->text_type;
    if (rs_str_starts(column->type, RS_STR("character varying")) ||
        rs_table_definition_is(column, "text")) {
        append_quoted(sql, "", column, "");
    } else if (rs_str_starts(column->type, RS_STR("character("))) {
        append_quoted(sql, "rtrim(", column, ")");
    } else if (rs_table_definition_is(column, "boolean")) {
        append_quoted(sql, "CASE WHEN ", column, " THEN 't' WHEN NOT ");
        append_quoted(sql, "", column, " THEN 'f' END");
    } else if (rs_table_definition_is(column, "double precision") ||
               rs_table_definition_is(column, "real")) {
        append_double(sql, text, column);
    } else if (rs_table_definition_is_timestamp(column) || rs_table_definition_is(column, "date")) {
        append_moment(sql, sum, column);
    } else if (rs_table_definition_is(column, "inet")) { /* a cast puts a /32 behind each address */
        append_quoted(sql, "abbrev(", column, ")");
    } else if (is_json(column)) {
        append_json(sql, sum, column);
    } else if (rs_table_definition_is_bytes(column)) {
        append_hex(sql, sum, column);
    } else if (sum->across && rs_str_starts(column->type, RS_STR("numeric"))) {
        append_trimmed(sql, text, column);
    } else {
        append_quoted(sql, "CAST(", column, " AS ");
        rs_strbuf_printf(sql, "%s)", text);
    }
}

/* The first 60 bits of the MD5 of an expression, as a number. */
static void begin_hash(struct rs_strbuf *sql, enum rs_dialect dialect)
{
    switch (dialect) {
    case RS_DIALECT_POSTGRESQL:
        rs_strbuf_append(sql, "sum(CAST(CAST(CAST('x' || substring(md5(");
        return;
    case RS_DIALECT_REDSHIFT:
        rs_strbuf_append(sql, "sum(CAST(strtol(substring(md5(");
        return;
    }
}

static void end_hash(struct rs_strbuf *sql, enum rs_dialect dialect)
{
    switch (dialect) {
    case RS_DIALECT_POSTGRESQL:
        rs_strbuf_append(sql, "), 1, 15) AS bit(60)) AS bigint) AS numeric(38,0)))");
        return;
    case RS_DIALECT_REDSHIFT:
        rs_strbuf_append(sql, "), 1, 15), 16) AS numeric(38,0)))");
        return;
    }
}

void rs_row_checksum_append_rows(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                                 const struct rs_table_definition *wanted)
{
    begin_hash(sql, sum->dialect);
    rs_strbuf_append(sql, "''");
    for (size_t i = 0; i < wanted->column_count; i++) {
        const struct rs_table_definition_column *column =
            rs_table_definition_find_column(sum->definition, wanted->columns[i].name);
        if (!column || !rs_row_checksum_can_compare(sum, column) ||
            !rs_row_checksum_can_compare(sum, &wanted->columns[i])) {
            continue;
        }
        rs_strbuf_printf(sql, "\n || coalesce('%zu:' || md5(", i);
        append_text(sql, sum, column);
        rs_strbuf_append(sql, "), '')");
    }
    end_hash(sql, sum->dialect);
}

void rs_row_checksum_append_column(struct rs_strbuf *sql, const struct rs_row_checksum *sum,
                                   const struct rs_table_definition *wanted, size_t column)
{
    const struct rs_table_definition_column *id =
        rs_table_definition_find_column(wanted, RS_STR("id"));
    id = id ? rs_table_definition_find_column(sum->definition, id->name)
            : NULL; /* the same one on both hosts */
    const struct rs_table_definition_column *own =
        rs_table_definition_find_column(sum->definition, wanted->columns[column].name);
    begin_hash(sql, sum->dialect);
    rs_strbuf_append(sql, "coalesce(md5(");
    if (own) {
        append_text(sql, sum, own);
    } else {
        rs_strbuf_append(sql, "CAST(NULL AS varchar)");
    }
    rs_strbuf_append(sql, "), '')");
    if (id && rs_row_checksum_can_compare(sum, id)) {
        rs_strbuf_append(sql, " || coalesce(md5(");
        append_text(sql, sum, id);
        rs_strbuf_append(sql, "), '')");
    }
    end_hash(sql, sum->dialect);
}

/* date_trunc means the same in both dialects; DATEDIFF and epochs are not to be had in both. */
void rs_row_checksum_append_unit(struct rs_strbuf *sql, enum rs_row_checksum_unit unit,
                                 const struct rs_table_definition_column *column)
{
    const char *zone = rs_table_definition_is_zoned(column) ? " AT TIME ZONE 'UTC')" : ")";
    rs_strbuf_printf(sql, "date_trunc('%s', ", unit == RS_ROW_CHECKSUM_HOUR ? "hour" : "day");
    append_quoted(sql, "", column, zone);
}

bool rs_row_checksum_parse_unit(struct rs_str text, enum rs_row_checksum_unit unit, int64_t *out,
                                struct rs_error *err)
{
    int64_t us = 0;
    if (!rs_timefmt_parse(text, &us)) {
        rs_error_set(err, RS_E_DATABASE, "could not read a time: the server sent \"%.*s\"",
                     RS_STR_ARG(text));
        return rs_error_hint(err,
                             "received_at is no time that an event could have: mend such rows, or "
                             "leave the table out (--tables)");
    }
    *out = us / ((int64_t)unit * 1000000); /* it has no rest */
    return true;
}

void rs_row_checksum_append_instant(struct rs_strbuf *sql,
                                    const struct rs_table_definition_column *column, int64_t hour)
{
    char text[RS_TIMEFMT_MAX] = "";
    size_t length = rs_timefmt_format(hour * 3600 * 1000000, text);
    bool zoned = rs_table_definition_is_zoned(column);
    rs_strbuf_printf(sql, "%s '%.*s%s'", zoned ? "TIMESTAMPTZ" : "TIMESTAMP", (int)length, text,
                     zoned ? "+00" : "");
}

uint64_t rs_row_checksum_parse(struct rs_str text)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < text.length && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        sum = sum * 10 + (uint64_t)(text.data[i] - '0');
    }
    return sum;
}
