/*
 * What several shards have staged becomes a batch as one run has it. Files that have the same
 * columns are copied at once. An event may be in the files of two shards; of its rows the one with
 * the latest received_at stays, on a tie the one that was read last, which is what a run would have
 * staged. A user's rows stay as they are, a row a shard, and are folded shard by shard.
 */
#include "warehouse/script_internal.h"

#include "warehouse/ddl.h"

static const struct rs_str rows_name = RS_STR_INIT("rs_shards");
static const struct rs_str times_name = RS_STR_INIT("rs_shards_at");

static void add_copies(struct rs_script *script, const struct rs_script_target *target,
                       struct rs_str batch)
{
    const struct rs_script_shards *shards = target->stage->shards;
    for (size_t i = 0; i < shards->list_count; i++) {
        const struct rs_script_list *list = &shards->lists[i];
        struct rs_copy_into into = {RS_STR(""), batch, list->columns, list->null_text};
        struct rs_script_step *step =
            rs_script_add_copy(script, target, RS_SCRIPT_COPY_ROWS, &into, list->rows_url);
        if (step) {
            step->staged_rows = list->rows;
        }
    }
}

static void add_copies_of_times(struct rs_script *script, const struct rs_script_target *target,
                                struct rs_str batch)
{
    const struct rs_script_shards *shards = target->stage->shards;
    for (size_t i = 0; i < shards->list_count; i++) {
        const struct rs_script_list *list = &shards->lists[i];
        struct rs_copy_into into = {RS_STR(""), batch, list->times, list->null_text};
        (void)rs_script_add_copy(script, target, RS_SCRIPT_COPY_TIMES, &into, list->times_url);
    }
}

/* Append "<column of the batch> = <column of those that lost>". */
static void append_same(struct rs_strbuf *sql, const char *column)
{
    rs_script_append_of(sql, RS_STR("rs_batch"), column);
    rs_strbuf_append(sql, " = ");
    rs_script_append_of(sql, RS_STR("rs_lost"), column);
}

/*
 * Number the rows of each id, the latest first, and remove all but the first: those that go are few,
 * and no two rows have the same place in the same shard. Ids that differ in blanks at their ends
 * alone are equal in Redshift, but not of the same length.
 */
static void add_duplicates(struct rs_script *script)
{
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_BATCH, false);
    script->steps[script->count - 1].batch = "rs_lost";
    rs_strbuf_printf(sql,
                     "CREATE TEMPORARY TABLE \"rs_lost\" AS\n"
                     "SELECT \"id\", \"%s\", \"%s\"\nFROM (SELECT \"id\", \"%s\", \"%s\", "
                     "row_number() OVER (PARTITION BY \"id\", octet_length(\"id\")\n    ORDER BY "
                     "coalesce(\"received_at\", TIMESTAMP '0001-01-01 00:00:00') DESC, "
                     "\"%s\" DESC, \"%s\" DESC) AS rank_of_id\n    FROM \"rs_batch\") r\n"
                     "WHERE rank_of_id > 1",
                     RS_SCRIPT_SHARD, RS_SCRIPT_PLACE, RS_SCRIPT_SHARD, RS_SCRIPT_PLACE,
                     RS_SCRIPT_PLACE, RS_SCRIPT_SHARD);
    sql = rs_script_add(script, RS_SCRIPT_DUPLICATES, false);
    rs_strbuf_append(sql, "DELETE FROM \"rs_batch\" USING \"rs_lost\"\nWHERE ");
    append_same(sql, "id");
    rs_strbuf_append(sql, " AND ");
    append_same(sql, RS_SCRIPT_SHARD);
    rs_strbuf_append(sql, " AND ");
    append_same(sql, RS_SCRIPT_PLACE);
    rs_strbuf_append(rs_script_add(script, RS_SCRIPT_SQL, false), "DROP TABLE \"rs_lost\"");
}

static void add_fold_batches(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_script_shards *shards = target->stage->shards;
    struct rs_schema scratch = {0};
    rs_script_list_times(target->table, &scratch);
    rs_script_add_batch(script, target, rs_script_batches[0], target->table);
    rs_script_add_batch(script, target, rs_script_batches[1], &scratch.tables[0]);
    rs_script_add_batch(script, target, rs_script_batches[2], shards->batch);
    rs_script_add_batch(script, target, rs_script_batches[3], shards->times);
    rs_schema_release(&scratch);
    add_copies(script, target, rows_name);
    add_copies_of_times(script, target, times_name);
    rs_strbuf_append(rs_script_add(script, RS_SCRIPT_COUNT, true),
                     "SELECT count(DISTINCT \"id\") FROM \"rs_shards\"");
}

void rs_script_add_shard_batches(struct rs_script *script, const struct rs_script_target *target)
{
    if (target->table->kind == RS_TABLE_FOLD) {
        add_fold_batches(script, target);
        return;
    }
    rs_script_add_batch(script, target, rs_script_batches[0], target->stage->shards->batch);
    add_copies(script, target, RS_STR("rs_batch"));
    if (target->stage->shards->number_count > 1) {
        add_duplicates(script);
    }
}

/* Put the rows of one shard into a batch of these columns. */
static void add_fill(struct rs_script *script, const char *batch, const char *from,
                     const struct rs_table *columns, uint32_t shard)
{
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_printf(sql, "INSERT INTO \"%s\" (", batch);
    rs_ddl_append_columns(sql, columns);
    rs_strbuf_append(sql, ")\nSELECT ");
    rs_ddl_append_columns(sql, columns);
    rs_strbuf_printf(sql, "\nFROM \"%s\" WHERE \"%s\" = %u", from, RS_SCRIPT_SHARD,
                     (unsigned)shard);
}

void rs_script_add_shard_folds(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_script_shards *shards = target->stage->shards;
    struct rs_schema scratch = {0};
    rs_script_list_times(target->table, &scratch);
    for (size_t i = 0; i < shards->number_count; i++) {
        for (size_t batch = 0; i > 0 && batch < 2; batch++) {
            rs_strbuf_printf(rs_script_add(script, RS_SCRIPT_SQL, false), "DELETE FROM \"%s\"",
                             rs_script_batches[batch]);
        }
        add_fill(script, rs_script_batches[0], rs_script_batches[2], target->table,
                 shards->numbers[i]);
        add_fill(script, rs_script_batches[1], rs_script_batches[3], &scratch.tables[0],
                 shards->numbers[i]);
        rs_script_add_fold(script, target);
    }
    rs_schema_release(&scratch);
}
