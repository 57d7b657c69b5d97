/*
 * Cells are cleaned and measured as they come, so that formatting is one walk with known column
 * widths. Character widths follow a short table of the wide and the combining blocks: wcwidth
 * depends on the locale, and the same run is to print the same bytes anywhere.
 */
#include "codec/text_table.h"

#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"

enum { GAP = 2, SHOWN_BYTES = 4 };

struct range {
    uint32_t first;
    uint32_t last;
    size_t width;
};

/* In order; what is in none of them is one place wide. */
static const struct range ranges[] = {
    {0x0300, 0x036f, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05bd, 0},   {0x064b, 0x065f, 0},
    {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},   {0x200b, 0x200f, 0},
    {0x20d0, 0x20ff, 0},   {0x231a, 0x231b, 2},   {0x2329, 0x232a, 2},   {0x23e9, 0x23ec, 2},
    {0x23f0, 0x23f0, 2},   {0x23f3, 0x23f3, 2},   {0x25fd, 0x25fe, 2},   {0x2614, 0x2615, 2},
    {0x2648, 0x2653, 2},   {0x267f, 0x267f, 2},   {0x2693, 0x2693, 2},   {0x26a1, 0x26a1, 2},
    {0x26aa, 0x26ab, 2},   {0x26bd, 0x26be, 2},   {0x26c4, 0x26c5, 2},   {0x26ce, 0x26ce, 2},
    {0x26d4, 0x26d4, 2},   {0x26ea, 0x26ea, 2},   {0x26f2, 0x26f3, 2},   {0x26f5, 0x26f5, 2},
    {0x26fa, 0x26fa, 2},   {0x26fd, 0x26fd, 2},   {0x2705, 0x2705, 2},   {0x270a, 0x270b, 2},
    {0x2728, 0x2728, 2},   {0x274c, 0x274c, 2},   {0x274e, 0x274e, 2},   {0x2753, 0x2755, 2},
    {0x2757, 0x2757, 2},   {0x2795, 0x2797, 2},   {0x27b0, 0x27b0, 2},   {0x27bf, 0x27bf, 2},
    {0x2b1b, 0x2b1c, 2},   {0x2b50, 0x2b50, 2},   {0x2b55, 0x2b55, 2},   {0x2e80, 0x303e, 2},
    {0x3041, 0xa4cf, 2},   {0xa960, 0xa97c, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
    {0xfe00, 0xfe0f, 0},   {0xfe10, 0xfe19, 2},   {0xfe20, 0xfe2f, 0},   {0xfe30, 0xfe6f, 2},
    {0xff01, 0xff60, 2},   {0xffe0, 0xffe6, 2},   {0x16fe0, 0x1b2fb, 2}, {0x1f004, 0x1f004, 2},
    {0x1f0cf, 0x1f0cf, 2}, {0x1f18e, 0x1f18e, 2}, {0x1f191, 0x1f19a, 2}, {0x1f200, 0x1f2ff, 2},
    {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2}, {0x1f7e0, 0x1f7f0, 2}, {0x1f900, 0x1faff, 2},
    {0x20000, 0x3fffd, 2},
};

static size_t width_of(uint32_t code)
{
    for (size_t i = 0; i < RS_COUNTOF(ranges) && ranges[i].first <= code; i++) {
        if (code <= ranges[i].last) {
            return ranges[i].width;
        }
    }
    return 1;
}

size_t rs_text_width(struct rs_str text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.length;) {
        uint32_t code = 0;
        size_t bytes = rs_utf8_decode(text.data + i, text.data + text.length, &code);
        width += bytes > 0 ? width_of(code) : 1;
        i += bytes > 0 ? bytes : 1;
    }
    return width;
}

struct rs_str rs_text_cut(struct rs_str text, size_t places)
{
    size_t width = 0;
    size_t end = 0;
    while (end < text.length) {
        uint32_t code = 0;
        size_t bytes = rs_utf8_decode(text.data + end, text.data + text.length, &code);
        bytes = bytes > 0 ? bytes : 1;
        width += rs_text_width(rs_str_slice(text, end, end + bytes));
        if (width > places) {
            break;
        }
        end += bytes;
    }
    return rs_str_slice(text, 0, end);
}

/* Write one character, or what is shown for it; returns its bytes in out. */
static size_t clean_character(const char *from, size_t bytes, uint32_t code, char *out)
{
    static const char digits[] = "0123456789abcdef";
    if (bytes == 0) {
        return rs_utf8_encode(RS_UTF8_REPLACEMENT, out);
    }
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        out[0] = '\\';
        out[1] = 'x';
        out[2] = digits[code >> 4];
        out[3] = digits[code & 15];
        return SHOWN_BYTES;
    }
    memcpy(out, from, bytes);
    return bytes;
}

struct rs_str rs_text_clean(struct rs_arena *arena, struct rs_str text)
{
    char *out = rs_arena_alloc(arena, text.length * SHOWN_BYTES + 1);
    size_t used = 0;
    for (size_t i = 0; i < text.length;) {
        uint32_t code = 0;
        size_t bytes = rs_utf8_decode(text.data + i, text.data + text.length, &code);
        used += clean_character(text.data + i, bytes, code, out + used);
        i += bytes > 0 ? bytes : 1;
    }
    return (struct rs_str){out, used};
}

static void append_spaces(struct rs_strbuf *out, size_t count)
{
    for (; count > 0; count--) {
        rs_strbuf_append_char(out, ' ');
    }
}

void rs_text_table_init(struct rs_text_table *table, const char *alignment)
{
    size_t columns = strlen(alignment);
    *table = (struct rs_text_table){.alignment = alignment, .arena = RS_ARENA_INIT};
    table->column_count =
        columns < RS_TEXT_TABLE_COLUMNS_MAX ? columns : (size_t)RS_TEXT_TABLE_COLUMNS_MAX;
}

void rs_text_table_add(struct rs_text_table *table, struct rs_str text)
{
    size_t column = table->cell_count % table->column_count;
    struct rs_text_table_cell cell = {.text = rs_text_clean(&table->arena, text)};
    cell.width = rs_text_width(cell.text);
    if (cell.width > table->widths[column]) {
        table->widths[column] = cell.width;
    }
    table->cells = rs_mem_grow(table->cells, &table->cell_capacity, table->cell_count + 1,
                               sizeof *table->cells);
    table->cells[table->cell_count++] = cell;
}

void rs_text_table_add_u64(struct rs_text_table *table, uint64_t number)
{
    char text[24];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    rs_text_table_add(table, (struct rs_str){text + at, sizeof text - at});
}

void rs_text_table_format(const struct rs_text_table *table, struct rs_strbuf *out)
{
    size_t owed = 0; /* spaces that are due before the next cell with a text */
    for (size_t i = 0; i < table->cell_count; i++) {
        const struct rs_text_table_cell *cell = &table->cells[i];
        size_t column = i % table->column_count;
        size_t pad = table->widths[column] - cell->width;
        bool right = table->alignment[column] == 'r';
        owed += right ? pad : 0;
        if (cell->text.length > 0) {
            append_spaces(out, owed);
            rs_strbuf_append_str(out, cell->text);
            owed = 0;
        }
        owed += (right ? 0 : pad) + GAP;
        if (column + 1 == table->column_count || i + 1 == table->cell_count) {
            rs_strbuf_append_char(out, '\n');
            owed = 0;
        }
    }
}

void rs_text_table_release(struct rs_text_table *table)
{
    rs_mem_free(table->cells);
    rs_arena_release(&table->arena);
    *table = (struct rs_text_table){0};
}
