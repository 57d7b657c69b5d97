#include "check/engine/check_table.h"

#include <stdbool.h>

#include "unit.h"

static void test_check_table__the_table_can_be_run_in_its_order(void **state)
{
    (void)state;
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        const struct rs_check *row = &rs_checks[id];
        assert_non_null(row->name);
        assert_non_null(row->run);
        assert_int_equal(rs_check_find(row->name), id);
        for (enum rs_check_id other = 0; other < RS_CHECK_COUNT; other++) {
            const bool waits = ((row->needs | row->after) & RS_CHECK_BIT(other)) != 0;
            if (waits && rs_checks[other].lane == row->lane) {
                assert_true(other < id); /* else the lane would wait for itself */
            }
            if (waits) { /* and no two lanes wait for each other */
                assert_true(rs_checks[other].lane == row->lane ||
                            row->lane == RS_CHECK_LANE_DATABASE ||
                            rs_checks[other].lane == RS_CHECK_LANE_BUCKET);
            }
        }
    }
    assert_int_equal(rs_check_find("nothing"), RS_CHECK_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_table__the_table_can_be_run_in_its_order),
    };
    return cmocka_run_group_tests_name("check_table", tests, NULL, NULL);
}
