/*
 * An operand is tried as the name of an object, then as a folder (what is below its name and a
 * slash), then as the begin of names. S3 lists keys by their bytes, so an object of that very
 * name would come first: one key has to be asked for. Without a range of days the keys come a
 * thousand a reply, whatever folders they are in. With one, they are asked for folder by folder,
 * and those of other days are passed over: years of an archive cost a few requests.
 */
#include "read/source_s3.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/url.h"
#include "read/bucket.h"

static const struct rs_str scheme = RS_STR_INIT("s3://");

enum { NAME_MAX_BYTES = 2048 };

/* What is the same for all that an operand stands for. */
struct walk {
    struct rs_input_list *list;
    struct rs_bucket *bucket;
    struct rs_s3 *s3;
    size_t operand_bytes;    /* of the key, that the operand named */
    size_t exclude_bytes;    /* of the key, that --exclude does not look at */
    size_t prefix_bytes;     /* of an input's name, before its key: "s3://bucket/" */
    struct rs_strbuf name;   /* of the key that is looked at */
    struct rs_strbuf hidden; /* the hidden folder that was counted last */
    bool found;              /* a key begins so, whether it is taken or not */
};

static const char *set_name(struct walk *walk, struct rs_str key)
{
    rs_strbuf_reset(&walk->name);
    rs_strbuf_append_str(&walk->name, scheme);
    rs_strbuf_append_str(&walk->name, rs_bucket_name(walk->bucket));
    rs_strbuf_append_char(&walk->name, '/');
    walk->prefix_bytes = walk->name.length;
    rs_strbuf_append_str(&walk->name, key);
    return rs_strbuf_cstr(&walk->name);
}

/* A name that begins with a dot, below the operand. A folder of such a name is counted once. */
static bool skips_hidden(struct walk *walk, struct rs_str key)
{
    size_t begin = walk->operand_bytes;
    while (begin > 0 && begin < key.length && key.data[begin - 1] != '/') {
        begin++; /* the operand named the begin of this one */
    }
    while (begin < key.length) {
        struct rs_str rest = rs_str_slice(key, begin, key.length);
        size_t slash = rs_str_find_byte(rest, '/');
        if (rest.data[0] == '.') {
            struct rs_str hidden =
                rs_str_slice(key, 0, slash == SIZE_MAX ? key.length : begin + slash);
            walk->list->skipped_hidden += !rs_str_equal(hidden, rs_strbuf_str(&walk->hidden));
            rs_strbuf_reset(&walk->hidden);
            rs_strbuf_append_str(&walk->hidden, hidden);
            return true;
        }
        begin = slash == SIZE_MAX ? key.length : begin + slash + 1;
    }
    return false;
}

static bool append(struct walk *walk, struct rs_str key, const struct rs_s3_object *object,
                   struct rs_error *err)
{
    struct rs_input_list *list = walk->list;
    const char *name = set_name(walk, key);
    bool skip = false;
    if (rs_input_list_excludes(list, rs_strbuf_str(&walk->name),
                               walk->prefix_bytes + walk->exclude_bytes)) {
        return true; /* whether or not its day can be told */
    }
    if (!rs_input_list_check_day(list, walk->prefix_bytes + walk->operand_bytes, name, name, &skip,
                                 err)) {
        return false;
    }
    if (skip || !rs_input_list_first_seen(list, name)) {
        return true;
    }
    if (object->is_archived && list->options->skips_archived) {
        list->skipped_archived++;
    } else {
        struct rs_input *input = rs_input_list_append(list, name, name);
        input->version = rs_mem_strdup(object->etag);
        input->size_bytes = object->size_bytes;
        input->bucket = walk->bucket;
        list->archived += object->is_archived ? 1 : 0;
    }
    return true;
}

/* A key that was listed: an input, unless it is hidden, or only there so that a folder is shown. */
static bool add_key(struct walk *walk, const struct rs_s3_object *object, struct rs_error *err)
{
    bool folder = rs_str_ends(object->key, RS_STR("/")) && object->size_bytes == 0;
    return folder || skips_hidden(walk, object->key) || append(walk, object->key, object, err);
}

static bool walk_keys(struct walk *walk, struct rs_str prefix, bool by_folder,
                      struct rs_error *err);

static bool excludes_folder(struct walk *walk, struct rs_str prefix)
{
    (void)set_name(walk, rs_str_slice(prefix, 0, prefix.length - 1));
    return rs_input_list_excludes(walk->list, rs_strbuf_str(&walk->name),
                                  walk->prefix_bytes + walk->exclude_bytes);
}

static bool enter_folder(struct walk *walk, struct rs_str prefix, struct rs_error *err)
{
    struct rs_str name = rs_str_slice(prefix, 0, prefix.length - 1);
    int64_t day_ms = 0;
    for (size_t i = name.length; i > 0; i--) {
        if (name.data[i - 1] == '/') {
            name = rs_str_slice(name, i, name.length);
            break;
        }
    }
    return skips_hidden(walk, prefix) || excludes_folder(walk, prefix) ||
           rs_input_list_skips_folder(walk->list, name) ||
           walk_keys(walk, prefix, !rs_days_of_name(name, &day_ms), err);
}

/* Take all keys that begin with prefix. by_folder: look at each folder before what is in it. */
static bool walk_keys(struct walk *walk, struct rs_str prefix, bool by_folder, struct rs_error *err)
{
    const struct rs_s3_list_options options = {
        .prefix = prefix, .delimiter = by_folder ? RS_STR("/") : RS_STR(""), .asks_restored = true};
    struct rs_s3_list *keys = rs_s3_list_new(walk->s3, rs_bucket_name(walk->bucket), &options);
    struct rs_s3_object object = {.size_bytes = 0};
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(keys, &object, err)) == RS_NEXT_ITEM) {
        walk->found = true;
        ok = object.is_prefix ? enter_folder(walk, object.key, err) : add_key(walk, &object, err);
    }
    rs_s3_list_free(keys);
    return ok && next == RS_NEXT_END;
}

/* ---- what an operand is --------------------------------------------------------------------- */

/* Whether an object has that very key; then it is taken. */
static bool add_object(struct walk *walk, struct rs_str key, bool *is_object, struct rs_error *err)
{
    const struct rs_s3_list_options options = {.prefix = key, .page = 1, .asks_restored = true};
    struct rs_str bucket = rs_bucket_name(walk->bucket);
    struct rs_s3_list *keys = rs_s3_list_new(walk->s3, bucket, &options);
    struct rs_s3_object object = {.size_bytes = 0};
    struct rs_error ignored = {0};
    enum rs_next next = rs_s3_list_next(keys, &object, err);
    bool ok = next != RS_NEXT_ERROR;
    *is_object = next == RS_NEXT_ITEM && rs_str_equal(object.key, key);
    /* Who may read an object may not be allowed to list the bucket. */
    if (!ok && (strcmp(err->detail, "AccessDenied") == 0 || strcmp(err->detail, "403") == 0) &&
        rs_s3_head(walk->s3, bucket, key, &object, &ignored)) {
        rs_error_clear(err);
        *is_object = ok = true;
    }
    ok = ok && (!*is_object || append(walk, key, &object, err));
    rs_s3_list_free(keys);
    return ok;
}

static bool say_nothing_found(const char *operand, struct rs_str key, struct rs_error *err)
{
    (void)rs_error_set(err, RS_E_INPUT, "could not read \"%s\": no object's key %s", operand,
                       rs_str_ends(key, RS_STR("/")) ? "is below it" : "is that or begins so");
    if (strpbrk(operand, "*?[")) {
        return rs_error_hint(err, "S3 takes no pattern: name what stands before it, and leave out "
                                  "what is not wanted with --exclude");
    }
    return rs_error_hint(err, "check the name, letter by letter: aws s3 ls s3://BUCKET/PREFIX");
}

/* Where the last part of a key begins; one that ends with a slash names a folder as a whole. */
static size_t last_part(struct rs_str key)
{
    size_t begin = key.length;
    while (begin > 0 && key.data[begin - 1] != '/') {
        begin--;
    }
    return begin;
}

static bool add_all(struct walk *walk, const char *operand, struct rs_str key, struct rs_error *err)
{
    bool by_folder = walk->list->options->days.limited;
    struct rs_strbuf folder = RS_STRBUF_INIT(NAME_MAX_BYTES);
    bool is_object = false;
    bool ok = true;
    walk->operand_bytes = key.length;
    walk->exclude_bytes = last_part(key);
    if (key.length > 0 && !rs_str_ends(key, RS_STR("/"))) {
        rs_strbuf_append_str(&folder, key);
        rs_strbuf_append_char(&folder, '/');
        ok = add_object(walk, key, &is_object, err);
        if (ok && !is_object) {
            walk->operand_bytes++;
            walk->exclude_bytes = walk->operand_bytes;
            ok = walk_keys(walk, rs_strbuf_str(&folder), by_folder, err);
            walk->operand_bytes--;
            walk->exclude_bytes = last_part(key);
        }
    }
    rs_strbuf_release(&folder);
    if (!ok || is_object || walk->found) {
        return ok;
    }
    return walk_keys(walk, key, by_folder, err) &&
           (walk->found || key.length == 0 || say_nothing_found(operand, key, err));
}

static int compare_inputs(const void *left, const void *right)
{
    const struct rs_input *a = left;
    const struct rs_input *b = right;
    return strcmp(a->name, b->name);
}

bool rs_source_s3_is_address(const char *operand)
{
    return rs_str_starts(rs_str_from(operand), scheme);
}

bool rs_source_s3_add(struct rs_input_list *list, const char *operand, struct rs_error *err)
{
    struct rs_str bucket = {NULL, 0};
    struct rs_str key = {NULL, 0};
    struct walk walk = {.list = list,
                        .name = RS_STRBUF_INIT(NAME_MAX_BYTES),
                        .hidden = RS_STRBUF_INIT(NAME_MAX_BYTES)};
    size_t first = list->count;
    if (!rs_url_split_s3(rs_str_from(operand), &bucket, &key)) {
        return rs_error_set(err, RS_E_INPUT, "could not read \"%s\": that is no name of a bucket",
                            operand);
    }
    if (key.length > RS_S3_KEY_MAX) {
        return rs_error_set(err, RS_E_LIMIT,
                            "could not read \"%.64s...\": a key has at most %d bytes", operand,
                            RS_S3_KEY_MAX);
    }
    if (!list->buckets) {
        list->buckets = rs_buckets_new(list->options->account);
    }
    walk.bucket = rs_buckets_get(list->buckets, bucket);
    walk.s3 = rs_bucket_take(walk.bucket);
    bool ok = add_all(&walk, operand, key, err);
    if (!ok && err->code == RS_E_NET && rs_input_failed_alone(err)) {
        rs_input_list_append_failure(list, strlen(operand), operand, operand, err);
        ok = true;
    } else if (ok) {
        rs_bucket_learn(walk.bucket, walk.s3);
    }
    if (ok && list->count - first > 1) { /* folders and objects were listed each by itself */
        qsort(list->items + first, list->count - first, sizeof *list->items, compare_inputs);
    }
    rs_bucket_give(walk.bucket, walk.s3);
    rs_strbuf_release(&walk.name);
    rs_strbuf_release(&walk.hidden);
    return ok;
}

struct rs_bytes *rs_source_s3_open(const struct rs_input *input, struct rs_error *err)
{
    struct rs_str name = rs_str_from(input->name);
    size_t begin = scheme.length + rs_bucket_name(input->bucket).length + 1;
    return rs_bucket_open(input->bucket, rs_str_slice(name, begin, name.length), input->version,
                          err);
}
