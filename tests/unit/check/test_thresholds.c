/* How full is too full, and how far off is a clock that is off. */
#include "check/engine/thresholds.h"

#include "unit.h"

static void test_thresholds__three_quarters_warn_and_nine_tenths_fail(void **state)
{
    (void)state;
    assert_int_equal(rs_check_share_status(0, 100), RS_CHECK_PASS);
    assert_int_equal(rs_check_share_status(7499, 10000), RS_CHECK_PASS);
    assert_int_equal(rs_check_share_status(75, 100), RS_CHECK_WARN);
    assert_int_equal(rs_check_share_status(8999, 10000), RS_CHECK_WARN);
    assert_int_equal(rs_check_share_status(90, 100), RS_CHECK_FAIL);
    assert_int_equal(rs_check_share_status(UINT64_MAX, 1), RS_CHECK_FAIL);
    assert_int_equal(rs_check_share_status(0, 0), RS_CHECK_FAIL);
}

static void test_thresholds__a_minute_warns_and_five_fail_to_either_side(void **state)
{
    (void)state;
    assert_int_equal(rs_check_skew_status(0), RS_CHECK_PASS);
    assert_int_equal(rs_check_skew_status(60), RS_CHECK_PASS);
    assert_int_equal(rs_check_skew_status(-60), RS_CHECK_PASS);
    assert_int_equal(rs_check_skew_status(61), RS_CHECK_WARN);
    assert_int_equal(rs_check_skew_status(-300), RS_CHECK_WARN);
    assert_int_equal(rs_check_skew_status(-301), RS_CHECK_FAIL);
    assert_int_equal(rs_check_skew_status(301), RS_CHECK_FAIL);
    assert_int_equal(rs_check_skew_status(INT64_MIN), RS_CHECK_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thresholds__three_quarters_warn_and_nine_tenths_fail),
        cmocka_unit_test(test_thresholds__a_minute_warns_and_five_fail_to_either_side),
    };
    return cmocka_run_group_tests_name("thresholds", tests, NULL, NULL);
}
