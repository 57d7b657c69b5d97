/*
 * A query API takes "Action=...&Version=...&Name=value" and answers <ActionResponse><ActionResult>;
 * a JSON API takes an object and the action in a header. Both are rs_aws_call underneath. When a service
 * denies an action it mostly says which one on which resource, and that is put into the hint as it
 * is what an administrator has to allow; where it does not, the action's own entry is used.
 */
#include "aws/service.h"

#include <string.h>

#include "aws/region.h"
#include "base/mem.h"
#include "codec/json_write.h"
#include "codec/percent.h"

/* Codes of who may not. JSON APIs give them the status 400, as they do all of the caller's faults. */
static const struct {
    const char *code;
    bool of_policy; /* an administrator can allow it; else the keys themselves are refused */
} denials[] = {
    {"AccessDenied", true},
    {"AccessDeniedException", true},
    {"UnauthorizedOperation", true},
    {"ExpiredTokenException", false},
    {"InvalidSignatureException", false},
    {"MissingAuthenticationTokenException", false},
    {"UnrecognizedClientException", false},
};

void rs_service_host(const char *service, const char *region, struct rs_strbuf *out)
{
    rs_strbuf_printf(out, "https://%s.%s.%s", service, region, rs_region_domain(region));
}

void rs_service_answer_release(struct rs_service_answer *answer)
{
    rs_xml_free(answer->xml);
    rs_json_doc_free(answer->json);
    rs_mem_wipe(answer->reply.body.data, answer->reply.body.length);
    rs_http_reply_release(&answer->reply);
    *answer = RS_SERVICE_ANSWER_INIT;
}

/*
 * The word behind mark, as in "... to perform: redshift:DescribeClusters on ..."; nothing where the
 * message was cut inside it.
 */
static struct rs_str word_behind(const struct rs_aws_failure *failure, const char *mark)
{
    const char *begin = strstr(failure->message, mark);

    if (!begin) {
        return (struct rs_str){NULL, 0};
    }
    begin += strlen(mark);
    const size_t length = strcspn(begin, " ");
    const bool cut = begin + length == failure->message + sizeof failure->message - 1;
    return (struct rs_str){begin, cut ? 0 : length};
}

static void hint_of_denial(const struct rs_service_action *action,
                           const struct rs_aws_failure *failure, struct rs_error *err)
{
    struct rs_str allow = word_behind(failure, "to perform: ");
    struct rs_str resource = word_behind(failure, "on resource: ");

    allow = allow.length > 0 ? allow : rs_str_from(action->allow);
    resource = resource.length > 0 ? resource : rs_str_from(action->resource);
    if (allow.length > 0 && resource.length > 0) {
        rs_error_hint(err, "allow %.*s on %.*s", RS_STR_ARG(allow), RS_STR_ARG(resource));
    } else if (allow.length > 0) {
        rs_error_hint(err, "allow %.*s", RS_STR_ARG(allow));
    }
}

static void explain(const struct rs_service_action *action, const struct rs_aws_failure *failure,
                    struct rs_error *err)
{
    for (size_t i = 0; i < RS_COUNTOF(denials); i++) {
        if (strcmp(failure->code, denials[i].code) == 0) {
            err->code = RS_E_NET;
            if (denials[i].of_policy) {
                hint_of_denial(action, failure, err);
            }
        }
    }
}

/* Send body, with up to two headers, to the service. */
static bool post(const struct rs_service *service, const struct rs_service_kind *kind,
                 const struct rs_service_action *action, const struct rs_http_header headers[2],
                 struct rs_str body, struct rs_service_answer *answer, struct rs_error *err)
{
    struct rs_strbuf url = RS_STRBUF_INIT(RS_SERVICE_URL_MAX_BYTES);
    bool ok = false;

    if (service->endpoint) {
        rs_strbuf_append(&url, service->endpoint);
        while (url.length > 0 && url.data[url.length - 1] == '/') {
            url.data[--url.length] = '\0';
        }
    } else {
        rs_service_host(kind->name, service->region, &url);
    }
    const struct rs_aws_call_request request = {
        .service = kind->name,
        .region = service->region,
        .method = "POST",
        .endpoint = rs_strbuf_cstr(&url),
        .path = RS_STR("/"),
        .headers = headers,
        .header_count = headers[1].name.length > 0 ? 2 : 1,
        .body = body,
        .limits = service->limits,
        .what = action->what,
        .unsigned_call = action->unsigned_call,
    };
    if (!rs_strbuf_ok(&url)) {
        rs_error_set(err, RS_E_CONFIG, "could not %s: the URL of the endpoint is too long",
                     action->what);
    } else {
        ok = rs_aws_call_send(service->call, &request, &answer->reply, &answer->failure, err);
    }
    if (!ok) {
        explain(action, &answer->failure, err);
    }
    rs_strbuf_release(&url);
    return ok;
}

static void append_param(struct rs_strbuf *form, struct rs_str name, struct rs_str value)
{
    if (value.length > 0) {
        rs_strbuf_append(form, form->length > 0 ? "&" : "");
        rs_percent_append(form, name, false);
        rs_strbuf_append_char(form, '=');
        rs_percent_append(form, value, false);
    }
}

/* A reply is <ActionResponse>, mostly with an <ActionResult> in it, or it is no reply of ours. */
static bool read_result(const struct rs_service_kind *kind, const struct rs_service_action *action,
                        struct rs_service_answer *answer, struct rs_error *err)
{
    char name[128];

    answer->xml = rs_xml_parse(rs_strbuf_str(&answer->reply.body), "the reply", err);
    if (!answer->xml) {
        rs_error_prefix(err, "could not %s", action->what);
        return false;
    }
    const struct rs_xml_node *root = rs_xml_root(answer->xml);
    (void)snprintf(name, sizeof name, "%s%s", action->name, kind->bare ? "Response" : "Result");
    if (!kind->bare) {
        answer->result = rs_xml_find(root, name);
    } else if (rs_str_equal(rs_xml_name(root), rs_str_from(name))) {
        answer->result = root;
    }
    if (!answer->result) {
        rs_error_set(err, RS_E_INPUT, "could not %s: the reply has no %s", action->what, name);
        return rs_error_hint(err, "is the endpoint one of AWS?");
    }
    return true;
}

bool rs_service_query(const struct rs_service *service, const struct rs_service_kind *kind,
                      const struct rs_service_action *action, const struct rs_url_param *params,
                      size_t count, struct rs_service_answer *answer, struct rs_error *err)
{
    static const struct rs_http_header headers[2] = {
        {RS_STR_INIT("content-type"),
         RS_STR_INIT("application/x-www-form-urlencoded; charset=utf-8")},
    };
    struct rs_strbuf form = RS_STRBUF_INIT(RS_SERVICE_FORM_MAX_BYTES);
    bool ok = false;

    (void)!rs_strbuf_reserve(&form, RS_SERVICE_FORM_MAX_BYTES); /* of a token, no copies */
    append_param(&form, RS_STR("Action"), rs_str_from(action->name));
    append_param(&form, RS_STR("Version"), rs_str_from(kind->version));
    for (size_t i = 0; i < count; i++) {
        append_param(&form, params[i].name, params[i].value);
    }
    if (rs_strbuf_ok(&form)) {
        ok = post(service, kind, action, headers, rs_strbuf_str(&form), answer, err) &&
             read_result(kind, action, answer, err);
    } else {
        rs_error_set(err, RS_E_LIMIT, "could not %s: the request is over %d bytes", action->what,
                     (int)RS_SERVICE_FORM_MAX_BYTES);
    }
    rs_mem_wipe(form.data, form.length);
    rs_strbuf_release(&form);
    return ok;
}

/*
 * What a member's name ends in tells of its kind: durationSeconds is a number, VersionStages a list
 * (of one). Names and ids are texts.
 */
static void write_members(struct rs_json_writer *json, const struct rs_url_param *params,
                          size_t count)
{
    static const char number_suffix[] = "Seconds";
    static const char list_suffix[] = "Stages";

    rs_json_write_object_begin(json);
    for (size_t i = 0; i < count; i++) {
        if (params[i].value.length == 0) {
            continue;
        }
        rs_json_write_key(json, params[i].name);
        if (rs_str_ends(params[i].name, rs_str_from(number_suffix))) {
            rs_json_write_number(json, params[i].value);
        } else if (rs_str_ends(params[i].name, rs_str_from(list_suffix))) {
            rs_json_write_array_begin(json);
            rs_json_write_str(json, params[i].value);
            rs_json_write_array_end(json);
        } else {
            rs_json_write_str(json, params[i].value);
        }
    }
    rs_json_write_object_end(json);
}

bool rs_service_json(const struct rs_service *service, const struct rs_service_kind *kind,
                     const struct rs_service_action *action, const struct rs_url_param *params,
                     size_t count, struct rs_service_answer *answer, struct rs_error *err)
{
    struct rs_strbuf body = RS_STRBUF_INIT(RS_SERVICE_FORM_MAX_BYTES);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&body);
    char target[128];
    bool ok = false;

    (void)snprintf(target, sizeof target, "%s.%s", kind->target, action->name);
    const struct rs_http_header headers[2] = {
        {RS_STR("content-type"), RS_STR("application/x-amz-json-1.1")},
        {RS_STR("x-amz-target"), rs_str_from(target)},
    };
    write_members(&json, params, count);
    if (!rs_json_write_ok(&json)) {
        rs_error_set(err, RS_E_LIMIT, "could not %s: the request is over %d bytes", action->what,
                     (int)RS_SERVICE_FORM_MAX_BYTES);
        goto out;
    }
    if (!post(service, kind, action, headers, rs_strbuf_str(&body), answer, err)) {
        goto out;
    }
    answer->json = rs_json_doc_parse(rs_strbuf_str(&answer->reply.body), "the reply", err);
    if (!answer->json) {
        rs_error_prefix(err, "could not %s", action->what);
        err->code = RS_E_INPUT;
        goto out;
    }
    ok = true;
out:
    rs_strbuf_release(&body);
    return ok;
}
