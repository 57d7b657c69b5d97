/*
 * Takes operands one by one: "-" is settled here, what begins with s3:// goes to source_s3.c,
 * anything else is a path and goes to source_local.c. A map of what was reached already, by
 * absolute path without links, keeps each thing in the list once and stops loops; it lives only as
 * long as the list is made. Device and inode would do the same, but some network file systems give
 * one pair to several files, and a file must not be left out for that.
 */
#include "read/source.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
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
    struct rs_input *input = rs_input_list_append(list, "-");
    input->is_stdin = true;
    input->is_stream = true;
    return true;
}

bool rs_input_list_add_all(struct rs_input_list *list, const struct rs_input_options *options,
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

bool rs_input_list_first_seen(struct rs_input_list *list, const char *key)
{
    void **slot = rs_map_put(list->seen, rs_str_from(key));
    bool first = *slot == NULL;
    *slot = list;
    return first;
}

struct rs_input *rs_input_list_append(struct rs_input_list *list, const char *name)
{
    list->items = rs_mem_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    struct rs_input *input = &list->items[list->count++];
    *input = (struct rs_input){
        .name = rs_mem_strdup(name), .has_day = list->has_day, .day_ms = list->day_ms};
    return input;
}

bool rs_input_list_skips_folder(struct rs_input_list *list, struct rs_str name)
{
    const struct rs_days *days = &list->options->days;
    int64_t day_ms = 0;
    bool skips = days->limited && rs_days_of_name(name, &day_ms) && !rs_days_has(days, day_ms);
    list->skipped_days += skips ? 1 : 0;
    return skips;
}

bool rs_input_list_check_day(struct rs_input_list *list, size_t operand_bytes, const char *path,
                             const char *identity, bool *skip, struct rs_error *err)
{
    const struct rs_days *days = &list->options->days;
    struct rs_str real = rs_str_from(identity);
    int64_t day_ms = 0;
    *skip = false;
    list->has_day = false;
    if (!days->limited) {
        return true;
    }
    if (!identity && days->takes_undated) {
        return true;
    }
    if (!identity) {
        (void)rs_error_set(err, RS_E_USAGE, "could not tell the day of \"%s\": it is a stream",
                           path);
        return rs_error_hint(err, "leave out --since and --until, or the stream");
    }
    list->has_day = rs_days_of_path(rs_str_from(path), operand_bytes, &day_ms) ||
                    rs_days_of_path(real, real.length, &day_ms);
    list->day_ms = day_ms;
    if (!list->has_day && days->takes_undated) {
        return true;
    }
    if (!list->has_day) {
        (void)rs_error_set(err, RS_E_INPUT,
                           "could not tell the day of \"%s\": no folder of its "
                           "path is called by one",
                           path);
        return rs_error_hint(err,
                             "--since and --until go by folders such as 1762128000000, the "
                             "milliseconds from 1970 to a day's begin; leave them out, or name "
                             "the folder that has these below it");
    }
    *skip = !rs_days_has(days, day_ms);
    list->skipped_days += *skip ? 1 : 0;
    return true;
}

uint64_t rs_input_list_total_bytes(const struct rs_input_list *list)
{
    uint64_t total = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].is_stream) {
            return 0;
        }
        total += list->items[i].size_bytes;
    }
    return total;
}

void rs_input_list_release(struct rs_input_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        rs_mem_free(list->items[i].name);
        rs_mem_free(list->items[i].identity);
        rs_mem_free(list->items[i].version);
    }
    rs_mem_free(list->items);
    rs_buckets_free(list->buckets);
    rs_map_free(list->seen);
    *list = RS_INPUT_LIST_INIT;
}

struct rs_bytes *rs_input_open(const struct rs_input *input, const struct rs_env *env,
                               struct rs_error *err)
{
    return input->bucket ? rs_source_s3_open(input, err) : rs_source_local_open(input, env, err);
}

bool rs_input_error(const char *name, int number, struct rs_error *err)
{
    static const struct {
        int number;
        const char *hint;
    } hints[] = {
        {ENOENT, "check the name; a link must point to something that is there"},
        {EACCES, "give the file and the folders above it read permission, or leave it out"},
        {ELOOP, "a link points to itself: repair it, or leave it out"},
        {ENOTDIR, "a part of the path is a file, not a folder: check the name"},
        {EIO, "the disk or the network file system failed: see the system's log"},
        {EMFILE, "raise the limit on open files (ulimit -n)"},
    };
    (void)rs_error_errno(err, RS_E_INPUT, number, "read", name);
    for (size_t i = 0; i < RS_COUNTOF(hints); i++) {
        if (hints[i].number == number) {
            return rs_error_hint(err, "%s", hints[i].hint);
        }
    }
    return false;
}
