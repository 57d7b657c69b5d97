/* The rows, with the lane of each and what it wants of the options by one word. */
#include "check/engine/check_table.h"

#include <string.h>

#define BIT(id)           RS_CHECK_BIT(RS_CHECK_##id)
#define DATABASE          RS_CHECK_LANE_DATABASE, RS_CHECK_WANT_DATABASE
#define SESSION           RS_CHECK_LANE_DATABASE, RS_CHECK_WANT_DATABASE | RS_CHECK_WANT_LOGIN
#define SESSION_AND_STAGE RS_CHECK_LANE_DATABASE, RS_CHECK_WANT_LOGIN | RS_CHECK_WANT_STAGE
#define CLOUD             RS_CHECK_LANE_AWS, RS_CHECK_WANT_AWS
#define GROUPS            RS_CHECK_LANE_AWS, RS_CHECK_WANT_GROUPS
#define STAGE             RS_CHECK_LANE_BUCKET, RS_CHECK_WANT_STAGE
#define CLOCK             RS_CHECK_LANE_BUCKET, RS_CHECK_WANT_CLOCK

#define ROW(id, name, title, lane, needs, after, function)                                         \
    [RS_CHECK_##id] = {name, title, lane, needs, after, function},

const struct rs_check rs_checks[RS_CHECK_COUNT] = {RS_CHECK_TABLE(ROW)};

enum rs_check_id rs_check_find(const char *name)
{
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        if (strcmp(rs_checks[id].name, name) == 0) {
            return id;
        }
    }
    return RS_CHECK_COUNT;
}
