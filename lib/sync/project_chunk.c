/*
 * Most cuts are events, and are read as such at once. What turns out to be none is looked at again:
 * a line is cut into what it holds, and an object that has a batch is cut into the elements of that,
 * which are read with what the rest of the object says.
 */
#include "sync/project_chunk.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json_cut.h"
#include "codec/json_token.h"

struct work {
    struct rs_projector *projector;
    struct rs_batch *batch;
    const struct rs_project_count *told;
};

static void tell(const struct work *work, enum rs_outcome outcome)
{
    work->told->count(work->told->arg, outcome);
}

static void reject(const struct work *work, struct rs_place place, struct rs_str text,
                   const char *reason)
{
    rs_batch_add_reject(work->batch, place, text, reason);
    tell(work, RS_OUTCOME_NO_EVENT);
}

static struct rs_str cut_text(const struct rs_json_cut *cut, const char *text)
{
    return (struct rs_str){text + cut->offset, cut->length};
}

static struct rs_place cut_place(const struct rs_json_cut *cut, struct rs_place text)
{
    return (struct rs_place){text.line + cut->line, text.byte + cut->offset};
}

/* Why a damaged text is no event: what a parser has against it. */
static const char *fault_of(struct rs_str text)
{
    struct rs_json_tape tape = {0};
    struct rs_json_fault fault = {0};
    const char *reason = "it is not a JSON object";
    if (!rs_json_tokenize(text, &tape, &fault)) {
        reason = fault.reason;
    } else if (tape.tokens[0].kind == RS_JSON_OBJECT) {
        reason = "what follows the object belongs to it";
    }
    rs_json_tape_release(&tape);
    return reason;
}

/* What is no event whatever it holds: a reject. */
static void reject_cut(const struct work *work, const struct rs_json_cut *cut, const char *text,
                       struct rs_place place)
{
    const char *reason = NULL;
    switch ((enum rs_json_cut_kind)cut->kind) {
    case RS_JSON_CUT_LINE:
    case RS_JSON_CUT_VALUE:
        return;
    case RS_JSON_CUT_DAMAGED:
        reason = fault_of(cut_text(cut, text));
        break;
    case RS_JSON_CUT_LONG:
        reason = "the event is longer than 16 MiB";
        break;
    case RS_JSON_CUT_TAIL:
        reason =
            "what follows the batch of a body of more than 16 MiB comes too late for its events";
        break;
    case RS_JSON_CUT_UNCLOSED:
        reason = "the array of events does not end";
        break;
    }
    reject(work, cut_place(cut, place), cut_text(cut, text), reason);
}

/* Read a text as an event; false when it is none, and nothing has come of it. */
static bool project(const struct work *work, struct rs_place place, struct rs_str text,
                    const char **reason)
{
    enum rs_outcome outcome = rs_projector_event(work->projector, work->batch, text, reason);
    if (RS_UNLIKELY(outcome == RS_OUTCOME_NO_EVENT)) {
        return false;
    }
    if (RS_LIKELY(outcome == RS_OUTCOME_ROW)) {
        struct rs_row *row = &work->batch->rows[work->batch->row_count - 1];
        row->line = (uint32_t)(place.line - work->batch->first_line);
    } else if (RS_UNLIKELY(outcome == RS_OUTCOME_REJECT)) {
        rs_batch_add_reject(work->batch, place, text, *reason);
    }
    tell(work, outcome);
    return true;
}

/* --- bodies --------------------------------------------------------------------------------------- */

/* A body without its elements: what stands before them, and what behind, with the bracket between. */
static char *join_body(struct rs_str before, struct rs_str tail, size_t *length)
{
    static const char closed[] = "]}";
    tail = tail.length > 0 ? tail : (struct rs_str){closed + 1, 1};
    *length = before.length + 1 + tail.length;
    char *body = rs_mem_zalloc(*length + RS_JSON_PADDING, 1);
    memcpy(body, before.data, before.length);
    body[before.length] = closed[0];
    memcpy(body + before.length + 1, tail.data, tail.length);
    return body;
}

/* Have what stands around the elements of a body hold for them; false when it is no body. */
static bool enter_body(const struct work *work, struct rs_str before, struct rs_str tail,
                       size_t events, const char **reason)
{
    size_t length = 0;
    char *body = join_body(before, tail, &length);
    bool ok =
        rs_projector_enter_body(work->projector, (struct rs_str){body, length}, events, reason);
    rs_mem_free(body);
    return ok;
}

static void project_elements(const struct work *work, const struct rs_json_cuts *cuts,
                             const char *text, struct rs_place place)
{
    for (size_t i = 0; i < cuts->count; i++) {
        const struct rs_json_cut *cut = &cuts->items[i];
        const char *reason = NULL;
        if (cut->kind == RS_JSON_CUT_TAIL) {
            continue;
        }
        if (cut->kind != RS_JSON_CUT_VALUE) {
            reject_cut(work, cut, text, place);
        } else if (!project(work, cut_place(cut, place), cut_text(cut, text), &reason)) {
            reject(work, cut_place(cut, place), cut_text(cut, text), reason);
        }
    }
}

/* Read an object that has a batch as a body; false when it is none. */
static bool project_body(const struct work *work, struct rs_place place, struct rs_str text,
                         const char **reason)
{
    struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT_BODY;
    struct rs_json_cuts cuts = {0};
    size_t elements = 0;
    if (!rs_json_find_batch(text, &elements)) {
        return false;
    }
    const char *rest = text.data + elements;
    struct rs_place rest_place = {
        place.line + rs_json_count_lines(text.data, elements),
        place.byte + elements,
    };
    rs_json_cut(&cutter, rest, text.length - elements, true, &cuts);
    const struct rs_json_cut *last = cuts.count > 0 ? &cuts.items[cuts.count - 1] : NULL;
    struct rs_str tail =
        last && last->kind == RS_JSON_CUT_TAIL ? cut_text(last, rest) : (struct rs_str){NULL, 0};
    bool ok = enter_body(work, (struct rs_str){text.data, elements}, tail, cuts.count, reason);
    if (ok) {
        project_elements(work, &cuts, rest, rest_place);
        rs_projector_leave_body(work->projector);
    }
    rs_json_cuts_release(&cuts);
    return ok;
}

/* --- a cut ---------------------------------------------------------------------------------------- */

/* Most bodies begin with their batch: to read them as events first would be for nothing. */
static bool begins_body(struct rs_str text)
{
    return rs_str_starts(text, RS_STR("{\"batch\":["));
}

static void project_value(const struct work *work, struct rs_place place, struct rs_str text)
{
    const char *reason = NULL;
    if (RS_UNLIKELY(begins_body(text)) && project_body(work, place, text, &reason)) {
        return;
    }
    if (!project(work, place, text, &reason) && !project_body(work, place, text, &reason)) {
        reject(work, place, text, reason);
    }
}

/* A line that is no event: it may hold several. */
static void project_line(const struct work *work, struct rs_place place, struct rs_str text)
{
    struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT_LINE;
    struct rs_json_cuts cuts = {0};
    rs_json_cut(&cutter, text.data, text.length, true, &cuts);
    for (size_t i = 0; i < cuts.count; i++) {
        const struct rs_json_cut *cut = &cuts.items[i];
        if (cut->kind == RS_JSON_CUT_VALUE) {
            project_value(work, cut_place(cut, place), cut_text(cut, text.data));
        } else {
            reject_cut(work, cut, text.data, place);
        }
    }
    rs_json_cuts_release(&cuts);
}

/* Whether what follows the batch of a body, whose events were read, says nothing of them. */
static bool says_nothing(const struct work *work, struct rs_str tail)
{
    const char *reason = NULL;
    const bool ok = enter_body(work, RS_STR("{\"batch\":["), tail, 1, &reason) &&
                    !rs_projector_in_body(work->projector);
    rs_projector_leave_body(work->projector);
    return ok;
}

/* A part of an event that is too long is a reject with the others. */
static void reject_part(const struct work *work, const struct rs_chunk *chunk)
{
    struct rs_str text = {chunk->text, chunk->length};
    struct rs_place place = {chunk->first_line, chunk->first_byte};
    rs_batch_add_reject(work->batch, place, text,
                        chunk->first_part ? "the event is longer than 16 MiB" : NULL);
    if (chunk->first_part) {
        tell(work, RS_OUTCOME_NO_EVENT);
    }
}

static void project_cut(const struct work *work, const struct rs_json_cut *cut,
                        const struct rs_chunk *chunk)
{
    const struct rs_place place = {chunk->first_line, chunk->first_byte};
    const struct rs_str text = cut_text(cut, chunk->text);
    const char *reason = NULL;
    switch ((enum rs_json_cut_kind)cut->kind) {
    case RS_JSON_CUT_LINE:
        if (RS_UNLIKELY(begins_body(text)) ||
            RS_UNLIKELY(!project(work, cut_place(cut, place), text, &reason))) {
            project_line(work, cut_place(cut, place), text);
        }
        return;
    case RS_JSON_CUT_VALUE:
        if (chunk->body && !project(work, cut_place(cut, place), text, &reason)) {
            reject(work, cut_place(cut, place), text, reason);
        } else if (!chunk->body) {
            project_value(work, cut_place(cut, place), text);
        }
        return;
    case RS_JSON_CUT_TAIL: /* the chunk's last */
        if (!says_nothing(work, text)) {
            reject_cut(work, cut, chunk->text, place);
        }
        return;
    case RS_JSON_CUT_DAMAGED:
    case RS_JSON_CUT_LONG:
    case RS_JSON_CUT_UNCLOSED:
        reject_cut(work, cut, chunk->text, place);
        return;
    }
}

void rs_project_chunk(struct rs_projector *projector, struct rs_batch *batch,
                      const struct rs_chunk *chunk, const struct rs_project_count *told)
{
    const struct work work = {projector, batch, told};
    const char *reason = NULL;
    if (chunk->kind == RS_CHUNK_PART) {
        reject_part(&work, chunk);
        return;
    }
    const struct rs_str before = {chunk->body, chunk->body_length};
    if (chunk->body &&
        !enter_body(&work, before, (struct rs_str){NULL, 0}, chunk->cut_count, &reason)) {
        for (size_t i = 0; i < chunk->cut_count; i++) {
            const struct rs_place place = {chunk->first_line, chunk->first_byte};
            reject(&work, cut_place(&chunk->cuts[i], place), cut_text(&chunk->cuts[i], chunk->text),
                   reason);
        }
        return;
    }
    for (size_t i = 0; i < chunk->cut_count; i++) {
        project_cut(&work, &chunk->cuts[i], chunk);
    }
    if (chunk->body) {
        rs_projector_leave_body(projector);
    }
}
