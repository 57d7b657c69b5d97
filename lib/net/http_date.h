/*
 * net/http_date.h - the instants in HTTP's headers: Date, Last-Modified.
 *
 *   rs_http_date_parse(RS_STR("Wed, 25 Nov 2026 10:00:00 GMT"), &us)    -> true
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 9110, section 5.6.7, IMF-fixdate: the one form that servers send today.
 */
#ifndef RS_NET_HTTP_DATE_H
#define RS_NET_HTTP_DATE_H

#include "rs/compiler.h"
#include "rs/str.h"

/* False, and *out_us left alone, when text is anything else. The day's name is not checked. */
RS_MUST_USE bool rs_http_date_parse(struct rs_str text, int64_t *out_us);

#endif
