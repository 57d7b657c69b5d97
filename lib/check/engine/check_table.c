/* The table of checks, in the order of the report. */
#include <string.h>

#include "check/aws/check_aws.h"
#include "check/bucket/check_bucket.h"
#include "check/database/check_database.h"
#include "check/engine/check_run.h"
#include "check/network/check_net.h"

#define BIT      RS_CHECK_BIT
#define DATABASE RS_CHECK_LANE_DATABASE, RS_CHECK_WANT_DATABASE
#define SESSION  RS_CHECK_LANE_DATABASE, RS_CHECK_WANT_DATABASE | RS_CHECK_WANT_LOGIN
#define CLOUD    RS_CHECK_LANE_AWS, RS_CHECK_WANT_AWS
#define STAGE    RS_CHECK_LANE_BUCKET, RS_CHECK_WANT_STAGE

/* clang-format off */
const struct rs_check rs_checks[RS_CHECK_COUNT] = {
    [RS_CHECK_DNS] = {"dns", "name resolves", DATABASE, 0, BIT(RS_CHECK_CLUSTER), rs_check_dns},
    [RS_CHECK_TCP] = {"tcp", "port is open", DATABASE, BIT(RS_CHECK_DNS), 0, rs_check_tcp},
    [RS_CHECK_PROTOCOL] = {"protocol", "speaks PostgreSQL", DATABASE,
                           BIT(RS_CHECK_TCP), 0, rs_check_protocol},
    [RS_CHECK_TLS] = {"tls", "encrypts", DATABASE, BIT(RS_CHECK_PROTOCOL), 0, rs_check_tls},
    [RS_CHECK_CERTIFICATE] = {"certificate", "certificate is good", DATABASE,
                              BIT(RS_CHECK_TLS), 0, rs_check_certificate},
    [RS_CHECK_PATH] = {"path", "large packets pass", DATABASE,
                       BIT(RS_CHECK_TCP), BIT(RS_CHECK_TLS), rs_check_path},
    [RS_CHECK_PLAINTEXT] = {"plaintext", "plain text is refused", DATABASE,
                            BIT(RS_CHECK_PROTOCOL), 0, rs_check_plaintext},
    [RS_CHECK_LOGIN] = {"login", "login works", SESSION, BIT(RS_CHECK_TLS), 0, rs_check_login},
    [RS_CHECK_SERVER] = {"server", "server is known", SESSION,
                         BIT(RS_CHECK_LOGIN), 0, rs_check_server},
    [RS_CHECK_PRIVILEGES] = {"privileges", "loader may load", SESSION,
                             BIT(RS_CHECK_LOGIN), BIT(RS_CHECK_SERVER), rs_check_privileges},
    [RS_CHECK_CLUSTER] = {"cluster", "cluster is available", CLOUD, 0, 0, rs_check_cluster},
    [RS_CHECK_PUBLIC] = {"public", "address is reachable", CLOUD,
                         BIT(RS_CHECK_CLUSTER), 0, rs_check_public},
    [RS_CHECK_ENCRYPTION] = {"encryption", "encrypted at rest", CLOUD,
                             BIT(RS_CHECK_CLUSTER), 0, rs_check_encryption},
    [RS_CHECK_REQUIRE_SSL] = {"require-ssl", "TLS is required", CLOUD,
                              BIT(RS_CHECK_CLUSTER), 0, rs_check_require_ssl},
    [RS_CHECK_PORT] = {"port", "port is allowed", CLOUD, BIT(RS_CHECK_CLUSTER), 0, rs_check_port_range},
    [RS_CHECK_MAINTENANCE] = {"maintenance", "no maintenance", CLOUD,
                              BIT(RS_CHECK_CLUSTER), 0, rs_check_maintenance},
    [RS_CHECK_INBOUND] = {"inbound", "inbound rules let in", RS_CHECK_LANE_AWS,
                          RS_CHECK_WANT_GROUPS, 0, BIT(RS_CHECK_CLUSTER), rs_check_inbound},
    [RS_CHECK_ACL] = {"acl", "network ACLs let through", CLOUD,
                      BIT(RS_CHECK_CLUSTER), 0, rs_check_acl},
    [RS_CHECK_ROUTE] = {"route", "subnets have a route", CLOUD,
                        BIT(RS_CHECK_CLUSTER), 0, rs_check_route},
    [RS_CHECK_OUTBOUND] = {"outbound", "cluster reaches S3", CLOUD,
                           BIT(RS_CHECK_CLUSTER), 0, rs_check_outbound},
    [RS_CHECK_BUCKET] = {"bucket", "bucket can be used", STAGE, 0, 0, rs_check_bucket},
    [RS_CHECK_BUCKET_ENCRYPTION] = {"bucket-encryption", "bucket is encrypted", STAGE,
                                    BIT(RS_CHECK_BUCKET), 0, rs_check_bucket_encryption},
    [RS_CHECK_UNLOAD_COPY] = {"unload-copy", "cluster uses the bucket", RS_CHECK_LANE_DATABASE,
                              RS_CHECK_WANT_LOGIN | RS_CHECK_WANT_STAGE,
                              BIT(RS_CHECK_LOGIN), BIT(RS_CHECK_SERVER) | BIT(RS_CHECK_BUCKET),
                              rs_check_unload_copy},
    [RS_CHECK_CAPACITY] = {"capacity", "disk has room", SESSION,
                           BIT(RS_CHECK_LOGIN), BIT(RS_CHECK_SERVER), rs_check_capacity},
    [RS_CHECK_CPU] = {"cpu", "CPU has room", CLOUD, BIT(RS_CHECK_CLUSTER), 0, rs_check_cpu},
    [RS_CHECK_WLM] = {"wlm", "a queue is there", SESSION, BIT(RS_CHECK_LOGIN), BIT(RS_CHECK_SERVER), rs_check_wlm},
    [RS_CHECK_CLOCK] = {"clock", "clock is right", RS_CHECK_LANE_BUCKET, RS_CHECK_WANT_CLOCK,
                        0, 0, rs_check_clock},
};
/* clang-format on */

enum rs_check_id rs_check_find(const char *name)
{
    for (enum rs_check_id id = 0; id < RS_CHECK_COUNT; id++) {
        if (strcmp(rs_checks[id].name, name) == 0) {
            return id;
        }
    }
    return RS_CHECK_COUNT;
}
