/*
 * Both forms read the same CSV: RFC 4180, no header, an unquoted null text for NULL and a quoted
 * empty string for an empty string.
 */
#include "rs/warehouse/copy.h"

#include "rs/warehouse/ddl.h"

static const char *const compression_words[] = {
    [RS_COPY_PLAIN] = "",
    [RS_COPY_GZIP] = " GZIP",
    [RS_COPY_ZSTD] = " ZSTD",
};

static void append_option(struct rs_strbuf *sql, const char *word, struct rs_str value)
{
    rs_strbuf_append(sql, word);
    rs_sql_literal(sql, RS_DIALECT_REDSHIFT, value);
}

void rs_copy_append_s3(struct rs_strbuf *sql, const struct rs_copy_s3 *copy)
{
    rs_strbuf_append(sql, "COPY ");
    rs_sql_qualified(sql, copy->schema, copy->table->name);
    rs_strbuf_append(sql, " (");
    rs_ddl_append_columns(sql, copy->table);
    append_option(sql, ")\nFROM ", copy->url);
    if (copy->iam_role.length > 0) {
        append_option(sql, "\nIAM_ROLE ", copy->iam_role);
    } else {
        rs_strbuf_append(sql, "\nIAM_ROLE default");
    }
    rs_strbuf_append(sql, "\nFORMAT CSV");
    rs_strbuf_append(sql, compression_words[copy->compression]);
    rs_strbuf_append(sql, copy->manifest ? " MANIFEST" : "");
    if (copy->region.length > 0) {
        append_option(sql, " REGION ", copy->region);
    }
    append_option(sql, " NULL AS ", copy->null_text);
    rs_strbuf_append(sql, " TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF");
}

void rs_copy_append_stdin(struct rs_strbuf *sql, const struct rs_copy_stdin *copy)
{
    rs_strbuf_append(sql, "COPY ");
    if (copy->schema.length > 0) {
        rs_sql_qualified(sql, copy->schema, copy->name);
    } else {
        rs_sql_ident(sql, copy->name);
    }
    rs_strbuf_append(sql, " (");
    rs_ddl_append_columns(sql, copy->table);
    rs_strbuf_append(sql, ") FROM STDIN WITH (FORMAT csv, NULL ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, copy->null_text);
    rs_strbuf_append(sql, copy->freeze ? ", FREEZE)" : ")");
}
