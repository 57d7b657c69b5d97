/*
 * A list is read and, a thousand keys at a time, what it names is deleted while it goes on: S3 tells
 * the next page by the last key of this one, which need not be there any more.
 */
#include "aws/s3_place.h"

#include "base/arena.h"
#include "base/mem.h"
#include "net/url.h"

enum { DELETE_AT_ONCE = 1000 };

bool rs_s3_place_init(struct rs_s3_place *place, const char *url, struct rs_str folder,
                      struct rs_error *err)
{
    struct rs_str prefix = {0};
    *place = (struct rs_s3_place){.prefix = RS_STRBUF_INIT(RS_S3_KEY_MAX)};
    if (!rs_url_split_s3(rs_str_from(url), &place->bucket, &prefix)) {
        return rs_error_set(err, RS_E_USAGE, "could not use \"%s\": it is no S3 address", url);
    }
    rs_strbuf_append_str(&place->prefix, prefix);
    if (prefix.length > 0 && !rs_str_ends(prefix, RS_STR("/"))) {
        rs_strbuf_append_char(&place->prefix, '/');
    }
    rs_strbuf_append_str(&place->prefix, folder);
    return rs_strbuf_ok(&place->prefix) ||
           rs_error_set(err, RS_E_LIMIT, "could not use \"%s\": it is too long for S3", url);
}

void rs_s3_place_release(struct rs_s3_place *place)
{
    rs_strbuf_release(&place->prefix);
    rs_mem_free(place->region);
    *place = (struct rs_s3_place){.region = NULL};
}

bool rs_s3_place_find_region(struct rs_s3_place *place, const struct rs_account *account,
                             struct rs_s3 *s3, struct rs_error *err)
{
    const char *region = rs_s3_region(s3, place->bucket, err);
    if (region && rs_account_tells_region(account)) {
        place->region = rs_mem_strdup(region);
    }
    return region != NULL;
}

void rs_s3_place_append_key(const struct rs_s3_place *place, struct rs_str name,
                            struct rs_strbuf *out)
{
    rs_strbuf_append_str(out, rs_strbuf_str(&place->prefix));
    rs_strbuf_append_str(out, name);
}

void rs_s3_place_append_root(const struct rs_s3_place *place, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "s3://");
    rs_strbuf_append_str(out, place->bucket);
    rs_strbuf_append_char(out, '/');
}

/* Keys to be deleted together. */
struct batch {
    struct rs_str keys[DELETE_AT_ONCE];
    size_t count;
    struct rs_arena arena;
};

static bool delete_batch(const struct rs_s3_place *place, struct rs_s3 *s3, struct batch *batch,
                         struct rs_error *err)
{
    bool ok = batch->count == 0 ||
              rs_s3_delete_many(s3, place->bucket, batch->keys, batch->count, NULL, NULL, err);
    batch->count = 0;
    rs_arena_reset(&batch->arena);
    return ok;
}

bool rs_s3_place_remove(const struct rs_s3_place *place, struct rs_s3 *s3,
                        struct rs_s3_removal *removal, struct rs_error *err)
{
    struct rs_s3_list_options options = {.prefix = removal->prefix};
    struct rs_s3_list *list = rs_s3_list_new(s3, place->bucket, &options);
    struct batch *batch = rs_mem_zalloc(1, sizeof *batch);
    struct rs_s3_object object;
    struct rs_error second = {0};
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    removal->bytes = 0;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        if (removal->goes && !removal->goes(removal, &object)) {
            continue;
        }
        removal->bytes += object.size_bytes;
        batch->keys[batch->count++] = rs_arena_copy(&batch->arena, object.key);
        ok = batch->count < DELETE_AT_ONCE || delete_batch(place, s3, batch, err);
    }
    ok = ok && next == RS_NEXT_END;
    ok = delete_batch(place, s3, batch, ok ? err : &second) && ok;
    rs_s3_list_free(list);
    rs_arena_release(&batch->arena);
    rs_mem_free(batch);
    return ok;
}
