/*
 * Takes operands one by one: "-" is settled here, anything else is a path and goes to
 * source_local.c. A map of what was reached already, by absolute path without links, keeps each
 * thing in the list once and stops loops; it lives only as long as the list is made. Device
 * and inode would do the same, but some network file systems give one pair to several files,
 * and a file must not be left out for that.
 */
#include "rs/read/source.h"

#include <errno.h>
#include <string.h>

#include "rs/base/mem.h"
#include "rs/read/source_local.h"

static bool add_stdin(struct rs_input_list *list, struct rs_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].is_stdin) {
            (void)rs_error_set(err, RS_E_USAGE, "could not read \"-\" twice: standard input ends");
            return rs_error_hint(err, "name it once among the inputs");
        }
    }
    list->items = rs_mem_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] =
        (struct rs_input){.name = rs_mem_strdup("-"), .is_stdin = true, .is_stream = true};
    return true;
}

bool rs_input_list_add_all(struct rs_input_list *list, char *const *operands, size_t count,
                           struct rs_error *err)
{
    bool ok = true;
    list->seen = rs_map_new(0);
    for (size_t i = 0; ok && i < count; i++) {
        ok = strcmp(operands[i], "-") == 0 ? add_stdin(list, err)
                                           : rs_source_local_add(list, operands[i], err);
    }
    rs_map_free(list->seen);
    list->seen = NULL;
    return ok;
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
    }
    rs_mem_free(list->items);
    rs_map_free(list->seen);
    *list = RS_INPUT_LIST_INIT;
}

struct rs_bytes *rs_input_open(const struct rs_input *input, const struct rs_env *env,
                               struct rs_error *err)
{
    return rs_source_local_open(input, env, err);
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
