/* Access lists of Redshift as texts: who granted to whom. */
#include "provision/access_list.h"

#include "rs/strbuf.h"
#include "unit.h"

static void assert_list(const char *text, const char *desired)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_str rest = rs_str_from(text);
    struct rs_access_entry entry;
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    static const char *const kinds[] = {"user", "group", "role", "public"};
    while (rs_access_entry_next(&rest, &arena, &entry)) {
        rs_strbuf_printf(&out, "%s <%s>%s by <%s>; ", kinds[entry.kind], entry.grantee,
                         entry.can_grant ? " and on" : "", entry.grantor);
    }
    assert_string_equal(rs_strbuf_cstr(&out), desired);
    rs_strbuf_release(&out);
    rs_arena_release(&arena);
}

static void test_access_list__users_groups_roles_and_public_are_told_apart(void **state)
{
    (void)state;
    assert_list("", "");
    assert_list(
        "awsuser=arwd/awsuser,ann=r*w/awsuser,group g=r/ann,role r=r/ann,role:s=r/ann,=X/bob",
        "user <awsuser> by <awsuser>; user <ann> and on by <awsuser>; group <g> by <ann>; "
        "role <r> by <ann>; role <s> by <ann>; public <> by <bob>; ");
    assert_list("group=r/group,role=r/role", "user <group> by <group>; user <role> by <role>; ");
}

static void test_access_list__names_in_quotes_hold_any_byte(void **state)
{
    (void)state;
    assert_list("\"a,b=c/d\"=r/\"say \"\"hi\"\"\",group \"g h\"=r*/x",
                "user <a,b=c/d> by <say \"hi\">; group <g h> and on by <x>; ");
    assert_list("\"\"\"\"=r/\"a\"\"\"", "user <\"> by <a\">; ");
    assert_list("\"group g\"=r/x", "user <group g> by <x>; ");
}

static void test_access_list__what_is_no_list_ends_it(void **state)
{
    (void)state;
    assert_list("ann=r/bob,{?}", "user <ann> by <bob>; ");
    assert_list("ann", "");
    assert_list("ann=r", "");
    assert_list("ann=r/", "");
    assert_list("\"ann=r/bob", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access_list__users_groups_roles_and_public_are_told_apart),
        cmocka_unit_test(test_access_list__names_in_quotes_hold_any_byte),
        cmocka_unit_test(test_access_list__what_is_no_list_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
