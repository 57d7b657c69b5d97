/* One row an id in each table: random runs against a model that looks at every pair. */
#include "rows/dedupe.h"

#include "scratch.h"
#include "staging.h"
#include "unit.h"

enum { EVENTS = 300, CHUNK = 25 };

static const char *const calls[] = {
    "\"type\":\"track\",\"event\":\"A\"",
    "\"type\":\"track\",\"event\":\"B\"",
    "\"type\":\"track\"",
    "\"type\":\"page\"",
    "\"type\":\"identify\"",
    "\"type\":\"identify\",\"userId\":\"u\"",
    "\"type\":\"group\"",
};

/* A call's own table, and whether it is in tracks too. */
static const char *const own_tables[] = {"a",          "b",          NULL,    "pages",
                                         "identifies", "identifies", "groups"};

static const char *const tables[] = {"a", "b", "tracks", "pages", "identifies", "groups"};

struct event {
    unsigned call;
    unsigned id;
    unsigned day;
    rs_ref ref;
};

struct run {
    struct event events[EVENTS];
    struct staging s;
};

/* Ids are few, so that they meet; some are long. */
static void append_event(struct rs_strbuf *out, const struct event *event)
{
    rs_strbuf_printf(out, "{%s,\"messageId\":\"id %u %.*s\",\"receivedAt\":\"2026-01-%02u\"}\n",
                     calls[event->call], event->id, (int)(event->id % 9),
                     "a longer one than others", event->day);
}

static void make_run(struct run *run, uint64_t seed, uint64_t spill_after)
{
    struct rs_strbuf lines = RS_STRBUF_INIT(1 << 20);
    staging_begin(&run->s, STAGING_WORKERS, UINT64_MAX);
    for (uint32_t chunk = 0; chunk < EVENTS / CHUNK; chunk++) {
        rs_strbuf_reset(&lines);
        for (uint32_t i = 0; i < CHUNK; i++) {
            uint64_t draw = scratch_random(&seed) >> 16;
            struct event *event = &run->events[chunk * CHUNK + i];
            *event = (struct event){.call = (unsigned)(draw % RS_COUNTOF(calls)),
                                    .id = (unsigned)(draw / 7 % 60),
                                    .day = (unsigned)(draw / 700 % 3) + 1,
                                    .ref = rs_ref_make(chunk / 4, chunk % 4, i)};
            append_event(&lines, event);
        }
        staging_add(&run->s, chunk % STAGING_WORKERS, chunk / 4, chunk % 4, rs_strbuf_str(&lines));
        if (chunk % 4 == 3) {
            rs_rows_finish_input(run->s.rows, chunk / 4);
        }
        if (spill_after >> chunk & 1) {
            staging_spill(&run->s);
        }
    }
    staging_seal(&run->s);
    rs_strbuf_release(&lines);
}

static bool is_in(const struct event *event, const char *table)
{
    const char *own = own_tables[event->call];
    return strcmp(table, "tracks") == 0 ? event->call <= 2 : own && strcmp(own, table) == 0;
}

/* Is there another row of the id in the table that is later, or as late and read after it? */
static bool loses(const struct run *run, const struct event *event, const char *table)
{
    for (size_t i = 0; i < EVENTS; i++) {
        const struct event *other = &run->events[i];
        if (other->id == event->id && is_in(other, table) &&
            (other->day > event->day || (other->day == event->day && other->ref > event->ref))) {
            return true;
        }
    }
    return false;
}

static uint64_t expect_live(const struct run *run, const char *table)
{
    struct rs_error err = {0};
    struct rs_row_view view = {0};
    uint64_t lost = 0;
    struct rs_rows_cursor *cursor =
        rs_rows_open(run->s.rows, staging_table(&run->s, table), 0, UINT64_MAX);
    for (size_t i = 0; i < EVENTS; i++) {
        const struct event *event = &run->events[i];
        if (is_in(event, table) && !loses(run, event, table)) {
            assert_int_equal(rs_rows_next(cursor, &view, &err), RS_NEXT_ITEM);
            assert_true(view.ref == event->ref);
        } else if (is_in(event, table)) {
            lost++;
        }
    }
    assert_int_equal(rs_rows_next(cursor, &view, &err), RS_NEXT_END);
    rs_rows_close(cursor);
    return lost;
}

static void test_dedupe__the_latest_row_of_an_id_lives_in_each_table(void **state)
{
    static const uint64_t spills[] = {0, 0x3f, 0x555, 0x800, UINT64_MAX};
    static struct run run;
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        make_run(&run, seed * 1000003, spills[seed % RS_COUNTOF(spills)]);
        uint64_t duplicates = staging_resolve(&run.s);
        uint64_t lost = 0;
        for (size_t i = 0; i < RS_COUNTOF(tables); i++) {
            uint64_t here = expect_live(&run, tables[i]);
            lost += strcmp(tables[i], "a") == 0 || strcmp(tables[i], "b") == 0 ? 0 : here;
        }
        assert_int_equal(duplicates, lost);
        assert_true(duplicates > EVENTS / 5);
        staging_end(&run.s);
    }
}

static void test_dedupe__an_id_that_moved_to_another_event_stays_in_both(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(1 << 16);
    struct staging s;
    (void)state;
    staging_begin(&s, 1, UINT64_MAX);
    staging_add(&s, 0, 0, 0,
                RS_STR("{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m\"}\n"
                       "{\"type\":\"track\",\"event\":\"B\",\"messageId\":\"m\"}\n"
                       "{\"type\":\"page\",\"messageId\":\"m\"}"));
    staging_seal(&s);
    assert_int_equal(staging_resolve(&s), 1); /* in tracks */
    assert_int_equal(staging_dump(&s, "a", 0, UINT64_MAX, &out), 1);
    assert_int_equal(staging_dump(&s, "b", 0, UINT64_MAX, &out), 1);
    assert_int_equal(staging_dump(&s, "pages", 0, UINT64_MAX, &out), 1);
    rs_strbuf_reset(&out);
    assert_int_equal(staging_dump(&s, "tracks", 0, UINT64_MAX, &out), 1);
    assert_non_null(strstr(rs_strbuf_cstr(&out), "event_text string B"));
    staging_end(&s);
    rs_strbuf_release(&out);
}

/* Ids of all the bytes that one may have, more of them than are read back at once. */
static void test_dedupe__ids_are_compared_whole(void **state)
{
    enum { LONG = RS_VARCHAR_MAX, EQUALS = 20, CHUNKS = 4 };
    static char id[LONG + 1];
    struct rs_strbuf lines = RS_STRBUF_INIT(16 << 20);
    struct rs_strbuf out = RS_STRBUF_INIT(16 << 20);
    (void)state;
    memset(id, 'x', LONG);
    for (int spill = 0; spill < 2; spill++) {
        struct staging s;
        staging_begin(&s, 1, UINT64_MAX);
        for (uint32_t chunk = 0; chunk < CHUNKS; chunk++) {
            id[LONG - 1] = chunk % 2 ? 'y' : 'z';
            rs_strbuf_reset(&lines);
            for (int i = 0; i < EQUALS; i++) {
                rs_strbuf_printf(&lines, "{\"type\":\"page\",\"messageId\":\"%s\"}\n", id);
            }
            rs_strbuf_printf(&lines, "{\"type\":\"page\",\"messageId\":\"%s\"}\n", id + 1);
            staging_add(&s, 0, 0, chunk, rs_strbuf_str(&lines));
            if (spill) {
                staging_spill(&s);
            }
        }
        staging_seal(&s);
        assert_int_equal(staging_resolve(&s), CHUNKS * (EQUALS + 1) - 4);
        assert_int_equal(staging_dump(&s, "pages", 0, UINT64_MAX, &out), 4);
        rs_strbuf_reset(&out);
        staging_end(&s);
    }
    rs_strbuf_release(&lines);
    rs_strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dedupe__the_latest_row_of_an_id_lives_in_each_table),
        cmocka_unit_test(test_dedupe__an_id_that_moved_to_another_event_stays_in_both),
        cmocka_unit_test(test_dedupe__ids_are_compared_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
