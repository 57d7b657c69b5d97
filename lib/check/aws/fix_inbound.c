/* The plan is what the row "inbound" found; the run's facts know it already. */
#include "check/aws/fix_inbound.h"

#include <stdio.h>

#include "base/mem.h"
#include "check/aws/aws_facts.h"

enum { SECONDS = 30 };

static const char description[] = "added by rs-check-network";

bool rs_check_fix_inbound_plan(struct rs_check_run *run, struct rs_check_fix_plan *plan,
                               struct rs_error *err)
{
    const struct rs_check_inbound_facts *facts = NULL;

    if (!rs_check_asks_aws(run) || run->options->groups_json) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "could not plan inbound rules: they are those of a cluster of AWS's");
        return rs_error_hint(err, "name it with --cluster=ID or --workgroup=NAME, and leave "
                                  "--security-group out");
    }
    run->started_us = run->env->monotonic_us(run->env); /* for what the run did not ask */
    if (!rs_check_judge_inbound(run, &facts, err)) {
        return false;
    }
    plan->items = rs_mem_zalloc(facts->count + 1, sizeof *plan->items);
    for (size_t i = 0; i < facts->count; i++) {
        const struct rs_check_peer *peer = facts->findings[i].peer;
        if (facts->findings[i].judgement.answer != RS_RULES_SHUT) {
            continue;
        }
        struct rs_check_fix_rule *rule = &plan->items[plan->count++];
        rule->group_id = rs_mem_strdup(facts->group_id);
        rule->port = rs_check_aws_target_port(run);
        (void)snprintf(rule->block, sizeof rule->block, "%s", peer->text);
        struct rs_check_result words = RS_CHECK_RESULT_INIT;
        rs_check_aws_command(
            run, &words, "%s",
            rs_check_inbound_command(&words, facts->group_id, rule->port, &peer->block));
        rule->command = rs_mem_strdup(words.commands.items[0]);
        rs_check_result_release(&words);
    }
    return true;
}

bool rs_check_fix_inbound_apply(struct rs_check_run *run, struct rs_check_fix_plan *plan,
                                struct rs_error *err)
{
    struct rs_service ec2 = rs_check_aws_service(run, "ec2");

    ec2.limits.connect_ms = SECONDS * 1000; /* the checks' own time is over by now */
    ec2.limits.total_ms = SECONDS * 1000;
    for (size_t i = 0; i < plan->count; i++) {
        const struct rs_ec2_ingress ingress = {.group_id = plan->items[i].group_id,
                                               .port = plan->items[i].port,
                                               .block = plan->items[i].block,
                                               .description = description};
        if (!rs_ec2_allow_ingress(&ec2, &ingress, err)) {
            return false;
        }
    }
    return true;
}

void rs_check_fix_plan_release(struct rs_check_fix_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        rs_mem_free(plan->items[i].group_id);
        rs_mem_free(plan->items[i].command);
    }
    rs_mem_free(plan->items);
    *plan = RS_CHECK_FIX_PLAN_INIT;
}
