/*
 * All rules of all groups are put together and each block is judged against them. What the world
 * may do is judged like a block of its own.
 */
#include "check/aws/check_inbound.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "check/aws/aws_facts.h"

enum {
    TEXT_MAX_BYTES = 1024,
    WIDE_V4 = 8, /* a shorter prefix is no company's */
    WIDE_V6 = 16,
};

static const char why_shut[] =
    "A security group drops what no rule lets in, without an answer: whoever is not let in sees "
    "the connection time out.";
static const char why_world[] =
    "Anybody on the internet reaches the port, and a password is all that is between.";

/* ---- Judging ---- */

/* The entries of the prefix lists that matter; one that cannot be read stays unknown. */
static bool expand_lists(struct rs_check_run *run, struct rs_check_inbound_facts *facts,
                         unsigned port, struct rs_error *err)
{
    const char *id = NULL;

    while (facts->list_err.code == RS_OK &&
           (id = rs_rules_unknown_list(&facts->rules, port)) != NULL) {
        const struct rs_prefix_list *list = NULL;
        if (rs_check_aws_prefix_list(run, id, &list, &facts->list_err) &&
            !rs_rules_expand(&facts->rules, id, list, err)) {
            return false;
        }
    }
    return true;
}

/* What can be pasted into a shell; the group of a file may be named in any way, or not yet. */
static const char *plain_id(const struct rs_security_group *group)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const size_t length = strlen(group->id);
    return length > 0 && strspn(group->id, plain) == length ? group->id : "GROUP_ID";
}

/* A group that has rules for the port already, or the first. */
static const char *choose_group(const struct rs_rules *rules, unsigned port,
                                const struct rs_security_groups *groups)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct rs_rule *rule = &rules->items[i];
        if (rule->from_port == port && rule->to_port == port) {
            return plain_id(rule->group);
        }
    }
    return plain_id(&groups->items[0]);
}

static bool judge(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_inbound_facts *facts = &run->aws->inbound;
    const unsigned port = rs_check_aws_target_port(run);
    const struct rs_security_groups *groups = NULL;
    const struct rs_check_peers *peers = NULL;

    if (!rs_check_aws_groups(run, &groups, err)) {
        return false;
    }
    for (size_t i = 0; i < groups->count; i++) {
        if (!rs_rules_add(&facts->rules, &groups->items[i], RS_RULES_INBOUND, err)) {
            return false;
        }
    }
    if (groups->count == 0) {
        return rs_error_set(err, RS_E_INPUT, "AWS knows none of the security groups");
    }
    facts->group_id = choose_group(&facts->rules, port, groups);
    if (!expand_lists(run, facts, port, err) || !rs_check_aws_peers(run, &peers, err)) {
        return false;
    }
    facts->findings = rs_mem_zalloc(peers->count, sizeof *facts->findings);
    facts->count = peers->count;
    for (size_t i = 0; i < peers->count; i++) {
        facts->findings[i].peer = &peers->items[i];
        rs_rules_judge(&facts->rules, port, &peers->items[i].block, &facts->findings[i].judgement);
    }
    return true;
}

bool rs_check_judge_inbound(struct rs_check_run *run, const struct rs_check_inbound_facts **out,
                            struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);

    if (rs_check_is_first(&facts->once_inbound)) {
        (void)!judge(run, &facts->once_inbound.err);
    }
    *out = &facts->inbound;
    return rs_check_outcome(&facts->once_inbound, err);
}

/* ---- Saying ---- */

const char *rs_check_inbound_command(struct rs_check_result *out, const char *group, unsigned port,
                                     const struct rs_cidr *block)
{
    char text[RS_CIDR_TEXT_MAX];

    rs_cidr_format(block, text);
    return block->v6 ? rs_check_text(out,
                                     "aws ec2 authorize-security-group-ingress --group-id %s "
                                     "--ip-permissions 'IpProtocol=tcp,FromPort=%u,ToPort=%u,"
                                     "Ipv6Ranges=[{CidrIpv6=%s}]'",
                                     group, port, port, text)
                     : rs_check_text(out,
                                     "aws ec2 authorize-security-group-ingress --group-id %s "
                                     "--protocol tcp --port %u --cidr %s",
                                     group, port, text);
}

static void suggest(struct rs_check_run *run, const struct rs_check_inbound_facts *facts,
                    const struct rs_cidr *block, struct rs_check_result *out)
{
    rs_check_aws_command(
        run, out, "%s",
        rs_check_inbound_command(out, facts->group_id, rs_check_aws_target_port(run), block));
}

/* "sg-0a: tcp 5439 from 10.0.0.0/8", and all others of the judgement. */
static void append_reasons(const struct rs_rules_judgement *judgement, struct rs_strbuf *out)
{
    for (size_t i = 0; i < judgement->by_count; i++) {
        rs_strbuf_append(out, i > 0 ? "; " : "");
        rs_rule_text(judgement->by[i], RS_RULES_INBOUND, out);
    }
}

/* One detail each: by which rule it is let in, or what comes near. */
static void tell_finding(const struct rs_check_finding *finding, struct rs_check_result *out)
{
    static const char *const words[] = {
        [RS_RULES_OPEN] = "let in by ",
        [RS_RULES_PERHAPS] = "let in only where it is one of ",
        [RS_RULES_SHUT] = "not let in",
    };
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    const struct rs_rules_judgement *judgement = &finding->judgement;

    rs_strbuf_append(&text, words[judgement->answer]);
    if (judgement->answer == RS_RULES_SHUT && judgement->by_count > 0) {
        rs_strbuf_append(&text, " but for a part: ");
    }
    append_reasons(judgement, &text);
    rs_check_detail(out, "%s%s: %s", finding->peer->text, finding->peer->own ? " (this host)" : "",
                    rs_strbuf_cstr(&text));
    rs_strbuf_release(&text);
}

/* Append those with this answer, with commas between; how many there are. */
static size_t append_peers(const struct rs_check_inbound_facts *facts, enum rs_rules_answer answer,
                           struct rs_strbuf *out)
{
    size_t count = 0;

    for (size_t i = 0; i < facts->count; i++) {
        if (facts->findings[i].judgement.answer == answer) {
            rs_strbuf_append(out, count++ > 0 ? ", " : "");
            rs_strbuf_append(out, facts->findings[i].peer->text);
        }
    }
    return count;
}

static void tell_steps(struct rs_check_run *run, struct rs_check_result *out)
{
    rs_check_step(out, "Redshift console: open the cluster, tab Properties, section Network and "
                       "security settings, and click its VPC security group");
    rs_check_step(out,
                  "tab Inbound rules, Edit inbound rules, Add rule: type Custom TCP, port %u, and "
                  "the source",
                  rs_check_aws_target_port(run));
}

static void tell_shut(struct rs_check_run *run, const struct rs_check_inbound_facts *facts,
                      struct rs_check_result *out)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);

    if (append_peers(facts, RS_RULES_SHUT, &text) > 0) {
        rs_check_say(out, RS_CHECK_FAIL, "no rule lets %s in on port %u", rs_strbuf_cstr(&text),
                     rs_check_aws_target_port(run));
        rs_check_why(out, why_shut);
        tell_steps(run, out);
        for (size_t i = 0; i < facts->count; i++) {
            if (facts->findings[i].judgement.answer == RS_RULES_SHUT) {
                suggest(run, facts, &facts->findings[i].peer->block, out);
            }
        }
    }
    rs_strbuf_reset(&text);
    if (append_peers(facts, RS_RULES_PERHAPS, &text) > 0) {
        rs_check_say(out, RS_CHECK_UNKNOWN,
                     "whether %s is let in on port %u hangs on who is in a group or a list",
                     rs_strbuf_cstr(&text), rs_check_aws_target_port(run));
        rs_check_why(out, why_shut);
        if (facts->list_err.code != RS_OK) {
            rs_check_say_error(out, RS_CHECK_UNKNOWN, &facts->list_err);
        }
    }
    rs_strbuf_release(&text);
}

/* Take away the rule itself: AWS wants its ports and its source as they are. */
static void suggest_revoking(struct rs_check_run *run, const struct rs_rule *rule,
                             struct rs_check_result *out)
{
    const bool all = strcmp(rule->protocol, "-1") == 0;
    char block[RS_CIDR_TEXT_MAX];
    char what[256];

    rs_cidr_format(&rule->block, block);
    if (rule->block.v6 && all) {
        (void)snprintf(what, sizeof what,
                       "--ip-permissions 'IpProtocol=-1,Ipv6Ranges=[{CidrIpv6=%s}]'", block);
    } else if (rule->block.v6) {
        (void)snprintf(what, sizeof what,
                       "--ip-permissions 'IpProtocol=tcp,FromPort=%u,ToPort=%u,"
                       "Ipv6Ranges=[{CidrIpv6=%s}]'",
                       rule->from_port, rule->to_port, block);
    } else if (all) {
        (void)snprintf(what, sizeof what, "--protocol all --cidr %s", block);
    } else {
        (void)snprintf(what, sizeof what, "--protocol tcp --port %u-%u --cidr %s", rule->from_port,
                       rule->to_port, block);
    }
    rs_check_aws_command(run, out, "aws ec2 revoke-security-group-ingress --group-id %s %s",
                         plain_id(rule->group), what);
}

/* The blocks that nothing but the rules for the world lets in would be shut out without these. */
static void suggest_narrow(struct rs_check_run *run, const struct rs_check_inbound_facts *facts,
                           const struct rs_cidr *world, struct rs_check_result *out)
{
    struct rs_rules narrow = RS_RULES_INIT;
    struct rs_rules_judgement judgement;

    narrow.items = rs_mem_zalloc(facts->rules.count + 1, sizeof *narrow.items);
    for (size_t i = 0; i < facts->rules.count; i++) {
        if (facts->rules.items[i].block.prefix > 1) {
            narrow.items[narrow.count++] = facts->rules.items[i];
        }
    }
    for (size_t i = 0; i < facts->count; i++) {
        const struct rs_cidr *block = &facts->findings[i].peer->block;
        rs_rules_judge(&narrow, rs_check_aws_target_port(run), block, &judgement);
        if (block->v6 == world->v6 && block->prefix > 1 && judgement.answer == RS_RULES_SHUT) {
            suggest(run, facts, block, out);
        }
    }
    rs_rules_release(&narrow);
}

/* True: the world is let in. */
static bool tell_world(struct rs_check_run *run, const struct rs_check_inbound_facts *facts,
                       const struct rs_cidr *world, struct rs_check_result *out)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_rules_judgement judgement;

    rs_rules_judge(&facts->rules, rs_check_aws_target_port(run), world, &judgement);
    if (judgement.answer == RS_RULES_OPEN) {
        append_reasons(&judgement, &text);
        rs_check_say(out, RS_CHECK_WARN, "port %u is open to all of %s: %s",
                     rs_check_aws_target_port(run), world->v6 ? "IPv6" : "the internet",
                     rs_strbuf_cstr(&text));
        rs_check_why(out, why_world);
        rs_check_step(out, "EC2 console: open the security group, Edit inbound rules: add one for "
                           "each that needs it, then delete the one for the world");
        suggest_narrow(run, facts, world, out);
        for (size_t i = 0; i < judgement.by_count; i++) {
            if (judgement.by[i]->peer_id[0] == '\0') {
                suggest_revoking(run, judgement.by[i], out);
            }
        }
    }
    rs_strbuf_release(&text);
    return judgement.answer == RS_RULES_OPEN;
}

/* Not all of the world, but so much of it that nobody is meant. */
static void tell_wide(struct rs_check_run *run, const struct rs_check_inbound_facts *facts,
                      struct rs_check_result *out)
{
    const unsigned port = rs_check_aws_target_port(run);
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);

    for (size_t i = 0; i < facts->rules.count; i++) {
        const struct rs_rule *rule = &facts->rules.items[i];
        const unsigned prefix = rule->block.v6 ? WIDE_V6 : WIDE_V4;
        if (rule->peer == RS_RULE_BLOCK && rule->block.prefix < prefix && port >= rule->from_port &&
            port <= rule->to_port) {
            rs_strbuf_reset(&text);
            rs_rule_text(rule, RS_RULES_INBOUND, &text);
            rs_check_say(out, RS_CHECK_WARN, "a large part of the internet is let in: %s",
                         rs_strbuf_cstr(&text));
            rs_check_why(out, why_world);
            rs_check_step(out, "EC2 console: open the security group, Edit inbound rules: name the "
                               "addresses that need it");
            suggest_revoking(run, rule, out);
        }
    }
    rs_strbuf_release(&text);
}

/* A group that is just being added to the cluster, or taken from it, is not in force. */
static void tell_groups(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_cluster *cluster = run->aws->target.cluster;

    for (size_t i = 0; cluster && i < cluster->security_groups.count; i++) {
        const struct rs_cluster_group *group = &cluster->security_groups.items[i];
        if (strcmp(group->status, "active") != 0 && group->status[0] != '\0') {
            rs_check_say(out, RS_CHECK_WARN, "security group %s is not in force: \"%s\"", group->id,
                         group->status);
            rs_check_step(out, "wait until the cluster has the security group as \"active\"");
        }
    }
}

void rs_check_inbound(struct rs_check_run *run, struct rs_check_result *out)
{
    static const struct rs_cidr worlds[] = {{.v6 = false}, {.v6 = true}};
    const struct rs_check_inbound_facts *facts = NULL;
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_error err = {0};

    if (!rs_check_judge_inbound(run, &facts, &err)) {
        /* What is given to be judged, and cannot be, is no success. */
        const bool ours =
            run->options->groups_json || err.code == RS_E_CONFIG || err.code == RS_E_USAGE;
        rs_check_say_error(out, ours ? RS_CHECK_FAIL : RS_CHECK_UNKNOWN, &err);
        rs_strbuf_release(&text);
        return;
    }
    tell_shut(run, facts, out);
    bool open = false;
    for (size_t i = 0; i < RS_COUNTOF(worlds); i++) {
        open = tell_world(run, facts, &worlds[i], out) || open;
    }
    if (!open) {
        tell_wide(run, facts, out);
    }
    tell_groups(run, out);
    for (size_t i = 0; i < facts->count; i++) {
        tell_finding(&facts->findings[i], out);
    }
    if (append_peers(facts, RS_RULES_OPEN, &text) == facts->count) {
        rs_check_say(out, RS_CHECK_PASS, "port %u lets %s in", rs_check_aws_target_port(run),
                     rs_strbuf_cstr(&text));
    }
    rs_strbuf_release(&text);
}
