/* A line becomes a row, a reject or nothing, in the stream of its call. */
#include "transform/project.h"

#include "base/map.h"
#include "projection.h"
#include "unit.h"

static void test_project__a_line_has_one_outcome(void **state)
{
    static const struct {
        const char *line;
        enum rs_outcome outcome;
    } cases[] = {
        {"", RS_OUTCOME_NO_EVENT},
        {" \t\r", RS_OUTCOME_NO_EVENT},
        {"{\"type\":\"page\"}", RS_OUTCOME_ROW},
        {" {\"type\":\"page\"} \r", RS_OUTCOME_ROW},
        {"{\"type\":\"pages\"}", RS_OUTCOME_NO_EVENT},
        {"{", RS_OUTCOME_NO_EVENT},
        {"7", RS_OUTCOME_NO_EVENT},
        {"{\"type\":\"page\",\"integrations\":{\"All\":false}}", RS_OUTCOME_ROW},
        {"{\"type\":\"page\",\"integrations\":{\"Warehouses\":false}}", RS_OUTCOME_OPT_OUT},
        {"{\"type\":\"x\",\"integrations\":{\"Warehouses\":false}}", RS_OUTCOME_NO_EVENT},
    };
    struct projection p = projection_make(NULL);
    size_t rows = 0;
    size_t rejects = 0;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        if (projection_line(&p, cases[i].line) != cases[i].outcome) {
            fail_msg("%s", cases[i].line);
        }
        rows += cases[i].outcome == RS_OUTCOME_ROW ? 1 : 0;
        rejects += cases[i].outcome == RS_OUTCOME_NO_EVENT ? 1 : 0;
        assert_int_equal(p.batch->row_count, rows);
        assert_int_equal(p.batch->reject_count, rejects);
    }
    assert_int_equal(p.batch->rejects[3].place.line, 6);
    assert_true(rs_str_equal(p.batch->rejects[3].text, RS_STR("{")));
    assert_string_equal(p.batch->rejects[4].reason, "it is not a JSON object");
    assert_int_equal(rs_projector_all_false_count(p.projector), 1);
    projection_free(&p);
}

static void test_project__each_call_has_its_stream(void **state)
{
    static const struct {
        const char *line;
        const char *table;
        uint32_t stream;
        bool folds;
    } cases[] = {
        {"{\"type\":\"track\",\"event\":\"Signed Up\"}", "signed_up", 0, false},
        {"{\"type\":\"track\",\"event\":\"signed_up\"}", "signed_up", 0, false},
        {"{\"type\":\"track\",\"event\":\"Signed\\u0020Up\"}", "signed_up", 0, false},
        {"{\"type\":\"track\",\"event\":\"Users\"}", "_users", 1, false},
        {"{\"type\":\"track\"}", "", 2, false},
        {"{\"type\":\"track\",\"event\":\"\"}", "", 2, false},
        {"{\"type\":\"track\",\"event\":7}", "", 2, false},
        {"{\"type\":\"track\",\"event\":\"\\u0000\"}", "", 2, false},
        {"{\"type\":\"identify\"}", "identifies", 3, false},
        {"{\"type\":\"identify\",\"userId\":\"\"}", "identifies", 3, false},
        {"{\"type\":\"identify\",\"userId\":{}}", "identifies", 3, false},
        {"{\"type\":\"identify\",\"userId\":\"\\u0000\"}", "identifies", 3, false},
        {"{\"type\":\"identify\",\"userId\":\"u\"}", "identifies", 4, true},
        {"{\"type\":\"identify\",\"userId\":7}", "identifies", 4, true},
        {"{\"type\":\"page\"}", "pages", 5, false},
        {"{\"type\":\"screen\"}", "screens", 6, false},
        {"{\"type\":\"group\",\"userId\":\"u\"}", "groups", 7, false},
        {"{\"type\":\"group\",\"groupId\":\"g\"}", "groups", 8, true},
        {"{\"type\":\"alias\"}", "aliases", 9, false},
        {"{\"type\":\"track\",\"event\":\"%\"}", "_", 10, false},
    };
    struct projection p = projection_make(NULL);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(projection_line(&p, cases[i].line), RS_OUTCOME_ROW);
        const struct rs_stream *stream = projection_stream(&p);
        if (!rs_str_equal(stream->table, rs_str_from(cases[i].table)) ||
            stream->number != cases[i].stream || stream->folds != cases[i].folds) {
            fail_msg("%s: stream %u", cases[i].line, stream->number);
        }
    }
    assert_int_equal(rs_projector_stream_count(p.projector), 11);
    assert_int_equal(rs_projector_unnamed_count(p.projector), 4);
    projection_free(&p);
}

static void test_project__a_row_points_to_what_folds(void **state)
{
    static const struct {
        const char *line;
        const char *id;
    } cases[] = {
        {"{\"type\":\"identify\",\"userId\":\"u1\",\"anonymousId\":\"a\"}", "u1"},
        {"{\"type\":\"identify\",\"userId\":1.50}", "1.50"},
        {"{\"type\":\"identify\",\"userId\":\"caf\\u00e9\"}", "caf\xc3\xa9"},
        {"{\"type\":\"group\",\"groupId\":\"g1\",\"userId\":\"u1\"}", "g1"},
    };
    struct projection p = projection_make(NULL);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_cell cell = {0};
        assert_int_equal(projection_line(&p, cases[i].line), RS_OUTCOME_ROW);
        const struct rs_row *row = projection_row(&p);
        (void)rs_cell_read(p.batch->data + row->offset + row->fold_offset, &cell);
        struct rs_str id = {cell.text, cell.length};
        assert_true(rs_str_equal(id, rs_str_from(cases[i].id)));
        assert_true(row->fold_hash == rs_hash64(id, 0)); /* whatever the seed */
    }
    projection_free(&p);
}

static void test_project__common_cells_come_first(void **state)
{
    struct projection p = projection_make(NULL);
    (void)state;
    assert_int_equal(projection_line(&p, "{\"type\":\"track\",\"messageId\":\"m\",\"receivedAt\":"
                                         "\"2026-01-01\",\"properties\":{\"x\":1},\"event\":\"E\","
                                         "\"context\":{\"ip\":\"i\"},\"userId\":\"u\"}"),
                     RS_OUTCOME_ROW);
    assert_string_equal(projection_common(&p),
                        PROJECTION_HEAD "user_id string u\nevent_text string E\n"
                                        "context_ip string i\n");
    assert_string_equal(projection_own(&p), "x integer 1\n");
    projection_free(&p);
}

static void test_project__an_unnamed_track_call_has_no_event_text(void **state)
{
    static const struct projection_case cases[] = {
        {"missing", "track", ",\"properties\":{\"x\": 1}", "properties !no_table {\"x\":1}\n"},
        {"empty", "track", ",\"event\":\"\"", ""},
        {"null", "track", ",\"event\":null", ""},
        {"no string", "track", ",\"event\":7", "event_text !type 7\n"},
        {"an object", "track", ",\"event\":{\"a\": 1}", "event_text !type {\"a\":1}\n"},
    };
    (void)state;
    check_cases(cases, RS_COUNTOF(cases));
}

static void test_project__the_filter_keeps_whole_events_out(void **state)
{
    static const struct {
        const char *collections;
        const char *line;
        bool wanted;
    } cases[] = {
        {"{\"pages\":false}", "{\"type\":\"page\"}", false},
        {"{\"pages\":false}", "{\"type\":\"screen\"}", true},
        {"{\"e\":false}", "{\"type\":\"track\",\"event\":\"E\"}", true},
        {"{\"e\":false,\"tracks\":false}", "{\"type\":\"track\",\"event\":\"E\"}", false},
        {"{\"tracks\":false}", "{\"type\":\"track\",\"event\":\"E\"}", true},
        {"{\"tracks\":false}", "{\"type\":\"track\"}", false},
        {"{\"identifies\":false}", "{\"type\":\"identify\",\"userId\":\"u\"}", true},
        {"{\"identifies\":false}", "{\"type\":\"identify\"}", false},
        {"{\"*\":false,\"users\":true}", "{\"type\":\"identify\",\"userId\":\"u\"}", true},
        {"{\"*\":false,\"users\":true}", "{\"type\":\"group\",\"groupId\":\"g\"}", false},
        {"{\"*\":false,\"accounts\":true}", "{\"type\":\"group\",\"groupId\":\"g\"}", true},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf text = RS_STRBUF_INIT(1000);
        struct rs_projector_options options = projection_defaults();
        rs_strbuf_printf(&text, "{\"collections\":%s}", cases[i].collections);
        struct rs_filter *filter = rs_filter_parse(rs_strbuf_str(&text), "f", &err);
        assert_non_null(filter);
        options.filter = filter;
        struct projection p = projection_make(&options);
        if (projection_line(&p, cases[i].line) !=
            (cases[i].wanted ? RS_OUTCOME_ROW : RS_OUTCOME_UNSELECTED)) {
            fail_msg("%s, %s", cases[i].collections, cases[i].line);
        }
        projection_free(&p);
        rs_filter_free(filter);
        rs_strbuf_release(&text);
    }
}

static void test_project__with_an_interval_only_its_events_are_rows(void **state)
{
    static const struct rs_str tables[] = {RS_STR_INIT("order_completed")};
    const struct rs_interval_filter interval_filter = {
        .received = {PROJECTION_NOW_US, PROJECTION_NOW_US + 1000000},
        .calls = 1U << RS_CALL_TRACK | 1U << RS_CALL_PAGE,
        .tables = tables,
        .table_count = RS_COUNTOF(tables)};
    static const struct {
        const char *line;
        enum rs_outcome outcome;
    } cases[] = {
        {"{\"type\":\"page\",\"receivedAt\":\"2026-12-31\"}", RS_OUTCOME_ROW},
        {"{\"type\":\"page\",\"receivedAt\":\"2026-12-30T23:59:59.999Z\"}", RS_OUTCOME_OUTSIDE},
        {"{\"type\":\"page\",\"receivedAt\":\"2026-12-31T00:00:01Z\"}", RS_OUTCOME_OUTSIDE},
        {"{\"type\":\"page\",\"receivedAt\":\"2026-12-31T01:00:00+01:00\"}", RS_OUTCOME_ROW},
        {"{\"type\":\"page\",\"receivedAt\":\"soon\",\"timestamp\":\"2026-12-31\"}",
         RS_OUTCOME_ROW},
        {"{\"type\":\"page\",\"receivedAt\":\"2026-12-31\",\"timestamp\":\"2025-12-31\"}",
         RS_OUTCOME_ROW},
        {"{\"type\":\"page\",\"sentAt\":\"2026-12-31\"}", RS_OUTCOME_ROW},
        {"{\"type\":\"page\",\"originalTimestamp\":\"2026-12-31\"}", RS_OUTCOME_UNDATED},
        {"{\"type\":\"page\"}", RS_OUTCOME_UNDATED}, /* not of the time of processing */
        {"{\"type\":\"screen\",\"receivedAt\":\"2026-12-31\"}", RS_OUTCOME_UNSELECTED},
        {"{\"type\":\"track\",\"event\":\"Order Completed\",\"receivedAt\":\"2026-12-31\"}",
         RS_OUTCOME_ROW},
        {"{\"type\":\"track\",\"event\":\"Signed Up\",\"receivedAt\":\"2026-12-31\"}",
         RS_OUTCOME_UNSELECTED},
        {"{\"type\":\"track\",\"receivedAt\":\"2026-12-31\"}", RS_OUTCOME_UNSELECTED},
        {"no event", RS_OUTCOME_NO_EVENT},
        {"", RS_OUTCOME_NO_EVENT},
    };
    struct rs_projector_options options = projection_defaults();
    (void)state;
    options.interval_filter = &interval_filter;
    struct projection p = projection_make(&options);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        size_t rows = p.batch->row_count;
        enum rs_outcome outcome = projection_line(&p, cases[i].line);
        if (outcome != cases[i].outcome ||
            p.batch->row_count != rows + (outcome == RS_OUTCOME_ROW ? 1 : 0)) {
            fail_msg("%s: %d", cases[i].line, outcome);
        }
        if (outcome == RS_OUTCOME_ROW) {
            assert_true(rs_projector_received_us(p.projector) ==
                        p.batch->rows[p.batch->row_count - 1].received_us);
        }
    }
    projection_free(&p);
}

static void test_project__the_warehouse_id_and_the_name_limit_are_options(void **state)
{
    struct rs_projector_options options = projection_defaults();
    (void)state;
    options.warehouse_id = RS_STR("w1");
    options.name_limit = RS_NAME_MIN;
    struct projection p = projection_make(&options);
    assert_int_equal(projection_line(&p, "{\"type\":\"page\",\"integrations\":{\"Warehouses\":"
                                         "{\"warehouseIds\":[\"w1\"]}},\"properties\":{"
                                         "\"a name that is longer than the limit\":1}}"),
                     RS_OUTCOME_ROW);
    const char *own = projection_own(&p);
    assert_int_equal(strncmp(own, "a_name_that_is_longer_t_", 24), 0);
    assert_string_equal(own + RS_NAME_MIN, " integer 1\n");
    assert_int_equal(projection_line(&p, "{\"type\":\"page\",\"integrations\":{\"Warehouses\":"
                                         "{\"warehouseIds\":[\"w2\"]}}}"),
                     RS_OUTCOME_OPT_OUT);
    projection_free(&p);
}

/* Cells do not depend on the seed or on what other events came before. */
static void test_project__a_row_is_a_function_of_its_line(void **state)
{
    static const char line[] =
        "{\"type\":\"track\",\"messageId\":\"m\",\"receivedAt\":"
        "\"2026-01-01\",\"event\":\"E\",\"properties\":{\"b\":1,\"a\":{\"c\":"
        "2},\"B\":3}}";
    char first[1000] = "";
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        struct rs_projector_options options = projection_defaults();
        options.seed = seed * 0x9e3779b97f4a7c15;
        struct projection p = projection_make(&options);
        for (uint64_t i = 0; i < seed; i++) {
            struct rs_strbuf other = RS_STRBUF_INIT(1000);
            rs_strbuf_printf(&other,
                             "{\"type\":\"track\",\"event\":\"E\",\"properties\":{\"x%d\":1,"
                             "\"a\":%d,\"b\":\"2026-01-01\"}}",
                             (int)i, (int)i);
            assert_int_equal(projection_line(&p, rs_strbuf_cstr(&other)), RS_OUTCOME_ROW);
            rs_strbuf_release(&other);
        }
        assert_int_equal(projection_line(&p, line), RS_OUTCOME_ROW);
        const char *cells = projection_cells(&p);
        if (seed == 1) {
            memcpy(first, cells, strlen(cells) + 1);
        }
        assert_string_equal(cells, first);
        projection_free(&p);
    }
}

/* A limit of one name and one key; the database has "known", with columns "kept", "deep_er_kept". */
static struct rs_cardinality_limit *make_limit(struct rs_schema *existing,
                                               struct rs_projector_options *options)
{
    rs_schema_init(existing, RS_STR("s"));
    struct rs_table *known = rs_schema_add_table(existing, RS_STR("known"), RS_TABLE_EVENTS);
    rs_table_add_column(existing, known, RS_STR("kept"),
                        (struct rs_coltype){.type = RS_TYPE_BIGINT}, 0);
    rs_table_add_column(existing, known, RS_STR("deep_er_kept"),
                        (struct rs_coltype){.type = RS_TYPE_BIGINT}, 0);
    options->limit = rs_cardinality_limit_new(1, existing, 1);
    options->key_limit = 1;
    return options->limit;
}

static void test_project__a_name_that_is_not_admitted_is_in_tracks_alone(void **state)
{
    struct rs_projector_options options = projection_defaults();
    struct rs_schema existing = {0};
    struct rs_cardinality_limit *limit = make_limit(&existing, &options);
    struct projection p = projection_make(&options);
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(projection_line(&p, "{\"type\":\"track\",\"event\":\"First\"}"),
                         RS_OUTCOME_ROW);
        assert_true(rs_str_equal(projection_stream(&p)->table, RS_STR("first")));
    }
    assert_int_equal(projection_line(&p,
                                     "{\"type\":\"track\",\"event\":\"Next 1\",\"messageId\":\"m\","
                                     "\"receivedAt\":\"2026-01-01\",\"properties\":{\"a\": 1}}"),
                     RS_OUTCOME_ROW);
    assert_string_equal(projection_stream(&p)->table.data, "");
    assert_string_equal(projection_common(&p), "id string m\n"
                                               "received_at instant 2026-01-01 00:00:00\n"
                                               "timestamp instant 2026-01-01 00:00:00\n"
                                               "event_text string Next 1\n"
                                               "event string next_1\n"
                                               "properties !no_table {\"a\":1}\n");
    assert_string_equal(projection_own(&p), "");
    /* Where a member comes twice, both are kept. */
    assert_int_equal(
        projection_line(&p, "{\"type\":\"track\",\"event\":\"Next 2\",\"properties\":{\"a\":1},"
                            "\"properties\":{\"b\":2}}"),
        RS_OUTCOME_ROW);
    assert_non_null(
        strstr(projection_common(&p), "\"properties\":{\"a\":1},\"properties\":{\"b\":2}"));
    assert_int_equal(projection_line(&p, "{\"type\":\"track\",\"event\":\"Known\"}"),
                     RS_OUTCOME_ROW);
    assert_true(rs_str_equal(projection_stream(&p)->table, RS_STR("known")));
    assert_int_equal(rs_projector_unnamed_count(p.projector), 0);
    assert_int_equal(rs_projector_budget(p.projector)->refused_events, 2);
    assert_true(rs_str_equal(rs_cardinality_first_refused(limit), RS_STR("next_1")));
    projection_free(&p);
    rs_cardinality_limit_free(limit);
    rs_schema_release(&existing);
}

/* A table's own share is free; it is used up first here. */
static void fill_share(struct projection *p, const char *event)
{
    for (int i = 0; i < RS_KEYS_A_STREAM; i++) {
        struct rs_strbuf line = RS_STRBUF_INIT(1000);
        rs_strbuf_printf(&line, "{\"type\":\"track\",\"event\":\"%s\",\"properties\":{\"x%d\":1}}",
                         event, i);
        assert_int_equal(projection_line(p, rs_strbuf_cstr(&line)), RS_OUTCOME_ROW);
        rs_strbuf_release(&line);
    }
}

static void test_project__a_key_that_is_not_learned_is_a_discard(void **state)
{
    struct rs_projector_options options = projection_defaults();
    struct rs_schema existing = {0};
    struct rs_cardinality_limit *limit = make_limit(&existing, &options);
    options.key_limit = RS_KEYS_A_STREAM;
    struct projection p = projection_make(&options);
    (void)state;
    fill_share(&p, "Known");
    assert_int_equal(
        projection_line(&p, "{\"type\":\"track\",\"event\":\"Known\",\"properties\":{\"x7\":1,"
                            "\"kept\":2,\"n\\u00e9w\":\"a\\u0000\xff\",\"o\": {\"p\": 4}}}"),
        RS_OUTCOME_ROW);
    assert_string_equal(projection_own(&p),
                        "x7 integer 1\n"
                        "kept integer 2\n"
                        "properties !columns {\"n\xc3\xa9w\":\"a\xef\xbf\xbd\"}\n"
                        "properties !columns {\"o\":{\"p\":4}}\n");
    assert_int_equal(rs_projector_budget(p.projector)->refused_values, 2);
    /* Another table still has its share. */
    assert_int_equal(
        projection_line(&p, "{\"type\":\"track\",\"event\":\"First\",\"properties\":{\"y\":1}}"),
        RS_OUTCOME_ROW);
    assert_string_equal(projection_own(&p), "y integer 1\n");
    projection_free(&p);
    rs_cardinality_limit_free(limit);
    rs_schema_release(&existing);
}

static void
test_project__columns_that_are_there_get_values_of_objects_that_are_not_learned(void **state)
{
    static const char line[] =
        "{\"type\":\"track\",\"event\":\"Known\",\"properties\":{"
        "\"deep\":{\"er\":{\"kept\":5,\"new\":6},\"x\":{\"y\":7}},\"x7\":1,\"!\":{\"a\":8},"
        "\"dee\":{\"p\":9}}}";
    struct rs_projector_options options = projection_defaults();
    struct rs_schema existing = {0};
    struct rs_cardinality_limit *limit = make_limit(&existing, &options);
    options.key_limit = RS_KEYS_A_STREAM;
    struct projection p = projection_make(&options);
    size_t used = 0;
    (void)state;
    fill_share(&p, "Known");
    for (int turn = 0; turn < 3; turn++) {
        assert_int_equal(projection_line(&p, line), RS_OUTCOME_ROW);
        assert_string_equal(projection_own(&p), "deep_er_kept integer 5\n"
                                                "deep_er !columns {\"new\":6}\n"
                                                "deep !columns {\"x\":{\"y\":7}}\n"
                                                "x7 integer 1\n"
                                                "properties !columns {\"!\":{\"a\":8}}\n"
                                                "properties !columns {\"dee\":{\"p\":9}}\n");
        used = turn == 0 ? rs_projector_budget(p.projector)->used : used;
    }
    assert_int_equal(rs_projector_budget(p.projector)->used, used);
    projection_free(&p);
    rs_cardinality_limit_free(limit);
    rs_schema_release(&existing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_project__a_line_has_one_outcome),
        cmocka_unit_test(test_project__each_call_has_its_stream),
        cmocka_unit_test(test_project__a_row_points_to_what_folds),
        cmocka_unit_test(test_project__common_cells_come_first),
        cmocka_unit_test(test_project__an_unnamed_track_call_has_no_event_text),
        cmocka_unit_test(test_project__the_filter_keeps_whole_events_out),
        cmocka_unit_test(test_project__with_an_interval_only_its_events_are_rows),
        cmocka_unit_test(test_project__the_warehouse_id_and_the_name_limit_are_options),
        cmocka_unit_test(test_project__a_row_is_a_function_of_its_line),
        cmocka_unit_test(test_project__a_name_that_is_not_admitted_is_in_tracks_alone),
        cmocka_unit_test(test_project__a_key_that_is_not_learned_is_a_discard),
        cmocka_unit_test(
            test_project__columns_that_are_there_get_values_of_objects_that_are_not_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
