/*
 * The questions of behaviours.h, over sessions of their own, in a schema of a random name. It goes in
 * the end, whatever came of the questions: over the session of the login, which nothing was tried
 * on, or over a fresh one; a signal does not keep it from that, but the deadline does.
 *
 * What is told is for sending on: names of the user, the database and the like are taken out of
 * what the server said.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check/database/behaviours.h"
#include "check/database/database_facts.h"
#include "check/database/stage_use.h"
#include "check/engine/check_deadline.h"
#include "check/engine/shell_quote.h"
#include "codec/utf8.h"

enum {
    SQL_MAX = 64 << 10,
    NAME_MAX_BYTES = 48,
    WORDS_MAX = 160,  /* of a server, in a table */
    ASK_MS = 20000,   /* for one statement */
    ALL_MS = 120000,  /* for all, after which nothing more is asked */
    WAIT_MS = 4000,   /* for a LOCK to be ended by the server's own clock */
    CANCEL_MS = 1000, /* ... before we cancel it */
    REMOVE_MS = 30000,
};

struct inquiry {
    struct rs_check_run *run;
    struct rs_check_result *out;
    struct rs_session *session; /* NULL: none, or the last one was lost */
    char schema[NAME_MAX_BYTES];
    bool made;            /* the schema is */
    const char *unmade;   /* why not */
    bool staged;          /* the stage can be used */
    const char *unstaged; /* why not */
    struct rs_check_stage_use use;
    unsigned folder; /* of what is unloaded next */
    int64_t until_us;
};

/* What came of a question. */
struct outcome {
    const char *found;
    bool unasked; /* it could not be asked */
};

/* ---- What is told ---- */

/* One word that is not to be told, from a place of a text: bytes to leave out; 0: none. */
static size_t is_private(const char *at, char before, const char *word)
{
    const size_t length = word ? strlen(word) : 0;
    return length > 0 && strncmp(at, word, length) == 0 && !isalnum((unsigned char)before) &&
                   !isalnum((unsigned char)at[length])
               ? length
               : 0;
}

/* The text without names of this cluster, its users and its account. */
static const char *tell(const struct inquiry *inquiry, const char *text)
{
    const struct rs_check_run *run = inquiry->run;
    const struct {
        const char *word;
        const char *stands;
    } words[] = {
        {inquiry->schema, "SCHEMA"},           {run->database->user, "USER"},
        {run->database->database, "DATABASE"}, {run->endpoint.host, "HOST"},
        {run->endpoint.user, "USER"},          {inquiry->use.bucket.data, "BUCKET"},
        {inquiry->use.prefix.data, "PREFIX"},  {run->options->iam_role, "ROLE"},
    };
    struct rs_strbuf told = RS_STRBUF_INIT(SQL_MAX);
    char before = ' ';
    for (const char *at = text; *at;) {
        size_t length = strncmp(at, "arn:", 4) == 0 ? strcspn(at, " \"',") : 0;
        const char *stands = "ARN";
        for (size_t i = 0; i < RS_COUNTOF(words) && length == 0; i++) {
            length = is_private(at, before, words[i].word);
            stands = words[i].stands;
        }
        if (length > 0) {
            rs_strbuf_append(&told, stands);
        } else {
            rs_strbuf_append_char(&told, *at);
            length = 1;
        }
        before = at[length - 1];
        at += length;
    }
    const int kept_bytes = (int)rs_utf8_cut(rs_strbuf_str(&told), WORDS_MAX);
    const char *kept = rs_check_text(inquiry->out, "%.*s", kept_bytes, rs_strbuf_cstr(&told));
    rs_strbuf_release(&told);
    return kept;
}

static struct outcome unasked(const struct inquiry *inquiry, const char *why)
{
    return (struct outcome){
        .found = rs_check_text(inquiry->out, "could not ask: %s", tell(inquiry, why)),
        .unasked = true};
}

/* The answer of a statement that was refused: no answer where a right is missing, or the server. */
static struct outcome refusal(const struct inquiry *inquiry, const struct rs_error *err)
{
    if (err->code != RS_E_DATABASE || rs_check_is_denied(err)) {
        return unasked(inquiry, rs_check_refusal(err));
    }
    const char *words = tell(inquiry, rs_check_refusal(err));
    return (struct outcome){.found =
                                rs_check_text(inquiry->out, "refused: %s %s", err->detail, words)};
}

/* NULL: it was refused, by err. The result is released. */
static struct outcome answer(const struct inquiry *inquiry, struct rs_result *result,
                             const struct rs_error *err)
{
    struct outcome outcome = {.found = "done"};
    if (!result) {
        outcome = refusal(inquiry, err);
    } else if (rs_result_columns(result) > 0 && rs_result_rows(result) == 0) {
        outcome.found = "no row";
    } else if (rs_result_columns(result) > 0 && rs_result_is_null(result, 0, 0)) {
        outcome.found = "(NULL)";
    } else if (rs_result_columns(result) > 0) {
        outcome.found = tell(inquiry, rs_result_text(result, 0, 0).data);
    }
    rs_result_free(result);
    return outcome;
}

/* ---- Statements ---- */

static struct rs_session *open_session(struct inquiry *inquiry, struct rs_error *err)
{
    rs_check_deadline_set(inquiry->run->deadline, ASK_MS);
    struct rs_session *session = rs_connect_open(inquiry->run->connect, err);
    rs_check_deadline_explain(inquiry->run->deadline, "the login was not over", err);
    rs_check_deadline_set(inquiry->run->deadline, 0);
    return session;
}

/* One statement, as the row writes it. NULL, with err. */
static struct rs_result *ask(struct inquiry *inquiry, struct rs_session *session, const char *text,
                             const char *param, unsigned ms, struct rs_error *err)
{
    struct rs_check_deadline *deadline = inquiry->run->deadline;
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    rs_sql_query(&sql, text, rs_str_from(inquiry->schema));
    rs_check_deadline_set(deadline, ms);
    struct rs_result *result =
        param ? rs_session_query_bound(session, rs_strbuf_cstr(&sql), &param, 1, err)
              : rs_session_query(session, &sql, err);
    rs_check_deadline_explain(deadline, "the server did not answer", err);
    rs_check_deadline_set(deadline, 0);
    rs_strbuf_release(&sql);
    return result;
}

static bool run_text(struct inquiry *inquiry, struct rs_session *session, const char *text,
                     struct rs_error *err)
{
    struct rs_result *result = ask(inquiry, session, text, NULL, ASK_MS, err);
    rs_result_free(result);
    return result != NULL;
}

/* What UNLOAD and COPY are told; the text may hold keys. */
static bool run_secret(struct inquiry *inquiry, struct rs_strbuf *sql, struct rs_error *err)
{
    rs_check_deadline_set(inquiry->run->deadline, ASK_MS);
    const bool ok = rs_session_exec(inquiry->session, sql, NULL, err);
    rs_check_deadline_explain(inquiry->run->deadline, "the server did not answer", err);
    rs_check_deadline_set(inquiry->run->deadline, 0);
    rs_strbuf_release_secret(sql);
    return ok;
}

/* ---- By way of the stage ---- */

static bool unload(struct inquiry *inquiry, const char *query, const struct rs_copy_files *files,
                   struct rs_error *err)
{
    struct rs_strbuf inner = RS_STRBUF_INIT(SQL_MAX);
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    rs_sql_query(&inner, query, rs_str_from(inquiry->schema));
    rs_copy_append_unload(&sql, rs_strbuf_str(&inner), files);
    rs_strbuf_release(&inner);
    return run_secret(inquiry, &sql, err);
}

static bool copy(struct inquiry *inquiry, const char *into, const struct rs_copy_files *files,
                 struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SQL_MAX);
    rs_strbuf_append(&sql, "COPY ");
    rs_sql_qualified(&sql, rs_str_from(inquiry->schema), rs_str_from(into));
    rs_strbuf_append(&sql, " FROM ");
    rs_sql_literal(&sql, RS_DIALECT_REDSHIFT, files->url);
    rs_copy_append_access(&sql, &files->access);
    rs_strbuf_append(&sql, "\nFORMAT CSV COMPUPDATE OFF STATUPDATE OFF");
    if (files->region.length > 0) {
        rs_strbuf_append(&sql, " REGION ");
        rs_sql_literal(&sql, RS_DIALECT_REDSHIFT, files->region);
    }
    return run_secret(inquiry, &sql, err);
}

/* The files of the next question, in a folder of its own. */
static struct rs_copy_files next_files(struct inquiry *inquiry)
{
    struct rs_copy_files files = inquiry->use.files;
    files.url = rs_str_from(
        rs_check_text(inquiry->out, "%.*s%u/", RS_STR_ARG(files.url), ++inquiry->folder));
    return files;
}

static struct outcome ask_unload(struct inquiry *inquiry, const struct rs_behaviour *row)
{
    const struct rs_copy_files files = next_files(inquiry);
    struct rs_error err = {0};
    return unload(inquiry, row->sql, &files, &err) ? (struct outcome){.found = "done"}
                                                   : refusal(inquiry, &err);
}

static struct outcome ask_copied(struct inquiry *inquiry, const struct rs_behaviour *row)
{
    const struct rs_copy_files files = next_files(inquiry);
    struct rs_error err = {0};
    struct rs_error refused = {0};
    if (!unload(inquiry, row->unload, &files, &err)) {
        return unasked(inquiry, rs_check_refusal(&err));
    }
    if (!copy(inquiry, row->into, &files, &refused) && refused.code != RS_E_DATABASE) {
        return unasked(inquiry, rs_check_refusal(&refused));
    }
    struct rs_result *result = ask(inquiry, inquiry->session, row->sql, NULL, ASK_MS, &err);
    return answer(inquiry, result, &err);
}

/* ---- Waiting for a lock ---- */

/* The statement waits for what another session holds. */
static struct outcome ask_held(struct inquiry *inquiry, const struct rs_behaviour *row)
{
    const bool cancel = row->kind == RS_BEHAVIOUR_CANCEL;
    const unsigned ms = cancel ? CANCEL_MS : WAIT_MS;
    struct outcome outcome = {.found = "did not wait"};
    struct rs_error err = {0};
    struct rs_error ended = {0};
    struct rs_session *holder = open_session(inquiry, &err);
    if (!holder || !run_text(inquiry, holder, "BEGIN", &err) ||
        !run_text(inquiry, holder, row->sql, &err) ||
        (!cancel && !run_text(inquiry, inquiry->session, "SET statement_timeout TO 1000", &err)) ||
        !run_text(inquiry, inquiry->session, "BEGIN", &err)) {
        outcome = unasked(inquiry, rs_check_refusal(&err));
    } else {
        struct rs_result *result = ask(inquiry, inquiry->session, row->sql, NULL, ms, &ended);
        rs_result_free(result);
        if (!result && ended.code == RS_E_DATABASE) {
            outcome.found = rs_check_text(inquiry->out, "ended: %s", ended.detail);
        } else if (!result) { /* by our deadline, and libpq's cancel */
            rs_session_rollback(inquiry->session);
            const bool answers = run_text(inquiry, inquiry->session, "SELECT 1", &err);
            outcome.found = !answers ? "not ended" : cancel ? "ended" : "not ended but by a cancel";
        }
    }
    rs_session_close(holder);
    return outcome;
}

/* ---- The rows ---- */

static struct outcome ask_prepared(struct inquiry *inquiry, const struct rs_behaviour *row)
{
    struct rs_session *session = inquiry->session;
    struct rs_error err = {0};
    switch (row->kind) {
    case RS_BEHAVIOUR_UNLOAD:
        return ask_unload(inquiry, row);
    case RS_BEHAVIOUR_COPIED:
        return ask_copied(inquiry, row);
    case RS_BEHAVIOUR_TIMEOUT:
    case RS_BEHAVIOUR_CANCEL:
        return ask_held(inquiry, row);
    case RS_BEHAVIOUR_SQL:
    case RS_BEHAVIOUR_BOUND:
        break;
    }
    struct rs_result *result = ask(inquiry, session, row->sql, row->param, ASK_MS, &err);
    if (!result && row->otherwise && err.code == RS_E_DATABASE) {
        rs_error_clear(&err);
        result = ask(inquiry, session, row->otherwise, NULL, ASK_MS, &err);
    }
    return answer(inquiry, result, &err);
}

/* What a question left of its session, for the next one: as it was, or none. */
static void put_right(struct inquiry *inquiry, const struct rs_behaviour *row)
{
    struct rs_error err = {0};
    rs_session_rollback(inquiry->session);
    if (!run_text(inquiry, inquiry->session, row->after ? row->after : "SELECT 1", &err)) {
        rs_session_close(inquiry->session);
        inquiry->session = NULL;
    }
}

static struct outcome ask_row(struct inquiry *inquiry, const struct rs_behaviour *row)
{
    struct rs_error err = {0};
    if (rs_behaviour_needs_schema(row) && !inquiry->made) {
        return unasked(inquiry, inquiry->unmade);
    }
    if (rs_behaviour_needs_stage(row) && !inquiry->staged) {
        return unasked(inquiry, inquiry->unstaged);
    }
    if (inquiry->run->env->monotonic_us(inquiry->run->env) > inquiry->until_us) {
        return unasked(inquiry, "the time for all questions is up");
    }
    inquiry->session = inquiry->session ? inquiry->session : open_session(inquiry, &err);
    if (!inquiry->session) {
        return unasked(inquiry, err.message);
    }
    bool ok = true;
    for (size_t i = 0; i < RS_BEHAVIOUR_BEFORE_MAX && row->before[i] && ok; i++) {
        ok = run_text(inquiry, inquiry->session, row->before[i], &err);
    }
    const struct outcome outcome =
        ok ? ask_prepared(inquiry, row) : unasked(inquiry, rs_check_refusal(&err));
    put_right(inquiry, row);
    return outcome;
}

static enum rs_check_status judge(const struct rs_behaviour *row, const struct outcome *outcome)
{
    return outcome->unasked                               ? RS_CHECK_UNKNOWN
           : rs_behaviour_is_assumed(row, outcome->found) ? RS_CHECK_PASS
                                                          : RS_CHECK_WARN;
}

/* "a or b" */
static const char *words_of(struct inquiry *inquiry, const char *assumed)
{
    const char *bar = strchr(assumed, '|');
    return bar ? rs_check_text(inquiry->out, "%.*s or %s", (int)(bar - assumed), assumed, bar + 1)
               : assumed;
}

static void ask_all(struct inquiry *inquiry, size_t counts[RS_CHECK_FAIL + 1])
{
    struct rs_check_result *out = inquiry->out;
    for (size_t i = 0; i < rs_behaviour_count; i++) {
        const struct rs_behaviour *row = &rs_behaviours[i];
        const struct outcome outcome = ask_row(inquiry, row);
        const enum rs_check_status status = judge(row, &outcome);
        if (inquiry->run->env->interrupted(inquiry->run->env)) {
            return;
        }
        rs_check_answer(out, &(struct rs_check_answer){.status = status,
                                                       .name = row->name,
                                                       .question = row->question,
                                                       .sql = row->sql,
                                                       .assumed = words_of(inquiry, row->assumed),
                                                       .found = outcome.found,
                                                       .follows = row->follows,
                                                       .source = row->source});
        counts[status]++;
        if (status == RS_CHECK_WARN) {
            rs_check_step(out, "%s: %s", row->question, row->follows);
        }
    }
}

/* ---- The schema ---- */

static void make_schema(struct inquiry *inquiry)
{
    struct rs_session *login = inquiry->run->database->session;
    struct rs_error err = {0};
    (void)snprintf(inquiry->schema, sizeof inquiry->schema, "rs_behaviour_%016" PRIx64,
                   inquiry->run->env->random_u64(inquiry->run->env));
    inquiry->made = run_text(inquiry, login, "CREATE SCHEMA :schema", &err) &&
                    run_text(inquiry, login, rs_behaviour_setup, &err);
    inquiry->unmade = inquiry->made ? ""
                                    : rs_check_text(inquiry->out, "no schema could be made: %s",
                                                    rs_check_refusal(&err));
}

static bool drop_schema(struct inquiry *inquiry, struct rs_session *session, struct rs_error *err)
{
    struct rs_result *result =
        ask(inquiry, session, "DROP SCHEMA IF EXISTS :schema CASCADE", NULL, REMOVE_MS, err);
    rs_result_free(result);
    return result != NULL;
}

/* Over a session that nothing was tried on, and if that is lost over another; also after a signal. */
static void remove_schema(struct inquiry *inquiry)
{
    struct rs_check_run *run = inquiry->run;
    struct rs_error err = {0};
    rs_check_deadline_shield(run->deadline, true);
    bool gone = drop_schema(inquiry, run->database->session, &err);
    if (!gone) {
        rs_error_clear(&err);
        struct rs_session *fresh = open_session(inquiry, &err);
        gone = fresh && drop_schema(inquiry, fresh, &err);
        rs_session_close(fresh);
    }
    rs_check_deadline_shield(run->deadline, false);
    if (!gone) {
        rs_check_say(inquiry->out, RS_CHECK_WARN, "schema \"%s\" could not be removed: %s",
                     inquiry->schema, rs_check_refusal(&err));
        rs_check_sql(inquiry->out, "DROP SCHEMA %s CASCADE",
                     rs_check_sql_name(inquiry->out, inquiry->schema));
    }
}

static void take_stage(struct inquiry *inquiry)
{
    struct rs_error err = {0};
    inquiry->unstaged = "it wants --stage";
    if (inquiry->run->options->stage) {
        inquiry->staged = rs_check_stage_prepare(&inquiry->use, inquiry->run,
                                                 inquiry->run->database->session, &err);
        inquiry->unstaged = rs_check_text(inquiry->out, "%s", err.message);
    }
}

/* ---- The check ---- */

/* "1.0.71629", of the words of version(). */
static const char *read_version(struct inquiry *inquiry)
{
    struct rs_error err = {0};
    struct rs_result *result =
        ask(inquiry, inquiry->run->database->session, "SELECT version()", NULL, ASK_MS, &err);
    const char *text = result && rs_result_rows(result) == 1
                           ? strstr(rs_result_text(result, 0, 0).data, "Redshift ")
                           : NULL;
    const char *version = text ? rs_check_text(inquiry->out, "%s", text) : "Redshift";
    rs_result_free(result);
    return version;
}

static void say(struct inquiry *inquiry, const char *version, const size_t *counts)
{
    struct rs_check_result *out = inquiry->out;
    const enum rs_check_status status = counts[RS_CHECK_WARN] > 0      ? RS_CHECK_WARN
                                        : counts[RS_CHECK_UNKNOWN] > 0 ? RS_CHECK_UNKNOWN
                                                                       : RS_CHECK_PASS;
    rs_check_say(out, status, "%s%s: %zu as assumed, %zu otherwise, %zu could not be asked",
                 version, inquiry->run->database->serverless ? ", Serverless" : "",
                 counts[RS_CHECK_PASS], counts[RS_CHECK_WARN], counts[RS_CHECK_UNKNOWN]);
    rs_check_detail(out, "asked by rs-check-network " RS_VERSION);
    if (counts[RS_CHECK_WARN] > 0) {
        rs_check_why(out, "the tools are written and tested against what is assumed");
        rs_check_step(out, "what --json prints of this check names no host, user or secret: send "
                           "it to those who write the tools");
    } else if (counts[RS_CHECK_UNKNOWN] > 0) {
        rs_check_step(out, "ask again with --stage, as a user who may make a schema (CREATE on "
                           "the database)");
    }
}

void rs_check_behaviour(struct rs_check_run *run, struct rs_check_result *out)
{
    struct inquiry inquiry = {.run = run, .out = out, .unmade = "", .unstaged = ""};
    size_t counts[RS_CHECK_FAIL + 1] = {0};
    switch (run->database->dialect) {
    case RS_DIALECT_POSTGRESQL:
        rs_check_say(out, RS_CHECK_SKIP, "PostgreSQL: the questions are about Redshift");
        return;
    case RS_DIALECT_REDSHIFT:
        break;
    }
    inquiry.until_us = run->env->monotonic_us(run->env) + (int64_t)ALL_MS * 1000;
    const char *version = read_version(&inquiry);
    take_stage(&inquiry);
    make_schema(&inquiry);
    ask_all(&inquiry, counts);
    rs_session_close(inquiry.session);
    say(&inquiry, version, counts);
    remove_schema(&inquiry);
    if (inquiry.staged) {
        rs_check_stage_remove(&inquiry.use, out);
    }
    if (run->options->stage) {
        rs_check_stage_release(&inquiry.use);
    }
}
