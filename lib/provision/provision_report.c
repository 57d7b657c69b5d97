/*
 * The table has a row for each property and privilege; what a statement of this run put right
 * is "set". A plan is its statements, with the secret masked, so that it can be read by others.
 */
#include "provision/provision_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/report_fields.h"
#include "warehouse/sqltext.h"

enum { NOTICE_MAX_BYTES = 1024 };

static const char *const state_words[] = {
    [RS_PROPERTY_OK] = "ok",
    [RS_PROPERTY_MISSING] = "missing",
    [RS_PROPERTY_EXCESS] = "more than needed",
    [RS_PROPERTY_UNKNOWN] = "unknown",
};

static const char *const state_names[] = {
    [RS_PROPERTY_OK] = "ok",
    [RS_PROPERTY_MISSING] = "missing",
    [RS_PROPERTY_EXCESS] = "excess",
    [RS_PROPERTY_UNKNOWN] = "unknown",
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

/* A person reads the state in words, a program its name. */
static size_t describe_property(const void *item, struct rs_arena *arena,
                                struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_user_property *property = item;
    const bool mended = property->mended;
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("what", property->what, .head = "what"),
        RS_REPORT_TEXT("wanted", property->desired, .head = "wanted"),
        RS_REPORT_TEXT("found", property->actual, .head = "found"),
        RS_REPORT_TEXT(NULL, mended ? "set" : state_words[property->state], .head = ""),
        RS_REPORT_TEXT("state", mended ? "set" : state_names[property->state]),
    };
    (void)arena;
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
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

void rs_provision_report_notice(struct rs_provision_report *report, const char *fmt, ...)
{
    char text[NOTICE_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    report->notices = rs_mem_grow(report->notices, &report->notice_capacity,
                                  report->notice_count + 1, sizeof *report->notices);
    report->notices[report->notice_count++] = rs_mem_strdup(text);
}

void rs_provision_report_text(const struct rs_provision_report *report, struct rs_strbuf *out)
{
    if (report->plan_only) {
        append_plan(&report->changes, out);
        return;
    }
    if (report->changes.property_count > 0) {
        rs_report_fields_table(out, describe_property, report->changes.properties,
                               report->changes.property_count, sizeof *report->changes.properties);
    }
    if (report->changes.property_count > 0 && !report->failed) {
        rs_strbuf_append_char(out, '\n');
        append_sentence(report, out);
    }
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
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("status", status),
        RS_REPORT_TEXT("user", *report->user ? report->user : NULL),
        RS_REPORT_TEXT("database", *report->database ? report->database : NULL),
        RS_REPORT_FLAG("changed", report->changed),
        RS_REPORT_FLAG("as_wanted", err->code == RS_OK && !report->lacking),
    };
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, fields, RS_COUNTOF(fields));
    if (with_password && report->password.length > 0) {
        rs_json_write_key(&json, RS_STR("password"));
        rs_json_write_str(&json, rs_strbuf_str(&report->password));
    }
    rs_report_fields_json_array(&json, "properties", describe_property, report->changes.properties,
                                report->changes.property_count, sizeof *report->changes.properties);
    write_statements(&json, &report->changes);
    rs_json_write_key(&json, RS_STR("sessions"));
    rs_json_write_texts(&json, report->sessions, report->session_count);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_end(&json, err);
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
