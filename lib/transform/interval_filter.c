/* What a call is, is asked once a stream; when it was received, once an event. */
#include "transform/interval_filter.h"

static const struct rs_str call_names[RS_CALL_COUNT] = {
    [RS_CALL_TRACK] = RS_STR_INIT("track"), [RS_CALL_IDENTIFY] = RS_STR_INIT("identify"),
    [RS_CALL_PAGE] = RS_STR_INIT("page"),   [RS_CALL_SCREEN] = RS_STR_INIT("screen"),
    [RS_CALL_GROUP] = RS_STR_INIT("group"), [RS_CALL_ALIAS] = RS_STR_INIT("alias"),
};

bool rs_interval_filter_wants(const struct rs_interval_filter *filter, enum rs_call_type call,
                              struct rs_str table)
{
    if (filter->calls != 0 && (filter->calls >> call & 1) == 0) {
        return false;
    }
    if (call != RS_CALL_TRACK || filter->table_count == 0) {
        return true;
    }
    for (size_t i = 0; i < filter->table_count; i++) {
        if (rs_str_equal(filter->tables[i], table)) {
            return true;
        }
    }
    return false;
}

static bool add_call(struct rs_str name, unsigned *calls)
{
    for (unsigned call = 0; call < RS_CALL_COUNT; call++) {
        if (rs_str_equal(name, call_names[call])) {
            *calls |= 1U << call;
            return true;
        }
    }
    return false;
}

bool rs_interval_filter_add_calls(struct rs_str list, unsigned *calls, struct rs_error *err)
{
    struct rs_str rest = list;
    bool more = true;
    while (more) {
        size_t comma = rs_str_find_byte(rest, ',');
        struct rs_str name = rs_str_trim(rs_str_slice(rest, 0, comma));
        if (!add_call(name, calls)) {
            (void)rs_error_set(err, RS_E_USAGE, "\"%.*s\" is no type of call", RS_STR_ARG(name));
            return rs_error_hint(err, "write track, identify, page, screen, group or alias, with "
                                      "commas between");
        }
        more = comma != SIZE_MAX;
        rest = more ? rs_str_slice(rest, comma + 1, rest.length) : rest;
    }
    return true;
}
