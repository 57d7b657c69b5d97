/* form: what holds no events is refused by name, with a hint that fits; what may hold some is not. */
#include "read/form.h"

#include "unit.h"

static void test_form__what_holds_no_events_is_refused_by_what_it_is(void **state)
{
    (void)state;
    static const struct {
        struct rs_str head;
        const char *label;
        const char *hint;
    } cases[] = {
        {RS_STR_INIT("BZh91AY"), "bzip2 data", "bzip2 -dc"},
        {RS_STR_INIT("\xfd"
                     "7zXZ"),
         "xz data", "xz -dc"},
        {RS_STR_INIT("PK\x03\x04\x14"), "a zip archive", "unzip -p"},
        {RS_STR_INIT("\x1f\x8b\x08"), "gzip data within compressed data",
         "gzip -dc FILE | gzip -dc"},
        {RS_STR_INIT("\x28\xb5\x2f\xfd"), "zstd data within compressed data", "zstd -dc"},
        {RS_STR_INIT("PAR1\x15"), "Parquet data", "duckdb"},
        {RS_STR_INIT("Obj\x01\x02"), "Avro data", "avro-tools tojson"},
        {RS_STR_INIT("ORC\x08"), "ORC data", "orc-contents"},
        {RS_STR_INIT("\xff\xfe{\0"), "UTF-16 text", "iconv"},
        {RS_STR_INIT("{\0\"\0a\0"), "UTF-16 text", "iconv"},
        {RS_STR_INIT("\n <!DOCTYPE HTML><html>"), "an HTML page", "look into it"},
        {RS_STR_INIT("<?xml version=\"1.0\"?>\n<Error>"), "XML", "look into it"},
        {RS_STR_INIT("type,messageId,event\ntrack,m1,\"a, b\"\n"), "CSV", "mlr --icsv"},
        {RS_STR_INIT("\"type\";\"user id\"\r\npage;u1\r\n"), "CSV", "mlr"},
        {RS_STR_INIT("a\tb\n1\t2\n"), "CSV", "mlr"},
        {RS_STR_INIT("ELF\0\1\2"), "binary data", "NDJSON"},
        {RS_STR_INIT("\x8a\x01\x02\x03\x04 abc"), "binary data", "gzip or zstd"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        assert_false(rs_form_check("in", cases[i].head, &err));
        assert_int_equal(err.code, RS_E_INPUT);
        if (!strstr(err.message, cases[i].label) || !strstr(err.hint, cases[i].hint) ||
            strncmp(err.message, "could not read \"in\": it is ", 27) != 0) {
            fail_msg("%zu: %s; %s", i, err.message, err.hint);
        }
    }
}

/* A header of tar, of today or, without the magic, of long ago. */
static void make_tar(char head[1024], bool magic)
{
    unsigned sum = 0;
    memset(head, 0, 1024);
    (void)snprintf(head, 100, "events.ndjson");
    (void)snprintf(head + 100, 48, "%s", "0000644");
    memset(head + 148, ' ', 8);
    if (magic) {
        memcpy(head + 257, "ustar", 5);
    }
    for (size_t i = 0; i < 512; i++) {
        sum += (unsigned char)head[i];
    }
    (void)snprintf(head + 148, 8, "%06o", sum);
    (void)snprintf(head + 512, 100, "{\"type\":\"page\"}\n");
}

static void test_form__a_tar_archive_is_none_of_the_events_in_it(void **state)
{
    (void)state;
    char head[1024];
    for (int magic = 0; magic < 2; magic++) {
        struct rs_error err = {0};
        make_tar(head, magic != 0);
        assert_false(rs_form_check("in", (struct rs_str){head, sizeof head}, &err));
        assert_string_equal(err.message, "could not read \"in\": it is a tar archive");
        assert_string_equal(err.hint, "take it apart: tar -xOf FILE | rs-sync ... -");
    }
}

static void test_form__what_may_hold_events_is_read(void **state)
{
    (void)state;
    static const struct rs_str cases[] = {
        RS_STR_INIT(""),
        RS_STR_INIT("\n\n"),
        RS_STR_INIT("{\"type\":\"page\"}"),
        RS_STR_INIT("{\"a\":\"b\0c\"}\n"),
        RS_STR_INIT("[{}]"),
        RS_STR_INIT("\x1e{}"),
        RS_STR_INIT("nonsense\nmore\n"),
        RS_STR_INIT("hello, world\n"),
        RS_STR_INIT("a,b\n1,2\n{\"type\":\"page\"}\n"),
        RS_STR_INIT("<p>\n{}\n"),
        RS_STR_INIT("'a',1\n'b',2\n"),
        RS_STR_INIT("\"page\"\n17\nnull\n"),
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        if (!rs_form_check("in", cases[i], &err)) {
            fail_msg("%zu: %s", i, err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form__what_holds_no_events_is_refused_by_what_it_is),
        cmocka_unit_test(test_form__a_tar_archive_is_none_of_the_events_in_it),
        cmocka_unit_test(test_form__what_may_hold_events_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
