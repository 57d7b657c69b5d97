/*
 * Takes operands one by one: "-" is settled here, what begins with s3:// goes to source_s3.c,
 * anything else is a path and goes to source_local.c.
 */
#include "read/source.h"

#include <string.h>

#include "read/source_local.h"
#include "read/source_s3.h"
#include "rs/strbuf.h"

enum { TEXT_MAX_BYTES = 512 };

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

/* That nothing at all can be read is an error: the first one's. */
static bool check_readable(const struct rs_input_list *list, struct rs_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!list->items[i].failure) {
            return true;
        }
    }
    if (list->count > 0) {
        *err = *list->items[0].failure;
    }
    return list->count == 0;
}

/* All that an operand can lead to, but for what is hidden or no file. */
static size_t count_found(const struct rs_input_list *list)
{
    return list->count + list->seen_again + list->skipped_excluded + list->skipped_days +
           list->skipped_archived;
}

/* One operand. That it leads to nothing is told at once: in silence it looks like a success. */
static bool add_operand(struct rs_input_list *list, const char *operand, struct rs_error *err)
{
    const struct rs_env *env = list->options->env;
    const size_t before = count_found(list);
    const bool ok = strcmp(operand, "-") == 0          ? add_stdin(list, err)
                    : rs_source_s3_is_address(operand) ? rs_source_s3_add(list, operand, err)
                                                       : rs_source_local_add(list, operand, err);
    if (ok && env && count_found(list) == before) {
        rs_log(&env->log, RS_LOG_WARNING, "nothing to read is in \"%s\"", operand);
    }
    return ok;
}

bool rs_source_add_all(struct rs_input_list *list, const struct rs_input_options *options,
                       char *const *operands, size_t count, struct rs_error *err)
{
    bool ok = true;
    list->options = options;
    list->seen = rs_map_new(0);
    for (size_t i = 0; ok && i < count; i++) {
        ok = add_operand(list, operands[i], err);
    }
    rs_map_free(list->seen);
    list->seen = NULL;
    list->options = NULL;
    if (list->archived > 0 && options->env) { /* at once: they may take hours to be restored */
        rs_log(&options->env->log, RS_LOG_NOTICE,
               "in S3's archive (GLACIER, DEEP_ARCHIVE): %zu of the objects, which cannot be read "
               "before they are restored; --skip-archived leaves them out",
               list->archived);
    }
    if (options->exclude_count > 0 && list->skipped_excluded == 0 && options->env) {
        rs_log(&options->env->log, RS_LOG_NOTICE,
               "--exclude fits nothing (\"%s\"): it is held against the parts of names between "
               "slashes, and has none at its ends",
               options->excludes[0]);
    }
    return ok && check_readable(list, err);
}

void rs_source_tell(const struct rs_input_list *list, void (*tell)(void *arg, const char *text),
                    void *arg)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    if (list->skipped_hidden + list->skipped_special > 0) {
        rs_strbuf_printf(&text, "left out %zu hidden and %zu special files in folders",
                         list->skipped_hidden, list->skipped_special);
        tell(arg, rs_strbuf_cstr(&text));
        rs_strbuf_reset(&text);
    }
    if (list->skipped_excluded > 0) {
        rs_strbuf_printf(&text, "left out %zu files or folders that --exclude names",
                         list->skipped_excluded);
        tell(arg, rs_strbuf_cstr(&text));
        rs_strbuf_reset(&text);
    }
    if (list->skipped_archived > 0) {
        rs_strbuf_printf(&text, "left out %zu archived objects (--skip-archived)",
                         list->skipped_archived);
        tell(arg, rs_strbuf_cstr(&text));
        rs_strbuf_reset(&text);
    }
    rs_strbuf_release(&text);
}

struct rs_bytes *rs_source_open(const struct rs_input *input, const struct rs_env *env,
                                struct rs_error *err)
{
    if (input->failure) {
        *err = *input->failure;
        return NULL;
    }
    return input->bucket ? rs_source_s3_open(input, err) : rs_source_local_open(input, env, err);
}
