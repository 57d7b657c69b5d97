/*
 * What a replay is called in the ledger, and what the ledger knows of it. A window counts as done
 * as long as the inputs that are listed for it are those that it was done with.
 */
#include "base/mem.h"
#include "ledger/history.h"
#include "ledger/window_log.h"
#include "replay/replay_internal.h"

enum { NUMBER_BYTES = 32 };

/* --- names ------------------------------------------------------------------------------------------- */

static void add_text(struct rs_sha256 *sha256, const char *text)
{
    struct rs_str given = rs_str_from(text);
    rs_sha256_update(sha256, given);
    rs_sha256_update(sha256, (struct rs_str){"", 1}); /* its end, a NUL */
}

static void add_number(struct rs_sha256 *sha256, int64_t number)
{
    struct rs_strbuf text = RS_STRBUF_INIT(NUMBER_BYTES);
    rs_strbuf_append_i64(&text, number);
    add_text(sha256, rs_strbuf_cstr(&text));
    rs_strbuf_release(&text);
}

static void finish_digest(struct rs_sha256 *sha256, struct rs_replay_digest *out)
{
    unsigned char bytes[RS_SHA256_BYTES];
    rs_sha256_finish(sha256, bytes);
    rs_hex(bytes, sizeof bytes, out->hex);
    out->hex[RS_REPLAY_HEX_BYTES] = '\0';
    rs_sha256_free(sha256);
}

bool rs_replay_make_name(struct rs_replay *replay, struct rs_error *err)
{
    const struct rs_replay_options *options = replay->options;
    char selection[RS_SELECTION_HEX_SIZE];
    if (!rs_sync_selection_digest(options->sync.select_file, selection, err)) {
        return false;
    }
    struct rs_sha256 *sha256 = rs_sha256_new();
    add_number(sha256, options->interval.from_us);
    add_number(sha256, options->interval.to_us);
    add_number(sha256, options->window_us);
    add_number(sha256, options->calls);
    for (size_t i = 0; i < options->event_count; i++) {
        add_text(sha256, options->events[i]);
    }
    add_text(sha256, "");
    add_text(sha256, selection);
    add_text(sha256, options->sync.warehouse_id);
    for (size_t i = 0; i < options->sync.input_count; i++) {
        add_text(sha256, options->sync.inputs[i]);
    }
    finish_digest(sha256, &replay->name);
    return true;
}

void rs_replay_digest_inputs(const struct rs_replay *replay, size_t window,
                             struct rs_replay_digest *out)
{
    const struct rs_archive *archive = &replay->archive;
    struct rs_sha256 *sha256 = rs_sha256_new();
    for (size_t i = 0; i < archive->list.count; i++) {
        if (rs_window_plan_by_day(&archive->plan, window, i)) {
            add_text(sha256, archive->list.items[i].identity);
            add_text(sha256, archive->list.items[i].version);
        }
    }
    finish_digest(sha256, out);
}

/* --- the ledger ---------------------------------------------------------------------------------------- */

/* What the ledger has of this replay, before anything is run. */
struct known {
    struct rs_replay *replay;
    struct rs_map *inputs; /* identity -> number + 1 in the list, as a pointer into numbers */
    size_t *numbers;
};

static void list_identities(struct known *known)
{
    const struct rs_input_list *list = &known->replay->archive.list;
    known->inputs = rs_map_new(0);
    known->numbers = rs_mem_zalloc(list->count, sizeof *known->numbers);
    for (size_t i = 0; i < list->count; i++) {
        known->numbers[i] = i;
        *rs_map_put(known->inputs, rs_str_from(list->items[i].identity)) = &known->numbers[i];
    }
}

static void put_mark(void *arg, const struct rs_window_mark *mark)
{
    struct known *known = arg;
    struct rs_replay *replay = known->replay;
    struct rs_window_plan *plan = &replay->archive.plan;
    size_t window = rs_window_plan_find(plan, &(struct rs_interval){mark->from_us, mark->to_us});
    struct rs_replay_digest digest;
    if (window == SIZE_MAX) {
        return;
    }
    if (mark->input.length > 0) {
        const size_t *number = rs_map_find(known->inputs, mark->input);
        if (number) {
            rs_window_plan_want(plan, window, *number);
        }
        plan->windows[window].told = plan->windows[window].told ||
                                     rs_str_equal(mark->inputs_digest, RS_STR(RS_REPLAY_AGAIN));
        return;
    }
    rs_replay_digest_inputs(replay, window, &digest);
    if (rs_str_equal(mark->inputs_digest, rs_str_from(digest.hex))) { /* else some are new */
        rs_window_plan_done(plan, window, 1);
    }
}

bool rs_replay_read_ledger(struct rs_replay *replay, double *speed, struct rs_error *err)
{
    struct rs_archive *archive = &replay->archive;
    struct known known = {.replay = replay};
    struct rs_session *session = rs_archive_session(archive, err);
    bool ok = session != NULL;
    if (ok && !replay->options->restart) {
        list_identities(&known);
        ok = rs_window_log_read(session, rs_strbuf_str(&archive->schema),
                                rs_str_from(replay->name.hex), put_mark, &known, err);
    }
    ok = ok && rs_window_log_speed(session, rs_strbuf_str(&archive->schema), speed, err);
    rs_map_free(known.inputs);
    rs_mem_free(known.numbers);
    rs_session_close(session);
    return ok;
}

bool rs_replay_close(struct rs_replay *replay, struct rs_error *err)
{
    struct rs_archive *archive = &replay->archive;
    struct rs_str schema = rs_strbuf_str(&archive->schema);
    bool there = false;
    struct rs_session *session = rs_archive_session(archive, err);
    bool ok = session && rs_history_has_table(session, schema, "rs_windows", &there, err) &&
              (!there || rs_window_log_close(session, schema, rs_str_from(replay->name.hex), err));
    rs_session_close(session);
    return ok;
}
