/* interval_filter: which calls and events a part of the events has. */
#include "transform/interval_filter.h"

#include "unit.h"

static void test_interval_filter__wants_calls_and_of_track_calls_events(void **state)
{
    const struct rs_str tables[] = {RS_STR_INIT("order_completed"), RS_STR_INIT("signed_up")};
    const struct rs_interval_filter all = {0};
    const struct rs_interval_filter some = {.calls = 1U << RS_CALL_TRACK | 1U << RS_CALL_PAGE,
                                            .tables = tables,
                                            .table_count = RS_COUNTOF(tables)};
    (void)state;
    assert_true(rs_interval_filter_wants(&all, RS_CALL_ALIAS, RS_STR("aliases")));
    assert_true(rs_interval_filter_wants(&all, RS_CALL_TRACK, RS_STR("")));
    assert_true(rs_interval_filter_wants(&some, RS_CALL_TRACK, RS_STR("signed_up")));
    assert_false(rs_interval_filter_wants(&some, RS_CALL_TRACK, RS_STR("signed_in")));
    assert_false(rs_interval_filter_wants(&some, RS_CALL_TRACK, RS_STR("")));
    assert_true(rs_interval_filter_wants(&some, RS_CALL_PAGE, RS_STR("pages")));
    assert_false(rs_interval_filter_wants(&some, RS_CALL_IDENTIFY, RS_STR("identifies")));
}

static void test_interval_filter__reads_a_list_of_calls(void **state)
{
    static const struct {
        const char *list;
        unsigned calls; /* 0: refused */
    } cases[] = {
        {"track", 1U << RS_CALL_TRACK},
        {"track,identify", 1U << RS_CALL_TRACK | 1U << RS_CALL_IDENTIFY},
        {"page, screen ,group,alias",
         1U << RS_CALL_PAGE | 1U << RS_CALL_SCREEN | 1U << RS_CALL_GROUP | 1U << RS_CALL_ALIAS},
        {"", 0},
        {"track,", 0},
        {"tracks", 0},
        {"Track", 0},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        unsigned calls = 0;
        bool ok = rs_interval_filter_add_calls(rs_str_from(cases[i].list), &calls, &err);
        assert_int_equal(ok, cases[i].calls != 0);
        assert_int_equal(err.code, ok ? RS_OK : RS_E_USAGE);
        if (ok) {
            assert_int_equal(calls, cases[i].calls);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_filter__wants_calls_and_of_track_calls_events),
        cmocka_unit_test(test_interval_filter__reads_a_list_of_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
