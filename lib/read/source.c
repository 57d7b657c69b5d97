/*
 * Takes operands one by one: "-" is settled here, what begins with s3:// goes to source_s3.c,
 * anything else is a path and goes to source_local.c.
 */
#include "read/source.h"

#include <string.h>

#include "read/source_local.h"
#include "read/source_s3.h"

static bool add_stdin(struct rs_input_list *list, struct rs_error *err)
{
    bool skip = false;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].is_stdin) {
            (void)rs_error_set(err, RS_E_USAGE, "could not read \"-\" twice: standard input ends");
            return rs_error_hint(err, "name it once among the inputs");
        }
    }
    if (!rs_input_list_check_day(list, 0, "-", NULL, &skip, err)) {
        return false;
    }
    struct rs_input *input = rs_input_list_append(list, "-", NULL);
    input->is_stdin = true;
    input->is_stream = true;
    return true;
}

bool rs_source_add_all(struct rs_input_list *list, const struct rs_input_options *options,
                       char *const *operands, size_t count, struct rs_error *err)
{
    bool ok = true;
    list->options = options;
    list->seen = rs_map_new(0);
    for (size_t i = 0; ok && i < count; i++) {
        if (strcmp(operands[i], "-") == 0) {
            ok = add_stdin(list, err);
        } else if (rs_source_s3_is_address(operands[i])) {
            ok = rs_source_s3_add(list, operands[i], err);
        } else {
            ok = rs_source_local_add(list, operands[i], err);
        }
    }
    rs_map_free(list->seen);
    list->seen = NULL;
    list->options = NULL;
    return ok;
}

struct rs_bytes *rs_source_open(const struct rs_input *input, const struct rs_env *env,
                                struct rs_error *err)
{
    return input->bucket ? rs_source_s3_open(input, err) : rs_source_local_open(input, env, err);
}
