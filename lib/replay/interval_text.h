/*
 * replay/interval_text.h - intervals and lengths of time, as options say and reports show them.
 *
 *   rs_interval_parse("2026-11-01", "2026-11-03T12:00:00Z", &interval, err)
 *   rs_duration_parse("--window", "1d", &us, err)       s, m, h, d, w
 *   rs_interval_append(&out, &interval)                 "2026-11-01 to 2026-11-03"
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 3339.
 */
#ifndef RS_REPLAY_INTERVAL_TEXT_H
#define RS_REPLAY_INTERVAL_TEXT_H

#include "base/interval.h"
#include "codec/json_write.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"

/* Read --from and --to: a day, which is its midnight, or an RFC 3339 time. RS_E_USAGE. */
RS_MUST_USE bool rs_interval_parse(const char *from, const char *to, struct rs_interval *out,
                                   struct rs_error *err);

/* Read a length of time such as 90s, 30m, 6h, 1d or 2w; option is for messages. RS_E_USAGE. */
RS_MUST_USE bool rs_duration_parse(const char *option, const char *text, int64_t *out_us,
                                   struct rs_error *err);

/* Append an interval as a person writes it: days alone where it is of whole days. */
void rs_interval_append(struct rs_strbuf *out, const struct rs_interval *interval);

/* The same as a JSON object's members "from" and "to", RFC 3339. */
void rs_interval_write(struct rs_json_writer *json, const struct rs_interval *interval);

#endif
