/*
 * Tables are kept by name, and of a table its columns by name and its lists of columns by a text
 * that says all that COPY cares about: names, types, roles, and what stands for NULL.
 */
#include "shard/shard_set.h"

#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "transform/coltype.h"

enum { SIGNATURE_MAX = 64 << 20, MISSING_MAX_BYTES = 120, NAMES_MAX_BYTES = 256 };

/* What all shards have seen in a column. */
struct seen {
    unsigned kinds;
    uint64_t max_bytes;
};

struct joined {
    struct rs_shard_joined view; /* the first: what others see is where it is */
    enum rs_table_kind kind;
    struct rs_map *columns;       /* name -> struct seen */
    struct rs_map *by_signature;  /* -> struct rs_shard_list */
    struct rs_shard_list **lists; /* in the order in which they came */
    size_t list_capacity;
    uint32_t *numbers;
    size_t number_capacity;
};

struct rs_shard_set {
    struct rs_shard_entry *entries; /* by N and I */
    size_t entry_count;
    size_t entry_capacity;
    struct rs_ledger_input *inputs;
    size_t input_count;
    size_t input_capacity;
    struct rs_map *tables; /* name -> struct joined */
    struct rs_arena arena;
};

struct rs_shard_set *rs_shard_set_new(void)
{
    struct rs_shard_set *set = rs_mem_zalloc(1, sizeof *set);
    set->tables = rs_map_new(0);
    return set;
}

static void free_joined(struct joined *joined)
{
    for (size_t i = 0; i < joined->view.list_count; i++) {
        rs_mem_free(joined->lists[i]->files);
    }
    rs_map_free(joined->columns);
    rs_map_free(joined->by_signature);
    rs_mem_free(joined->lists);
    rs_mem_free(joined->numbers);
}

void rs_shard_set_free(struct rs_shard_set *set)
{
    if (!set) {
        return;
    }
    for (size_t i = 0; i < rs_map_count(set->tables); i++) {
        free_joined(rs_map_at(set->tables, i, NULL));
    }
    rs_map_free(set->tables);
    rs_mem_free(set->entries);
    rs_mem_free(set->inputs);
    rs_arena_release(&set->arena);
    rs_mem_free(set);
}

/* --- adding ---------------------------------------------------------------------------------------- */

static int compare_shards(const struct rs_shard *left, const struct rs_shard *right)
{
    if (left->count != right->count) {
        return left->count < right->count ? -1 : 1;
    }
    return (left->number > right->number) - (left->number < right->number);
}

void rs_shard_set_add(struct rs_shard_set *set, const struct rs_shard_doc *doc, int64_t modified_us)
{
    struct rs_arena *arena = &set->arena;
    set->entries =
        rs_mem_grow(set->entries, &set->entry_capacity, set->entry_count + 1, sizeof *set->entries);
    size_t at = set->entry_count++;
    for (; at > 0 && compare_shards(&set->entries[at - 1].doc.shard, &doc->shard) > 0; at--) {
        set->entries[at] = set->entries[at - 1];
    }
    struct rs_shard_doc copy = *doc;
    copy.schema = rs_arena_copy(arena, doc->schema);
    copy.sync_id = rs_arena_copy(arena, doc->sync_id);
    copy.compression = rs_arena_copy(arena, doc->compression);
    copy.arrays = rs_arena_copy(arena, doc->arrays);
    copy.selection = rs_arena_copy(arena, doc->selection);
    copy.warehouse_id = rs_arena_copy(arena, doc->warehouse_id);
    copy.opt_out = rs_arena_copy(arena, doc->opt_out);
    copy.null_traits = rs_arena_copy(arena, doc->null_traits);
    copy.null_text = rs_arena_copy(arena, doc->null_text);
    copy.listed = rs_arena_copy(arena, doc->listed);
    copy.damage = rs_arena_copy(arena, doc->damage);
    copy.reasons = rs_arena_copy(arena, doc->reasons);
    set->entries[at] = (struct rs_shard_entry){copy, modified_us};
}

void rs_shard_set_add_input(struct rs_shard_set *set, const struct rs_ledger_input *input)
{
    set->inputs =
        rs_mem_grow(set->inputs, &set->input_capacity, set->input_count + 1, sizeof *set->inputs);
    struct rs_ledger_input *copy = &set->inputs[set->input_count++];
    *copy = *input;
    copy->name = rs_arena_copy(&set->arena, input->name);
    copy->version = rs_arena_copy(&set->arena, input->version);
}

static struct joined *joined_of(struct rs_shard_set *set, const struct rs_table *table)
{
    void **slot = rs_map_put(set->tables, table->name);
    if (!*slot) {
        struct joined *joined = rs_arena_zalloc(&set->arena, 1, sizeof *joined);
        joined->view = (struct rs_shard_joined){.name = rs_arena_copy(&set->arena, table->name),
                                                .counts = RS_ENCODE_COUNTS_INIT};
        joined->kind = table->kind;
        joined->columns = rs_map_new(0);
        joined->by_signature = rs_map_new(0);
        *slot = joined;
    }
    return *slot;
}

static void append_signature(const struct rs_table *table, struct rs_str null_text,
                             struct rs_strbuf *out)
{
    rs_strbuf_append_str(out, null_text);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct rs_column *column = &table->columns[i];
        rs_strbuf_append_char(out, '\0');
        rs_strbuf_append_str(out, column->name);
        rs_strbuf_append_char(out, '\0');
        rs_coltype_append_ddl(column->type, out);
        rs_strbuf_printf(out, " %d %d", column->stored, (int)column->role);
    }
}

static struct rs_shard_list *list_of(struct rs_shard_set *set, struct joined *joined,
                                     const struct rs_table *table, struct rs_str null_text)
{
    struct rs_strbuf signature = RS_STRBUF_INIT(SIGNATURE_MAX);
    append_signature(table, null_text, &signature);
    void **slot = rs_map_put(joined->by_signature, rs_strbuf_str(&signature));
    rs_strbuf_release(&signature);
    if (*slot) {
        return *slot;
    }
    struct rs_shard_list *list = rs_arena_zalloc(&set->arena, 1, sizeof *list);
    list->columns = *table;
    list->columns.name = joined->view.name;
    list->columns.columns =
        rs_arena_zalloc(&set->arena, table->column_count, sizeof *table->columns);
    for (size_t i = 0; i < table->column_count; i++) {
        list->columns.columns[i] = table->columns[i];
        list->columns.columns[i].name = rs_arena_copy(&set->arena, table->columns[i].name);
    }
    list->null_text = rs_arena_copy(&set->arena, null_text);
    joined->lists = rs_mem_grow(joined->lists, &joined->list_capacity, joined->view.list_count + 1,
                                sizeof *joined->lists);
    joined->lists[joined->view.list_count++] = list;
    *slot = list;
    return list;
}

/* A list stands for the columns of all shards that have it. */
static void widen_list(struct rs_shard_list *list, const struct rs_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct rs_column *column = &list->columns.columns[i];
        column->kinds |= table->columns[i].kinds;
        if (column->max_bytes < table->columns[i].max_bytes) {
            column->max_bytes = table->columns[i].max_bytes;
        }
    }
}

static void join_columns(struct rs_shard_set *set, struct joined *joined,
                         const struct rs_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct rs_column *column = &table->columns[i];
        if (column->role != RS_COLUMN_VALUE || column->kinds == 0) {
            continue;
        }
        void **slot = rs_map_put(joined->columns, column->name);
        struct seen *seen = *slot ? *slot : rs_arena_zalloc(&set->arena, 1, sizeof *seen);
        seen->kinds |= column->kinds;
        seen->max_bytes = column->max_bytes > seen->max_bytes ? column->max_bytes : seen->max_bytes;
        *slot = seen;
    }
}

static void add_files(struct rs_shard_list *list, uint32_t number,
                      const struct rs_shard_table *table, uint64_t *bytes)
{
    for (size_t i = 0; i < table->part_count; i++) {
        const struct rs_staged_part *part = &table->parts[i];
        if (part->rows_bytes == 0 && part->times_bytes == 0) {
            continue;
        }
        list->files = rs_mem_grow(list->files, &list->file_capacity, list->file_count + 1,
                                  sizeof *list->files);
        list->files[list->file_count++] = (struct rs_shard_file){number, (uint32_t)i, *part};
        *bytes += part->rows_bytes + part->times_bytes;
    }
}

void rs_shard_set_add_table(struct rs_shard_set *set, size_t i, const struct rs_shard_table *table)
{
    const struct rs_shard_doc *doc = &set->entries[i].doc;
    uint32_t number = doc->shard.number;
    struct joined *joined = joined_of(set, &table->table);
    struct rs_shard_list *list = list_of(set, joined, &table->table, doc->null_text);
    widen_list(list, &table->table);
    join_columns(set, joined, &table->table);
    add_files(list, number, table, &joined->view.bytes);
    list->rows += table->counts.rows;
    rs_encode_counts_add(&joined->view.counts, &table->counts);
    if (table->counts.rows > 0) {
        joined->numbers = rs_mem_grow(joined->numbers, &joined->number_capacity,
                                      joined->view.number_count + 1, sizeof *joined->numbers);
        joined->numbers[joined->view.number_count++] = number;
    }
}

/* --- what there is --------------------------------------------------------------------------------- */

size_t rs_shard_set_count(const struct rs_shard_set *set)
{
    return set->entry_count;
}

const struct rs_shard_entry *rs_shard_set_at(const struct rs_shard_set *set, size_t i)
{
    return &set->entries[i];
}

const struct rs_ledger_input *rs_shard_set_inputs(const struct rs_shard_set *set, size_t *count)
{
    *count = set->input_count;
    return set->inputs;
}

struct rs_shard_counts rs_shard_set_counts(const struct rs_shard_set *set)
{
    struct rs_shard_counts sum = {0};
    for (size_t i = 0; i < set->entry_count; i++) {
        const struct rs_shard_counts *counts = &set->entries[i].doc.counts;
        sum.lines += counts->lines;
        sum.events += counts->events;
        sum.rejects += counts->rejects;
        sum.opt_outs += counts->opt_outs;
        sum.unselected += counts->unselected;
        sum.discards += counts->discards;
        sum.duplicates += counts->duplicates;
        sum.bytes += counts->bytes;
        sum.inputs_skipped += counts->inputs_skipped;
        sum.inputs_failed += counts->inputs_failed;
        sum.inputs_suspect += counts->inputs_suspect;
    }
    return sum;
}

/* "0, 3 and 17 more" */
static void append_missing(const struct rs_shard_set *set, struct rs_strbuf *out)
{
    uint32_t count = set->entries[0].doc.shard.count;
    size_t at = 0;
    size_t left = count - set->entry_count;
    for (uint32_t number = 0; number < count; number++) {
        if (at < set->entry_count && set->entries[at].doc.shard.number == number) {
            at++;
        } else if (out->length > MISSING_MAX_BYTES) {
            rs_strbuf_printf(out, " and %zu more", left);
            return;
        } else {
            rs_strbuf_printf(out, "%s%u", out->length > 0 ? ", " : "", (unsigned)number);
            left--;
        }
    }
}

static bool check_present(const struct rs_shard_set *set, struct rs_error *err)
{
    const struct rs_shard *first = &set->entries[0].doc.shard;
    const struct rs_shard *last = &set->entries[set->entry_count - 1].doc.shard;
    if (first->count != last->count) {
        (void)rs_error_set(err, RS_E_INPUT,
                           "could not commit: shards of %u and of %u are staged, such as %u/%u and "
                           "%u/%u",
                           (unsigned)first->count, (unsigned)last->count, (unsigned)first->number,
                           (unsigned)first->count, (unsigned)last->number, (unsigned)last->count);
        return rs_error_hint(err, "of one division some are left over: remove their folders "
                                  "SCHEMA/shards/I-of-N below the prefix of --stage");
    }
    if (set->entry_count == first->count) {
        return true;
    }
    struct rs_strbuf missing = RS_STRBUF_INIT(NAMES_MAX_BYTES);
    append_missing(set, &missing);
    (void)rs_error_set(err, RS_E_INPUT, "could not commit: of %u shards %zu %s not staged: %s",
                       (unsigned)first->count, first->count - set->entry_count,
                       first->count - set->entry_count == 1 ? "is" : "are",
                       rs_strbuf_cstr(&missing));
    rs_strbuf_release(&missing);
    return rs_error_hint(err, "stage what is missing with --shard=I/%u, and commit then",
                         (unsigned)first->count);
}

bool rs_shard_set_check(const struct rs_shard_set *set, struct rs_error *err)
{
    static const struct {
        const char *what;
        size_t offset;
    } same[] = {
        {"--compress", offsetof(struct rs_shard_doc, compression)},
        {"--arrays", offsetof(struct rs_shard_doc, arrays)},
        {"--select", offsetof(struct rs_shard_doc, selection)},
        {"--warehouse-id", offsetof(struct rs_shard_doc, warehouse_id)},
        {"--opt-out", offsetof(struct rs_shard_doc, opt_out)},
        {"--null-traits", offsetof(struct rs_shard_doc, null_traits)},
    };
    if (!check_present(set, err)) {
        return false;
    }
    const char *first = (const char *)&set->entries[0].doc;
    for (size_t i = 1; i < set->entry_count; i++) {
        const char *other = (const char *)&set->entries[i].doc;
        for (size_t j = 0; j < RS_COUNTOF(same); j++) {
            const void *left = first + same[j].offset;
            const void *right = other + same[j].offset;
            if (!rs_str_equal(*(const struct rs_str *)left, *(const struct rs_str *)right)) {
                (void)rs_error_set(err, RS_E_INPUT,
                                   "could not commit: shards 0 and %zu were staged with different "
                                   "%s",
                                   i, same[j].what);
                return rs_error_hint(err, "stage one of them again with what the others had");
            }
        }
    }
    return true;
}

bool rs_shard_set_listed_alike(const struct rs_shard_set *set)
{
    for (size_t i = 1; i < set->entry_count; i++) {
        if (!rs_str_equal(set->entries[0].doc.listed, set->entries[i].doc.listed)) {
            return false;
        }
    }
    return true;
}

void rs_shard_set_define(struct rs_shard_set *set, struct rs_schema *wanted)
{
    for (size_t i = 0; i < rs_map_count(set->tables); i++) {
        struct joined *joined = rs_map_at(set->tables, i, NULL);
        struct rs_table *table = rs_schema_add_table(wanted, joined->view.name, joined->kind);
        for (size_t j = 0; j < rs_map_count(joined->columns); j++) {
            struct rs_str name = {0};
            const struct seen *seen = rs_map_at(joined->columns, j, &name);
            struct rs_coltype type = rs_coltype_join(seen->kinds, seen->max_bytes);
            rs_table_add_column(wanted, table, name, type, seen->max_bytes)->kinds = seen->kinds;
        }
        joined->view.lists = (const struct rs_shard_list *const *)joined->lists;
        joined->view.numbers = joined->numbers;
    }
    rs_schema_sort(wanted);
}

const struct rs_shard_joined *rs_shard_set_find(const struct rs_shard_set *set, struct rs_str table)
{
    return rs_map_find(set->tables, table); /* whose first member is the view */
}

uint64_t rs_shard_set_duplicates(const struct rs_shard_set *set, const char *table, uint64_t lost)
{
    static const char *const of_calls[] = {"tracks",  "identifies", "pages",
                                           "screens", "groups",     "aliases"};
    if (strcmp(table, "users") == 0 || strcmp(table, "accounts") == 0) {
        return 0; /* folded, not lost */
    }
    for (size_t i = 0; i < RS_COUNTOF(of_calls); i++) {
        if (strcmp(table, of_calls[i]) == 0) {
            return lost;
        }
    }
    return rs_map_find(set->tables, RS_STR("tracks")) ? 0 : lost; /* counted there */
}
