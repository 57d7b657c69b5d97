/* Which of a cluster's queues takes a loader's statements. */
#include "check/database/wlm_queue.h"

#include "unit.h"

static void test_wlm_queue__a_condition_holds_for_who_it_names(void **state)
{
    static const char *const groups[] = {"analysts", "loaders"};
    const struct rs_check_wlm_queue_who loader = {
        .query_group = "segment", .groups = groups, .group_count = RS_COUNTOF(groups)};
    static const struct {
        const char *condition;
        bool wild;
        enum rs_check_wlm_queue_match match;
    } cases[] = {
        {"(query group: segment)", false, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group: Segment)", false, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group: other)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(query group: segment2)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(query group: seg*)", true, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group: seg*)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(query group: *e*nt)", true, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group: s?gment)", true, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group: segment?)", true, RS_CHECK_WLM_QUEUE_NONE},
        {"(query group: *)", true, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group: etl, segment)", false, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group: etl|segment)", false, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(user group: loaders)", false, RS_CHECK_WLM_QUEUE_USER_GROUP},
        {"(user group: load*)", true, RS_CHECK_WLM_QUEUE_USER_GROUP},
        {"(user group: admins)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(user role: loaders)", false, RS_CHECK_WLM_QUEUE_USER_GROUP},
        {"(user group: loaders) and (query group: segment)", false, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(user group: admins) and (query group: segment)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(system user)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(system user) and (query group: segment)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(super user) and (query group: segment)", false, RS_CHECK_WLM_QUEUE_NONE},
        {"(querytype: any)", false, RS_CHECK_WLM_QUEUE_DEFAULT},
        {"(querytype:any)", false, RS_CHECK_WLM_QUEUE_DEFAULT},
        {"(query group: segment", false, RS_CHECK_WLM_QUEUE_QUERY_GROUP},
        {"(query group:)", true, RS_CHECK_WLM_QUEUE_NONE},
        {"", true, RS_CHECK_WLM_QUEUE_NONE},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const struct rs_check_wlm_queue_rule rule = {.condition = rs_str_from(cases[i].condition),
                                                     .query_wild = cases[i].wild,
                                                     .user_wild = cases[i].wild};
        if (rs_check_wlm_queue_match(&rule, &loader) != cases[i].match) {
            fail_msg("\"%s\", wild %d", cases[i].condition, cases[i].wild);
        }
    }
}

static void test_wlm_queue__a_superuser_has_a_queue_of_its_own(void **state)
{
    const struct rs_check_wlm_queue_who who = {.query_group = "superuser", .superuser = true};
    const struct rs_check_wlm_queue_rule rule = {
        .condition = RS_STR_INIT("(super user) and (query group: superuser)")};
    (void)state;
    assert_int_equal(rs_check_wlm_queue_match(&rule, &who), RS_CHECK_WLM_QUEUE_QUERY_GROUP);
}

static void test_wlm_queue__no_query_group_is_in_no_list(void **state)
{
    const struct rs_check_wlm_queue_who who = {.query_group = ""};
    const struct rs_check_wlm_queue_rule rule = {.condition = RS_STR_INIT("(query group: *)"),
                                                 .query_wild = true};
    (void)state;
    assert_int_equal(rs_check_wlm_queue_match(&rule, &who), RS_CHECK_WLM_QUEUE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wlm_queue__a_condition_holds_for_who_it_names),
        cmocka_unit_test(test_wlm_queue__a_superuser_has_a_queue_of_its_own),
        cmocka_unit_test(test_wlm_queue__no_query_group_is_in_no_list),
    };
    return cmocka_run_group_tests_name("wlm_queue", tests, NULL, NULL);
}
