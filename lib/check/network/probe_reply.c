/*
 * What a server's first bytes mean. Nothing in them is believed: lengths are compared with what is
 * there, and text for a person is made of characters that can be shown.
 */
#include "check/network/probe_reply.h"

#include <stdio.h>
#include <string.h>

#include "codec/utf8.h"

enum {
    HEADER = 5,               /* a type and a length that counts itself */
    TEXT_ERROR_MIN = 1 << 24, /* as a length: the letters of an error before protocol 3 */
    SHOWN_MAX = 60,
};

/* What listens where PostgreSQL was looked for, by how it begins. */
static const struct {
    struct rs_str begin;
    const char *what;
} foreign[] = {
    {RS_STR_INIT("SSH-"), "an SSH server"},
    {RS_STR_INIT("HTTP/"), "a web server (HTTP)"},
    {RS_STR_INIT("<html"), "a web server (HTTP)"},
    {RS_STR_INIT("<!DOC"), "a web server (HTTP)"},
    {RS_STR_INIT("\x15\x03"), "a server that wants TLS from the first byte, as HTTPS does"},
    {RS_STR_INIT("220 "), "a mail or FTP server"},
    {RS_STR_INIT("220-"), "a mail or FTP server"},
    {RS_STR_INIT("-ERR"), "a Redis server"},
    {RS_STR_INIT("* OK"), "a mail server"},
};

/* Copy what can be shown, up to room; anything else is a blank or U+FFFD's poor cousin "?". */
static void show(struct rs_str from, char *out, size_t room)
{
    const char *end = from.data + from.length;
    size_t length = 0;
    for (const char *p = from.data; p < end;) {
        uint32_t code = 0;
        const size_t bytes = rs_utf8_decode(p, end, &code);
        const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
                             code == 0x2029 || (code >= 0x202a && code <= 0x202e);
        const size_t wanted = bytes && !control ? bytes : 1;
        if (length + wanted >= room) {
            break;
        }
        if (bytes && !control) {
            memcpy(out + length, p, bytes);
        } else {
            out[length] = bytes ? ' ' : '?';
        }
        length += wanted;
        p += bytes ? bytes : 1;
    }
    out[length] = '\0';
}

static enum rs_probe_answer say(struct rs_probe_reply *out, enum rs_probe_answer answer)
{
    out->answer = answer;
    return answer;
}

static bool is_mysql(struct rs_str bytes)
{
    return bytes.length > 5 && bytes.data[2] == 0 && bytes.data[3] == 0 && bytes.data[4] == 10;
}

static enum rs_probe_answer say_foreign(struct rs_str bytes, struct rs_probe_reply *out)
{
    char shown[SHOWN_MAX];
    for (size_t i = 0; i < RS_COUNTOF(foreign); i++) {
        if (rs_str_starts(bytes, foreign[i].begin)) {
            (void)snprintf(out->message, sizeof out->message, "%s", foreign[i].what);
            return say(out, RS_PROBE_FOREIGN);
        }
    }
    if (is_mysql(bytes)) {
        (void)snprintf(out->message, sizeof out->message, "a MySQL server");
        return say(out, RS_PROBE_FOREIGN);
    }
    show(rs_str_slice(bytes, 0, 40), shown, sizeof shown);
    (void)snprintf(out->message, sizeof out->message, "something that begins with \"%s\"", shown);
    return say(out, RS_PROBE_FOREIGN);
}

static bool looks_foreign(struct rs_str bytes)
{
    for (size_t i = 0; i < RS_COUNTOF(foreign); i++) {
        if (rs_str_starts(bytes, foreign[i].begin)) {
            return true;
        }
    }
    return is_mysql(bytes);
}

static uint32_t read_u32(const char *at)
{
    uint32_t number = 0;
    for (size_t i = 0; i < 4; i++) {
        number = number << 8 | (uint8_t)at[i];
    }
    return number;
}

/* The fields of an ErrorResponse: a letter and a text each, a zero at the end. */
static void read_fields(struct rs_str fields, struct rs_probe_reply *out)
{
    while (fields.length > 1 && fields.data[0] != '\0') {
        const char letter = fields.data[0];
        struct rs_str rest = rs_str_slice(fields, 1, fields.length);
        const size_t end = rs_str_find_byte(rest, '\0');
        struct rs_str text = rs_str_slice(rest, 0, end);
        if (letter == 'C') {
            show(text, out->code, sizeof out->code);
        } else if (letter == 'M') {
            show(text, out->message, sizeof out->message);
        }
        fields = end == SIZE_MAX ? RS_STR("") : rs_str_slice(rest, end + 1, rest.length);
    }
}

/* An error that is there, or as much of it as is ever looked at. */
static enum rs_probe_answer read_error(struct rs_str bytes, struct rs_probe_reply *out)
{
    if (bytes.length < HEADER) {
        return RS_PROBE_MORE;
    }
    const uint32_t length = read_u32(bytes.data + 1);
    if (length >= TEXT_ERROR_MIN) {
        const size_t end = rs_str_find_byte(bytes, '\0');
        if (end == SIZE_MAX && bytes.length < RS_PROBE_REPLY_MAX) {
            return RS_PROBE_MORE;
        }
        show(rs_str_trim(rs_str_slice(bytes, 1, end)), out->message, sizeof out->message);
        return say(out, RS_PROBE_ERROR);
    }
    if (length < 4) {
        return say_foreign(bytes, out);
    }
    if (bytes.length < (size_t)length + 1 && bytes.length < RS_PROBE_REPLY_MAX) {
        return RS_PROBE_MORE;
    }
    read_fields(rs_str_slice(bytes, HEADER, (size_t)length + 1), out);
    return say(out, RS_PROBE_ERROR);
}

enum rs_probe_answer rs_probe_parse_tls(struct rs_str bytes, struct rs_probe_reply *out)
{
    *out = (struct rs_probe_reply){.answer = RS_PROBE_MORE};
    if (bytes.length == 0) {
        return RS_PROBE_MORE;
    }
    if (looks_foreign(bytes)) {
        return say_foreign(bytes, out);
    }
    switch (bytes.data[0]) {
    case 'S':
        return say(out, bytes.length == 1 ? RS_PROBE_TLS : RS_PROBE_TAMPERED);
    case 'N':
        return say(out, RS_PROBE_NO_TLS);
    case 'E':
        return read_error(bytes, out);
    default:
        return say_foreign(bytes, out);
    }
}

enum rs_probe_answer rs_probe_parse_startup(struct rs_str bytes, struct rs_probe_reply *out)
{
    *out = (struct rs_probe_reply){.answer = RS_PROBE_MORE};
    while (bytes.length > 0) {
        const char type = bytes.data[0];
        if (type == 'E') {
            return read_error(bytes, out);
        }
        if (looks_foreign(bytes) || !strchr("RNv", type)) { /* request, notice, version */
            return say_foreign(bytes, out);
        }
        if (bytes.length < HEADER) {
            return RS_PROBE_MORE;
        }
        const uint32_t length = read_u32(bytes.data + 1);
        if (length < 4 || length >= RS_PROBE_REPLY_MAX || (type == 'R' && length < 8)) {
            return say_foreign(bytes, out);
        }
        if (bytes.length < (size_t)length + 1) {
            return RS_PROBE_MORE;
        }
        if (type == 'R') {
            out->auth = read_u32(bytes.data + HEADER);
            return say(out, out->auth == 0 ? RS_PROBE_LETS_IN : RS_PROBE_ASKS);
        }
        bytes = rs_str_slice(bytes, (size_t)length + 1, bytes.length);
    }
    return RS_PROBE_MORE;
}
