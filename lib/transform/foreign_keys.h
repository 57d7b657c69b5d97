/*
 * transform/foreign_keys.h - top-level keys that stand for a field of Segment's, by another name.
 *
 *   rs_foreign_key_field(RS_STR("user_id"))       -> RS_FIELD_USER_ID
 *   rs_foreign_key_field(RS_STR("event_name"))    -> RS_FIELD_EVENT
 *   rs_foreign_key_field(RS_STR("channel"))       -> RS_FIELD_NONE
 *
 *   rs_foreign_keys_note(&keys, RS_FIELD_USER_ID, RS_STR("user_id"));    of an event without userId
 *   rs_foreign_keys_join(&all, &keys);
 *
 * Nothing is read from such keys: where an event has one in place of the field, its owner is told. The
 * type has none: without it there is no event, and the hint at the reject says so.
 *
 * Limits:  a name is kept up to RS_FOREIGN_KEY_MAX bytes; of several for one field the first by bytes.
 * Pure:    yes.
 * Threads: one thread at a time per object.
 */
#ifndef RS_TRANSFORM_FOREIGN_KEYS_H
#define RS_TRANSFORM_FOREIGN_KEYS_H

#include "rs/str.h"
#include "transform/field.h"

enum { RS_FOREIGN_KEY_MAX = 30 };

/* Events that have no value of a field, but such a key. */
struct rs_foreign_key {
    uint64_t count;
    size_t length;
    char name[RS_FOREIGN_KEY_MAX];
};

struct rs_foreign_keys {
    struct rs_foreign_key of[RS_FIELD_COUNT];
};

/* The field that a key stands for that is none; RS_FIELD_NONE for any other. */
enum rs_field rs_foreign_key_field(struct rs_str key);

/* Count an event that has the key and not the field. */
void rs_foreign_keys_note(struct rs_foreign_keys *keys, enum rs_field field, struct rs_str key);

/* Add what another thread has counted. */
void rs_foreign_keys_join(struct rs_foreign_keys *keys, const struct rs_foreign_keys *found);

#endif
