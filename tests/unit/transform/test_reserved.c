/* Reserved words: each one of Redshift's list is found, and nothing near it. */
#include "transform/reserved.h"

#include <string.h>

#include "unit.h"

/* As the manual lists them, and the system columns: in no order that a search could rest on. */
static const char *const reserved[] = {
    "as",
    "do",
    "in",
    "is",
    "on",
    "or",
    "to",
    "all",
    "and",
    "any",
    "asc",
    "end",
    "for",
    "lun",
    "lzo",
    "new",
    "not",
    "off",
    "oid",
    "old",
    "raw",
    "tag",
    "top",
    "az64",
    "both",
    "case",
    "cast",
    "cmax",
    "cmin",
    "ctid",
    "desc",
    "else",
    "from",
    "full",
    "gzip",
    "into",
    "join",
    "left",
    "like",
    "luns",
    "lzop",
    "null",
    "only",
    "open",
    "some",
    "tdes",
    "then",
    "true",
    "user",
    "when",
    "with",
    "xmax",
    "xmin",
    "array",
    "bzip2",
    "check",
    "cross",
    "delta",
    "false",
    "grant",
    "group",
    "ilike",
    "inner",
    "limit",
    "minus",
    "nulls",
    "order",
    "outer",
    "pivot",
    "right",
    "start",
    "table",
    "union",
    "using",
    "where",
    "aes128",
    "aes256",
    "backup",
    "binary",
    "column",
    "create",
    "defrag",
    "enable",
    "encode",
    "except",
    "freeze",
    "having",
    "ignore",
    "isnull",
    "offset",
    "resort",
    "select",
    "system",
    "unique",
    "unnest",
    "wallet",
    "analyse",
    "analyze",
    "between",
    "collate",
    "connect",
    "default",
    "deflate",
    "disable",
    "encrypt",
    "foreign",
    "leading",
    "mostly8",
    "natural",
    "notnull",
    "offline",
    "percent",
    "placing",
    "primary",
    "recover",
    "respect",
    "restore",
    "similar",
    "sysdate",
    "text255",
    "text32k",
    "unpivot",
    "verbose",
    "without",
    "bytedict",
    "delta32k",
    "distinct",
    "explicit",
    "identity",
    "interval",
    "language",
    "mostly16",
    "mostly32",
    "overlaps",
    "parallel",
    "snapshot",
    "tableoid",
    "trailing",
    "initially",
    "intersect",
    "localtime",
    "partition",
    "readratio",
    "rejectlog",
    "timestamp",
    "constraint",
    "deferrable",
    "encryption",
    "references",
    "credentials",
    "emptyasnull",
    "permissions",
    "blanksasnull",
    "current_date",
    "current_time",
    "current_user",
    "session_user",
    "authorization",
    "globaldict256",
    "globaldict64k",
    "allowoverwrite",
    "localtimestamp",
    "current_user_id",
    "truncatecolumns",
    "current_timestamp",
};

static void test_reserved__every_word_of_the_list_is_found(void **state)
{
    (void)state;
    assert_int_equal(RS_COUNTOF(reserved), 165);
    for (size_t i = 0; i < RS_COUNTOF(reserved); i++) {
        if (!rs_reserved_has(rs_str_from(reserved[i]))) {
            fail_msg("%s is reserved", reserved[i]);
        }
    }
}

static void test_reserved__nothing_near_a_word_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(reserved); i++) {
        char text[64] = "";
        size_t length = strlen(reserved[i]);
        memcpy(text, reserved[i], length);
        text[length] = '0';
        assert_false(rs_reserved_has((struct rs_str){text, length + 1}));
        text[length - 1] = '_';
        assert_false(rs_reserved_has((struct rs_str){text, length}));
        text[length - 1] = (char)(reserved[i][length - 1] & ~0x20);
        bool digit = reserved[i][length - 1] <= '9';
        assert_false(rs_reserved_has((struct rs_str){text, length}) && !digit);
    }
    assert_false(rs_reserved_has(RS_STR("")));
    assert_false(rs_reserved_has(RS_STR("user_id")));
    assert_false(rs_reserved_has(RS_STR("_select")));
    assert_false(rs_reserved_has(RS_STR("zzz")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserved__every_word_of_the_list_is_found),
        cmocka_unit_test(test_reserved__nothing_near_a_word_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
