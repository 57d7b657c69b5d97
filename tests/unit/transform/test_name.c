/* Names: every example of the contract, the underscore in front, the cut, and other scripts. */
#include "rs/name.h"

#include <string.h>

#include "unit.h"

enum { SHORT_LIMIT = 63 }; /* bytes, as in PostgreSQL */

struct name_case {
    const char *raw;
    const char *name;
};

static const enum rs_call_type all_calls[] = {RS_CALL_TRACK,  RS_CALL_IDENTIFY, RS_CALL_PAGE,
                                              RS_CALL_SCREEN, RS_CALL_GROUP,    RS_CALL_ALIAS};

static void assert_made(struct rs_str raw, size_t limit, const char *wanted)
{
    struct rs_strbuf name = RS_STRBUF_INIT(RS_NAME_MAX);
    assert_true(rs_name_make(raw, limit, &name));
    assert_string_equal(rs_strbuf_cstr(&name), wanted);
    rs_strbuf_release(&name);
}

static void assert_property(enum rs_call_type call, const char *raw, const char *wanted)
{
    struct rs_strbuf words = RS_STRBUF_INIT(4096);
    struct rs_strbuf name = RS_STRBUF_INIT(RS_NAME_MAX);
    rs_name_append_words(&words, rs_str_from(raw));
    rs_name_property(call, rs_strbuf_str(&words), RS_NAME_MAX, &name);
    assert_string_equal(rs_strbuf_cstr(&name), wanted);
    rs_strbuf_release(&name);
    rs_strbuf_release(&words);
}

static void test_name__words_are_those_of_the_contract(void **state)
{
    static const struct name_case cases[] = {
        {"sampleText", "sample_text"},
        {"samPLE text", "sam_ple_text"},
        {"SAMPLE 2 TEXT", "sample_2_text"},
        {"CStringRef", "cstring_ref"},
        {"THE5r", "the5r"},
        {"sample___text", "sample_text"},
        {"f_pX9", "f_p_x9"},
        {"2FA Enabled", "_2fa_enabled"},
        {"$something%", "something"},
        {"Signed Up", "signed_up"},
        {"sample text", "sample_text"},
        {"sample-text", "sample_text"},
        {"sample_text", "sample_text"},
        {"inviteYourCustomersAddInvites", "invite_your_customers_add_invites"},
        {"sample 2 Text", "sample_2_text"},
        {"   sample   2    Text   ", "sample_2_text"},
        {"   $#$sample   2    Text   ", "sample_2_text"},
        {"___$$Base64Encode", "base64_encode"},
        {"FOO:BAR$BAZ", "foo_bar_baz"},
        {"something.com", "something_com"},
        {"\xe2\x80\xa2\xc2\xb6\xc2\xa7\xc6\x92\xcb\x9a"
         "foo\xe2\x88\x99\xe2\x88\x86",
         "foo"},
        {"Gr\xc3\xb6\xc3\x9f"
         "e",
         "gr_e"},
        {"a", "a"},
        {"A", "a"},
        {"aB", "a_b"},
        {"AB", "ab"},
        {"ABc", "abc"},
        {"a1B2", "a1_b2"},
        {"_leading_and_trailing_", "leading_and_trailing"},
        {"@[`{", "_"},
        {"a/b:c@d[e`f{g", "a_b_c_d_e_f_g"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_made(rs_str_from(cases[i].raw), RS_NAME_MAX, cases[i].name);
    }
    struct rs_strbuf words = RS_STRBUF_INIT(100);
    rs_name_append_words(&words, RS_STR("2FA Enabled"));
    assert_string_equal(rs_strbuf_cstr(&words), "2fa_enabled");
    rs_strbuf_release(&words);
}

static void test_name__a_path_is_joined_key_by_key(void **state)
{
    static const char *const keys[] = {"context", "", "page", "%", "URL", "\xe6\xb3\xa8", "x y"};
    struct rs_strbuf path = RS_STRBUF_INIT(100);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(keys); i++) {
        rs_name_append_words(&path, rs_str_from(keys[i]));
    }
    assert_string_equal(rs_strbuf_cstr(&path), "context_page_url_\xe6\xb3\xa8_x_y");
    rs_strbuf_release(&path);
}

static void test_name__a_key_without_ascii_keeps_its_letters(void **state)
{
    static const struct name_case cases[] = {
        {"\xe6\xb3\xa8\xe6\x96\x87", "\xe6\xb3\xa8\xe6\x96\x87"},
        {"\xe5\x83\xb9\xe6\xa0\xbc", "\xe5\x83\xb9\xe6\xa0\xbc"},
        {"\xe6\xb3\xa8 \xe6\x96\x87", "\xe6\xb3\xa8_\xe6\x96\x87"},
        {"\xe6\xb3\xa8\xe3\x80\x80\xe6\x96\x87", "\xe6\xb3\xa8_\xe6\x96\x87"},
        {"\xe3\x80\x8c\xe6\xb3\xa8\xe3\x80\x8d!", "\xe6\xb3\xa8"},
        {"\xd1\x86\xd0\xb5\xd0\xbd\xd0\xb0", "\xd1\x86\xd0\xb5\xd0\xbd\xd0\xb0"},
        {"\xff\xe6\xb3\xa8\xe6\x96\xff\xe6\xb3\xa8\x80", "\xe6\xb3\xa8_\xe6\xb3\xa8"},
        {"\xe6\xb3", "_"},
        {"\xed\xa0\x80", "_"},
        {"\xf0\x9f\x98\x80", "_"},
        {"\xe2\x9d\xa4\xef\xb8\x8f", "_"},
        {"\xf0\xa0\x80\x80", "\xf0\xa0\x80\x80"},
        {"\xe2\x82\xac", "_"},
        {"", "_"},
        {"%", "_"},
        {"___", "_"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_made(rs_str_from(cases[i].raw), RS_NAME_MAX, cases[i].name);
    }
    assert_made(RS_STR("\0\0"), RS_NAME_MAX, "_");
    assert_made((struct rs_str){NULL, 0}, RS_NAME_MAX, "_");
}

static void test_name__an_underscore_goes_before_digits_and_reserved_words(void **state)
{
    static const struct name_case cases[] = {
        {"3doctors", "_3doctors"}, {"2", "_2"},
        {"select", "_select"},     {"Order", "_order"},
        {"USER", "_user"},         {"timestamp", "_timestamp"},
        {"oid", "_oid"},           {"tableoid", "_tableoid"},
        {"xmin", "_xmin"},         {"cmin", "_cmin"},
        {"xmax", "_xmax"},         {"cmax", "_cmax"},
        {"ctid", "_ctid"},         {"current_user_id", "_current_user_id"},
        {"selected", "selected"},  {"order_id", "order_id"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_made(rs_str_from(cases[i].raw), RS_NAME_MAX, cases[i].name);
    }
}

static void test_name__a_long_name_is_cut_with_a_hash_of_all_of_it(void **state)
{
    char text[200];
    (void)state;
    memset(text, 'a', sizeof text);
    struct rs_strbuf exact = RS_STRBUF_INIT(200);
    rs_strbuf_append_bytes(&exact, text, RS_NAME_MAX);
    assert_made(rs_strbuf_str(&exact), RS_NAME_MAX, rs_strbuf_cstr(&exact));
    rs_strbuf_release(&exact);

    struct rs_strbuf cut = RS_STRBUF_INIT(200);
    rs_strbuf_append_bytes(&cut, text, 118);
    rs_strbuf_append(&cut, "_6836cf13");
    assert_made((struct rs_str){text, 128}, RS_NAME_MAX, rs_strbuf_cstr(&cut));
    rs_strbuf_reset(&cut);
    rs_strbuf_append_bytes(&cut, text, 54);
    rs_strbuf_append(&cut, "_ffe054fe");
    assert_made((struct rs_str){text, 64}, SHORT_LIMIT, rs_strbuf_cstr(&cut));

    memset(text, '1', 127);
    rs_strbuf_reset(&cut);
    rs_strbuf_append_char(&cut, '_');
    rs_strbuf_append_bytes(&cut, text, 117);
    rs_strbuf_append(&cut, "_20a0d160");
    assert_made((struct rs_str){text, 127}, RS_NAME_MAX, rs_strbuf_cstr(&cut));

    rs_strbuf_reset(&cut);
    for (size_t i = 0; i < 43; i++) {
        memcpy(text + i * 3, "\xe6\xb3\xa8", 3);
    }
    rs_strbuf_append_bytes(&cut, text, 39 * (size_t)3);
    rs_strbuf_append(&cut, "_2906496e");
    assert_made((struct rs_str){text, 43 * 3}, RS_NAME_MAX, rs_strbuf_cstr(&cut));
    rs_strbuf_release(&cut);
}

static void test_name__a_cut_leaves_no_two_underscores(void **state)
{
    char text[74];
    (void)state;
    memset(text, 'a', sizeof text);
    text[53] = ' ';
    memset(text + 54, 'b', 20);
    assert_made((struct rs_str){text, sizeof text}, SHORT_LIMIT,
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_4fa2c8ef");
}

static void test_name__long_names_with_one_beginning_stay_apart(void **state)
{
    char text[300];
    struct rs_strbuf one = RS_STRBUF_INIT(RS_NAME_MAX);
    struct rs_strbuf other = RS_STRBUF_INIT(RS_NAME_MAX);
    (void)state;
    memset(text, 'a', sizeof text);
    assert_true(rs_name_make((struct rs_str){text, 299}, RS_NAME_MAX, &one));
    assert_true(rs_name_make((struct rs_str){text, 300}, RS_NAME_MAX, &other));
    assert_int_equal(one.length, RS_NAME_MAX);
    assert_int_equal(other.length, RS_NAME_MAX);
    assert_string_not_equal(rs_strbuf_cstr(&one), rs_strbuf_cstr(&other));
    rs_strbuf_release(&one);
    rs_strbuf_release(&other);
}

static void test_name__a_property_never_meets_a_field_of_segment(void **state)
{
    static const struct name_case everywhere[] = {
        {"id", "_id"},
        {"messageId", "_message_id"},
        {"anonymousId", "_anonymous_id"},
        {"userId", "_user_id"},
        {"receivedAt", "_received_at"},
        {"sentAt", "_sent_at"},
        {"timestamp", "_timestamp"},
        {"originalTimestamp", "_original_timestamp"},
        {"uuid_ts", "_uuid_ts"},
        {"contextIp", "_context_ip"},
        {"context_page_url", "_context_page_url"},
        {"context", "context"},
        {"contexts_ip", "contexts_ip"},
        {"type", "type"},
        {"version", "version"},
        {"channel", "channel"},
        {"order", "_order"},
        {"3doctors", "_3doctors"},
        {"orderId", "order_id"},
        {"_id", "_id"},
        {"%", "_"},
        {"name", "name"},
        {"category", "category"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(everywhere); i++) {
        for (size_t call = 0; call < RS_CALL_COUNT; call++) {
            assert_property(all_calls[call], everywhere[i].raw, everywhere[i].name);
        }
    }
}

static void test_name__some_fields_are_segments_on_one_call_only(void **state)
{
    static const struct {
        const char *field;
        enum rs_call_type call;
    } cases[] = {
        {"event", RS_CALL_TRACK},
        {"event_text", RS_CALL_TRACK},
        {"group_id", RS_CALL_GROUP},
        {"previous_id", RS_CALL_ALIAS},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        for (size_t call = 0; call < RS_CALL_COUNT; call++) {
            struct rs_strbuf wanted = RS_STRBUF_INIT(100);
            bool own = all_calls[call] == cases[i].call;
            rs_strbuf_append(&wanted, own ? "_" : "");
            rs_strbuf_append(&wanted, cases[i].field);
            assert_property(all_calls[call], cases[i].field, rs_strbuf_cstr(&wanted));
            assert_int_equal(rs_name_is_segment_field(all_calls[call], rs_str_from(cases[i].field)),
                             own);
            rs_strbuf_release(&wanted);
        }
    }
}

static void test_name__an_event_never_meets_a_table_of_ours(void **state)
{
    static const struct name_case cases[] = {
        {"Signed Up", "signed_up"},
        {"Users", "_users"},
        {"tracks", "_tracks"},
        {"Identifies", "_identifies"},
        {"Pages", "_pages"},
        {"screens", "_screens"},
        {"Groups", "_groups"},
        {"accounts", "_accounts"},
        {"aliases", "_aliases"},
        {"rs_syncs", "_rs_syncs"},
        {"RS Loads", "_rs_loads"},
        {"rs-anything else", "_rs_anything_else"},
        {"rs", "rs"},
        {"rsvp", "rsvp"},
        {"user", "_user"},
        {"Order", "_order"},
        {"Order Completed", "order_completed"},
        {"1st Visit", "_1st_visit"},
        {"\xe6\xb3\xa8\xe6\x96\x87", "\xe6\xb3\xa8\xe6\x96\x87"},
        {"!!!", "_"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf name = RS_STRBUF_INIT(RS_NAME_MAX);
        rs_name_table(rs_str_from(cases[i].raw), RS_NAME_MAX, &name);
        assert_string_equal(rs_strbuf_cstr(&name), cases[i].name);
        rs_strbuf_release(&name);
    }
}

static void test_name__a_schema_never_meets_one_of_the_database(void **state)
{
    static const struct name_case cases[] = {
        {"shop", "shop"},
        {"my-source", "my_source"},
        {"Shop Prod", "shop_prod"},
        {"information_schema", "_information_schema"},
        {"pg_catalog", "_pg_catalog"},
        {"pg_x", "_pg_x"},
        {"pgx", "pgx"},
        {"analyze", "_analyze"},
        {"3d", "_3d"},
        {"", "_"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf name = RS_STRBUF_INIT(RS_NAME_MAX);
        rs_name_schema(rs_str_from(cases[i].raw), RS_NAME_MAX, &name);
        assert_string_equal(rs_strbuf_cstr(&name), cases[i].name);
        rs_strbuf_release(&name);
    }
}

static void test_name__a_full_buffer_is_said(void **state)
{
    struct rs_strbuf name = RS_STRBUF_INIT(4);
    (void)state;
    assert_false(rs_name_make(RS_STR("signed_up"), RS_NAME_MAX, &name));
    rs_strbuf_release(&name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name__words_are_those_of_the_contract),
        cmocka_unit_test(test_name__a_path_is_joined_key_by_key),
        cmocka_unit_test(test_name__a_key_without_ascii_keeps_its_letters),
        cmocka_unit_test(test_name__an_underscore_goes_before_digits_and_reserved_words),
        cmocka_unit_test(test_name__a_long_name_is_cut_with_a_hash_of_all_of_it),
        cmocka_unit_test(test_name__a_cut_leaves_no_two_underscores),
        cmocka_unit_test(test_name__long_names_with_one_beginning_stay_apart),
        cmocka_unit_test(test_name__a_property_never_meets_a_field_of_segment),
        cmocka_unit_test(test_name__some_fields_are_segments_on_one_call_only),
        cmocka_unit_test(test_name__an_event_never_meets_a_table_of_ours),
        cmocka_unit_test(test_name__a_schema_never_meets_one_of_the_database),
        cmocka_unit_test(test_name__a_full_buffer_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
