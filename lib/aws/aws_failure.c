/*
 * Three XML forms and two JSON ones, each tried by what it looks like. S3 answers some POSTs with
 * 200 while it works on and puts the error into the body, so their bodies are looked at in any
 * case. Those of a GET are what was asked for, and may hold anything.
 */
#include "aws/aws_failure.h"

#include <stdio.h>
#include <string.h>

#include "codec/json_doc.h"
#include "codec/xml.h"
#include "net/retry.h"

enum { LOOK_BYTES = 512 };

static const struct {
    const char *code;
    const char *hint;
} hints[] = {
    {"AuthFailure", "check the access key, its secret and the region"},
    {"ExpiredToken", "sign in again, or refresh the credentials: their session is over"},
    {"ExpiredTokenException", "sign in again, or refresh the credentials: their session is over"},
    {"IncompleteSignature", "check the access key and its secret for spaces and line ends"},
    {"InvalidAccessKeyId", "check the access key: the service does not know it"},
    {"InvalidClientTokenId", "check the access key and the session token"},
    {"InvalidToken", "check the session token: it belongs to the access key beside it"},
    {"RequestExpired", "set this machine's clock"},
    {"RequestTimeTooSkewed", "set this machine's clock"},
    {"SignatureDoesNotMatch", "check the secret access key"},
    {"UnrecognizedClientException", "check the access key and the session token"},
    {"AuthorizationHeaderMalformed", "check the region"},
};

static void copy_text(char *to, size_t size, struct rs_str from)
{
    from = rs_str_trim(from);
    if (from.length >= size) {
        from.length = size - 1;
    }
    if (from.length > 0) {
        memcpy(to, from.data, from.length);
    }
    to[from.length] = '\0';
}

static bool read_xml(struct rs_str body, struct rs_aws_failure *out)
{
    struct rs_error ignored = {0};
    struct rs_xml_doc *doc = rs_xml_parse(body, "the reply", &ignored);
    if (!doc) {
        return false;
    }
    const struct rs_xml_node *error = rs_xml_root(doc);
    if (!rs_str_equal(rs_xml_name(error), RS_STR("Error"))) {
        const struct rs_xml_node *errors = rs_xml_find(error, "Errors"); /* EC2 */
        error = rs_xml_find(errors ? errors : error, "Error");
    }
    copy_text(out->code, sizeof out->code, rs_xml_child(error, "Code"));
    copy_text(out->message, sizeof out->message, rs_xml_child(error, "Message"));
    copy_text(out->region, sizeof out->region, rs_xml_child(error, "Region"));
    rs_xml_free(doc);
    return error != NULL;
}

/* "com.amazon.coral.service#ExpiredTokenException:http://..." is ExpiredTokenException. */
static struct rs_str bare_code(struct rs_str code)
{
    size_t colon = rs_str_find_byte(code, ':');
    code = rs_str_slice(code, 0, colon);
    size_t hash = rs_str_find_byte(code, '#');
    return hash == SIZE_MAX ? code : rs_str_slice(code, hash + 1, code.length);
}

static void read_json(struct rs_str body, struct rs_aws_failure *out)
{
    static const char *const names[][2] = {{"__type", "message"}, {"code", "Message"}};
    struct rs_error ignored = {0};
    struct rs_json_doc *doc = rs_json_doc_parse(body, "the reply", &ignored);
    if (!doc) {
        return;
    }
    const struct rs_json_node *root = rs_json_doc_root(doc);
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        const char *code = rs_json_node_text(rs_json_node_find(root, names[i][0]));
        const char *message = rs_json_node_text(rs_json_node_find(root, names[i][1]));
        if (code && !out->code[0]) {
            copy_text(out->code, sizeof out->code, bare_code(rs_str_from(code)));
        }
        if (message && !out->message[0]) {
            copy_text(out->message, sizeof out->message, rs_str_from(message));
        }
    }
    rs_json_doc_free(doc);
}

/*
 * The body of a success may be an error: then <Error> is its root, near its begin. Within another
 * root it is a part of what was asked for: a key that could not be deleted.
 */
static bool is_error(struct rs_str body)
{
    char begin[LOOK_BYTES + 1] = "";
    copy_text(begin, sizeof begin, body);
    const char *element = begin;
    while (element[0] == '<' && (element[1] == '?' || element[1] == '!')) {
        element += strcspn(element, ">");
        element += strspn(element, "> \t\r\n");
    }
    return strncmp(element, "<Error>", 7) == 0 || strncmp(element, "<Error ", 7) == 0;
}

bool rs_aws_failure_read(const char *method, const struct rs_http_reply *reply,
                         struct rs_aws_failure *out)
{
    struct rs_str body = rs_str_trim(rs_strbuf_str(&reply->body));
    struct rs_str region = rs_http_reply_header(reply, "x-amz-bucket-region");
    struct rs_str type = rs_http_reply_header(reply, "x-amzn-errortype");
    *out = (struct rs_aws_failure){.status = reply->status};
    if (reply->status >= 200 && reply->status < 300) {
        return strcmp(method, "POST") == 0 && is_error(body) && read_xml(body, out);
    }
    if (body.length > 0 && body.data[0] == '<') {
        (void)read_xml(body, out);
    } else if (body.length > 0 && body.data[0] == '{') {
        read_json(body, out);
    }
    if (type.length > 0 && !out->code[0]) {
        copy_text(out->code, sizeof out->code, bare_code(type));
    }
    if (region.length > 0) {
        copy_text(out->region, sizeof out->region, region);
    }
    return true;
}

static enum rs_code kind_of(const struct rs_aws_failure *failure)
{
    bool refused = failure->status == 401 || failure->status == 403;
    if (strcmp(failure->code, "InvalidObjectState") == 0) { /* archived: that is no denial */
        return RS_E_INPUT;
    }
    bool failing = rs_retry_is_worth(failure->status, rs_str_from(failure->code));
    for (size_t i = 0; i < RS_COUNTOF(hints); i++) {
        refused = refused || strcmp(failure->code, hints[i].code) == 0;
    }
    return refused || failing ? RS_E_NET : RS_E_INPUT;
}

void rs_aws_failure_explain(const char *what, const struct rs_aws_failure *failure,
                            unsigned attempts, struct rs_error *err)
{
    char code[RS_AWS_FAILURE_CODE_MAX + 1] = "";
    char tries[32] = "";
    if (failure->code[0]) {
        copy_text(code, sizeof code, rs_str_from(failure->code));
    } else {
        (void)snprintf(code, sizeof code, "HTTP status %u", failure->status);
    }
    if (attempts > 1) {
        (void)snprintf(tries, sizeof tries, " (%u attempts)", attempts);
    }
    (void)rs_error_set(err, kind_of(failure), "could not %s: %s%s%s%s", what, code,
                       failure->message[0] ? ": " : "", failure->message, tries);
    err->retryable = rs_retry_is_worth(failure->status, rs_str_from(failure->code));
    if (failure->code[0]) {
        copy_text(err->detail, sizeof err->detail, rs_str_from(failure->code));
    } else {
        (void)snprintf(err->detail, sizeof err->detail, "%u", failure->status);
    }
    for (size_t i = 0; i < RS_COUNTOF(hints); i++) {
        if (strcmp(failure->code, hints[i].code) == 0) {
            (void)rs_error_hint(err, "%s", hints[i].hint);
        }
    }
}
