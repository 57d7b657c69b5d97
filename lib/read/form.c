/*
 * A table of first bytes, and rules for what has none. Rules are asked only of what has no line that
 * begins as JSON does, so that a file of events with junk before them is read: its junk is a reject.
 */
#include "read/form.h"

#include <string.h>

enum {
    TAR_BLOCK = 512,
    TAR_SUM = 148, /* where a header has its checksum */
    TAR_SUM_DIGITS = 8,
    TAR_MAGIC = 257,
};

struct form {
    struct rs_str mark;
    const char *label;
    const char *hint;
};

#define FROM(command) "make NDJSON of it: " command " | rs-sync ... -"

static const struct form marked[] = {
    {RS_STR_INIT("\x1f\x8b"), "gzip data within compressed data",
     "decompress it: gzip -dc FILE | gzip -dc | rs-sync ... -"},
    {RS_STR_INIT("\x28\xb5\x2f\xfd"), "zstd data within compressed data",
     "decompress it: zstd -dc FILE | zstd -dc | rs-sync ... -"},
    {RS_STR_INIT("BZh"), "bzip2 data", "decompress it: bzip2 -dc FILE | rs-sync ... -"},
    {RS_STR_INIT("\xfd"
                 "7zX"),
     "xz data", "decompress it: xz -dc FILE | rs-sync ... -"},
    {RS_STR_INIT("\x04\x22\x4d\x18"), "lz4 data", "decompress it: lz4 -dc FILE | rs-sync ... -"},
    {RS_STR_INIT("\x1f\x9d"), "data of compress",
     "decompress it: uncompress -c FILE | rs-sync ... -"},
    {RS_STR_INIT("\xff\x06\0\0sNaPpY"), "snappy data",
     "decompress it: snzip -dc FILE | rs-sync ... -"},
    {RS_STR_INIT("PK\x03\x04"), "a zip archive", "take it apart: unzip -p FILE | rs-sync ... -"},
    {RS_STR_INIT("PK\x05\x06"), "an empty zip archive", "nothing is in it: leave it out"},
    {RS_STR_INIT("7z\xbc\xaf\x27\x1c"), "a 7z archive",
     "take it apart: 7z x -so FILE | rs-sync ... -"},
    {RS_STR_INIT("Rar!\x1a\x07"), "a rar archive",
     "take it apart: unrar p -inul FILE | rs-sync ... -"},
    {RS_STR_INIT("PAR1"), "Parquet data",
     FROM("duckdb -c \"COPY (FROM 'FILE') TO '/dev/stdout' (FORMAT json)\"")},
    {RS_STR_INIT("Obj\x01"), "Avro data", FROM("avro-tools tojson FILE")},
    {RS_STR_INIT("ORC"), "ORC data", FROM("orc-contents FILE")},
    {RS_STR_INIT("ARROW1"), "Arrow data", "make NDJSON of it, which has an event a line"},
    {RS_STR_INIT("SQLite format 3"), "an SQLite database",
     "make NDJSON of a table of it, which has an event a line"},
    {RS_STR_INIT("%PDF-"), "a PDF document", "name a file with events in JSON"},
    {RS_STR_INIT("\xff\xfe"), "UTF-16 text",
     "convert it: iconv -f UTF-16 -t UTF-8 FILE | rs-sync ... -"},
    {RS_STR_INIT("\xfe\xff"), "UTF-16 text",
     "convert it: iconv -f UTF-16 -t UTF-8 FILE | rs-sync ... -"},
};

static const struct form tar = {RS_STR_INIT(""), "a tar archive",
                                "take it apart: tar -xOf FILE | rs-sync ... -"};
static const struct form html = {
    RS_STR_INIT(""), "an HTML page, not events in JSON",
    "perhaps it is an error's page in place of the file: look into it"};
static const struct form xml = {RS_STR_INIT(""), "XML, not events in JSON",
                                "perhaps it is an error's text in place of the file: look into it"};
static const struct form csv = {RS_STR_INIT(""), "CSV, not events in JSON",
                                FROM("mlr --icsv --ojsonl cat FILE")};
static const struct form utf16 = {RS_STR_INIT(""), "UTF-16 text",
                                  "convert it: iconv -f UTF-16LE -t UTF-8 FILE | rs-sync ... -"};
static const struct form binary = {RS_STR_INIT(""), "binary data, not events in JSON",
                                   "name files with events in JSON: NDJSON, arrays, or bodies of "
                                   "Segment's batch call, plain or as gzip or zstd"};

/* --- rules ---------------------------------------------------------------------------------------- */

/* A header's checksum counts its own place as blanks; some have counted bytes as signed. */
static bool is_tar(struct rs_str head)
{
    long wanted = 0;
    long sum = 0;
    long signed_sum = 0;
    if (head.length < TAR_BLOCK || head.data[0] == '\0') {
        return false;
    }
    for (size_t i = TAR_SUM; i < TAR_SUM + TAR_SUM_DIGITS; i++) {
        bool digit = head.data[i] >= '0' && head.data[i] <= '7';
        wanted = digit ? wanted * 8 + (head.data[i] - '0') : wanted;
    }
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        bool in_sum = i >= TAR_SUM && i < TAR_SUM + TAR_SUM_DIGITS;
        sum += in_sum ? ' ' : (unsigned char)head.data[i];
        signed_sum += in_sum ? ' ' : (signed char)head.data[i];
    }
    return memcmp(head.data + TAR_MAGIC, "ustar", 5) == 0 || sum == wanted || signed_sum == wanted;
}

static struct rs_str next_line(struct rs_str *left)
{
    size_t end = rs_str_find_byte(*left, '\n');
    bool found = end != SIZE_MAX;
    struct rs_str line = rs_str_slice(*left, 0, found ? end : left->length);
    *left = rs_str_slice(*left, found ? end + 1 : left->length, left->length);
    return line;
}

/* Whether a line begins as an event or an array of them does. */
static bool has_json(struct rs_str head)
{
    while (head.length > 0) {
        struct rs_str line = rs_str_trim(next_line(&head));
        if (line.length > 0 &&
            (line.data[0] == '{' || line.data[0] == '[' || line.data[0] == 0x1e)) {
            return true;
        }
    }
    return false;
}

static bool begins(struct rs_str text, const char *with)
{
    size_t length = strlen(with);
    for (size_t i = 0; i < length; i++) {
        char byte = i < text.length ? text.data[i] : '\0';
        byte = byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
        if (byte != with[i]) {
            return false;
        }
    }
    return true;
}

/* Fields of a line of CSV by one separator; 0 where the line is none. */
static size_t count_fields(struct rs_str line, char separator)
{
    size_t fields = 1;
    bool quoted = false;
    for (size_t i = 0; i < line.length; i++) {
        quoted = quoted != (line.data[i] == '"');
        fields += line.data[i] == separator && !quoted ? 1 : 0;
    }
    return quoted ? 0 : fields;
}

/* Two lines of as many fields, the first of which names them: letters, digits, and little else. */
static bool is_csv(struct rs_str head)
{
    static const char separators[] = ",;\t|";
    struct rs_str names = rs_str_trim(next_line(&head));
    struct rs_str values = rs_str_trim(next_line(&head));
    for (size_t i = 0; i < names.length; i++) {
        unsigned char byte = (unsigned char)names.data[i];
        bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        bool digit = byte >= '0' && byte <= '9';
        if (!letter && !digit && byte < 0x80 && strchr("_.-\" ,;\t|", byte) == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof separators - 1; i++) {
        size_t fields = count_fields(names, separators[i]);
        if (fields > 1 && fields == count_fields(values, separators[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a text that does not begin as JSON has many of the bytes that no text has. */
static bool is_noise(struct rs_str head)
{
    enum { FEW = 16 };
    struct rs_str text = rs_str_trim(head);
    size_t strange = 0;
    for (size_t i = 0; i < head.length; i++) {
        unsigned char byte = (unsigned char)head.data[i];
        strange += byte == 0x7f || (byte < ' ' && !memchr("\t\n\r\f\x1b\x1e", byte, 6)) ? 1 : 0;
    }
    return strange > head.length / FEW && text.data[0] != '{' && text.data[0] != '[';
}

static const struct form *find_form(struct rs_str head)
{
    for (size_t i = 0; i < RS_COUNTOF(marked); i++) {
        if (rs_str_starts(head, marked[i].mark)) {
            return &marked[i];
        }
    }
    if (is_tar(head)) {
        return &tar;
    }
    if (head.length > 3 && head.data[1] == '\0' && head.data[3] == '\0' && head.data[0] != '\0') {
        return &utf16;
    }
    if (is_noise(head)) {
        return &binary;
    }
    if (head.length == 0 || has_json(head)) {
        return NULL;
    }
    struct rs_str text = rs_str_trim(head);
    if (begins(text, "<!doctype html") || begins(text, "<html")) {
        return &html;
    }
    if (begins(text, "<?xml") || begins(text, "<error>")) {
        return &xml;
    }
    return memchr(head.data, '\0', head.length) ? &binary : is_csv(text) ? &csv : NULL;
}

bool rs_form_check(const char *name, struct rs_str head, struct rs_error *err)
{
    const struct form *form = find_form(head);
    if (!form) {
        return true;
    }
    (void)rs_error_set(err, RS_E_INPUT, "could not read \"%s\": it is %s", name, form->label);
    return rs_error_hint(err, "%s", form->hint);
}
