/*
 * A page at a time: the reply's tree is kept, and its elements are walked. Keys come
 * percent-encoded (encoding-type=url), because XML has no way to write some of their bytes.
 */

#include "aws/s3_operation.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/percent.h"
#include "codec/xml.h"

enum { QUERY_MAX = 7 };

struct rs_s3_list {
    struct rs_s3 *s3;
    struct rs_arena arena; /* of the options, and the token */
    struct rs_str bucket;
    struct rs_s3_list_options options;
    struct rs_strbuf token;
    struct rs_strbuf key;        /* decoded: of the object or prefix that was handed out */
    struct rs_strbuf prefix_key; /* and of one that is compared */
    struct rs_xml_doc *doc;
    const struct rs_xml_node *content; /* the next one of each kind; NULL: no more on the page */
    const struct rs_xml_node *prefix;
    bool more; /* another page has to be asked for */
};

struct rs_s3_list *rs_s3_list_new(struct rs_s3 *s3, struct rs_str bucket,
                                  const struct rs_s3_list_options *options)
{
    struct rs_s3_list *list = rs_mem_zalloc(1, sizeof *list);
    list->s3 = s3;
    list->arena = RS_ARENA_INIT;
    list->token = RS_STRBUF_INIT(RS_S3_KEY_MAX * 8);
    list->key = RS_STRBUF_INIT(RS_S3_KEY_MAX * 4);
    list->prefix_key = RS_STRBUF_INIT(RS_S3_KEY_MAX * 4);
    list->bucket = rs_arena_copy(&list->arena, bucket);
    if (options) {
        list->options.prefix = rs_arena_copy(&list->arena, options->prefix);
        list->options.start_after = rs_arena_copy(&list->arena, options->start_after);
        list->options.delimiter = rs_arena_copy(&list->arena, options->delimiter);
        list->options.page = options->page;
    }
    list->more = true;
    return list;
}

void rs_s3_list_free(struct rs_s3_list *list)
{
    if (list) {
        rs_xml_free(list->doc);
        rs_strbuf_release(&list->token);
        rs_strbuf_release(&list->key);
        rs_strbuf_release(&list->prefix_key);
        rs_arena_release(&list->arena);
        rs_mem_free(list);
    }
}

static void add(struct rs_url_param *query, size_t *count, const char *name, struct rs_str value)
{
    if (value.length > 0) {
        query[(*count)++] = (struct rs_url_param){rs_str_from(name), value};
    }
}

static bool fail(const struct rs_s3_list *list, const char *why, struct rs_error *err)
{
    return rs_error_set(err, RS_E_INPUT, "could not list \"s3://%.*s\": %s",
                        RS_STR_ARG(list->bucket), why);
}

static bool ask(struct rs_s3_list *list, struct rs_error *err)
{
    struct rs_url_param query[QUERY_MAX];
    struct rs_strbuf page = RS_STRBUF_INIT(16);
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_s3_operation operation = {.verb = "list",
                                        .permission = "s3:ListBucket",
                                        .method = "GET",
                                        .bucket = list->bucket,
                                        .on_bucket = true,
                                        .query = query,
                                        .max_body_bytes = RS_XML_MAX_BYTES};
    if (list->options.page > 0) {
        rs_strbuf_append_u64(&page, list->options.page);
    }
    add(query, &operation.query_count, "list-type", RS_STR("2"));
    add(query, &operation.query_count, "encoding-type", RS_STR("url"));
    add(query, &operation.query_count, "prefix", list->options.prefix);
    add(query, &operation.query_count, "start-after", list->options.start_after);
    add(query, &operation.query_count, "delimiter", list->options.delimiter);
    add(query, &operation.query_count, "continuation-token", rs_strbuf_str(&list->token));
    add(query, &operation.query_count, "max-keys", rs_strbuf_str(&page));
    rs_xml_free(list->doc);
    list->doc = NULL;
    if (rs_s3_send(list->s3, &operation, &reply, err)) {
        list->doc = rs_xml_parse(rs_strbuf_str(&reply.body), "a list of objects", err);
    }
    rs_http_reply_release(&reply);
    rs_strbuf_release(&page);
    return list->doc != NULL;
}

static bool next_page(struct rs_s3_list *list, struct rs_error *err)
{
    if (!ask(list, err)) {
        return false;
    }
    const struct rs_xml_node *root = rs_xml_root(list->doc);
    struct rs_str token = rs_xml_child(root, "NextContinuationToken");
    list->content = rs_xml_find(root, "Contents");
    list->prefix = rs_xml_find(root, "CommonPrefixes");
    list->more = rs_str_equal(rs_xml_child(root, "IsTruncated"), RS_STR("true"));
    rs_strbuf_reset(&list->token);
    rs_strbuf_append_str(&list->token, token);
    if (!rs_str_equal(rs_xml_name(root), RS_STR("ListBucketResult")) ||
        (list->more && token.length == 0) || !rs_strbuf_ok(&list->token)) {
        return fail(list, "the reply is no list of objects", err);
    }
    return true;
}

static bool decode(struct rs_strbuf *out, const struct rs_xml_node *node, const char *name)
{
    rs_strbuf_reset(out);
    return rs_percent_decode(rs_xml_child(node, name), true, out) && rs_strbuf_ok(out);
}

static bool read_key(struct rs_s3_list *list, const struct rs_xml_node *node, const char *name,
                     struct rs_s3_object *object, struct rs_error *err)
{
    if (!decode(&list->key, node, name)) {
        return fail(list, "a key in the reply is not encoded as a URL", err);
    }
    object->key = rs_strbuf_str(&list->key);
    return true;
}

static bool read_content(struct rs_s3_list *list, struct rs_s3_object *object, struct rs_error *err)
{
    const struct rs_xml_node *node = list->content;
    list->content = rs_xml_next(node);
    rs_s3_copy_etag(object->etag, rs_xml_child(node, "ETag"));
    if (!rs_str_parse_u64(rs_xml_child(node, "Size"), 0, INT64_MAX, &object->size_bytes) ||
        !rs_timefmt_parse(rs_xml_child(node, "LastModified"), &object->modified_us)) {
        return fail(list, "an object in the reply has no size or date", err);
    }
    return read_key(list, node, "Key", object, err);
}

/*
 * Both kinds come sorted, but each by itself: the lesser of the two is next. Their order is that of
 * their bytes, not of what encodes them ("%20" is behind "%", and a space is not). One that cannot
 * be decoded is found out when it is read.
 */
static bool prefix_is_next(struct rs_s3_list *list)
{
    if (!list->prefix || !list->content) {
        return list->prefix != NULL;
    }
    (void)!decode(&list->prefix_key, list->prefix, "Prefix");
    (void)!decode(&list->key, list->content, "Key");
    return rs_str_compare(rs_strbuf_str(&list->prefix_key), rs_strbuf_str(&list->key)) < 0;
}

enum rs_next rs_s3_list_next(struct rs_s3_list *list, struct rs_s3_object *object,
                             struct rs_error *err)
{
    while (!list->content && !list->prefix) {
        if (!list->more) {
            return RS_NEXT_END;
        }
        if (!next_page(list, err)) {
            return RS_NEXT_ERROR;
        }
    }
    *object = (struct rs_s3_object){0};
    if (prefix_is_next(list)) {
        const struct rs_xml_node *node = list->prefix;
        list->prefix = rs_xml_next(node);
        object->is_prefix = true;
        return read_key(list, node, "Prefix", object, err) ? RS_NEXT_ITEM : RS_NEXT_ERROR;
    }
    return read_content(list, object, err) ? RS_NEXT_ITEM : RS_NEXT_ERROR;
}
