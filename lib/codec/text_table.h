/*
 * codec/text_table.h - rows of text as aligned columns, for a person.
 *
 *   struct rs_text_table table;
 *   rs_text_table_init(&table, "lr");        one letter a column: l left, r right
 *   rs_text_table_add(&table, RS_STR("table"));
 *   rs_text_table_add(&table, RS_STR("rows"));
 *   ...                                      cell by cell, row by row
 *   rs_text_table_format(&table, &out);
 *   rs_text_table_release(&table);
 *     -> table   rows
 *        tracks   120
 *
 * Form:    columns two spaces apart; no spaces at line ends; control bytes shown as \xNN and
 *          bytes that are not UTF-8 as U+FFFD, so that no text steers a terminal.
 * Limits:  16 columns.
 * Pure:    yes.
 * Owns:    cells are copied.
 * Threads: one thread at a time per object.
 */
#ifndef RS_CODEC_TEXT_TABLE_H
#define RS_CODEC_TEXT_TABLE_H

#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum { RS_TEXT_TABLE_COLUMNS_MAX = 16 };

struct rs_text_table_cell {
    struct rs_str text;
    size_t width; /* places on a terminal */
};

struct rs_text_table {
    const char *alignment; /* borrowed */
    size_t column_count;
    size_t widths[RS_TEXT_TABLE_COLUMNS_MAX];
    struct rs_text_table_cell *cells;
    size_t cell_count;
    size_t cell_capacity;
    struct rs_arena arena;
};

/* alignment is borrowed for as long as the table is used, and has 1..16 letters. */
void rs_text_table_init(struct rs_text_table *table, const char *alignment);

/* Fill the next cell; the first row's cells are the headings. */
void rs_text_table_add(struct rs_text_table *table, struct rs_str text);
void rs_text_table_add_u64(struct rs_text_table *table, uint64_t number);

/* Append all rows. A last row that is not full ends early. */
void rs_text_table_format(const struct rs_text_table *table, struct rs_strbuf *out);

void rs_text_table_release(struct rs_text_table *table);

/*
 * Places that text takes on a terminal: none for a combining mark, two for a wide character,
 * one for any other.
 */
size_t rs_text_width(struct rs_str text);

/* As much of text, from its begin, as takes no more places. */
struct rs_str rs_text_cut(struct rs_str text, size_t places);

/* A copy in the arena that no terminal takes for a command: as a cell of a table shows it. */
struct rs_str rs_text_clean(struct rs_arena *arena, struct rs_str text);

#endif
