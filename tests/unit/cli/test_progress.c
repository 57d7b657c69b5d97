/*
 * Speed, time left and the line itself, which are pure; then the drawing, with a clock of the
 * test's own and a pipe in the place of stderr.
 */
#include "cli/progress.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

enum { SECOND_US = 1000000, MB = 1000000 };

static void test_progress__speed_is_known_after_two_points(void **state)
{
    struct rs_progress_rate rate = {0};
    (void)state;
    assert_true(rs_progress_seconds_left(&rate, 0, 100) < 0);
    rs_progress_rate_add(&rate, 5 * SECOND_US, 10 * MB);
    assert_false(rate.known);
    rs_progress_rate_add(&rate, 6 * SECOND_US, 60 * MB);
    assert_true(rate.known);
    assert_float_equal(rate.bytes_per_second, 50e6, 1.0);
    assert_float_equal(rs_progress_seconds_left(&rate, 60 * MB, 160 * MB), 2.0, 0.001);
    assert_float_equal(rs_progress_seconds_left(&rate, 160 * MB, 160 * MB), 0.0, 0.001);
    assert_float_equal(rs_progress_seconds_left(&rate, 170 * MB, 160 * MB), 0.0, 0.001);
    assert_true(rs_progress_seconds_left(&rate, 60 * MB, 0) < 0);
}

static void test_progress__points_too_close_together_change_nothing(void **state)
{
    struct rs_progress_rate rate = {0};
    (void)state;
    rs_progress_rate_add(&rate, 0, 0);
    rs_progress_rate_add(&rate, 40000, 100 * MB);
    assert_false(rate.known);
    rs_progress_rate_add(&rate, 100000, 100 * MB);
    assert_float_equal(rate.bytes_per_second, 1e9, 1.0);
}

static void test_progress__speed_follows_a_change_within_seconds(void **state)
{
    struct rs_progress_rate rate = {0};
    uint64_t bytes = 0;
    (void)state;
    for (int i = 0; i <= 100; i++, bytes += 10 * MB) {
        rs_progress_rate_add(&rate, i * (int64_t)SECOND_US / 10, bytes);
    }
    assert_float_equal(rate.bytes_per_second, 100e6, 1e3);
    rs_progress_rate_add(&rate, 101 * (int64_t)SECOND_US / 10, bytes); /* one pause: hardly */
    assert_true(rate.bytes_per_second > 95e6);
    for (int i = 102; i <= 250; i++) {
        rs_progress_rate_add(&rate, i * (int64_t)SECOND_US / 10, bytes);
    }
    assert_true(rate.bytes_per_second < 2e6);
    assert_true(rate.bytes_per_second >= 0);
}

static void test_progress__bytes_that_go_back_are_no_speed(void **state)
{
    struct rs_progress_rate rate = {0};
    (void)state;
    rs_progress_rate_add(&rate, 0, 100 * MB);
    rs_progress_rate_add(&rate, SECOND_US, 50 * MB);
    assert_float_equal(rate.bytes_per_second, 0.0, 0.001);
    assert_true(rs_progress_seconds_left(&rate, 50 * MB, 100 * MB) < 0);
}

static void test_progress__formats_the_line(void **state)
{
    static const struct {
        const char *label;
        struct rs_progress_now now;
        double bytes_per_second; /* negative: not known */
        size_t columns;
        const char *line;
    } cases[] = {
        {"a bar",
         {"reading", 380 * MB, 1000 * MB, 1234567, 0, NULL, 0},
         100e6,
         80,
         "reading [###########-------------------]  38%  100 MB/s  1.2M events  0:06 left"},
        {"no column limit",
         {"reading", 380 * MB, 1000 * MB, 1234567, 0, NULL, 0},
         100e6,
         0,
         "reading  38%  100 MB/s  1.2M events  0:06 left"},
        {"narrow",
         {"reading", 380 * MB, 1000 * MB, 1234567, 0, NULL, 0},
         100e6,
         50,
         "reading  38%  100 MB/s  1.2M events  0:06 left"},
        {"very narrow",
         {"reading", 380 * MB, 1000 * MB, 1234567, 0, NULL, 0},
         100e6,
         20,
         "reading  38%  100 M"},
        {"no total",
         {"reading", 12300000, 0, 1, 0, NULL, 0},
         1500,
         80,
         "reading 12.3 MB  1.5 KB/s  1 event  0:07"},
        {"nothing yet",
         {"reading", 0, 1000, 0, 0, NULL, 0},
         -1,
         60,
         "reading [----------------------------]   0%  0 events  0:07"},
        {"done",
         {"loading", 1000, 1000, 5, 0, NULL, 0},
         10,
         60,
         "loading [###############] 100%  10 B/s  5 events  0:00 left"},
        {"more than all",
         {"loading", 2000, 1000, 5, 0, NULL, 0},
         10,
         60,
         "loading [###############] 100%  10 B/s  5 events  0:00 left"},
        {"hours",
         {"reading", 0, (uint64_t)7200 * MB, 999, 0, NULL, 0},
         1e6,
         0,
         "reading   0%  1.0 MB/s  999 events  2:00:00 left"},
        {"rows",
         {"replaying", 250, 1000, 1000, 2, NULL, 0},
         -1,
         0,
         "replaying  25%  1.0K events  2 rows  0:07"},
        {"rows and their bytes",
         {"migrating", 250, 1000, 34 * MB, 0, "rows", 0},
         125,
         0,
         "migrating  25%  125 rows/s  250 rows  34.0 MB  0:06 left"},
        {"ages",
         {"reading", 0, UINT64_MAX, 1000, 0, NULL, 0},
         2,
         0,
         "reading   0%  2 B/s  1.0K events  99:59:59 left"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf line = RS_STRBUF_INIT(256);
        struct rs_progress_rate rate = {.known = cases[i].bytes_per_second >= 0,
                                        .bytes_per_second = cases[i].bytes_per_second};
        rs_progress_format(&cases[i].now, &rate, 7.0, cases[i].columns, &line);
        assert_string_equal(rs_strbuf_cstr(&line), cases[i].line);
        assert_true(cases[i].columns == 0 || line.length < cases[i].columns);
        rs_strbuf_release(&line);
    }
}

static void test_progress__rejects_are_shown_where_there_are_any(void **state)
{
    const struct rs_progress_now now = {"reading", 250, 1000, 1000, 0, NULL, 3};
    const struct rs_progress_rate rate = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(1024);
    (void)state;
    rs_progress_format(&now, &rate, 7.0, 0, &out);
    assert_string_equal(rs_strbuf_cstr(&out), "reading  25%  1.0K events  3 rejects  0:07");
    rs_strbuf_release(&out);
}

/* An environment whose clock is a variable and whose stderr is a pipe; and a quarter of the work. */
struct world {
    struct rs_env env;
    struct rs_progress progress;
    int64_t now_us;
    int read_fd;
    char seen[4096];
};

static int64_t fake_monotonic_us(const struct rs_env *env)
{
    const struct world *world = env->user;
    return world->now_us;
}

static const struct rs_progress_now quarter = {"reading", 1, 4, 1, 0, NULL, 0};

static int open_world(void **state)
{
    static struct world world;
    int fds[2] = {-1, -1};
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    world = (struct world){.now_us = 1000, .read_fd = fds[0]};
    world.env = (struct rs_env){.monotonic_us = fake_monotonic_us, .user = &world};
    world.env.log = (struct rs_log){.tool = "rs-sync", .level = RS_LOG_NOTICE, .fd = fds[1]};
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    const struct world *world = *state;
    assert_int_equal(close(world->read_fd), 0);
    assert_int_equal(close(world->env.log.fd), 0);
    return 0;
}

/* What was written since the last call. */
static const char *seen(struct world *world)
{
    ssize_t count = read(world->read_fd, world->seen, sizeof world->seen - 1);
    world->seen[count > 0 ? count : 0] = '\0';
    return world->seen;
}

/* Show where the work is, after a while. */
static const char *update(struct world *world, int64_t us, const struct rs_progress_now *now)
{
    world->now_us += us;
    rs_progress_update(&world->progress, now);
    return seen(world);
}

static void test_progress__draws_a_bar_at_most_ten_times_a_second(void **state)
{
    struct world *world = *state;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_BAR, 40);
    assert_string_equal(update(world, 0, &quarter), "");
    assert_non_null(strstr(update(world, 100000, &quarter), "\r\033[Kreading "));
    assert_string_equal(update(world, 99999, &quarter), "");
    assert_non_null(strstr(update(world, 1, &quarter), "reading"));
}

static void test_progress__the_bar_goes_away_before_a_line_of_log(void **state)
{
    struct world *world = *state;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_BAR, 40);
    world->env.log.before = rs_progress_clear;
    world->env.log.before_arg = &world->progress;
    assert_non_null(strstr(update(world, 100000, &quarter), "reading"));
    rs_log(&world->env.log, RS_LOG_NOTICE, "hello");
    assert_string_equal(seen(world), "\r\033[Krs-sync: hello\n");
    rs_progress_clear(&world->progress);
    assert_string_equal(seen(world), "");
}

static void test_progress__lines_come_every_five_seconds(void **state)
{
    struct world *world = *state;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_LINES, 40);
    assert_string_equal(update(world, 4999999, &quarter), "");
    assert_string_equal(update(world, 1, &quarter), "rs-sync: reading  25%  1 event  0:05\n");
    rs_progress_clear(&world->progress);
    assert_string_equal(seen(world), "");
}

static void test_progress__a_message_of_the_log_comes_every_minute(void **state)
{
    const struct rs_progress_now now = {"replaying", 1, 4, 1, 2, NULL, 0};
    struct world *world = *state;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_LOG, 40);
    assert_string_equal(update(world, 59999999, &now), "");
    assert_string_equal(update(world, 1, &now), "rs-sync: replaying  25%  1 event  2 rows  1:00\n");
}

static void test_progress__off_is_silent(void **state)
{
    struct world *world = *state;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_OFF, 40);
    world->now_us += 60 * (int64_t)SECOND_US;
    rs_progress_update(&world->progress, &quarter);
    rs_progress_clear(&world->progress);
    assert_string_equal(seen(world), "");
}

static void test_progress__a_new_phase_has_a_speed_of_its_own(void **state)
{
    const struct rs_progress_now reading = {"reading", 900 * MB, 1000 * MB, 1, 0, NULL, 0};
    const struct rs_progress_now loading = {"loading", 1 * MB, 10 * MB, 1, 0, NULL, 0};
    struct world *world = *state;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_BAR, 80);
    rs_progress_update(&world->progress,
                       &(struct rs_progress_now){"reading", 0, 1000 * MB, 0, 0, NULL, 0});
    assert_non_null(strstr(update(world, SECOND_US, &reading), "900 MB/s"));
    assert_null(strstr(update(world, SECOND_US, &loading), "B/s"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress__speed_is_known_after_two_points),
        cmocka_unit_test(test_progress__points_too_close_together_change_nothing),
        cmocka_unit_test(test_progress__speed_follows_a_change_within_seconds),
        cmocka_unit_test(test_progress__bytes_that_go_back_are_no_speed),
        cmocka_unit_test(test_progress__formats_the_line),
        cmocka_unit_test(test_progress__rejects_are_shown_where_there_are_any),
        TEST(test_progress__draws_a_bar_at_most_ten_times_a_second),
        TEST(test_progress__the_bar_goes_away_before_a_line_of_log),
        TEST(test_progress__lines_come_every_five_seconds),
        TEST(test_progress__a_message_of_the_log_comes_every_minute),
        TEST(test_progress__off_is_silent),
        TEST(test_progress__a_new_phase_has_a_speed_of_its_own),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
