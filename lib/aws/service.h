/*
 * aws/service.h - one action asked of an AWS service, in the two forms that such services have.
 *
 *   const struct rs_service sts = {.call = call, .region = "eu-west-1", .endpoint = NULL};
 *   struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
 *   rs_service_query(&sts, &kind, "GetCallerIdentity", params, count, &answer, err)
 *       -> POST https://sts.eu-west-1.amazonaws.com/, Action=GetCallerIdentity&Version=2011-06-15&...
 *   rs_xml_child(answer.result, "Arn")
 *   rs_service_answer_release(&answer);
 *
 * The modules of the services (sts.h, redshift_api.h, ec2_api.h, ...) stand on this one.
 *
 * Limits:  RS_SERVICE_FORM_MAX_BYTES of a request.   Pure: no: network, see aws/aws_call.h.
 * Owns:    an answer's texts stay valid until its release, which wipes the reply.
 * Threads: one thread at a time per rs_aws_call.
 * Source:  https://docs.aws.amazon.com/general/latest/gr/rande.html; the "query" and "json 1.1"
 *          protocols of AWS's service descriptions.
 */
#ifndef RS_AWS_SERVICE_H
#define RS_AWS_SERVICE_H

#include "aws/aws_call.h"
#include "codec/json_doc.h"
#include "codec/xml.h"
#include "net/url.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum { RS_SERVICE_FORM_MAX_BYTES = 128 << 10, RS_SERVICE_URL_MAX_BYTES = 512 };

/* Where a service is asked, and with whose keys. All is borrowed. */
struct rs_service {
    struct rs_aws_call *call;
    const char *region;
    const char *endpoint; /* NULL: AWS's own; else as rs_profiles_endpoint gives it */
    struct rs_http_limits limits;
};

/* What a module knows of its service. */
struct rs_service_kind {
    const char *name;    /* "redshift-serverless": in the signature and in the host's name */
    const char *version; /* of a query API: "2012-12-01" */
    const char *target;  /* of a JSON API: "RedshiftServerless" */
    bool bare;           /* a query API that answers without an <ActionResult>: EC2 */
};

/* One action, and what to say when it fails. */
struct rs_service_action {
    const char *name;     /* "GetClusterCredentials" */
    const char *what;     /* "<verb> <object>" for messages */
    const char *allow;    /* "redshift:GetClusterCredentials", for the hint when it is denied */
    const char *resource; /* ... on "arn:aws:redshift:eu-west-1:*:dbuser:tea/u"; NULL: not said */
    bool unsigned_call;
};

struct rs_service_answer {
    struct rs_http_reply reply;
    struct rs_xml_doc *xml;
    const struct rs_xml_node *result; /* of a query: <ActionResult>, or what stands for it */
    struct rs_json_doc *json;
    struct rs_aws_failure failure; /* what the service said when it refused */
};

#define RS_SERVICE_ANSWER_INIT                                                                     \
    ((struct rs_service_answer){.reply = {0, RS_STRBUF_INIT(RS_HTTP_HEADERS_MAX_BYTES),            \
                                          RS_STRBUF_INIT(RS_HTTP_BODY_MAX_BYTES)}})

/*
 * Append the URL of AWS's own endpoint: "https://sts.eu-west-1.amazonaws.com", with the domain of
 * the region's partition.
 */
void rs_service_host(const char *service, const char *region, struct rs_strbuf *out);

/*
 * Ask a query API: a form goes there, XML comes back. A param whose value is empty is left out.
 *
 * answer  initialised; released by the caller, also after a failure
 * err     as rs_aws_call_send; with a hint that names the missing permission when it was denied
 */
RS_MUST_USE bool rs_service_query(const struct rs_service *service,
                                  const struct rs_service_kind *kind,
                                  const struct rs_service_action *action,
                                  const struct rs_url_param *params, size_t count,
                                  struct rs_service_answer *answer, struct rs_error *err);

/* Ask a JSON API: an object goes there, one comes back. Else as rs_service_query. */
RS_MUST_USE bool rs_service_json(const struct rs_service *service,
                                 const struct rs_service_kind *kind,
                                 const struct rs_service_action *action,
                                 const struct rs_url_param *params, size_t count,
                                 struct rs_service_answer *answer, struct rs_error *err);

void rs_service_answer_release(struct rs_service_answer *answer);

#endif
