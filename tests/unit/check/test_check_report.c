#include "check/engine/check_report.h"

#include <string.h>

#include "unit.h"

/* A run with these rows in it, whose results a test fills in. */
static void begin(struct rs_check_run *run, struct rs_check_options *options, uint64_t rows)
{
    *options = (struct rs_check_options){.only = rows};
    *run = (struct rs_check_run){.options = options, .chosen = rows};
    for (size_t i = 0; i < RS_CHECK_COUNT; i++) {
        run->results[i] = RS_CHECK_RESULT_INIT;
    }
}

static void end(struct rs_check_run *run)
{
    for (size_t i = 0; i < RS_CHECK_COUNT; i++) {
        rs_check_result_release(&run->results[i]);
    }
}

static void test_check_report__the_report_explains_what_is_not_well(void **state)
{
    const uint64_t rows =
        RS_CHECK_BIT(RS_CHECK_DNS) | RS_CHECK_BIT(RS_CHECK_TCP) | RS_CHECK_BIT(RS_CHECK_PROTOCOL);
    const struct rs_check_view view = {.columns = 60};
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_check_options options;
    struct rs_check_run run;
    (void)state;
    begin(&run, &options, rows);
    rs_check_say(&run.results[RS_CHECK_DNS], RS_CHECK_PASS, "tea: 10.0.0.7");
    rs_check_detail(&run.results[RS_CHECK_DNS], "of no interest");
    rs_check_say(&run.results[RS_CHECK_TCP], RS_CHECK_FAIL, "10.0.0.7:5439: timed\x1b out");
    rs_check_detail(&run.results[RS_CHECK_TCP], "after ten seconds");
    rs_check_why(&run.results[RS_CHECK_TCP],
                 "a security group drops what no rule lets in, without a word to anybody");
    rs_check_step(&run.results[RS_CHECK_TCP], "open it");
    rs_check_command(&run.results[RS_CHECK_TCP],
                     "aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp");
    rs_check_say(&run.results[RS_CHECK_PROTOCOL], RS_CHECK_SKIP, "not tried");
    rs_check_report_text(&run, &view, &out);
    assert_string_equal(
        rs_strbuf_cstr(&out),
        "  + name resolves             tea: 10.0.0.7\n"
        "  x port is open              10.0.0.7:5439: timed\\x1b out\n"
        "    seen: after ten seconds\n"
        "    why:  a security group drops what no rule lets in,\n"
        "          without a word to anybody\n"
        "    do:   open it\n"
        "    run:  aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp\n"
        "  - speaks PostgreSQL         not tried\n"
        "the database cannot be reached; 1 of 2 checks passed; 1\n"
        "failed: tcp; 1 not tried\n");
    rs_strbuf_release(&out);
    end(&run);
}

static void test_check_report__what_was_not_tried_shares_a_line(void **state)
{
    const uint64_t rows = RS_CHECK_BIT(RS_CHECK_TCP) | RS_CHECK_BIT(RS_CHECK_PROTOCOL) |
                          RS_CHECK_BIT(RS_CHECK_TLS) | RS_CHECK_BIT(RS_CHECK_CLUSTER);
    struct rs_check_view view = {.columns = 0};
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_check_options options;
    struct rs_check_run run;
    (void)state;
    begin(&run, &options, rows);
    options.only &= ~RS_CHECK_BIT(RS_CHECK_TCP); /* it is told, as it is why */
    rs_check_say(&run.results[RS_CHECK_TCP], RS_CHECK_FAIL, "shut");
    for (enum rs_check_id id = RS_CHECK_PROTOCOL; id <= RS_CHECK_TLS; id++) {
        rs_check_say(&run.results[id], RS_CHECK_SKIP, "not tried: \"tcp\" did not pass");
        run.results[id].skipped = RS_CHECK_TCP;
    }
    rs_check_say(&run.results[RS_CHECK_CLUSTER], RS_CHECK_PASS, "up");
    rs_check_report_text(&run, &view, &out);
    assert_string_equal(rs_strbuf_cstr(&out),
                        "  x port is open              shut\n"
                        "  - not tried                 \"tcp\" did not pass: protocol, tls\n"
                        "  + cluster is available      up\n"
                        "the database cannot be reached; 1 of 2 checks passed; 1 failed: tcp; "
                        "2 not tried\n");
    view.verbose = true;
    rs_strbuf_reset(&out);
    rs_check_report_text(&run, &view, &out);
    assert_non_null(strstr(rs_strbuf_cstr(&out),
                           "  - encrypts                  not tried: \"tcp\" did not pass\n"));
    view = (struct rs_check_view){.columns = 40};
    rs_strbuf_reset(&out);
    rs_check_report_text(&run, &view, &out);
    assert_non_null(strstr(rs_strbuf_cstr(&out), "  x port is open\n      shut\n"));
    rs_strbuf_release(&out);
    end(&run);
}

/* tcp waits for dns, and that for the address that AWS has. */
static void test_check_report__why_one_could_not_run_is_told_to_the_bottom(void **state)
{
    const uint64_t rows = RS_CHECK_BIT(RS_CHECK_DNS) | RS_CHECK_BIT(RS_CHECK_TCP) |
                          RS_CHECK_BIT(RS_CHECK_CLUSTER) | RS_CHECK_BIT(RS_CHECK_PUBLIC);
    struct rs_check_options options;
    struct rs_check_run run;
    (void)state;
    begin(&run, &options, rows);
    options.only = RS_CHECK_BIT(RS_CHECK_TCP);
    rs_check_say(&run.results[RS_CHECK_CLUSTER], RS_CHECK_FAIL, "not there");
    rs_check_say(&run.results[RS_CHECK_DNS], RS_CHECK_UNKNOWN, "not told");
    run.results[RS_CHECK_DNS].skipped = RS_CHECK_CLUSTER;
    rs_check_say(&run.results[RS_CHECK_TCP], RS_CHECK_SKIP, "not tried");
    run.results[RS_CHECK_TCP].skipped = RS_CHECK_DNS;
    rs_check_say(&run.results[RS_CHECK_PUBLIC], RS_CHECK_SKIP, "not tried");
    run.results[RS_CHECK_PUBLIC].skipped = RS_CHECK_CLUSTER;
    assert_true(rs_check_is_shown(&run, RS_CHECK_TCP));
    assert_true(rs_check_is_shown(&run, RS_CHECK_DNS));
    assert_true(rs_check_is_shown(&run, RS_CHECK_CLUSTER));
    assert_false(rs_check_is_shown(&run, RS_CHECK_PUBLIC));
    assert_int_equal(rs_check_verdict(&run).counts[RS_CHECK_FAIL], 1);
    options.only = RS_CHECK_BIT(RS_CHECK_PUBLIC);
    assert_false(rs_check_is_shown(&run, RS_CHECK_DNS));
    assert_true(rs_check_is_shown(&run, RS_CHECK_CLUSTER));
    end(&run);
}

static void test_check_report__the_report_is_json_for_machines(void **state)
{
    const uint64_t rows = RS_CHECK_BIT(RS_CHECK_DNS) | RS_CHECK_BIT(RS_CHECK_TCP);
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_check_options options;
    struct rs_error err = {0};
    struct rs_check_run run;
    (void)state;
    begin(&run, &options, rows);
    options.only = RS_CHECK_BIT(RS_CHECK_TCP); /* the other one runs, as it is needed */
    rs_check_say(&run.results[RS_CHECK_DNS], RS_CHECK_PASS, "tea: 10.0.0.7");
    rs_check_say(&run.results[RS_CHECK_TCP], RS_CHECK_WARN, "slow");
    rs_check_report_json(&run, &err, &out);
    assert_string_equal(
        rs_strbuf_cstr(&out),
        "{\"status\":\"success\",\"reachable\":true,"
        "\"verdict\":\"0 of 1 checks passed; 1 warned: tcp\",\"skip\":0,\"pass\":0,\"unknown\":0,"
        "\"warn\":1,\"fail\":0,\"checks\":[{\"name\":\"tcp\",\"title\":\"port is open\","
        "\"status\":\"warn\",\"seen\":\"slow\",\"why\":\"\",\"details\":[],\"steps\":[],"
        "\"commands\":[],\"seconds\":0.000}],\"error\":null}\n");
    rs_strbuf_release(&out);
    end(&run);
}

static void test_check_report__what_was_asked_of_a_server_is_a_table(void **state)
{
    const uint64_t rows = RS_CHECK_BIT(RS_CHECK_BEHAVIOUR);
    const struct rs_check_view view = {.columns = 0};
    const struct rs_check_answer answers[] = {
        {RS_CHECK_PASS, "one", "is it", "SELECT 1", "yes", "yes", "nothing", "a page"},
        {RS_CHECK_WARN, "two", "is it so", "SELECT 2", "done", "refused: 0A000", "all", "a page"},
        {RS_CHECK_UNKNOWN, "three", "or so", "SELECT 3", "t", "could not ask: no", "", "a page"},
    };
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_check_options options;
    struct rs_error err = {0};
    struct rs_check_run run;
    (void)state;
    begin(&run, &options, rows);
    rs_check_say(&run.results[RS_CHECK_BEHAVIOUR], RS_CHECK_WARN, "1 otherwise");
    for (size_t i = 0; i < RS_COUNTOF(answers); i++) {
        rs_check_answer(&run.results[RS_CHECK_BEHAVIOUR], &answers[i]);
    }
    rs_check_report_text(&run, &view, &out);
    assert_string_equal(rs_strbuf_cstr(&out), "  ! answers as Redshift does  1 otherwise\n"
                                              "     question  assumed  found\n"
                                              "  +  is it     yes      yes\n"
                                              "  !  is it so  done     refused: 0A000\n"
                                              "  ?  or so     t        could not ask: no\n"
                                              "0 of 1 checks passed; 1 warned: behaviour\n");
    rs_strbuf_reset(&out);
    rs_check_report_json(&run, &err, &out);
    assert_non_null(strstr(rs_strbuf_cstr(&out),
                           "\"answers\":[{\"name\":\"one\",\"status\":\"pass\","
                           "\"question\":\"is it\",\"sql\":\"SELECT 1\",\"assumed\":\"yes\","
                           "\"found\":\"yes\",\"follows\":\"nothing\",\"source\":\"a page\"},"));
    rs_strbuf_release(&out);
    end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_report__the_report_explains_what_is_not_well),
        cmocka_unit_test(test_check_report__what_was_not_tried_shares_a_line),
        cmocka_unit_test(test_check_report__why_one_could_not_run_is_told_to_the_bottom),
        cmocka_unit_test(test_check_report__the_report_is_json_for_machines),
        cmocka_unit_test(test_check_report__what_was_asked_of_a_server_is_a_table),
    };
    return cmocka_run_group_tests_name("check_report", tests, NULL, NULL);
}
