/*
 * check/bucket/check_bucket.h - checks of the stage with the loader's own keys, and of our clock.
 *
 * Each is a row's run, see check/engine/check_run.h.
 *
 * Pure:    no: network.   Threads: the thread of their lane.
 */
#ifndef RS_CHECK_BUCKET_CHECK_BUCKET_H
#define RS_CHECK_BUCKET_CHECK_BUCKET_H

#include "check/engine/check_run.h"

void rs_check_bucket(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_bucket_encryption(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_clock(struct rs_check_run *run, struct rs_check_result *out);

/* NULL is nothing. */
void rs_check_bucket_free(struct rs_check_bucket_facts *facts);

#endif
