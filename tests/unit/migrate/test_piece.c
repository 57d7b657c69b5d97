/* Which pieces of a table are to be copied. */
#include "migrate/piece.h"
#include "rs/compiler.h"
#include "unit.h"

static struct rs_piece_list planned(const struct rs_piece_hour *hours, size_t count,
                                    const struct rs_piece_list *done, uint64_t rows)
{
    struct rs_piece_list todo = {NULL, 0, 0};
    rs_pieces_plan(hours, count, done, rows, &todo);
    return todo;
}

static void assert_names(struct rs_piece_list *list, const char *expected)
{
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    for (size_t i = 0; i < list->count; i++) {
        rs_strbuf_append(&text, i > 0 ? " " : "");
        rs_piece_append_name(&text, &list->pieces[i]);
    }
    assert_string_equal(rs_strbuf_cstr(&text), expected);
    rs_strbuf_release(&text);
}

static void test_piece__hours_are_gathered_until_a_piece_is_full(void **state)
{
    (void)state;
    const struct rs_piece_hour hours[] = {{.hour = 0, .rows = 40, .sum = 1},
                                          {.hour = 1, .rows = 60, .sum = 2},
                                          {.hour = 5, .rows = 1, .sum = 4},
                                          {.hour = 48, .rows = 500, .sum = 8},
                                          {.hour = 49, .rows = 1, .sum = 16}};
    struct rs_piece_list none = {NULL, 0, 0};
    struct rs_piece_list todo = planned(hours, RS_COUNTOF(hours), &none, 100);
    assert_names(&todo, "1970-01-01T00/1970-01-01T02 1970-01-01T05/1970-01-01T06 "
                        "1970-01-03T00/1970-01-03T01 1970-01-03T01/1970-01-03T02");
    assert_int_equal(todo.pieces[0].rows, 100);
    assert_int_equal(todo.pieces[0].sum, 3);
    assert_int_equal(todo.pieces[2].rows, 500);
    rs_pieces_release(&todo);
}

static void test_piece__what_is_done_and_has_not_changed_is_left_alone(void **state)
{
    (void)state;
    const struct rs_piece_hour hours[] = {{.hour = 0, .rows = 40, .sum = 1},
                                          {.hour = 1, .rows = 60, .sum = 2},
                                          {.hour = 2, .rows = 5, .sum = 9}};
    struct rs_piece piece = {
        .kind = RS_PIECE_HOURS, .first_hour = 0, .end_hour = 2, .rows = 100, .sum = 3};
    struct rs_piece_list done = {NULL, 0, 0};
    rs_pieces_add(&done, &piece);
    struct rs_piece_list todo = planned(hours, RS_COUNTOF(hours), &done, 1000);
    assert_names(&todo, "1970-01-01T02/1970-01-01T03");
    rs_pieces_release(&todo);
    rs_pieces_release(&done);
}

static void test_piece__what_has_changed_is_carried_once_more(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct rs_piece_hour hour;
        const char *expected;
    } cases[] = {
        {"the same", {.hour = 1, .rows = 60, .sum = 2}, ""},
        {"a row more", {.hour = 1, .rows = 61, .sum = 2}, "1970-01-01T00/1970-01-01T02"},
        {"another value", {.hour = 1, .rows = 60, .sum = 3}, "1970-01-01T00/1970-01-01T02"},
        {"all rows gone",
         {.hour = 9, .rows = 1, .sum = 0},
         "1970-01-01T09/1970-01-01T10 1970-01-01T00/1970-01-01T02"},
    };
    struct rs_piece piece = {
        .kind = RS_PIECE_HOURS, .first_hour = 0, .end_hour = 2, .rows = 60, .sum = 2};
    struct rs_piece_list done = {NULL, 0, 0};
    rs_pieces_add(&done, &piece);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        print_message("%s\n", cases[i].label);
        struct rs_piece_list todo = planned(&cases[i].hour, 1, &done, 1000);
        assert_names(&todo, cases[i].expected);
        rs_pieces_release(&todo);
    }
    rs_pieces_release(&done);
}

static void test_piece__new_hours_never_reach_over_a_piece_that_is_done(void **state)
{
    (void)state;
    const struct rs_piece_hour hours[] = {{.hour = 0, .rows = 1}, {.hour = 9, .rows = 1}};
    struct rs_piece piece = {.kind = RS_PIECE_HOURS, .first_hour = 4, .end_hour = 5};
    struct rs_piece_list done = {NULL, 0, 0};
    rs_pieces_add(&done, &piece);
    struct rs_piece_list todo = planned(hours, RS_COUNTOF(hours), &done, 1000);
    assert_names(&todo, "1970-01-01T00/1970-01-01T01 1970-01-01T09/1970-01-01T10");
    rs_pieces_release(&todo);
    rs_pieces_release(&done);
}

static void test_piece__rows_without_a_time_are_a_piece(void **state)
{
    (void)state;
    const struct rs_piece_hour hours[] = {{.hour = -1, .rows = 1},
                                          {.null = true, .rows = 7, .sum = 5}};
    struct rs_piece_list done = {NULL, 0, 0};
    struct rs_piece_list todo = planned(hours, RS_COUNTOF(hours), &done, 1000);
    assert_names(&todo, "1969-12-31T23/1970-01-01T00 null");
    rs_pieces_add(&done, &todo.pieces[1]);
    rs_pieces_release(&todo);
    todo = planned(hours, RS_COUNTOF(hours), &done, 1000);
    assert_names(&todo, "1969-12-31T23/1970-01-01T00");
    rs_pieces_release(&todo);
    rs_pieces_release(&done);
}

static void test_piece__a_whole_table_holds_all_hours(void **state)
{
    (void)state;
    const struct rs_piece_hour hours[] = {{.hour = 0, .rows = 3, .sum = 1}};
    struct rs_piece piece = {.kind = RS_PIECE_ALL, .rows = 3, .sum = 1};
    struct rs_piece_list done = {NULL, 0, 0};
    rs_pieces_add(&done, &piece);
    struct rs_piece_list todo = planned(hours, 1, &done, 1000);
    assert_names(&todo, "");
    done.pieces[0].sum = 2;
    rs_pieces_plan(hours, 1, &done, 1000, &todo);
    assert_names(&todo, "all");
    rs_pieces_release(&todo);
    rs_pieces_release(&done);
}

static void test_piece__names_are_read_back(void **state)
{
    (void)state;
    static const char *const good[] = {"2026-11-01T00/2026-11-02T05", "null", "all",
                                       "1969-12-31T22/1969-12-31T23"};
    static const char *const bad[] = {"",
                                      "2026-11-01T00",
                                      "2026-11-01T00/2026-11-01T00",
                                      "2026-11-02T00/2026-11-01T00",
                                      "2026-11-01T0x/2026-11-02T05",
                                      "some"};
    struct rs_piece piece;
    for (size_t i = 0; i < RS_COUNTOF(good); i++) {
        struct rs_strbuf text = RS_STRBUF_INIT(64);
        print_message("%s\n", good[i]);
        assert_true(rs_piece_parse_name(rs_str_from(good[i]), &piece));
        rs_piece_append_name(&text, &piece);
        assert_string_equal(rs_strbuf_cstr(&text), good[i]);
        rs_strbuf_release(&text);
    }
    for (size_t i = 0; i < RS_COUNTOF(bad); i++) {
        print_message("%s\n", bad[i]);
        assert_false(rs_piece_parse_name(rs_str_from(bad[i]), &piece));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_piece__hours_are_gathered_until_a_piece_is_full),
        cmocka_unit_test(test_piece__what_is_done_and_has_not_changed_is_left_alone),
        cmocka_unit_test(test_piece__what_has_changed_is_carried_once_more),
        cmocka_unit_test(test_piece__new_hours_never_reach_over_a_piece_that_is_done),
        cmocka_unit_test(test_piece__rows_without_a_time_are_a_piece),
        cmocka_unit_test(test_piece__a_whole_table_holds_all_hours),
        cmocka_unit_test(test_piece__names_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
