/* The map has the places of tables, counted from 1, as the list may move when it grows. */
#include "sync/table_sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "codec/report_page.h"

struct table {
    char *name;
    uint64_t rows;
    uint64_t runs;
};

struct rs_table_sums {
    struct rs_map *places;
    struct table *tables;
    size_t count;
    size_t capacity;
};

struct rs_table_sums *rs_table_sums_new(void)
{
    struct rs_table_sums *sums = rs_mem_zalloc(1, sizeof *sums);
    sums->places = rs_map_new(0);
    return sums;
}

void rs_table_sums_free(struct rs_table_sums *sums)
{
    if (!sums) {
        return;
    }
    for (size_t i = 0; i < sums->count; i++) {
        rs_mem_free(sums->tables[i].name);
    }
    rs_mem_free(sums->tables);
    rs_map_free(sums->places);
    rs_mem_free(sums);
}

void rs_table_sums_add(struct rs_table_sums *sums, struct rs_str name, uint64_t rows)
{
    void **place = rs_map_put(sums->places, name);
    if (!*place) {
        sums->tables =
            rs_mem_grow(sums->tables, &sums->capacity, sums->count + 1, sizeof *sums->tables);
        sums->tables[sums->count++] =
            (struct table){.name = rs_mem_strndup(name.data, name.length)};
        *place = (void *)(uintptr_t)sums->count;
    }
    struct table *table = &sums->tables[(size_t)(uintptr_t)*place - 1];
    table->rows += rows;
    table->runs++;
}

size_t rs_table_sums_count(const struct rs_table_sums *sums)
{
    return sums->count;
}

static int by_rows(const void *left, const void *right)
{
    const struct table *a = left;
    const struct table *b = right;
    return a->rows != b->rows ? (a->rows > b->rows ? -1 : 1) : strcmp(a->name, b->name);
}

static size_t describe(const void *item, struct rs_arena *arena,
                       struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct table *table = item;
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("table", table->name, .head = "table"),
        RS_REPORT_COUNT("rows", table->rows, .head = "rows"),
        RS_REPORT_COUNT("runs", table->runs, .head = "runs"),
    };
    (void)arena;
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_table_sums_write(const struct rs_table_sums *sums, struct rs_html *html)
{
    if (sums->count == 0) {
        return;
    }
    struct table *sorted = rs_mem_zalloc(sums->count, sizeof *sorted);
    memcpy(sorted, sums->tables, sums->count * sizeof *sorted);
    qsort(sorted, sums->count, sizeof *sorted, by_rows);
    rs_page_section(html, "Tables");
    rs_page_table(html, &(struct rs_page_rows){.describe = describe,
                                               .items = sorted,
                                               .count = sums->count,
                                               .size_bytes = sizeof *sorted,
                                               .meter = "rows"});
    rs_html_end(html);
    rs_mem_free(sorted);
}
