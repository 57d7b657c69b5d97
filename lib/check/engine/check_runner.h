/*
 * check/engine/check_runner.h - why can it not connect: all checks of the table, run once.
 *
 *   struct rs_check_options options = {.connect = {.conninfo = "host=tea"}, .timeout_ms = 10000};
 *   struct rs_check_run run;
 *   if (rs_check_begin(&run, &env, &options, &err) && rs_check_go(&run, &err)) {
 *       rs_check_report_text(&run, &how, &out);
 *       verdict = rs_check_verdict(&run);
 *   }
 *   rs_check_end(&run);
 *
 * Rows of one lane run one after the other in a thread of their own, the lanes side by side: the
 * way to the database, AWS's control plane, the bucket. A row begins when those that it needs or
 * comes after have ended, and is skipped where one that it needs did not pass: what is behind
 * that is not guessed at.
 *
 * Pure:    no: network, clock. Nothing is changed anywhere, but for what check/aws/fix_inbound.h
 *          does and for objects in the stage's folder rs-check/, which are removed again.
 * Threads: main thread only; rs_check_go starts and ends its own.
 */
#ifndef RS_CHECK_ENGINE_CHECK_RUNNER_H
#define RS_CHECK_ENGINE_CHECK_RUNNER_H

#include "check/engine/check_run.h"
#include "rs/compiler.h"
#include "rs/error.h"

/*
 * Look at the options; nothing is asked of anybody yet.
 *
 * run  filled; ended by the caller with rs_check_end, also after a failure
 * err  RS_E_USAGE, RS_E_CONFIG
 */
RS_MUST_USE bool rs_check_begin(struct rs_check_run *run, const struct rs_env *env,
                                const struct rs_check_options *options, struct rs_error *err);

/*
 * Run the checks that are chosen and make sense; false when a signal cut it short. Called again
 * it does it all anew.
 */
RS_MUST_USE bool rs_check_go(struct rs_check_run *run, struct rs_error *err);

void rs_check_end(struct rs_check_run *run);

/* What to give with the options so that a check can be run that is not chosen, as a sentence. */
const char *rs_check_missing_option(const struct rs_check_run *run, enum rs_check_id id);

#endif
