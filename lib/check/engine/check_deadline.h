/*
 * check/engine/check_deadline.h - a world in which what takes too long is interrupted.
 *
 *   struct rs_check_deadline *deadline = rs_check_deadline_new(env);
 *   struct rs_connect *connect = rs_connect_new(rs_check_deadline_env(deadline), &options);
 *   rs_check_deadline_set(deadline, 5000);
 *   if (!statement(session, &err)) {
 *       rs_check_deadline_explain(deadline, "the server did not answer", &err);
 *   }
 *   rs_check_deadline_free(deadline);
 *
 * A server that takes a login and then says nothing would hold a check for ever: sessions look at
 * env->interrupted while they wait, and so can be ended.
 *
 * Pure:    no: the clock.
 * Owns:    the object; env is borrowed.
 * Threads: one thread at a time.
 */
#ifndef RS_CHECK_ENGINE_CHECK_DEADLINE_H
#define RS_CHECK_ENGINE_CHECK_DEADLINE_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_check_deadline;

/* It has no end until it is set. */
RS_MUST_USE struct rs_check_deadline *rs_check_deadline_new(const struct rs_env *env);

const struct rs_env *rs_check_deadline_env(const struct rs_check_deadline *deadline);

/* It ends in so many milliseconds; 0: never. */
void rs_check_deadline_set(struct rs_check_deadline *deadline, unsigned ms);

/* While on, signals are not seen, and its end still is: for what puts things right after one. */
void rs_check_deadline_shield(struct rs_check_deadline *deadline, bool on);

/* It ends so many milliseconds from now as it was last set to: a person took the time. */
void rs_check_deadline_again(struct rs_check_deadline *deadline);

/* Where err is of its end, and not of a signal, say so: RS_E_NET, "<what> in 5 s". */
void rs_check_deadline_explain(const struct rs_check_deadline *deadline, const char *what,
                               struct rs_error *err);

/* NULL is nothing. */
void rs_check_deadline_free(struct rs_check_deadline *deadline);

#endif
