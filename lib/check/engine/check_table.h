/*
 * check/engine/check_table.h - the table of checks: a row a check, in the order of the report.
 *
 *   rs_checks[RS_CHECK_TCP].name -> "tcp"      rs_check_find("tcp") -> RS_CHECK_TCP
 *
 * A row of RS_CHECK_TABLE is all that makes a check known: its id, the declaration of its function
 * and its entry in rs_checks are made of it.
 *
 * Pure:    yes, but for the functions: network.
 * Threads: reentrant; a check's function runs in the thread of its lane.
 */
#ifndef RS_CHECK_ENGINE_CHECK_TABLE_H
#define RS_CHECK_ENGINE_CHECK_TABLE_H

#include <stdint.h>

/*
 * id, name ("dns", for --only, --skip and --json), title (what holds when it passes), lane and what
 * it wants of the options, those that have to pass or warn before (of lower ids), those that have
 * to be over before, and its function.
 */
/* clang-format off */
#define RS_CHECK_TABLE(ROW) \
    ROW(DNS, "dns", "name resolves", DATABASE, 0, BIT(CLUSTER), rs_check_dns) \
    ROW(TCP, "tcp", "port is open", DATABASE, BIT(DNS), 0, rs_check_tcp) \
    /* ... and takes TLS */ \
    ROW(PROTOCOL, "protocol", "speaks PostgreSQL", DATABASE, BIT(TCP), 0, rs_check_protocol) \
    /* version and cipher */ \
    ROW(TLS, "tls", "encrypts", DATABASE, BIT(PROTOCOL), 0, rs_check_tls) \
    /* chain, host name, days left */ \
    ROW(CERTIFICATE, "certificate", "certificate is good", DATABASE, BIT(TLS), 0, \
        rs_check_certificate) \
    ROW(PATH, "path", "large packets pass", DATABASE, BIT(TCP), BIT(TLS), rs_check_path) \
    /* a login without TLS is refused */ \
    ROW(PLAINTEXT, "plaintext", "plain text is refused", DATABASE, BIT(PROTOCOL), 0, \
        rs_check_plaintext) \
    ROW(LOGIN, "login", "login works", SESSION, BIT(TLS), 0, rs_check_login) \
    /* product, version, slices */ \
    ROW(SERVER, "server", "server is known", SESSION, BIT(LOGIN), 0, rs_check_server) \
    ROW(PRIVILEGES, "privileges", "loader may load", SESSION, BIT(LOGIN), BIT(SERVER), \
        rs_check_privileges) \
    /* its state, as AWS has it */ \
    ROW(CLUSTER, "cluster", "cluster is available", CLOUD, 0, 0, rs_check_cluster) \
    /* publicly accessible, or not */ \
    ROW(PUBLIC, "public", "address is reachable", CLOUD, BIT(CLUSTER), 0, rs_check_public) \
    ROW(ENCRYPTION, "encryption", "encrypted at rest", CLOUD, BIT(CLUSTER), 0, \
        rs_check_encryption) \
    ROW(REQUIRE_SSL, "require-ssl", "TLS is required", CLOUD, BIT(CLUSTER), 0, \
        rs_check_require_ssl) \
    /* in the ranges that AWS allows */ \
    ROW(PORT, "port", "port is allowed", CLOUD, BIT(CLUSTER), 0, rs_check_port_range) \
    /* or a resize, under way or soon */ \
    ROW(MAINTENANCE, "maintenance", "no maintenance", CLOUD, BIT(CLUSTER), 0, \
        rs_check_maintenance) \
    /* rules of the security groups */ \
    ROW(INBOUND, "inbound", "inbound rules let in", GROUPS, 0, BIT(CLUSTER), rs_check_inbound) \
    /* of the subnets, both ways */ \
    ROW(ACL, "acl", "network ACLs let through", CLOUD, BIT(CLUSTER), 0, rs_check_acl) \
    /* to an internet gateway; the subnet group */ \
    ROW(ROUTE, "route", "subnets have a route", CLOUD, BIT(CLUSTER), 0, rs_check_route) \
    /* rules, and the way to S3 */ \
    ROW(OUTBOUND, "outbound", "cluster reaches S3", CLOUD, BIT(CLUSTER), 0, rs_check_outbound) \
    /* region; readable, writable, listable, deletable */ \
    ROW(BUCKET, "bucket", "bucket can be used", STAGE, 0, 0, rs_check_bucket) \
    ROW(BUCKET_ENCRYPTION, "bucket-encryption", "bucket is encrypted", STAGE, BIT(BUCKET), 0, \
        rs_check_bucket_encryption) \
    /* from the cluster's side */ \
    ROW(UNLOAD_COPY, "unload-copy", "cluster uses the bucket", SESSION_AND_STAGE, BIT(LOGIN), \
        BIT(SERVER) | BIT(BUCKET), rs_check_unload_copy) \
    ROW(CAPACITY, "capacity", "disk has room", SESSION, BIT(LOGIN), BIT(SERVER), \
        rs_check_capacity) \
    ROW(CPU, "cpu", "CPU has room", CLOUD, BIT(CLUSTER), 0, rs_check_cpu) \
    ROW(WLM, "wlm", "a queue is there", SESSION, BIT(LOGIN), BIT(SERVER), rs_check_wlm) \
    /* what the tools assume of Redshift, asked one by one */ \
    ROW(BEHAVIOUR, "behaviour", "answers as Redshift does", SESSION, BIT(LOGIN), BIT(SERVER), \
        rs_check_behaviour) \
    /* ours, against AWS's */ \
    ROW(CLOCK, "clock", "clock is right", CLOCK, 0, 0, rs_check_clock)
/* clang-format on */

#define RS_CHECK_ROW(id, name, title, lane, needs, after, function) RS_CHECK_##id,
/* In the order of the report. */
enum rs_check_id { RS_CHECK_TABLE(RS_CHECK_ROW) RS_CHECK_COUNT };
#undef RS_CHECK_ROW

#define RS_CHECK_BIT(id) ((uint64_t)1 << (id))
#define RS_CHECK_ALL     (RS_CHECK_BIT(RS_CHECK_COUNT) - 1)

/* Those that make things in the database, and are run only where --only names them. */
#define RS_CHECK_BY_NAME RS_CHECK_BIT(RS_CHECK_BEHAVIOUR)

enum rs_check_lane {
    RS_CHECK_LANE_DATABASE,
    RS_CHECK_LANE_AWS,
    RS_CHECK_LANE_BUCKET,
    RS_CHECK_LANES,
};

/* What the options have to say for a check to make sense. */
enum rs_check_want {
    RS_CHECK_WANT_DATABASE = 1, /* -d, or a cluster that is asked for its address */
    RS_CHECK_WANT_AWS = 2,      /* --cluster or --workgroup */
    RS_CHECK_WANT_STAGE = 4,
    RS_CHECK_WANT_GROUPS = 8, /* AWS, or --security-group */
    RS_CHECK_WANT_CLOCK = 16, /* AWS or --stage */
    RS_CHECK_WANT_LOGIN = 32, /* -d or --iam */
};

struct rs_check_result;
struct rs_check_run;

struct rs_check {
    const char *name;
    const char *title;
    enum rs_check_lane lane;
    unsigned wants; /* of rs_check_want; all of them */
    uint64_t needs; /* RS_CHECK_BITs */
    uint64_t after; /* RS_CHECK_BITs */
    void (*run)(struct rs_check_run *run, struct rs_check_result *out);
};

/* RS_CHECK_COUNT rows. */
extern const struct rs_check rs_checks[];

/* The row of a name, or RS_CHECK_COUNT. */
enum rs_check_id rs_check_find(const char *name);

#define RS_CHECK_ROW(id, name, title, lane, needs, after, function)                                \
    void function(struct rs_check_run *run, struct rs_check_result *out);
RS_CHECK_TABLE(RS_CHECK_ROW)
#undef RS_CHECK_ROW

#endif
