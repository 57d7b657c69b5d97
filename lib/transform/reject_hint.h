/*
 * transform/reject_hint.h - what a line that is no event looks like, and so what may be wrong with it.
 *
 *   {"type":"Track", ...}    -> the type is "Track": Segment writes "track", in lower case
 *   {'type': 'track'}        -> its strings are in single quotes, which JSON does not have ...
 *   id,name,time             -> it looks like CSV: an event is a JSON object
 *
 * A hint is a guess from the begin of one line; where nothing known is seen there is none.
 *
 * Pure:    yes.
 * Threads: reentrant.
 */
#ifndef RS_TRANSFORM_REJECT_HINT_H
#define RS_TRANSFORM_REJECT_HINT_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/* Reasons that rs_event_read gives, and that a hint goes by. */
#define RS_REJECT_NO_TYPE    "the event has no type"
#define RS_REJECT_OTHER_TYPE "the type is none of track, identify, page, screen, group, alias"

/*
 * Append the hint, less than 200 bytes; false where there is none.
 *
 * text    the line, or its begin; any bytes
 * whole   text is all of it
 * reason  what it was rejected for
 */
bool rs_reject_hint(struct rs_str text, bool whole, const char *reason, struct rs_strbuf *out);

#endif
