/*
 * aws/serverless_api.h - what the API of Redshift Serverless says of workgroups, and passwords.
 *
 *   const struct rs_service serverless = {.call = call, .region = region, .endpoint = endpoint};
 *   struct rs_workgroup workgroup = RS_WORKGROUP_INIT;
 *   if (rs_serverless_workgroup(&serverless, "tea", &workgroup, err)) ...
 *       workgroup.address, .port, .status
 *   rs_workgroup_release(&workgroup);
 *
 * Pure:    no: network.
 * Owns:    texts and lists stay valid until the release.
 * Threads: one thread at a time per rs_aws_call.
 * Source:  https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_Workgroup.html,
 *          API_GetCredentials.html; 2021-04-21.
 */
#ifndef RS_AWS_SERVERLESS_API_H
#define RS_AWS_SERVERLESS_API_H

#include "aws/database_login.h"
#include "aws/redshift_api.h"
#include "aws/service.h"
#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* A list of ids. */
struct rs_workgroup_id {
    const char *text;
};

struct rs_workgroup_setting {
    const char *key; /* "require_ssl" */
    const char *value;
};

struct rs_vpc_interface {
    const char *private_ip;
};

struct rs_vpc_endpoint {
    const char *vpc_id;
    struct {
        const struct rs_vpc_interface *items;
        size_t count;
    } interfaces;
};

/* Texts are "" where the reply has none. */
struct rs_workgroup {
    const char *status; /* "CREATING", "AVAILABLE", "MODIFYING", "DELETING" */
    const char *address;
    unsigned port;
    bool publicly_accessible;
    bool enhanced_vpc_routing;
    struct {
        const struct rs_workgroup_id *items;
        size_t count;
    } security_groups, subnets;
    struct {
        const struct rs_workgroup_setting *items;
        size_t count;
    } settings;
    struct {
        const struct rs_vpc_endpoint *items;
        size_t count;
    } vpc_endpoints;
    struct rs_arena arena;
};

#define RS_WORKGROUP_INIT ((struct rs_workgroup){.arena = RS_ARENA_INIT})

/* GetWorkgroup. err: RS_E_INPUT when there is none, with the region in the hint; RS_E_NET. */
RS_MUST_USE bool rs_serverless_workgroup(const struct rs_service *service, const char *name,
                                         struct rs_workgroup *out, struct rs_error *err);
void rs_workgroup_release(struct rs_workgroup *workgroup);

/*
 * GetCredentials: fills user, password and expires_us of out, which is initialised.
 *
 * database          NULL: any
 * duration_seconds  900 to 3600; 0: 900
 */
RS_MUST_USE bool rs_serverless_password(const struct rs_service *service, const char *workgroup,
                                        const char *database, unsigned duration_seconds,
                                        struct rs_database_login *out, struct rs_error *err);

#endif
