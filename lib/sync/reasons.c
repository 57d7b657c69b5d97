/*
 * The log of rejects counts them by reason as they come, and the table writers discards; the first of
 * each is described here, with texts that are cut, so that all of it fits a field of the ledger.
 */
#include "sync/reasons.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "codec/json_doc.h"
#include "codec/report_fields.h"
#include "codec/text_table.h"
#include "codec/utf8.h"
#include "codec/words.h"
#include "rows/discard_examples.h"
#include "rows/reject_log.h"
#include "sync/pipeline_state.h"
#include "transform/reject_hint.h"

enum {
    TEXT_BYTES = RS_DISCARD_SHOWN_MAX, /* of a line or value */
    INPUT_BYTES = 512,
    COLUMN_BYTES = 2 * RS_DISCARD_NAME_MAX + 1,
    HINT_BYTES = 256,
};

static const char *const kind_names[] = {
    [RS_REASON_REJECT] = "reject", [RS_REASON_DISCARD] = "discard"};

const char *rs_reason_kind_name(enum rs_reason_kind kind)
{
    return kind_names[kind];
}

void rs_reason_release(struct rs_reason *reason)
{
    rs_mem_free(reason->reason);
    rs_mem_free(reason->input);
    rs_mem_free(reason->column);
    rs_mem_free(reason->text);
    rs_mem_free(reason->hint);
    *reason = (struct rs_reason){0};
}

void rs_reasons_release(struct rs_reason *reasons, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rs_reason_release(&reasons[i]);
    }
    rs_mem_free(reasons);
}

/* --- from a run ------------------------------------------------------------------------------------ */

/* A copy that steers no terminal; whole: nothing is missing at its end. */
static char *shown(struct rs_str text, size_t max_bytes, bool whole)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_str begin = {text.data, rs_utf8_cut(text, max_bytes)};
    struct rs_str clean = rs_text_clean(&arena, begin);
    struct rs_strbuf out = RS_STRBUF_INIT(clean.length + sizeof "...");
    rs_strbuf_append_str(&out, clean);
    rs_strbuf_append(&out, whole && begin.length == text.length ? "" : "...");
    rs_arena_release(&arena);
    return rs_strbuf_take(&out);
}

static void name_input(const struct rs_pipeline *pipeline, size_t input, struct rs_reason *out)
{
    out->input = shown(rs_str_from(pipeline->inputs.items[input].name), INPUT_BYTES, true);
}

bool rs_reasons_describe_reject(const struct rs_pipeline *pipeline,
                                const struct rs_reject_place *place, uint64_t count,
                                struct rs_reason *out)
{
    char head[RS_REJECT_HEAD_MAX];
    size_t length = 0;
    struct rs_error ignored = {0};
    struct rs_strbuf hint = RS_STRBUF_INIT(HINT_BYTES);
    if (!rs_reject_log_head(pipeline->intake.rejects, place, head, &length, &ignored)) {
        return false;
    }
    struct rs_str text = {head, length};
    bool whole = length == place->length;
    *out = (struct rs_reason){.kind = RS_REASON_REJECT,
                              .count = count,
                              .reason = rs_mem_strdup(place->reason),
                              .line = place->line,
                              .text = shown(text, TEXT_BYTES, whole)};
    name_input(pipeline, place->input, out);
    if (rs_reject_hint(text, whole, place->reason, &hint)) {
        out->hint = rs_mem_strdup(rs_strbuf_cstr(&hint));
    }
    rs_strbuf_release(&hint);
    return true;
}

static void describe_discard(const struct rs_pipeline *pipeline, enum rs_discard_reason reason,
                             uint64_t count, struct rs_reason *out)
{
    struct rs_discard_example first = {0};
    struct rs_strbuf column = RS_STRBUF_INIT(COLUMN_BYTES);
    *out = (struct rs_reason){.kind = RS_REASON_DISCARD,
                              .count = count,
                              .reason = rs_mem_strdup(rs_discard_reason_text(reason))};
    if (rs_discard_examples_find(pipeline->discard_examples, reason, &first)) {
        name_input(pipeline, rs_ref_input(first.ref), out);
        out->line = first.line;
        rs_strbuf_append_str(&column, first.table);
        rs_strbuf_append_char(&column, '.');
        rs_strbuf_append_str(&column, first.column);
        out->column = shown(rs_strbuf_str(&column), COLUMN_BYTES, true);
        out->text = shown(first.value, TEXT_BYTES, true);
    }
    rs_strbuf_release(&column);
}

static bool comes_before(const struct rs_reason *a, const struct rs_reason *b)
{
    return a->kind != b->kind ? a->kind < b->kind : a->count > b->count;
}

/* Rejects before discards, and of each the most frequent first; else as they are. */
static void sort(struct rs_reason *reasons, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct rs_reason moved = reasons[i];
        size_t at = i;
        for (; at > 0 && comes_before(&moved, &reasons[at - 1]); at--) {
            reasons[at] = reasons[at - 1];
        }
        reasons[at] = moved;
    }
}

void rs_reasons_collect(struct rs_pipeline *pipeline)
{
    struct rs_sync_report *report = pipeline->report;
    size_t found = 0;
    if (pipeline->staged || !pipeline->intake.rejects) {
        return; /* those of shards are the report's already */
    }
    const struct rs_reject_reason *rejects =
        rs_reject_log_reasons(pipeline->intake.rejects, &found);
    rs_reasons_release(report->reasons, report->reason_count);
    report->reasons = rs_mem_zalloc(2 * RS_REASONS_MAX, sizeof *report->reasons);
    report->reason_count = 0;
    for (size_t i = 0; i < found && report->reason_count < RS_REASONS_MAX; i++) {
        struct rs_reason *out = &report->reasons[report->reason_count];
        bool ok = rs_reasons_describe_reject(pipeline, &rejects[i].first, rejects[i].count, out);
        report->reason_count += ok ? 1 : 0;
    }
    for (size_t i = 0; i < RS_DISCARD_REASONS; i++) {
        if (report->discards_by[i] > 0) {
            describe_discard(pipeline, (enum rs_discard_reason)i, report->discards_by[i],
                             &report->reasons[report->reason_count++]);
        }
    }
    sort(report->reasons, report->reason_count);
}

/* --- as text and as JSON ---------------------------------------------------------------------------- */

static void append_reason(const struct rs_reason *reason, struct rs_strbuf *out)
{
    rs_words_count(out, reason->count, kind_names[reason->kind]);
    rs_strbuf_printf(out, ": %s", reason->reason);
    if (reason->input) {
        rs_strbuf_printf(out, "; %s%s:%llu: ", reason->count > 1 ? "first at " : "", reason->input,
                         (unsigned long long)reason->line);
    }
    if (reason->column) {
        rs_strbuf_printf(out, "%s: ", reason->column);
    }
    rs_strbuf_append(out, reason->text ? reason->text : "");
    if (reason->hint) {
        rs_strbuf_printf(out, "\n  hint: %s", reason->hint);
    }
    rs_strbuf_append_char(out, '\n');
}

void rs_reasons_text(const struct rs_reason *reasons, size_t count, struct rs_strbuf *out)
{
    size_t told = 0;
    uint64_t others = 0;
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count || reasons[i + 1].kind != reasons[i].kind;
        if (told < RS_REASONS_TOLD) {
            append_reason(&reasons[i], out);
            told++;
        } else {
            others += reasons[i].count;
        }
        if (last && others > 0) {
            rs_words_count(out, others, kind_names[reasons[i].kind]);
            rs_strbuf_append(out, others == 1 ? ": another reason\n" : ": other reasons\n");
        }
        told = last ? 0 : told;
        others = last ? 0 : others;
    }
}

static size_t describe_reason(const void *item, struct rs_arena *arena,
                              struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_reason *reason = item;
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("kind", kind_names[reason->kind]),
        RS_REPORT_TEXT("reason", reason->reason),
        RS_REPORT_COUNT("count", reason->count),
        RS_REPORT_TEXT("input", reason->input),
        RS_REPORT_COUNT("line", reason->line),
        RS_REPORT_TEXT("column", reason->column),
        RS_REPORT_TEXT("text", reason->text),
        RS_REPORT_TEXT("hint", reason->hint),
    };
    (void)arena;
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_reasons_json(struct rs_json_writer *json, const struct rs_reason *reasons, size_t count)
{
    rs_report_fields_json_array(json, NULL, describe_reason, reasons, count, sizeof *reasons);
}

static char *member(const struct rs_json_node *node, const char *name)
{
    const char *text = rs_json_node_text(rs_json_node_find(node, name));
    return text ? rs_mem_strdup(text) : NULL;
}

static uint64_t number(const struct rs_json_node *node, const char *name)
{
    int64_t value = 0;
    return rs_json_node_i64(rs_json_node_find(node, name), &value) && value > 0 ? (uint64_t)value
                                                                                : 0;
}

void rs_reasons_parse(struct rs_str text, struct rs_reason **reasons, size_t *count)
{
    struct rs_error ignored = {0};
    struct rs_json_doc *doc = rs_json_doc_parse(text, "reasons", &ignored);
    const struct rs_json_node *root = doc ? rs_json_doc_root(doc) : NULL;
    *reasons = rs_mem_zalloc(rs_json_node_count(root) + 1, sizeof **reasons);
    *count = 0;
    for (const struct rs_json_node *node = rs_json_node_first(root); node;
         node = rs_json_node_next(node)) {
        const char *kind = rs_json_node_text(rs_json_node_find(node, "kind"));
        if (!kind || !rs_json_node_text(rs_json_node_find(node, "reason"))) {
            continue;
        }
        (*reasons)[(*count)++] = (struct rs_reason){
            .kind = strcmp(kind, kind_names[RS_REASON_DISCARD]) == 0 ? RS_REASON_DISCARD
                                                                     : RS_REASON_REJECT,
            .count = number(node, "count"),
            .reason = member(node, "reason"),
            .input = member(node, "input"),
            .line = number(node, "line"),
            .column = member(node, "column"),
            .text = member(node, "text"),
            .hint = member(node, "hint"),
        };
    }
    rs_json_doc_free(doc);
}

static struct rs_reason *find(struct rs_reason *reasons, size_t count, const struct rs_reason *like)
{
    for (size_t i = 0; i < count; i++) {
        if (reasons[i].kind == like->kind && strcmp(reasons[i].reason, like->reason) == 0) {
            return &reasons[i];
        }
    }
    return NULL;
}

static struct rs_reason copy_reason(const struct rs_reason *reason)
{
    return (struct rs_reason){
        .kind = reason->kind,
        .count = reason->count,
        .reason = rs_mem_strdup_if_any(reason->reason),
        .input = rs_mem_strdup_if_any(reason->input),
        .line = reason->line,
        .column = rs_mem_strdup_if_any(reason->column),
        .text = rs_mem_strdup_if_any(reason->text),
        .hint = rs_mem_strdup_if_any(reason->hint),
    };
}

/* Inputs of a folder are read in the order of their names. */
static bool is_earlier(const struct rs_reason *a, const struct rs_reason *b)
{
    int order = a->input && b->input ? strcmp(a->input, b->input) : 0;
    return order != 0 ? order < 0 : a->line < b->line;
}

void rs_reasons_join(struct rs_reason **reasons, size_t *count, const struct rs_reason *others,
                     size_t other_count)
{
    *reasons = rs_mem_resize(*reasons, *count + other_count + 1, sizeof **reasons);
    for (size_t i = 0; i < other_count; i++) {
        struct rs_reason *same = find(*reasons, *count, &others[i]);
        if (!same) {
            (*reasons)[(*count)++] = copy_reason(&others[i]);
            continue;
        }
        uint64_t sum = same->count + others[i].count;
        if (is_earlier(&others[i], same)) {
            rs_reason_release(same);
            *same = copy_reason(&others[i]);
        }
        same->count = sum;
    }
    sort(*reasons, *count);
}
