/* interval: what is in one, and days. */
#include "base/interval.h"

#include "unit.h"

static void test_interval__has_its_begin_and_not_its_end(void **state)
{
    const struct rs_interval interval = {-5, 7};
    (void)state;
    assert_false(rs_interval_has(&interval, -6));
    assert_true(rs_interval_has(&interval, -5));
    assert_true(rs_interval_has(&interval, 6));
    assert_false(rs_interval_has(&interval, 7));
}

static void test_interval__days_go_on_before_1970(void **state)
{
    (void)state;
    assert_int_equal(rs_day_of(RS_DAY_US), 1);
    assert_int_equal(rs_day_of(RS_DAY_US - 1), 0);
    assert_int_equal(rs_day_of(-1), -1);
    assert_int_equal(rs_day_of(-RS_DAY_US), -1);
    assert_int_equal(rs_day_of(-RS_DAY_US - 1), -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval__has_its_begin_and_not_its_end),
        cmocka_unit_test(test_interval__days_go_on_before_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
