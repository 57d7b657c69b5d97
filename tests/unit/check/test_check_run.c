#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check/engine/check_run.h"
#include "check/engine/shell_quote.h"

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

static void test_check_run__the_worst_saying_is_the_verdict(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    (void)state;
    rs_check_say(&result, RS_CHECK_PASS, "one");
    assert_int_equal(result.status, RS_CHECK_PASS);
    rs_check_say(&result, RS_CHECK_FAIL, "two %d", 2);
    rs_check_say(&result, RS_CHECK_WARN, "three");
    rs_check_say(&result, RS_CHECK_FAIL, "four");
    assert_int_equal(result.status, RS_CHECK_FAIL);
    assert_string_equal(result.seen, "two 2");
    assert_int_equal(result.details.count, 3);
    assert_string_equal(result.details.items[0], "one");
    assert_string_equal(result.details.items[1], "three");
    assert_string_equal(result.details.items[2], "four");
    rs_check_result_release(&result);
}

/* Cut, a command would end within its quotes, and take in what is pasted behind it. */
static void test_check_run__no_text_is_cut(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    static char name[5000];
    (void)state;
    memset(name, 'n', sizeof name - 1);
    rs_check_command(&result, "psql -c '%s'", name);
    rs_check_sql(&result, "SELECT %s", rs_check_sql_text(&result, name));
    rs_check_command(&result, "ls %s",
                     rs_check_quote(&result, memset(name, '\'', sizeof name - 1)));
    for (size_t i = 0; i < result.commands.count; i++) {
        const char *command = result.commands.items[i];
        assert_true(strlen(command) > sizeof name);
        assert_int_equal(command[strlen(command) - 1], i == 0 ? '\'' : '"');
    }
    rs_check_result_release(&result);
}

static void test_check_run__what_is_to_be_done_is_said_once(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        rs_check_step(&result, "open port %u", i % 2);
        rs_check_command(&result, "open %u", i % 2);
        rs_check_detail(&result, "seen");
    }
    assert_int_equal(result.steps.count, 2);
    assert_int_equal(result.commands.count, 2);
    assert_string_equal(result.commands.items[1], "open 1");
    assert_int_equal(result.details.count, 4);
    rs_check_result_release(&result);
}

static void test_check_run__what_may_not_be_asked_is_unknown(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    struct rs_error err = {0};
    (void)state;
    (void)rs_error_set(&err, RS_E_NET, "could not describe it: no");
    (void)rs_error_hint(&err, "allow redshift:DescribeClusters");
    memcpy(err.detail, "AccessDenied", sizeof "AccessDenied");
    rs_check_say_error(&result, RS_CHECK_FAIL, &err);
    assert_int_equal(result.status, RS_CHECK_UNKNOWN);
    assert_string_equal(result.steps.items[0], "allow redshift:DescribeClusters");
    memcpy(err.detail, "InternalFailure", sizeof "InternalFailure");
    rs_check_say_error(&result, RS_CHECK_FAIL, &err);
    assert_int_equal(result.status, RS_CHECK_FAIL);
    rs_check_result_release(&result);
}

static void test_check_run__the_table_can_be_run_in_its_order(void **state)
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

static void test_check_run__the_report_explains_what_is_not_well(void **state)
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

static void test_check_run__what_was_not_tried_shares_a_line(void **state)
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
        run.results[id].skipped = "tcp";
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
static void test_check_run__why_one_could_not_run_is_told_to_the_bottom(void **state)
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
    run.results[RS_CHECK_DNS].skipped = "cluster";
    rs_check_say(&run.results[RS_CHECK_TCP], RS_CHECK_SKIP, "not tried");
    run.results[RS_CHECK_TCP].skipped = "dns";
    rs_check_say(&run.results[RS_CHECK_PUBLIC], RS_CHECK_SKIP, "not tried");
    run.results[RS_CHECK_PUBLIC].skipped = "cluster";
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

static void test_check_run__the_report_is_json_for_machines(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_run__the_worst_saying_is_the_verdict),
        cmocka_unit_test(test_check_run__no_text_is_cut),
        cmocka_unit_test(test_check_run__what_is_to_be_done_is_said_once),
        cmocka_unit_test(test_check_run__what_may_not_be_asked_is_unknown),
        cmocka_unit_test(test_check_run__the_table_can_be_run_in_its_order),
        cmocka_unit_test(test_check_run__the_report_explains_what_is_not_well),
        cmocka_unit_test(test_check_run__what_was_not_tried_shares_a_line),
        cmocka_unit_test(test_check_run__why_one_could_not_run_is_told_to_the_bottom),
        cmocka_unit_test(test_check_run__the_report_is_json_for_machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
