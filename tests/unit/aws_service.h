/*
 * aws_service.h - a service of AWS as tests/lib/aws-mock plays it, for tests of its API.
 *
 *   SERVICE_TEST(test_ec2_api__describes_network_acls)       in the table of tests
 *   struct aws *aws = *state;
 *   assert_ok(aws, rs_ec2_network_acls(&aws->service, "vpc-1", &acls, &aws->err));
 */
#ifndef RS_TESTS_AWS_SERVICE_H
#define RS_TESTS_AWS_SERVICE_H

#include "aws/aws_call.h"
#include "aws_mock.h"
#include "base/mem.h"
#include "fake_env.h"
#include "unit.h"

#define SERVICE_TEST(name) cmocka_unit_test_setup_teardown(name, service_set_up, service_tear_down)

struct aws {
    struct fake_env fake;
    struct rs_http *http;
    struct rs_credentials_provider *provider;
    struct rs_aws_call *call;
    struct rs_service service;
    struct rs_error err;
};

static inline void service_use_keys(struct aws *aws, struct rs_str id, struct rs_str secret)
{
    struct rs_credentials keys = RS_CREDENTIALS_INIT;

    rs_aws_call_free(aws->call);
    rs_credentials_provider_free(aws->provider);
    rs_credentials_set(&keys, id, secret, RS_STR(""), RS_CREDENTIALS_NEVER);
    aws->provider = rs_credentials_fixed_new(&keys);
    aws->call = rs_aws_call_new(&aws->fake.env, aws->http, aws->provider, NULL);
    aws->service =
        (struct rs_service){.call = aws->call, .region = "eu-west-1", .endpoint = mock.url};
    rs_credentials_release(&keys);
}

static inline int service_set_up(void **state)
{
    struct aws *aws = rs_mem_zalloc(1, sizeof *aws);
    fake_env_init(&aws->fake);
    aws->http = rs_http_new(&aws->fake.env, NULL);
    service_use_keys(aws, RS_STR("AKIAMOCK"), RS_STR("mock/secret+key"));
    aws_mock_put("reset", "{}");
    *state = aws;
    return 0;
}

static inline int service_tear_down(void **state)
{
    struct aws *aws = *state;
    rs_aws_call_free(aws->call);
    rs_credentials_provider_free(aws->provider);
    rs_http_free(aws->http);
    rs_mem_free(aws);
    return 0;
}

static inline void assert_ok(const struct aws *aws, bool ok)
{
    if (!ok) {
        fail_msg("%s", aws->err.message);
    }
    assert_int_equal(aws->err.code, RS_OK);
}

#endif
