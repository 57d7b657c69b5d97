/*
 * What AWS says of the cluster itself. Statuses stand in a table; one that is not there is told as
 * it is, as a warning: AWS adds new ones.
 */
#include <stdio.h>
#include <string.h>

#include "check/aws/aws_facts.h"
#include "check/engine/shell_quote.h"

enum {
    PORT_FIRST = 1150, /* of node types before RA3 */
    MINUTES_OF_DAY = 24 * 60,
    MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY,
    SOON_MINUTES = 60,
};

static const struct {
    const char *status;
    enum rs_check_status verdict;
    const char *meaning;
} statuses[] = {
    {"available", RS_CHECK_PASS, "takes connections"},
    {"AVAILABLE", RS_CHECK_PASS, "takes connections"},
    {"paused", RS_CHECK_FAIL, "takes no connections until it is resumed"},
    {"creating", RS_CHECK_FAIL, "is not there yet"},
    {"CREATING", RS_CHECK_FAIL, "is not there yet"},
    {"deleting", RS_CHECK_FAIL, "is going away"},
    {"DELETING", RS_CHECK_FAIL, "is going away"},
    {"final-snapshot", RS_CHECK_FAIL, "is going away, after a last snapshot"},
    {"rebooting", RS_CHECK_FAIL, "takes no connections for some minutes"},
    {"renaming", RS_CHECK_FAIL, "is about to have another address"},
    {"resizing", RS_CHECK_WARN, "can be read but not written to, and cuts connections at the end"},
    {"cancelling-resize", RS_CHECK_WARN, "goes back to its old size"},
    {"modifying", RS_CHECK_WARN, "takes a change, and may cut connections"},
    {"MODIFYING", RS_CHECK_WARN, "takes a change, and may cut connections"},
    {"rotating-keys", RS_CHECK_WARN, "gets new keys, and may be out of reach for some minutes"},
    {"updating-hsm", RS_CHECK_WARN, "gets new settings of its HSM"},
    {"storage-full", RS_CHECK_FAIL, "has no room left: nothing can be loaded"},
    {"hardware-failure", RS_CHECK_FAIL, "has a broken node; restore it from a snapshot"},
    {"incompatible-hsm", RS_CHECK_FAIL, "cannot reach its HSM"},
    {"incompatible-network", RS_CHECK_FAIL, "has a wrong network configuration"},
    {"incompatible-parameters", RS_CHECK_FAIL, "has wrong values in its parameter group"},
    {"incompatible-restore", RS_CHECK_FAIL, "could not be restored from its snapshot"},
};

static const struct rs_check_target *target_of(struct rs_check_run *run,
                                               struct rs_check_result *out)
{
    const struct rs_check_target *target = NULL;
    struct rs_error err = {0};

    if (!rs_check_aws_target(run, &target, &err)) {
        rs_check_say_error(out, RS_CHECK_FAIL, &err);
        if (err.code == RS_E_NET && err.hint[0] == '\0') {
            rs_check_step(out,
                          "look whether AWS's API can be reached from here: a proxy is named by "
                          "https_proxy, a VPC's endpoint by AWS_ENDPOINT_URL");
        }
        return NULL;
    }
    return target;
}

/* ---- cluster ---- */

static void tell_status(const struct rs_check_target *target, struct rs_check_result *out)
{
    for (size_t i = 0; i < RS_COUNTOF(statuses); i++) {
        if (strcmp(statuses[i].status, target->status) == 0) {
            rs_check_say(out, statuses[i].verdict, "%s \"%s\" is \"%s\": it %s", target->kind,
                         target->name, target->status, statuses[i].meaning);
            return;
        }
    }
    const bool usable = strncmp(target->status, "available,", 10) == 0; /* and something besides */
    rs_check_say(out, usable ? RS_CHECK_PASS : RS_CHECK_WARN, "%s \"%s\" is \"%s\"", target->kind,
                 target->name, target->status);
    rs_check_step(out, "Redshift console: look what the status of the %s means", target->kind);
}

static void tell_availability(const struct rs_cluster *cluster, struct rs_check_result *out)
{
    const char *status = cluster->availability_status;

    if (strcmp(status, "Unavailable") == 0 || strcmp(status, "Failed") == 0) {
        rs_check_say(out, RS_CHECK_FAIL, "cluster \"%s\" takes no queries: \"%s\"",
                     cluster->identifier, status);
        rs_check_step(out, "Redshift console: open the cluster, and look at its events");
    }
}

void rs_check_cluster(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_target *target = target_of(run, out);

    if (!target) {
        return;
    }
    tell_status(target, out);
    if (target->cluster) {
        tell_availability(target->cluster, out);
        rs_check_detail(out, "%u x %s", target->cluster->node_count, target->cluster->node_type);
    }
    if (strcmp(target->status, "paused") == 0) {
        rs_check_step(out, "Redshift console: choose the cluster, Actions, Resume");
        rs_check_aws_command(run, out, "aws redshift resume-cluster --cluster-identifier %s",
                             rs_check_quote(out, target->name));
    } else if (out->status == RS_CHECK_FAIL) {
        rs_check_step(out, "wait, or look at the %s in the Redshift console", target->kind);
        if (target->cluster) {
            rs_check_aws_command(run, out,
                                 "aws redshift describe-events --source-type cluster "
                                 "--source-identifier %s --duration 1440",
                                 rs_check_quote(out, target->name));
        }
    }
    if (out->status == RS_CHECK_FAIL) {
        rs_check_why(out, "Nothing can log in or load while it is so.");
    }
}

/* ---- public ---- */

/* Somebody has to come over the internet; its name goes to *text. */
static bool is_from_outside(struct rs_check_run *run, const char **text, struct rs_error *err)
{
    const struct rs_check_peers *peers = NULL;

    if (!rs_check_aws_peers(run, &peers, err)) {
        return false;
    }
    for (size_t i = 0; i < peers->count; i++) {
        if (!rs_cidr_is_private(&peers->items[i].block)) {
            *text = peers->items[i].text;
            return true;
        }
    }
    return false;
}

static void suggest_public(struct rs_check_run *run, const struct rs_check_target *target,
                           struct rs_check_result *out)
{
    rs_check_step(out,
                  "Redshift console: open the %s, Edit publicly accessible (of the menu "
                  "Actions), turn it on; from then on its inbound rules alone keep others out",
                  target->kind);
    rs_check_aws_command(run, out,
                         target->cluster
                             ? "aws redshift modify-cluster --cluster-identifier %s "
                               "--publicly-accessible"
                             : "aws redshift-serverless update-workgroup --workgroup-name %s "
                               "--publicly-accessible",
                         rs_check_quote(out, target->name));
}

void rs_check_public(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_target *target = target_of(run, out);
    struct rs_error err = {0};
    const char *who = NULL;

    if (!target) {
        return;
    }
    const bool outside = is_from_outside(run, &who, &err);
    if (target->publicly_accessible) {
        const struct rs_cluster *cluster = target->cluster;
        rs_check_say(out, RS_CHECK_PASS, "publicly accessible%s%s",
                     *target->public_ip ? ", at " : "", target->public_ip);
        if (cluster && *cluster->elastic_ip_status &&
            strcmp(cluster->elastic_ip_status, "active") != 0) {
            rs_check_say(out, RS_CHECK_FAIL, "its elastic IP address %s is \"%s\"",
                         cluster->elastic_ip, cluster->elastic_ip_status);
            rs_check_why(out, "The address leads nowhere until it is \"active\".");
            rs_check_step(out, "Redshift console: open the cluster, Edit publicly accessible: turn "
                               "it off and on again");
        }
    } else if (outside) {
        rs_check_say(out, RS_CHECK_FAIL,
                     "not publicly accessible, and %s would come over the internet", who);
        rs_check_why(out, "Its name resolves to a private address, which is reached from within "
                          "its VPC, over a peering, a VPN or a bastion alone.");
        suggest_public(run, target, out);
    } else if (err.code != RS_OK) {
        rs_check_say(out, RS_CHECK_WARN,
                     "not publicly accessible: it is reached from within its VPC alone");
        rs_check_detail(out, "%s", err.message);
        rs_check_step(out, "%s", err.hint);
    } else {
        rs_check_say(out, RS_CHECK_PASS,
                     "not publicly accessible; all come from private addresses");
    }
}

/* ---- encryption ---- */

void rs_check_encryption(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_target *target = target_of(run, out);

    if (!target) {
        return;
    }
    if (target->workgroup) {
        rs_check_say(out, RS_CHECK_PASS, "Redshift Serverless is always encrypted");
    } else if (target->cluster->encrypted) {
        rs_check_say(out, RS_CHECK_PASS, "encrypted%s%s",
                     *target->cluster->kms_key_id ? " by " : "", target->cluster->kms_key_id);
    } else {
        rs_check_say(out, RS_CHECK_WARN, "cluster \"%s\" is not encrypted at rest", target->name);
        rs_check_why(out, "Disks and snapshots hold the rows as they are.");
        rs_check_step(out, "Redshift console: open the cluster, tab Properties, Database "
                           "configurations, Edit, Edit encryption");
        rs_check_step(out, "choose a time without loads: while all is copied, which may take "
                           "hours, the cluster is \"resizing\" and takes no writes");
        rs_check_aws_command(run, out,
                             "aws redshift modify-cluster --cluster-identifier %s --encrypted",
                             rs_check_quote(out, target->name));
    }
}

/* ---- port ---- */

static bool is_in_ranges(unsigned port)
{
    return (port >= 5431 && port <= 5455) || (port >= 8191 && port <= 8215);
}

void rs_check_port_range(struct rs_check_run *run, struct rs_check_result *out)
{
    static const char ranges[] = "5431-5455 or 8191-8215";
    const struct rs_check_target *target = target_of(run, out);

    if (!target) {
        return;
    }
    const unsigned port = rs_check_aws_target_port(run);
    const struct rs_cluster *cluster = target->cluster;
    const bool old = cluster && strncmp(cluster->node_type, "d", 1) == 0; /* dc2, ds2 */
    if (target->port > 0 && port != target->port) {
        rs_check_say(out, RS_CHECK_FAIL, "port %u is tried, but the %s listens on %u", port,
                     target->kind, target->port);
        rs_check_why(out, "Nothing answers on another port.");
        rs_check_step(out, "say port=%u in -d, or --port=%u", target->port, target->port);
        return;
    }
    if (old ? port >= PORT_FIRST : is_in_ranges(port)) {
        rs_check_say(out, RS_CHECK_PASS, "port %u", port);
        return;
    }
    rs_check_say(out, RS_CHECK_WARN, "port %u is not in the ranges of %s: %s", port,
                 cluster ? cluster->node_type : "Redshift Serverless", old ? "1150-65535" : ranges);
    rs_check_why(out, "AWS refuses changes that it makes with the port, such as relocation to "
                      "another zone, outside these ranges.");
    rs_check_step(out,
                  "Redshift console: open the %s, Edit, and choose a port in the ranges; the old "
                  "one closes, so all who connect, and inbound rules, have to follow",
                  target->kind);
    rs_check_aws_command(run, out,
                         cluster ? "aws redshift modify-cluster --cluster-identifier %s --port 5439"
                                 : "aws redshift-serverless update-workgroup --workgroup-name %s "
                                   "--port 5439",
                         rs_check_quote(out, target->name));
}

/* ---- maintenance ---- */

/* "sun:03:00" -> minutes since Monday; false when it is none. */
static bool read_minute(const char *text, unsigned *out)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    unsigned hour = 0;
    unsigned minute = 0;

    for (unsigned i = 0; i < RS_COUNTOF(days); i++) {
        if (strncmp(text, days[i], 3) == 0 && sscanf(text + 3, ":%2u:%2u", &hour, &minute) == 2) {
            *out = i * MINUTES_OF_DAY + hour * 60 + minute;
            return *out < MINUTES_OF_WEEK;
        }
    }
    return false;
}

/* Minutes until the weekly window begins; 0 within it; false when there is none. */
static bool find_window(const struct rs_check_run *run, const char *window, unsigned *out)
{
    const char *to = strchr(window, '-');
    unsigned begin = 0;
    unsigned end = 0;

    if (!to || !read_minute(window, &begin) || !read_minute(to + 1, &end)) {
        return false;
    }
    /* 1970-01-01 was a Thursday. */
    const int64_t minutes = run->env->now_us(run->env) / 60000000 + 3 * (int64_t)MINUTES_OF_DAY;
    const unsigned now = (unsigned)(minutes % MINUTES_OF_WEEK);
    const unsigned long_for = (end + MINUTES_OF_WEEK - begin) % MINUTES_OF_WEEK;
    const unsigned since = (now + MINUTES_OF_WEEK - begin) % MINUTES_OF_WEEK;
    *out = since < long_for ? 0 : MINUTES_OF_WEEK - since;
    return true;
}

/* What is under way. */
static void tell_work(const struct rs_cluster *cluster, struct rs_check_result *out)
{
    if (strchr(cluster->status, ',') || strcmp(cluster->status, "resizing") == 0 ||
        cluster->resize_status[0] != '\0') {
        rs_check_say(out, RS_CHECK_WARN, "a resize is under way: \"%s\"%s%s", cluster->status,
                     *cluster->resize_status ? ", " : "", cluster->resize_status);
    }
    if (cluster->modify_status[0] != '\0') {
        rs_check_say(out, RS_CHECK_WARN, "a change is under way: \"%s\"", cluster->modify_status);
    }
    if (strcmp(cluster->availability_status, "Maintenance") == 0 ||
        strcmp(cluster->availability_status, "Modifying") == 0) {
        rs_check_say(out, RS_CHECK_WARN, "under way: \"%s\"", cluster->availability_status);
    }
    if (cluster->restore_status[0] != '\0' && strcmp(cluster->restore_status, "completed") != 0) {
        rs_check_say(out, RS_CHECK_WARN, "a restore from a snapshot is under way: \"%s\"",
                     cluster->restore_status);
    }
    for (size_t i = 0; i < cluster->changes.count; i++) {
        rs_check_say(out, RS_CHECK_WARN, "a change waits for the maintenance window: \"%s\"",
                     cluster->changes.items[i].value);
    }
}

void rs_check_maintenance(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_target *target = target_of(run, out);
    unsigned minutes = 0;

    if (!target) {
        return;
    }
    if (target->workgroup) {
        const bool busy = strcmp(target->status, "AVAILABLE") != 0;
        rs_check_say(out, busy ? RS_CHECK_WARN : RS_CHECK_PASS,
                     busy ? "a change is under way: \"%s\"" : "nothing is under way: \"%s\"",
                     target->status);
        return;
    }
    const struct rs_cluster *cluster = target->cluster;
    const bool known = find_window(run, cluster->maintenance_window, &minutes);
    tell_work(cluster, out);
    if (known && minutes <= SOON_MINUTES) {
        rs_check_say(out, RS_CHECK_WARN, "the weekly maintenance window %s (UTC) %s",
                     cluster->maintenance_window,
                     minutes == 0 ? "is now" : "begins within an hour");
    }
    if (out->status == RS_CHECK_WARN) {
        rs_check_why(out, "The cluster may restart or refuse writes; a load that is cut off is "
                          "taken up by the next run.");
        rs_check_aws_command(run, out, "aws redshift describe-clusters --cluster-identifier %s",
                             rs_check_quote(out, target->name));
    } else {
        rs_check_say(out, RS_CHECK_PASS, "nothing is under way; maintenance window %s (UTC)",
                     *cluster->maintenance_window ? cluster->maintenance_window : "unknown");
    }
}
