/* Where the objects of checks are, and how they go. */
#include "check/bucket/bucket_facts.h"

#include <string.h>

#include "base/mem.h"
#include "net/url.h"

enum { KEYS_MAX = 1000 };

bool rs_check_split_stage(const struct rs_check_run *run, struct rs_arena *arena,
                          struct rs_str *bucket, struct rs_str *folder)
{
    struct rs_strbuf key = RS_STRBUF_INIT(RS_S3_KEY_MAX);
    struct rs_str prefix = RS_STR("");
    if (!rs_url_split_s3(rs_str_from(run->options->stage), bucket, &prefix)) {
        return false;
    }
    rs_strbuf_append_str(&key, prefix);
    if (prefix.length > 0 && prefix.data[prefix.length - 1] != '/') {
        rs_strbuf_append_char(&key, '/');
    }
    rs_strbuf_append(&key, RS_CHECK_FOLDER);
    *bucket = rs_arena_copy(arena, *bucket);
    *folder = rs_arena_copy(arena, rs_strbuf_str(&key));
    rs_strbuf_release(&key);
    return true;
}

bool rs_check_remove(struct rs_s3 *s3, struct rs_str bucket, struct rs_str prefix, size_t *count,
                     struct rs_error *err)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_str *keys = rs_arena_zalloc(&arena, KEYS_MAX, sizeof *keys);
    struct rs_s3_object object = {.key = RS_STR_INIT("")};
    const struct rs_s3_list_options options = {.prefix = prefix};
    struct rs_s3_list *list = rs_s3_list_new(s3, bucket, &options);
    enum rs_next next = RS_NEXT_END;
    *count = 0;
    while (*count < KEYS_MAX && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        keys[(*count)++] = rs_arena_copy(&arena, object.key);
    }
    rs_s3_list_free(list);
    const bool ok =
        err->code == RS_OK && rs_s3_delete_many(s3, bucket, keys, *count, NULL, NULL, err);
    rs_arena_release(&arena);
    return ok;
}

bool rs_check_is_refused(const struct rs_error *err)
{
    return strcmp(err->detail, "AccessDenied") == 0 || strcmp(err->detail, "403") == 0;
}

void rs_check_bucket_free(struct rs_check_bucket_facts *facts)
{
    if (facts) {
        rs_s3_free(facts->s3);
        rs_arena_release(&facts->arena);
        rs_mem_free(facts);
    }
}
