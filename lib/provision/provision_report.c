/*
 * The table has a row for each property and privilege; what a statement of this run put right
 * is "set". A plan is its statements, with the secret masked, so that it can be read by others.
 */
#include "provision/provision_report.h"

#include "base/mem.h"
#include "codec/json_write.h"
#include "codec/text_table.h"
#include "warehouse/sqltext.h"

static const char *const state_words[] = {
    [RS_PROPERTY_OK] = "ok",
    [RS_PROPERTY_MISSING] = "missing",
    [RS_PROPERTY_EXCESS] = "more than needed",
};

static const char *const state_names[] = {
    [RS_PROPERTY_OK] = "ok",
    [RS_PROPERTY_MISSING] = "missing",
    [RS_PROPERTY_EXCESS] = "excess",
};

static void append_plan(const struct rs_user_changes *changes, struct rs_strbuf *out)
{
    const char *dbname = NULL;
    for (size_t i = 0; i < changes->statement_count; i++) {
        const struct rs_user_statement *statement = &changes->statements[i];
        if (statement->dbname &&
            (!dbname || !rs_str_equal(rs_str_from(dbname), rs_str_from(statement->dbname)))) {
            struct rs_strbuf name = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
            rs_sql_ident(&name, rs_str_from(statement->dbname));
            rs_strbuf_append(out, "\\connect ");
            rs_strbuf_append_str(out, rs_strbuf_str(&name));
            rs_strbuf_append(out, "\n");
            rs_strbuf_release(&name);
        }
        dbname = statement->dbname ? statement->dbname : dbname;
        rs_strbuf_append_str(out, statement->shown);
        rs_strbuf_append(out, ";\n");
    }
}

static void append_rows(const struct rs_user_changes *changes, struct rs_strbuf *out)
{
    struct rs_text_table table;
    rs_text_table_init(&table, "llll");
    rs_text_table_add(&table, RS_STR("what"));
    rs_text_table_add(&table, RS_STR("wanted"));
    rs_text_table_add(&table, RS_STR("found"));
    rs_text_table_add(&table, RS_STR(""));
    for (size_t i = 0; i < changes->property_count; i++) {
        const struct rs_user_property *property = &changes->properties[i];
        rs_text_table_add(&table, rs_str_from(property->what));
        rs_text_table_add(&table, rs_str_from(property->desired));
        rs_text_table_add(&table, rs_str_from(property->actual));
        rs_text_table_add(&table,
                          rs_str_from(property->mended ? "set" : state_words[property->state]));
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
}

static size_t count_mended(const struct rs_user_changes *changes)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->property_count; i++) {
        count += changes->properties[i].mended;
    }
    return count;
}

static void append_sentence(const struct rs_provision_report *report, struct rs_strbuf *out)
{
    struct rs_strbuf name = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    const size_t mended = count_mended(&report->changes);
    rs_sql_ident(&name, rs_str_from(report->user));
    if (report->job == RS_PROVISION_CHECK) {
        rs_strbuf_printf(out, "user %s is %s\n", rs_strbuf_cstr(&name),
                         report->lacking ? "not as wanted" : "as wanted");
    } else if (!report->changed) {
        rs_strbuf_printf(out, "user %s: nothing to change\n", rs_strbuf_cstr(&name));
    } else {
        rs_strbuf_printf(out, "user %s: %zu change%s\n", rs_strbuf_cstr(&name), mended,
                         mended == 1 ? "" : "s");
    }
    rs_strbuf_release(&name);
}

void rs_provision_report_text(const struct rs_provision_report *report, struct rs_strbuf *out)
{
    if (report->plan_only) {
        append_plan(&report->changes, out);
        return;
    }
    if (report->changes.property_count > 0) {
        append_rows(&report->changes, out);
    }
    if (report->changes.property_count > 0 && !report->failed) {
        rs_strbuf_append_char(out, '\n');
        append_sentence(report, out);
    }
}

/* A name's value. */
static void write_text(struct rs_json_writer *json, struct rs_str name, const char *value)
{
    rs_json_write_key(json, name);
    rs_json_write_text(json, value);
}

static void write_rows(struct rs_json_writer *json, const struct rs_user_changes *changes)
{
    rs_json_write_key(json, RS_STR("properties"));
    rs_json_write_array_begin(json);
    for (size_t i = 0; i < changes->property_count; i++) {
        const struct rs_user_property *property = &changes->properties[i];
        rs_json_write_object_begin(json);
        write_text(json, RS_STR("what"), property->what);
        write_text(json, RS_STR("wanted"), property->desired);
        write_text(json, RS_STR("found"), property->actual);
        write_text(json, RS_STR("state"), property->mended ? "set" : state_names[property->state]);
        rs_json_write_object_end(json);
    }
    rs_json_write_array_end(json);
}

static void write_statements(struct rs_json_writer *json, const struct rs_user_changes *changes)
{
    rs_json_write_key(json, RS_STR("statements"));
    rs_json_write_array_begin(json);
    for (size_t i = 0; i < changes->statement_count; i++) {
        rs_json_write_str(json, changes->statements[i].shown);
    }
    rs_json_write_array_end(json);
}

void rs_provision_report_json(const struct rs_provision_report *report, bool with_password,
                              const struct rs_error *err, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const char *status = err->code == RS_OK          ? "success"
                         : err->code == RS_E_PARTIAL ? "partial"
                                                     : "failure";
    rs_json_write_object_begin(&json);
    write_text(&json, RS_STR("status"), status);
    write_text(&json, RS_STR("user"), *report->user ? report->user : NULL);
    write_text(&json, RS_STR("database"), *report->database ? report->database : NULL);
    rs_json_write_key(&json, RS_STR("changed"));
    rs_json_write_bool(&json, report->changed);
    rs_json_write_key(&json, RS_STR("as_wanted"));
    rs_json_write_bool(&json, err->code == RS_OK && !report->lacking);
    if (with_password && report->password.length > 0) {
        rs_json_write_key(&json, RS_STR("password"));
        rs_json_write_str(&json, rs_strbuf_str(&report->password));
    }
    write_rows(&json, &report->changes);
    write_statements(&json, &report->changes);
    rs_json_write_key(&json, RS_STR("sessions"));
    rs_json_write_texts(&json, report->sessions, report->session_count);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

void rs_provision_report_release(struct rs_provision_report *report)
{
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_mem_free(report->notices[i]);
    }
    rs_mem_free(report->notices);
    rs_strbuf_release_secret(&report->password);
    rs_user_changes_release(&report->changes);
    rs_arena_release(&report->arena);
    *report = RS_PROVISION_REPORT_INIT;
}
