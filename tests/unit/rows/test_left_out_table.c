/* Tables that were not made: which of their values are lost, and the discards that say so. */
#include "rows/left_out_table.h"

#include "staging.h"
#include "unit.h"

static const char lines[] =
    "{\"type\":\"track\",\"messageId\":\"m1\",\"receivedAt\":\"2026-01-01\",\"event\":\"E\","
    "\"context\":{\"ip\":\"i\"},\"properties\":{\"a\":1,\"b\":[1, 2],\"n\":null,\"A\":3}}\n"
    "{\"type\":\"track\",\"messageId\":\"m2\",\"receivedAt\":\"2026-01-02\",\"event\":\"E\","
    "\"properties\":{\"a\":\"x,y\"}}\n"
    "{\"type\":\"track\",\"messageId\":\"m2\",\"receivedAt\":\"2026-01-03\",\"event\":\"E\","
    "\"properties\":{\"a\":true}}\n"
    "{\"type\":\"identify\",\"messageId\":\"m3\",\"receivedAt\":\"2026-01-04\",\"userId\":\"u\","
    "\"traits\":{\"plan\":\"pro\"}}";

/* A run of which some tables, up to and without a NULL, are not made. */
struct left_out {
    struct staging s;
    struct rs_schema tables;
    struct rs_layout layout;
    struct rs_spool *discards;
    struct rs_strbuf text;
    uint64_t count;
};

static void begin(struct left_out *u, const char *const *names, bool spilled)
{
    *u = (struct left_out){.discards = rs_spool_new(NULL), .text = RS_STRBUF_INIT(1 << 16)};
    staging_begin(&u->s, 1, UINT64_MAX);
    staging_add(&u->s, 0, 0, 0, rs_str_from(lines));
    if (spilled) {
        staging_spill(&u->s);
    }
    staging_seal(&u->s);
    (void)staging_resolve(&u->s);
    rs_schema_init(&u->tables, RS_STR("shop"));
    for (; *names; names++) {
        struct rs_schema *made = &u->s.schema;
        struct rs_table *table = rs_schema_find_table(made, rs_str_from(*names));
        assert_non_null(table);
        (void)rs_schema_add_table(&u->tables, table->name, table->kind);
        rs_mem_free(table->columns);
        made->table_count--;
        memmove(table, table + 1,
                (size_t)(made->tables + made->table_count - table) * sizeof *table);
    }
    rs_layout_release(&u->s.layout);
    rs_layout_init(&u->s.layout, u->s.projectors, 1, NULL, &u->s.schema);
    rs_layout_init(&u->layout, u->s.projectors, 1, NULL, &u->tables);
    rs_layout_keep_lost(&u->layout, &u->s.layout);
}

static void end(struct left_out *u)
{
    rs_layout_release(&u->layout);
    rs_schema_release(&u->tables);
    rs_spool_free(u->discards);
    rs_strbuf_release(&u->text);
    staging_end(&u->s);
}

static const char *discards(struct left_out *u)
{
    struct rs_error err = {0};
    for (size_t i = 0; i < u->layout.table_count; i++) {
        struct rs_left_out_options options = {
            .layout = &u->layout.tables[i], .sync_id = RS_STR("s"), .discards = u->discards};
        assert_true(rs_left_out_discard(u->s.rows, &options, &u->count, &err));
    }
    size_t bytes = (size_t)rs_spool_end(u->discards);
    char *place = rs_strbuf_reserve(&u->text, bytes);
    assert_true(rs_spool_read(u->discards, 0, place, bytes, &err));
    rs_strbuf_commit(&u->text, bytes);
    return rs_strbuf_cstr(&u->text);
}

static void test_left_out_table__what_tracks_has_is_not_lost(void **state)
{
    static const char *const names[] = {"e", NULL};
    (void)state;
    for (int spilled = 0; spilled < 2; spilled++) {
        struct left_out u;
        begin(&u, names, spilled == 1);
        assert_string_equal(discards(&u), "e,a,m1,2026-01-01 00:00:00,1,no_table,s\n"
                                          "e,b,m1,2026-01-01 00:00:00,\"[1,2]\",no_table,s\n"
                                          "e,a,m1,2026-01-01 00:00:00,3,collision,s\n"
                                          "e,a,m2,2026-01-03 00:00:00,true,no_table,s\n");
        assert_int_equal(u.count, 4);
        end(&u);
    }
}

static void test_left_out_table__without_tracks_all_is_lost(void **state)
{
    static const char *const names[] = {"e", "tracks", NULL};
    struct left_out u;
    (void)state;
    begin(&u, names, false);
    const char *text = discards(&u);
    assert_non_null(strstr(text, "e,id,m1,2026-01-01 00:00:00,m1,no_table,s\n"));
    assert_non_null(strstr(text, "e,received_at,m1,2026-01-01 00:00:00,2026-01-01 00:00:00,"
                                 "no_table,s\n"));
    assert_non_null(strstr(text, "e,context_ip,m1,2026-01-01 00:00:00,i,no_table,s\n"));
    assert_non_null(strstr(text, "tracks,context_ip,m1,2026-01-01 00:00:00,i,no_table,s\n"));
    assert_null(strstr(text, "tracks,a,"));
    assert_null(strstr(text, "2026-01-02"));
    end(&u);
}

static void
test_left_out_table__what_the_call_has_is_no_loss_of_users_but_the_reverse_is(void **state)
{
    static const char *const users[] = {"users", NULL};
    static const char *const identifies[] = {"identifies", NULL};
    static const char *const both[] = {"identifies", "users", NULL};
    struct left_out u;
    (void)state;
    begin(&u, users, false);
    assert_string_equal(discards(&u), "");
    end(&u);
    begin(&u, identifies, false); /* users keeps the latest values only */
    assert_non_null(
        strstr(discards(&u), "identifies,plan,m3,2026-01-04 00:00:00,pro,no_table,s\n"));
    end(&u);
    begin(&u, both, false);
    assert_non_null(strstr(discards(&u), "users,id,u,2026-01-04 00:00:00,u,no_table,s\n"));
    end(&u);
}

static void test_left_out_table__values_are_counted_without_a_spool_too(void **state)
{
    static const char *const names[] = {"e", NULL};
    struct rs_error err = {0};
    struct left_out u;
    (void)state;
    begin(&u, names, false);
    struct rs_left_out_options options = {.layout = &u.layout.tables[0]};
    assert_true(rs_left_out_discard(u.s.rows, &options, &u.count, &err));
    assert_int_equal(u.count, 4);
    end(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_out_table__what_tracks_has_is_not_lost),
        cmocka_unit_test(test_left_out_table__without_tracks_all_is_lost),
        cmocka_unit_test(
            test_left_out_table__what_the_call_has_is_no_loss_of_users_but_the_reverse_is),
        cmocka_unit_test(test_left_out_table__values_are_counted_without_a_spool_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
