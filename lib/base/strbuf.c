/*
 * A growing buffer that stops at its maximum. Overflow is sticky, so a builder may append a
 * hundred times and ask once; data keeps a NUL after its end for libraries that want one.
 */
#include "rs/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* What rs_mem_grow does, with a block of its own that is wiped before it goes. */
static void grow_secret(struct rs_strbuf *buf, size_t capacity)
{
    size_t doubled = buf->capacity * 2;
    size_t new_capacity = capacity > doubled ? capacity : doubled;
    char *data = rs_mem_alloc(new_capacity);
    if (buf->data) {
        memcpy(data, buf->data, buf->length);
        rs_mem_wipe(buf->data, buf->capacity);
        rs_mem_free(buf->data);
    }
    buf->data = data;
    buf->capacity = new_capacity;
}

void rs_strbuf_keep_secret(struct rs_strbuf *buf)
{
    buf->secret = true;
}

char *rs_strbuf_reserve(struct rs_strbuf *buf, size_t count)
{
    if (buf->overflow || count > buf->max_bytes || buf->length > buf->max_bytes - count) {
        buf->overflow = true;
        return NULL;
    }
    if (!buf->data || buf->capacity - buf->length <= count) {
        if (buf->secret) {
            grow_secret(buf, buf->length + count + 1);
        } else {
            buf->data = rs_mem_grow(buf->data, &buf->capacity, buf->length + count + 1, 1);
        }
        buf->data[buf->length] = '\0';
    }
    return buf->data + buf->length;
}

void rs_strbuf_commit(struct rs_strbuf *buf, size_t count)
{
    buf->length += count;
    buf->data[buf->length] = '\0';
}

void rs_strbuf_append_bytes(struct rs_strbuf *buf, const void *bytes, size_t count)
{
    char *place = rs_strbuf_reserve(buf, count);
    if (!place) {
        return;
    }
    if (count > 0) {
        memcpy(place, bytes, count);
    }
    rs_strbuf_commit(buf, count);
}

void rs_strbuf_append(struct rs_strbuf *buf, const char *text)
{
    rs_strbuf_append_bytes(buf, text, strlen(text));
}

void rs_strbuf_append_str(struct rs_strbuf *buf, struct rs_str text)
{
    rs_strbuf_append_bytes(buf, text.data, text.length);
}

void rs_strbuf_append_char(struct rs_strbuf *buf, char c)
{
    rs_strbuf_append_bytes(buf, &c, 1);
}

void rs_strbuf_append_u64(struct rs_strbuf *buf, uint64_t number)
{
    char digits[20];
    size_t begin = sizeof digits;
    do {
        digits[--begin] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    rs_strbuf_append_bytes(buf, digits + begin, sizeof digits - begin);
}

void rs_strbuf_append_i64(struct rs_strbuf *buf, int64_t number)
{
    if (number < 0) {
        rs_strbuf_append_char(buf, '-');
        rs_strbuf_append_u64(buf, 0 - (uint64_t)number);
    } else {
        rs_strbuf_append_u64(buf, (uint64_t)number);
    }
}

void rs_strbuf_printf(struct rs_strbuf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int needed = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *place = needed < 0 ? NULL : rs_strbuf_reserve(buf, (size_t)needed);
    if (place) {
        (void)vsnprintf(place, (size_t)needed + 1, fmt, again);
        rs_strbuf_commit(buf, (size_t)needed);
    } else {
        buf->overflow = true;
    }
    va_end(again);
}

bool rs_strbuf_ok(const struct rs_strbuf *buf)
{
    return !buf->overflow;
}

struct rs_str rs_strbuf_str(const struct rs_strbuf *buf)
{
    return (struct rs_str){buf->data, buf->length};
}

const char *rs_strbuf_cstr(const struct rs_strbuf *buf)
{
    return buf->data ? buf->data : "";
}

void rs_strbuf_reset(struct rs_strbuf *buf)
{
    buf->length = 0;
    buf->overflow = false;
    if (buf->data) {
        buf->data[0] = '\0';
    }
}

char *rs_strbuf_take(struct rs_strbuf *buf)
{
    char *text = buf->data ? buf->data : rs_mem_strdup("");
    *buf = RS_STRBUF_INIT(buf->max_bytes);
    return text;
}

void rs_strbuf_release(struct rs_strbuf *buf)
{
    if (buf->secret && buf->data) {
        rs_mem_wipe(buf->data, buf->capacity);
    }
    rs_mem_free(buf->data);
    *buf = RS_STRBUF_INIT(buf->max_bytes);
}

void rs_strbuf_release_secret(struct rs_strbuf *buf)
{
    rs_strbuf_keep_secret(buf);
    rs_strbuf_release(buf);
}
