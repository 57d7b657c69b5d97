/*
 * net/retry.h - which failures are worth another attempt, and how long to wait before it.
 *
 *   if (attempt < policy.attempts && rs_retry_is_worth(status, code))
 *       pause_ms = rs_retry_pause_ms(&policy, attempt, env->random_u64(env));
 *
 * Pure:    yes: the random number is the caller's.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html (codes,
 *          exponential back-off with full jitter, 20 s at most).
 */
#ifndef RS_NET_RETRY_H
#define RS_NET_RETRY_H

#include "rs/compiler.h"
#include "rs/str.h"

struct rs_retry_policy {
    unsigned attempts; /* at most, the first one counted */
    unsigned base_ms;  /* the longest pause before the second attempt; doubles with each */
    unsigned cap_ms;   /* the longest pause of all */
};

/* 8 attempts: about 25 s on the average before the last one. */
#define RS_RETRY_POLICY_INIT ((struct rs_retry_policy){8, 500, 20000})

/*
 * The service may well answer otherwise if asked again.
 *
 * status  of the reply; 0 when there was none
 * code    of an error in its body, "SlowDown"; empty without one
 */
bool rs_retry_is_worth(unsigned status, struct rs_str code);

/* The pause before attempt + 1: 0 to min(cap, base * 2^(attempt - 1)) ms, all alike likely. */
unsigned rs_retry_pause_ms(const struct rs_retry_policy *policy, unsigned attempt, uint64_t random);

#endif
