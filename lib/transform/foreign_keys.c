/*
 * Names are compared without case and without what stands between words, so that user_id, userID and
 * User-Id are all userId; a few that are other words are listed.
 */
#include "transform/foreign_keys.h"

#include <string.h>

/* Letters and digits alone, in lower case. */
static const struct {
    struct rs_str plain;
    enum rs_field field;
} names[] = {
    {RS_STR_INIT("messageid"), RS_FIELD_MESSAGE_ID},
    {RS_STR_INIT("event"), RS_FIELD_EVENT},
    {RS_STR_INIT("anonymousid"), RS_FIELD_ANONYMOUS_ID},
    {RS_STR_INIT("userid"), RS_FIELD_USER_ID},
    {RS_STR_INIT("groupid"), RS_FIELD_GROUP_ID},
    {RS_STR_INIT("previousid"), RS_FIELD_PREVIOUS_ID},
    {RS_STR_INIT("receivedat"), RS_FIELD_RECEIVED_AT},
    {RS_STR_INIT("sentat"), RS_FIELD_SENT_AT},
    {RS_STR_INIT("timestamp"), RS_FIELD_TIMESTAMP},
    {RS_STR_INIT("originaltimestamp"), RS_FIELD_ORIGINAL_TIMESTAMP},
    {RS_STR_INIT("context"), RS_FIELD_CONTEXT},
    {RS_STR_INIT("properties"), RS_FIELD_PROPERTIES},
    {RS_STR_INIT("traits"), RS_FIELD_TRAITS},
    {RS_STR_INIT("integrations"), RS_FIELD_INTEGRATIONS},
    {RS_STR_INIT("eventname"), RS_FIELD_EVENT},
    {RS_STR_INIT("eventid"), RS_FIELD_MESSAGE_ID},
    {RS_STR_INIT("anonid"), RS_FIELD_ANONYMOUS_ID},
    {RS_STR_INIT("eventtime"), RS_FIELD_TIMESTAMP},
    {RS_STR_INIT("eventtimestamp"), RS_FIELD_TIMESTAMP},
    {RS_STR_INIT("eventproperties"), RS_FIELD_PROPERTIES},
    {RS_STR_INIT("userproperties"), RS_FIELD_TRAITS},
    {RS_STR_INIT("usertraits"), RS_FIELD_TRAITS},
};

/* Write letters and digits of a key in lower case; 0 when it is too long for any. */
static size_t make_plain(struct rs_str key, char out[RS_FOREIGN_KEY_MAX])
{
    size_t length = 0;
    if (key.length > RS_FOREIGN_KEY_MAX) {
        return 0;
    }
    for (size_t i = 0; i < key.length; i++) {
        char c = key.data[i];
        if (c >= 'A' && c <= 'Z') {
            out[length++] = (char)(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out[length++] = c;
        } else if (c != '_' && c != '-' && c != ' ' && c != '.') {
            return 0;
        }
    }
    return length;
}

enum rs_field rs_foreign_key_field(struct rs_str key)
{
    char plain[RS_FOREIGN_KEY_MAX];
    struct rs_str given = {plain, make_plain(key, plain)};
    for (size_t i = 0; given.length > 0 && i < RS_COUNTOF(names); i++) {
        if (rs_str_equal(given, names[i].plain)) {
            return names[i].field;
        }
    }
    return RS_FIELD_NONE;
}

static void keep(struct rs_foreign_key *key, struct rs_str name)
{
    struct rs_str kept = {key->name, key->length};
    if (key->count == 0 || rs_str_compare(name, kept) < 0) {
        key->length = name.length < RS_FOREIGN_KEY_MAX ? name.length : RS_FOREIGN_KEY_MAX;
        memcpy(key->name, name.data, key->length);
    }
}

void rs_foreign_keys_note(struct rs_foreign_keys *keys, enum rs_field field, struct rs_str key)
{
    keep(&keys->of[field], key);
    keys->of[field].count++;
}

void rs_foreign_keys_join(struct rs_foreign_keys *keys, const struct rs_foreign_keys *found)
{
    for (size_t i = 0; i < RS_FIELD_COUNT; i++) {
        const struct rs_foreign_key *other = &found->of[i];
        if (other->count > 0) {
            keep(&keys->of[i], (struct rs_str){other->name, other->length});
            keys->of[i].count += other->count;
        }
    }
}
