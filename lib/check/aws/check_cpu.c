/* The load of the last hours, as CloudWatch has it. */
#include "check/aws/aws_facts.h"
#include "check/engine/shell_quote.h"

enum { HOURS = 6, PERIOD_SECONDS = 300, HIGH_PERCENT = 40 };

static void tell(struct rs_check_run *run, const struct rs_check_target *target,
                 const struct rs_metric_points *points, struct rs_check_result *out)
{
    double sum = 0;
    double maximum = 0;

    for (size_t i = 0; i < points->count; i++) {
        sum += points->items[i].average;
        maximum = points->items[i].maximum > maximum ? points->items[i].maximum : maximum;
    }
    const double average = sum / (double)points->count;
    if (average <= HIGH_PERCENT) {
        rs_check_say(out, RS_CHECK_PASS, "%.0f %% on average in %d hours, at most %.0f %%", average,
                     (int)HOURS, maximum);
        return;
    }
    rs_check_say(out, RS_CHECK_WARN,
                 "%.0f %% on average in %d hours, at most %.0f %%: usual is 20 to 40 %%", average,
                 (int)HOURS, maximum);
    rs_check_why(out, "A load shares the cluster with all queries; on a busy one both are slow.");
    rs_check_step(out, "Redshift console: open the cluster, tab Query monitoring: see what runs; "
                       "load at other hours, or resize to what this command offers, at its price");
    rs_check_aws_command(run, out,
                         "aws redshift describe-node-configuration-options --action-type "
                         "resize-cluster --cluster-identifier %s",
                         rs_check_quote(out, target->name));
}

void rs_check_cpu(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_target *target = NULL;
    struct rs_metric_points points = RS_METRIC_POINTS_INIT;
    struct rs_error err = {0};

    if (!rs_check_aws_target(run, &target, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
        return;
    }
    if (target->workgroup) {
        rs_check_say(out, RS_CHECK_SKIP, "Redshift Serverless takes what CPU it needs");
        return;
    }
    const int64_t now_us = run->env->now_us(run->env);
    const struct rs_metric metric = {.space = "AWS/Redshift",
                                     .name = "CPUUtilization",
                                     .dimension = "ClusterIdentifier",
                                     .value = target->name,
                                     .from_us = now_us - (int64_t)HOURS * 3600 * 1000000,
                                     .to_us = now_us,
                                     .period_seconds = PERIOD_SECONDS};
    const struct rs_service cloudwatch = rs_check_aws_service(run, "cloudwatch");
    if (!rs_cloudwatch_points(&cloudwatch, &metric, &points, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
    } else if (points.count == 0) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "CloudWatch has no values of the last %d hours",
                     (int)HOURS);
    } else {
        tell(run, target, &points, out);
    }
    rs_metric_points_release(&points);
}
