/* A password's file, and the line in ~/.pgpass: written, kept, taken back. */
#include "provision/password_delivery.h"

#include <string.h>

#include "fake_env.h"
#include "scratch.h"
#include "unit.h"

static void assert_edit(const char *before, const char *after)
{
    const struct rs_pgpass_key key = {RS_STR_INIT("h"), RS_STR_INIT("5439"), RS_STR_INIT("d:\\"),
                                      RS_STR_INIT("u")};
    struct rs_strbuf out = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    struct rs_error err = {0};
    assert_true(rs_pgpass_edit(rs_str_from(before), &key, RS_STR("p:\\w"), &out, &err));
    assert_string_equal(rs_strbuf_cstr(&out), after);
    rs_strbuf_release(&out);
}

static void test_password_delivery__the_line_is_at_the_top_and_once(void **state)
{
    (void)state;
    assert_edit("", "h:5439:d\\:\\\\:u:p\\:\\\\w\n");
    assert_edit("# mine\n*:*:*:*:x", "h:5439:d\\:\\\\:u:p\\:\\\\w\n# mine\n*:*:*:*:x\n");
    assert_edit("a:1:b:c:d\nh:5439:d\\:\\\\:u:old\n\nh:5439:d\\:\\\\:u2:other\n",
                "h:5439:d\\:\\\\:u:p\\:\\\\w\na:1:b:c:d\n\nh:5439:d\\:\\\\:u2:other\n");
}

static void
test_password_delivery__a_local_socket_is_localhost_and_no_name_ends_a_line(void **state)
{
    (void)state;
    struct rs_pgpass_key key = {RS_STR_INIT(""), RS_STR_INIT("5432"), RS_STR_INIT("d"),
                                RS_STR_INIT("u")};
    struct rs_strbuf out = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    struct rs_error err = {0};
    assert_true(rs_pgpass_edit(RS_STR(""), &key, RS_STR("p"), &out, &err));
    assert_string_equal(rs_strbuf_cstr(&out), "localhost:5432:d:u:p\n");
    key.user = RS_STR("u\n*:*:*:*:x");
    assert_false(rs_pgpass_edit(RS_STR(""), &key, RS_STR("p"), &out, &err));
    assert_int_equal(err.code, RS_E_USAGE);
    rs_strbuf_release(&out);
}

static void assert_file(struct scratch *scratch, const char *name, const char *desired)
{
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    struct rs_error err = {0};
    struct stat about;
    if (!desired) {
        assert_int_not_equal(lstat(scratch_path(scratch, name), &about), 0);
        return;
    }
    assert_int_equal(lstat(scratch_path(scratch, name), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_true(rs_fs_read_file(scratch_path(scratch, name), &text, &err));
    assert_string_equal(rs_strbuf_cstr(&text), desired);
    rs_strbuf_release(&text);
}

static void test_password_delivery__files_are_written_and_taken_back(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct fake_env fake;
    struct rs_error err = {0};
    char out[512];
    fake_env_init(&fake);
    fake_env_set(&fake, "HOME", scratch.dir);
    (void)snprintf(out, sizeof out, "%s/pw", scratch.dir);
    struct rs_password_delivery delivery = {.env = &fake.env,
                                            .password_out = out,
                                            .pgpass = true,
                                            .host = "h",
                                            .port = "1",
                                            .dbname = "d"};
    assert_true(rs_password_delivery_check(&delivery, &err));
    assert_true(rs_password_delivery_keep(&delivery, "u", RS_STR("one"), true, &err));
    assert_file(&scratch, "pw", "one\n");
    assert_file(&scratch, ".pgpass", "h:1:d:u:one\n");
    rs_password_delivery_undo(&delivery);
    assert_file(&scratch, "pw", NULL);
    assert_file(&scratch, ".pgpass", NULL);

    assert_true(rs_password_delivery_keep(&delivery, "u", RS_STR("two"), true, &err));
    struct rs_password_delivery again = delivery;
    again.made_out = false;
    again.before = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    assert_false(rs_password_delivery_check(&again, &err)); /* never overwritten */
    assert_int_equal(err.code, RS_E_IO);
    rs_error_clear(&err);
    assert_false(rs_password_delivery_keep(&again, "u", RS_STR("three"), true, &err));
    rs_error_clear(&err);
    again.password_out = NULL;
    assert_true(rs_password_delivery_keep(&again, "u", RS_STR("three"), true, &err));
    assert_file(&scratch, ".pgpass", "h:1:d:u:three\n");
    rs_password_delivery_undo(&again);
    assert_file(&scratch, ".pgpass", "h:1:d:u:two\n");
    assert_file(&scratch, "pw", "two\n");
    rs_password_delivery_release(&again);
    rs_password_delivery_release(&delivery);
    scratch_remove(&scratch);
}

static void assert_removal(const char *before, const char *after, size_t removed, const char *left,
                           const char *numbers)
{
    const struct rs_pgpass_key key = {RS_STR_INIT("h"), RS_STR_INIT("5439"), RS_STR_INIT("d"),
                                      RS_STR_INIT("u:x")};
    struct rs_strbuf out = RS_STRBUF_INIT(RS_PGPASS_MAX_BYTES);
    struct rs_strbuf found = RS_STRBUF_INIT(64);
    size_t count = 0;
    rs_pgpass_remove(rs_str_from(before), &key, &out, &count, &found);
    assert_string_equal(rs_strbuf_cstr(&out), after);
    assert_int_equal(count, removed);
    assert_string_equal(rs_strbuf_cstr(&found), left);
    rs_strbuf_reset(&found);
    rs_pgpass_remove(rs_str_from(before), &key, NULL, &count, &found);
    assert_int_equal(count, 0);
    assert_string_equal(rs_strbuf_cstr(&found), numbers);
    rs_strbuf_release(&found);
    rs_strbuf_release(&out);
}

static void test_password_delivery__a_users_lines_go_and_others_stay_byte_for_byte(void **state)
{
    (void)state;
    assert_removal("", "", 0, "", "");
    assert_removal(
        "# h:5439:d:u\\:x:p\r\n\nh:5439:d:u\\:x:p\n  h:5439:d:u\\:x:p\nh:5439:*:u\\:x:p\n"
        "h:5439:d:u:x:p\nh:5439:d:*:p",
        "# h:5439:d:u\\:x:p\r\n\n  h:5439:d:u\\:x:p\nh:5439:d:u:x:p\nh:5439:d:*:p", 2, "", "3, 5");
    assert_removal("a:1:b:c:d\nh:5439:d:u\\:x:p", "a:1:b:c:d\n", 1, "", "2");
    assert_removal("h:5439:d:u\\:x:p\n*:5439:d:u\\:x:p\nh:*:*:\\u\\:x:p\ni:5439:d:u\\:x:p\n",
                   "*:5439:d:u\\:x:p\nh:*:*:\\u\\:x:p\ni:5439:d:u\\:x:p\n", 1, "1, 2", "1, 2, 3");
    assert_removal("h:5439:d\nh\nh:5439:d:u\\:x\n:::\n", "h:5439:d\nh\n:::\n", 1, "", "3");
}

static void test_password_delivery__a_dropped_users_line_is_taken_out_of_the_file(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct fake_env fake;
    struct rs_error err = {0};
    struct rs_strbuf numbers = RS_STRBUF_INIT(64);
    size_t removed = 1;
    fake_env_init(&fake);
    fake_env_set(&fake, "HOME", scratch.dir);
    struct rs_password_delivery delivery = {
        .env = &fake.env, .pgpass = true, .host = "h", .port = "1", .dbname = "d"};
    assert_true(
        rs_password_delivery_forget(&delivery, "u", &removed, &numbers, &err)); /* no file */
    assert_int_equal(removed, 0);
    assert_file(&scratch, ".pgpass", NULL);
    assert_true(rs_password_delivery_keep(&delivery, "v", RS_STR("two"), true, &err));
    assert_true(rs_password_delivery_keep(&delivery, "u", RS_STR("one"), true, &err));
    delivery.pgpass = false;
    assert_true(rs_password_delivery_forget(&delivery, "u", &removed, &numbers, &err));
    assert_int_equal(removed, 0);
    assert_string_equal(rs_strbuf_cstr(&numbers), "1");
    assert_file(&scratch, ".pgpass", "h:1:d:u:one\nh:1:d:v:two\n");
    rs_strbuf_reset(&numbers);
    delivery.pgpass = true;
    assert_true(rs_password_delivery_forget(&delivery, "u", &removed, &numbers, &err));
    assert_int_equal(removed, 1);
    assert_string_equal(rs_strbuf_cstr(&numbers), "");
    assert_file(&scratch, ".pgpass", "h:1:d:v:two\n");
    rs_strbuf_release(&numbers);
    rs_password_delivery_release(&delivery);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password_delivery__the_line_is_at_the_top_and_once),
        cmocka_unit_test(
            test_password_delivery__a_local_socket_is_localhost_and_no_name_ends_a_line),
        cmocka_unit_test(test_password_delivery__files_are_written_and_taken_back),
        cmocka_unit_test(test_password_delivery__a_users_lines_go_and_others_stay_byte_for_byte),
        cmocka_unit_test(test_password_delivery__a_dropped_users_line_is_taken_out_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
