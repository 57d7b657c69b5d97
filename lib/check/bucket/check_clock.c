/*
 * Our clock against the Date of a reply of S3 or STS, whichever the run talks to. The request is
 * not signed, so that a clock that is wrong cannot have it refused; any status has a Date.
 */
#include "aws/service.h"
#include "check/bucket/bucket_facts.h"
#include "check/engine/thresholds.h"
#include "net/http.h"
#include "net/http_date.h"

enum { US_PER_SECOND = 1000000 };

static void append_url(const struct rs_check_run *run, struct rs_strbuf *url)
{
    const char *service = run->options->stage ? "s3" : "sts";
    const char *own = rs_account_endpoint(run->account, service);
    const char *region = rs_account_region(run->account);
    if (own) {
        rs_strbuf_append(url, own);
    } else {
        rs_service_host(service, region ? region : "us-east-1", url);
    }
    if (url->length > 0 && url->data[url->length - 1] != '/') {
        rs_strbuf_append_char(url, '/');
    }
}

/* Seconds that our clock is ahead. A Date is cut to the second, so half of one is added. */
static bool measure(const struct rs_check_run *run, const char *url, int64_t *seconds,
                    struct rs_error *err)
{
    const struct rs_env *env = run->env;
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_http *http = rs_http_new(env, NULL);
    const struct rs_http_request request = {
        .method = "GET", .url = url, .limits = {.total_ms = run->options->timeout_ms}};
    int64_t date_us = 0;
    const int64_t before_us = env->now_us(env);
    bool ok = rs_http_send(http, &request, &reply, err);
    const int64_t now_us = before_us + (env->now_us(env) - before_us) / 2;
    if (ok && !rs_http_date_parse(rs_http_reply_header(&reply, "date"), &date_us)) {
        ok = rs_error_set(err, RS_E_NET, "the reply of %s has no date", url);
    }
    *seconds = (now_us - date_us - US_PER_SECOND / 2) / US_PER_SECOND;
    rs_http_reply_release(&reply);
    rs_http_free(http);
    return ok;
}

static void say(int64_t seconds, const char *url, struct rs_check_result *out)
{
    const enum rs_check_status status = rs_check_skew_status(seconds);
    const long long off = (long long)(seconds < 0 ? -seconds : seconds);
    rs_check_say(out, status, "%lld s %s", off, seconds < 0 ? "behind AWS" : "ahead of AWS");
    rs_check_detail(out, "asked: %s", url);
    if (status != RS_CHECK_PASS) {
        rs_check_why(out, "each request to AWS is signed with the time: one that is 5 minutes off "
                          "is refused (S3: 15 minutes), and passwords of IAM seem to end early or "
                          "late");
        rs_check_step(out, "have the clock set over the network: systemd-timesyncd or chrony; on "
                           "EC2 from 169.254.169.123");
        rs_check_command(out, "timedatectl set-ntp true");
        rs_check_command(out, "chronyc makestep");
    }
}

void rs_check_clock(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_strbuf url = RS_STRBUF_INIT(RS_SERVICE_URL_MAX_BYTES);
    struct rs_error err = {0};
    int64_t seconds = 0;
    append_url(run, &url);
    if (measure(run, rs_strbuf_cstr(&url), &seconds, &err)) {
        say(seconds, rs_strbuf_cstr(&url), out);
    } else {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
        rs_check_detail(out, "asked: %s", rs_strbuf_cstr(&url));
    }
    rs_strbuf_release(&url);
}
