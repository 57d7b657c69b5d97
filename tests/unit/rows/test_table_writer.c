/* Rows as CSV: each kind of value in each type of column, and a line for all that is lost. */
#include "rows/table_writer.h"

#include "scratch.h"
#include "staging.h"
#include "transform/coltype.h"
#include "unit.h"

#define HEAD "{\"messageId\":\"m\",\"receivedAt\":\"2026-01-01\","

/* A table that is written, and what came of it. */
struct writing {
    struct staging s;
    struct rs_table_writer_options options;
    struct memory_sink rows;
    struct memory_sink times;
    struct rs_spool *discards;
    struct rs_strbuf text;
    uint64_t row_count;
    uint64_t discard_count;
};

static void begin(struct writing *w, const char *lines, const char *table)
{
    *w = (struct writing){.rows = memory_sink_make(),
                          .times = memory_sink_make(),
                          .discards = rs_spool_new(NULL),
                          .text = RS_STRBUF_INIT(1 << 26)};
    staging_begin(&w->s, 1, UINT64_MAX);
    staging_add(&w->s, 0, 0, 0, rs_str_from(lines));
    staging_seal(&w->s);
    w->options = (struct rs_table_writer_options){.layout = staging_table(&w->s, table),
                                                  .null_text = RS_STR("\\N"),
                                                  .sync_id = RS_STR("s,1"),
                                                  .now_us = PROJECTION_NOW_US,
                                                  .rows = &w->rows.sink,
                                                  .times = &w->times.sink,
                                                  .discards = w->discards};
}

static void end(struct writing *w)
{
    rs_spool_free(w->discards);
    rs_strbuf_release(&w->rows.bytes);
    rs_strbuf_release(&w->times.bytes);
    rs_strbuf_release(&w->text);
    staging_end(&w->s);
}

/* The column of the table that is written, to be changed as a catalog would have it. */
static struct rs_column *column(const struct writing *w, const char *name)
{
    struct rs_column *found = rs_table_find_column(w->options.layout->table, rs_str_from(name));
    assert_non_null(found);
    return found;
}

/* Write all rows of the table, one by one or folded into one. */
static bool write_all(struct writing *w, struct rs_error *err)
{
    struct rs_row_view views[16];
    struct rs_table_writer *writer = rs_table_writer_new(&w->options);
    struct rs_rows_cursor *cursor = rs_rows_open(w->s.rows, w->options.layout, 0, UINT64_MAX);
    bool fold = w->options.layout->rows == RS_LAYOUT_FOLD;
    size_t count = 0;
    bool ok = true;
    while (ok && rs_rows_next(cursor, &views[15 - count], err) == RS_NEXT_ITEM) {
        if (fold) {
            count++; /* the last read is the newest */
        } else {
            ok = rs_table_writer_row(writer, &views[15], err);
        }
    }
    ok = ok && (!fold || rs_table_writer_fold(writer, &views[16 - count], count, err));
    ok = ok && rs_table_writer_finish(writer, err);
    w->row_count = rs_table_writer_rows(writer);
    w->discard_count = rs_table_writer_discards(writer);
    rs_rows_close(cursor);
    rs_table_writer_free(writer);
    return ok;
}

static const char *write_rows(struct writing *w)
{
    struct rs_error err = {0};
    assert_true(write_all(w, &err));
    return rs_strbuf_cstr(&w->rows.bytes);
}

static const char *discards(struct writing *w)
{
    struct rs_error err = {0};
    size_t count = (size_t)rs_spool_end(w->discards);
    rs_strbuf_reset(&w->text);
    char *place = rs_strbuf_reserve(&w->text, count);
    assert_true(rs_spool_read(w->discards, 0, place, count, &err));
    rs_strbuf_commit(&w->text, count);
    return rs_strbuf_cstr(&w->text);
}

static void test_table_writer__a_row_has_the_columns_of_the_schema(void **state)
{
    struct writing w;
    (void)state;
    begin(&w,
          HEAD "\"type\":\"track\",\"event\":\"Big, Sale\",\"properties\":{\"z\":1,\"a\":\"x\"},"
               "\"userId\":\"u\"}\n" HEAD
               "\"type\":\"track\",\"event\":\"Big Sale\",\"sentAt\":\"2026-01-02T01:02:03.5Z\"}",
          "big_sale");
    /* id, received_at, uuid_ts, event, event_text, anonymous_id, user_id, timestamp, sent_at,
       original_timestamp, a, z */
    assert_string_equal(write_rows(&w),
                        "m,2026-01-01 00:00:00,2026-12-31 00:00:00,big_sale,\"Big, Sale\",\\N,u,"
                        "2026-01-01 00:00:00,\\N,\\N,x,1\n"
                        "m,2026-01-01 00:00:00,2026-12-31 00:00:00,big_sale,Big Sale,\\N,\\N,"
                        "2026-01-01 00:00:00,2026-01-02 01:02:03.5,\\N,\\N,\\N\n");
    assert_int_equal(w.row_count, 2);
    assert_int_equal(w.discard_count, 0);
    assert_string_equal(discards(&w), "");
    end(&w);
}

static void test_table_writer__tracks_has_the_common_columns_alone(void **state)
{
    struct writing w;
    (void)state;
    begin(&w,
          HEAD "\"type\":\"track\",\"event\":\"E\",\"properties\":{\"z\":1},\"context\":{\"i\":2}}"
               "\n" HEAD "\"type\":\"track\"}",
          "tracks");
    assert_string_equal(write_rows(&w), "m,2026-01-01 00:00:00,2026-12-31 00:00:00,e,E,\\N,\\N,"
                                        "2026-01-01 00:00:00,\\N,\\N,2\n"
                                        "m,2026-01-01 00:00:00,2026-12-31 00:00:00,\\N,\\N,\\N,\\N,"
                                        "2026-01-01 00:00:00,\\N,\\N,\\N\n");
    end(&w);
}

/* Values a to j, in a column of one type each time; "-" stands for NULL and a discard. */
static void test_table_writer__each_kind_goes_into_each_type_or_is_a_discard(void **state)
{
    static const char lines[] =
        HEAD "\"type\":\"page\",\"properties\":{\"a\":true,\"b\":12,\"c\":9007199254740993,"
             "\"d\":1.50,\"e\":2.0,\"f\":\"2026-01-02T03:04:05+01:00\",\"g\":\"a,\\\"b\\\"\","
             "\"h\":\"\",\"i\":[1, 2],\"j\":\"12\"}}";
    static const struct {
        struct rs_coltype type;
        const char *fields;
    } cases[] = {
        {{.type = RS_TYPE_BOOLEAN}, "true,-,-,-,-,-,-,-,-,-"},
        {{.type = RS_TYPE_BIGINT}, "-,12,9007199254740993,-,2,-,-,-,-,12"},
        {{.type = RS_TYPE_DOUBLE}, "-,12,-,1.50,2.0,-,-,-,-,12"},
        {{.type = RS_TYPE_TIMESTAMP}, "-,-,-,-,-,2026-01-02 02:04:05,-,-,-,-"},
        {{.type = RS_TYPE_VARCHAR, .length = 512},
         "true,12,9007199254740993,1.50,2.0,2026-01-02T03:04:05+01:00,\"a,\"\"b\"\"\",\"\","
         "\"[1,2]\",12"},
        {{.type = RS_TYPE_TEXT},
         "true,12,9007199254740993,1.50,2.0,2026-01-02T03:04:05+01:00,\"a,\"\"b\"\"\",\"\","
         "\"[1,2]\",12"},
        {{.type = RS_TYPE_SMALLINT}, "-,12,-,-,2,-,-,-,-,12"},
        {{.type = RS_TYPE_NUMERIC, .precision = 3, .scale = 1}, "-,12,-,1.50,2.0,-,-,-,-,12"},
        {{.type = RS_TYPE_SUPER},
         "true,12,9007199254740993,1.50,2.0,\"\"\"2026-01-02T03:04:05+01:00\"\"\","
         "\"\"\"a,\\\"\"b\\\"\"\"\"\",\"\"\"\"\"\",\"[1,2]\",\"\"\"12\"\"\""},
        {{.type = RS_TYPE_DATE}, "-,-,-,-,-,-,-,-,-,-"},
        {{.type = RS_TYPE_OTHER}, "-,-,-,-,-,-,-,-,-,-"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf expected = RS_STRBUF_INIT(1 << 16);
        struct writing w;
        uint64_t lost = 0;
        begin(&w, lines, "pages");
        for (char name[] = "a"; name[0] <= 'j'; name[0]++) {
            column(&w, name)->type = cases[i].type;
        }
        rs_strbuf_append(&expected, "m,2026-01-01 00:00:00,2026-12-31 00:00:00,\\N,\\N,"
                                    "2026-01-01 00:00:00,\\N,\\N,");
        for (const char *p = cases[i].fields; *p; p++) {
            bool null = *p == '-' && (p == cases[i].fields || p[-1] == ',');
            lost += null ? 1 : 0;
            rs_strbuf_append_str(&expected, null ? RS_STR("\\N") : (struct rs_str){p, 1});
        }
        rs_strbuf_append(&expected, "\n");
        if (strcmp(write_rows(&w), rs_strbuf_cstr(&expected)) != 0 || w.discard_count != lost) {
            fail_msg("type %d:\n%s%d discards", (int)cases[i].type.type, write_rows(&w),
                     (int)w.discard_count);
        }
        end(&w);
        rs_strbuf_release(&expected);
    }
}

static void test_table_writer__discards_say_what_was_lost_and_why(void **state)
{
    struct writing w;
    (void)state;
    begin(&w,
          HEAD "\"type\":\"page\",\"sentAt\":\"so,on\",\"properties\":{\"a\":1,\"A\":2,\"b\":\"x\","
               "\"z\":\"last\"}}",
          "pages");
    column(&w, "b")->type = (struct rs_coltype){.type = RS_TYPE_BIGINT};
    w.s.schema.tables[0].column_count--; /* no room for z */
    rs_layout_release(&w.s.layout);
    rs_layout_init(&w.s.layout, w.s.projectors, 1, NULL, &w.s.schema);
    w.options.layout = staging_table(&w.s, "pages");
    assert_string_equal(write_rows(&w), "m,2026-01-01 00:00:00,2026-12-31 00:00:00,\\N,\\N,"
                                        "2026-01-01 00:00:00,\\N,\\N,1,\\N\n");
    assert_string_equal(discards(&w), "pages,sent_at,m,2026-01-01 00:00:00,\"so,on\",type,\"s,1\"\n"
                                      "pages,a,m,2026-01-01 00:00:00,2,collision,\"s,1\"\n"
                                      "pages,z,m,2026-01-01 00:00:00,last,columns,\"s,1\"\n"
                                      "pages,b,m,2026-01-01 00:00:00,x,type,\"s,1\"\n");
    assert_int_equal(w.discard_count, 4);
    w.options.discards = NULL;
    (void)write_rows(&w);
    assert_int_equal(w.discard_count, 4);
    end(&w);
}

/* What every row has is no cell of the event; it may not fit either. */
static void test_table_writer__a_discard_of_a_constant_has_its_own_name(void **state)
{
    struct writing w;
    (void)state;
    begin(&w, HEAD "\"type\":\"track\",\"event\":\"E\"}", "e");
    column(&w, "uuid_ts")->type = (struct rs_coltype){.type = RS_TYPE_BIGINT};
    column(&w, "event")->type = (struct rs_coltype){.type = RS_TYPE_BOOLEAN};
    assert_string_equal(write_rows(&w), "m,2026-01-01 00:00:00,\\N,\\N,E,\\N,\\N,"
                                        "2026-01-01 00:00:00,\\N,\\N\n");
    assert_string_equal(discards(&w),
                        "e,uuid_ts,m,2026-01-01 00:00:00,2026-12-31 00:00:00,type,\"s,1\"\n"
                        "e,event,m,2026-01-01 00:00:00,e,type,\"s,1\"\n");
    end(&w);
}

static void test_table_writer__a_long_value_is_cut_and_noted(void **state)
{
    enum { LONG = 65534 };
    struct rs_strbuf line = RS_STRBUF_INIT(1 << 20);
    struct writing w;
    (void)state;
    rs_strbuf_append(&line, HEAD "\"type\":\"page\",\"properties\":{\"a\":\"");
    for (int i = 0; i < LONG; i++) {
        rs_strbuf_append_char(&line, i % 7 == 0 ? '\'' : 'x');
    }
    rs_strbuf_append(&line, "\xc3\xa9 and more\"}}"); /* the letter does not fit whole */
    begin(&w, rs_strbuf_cstr(&line), "pages");
    assert_int_equal(column(&w, "a")->type.length, RS_VARCHAR_MAX);
    const char *row = write_rows(&w);
    const char *value = strstr(row, "'xxxxxx");
    assert_int_equal(strlen(value), LONG + 1);
    assert_int_equal(w.discard_count, 1);
    assert_int_equal(strncmp(discards(&w), "pages,a,m,2026-01-01 00:00:00,'xxxxxx'", 38), 0);
    assert_non_null(strstr(discards(&w), "x,truncated,\"s,1\"\n"));
    assert_null(strstr(discards(&w), "and more"));
    end(&w);
    rs_strbuf_release(&line);
}

/* A '|' counts twice: without that the row would have room for b. */
static void test_table_writer__a_row_that_is_too_long_gives_up_its_longest_values(void **state)
{
    static const char lines[] =
        HEAD "\"type\":\"page\",\"properties\":{\"a\":\"xxxxxxxxxxxxxxxxxxxx\","
             "\"b\":\"||||||||||||\",\"c\":\"short\"}}\n" HEAD
             "\"type\":\"page\",\"properties\":{\"c\":\"second\"}}";
    static const char kept[] = "m,2026-01-01 00:00:00,2026-12-31 00:00:00,\\N,\\N,"
                               "2026-01-01 00:00:00,\\N,\\N,\\N,\\N,short\n";
    struct writing w;
    (void)state;
    begin(&w, lines, "pages");
    const char *whole = write_rows(&w);
    size_t length = (size_t)(strchr(whole, '\n') + 1 - whole);
    rs_strbuf_reset(&w.rows.bytes);
    w.options.row_max_bytes = length - strlen("xxxxxxxxxxxxxxxxxxxx") + strlen("\\N");
    const char *rows = write_rows(&w);
    assert_int_equal(strncmp(rows, kept, strlen(kept)), 0);
    assert_non_null(strstr(rows, "second\n"));
    assert_int_equal(w.row_count, 2);
    assert_int_equal(w.discard_count, 2);
    assert_string_equal(discards(&w),
                        "pages,a,m,2026-01-01 00:00:00,xxxxxxxxxxxxxxxxxxxx,row,\"s,1\"\n"
                        "pages,b,m,2026-01-01 00:00:00,||||||||||||,row,\"s,1\"\n");
    end(&w);
}

static void test_table_writer__a_folded_row_gives_up_a_value_as_of_its_own_time(void **state)
{
    static const char lines[] =
        "{\"type\":\"identify\",\"userId\":\"u\",\"messageId\":\"m1\",\"receivedAt\":\"2026-01-"
        "01\",\"traits\":{\"a\":\"xxxxxxxxxxxxxxxxxxxx\",\"b\":\"old\"}}\n"
        "{\"type\":\"identify\",\"userId\":\"u\",\"messageId\":\"m2\",\"receivedAt\":\"2026-01-"
        "02\",\"traits\":{\"c\":\"new\"}}";
    struct writing w;
    (void)state;
    begin(&w, lines, "users");
    w.options.row_max_bytes = 60;
    assert_string_equal(write_rows(&w), "u,2026-01-02 00:00:00,2026-12-31 00:00:00,\\N,old,new\n");
    assert_string_equal(rs_strbuf_cstr(&w.times.bytes), "u,\\N,2026-01-01 00:00:00,\\N\n");
    assert_string_equal(discards(&w),
                        "users,a,u,2026-01-01 00:00:00,xxxxxxxxxxxxxxxxxxxx,row,\"s,1\"\n");
    end(&w);
}

static void test_table_writer__the_text_for_null_is_no_value(void **state)
{
    struct rs_strbuf null_text = RS_STRBUF_INIT(100);
    struct writing w;
    (void)state;
    rs_null_text(0, &null_text);
    assert_string_equal(rs_strbuf_cstr(&null_text), "\\N");
    begin(&w, HEAD "\"type\":\"page\",\"properties\":{\"a\":\"\\\\NNN\",\"b\":\"\\\\\"}}", "pages");
    rs_strbuf_reset(&null_text);
    rs_null_text(rs_projector_null_run(w.s.projectors[0]), &null_text);
    assert_string_equal(rs_strbuf_cstr(&null_text), "\\NNNN");
    w.options.null_text = rs_strbuf_str(&null_text);
    assert_string_equal(write_rows(&w), "m,2026-01-01 00:00:00,2026-12-31 00:00:00,\\NNNN,\\NNNN,"
                                        "2026-01-01 00:00:00,\\NNNN,\\NNNN,\"\\NNN\",\"\\\"\n");
    end(&w);
    rs_strbuf_release(&null_text);
}

static void test_table_writer__one_user_has_the_newest_values_that_fit(void **state)
{
    static const char lines[] =
        "{\"type\":\"identify\",\"userId\":\"u\",\"messageId\":\"m1\",\"receivedAt\":\"2026-01-"
        "01\","
        "\"traits\":{\"a\":1,\"b\":10,\"c\":true,\"d\":\"old\"}}\n"
        "{\"type\":\"identify\",\"userId\":\"u\",\"messageId\":\"m2\",\"receivedAt\":\"2026-01-"
        "02\","
        "\"traits\":{\"b\":20,\"d\":null},\"context\":{\"ip\":\"i\"},\"anonymousId\":\"a\"}\n"
        "{\"type\":\"identify\",\"userId\":\"u\",\"messageId\":\"m3\",\"receivedAt\":\"2026-01-"
        "03\","
        "\"traits\":{\"a\":3,\"B\":\"x\",\"e\":7,\"E\":8}}";
    struct writing w;
    (void)state;
    begin(&w, lines, "users");
    column(&w, "b")->type = (struct rs_coltype){.type = RS_TYPE_BIGINT};
    /* id, received_at, uuid_ts, a, b, c, context_ip, d, e */
    assert_string_equal(write_rows(&w), "u,2026-01-03 00:00:00,2026-12-31 00:00:00,3,20,true,i,"
                                        "old,7\n");
    /* the same without received_at and uuid_ts: when what is older than the row was received */
    assert_string_equal(rs_strbuf_cstr(&w.times.bytes),
                        "u,\\N,2026-01-02 00:00:00,2026-01-01 00:00:00,2026-01-02 00:00:00,"
                        "2026-01-01 00:00:00,\\N\n");
    assert_string_equal(discards(&w), "users,b,u,2026-01-03 00:00:00,x,type,\"s,1\"\n"
                                      "users,e,u,2026-01-03 00:00:00,8,collision,\"s,1\"\n");
    assert_int_equal(w.row_count, 1);
    end(&w);
}

static void test_table_writer__values_as_new_as_the_row_need_no_times(void **state)
{
    struct writing w;
    (void)state;
    begin(&w,
          HEAD "\"type\":\"group\",\"groupId\":\"g\",\"traits\":{\"a\":1}}\n" HEAD
               "\"type\":\"group\",\"groupId\":\"g\",\"traits\":{\"b\":2}}",
          "accounts");
    assert_string_equal(write_rows(&w), "g,2026-01-01 00:00:00,2026-12-31 00:00:00,1,2\n");
    assert_string_equal(rs_strbuf_cstr(&w.times.bytes), "");
    end(&w);
}

static void test_table_writer__an_error_of_a_sink_is_that_of_the_writer(void **state)
{
    struct rs_error err = {0};
    struct writing w;
    (void)state;
    begin(&w, HEAD "\"type\":\"page\"}", "pages");
    w.rows.fail_after = 0;
    assert_false(write_all(&w, &err));
    assert_int_equal(err.code, RS_E_IO);
    w.options.rows = NULL; /* rows are left out */
    rs_error_clear(&err);
    assert_true(write_all(&w, &err));
    assert_int_equal(w.row_count, 1);
    end(&w);
}

/* Write the table with a text behind a column and a shard's columns at the end. */
static void add_roles(struct writing *w, struct rs_schema *files, const char *value)
{
    const struct rs_table *table = w->options.layout->table;
    struct rs_layout_table *layout = (struct rs_layout_table *)w->options.layout;
    rs_schema_init(files, RS_STR("shop"));
    struct rs_table *copy = rs_schema_add_table(files, table->name, table->kind);
    struct rs_coltype text = rs_coltype_join(RS_KIND_STRING, 512);
    struct rs_coltype number = {.type = RS_TYPE_BIGINT};
    for (size_t i = 0; i < table->column_count; i++) {
        rs_table_add_column(files, copy, table->columns[i].name, table->columns[i].type, 0);
    }
    assert_true(rs_str_equal(copy->columns[copy->column_count - 1].name, rs_str_from(value)));
    rs_table_add_column(files, copy, RS_STR("rs:text"), text, 0)->role = RS_COLUMN_TEXT;
    rs_table_add_column(files, copy, RS_STR("rs:shard"), number, 0)->role = RS_COLUMN_SHARD;
    rs_table_add_column(files, copy, RS_STR("rs:place"), number, 0)->role = RS_COLUMN_PLACE;
    layout->table = copy;
    w->options.shard = 7;
}

static void test_table_writer__a_shard_has_texts_and_places_beside_its_values(void **state)
{
    struct rs_schema files;
    struct writing w;
    (void)state;
    begin(&w,
          HEAD "\"type\":\"page\",\"properties\":{\"at\":\"2026-01-02T03:04:05.10+01:00\"}}\n" HEAD
               "\"type\":\"page\",\"properties\":{\"at\":\"2026-01-02\"}}\n" HEAD
               "\"type\":\"page\"}",
          "pages");
    add_roles(&w, &files, "at");
#define PAGE "m,2026-01-01 00:00:00,2026-12-31 00:00:00,\\N,\\N,2026-01-01 00:00:00,\\N,\\N,"
    assert_string_equal(
        write_rows(&w),
        PAGE "2026-01-02 02:04:05.1,2026-01-02T03:04:05.10+01:00,7,-9223372036854775808\n" PAGE
             "2026-01-02 00:00:00,2026-01-02,7,-9223372036854775807\n" PAGE
             "\\N,\\N,7,-9223372036854775806\n");
    assert_int_equal(w.discard_count, 0);
    rs_schema_release(&files);
    end(&w);
}

static void test_table_writer__the_times_of_a_shard_end_with_its_number(void **state)
{
    struct rs_schema files;
    struct writing w;
    (void)state;
    begin(
        &w,
        "{\"messageId\":\"1\",\"receivedAt\":\"2026-01-01\",\"type\":\"identify\",\"userId\":\"u\","
        "\"traits\":{\"born\":\"1999-01-01T00\",\"at\":\"2001-02-03T04:05\"}}\n"
        "{\"messageId\":\"2\",\"receivedAt\":\"2026-01-02\",\"type\":\"identify\",\"userId\":\"u\","
        "\"traits\":{\"at\":\"2001-02-03T04:06\"}}",
        "users");
    add_roles(&w, &files, "born");
    assert_string_equal(write_rows(&w),
                        "u,2026-01-02 00:00:00,2026-12-31 00:00:00,2001-02-03 04:06:00,"
                        "1999-01-01T00,1999-01-01T00,7,-9223372036854775807\n");
    assert_string_equal(rs_strbuf_cstr(&w.times.bytes), "u,\\N,2026-01-01 00:00:00,7\n");
    rs_schema_release(&files);
    end(&w);
}

static void test_table_writer__places_have_the_order_of_refs(void **state)
{
    (void)state;
    const rs_ref refs[] = {0, 1, rs_ref_make(0, 1, 0), rs_ref_make(1U << 21, 0, 0), UINT64_MAX};
    for (size_t i = 1; i < RS_COUNTOF(refs); i++) {
        assert_true(rs_table_writer_place(refs[i - 1]) < rs_table_writer_place(refs[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_writer__a_row_has_the_columns_of_the_schema),
        cmocka_unit_test(test_table_writer__tracks_has_the_common_columns_alone),
        cmocka_unit_test(test_table_writer__each_kind_goes_into_each_type_or_is_a_discard),
        cmocka_unit_test(test_table_writer__discards_say_what_was_lost_and_why),
        cmocka_unit_test(test_table_writer__a_discard_of_a_constant_has_its_own_name),
        cmocka_unit_test(test_table_writer__a_long_value_is_cut_and_noted),
        cmocka_unit_test(test_table_writer__a_row_that_is_too_long_gives_up_its_longest_values),
        cmocka_unit_test(test_table_writer__a_folded_row_gives_up_a_value_as_of_its_own_time),
        cmocka_unit_test(test_table_writer__the_text_for_null_is_no_value),
        cmocka_unit_test(test_table_writer__one_user_has_the_newest_values_that_fit),
        cmocka_unit_test(test_table_writer__values_as_new_as_the_row_need_no_times),
        cmocka_unit_test(test_table_writer__an_error_of_a_sink_is_that_of_the_writer),
        cmocka_unit_test(test_table_writer__a_shard_has_texts_and_places_beside_its_values),
        cmocka_unit_test(test_table_writer__the_times_of_a_shard_end_with_its_number),
        cmocka_unit_test(test_table_writer__places_have_the_order_of_refs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
