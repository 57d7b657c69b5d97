/*
 * One screen: a line a check, and under what is not well why it matters and what to do. Those that
 * were not tried for the same reason share a line. Commands are never broken over lines, so that
 * they can be copied.
 */
#include "check/engine/check_report.h"

#include <string.h>

#include "codec/report_fields.h"
#include "codec/text_table.h"

enum {
    TITLE_WIDTH = 26, /* of the longest title, and a gap */
    INDENT = 4,
    COLUMNS_MIN = 40,
    COLUMNS_NARROW = 60, /* beside the titles there is no room for sentences */
    INDENT_NARROW = 6,
};

struct mark {
    const char *symbol;
    const char *letter; /* where a terminal has no UTF-8 */
    const char *color;  /* SGR */
    const char *name;   /* for the verdict */
};

static const struct mark marks[] = {
    [RS_CHECK_SKIP] = {"-", "-", "2", "skipped"},
    [RS_CHECK_PASS] = {"\xe2\x9c\x93", "+", "32", "passed"},
    [RS_CHECK_UNKNOWN] = {"?", "?", "35", "unknown"},
    [RS_CHECK_WARN] = {"!", "!", "33", "warned"},
    [RS_CHECK_FAIL] = {"\xe2\x9c\x97", "x", "31", "failed"},
};

/* ---- What is shown ---- */

static bool is_asked_for(const struct rs_check_run *run, enum rs_check_id id)
{
    return (run->chosen & run->options->only & RS_CHECK_BIT(id)) != 0;
}

bool rs_check_is_shown(const struct rs_check_run *run, enum rs_check_id id)
{
    bool shown = is_asked_for(run, id);
    if (run->options->skip & RS_CHECK_BIT(id)) {
        return false;
    }
    const bool stopped = !shown && run->chosen & RS_CHECK_BIT(id) && !rs_check_held(run, id);
    for (enum rs_check_id other = 0; other < RS_CHECK_COUNT && stopped && !shown; other++) {
        shown = run->results[other].skipped == id && other != id && rs_check_is_shown(run, other);
    }
    return shown;
}

/* ---- Lines ---- */

struct page {
    const struct rs_check_view *view;
    struct rs_strbuf *out;
    struct rs_arena arena;
};

static void spaces(struct rs_strbuf *out, size_t count)
{
    for (; count > 0; count--) {
        rs_strbuf_append_char(out, ' ');
    }
}

static void paint(const struct page *page, const char *color, const char *text)
{
    if (page->view->color) {
        rs_strbuf_printf(page->out, "\x1b[%sm%s\x1b[0m", color, text);
    } else {
        rs_strbuf_append(page->out, text);
    }
}

/* Append text from a column on, broken between words into lines that begin at indent. */
static void flow(struct page *page, const char *text, size_t column, size_t indent)
{
    struct rs_str rest = rs_text_clean(&page->arena, rs_str_from(text));
    const size_t columns = page->view->columns;
    const size_t limit = columns == 0 ? SIZE_MAX : columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
    const size_t start = column;
    while (rest.length > 0) {
        const char *space = memchr(rest.data, ' ', rest.length);
        const size_t length = space ? (size_t)(space - rest.data) : rest.length;
        const struct rs_str word = {rest.data, length};
        const size_t width = rs_text_width(word);
        const bool first = column == start || column == indent;
        if (!first && column + 1 + width > limit) {
            rs_strbuf_append_char(page->out, '\n');
            spaces(page->out, indent);
            column = indent;
        } else if (!first) {
            rs_strbuf_append_char(page->out, ' ');
            column++;
        }
        rs_strbuf_append_str(page->out, word);
        column += width;
        rest.data += length + (space ? 1 : 0);
        rest.length -= length + (space ? 1 : 0);
    }
    rs_strbuf_append_char(page->out, '\n');
}

static void put_titled(struct page *page, enum rs_check_status status, const char *title,
                       const char *text)
{
    const struct mark *mark = &marks[status];
    const size_t columns = page->view->columns;
    const bool narrow = columns > 0 && columns < COLUMNS_NARROW;
    const size_t indent = narrow ? INDENT_NARROW : INDENT + TITLE_WIDTH;
    rs_strbuf_append(page->out, "  ");
    paint(page, mark->color, page->view->utf8 ? mark->symbol : mark->letter);
    rs_strbuf_append_char(page->out, ' ');
    rs_strbuf_append(page->out, title);
    if (narrow) {
        rs_strbuf_append_char(page->out, '\n');
    }
    spaces(page->out, narrow ? indent : TITLE_WIDTH - strlen(title));
    flow(page, text, indent, indent);
}

static void put_line(struct page *page, const struct rs_check_run *run, enum rs_check_id id)
{
    const struct rs_check_result *result = &run->results[id];
    put_titled(page, result->status, rs_checks[id].title, result->seen);
}

/* ---- What was not tried ---- */

static bool is_untried_for(const struct rs_check_run *run, enum rs_check_id id,
                           enum rs_check_id reason)
{
    const struct rs_check_result *result = &run->results[id];
    return rs_check_is_shown(run, id) && result->status == RS_CHECK_SKIP &&
           result->skipped == reason;
}

/* All that share the reason of this one, if that is not this one alone; true: their line is there,
   from here or from one before. */
static bool put_untried(struct page *page, const struct rs_check_run *run, enum rs_check_id id)
{
    const enum rs_check_id reason = run->results[id].skipped;
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    enum rs_check_id first = RS_CHECK_COUNT;
    size_t count = 0;
    if (reason == RS_CHECK_COUNT || page->view->verbose || !is_untried_for(run, id, reason)) {
        return false;
    }
    rs_strbuf_printf(&text, "\"%s\" did not pass: ", rs_checks[reason].name);
    for (enum rs_check_id other = 0; other < RS_CHECK_COUNT; other++) {
        if (is_untried_for(run, other, reason)) {
            first = count == 0 ? other : first;
            rs_strbuf_printf(&text, "%s%s", count > 0 ? ", " : "", rs_checks[other].name);
            count++;
        }
    }
    if (count > 1 && first == id) {
        put_titled(page, RS_CHECK_SKIP, "not tried", rs_strbuf_cstr(&text));
    }
    rs_strbuf_release(&text);
    return count > 1;
}

static void put_texts(struct page *page, const char *label, const struct rs_check_texts *texts,
                      bool broken)
{
    const size_t indent = INDENT + strlen(label) + 1;
    for (size_t i = 0; i < texts->count; i++) {
        spaces(page->out, INDENT);
        paint(page, "2", label);
        rs_strbuf_append_char(page->out, ' ');
        if (broken) {
            flow(page, texts->items[i], indent, indent);
        } else {
            struct rs_str line = rs_text_clean(&page->arena, rs_str_from(texts->items[i]));
            rs_strbuf_append_str(page->out, line);
            rs_strbuf_append_char(page->out, '\n');
        }
    }
}

/* The table of what was asked; the mark of each line is that of a check. */
static void put_answers(struct page *page, const struct rs_check_result *result)
{
    struct rs_text_table table;
    rs_text_table_init(&table, "lllll");
    static const char *const heads[] = {"", " ", "question", "assumed", "found"};
    for (size_t i = 0; i < RS_COUNTOF(heads); i++) {
        rs_text_table_add(&table, rs_str_from(heads[i]));
    }
    for (size_t i = 0; i < result->answer_count; i++) {
        const struct rs_check_answer *answer = &result->answers[i];
        const struct mark *mark = &marks[answer->status];
        const char *cells[] = {"", page->view->utf8 ? mark->symbol : mark->letter, answer->question,
                               answer->assumed, answer->found};
        for (size_t k = 0; k < RS_COUNTOF(cells); k++) {
            rs_text_table_add(&table, rs_str_from(cells[k]));
        }
    }
    rs_text_table_format(&table, page->out);
    rs_text_table_release(&table);
}

static void put_check(struct page *page, const struct rs_check_run *run, enum rs_check_id id)
{
    const struct rs_check_result *result = &run->results[id];
    const bool well = result->status == RS_CHECK_PASS || result->status == RS_CHECK_SKIP;
    const char *why = result->why;
    const struct rs_check_texts reason = {&why, why[0] != '\0', 1};
    put_line(page, run, id);
    if (result->answer_count > 0) {
        put_answers(page, result);
    }
    if (!well || page->view->verbose) {
        put_texts(page, "seen:", &result->details, true);
    }
    if (!well) {
        put_texts(page, "why: ", &reason, true);
        put_texts(page, "do:  ", &result->steps, true);
        put_texts(page, "run: ", &result->commands, false);
    }
}

void rs_check_line_text(const struct rs_check_run *run, enum rs_check_id id,
                        const struct rs_check_view *view, struct rs_strbuf *out)
{
    struct page page = {view, out, RS_ARENA_INIT};
    put_line(&page, run, id);
    rs_arena_release(&page.arena);
}

/* ---- The verdict ---- */

struct rs_check_verdict rs_check_verdict(const struct rs_check_run *run)
{
    static const enum rs_check_id way[] = {RS_CHECK_DNS, RS_CHECK_TCP, RS_CHECK_PROTOCOL,
                                           RS_CHECK_LOGIN};
    struct rs_check_verdict verdict = {.unreachable = false};
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        verdict.counts[run->results[id].status] += rs_check_is_shown(run, id) ? 1 : 0;
    }
    for (size_t i = 0; i < RS_COUNTOF(way); i++) {
        verdict.unreachable |=
            run->results[way[i]].status == RS_CHECK_FAIL && rs_check_is_shown(run, way[i]);
    }
    return verdict;
}

static void name_those(const struct rs_check_run *run, enum rs_check_status status,
                       struct rs_strbuf *out)
{
    const char *between = ": ";
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        if (rs_check_is_shown(run, id) && run->results[id].status == status) {
            rs_strbuf_append(out, between);
            rs_strbuf_append(out, rs_checks[id].name);
            between = ", ";
        }
    }
}

/* "the database cannot be reached; 1 of 2 checks passed; ..." */
static void put_verdict(const struct rs_check_run *run, struct rs_strbuf *out)
{
    const struct rs_check_verdict verdict = rs_check_verdict(run);
    const unsigned *counts = verdict.counts;
    static const enum rs_check_status told[] = {RS_CHECK_FAIL, RS_CHECK_WARN, RS_CHECK_UNKNOWN};
    const unsigned ran = counts[RS_CHECK_FAIL] + counts[RS_CHECK_WARN] + counts[RS_CHECK_UNKNOWN] +
                         counts[RS_CHECK_PASS];
    if (verdict.unreachable) {
        rs_strbuf_append(out, "the database cannot be reached; ");
    }
    rs_strbuf_printf(out, "%u of %u checks passed", counts[RS_CHECK_PASS], ran);
    for (size_t i = 0; i < RS_COUNTOF(told); i++) {
        if (counts[told[i]] > 0) {
            rs_strbuf_printf(out, "; %u %s", counts[told[i]], marks[told[i]].name);
            name_those(run, told[i], out);
        }
    }
    if (counts[RS_CHECK_SKIP] > 0) {
        rs_strbuf_printf(out, "; %u not tried", counts[RS_CHECK_SKIP]);
    }
}

void rs_check_report_text(const struct rs_check_run *run, const struct rs_check_view *view,
                          struct rs_strbuf *out)
{
    struct page page = {view, out, RS_ARENA_INIT};
    struct rs_strbuf verdict = RS_STRBUF_INIT(4096);
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        if (rs_check_is_shown(run, id) && !put_untried(&page, run, id)) {
            put_check(&page, run, id);
        }
    }
    put_verdict(run, &verdict);
    flow(&page, rs_strbuf_cstr(&verdict), 0, 0);
    rs_strbuf_release(&verdict);
    rs_arena_release(&page.arena);
}

/* ---- For machines ---- */

static size_t describe_answer(const void *item, struct rs_arena *arena,
                              struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_check_answer *answer = item;
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("name", answer->name),
        RS_REPORT_TEXT("status", rs_check_status_names[answer->status]),
        RS_REPORT_TEXT("question", answer->question),
        RS_REPORT_TEXT("sql", answer->sql),
        RS_REPORT_TEXT("assumed", answer->assumed),
        RS_REPORT_TEXT("found", answer->found),
        RS_REPORT_TEXT("follows", answer->follows),
        RS_REPORT_TEXT("source", answer->source),
    };
    (void)arena;
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

static void write_check(struct rs_json_writer *json, const struct rs_check_run *run,
                        enum rs_check_id id)
{
    const struct rs_check_result *result = &run->results[id];
    const struct {
        const char *name;
        const struct rs_check_texts *texts;
    } lists[] = {
        {"details", &result->details}, {"steps", &result->steps}, {"commands", &result->commands}};
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("name", rs_checks[id].name),
        RS_REPORT_TEXT("title", rs_checks[id].title),
        RS_REPORT_TEXT("status", rs_check_status_names[result->status]),
        RS_REPORT_TEXT("seen", result->seen),
        RS_REPORT_TEXT("why", result->why),
    };
    const struct rs_report_field seconds = RS_REPORT_SECONDS("seconds", result->seconds);
    rs_json_write_object_begin(json);
    rs_report_fields_json(json, fields, RS_COUNTOF(fields));
    for (size_t i = 0; i < RS_COUNTOF(lists); i++) {
        rs_json_write_key(json, rs_str_from(lists[i].name));
        rs_json_write_texts(json, lists[i].texts->items, lists[i].texts->count);
    }
    if (result->answer_count > 0) {
        rs_report_fields_json_array(json, "answers", describe_answer, result->answers,
                                    result->answer_count, sizeof *result->answers);
    }
    rs_report_fields_json(json, &seconds, 1);
    rs_json_write_object_end(json);
}

static const char *status_of(const struct rs_check_verdict *verdict, const struct rs_error *err)
{
    const bool error = err->code != RS_OK;
    return error || verdict->unreachable || verdict->counts[RS_CHECK_FAIL] > 0 ? "failure"
                                                                               : "success";
}

/* null where nobody knows: it was not asked for, or could not be tried. */
static void write_reachable(struct rs_json_writer *json, const struct rs_check_run *run,
                            const struct rs_check_verdict *verdict)
{
    if (verdict->unreachable) {
        rs_json_write_bool(json, false);
    } else if (rs_check_held(run, RS_CHECK_TCP)) {
        rs_json_write_bool(json, true);
    } else {
        rs_json_write_null(json);
    }
}

void rs_check_report_json(const struct rs_check_run *run, const struct rs_error *err,
                          struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_check_verdict verdict = rs_check_verdict(run);
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    if (err->code == RS_OK) {
        put_verdict(run, &text);
    } else {
        rs_strbuf_append(&text, "the checks could not be run");
    }
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, status_of(&verdict, err));
    rs_json_write_key(&json, RS_STR("reachable"));
    write_reachable(&json, run, &verdict);
    rs_json_write_key(&json, RS_STR("verdict"));
    rs_json_write_text(&json, rs_strbuf_cstr(&text));
    for (size_t i = 0; i < RS_COUNTOF(verdict.counts); i++) {
        rs_json_write_key(&json, rs_str_from(rs_check_status_names[i]));
        rs_json_write_u64(&json, verdict.counts[i]);
    }
    rs_json_write_key(&json, RS_STR("checks"));
    rs_json_write_array_begin(&json);
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        if (rs_check_is_shown(run, id)) {
            write_check(&json, run, id);
        }
    }
    rs_json_write_array_end(&json);
    rs_json_write_end(&json, err);
    rs_strbuf_release(&text);
}
