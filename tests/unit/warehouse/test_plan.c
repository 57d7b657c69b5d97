/* Plans: what is made, added and widened, which types the run settles on, and what finds no room. */
#include "warehouse/plan.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static const struct rs_coltype bigint = {.type = RS_TYPE_BIGINT};
static const struct rs_coltype timestamp = {.type = RS_TYPE_TIMESTAMP};
static const struct rs_coltype text = {.type = RS_TYPE_TEXT};

static struct rs_coltype varchar(uint32_t length)
{
    return (struct rs_coltype){.type = RS_TYPE_VARCHAR, .length = length};
}

/* A table with id, received_at and uuid_ts. */
static struct rs_table *add_table(struct rs_schema *schema, const char *name,
                                  enum rs_table_kind kind)
{
    struct rs_table *table = rs_schema_add_table(schema, rs_str_from(name), kind);
    rs_table_add_column(schema, table, RS_STR("id"), varchar(512), 30);
    rs_table_add_column(schema, table, RS_STR("received_at"), timestamp, 23);
    rs_table_add_column(schema, table, RS_STR("uuid_ts"), timestamp, 23);
    return table;
}

static void assert_step(const struct rs_plan *plan, size_t i, enum rs_plan_step_kind kind,
                        const char *owner, const char *table, const char *column)
{
    assert_true(i < plan->step_count);
    const struct rs_plan_step *step = &plan->steps[i];
    assert_int_equal(step->kind, kind);
    assert_true(rs_str_equal(step->owner, rs_str_from(owner)));
    assert_true(rs_str_equal(step->table, rs_str_from(table)));
    assert_true(rs_str_equal(step->column, rs_str_from(column)));
}

struct fixture {
    struct rs_schema wanted;
    struct rs_schema existing;
    struct rs_plan plan;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    rs_schema_init(&fixture.wanted, RS_STR("shop"));
    rs_schema_init(&fixture.existing, RS_STR("shop"));
    fixture.existing.exists = true;
    fixture.plan = (struct rs_plan){0};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    rs_plan_release(&f->plan);
    rs_schema_release(&f->wanted);
    rs_schema_release(&f->existing);
    return 0;
}

static void make(struct fixture *f)
{
    rs_plan_make(&f->wanted, &f->existing, RS_DIALECT_POSTGRESQL, NULL, &f->plan);
}

static void test_plan__nothing_wanted_and_a_schema_there_is_an_empty_plan(void **state)
{
    struct fixture *f = *state;
    make(f);
    assert_true(rs_plan_is_empty(&f->plan));
    assert_true(rs_str_equal(f->plan.schema, RS_STR("shop")));
}

static void test_plan__a_new_schema_and_table_are_made(void **state)
{
    struct fixture *f = *state;
    f->existing.exists = false;
    add_table(&f->wanted, "tracks", RS_TABLE_EVENTS);
    make(f);
    assert_int_equal(f->plan.step_count, 2);
    assert_step(&f->plan, 0, RS_PLAN_CREATE_SCHEMA, "", "", "");
    assert_step(&f->plan, 1, RS_PLAN_CREATE_TABLE, "tracks", "tracks", "");
    assert_int_equal(f->plan.steps[1].definition->column_count, 3);
    assert_true(rs_plan_creates(&f->plan, RS_STR("tracks")));
    assert_false(rs_plan_creates(&f->plan, RS_STR("pages")));
    assert_null(rs_plan_find_side(&f->plan, RS_STR("tracks")));
}

static void test_plan__the_same_tables_are_an_empty_plan(void **state)
{
    struct fixture *f = *state;
    add_table(&f->wanted, "tracks", RS_TABLE_EVENTS);
    add_table(&f->existing, "tracks", RS_TABLE_EVENTS);
    make(f);
    assert_true(rs_plan_is_empty(&f->plan));
}

static void test_plan__a_standard_column_is_wide_from_the_start(void **state)
{
    struct fixture *f = *state;
    struct rs_table *users = add_table(&f->wanted, "users", RS_TABLE_FOLD);
    rs_table_add_column(&f->wanted, users, RS_STR("name"), varchar(512), 30);
    struct rs_table *tracks = add_table(&f->wanted, "tracks", RS_TABLE_EVENTS);
    rs_table_add_column(&f->wanted, tracks, RS_STR("user_id"), varchar(2048), 1500);
    rs_table_add_column(&f->wanted, tracks, RS_STR("event"), varchar(512), 3);
    struct rs_table *old = add_table(&f->existing, "tracks", RS_TABLE_EVENTS);
    rs_plan_make(&f->wanted, &f->existing, RS_DIALECT_REDSHIFT, NULL, &f->plan);
    assert_step(&f->plan, 0, RS_PLAN_CREATE_TABLE, "users", "users", "");
    const struct rs_table *made = f->plan.steps[0].definition;
    assert_int_equal(rs_table_find_column(made, RS_STR("id"))->type.length, 1024);
    assert_int_equal(rs_table_find_column(made, RS_STR("name"))->type.length, 512);
    assert_step(&f->plan, 1, RS_PLAN_CREATE_TABLE, "users", "rs_users_at", "");
    assert_int_equal(f->plan.steps[1].definition->columns[0].type.length, 1024);
    assert_step(&f->plan, 2, RS_PLAN_ADD_COLUMN, "tracks", "tracks", "user_id");
    assert_int_equal(f->plan.steps[2].to.length, 2048);
    assert_step(&f->plan, 3, RS_PLAN_ADD_COLUMN, "tracks", "tracks", "event");
    assert_int_equal(f->plan.steps[3].to.length, 1024);
    assert_int_equal(f->plan.step_count, 4); /* what is there stays as it is */
    assert_int_equal(old->columns[0].type.length, 512);
}

static void test_plan__missing_columns_are_added_in_order(void **state)
{
    struct fixture *f = *state;
    struct rs_table *table = add_table(&f->wanted, "tracks", RS_TABLE_EVENTS);
    rs_table_add_column(&f->wanted, table, RS_STR("age"), bigint, 2);
    rs_table_add_column(&f->wanted, table, RS_STR("city"), varchar(512), 9);
    struct rs_table *old = rs_schema_add_table(&f->existing, RS_STR("tracks"), RS_TABLE_EVENTS);
    rs_table_add_column(&f->existing, old, RS_STR("id"), varchar(512), 0);
    rs_table_add_column(&f->existing, old, RS_STR("city"), varchar(512), 0);
    make(f);
    assert_int_equal(f->plan.step_count, 3);
    assert_step(&f->plan, 0, RS_PLAN_ADD_COLUMN, "tracks", "tracks", "received_at");
    assert_step(&f->plan, 1, RS_PLAN_ADD_COLUMN, "tracks", "tracks", "uuid_ts");
    assert_step(&f->plan, 2, RS_PLAN_ADD_COLUMN, "tracks", "tracks", "age");
    assert_int_equal(f->plan.steps[2].to.type, RS_TYPE_BIGINT);
    assert_false(rs_plan_creates(&f->plan, RS_STR("tracks")));
}

static const struct {
    const char *label;
    struct rs_coltype wanted;
    uint64_t max_bytes;
    struct rs_coltype existing;
    struct rs_coltype settled;
    bool widened;
} settlings[] = {
    {"same",
     {.type = RS_TYPE_BIGINT},
     3,
     {.type = RS_TYPE_BIGINT},
     {.type = RS_TYPE_BIGINT},
     false},
    {"float into bigint keeps bigint",
     {.type = RS_TYPE_DOUBLE},
     3,
     {.type = RS_TYPE_BIGINT},
     {.type = RS_TYPE_BIGINT},
     false},
    {"text stays text",
     {.type = RS_TYPE_VARCHAR, .length = 65535},
     70000,
     {.type = RS_TYPE_TEXT},
     {.type = RS_TYPE_TEXT},
     false},
    {"unknown stays unknown",
     {.type = RS_TYPE_BIGINT},
     1,
     {.type = RS_TYPE_OTHER},
     {.type = RS_TYPE_OTHER},
     false},
    {"a super stays a super, whatever comes",
     {.type = RS_TYPE_VARCHAR, .length = 65535},
     70000,
     {.type = RS_TYPE_SUPER},
     {.type = RS_TYPE_SUPER},
     false},
    {"arrays widen a varchar by the length of their text",
     {.type = RS_TYPE_SUPER},
     513,
     {.type = RS_TYPE_VARCHAR, .length = 512},
     {.type = RS_TYPE_VARCHAR, .length = 1024},
     true},
    {"numbers widen a varchar by the length of their text",
     {.type = RS_TYPE_BIGINT},
     19,
     {.type = RS_TYPE_VARCHAR, .length = 10},
     {.type = RS_TYPE_VARCHAR, .length = 512},
     true},
    {"a value that just fits",
     {.type = RS_TYPE_VARCHAR, .length = 512},
     512,
     {.type = RS_TYPE_VARCHAR, .length = 512},
     {.type = RS_TYPE_VARCHAR, .length = 512},
     false},
    {"a value one byte too long",
     {.type = RS_TYPE_VARCHAR, .length = 1024},
     513,
     {.type = RS_TYPE_VARCHAR, .length = 512},
     {.type = RS_TYPE_VARCHAR, .length = 1024},
     true},
    {"never narrowed",
     {.type = RS_TYPE_VARCHAR, .length = 512},
     3,
     {.type = RS_TYPE_VARCHAR, .length = 4096},
     {.type = RS_TYPE_VARCHAR, .length = 4096},
     false},
    {"an odd length is widened to one of ours",
     {.type = RS_TYPE_VARCHAR, .length = 8192},
     5001,
     {.type = RS_TYPE_VARCHAR, .length = 5000},
     {.type = RS_TYPE_VARCHAR, .length = 8192},
     true},
    {"past the maximum only to the maximum",
     {.type = RS_TYPE_VARCHAR, .length = 65535},
     900000,
     {.type = RS_TYPE_VARCHAR, .length = 512},
     {.type = RS_TYPE_VARCHAR, .length = 65535},
     true},
    {"at the maximum already",
     {.type = RS_TYPE_VARCHAR, .length = 65535},
     900000,
     {.type = RS_TYPE_VARCHAR, .length = 65535},
     {.type = RS_TYPE_VARCHAR, .length = 65535},
     false},
};

static void test_plan__an_existing_column_keeps_its_type_and_may_grow(void **state)
{
    for (size_t i = 0; i < RS_COUNTOF(settlings); i++) {
        (void)set_up(state);
        struct fixture *f = *state;
        print_message("%s\n", settlings[i].label);
        struct rs_table *table = add_table(&f->wanted, "tracks", RS_TABLE_EVENTS);
        rs_table_add_column(&f->wanted, table, RS_STR("c"), settlings[i].wanted,
                            settlings[i].max_bytes);
        struct rs_table *old = add_table(&f->existing, "tracks", RS_TABLE_EVENTS);
        rs_table_add_column(&f->existing, old, RS_STR("c"), settlings[i].existing, 0);
        make(f);
        struct rs_coltype type = f->wanted.tables[0].columns[3].type;
        assert_int_equal(type.type, settlings[i].settled.type);
        assert_int_equal(type.length, settlings[i].settled.length);
        assert_int_equal(f->plan.step_count, settlings[i].widened ? 1 : 0);
        if (settlings[i].widened) {
            assert_step(&f->plan, 0, RS_PLAN_WIDEN_COLUMN, "tracks", "tracks", "c");
            assert_int_equal(f->plan.steps[0].from.length, settlings[i].existing.length);
            assert_int_equal(f->plan.steps[0].to.length, settlings[i].settled.length);
        }
        (void)tear_down(state);
    }
}

static void add_many(struct rs_schema *schema, struct rs_table *table, const char *prefix,
                     unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[32] = "";
        (void)snprintf(name, sizeof name, "%s%04u", prefix, i);
        rs_table_add_column(schema, table, rs_str_from(name), bigint, 1);
    }
}

static void test_plan__a_new_table_takes_1600_columns_and_drops_the_rest(void **state)
{
    struct fixture *f = *state;
    struct rs_table *table = add_table(&f->wanted, "wide", RS_TABLE_EVENTS);
    add_many(&f->wanted, table, "c", 1600);
    make(f);
    assert_int_equal(f->wanted.tables[0].column_count, RS_TABLE_MAX_COLUMNS);
    assert_int_equal(f->plan.steps[0].definition->column_count, RS_TABLE_MAX_COLUMNS);
    assert_int_equal(f->plan.dropped_count, 3);
    assert_true(rs_str_equal(f->plan.dropped[0].table, RS_STR("wide")));
    assert_true(rs_str_equal(f->plan.dropped[0].column, RS_STR("c1597")));
    assert_true(rs_str_equal(f->plan.dropped[2].column, RS_STR("c1599")));
}

static void test_plan__a_full_table_keeps_known_columns_and_drops_new_ones(void **state)
{
    struct fixture *f = *state;
    struct rs_table *old = add_table(&f->existing, "wide", RS_TABLE_EVENTS);
    add_many(&f->existing, old, "c", 1596);
    struct rs_table *table = add_table(&f->wanted, "wide", RS_TABLE_EVENTS);
    rs_table_add_column(&f->wanted, table, RS_STR("a_new"), bigint, 1);
    rs_table_add_column(&f->wanted, table, RS_STR("b_new"), bigint, 1);
    rs_table_add_column(&f->wanted, table, RS_STR("c1000"), bigint, 1);
    make(f);
    assert_int_equal(f->plan.step_count, 1);
    assert_step(&f->plan, 0, RS_PLAN_ADD_COLUMN, "wide", "wide", "a_new");
    assert_int_equal(f->plan.dropped_count, 1);
    assert_true(rs_str_equal(f->plan.dropped[0].column, RS_STR("b_new")));
    assert_int_equal(f->wanted.tables[0].column_count, 5);
    assert_true(rs_str_equal(f->wanted.tables[0].columns[4].name, RS_STR("c1000")));
}

static void test_plan__columns_that_were_dropped_take_room(void **state)
{
    struct fixture *f = *state;
    struct rs_table *old = add_table(&f->existing, "wide", RS_TABLE_EVENTS);
    old->dropped_count = RS_TABLE_MAX_COLUMNS - old->column_count - 1;
    struct rs_table *table = add_table(&f->wanted, "wide", RS_TABLE_EVENTS);
    rs_table_add_column(&f->wanted, table, RS_STR("a_new"), bigint, 1);
    rs_table_add_column(&f->wanted, table, RS_STR("b_new"), bigint, 1);
    make(f);
    assert_int_equal(f->plan.step_count, 1);
    assert_step(&f->plan, 0, RS_PLAN_ADD_COLUMN, "wide", "wide", "a_new");
    assert_int_equal(f->plan.dropped_count, 1);
    assert_true(rs_str_equal(f->plan.dropped[0].column, RS_STR("b_new")));
}

static void test_plan__a_fold_table_gets_a_side_table_of_times(void **state)
{
    struct fixture *f = *state;
    struct rs_table *users = add_table(&f->wanted, "users", RS_TABLE_FOLD);
    rs_table_add_column(&f->wanted, users, RS_STR("age"), bigint, 2);
    make(f);
    assert_int_equal(f->plan.step_count, 2);
    assert_step(&f->plan, 0, RS_PLAN_CREATE_TABLE, "users", "users", "");
    assert_step(&f->plan, 1, RS_PLAN_CREATE_TABLE, "users", "rs_users_at", "");
    const struct rs_table *side = rs_plan_find_side(&f->plan, RS_STR("users"));
    assert_non_null(side);
    assert_int_equal(side->column_count, 2);
    assert_true(rs_str_equal(side->columns[0].name, RS_STR("id")));
    assert_true(rs_str_equal(side->columns[1].name, RS_STR("age")));
    assert_int_equal(side->columns[1].type.type, RS_TYPE_TIMESTAMP);
}

static void test_plan__a_side_table_also_has_columns_that_the_run_does_not_name(void **state)
{
    struct fixture *f = *state;
    struct rs_table *users = add_table(&f->wanted, "users", RS_TABLE_FOLD);
    rs_table_add_column(&f->wanted, users, RS_STR("age"), bigint, 2);
    struct rs_table *old = add_table(&f->existing, "users", RS_TABLE_FOLD);
    rs_table_add_column(&f->existing, old, RS_STR("city"), text, 0);
    struct rs_table *side =
        rs_schema_add_table(&f->existing, RS_STR("rs_users_at"), RS_TABLE_LEDGER);
    rs_table_add_column(&f->existing, side, RS_STR("id"), varchar(16), 0);
    make(f);
    assert_int_equal(f->plan.step_count, 4);
    assert_step(&f->plan, 0, RS_PLAN_ADD_COLUMN, "users", "users", "age");
    assert_step(&f->plan, 1, RS_PLAN_WIDEN_COLUMN, "users", "rs_users_at", "id");
    assert_step(&f->plan, 2, RS_PLAN_ADD_COLUMN, "users", "rs_users_at", "age");
    assert_step(&f->plan, 3, RS_PLAN_ADD_COLUMN, "users", "rs_users_at", "city");
}

static void test_plan__names_too_long_for_the_dialect_are_shortened(void **state)
{
    struct fixture *f = *state;
    char name[101] = "";
    memset(name, 'n', 100);
    struct rs_table *table = add_table(&f->wanted, name, RS_TABLE_EVENTS);
    rs_table_add_column(&f->wanted, table, rs_str_from(name), bigint, 1);
    make(f);
    assert_int_equal(f->wanted.tables[0].name.length, 63);
    assert_int_equal(f->wanted.tables[0].columns[3].name.length, 63);
    assert_int_equal(f->plan.steps[0].definition->columns[3].name.length, 63);
    (void)tear_down(state);

    (void)set_up(state);
    table = add_table(&f->wanted, name, RS_TABLE_EVENTS);
    rs_plan_make(&f->wanted, &f->existing, RS_DIALECT_REDSHIFT, NULL, &f->plan);
    assert_int_equal(f->wanted.tables[0].name.length, 100);
}

static void make_in(struct fixture *f, uint64_t room)
{
    const struct rs_plan_limits limits = {.new_tables = room, .new_columns = UINT64_MAX};
    rs_plan_make(&f->wanted, &f->existing, RS_DIALECT_REDSHIFT, &limits, &f->plan);
}

/* A wanted table of so many columns, of which the last alone has two values. */
static struct rs_table *want_columns(struct fixture *f, int count)
{
    const struct rs_coltype type = {.type = RS_TYPE_BIGINT};
    struct rs_table *table = rs_schema_add_table(&f->wanted, RS_STR("e"), RS_TABLE_EVENTS);
    for (int i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "c%05d", i);
        rs_table_add_column(&f->wanted, table, rs_str_from(name), type, 0)->value_count =
            i + 1 == count ? 2 : 1;
    }
    return table;
}

static void expect_columns(struct fixture *f, uint64_t limit, int existing, int wanted, size_t kept,
                           bool limited)
{
    const struct rs_plan_limits limits = {.new_tables = UINT64_MAX, .new_columns = limit};
    const struct rs_coltype type = {.type = RS_TYPE_BIGINT};
    struct rs_table *table = want_columns(f, wanted);
    struct rs_table *old = rs_schema_add_table(&f->existing, RS_STR("e"), RS_TABLE_EVENTS);
    f->existing.exists = true;
    for (int i = 0; i < existing; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "old%d", i);
        rs_table_add_column(&f->existing, old, rs_str_from(name), type, 0);
    }
    rs_plan_make(&f->wanted, &f->existing, RS_DIALECT_REDSHIFT, &limits, &f->plan);
    assert_int_equal(table->column_count, kept);
    assert_int_equal(f->plan.step_count, kept);
    assert_int_equal(f->plan.dropped_count, (size_t)wanted - kept);
    for (size_t i = 0; i < f->plan.dropped_count; i++) {
        assert_int_equal(f->plan.dropped[i].limited, limited);
    }
    /* In order, the first and the one with the most values. */
    assert_true(rs_str_equal(table->columns[0].name, RS_STR("c00000")));
    assert_int_equal(table->columns[kept - 1].value_count, 2);
}

static void test_plan__what_every_row_has_does_not_count_as_a_new_column(void **state)
{
    struct fixture *f = *state;
    const struct rs_plan_limits limits = {.new_tables = UINT64_MAX, .new_columns = 1};
    struct rs_table *table = want_columns(f, 5);
    table->columns[0].value_count = UINT64_MAX;
    table->columns[1].value_count = UINT64_MAX;
    rs_plan_make(&f->wanted, &f->existing, RS_DIALECT_REDSHIFT, &limits, &f->plan);
    assert_int_equal(table->column_count, 3);
    assert_true(rs_str_equal(table->columns[2].name, RS_STR("c00004")));
}

static void test_plan__new_columns_have_a_limit_and_the_most_used_stay(void **state)
{
    static const struct {
        uint64_t limit;
        int existing, wanted;
        size_t kept;
        bool limited;
    } cases[] = {
        {0, 10, 20, 20, false},       /* few */
        {0, 0, 1600, 800, true},      /* half of a new table */
        {0, 800, 500, 400, true},     /* half of what is left */
        {0, 1500, 80, 50, true},      /* but 50 at least */
        {0, 1590, 20, 10, false},     /* and no more than there is room for */
        {3, 0, 20, 3, true},          /* as given */
        {1600, 0, 1700, 1600, false}, /* all there is room for */
        {UINT64_MAX, 100, 1700, 1500, false},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        (void)set_up(state);
        expect_columns(*state, cases[i].limit, cases[i].existing, cases[i].wanted, cases[i].kept,
                       cases[i].limited);
        (void)tear_down(state);
    }
}

/* The names of a schema's tables, with a blank after each. */
static const char *names_of(const struct rs_schema *schema, struct rs_strbuf *out)
{
    rs_strbuf_reset(out);
    for (size_t i = 0; i < schema->table_count; i++) {
        rs_strbuf_append_str(out, schema->tables[i].name);
        rs_strbuf_append_char(out, ' ');
    }
    return rs_strbuf_cstr(out);
}

/* Tables of every kind, sorted by name as a run has them. */
static void want_all(struct fixture *f)
{
    add_table(&f->wanted, "a_sale", RS_TABLE_EVENTS);
    add_table(&f->wanted, "accounts", RS_TABLE_FOLD);
    add_table(&f->wanted, "groups", RS_TABLE_EVENTS);
    add_table(&f->wanted, "identifies", RS_TABLE_EVENTS);
    add_table(&f->wanted, "tracks", RS_TABLE_EVENTS);
    add_table(&f->wanted, "users", RS_TABLE_FOLD);
    add_table(&f->wanted, "viewed", RS_TABLE_EVENTS);
}

static void test_plan__tables_find_room_in_an_order(void **state)
{
    static const struct {
        uint64_t room;
        const char *wanted;
        const char *left_out;
        size_t steps;
    } cases[] = {
        {UINT64_MAX, "a_sale accounts groups identifies tracks users viewed ", "", 9},
        {9, "a_sale accounts groups identifies tracks users viewed ", "", 9},
        {8, "a_sale accounts groups identifies tracks users ", "viewed ", 8},
        {7, "accounts groups identifies tracks users ", "a_sale viewed ", 7},
        {6, "a_sale accounts groups identifies tracks ", "users viewed ", 6},
        {5, "accounts groups identifies tracks ", "a_sale users viewed ", 5},
        {4, "a_sale groups identifies tracks ", "accounts users viewed ", 4},
        {2, "groups tracks ", "a_sale accounts identifies users viewed ", 2},
        {1, "tracks ", "a_sale accounts groups identifies users viewed ", 1},
        {0, "", "a_sale accounts groups identifies tracks users viewed ", 0},
    };
    struct rs_strbuf names = RS_STRBUF_INIT(1000);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        (void)set_up(state);
        struct fixture *f = *state;
        want_all(f);
        make_in(f, cases[i].room);
        assert_string_equal(names_of(&f->wanted, &names), cases[i].wanted);
        assert_string_equal(names_of(&f->plan.left_out, &names), cases[i].left_out);
        assert_int_equal(f->plan.step_count, cases[i].steps);
        assert_int_equal(f->plan.dropped_count, 0);
        (void)tear_down(state);
    }
    rs_strbuf_release(&names);
}

static void test_plan__tables_that_are_there_need_no_room(void **state)
{
    struct rs_strbuf names = RS_STRBUF_INIT(1000);
    struct fixture *f = *state;
    want_all(f);
    add_table(&f->existing, "tracks", RS_TABLE_EVENTS);
    add_table(&f->existing, "users", RS_TABLE_FOLD);
    add_table(&f->existing, "viewed", RS_TABLE_EVENTS);
    make_in(f, 3); /* groups, identifies, rs_users_at */
    assert_string_equal(names_of(&f->wanted, &names), "groups identifies tracks users viewed ");
    assert_string_equal(names_of(&f->plan.left_out, &names), "a_sale accounts ");
    assert_int_equal(f->plan.step_count, 3);
    assert_non_null(rs_plan_find_side(&f->plan, RS_STR("users")));
    assert_null(rs_plan_find_side(&f->plan, RS_STR("accounts")));
    rs_strbuf_release(&names);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_plan__nothing_wanted_and_a_schema_there_is_an_empty_plan),
        TEST(test_plan__a_new_schema_and_table_are_made),
        TEST(test_plan__the_same_tables_are_an_empty_plan),
        TEST(test_plan__a_standard_column_is_wide_from_the_start),
        TEST(test_plan__missing_columns_are_added_in_order),
        cmocka_unit_test(test_plan__an_existing_column_keeps_its_type_and_may_grow),
        TEST(test_plan__a_new_table_takes_1600_columns_and_drops_the_rest),
        TEST(test_plan__a_full_table_keeps_known_columns_and_drops_new_ones),
        TEST(test_plan__columns_that_were_dropped_take_room),
        TEST(test_plan__a_fold_table_gets_a_side_table_of_times),
        TEST(test_plan__a_side_table_also_has_columns_that_the_run_does_not_name),
        TEST(test_plan__names_too_long_for_the_dialect_are_shortened),
        cmocka_unit_test(test_plan__tables_find_room_in_an_order),
        TEST(test_plan__tables_that_are_there_need_no_room),
        TEST(test_plan__what_every_row_has_does_not_count_as_a_new_column),
        cmocka_unit_test(test_plan__new_columns_have_a_limit_and_the_most_used_stay),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
