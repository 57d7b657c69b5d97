/*
 * A reply into a struct: the same table reads XML and JSON, and what is not there is empty.
 */
#include "aws/shape.h"

#include <string.h>

#include "unit.h"

struct leaf {
    const char *text;
};

struct thing {
    const char *name;
    unsigned number;
    bool flag;
    struct {
        const struct leaf *items;
        size_t count;
    } ids;
    struct {
        const struct thing *items;
        size_t count;
    } things;
};

static const struct rs_shape_field leaf_fields[] = {RS_SHAPE_TEXT(struct leaf, text, "")};
static const struct rs_shape leaf_shape = RS_SHAPE_OF(struct leaf, leaf_fields);
static const struct rs_shape thing_shape;
static const struct rs_shape_field thing_fields[] = {
    RS_SHAPE_TEXT(struct thing, name, "in/name"),
    RS_SHAPE_NUMBER(struct thing, number, "number"),
    RS_SHAPE_FLAG(struct thing, flag, "flag"),
    RS_SHAPE_LIST(struct thing, ids, "ids", &leaf_shape),
    RS_SHAPE_LIST(struct thing, things, "things", &thing_shape),
};
static const struct rs_shape thing_shape = RS_SHAPE_OF(struct thing, thing_fields);

static void check(const struct thing *thing)
{
    assert_string_equal(thing->name, "caf\xc3\xa9");
    assert_int_equal(thing->number, 4294967295U);
    assert_true(thing->flag);
    assert_int_equal(thing->ids.count, 2);
    assert_string_equal(thing->ids.items[0].text, "a");
    assert_string_equal(thing->ids.items[1].text, "b");
    assert_int_equal(thing->things.count, 2);
    assert_string_equal(thing->things.items[0].name, "inner");
    assert_int_equal(thing->things.items[1].number, 7);
    assert_string_equal(thing->things.items[1].name, "");
    assert_false(thing->things.items[1].flag);
    assert_int_equal(thing->things.items[1].ids.count, 0);
}

static void test_shape__xml_and_json_give_the_same(void **state)
{
    static const char xml[] =
        "<x><in><name>caf&#xe9;</name></in><number> 4294967295 </number><flag>true</flag>"
        "<ids><member>a</member><other>b</other></ids><things><thing><in><name>inner</name></in>"
        "</thing><thing><number>7</number><flag>false</flag></thing></things><more/></x>";
    static const char json[] =
        "{\"in\":{\"name\":\"caf\\u00e9\"},\"number\":4294967295,\"flag\":true,\"ids\":[\"a\","
        "\"b\"],"
        "\"things\":[{\"in\":{\"name\":\"inner\"}},{\"number\":7,\"flag\":false}],\"more\":null}";
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_error err = {0};
    struct thing thing;

    (void)state;
    struct rs_xml_doc *doc = rs_xml_parse(rs_str_from(xml), "test", &err);
    assert_non_null(doc);
    rs_shape_read_xml(&thing_shape, rs_xml_root(doc), &arena, &thing);
    rs_xml_free(doc);
    check(&thing);
    struct rs_json_doc *tree = rs_json_doc_parse(rs_str_from(json), "test", &err);
    assert_non_null(tree);
    rs_shape_read_json(&thing_shape, rs_json_doc_root(tree), &arena, &thing);
    rs_json_doc_free(tree);
    check(&thing);
    rs_arena_release(&arena);
}

static void test_shape__what_is_of_another_kind_is_empty(void **state)
{
    static const char xml[] = "<x><in>text</in><number>4294967296</number><flag>yes</flag>"
                              "<ids>a</ids><things/></x>";
    static const char json[] = "{\"in\":7,\"number\":-1,\"flag\":\"true\",\"ids\":{\"a\":\"b\"},"
                               "\"things\":\"x\"}";
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_error err = {0};
    struct rs_xml_doc *doc = rs_xml_parse(rs_str_from(xml), "test", &err);
    struct rs_json_doc *tree = rs_json_doc_parse(rs_str_from(json), "test", &err);
    struct thing things[3];

    (void)state;
    rs_shape_read_xml(&thing_shape, rs_xml_root(doc), &arena, &things[0]);
    rs_shape_read_json(&thing_shape, rs_json_doc_root(tree), &arena, &things[1]);
    rs_shape_read_xml(&thing_shape, NULL, &arena, &things[2]);
    for (size_t i = 0; i < RS_COUNTOF(things); i++) {
        assert_string_equal(things[i].name, "");
        assert_int_equal(things[i].number, 0);
        assert_false(things[i].flag);
        assert_int_equal(things[i].ids.count, 0);
        assert_int_equal(things[i].things.count, 0);
    }
    rs_xml_free(doc);
    rs_json_doc_free(tree);
    rs_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape__xml_and_json_give_the_same),
        cmocka_unit_test(test_shape__what_is_of_another_kind_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
