/*
 * The four steps of the manual: a canonical request, a string to sign, a key derived from the
 * secret, and the signature. Parameters and headers are sorted as pointers; what is encoded for
 * that goes into one arena. A session token is among the headers or the parameters, so what is made
 * of them has its room beforehand, does not move, and is wiped.
 */
#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/digest.h"
#include "codec/percent.h"

enum { ENCODED_MAX = 64 << 10, ENCODED_PER_BYTE = 3 };

static const char algorithm[] = "AWS4-HMAC-SHA256";

struct pair {
    struct rs_str name;
    struct rs_str value;
    size_t place; /* as it was given: equals stay in this order */
};

static int compare_headers(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    int order = rs_str_compare(a->name, b->name);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static int compare_params(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    int order = rs_str_compare(a->name, b->name);
    return order != 0 ? order : rs_str_compare(a->value, b->value);
}

void rs_sigv4_date(int64_t now_us, char out[RS_SIGV4_DATE_BYTES])
{
    static const unsigned char places[RS_SIGV4_DATE_BYTES - 1] = {0, 1,  2,  3,  5,  6,  8, 9,
                                                                  0, 11, 12, 14, 15, 17, 18};
    char text[RS_TIMEFMT_MAX];
    (void)rs_timefmt_format(now_us, text);
    for (size_t i = 0; i < sizeof places; i++) {
        out[i] = text[places[i]];
    }
    out[8] = 'T';
    out[RS_SIGV4_DATE_BYTES - 1] = 'Z';
}

/* "20130524/us-east-1/s3/aws4_request" */
static void append_scope(struct rs_strbuf *out, const struct rs_sigv4_scope *scope)
{
    char date[RS_SIGV4_DATE_BYTES];
    rs_sigv4_date(scope->now_us, date);
    rs_strbuf_append_bytes(out, date, 8);
    rs_strbuf_append_char(out, '/');
    rs_strbuf_append(out, scope->region);
    rs_strbuf_append_char(out, '/');
    rs_strbuf_append(out, scope->service);
    rs_strbuf_append(out, "/aws4_request");
}

/* Resolve "." and "..", and make one slash of several. */
static void normalize(struct rs_strbuf *out, struct rs_str path)
{
    size_t i = 0;
    while (i < path.length) {
        size_t begin = i;
        while (begin < path.length && path.data[begin] == '/') {
            begin++;
        }
        size_t end = begin;
        while (end < path.length && path.data[end] != '/') {
            end++;
        }
        struct rs_str segment = rs_str_slice(path, begin, end);
        i = end;
        if (rs_str_equal(segment, RS_STR(".."))) {
            while (out->length > 0 && out->data[--out->length] != '/') {
            }
        } else if (segment.length > 0 && !rs_str_equal(segment, RS_STR("."))) {
            rs_strbuf_append_char(out, '/');
            rs_strbuf_append_str(out, segment);
        }
    }
    bool folder = rs_str_ends(path, RS_STR("/")) || rs_str_ends(path, RS_STR("/.")) ||
                  rs_str_ends(path, RS_STR("/.."));
    if (out->length == 0 || folder) {
        rs_strbuf_append_char(out, '/');
    }
}

static void append_path(struct rs_strbuf *out, const struct rs_sigv4_request *request,
                        const struct rs_sigv4_scope *scope)
{
    struct rs_strbuf normal = RS_STRBUF_INIT(ENCODED_MAX);
    if (request->path.length == 0) {
        rs_strbuf_append_char(out, '/');
    } else if (strcmp(scope->service, "s3") == 0) {
        rs_strbuf_append_str(out, request->path);
    } else {
        normalize(&normal, request->path);
        rs_percent_append(out, rs_strbuf_str(&normal), true);
        out->overflow = out->overflow || !rs_strbuf_ok(&normal);
    }
    rs_strbuf_release(&normal);
}

static struct rs_str encode(struct rs_arena *arena, struct rs_str text)
{
    struct rs_strbuf encoded = RS_STRBUF_INIT(SIZE_MAX / 2);
    (void)!rs_strbuf_reserve(&encoded, ENCODED_PER_BYTE * text.length);
    rs_percent_append(&encoded, text, false);
    struct rs_str copy = rs_arena_copy(arena, rs_strbuf_str(&encoded));
    rs_mem_wipe(encoded.data, encoded.length);
    rs_strbuf_release(&encoded);
    return copy;
}

static void append_query(struct rs_strbuf *out, const struct rs_sigv4_request *request)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct pair *pairs = rs_arena_zalloc(&arena, request->query_count + 1, sizeof *pairs);
    for (size_t i = 0; i < request->query_count; i++) {
        pairs[i].name = encode(&arena, request->query[i].name);
        pairs[i].value = encode(&arena, request->query[i].value);
    }
    qsort(pairs, request->query_count, sizeof *pairs, compare_params);
    for (size_t i = 0; i < request->query_count; i++) {
        rs_strbuf_append(out, i > 0 ? "&" : "");
        rs_strbuf_append_str(out, pairs[i].name);
        rs_strbuf_append_char(out, '=');
        rs_strbuf_append_str(out, pairs[i].value);
    }
    rs_arena_release_secret(&arena);
}

static struct rs_str lower(struct rs_arena *arena, struct rs_str name)
{
    char *copy = rs_arena_alloc(arena, name.length + 1);
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        copy[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct rs_str){copy, name.length};
}

/* Spaces at the ends go, and one stays of several in a row. */
static void append_value(struct rs_strbuf *out, struct rs_str value)
{
    value = rs_str_trim(value);
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] != ' ' || value.data[i - 1] != ' ') {
            rs_strbuf_append_char(out, value.data[i]);
        }
    }
}

static struct pair *sort_headers(struct rs_arena *arena, const struct rs_sigv4_request *request)
{
    struct pair *pairs = rs_arena_zalloc(arena, request->header_count + 1, sizeof *pairs);
    for (size_t i = 0; i < request->header_count; i++) {
        pairs[i].name = lower(arena, request->headers[i].name);
        pairs[i].value = request->headers[i].value;
        pairs[i].place = i;
    }
    qsort(pairs, request->header_count, sizeof *pairs, compare_headers);
    return pairs;
}

static bool same_name(const struct pair *pairs, size_t i)
{
    return i > 0 && rs_str_equal(pairs[i].name, pairs[i - 1].name);
}

/* "host;x-amz-date" */
static void append_names(struct rs_strbuf *out, const struct rs_sigv4_request *request)
{
    struct rs_arena arena = RS_ARENA_INIT;
    const struct pair *pairs = sort_headers(&arena, request);
    for (size_t i = 0; i < request->header_count; i++) {
        if (!same_name(pairs, i)) {
            rs_strbuf_append(out, i > 0 ? ";" : "");
            rs_strbuf_append_str(out, pairs[i].name);
        }
    }
    rs_arena_release(&arena);
}

void rs_sigv4_canonical(const struct rs_sigv4_request *request, const struct rs_sigv4_scope *scope,
                        struct rs_strbuf *out)
{
    struct rs_arena arena = RS_ARENA_INIT;
    const struct pair *pairs = sort_headers(&arena, request);
    rs_strbuf_append(out, request->method);
    rs_strbuf_append_char(out, '\n');
    append_path(out, request, scope);
    rs_strbuf_append_char(out, '\n');
    append_query(out, request);
    for (size_t i = 0; i < request->header_count; i++) {
        if (same_name(pairs, i)) {
            rs_strbuf_append_char(out, ',');
        } else {
            rs_strbuf_append_char(out, '\n');
            rs_strbuf_append_str(out, pairs[i].name);
            rs_strbuf_append_char(out, ':');
        }
        append_value(out, pairs[i].value);
    }
    rs_strbuf_append(out, "\n\n");
    append_names(out, request);
    rs_strbuf_append_char(out, '\n');
    rs_strbuf_append_str(out, request->payload_sha256);
    rs_arena_release(&arena);
}

void rs_sigv4_string_to_sign(const struct rs_sigv4_scope *scope, struct rs_str canonical,
                             struct rs_strbuf *out)
{
    char date[RS_SIGV4_DATE_BYTES];
    unsigned char digest[RS_SHA256_BYTES];
    char hex[2 * RS_SHA256_BYTES];
    rs_sigv4_date(scope->now_us, date);
    rs_sha256(canonical, digest);
    rs_hex(digest, sizeof digest, hex);
    rs_strbuf_append(out, algorithm);
    rs_strbuf_append_char(out, '\n');
    rs_strbuf_append_bytes(out, date, sizeof date);
    rs_strbuf_append_char(out, '\n');
    append_scope(out, scope);
    rs_strbuf_append_char(out, '\n');
    rs_strbuf_append_bytes(out, hex, sizeof hex);
}

void rs_sigv4_signature(const struct rs_sigv4_scope *scope, struct rs_str string_to_sign,
                        char out[RS_SIGV4_SIGNATURE_BYTES])
{
    char date[RS_SIGV4_DATE_BYTES];
    unsigned char key[RS_SHA256_BYTES];
    struct rs_str key_text = {(const char *)key, sizeof key};
    size_t length = strlen(scope->credentials->secret_access_key);
    char *secret = rs_mem_alloc(4 + length);
    rs_sigv4_date(scope->now_us, date);
    memcpy(secret, "AWS4", 4);
    memcpy(secret + 4, scope->credentials->secret_access_key, length);
    rs_hmac_sha256((struct rs_str){secret, 4 + length}, (struct rs_str){date, 8}, key);
    rs_hmac_sha256(key_text, rs_str_from(scope->region), key);
    rs_hmac_sha256(key_text, rs_str_from(scope->service), key);
    rs_hmac_sha256(key_text, RS_STR("aws4_request"), key);
    rs_hmac_sha256(key_text, string_to_sign, key);
    rs_hex(key, sizeof key, out);
    rs_mem_wipe(secret, 4 + length);
    rs_mem_wipe(key, sizeof key);
    rs_mem_free(secret);
}

/* No canonical request is longer; what it has beside these parts is less than 1 KiB. */
static size_t canonical_bound(const struct rs_sigv4_request *request)
{
    size_t bytes = 1024 + ENCODED_PER_BYTE * request->path.length;
    for (size_t i = 0; i < request->query_count; i++) {
        const struct rs_url_param *param = &request->query[i];
        bytes += ENCODED_PER_BYTE * (param->name.length + param->value.length) + 2;
    }
    for (size_t i = 0; i < request->header_count; i++) {
        bytes += 2 * request->headers[i].name.length + request->headers[i].value.length + 3;
    }
    return bytes < RS_SIGV4_TEXT_MAX ? bytes : RS_SIGV4_TEXT_MAX;
}

/* All steps; false when the request passes a limit. */
static bool sign(const struct rs_sigv4_request *request, const struct rs_sigv4_scope *scope,
                 char signature[RS_SIGV4_SIGNATURE_BYTES])
{
    struct rs_strbuf canonical = RS_STRBUF_INIT(RS_SIGV4_TEXT_MAX);
    struct rs_strbuf text = RS_STRBUF_INIT(RS_SIGV4_TEXT_MAX);
    (void)!rs_strbuf_reserve(&canonical, canonical_bound(request));
    rs_sigv4_canonical(request, scope, &canonical);
    rs_sigv4_string_to_sign(scope, rs_strbuf_str(&canonical), &text);
    rs_sigv4_signature(scope, rs_strbuf_str(&text), signature);
    bool ok = rs_strbuf_ok(&canonical) && rs_strbuf_ok(&text) &&
              request->header_count <= RS_SIGV4_HEADERS_MAX &&
              request->query_count <= RS_SIGV4_PARAMS_MAX;
    rs_mem_wipe(canonical.data, canonical.length);
    rs_strbuf_release(&canonical);
    rs_strbuf_release(&text);
    return ok;
}

void rs_sigv4_authorization(const struct rs_sigv4_request *request,
                            const struct rs_sigv4_scope *scope, struct rs_strbuf *out)
{
    char signature[RS_SIGV4_SIGNATURE_BYTES];
    if (!sign(request, scope, signature)) {
        out->overflow = true;
        return;
    }
    rs_strbuf_append(out, algorithm);
    rs_strbuf_append(out, " Credential=");
    rs_strbuf_append(out, scope->credentials->access_key_id);
    rs_strbuf_append_char(out, '/');
    append_scope(out, scope);
    rs_strbuf_append(out, ", SignedHeaders=");
    append_names(out, request);
    rs_strbuf_append(out, ", Signature=");
    rs_strbuf_append_bytes(out, signature, sizeof signature);
}
