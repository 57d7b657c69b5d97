/* The fields of rs_discards in its order; the same line goes into a bundle's discards.csv. */
#include "rows/discard.h"

#include "base/timefmt.h"
#include "codec/csv.h"
#include "codec/utf8.h"

static struct rs_str cut(struct rs_str text)
{
    return (struct rs_str){text.data, rs_utf8_cut(text, RS_DISCARD_TEXT_MAX)};
}

void rs_discard_append(const struct rs_discard *discard, struct rs_strbuf *out)
{
    char received[RS_TIMEFMT_MAX];
    size_t length = rs_timefmt_format(discard->received_us, received);
    rs_csv_append(out, discard->table, ',');
    rs_csv_append(out, discard->column, ',');
    rs_csv_append(out, cut(discard->row_id), ',');
    rs_csv_append(out, (struct rs_str){received, length}, ',');
    rs_csv_append(out, cut(discard->value), ',');
    rs_csv_append(out, rs_str_from(rs_discard_reason_text(discard->reason)), ',');
    rs_csv_append(out, discard->sync_id, '\n');
}
