/* A bucket, and a prefix that ends with the folder of one target and schema. */
#include "migrate/depot.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "net/url.h"

enum { DELETE_BATCH = 1000, URL_MAX = 2048 };

struct rs_depot {
    const struct rs_depot_options *options;
    struct rs_account *account;
    struct rs_str bucket;
    struct rs_strbuf prefix; /* ends with a slash */
    char *region;
};

static bool find_region(struct rs_depot *depot, struct rs_error *err)
{
    struct rs_s3 *s3 = rs_account_s3(depot->account, NULL);
    const char *region = rs_s3_region(s3, depot->bucket, err);
    const char *wanted = depot->options->account.region;
    if (region && (!rs_account_has_own_s3(depot->account) || (wanted && *wanted))) {
        depot->region = rs_mem_strdup(region);
    }
    rs_s3_free(s3);
    return region != NULL;
}

struct rs_depot *rs_depot_open(const struct rs_env *env, const struct rs_depot_options *options,
                               struct rs_error *err)
{
    struct rs_depot *depot = rs_mem_zalloc(1, sizeof *depot);
    struct rs_str prefix = {NULL, 0};
    depot->options = options;
    depot->prefix = RS_STRBUF_INIT(RS_S3_KEY_MAX);
    bool ok = rs_url_split_s3(rs_str_from(options->stage), &depot->bucket, &prefix);
    if (!ok) {
        (void)rs_error_set(err, RS_E_USAGE, "\"%s\" is no S3 address", options->stage);
    }
    rs_strbuf_append_str(&depot->prefix, prefix);
    rs_strbuf_append(&depot->prefix,
                     prefix.length > 0 && !rs_str_ends(prefix, RS_STR("/")) ? "/" : "");
    rs_strbuf_append(&depot->prefix, "migrate/");
    rs_strbuf_append_str(&depot->prefix, options->folder);
    rs_strbuf_append_char(&depot->prefix, '/');
    depot->account = ok ? rs_account_open(env, &options->account, err) : NULL;
    if (!depot->account || !find_region(depot, err)) {
        rs_depot_close(depot);
        return NULL;
    }
    return depot;
}

void rs_depot_close(struct rs_depot *depot)
{
    if (depot) {
        rs_account_close(depot->account);
        rs_strbuf_release(&depot->prefix);
        rs_mem_free(depot->region);
        rs_mem_free(depot);
    }
}

struct rs_s3 *rs_depot_s3(const struct rs_depot *depot)
{
    return rs_account_s3(depot->account, depot->region);
}

struct rs_str rs_depot_bucket(const struct rs_depot *depot)
{
    return depot->bucket;
}

struct rs_str rs_depot_region(const struct rs_depot *depot)
{
    return rs_str_from(depot->region);
}

const struct rs_account_options *rs_depot_account(const struct rs_depot *depot)
{
    return &depot->options->account;
}

void rs_depot_append_key(const struct rs_depot *depot, struct rs_str name, struct rs_strbuf *out)
{
    rs_strbuf_append_str(out, rs_strbuf_str(&depot->prefix));
    rs_strbuf_append_str(out, name);
}

void rs_depot_append_url(const struct rs_depot *depot, struct rs_str name, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "s3://");
    rs_strbuf_append_str(out, depot->bucket);
    rs_strbuf_append_char(out, '/');
    rs_depot_append_key(depot, name, out);
}

bool rs_depot_take_access(const struct rs_depot *depot, const char *role,
                          struct rs_depot_access *out, struct rs_error *err)
{
    *out = (struct rs_depot_access){.keys = RS_CREDENTIALS_INIT};
    if (role) {
        out->copy.iam_role = strcmp(role, "default") == 0 ? RS_STR("") : rs_str_from(role);
        return true;
    }
    struct rs_credentials_provider *keys = rs_account_credentials(depot->account);
    if (!keys->get(keys, &out->keys, err)) {
        return false;
    }
    out->copy.access_key_id = rs_str_from(out->keys.access_key_id);
    out->copy.secret_access_key = rs_str_from(out->keys.secret_access_key);
    out->copy.session_token = rs_str_from(out->keys.session_token);
    return true;
}

void rs_depot_release_access(struct rs_depot_access *access)
{
    rs_credentials_release(&access->keys);
    access->copy = (struct rs_copy_access){0};
}

/* Objects to be deleted together. */
struct batch {
    struct rs_str keys[DELETE_BATCH];
    size_t count;
    struct rs_arena arena;
};

static bool delete_batch(const struct rs_depot *depot, struct rs_s3 *s3, struct batch *batch,
                         struct rs_error *err)
{
    bool ok = batch->count == 0 ||
              rs_s3_delete_many(s3, depot->bucket, batch->keys, batch->count, NULL, NULL, err);
    batch->count = 0;
    rs_arena_reset(&batch->arena);
    return ok;
}

bool rs_depot_clear(const struct rs_depot *depot, struct rs_s3 *s3, struct rs_str name,
                    uint64_t *out_bytes, struct rs_error *err)
{
    struct rs_strbuf prefix = RS_STRBUF_INIT(URL_MAX);
    struct batch *batch = rs_mem_zalloc(1, sizeof *batch);
    struct rs_s3_object object = {.size_bytes = 0};
    uint64_t bytes = 0;
    rs_depot_append_key(depot, name, &prefix);
    struct rs_s3_list_options options = {.prefix = rs_strbuf_str(&prefix)};
    struct rs_s3_list *list = rs_s3_list_new(s3, depot->bucket, &options);
    enum rs_next next = RS_NEXT_ERROR;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        bytes += object.size_bytes;
        batch->keys[batch->count++] = rs_arena_copy(&batch->arena, object.key);
        ok = batch->count < DELETE_BATCH || delete_batch(depot, s3, batch, err);
    }
    rs_s3_list_free(list);
    ok = ok && next == RS_NEXT_END && delete_batch(depot, s3, batch, err);
    if (out_bytes) {
        *out_bytes = bytes;
    }
    rs_arena_release(&batch->arena);
    rs_mem_free(batch);
    rs_strbuf_release(&prefix);
    return ok;
}
