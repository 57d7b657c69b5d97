/*
 * transform/event.h - the text of one event seen as a Segment call.
 *
 *   {"type":"track","messageId":"m1","event":"Signed Up","properties":{...}}
 *     -> call RS_CALL_TRACK, field[RS_FIELD_EVENT] = the token of "Signed Up", ...
 *
 * Body:    an event of a body, as Segment's batch call sends it, has what the body says behind its own
 *          members: what it says itself holds. Its context and integrations are one with the body's.
 *
 * Owns:    a view: tokens are those of the tape that was read, text is what was read.
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
#include "rs/strbuf.h"
#include "transform/field.h"
#include "transform/foreign_keys.h"

enum {
    RS_EVENT_BODY_MAX = 256 << 10,   /* bytes of what a body says, which each of its events has */
    RS_EVENT_BODIES_MAX = 256 << 20, /* bytes of that in all the events together */
};

struct rs_event {
    enum rs_call_type call;
    struct rs_str text; /* what the tokens point into */
    struct rs_str own;  /* the event as it stands in the input */
    const struct rs_json_token *tokens;
    /* Token of each field's first value that is not null; 0 when there is none. */
    uint32_t field[RS_FIELD_COUNT];
    bool repeated;    /* some field came twice */
    uint32_t own_end; /* token behind the event's own members: its body's, or none */
    /* Tokens of the body's objects, where the event has some of its own; else 0. */
    uint32_t body_context;
    uint32_t body_integrations;
};

enum { RS_EVENT_KEYS = 32 };

/* A key that is no field, and the one that it may stand for: see transform/foreign_keys.h. */
struct rs_event_other_key {
    uint8_t length; /* 0: none is kept */
    uint8_t field;  /* RS_FIELD_NONE: it stands for none */
    char text[RS_FOREIGN_KEY_MAX];
};

/* What the last event's keys were, because the next one's are mostly the same. */
struct rs_event_reader {
    struct rs_json_tape tape;
    uint8_t guess[RS_EVENT_KEYS];
    struct rs_event_other_key others[RS_EVENT_KEYS]; /* at the same places */
    struct rs_foreign_keys foreign;
};

/*
 * Read one event. On false, *reason is a static text for rs_rejects.
 *
 * text  followed by RS_JSON_PADDING readable bytes; borrowed as long as out is used
 */
RS_MUST_USE bool rs_event_read(struct rs_event_reader *reader, struct rs_str text,
                               struct rs_event *out, const char **reason);

/*
 * Read an event of a body.
 *
 * text  as rs_event_body_join has it; so is own_length
 */
RS_MUST_USE bool rs_event_read_joined(struct rs_event_reader *reader, struct rs_str text,
                                      size_t own_length, struct rs_event *out, const char **reason);

/*
 * Put what a body says of its events into out, for rs_event_body_join: nothing when it says nothing.
 * False when the body is none: *reason is why.
 *
 * body   the object without the elements of its batch; followed by RS_JSON_PADDING readable bytes
 * events  how many it has
 * out    empty, of RS_EVENT_BODY_MAX bytes at most
 */
RS_MUST_USE bool rs_event_body_read(struct rs_event_reader *reader, struct rs_str body,
                                    size_t events, struct rs_strbuf *out, const char **reason);

/* Put an event, less its last brace (own_length bytes), with what its body says behind it into out. */
size_t rs_event_body_join(struct rs_str event, struct rs_str said, struct rs_strbuf *out);

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
