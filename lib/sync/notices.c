/*
 * Things about a run's input that its owner would want to know, and that are no errors.
 */
#include "sync/notices.h"

#include <stdio.h>

#include "base/mem.h"
#include "transform/foreign_keys.h"

enum {
    NAME_MAX_BYTES = 1024,
    UNUSED_NOTICES_MAX = 20,
    GONE_MAX = 128,
};

static void notice_unnamed(struct rs_pipeline *pipeline)
{
    uint64_t unnamed = 0;
    for (unsigned i = 0; i < pipeline->threads; i++) {
        unnamed += rs_projector_unnamed_count(pipeline->intake.projectors[i]);
    }
    if (unnamed > 0) {
        rs_pipeline_notice(pipeline,
                           "%llu track call%s had no event name and went into tracks alone, with "
                           "properties as discards",
                           (unsigned long long)unnamed, unnamed == 1 ? "" : "s");
    }
}

/* Keys that Segment does not have, in place of some that it has: nothing is read from them. */
static void notice_foreign(struct rs_pipeline *pipeline)
{
    struct rs_foreign_keys keys = {0};
    for (unsigned i = 0; i < pipeline->threads; i++) {
        rs_foreign_keys_join(&keys, rs_projector_foreign_keys(pipeline->intake.projectors[i]));
    }
    for (size_t i = 0; i < RS_FIELD_COUNT; i++) {
        const struct rs_foreign_key *key = &keys.of[i];
        struct rs_str name = rs_field_names[i];
        if (key->count > 0) {
            rs_pipeline_notice(pipeline,
                               "%llu event%s \"%.*s\" where Segment has \"%.*s\": nothing is read "
                               "from that key",
                               (unsigned long long)key->count, key->count == 1 ? " has" : "s have",
                               (int)key->length, key->name, RS_STR_ARG(name));
        }
    }
}

/* Who upgrades, or has taken All for what it is not, hears of it. */
static void notice_all_false(struct rs_pipeline *pipeline)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < pipeline->threads; i++) {
        count += rs_projector_all_false_count(pipeline->intake.projectors[i]);
    }
    if (count > 0) {
        rs_pipeline_notice(
            pipeline,
            "%llu event%s with \"All\": false in integrations %s taken, as that does "
            "not speak of warehouses; --opt-out=all leaves such events out",
            (unsigned long long)count, count == 1 ? "" : "s", count == 1 ? "is" : "are");
    }
}

/* Names and keys past what --memory has room for, see transform/cardinality_limit.h. */
static void notice_refused(struct rs_pipeline *pipeline)
{
    struct rs_str first = rs_cardinality_first_refused(pipeline->cardinality);
    uint64_t events = 0;
    uint64_t values = 0;
    for (unsigned i = 0; i < pipeline->threads; i++) {
        const struct rs_key_budget *budget = rs_projector_budget(pipeline->intake.projectors[i]);
        events += budget->refused_events;
        values += budget->refused_values;
    }
    if (events > 0) {
        rs_pipeline_warn(pipeline,
                         "%llu track call%s went into tracks alone, with properties as discards: "
                         "there are more event names than --memory has room for (\"%.*s\" and "
                         "on); mend what sends ids as names, or give more --memory",
                         (unsigned long long)events, events == 1 ? "" : "s", RS_STR_ARG(first));
    }
    if (values > 0) {
        rs_pipeline_warn(pipeline,
                         "%llu value%s of keys past those that --memory has room for are discards; "
                         "mend what sends ids as keys, or give more --memory",
                         (unsigned long long)values, values == 1 ? "" : "s");
    }
}

static void notice_unused_names(struct rs_pipeline *pipeline)
{
    struct rs_strbuf name = RS_STRBUF_INIT(NAME_MAX_BYTES);
    if (!pipeline->filter || pipeline->intake.counts.events == 0 || pipeline->elsewhere > 0 ||
        pipeline->options->window) {
        return; /* nothing was read that a name could have met, or not all of it */
    }
    for (unsigned i = 0; i < pipeline->threads; i++) {
        rs_layout_note_names(pipeline->intake.projectors[i], pipeline->filter);
    }
    for (size_t i = 0; i < pipeline->existing.table_count; i++) {
        const struct rs_table *table = &pipeline->existing.tables[i];
        rs_filter_note_table(pipeline->filter, table->name);
        for (size_t j = 0; j < table->column_count; j++) {
            rs_filter_note_column(pipeline->filter, table->name, table->columns[j].name);
        }
    }
    for (size_t i = 0; i < UNUSED_NOTICES_MAX; i++) {
        rs_strbuf_reset(&name);
        if (!rs_filter_unused(pipeline->filter, i, &name)) {
            break;
        }
        rs_pipeline_notice(pipeline, "no event has \"%s\", which \"%s\" names",
                           rs_strbuf_cstr(&name), pipeline->options->select_file);
    }
    rs_strbuf_release(&name);
}

/* One sentence a table that had no room for all its columns. */
void rs_notice_dropped(struct rs_pipeline *pipeline)
{
    const struct rs_plan *plan = &pipeline->plan;
    for (size_t i = 0; i < plan->dropped_count;) {
        const struct rs_dropped_column *first = &plan->dropped[i];
        size_t begin = i;
        while (i < plan->dropped_count && rs_str_equal(plan->dropped[i].table, first->table)) {
            i++;
        }
        struct rs_str table = first->table;
        size_t count = i - begin;
        if (first->limited) {
            rs_pipeline_warn(pipeline,
                             "\"%.*s\" gets no more new columns in one run: the values of %zu "
                             "(\"%.*s\" and on), the least used, are discards; mend what sends "
                             "them, or give --max-new-columns=N",
                             RS_STR_ARG(table), count, RS_STR_ARG(first->column));
            continue;
        }
        const struct rs_table *there = rs_schema_find_table(&pipeline->existing, table);
        char gone[GONE_MAX] = "";
        if (there && there->dropped_count > 0) {
            (void)snprintf(gone, sizeof gone,
                           ", as %zu that were dropped count until it is made anew",
                           there->dropped_count);
        }
        rs_pipeline_notice(pipeline,
                           "\"%.*s\" has no room for %zu more column%s (\"%.*s\"%s)%s; their "
                           "values are discards",
                           RS_STR_ARG(table), count, count == 1 ? "" : "s",
                           RS_STR_ARG(first->column), count == 1 ? "" : " and on", gone);
    }
}

/* --- near twins ------------------------------------------------------------------------------ */

/* Are the names the same but for underscores? */
static bool are_twins(struct rs_str left, struct rs_str right)
{
    size_t i = 0;
    size_t j = 0;
    for (;;) {
        while (i < left.length && left.data[i] == '_') {
            i++;
        }
        while (j < right.length && right.data[j] == '_') {
            j++;
        }
        if (i == left.length || j == right.length) {
            return i == left.length && j == right.length && !rs_str_equal(left, right);
        }
        if (left.data[i++] != right.data[j++]) {
            return false;
        }
    }
}

/* The existing table or column that is a twin of what the step makes; "" for none. */
static struct rs_str find_twin(const struct rs_schema *existing, const struct rs_plan_step *step)
{
    bool column = step->kind == RS_PLAN_ADD_COLUMN;
    const struct rs_table *table = column ? rs_schema_find_table(existing, step->table) : NULL;
    size_t count = !column ? existing->table_count : table ? table->column_count : 0;
    for (size_t i = 0; i < count; i++) {
        struct rs_str name = column ? table->columns[i].name : existing->tables[i].name;
        if (are_twins(name, column ? step->column : step->table)) {
            return name;
        }
    }
    return RS_STR("");
}

/*
 * Who made the tables that are there may have read names as other words: then one property is two
 * columns from now on.
 */
static void notice_twins(struct rs_pipeline *pipeline)
{
    enum { TOLD_MAX = 20 };
    size_t count = 0;
    for (size_t i = 0; i < pipeline->plan.step_count; i++) {
        const struct rs_plan_step *step = &pipeline->plan.steps[i];
        bool column = step->kind == RS_PLAN_ADD_COLUMN;
        if ((!column && step->kind != RS_PLAN_CREATE_TABLE) ||
            !rs_str_equal(step->owner, step->table)) {
            continue; /* a side table has what its table has */
        }
        struct rs_str twin = find_twin(&pipeline->existing, step);
        if (twin.length > 0 && count++ < TOLD_MAX) {
            rs_pipeline_notice(
                pipeline,
                "new %s \"%.*s\"%s%.*s%s comes beside \"%.*s\", the same name but for "
                "underscores; see \"Coming from Segment\" in rs-schema(7)",
                column ? "column" : "table", RS_STR_ARG(column ? step->column : step->table),
                column ? " of \"" : "", RS_STR_ARG(column ? step->table : RS_STR("")),
                column ? "\"" : "", RS_STR_ARG(twin));
        }
    }
    if (count > TOLD_MAX) {
        rs_pipeline_notice(pipeline, "%zu more new names are beside such", count - TOLD_MAX);
    }
}

void rs_notice_intake(struct rs_pipeline *pipeline)
{
    notice_unnamed(pipeline);
    notice_foreign(pipeline);
    notice_all_false(pipeline);
    notice_refused(pipeline);
    notice_unused_names(pipeline);
    notice_twins(pipeline);
}
