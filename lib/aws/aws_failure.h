/*
 * aws/aws_failure.h - what a service of AWS says when it refuses a request, and in our words.
 *
 *   struct rs_aws_failure failure;
 *   if (rs_aws_failure_read("GET", &reply, &failure)) ...      .code "NoSuchKey", .message
 *   rs_aws_failure_explain("read \"s3://b/k\"", &failure, 1, err)
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the error
 *          formats of the "query", "ec2" and "json 1.1" protocols.
 */
#ifndef RS_AWS_AWS_FAILURE_H
#define RS_AWS_AWS_FAILURE_H

#include "net/http.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum { RS_AWS_FAILURE_CODE_MAX = 63 };

/* What a service says in an error reply, XML or JSON. */
struct rs_aws_failure {
    unsigned status;
    char
        code[RS_AWS_FAILURE_CODE_MAX + 1]; /* "NoSuchKey", "ExpiredToken"; "" where it named none */
    char message[512];                     /* its own words; "" where it gave none */
    char region[32];                       /* S3: where the bucket is, if that was the reason */
};

/*
 * Read the error in a reply: S3's, a query API's or EC2's XML, or JSON. A reply of 200 to a POST
 * may hold one too. Texts that are missing stay "". False when the reply, a 2xx, holds no error.
 */
RS_MUST_USE bool rs_aws_failure_read(const char *method, const struct rs_http_reply *reply,
                                     struct rs_aws_failure *out);

/* Write err for a failure that is final: code, message, hint. */
void rs_aws_failure_explain(const char *what, const struct rs_aws_failure *failure,
                            unsigned attempts, struct rs_error *err);

#endif
