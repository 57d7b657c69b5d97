/*
 * Keys of a path are found by guess (the key that followed last time) or by a small hash index.
 * Names are made once a key and stream; after that a value finds its column by number. Keys
 * hash with a random seed: who sends events does not choose what collides.
 */
#include "transform/stream.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json_token.h"
#include "rs/name.h"
#include "transform/coltype.h"

enum { WORDS_MAX_BYTES = 64 << 20, FIRST_INDEX_SIZE = 16 };

static const struct rs_str standard_names[RS_STREAM_EXTRA] = {
    [RS_STREAM_ID] = RS_STR_INIT("id"),
    [RS_STREAM_RECEIVED_AT] = RS_STR_INIT("received_at"),
    [RS_STREAM_SENT_AT] = RS_STR_INIT("sent_at"),
    [RS_STREAM_TIMESTAMP] = RS_STR_INIT("timestamp"),
    [RS_STREAM_ORIGINAL_TIMESTAMP] = RS_STR_INIT("original_timestamp"),
    [RS_STREAM_ANONYMOUS_ID] = RS_STR_INIT("anonymous_id"),
    [RS_STREAM_USER_ID] = RS_STR_INIT("user_id"),
};

/* "" for calls without one: their column of that number is never made part of a table. */
static const struct rs_str extra_names[RS_CALL_COUNT] = {
    [RS_CALL_TRACK] = RS_STR_INIT("event_text"),
    [RS_CALL_GROUP] = RS_STR_INIT("group_id"),
    [RS_CALL_ALIAS] = RS_STR_INIT("previous_id"),
};

int32_t rs_stream_column(struct rs_stream *stream, struct rs_str name, bool common)
{
    void **slot = rs_map_put(stream->by_name, name);
    if (!*slot) {
        stream->columns = rs_mem_grow(stream->columns, &stream->column_capacity,
                                      stream->column_count + 1, sizeof *stream->columns);
        stream->columns[stream->column_count++] = (struct rs_stream_column){
            .name = rs_arena_copy(&stream->arena, name), .common = common};
        *slot = (void *)(uintptr_t)stream->column_count;
    }
    int32_t number = (int32_t)((uintptr_t)*slot - 1);
    stream->columns[number].common |= common;
    return number;
}

static void add_standard_columns(struct rs_stream *stream)
{
    for (size_t i = 0; i < RS_STREAM_STANDARD_COUNT; i++) {
        struct rs_str name = i < RS_STREAM_EXTRA ? standard_names[i] : extra_names[stream->call];
        bool instant = i >= RS_STREAM_RECEIVED_AT && i <= RS_STREAM_ORIGINAL_TIMESTAMP;
        int32_t number = rs_stream_column(stream, name, true); /* moves the columns */
        struct rs_stream_column *column = &stream->columns[number];
        column->standard = name.length > 0;
        column->kinds = instant ? RS_KIND_TIMESTAMP : column->standard ? RS_KIND_STRING : 0;
    }
}

static struct rs_path *new_path(struct rs_stream *stream, const struct rs_path *parent,
                                struct rs_str words, bool context)
{
    struct rs_path *path = rs_arena_zalloc(&stream->arena, 1, sizeof *path);
    path->parent = parent;
    path->words = rs_arena_copy(&stream->arena, words);
    path->context = context;
    path->index_size = FIRST_INDEX_SIZE;
    path->index = rs_arena_zalloc(&stream->arena, path->index_size, sizeof(struct rs_path_key *));
    return path;
}

struct rs_stream *rs_stream_new(uint32_t number, const struct rs_stream_options *options)
{
    struct rs_stream *stream = rs_mem_zalloc(1, sizeof *stream);
    stream->number = number;
    stream->call = options->call;
    stream->folds = options->folds;
    stream->seed = options->seed;
    stream->name_limit = options->name_limit;
    stream->budget = options->budget;
    stream->table = rs_arena_copy(&stream->arena, options->table);
    stream->by_name = rs_map_new(options->seed);
    stream->words = RS_STRBUF_INIT(WORDS_MAX_BYTES);
    stream->name = RS_STRBUF_INIT(WORDS_MAX_BYTES);
    add_standard_columns(stream);
    stream->context = new_path(stream, NULL, RS_STR("context"), true);
    stream->fields = new_path(stream, NULL, RS_STR(""), false);
    return stream;
}

void rs_stream_free(struct rs_stream *stream)
{
    if (!stream) {
        return;
    }
    rs_map_free(stream->by_name);
    rs_mem_free(stream->columns);
    rs_strbuf_release(&stream->words);
    rs_strbuf_release(&stream->name);
    rs_arena_release(&stream->arena);
    rs_mem_free(stream);
}

static struct rs_path_key **find_slot(const struct rs_path *path, struct rs_str raw, uint64_t hash)
{
    size_t at = (size_t)hash & (path->index_size - 1);
    while (path->index[at] &&
           (path->index[at]->hash != hash || !rs_str_equal(path->index[at]->raw, raw))) {
        at = (at + 1) & (path->index_size - 1);
    }
    return &path->index[at];
}

/* The old index stays in the arena: all of them together are no longer than the last. */
static void grow_index(struct rs_stream *stream, struct rs_path *path)
{
    struct rs_path_key **old = path->index;
    size_t old_size = path->index_size;
    path->index_size *= 2;
    path->index = rs_arena_zalloc(&stream->arena, path->index_size, sizeof(struct rs_path_key *));
    for (size_t i = 0; i < old_size; i++) {
        if (old[i]) {
            *find_slot(path, old[i]->raw, old[i]->hash) = old[i];
        }
    }
}

static uint64_t load_eight(const char *at)
{
    uint64_t word = 0;
    memcpy(&word, at, sizeof word);
    return word;
}

/* The first count bytes of a word as it was loaded, the others zero. */
static uint64_t keep_bytes(uint64_t word, size_t count)
{
    uint64_t kept = 0;
    memcpy(&kept, &word, count);
    return kept;
}

/* Loaded from 8 - n on: a word whose first n bytes are ones. */
static const char byte_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

/* Most keys are at most 16 bytes long: two words that may overlap, and no call. */
static inline bool is_key(const struct rs_path_key *key, struct rs_str raw)
{
    if (key->raw.length != raw.length) {
        return false;
    }
    if (raw.length <= sizeof key->head) {
        uint64_t mask = load_eight(&byte_masks[sizeof key->head - raw.length]);
        return (load_eight(raw.data) & mask) == key->head;
    }
    return load_eight(raw.data) == key->head &&
           load_eight(raw.data + raw.length - sizeof key->tail) == key->tail &&
           (raw.length <= 2 * sizeof key->head || rs_str_equal(key->raw, raw));
}

/* No more keys are learned: those of the worker are used up, and this stream has had its share. */
static bool is_full(const struct rs_stream *stream)
{
    const struct rs_key_budget *budget = stream->budget;
    return budget->limit && budget->used >= budget->max &&
           (stream->key_count >= RS_KEYS_A_STREAM || budget->used / 2 >= budget->max);
}

static struct rs_path_key *learn_key(struct rs_stream *stream, struct rs_path *path,
                                     struct rs_str raw, uint64_t hash)
{
    stream->key_count++;
    stream->budget->used++;
    if ((path->count + 1) * 2 > path->index_size) {
        grow_index(stream, path);
    }
    struct rs_path_key *key = rs_arena_zalloc(&stream->arena, 1, sizeof *key);
    key->raw = rs_arena_copy(&stream->arena, raw);
    key->hash = hash;
    if (raw.length <= sizeof key->head) {
        key->head = keep_bytes(load_eight(raw.data), raw.length);
    } else {
        key->head = load_eight(raw.data);
        key->tail = load_eight(raw.data + raw.length - sizeof key->tail);
    }
    key->column = RS_NO_COLUMN;
    key->other_column = RS_NO_COLUMN;
    *find_slot(path, raw, hash) = key;
    path->count++;
    return key;
}

struct rs_path_key *rs_stream_key(struct rs_stream *stream, struct rs_path *path,
                                  struct rs_path_key *previous, struct rs_str raw)
{
    struct rs_path_key **guess = previous ? &previous->after : &path->first;
    if (*guess && is_key(*guess, raw)) {
        return *guess;
    }
    uint64_t hash = rs_hash64(raw, stream->seed);
    struct rs_path_key *key = *find_slot(path, raw, hash);
    if (!key && RS_UNLIKELY(is_full(stream))) {
        stream->refused_key = (struct rs_path_key){
            .raw = raw, .hash = hash, .column = RS_NO_COLUMN, .other_column = RS_NO_COLUMN};
        return &stream->refused_key;
    }
    *guess = key ? key : learn_key(stream, path, raw, hash);
    return *guess;
}

/* The path's words, in stream->words. */
static void join_path(struct rs_stream *stream, const struct rs_path *path)
{
    const struct rs_path *chain[RS_JSON_DEPTH_MAX];
    size_t depth = 0;
    for (; path && depth < RS_COUNTOF(chain); path = path->parent) {
        chain[depth++] = path;
    }
    rs_strbuf_reset(&stream->words);
    while (depth > 0) {
        struct rs_str words = chain[--depth]->words;
        if (words.length > 0) {
            rs_strbuf_append(&stream->words, stream->words.length > 0 ? "_" : "");
            rs_strbuf_append_str(&stream->words, words);
        }
    }
}

/* With the key's added. */
static struct rs_str join_words(struct rs_stream *stream, const struct rs_path *path,
                                struct rs_str decoded)
{
    join_path(stream, path);
    rs_name_append_words(&stream->words, decoded);
    return rs_strbuf_str(&stream->words);
}

int32_t rs_stream_path_column(struct rs_stream *stream, const struct rs_path *path)
{
    bool traits = stream->call == RS_CALL_IDENTIFY || stream->call == RS_CALL_GROUP;
    join_path(stream, path);
    if (stream->words.length == 0) {
        rs_strbuf_append(&stream->words, traits ? "traits" : "properties");
    }
    rs_strbuf_reset(&stream->name);
    rs_name_finish(rs_strbuf_str(&stream->words), stream->name_limit, &stream->name);
    return rs_stream_column(stream, rs_strbuf_str(&stream->name), path->context);
}

size_t rs_stream_targets(const struct rs_stream *stream, struct rs_stream_target out[2])
{
    size_t count = 0;
    if (stream->table.length > 0) {
        out[count++] = (struct rs_stream_target){stream->table, RS_LAYOUT_OWN};
    }
    if (stream->call == RS_CALL_TRACK) {
        out[count++] = (struct rs_stream_target){RS_STR("tracks"), RS_LAYOUT_COMMON};
    } else if (stream->folds) {
        struct rs_str table =
            stream->call == RS_CALL_IDENTIFY ? RS_STR("users") : RS_STR("accounts");
        out[count++] = (struct rs_stream_target){table, RS_LAYOUT_FOLD};
    }
    return count;
}

/* What the database has is a column, whether or not more are learned. */
static void learn_existing(struct rs_stream *stream)
{
    if (stream->knows_existing) {
        return;
    }
    struct rs_stream_target targets[2];
    size_t count = rs_stream_targets(stream, targets);
    for (size_t i = 0; i < count; i++) {
        const struct rs_table *table =
            rs_cardinality_existing(stream->budget->limit, targets[i].table);
        for (size_t j = 0; table && j < table->column_count; j++) {
            (void)rs_stream_column(stream, table->columns[j].name, false);
        }
    }
    stream->knows_existing = true;
}

/* Some column's name begins with the words of an object: what is below that may be there already. */
static bool has_columns_below(struct rs_stream *stream, struct rs_str words)
{
    learn_existing(stream);
    for (size_t i = 0; i < stream->column_count; i++) {
        struct rs_str name = stream->columns[i].name;
        size_t begin = rs_str_starts(name, RS_STR("_")) ? 1 : 0; /* of 4711_a, say */
        struct rs_str rest = rs_str_slice(name, begin, name.length);
        if (rest.length > words.length && rest.data[words.length] == '_' &&
            rs_str_starts(rest, words)) {
            return true;
        }
    }
    return false;
}

struct rs_path *rs_stream_child(struct rs_stream *stream, struct rs_path *path,
                                struct rs_path_key *key, struct rs_str decoded)
{
    if (key == &stream->refused_key) {
        join_path(stream, path);
        size_t above = stream->words.length;
        rs_name_append_words(&stream->words, decoded);
        if (stream->words.length == above ||
            !has_columns_below(stream, rs_strbuf_str(&stream->words))) {
            return NULL;
        }
        key = learn_key(stream, path, key->raw, key->hash);
    }
    if (!key->path) {
        rs_strbuf_reset(&stream->words);
        rs_name_append_words(&stream->words, decoded);
        key->path = new_path(stream, path, rs_strbuf_str(&stream->words), path->context);
    }
    return key->path;
}

static enum rs_key_role role_of(const struct rs_stream *stream, struct rs_str words)
{
    if (stream->call != RS_CALL_PAGE && stream->call != RS_CALL_SCREEN) {
        return RS_KEY_PLAIN;
    }
    if (rs_str_equal(words, RS_STR("name"))) {
        return RS_KEY_NAME;
    }
    return rs_str_equal(words, RS_STR("category")) ? RS_KEY_CATEGORY : RS_KEY_PLAIN;
}

bool rs_stream_name_key(struct rs_stream *stream, const struct rs_path *path,
                        struct rs_path_key *key, struct rs_str decoded)
{
    struct rs_str words = join_words(stream, path, decoded);
    rs_strbuf_reset(&stream->name);
    if (path->context) {
        rs_name_finish(words, stream->name_limit, &stream->name);
    } else {
        rs_name_property(stream->call, words, stream->name_limit, &stream->name);
        key->role = role_of(stream, words);
    }
    if (key == &stream->refused_key) {
        learn_existing(stream);
        if (!rs_map_find(stream->by_name, rs_strbuf_str(&stream->name))) {
            return false;
        }
    }
    key->column = rs_stream_column(stream, rs_strbuf_str(&stream->name), path->context);
    if (key->role == RS_KEY_NAME) {
        key->other_column = rs_stream_column(stream, RS_STR("_name"), false);
    } else if (key->role == RS_KEY_CATEGORY) {
        key->other_column = rs_stream_column(stream, RS_STR("_category"), false);
    }
    return true;
}
