/* Views only: nothing is decoded, because what is sent and signed is the text as it stands. */
#include "net/url.h"

#include "codec/percent.h"

static bool take_scheme(struct rs_str *text, struct rs_str scheme)
{
    if (!rs_str_starts(*text, scheme)) {
        return false;
    }
    *text = rs_str_slice(*text, scheme.length, text->length);
    return true;
}

static bool is_host(struct rs_str host)
{
    for (size_t i = 0; i < host.length; i++) {
        char c = host.data[i];
        bool inside_brackets =
            host.data[0] == '[' && (c == ':' || c == '[' || c == ']' || c == '%');
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_' || inside_brackets;
        if (!ok) {
            return false;
        }
    }
    return host.length > 0 && (host.data[0] == '[') == (host.data[host.length - 1] == ']');
}

static bool split_authority(struct rs_str authority, struct rs_url *url)
{
    size_t colon = authority.length;
    while (colon > 0 && authority.data[colon - 1] >= '0' && authority.data[colon - 1] <= '9') {
        colon--;
    }
    url->host = authority;
    url->port = url->tls ? 443 : 80;
    if (colon > 0 && colon < authority.length && authority.data[colon - 1] == ':') {
        uint64_t port = 0;
        if (!rs_str_parse_u64(rs_str_slice(authority, colon, authority.length), 1, 65535, &port)) {
            return false;
        }
        url->port = (unsigned)port;
        url->host = rs_str_slice(authority, 0, colon - 1);
    }
    return is_host(url->host);
}

bool rs_url_split(struct rs_str text, struct rs_url *out)
{
    struct rs_url url = {0};
    url.tls = take_scheme(&text, RS_STR("https://"));
    if (!url.tls && !take_scheme(&text, RS_STR("http://"))) {
        return false;
    }
    size_t end = 0;
    size_t query = text.length;
    for (size_t i = text.length; i > 0; i--) {
        char c = text.data[i - 1];
        if (c <= ' ' || c >= 0x7f || c == '#') {
            return false;
        }
        query = c == '?' ? i - 1 : query;
    }
    while (end < query && text.data[end] != '/') {
        end++;
    }
    url.path = rs_str_slice(text, end, query);
    url.query = rs_str_slice(text, query + 1, text.length);
    if (!split_authority(rs_str_slice(text, 0, end), &url)) {
        return false;
    }
    *out = url;
    return true;
}

bool rs_url_is_endpoint(struct rs_str text)
{
    struct rs_url url;
    if (!rs_url_split(text, &url) || rs_str_find_byte(text, '?') != SIZE_MAX) {
        return false;
    }
    for (size_t i = 0; i < url.path.length; i++) {
        if (url.path.data[i] != '/') {
            return false;
        }
    }
    return true;
}

bool rs_url_is_loopback(struct rs_str host)
{
    if (!rs_str_starts(host, RS_STR("127."))) {
        return rs_str_equal(host, RS_STR("localhost")) || rs_str_equal(host, RS_STR("[::1]"));
    }
    for (size_t i = 0; i < host.length; i++) {
        if (host.data[i] != '.' && (host.data[i] < '0' || host.data[i] > '9')) {
            return false; /* 127.example.com is a name */
        }
    }
    return true;
}

void rs_url_append_host(struct rs_strbuf *out, const struct rs_url *url)
{
    rs_strbuf_append_str(out, url->host);
    if (url->port != (url->tls ? 443 : 80)) {
        rs_strbuf_append_char(out, ':');
        rs_strbuf_append_u64(out, url->port);
    }
}

void rs_url_append_query(struct rs_strbuf *out, struct rs_str name, struct rs_str value)
{
    bool first = rs_str_find_byte(rs_strbuf_str(out), '?') == SIZE_MAX;
    rs_strbuf_append_char(out, first ? '?' : '&');
    rs_percent_append(out, name, false);
    rs_strbuf_append_char(out, '=');
    rs_percent_append(out, value, false);
}

/* The bytes of "arn:...:accesspoint/name" that text begins with; without a name, or another: all. */
static size_t arn_length(struct rs_str text)
{
    struct rs_str point = RS_STR("accesspoint/");
    size_t slash = rs_str_find_byte(text, '/');
    if (slash == SIZE_MAX || !rs_str_ends(rs_str_slice(text, 0, slash + 1), point)) {
        return slash == SIZE_MAX ? text.length : slash; /* "accesspoint:name" has no slash in it */
    }
    size_t end = rs_str_find_byte(rs_str_slice(text, slash + 1, text.length), '/');
    return end == SIZE_MAX ? text.length : slash + 1 + end;
}

bool rs_url_split_s3(struct rs_str text, struct rs_str *bucket, struct rs_str *key)
{
    struct rs_url_access_point point;
    if (!take_scheme(&text, RS_STR("s3://"))) {
        return false;
    }
    bool arn = rs_str_starts(text, RS_STR("arn:"));
    size_t slash = arn ? arn_length(text) : rs_str_find_byte(text, '/');
    struct rs_str name = rs_str_slice(text, 0, slash);
    if (arn ? !rs_url_access_point_parse(name, &point) : !rs_url_bucket_is_valid(name)) {
        return false;
    }
    *bucket = name;
    *key = rs_str_slice(text, slash >= text.length ? text.length : slash + 1, text.length);
    return true;
}

bool rs_url_bucket_is_valid(struct rs_str bucket)
{
    if (bucket.length < 3 || bucket.length > 63) {
        return false;
    }
    for (size_t i = 0; i < bucket.length; i++) {
        char c = bucket.data[i];
        bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool inside = i > 0 && i + 1 < bucket.length;
        if (!alphanumeric && !(inside && (c == '-' || (c == '.' && bucket.data[i - 1] != '.')))) {
            return false;
        }
    }
    return true;
}

/* Lower case letters, digits and, between them, hyphens. */
static bool is_label(struct rs_str text)
{
    return rs_url_bucket_is_valid(text) && rs_str_find_byte(text, '.') == SIZE_MAX;
}

bool rs_url_access_point_parse(struct rs_str arn, struct rs_url_access_point *out)
{
    struct rs_str fields[6]; /* arn, partition, service, region, account, and the rest */
    for (size_t i = 0; i < RS_COUNTOF(fields); i++) {
        size_t colon = i + 1 < RS_COUNTOF(fields) ? rs_str_find_byte(arn, ':') : arn.length;
        if (colon == SIZE_MAX) {
            return false;
        }
        fields[i] = rs_str_slice(arn, 0, colon);
        arn = rs_str_slice(arn, colon < arn.length ? colon + 1 : colon, arn.length);
    }
    struct rs_str kind = RS_STR("accesspoint");
    struct rs_str point = fields[5];
    bool named = rs_str_starts(point, kind) && point.length > kind.length &&
                 (point.data[kind.length] == '/' || point.data[kind.length] == ':');
    uint64_t number = 0;
    if (!named || !rs_str_equal(fields[0], RS_STR("arn")) ||
        !rs_str_equal(fields[2], RS_STR("s3")) || !is_label(fields[3]) || fields[4].length != 12 ||
        !rs_str_parse_u64(fields[4], 0, UINT64_MAX, &number)) {
        return false;
    }
    *out = (struct rs_url_access_point){fields[3], fields[4],
                                        rs_str_slice(point, kind.length + 1, point.length)};
    return is_label(out->name) && out->name.length <= 50;
}
