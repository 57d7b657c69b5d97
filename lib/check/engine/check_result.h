/*
 * check/engine/check_result.h - what one check found: a verdict, what was seen, why it matters,
 * what to do.
 *
 *   rs_check_say(out, RS_CHECK_FAIL, "port %u: timed out after 10 s", port);
 *   rs_check_why(out, "a security group drops what no rule lets in, without a word");
 *   rs_check_detail(out, "10.0.0.7: timed out");
 *   rs_check_step(out, "Redshift console > the cluster > Properties > VPC security group");
 *   rs_check_command(out, "aws ec2 authorize-security-group-ingress --group-id %s ...", id);
 *
 *   rs_check_answer(out, &(struct rs_check_answer){.question = "a parameter in LIMIT", ...});
 *
 * Of several sayings the worst is the verdict (fail, warn, unknown, pass, skip; the first of
 * equals), and what the others say stands in the details.
 *
 * Pure:    yes.
 * Owns:    its texts, until rs_check_result_release.
 * Threads: one thread at a time per object.
 */
#ifndef RS_CHECK_ENGINE_CHECK_RESULT_H
#define RS_CHECK_ENGINE_CHECK_RESULT_H

#include <stdarg.h>

#include "base/arena.h"
#include "check/engine/check_table.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum rs_check_status {
    RS_CHECK_SKIP, /* was not asked for, or something that it stands on failed */
    RS_CHECK_PASS,
    RS_CHECK_UNKNOWN, /* could not be asked: a permission is missing */
    RS_CHECK_WARN,
    RS_CHECK_FAIL,
};

/* Texts in order. */
struct rs_check_texts {
    const char **items;
    size_t count;
    size_t capacity;
};

/* Something that was asked of the server: what was thought, and what it is. Texts are borrowed. */
struct rs_check_answer {
    enum rs_check_status
        status;       /* pass: as assumed; warn: otherwise; unknown: could not be asked */
    const char *name; /* for machines */
    const char *question;
    const char *sql;
    const char *assumed;
    const char *found;   /* or why it could not be asked */
    const char *follows; /* what it means to the tools, where it is otherwise */
    const char *source;  /* of what is assumed */
};

struct rs_check_result {
    enum rs_check_status status;
    bool said;                /* there is a verdict */
    const char *seen;         /* one line; "" until something is said */
    const char *why;          /* a sentence or two; "" where nobody needs it */
    enum rs_check_id skipped; /* the check for whose sake it did not run; RS_CHECK_COUNT: it ran */
    struct rs_check_texts details;
    struct rs_check_texts steps;     /* in the console or elsewhere, by hand */
    struct rs_check_texts commands;  /* the same for a shell; a line each */
    struct rs_check_answer *answers; /* of a check that asks many things, in their order */
    size_t answer_count;
    double seconds;
    struct rs_arena arena;
};

#define RS_CHECK_RESULT_INIT                                                                       \
    ((struct rs_check_result){.status = RS_CHECK_SKIP,                                             \
                              .seen = "",                                                          \
                              .why = "",                                                           \
                              .skipped = RS_CHECK_COUNT,                                           \
                              .details = {NULL, 0, 0},                                             \
                              .steps = {NULL, 0, 0},                                               \
                              .commands = {NULL, 0, 0},                                            \
                              .answers = NULL,                                                     \
                              .answer_count = 0,                                                   \
                              .arena = RS_ARENA_INIT})

/* Their names, as in --json: "skip", "pass", "unknown", "warn", "fail". */
extern const char *const rs_check_status_names[];

void rs_check_say(struct rs_check_result *result, enum rs_check_status status, const char *fmt, ...)
    RS_PRINTF(3, 4);

/*
 * Say what an error says: unknown where it is of an action that was denied, else status. Its hint
 * is a step.
 */
void rs_check_say_error(struct rs_check_result *result, enum rs_check_status status,
                        const struct rs_error *err);

/*
 * Add a line; why is set once, by who comes first, and a step or a command that is there already is
 * not added again.
 */
void rs_check_why(struct rs_check_result *result, const char *why);
void rs_check_detail(struct rs_check_result *result, const char *fmt, ...) RS_PRINTF(2, 3);
void rs_check_step(struct rs_check_result *result, const char *fmt, ...) RS_PRINTF(2, 3);
void rs_check_command(struct rs_check_result *result, const char *fmt, ...) RS_PRINTF(2, 3);

/* Add an answer; it is no verdict. */
void rs_check_answer(struct rs_check_result *result, const struct rs_check_answer *answer);

/* A text of one's own, with what the result has. */
const char *rs_check_text(struct rs_check_result *result, const char *fmt, ...) RS_PRINTF(2, 3);
const char *rs_check_text_of(struct rs_check_result *result, const char *fmt, va_list args)
    RS_PRINTF(2, 0);

void rs_check_result_release(struct rs_check_result *result);

#endif
