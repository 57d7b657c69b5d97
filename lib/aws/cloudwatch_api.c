/*
 * CloudWatch's query API, which signs as "monitoring". Its points come in no order.
 */
#include "aws/cloudwatch_api.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/timefmt.h"

enum { TEXT_MAX_BYTES = 400, NUMBER_MAX_BYTES = 32 };

static const struct rs_service_kind kind = {.name = "monitoring", .version = "2010-08-01"};

static int compare(const void *left, const void *right)
{
    const struct rs_metric_point *one = left;
    const struct rs_metric_point *other = right;
    return (one->at_us > other->at_us) - (one->at_us < other->at_us);
}

/* "2026-11-26T02:00:00Z": whole seconds, as the API wants it. */
static struct rs_str format_instant(int64_t us, char out[RS_TIMEFMT_MAX + 1])
{
    const size_t length = rs_timefmt_format(us - us % 1000000, out);

    out[length] = 'Z';
    for (size_t i = 0; i < length; i++) {
        out[i] = out[i] == ' ' ? 'T' : out[i];
    }
    return (struct rs_str){out, length + 1};
}

/* "31.5" or "3.15E1"; the locale's point is a point here, as no tool sets one. */
static bool read_number(struct rs_str text, double *out)
{
    char *end = NULL;
    *out = text.length > 0 ? strtod(text.data, &end) : 0;
    return end && end != text.data && *end == '\0';
}

static bool read_points(const struct rs_xml_node *result, struct rs_metric_points *out)
{
    const struct rs_xml_node *node = rs_xml_first(rs_xml_find(result, "Datapoints"));

    for (; node; node = rs_xml_after(node)) {
        struct rs_metric_point point = {0, 0, 0};
        if (!rs_timefmt_parse(rs_xml_child(node, "Timestamp"), &point.at_us) ||
            !read_number(rs_xml_child(node, "Average"), &point.average) ||
            !read_number(rs_xml_child(node, "Maximum"), &point.maximum)) {
            return false;
        }
        out->items = rs_mem_grow(out->items, &out->capacity, out->count + 1, sizeof *out->items);
        out->items[out->count++] = point;
    }
    if (out->count > 1) {
        qsort(out->items, out->count, sizeof *out->items, compare);
    }
    return true;
}

bool rs_cloudwatch_points(const struct rs_service *service, const struct rs_metric *metric,
                          struct rs_metric_points *out, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    char from[RS_TIMEFMT_MAX + 1];
    char to[RS_TIMEFMT_MAX + 1];
    char period[NUMBER_MAX_BYTES];
    char what[TEXT_MAX_BYTES];

    (void)snprintf(period, sizeof period, "%u", metric->period_seconds);
    (void)snprintf(what, sizeof what, "read metric %s of \"%s\"", metric->name, metric->value);
    const struct rs_url_param params[] = {
        {RS_STR("Namespace"), rs_str_from(metric->space)},
        {RS_STR("MetricName"), rs_str_from(metric->name)},
        {RS_STR("Dimensions.member.1.Name"), rs_str_from(metric->dimension)},
        {RS_STR("Dimensions.member.1.Value"), rs_str_from(metric->value)},
        {RS_STR("StartTime"), format_instant(metric->from_us, from)},
        {RS_STR("EndTime"), format_instant(metric->to_us, to)},
        {RS_STR("Period"), rs_str_from(period)},
        {RS_STR("Statistics.member.1"), RS_STR("Average")},
        {RS_STR("Statistics.member.2"), RS_STR("Maximum")},
    };
    const struct rs_service_action action = {
        .name = "GetMetricStatistics", .what = what, .allow = "cloudwatch:GetMetricStatistics"};
    bool ok = rs_service_query(service, &kind, &action, params, RS_COUNTOF(params), &answer, err);
    if (ok && !read_points(answer.result, out)) {
        ok = rs_error_set(err, RS_E_INPUT, "could not %s: a value of the reply is none", what);
    }
    rs_service_answer_release(&answer);
    return ok;
}

void rs_metric_points_release(struct rs_metric_points *points)
{
    rs_mem_free(points->items);
    *points = RS_METRIC_POINTS_INIT;
}
