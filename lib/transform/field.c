/* Names as data: who reads an event goes by the place of a name here. */
#include "transform/field.h"

const struct rs_str rs_field_names[RS_FIELD_COUNT] = {
    [RS_FIELD_TYPE] = RS_STR_INIT("type"),
    [RS_FIELD_MESSAGE_ID] = RS_STR_INIT("messageId"),
    [RS_FIELD_EVENT] = RS_STR_INIT("event"),
    [RS_FIELD_ANONYMOUS_ID] = RS_STR_INIT("anonymousId"),
    [RS_FIELD_USER_ID] = RS_STR_INIT("userId"),
    [RS_FIELD_GROUP_ID] = RS_STR_INIT("groupId"),
    [RS_FIELD_PREVIOUS_ID] = RS_STR_INIT("previousId"),
    [RS_FIELD_NAME] = RS_STR_INIT("name"),
    [RS_FIELD_CATEGORY] = RS_STR_INIT("category"),
    [RS_FIELD_RECEIVED_AT] = RS_STR_INIT("receivedAt"),
    [RS_FIELD_SENT_AT] = RS_STR_INIT("sentAt"),
    [RS_FIELD_TIMESTAMP] = RS_STR_INIT("timestamp"),
    [RS_FIELD_ORIGINAL_TIMESTAMP] = RS_STR_INIT("originalTimestamp"),
    [RS_FIELD_CONTEXT] = RS_STR_INIT("context"),
    [RS_FIELD_PROPERTIES] = RS_STR_INIT("properties"),
    [RS_FIELD_TRAITS] = RS_STR_INIT("traits"),
    [RS_FIELD_INTEGRATIONS] = RS_STR_INIT("integrations"),
};
