/*
 * check/database/wlm_queue.h - which of a cluster's queues takes a loader's statements.
 *
 *   const struct rs_check_wlm_queue_who who = {.query_group = "segment", .groups = {"loaders"}};
 *   "(query group: seg*)"                      -> RS_CHECK_WLM_QUEUE_QUERY_GROUP: "*" is wild
 *   "(user group: loaders)"                    -> RS_CHECK_WLM_QUEUE_USER_GROUP
 *   "(querytype: any)"                         -> RS_CHECK_WLM_QUEUE_DEFAULT
 *   "(system user) and (query group: health)"  -> RS_CHECK_WLM_QUEUE_NONE
 *
 * Conditions are those of STV_WLM_CLASSIFICATION_CONFIG, of which the first that holds counts: each
 * part in brackets has to hold.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/cm-c-wlm-queue-assignment-rules.html,
 *          r_STV_WLM_CLASSIFICATION_CONFIG.html, cm-c-defining-query-queues.html (wildcards)
 */
#ifndef RS_CHECK_DATABASE_WLM_QUEUE_H
#define RS_CHECK_DATABASE_WLM_QUEUE_H

#include "rs/compiler.h"
#include "rs/str.h"

struct rs_check_wlm_queue_who {
    const char *query_group; /* "": none is set */
    bool superuser;
    const char *const *groups; /* of the user, roles too */
    size_t group_count;
};

/* A row of the rules, and what its queue makes of "*" and "?". */
struct rs_check_wlm_queue_rule {
    struct rs_str condition;
    bool query_wild;
    bool user_wild;
};

/* Why a condition holds, the more particular the greater. */
enum rs_check_wlm_queue_match {
    RS_CHECK_WLM_QUEUE_NONE, /* it does not */
    RS_CHECK_WLM_QUEUE_DEFAULT,
    RS_CHECK_WLM_QUEUE_USER_GROUP,
    RS_CHECK_WLM_QUEUE_QUERY_GROUP,
};

enum rs_check_wlm_queue_match rs_check_wlm_queue_match(const struct rs_check_wlm_queue_rule *rule,
                                                       const struct rs_check_wlm_queue_who *who);

#endif
