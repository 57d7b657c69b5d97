/*
 * rows/discard.h - a value that was not stored, or not whole, as a line of rs_discards.
 *
 *   struct rs_discard discard = {.table = ..., .column = ..., .row_id = ..., ...};
 *   rs_discard_append(&discard, &line);
 *     -> signed_up,plan,m1,2026-01-02 03:04:05,42,type,27b486b9-...
 *
 * Limits:  ids and values are cut to RS_DISCARD_TEXT_MAX bytes.
 * Pure:    yes.   Threads: reentrant.
 * Source:  the event-to-table contract in rs-schema(7), "Types".
 */
#ifndef RS_ROWS_DISCARD_H
#define RS_ROWS_DISCARD_H

#include "rs/str.h"
#include "rs/strbuf.h"
#include "transform/cells.h"

enum { RS_DISCARD_TEXT_MAX = 65535 };

/* The names of the fields, as a line. */
#define RS_DISCARD_HEADER "table_name,column_name,row_id,received_at,value,reason,sync_id\n"

struct rs_discard {
    struct rs_str table;
    struct rs_str column;
    struct rs_str row_id;
    int64_t received_us;
    struct rs_str value;
    enum rs_discard_reason reason;
    struct rs_str sync_id;
};

/* Append one line of CSV. */
void rs_discard_append(const struct rs_discard *discard, struct rs_strbuf *out);

#endif
