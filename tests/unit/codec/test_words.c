/* words: numbers as a sentence has them. */
#include "codec/words.h"

#include "unit.h"

static void test_words__counts_sizes_and_lengths_of_time(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } times[] = {
        {0, "0.0 s"},        {0.44, "0.4 s"},      {9.94, "9.9 s"},        {9.96, "10 s"},
        {119, "119 s"},      {120, "2 min"},       {3599, "60 min"},       {3600, "1 h 0 min"},
        {4000, "1 h 6 min"}, {86400, "1 day 0 h"}, {200000, "2 days 7 h"}, {-1, "0.0 s"},
    };
    struct rs_strbuf out = RS_STRBUF_INIT(256);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(times); i++) {
        rs_strbuf_reset(&out);
        rs_words_seconds(&out, times[i].seconds);
        assert_string_equal(rs_strbuf_cstr(&out), times[i].text);
    }
    rs_strbuf_reset(&out);
    rs_words_count(&out, 1, "event");
    rs_strbuf_append(&out, ", ");
    rs_words_count(&out, 2, "event");
    rs_strbuf_append(&out, ", ");
    rs_words_bytes(&out, 1);
    rs_strbuf_append(&out, ", ");
    rs_words_bytes(&out, 999);
    rs_strbuf_append(&out, ", ");
    rs_words_bytes(&out, 12345678);
    assert_string_equal(rs_strbuf_cstr(&out), "1 event, 2 events, 1 byte, 999 bytes, 12.3 MB");
    rs_strbuf_release(&out);
}

static void test_words__thousands_have_commas(void **state)
{
    static const struct {
        uint64_t number;
        const char *text;
    } cases[] = {{0, "0"},
                 {999, "999"},
                 {1000, "1,000"},
                 {123456, "123,456"},
                 {1234567, "1,234,567"},
                 {UINT64_MAX, "18,446,744,073,709,551,615"}};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(64);
        rs_words_grouped(&out, cases[i].number);
        assert_string_equal(rs_strbuf_cstr(&out), cases[i].text);
        rs_strbuf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words__counts_sizes_and_lengths_of_time),
        cmocka_unit_test(test_words__thousands_have_commas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
