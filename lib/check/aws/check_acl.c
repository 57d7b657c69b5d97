/*
 * The network ACLs of the subnets that the cluster is in: what they let through both ways. An ACL
 * knows no connections, so an answer needs a rule as well.
 */
#include <stdio.h>
#include <string.h>

#include "check/aws/aws_facts.h"
#include "check/engine/shell_quote.h"

enum {
    EPHEMERAL_FROM = 1024, /* what any client may use */
    LINUX_FROM = 32768,    /* what Linux uses */
    LINUX_TO = 60999,
    ACL_LAST = 32767, /* the number of the entry that denies the rest */
    ACL_STEP = 10,
};

static const char why[] =
    "A network ACL drops packets without an answer, and knows no connections: the way in needs a "
    "rule, and so do the answers, which go to any port from 1024 on.";

static const struct rs_network_acl *find_acl(const struct rs_network_acls *acls, const char *subnet)
{
    for (size_t i = 0; i < acls->count; i++) {
        for (size_t j = 0; j < acls->items[i].subnets.count; j++) {
            if (strcmp(acls->items[i].subnets.items[j].text, subnet) == 0) {
                return &acls->items[i];
            }
        }
    }
    return NULL;
}

static bool has_number(const struct rs_network_acl *acl, bool egress, unsigned number)
{
    for (size_t i = 0; i < acl->entries.count; i++) {
        if (acl->entries.items[i].egress == egress && acl->entries.items[i].number == number) {
            return true;
        }
    }
    return false;
}

/* A free number before the entry that stands against it; 0 when there is none. */
static unsigned choose_number(const struct rs_network_acl *acl, bool egress,
                              const struct rs_acl_entry *by)
{
    const unsigned end = by ? by->number : ACL_LAST;
    unsigned number = end > ACL_STEP ? end - ACL_STEP : end - (end > 0);

    while (number > 0 && has_number(acl, egress, number)) {
        number--;
    }
    return number;
}

/* How to allow it, before the entry that stands against it. */
static void suggest_allowing(struct rs_check_run *run, const struct rs_network_acl *acl,
                             const struct rs_acl_question *question, const struct rs_acl_entry *by,
                             struct rs_check_result *out)
{
    const unsigned number = choose_number(acl, question->egress, by);
    char block[RS_CIDR_TEXT_MAX];

    rs_cidr_format(&question->block, block);
    rs_check_why(out, why);
    rs_check_step(out, "VPC console: Network ACLs, %s, tab %s rules, Edit: allow TCP %u-%u %s %s",
                  acl->id, question->egress ? "Outbound" : "Inbound", question->from_port,
                  question->to_port, question->egress ? "to" : "from", block);
    if (number == 0) {
        rs_check_step(out, "no number is free before rule %u: give that one a greater one first",
                      by->number);
        return;
    }
    rs_check_aws_command(run, out,
                         "aws ec2 create-network-acl-entry --network-acl-id %s %s --rule-number %u "
                         "--protocol tcp --port-range From=%u,To=%u %s %s --rule-action allow",
                         rs_check_quote(out, acl->id), question->egress ? "--egress" : "--ingress",
                         number, question->from_port, question->to_port,
                         question->block.v6 ? "--ipv6-cidr-block" : "--cidr-block", block);
}

static void tell_denied(struct rs_check_run *run, const struct rs_network_acl *acl,
                        const struct rs_acl_question *question, const struct rs_acl_entry *by,
                        struct rs_check_result *out)
{
    char block[RS_CIDR_TEXT_MAX];
    char rule[32] = "no rule allows it";

    rs_cidr_format(&question->block, block);
    if (by && by->number < ACL_LAST) {
        (void)snprintf(rule, sizeof rule, "rule %u denies it", by->number);
    }
    if (question->egress) {
        rs_check_say(out, RS_CHECK_FAIL, "network ACL %s drops the answers to %s: %s", acl->id,
                     block, rule);
    } else {
        rs_check_say(out, RS_CHECK_FAIL, "network ACL %s keeps %s out of port %u: %s", acl->id,
                     block, question->from_port, rule);
    }
    suggest_allowing(run, acl, question, by, out);
}

/* Both ways between a block and the port; true: all of it passes. */
static bool check_acl(struct rs_check_run *run, const struct rs_network_acl *acl,
                      const struct rs_check_peer *peer, struct rs_check_result *out)
{
    const unsigned port = rs_check_aws_target_port(run);
    const struct rs_acl_entry *by = NULL;
    const struct rs_acl_question in = {false, port, port, peer->block};
    const struct rs_acl_question back = {true, EPHEMERAL_FROM, RS_PORT_MAX, peer->block};
    const struct rs_acl_question most = {true, LINUX_FROM, LINUX_TO, peer->block};
    bool ok = true;

    if (!rs_acl_allows(acl, &in, &by)) {
        tell_denied(run, acl, &in, by, out);
        ok = false;
    }
    if (!rs_acl_allows(acl, &back, &by)) {
        const struct rs_acl_entry *other = NULL;
        if (rs_acl_allows(acl, &most, &other)) {
            rs_check_say(out, RS_CHECK_WARN,
                         "network ACL %s drops answers to some ports of %s: it should allow "
                         "1024-65535",
                         acl->id, peer->text);
            suggest_allowing(run, acl, &back, by, out);
        } else {
            tell_denied(run, acl, &back, by, out);
        }
        ok = false;
    }
    return ok;
}

/* The ACLs of its subnets, each once however many subnets it has. */
static void check_acls(struct rs_check_run *run, const struct rs_network_acls *acls,
                       const struct rs_check_subnets *subnets, const struct rs_check_peers *peers,
                       struct rs_check_result *out)
{
    const struct rs_network_acl *seen[RS_EC2_IDS_MAX];
    size_t count = 0;
    bool ok = true;

    for (size_t i = 0; i < subnets->count; i++) {
        const struct rs_network_acl *acl = find_acl(acls, subnets->ids[i]);
        size_t j = 0;
        while (j < count && seen[j] != acl) {
            j++;
        }
        if (!acl) {
            rs_check_say(out, RS_CHECK_UNKNOWN, "AWS names no network ACL for %s", subnets->ids[i]);
            ok = false;
        } else if (j == count) {
            seen[count++] = acl;
            for (size_t k = 0; k < peers->count; k++) {
                ok = check_acl(run, acl, &peers->items[k], out) && ok;
            }
        }
    }
    if (ok) {
        rs_check_say(out, RS_CHECK_PASS, "both ways, in %zu network ACL%s%s%s", count,
                     count == 1 ? "" : "s", count == 1 ? ", " : "", count == 1 ? seen[0]->id : "");
    }
}

void rs_check_acl(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_network_acls *acls = NULL;
    const struct rs_check_peers *peers = NULL;
    struct rs_check_subnets subnets;
    struct rs_error err = {0};

    if (!rs_check_aws_subnets(run, &subnets, &err) || !rs_check_aws_acls(run, &acls, &err) ||
        !rs_check_aws_peers(run, &peers, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
    } else if (subnets.count == 0) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "AWS names no subnet that it is in");
    } else {
        check_acls(run, acls, &subnets, peers, out);
    }
}
