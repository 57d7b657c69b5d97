/*
 * Both forms read the same CSV: RFC 4180, no header, an unquoted null text for NULL and a quoted
 * empty string for an empty string.
 */
#include "warehouse/copy.h"

#include "warehouse/ddl.h"

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

static void append_target(struct rs_strbuf *sql, const struct rs_copy_into *into)
{
    rs_strbuf_append(sql, "COPY ");
    if (into->schema.length > 0) {
        rs_sql_qualified(sql, into->schema, into->name);
    } else {
        rs_sql_ident(sql, into->name);
    }
    rs_strbuf_append(sql, " (");
    rs_ddl_append_columns(sql, into->columns);
    rs_strbuf_append_char(sql, ')');
}

void rs_copy_append_access(struct rs_strbuf *sql, const struct rs_copy_access *access)
{
    if (access->access_key_id.length > 0) {
        rs_strbuf_keep_secret(sql);
        append_option(sql, "\nACCESS_KEY_ID ", access->access_key_id);
        append_option(sql, " SECRET_ACCESS_KEY ", access->secret_access_key);
        if (access->session_token.length > 0) {
            append_option(sql, " SESSION_TOKEN ", access->session_token);
        }
    } else if (access->iam_role.length > 0) {
        append_option(sql, "\nIAM_ROLE ", access->iam_role);
    } else {
        rs_strbuf_append(sql, "\nIAM_ROLE default");
    }
}

static void append_region(struct rs_strbuf *sql, const struct rs_copy_files *files)
{
    if (files->region.length > 0) {
        append_option(sql, " REGION ", files->region);
    }
}

void rs_copy_append_s3(struct rs_strbuf *sql, const struct rs_copy_into *into,
                       const struct rs_copy_files *files)
{
    append_target(sql, into);
    append_option(sql, "\nFROM ", files->url);
    rs_copy_append_access(sql, &files->access);
    rs_strbuf_append(sql, "\nFORMAT CSV");
    rs_strbuf_append(sql, compression_words[files->compression]);
    rs_strbuf_append(sql, files->manifest ? " MANIFEST" : "");
    append_region(sql, files);
    append_option(sql, " NULL AS ", into->null_text);
    rs_strbuf_append(sql, " TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF");
}

void rs_copy_append_unload(struct rs_strbuf *sql, struct rs_str query,
                           const struct rs_copy_files *files)
{
    append_option(sql, "UNLOAD (", query);
    append_option(sql, ")\nTO ", files->url);
    rs_copy_append_access(sql, &files->access);
    rs_strbuf_append(sql, "\nFORMAT CSV PARALLEL OFF");
    append_region(sql, files);
}

void rs_copy_append_noload(struct rs_strbuf *sql, struct rs_str table, struct rs_str column,
                           const struct rs_copy_files *files)
{
    rs_strbuf_append(sql, "COPY ");
    rs_sql_ident(sql, table);
    rs_strbuf_append(sql, " (");
    rs_sql_ident(sql, column);
    append_option(sql, ")\nFROM ", files->url);
    rs_copy_append_access(sql, &files->access);
    rs_strbuf_append(sql, "\nFORMAT CSV NOLOAD COMPUPDATE OFF STATUPDATE OFF");
    append_region(sql, files);
}

void rs_copy_append_stdin(struct rs_strbuf *sql, const struct rs_copy_into *into, bool freeze)
{
    append_target(sql, into);
    rs_strbuf_append(sql, " FROM STDIN WITH (FORMAT csv, NULL ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, into->null_text);
    rs_strbuf_append(sql, freeze ? ", FREEZE)" : ")");
}
