/*
 * check/database/database_facts.h - what the checks of one session share: the session, what is
 * known of its server, and how remedies are worded.
 *
 * Owns:    run->database, made by the row "login", has the session and its texts until
 *          rs_check_database_free; a result of rs_check_query is the caller's (rs_result_free).
 * Threads: the thread of the lane.
 */
#ifndef RS_CHECK_DATABASE_DATABASE_FACTS_H
#define RS_CHECK_DATABASE_DATABASE_FACTS_H

#include "check/engine/check_run.h"
#include "warehouse/session.h"

/* Milliseconds that one statement may take, the time in a queue included. */
enum { RS_CHECK_STATEMENT_MS = 60 * 1000 };

struct rs_check_database_facts {
    struct rs_session *session; /* NULL: no login */
    struct rs_arena arena;
    const char *user; /* as the server has it */
    const char *database;
    enum rs_dialect dialect;
    bool superuser;
    bool serverless; /* known to be, by name or because there are no slices */
};

/* Around what asks the session by itself: it has RS_CHECK_STATEMENT_MS, and err says when it took
 * longer. */
void rs_check_statement_begin(struct rs_check_run *run);
void rs_check_statement_end(struct rs_check_run *run, struct rs_error *err);

/*
 * Run one statement on the session that returns rows. NULL, with err: refused, lost, or too slow.
 *
 * params  of $1, $2, ...
 */
RS_MUST_USE struct rs_result *rs_check_query(struct rs_check_run *run, const char *sql,
                                             const char *const *params, size_t count,
                                             struct rs_error *err);

/* Run one that returns none. err: as rs_check_query. */
RS_MUST_USE bool rs_check_exec(struct rs_check_run *run, const struct rs_strbuf *sql,
                               struct rs_error *err);

/* What a server said of a statement, without "could not run a statement: ". */
const char *rs_check_refusal(const struct rs_error *err);

/* The user may not ask this: SQLSTATE 42501. */
bool rs_check_is_denied(const struct rs_error *err);

/* The cluster's identifier, as far as options or the host's name tell it, for a command. */
const char *rs_check_cluster_word(const struct rs_check_run *run, struct rs_check_result *out);

/* A field is true. */
bool rs_check_is_true(const struct rs_result *result, size_t row, size_t column);

/* NULL is nothing. */
void rs_check_database_free(struct rs_check_database_facts *facts);

#endif
