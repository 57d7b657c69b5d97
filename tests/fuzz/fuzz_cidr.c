/*
 * What "aws ec2 describe-security-groups" prints, or a block of addresses: any bytes are read or
 * refused, and judging keeps to what blocks are: a rule for the world lets in all, one that lets a
 * block in lets its halves in, and two halves that are let in are a block that is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "check/aws/vpc_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Text that is a block is written in a form that is the same block. */
static void check_block(struct rs_str text)
{
    struct rs_cidr block = {.prefix = 0};
    struct rs_cidr again;
    char form[RS_CIDR_TEXT_MAX];

    if (!rs_cidr_parse(text, &block)) {
        return;
    }
    rs_cidr_format(&block, form);
    claim(rs_cidr_parse(rs_str_from(form), &again));
    claim(rs_cidr_covers(&block, &again) && rs_cidr_covers(&again, &block));
    claim(rs_cidr_joined(&block, &again, 1));
    if (rs_cidr_is_split(&block)) {
        struct rs_cidr halves[2];
        rs_cidr_split(&block, halves);
        claim(rs_cidr_joined(&block, halves, 2) && !rs_cidr_joined(&block, halves, 1));
        claim(!rs_cidr_overlaps(&halves[0], &halves[1]));
    }
}

static enum rs_rules_answer judge(const struct rs_rules *rules, const struct rs_cidr *block)
{
    struct rs_rules_judgement judgement;
    rs_rules_judge(rules, 5439, block, &judgement);
    claim(judgement.by_count <= RS_RULES_BY_MAX);
    claim(judgement.answer != RS_RULES_OPEN || judgement.by_count > 0);
    return judgement.answer;
}

static void check_rules(const struct rs_rules *rules)
{
    struct rs_cidr block = RS_CIDR_WORLD_V4;
    const bool world = judge(rules, &block) == RS_RULES_OPEN;

    for (unsigned depth = 0; depth < 32; depth++) {
        struct rs_cidr halves[2];
        rs_cidr_split(&block, halves);
        const bool one = judge(rules, &halves[0]) == RS_RULES_OPEN;
        const bool other = judge(rules, &halves[1]) == RS_RULES_OPEN;
        claim((judge(rules, &block) == RS_RULES_OPEN) == (one && other));
        claim(!world || (one && other));
        block = halves[depth % 2];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rs_str text = {(const char *)data, size};
    struct rs_security_groups groups = RS_SECURITY_GROUPS_INIT;
    struct rs_rules rules = RS_RULES_INIT;
    struct rs_strbuf words = RS_STRBUF_INIT(4096);
    struct rs_error err = {0};
    bool ok = true;

    check_block(text);
    claim(rs_security_groups_read(text, &groups, &err) == (err.code == RS_OK));
    for (size_t i = 0; i < groups.count && ok; i++) {
        struct rs_error why = {0};
        ok = rs_rules_add(&rules, &groups.items[i], RS_RULES_INBOUND, &why);
        claim(ok == (why.code == RS_OK));
    }
    for (size_t i = 0; i < rules.count; i++) {
        rs_rule_text(&rules.items[i], RS_RULES_INBOUND, &words);
    }
    check_rules(&rules);
    rs_strbuf_release(&words);
    rs_rules_release(&rules);
    rs_security_groups_release(&groups);
    return 0;
}
