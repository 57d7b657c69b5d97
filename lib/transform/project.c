/*
 * For each event: read the top level, choose the stream, make the standard cells, then walk
 * context and properties (or traits). Streams are found by the event's name as it stands in the
 * JSON text, so the name of a table is made once.
 */
#include "transform/project.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "codec/json_text.h"
#include "rs/name.h"
#include "transform/row.h"
#include "transform/standard.h"

enum { JOINED_MAX = 20 << 20 }; /* an event, what its body says, and padding */

struct rs_projector {
    struct rs_projector_options options;
    struct rs_event_reader reader;
    struct rs_strbuf said;   /* by the body that events are of; empty: nothing */
    struct rs_strbuf joined; /* an event, with that */
    struct rs_stream **streams;
    size_t stream_count;
    size_t stream_capacity;
    struct rs_map *by_event;                   /* raw text of an event's name -> stream */
    struct rs_map *by_table;                   /* track table -> stream */
    struct rs_stream *fixed[RS_CALL_COUNT][2]; /* [call][folds] */
    uint64_t unnamed_count;
    uint64_t all_false_count;
    int64_t received_us; /* of the last event, with an interval filter */
    struct rs_row_builder build;
    struct rs_key_budget budget;
    struct rs_stream *refused;   /* of track calls whose names were not admitted */
    struct rs_str refused_table; /* of the last such call */
    size_t unwanted_count;       /* names that selective sync leaves out */
};

struct rs_projector *rs_projector_new(const struct rs_projector_options *options)
{
    struct rs_projector *projector = rs_mem_zalloc(1, sizeof *projector);
    projector->options = *options;
    projector->budget = (struct rs_key_budget){.limit = options->limit, .max = options->key_limit};
    projector->said = RS_STRBUF_INIT(RS_EVENT_BODY_MAX);
    projector->joined = RS_STRBUF_INIT(JOINED_MAX);
    projector->by_event = rs_map_new(options->seed);
    projector->by_table = rs_map_new(options->seed);
    return projector;
}

void rs_projector_free(struct rs_projector *projector)
{
    if (!projector) {
        return;
    }
    for (size_t i = 0; i < projector->stream_count; i++) {
        rs_stream_free(projector->streams[i]);
    }
    rs_mem_free(projector->streams);
    rs_map_free(projector->by_event);
    rs_map_free(projector->by_table);
    rs_event_reader_release(&projector->reader);
    rs_strbuf_release(&projector->said);
    rs_strbuf_release(&projector->joined);
    rs_arena_release(&projector->build.scratch);
    rs_mem_free(projector);
}

int64_t rs_projector_received_us(const struct rs_projector *projector)
{
    return projector->received_us;
}

size_t rs_projector_stream_count(const struct rs_projector *projector)
{
    return projector->stream_count;
}

struct rs_stream *rs_projector_stream(const struct rs_projector *projector, size_t number)
{
    return projector->streams[number];
}

uint64_t rs_projector_unnamed_count(const struct rs_projector *projector)
{
    return projector->unnamed_count;
}

const struct rs_foreign_keys *rs_projector_foreign_keys(const struct rs_projector *projector)
{
    return &projector->reader.foreign;
}

uint64_t rs_projector_all_false_count(const struct rs_projector *projector)
{
    return projector->all_false_count;
}

const struct rs_key_budget *rs_projector_budget(const struct rs_projector *projector)
{
    return &projector->budget;
}

size_t rs_projector_null_run(const struct rs_projector *projector)
{
    return projector->build.null_run;
}

/* --- the stream ----------------------------------------------------------------------------- */

static struct rs_stream *add_stream(struct rs_projector *projector, struct rs_str table, bool folds)
{
    enum rs_call_type call = projector->build.event.call;
    const struct rs_filter *filter = projector->options.filter;
    projector->streams = rs_mem_grow(projector->streams, &projector->stream_capacity,
                                     projector->stream_count + 1, sizeof *projector->streams);
    struct rs_stream *stream =
        rs_stream_new((uint32_t)projector->stream_count,
                      &(struct rs_stream_options){.call = call,
                                                  .table = table,
                                                  .folds = folds,
                                                  .seed = projector->options.seed,
                                                  .name_limit = projector->options.name_limit,
                                                  .budget = &projector->budget});
    struct rs_stream_target targets[2];
    size_t count = rs_stream_targets(stream, targets);
    for (size_t i = 0; i < count; i++) {
        stream->wanted = stream->wanted || rs_filter_allows_table(filter, targets[i].table);
    }
    const struct rs_interval_filter *part = projector->options.interval_filter;
    stream->wanted = stream->wanted && (!part || rs_interval_filter_wants(part, call, table));
    projector->streams[projector->stream_count++] = stream;
    return stream;
}

/* No more names are admitted: all the others' calls are in tracks, where they say their name. */
static struct rs_stream *refused_stream(struct rs_projector *projector, struct rs_str table)
{
    char *copy = rs_arena_alloc(&projector->build.scratch, table.length + RS_CELL_SLACK);
    memcpy(copy, table.data, table.length);
    projector->refused_table = (struct rs_str){copy, table.length};
    if (!projector->refused) {
        projector->refused = add_stream(projector, RS_STR(""), false);
        projector->refused->refused = true;
    }
    return projector->refused;
}

/* May calls of this table have a stream of their own? Those that nobody wants take no room. */
static bool admits(struct rs_projector *projector, struct rs_str table)
{
    enum { UNWANTED_MAX = 10000 }; /* names that are kept to say which of --select was met */
    const struct rs_filter *filter = projector->options.filter;
    if (!projector->options.limit) {
        return true;
    }
    if (!rs_filter_allows_table(filter, table) &&
        !rs_filter_allows_table(filter, RS_STR("tracks"))) {
        return projector->unwanted_count++ < UNWANTED_MAX;
    }
    return rs_cardinality_admits(projector->options.limit, table);
}

static struct rs_stream *named_stream(struct rs_projector *projector, uint32_t token)
{
    const struct rs_event *event = &projector->build.event;
    struct rs_str raw = rs_json_token_text(event->text, &event->tokens[token]);
    struct rs_stream *known = rs_map_find(projector->by_event, raw);
    if (RS_LIKELY(known)) {
        return known;
    }
    struct rs_strbuf table = RS_STRBUF_INIT(raw.length * RS_JSON_TEXT_GROWTH * 2 + 256);
    rs_name_table(rs_row_text(&projector->build, token), projector->options.name_limit, &table);
    struct rs_stream *stream = rs_map_find(projector->by_table, rs_strbuf_str(&table));
    if (!stream && !admits(projector, rs_strbuf_str(&table))) {
        stream = refused_stream(projector, rs_strbuf_str(&table));
    } else {
        if (!stream) {
            stream = add_stream(projector, rs_strbuf_str(&table), false);
            *rs_map_put(projector->by_table, rs_strbuf_str(&table)) = stream;
        }
        *rs_map_put(projector->by_event, raw) = stream;
    }
    rs_strbuf_release(&table);
    return stream;
}

static struct rs_stream *stream_of(struct rs_projector *projector)
{
    static const struct rs_str tables[RS_CALL_COUNT] = {
        [RS_CALL_TRACK] = RS_STR_INIT(""),       [RS_CALL_IDENTIFY] = RS_STR_INIT("identifies"),
        [RS_CALL_PAGE] = RS_STR_INIT("pages"),   [RS_CALL_SCREEN] = RS_STR_INIT("screens"),
        [RS_CALL_GROUP] = RS_STR_INIT("groups"), [RS_CALL_ALIAS] = RS_STR_INIT("aliases"),
    };
    const struct rs_event *event = &projector->build.event;
    bool folds = false;
    if (event->call == RS_CALL_TRACK) {
        uint32_t name = event->field[RS_FIELD_EVENT];
        if (rs_standard_has_text(&projector->build, RS_FIELD_EVENT) &&
            event->tokens[name].kind == RS_JSON_STRING) {
            return named_stream(projector, name);
        }
    } else if (event->call == RS_CALL_IDENTIFY) {
        folds = rs_standard_has_text(&projector->build, RS_FIELD_USER_ID);
    } else if (event->call == RS_CALL_GROUP) {
        folds = rs_standard_has_text(&projector->build, RS_FIELD_GROUP_ID);
    }
    struct rs_stream **slot = &projector->fixed[event->call][folds];
    if (!*slot) {
        *slot = add_stream(projector, tables[event->call], folds);
    }
    return *slot;
}

/* --- an event -------------------------------------------------------------------------------- */

/* Flatten an object field; what is no object counts as absent, and is a discard. */
static void put_object_field(struct rs_row_builder *build, struct rs_path *path,
                             enum rs_field field, struct rs_str name)
{
    uint32_t token = build->event.field[field];
    if (token == 0) {
        return;
    }
    if (build->event.tokens[token].kind == RS_JSON_OBJECT) {
        rs_row_put_object(build, path, token);
        return;
    }
    rs_row_put_discard(build, rs_stream_column(build->stream, name, path->context),
                       rs_row_text(build, token), RS_DISCARD_TYPE);
}

static bool is_empty_object(const struct rs_event *event, uint32_t token)
{
    return event->tokens[token].kind == RS_JSON_OBJECT && event->tokens[token].next == token + 1;
}

/*
 * What tracks has of a call that has no table: the name of one that was not admitted, and its properties
 * in one discard. Where a field comes twice, that is the whole event.
 */
static void put_event_without_table(struct rs_projector *projector)
{
    struct rs_row_builder *build = &projector->build;
    uint32_t properties = build->event.field[RS_FIELD_PROPERTIES];
    if (build->stream->refused) {
        rs_row_put_text(build, rs_stream_column(build->stream, RS_STR("event"), true),
                        RS_CELL_STRING, projector->refused_table);
    }
    if (properties != 0 && !is_empty_object(&build->event, properties)) {
        rs_row_put_discard(build, rs_stream_column(build->stream, RS_STR("properties"), true),
                           rs_row_text(build, build->event.repeated ? 0 : properties),
                           RS_DISCARD_NO_TABLE);
    }
}

static void put_event(struct rs_projector *projector, struct rs_row *row)
{
    struct rs_row_builder *build = &projector->build;
    struct rs_stream *stream = build->stream;
    enum rs_call_type call = build->event.call;
    rs_standard_put(build, row, projector->options.now_us);
    rs_standard_put_call(build, row);
    put_object_field(build, stream->context, RS_FIELD_CONTEXT, RS_STR("context"));
    if (RS_UNLIKELY(build->event.body_context != 0)) {
        build->fills = true;
        rs_row_put_object(build, stream->context, build->event.body_context);
        build->fills = false;
    }
    if (RS_UNLIKELY(build->event.repeated)) {
        rs_standard_put_repeated(build, true);
    }
    bool without_table = stream->table.length == 0;
    if (RS_UNLIKELY(without_table)) {
        put_event_without_table(projector);
    }
    row->common_size = (uint32_t)(build->batch->size - row->offset);
    if (RS_UNLIKELY(without_table)) {
        return;
    }
    if (call == RS_CALL_PAGE || call == RS_CALL_SCREEN) {
        rs_standard_put_page(build, RS_FIELD_NAME, RS_STR("name"));
        rs_standard_put_page(build, RS_FIELD_CATEGORY, RS_STR("category"));
    }
    if (rs_standard_carries(call, RS_FIELD_PROPERTIES)) {
        put_object_field(build, stream->fields, RS_FIELD_PROPERTIES, RS_STR("properties"));
    }
    if (rs_standard_carries(call, RS_FIELD_TRAITS)) {
        put_object_field(build, stream->fields, RS_FIELD_TRAITS, RS_STR("traits"));
    }
    if (RS_UNLIKELY(build->event.repeated)) {
        rs_standard_put_repeated(build, false);
    }
}

static uint64_t fold_hash(const struct rs_batch *batch, const struct rs_row *row)
{
    struct rs_cell key = {0};
    (void)rs_cell_read(batch->data + row->offset + row->fold_offset, &key);
    return rs_hash64((struct rs_str){key.text, key.length}, 0);
}

/* What an event is to the interval: a row when it is in it. */
static enum rs_outcome place(struct rs_projector *projector)
{
    const struct rs_interval_filter *part = projector->options.interval_filter;
    if (!rs_standard_received(&projector->build, &projector->received_us)) {
        return RS_OUTCOME_UNDATED;
    }
    return rs_interval_has(&part->received, projector->received_us) ? RS_OUTCOME_ROW
                                                                    : RS_OUTCOME_OUTSIDE;
}

/* An event of a table that is wanted, but was not admitted, without tracks: it has no place. */
static enum rs_outcome unwanted(const struct rs_projector *projector, const char **reason)
{
    if (projector->build.stream->refused &&
        rs_filter_allows_table(projector->options.filter, projector->refused_table)) {
        *reason = "too many names of events";
        return RS_OUTCOME_REJECT;
    }
    return RS_OUTCOME_UNSELECTED;
}

/* Read an event of a body that says something. */
static bool read_joined(struct rs_projector *projector, struct rs_str text, const char **reason)
{
    struct rs_event *event = &projector->build.event;
    struct rs_strbuf *joined = &projector->joined;
    const struct rs_str said = rs_strbuf_str(&projector->said);
    if (text.length < 2 || text.data[0] != '{' || text.data[text.length - 1] != '}') {
        return rs_event_read(&projector->reader, text, event, reason);
    }
    rs_strbuf_reset(joined);
    size_t own = rs_event_body_join(text, said, joined);
    struct rs_str whole = rs_strbuf_str(joined);
    char *padding = rs_strbuf_reserve(joined, RS_JSON_PADDING);
    if (!padding) {
        *reason = "the event is too long with what its body says";
        return false;
    }
    whole.data = padding - whole.length;
    bool ok = rs_event_read_joined(&projector->reader, whole, own, event, reason);
    event->own = text;
    return ok;
}

bool rs_projector_enter_body(struct rs_projector *projector, struct rs_str body, size_t events,
                             const char **reason)
{
    rs_strbuf_reset(&projector->said);
    if (!rs_event_body_read(&projector->reader, body, events, &projector->said, reason)) {
        rs_strbuf_reset(&projector->said);
        return false;
    }
    return true;
}

void rs_projector_leave_body(struct rs_projector *projector)
{
    rs_strbuf_reset(&projector->said);
}

bool rs_projector_in_body(const struct rs_projector *projector)
{
    return projector->said.length > 0;
}

enum rs_outcome rs_projector_event(struct rs_projector *projector, struct rs_batch *batch,
                                   struct rs_str text, const char **reason)
{
    struct rs_row_builder *build = &projector->build;
    rs_arena_reset(&build->scratch);
    bool ok = RS_LIKELY(projector->said.length == 0)
                  ? rs_event_read(&projector->reader, text, &build->event, reason)
                  : read_joined(projector, text, reason);
    if (RS_UNLIKELY(!ok)) {
        return RS_OUTCOME_NO_EVENT;
    }
    enum rs_consent consent = rs_event_consent(&build->event, projector->options.warehouse_id);
    if (RS_UNLIKELY(consent == RS_CONSENT_NO || (consent == RS_CONSENT_ALL_FALSE &&
                                                 projector->options.opt_out == RS_OPT_OUT_ALL))) {
        return RS_OUTCOME_OPT_OUT;
    }
    build->stream = stream_of(projector);
    if (RS_UNLIKELY(!build->stream->wanted)) {
        return unwanted(projector, reason);
    }
    if (projector->options.interval_filter) {
        enum rs_outcome outcome = place(projector);
        if (outcome != RS_OUTCOME_ROW) {
            return outcome;
        }
    }
    if (RS_UNLIKELY(build->stream->table.length == 0)) {
        projector->unnamed_count += build->stream->refused ? 0 : 1;
        projector->budget.refused_events += build->stream->refused ? 1 : 0;
    }
    build->batch = batch;
    build->clears = build->stream->folds && projector->options.null_traits == RS_NULL_TRAITS_CLEAR;
    build->stream->stamp++;
    struct rs_row *row = rs_batch_add_row(batch, build->stream->number);
    put_event(projector, row);
    if (build->stream->folds) {
        row->fold_hash = fold_hash(batch, row);
    }
    projector->all_false_count += consent == RS_CONSENT_ALL_FALSE;
    rs_batch_end_row(batch, row);
    return RS_OUTCOME_ROW;
}
