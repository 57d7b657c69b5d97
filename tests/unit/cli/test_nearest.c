/*
 * Distances between words, and which name is near enough to be offered.
 */
#include "cli/nearest.h"

#include "unit.h"

static void test_nearest__counts_single_changes_and_swaps(void **state)
{
    static const struct {
        const char *left;
        const char *right;
        size_t distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"schema", "schema", 0},
        {"scema", "schema", 1},
        {"schmea", "schema", 1},
        {"schema", "select", 4},
        {"quit", "quiet", 1},
        {"kitten", "sitting", 3},
        {"ca", "abc", 3},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_str left = rs_str_from(cases[i].left);
        struct rs_str right = rs_str_from(cases[i].right);
        assert_int_equal(rs_nearest_distance(left, right), cases[i].distance);
        assert_int_equal(rs_nearest_distance(right, left), cases[i].distance);
    }
}

static void test_nearest__offers_only_what_is_near(void **state)
{
    static const char *const names[] = {"dbname",   "schema", "select",  "json",
                                        "log-json", "quiet",  "iam-role"};
    static const struct {
        const char *word;
        const char *name; /* NULL: none */
    } cases[] = {
        {"scema", "schema"},
        {"schemas", "schema"},
        {"sel", "select"},
        {"jsno", "json"},
        {"db", "dbname"},
        {"role", "iam-role"},
        {"dbn", "dbname"},
        {"", NULL},
        {"x", NULL},
        {"frobnicate", NULL},
        {"quite", "quiet"},
        {"logjson", "log-json"},
        {"schema-of-a-length-that-nobody-types-by-mistake", NULL},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_nearest nearest = rs_nearest_of(rs_str_from(cases[i].word));
        for (size_t j = 0; j < RS_COUNTOF(names); j++) {
            rs_nearest_offer(&nearest, names[j]);
        }
        if (cases[i].name) {
            assert_non_null(rs_nearest_name(&nearest));
            assert_string_equal(rs_nearest_name(&nearest), cases[i].name);
        } else {
            assert_null(rs_nearest_name(&nearest));
        }
    }
}

static void test_nearest__keeps_the_first_of_equally_near_names(void **state)
{
    struct rs_nearest nearest = rs_nearest_of(RS_STR("pauxe"));
    (void)state;
    rs_nearest_offer(&nearest, "pause");
    rs_nearest_offer(&nearest, "pauze");
    assert_string_equal(rs_nearest_name(&nearest), "pause");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest__counts_single_changes_and_swaps),
        cmocka_unit_test(test_nearest__offers_only_what_is_near),
        cmocka_unit_test(test_nearest__keeps_the_first_of_equally_near_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
