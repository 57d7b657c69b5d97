/*
 * One walk over the line notes what stands outside of double quotes; of what was noted the first row
 * of a table that fits is the hint. The walk takes what is no JSON, so it is not the tokenizer.
 */
#include "transform/reject_hint.h"

#include <string.h>

#include "codec/json_token.h"
#include "codec/utf8.h"

enum { SHOWN_MAX = 40 };

/* What was seen outside of strings, but for SEEN_CUT and SEEN_COMMAS. */
enum {
    SEEN_SINGLE_QUOTE = 1 << 0,
    SEEN_PYTHON = 1 << 1,    /* None, True, False */
    SEEN_NAN = 1 << 2,       /* NaN, Infinity */
    SEEN_TRAILING = 1 << 3,  /* a comma before a bracket that closes */
    SEEN_AFTER = 1 << 4,     /* a comma after the object */
    SEEN_BARE_NAME = 1 << 5, /* {name: */
    SEEN_ZEROS = 1 << 6,     /* NUL bytes */
    SEEN_MARKUP = 1 << 7,    /* < at the begin */
    SEEN_BEFORE = 1 << 8,    /* text, and then an object */
    SEEN_CSV = 1 << 9,       /* no bracket at all, and several separators */
    SEEN_QUOTED = 1 << 10,   /* a string that holds an object */
    SEEN_MARK = 1 << 11,     /* a byte-order mark */
    SEEN_CUT = 1 << 12,      /* the line ends within an object or string */
    SEEN_UNDEFINED = 1 << 13,
};

static const struct {
    unsigned seen;
    const char *hint;
} hints[] = {
    {SEEN_ZEROS, "it has NUL bytes, as UTF-16 does: write the events in UTF-8"},
    {SEEN_MARK, "a byte-order mark stands before the object: cut it off"},
    {SEEN_MARKUP, "it looks like HTML or XML: an event is a JSON object"},
    {SEEN_QUOTED, "it is a string that holds JSON: unpack it, as \"jq -c fromjson\" does"},
    {SEEN_CSV, "it looks like CSV: an event is a JSON object, with the name of each value"},
    {SEEN_BEFORE, "text stands before the object, as in a log: cut it off"},
    {SEEN_SINGLE_QUOTE, "its strings are in single quotes, which JSON does not have: Python's "
                        "json.dumps() writes JSON"},
    {SEEN_PYTHON, "None, True and False are Python's words: its json.dumps() writes JSON"},
    {SEEN_NAN, "NaN and Infinity are no JSON: write null, or leave the name out"},
    {SEEN_UNDEFINED, "undefined is JavaScript's word: write null, or leave the name out, as its "
                     "JSON.stringify() does"},
    {SEEN_BARE_NAME, "names stand without quotes: JSON has them in double quotes"},
    {SEEN_TRAILING, "a comma stands before a bracket that closes: JSON has none there"},
    {SEEN_AFTER, "a comma stands behind the object: take it off, or put all into [ and ]"},
    {SEEN_CUT, "it ends before its object does: was it cut, or has a string a line end in it?"},
};

struct walk {
    struct rs_str text;
    size_t at;
    unsigned seen;
    unsigned depth;
    size_t separators;
    bool any_bracket;
    char before; /* the last byte that is no space, outside of strings; '"' after one */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

/* From a double quote behind the one that ends the string. */
static void pass_string(struct walk *walk)
{
    size_t begin = walk->at++;
    while (walk->at < walk->text.length && walk->text.data[walk->at] != '"') {
        walk->at += walk->text.data[walk->at] == '\\' ? 2 : 1;
    }
    if (walk->at >= walk->text.length) {
        walk->seen |= SEEN_CUT;
    }
    struct rs_str rest = rs_str_slice(walk->text, begin + 1, walk->text.length);
    if (walk->before == '\0' && rs_str_starts(rest, RS_STR("{\\\""))) {
        walk->seen |= SEEN_QUOTED;
    }
    walk->at++;
    walk->before = '"';
}

static void pass_word(struct walk *walk)
{
    static const struct {
        struct rs_str word;
        unsigned seen;
    } words[] = {
        {RS_STR_INIT("None"), SEEN_PYTHON},  {RS_STR_INIT("True"), SEEN_PYTHON},
        {RS_STR_INIT("False"), SEEN_PYTHON}, {RS_STR_INIT("NaN"), SEEN_NAN},
        {RS_STR_INIT("nan"), SEEN_NAN},      {RS_STR_INIT("Infinity"), SEEN_NAN},
        {RS_STR_INIT("inf"), SEEN_NAN},      {RS_STR_INIT("undefined"), SEEN_UNDEFINED},
    };
    size_t begin = walk->at;
    while (walk->at < walk->text.length && is_letter(walk->text.data[walk->at])) {
        walk->at++;
    }
    struct rs_str word = rs_str_slice(walk->text, begin, walk->at);
    for (size_t i = 0; i < RS_COUNTOF(words); i++) {
        walk->seen |= walk->depth > 0 && rs_str_equal(word, words[i].word) ? words[i].seen : 0;
    }
    walk->seen |= walk->depth > 0 && walk->before == '{' ? SEEN_BARE_NAME : 0;
    walk->before = 'a';
}

static void pass_byte(struct walk *walk, char c)
{
    if (c == '{' || c == '[') {
        walk->seen |= c == '{' && !walk->any_bracket && walk->before != '\0' ? SEEN_BEFORE : 0;
        walk->any_bracket = true;
        walk->depth++;
    } else if (c == '}' || c == ']') {
        walk->seen |= walk->before == ',' ? SEEN_TRAILING : 0;
        walk->depth -= walk->depth > 0 ? 1 : 0;
    } else if (c == ',' || c == ';' || c == '\t') {
        walk->separators++;
        walk->seen |= c == ',' && walk->before == '}' && walk->depth == 0 ? SEEN_AFTER : 0;
    } else if (c == '\'') {
        walk->seen |= walk->depth > 0 ? SEEN_SINGLE_QUOTE : 0;
    } else if (c == '\0') {
        walk->seen |= SEEN_ZEROS;
    } else if (c == '<' && walk->before == '\0') {
        walk->seen |= SEEN_MARKUP;
    }
    walk->before = rs_json_is_space(c) ? walk->before : c;
    walk->at++;
}

static unsigned look(struct rs_str text, bool whole)
{
    struct walk walk = {.text = text};
    walk.seen |= rs_str_starts(text, RS_STR("\xef\xbb\xbf")) ? SEEN_MARK : 0;
    while (walk.at < text.length) {
        char c = text.data[walk.at];
        if (c == '"') {
            pass_string(&walk);
        } else if (is_letter(c)) {
            pass_word(&walk);
        } else {
            pass_byte(&walk, c);
        }
    }
    walk.seen |= walk.depth > 0 ? SEEN_CUT : 0;
    walk.seen |= !walk.any_bracket && walk.separators > 1 ? SEEN_CSV : 0;
    return whole ? walk.seen : walk.seen & ~(unsigned)SEEN_CUT;
}

/*
 * The text of the member "type" of the object itself, empty where its value is no string; false where
 * the text ends before it. Objects within, as context.device, have types of their own.
 */
static bool find_type(struct rs_str text, struct rs_str *out)
{
    struct walk walk = {.text = text};
    bool named = false; /* the last string was its name */
    while (walk.at < text.length) {
        const size_t begin = walk.at;
        const char c = text.data[begin];
        const char before = walk.before;
        const bool value = named && before == ':' && !rs_json_is_space(c);
        if (c != '"') {
            if (value) {
                *out = RS_STR("");
                return true;
            }
            pass_byte(&walk, c);
            continue;
        }
        pass_string(&walk);
        if (walk.seen & SEEN_CUT) {
            return false;
        }
        struct rs_str string = rs_str_slice(text, begin + 1, walk.at - 1);
        if (value) {
            *out = string;
            return true;
        }
        named = walk.depth == 1 && before != ':' && rs_str_equal(string, RS_STR("type"));
    }
    return false;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A call's name that is not written in lower case. */
static bool is_call(struct rs_str type)
{
    static const struct rs_str calls[] = {RS_STR_INIT("track"), RS_STR_INIT("identify"),
                                          RS_STR_INIT("page"),  RS_STR_INIT("screen"),
                                          RS_STR_INIT("group"), RS_STR_INIT("alias")};
    for (size_t i = 0; i < RS_COUNTOF(calls); i++) {
        bool same = type.length == calls[i].length;
        for (size_t j = 0; same && j < type.length; j++) {
            same = lower(type.data[j]) == calls[i].data[j];
        }
        if (same) {
            return true;
        }
    }
    return false;
}

static void hint_at_type(struct rs_str type, struct rs_strbuf *out)
{
    char shown[SHOWN_MAX * RS_UTF8_GROWTH];
    struct rs_str begin = {type.data, rs_utf8_cut(type, SHOWN_MAX)};
    struct rs_str clean = {shown, rs_utf8_repair(begin, shown)};
    if (type.length == 0) {
        rs_strbuf_append(out, "the type is no text: Segment's events have \"type\":\"track\" and "
                              "the like");
        return;
    }
    rs_strbuf_printf(out, "the type is \"%.*s\": ", RS_STR_ARG(clean));
    if (!is_call(type)) {
        rs_strbuf_append(out, "Segment's are track, identify, page, screen, group and alias");
        return;
    }
    rs_strbuf_append(out, "Segment writes \"");
    for (size_t i = 0; i < type.length; i++) {
        rs_strbuf_append_char(out, lower(type.data[i]));
    }
    rs_strbuf_append(out, "\", in lower case");
}

bool rs_reject_hint(struct rs_str text, bool whole, const char *reason, struct rs_strbuf *out)
{
    struct rs_str type = RS_STR("");
    if (strcmp(reason, RS_REJECT_NO_TYPE) == 0) {
        rs_strbuf_append(out, "nothing says which call it is: Segment's events have "
                              "\"type\":\"track\" and the like at their top level");
        return true;
    }
    if (strcmp(reason, RS_REJECT_OTHER_TYPE) == 0) {
        const bool found = find_type(text, &type);
        if (found) {
            hint_at_type(type, out);
        }
        return found;
    }
    unsigned seen = look(text, whole);
    for (size_t i = 0; i < RS_COUNTOF(hints); i++) {
        if (seen & hints[i].seen) {
            rs_strbuf_append(out, hints[i].hint);
            return true;
        }
    }
    return false;
}
