/*
 * check/engine/check_run.h - why can it not connect: an ordered table of checks, and one run of them.
 *
 *   struct rs_check_options options = {.connect = {.conninfo = "host=tea..."}, .timeout_ms = 10000};
 *   struct rs_check_run run;
 *   if (rs_check_begin(&run, &env, &options, &err)) {
 *       rs_check_go(&run);
 *       rs_check_report_text(&run, &how, &out);
 *       verdict = rs_check_verdict(&run);
 *   }
 *   rs_check_end(&run);
 *
 * The table (lib/check/engine/check_table.c) has a row a check, in the order of the report. Rows of one lane
 * run one after the other in a thread of their own, the lanes side by side: the way to the
 * database, AWS's control plane, the bucket. A row begins when those that it needs or comes after
 * have ended, and is skipped where one that it needs did not pass: what is behind a closed door is
 * not guessed at.
 *
 * Pure:    no: network, clock. Nothing is changed anywhere, but for what check/aws/fix_inbound.h does and
 *          for objects in the stage's folder rs-check/, which are removed again.
 * Owns:    the run owns all but env and options, which are borrowed until rs_check_end.
 * Threads: main thread only; rs_check_go starts and ends its own. A check writes its result and
 *          the facts of its lane; what a row of another lane left may be read by who comes after
 *          that row.
 * Source:  https://segment.com/docs/connections/storage/catalog/redshift/ and the headers of the
 *          lanes.
 */
#ifndef RS_CHECK_ENGINE_CHECK_RUN_H
#define RS_CHECK_ENGINE_CHECK_RUN_H

#include "aws/account.h"
#include "base/compiler.h"
#include "base/env.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "check/engine/check_result.h"
#include "connect/connect.h"
#include "warehouse/login.h"

/* In the order of the report. */
enum rs_check_id {
    RS_CHECK_DNS,         /* the name has addresses */
    RS_CHECK_TCP,         /* the port takes connections */
    RS_CHECK_PROTOCOL,    /* ... and speaks PostgreSQL, and takes TLS */
    RS_CHECK_TLS,         /* version and cipher */
    RS_CHECK_CERTIFICATE, /* chain, host name, days left */
    RS_CHECK_PATH,        /* full-sized packets get through */
    RS_CHECK_PLAINTEXT,   /* a login without TLS is refused */
    RS_CHECK_LOGIN,
    RS_CHECK_SERVER,     /* product, version, slices */
    RS_CHECK_PRIVILEGES, /* what the loader needs */
    RS_CHECK_CLUSTER,    /* its state, as AWS has it */
    RS_CHECK_PUBLIC,     /* publicly accessible, or not */
    RS_CHECK_ENCRYPTION, /* at rest */
    RS_CHECK_REQUIRE_SSL,
    RS_CHECK_PORT,        /* in the ranges that AWS allows */
    RS_CHECK_MAINTENANCE, /* or a resize, under way or soon */
    RS_CHECK_INBOUND,     /* rules of the security groups */
    RS_CHECK_ACL,         /* of the subnets, both ways */
    RS_CHECK_ROUTE,       /* to an internet gateway; the subnet group */
    RS_CHECK_OUTBOUND,    /* rules, and the way to S3 */
    RS_CHECK_BUCKET,      /* region; readable, writable, listable, deletable */
    RS_CHECK_BUCKET_ENCRYPTION,
    RS_CHECK_UNLOAD_COPY, /* from the cluster's side */
    RS_CHECK_CAPACITY,
    RS_CHECK_CPU,
    RS_CHECK_WLM,
    RS_CHECK_CLOCK, /* ours, against AWS's */
    RS_CHECK_COUNT,
};

#define RS_CHECK_BIT(id) ((uint64_t)1 << (id))
#define RS_CHECK_ALL     (RS_CHECK_BIT(RS_CHECK_COUNT) - 1)

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

struct rs_check_run;

struct rs_check {
    const char *name;  /* "dns", for --only, --skip and --json */
    const char *title; /* "name resolves": what holds when it passes */
    enum rs_check_lane lane;
    unsigned wants; /* of rs_check_want; all of them */
    uint64_t needs; /* RS_CHECK_BITs: those that have to pass, or warn, before; of lower ids */
    uint64_t after; /* RS_CHECK_BITs: those that have to be over */
    void (*run)(struct rs_check_run *run, struct rs_check_result *out);
};

/* RS_CHECK_COUNT rows. */
extern const struct rs_check rs_checks[];

/* The row of a name, or RS_CHECK_COUNT. */
enum rs_check_id rs_check_find(const char *name);

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
};

/* What each lane leaves for those that come later: check/network/check_net.h and so on. */
struct rs_check_network_facts;
struct rs_check_aws_facts;
struct rs_check_database_facts;
struct rs_check_bucket_facts;

struct rs_check_sync;
struct rs_check_deadline; /* check/engine/check_deadline.h */

struct rs_check_run {
    const struct rs_env *env;
    const struct rs_check_options *options;
    int64_t started_us;                 /* monotonic */
    unsigned offered;                   /* rs_check_want bits that the options offer */
    uint64_t chosen;                    /* that run */
    struct rs_endpoint endpoint;        /* where -d leads; host "" where AWS has to be asked */
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

/*
 * Look at the options; nothing is asked of anybody yet.
 *
 * run  filled; ended by the caller with rs_check_end, also after a failure
 * err  RS_E_USAGE, RS_E_CONFIG
 */
RS_MUST_USE bool rs_check_begin(struct rs_check_run *run, const struct rs_env *env,
                                const struct rs_check_options *options, struct rs_error *err);

/*
 * Run the checks that are chosen and make sense; false when a signal cut it short. Called again
 * it does it all anew.
 */
RS_MUST_USE bool rs_check_go(struct rs_check_run *run, struct rs_error *err);

void rs_check_end(struct rs_check_run *run);

/* Milliseconds of the timeout that are left, at least 1; it begins with rs_check_go. */
unsigned rs_check_left_ms(const struct rs_check_run *run);

/* The check ran and did not fail: it passed, or warned. */
bool rs_check_held(const struct rs_check_run *run, enum rs_check_id id);

/*
 * It is in the report: it was asked for, or it is why one that was asked for could not run, which
 * nobody would understand without.
 */
bool rs_check_is_shown(const struct rs_check_run *run, enum rs_check_id id);

/* What to give with the options so that a check can be run that is not chosen, as a sentence. */
const char *rs_check_missing_option(const struct rs_check_run *run, enum rs_check_id id);

/* The port of the database: of the options, the login, what AWS said, or 5439. */
unsigned rs_check_port(const struct rs_check_run *run);

/* ---- What came out ---- */

struct rs_check_verdict {
    unsigned counts[RS_CHECK_FAIL + 1]; /* of what is shown, by status */
    bool unreachable;                   /* no session could be opened: exit 4 */
};

struct rs_check_verdict rs_check_verdict(const struct rs_check_run *run);

/* The sentence that says it: "the database cannot be reached; 1 of 2 checks passed; ...". */
void rs_check_verdict_text(const struct rs_check_run *run, struct rs_strbuf *out);

/* How the report is printed. */
struct rs_check_view {
    bool color;
    bool utf8;      /* symbols; else letters stand for them */
    bool verbose;   /* details of what is well, and a line for each that was not tried */
    size_t columns; /* of the screen; 0: lines are not broken */
};

/* Append the table for a person, its last line the verdict. */
void rs_check_report_text(const struct rs_check_run *run, const struct rs_check_view *view,
                          struct rs_strbuf *out);

/* Append one JSON object and a line end. */
void rs_check_report_json(const struct rs_check_run *run, const struct rs_error *err,
                          struct rs_strbuf *out);

/* Append one line: the symbol, the title and what was seen of one check. */
void rs_check_line_text(const struct rs_check_run *run, enum rs_check_id id,
                        const struct rs_check_view *view, struct rs_strbuf *out);

#endif
