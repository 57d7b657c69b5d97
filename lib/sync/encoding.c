/*
 * Of names a few are there, so all of their characters are asked for; of the ledger's texts and
 * lines too, when they are complete. A field of a line that would be too long with \uXXXX has "?".
 */
#include "sync/encoding.h"

#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"
#include "ledger/ledger_tables.h"
#include "sync/keep_alive.h"

enum { NAMES_TOLD = 3, NAMES_MAX = 1024, TEXT_MAX = 8 << 20, FIELD_MAX_BYTES = 1 << 20 };

static bool is_narrow(const struct rs_pipeline *pipeline)
{
    return pipeline->session && !rs_session_stores_unicode(pipeline->session);
}

bool rs_encoding_learn(struct rs_pipeline *pipeline, const struct rs_codepoints *seen,
                       struct rs_error *err)
{
    return !is_narrow(pipeline) ||
           (rs_keep_alive_session(pipeline, err) &&
            rs_repertoire_learn(&pipeline->repertoire, pipeline->session, seen, err));
}

void rs_encoding_text(const struct rs_pipeline *pipeline, struct rs_str text, struct rs_strbuf *out)
{
    rs_codepoints_escape(&pipeline->repertoire.missing, text, out);
}

/* --- names -------------------------------------------------------------------------------------- */

static void note_name(struct rs_strbuf *names, size_t told, struct rs_str name)
{
    if (told <= NAMES_TOLD) {
        rs_strbuf_printf(names, "%s\"%.*s\"", told > 1 ? ", " : "", RS_STR_ARG(name));
    }
}

/* Take the columns of a table out that cannot be. */
static void drop_columns(struct rs_table *table, const struct rs_codepoints *missing,
                         struct rs_strbuf *names, size_t *told)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (rs_codepoints_meet(missing, table->columns[i].name)) {
            note_name(names, ++*told, table->columns[i].name);
        } else {
            table->columns[kept++] = table->columns[i];
        }
    }
    table->column_count = kept;
}

static void drop_names(struct rs_pipeline *pipeline)
{
    const struct rs_codepoints *missing = &pipeline->repertoire.missing;
    struct rs_schema *wanted = &pipeline->wanted;
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX);
    size_t told = 0;
    size_t kept = 0;
    for (size_t i = 0; i < wanted->table_count; i++) {
        struct rs_table *table = &wanted->tables[i];
        if (rs_codepoints_meet(missing, table->name)) {
            note_name(&names, ++told, table->name);
            (void)rs_schema_add_table(&pipeline->misnamed, table->name, table->kind);
            rs_mem_free(table->columns);
            continue;
        }
        drop_columns(table, missing, &names, &told);
        wanted->tables[kept++] = *table;
    }
    wanted->table_count = kept;
    if (told > 0) {
        rs_pipeline_notice(
            pipeline,
            "%zu table%s and column%s cannot be made, as the database's encoding does "
            "not have the characters of their names (%s%s): values that are in no other "
            "table are discards",
            told, told == 1 ? "" : "s", told == 1 ? "" : "s", rs_strbuf_cstr(&names),
            told > NAMES_TOLD ? " and on" : "");
    }
    rs_strbuf_release(&names);
}

bool rs_encoding_settle_names(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_codepoints seen = RS_CODEPOINTS_INIT;
    rs_schema_init(&pipeline->misnamed, rs_strbuf_str(&pipeline->schema));
    for (size_t i = 0; i < pipeline->wanted.table_count && is_narrow(pipeline); i++) {
        const struct rs_table *table = &pipeline->wanted.tables[i];
        rs_codepoints_add_text(&seen, table->name);
        for (size_t k = 0; k < table->column_count; k++) {
            rs_codepoints_add_text(&seen, table->columns[k].name);
        }
    }
    bool ok = rs_encoding_learn(pipeline, &seen, err);
    if (ok && pipeline->repertoire.missing.count > 0) {
        drop_names(pipeline);
    }
    rs_codepoints_release(&seen);
    return ok;
}

void rs_encoding_leave_out(struct rs_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->misnamed.table_count; i++) {
        const struct rs_table *table = &pipeline->misnamed.tables[i];
        (void)rs_schema_add_table(&pipeline->plan.left_out, table->name, table->kind);
    }
}

/* --- the ledger's lines ------------------------------------------------------------------------- */

/* Takes CSV. A character may come in two writes. */
struct field_sink {
    struct rs_sink sink;
    struct rs_codepoints *seen; /* learn what characters there are; NULL: hand the line on */
    const struct rs_encoding_lines *lines;
    struct rs_sink *next;
    struct rs_strbuf field;
    struct rs_strbuf fitted;
    size_t column;
    bool quoted;
};

/* Append the text with a "?" for each character that is missing. */
static void append_marked(const struct rs_codepoints *missing, struct rs_str text,
                          struct rs_strbuf *out)
{
    for (size_t at = 0; at < text.length;) {
        uint32_t code = 0;
        size_t length = rs_utf8_decode(text.data + at, text.data + text.length, &code);
        length = length > 0 ? length : 1;
        if (length > 1 && rs_codepoints_has(missing, code)) {
            rs_strbuf_append_char(out, '?');
        } else {
            rs_strbuf_append_bytes(out, text.data + at, length);
        }
        at += length;
    }
}

/* A field has come with what ends it. */
static bool end_field(struct field_sink *sink, struct rs_error *err)
{
    const struct rs_codepoints *missing = &sink->lines->pipeline->repertoire.missing;
    const struct rs_table *table = sink->lines->table;
    struct rs_str field = rs_strbuf_str(&sink->field);
    if (!rs_strbuf_ok(&sink->field)) {
        return rs_error_set(err, RS_E_LIMIT, "a field is over 1 MiB");
    }
    size_t most = sink->column < table->column_count &&
                          table->columns[sink->column].type.type == RS_TYPE_VARCHAR
                      ? table->columns[sink->column].type.length
                      : SIZE_MAX;
    rs_strbuf_reset(&sink->fitted);
    if (sink->seen) {
        rs_codepoints_add_text(sink->seen, field);
    } else {
        rs_codepoints_escape(missing, field, &sink->fitted);
    }
    if (sink->fitted.length > most && sink->fitted.length > field.length) {
        rs_strbuf_reset(&sink->fitted);
        append_marked(missing, field, &sink->fitted);
    }
    sink->column = field.data[field.length - 1] == '\n' ? 0 : sink->column + 1;
    rs_strbuf_reset(&sink->field);
    return sink->seen || sink->next->write(sink->next, sink->fitted.data, sink->fitted.length, err);
}

static bool write_fields(struct rs_sink *base, const void *bytes, size_t count,
                         struct rs_error *err)
{
    struct field_sink *sink = (struct field_sink *)base;
    const char *text = bytes;
    for (size_t i = 0; i < count; i++) {
        rs_strbuf_append_char(&sink->field, text[i]);
        sink->quoted = sink->quoted != (text[i] == '"');
        if (!sink->quoted && (text[i] == ',' || text[i] == '\n') && !end_field(sink, err)) {
            return false;
        }
    }
    return rs_strbuf_ok(&sink->field) || rs_error_set(err, RS_E_LIMIT, "a field is over 1 MiB");
}

/* Have the lines' source write, to learn from it (seen) or through to next. */
static bool write_lines(const struct rs_encoding_lines *lines, struct rs_codepoints *seen,
                        struct rs_sink *next, struct rs_error *err)
{
    struct field_sink sink = {.sink = {write_fields},
                              .seen = seen,
                              .lines = lines,
                              .next = next,
                              .field = RS_STRBUF_INIT(FIELD_MAX_BYTES),
                              .fitted = RS_STRBUF_INIT(FIELD_MAX_BYTES * 6)};
    bool ok = !lines->from.encode || lines->from.encode(lines->from.arg, &sink.sink, err);
    rs_strbuf_release(&sink.field);
    rs_strbuf_release(&sink.fitted);
    return ok;
}

static bool encode_lines(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    return write_lines(arg, NULL, sink, err);
}

/* --- the ledger's texts ------------------------------------------------------------------------- */

static struct rs_str fit_text(const struct rs_pipeline *pipeline, struct rs_arena *arena,
                              struct rs_str text)
{
    struct rs_strbuf fitted = RS_STRBUF_INIT(TEXT_MAX);
    rs_encoding_text(pipeline, text, &fitted);
    struct rs_str copy = rs_arena_copy(arena, rs_strbuf_str(&fitted));
    rs_strbuf_release(&fitted);
    return copy;
}

static void fit_texts(const struct rs_pipeline *pipeline, struct rs_ledger_outcome *outcome,
                      struct rs_arena *arena)
{
    struct rs_ledger_input *inputs =
        rs_arena_zalloc(arena, outcome->input_count + 1, sizeof *inputs);
    for (size_t i = 0; i < outcome->input_count; i++) {
        inputs[i] = outcome->inputs[i];
        inputs[i].name = fit_text(pipeline, arena, inputs[i].name);
    }
    struct rs_str *again = rs_arena_zalloc(arena, outcome->read_again_count + 1, sizeof *again);
    for (size_t i = 0; i < outcome->read_again_count; i++) {
        again[i] = fit_text(pipeline, arena, outcome->read_again[i]);
    }
    outcome->inputs = inputs;
    outcome->read_again = again;
    outcome->notices = fit_text(pipeline, arena, outcome->notices);
    outcome->error = fit_text(pipeline, arena, outcome->error);
    outcome->reasons = fit_text(pipeline, arena, outcome->reasons);
}

static void fit_lines(const struct rs_pipeline *pipeline, const char *table,
                      struct rs_ledger_rows *rows, struct rs_encoding_fitted *fitted,
                      struct rs_encoding_lines *lines)
{
    *lines = (struct rs_encoding_lines){pipeline, rows->source,
                                        rs_schema_find_table(&fitted->ledger, rs_str_from(table))};
    if (rows->source.encode) {
        rows->source = (struct rs_load_source){encode_lines, lines};
    }
}

bool rs_encoding_fit_outcome(struct rs_pipeline *pipeline, struct rs_ledger_outcome *outcome,
                             struct rs_encoding_fitted *fitted, struct rs_error *err)
{
    struct rs_codepoints seen = RS_CODEPOINTS_INIT;
    if (!is_narrow(pipeline)) {
        return true;
    }
    rs_schema_init(&fitted->ledger, rs_strbuf_str(&pipeline->schema));
    rs_ledger_define(&fitted->ledger, pipeline->dialect);
    fit_lines(pipeline, "rs_rejects", &outcome->rejected, fitted, &fitted->rejected);
    fit_lines(pipeline, "rs_discards", &outcome->discarded, fitted, &fitted->discarded);
    for (size_t i = 0; i < outcome->input_count; i++) {
        rs_codepoints_add_text(&seen, outcome->inputs[i].name);
    }
    for (size_t i = 0; i < outcome->read_again_count; i++) {
        rs_codepoints_add_text(&seen, outcome->read_again[i]);
    }
    rs_codepoints_add_text(&seen, outcome->notices);
    rs_codepoints_add_text(&seen, outcome->error);
    rs_codepoints_add_text(&seen, outcome->reasons);
    bool ok = write_lines(&fitted->rejected, &seen, NULL, err) &&
              write_lines(&fitted->discarded, &seen, NULL, err) &&
              rs_encoding_learn(pipeline, &seen, err);
    if (ok) {
        fit_texts(pipeline, outcome, &fitted->arena);
    }
    rs_codepoints_release(&seen);
    return ok;
}

void rs_encoding_release(struct rs_encoding_fitted *fitted)
{
    rs_schema_release(&fitted->ledger);
    rs_arena_release(&fitted->arena);
}
