/*
 * Names: whatever the key, a name is not empty, not too long, valid UTF-8, no reserved word and
 * none of Segment's fields, and the name of a name is that name.
 */
#include "rs/name.h"

#include <stdlib.h>

#include "codec/utf8.h"
#include "transform/reserved.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void check_identifier(struct rs_str name, size_t limit)
{
    check(name.length > 0 && name.length <= limit);
    check(rs_utf8_valid(name));
    check(!rs_reserved_has(name));
    check(name.data[0] < '0' || name.data[0] > '9');
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        check(letter || c == '_' || (unsigned char)c >= 0x80);
        check(i == 0 || c != '_' || name.data[i - 1] != '_');
    }
    check(name.length == 1 || name.data[name.length - 1] != '_');
}

static struct rs_str without_underscore(struct rs_str name)
{
    return rs_str_slice(name, name.data[0] == '_' && name.length > 1, name.length);
}

/* A name's words are the name itself, so making a name of it again changes nothing. */
static void check_stable(struct rs_str name, size_t limit)
{
    struct rs_strbuf words = RS_STRBUF_INIT(1024);
    rs_name_append_words(&words, name);
    bool mixed = words.length + 1 < name.length; /* cut and hashed: its other letters are gone */
    if (!mixed) {
        struct rs_strbuf again = RS_STRBUF_INIT(1024);
        check(rs_name_make(name, limit, &again));
        check(rs_str_equal(without_underscore(name), without_underscore(rs_strbuf_str(&again))));
        rs_strbuf_release(&again);
    }
    rs_strbuf_release(&words);
}

static void check_property(enum rs_call_type call, struct rs_str key, size_t limit)
{
    struct rs_strbuf words = RS_STRBUF_INIT(2 * key.length + 1);
    struct rs_strbuf name = RS_STRBUF_INIT(RS_NAME_MAX);
    struct rs_strbuf plain = RS_STRBUF_INIT(RS_NAME_MAX);
    rs_name_append_words(&words, key);
    check(rs_strbuf_ok(&words));
    rs_name_property(call, rs_strbuf_str(&words), limit, &name);
    rs_name_finish(rs_strbuf_str(&words), limit, &plain);
    check(rs_strbuf_ok(&name) && rs_strbuf_ok(&plain));
    check_identifier(rs_strbuf_str(&name), limit);
    check_identifier(rs_strbuf_str(&plain), limit);
    check_stable(rs_strbuf_str(&plain), limit);
    check(!rs_name_is_segment_field(call, rs_strbuf_str(&name)));
    rs_strbuf_release(&plain);
    rs_strbuf_release(&name);
    rs_strbuf_release(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    enum rs_call_type call = (enum rs_call_type)(data[0] % RS_CALL_COUNT);
    size_t limit = RS_NAME_MIN + data[1] % (RS_NAME_MAX - RS_NAME_MIN + 1);
    struct rs_str key = {(const char *)data + 2, size - 2};
    check_property(call, key, limit);

    struct rs_strbuf name = RS_STRBUF_INIT(RS_NAME_MAX);
    rs_name_table(key, limit, &name);
    check(rs_strbuf_ok(&name));
    check_identifier(rs_strbuf_str(&name), limit);
    check(!rs_str_starts(rs_strbuf_str(&name), RS_STR("rs_")));
    check(!rs_str_equal(rs_strbuf_str(&name), RS_STR("tracks")));
    rs_strbuf_reset(&name);
    rs_name_schema(key, limit, &name);
    check_identifier(rs_strbuf_str(&name), limit);
    check(!rs_str_starts(rs_strbuf_str(&name), RS_STR("pg_")));
    rs_strbuf_release(&name);
    return 0;
}
