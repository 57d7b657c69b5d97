/*
 * The hours are walked once. Each belongs to a piece that is done, whose rows and sums are then
 * added up, or opens or continues a new piece. What is done keeps its bounds for ever: so a row
 * that comes late finds the piece that is to be copied again.
 */
#include "migrate/piece.h"

#include "base/mem.h"
#include "base/timefmt.h"

static const int64_t HOUR_US = (int64_t)3600 * 1000000;
enum { HOUR_TEXT = 13 /* "2026-11-01T00" */ };

void rs_pieces_add(struct rs_piece_list *list, const struct rs_piece *piece)
{
    list->pieces =
        rs_mem_grow(list->pieces, &list->capacity, list->count + 1, sizeof *list->pieces);
    list->pieces[list->count++] = *piece;
}

void rs_pieces_release(struct rs_piece_list *list)
{
    rs_mem_free(list->pieces);
    *list = (struct rs_piece_list){NULL, 0, 0};
}

static bool holds(const struct rs_piece *piece, const struct rs_piece_hour *hour)
{
    return piece->kind == RS_PIECE_ALL || (piece->kind == RS_PIECE_NULL && hour->null) ||
           (piece->kind == RS_PIECE_HOURS && !hour->null && piece->first_hour <= hour->hour &&
            hour->hour < piece->end_hour);
}

/* The index in the list of the piece that holds the hour; the list's count without one. */
static size_t find(const struct rs_piece_list *list, const struct rs_piece_hour *hour)
{
    size_t i = 0;
    while (i < list->count && !holds(&list->pieces[i], hour)) {
        i++;
    }
    return i;
}

/* No piece that is done lies between the two hours. */
static bool is_free(const struct rs_piece_list *done, int64_t from, int64_t until)
{
    for (size_t i = 0; i < done->count; i++) {
        if (done->pieces[i].kind == RS_PIECE_HOURS && done->pieces[i].first_hour < until &&
            done->pieces[i].end_hour > from) {
            return false;
        }
    }
    return true;
}

static void add_hour(struct rs_piece_list *out, bool *open, const struct rs_piece_list *done,
                     const struct rs_piece_hour *hour, uint64_t rows)
{
    struct rs_piece *last = *open ? &out->pieces[out->count - 1] : NULL;
    if (last && last->rows + hour->rows <= rows && is_free(done, last->end_hour, hour->hour)) {
        last->end_hour = hour->hour + 1;
        last->rows += hour->rows;
        last->sum += hour->sum;
        return;
    }
    struct rs_piece piece = {.kind = RS_PIECE_HOURS,
                             .first_hour = hour->hour,
                             .end_hour = hour->hour + 1,
                             .rows = hour->rows,
                             .sum = hour->sum};
    rs_pieces_add(out, &piece);
    *open = true;
}

void rs_pieces_measure(const struct rs_piece_hour *hours, size_t count, struct rs_piece_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        list->pieces[i].rows = 0;
        list->pieces[i].sum = 0;
    }
    for (size_t i = 0; i < count; i++) {
        size_t index = find(list, &hours[i]);
        if (index < list->count) {
            list->pieces[index].rows += hours[i].rows;
            list->pieces[index].sum += hours[i].sum;
        }
    }
}

bool rs_pieces_have(const struct rs_piece_list *list, const struct rs_piece *piece)
{
    bool found = false;
    for (size_t i = 0; i < list->count && !found; i++) {
        found =
            list->pieces[i].kind == piece->kind && list->pieces[i].first_hour == piece->first_hour;
    }
    return found;
}

void rs_pieces_plan(const struct rs_piece_hour *hours, size_t count,
                    const struct rs_piece_list *done, uint64_t rows, struct rs_piece_list *out)
{
    struct rs_piece_list now = {NULL, 0, 0};
    bool open = false;
    for (size_t i = 0; i < done->count; i++) {
        rs_pieces_add(&now, &done->pieces[i]);
    }
    rs_pieces_measure(hours, count, &now);
    for (size_t i = 0; i < count; i++) {
        if (!hours[i].null && find(done, &hours[i]) == done->count) {
            add_hour(out, &open, done, &hours[i], rows);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (hours[i].null && find(done, &hours[i]) == done->count) {
            struct rs_piece piece = {
                .kind = RS_PIECE_NULL, .rows = hours[i].rows, .sum = hours[i].sum};
            rs_pieces_add(out, &piece);
        }
    }
    for (size_t i = 0; i < done->count; i++) {
        if (now.pieces[i].rows != done->pieces[i].rows ||
            now.pieces[i].sum != done->pieces[i].sum) {
            rs_pieces_add(out, &now.pieces[i]);
        }
    }
    rs_pieces_release(&now);
}

void rs_horizon_append_name(struct rs_strbuf *out, const struct rs_horizon *horizon)
{
    rs_strbuf_printf(out, "seen/%llu", (unsigned long long)horizon->system);
}

static void append_hour(struct rs_strbuf *out, int64_t hour)
{
    char text[RS_TIMEFMT_MAX] = "";
    (void)rs_timefmt_format(hour * HOUR_US, text);
    text[10] = 'T';
    rs_strbuf_append_bytes(out, text, HOUR_TEXT);
}

void rs_piece_append_name(struct rs_strbuf *out, const struct rs_piece *piece)
{
    if (piece->kind != RS_PIECE_HOURS) {
        rs_strbuf_append(out, piece->kind == RS_PIECE_NULL    ? "null"
                              : piece->kind == RS_PIECE_SINCE ? "since"
                                                              : "all");
        return;
    }
    append_hour(out, piece->first_hour);
    rs_strbuf_append_char(out, '/');
    append_hour(out, piece->end_hour);
}

static bool parse_hour(struct rs_str text, int64_t *out)
{
    struct rs_strbuf whole = RS_STRBUF_INIT(RS_TIMEFMT_MAX + 1);
    int64_t us = 0;
    rs_strbuf_append_str(&whole, text);
    rs_strbuf_append(&whole, ":00:00");
    bool ok = text.length == HOUR_TEXT && rs_timefmt_parse(rs_strbuf_str(&whole), &us);
    rs_strbuf_release(&whole);
    *out = us >= 0 ? us / HOUR_US : (us - HOUR_US + 1) / HOUR_US;
    return ok;
}

bool rs_piece_parse_name(struct rs_str name, struct rs_piece *out)
{
    *out = (struct rs_piece){.kind = RS_PIECE_HOURS};
    if (rs_str_equal(name, RS_STR("null")) || rs_str_equal(name, RS_STR("all"))) {
        out->kind = rs_str_equal(name, RS_STR("null")) ? RS_PIECE_NULL : RS_PIECE_ALL;
        return true;
    }
    return name.length == 2 * HOUR_TEXT + 1 && name.data[HOUR_TEXT] == '/' &&
           parse_hour(rs_str_slice(name, 0, HOUR_TEXT), &out->first_hour) &&
           parse_hour(rs_str_slice(name, HOUR_TEXT + 1, name.length), &out->end_hour) &&
           out->first_hour < out->end_hour;
}
