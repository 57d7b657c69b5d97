/*
 * EC2, CloudWatch and what Redshift says of parameters and subnets, against tests/lib/aws-mock: what
 * is asked, what is read from the replies, and what is said when AWS refuses.
 */
#include "aws/ec2_api.h"

#include <string.h>

#include "aws/cloudwatch_api.h"
#include "aws/redshift_api.h"
#include "aws_service.h"
#include "canned.h"
#include "unit.h"

/* The last request asked for this, by this service, with these values among its params. */
static void assert_asked(const char *service, const char *action, const char *const *values)
{
    struct rs_json_doc *doc = aws_mock_requests();
    const struct rs_json_node *last = NULL;
    const struct rs_json_node *node = rs_json_node_first(rs_json_doc_root(doc));

    for (; node; node = rs_json_node_next(node)) {
        last = node;
    }
    assert_string_equal(rs_json_node_text(rs_json_node_find(last, "service")), service);
    assert_string_equal(rs_json_node_text(rs_json_node_find(last, "action")), action);
    const struct rs_json_node *params = rs_json_node_find(last, "params");
    size_t count = 0;
    for (; values[count * 2]; count++) {
        const char *text = rs_json_node_text(rs_json_node_find(params, values[count * 2]));
        if (!text || strcmp(text, values[count * 2 + 1]) != 0) {
            fail_msg("%s is %s", values[count * 2], text ? text : "not there");
        }
    }
    assert_int_equal(rs_json_node_count(params), count);
    rs_json_doc_free(doc);
}

#define ASKED(service, action, ...)                                                                \
    assert_asked((service), (action), (const char *const[]){__VA_ARGS__, NULL})

static void test_ec2_api__describes_security_groups(void **state)
{
    static const char *const ids[] = {"sg-0aaaaaaaaaaaaaaaa", "sg-0bbbbbbbbbbbbbbbb"};
    struct aws *aws = *state;
    struct rs_security_groups groups = RS_SECURITY_GROUPS_INIT;

    assert_ok(aws, rs_ec2_security_groups(&aws->service, ids, 2, &groups, &aws->err));
    ASKED("ec2", "DescribeSecurityGroups", "GroupId.1", ids[0], "GroupId.2", ids[1]);
    assert_int_equal(groups.count, 1);
    const struct rs_security_group *group = &groups.items[0];
    assert_string_equal(group->id, "sg-0aaaaaaaaaaaaaaaa");
    assert_string_equal(group->name, "shop-redshift");
    assert_int_equal(group->inbound.count, 2);
    const struct rs_ec2_permission *first = &group->inbound.items[0];
    assert_string_equal(first->protocol, "tcp");
    assert_int_equal(first->from_port, 5439);
    assert_int_equal(first->to_port, 5439);
    assert_int_equal(first->blocks.count, 2);
    assert_string_equal(first->blocks.items[0].text, "34.223.203.0/28");
    assert_string_equal(first->blocks.items[0].description, "Segment, US");
    assert_string_equal(first->blocks.items[1].description, "");
    const struct rs_ec2_permission *second = &group->inbound.items[1];
    assert_string_equal(second->groups.items[0].text, "sg-0eeeeeeeeeeeeeeee");
    assert_string_equal(second->v6_blocks.items[0].text, "2001:db8:7::/48");
    assert_string_equal(second->prefix_lists.items[0].text, "pl-0aaaaaaaaaaaaaaaa");
    assert_int_equal(group->outbound.count, 1);
    assert_string_equal(group->outbound.items[0].protocol, "-1");
    rs_security_groups_release(&groups);
}

static void test_ec2_api__describes_network_acls(void **state)
{
    struct aws *aws = *state;
    struct rs_network_acls acls = RS_NETWORK_ACLS_INIT;

    assert_ok(aws, rs_ec2_network_acls(&aws->service, "vpc-1", &acls, &aws->err));
    ASKED("ec2", "DescribeNetworkAcls", "Filter.1.Name", "vpc-id", "Filter.1.Value.1", "vpc-1");
    assert_int_equal(acls.count, 1);
    assert_string_equal(acls.items[0].id, "acl-0aaaaaaaaaaaaaaaa");
    assert_int_equal(acls.items[0].subnets.count, 2);
    assert_string_equal(acls.items[0].subnets.items[1].text, "subnet-0bbbbbbbbbbbbbbbb");
    assert_int_equal(acls.items[0].entries.count, 4);
    const struct rs_acl_entry *entry = &acls.items[0].entries.items[2];
    assert_int_equal(entry->number, 100);
    assert_string_equal(entry->protocol, "6");
    assert_string_equal(entry->action, "allow");
    assert_false(entry->egress);
    assert_string_equal(entry->block, "0.0.0.0/0");
    assert_int_equal(entry->to_port, 65535);
    assert_true(acls.items[0].entries.items[0].egress);
    rs_network_acls_release(&acls);
}

static void test_ec2_api__describes_routes_and_endpoints(void **state)
{
    struct aws *aws = *state;
    struct rs_route_tables tables = RS_ROUTE_TABLES_INIT;
    struct rs_service_endpoints endpoints = RS_SERVICE_ENDPOINTS_INIT;

    assert_ok(aws, rs_ec2_route_tables(&aws->service, "vpc-1", &tables, &aws->err));
    assert_int_equal(tables.count, 2);
    assert_string_equal(tables.items[0].routes.items[1].gateway, "igw-0aaaaaaaaaaaaaaaa");
    assert_string_equal(tables.items[0].routes.items[2].peering, "pcx-0aaaaaaaaaaaaaaaa");
    assert_string_equal(tables.items[0].routes.items[2].state, "blackhole");
    assert_string_equal(tables.items[0].associations.items[0].subnet_id,
                        "subnet-0aaaaaaaaaaaaaaaa");
    assert_true(tables.items[1].associations.items[0].main);
    assert_ok(aws, rs_ec2_s3_endpoints(&aws->service, "vpc-1", &endpoints, &aws->err));
    ASKED("ec2", "DescribeVpcEndpoints", "Filter.1.Name", "vpc-id", "Filter.1.Value.1", "vpc-1",
          "Filter.2.Name", "service-name", "Filter.2.Value.1", "com.amazonaws.eu-west-1.s3");
    assert_int_equal(endpoints.count, 1);
    assert_string_equal(endpoints.items[0].type, "Gateway");
    assert_string_equal(endpoints.items[0].state, "available");
    rs_route_tables_release(&tables);
    rs_service_endpoints_release(&endpoints);
}

static void test_ec2_api__a_list_goes_on_in_the_next_reply(void **state)
{
    static const char first[] =
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<GetManagedPrefixListEntriesResponse>"
        "<entrySet><item><cidr>10.0.0.0/8</cidr></item></entrySet><nextToken>page/2</nextToken>"
        "</GetManagedPrefixListEntriesResponse>";
    static const char second[] =
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<GetManagedPrefixListEntriesResponse>"
        "<entrySet><item><cidr>11.0.0.0/8</cidr></item></entrySet>"
        "</GetManagedPrefixListEntriesResponse>";
    static const char wrong[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<Hello/>";
    static const struct canned_step steps[] = {{.reply = first, .close = true},
                                               {.reply = second, .close = true},
                                               {.reply = wrong, .close = true}};
    struct aws *aws = *state;
    struct rs_prefix_list list = RS_PREFIX_LIST_INIT;
    struct canned canned;

    canned_start(&canned, steps, RS_COUNTOF(steps));
    aws->service.endpoint = canned.url;
    assert_ok(aws, rs_ec2_prefix_list(&aws->service, "pl-1", &list, &aws->err));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].text, "10.0.0.0/8");
    assert_string_equal(list.items[1].text, "11.0.0.0/8");
    rs_prefix_list_release(&list);
    assert_false(rs_ec2_prefix_list(&aws->service, "pl-1", &list, &aws->err));
    assert_string_equal(aws->err.message, "could not read prefix list pl-1: the reply has no "
                                          "GetManagedPrefixListEntriesResponse");
    rs_prefix_list_release(&list);
    (void)canned_stop(&canned);
    canned_release(&canned);
}

static void test_ec2_api__adds_an_inbound_rule_once(void **state)
{
    static const char *const ids[] = {"sg-0aaaaaaaaaaaaaaaa"};
    struct aws *aws = *state;
    const struct rs_ec2_ingress v4 = {ids[0], 5439, "3.251.148.96/29", "EU"};
    const struct rs_ec2_ingress v6 = {ids[0], 5439, "2001:db8::/32", "v6"};
    struct rs_security_groups groups = RS_SECURITY_GROUPS_INIT;

    for (unsigned i = 0; i < 2; i++) { /* it is there already: as good */
        assert_ok(aws, rs_ec2_allow_ingress(&aws->service, &v4, &aws->err));
        ASKED("ec2", "AuthorizeSecurityGroupIngress", "GroupId", ids[0],
              "IpPermissions.1.IpProtocol", "tcp", "IpPermissions.1.FromPort", "5439",
              "IpPermissions.1.ToPort", "5439", "IpPermissions.1.IpRanges.1.CidrIp",
              "3.251.148.96/29", "IpPermissions.1.IpRanges.1.Description", "EU");
        assert_int_equal(aws->err.code, RS_OK);
    }
    assert_ok(aws, rs_ec2_allow_ingress(&aws->service, &v6, &aws->err));
    assert_ok(aws, rs_ec2_security_groups(&aws->service, ids, 1, &groups, &aws->err));
    assert_int_equal(groups.items[0].inbound.count, 4);
    rs_security_groups_release(&groups);
}

static void test_ec2_api__refusals_name_the_permission(void **state)
{
    struct aws *aws = *state;
    const struct rs_ec2_ingress rule = {"sg-0denied", 5439, "1.2.3.4/32", ""};
    struct rs_route_tables tables = RS_ROUTE_TABLES_INIT;

    aws_mock_put("fail", "{\"count\": 1, \"status\": 403, \"code\": \"UnauthorizedOperation\"}");
    assert_false(rs_ec2_route_tables(&aws->service, "vpc-1", &tables, &aws->err));
    assert_int_equal(aws->err.code, RS_E_NET);
    assert_string_equal(aws->err.detail, "UnauthorizedOperation");
    assert_string_equal(aws->err.hint, "allow ec2:DescribeRouteTables");
    rs_route_tables_release(&tables);
    rs_error_clear(&aws->err);
    assert_false(rs_ec2_allow_ingress(&aws->service, &rule, &aws->err));
    assert_string_equal(aws->err.message,
                        "could not let 1.2.3.4/32 in on port 5439 of sg-0denied: "
                        "UnauthorizedOperation: You are not authorized to perform this "
                        "operation.");
    assert_string_equal(aws->err.hint, "allow ec2:AuthorizeSecurityGroupIngress on "
                                       "arn:aws:ec2:eu-west-1:*:security-group/sg-0denied");
}

static void test_ec2_api__limits_end_a_call(void **state)
{
    struct aws *aws = *state;
    struct rs_network_acls acls = RS_NETWORK_ACLS_INIT;
    const struct rs_aws_call_options once = {.attempts = 1};

    rs_aws_call_free(aws->call);
    aws->call = rs_aws_call_new(&aws->fake.env, aws->http, aws->provider, &once);
    aws->service.call = aws->call;
    aws->service.limits.total_ms = 50;
    aws_mock_put("slow", "{\"ms\": 300}");
    assert_false(rs_ec2_network_acls(&aws->service, "vpc-1", &acls, &aws->err));
    assert_int_equal(aws->err.code, RS_E_NET);
    rs_network_acls_release(&acls);
}

static void test_ec2_api__redshift_tells_parameters_and_subnets(void **state)
{
    struct aws *aws = *state;
    struct rs_cluster_parameters parameters = RS_CLUSTER_PARAMETERS_INIT;
    struct rs_subnet_group group = RS_SUBNET_GROUP_INIT;
    struct rs_clusters clusters = RS_CLUSTERS_INIT;

    assert_ok(aws,
              rs_redshift_parameters(&aws->service, "shop-parameters", &parameters, &aws->err));
    assert_int_equal(parameters.count, 2);
    assert_string_equal(rs_cluster_parameter_find(&parameters, "require_ssl"), "true");
    assert_null(rs_cluster_parameter_find(&parameters, "ssl"));
    assert_ok(aws, rs_redshift_subnet_group(&aws->service, "shop-subnets", &group, &aws->err));
    assert_string_equal(group.status, "Complete");
    assert_int_equal(group.subnets.count, 2);
    assert_string_equal(group.subnets.items[1].id, "subnet-0bbbbbbbbbbbbbbbb");
    assert_string_equal(group.subnets.items[1].availability_zone, "eu-west-1b");
    assert_string_equal(group.subnets.items[1].status, "Active");
    assert_ok(aws, rs_redshift_clusters(&aws->service, "tea", &clusters, &aws->err));
    assert_string_equal(clusters.items[0].maintenance_window, "sun:03:00-sun:03:30");
    assert_string_equal(clusters.items[0].parameter_groups.items[0].settings.items[0].name,
                        "require_ssl");
    assert_string_equal(clusters.items[0].parameter_groups.items[0].settings.items[0].status,
                        "pending-reboot");
    assert_int_equal(clusters.items[0].changes.count, 0);
    rs_cluster_parameters_release(&parameters);
    rs_subnet_group_release(&group);
    rs_clusters_release(&clusters);
}

static void test_ec2_api__cloudwatch_gives_points_in_order(void **state)
{
    struct aws *aws = *state;
    struct rs_metric_points points = RS_METRIC_POINTS_INIT;
    const struct rs_metric cpu = {.space = "AWS/Redshift",
                                  .name = "CPUUtilization",
                                  .dimension = "ClusterIdentifier",
                                  .value = "shop",
                                  .from_us = INT64_C(1795658400123456),
                                  .to_us = INT64_C(1795680000000000),
                                  .period_seconds = 300};

    assert_ok(aws, rs_cloudwatch_points(&aws->service, &cpu, &points, &aws->err));
    ASKED("monitoring", "GetMetricStatistics", "Namespace", "AWS/Redshift", "MetricName",
          "CPUUtilization", "Dimensions.member.1.Name", "ClusterIdentifier",
          "Dimensions.member.1.Value", "shop", "StartTime", "2026-11-26T02:00:00Z", "EndTime",
          "2026-11-26T08:00:00Z", "Period", "300", "Statistics.member.1", "Average",
          "Statistics.member.2", "Maximum");
    assert_int_equal(points.count, 3);
    assert_true(points.items[0].at_us < points.items[1].at_us);
    assert_true(points.items[1].at_us < points.items[2].at_us);
    assert_true(points.items[0].average > 20.4 && points.items[0].average < 20.6);
    assert_true(points.items[2].maximum > 71.4 && points.items[2].maximum < 71.6);
    rs_metric_points_release(&points);
    aws_mock_put("edit",
                 "{\"action\": \"GetMetricStatistics\", \"from\": \"30.5\", \"to\": \"many\"}");
    assert_false(rs_cloudwatch_points(&aws->service, &cpu, &points, &aws->err));
    assert_int_equal(aws->err.code, RS_E_INPUT);
    rs_metric_points_release(&points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_ec2_api__describes_security_groups),
        SERVICE_TEST(test_ec2_api__describes_network_acls),
        SERVICE_TEST(test_ec2_api__describes_routes_and_endpoints),
        SERVICE_TEST(test_ec2_api__a_list_goes_on_in_the_next_reply),
        SERVICE_TEST(test_ec2_api__adds_an_inbound_rule_once),
        SERVICE_TEST(test_ec2_api__refusals_name_the_permission),
        SERVICE_TEST(test_ec2_api__limits_end_a_call),
        SERVICE_TEST(test_ec2_api__redshift_tells_parameters_and_subnets),
        SERVICE_TEST(test_ec2_api__cloudwatch_gives_points_in_order),
    };
    return aws_mock_start() ? cmocka_run_group_tests(tests, NULL, aws_mock_stop) : 77;
}
