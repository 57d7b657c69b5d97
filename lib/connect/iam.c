/*
 * What it takes to ask AWS (profile, credentials, HTTP) is made with the first question, so that
 * a connection without IAM reads no file of AWS.
 */
#include "connect/iam.h"

#include "aws/aws_call.h"
#include "aws/credentials_chain.h"
#include "aws/iam_login.h"
#include "aws/profile.h"
#include "base/mem.h"
#include "net/http.h"
#include "rs/str.h"

struct rs_iam {
    const struct rs_env *env;
    const struct rs_connect_options *options;
    struct rs_profiles *profiles; /* NULL until it is asked; so are the others */
    struct rs_http *http;
    struct rs_credentials_provider *provider;
    struct rs_aws_call *call;
};

struct rs_iam *rs_iam_new(const struct rs_env *env, const struct rs_connect_options *options)
{
    struct rs_iam *aws = rs_mem_zalloc(1, sizeof *aws);
    aws->env = env;
    aws->options = options;
    return aws;
}

static bool make_ready(struct rs_iam *aws, struct rs_error *err)
{
    const struct rs_credentials_options keys = {.profile = aws->options->profile,
                                                .region = aws->options->region};
    if (aws->call) {
        return true;
    }
    if (!aws->profiles) {
        aws->profiles = rs_profiles_load(aws->env, aws->options->profile, err);
    }
    if (!aws->profiles) {
        return false;
    }
    aws->http = rs_http_new(aws->env, NULL);
    aws->provider = rs_credentials_chain_new(aws->env, &keys);
    aws->call = rs_aws_call_new(aws->env, aws->http, aws->provider, NULL);
    return true;
}

bool rs_iam_fetch(void *arg, const struct rs_endpoint *endpoint, struct rs_database_login *out,
                  struct rs_error *err)
{
    struct rs_iam *aws = arg;
    const struct rs_connect_options *options = aws->options;
    uint64_t port = 0;
    if (!make_ready(aws, err)) {
        return false;
    }
    const char *region = rs_profiles_region(aws->profiles, options->region, err);
    if (!region) {
        return false;
    }
    (void)!rs_str_parse_u64(rs_str_from(endpoint->port), 1, 65535, &port);
    const struct rs_iam_login_options login = {
        .call = aws->call,
        .profiles = aws->profiles,
        .region = region,
        .cluster = options->cluster,
        .workgroup = options->workgroup,
        .user = options->db_user,
        .database = endpoint->dbname,
        .host = *endpoint->host ? endpoint->host : NULL,
        .port = (unsigned)port,
    };
    return rs_iam_login_get(&login, out, err);
}

void rs_iam_free(struct rs_iam *aws)
{
    if (aws) {
        rs_aws_call_free(aws->call);
        rs_credentials_provider_free(aws->provider);
        rs_http_free(aws->http);
        rs_profiles_free(aws->profiles);
        rs_mem_free(aws);
    }
}
