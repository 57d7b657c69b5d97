/*
 * aws/cloudwatch_api.h - a metric's values over some time, as CloudWatch has them.
 *
 *   const struct rs_service cloudwatch = {.call = call, .region = region, .endpoint = endpoint};
 *   const struct rs_metric cpu = {.space = "AWS/Redshift", .name = "CPUUtilization",
 *                                 .dimension = "ClusterIdentifier", .value = "tea",
 *                                 .from_us = now - hours, .to_us = now, .period_seconds = 300};
 *   struct rs_metric_points points = RS_METRIC_POINTS_INIT;
 *   if (rs_cloudwatch_points(&cloudwatch, &cpu, &points, err)) ...
 *       points.items[0].average 31.5, .maximum 78.2
 *   rs_metric_points_release(&points);
 *
 * Limits:  1440 points, which is AWS's.   Pure: no: network.
 * Owns:    the points stay valid until the release.
 * Threads: one thread at a time per rs_aws_call.
 * Source:  https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 *          (2010-08-01), https://docs.aws.amazon.com/redshift/latest/mgmt/metrics-listing.html
 */
#ifndef RS_AWS_CLOUDWATCH_API_H
#define RS_AWS_CLOUDWATCH_API_H

#include <stdint.h>

#include "aws/service.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_metric {
    const char *space; /* "AWS/Redshift" */
    const char *name;
    const char *dimension;
    const char *value;
    int64_t from_us; /* UTC */
    int64_t to_us;
    unsigned period_seconds; /* of a point; a multiple of 60 */
};

struct rs_metric_point {
    int64_t at_us; /* where its period begins */
    double average;
    double maximum;
};

/* In the order of time. */
struct rs_metric_points {
    struct rs_metric_point *items;
    size_t count;
    size_t capacity;
};

#define RS_METRIC_POINTS_INIT ((struct rs_metric_points){NULL, 0, 0})

/*
 * GetMetricStatistics: average and maximum. What has no values has no points.
 *
 * out  initialised; released by the caller, also after a failure
 * err  RS_E_NET when it is denied, with the permission in the hint; RS_E_INPUT
 */
RS_MUST_USE bool rs_cloudwatch_points(const struct rs_service *service,
                                      const struct rs_metric *metric, struct rs_metric_points *out,
                                      struct rs_error *err);
void rs_metric_points_release(struct rs_metric_points *points);

#endif
