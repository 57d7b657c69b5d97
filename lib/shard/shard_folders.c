/*
 * The folders below SCHEMA/shards/ are listed, not their files, and of each its document is read:
 * one that has none was killed, or is at work, and does not count. The lists of tables and inputs
 * come as streams, line by line.
 *
 * When they are removed, rows and tables go first, then the documents that make the shards count, then
 * the rest. So a commit that is killed while it removes finds, when it is run again, shards whose
 * inputs are loaded, and nothing that looks as if it had to be loaded. What came after a shard was
 * staged is of its next one, and stays.
 */
#include "shard/shard_folders.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "codec/json_doc.h"

#define FOLDERS "shards/" /* below the schema's folder */

enum { READ_BYTES = 256 << 10, SECOND_US = 1000000 };

char *rs_shard_folder_key(const struct rs_staging *staging, const struct rs_shard *shard,
                          const char *name)
{
    struct rs_strbuf key = RS_STRBUF_INIT(RS_S3_KEY_MAX + RS_PART_NAME_MAX);
    rs_strbuf_append_str(&key, staging->schema);
    rs_shard_folder_append(shard, &key);
    rs_strbuf_append(&key, name);
    return rs_strbuf_take(&key);
}

void rs_shard_folder_append(const struct rs_shard *shard, struct rs_strbuf *out)
{
    rs_strbuf_printf(out, FOLDERS "%u-of-%u/", (unsigned)shard->number, (unsigned)shard->count);
}

/* The folders of shards that are there, whole or not; freed with rs_s3_list_free. */
static struct rs_s3_list *list_folders(const struct rs_staging *staging)
{
    struct rs_strbuf prefix = RS_STRBUF_INIT(RS_S3_KEY_MAX + sizeof FOLDERS);
    rs_strbuf_append_str(&prefix, staging->schema);
    rs_strbuf_append(&prefix, FOLDERS);
    struct rs_s3_list_options options = {.prefix = rs_strbuf_str(&prefix),
                                         .delimiter = RS_STR("/")};
    struct rs_s3_list *list = rs_s3_list_new(staging->s3, staging->place.bucket, &options);
    rs_strbuf_release(&prefix);
    return list;
}

/* --- the shards ------------------------------------------------------------------------------------ */

/* "prefix/shop/shards/3-of-16/" -> 3 of 16 */
static bool shard_of(const struct rs_staging *staging, struct rs_str folder, struct rs_shard *out)
{
    size_t before = staging->schema.length + sizeof FOLDERS - 1;
    struct rs_str name = rs_str_slice(folder, before, folder.length - 1);
    size_t dash = rs_str_find_byte(name, '-');
    struct rs_str rest = rs_str_slice(name, dash == SIZE_MAX ? name.length : dash, name.length);
    uint64_t number = 0;
    uint64_t count = 0;
    bool ok = rs_str_starts(rest, RS_STR("-of-")) &&
              rs_str_parse_u64(rs_str_slice(name, 0, dash), 0, RS_SHARD_COUNT_MAX, &number) &&
              rs_str_parse_u64(rs_str_slice(rest, 4, rest.length), 1, RS_SHARD_COUNT_MAX, &count) &&
              number < count;
    *out = (struct rs_shard){(uint32_t)number, (uint32_t)count};
    return ok;
}

/* Read a whole object; *found is false, and that no error, when it is not there. */
static bool read_whole(struct rs_staging *staging, const char *key, struct rs_strbuf *out,
                       int64_t *modified_us, bool *found, struct rs_error *err)
{
    struct rs_s3_object object = {0};
    struct rs_s3_stream *stream =
        rs_s3_open(staging->s3, staging->place.bucket, rs_str_from(key), &object, err);
    *found = stream != NULL;
    if (!stream && (strcmp(err->detail, "NoSuchKey") == 0 || strcmp(err->detail, "404") == 0)) {
        rs_error_clear(err);
        return true;
    }
    size_t count = 1;
    bool ok = stream != NULL;
    while (ok && count > 0) {
        char *place = rs_strbuf_reserve(out, READ_BYTES);
        ok = place && rs_s3_read(stream, place, READ_BYTES, &count, err);
        rs_strbuf_commit(out, ok ? count : 0);
    }
    if (stream && !ok) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not read \"%s\": it is too long", key);
    }
    *modified_us =
        object.modified_us + SECOND_US - 1; /* a header has whole seconds, a list may not */
    rs_s3_close(stream);
    return ok;
}

static bool add_shard(struct rs_staging *staging, const struct rs_shard *shard,
                      struct rs_shard_set *set, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES + 2 * READ_BYTES);
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_shard_doc doc = {0};
    int64_t modified_us = 0;
    bool found = false;
    char *key = rs_shard_folder_key(staging, shard, "shard.json");
    char *url = rs_staging_url(staging, key);
    bool ok = read_whole(staging, key, &text, &modified_us, &found, err) &&
              (!found || rs_shard_doc_parse(rs_strbuf_str(&text), url, &arena, &doc, err));
    if (ok && found &&
        (doc.shard.number != shard->number || doc.shard.count != shard->count ||
         !rs_str_equal(doc.schema, rs_strbuf_str(&staging->pipeline->schema)))) {
        ok = rs_error_set(err, RS_E_INPUT, "could not use \"%s\": it is of shard %u/%u of \"%.*s\"",
                          url, (unsigned)doc.shard.number, (unsigned)doc.shard.count,
                          RS_STR_ARG(doc.schema));
        (void)rs_error_hint(err, "somebody has moved it: stage the shard again");
    }
    if (ok && found) {
        rs_shard_set_add(set, &doc, modified_us);
    }
    rs_mem_free(key);
    rs_mem_free(url);
    rs_arena_release(&arena);
    rs_strbuf_release(&text);
    return ok;
}

/* --- lists of lines -------------------------------------------------------------------------------- */

struct line_reader {
    struct rs_shard_set *set;
    size_t shard; /* its place in the set */
    bool tables;  /* lines of tables, else of inputs */
    const char *url;
    struct rs_arena arena; /* of a line */
    uint64_t count;
};

static bool take_line(struct line_reader *reader, struct rs_str line, struct rs_error *err)
{
    struct rs_shard_table table = {0};
    struct rs_ledger_input input = {0};
    rs_arena_reset(&reader->arena);
    reader->count++;
    if (reader->tables) {
        if (!rs_shard_table_parse(line, reader->url, &reader->arena, &table, err)) {
            return false;
        }
        rs_shard_set_add_table(reader->set, reader->shard, &table);
        return true;
    }
    if (!rs_shard_input_parse(line, reader->url, &reader->arena, &input, err)) {
        return false;
    }
    rs_shard_set_add_input(reader->set, &input);
    return true;
}

/* Take the lines that are complete; text has what is left then. */
static bool take_lines(struct line_reader *reader, struct rs_strbuf *text, struct rs_error *err)
{
    struct rs_strbuf left = RS_STRBUF_INIT(text->max_bytes);
    struct rs_str rest = rs_strbuf_str(text);
    bool ok = true;
    for (size_t end = rs_str_find_byte(rest, '\n'); ok && end != SIZE_MAX;
         end = rs_str_find_byte(rest, '\n')) {
        ok = take_line(reader, rs_str_slice(rest, 0, end), err);
        rest = rs_str_slice(rest, end + 1, rest.length);
    }
    if (rest.length < text->length) {
        rs_strbuf_append_str(&left, rest);
        rs_strbuf_release(text);
        *text = left;
    }
    return ok;
}

static bool read_lines(struct rs_staging *staging, const char *key, struct line_reader *reader,
                       struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES + 2 * READ_BYTES);
    struct rs_s3_stream *stream =
        rs_s3_open(staging->s3, staging->place.bucket, rs_str_from(key), NULL, err);
    size_t count = 1;
    bool ok = stream != NULL;
    while (ok && count > 0) {
        char *place = rs_strbuf_reserve(&text, READ_BYTES);
        ok = place ? rs_s3_read(stream, place, READ_BYTES, &count, err)
                   : rs_error_set(err, RS_E_LIMIT, "could not read \"%s\": a line is over 8 MiB",
                                  reader->url);
        if (ok) {
            rs_strbuf_commit(&text, count);
            ok = take_lines(reader, &text, err);
        }
    }
    if (ok && text.length > 0) {
        ok = rs_error_set(err, RS_E_INPUT, "could not read \"%s\": its last line has no end",
                          reader->url);
    }
    rs_s3_close(stream);
    rs_strbuf_release(&text);
    return ok;
}

/* Read a shard's list of tables or inputs, and see that nothing is missing. */
static bool read_list(struct rs_staging *staging, struct rs_shard_set *set, size_t shard,
                      bool tables, struct rs_error *err)
{
    const struct rs_shard_doc *doc = &rs_shard_set_at(set, shard)->doc;
    struct rs_strbuf name = RS_STRBUF_INIT(RS_PART_NAME_MAX);
    rs_strbuf_append_str(&name, doc->sync_id);
    rs_strbuf_append(&name, tables ? "/tables.ndjson" : "/inputs.ndjson");
    char *key = rs_shard_folder_key(staging, &doc->shard, rs_strbuf_cstr(&name));
    char *url = rs_staging_url(staging, key);
    struct line_reader reader = {.set = set, .shard = shard, .tables = tables, .url = url};
    uint64_t wanted = tables ? doc->tables : doc->inputs;
    bool ok = wanted == 0 || read_lines(staging, key, &reader, err);
    if (ok && reader.count != wanted) {
        ok = rs_error_set(err, RS_E_INPUT, "could not read \"%s\": it has %llu lines of %llu", url,
                          (unsigned long long)reader.count, (unsigned long long)wanted);
        (void)rs_error_hint(err, "stage this shard again");
    }
    rs_arena_release(&reader.arena);
    rs_strbuf_release(&name);
    rs_mem_free(key);
    rs_mem_free(url);
    return ok;
}

static bool read_lists(struct rs_staging *staging, struct rs_shard_set *set, bool tables,
                       struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < rs_shard_set_count(set); i++) {
        ok = rs_env_check_interrupt(staging->pipeline->env, err) &&
             read_list(staging, set, i, tables, err);
    }
    return ok;
}

bool rs_shard_folders_find(struct rs_staging *staging, struct rs_shard_set *set,
                           struct rs_error *err)
{
    struct rs_s3_list *list = list_folders(staging);
    struct rs_s3_object object;
    struct rs_shard shard;
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        ok = !object.is_prefix || !shard_of(staging, object.key, &shard) ||
             add_shard(staging, &shard, set, err);
    }
    rs_s3_list_free(list);
    if (!ok || next != RS_NEXT_END) {
        return false;
    }
    if (rs_shard_set_count(set) == 0) {
        (void)rs_error_set(
            err, RS_E_INPUT, "could not commit: no shard is staged for schema \"%s\" in %s",
            rs_strbuf_cstr(&staging->pipeline->schema), staging->pipeline->options->stage);
        return rs_error_hint(err, "a commit that succeeded has removed them, see --history; else "
                                  "stage them with --shard=I/N and this --stage");
    }
    return read_lists(staging, set, false, err);
}

bool rs_shard_folders_read_tables(struct rs_staging *staging, struct rs_shard_set *set,
                                  struct rs_error *err)
{
    return read_lists(staging, set, true, err);
}

/* --- removing -------------------------------------------------------------------------------------- */

/* What is to go of the objects of a shard. */
struct end {
    int64_t until_us; /* only what was there at this instant */
    bool keep_lists;  /* not what tells a commit that these shards are loaded */
};

static bool goes(const struct rs_s3_removal *removal, const struct rs_s3_object *object)
{
    const struct end *end = removal->arg;
    bool list = rs_str_ends(object->key, RS_STR("/inputs.ndjson")) ||
                rs_str_ends(object->key, RS_STR("/shard.json"));
    return object->modified_us <= end->until_us && !(list && end->keep_lists);
}

static bool remove_below(const struct rs_staging *staging, struct rs_str prefix,
                         const struct end *end, struct rs_error *err)
{
    struct rs_s3_removal removal = {.prefix = prefix, .goes = goes, .arg = end};
    return rs_s3_place_remove(&staging->place, staging->s3, &removal, err);
}

/* Until when files are of a shard; of one that is not in the set, as for the latest of all. */
static int64_t end_of(const struct rs_shard_set *set, const struct rs_shard *shard)
{
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < rs_shard_set_count(set); i++) {
        const struct rs_shard_entry *entry = rs_shard_set_at(set, i);
        if (entry->doc.shard.number == shard->number) {
            return entry->modified_us;
        }
        latest = entry->modified_us > latest ? entry->modified_us : latest;
    }
    return latest;
}

/* Go through the folders of all shards of this N, those that were killed too. */
static bool remove_folders(struct rs_staging *staging, const struct rs_shard_set *set,
                           bool keep_lists, struct rs_error *err)
{
    struct rs_s3_list *list = list_folders(staging);
    uint32_t count = rs_shard_set_at(set, 0)->doc.shard.count;
    struct rs_s3_object object;
    struct rs_shard shard;
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        if (object.is_prefix && shard_of(staging, object.key, &shard) && shard.count == count) {
            struct end end = {end_of(set, &shard), keep_lists};
            ok = remove_below(staging, object.key, &end, err);
        }
    }
    rs_s3_list_free(list);
    return ok && next == RS_NEXT_END;
}

/* A document that has been replaced is of the shard's next run. */
static bool remove_documents(struct rs_staging *staging, const struct rs_shard_set *set,
                             struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < rs_shard_set_count(set); i++) {
        const struct rs_shard_entry *entry = rs_shard_set_at(set, i);
        char *key = rs_shard_folder_key(staging, &entry->doc.shard, "shard.json");
        struct end end = {entry->modified_us, false};
        ok = remove_below(staging, rs_str_from(key), &end, err);
        rs_mem_free(key);
    }
    return ok;
}

void rs_shard_folders_remove(struct rs_staging *staging, const struct rs_shard_set *set)
{
    struct rs_error err = {0};
    if (!remove_folders(staging, set, true, &err) || !remove_documents(staging, set, &err) ||
        !remove_folders(staging, set, false, &err)) {
        rs_pipeline_notice(staging->pipeline, "files of shards are left behind: %s", err.message);
    }
}
