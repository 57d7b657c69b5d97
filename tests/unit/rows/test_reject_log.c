/* Rejected lines: in the order read, byte for byte where they are copied, clean where shown. */
#include "rows/reject_log.h"

#include "scratch.h"
#include "unit.h"

struct reject {
    uint32_t input;
    uint32_t chunk;
    uint64_t line;
    const char *reason;
    struct rs_str text;
};

static void add(struct rs_reject_log *log, const struct reject *rejects, size_t count)
{
    struct rs_error err = {0};
    struct rs_slab slab = RS_SLAB_INIT;
    struct rs_batch *batch = rs_batch_new(rejects[0].input, rejects[0].chunk, 0, &slab, 0, 0);
    for (size_t i = 0; i < count; i++) {
        const struct rs_place place = {rejects[i].line, rejects[i].line * 10};
        rs_batch_add_reject(batch, place, rejects[i].text, rejects[i].reason);
    }
    rs_batch_end(batch);
    assert_true(rs_reject_log_add(log, batch, &err));
    rs_batch_free(batch);
    rs_slab_release(&slab);
}

/* All records as text, and how many visits until the walk is to end. */
struct shown {
    struct rs_strbuf text;
    size_t visits;
};

static bool show(void *arg, const struct rs_reject_record *record, struct rs_error *err)
{
    struct shown *shown = arg;
    if (shown->visits == 0) {
        return rs_error_set(err, RS_E_IO, "enough");
    }
    shown->visits--;
    assert_int_equal(record->place.byte, record->place.line * 10);
    rs_strbuf_printf(&shown->text, "%u:%u %s: ", record->input, (unsigned)record->place.line,
                     record->reason);
    rs_strbuf_append_str(&shown->text, record->text);
    rs_strbuf_append(&shown->text, "\n");
    return true;
}

static void copy_to_file(const struct rs_reject_log *log, struct scratch *scratch,
                         struct rs_strbuf *out)
{
    struct rs_error err = {0};
    const char *path = scratch_path(scratch, "rejects");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_true(rs_reject_log_copy(log, fd, "rejects", &err));
    assert_int_equal(close(fd), 0);
    assert_true(rs_fs_read_file(path, out, &err));
}

static void test_reject_log__rejects_are_in_the_order_read(void **state)
{
    static const struct reject later[] = {{1, 0, 3, "why d", RS_STR_INIT("d")}};
    static const struct reject second[] = {{0, 5, 90, "why c", RS_STR_INIT("")}};
    static const struct reject first[] = {{0, 1, 2, "why a", RS_STR_INIT("a\xff\0b")},
                                          {0, 1, 7, "why b", RS_STR_INIT("b\r")}};
    struct rs_error err = {0};
    struct scratch scratch = scratch_make();
    struct shown shown = {RS_STRBUF_INIT(1 << 20), SIZE_MAX};
    struct rs_strbuf bytes = RS_STRBUF_INIT(1 << 20);
    struct rs_reject_log *log = rs_reject_log_new(NULL);
    (void)state;
    add(log, later, 1);
    add(log, second, 1);
    add(log, first, 2);
    rs_reject_log_seal(log);
    assert_int_equal(rs_reject_log_count(log), 4);
    assert_true(rs_reject_log_each(log, show, &shown, &err));
    assert_string_equal(rs_strbuf_cstr(&shown.text), "0:2 why a: a\xef\xbf\xbd"
                                                     "b\n0:7 why b: b\r\n0:90 why c: \n"
                                                     "1:3 why d: d\n");
    copy_to_file(log, &scratch, &bytes);
    assert_int_equal(bytes.length, 11);
    assert_memory_equal(bytes.data, "a\xff\0b\nb\r\n\nd\n", 11);
    struct rs_reject_place place = {0};
    bool found = true;
    char head[RS_REJECT_HEAD_MAX];
    size_t length = 0;
    assert_true(rs_reject_log_first(log, 1, &place, &found, &err) && found);
    assert_int_equal(place.line, 3);
    assert_true(rs_reject_log_first(log, 0, &place, &found, &err) && found);
    assert_int_equal(place.line, 2);
    assert_true(rs_reject_log_head(log, &place, head, &length, &err));
    assert_int_equal(length, 4);
    assert_memory_equal(head, "a\xff\0b", 4);
    assert_true(rs_reject_log_first(log, 2, &place, &found, &err) && !found);
    shown.visits = 2;
    assert_false(rs_reject_log_each(log, show, &shown, &err));
    assert_string_equal(err.message, "enough");
    rs_reject_log_free(log);
    rs_strbuf_release(&shown.text);
    rs_strbuf_release(&bytes);
    scratch_remove(&scratch);
}

static void test_reject_log__reasons_are_counted_with_the_first_of_each(void **state)
{
    static const struct reject later[] = {{1, 0, 3, "rare", RS_STR_INIT("x")},
                                          {1, 0, 4, "often", RS_STR_INIT("x")},
                                          {1, 0, 5, "often", RS_STR_INIT("x")}};
    static const struct reject first[] = {{0, 7, 90, "often", RS_STR_INIT("y")},
                                          {0, 7, 91, "seldom", RS_STR_INIT("z")}};
    struct rs_reject_log *log = rs_reject_log_new(NULL);
    size_t count = 0;
    (void)state;
    add(log, later, 3);
    add(log, first, 2);
    rs_reject_log_seal(log);
    const struct rs_reject_reason *reasons = rs_reject_log_reasons(log, &count);
    assert_int_equal(count, 3);
    assert_string_equal(reasons[0].first.reason, "often");
    assert_int_equal(reasons[0].count, 3);
    assert_int_equal(reasons[0].first.line, 90);
    assert_string_equal(reasons[1].first.reason, "seldom"); /* as rare, and before it */
    assert_string_equal(reasons[2].first.reason, "rare");
    assert_int_equal(reasons[2].first.input, 1);
    rs_reject_log_free(log);
}

static void test_reject_log__a_line_of_several_pieces_is_one_reject(void **state)
{
    static const struct reject pieces[][1] = {{{0, 0, 1, "too long", RS_STR_INIT("one ")}},
                                              {{0, 1, 1, NULL, RS_STR_INIT("two ")}},
                                              {{0, 2, 1, NULL, RS_STR_INIT("three")}},
                                              {{0, 3, 2, "other", RS_STR_INIT("x")}}};
    struct rs_error err = {0};
    struct scratch scratch = scratch_make();
    struct shown shown = {RS_STRBUF_INIT(1 << 20), SIZE_MAX};
    struct rs_strbuf bytes = RS_STRBUF_INIT(1 << 20);
    struct rs_reject_log *log = rs_reject_log_new(NULL);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(pieces); i++) {
        add(log, pieces[i * 3 % 4], 1); /* in another order */
    }
    rs_reject_log_seal(log);
    assert_int_equal(rs_reject_log_count(log), 2);
    assert_true(rs_reject_log_each(log, show, &shown, &err));
    assert_string_equal(rs_strbuf_cstr(&shown.text), "0:1 too long: one \n0:2 other: x\n");
    copy_to_file(log, &scratch, &bytes);
    assert_string_equal(rs_strbuf_cstr(&bytes), "one two three\nx\n");
    rs_reject_log_free(log);
    rs_strbuf_release(&shown.text);
    rs_strbuf_release(&bytes);
    scratch_remove(&scratch);
}

/* A line is cut between two characters, and whole in the copy. */
static void test_reject_log__long_lines_are_shown_in_part(void **state)
{
    static const char *const tails[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    struct scratch scratch = scratch_make();
    char *line = rs_mem_alloc(RS_REJECT_TEXT_MAX + 100);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(tails) * 6; i++) {
        struct rs_error err = {0};
        struct shown shown = {RS_STRBUF_INIT(1 << 20), SIZE_MAX};
        struct rs_strbuf bytes = RS_STRBUF_INIT(1 << 20);
        struct rs_reject_log *log = rs_reject_log_new(NULL);
        const char *tail = tails[i / 6];
        size_t length = RS_REJECT_TEXT_MAX - i % 6;
        memset(line, '.', length);
        memcpy(line + length, tail, strlen(tail));
        memcpy(line + length + strlen(tail), "yz", 2);
        struct rs_str text = {line, length + strlen(tail) + 2};
        struct reject reject = {0, 0, 1, "r", text};
        add(log, &reject, 1);
        rs_reject_log_seal(log);
        assert_true(rs_reject_log_each(log, show, &shown, &err));
        struct rs_str record = rs_strbuf_str(&shown.text);
        record = rs_str_slice(record, sizeof "0:1 r: " - 1, record.length - 1);
        size_t whole = text.length;
        if (whole > RS_REJECT_TEXT_MAX) {
            bool fits = length + strlen(tail) <= RS_REJECT_TEXT_MAX;
            whole = fits ? RS_REJECT_TEXT_MAX : length;
        }
        assert_true(rs_str_equal(record, rs_str_slice(text, 0, whole)));
        copy_to_file(log, &scratch, &bytes);
        assert_int_equal(bytes.length, text.length + 1);
        assert_memory_equal(bytes.data, text.data, text.length);
        rs_reject_log_free(log);
        rs_strbuf_release(&shown.text);
        rs_strbuf_release(&bytes);
    }
    rs_mem_free(line);
    scratch_remove(&scratch);
}

static void test_reject_log__without_rejects_there_is_nothing(void **state)
{
    struct rs_error err = {0};
    struct scratch scratch = scratch_make();
    struct shown shown = {RS_STRBUF_INIT(1 << 20), SIZE_MAX};
    struct rs_strbuf bytes = RS_STRBUF_INIT(1 << 20);
    struct rs_reject_log *log = rs_reject_log_new(NULL);
    (void)state;
    rs_reject_log_seal(log);
    assert_int_equal(rs_reject_log_count(log), 0);
    assert_true(rs_reject_log_each(log, show, &shown, &err));
    assert_int_equal(shown.text.length, 0);
    copy_to_file(log, &scratch, &bytes);
    assert_int_equal(bytes.length, 0);
    rs_reject_log_free(log);
    rs_reject_log_free(NULL);
    rs_strbuf_release(&bytes);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reject_log__rejects_are_in_the_order_read),
        cmocka_unit_test(test_reject_log__reasons_are_counted_with_the_first_of_each),
        cmocka_unit_test(test_reject_log__a_line_of_several_pieces_is_one_reject),
        cmocka_unit_test(test_reject_log__long_lines_are_shown_in_part),
        cmocka_unit_test(test_reject_log__without_rejects_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
