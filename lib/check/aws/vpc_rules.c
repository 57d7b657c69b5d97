/*
 * Rules are flattened: one for each block that a permission names, so that to judge is to look at
 * blocks alone. An ACL is asked by cutting the question: an entry that matches a part of it decides
 * that part, and the rest is asked of the entries behind it.
 */
#include "check/aws/vpc_rules.h"

#include <string.h>

#include "base/mem.h"

/* ---- Security groups ---- */

static bool is_tcp(const char *protocol)
{
    return strcmp(protocol, "tcp") == 0 || strcmp(protocol, "6") == 0 ||
           strcmp(protocol, "-1") == 0;
}

/* Of a plan, a group may have no id yet. */
static const char *name_of(const struct rs_security_group *group)
{
    return group->id[0] != '\0' ? group->id : group->name;
}

static bool add_rule(struct rs_rules *rules, const struct rs_rule *rule, struct rs_error *err)
{
    if (rules->count >= RS_RULES_MAX) {
        return rs_error_set(err, RS_E_LIMIT, "could not judge the rules: there are more than %d",
                            (int)RS_RULES_MAX);
    }
    rules->items =
        rs_mem_grow(rules->items, &rules->capacity, rules->count + 1, sizeof *rules->items);
    rules->items[rules->count++] = *rule;
    return true;
}

static bool add_blocks(struct rs_rules *rules, struct rs_rule rule,
                       const struct rs_ec2_texts *blocks, struct rs_error *err)
{
    for (size_t i = 0; i < blocks->count; i++) {
        const char *text = blocks->items[i].text;
        if (!rs_cidr_parse(rs_str_from(text), &rule.block)) {
            (void)rs_error_set(err, RS_E_INPUT,
                               "could not judge security group \"%s\": \"%s\" is no block of "
                               "addresses",
                               name_of(rule.group), text);
            return rs_error_hint(err, "a block is an address and a prefix: 203.0.113.0/24");
        }
        rule.description = blocks->items[i].description;
        if (!add_rule(rules, &rule, err)) {
            return false;
        }
    }
    return true;
}

static bool add_peers(struct rs_rules *rules, struct rs_rule rule, enum rs_rule_peer peer,
                      const struct rs_ec2_texts *peers, struct rs_error *err)
{
    rule.peer = peer;
    for (size_t i = 0; i < peers->count; i++) {
        rule.peer_id = peers->items[i].text;
        rule.description = peers->items[i].description;
        if (!add_rule(rules, &rule, err)) {
            return false;
        }
    }
    return true;
}

static bool add_permission(struct rs_rules *rules, const struct rs_security_group *group,
                           const struct rs_ec2_permission *permission, struct rs_error *err)
{
    const bool all = strcmp(permission->protocol, "-1") == 0;
    const struct rs_rule rule = {
        .group = group,
        .protocol = permission->protocol,
        .from_port = all ? 0 : permission->from_port,
        .to_port = all ? RS_PORT_MAX : permission->to_port,
        .peer = RS_RULE_BLOCK,
        .peer_id = "",
        .description = "",
    };
    return add_blocks(rules, rule, &permission->blocks, err) &&
           add_blocks(rules, rule, &permission->v6_blocks, err) &&
           add_peers(rules, rule, RS_RULE_PREFIX_LIST, &permission->prefix_lists, err) &&
           add_peers(rules, rule, RS_RULE_GROUP, &permission->groups, err);
}

bool rs_rules_add(struct rs_rules *rules, const struct rs_security_group *group,
                  enum rs_rules_direction direction, struct rs_error *err)
{
    const bool in = direction == RS_RULES_INBOUND;
    const struct rs_ec2_permission *items = in ? group->inbound.items : group->outbound.items;
    const size_t count = in ? group->inbound.count : group->outbound.count;

    for (size_t i = 0; i < count; i++) {
        if (is_tcp(items[i].protocol) && !add_permission(rules, group, &items[i], err)) {
            return false;
        }
    }
    return true;
}

static bool has_port(const struct rs_rule *rule, unsigned port)
{
    return port >= rule->from_port && port <= rule->to_port;
}

const char *rs_rules_unknown_list(const struct rs_rules *rules, unsigned port)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->items[i].peer == RS_RULE_PREFIX_LIST && has_port(&rules->items[i], port)) {
            return rules->items[i].peer_id;
        }
    }
    return NULL;
}

bool rs_rules_expand(struct rs_rules *rules, const char *prefix_list_id,
                     const struct rs_prefix_list *entries, struct rs_error *err)
{
    const struct rs_ec2_texts blocks = {entries->items, entries->count};
    const size_t before = rules->count;
    size_t kept = 0;
    bool ok = true;

    for (size_t i = 0; i < before && ok; i++) {
        struct rs_rule rule = rules->items[i]; /* a copy: the list moves */
        if (rule.peer == RS_RULE_PREFIX_LIST && strcmp(rule.peer_id, prefix_list_id) == 0) {
            rule.peer = RS_RULE_BLOCK;
            ok = add_blocks(rules, rule, &blocks, err);
        }
    }
    for (size_t i = 0; i < rules->count && ok; i++) {
        const struct rs_rule *rule = &rules->items[i];
        if (rule->peer != RS_RULE_PREFIX_LIST || strcmp(rule->peer_id, prefix_list_id) != 0) {
            rules->items[kept++] = *rule;
        }
    }
    rules->count = ok ? kept : rules->count;
    return ok;
}

void rs_rules_release(struct rs_rules *rules)
{
    rs_mem_free(rules->items);
    *rules = RS_RULES_INIT;
}

static void add_reason(struct rs_rules_judgement *out, const struct rs_rule *rule)
{
    if (out->by_count < RS_RULES_BY_MAX) {
        out->by[out->by_count++] = rule;
    }
}

/* Members of a group are met at their private addresses alone. */
static bool may_have(const struct rs_rule *rule, const struct rs_cidr *block)
{
    return rule->peer == RS_RULE_PREFIX_LIST ||
           (rule->peer == RS_RULE_GROUP && rs_cidr_is_private(block));
}

/* One rule that covers it alone, or all that do it together, or those that may. */
static void judge_blocks(const struct rs_rules *rules, unsigned port, const struct rs_cidr *block,
                         struct rs_cidr *touching, struct rs_rules_judgement *out)
{
    size_t count = 0;

    for (size_t i = 0; i < rules->count; i++) {
        const struct rs_rule *rule = &rules->items[i];
        if (!has_port(rule, port) || rule->peer != RS_RULE_BLOCK) {
            continue;
        }
        if (rs_cidr_covers(&rule->block, block)) {
            *out = (struct rs_rules_judgement){.answer = RS_RULES_OPEN};
            add_reason(out, rule);
            return;
        }
        if (rs_cidr_covers(block, &rule->block)) {
            touching[count++] = rule->block;
            add_reason(out, rule);
        }
    }
    if (rs_cidr_joined(block, touching, count)) {
        out->answer = RS_RULES_OPEN;
        return;
    }
    for (size_t i = 0; i < rules->count; i++) {
        const struct rs_rule *rule = &rules->items[i];
        if (has_port(rule, port) && may_have(rule, block)) {
            out->by_count = out->answer == RS_RULES_SHUT ? 0 : out->by_count;
            out->answer = RS_RULES_PERHAPS;
            add_reason(out, rule);
        }
    }
}

void rs_rules_judge(const struct rs_rules *rules, unsigned port, const struct rs_cidr *block,
                    struct rs_rules_judgement *out)
{
    struct rs_cidr *touching = rs_mem_zalloc(rules->count + 1, sizeof *touching);

    *out = (struct rs_rules_judgement){.answer = RS_RULES_SHUT};
    judge_blocks(rules, port, block, touching, out);
    rs_mem_free(touching);
}

/* What others have written, without what a terminal would take for a command. */
static void append_plain(struct rs_strbuf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        rs_strbuf_append_char(out, byte < 0x20 || byte == 0x7F ? '?' : *text);
    }
}

void rs_rule_text(const struct rs_rule *rule, enum rs_rules_direction direction,
                  struct rs_strbuf *out)
{
    char block[RS_CIDR_TEXT_MAX];

    append_plain(out, name_of(rule->group));
    rs_strbuf_append(out, ": ");
    if (strcmp(rule->protocol, "-1") == 0) {
        rs_strbuf_append(out, "all traffic");
    } else if (rule->from_port == rule->to_port) {
        rs_strbuf_printf(out, "tcp %u", rule->from_port);
    } else {
        rs_strbuf_printf(out, "tcp %u-%u", rule->from_port, rule->to_port);
    }
    rs_strbuf_append(out, direction == RS_RULES_INBOUND ? " from " : " to ");
    if (rule->peer == RS_RULE_BLOCK) {
        rs_cidr_format(&rule->block, block);
        rs_strbuf_append(out, block);
        rs_strbuf_append(out, rule->peer_id[0] != '\0' ? " of " : "");
    } else {
        rs_strbuf_append(out, rule->peer == RS_RULE_GROUP ? "members of " : "prefix list ");
    }
    append_plain(out, rule->peer_id);
    if (rule->description[0] != '\0') {
        rs_strbuf_append(out, " (");
        append_plain(out, rule->description);
        rs_strbuf_append(out, ")");
    }
}

/* ---- Network ACLs ---- */

/* What an entry is about; false where it is about something else, or makes no sense. */
static bool read_entry(const struct rs_acl_entry *entry, const struct rs_acl_question *question,
                       struct rs_acl_question *out)
{
    const char *block = question->block.v6 ? entry->v6_block : entry->block;
    const bool all = strcmp(entry->protocol, "-1") == 0;

    out->egress = entry->egress;
    out->from_port = all ? 0 : entry->from_port;
    out->to_port = all ? RS_PORT_MAX : entry->to_port;
    return entry->egress == question->egress && is_tcp(entry->protocol) && block[0] != '\0' &&
           rs_cidr_parse(rs_str_from(block), &out->block) && out->from_port <= question->to_port &&
           out->to_port >= question->from_port && rs_cidr_overlaps(&out->block, &question->block);
}

/* The lowest number above last; NULL at the end. Entries come in any order. */
static const struct rs_acl_entry *next_entry(const struct rs_network_acl *acl,
                                             const struct rs_acl_question *question,
                                             const struct rs_acl_entry *last)
{
    const struct rs_acl_entry *next = NULL;

    for (size_t i = 0; i < acl->entries.count; i++) {
        const struct rs_acl_entry *entry = &acl->entries.items[i];
        if (entry->egress == question->egress && (!last || entry->number > last->number) &&
            (!next || entry->number < next->number)) {
            next = entry;
        }
    }
    return next;
}

static bool is_allowed(const struct rs_network_acl *acl, struct rs_acl_question question,
                       const struct rs_acl_entry *last, const struct rs_acl_entry **by);

/* The entry matches a part of it: ask for what its ports leave over, and for halves of the block. */
static bool is_allowed_in_parts(const struct rs_network_acl *acl,
                                const struct rs_acl_question *question,
                                const struct rs_acl_question *part, const struct rs_acl_entry *last,
                                const struct rs_acl_entry **by)
{
    struct rs_acl_question one = *question;
    struct rs_acl_question other = *question;

    if (question->from_port < part->from_port) {
        one.to_port = part->from_port - 1;
        other.from_port = part->from_port;
    } else if (question->to_port > part->to_port) {
        one.to_port = part->to_port;
        other.from_port = part->to_port + 1;
    } else {
        struct rs_cidr halves[2];
        rs_cidr_split(&question->block, halves);
        one.block = halves[0];
        other.block = halves[1];
    }
    return is_allowed(acl, one, last, by) && is_allowed(acl, other, last, by);
}

static bool is_allowed(const struct rs_network_acl *acl, struct rs_acl_question question,
                       const struct rs_acl_entry *last, const struct rs_acl_entry **by)
{
    const struct rs_acl_entry *entry = last;

    while ((entry = next_entry(acl, &question, entry)) != NULL) {
        struct rs_acl_question part;
        if (!read_entry(entry, &question, &part)) {
            last = entry;
            continue;
        }
        if (part.from_port <= question.from_port && part.to_port >= question.to_port &&
            rs_cidr_covers(&part.block, &question.block)) {
            const bool allow = strcmp(entry->action, "allow") == 0;
            *by = allow ? NULL : entry;
            return allow;
        }
        return is_allowed_in_parts(acl, &question, &part, last, by);
    }
    return false;
}

bool rs_acl_allows(const struct rs_network_acl *acl, const struct rs_acl_question *question,
                   const struct rs_acl_entry **by)
{
    *by = NULL;
    return is_allowed(acl, *question, NULL, by);
}

/* ---- Routes ---- */

const struct rs_route *rs_route_find(const struct rs_route_table *table,
                                     const struct rs_cidr *block)
{
    const struct rs_route *found = NULL;
    unsigned prefix = 0;

    for (size_t i = 0; i < table->routes.count; i++) {
        const struct rs_route *route = &table->routes.items[i];
        const char *text = block->v6 ? route->v6_block : route->block;
        struct rs_cidr to;
        if (text[0] != '\0' && rs_cidr_parse(rs_str_from(text), &to) &&
            rs_cidr_covers(&to, block) && (!found || to.prefix > prefix)) {
            found = route;
            prefix = to.prefix;
        }
    }
    return found;
}

const struct rs_route_table *rs_route_table_find(const struct rs_route_tables *tables,
                                                 const char *subnet_id)
{
    const struct rs_route_table *main = NULL;

    for (size_t i = 0; i < tables->count; i++) {
        const struct rs_route_table *table = &tables->items[i];
        for (size_t j = 0; j < table->associations.count; j++) {
            if (strcmp(table->associations.items[j].subnet_id, subnet_id) == 0) {
                return table;
            }
            main = table->associations.items[j].main ? table : main;
        }
    }
    return main;
}
