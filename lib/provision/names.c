/*
 * Names are given to a statement as its $1, $2 ..., never pasted into it.
 */
#include "provision/names.h"

#include <string.h>

enum { PARAMS_MAX = 4 };

bool rs_names_have(struct rs_names names, const char *name)
{
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

struct rs_result *rs_names_query(struct rs_session *session, const char *sql,
                                 const char *const *params, size_t count, struct rs_error *err)
{
    struct rs_str texts[PARAMS_MAX];
    for (size_t i = 0; i < count; i++) {
        texts[i] = rs_str_from(params[i]);
    }
    return rs_session_query_params(session, sql, texts, count, err);
}

bool rs_names_read(struct rs_session *session, const char *sql, const char *const *params,
                   size_t count, struct rs_arena *arena, struct rs_names *out, struct rs_error *err)
{
    struct rs_result *result = rs_names_query(session, sql, params, count, err);
    if (!result) {
        return false;
    }
    const size_t rows = rs_result_rows(result);
    const char **items = rs_arena_zalloc(arena, rows + 1, sizeof *items);
    for (size_t row = 0; row < rows; row++) {
        items[row] = rs_arena_copy(arena, rs_result_text(result, row, 0)).data;
    }
    *out = (struct rs_names){items, rows};
    rs_result_free(result);
    return true;
}
