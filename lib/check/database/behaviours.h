/*
 * check/database/behaviours.h - what the tools assume of Redshift where pages are silent, differ, or
 * were never seen to hold: a row a question, with how it is asked.
 *
 *   rs_behaviours[i].sql                     "SELECT JSON_SERIALIZE(NULL::super)"
 *   rs_behaviours[i].assumed                 "null"
 *   rs_behaviour_is_assumed(row, "refused: XX000 Not implemented") -> true of "refused: XX000"
 *
 * An answer is the first field of the first row; "(NULL)"; "no row"; "done" of what returns none; or
 * "refused: SQLSTATE words". :schema in a statement is the schema that is made for the questions.
 *
 * Pure:    yes.   Threads: reentrant; the rows are constants.
 * Source:  each row's own: a page of AWS's guide (r_x), or a thread in which a real server speaks.
 */
#ifndef RS_CHECK_DATABASE_BEHAVIOURS_H
#define RS_CHECK_DATABASE_BEHAVIOURS_H

#include <stdbool.h>
#include <stddef.h>

enum rs_behaviour_kind {
    RS_BEHAVIOUR_SQL,
    RS_BEHAVIOUR_BOUND,   /* $1 is param, bound by the server */
    RS_BEHAVIOUR_UNLOAD,  /* sql is the query that is unloaded */
    RS_BEHAVIOUR_COPIED,  /* unload is unloaded and copied into a table, whatever comes of it */
    RS_BEHAVIOUR_TIMEOUT, /* sql waits for another session, with a statement_timeout */
    RS_BEHAVIOUR_CANCEL,  /* ... without one, and we cancel it */
};

enum { RS_BEHAVIOUR_BEFORE_MAX = 3 };

struct rs_behaviour {
    const char *name;     /* for machines: "limit-parameter" */
    const char *question; /* for a person: "a bound parameter in LIMIT" */
    enum rs_behaviour_kind kind;
    const char *before[RS_BEHAVIOUR_BEFORE_MAX]; /* each by itself; NULL: no more */
    const char *sql;
    const char
        *otherwise;    /* what is asked where sql is refused, with answers alike; NULL: nothing */
    const char *after; /* puts the session right; NULL: nothing */
    const char *param;
    const char *unload;  /* the query */
    const char *into;    /* a table with one column, both of this name */
    const char *assumed; /* its beginning, of whole words; with | between several that are right */
    const char *follows; /* what it means to the tools, where it is not as assumed */
    const char *source;
};

extern const struct rs_behaviour rs_behaviours[];
extern const size_t rs_behaviour_count;

/* What is there before the questions: a table t of two rows, of which the second has NULLs. */
extern const char rs_behaviour_setup[];

bool rs_behaviour_is_assumed(const struct rs_behaviour *row, const char *found);

/* The row is asked by way of the stage. */
bool rs_behaviour_needs_stage(const struct rs_behaviour *row);

/* A statement of it names the schema. */
bool rs_behaviour_needs_schema(const struct rs_behaviour *row);

#endif
