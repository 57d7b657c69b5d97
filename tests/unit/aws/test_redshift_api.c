/*
 * STS, Redshift and Redshift Serverless against tests/lib/aws-mock: what is asked, what is read from
 * the replies, and what is said when AWS refuses.
 */
#include "aws/redshift_api.h"

#include <string.h>

#include "aws/serverless_api.h"
#include "aws/sts.h"
#include "aws_service.h"
#include "canned.h"
#include "unit.h"

/* The params of the last request, as the mock saw them: "A=1&B=2" in their order. */
static const char *last_params(char out[1024])
{
    struct rs_json_doc *doc = aws_mock_requests();
    const struct rs_json_node *last = NULL;
    const struct rs_json_node *node = rs_json_node_first(rs_json_doc_root(doc));
    struct rs_strbuf text = RS_STRBUF_INIT(1000);

    for (; node; node = rs_json_node_next(node)) {
        last = node;
    }
    rs_strbuf_append(&text, rs_json_node_text(rs_json_node_find(last, "action")));
    node = rs_json_node_first(rs_json_node_find(last, "params"));
    for (; node; node = rs_json_node_next(node)) {
        int64_t number = 0;
        rs_strbuf_printf(&text, " %s=", rs_json_node_name(node));
        if (rs_json_node_i64(node, &number)) {
            rs_strbuf_append_i64(&text, number);
        } else {
            rs_strbuf_append(&text, rs_json_node_text(node));
        }
    }
    (void)snprintf(out, 1024, "%s", rs_strbuf_cstr(&text));
    rs_strbuf_release(&text);
    rs_json_doc_free(doc);
    return out;
}

static void test_redshift_api__sts_knows_who_asks(void **state)
{
    struct aws *aws = *state;
    struct rs_sts_identity identity = {0};

    assert_ok(aws, rs_sts_identity(&aws->service, &identity, &aws->err));
    assert_string_equal(identity.account, "123456789012");
    assert_string_equal(identity.arn, "arn:aws:iam::123456789012:user/mock");
    assert_string_equal(identity.user_id, "AIDAMOCKMOCKMOCKMOCK1");
}

static void test_redshift_api__signatures_are_checked(void **state)
{
    static const struct {
        struct rs_str id;
        struct rs_str secret;
        const char *region;
        const char *why;
    } cases[] = {
        {RS_STR_INIT("AKIAMOCK"), RS_STR_INIT("hunter2"), "eu-west-1", "SignatureDoesNotMatch"},
        {RS_STR_INIT("AKIANONE"), RS_STR_INIT("hunter2"), "eu-west-1", "InvalidClientTokenId"},
        {RS_STR_INIT("AKIAMOCK"), RS_STR_INIT("mock/secret+key"), "eu-west-2",
         "Credential should be scoped to a valid region"},
    };
    struct aws *aws = *state;
    struct rs_sts_identity identity = {0};

    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        service_use_keys(aws, cases[i].id, cases[i].secret);
        aws->service.region = cases[i].region;
        rs_error_clear(&aws->err);
        if (rs_sts_identity(&aws->service, &identity, &aws->err) ||
            !strstr(aws->err.message, cases[i].why)) {
            fail_msg("%zu: %s", i, aws->err.message);
        }
        assert_int_equal(aws->err.code, RS_E_NET);
        assert_null(strstr(aws->err.message, "hunter2"));
    }
}

static void test_redshift_api__the_scope_names_the_service(void **state)
{
    /* The API of Redshift, asked with a signature for STS. */
    static const struct rs_service_kind wrong = {.name = "sts", .version = "2012-12-01"};
    static const struct rs_service_action action = {
        .name = "DescribeClusters", .what = "test", .allow = "redshift:DescribeClusters"};
    struct aws *aws = *state;
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;

    assert_false(rs_service_query(&aws->service, &wrong, &action, NULL, 0, &answer, &aws->err));
    assert_non_null(strstr(aws->err.message, "Credential should be scoped"));
    rs_service_answer_release(&answer);
}

static void check_lists_of_tea(const struct rs_cluster *tea)
{
    assert_int_equal(tea->security_groups.count, 2);
    assert_string_equal(tea->security_groups.items[1].id, "sg-0bbbbbbbbbbbbbbbb");
    assert_string_equal(tea->security_groups.items[1].status, "adding");
    assert_int_equal(tea->parameter_groups.count, 1);
    assert_string_equal(tea->parameter_groups.items[0].id, "tea-parameters");
    assert_string_equal(tea->parameter_groups.items[0].status, "pending-reboot");
    assert_int_equal(tea->nodes.count, 2);
    assert_string_equal(tea->nodes.items[0].role, "LEADER");
    assert_string_equal(tea->nodes.items[1].private_ip, "10.0.1.11");
    assert_string_equal(tea->nodes.items[1].public_ip, "203.0.113.11");
}

static void test_redshift_api__describes_a_cluster(void **state)
{
    struct aws *aws = *state;
    struct rs_clusters clusters = RS_CLUSTERS_INIT;
    char params[1024];

    assert_ok(aws, rs_redshift_clusters(&aws->service, "tea", &clusters, &aws->err));
    assert_string_equal(last_params(params), "DescribeClusters ClusterIdentifier=tea");
    assert_int_equal(clusters.count, 1);
    const struct rs_cluster *tea = &clusters.items[0];
    assert_string_equal(tea->identifier, "tea");
    assert_string_equal(tea->node_type, "ra3.xlplus");
    assert_int_equal(tea->node_count, 4);
    assert_string_equal(tea->status, "available");
    assert_string_equal(tea->availability_status, "Available");
    assert_string_equal(tea->modify_status, "");
    assert_string_equal(tea->address, "tea.cmock1234567.eu-west-1.redshift.amazonaws.com");
    assert_int_equal(tea->port, 5440);
    assert_string_equal(tea->vpc_id, "vpc-0aaaaaaaaaaaaaaaa");
    assert_string_equal(tea->subnet_group, "tea-subnets");
    assert_string_equal(tea->availability_zone, "eu-west-1a");
    assert_string_equal(tea->elastic_ip, "203.0.113.10");
    assert_true(tea->publicly_accessible && tea->encrypted && tea->enhanced_vpc_routing);
    check_lists_of_tea(tea);
    rs_clusters_release(&clusters);
}

static void test_redshift_api__lists_clusters_page_by_page(void **state)
{
    struct aws *aws = *state;
    struct rs_clusters clusters = RS_CLUSTERS_INIT;
    char params[1024];

    assert_ok(aws, rs_redshift_clusters(&aws->service, NULL, &clusters, &aws->err));
    assert_int_equal(aws_mock_count(), 2);
    assert_string_equal(last_params(params), "DescribeClusters Marker=page/2");
    assert_int_equal(clusters.count, 2);
    assert_string_equal(clusters.items[0].identifier, "first");
    assert_string_equal(clusters.items[1].identifier, "second");
    assert_string_equal(clusters.items[1].status, "creating");
    assert_string_equal(clusters.items[1].address, "");
    assert_int_equal(clusters.items[1].nodes.count, 0);
    assert_false(clusters.items[1].publicly_accessible);
    rs_clusters_release(&clusters);
}

static void test_redshift_api__refusals_say_what_to_do(void **state)
{
    struct aws *aws = *state;
    struct rs_clusters clusters = RS_CLUSTERS_INIT;
    struct rs_database_login login = RS_DATABASE_LOGIN_INIT;

    assert_false(rs_redshift_clusters(&aws->service, "none", &clusters, &aws->err));
    assert_int_equal(aws->err.code, RS_E_INPUT);
    assert_string_equal(aws->err.message, "could not describe cluster \"none\": ClusterNotFound: "
                                          "Cluster none not found.");
    assert_string_equal(aws->err.hint,
                        "region eu-west-1 was asked; AWS_REGION or a profile names another");
    rs_error_clear(&aws->err);
    assert_false(rs_redshift_clusters(&aws->service, "denied", &clusters, &aws->err));
    assert_int_equal(aws->err.code, RS_E_NET);
    assert_string_equal(aws->err.hint, "allow redshift:DescribeClusters on "
                                       "arn:aws:redshift:eu-west-1:123456789012:cluster:denied");
    rs_clusters_release(&clusters);
    rs_error_clear(&aws->err);
    struct rs_redshift_user user = {.cluster = "denied", .user = "rs"};
    assert_false(rs_redshift_password(&aws->service, &user, &login, &aws->err));
    assert_string_equal(aws->err.hint, "allow redshift:GetClusterCredentials on "
                                       "arn:aws:redshift:eu-west-1:123456789012:dbuser:denied/rs");
    rs_error_clear(&aws->err);
    user.cluster = "quiet"; /* its refusal names nothing */
    assert_false(rs_redshift_password(&aws->service, &user, &login, &aws->err));
    assert_string_equal(aws->err.hint, "allow redshift:GetClusterCredentials on "
                                       "arn:aws:redshift:eu-west-1:*:dbuser:quiet/rs");
    rs_error_clear(&aws->err);
    user.cluster = "wordy"; /* its refusal is cut inside the ARN, which is then not told in part */
    assert_false(rs_redshift_password(&aws->service, &user, &login, &aws->err));
    assert_string_equal(aws->err.hint, "allow redshift:GetClusterCredentials on "
                                       "arn:aws:redshift:eu-west-1:*:dbuser:wordy/rs");
    rs_error_clear(&aws->err);
    user = (struct rs_redshift_user){.cluster = "none"};
    assert_false(rs_redshift_password(&aws->service, &user, &login, &aws->err));
    assert_non_null(strstr(aws->err.hint, "region eu-west-1 was asked"));
    assert_null(login.password);
}

static void test_redshift_api__gives_a_password_for_a_user(void **state)
{
    static const char *const groups[] = {"loaders", "readers"};
    struct aws *aws = *state;
    struct rs_database_login login = RS_DATABASE_LOGIN_INIT;
    char params[1024];
    struct rs_redshift_user user = {.cluster = "tea", .user = "r&s"};

    assert_ok(aws, rs_redshift_password(&aws->service, &user, &login, &aws->err));
    assert_string_equal(last_params(params),
                        "GetClusterCredentials ClusterIdentifier=tea DbUser=r&s");
    assert_string_equal(login.user, "IAM:r&s");
    assert_string_equal(login.password, "p&ss<word/r&s+=");
    assert_true(login.expires_us > aws->fake.now_us + INT64_C(890) * 1000000);
    assert_true(login.expires_us < aws->fake.now_us + INT64_C(930) * 1000000);

    user = (struct rs_redshift_user){.cluster = "tea",
                                     .user = "rs",
                                     .database = "dev",
                                     .groups = groups,
                                     .group_count = 2,
                                     .auto_create = true,
                                     .duration_seconds = 3600};
    assert_ok(aws, rs_redshift_password(&aws->service, &user, &login, &aws->err));
    assert_string_equal(last_params(params),
                        "GetClusterCredentials ClusterIdentifier=tea DbUser=rs DbName=dev "
                        "AutoCreate=true DurationSeconds=3600 DbGroups.DbGroup.1=loaders "
                        "DbGroups.DbGroup.2=readers");
    assert_string_equal(login.user, "IAMA:rs:loaders:readers");

    user.user = NULL;
    assert_ok(aws, rs_redshift_password(&aws->service, &user, &login, &aws->err));
    assert_string_equal(last_params(params), "GetClusterCredentialsWithIAM ClusterIdentifier=tea "
                                             "DbName=dev DurationSeconds=3600");
    assert_string_equal(login.user, "IAM:mock");
    assert_string_equal(login.password, "iam/password");
    rs_database_login_release(&login);
}

static void test_redshift_api__describes_a_workgroup(void **state)
{
    struct aws *aws = *state;
    struct rs_workgroup tea = RS_WORKGROUP_INIT;

    assert_ok(aws, rs_serverless_workgroup(&aws->service, "tea", &tea, &aws->err));
    assert_string_equal(tea.status, "AVAILABLE");
    assert_string_equal(tea.address,
                        "tea.123456789012.eu-west-1.redshift-serverless.amazonaws.com");
    assert_int_equal(tea.port, 5439);
    assert_true(tea.enhanced_vpc_routing);
    assert_false(tea.publicly_accessible);
    assert_int_equal(tea.security_groups.count, 1);
    assert_int_equal(tea.subnets.count, 2);
    assert_string_equal(tea.subnets.items[1].text, "subnet-0bbbbbbbbbbbbbbbb");
    assert_int_equal(tea.settings.count, 2);
    assert_string_equal(tea.settings.items[1].key, "require_ssl");
    assert_string_equal(tea.settings.items[1].value, "true");
    assert_int_equal(tea.vpc_endpoints.count, 1);
    assert_int_equal(tea.vpc_endpoints.items[0].interfaces.count, 2);
    assert_string_equal(tea.vpc_endpoints.items[0].interfaces.items[1].private_ip, "10.0.3.20");
    rs_workgroup_release(&tea);
}

static void test_redshift_api__serverless_refusals_say_what_to_do(void **state)
{
    struct aws *aws = *state;
    struct rs_workgroup workgroup = RS_WORKGROUP_INIT;
    struct rs_database_login login = RS_DATABASE_LOGIN_INIT;

    assert_false(rs_serverless_workgroup(&aws->service, "none", &workgroup, &aws->err));
    assert_int_equal(aws->err.code, RS_E_INPUT);
    assert_non_null(strstr(aws->err.message, "could not describe workgroup \"none\": "
                                             "ResourceNotFoundException"));
    assert_non_null(strstr(aws->err.hint, "region eu-west-1 was asked"));
    rs_error_clear(&aws->err);
    assert_false(rs_serverless_password(&aws->service, "denied", NULL, 0, &login, &aws->err));
    assert_string_equal(aws->err.hint,
                        "allow redshift-serverless:GetCredentials on "
                        "arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/denied");
    service_use_keys(aws, RS_STR("AKIAMOCK"), RS_STR("wrong"));
    rs_error_clear(&aws->err);
    assert_false(rs_serverless_password(&aws->service, "tea", NULL, 0, &login, &aws->err));
    assert_non_null(strstr(aws->err.message, "InvalidSignatureException"));
    assert_int_equal(aws->err.code, RS_E_NET);
}

static void test_redshift_api__throttling_is_waited_out(void **state)
{
    struct aws *aws = *state;
    struct rs_clusters clusters = RS_CLUSTERS_INIT;

    aws_mock_put("fail", "{\"count\": 3, \"status\": 400, \"code\": \"Throttling\"}");
    assert_ok(aws, rs_redshift_clusters(&aws->service, "tea", &clusters, &aws->err));
    assert_int_equal(aws_mock_count(), 4);
    rs_clusters_release(&clusters);
    aws_mock_put("fail", "{\"count\": 9, \"status\": 503, \"code\": \"Unavailable\"}");
    assert_false(rs_redshift_clusters(&aws->service, "tea", &clusters, &aws->err));
    assert_int_equal(aws->err.code, RS_E_NET);
    assert_true(aws->err.retryable);
    rs_clusters_release(&clusters);
}

static void test_redshift_api__a_resource_is_in_its_partition(void **state)
{
    static const char denied[] = "HTTP/1.1 400 No\r\nConnection: close\r\n\r\n"
                                 "<ErrorResponse><Error><Code>AccessDenied</Code></Error>"
                                 "</ErrorResponse>";
    static const char forbidden[] = "HTTP/1.1 400 No\r\nConnection: close\r\n\r\n"
                                    "{\"__type\":\"AccessDeniedException\"}";
    static const struct canned_step steps[] = {{.reply = denied, .close = true},
                                               {.reply = forbidden, .close = true}};
    struct aws *aws = *state;
    struct rs_database_login login = RS_DATABASE_LOGIN_INIT;
    const struct rs_redshift_user user = {.cluster = "tea", .user = "rs"};
    struct canned canned;

    canned_start(&canned, steps, RS_COUNTOF(steps));
    const struct rs_service service = {
        .call = aws->service.call, .region = "cn-north-1", .endpoint = canned.url};
    assert_false(rs_redshift_password(&service, &user, &login, &aws->err));
    assert_string_equal(aws->err.hint, "allow redshift:GetClusterCredentials on "
                                       "arn:aws-cn:redshift:cn-north-1:*:dbuser:tea/rs");
    rs_error_clear(&aws->err);
    assert_false(rs_serverless_password(&service, "tea", NULL, 0, &login, &aws->err));
    assert_string_equal(aws->err.hint, "allow redshift-serverless:GetCredentials on "
                                       "arn:aws-cn:redshift-serverless:cn-north-1:*:workgroup/*");
    (void)canned_stop(&canned);
    canned_release(&canned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_redshift_api__sts_knows_who_asks),
        SERVICE_TEST(test_redshift_api__a_resource_is_in_its_partition),
        SERVICE_TEST(test_redshift_api__signatures_are_checked),
        SERVICE_TEST(test_redshift_api__the_scope_names_the_service),
        SERVICE_TEST(test_redshift_api__describes_a_cluster),
        SERVICE_TEST(test_redshift_api__lists_clusters_page_by_page),
        SERVICE_TEST(test_redshift_api__refusals_say_what_to_do),
        SERVICE_TEST(test_redshift_api__gives_a_password_for_a_user),
        SERVICE_TEST(test_redshift_api__describes_a_workgroup),
        SERVICE_TEST(test_redshift_api__serverless_refusals_say_what_to_do),
        SERVICE_TEST(test_redshift_api__throttling_is_waited_out),
    };
    return aws_mock_start() ? cmocka_run_group_tests(tests, NULL, aws_mock_stop) : 77;
}
