/*
 * transform/event.h - one line of input seen as a Segment call.
 *
 *   {"type":"track","messageId":"m1","event":"Signed Up","properties":{...}}
 *     -> call RS_CALL_TRACK, field[RS_FIELD_EVENT] = the token of "Signed Up", ...
 *
 * Owns:    a view: tokens are those of the tape that was read, text is the line.
 * Pure:    yes.
 * Threads: one thread at a time per reader.
 * Source:  https://segment.com/docs/connections/spec/common/ and rs-schema(7).
 */
#ifndef RS_TRANSFORM_EVENT_H
#define RS_TRANSFORM_EVENT_H

#include "codec/json_token.h"
#include "rs/compiler.h"
#include "rs/name.h"
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

struct rs_event {
    enum rs_call_type call;
    struct rs_str text;
    const struct rs_json_token *tokens;
    /* Token of each field's first value that is not null; 0 when there is none. */
    uint32_t field[RS_FIELD_COUNT];
    bool repeated; /* some field came twice */
};

/* What the last event's keys were, because the next one's are mostly the same. */
struct rs_event_reader {
    struct rs_json_tape tape;
    uint8_t guess[32];
};

/*
 * Read one line. On false, *reason is a static text for rs_rejects and *offset the place.
 *
 * line  followed by RS_JSON_PADDING readable bytes; borrowed as long as out is used
 */
RS_MUST_USE bool rs_event_read(struct rs_event_reader *reader, struct rs_str line,
                               struct rs_event *out, const char **reason);

/* The field that a top-level key names, or RS_FIELD_NONE. */
enum rs_field rs_event_field_of(const struct rs_event *event, uint32_t key_token);

/* What an event's integrations object says of warehouses. */
enum rs_consent {
    RS_CONSENT_YES,
    RS_CONSENT_NO,
    RS_CONSENT_ALL_FALSE, /* All is false, and nothing is said of warehouses */
};

/*
 * Does the event's integrations object let it into the warehouse?
 *
 * warehouse_id  the configured one, or the empty text
 */
enum rs_consent rs_event_consent(const struct rs_event *event, struct rs_str warehouse_id);

void rs_event_reader_release(struct rs_event_reader *reader);

#endif
