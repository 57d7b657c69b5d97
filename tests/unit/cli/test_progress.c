/*
 * Speed, time left and the line itself, which are pure; then the drawing, with a clock of the
 * test's own and a pipe in the place of stderr.
 */
#include "cli/progress.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "codec/text_table.h"
#include "codec/utf8.h"
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
    assert_float_equal(rate.per_second, 50e6, 1.0);
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
    assert_float_equal(rate.per_second, 1e9, 1.0);
}

static void test_progress__speed_follows_a_change_within_seconds(void **state)
{
    struct rs_progress_rate rate = {0};
    double bytes = 0;
    (void)state;
    for (int i = 0; i <= 100; i++, bytes += 10 * MB) {
        rs_progress_rate_add(&rate, i * (int64_t)SECOND_US / 10, bytes);
    }
    assert_float_equal(rate.per_second, 100e6, 1e3);
    rs_progress_rate_add(&rate, 101 * (int64_t)SECOND_US / 10, bytes); /* one pause: hardly */
    assert_true(rate.per_second > 95e6);
    for (int i = 102; i <= 250; i++) {
        rs_progress_rate_add(&rate, i * (int64_t)SECOND_US / 10, bytes);
    }
    assert_true(rate.per_second < 2e6);
    assert_true(rate.per_second >= 0);
}

static void test_progress__bytes_that_go_back_are_no_speed(void **state)
{
    struct rs_progress_rate rate = {0};
    (void)state;
    rs_progress_rate_add(&rate, 0, 100 * MB);
    rs_progress_rate_add(&rate, SECOND_US, 50 * MB);
    assert_float_equal(rate.per_second, 0.0, 0.001);
    assert_true(rs_progress_seconds_left(&rate, 50 * MB, 100 * MB) < 0);
}

#define READING .begun = true, .known = true, .phase = "reading"
#define LOADING                                                                                    \
    .begun = true, .known = true, .phase = "loading", .name = "product_viewed", .noun = "tables",  \
    .pieces = 12, .pieces_done = 3

static const struct {
    const char *label;
    struct rs_meter_view view;
    double per_second;      /* of the amount; negative: not known */
    double part_per_second; /* of the whole; negative: not known */
    size_t columns;
    const char *line;
} lines[] = {
    {"a bar",
     {READING, .part = 0.38, .events = 1234567},
     100e6,
     0.1,
     80,
     "[####---------]  38%  0:06 left   100 MB/s    reading, 1.2M events"},
    {"rejects",
     {READING, .part = 0.38, .events = 2000, .rejects = 1},
     -1,
     -1,
     0,
     "reading, 2.0K events, 1 reject  38%  0:07"},
    {"a table",
     {LOADING, .part = 0.612},
     88e6,
     0.05,
     100,
     "[#########-------]  61%  0:08 left   88.0 MB/s   loading product_viewed, 3 of 12 tables"},
    {"a table's name that has no room",
     {LOADING, .part = 0.612},
     88e6,
     0.05,
     80,
     "[#######------]  61%  0:08 left   88.0 MB/s   loading product.., 3 of 12 tables"},
    {"no column limit",
     {READING, .part = 0.38, .events = 1234567},
     100e6,
     0.1,
     0,
     "reading, 1.2M events  38%  100 MB/s  0:06 left"},
    {"narrow", {LOADING, .part = 0.38}, 100e6, 0.1, 45, " 38%  0:06 left loading, 3 of 12 tables"},
    {"very narrow", {LOADING, .part = 0.38}, 100e6, 0.1, 20, " 38%  0:06 left loa"},
    {"no room at all", {LOADING, .part = 0.38}, 100e6, 0.1, 4, " 38"},
    {"no total",
     {.begun = true, .phase = "reading", .amount = 12300000, .events = 1},
     1500,
     -1,
     80,
     "12.3 MB  0:07        1.5 KB/s    reading, 1 event"},
    {"nothing yet", {READING}, -1, -1, 60, "[----------]   0%  0:07                    reading"},
    {"done",
     {LOADING, .part = 1.0},
     10,
     0.1,
     60,
     "[##########] 100%  0:00 left   10 B/s      loading"},
    {"hours", {READING, .part = 0}, 1e6, 1.0 / 7200, 0, "reading   0%  1.0 MB/s  2:00:00 left"},
    {"a window of many",
     {LOADING, .part = 0.5, .round_noun = "window", .round = 3, .rounds = 30},
     -1,
     -1,
     0,
     "window 3 of 30: loading product_viewed  50%  0:07"},
    {"rows",
     {READING, .part = 0.25, .unit = "rows"},
     125,
     0.125,
     0,
     "reading  25%  125 rows/s  0:06 left"},
    {"a speed of no interest",
     {READING, .part = 0.25, .unit = ""},
     3,
     0.125,
     0,
     "reading  25%  0:06 left"},
    {"ages", {READING, .part = 0}, 2, 1e-8, 0, "reading   0%  2 B/s  99:59:59 left"},
};

static void test_progress__formats_the_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(lines); i++) {
        struct rs_strbuf line = RS_STRBUF_INIT(256);
        struct rs_progress_rates rates = {
            .amount = {.known = lines[i].per_second >= 0, .per_second = lines[i].per_second},
            .part = {.known = lines[i].part_per_second >= 0,
                     .per_second = lines[i].part_per_second}};
        rs_progress_format(&lines[i].view, &rates, 7.0, lines[i].columns, &line);
        assert_string_equal(rs_strbuf_cstr(&line), lines[i].line);
        assert_true(lines[i].columns == 0 || line.length < lines[i].columns);
        rs_strbuf_release(&line);
    }
}

/* Wide characters, marks that combine, bytes that are no text, and such as steer a terminal. */
static void test_progress__no_name_is_wider_than_the_terminal(void **state)
{
    static const char *const names[] = {
        "product_viewed",
        "\xe5\x95\x86\xe5\x93\x81\xe3\x82\x92\xe8\xa6\x8b\xe3\x81\x9f\xe4\xba\xba\xe3\x81\xae\xe8"
        "\xa1\xa8",
        "gro\xcc\x88\xc3\x9f"
        "e\xcc\x81\xcc\x81\xcc\x81_abcdefghijklmnopqrstuvwxyz",
        "\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\xe2\x8c\x9a\xe2\x9c\xa8\xf0\x9f\x80\x84_and_so_on",
        "a\033[2Jb\nc\xff\xfe\xe4\xba",
    };
    struct rs_progress_rates rates = {{.known = true, .per_second = 1e6},
                                      {.known = true, .per_second = 0.01}};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        for (size_t columns = 1; columns <= 200; columns++) {
            struct rs_strbuf line = RS_STRBUF_INIT(4096);
            struct rs_meter_view view = {LOADING, .part = 0.5};
            memset(view.name, 0, sizeof view.name);
            memcpy(view.name, names[i], strlen(names[i]));
            rs_progress_format(&view, &rates, 7.0, columns, &line);
            assert_true(rs_text_width(rs_strbuf_str(&line)) < columns);
            assert_int_equal(rs_utf8_valid(rs_strbuf_str(&line)), true);
            for (size_t at = 0; at < line.length; at++) {
                assert_true((unsigned char)line.data[at] >= 0x20 && line.data[at] != 0x7f);
            }
            rs_strbuf_release(&line);
        }
    }
}

/* An environment whose clock is a variable and whose stderr is a pipe. */
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

static void begin(struct world *world, enum rs_progress_style style, size_t columns)
{
    rs_progress_init(&world->progress, &world->env, style, columns);
    rs_meter_enter(&world->progress.meter, "reading", &(struct rs_meter_work){.total = 4});
    rs_meter_set(&world->progress.meter, 1, 4);
    rs_meter_count(&world->progress.meter, 1, 0);
}

/* What is shown after a while. */
static const char *wait(struct world *world, int64_t us)
{
    world->now_us += us;
    rs_progress_tick(&world->progress);
    return seen(world);
}

static void test_progress__draws_a_bar_at_most_ten_times_a_second(void **state)
{
    struct world *world = *state;
    begin(world, RS_PROGRESS_BAR, 40);
    assert_string_equal(wait(world, 0), "");
    assert_string_equal(wait(world, 100000), "\r 25%  0:00 reading, 1 event\033[J\r");
    assert_string_equal(wait(world, 99999), "");
    assert_non_null(strstr(wait(world, 1), "reading"));
}

static void test_progress__nothing_is_drawn_before_there_is_work(void **state)
{
    struct world *world = *state;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_BAR, 40);
    assert_string_equal(wait(world, SECOND_US), "");
}

static void test_progress__the_bar_goes_away_before_what_else_is_written(void **state)
{
    struct world *world = *state;
    begin(world, RS_PROGRESS_BAR, 40);
    assert_non_null(strstr(wait(world, 100000), "reading"));
    rs_progress_hold(&world->progress);
    assert_string_equal(seen(world), "\r\033[J");
    rs_progress_release(&world->progress);
    rs_progress_hold(&world->progress);
    assert_string_equal(seen(world), "");
    rs_progress_release(&world->progress);
}

static void test_progress__a_thread_draws_until_the_end_and_logs_begin_with_an_erasure(void **state)
{
    struct world *world = *state;
    struct rs_env system;
    rs_env_init_system(&system, "rs-sync");
    world->env.monotonic_us = system.monotonic_us;
    rs_progress_init(&world->progress, &world->env, RS_PROGRESS_BAR, 40);
    world->env.log.before = rs_progress_erase;
    world->env.log.before_arg = &world->progress;
    rs_log(&world->env.log, RS_LOG_NOTICE, "before");
    assert_string_equal(seen(world), "rs-sync: before\n");
    struct rs_meter *meter = rs_progress_begin(&world->progress);
    assert_non_null(meter);
    rs_log(&world->env.log, RS_LOG_NOTICE, "hello");
    assert_string_equal(seen(world), "\r\033[Jrs-sync: hello\n");
    rs_meter_enter(meter, "reading", &(struct rs_meter_work){.total = 4});
    const char *drawn = seen(world);
    for (int i = 0; i < 1000 && *drawn == '\0'; i++) {
        system.sleep_ms(&system, 10);
        drawn = seen(world);
    }
    assert_non_null(strstr(drawn, "reading"));
    rs_progress_end(&world->progress, true);
    drawn = seen(world);
    assert_non_null(strstr(drawn, "100%"));
    assert_string_equal(drawn + strlen(drawn) - 4, "\r\033[J");
    rs_progress_end(&world->progress, true);
    assert_string_equal(wait(world, SECOND_US), "");
}

static void test_progress__lines_come_every_five_seconds(void **state)
{
    struct world *world = *state;
    begin(world, RS_PROGRESS_LINES, 40);
    assert_string_equal(wait(world, 4999999), "");
    assert_string_equal(wait(world, 1), "rs-sync: reading, 1 event  25%  0:05\n");
    rs_progress_end(&world->progress, false);
    assert_string_equal(seen(world), "");
}

static void test_progress__a_message_of_the_log_comes_every_minute(void **state)
{
    struct world *world = *state;
    begin(world, RS_PROGRESS_LOG, 40);
    assert_string_equal(wait(world, 59999999), "");
    assert_string_equal(wait(world, 1), "rs-sync: reading, 1 event  25%  1:00\n");
}

static void test_progress__off_is_silent(void **state)
{
    struct world *world = *state;
    begin(world, RS_PROGRESS_OFF, 40);
    assert_null(rs_progress_begin(&world->progress));
    assert_string_equal(wait(world, 60 * (int64_t)SECOND_US), "");
    rs_progress_end(&world->progress, true);
    assert_string_equal(seen(world), "");
}

static void test_progress__a_new_phase_has_a_speed_of_its_own(void **state)
{
    struct world *world = *state;
    struct rs_meter *meter = &world->progress.meter;
    begin(world, RS_PROGRESS_BAR, 80);
    rs_meter_set(meter, 0, 1000 * MB);
    assert_null(strstr(wait(world, SECOND_US), "B/s"));
    rs_meter_set(meter, 900 * MB, 1000 * MB);
    assert_non_null(strstr(wait(world, SECOND_US), "900 MB/s"));
    rs_meter_enter(meter, "loading", &(struct rs_meter_work){.total = 10 * MB});
    assert_null(strstr(wait(world, SECOND_US), "B/s"));
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
        cmocka_unit_test(test_progress__no_name_is_wider_than_the_terminal),
        TEST(test_progress__draws_a_bar_at_most_ten_times_a_second),
        TEST(test_progress__nothing_is_drawn_before_there_is_work),
        TEST(test_progress__the_bar_goes_away_before_what_else_is_written),
        TEST(test_progress__a_thread_draws_until_the_end_and_logs_begin_with_an_erasure),
        TEST(test_progress__lines_come_every_five_seconds),
        TEST(test_progress__a_message_of_the_log_comes_every_minute),
        TEST(test_progress__off_is_silent),
        TEST(test_progress__a_new_phase_has_a_speed_of_its_own),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
