/*
 * A key is read as words, byte by byte: a run of upper-case letters and digits and then a run of
 * lower-case letters and digits. Only a key without any such word is looked at again as UTF-8.
 * A finished name is the words, at most one '_' before them, and a hash in place of the end when
 * it is too long. Words never begin or end with '_' and never have two in a row, so the one '_' in
 * front tells a property from the standard column that it would meet.
 */
#include "rs/name.h"

#include "codec/digest.h"
#include "codec/utf8.h"
#include "transform/reserved.h"
#include "transform/unicode.h"

enum { HASH_DIGITS = 8 };

static inline bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Append '_', unless path is empty, and the word with its ASCII letters in lower case. */
static void append_word(struct rs_strbuf *path, const char *word, size_t length)
{
    bool joined = path->length > 0;
    char *place = rs_strbuf_reserve(path, length + joined);
    if (!place) {
        return;
    }
    if (joined) {
        *place++ = '_';
    }
    for (size_t i = 0; i < length; i++) {
        place[i] = (char)(is_upper(word[i]) ? word[i] + ('a' - 'A') : word[i]);
    }
    rs_strbuf_commit(path, length + joined);
}

/* Append the words of ASCII letters and digits; false when there is none. */
static bool append_ascii_words(struct rs_strbuf *path, struct rs_str key)
{
    const char *p = key.data;
    size_t i = 0;
    bool found = false;
    while (i < key.length) {
        size_t begin = i;
        while (i < key.length && (is_upper(p[i]) || is_digit(p[i]))) {
            i++;
        }
        while (i < key.length && (is_lower(p[i]) || is_digit(p[i]))) {
            i++;
        }
        if (i > begin) {
            append_word(path, p + begin, i - begin);
            found = true;
        } else {
            i++;
        }
    }
    return found;
}

/* Append the runs of letters of a key that has no ASCII letter and no digit. */
static void append_other_words(struct rs_strbuf *path, struct rs_str key)
{
    const char *p = key.data;
    size_t begin = 0;
    size_t i = 0;
    while (i < key.length) {
        uint32_t code = 0;
        size_t bytes = rs_utf8_decode(p + i, p + key.length, &code);
        if (bytes > 1 && rs_unicode_is_letter(code)) {
            i += bytes;
            continue;
        }
        if (i > begin) {
            append_word(path, p + begin, i - begin);
        }
        i += bytes > 0 ? bytes : 1;
        begin = i;
    }
    if (i > begin) {
        append_word(path, p + begin, i - begin);
    }
}

void rs_name_append_words(struct rs_strbuf *path, struct rs_str key)
{
    if (!append_ascii_words(path, key)) {
        append_other_words(path, key);
    }
}

/* Append a full name cut to limit bytes, with '_' and a hash of all of it. */
static void append_cut(struct rs_str full, size_t limit, struct rs_strbuf *out)
{
    unsigned char digest[RS_SHA256_BYTES];
    char hex[HASH_DIGITS];
    rs_sha256(full, digest);
    rs_hex(digest, HASH_DIGITS / 2, hex);

    limit = limit < RS_NAME_MIN ? RS_NAME_MIN : limit;
    size_t length = rs_utf8_cut(full, limit - HASH_DIGITS - 1);
    while (length > 0 && full.data[length - 1] == '_') {
        length--; /* the name of a name is that name: never two '_' in a row */
    }
    rs_strbuf_append_bytes(out, full.data, length);
    rs_strbuf_append_char(out, '_');
    rs_strbuf_append_bytes(out, hex, HASH_DIGITS);
}

/* Append words, after a '_' if one is asked for, no longer than limit. */
static void append_name(bool underscore, struct rs_str words, size_t limit, struct rs_strbuf *out)
{
    if (words.length + underscore <= limit) {
        if (underscore) {
            rs_strbuf_append_char(out, '_');
        }
        rs_strbuf_append_str(out, words);
        return;
    }
    struct rs_strbuf full = RS_STRBUF_INIT(words.length + 1);
    if (underscore) {
        rs_strbuf_append_char(&full, '_');
    }
    rs_strbuf_append_str(&full, words);
    append_cut(rs_strbuf_str(&full), limit, out);
    rs_strbuf_release(&full);
}

/* The words are no name as they are, in any place. */
static bool needs_underscore(struct rs_str words)
{
    return words.length == 0 || is_digit(words.data[0]) || rs_reserved_has(words);
}

static bool is_one_of(struct rs_str name, const struct rs_str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rs_str_equal(name, list[i])) {
            return true;
        }
    }
    return false;
}

bool rs_name_is_table_of_ours(struct rs_str name)
{
    static const struct rs_str tables[] = {
        RS_STR_INIT("tracks"),   RS_STR_INIT("identifies"), RS_STR_INIT("users"),
        RS_STR_INIT("pages"),    RS_STR_INIT("screens"),    RS_STR_INIT("groups"),
        RS_STR_INIT("accounts"), RS_STR_INIT("aliases"),
    };
    return rs_str_starts(name, RS_STR("rs_")) || is_one_of(name, tables, RS_COUNTOF(tables));
}

static bool is_schema_of_the_database(struct rs_str name)
{
    return rs_str_starts(name, RS_STR("pg_")) || rs_str_equal(name, RS_STR("information_schema"));
}

/* The words of one key, to be released. */
static struct rs_strbuf words_of(struct rs_str raw)
{
    struct rs_strbuf words = RS_STRBUF_INIT(2 * raw.length + 1);
    rs_name_append_words(&words, raw);
    return words;
}

void rs_name_finish(struct rs_str words, size_t limit, struct rs_strbuf *out)
{
    append_name(needs_underscore(words), words, limit, out);
}

bool rs_name_make(struct rs_str raw, size_t limit, struct rs_strbuf *out)
{
    struct rs_strbuf words = words_of(raw);
    rs_name_finish(rs_strbuf_str(&words), limit, out);
    rs_strbuf_release(&words);
    return rs_strbuf_ok(out);
}

bool rs_name_is_segment_field(enum rs_call_type call, struct rs_str name)
{
    static const struct rs_str fields[] = {
        RS_STR_INIT("id"),        RS_STR_INIT("message_id"),         RS_STR_INIT("anonymous_id"),
        RS_STR_INIT("user_id"),   RS_STR_INIT("received_at"),        RS_STR_INIT("sent_at"),
        RS_STR_INIT("timestamp"), RS_STR_INIT("original_timestamp"), RS_STR_INIT("uuid_ts"),
    };
    if (rs_str_starts(name, RS_STR("context_")) || is_one_of(name, fields, RS_COUNTOF(fields))) {
        return true;
    }
    switch (call) {
    case RS_CALL_TRACK:
        return rs_str_equal(name, RS_STR("event")) || rs_str_equal(name, RS_STR("event_text"));
    case RS_CALL_GROUP:
        return rs_str_equal(name, RS_STR("group_id"));
    case RS_CALL_ALIAS:
        return rs_str_equal(name, RS_STR("previous_id"));
    case RS_CALL_IDENTIFY:
    case RS_CALL_PAGE:
    case RS_CALL_SCREEN:
    case RS_CALL_COUNT:
        break;
    }
    return false;
}

void rs_name_property(enum rs_call_type call, struct rs_str words, size_t limit,
                      struct rs_strbuf *out)
{
    append_name(needs_underscore(words) || rs_name_is_segment_field(call, words), words, limit,
                out);
}

void rs_name_table(struct rs_str raw_event, size_t limit, struct rs_strbuf *out)
{
    struct rs_strbuf words = words_of(raw_event);
    struct rs_str name = rs_strbuf_str(&words);
    append_name(needs_underscore(name) || rs_name_is_table_of_ours(name), name, limit, out);
    rs_strbuf_release(&words);
}

void rs_name_schema(struct rs_str raw_slug, size_t limit, struct rs_strbuf *out)
{
    struct rs_strbuf words = words_of(raw_slug);
    struct rs_str name = rs_strbuf_str(&words);
    append_name(needs_underscore(name) || is_schema_of_the_database(name), name, limit, out);
    rs_strbuf_release(&words);
}
