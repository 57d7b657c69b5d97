/* What fits is found out by measuring all cells once, and leaving out until it does. */
#include "sync/history_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/text_table.h"
#include "codec/words.h"

enum {
    GAP = 2,
    SECONDS_LENGTH = 19, /* "2026-11-30 15:03:30" */
    ERROR_MIN = 16,      /* places of an error, where there is one */
    ERROR_LEAST = 8,     /* with less it is left out */
    CELL_MAX = 64,
    TEXT_MAX = 1 << 16,
    TITLE_PLACES = 9,
    LEVELS = 8,
};

struct shown {
    const struct rs_history_style *style;
    const struct rs_history_column *columns;
    size_t count;
    const struct rs_result *runs;
    bool kept[RS_TEXT_TABLE_COLUMNS_MAX];
    bool shortened;
};

/* A cell as it is shown; what does not stand in the result is put into buffer. */
static struct rs_str cell_of(const struct shown *shown, size_t row, size_t column,
                             struct rs_strbuf *buffer)
{
    const struct rs_history_column *of = &shown->columns[column];
    struct rs_str text = rs_result_text(shown->runs, row, of->column);
    bool fraction = rs_str_find_byte(text, '.') != SIZE_MAX;
    if (of->number && shown->shortened && !fraction && text.length > 3) {
        rs_strbuf_reset(buffer);
        rs_words_short(buffer, strtod(text.data, NULL), "");
        return rs_strbuf_str(buffer);
    }
    bool time = !of->number && column + 1 < shown->count && text.length > SECONDS_LENGTH &&
                text.data[SECONDS_LENGTH] == '.';
    return time && shown->style->columns > 0 ? rs_str_slice(text, 0, SECONDS_LENGTH) : text;
}

/* No run has anything there. */
static bool is_empty(const struct shown *shown, size_t column)
{
    bool empty = true;
    for (size_t row = 0; empty && row < rs_result_rows(shown->runs); row++) {
        struct rs_str text = rs_result_text(shown->runs, row, shown->columns[column].column);
        empty = text.length == 0 || (shown->columns[column].number && strtod(text.data, NULL) == 0);
    }
    return empty;
}

static size_t width_of(const struct shown *shown, size_t column)
{
    struct rs_strbuf buffer = RS_STRBUF_INIT(CELL_MAX);
    size_t width = strlen(shown->columns[column].title);
    for (size_t row = 0; row < rs_result_rows(shown->runs); row++) {
        size_t own = rs_text_width(cell_of(shown, row, column, &buffer));
        width = own > width ? own : width;
    }
    rs_strbuf_release(&buffer);
    return width;
}

/* Of all that is kept but the error. */
static size_t table_width(const struct shown *shown)
{
    size_t width = 0;
    for (size_t i = 0; i + 1 < shown->count; i++) {
        width += shown->kept[i] ? width_of(shown, i) + GAP : 0;
    }
    return width;
}

/* The column that goes next; count: none may. */
static size_t next_to_go(const struct shown *shown, bool empty)
{
    size_t found = shown->count;
    unsigned rank = 0;
    for (size_t i = 0; i + 1 < shown->count; i++) {
        bool may = shown->kept[i] && shown->columns[i].rank > rank;
        if (may && (!empty || is_empty(shown, i))) {
            rank = shown->columns[i].rank;
            found = i;
        }
    }
    return found;
}

static void fit(struct shown *shown)
{
    size_t limit = shown->style->columns;
    bool *told = &shown->kept[shown->count - 1];
    size_t error = *told ? width_of(shown, shown->count - 1) : 0;
    size_t column = 0;
    while (table_width(shown) + error > limit &&
           (column = next_to_go(shown, true)) < shown->count) {
        shown->kept[column] = false;
    }
    error = error < ERROR_MIN ? error : ERROR_MIN;
    while (table_width(shown) + error > limit) {
        column = next_to_go(shown, false);
        if (shown->shortened && column == shown->count) {
            *told = *told && table_width(shown) + ERROR_LEAST <= limit;
            return;
        }
        if (shown->shortened) {
            shown->kept[column] = false;
        }
        shown->shortened = true;
    }
}

static struct rs_str cut_error(struct rs_str text, size_t places, struct rs_strbuf *buffer)
{
    if (rs_text_width(text) <= places) {
        return text;
    }
    rs_strbuf_reset(buffer);
    rs_strbuf_append_str(buffer, rs_text_cut(text, places - 2));
    rs_strbuf_append(buffer, "..");
    return rs_strbuf_str(buffer);
}

static void append_table(const struct shown *shown, struct rs_strbuf *out)
{
    struct rs_text_table table;
    char alignment[RS_TEXT_TABLE_COLUMNS_MAX + 1] = "";
    struct rs_strbuf buffer = RS_STRBUF_INIT(TEXT_MAX);
    size_t limit = shown->style->columns;
    size_t width = table_width(shown);
    size_t rows = rs_result_rows(shown->runs);
    size_t used = 0;
    for (size_t i = 0; i < shown->count; i++) {
        if (shown->kept[i]) {
            alignment[used++] = shown->columns[i].number ? 'r' : 'l';
        }
    }
    rs_text_table_init(&table, alignment);
    for (size_t row = 0; row <= rows; row++) {
        for (size_t i = 0; i < shown->count; i++) {
            struct rs_str text = row == 0 ? rs_str_from(shown->columns[i].title)
                                          : cell_of(shown, rows - row, i, &buffer);
            bool cuts = i + 1 == shown->count && limit > 0;
            if (shown->kept[i]) {
                rs_text_table_add(&table, cuts ? cut_error(text, limit - width, &buffer) : text);
            }
        }
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
    rs_strbuf_release(&buffer);
}

void rs_history_text(const struct rs_history_style *style, const struct rs_history_column *columns,
                     size_t column_count, const struct rs_result *runs, struct rs_strbuf *out)
{
    struct shown shown = {.style = style, .columns = columns, .count = column_count, .runs = runs};
    for (size_t i = 0; i < column_count; i++) {
        shown.kept[i] = true;
    }
    if (style->columns > 0) {
        shown.kept[column_count - 1] = !is_empty(&shown, column_count - 1);
        fit(&shown);
    }
    append_table(&shown, out);
}

void rs_history_spark(const struct rs_history_style *style, const char *title,
                      const double *numbers, size_t count, struct rs_strbuf *out)
{
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const letters[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
    size_t room = style->columns > TITLE_PLACES * 2 + GAP ? style->columns - TITLE_PLACES * 2 - GAP
                                                          : SIZE_MAX;
    size_t first = count > room ? count - room : 0;
    double most = 0;
    for (size_t i = first; i < count; i++) {
        most = numbers[i] > most ? numbers[i] : most;
    }
    if (most <= 0) {
        return;
    }
    rs_strbuf_printf(out, "%-*s", (int)TITLE_PLACES, title);
    for (size_t i = first; i < count; i++) {
        size_t level = (size_t)(numbers[i] / most * (LEVELS - 1) + 0.5);
        level = level == 0 && numbers[i] > 0 ? 1 : level; /* little is not nothing */
        rs_strbuf_append(out, (style->utf8 ? blocks : letters)[level]);
    }
    rs_strbuf_append(out, "  max ");
    if (most < 10 && most > (double)(uint64_t)most) {
        rs_strbuf_printf(out, "%.2g", most); /* a second's parts, of a run that took no whole one */
    } else {
        rs_words_short(out, most, "");
    }
    rs_strbuf_append_char(out, '\n');
}
