/*
 * A table of codes beside a handful of statuses. BadDigest and its like are there because they
 * say that the bytes which arrived are not those that were sent.
 */
#include "net/retry.h"

static const struct rs_str passing_codes[] = {
    RS_STR_INIT("BadDigest"),
    RS_STR_INIT("BandwidthLimitExceeded"),
    RS_STR_INIT("ContentChecksumMismatch"),
    RS_STR_INIT("EC2ThrottledException"),
    RS_STR_INIT("IDPCommunicationError"),
    RS_STR_INIT("IncompleteBody"),
    RS_STR_INIT("InternalError"),
    RS_STR_INIT("InternalFailure"),
    RS_STR_INIT("OperationAborted"),
    RS_STR_INIT("PriorRequestNotComplete"),
    RS_STR_INIT("ProvisionedThroughputExceededException"),
    RS_STR_INIT("RequestLimitExceeded"),
    RS_STR_INIT("RequestThrottled"),
    RS_STR_INIT("RequestThrottledException"),
    RS_STR_INIT("RequestTimeout"),
    RS_STR_INIT("RequestTimeoutException"),
    RS_STR_INIT("ServiceUnavailable"),
    RS_STR_INIT("SlowDown"),
    RS_STR_INIT("ThrottledException"),
    RS_STR_INIT("Throttling"),
    RS_STR_INIT("ThrottlingException"),
    RS_STR_INIT("TooManyRequestsException"),
    RS_STR_INIT("XAmzContentSHA256Mismatch"),
};

bool rs_retry_is_worth(unsigned status, struct rs_str code)
{
    for (size_t i = 0; i < RS_COUNTOF(passing_codes); i++) {
        if (rs_str_equal(code, passing_codes[i])) {
            return true;
        }
    }
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

unsigned rs_retry_pause_ms(const struct rs_retry_policy *policy, unsigned attempt, uint64_t random)
{
    uint64_t longest = policy->base_ms;
    for (unsigned i = 1; i < attempt && longest < policy->cap_ms; i++) {
        longest *= 2;
    }
    longest = longest < policy->cap_ms ? longest : policy->cap_ms;
    return (unsigned)(random % (longest + 1));
}
