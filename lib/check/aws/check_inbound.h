/*
 * check/aws/check_inbound.h - what the inbound rules of the security groups say of each that has
 * to get in.
 *
 *   rs_check_judge_inbound(run, &facts, &err)
 *       facts->findings[i].judgement.answer == RS_RULES_SHUT: no rule lets findings[i].peer in
 *
 * Pure:    no: network.   Owns: run->aws has all of it.   Threads: the thread of the AWS lane.
 */
#ifndef RS_CHECK_AWS_CHECK_INBOUND_H
#define RS_CHECK_AWS_CHECK_INBOUND_H

#include "check/aws/peers.h"
#include "check/aws/vpc_rules.h"

/* What the rules of the groups say of each that has to get in. */
struct rs_check_finding {
    const struct rs_check_peer *peer;
    struct rs_rules_judgement judgement;
};

struct rs_check_inbound_facts {
    struct rs_rules rules;
    const char *group_id; /* where a rule that lacks would be added */
    struct rs_check_finding *findings;
    size_t count;
    struct rs_error list_err; /* of a prefix list that could not be read */
};

/* Judge them, the first time; err as rs_check_aws_groups and rs_check_aws_peers. */
RS_MUST_USE bool rs_check_judge_inbound(struct rs_check_run *run,
                                        const struct rs_check_inbound_facts **out,
                                        struct rs_error *err);

/*
 * The command that lets a block in, as long as out lives; no region is in it.
 *
 * group  a word of a shell: an id, or a command that asks for one
 */
const char *rs_check_inbound_command(struct rs_check_result *out, const char *group, unsigned port,
                                     const struct rs_cidr *block);

#endif
