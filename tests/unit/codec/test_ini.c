/*
 * The dialect of AWS's shared files: what is found, what goes on, and what is refused with a line.
 */
#include "codec/ini.h"

#include <string.h>

#include "base/mem.h"
#include "rs/strbuf.h"
#include "unit.h"

static struct rs_ini *parse(const char *text)
{
    struct rs_error err = {0};
    struct rs_ini *ini = rs_ini_parse(rs_str_from(text), "config", &err);
    if (!ini) {
        fail_msg("%s", err.message);
    }
    return ini;
}

struct found {
    const char *label;
    const char *text;
    const char *kind;
    const char *section;
    const char *key;
    const char *value; /* NULL: there is none */
};

static void check_found(const struct found *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rs_ini *ini = parse(cases[i].text);
        const char *value = rs_ini_find(ini, cases[i].kind, cases[i].section, cases[i].key);
        if (!value != !cases[i].value || (value && strcmp(value, cases[i].value) != 0)) {
            fail_msg("%s: found \"%s\"", cases[i].label, value ? value : "(none)");
        }
        rs_ini_free(ini);
    }
}

static void test_ini__finds_sections_by_kind_and_name(void **state)
{
    static const struct found cases[] = {
        {"no kind", "[default]\na = 1\n", "", "default", "a", "1"},
        {"a kind", "[profile tea]\na = 1\n", "profile", "tea", "a", "1"},
        {"a kind is not left out", "[profile tea]\na = 1\n", "", "tea", "a", NULL},
        {"nor put in", "[tea]\na = 1\n", "profile", "tea", "a", NULL},
        {"nor cut off", "[profiletea]\na = 1\n", "profile", "tea", "a", NULL},
        {"blanks around", "[ \tprofile \t tea\t ]\na = 1", "profile", "tea", "a", "1"},
        {"in quotes", "[profile \"green tea\"]\na = 1", "profile", "green tea", "a", "1"},
        {"in single quotes", "['green tea']\na = 1", "", "green tea", "a", "1"},
        {"a bracket in quotes", "[profile 'a]b']\na = 1", "profile", "a]b", "a", "1"},
        {"marks", "[profile some-thing:long/the_one%only.foo@bar+]\na=1", "profile",
         "some-thing:long/the_one%only.foo@bar+", "a", "1"},
        {"case counts", "[profile Tea]\na = 1", "profile", "tea", "a", NULL},
        {"a comment after", "[profile tea]# x\na = 1\n[x] ; y", "profile", "tea", "a", "1"},
        {"three words", "[profile green tea]\na = 1", "profile", "green", "a", NULL},
        {"a quote within", "[profile o'neill]\na = 1", "profile", "o'neill", "a", "1"},
        {"twice is one", "[a]\nx = 1\n[b]\ny = 2\n[a]\nz = 3", "", "a", "x", "1"},
        {"twice is one, later", "[a]\nx = 1\n[b]\ny = 2\n[a]\nz = 3", "", "a", "z", "3"},
        {"other section", "[a]\nx = 1\n[b]\ny = 2\n", "", "a", "y", NULL},
        {"a mark of byte order", "\xef\xbb\xbf[a]\nx = 1", "", "a", "x", "1"},
    };

    (void)state;
    check_found(cases, RS_COUNTOF(cases));
}

static void test_ini__reads_values(void **state)
{
    static const struct found cases[] = {
        {"blanks", "[a]\nx \t=  \tv w \t", "", "a", "x", "v w"},
        {"no blanks", "[a]\nx=v", "", "a", "x", "v"},
        {"CR LF", "[a]\r\nx = v\r\ny = w\r\n", "", "a", "x", "v"},
        {"equals signs", "[a]\nx = a=b==", "", "a", "x", "a=b=="},
        {"UTF-8", "[a]\nx = caf\xc3\xa9", "", "a", "x", "caf\xc3\xa9"},
        {"empty", "[a]\nx =\ny = 1", "", "a", "x", ""},
        {"the last holds", "[a]\nx = 1\nx = 2", "", "a", "x", "2"},
        {"keys in any case", "[a]\nX_Y = 1\nx_y = 2\nX_y = 3", "", "a", "x_y", "3"},
        {"a comment", "[a]\nx = v # c # d", "", "a", "x", "v"},
        {"a comment of the other kind", "[a]\nx = v ; c", "", "a", "x", "v"},
        {"a comment at once", "[a]\nx = # c", "", "a", "x", ""},
        {"no comment without a blank", "[a]\nx = v# c", "", "a", "x", "v# c"},
        {"whole lines", "; c\n#\n[a]\n# x = 1\nx = v\n  # c\n", "", "a", "x", "v"},
        {"blank lines", "\t \n[a]\n\n \t\nx = v\n", "", "a", "x", "v"},
        {"a key with a blank is nothing that is looked for", "[a]\nx y = 1\nz = 2", "", "a", "z",
         "2"},
        {"nothing", "[a]\nx = 1", "", "a", "y", NULL},
    };

    (void)state;
    check_found(cases, RS_COUNTOF(cases));
}

static void test_ini__goes_on_below_a_value(void **state)
{
    static const char nested[] = "[profile a]\ns3 =\n  Max = 4 # c\n\n  # c\n  addressing = path\n"
                                 "region = r\n[services b]\nredshift = \n endpoint_url = http://x\n"
                                 "sts=\n endpoint_url = http://y";
    static const struct found cases[] = {
        {"a line more", "[a]\nx = v\n -w", "", "a", "x", "v\n-w"},
        {"two lines more", "[a]\nx = v  \n \t -w\t \n\tu\ny = z", "", "a", "x", "v\n-w\nu"},
        {"what follows", "[a]\nx = v  \n \t -w\t \n\tu\ny = z", "", "a", "y", "z"},
        {"no comments there", "[a]\nx = v\n -w # c", "", "a", "x", "v\n-w # c"},
        {"after a comment", "[a]\nx = v # long comment\n w", "", "a", "x", "v\nw"},
        {"with CR LF", "[a]\r\nx = v\r\n w\r\n", "", "a", "x", "v\nw"},
        {"nested", nested, "profile", "a", "s3.max", "4"},
        {"nested, second", nested, "profile", "a", "s3.addressing", "path"},
        {"nested is not outside", nested, "profile", "a", "max", NULL},
        {"outside is not nested", nested, "profile", "a", "s3.region", NULL},
        {"below nested ones", nested, "profile", "a", "region", "r"},
        {"the outer one", nested, "profile", "a", "s3", ""},
        {"of one service", nested, "services", "b", "redshift.endpoint_url", "http://x"},
        {"of the other", nested, "services", "b", "sts.endpoint_url", "http://y"},
        {"half a key", nested, "services", "b", "redshif.endpoint_url", NULL},
    };

    (void)state;
    check_found(cases, RS_COUNTOF(cases));
}

static void test_ini__refuses_with_the_line(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"x = v", "line 1: expected a section first, as in \"[default]\""},
        {"\n\n v", "line 3: expected a setting above a line that begins with a blank"},
        {"[a]\n v", "line 2: expected a setting above a line that begins with a blank"},
        {"[a]\nx = v\n[a]\n w", "line 4: expected a setting above a line that begins with a blank"},
        {"[a", "line 1: expected \"]\" after the name of a section"},
        {"[\"a]", "line 1: expected \"]\" after the name of a section"},
        {"[a] b", "line 1: expected nothing after \"]\""},
        {"[a]\r\nhunter2", "line 2: expected \"key = value\""},
        {"[a]\nx : hunter2", "line 2: expected \"key = value\""},
        {"[a]\n= v", "line 2: expected a key before \"=\""},
        {"[a]\ns3 =\n hunter2", "line 3: expected \"key = value\""},
        {"[a]\ns3 =\n = v", "line 3: expected a key before \"=\""},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf want = RS_STRBUF_INIT(500);
        rs_strbuf_printf(&want, "could not read \"config\": %s", cases[i].why);
        assert_null(rs_ini_parse(rs_str_from(cases[i].text), "config", &err));
        assert_int_equal(err.code, RS_E_CONFIG);
        assert_string_equal(err.message, rs_strbuf_cstr(&want));
        rs_strbuf_release(&want);
    }
}

static void test_ini__refuses_a_nul_and_what_is_too_large(void **state)
{
    struct rs_error err = {0};
    char *large = rs_mem_alloc(RS_INI_MAX_BYTES + 1);

    (void)state;
    assert_null(rs_ini_parse(RS_STR("[a]\nx = v\0w\n"), "config", &err));
    assert_string_equal(err.message, "could not read \"config\": line 2: a byte of value 0");
    rs_error_clear(&err);
    memset(large, '\n', RS_INI_MAX_BYTES + 1);
    rs_ini_free(rs_ini_parse((struct rs_str){large, RS_INI_MAX_BYTES}, "config", &err));
    assert_int_equal(err.code, RS_OK);
    assert_null(rs_ini_parse((struct rs_str){large, RS_INI_MAX_BYTES + 1}, "config", &err));
    assert_int_equal(err.code, RS_E_LIMIT);
    rs_mem_free(large);
}

static void test_ini__lists_sections(void **state)
{
    struct rs_ini *ini = parse("[default]\n[profile tea]\nx = 1\n[a b c]\n[profile tea]\n");
    static const char *const kinds[] = {"", "profile", "", "profile"};
    static const char *const names[] = {"default", "tea", "", "tea"};
    const char *kind = NULL;

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        assert_string_equal(rs_ini_section(ini, i, &kind), names[i]);
        assert_string_equal(kind, kinds[i]);
    }
    assert_null(rs_ini_section(ini, RS_COUNTOF(names), &kind));
    assert_true(rs_ini_has(ini, "", "default"));
    assert_true(rs_ini_has(ini, "profile", "tea"));
    assert_false(rs_ini_has(ini, "profile", "default"));
    rs_ini_free(ini);
    ini = parse("");
    assert_null(rs_ini_section(ini, 0, &kind));
    assert_null(rs_ini_find(ini, "", "default", "x"));
    rs_ini_free(ini);
    rs_ini_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ini__finds_sections_by_kind_and_name),
        cmocka_unit_test(test_ini__reads_values),
        cmocka_unit_test(test_ini__goes_on_below_a_value),
        cmocka_unit_test(test_ini__refuses_with_the_line),
        cmocka_unit_test(test_ini__refuses_a_nul_and_what_is_too_large),
        cmocka_unit_test(test_ini__lists_sections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
