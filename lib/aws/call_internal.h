/*
 * aws/call_internal.h - what the three files of a call share: call.c, the loop; call_request.c, which
 * signs and sends; call_reply.c, which reads what a service said when it refused.
 */
#ifndef RS_AWS_CALL_INTERNAL_H
#define RS_AWS_CALL_INTERNAL_H

#include "aws/call.h"
#include "base/arena.h"
#include "codec/digest.h"
#include "net/retry.h"

enum { RS_CALL_REFUSAL_MAX = 256 << 10 }; /* bytes of a reply that is an error */

enum rs_call_phase { RS_CALL_PAUSED, RS_CALL_SENT, RS_CALL_DONE };

struct rs_call {
    const struct rs_env *env;
    struct rs_http *http;
    struct rs_credentials_provider *provider;
    struct rs_retry_policy policy;
    int64_t skew_us; /* the service's clock less ours */
    struct rs_call_job *all;
    struct rs_call_job *finished; /* a queue of those that drive has not handed out */
    struct rs_call_job **finished_end;
};

struct rs_call_job {
    struct rs_call *call;
    struct rs_call_job *previous;
    struct rs_call_job *next;
    struct rs_call_job *next_finished;
    struct rs_call_request request;
    struct rs_http_transfer *transfer;
    struct rs_credentials keys;
    struct rs_arena arena; /* of one attempt: what its request points at */
    struct rs_http_reply reply;
    struct rs_call_failure failure;
    struct rs_error err;
    enum rs_call_phase phase;
    int64_t signed_us; /* by the service's clock as we knew it then */
    unsigned pause_ms;
    unsigned attempt;
    bool refreshed;
    bool unskewed;
    char sha256[2 * RS_SHA256_BYTES];
};

/* Sign the request with keys that hold now. What out points at is in the job's arena. */
RS_MUST_USE bool rs_call_prepare(struct rs_call_job *job, struct rs_http_request *out,
                                 struct rs_error *err);

/*
 * Read the error in a reply: S3's, a query API's or EC2's XML, or JSON. A reply of 200 to a POST
 * may hold one too. Texts that are missing stay "". False when the reply, a 2xx, holds no error.
 */
RS_MUST_USE bool rs_call_read_failure(const struct rs_call_request *request,
                                      const struct rs_http_reply *reply,
                                      struct rs_call_failure *out);

/* Write err for a failure that is final: code, message, hint. */
void rs_call_explain(const char *what, const struct rs_call_failure *failure, unsigned attempts,
                     struct rs_error *err);

#endif
