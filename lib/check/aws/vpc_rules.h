/*
 * check/aws/vpc_rules.h - whom the rules of security groups and network ACLs let through.
 *
 *   struct rs_rules rules = RS_RULES_INIT;
 *   rs_rules_add(&rules, &group, RS_RULES_INBOUND, &err)
 *   rs_rules_judge(&rules, 5439, &block, &judgement);
 *       judgement.answer RS_RULES_OPEN, .by[0]: "sg-0a: tcp 5439 from 10.0.0.0/8 (office)"
 *   rs_rules_release(&rules);
 *
 * A security group only lets in, so all rules of all groups add up, and several may cover a block
 * together. A rule may name a prefix list, which stands for its entries, or a group, which stands
 * for the addresses of its members: these are not known here.
 *
 * In a network ACL the lowest number that matches decides, and an ACL knows no connections: the
 * answers' way, to any port of the asker, needs a rule as well.
 *
 * Limits:  RS_RULES_MAX rules.   Pure: yes.
 * Owns:    the list, until rs_rules_release; texts are borrowed from the groups and lists.
 * Threads: one thread at a time per object.
 * Source:  https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html,
 *          https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */
#ifndef RS_CHECK_AWS_VPC_RULES_H
#define RS_CHECK_AWS_VPC_RULES_H

#include "aws/ec2_api.h"
#include "check/aws/cidr.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"

enum {
    RS_RULES_MAX = 10000,
    RS_RULES_BY_MAX = 8,
    RS_PORT_MAX = 65535,
};

enum rs_rules_direction { RS_RULES_INBOUND, RS_RULES_OUTBOUND };

enum rs_rule_peer {
    RS_RULE_BLOCK,
    RS_RULE_PREFIX_LIST, /* whose entries are not known */
    RS_RULE_GROUP,
};

struct rs_rule {
    const struct rs_security_group *group; /* that it is of */
    const char *protocol;                  /* "tcp"; "-1" is all */
    unsigned from_port;                    /* 0 */
    unsigned to_port;                      /* to 65535 where all ports are meant */
    enum rs_rule_peer peer;
    struct rs_cidr block;
    const char *peer_id;     /* "sg-...", "pl-..."; "" for a block that stands for itself */
    const char *description; /* "" where there is none */
};

struct rs_rules {
    struct rs_rule *items; /* those that are for TCP */
    size_t count;
    size_t capacity;
};

#define RS_RULES_INIT ((struct rs_rules){NULL, 0, 0})

/*
 * Add the rules of a group that are for TCP. The group is borrowed.
 *
 * err  RS_E_INPUT when a block is none; RS_E_LIMIT
 */
RS_MUST_USE bool rs_rules_add(struct rs_rules *rules, const struct rs_security_group *group,
                              enum rs_rules_direction direction, struct rs_error *err);

/* A prefix list whose entries are not known and that has a say on the port; NULL: there is none. */
const char *rs_rules_unknown_list(const struct rs_rules *rules, unsigned port);

/* Put the list's entries, which is borrowed, in the place of rules that name it. err as above. */
RS_MUST_USE bool rs_rules_expand(struct rs_rules *rules, const char *prefix_list_id,
                                 const struct rs_prefix_list *entries, struct rs_error *err);

void rs_rules_release(struct rs_rules *rules);

enum rs_rules_answer {
    RS_RULES_OPEN,
    RS_RULES_PERHAPS, /* a group or a list that is not known may have it */
    RS_RULES_SHUT,
};

struct rs_rules_judgement {
    enum rs_rules_answer answer;
    const struct rs_rule *by[RS_RULES_BY_MAX]; /* the first of those that make it so */
    size_t by_count;
};

/* Say whether TCP to a port gets through from (or to) all of a block. */
void rs_rules_judge(const struct rs_rules *rules, unsigned port, const struct rs_cidr *block,
                    struct rs_rules_judgement *out);

/* Append "sg-0a: tcp 5439 from 10.0.0.0/8 (office)". */
void rs_rule_text(const struct rs_rule *rule, enum rs_rules_direction direction,
                  struct rs_strbuf *out);

/* What a network ACL is asked: TCP between the ports of the subnet's side or the other's. */
struct rs_acl_question {
    bool egress;
    unsigned from_port;
    unsigned to_port;
    struct rs_cidr block;
};

/*
 * Say whether all of it gets through. *by is the entry that stands against it (of several the
 * first that is met), or NULL where none does or none matches.
 */
bool rs_acl_allows(const struct rs_network_acl *acl, const struct rs_acl_question *question,
                   const struct rs_acl_entry **by);

/* The route that a packet to all of the block takes; NULL: there is none. */
const struct rs_route *rs_route_find(const struct rs_route_table *table,
                                     const struct rs_cidr *block);

/* The table of a subnet: its own, or the VPC's main one; NULL: neither is there. */
const struct rs_route_table *rs_route_table_find(const struct rs_route_tables *tables,
                                                 const char *subnet_id);

#endif
