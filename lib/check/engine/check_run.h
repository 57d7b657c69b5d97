/*
 * check/engine/check_run.h - one run of the checks: what is asked for, what was found, and what
 * each check may ask of it.
 *
 *   rs_check_held(run, RS_CHECK_TCP)     rs_check_left_ms(run)     rs_check_port(run)
 *
 * It is begun, run and ended by check/engine/check_runner.h.
 *
 * Pure:    no: the clock.
 * Owns:    the run owns all but env and options, which are borrowed until rs_check_end.
 * Threads: a check writes its result and the facts of its lane; what a row of another lane left may
 *          be read by who comes after that row.
 * Source:  https://segment.com/docs/connections/storage/catalog/redshift/ and the headers of the
 *          lanes.
 */
#ifndef RS_CHECK_ENGINE_CHECK_RUN_H
#define RS_CHECK_ENGINE_CHECK_RUN_H

#include "aws/account.h"
#include "base/env.h"
#include "check/engine/check_result.h"
#include "check/engine/check_table.h"
#include "connect/connect.h"
#include "warehouse/login.h"

struct rs_check_options {
    struct rs_connect_options connect; /* conninfo NULL: none is given; cluster and workgroup are
                                          asked about without iam too */
    struct rs_account_options account;
    const char *stage;        /* s3://bucket/prefix; NULL: none */
    const char *iam_role;     /* for COPY and UNLOAD; NULL: keys of ours */
    const char *schema;       /* that is loaded into; NULL: the right to make one */
    const char *const *allow; /* CIDR blocks that have to be let in */
    size_t allow_count;       /* 0: this host's own outbound address */
    const char *groups_json;  /* what "aws ec2 describe-security-groups" printed; NULL: AWS is
                                      asked */
    unsigned port;            /* 0: that of the login, or 5439 */
    unsigned timeout_ms;      /* for all that goes over the network before the login */
    uint64_t only;            /* RS_CHECK_BITs that are shown; those that they need run too */
    uint64_t skip;            /* those that are not shown whatever becomes of them, nor judged */
};

/* What each lane leaves for those that come later: check/network/network_facts.h and so on. */
struct rs_check_network_facts;
struct rs_check_aws_facts;
struct rs_check_database_facts;
struct rs_check_bucket_facts;

struct rs_check_sync;     /* check/engine/check_runner.c */
struct rs_check_deadline; /* check/engine/check_deadline.h */

struct rs_check_run {
    const struct rs_env *env;
    const struct rs_check_options *options;
    int64_t started_us;                 /* monotonic */
    unsigned offered;                   /* rs_check_want bits that the options offer */
    uint64_t chosen;                    /* that run */
    struct rs_endpoint endpoint;        /* where -d leads; host "" where AWS has to be asked */
    const char *cluster_host;           /* where AWS says, by the row "cluster", that the cluster */
    unsigned cluster_port;              /* listens; "" and 0 where it was not asked or has none */
    struct rs_passwords passwords;      /* those of the options, asked for in no check's time */
    struct rs_connect *connect;         /* NULL without a database */
    struct rs_check_deadline *deadline; /* of the sessions that connect opens */
    struct rs_account *account;         /* NULL where nothing of AWS is asked for */
    struct rs_check_network_facts *network;
    struct rs_check_aws_facts *aws;
    struct rs_check_database_facts *database;
    struct rs_check_bucket_facts *bucket;
    struct rs_check_sync *sync;
    struct rs_check_result results[RS_CHECK_COUNT];
};

/* Milliseconds of the timeout that are left, at least 1; it begins with rs_check_go. */
unsigned rs_check_left_ms(const struct rs_check_run *run);

/* The check ran and did not fail: it passed, or warned. */
bool rs_check_held(const struct rs_check_run *run, enum rs_check_id id);

/* The port of the database: of the options, the login, what AWS said, or 5439. */
unsigned rs_check_port(const struct rs_check_run *run);

#endif
