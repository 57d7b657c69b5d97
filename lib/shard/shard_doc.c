/*
 * Members are rows of two tables, texts and numbers, so that what is written is what is read. A
 * column is an array: name, type, kinds, max_bytes and, where it is more than a new value, what
 * else it is. Instants are text: a double does not hold each of them.
 */
#include "shard/shard_doc.h"

#include <stddef.h>

#include "base/timefmt.h"
#include "codec/json_doc.h"
#include "codec/json_write.h"
#include "transform/coltype.h"

#define TOOL "rs-sync " RS_VERSION

struct member {
    const char *name;
    size_t offset; /* in struct rs_shard_doc */
};

#define MEMBER(field)                                                                              \
    {                                                                                              \
#        field, offsetof(struct rs_shard_doc, field)                                               \
    }
#define COUNT(field)                                                                               \
    {                                                                                              \
#        field, offsetof(struct rs_shard_doc, counts.field)                                        \
    }

static const struct member texts[] = {
    MEMBER(schema),       MEMBER(sync_id),   MEMBER(compression), MEMBER(selection),
    MEMBER(warehouse_id), MEMBER(null_text), MEMBER(listed),      MEMBER(damage),
    MEMBER(arrays),       MEMBER(reasons),   MEMBER(opt_out),     MEMBER(null_traits),
};

static const struct member numbers[] = {
    COUNT(events),        COUNT(rejects),        COUNT(opt_outs),        COUNT(unselected),
    COUNT(discards),      COUNT(duplicates),     COUNT(bytes),           COUNT(inputs_skipped),
    COUNT(inputs_failed), COUNT(inputs_suspect), COUNT(lines),           MEMBER(tables),
    MEMBER(inputs),       MEMBER(rejects_bytes), MEMBER(discards_bytes),
};

enum { TYPE_MAX_BYTES = 64 };

/* What else a column is, by its role; "stored" where it is none but in the warehouse. */
static const char *const role_names[] = {[RS_COLUMN_VALUE] = "",
                                         [RS_COLUMN_TEXT] = "text",
                                         [RS_COLUMN_SHARD] = "shard",
                                         [RS_COLUMN_PLACE] = "place"};

/* --- writing --------------------------------------------------------------------------------------- */

static void write_number(struct rs_json_writer *json, const char *name, uint64_t number)
{
    rs_json_write_key(json, rs_str_from(name));
    rs_json_write_u64(json, number);
}

static void write_text(struct rs_json_writer *json, const char *name, struct rs_str text)
{
    rs_json_write_key(json, rs_str_from(name));
    rs_json_write_str(json, text);
}

void rs_shard_doc_append(const struct rs_shard_doc *doc, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    write_number(&json, "format", RS_SHARD_DOC_FORMAT);
    write_text(&json, "tool", RS_STR(TOOL));
    write_number(&json, "shard", doc->shard.number);
    write_number(&json, "of", doc->shard.count);
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        const void *field = (const char *)doc + texts[i].offset;
        write_text(&json, texts[i].name, *(const struct rs_str *)field);
    }
    for (size_t i = 0; i < RS_COUNTOF(numbers); i++) {
        const void *field = (const char *)doc + numbers[i].offset;
        write_number(&json, numbers[i].name, *(const uint64_t *)field);
    }
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

static void write_time(struct rs_json_writer *json, const char *name, int64_t us)
{
    char text[RS_TIMEFMT_MAX] = "";
    write_text(json, name, (struct rs_str){text, rs_timefmt_format(us, text)});
}

static void write_column(struct rs_json_writer *json, const struct rs_column *column)
{
    struct rs_strbuf type = RS_STRBUF_INIT(TYPE_MAX_BYTES);
    rs_coltype_append_ddl(column->type, &type);
    rs_json_write_array_begin(json);
    rs_json_write_str(json, column->name);
    rs_json_write_str(json, rs_strbuf_str(&type));
    rs_json_write_u64(json, column->kinds);
    rs_json_write_u64(json, column->max_bytes);
    if (column->stored || column->role != RS_COLUMN_VALUE) {
        rs_json_write_text(json, column->stored ? "stored" : role_names[column->role]);
    }
    rs_json_write_array_end(json);
    rs_strbuf_release(&type);
}

static void write_parts(struct rs_json_writer *json, const struct rs_shard_table *table)
{
    rs_json_write_key(json, RS_STR("parts"));
    rs_json_write_array_begin(json);
    for (size_t i = 0; i < table->part_count; i++) {
        rs_json_write_array_begin(json);
        rs_json_write_u64(json, table->parts[i].rows_bytes);
        rs_json_write_u64(json, table->parts[i].times_bytes);
        rs_json_write_array_end(json);
    }
    rs_json_write_array_end(json);
}

void rs_shard_table_append(const struct rs_shard_table *table, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    write_text(&json, "name", table->table.name);
    rs_json_write_key(&json, RS_STR("fold"));
    rs_json_write_bool(&json, table->table.kind == RS_TABLE_FOLD);
    write_number(&json, "rows", table->counts.rows);
    write_number(&json, "discards", table->counts.discards);
    if (table->counts.oldest_us <= table->counts.newest_us) {
        write_time(&json, "oldest", table->counts.oldest_us);
        write_time(&json, "newest", table->counts.newest_us);
    }
    rs_json_write_key(&json, RS_STR("columns"));
    rs_json_write_array_begin(&json);
    for (size_t i = 0; i < table->table.column_count; i++) {
        write_column(&json, &table->table.columns[i]);
    }
    rs_json_write_array_end(&json);
    write_parts(&json, table);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

void rs_shard_input_append(const struct rs_ledger_input *input, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    write_text(&json, "name", input->name);
    write_text(&json, "version", input->version);
    write_number(&json, "size_bytes", input->size_bytes);
    write_number(&json, "events", input->events);
    write_number(&json, "rejects", input->rejects);
    write_number(&json, "lines", input->lines);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

/* --- reading --------------------------------------------------------------------------------------- */

/* What is read, until something in it is not as it should be. */
struct reading {
    const char *name;
    struct rs_arena *arena;
    const struct rs_json_node *root;
    const char *wrong; /* the first member that is missing or of another kind */
};

static bool to_number(const struct rs_json_node *node, uint64_t *out)
{
    int64_t number = 0;
    if (!rs_json_node_i64(node, &number) || number < 0) {
        return false;
    }
    *out = (uint64_t)number;
    return true;
}

static bool to_text(struct reading *reading, const struct rs_json_node *node, struct rs_str *out)
{
    const char *text = rs_json_node_text(node);
    if (text) {
        *out = rs_arena_copy(reading->arena, rs_str_from(text));
    }
    return text != NULL;
}

static void check(struct reading *reading, const char *member, bool ok)
{
    reading->wrong = reading->wrong ? reading->wrong : ok ? NULL : member;
}

static uint64_t read_number(struct reading *reading, const char *member)
{
    uint64_t number = 0;
    check(reading, member, to_number(rs_json_node_find(reading->root, member), &number));
    return number;
}

static struct rs_str read_text(struct reading *reading, const char *member)
{
    struct rs_str text = {0};
    check(reading, member, to_text(reading, rs_json_node_find(reading->root, member), &text));
    return text;
}

static bool finish(const struct reading *reading, struct rs_error *err)
{
    if (!reading->wrong) {
        return true;
    }
    (void)rs_error_set(err, RS_E_INPUT,
                       "could not read \"%s\": its \"%s\" is missing or is not what it should be",
                       reading->name, reading->wrong);
    return rs_error_hint(err, "stage this shard again");
}

static struct rs_json_doc *open_doc(struct reading *reading, struct rs_str text,
                                    struct rs_error *err)
{
    struct rs_json_doc *doc = rs_json_doc_parse(text, reading->name, err);
    if (!doc) {
        err->code = err->code == RS_E_CONFIG ? RS_E_INPUT : err->code;
        (void)rs_error_hint(err, "stage this shard again");
        return NULL;
    }
    reading->root = rs_json_doc_root(doc);
    return doc;
}

/* Only what this very version has written is sure to be what this version would write. */
static bool check_version(struct reading *reading, struct rs_error *err)
{
    uint64_t format = 0;
    bool known = to_number(rs_json_node_find(reading->root, "format"), &format);
    struct rs_str tool = read_text(reading, "tool");
    check(reading, "format", known);
    if (!finish(reading, err)) {
        return false;
    }
    if (format != RS_SHARD_DOC_FORMAT || !rs_str_equal(tool, RS_STR(TOOL))) {
        (void)rs_error_set(err, RS_E_INPUT, "could not use \"%s\": %.*s has staged it, not %s",
                           reading->name, RS_STR_ARG(tool), TOOL);
        return rs_error_hint(err, "stage all shards again with this version, or commit with that");
    }
    return true;
}

static bool read_doc(struct reading *reading, struct rs_shard_doc *out, struct rs_error *err)
{
    if (!check_version(reading, err)) {
        return false;
    }
    uint64_t number = read_number(reading, "shard");
    uint64_t count = read_number(reading, "of");
    check(reading, "of", count >= 1 && count <= RS_SHARD_COUNT_MAX && number < count);
    out->shard = (struct rs_shard){(uint32_t)number, (uint32_t)count};
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        void *field = (char *)out + texts[i].offset;
        *(struct rs_str *)field = read_text(reading, texts[i].name);
    }
    for (size_t i = 0; i < RS_COUNTOF(numbers); i++) {
        void *field = (char *)out + numbers[i].offset;
        *(uint64_t *)field = read_number(reading, numbers[i].name);
    }
    return finish(reading, err);
}

bool rs_shard_doc_parse(struct rs_str text, const char *name, struct rs_arena *arena,
                        struct rs_shard_doc *out, struct rs_error *err)
{
    struct reading reading = {.name = name, .arena = arena};
    struct rs_json_doc *doc = open_doc(&reading, text, err);
    *out = (struct rs_shard_doc){0};
    bool ok = doc && read_doc(&reading, out, err);
    rs_json_doc_free(doc);
    return ok;
}

static bool read_role(const struct rs_json_node *node, struct rs_column *out)
{
    struct rs_str name = rs_str_from(rs_json_node_text(node));
    out->stored = rs_str_equal(name, RS_STR("stored"));
    for (size_t i = 0; i < RS_COUNTOF(role_names); i++) {
        if (name.length > 0 && rs_str_equal(name, rs_str_from(role_names[i]))) {
            out->role = (enum rs_column_role)i;
        }
    }
    return !node || out->stored || out->role != RS_COLUMN_VALUE;
}

static bool read_column(struct reading *reading, const struct rs_json_node *node,
                        struct rs_column *out)
{
    const struct rs_json_node *name = rs_json_node_first(node);
    const struct rs_json_node *type = rs_json_node_next(name);
    const struct rs_json_node *kinds = rs_json_node_next(type);
    const struct rs_json_node *max_bytes = rs_json_node_next(kinds);
    uint64_t set = 0;
    *out = (struct rs_column){.role = RS_COLUMN_VALUE};
    bool ok = to_text(reading, name, &out->name) && out->name.length > 0 &&
              rs_json_node_text(type) && to_number(kinds, &set) &&
              to_number(max_bytes, &out->max_bytes) && read_role(rs_json_node_next(max_bytes), out);
    out->kinds = (unsigned)set;
    out->type = ok ? rs_coltype_parse(rs_str_from(rs_json_node_text(type))) : out->type;
    return ok && set < 2 * RS_KIND_STRING;
}

static void read_columns(struct reading *reading, struct rs_table *table)
{
    const struct rs_json_node *list = rs_json_node_find(reading->root, "columns");
    table->column_count = rs_json_node_count(list);
    table->columns = rs_arena_zalloc(reading->arena, table->column_count, sizeof *table->columns);
    size_t i = 0;
    for (const struct rs_json_node *node = rs_json_node_first(list); node;
         node = rs_json_node_next(node)) {
        check(reading, "columns", read_column(reading, node, &table->columns[i++]));
    }
    for (i = 0; i < table->column_count; i++) { /* a text is of the value before it */
        check(reading, "columns",
              table->columns[i].role != RS_COLUMN_TEXT ||
                  (i > 0 && table->columns[i - 1].role == RS_COLUMN_VALUE));
    }
    check(reading, "columns", table->column_count > 0);
}

static void read_parts(struct reading *reading, struct rs_shard_table *table)
{
    const struct rs_json_node *list = rs_json_node_find(reading->root, "parts");
    table->part_count = rs_json_node_count(list);
    table->parts = rs_arena_zalloc(reading->arena, table->part_count, sizeof *table->parts);
    size_t i = 0;
    for (const struct rs_json_node *node = rs_json_node_first(list); node;
         node = rs_json_node_next(node)) {
        struct rs_staged_part *part = &table->parts[i++];
        const struct rs_json_node *rows = rs_json_node_first(node);
        check(reading, "parts",
              to_number(rows, &part->rows_bytes) &&
                  to_number(rs_json_node_next(rows), &part->times_bytes));
    }
    check(reading, "parts", rs_json_node_kind(list) == RS_JSON_ARRAY);
}

static void read_time(struct reading *reading, const char *member, int64_t *out)
{
    const struct rs_json_node *node = rs_json_node_find(reading->root, member);
    if (node) {
        check(reading, member, rs_timefmt_parse(rs_str_from(rs_json_node_text(node)), out));
    }
}

bool rs_shard_table_parse(struct rs_str line, const char *name, struct rs_arena *arena,
                          struct rs_shard_table *out, struct rs_error *err)
{
    struct reading reading = {.name = name, .arena = arena};
    struct rs_json_doc *doc = open_doc(&reading, line, err);
    bool fold = false;
    *out = (struct rs_shard_table){.counts = RS_ENCODE_COUNTS_INIT};
    if (!doc) {
        return false;
    }
    out->table.name = read_text(&reading, "name");
    check(&reading, "name", out->table.name.length > 0);
    check(&reading, "fold", rs_json_node_bool(rs_json_node_find(reading.root, "fold"), &fold));
    out->table.kind = fold ? RS_TABLE_FOLD : RS_TABLE_EVENTS;
    out->counts.rows = read_number(&reading, "rows");
    out->counts.discards = read_number(&reading, "discards");
    read_time(&reading, "oldest", &out->counts.oldest_us);
    read_time(&reading, "newest", &out->counts.newest_us);
    read_columns(&reading, &out->table);
    read_parts(&reading, out);
    rs_json_doc_free(doc);
    return finish(&reading, err);
}

bool rs_shard_input_parse(struct rs_str line, const char *name, struct rs_arena *arena,
                          struct rs_ledger_input *out, struct rs_error *err)
{
    struct reading reading = {.name = name, .arena = arena};
    struct rs_json_doc *doc = open_doc(&reading, line, err);
    if (!doc) {
        return false;
    }
    *out = (struct rs_ledger_input){
        .name = read_text(&reading, "name"),
        .version = read_text(&reading, "version"),
        .size_bytes = read_number(&reading, "size_bytes"),
        .events = read_number(&reading, "events"),
        .rejects = read_number(&reading, "rejects"),
        .lines = read_number(&reading, "lines"),
    };
    rs_json_doc_free(doc);
    return finish(&reading, err);
}
