/*
 * migrate/piece.h - cut a table into pieces by received_at, and say which are to be copied.
 *
 *   struct rs_piece_hour hours[] = {{.hour = 491000, .rows = 900}, {.hour = 491001, .rows = 300}};
 *   struct rs_piece_list done = ...;            what the new host's rs_pieces has
 *   rs_pieces_plan(hours, 2, &done, 1000, &todo);
 *     -> hours no piece holds yet, cut where a piece would pass 1000 rows; and each piece that is
 *        done, but whose rows are others now, once more
 *
 * A piece is a range of whole hours; or all rows whose time is NULL; or, in a table that has no
 * received_at, all rows. Pieces do not meet.
 *
 * Pure:    yes.
 * Owns:    a list's array; freed with rs_pieces_release.
 * Threads: reentrant.
 */
#ifndef RS_MIGRATE_PIECE_H
#define RS_MIGRATE_PIECE_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum rs_piece_kind {
    RS_PIECE_HOURS,
    RS_PIECE_NULL,  /* rows without a received_at */
    RS_PIECE_ALL,   /* the whole table */
    RS_PIECE_SINCE, /* rows from a value on, which replace those of the same key */
};

struct rs_piece {
    enum rs_piece_kind kind;
    int64_t first_hour; /* since 1970 */
    int64_t end_hour;   /* the first one behind it */
    uint64_t rows;
    uint64_t sum; /* migrate/row_checksum.h */
};

struct rs_piece_list {
    struct rs_piece *pieces;
    size_t count;
    size_t capacity;
};

/* What an hour holds now. */
struct rs_piece_hour {
    bool null; /* not an hour: rows whose time is NULL */
    int64_t hour;
    uint64_t rows;
    uint64_t sum; /* needed where a piece of done holds the hour */
};

void rs_pieces_add(struct rs_piece_list *list, const struct rs_piece *piece);
void rs_pieces_release(struct rs_piece_list *list);

/*
 * Append what is to be copied to out.
 *
 * hours  in their order, each once; the NULLs anywhere
 * done   pieces in any order that do not meet
 * rows   a new piece ends before it has more, unless it is one hour
 */
void rs_pieces_plan(const struct rs_piece_hour *hours, size_t count,
                    const struct rs_piece_list *done, uint64_t rows, struct rs_piece_list *out);

/* Have each piece of the list say what it holds of the hours: rows and sums. */
void rs_pieces_measure(const struct rs_piece_hour *hours, size_t count, struct rs_piece_list *list);

/* The list has a piece of the same bounds. */
bool rs_pieces_have(const struct rs_piece_list *list, const struct rs_piece *piece);

/* What a server says of its transactions: those before the oldest open one are over. */
struct rs_horizon {
    uint64_t transaction; /* 0: it cannot say */
    uint64_t system;      /* which server that is: another one counts by itself */
};

/* Append the name under which rs_pieces keeps a horizon: "seen/7312345678901234567". */
void rs_horizon_append_name(struct rs_strbuf *out, const struct rs_horizon *horizon);

/* Append the piece's name: "2026-11-01T00/2026-11-02T05", "null", "all" or "since". */
void rs_piece_append_name(struct rs_strbuf *out, const struct rs_piece *piece);

/* The same back, but for "since"; false when it is no name of a piece. */
RS_MUST_USE bool rs_piece_parse_name(struct rs_str name, struct rs_piece *out);

#endif
