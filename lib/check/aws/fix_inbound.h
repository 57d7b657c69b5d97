/*
 * check/aws/fix_inbound.h - put right what a check found: the one thing that the tool ever changes.
 *
 *   struct rs_check_fix_plan plan = RS_CHECK_FIX_PLAN_INIT;
 *   if (rs_check_fix_inbound_plan(&run, &plan, &err) && plan.count > 0) {
 *       ... show plan.items[i].command, ask, then
 *       rs_check_fix_inbound_apply(&run, &plan, &err)
 *   }
 *   rs_check_fix_plan_release(&plan);
 *
 * A plan has a rule for each block that no inbound rule lets in; what a group or a list that is not
 * known may let in is left alone. Rules are added, never changed or taken away.
 *
 * Pure:    no: network.   Owns: the plan, until its release.   Threads: main thread only.
 * Source:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
 */
#ifndef RS_CHECK_AWS_FIX_INBOUND_H
#define RS_CHECK_AWS_FIX_INBOUND_H

#include "check/aws/cidr.h"
#include "check/engine/check_run.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_check_fix_rule {
    char *group_id;
    unsigned port;
    char block[RS_CIDR_TEXT_MAX];
    char *command; /* the same for a shell */
};

struct rs_check_fix_plan {
    struct rs_check_fix_rule *items;
    size_t count;
};

#define RS_CHECK_FIX_PLAN_INIT ((struct rs_check_fix_plan){NULL, 0})

/*
 * Say what would be added, after rs_check_go; AWS is asked for what the run did not ask.
 *
 * plan  empty; released by the caller, also after a failure
 * err   RS_E_USAGE without a cluster or a workgroup; as the row "inbound" else
 */
RS_MUST_USE bool rs_check_fix_inbound_plan(struct rs_check_run *run, struct rs_check_fix_plan *plan,
                                           struct rs_error *err);

/*
 * Add the rules, in order. rs_check_go tells what holds then.
 *
 * err   RS_E_NET when it is denied, with the permission in the hint: those before it are done
 */
RS_MUST_USE bool rs_check_fix_inbound_apply(struct rs_check_run *run,
                                            struct rs_check_fix_plan *plan, struct rs_error *err);

void rs_check_fix_plan_release(struct rs_check_fix_plan *plan);

#endif
