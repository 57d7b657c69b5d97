/*
 * transform/field.h - the keys at the top level of an event that mean something.
 *
 *   rs_field_names[RS_FIELD_USER_ID]       -> userId
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://segment.com/docs/connections/spec/common/ and rs-schema(7).
 */
#ifndef RS_TRANSFORM_FIELD_H
#define RS_TRANSFORM_FIELD_H

#include "rs/str.h"

enum rs_field {
    RS_FIELD_TYPE,
    RS_FIELD_MESSAGE_ID,
    RS_FIELD_EVENT,
    RS_FIELD_ANONYMOUS_ID,
    RS_FIELD_USER_ID,
    RS_FIELD_GROUP_ID,
    RS_FIELD_PREVIOUS_ID,
    RS_FIELD_NAME,
    RS_FIELD_CATEGORY,
    RS_FIELD_RECEIVED_AT,
    RS_FIELD_SENT_AT,
    RS_FIELD_TIMESTAMP,
    RS_FIELD_ORIGINAL_TIMESTAMP,
    RS_FIELD_CONTEXT,
    RS_FIELD_PROPERTIES,
    RS_FIELD_TRAITS,
    RS_FIELD_INTEGRATIONS,
    RS_FIELD_COUNT,
    RS_FIELD_NONE = RS_FIELD_COUNT,
};

/* As Segment writes them. */
extern const struct rs_str rs_field_names[RS_FIELD_COUNT];

#endif
