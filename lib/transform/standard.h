/*
 * transform/standard.h - the cells that every event of a call has, whatever it carries.
 *
 *   rs_standard_put(&build, row, now_us);         id, received_at, timestamp ..., user_id
 *   rs_standard_put_call(&build, row);            event_text, group_id or previous_id
 *   rs_standard_put_page(&build, RS_FIELD_NAME, RS_STR("name"));
 *
 * Pure:    yes: the time of processing is an argument.   Threads: as the builder.
 * Source:  the event-to-table contract in rs-schema(7), "Columns".
 */
#ifndef RS_TRANSFORM_STANDARD_H
#define RS_TRANSFORM_STANDARD_H

#include "rs/compiler.h"
#include "transform/row.h"

/* The field holds something that can be an id: a text that is not empty, or a number. */
bool rs_standard_has_text(struct rs_row_builder *build, enum rs_field field);

/*
 * Put the standard cells; the id is the row's first and received_at its second. Sets the row's
 * received_us, and fold_offset where the user id is what folds.
 */
void rs_standard_put(struct rs_row_builder *build, struct rs_row *row, int64_t now_us);

/* Put the call's own field. Sets the row's fold_offset where the group id is what folds. */
void rs_standard_put_call(struct rs_row_builder *build, struct rs_row *row);

/* Put a page's or screen's own name or category. An object there is no value. */
void rs_standard_put_page(struct rs_row_builder *build, enum rs_field field, struct rs_str name);

/* Does the call carry properties, or traits? An alias may carry either. */
bool rs_standard_carries(enum rs_call_type call, enum rs_field field);

/*
 * Put what fields have that came a second time: an object's members, or a discard. common
 * chooses between standard columns and context, and all others.
 */
void rs_standard_put_repeated(struct rs_row_builder *build, bool common);

/* When the event was received, as received_at will say; false when only the clock can tell. */
RS_MUST_USE bool rs_standard_received(struct rs_row_builder *build, int64_t *out_us);

#endif
