/*
 * example.c - events in, the SQL that makes their tables in Redshift and fills them out.
 *
 *   cc example.c $(pkg-config --cflags --libs rs) -o example && ./example shop < events.ndjson
 */
#include <rs/copy.h>
#include <rs/ddl.h>
#include <rs/infer.h>
#include <rs/name.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct rs_infer *infer = rs_infer_new(&(struct rs_infer_options){.name_limit = RS_NAME_MAX});
    struct rs_strbuf name = RS_STRBUF_INIT(1 << 10);
    struct rs_strbuf sql = RS_STRBUF_INIT(64 << 20);
    struct rs_schema schema;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        struct rs_error err = {0};
        line[strcspn(line, "\n")] = '\0';
        if (!rs_infer_line(infer, rs_str_from(line), &err)) {
            (void)fprintf(stderr, "%s\n", err.message);
        }
    }
    rs_name_schema(rs_str_from(argc > 1 ? argv[1] : "events"), RS_NAME_MAX, &name);
    rs_infer_schema(infer, rs_strbuf_str(&name), &schema);
    rs_ddl_append_schema(&sql, schema.name);
    rs_strbuf_append(&sql, ";\n");
    for (size_t i = 0; i < schema.table_count; i++) {
        const struct rs_table *table = &schema.tables[i];
        struct rs_strbuf url = RS_STRBUF_INIT(1 << 10);
        rs_strbuf_printf(&url, "s3://my-bucket/%.*s/", RS_STR_ARG(table->name));
        rs_ddl_append_table(&sql, RS_DIALECT_REDSHIFT, schema.name, table);
        rs_strbuf_append(&sql, ";\n");
        rs_copy_append_s3(
            &sql, &(struct rs_copy_into){.schema = schema.name, table->name, table, RS_STR("\\N")},
            &(struct rs_copy_files){.url = rs_strbuf_str(&url), .compression = RS_COPY_GZIP});
        rs_strbuf_append(&sql, ";\n");
        rs_strbuf_release(&url);
    }
    (void)fputs(rs_strbuf_cstr(&sql), stdout);
    rs_schema_release(&schema);
    rs_strbuf_release(&sql);
    rs_strbuf_release(&name);
    rs_infer_free(infer);
    free(line);
    return 0;
}
