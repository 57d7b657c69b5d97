/* Regions: their domains and partitions, and where they stand in host names. */
#include "aws/region.h"

#include <string.h>

#include "net/http_date.h"
#include "unit.h"

static void test_region__has_the_domain_of_its_partition(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"eu-west-1", "amazonaws.com", "aws"},
        {"us-gov-west-1", "amazonaws.com", "aws-us-gov"},
        {"cn-north-1", "amazonaws.com.cn", "aws-cn"},
        {"us-iso-east-1", "c2s.ic.gov", "aws-iso"},
        {"us-isob-east-1", "sc2s.sgov.gov", "aws-iso-b"},
        {"us-isof-south-1", "csp.hci.ic.gov", "aws-iso-f"},
        {"eu-isoe-west-1", "cloud.adc-e.uk", "aws-iso-e"},
        {"eusc-de-east-1", "amazonaws.eu", "aws-eusc"},
        {"", "amazonaws.com", "aws"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_string_equal(rs_region_domain(cases[i][0]), cases[i][1]);
        assert_string_equal(rs_region_partition(cases[i][0]), cases[i][2]);
    }
}

static void test_region__looks_like_nothing_else(void **state)
{
    (void)state;
    static const char *const good[] = {"us-east-1",  "ap-southeast-2", "us-gov-east-1",
                                       "cn-north-1", "us-iso-west-1",  "eusc-de-east-1",
                                       "xx-yy-12"};
    static const char *const bad[] = {"",           "us",        "us-east",    "us-east-",
                                      "-us-east-1", "useast1",   "us--east-1", "us-east-123",
                                      "us-1ast-1",  "US-EAST-1", "us_east_1",  "us-east-1a",
                                      "a-1",        "us-east.1"};
    for (size_t i = 0; i < RS_COUNTOF(good); i++) {
        if (!rs_region_is_valid(rs_str_from(good[i]))) {
            fail_msg("refused: %s", good[i]);
        }
    }
    for (size_t i = 0; i < RS_COUNTOF(bad); i++) {
        if (rs_region_is_valid(rs_str_from(bad[i]))) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}

static void test_region__is_found_in_host_names_of_aws(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"c.abc123.us-west-2.redshift.amazonaws.com", "us-west-2"},
        {"wg.123456789012.eu-north-1.redshift-serverless.amazonaws.com", "eu-north-1"},
        {"c.abc123.cn-north-1.redshift.amazonaws.com.cn", "cn-north-1"},
        {"my-us-east-1.s3.eu-west-3.amazonaws.com", "eu-west-3"},
        {"s3-eu-west-1.amazonaws.com", "eu-west-1"},
        {"vpce-1-2.redshift.us-gov-west-1.vpce.amazonaws.com", "us-gov-west-1"},
        {"s3.amazonaws.com", NULL},
        {"us-east-1.example.com", NULL},
        {"us-east-1.notamazonaws.com", NULL},
        {"localhost", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        char region[RS_REGION_MAX + 1] = "untouched";
        bool found = rs_region_of_host(rs_str_from(cases[i][0]), region);
        assert_int_equal(found, cases[i][1] != NULL);
        assert_string_equal(region, cases[i][1] ? cases[i][1] : "untouched");
    }
}

static void test_region__dates_of_http_are_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "Wed, 25 Nov 2026 10:00:00",
                                      "25 Nov 2026 10:00:00 GMT",
                                      "Wed, 25 Now 2026 10:00:00 GMT",
                                      "Wed, 31 Feb 2026 10:00:00 GMT",
                                      "Wed, 25 Nov 2026 10:00:00 UTC",
                                      "Wed, 25 Nov 2026 24:00:00 GMT",
                                      "Wednesday, 25-Nov-26 10:00:00 GMT"};
    int64_t us = 7;
    assert_true(rs_http_date_parse(RS_STR("Sun, 30 Aug 2015 12:36:00 GMT"), &us));
    assert_int_equal(us / 1000000, 1440938160);
    assert_true(rs_http_date_parse(RS_STR("Fri, 31 Dec 1999 23:59:59 GMT"), &us));
    assert_int_equal(us / 1000000, 946684799);
    for (size_t i = 0; i < RS_COUNTOF(bad); i++) {
        if (rs_http_date_parse(rs_str_from(bad[i]), &us)) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    assert_int_equal(us / 1000000, 946684799);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_region__has_the_domain_of_its_partition),
        cmocka_unit_test(test_region__looks_like_nothing_else),
        cmocka_unit_test(test_region__is_found_in_host_names_of_aws),
        cmocka_unit_test(test_region__dates_of_http_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
