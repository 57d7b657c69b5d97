/*
 * A map of what was reached already, by absolute path without links, keeps each thing in the list
 * once and stops loops; it lives only as long as the list is made. Device and inode would do the
 * same, but some network file systems give one pair to several files, and a file must not be left
 * out for that.
 */
#include "read/input_list.h"

#include <fnmatch.h>
#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"

bool rs_input_list_first_seen(struct rs_input_list *list, const char *key)
{
    void **slot = rs_map_put(list->seen, rs_str_from(key));
    bool first = *slot == NULL;
    list->seen_again += first ? 0 : 1;
    *slot = list;
    return first;
}

/* Two names that differ in bytes which are no text are two inputs. */
static char *escape_identity(const char *identity)
{
    struct rs_str raw = rs_str_from(identity);
    char *text = rs_mem_alloc(raw.length * RS_UTF8_ESCAPE_GROWTH + 1);
    text[rs_utf8_escape(raw, text)] = '\0';
    return rs_mem_resize(text, strlen(text) + 1, 1);
}

struct rs_input *rs_input_list_append(struct rs_input_list *list, const char *name,
                                      const char *identity)
{
    list->items = rs_mem_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    struct rs_input *input = &list->items[list->count++];
    *input = (struct rs_input){
        .name = rs_mem_strdup(name), .has_day = list->has_day, .day_ms = list->day_ms};
    input->identity = identity ? escape_identity(identity) : NULL;
    return input;
}

void rs_input_list_append_failure(struct rs_input_list *list, size_t operand_bytes,
                                  const char *name, const char *identity, struct rs_error *why)
{
    const struct rs_days *days = &list->options->days;
    struct rs_str real = rs_str_from(identity);
    list->has_day =
        days->limited && (rs_days_of_path(rs_str_from(name), operand_bytes, &list->day_ms) ||
                          rs_days_of_path(real, real.length, &list->day_ms));
    if (list->has_day && !rs_days_has(days, list->day_ms)) { /* then nobody wants to read it */
        list->skipped_days++;
        rs_error_clear(why);
        return;
    }
    struct rs_input *input = rs_input_list_append(list, name, identity);
    input->version = rs_mem_strdup("");
    input->failure = rs_mem_copy(why, sizeof *why);
    rs_error_clear(why);
}

static bool fits(const struct rs_input_options *options, const char *text)
{
    for (size_t i = 0; i < options->exclude_count; i++) {
        if (fnmatch(options->excludes[i], text, 0) == 0) {
            return true;
        }
    }
    return false;
}

/* A pattern fits one part of text between slashes, or more that follow each other. */
static bool fits_parts(const struct rs_input_options *options, char *text, size_t length)
{
    bool found = false;
    for (size_t end = 1; end <= length && !found; end++) {
        char behind = text[end];
        if (end < length && behind != '/') {
            continue;
        }
        text[end] = '\0';
        for (size_t begin = 0; begin < end && !found; begin++) {
            found = (begin == 0 || text[begin - 1] == '/') && fits(options, text + begin);
        }
        text[end] = behind;
    }
    return found;
}

bool rs_input_list_excludes(struct rs_input_list *list, struct rs_str name, size_t begin)
{
    while (begin < name.length && name.data[begin] == '/') {
        begin++;
    }
    if (list->options->exclude_count == 0 || begin >= name.length) {
        return false;
    }
    char *text = rs_mem_strndup(name.data + begin, name.length - begin);
    bool excludes = fits_parts(list->options, text, name.length - begin);
    rs_mem_free(text);
    list->skipped_excluded += excludes ? 1 : 0;
    return excludes;
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

uint64_t rs_input_list_total_bytes(const struct rs_input_list *list, const bool *left_out)
{
    uint64_t total = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].is_stream && !(left_out && left_out[i])) {
            return 0;
        }
        total += left_out && left_out[i] ? 0 : list->items[i].size_bytes;
    }
    return total;
}

void rs_input_list_release(struct rs_input_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        rs_mem_free(list->items[i].name);
        rs_mem_free(list->items[i].identity);
        rs_mem_free(list->items[i].version);
        rs_mem_free(list->items[i].failure);
    }
    rs_mem_free(list->items);
    rs_buckets_free(list->buckets);
    rs_map_free(list->seen);
    *list = RS_INPUT_LIST_INIT;
}

bool rs_input_is_archived(const struct rs_error *err)
{
    return strcmp(err->detail, "InvalidObjectState") == 0;
}

bool rs_input_failed_alone(const struct rs_error *err)
{
    bool denied = strcmp(err->detail, "AccessDenied") == 0 || strcmp(err->detail, "403") == 0 ||
                  strncmp(err->detail, "KMS.", 4) == 0;
    return err->code == RS_E_INPUT || err->code == RS_E_LIMIT || (err->code == RS_E_NET && denied);
}
