/*
 * Whom rules let through: security groups as "aws ec2 describe-security-groups" prints them, a case
 * a line, and network ACLs.
 */
#include "check/aws/vpc_rules.h"

#include <stdio.h>
#include <string.h>

#include "rs/str.h"
#include "unit.h"

struct world {
    struct rs_security_groups groups;
    struct rs_rules rules;
    struct rs_error err;
};

/* A group with these permissions, as JSON with ' for ". */
static void begin(struct world *world, const char *permissions)
{
    char json[2048];

    *world = (struct world){.groups = RS_SECURITY_GROUPS_INIT, .rules = RS_RULES_INIT};
    (void)snprintf(json, sizeof json,
                   "{'SecurityGroups': [{'GroupId': 'sg-1', 'GroupName': 'shop', 'IpPermissions': "
                   "[%s]}]}",
                   permissions);
    for (char *c = json; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    if (!rs_security_groups_read(rs_str_from(json), &world->groups, &world->err)) {
        fail_msg("%s", world->err.message);
    }
}

static void add(struct world *world)
{
    for (size_t i = 0; i < world->groups.count; i++) {
        if (!rs_rules_add(&world->rules, &world->groups.items[i], RS_RULES_INBOUND, &world->err)) {
            fail_msg("%s", world->err.message);
        }
    }
}

static void end(struct world *world)
{
    rs_rules_release(&world->rules);
    rs_security_groups_release(&world->groups);
}

static struct rs_rules_judgement judge(const struct world *world, unsigned port, const char *text)
{
    struct rs_rules_judgement judgement;
    struct rs_cidr block;

    assert_true(rs_cidr_parse(rs_str_from(text), &block));
    rs_rules_judge(&world->rules, port, &block, &judgement);
    return judgement;
}

#define TCP(from, to, rest)                                                                        \
    "{'IpProtocol': 'tcp', 'FromPort': " #from ", 'ToPort': " #to ", " rest "}"
#define RANGE(cidr) "'IpRanges': [{'CidrIp': '" cidr "'}]"

static const struct {
    const char *label;
    const char *permissions;
    const char *block;
    enum rs_rules_answer answer;
    size_t by;
} rule_cases[] = {
    {"no rules", "", "1.2.3.4", RS_RULES_SHUT, 0},
    {"the block itself", TCP(5439, 5439, RANGE("1.2.3.0/24")), "1.2.3.0/24", RS_RULES_OPEN, 1},
    {"a larger one", TCP(5439, 5439, RANGE("1.0.0.0/8")), "1.2.3.0/24", RS_RULES_OPEN, 1},
    {"a smaller one", TCP(5439, 5439, RANGE("1.2.3.0/25")), "1.2.3.0/24", RS_RULES_SHUT, 1},
    {"two halves", TCP(5439, 5439, RANGE("1.2.3.0/25")) "," TCP(5000, 6000, RANGE("1.2.3.128/25")),
     "1.2.3.0/24", RS_RULES_OPEN, 2},
    {"one that covers it, and a half",
     TCP(5439, 5439, RANGE("1.2.3.0/25")) "," TCP(5439, 5439, RANGE("1.2.0.0/16")), "1.2.3.0/24",
     RS_RULES_OPEN, 1},
    {"first port of the range", TCP(5439, 6000, RANGE("0.0.0.0/0")), "1.2.3.4", RS_RULES_OPEN, 1},
    {"last port of the range", TCP(1, 5439, RANGE("0.0.0.0/0")), "1.2.3.4", RS_RULES_OPEN, 1},
    {"beside the range", TCP(5440, 6000, RANGE("0.0.0.0/0")), "1.2.3.4", RS_RULES_SHUT, 0},
    {"before the range", TCP(0, 5438, RANGE("0.0.0.0/0")), "1.2.3.4", RS_RULES_SHUT, 0},
    {"all ports", TCP(0, 65535, RANGE("0.0.0.0/0")), "1.2.3.4", RS_RULES_OPEN, 1},
    {"all traffic has no ports", "{'IpProtocol': '-1', " RANGE("1.2.3.4/32") "}", "1.2.3.4",
     RS_RULES_OPEN, 1},
    {"a number for TCP",
     "{'IpProtocol': '6', 'FromPort': 5439, 'ToPort': 5439, " RANGE("1.2.3.4/32") "}", "1.2.3.4",
     RS_RULES_OPEN, 1},
    {"UDP", "{'IpProtocol': 'udp', 'FromPort': 5439, 'ToPort': 5439, " RANGE("1.2.3.4/32") "}",
     "1.2.3.4", RS_RULES_SHUT, 0},
    {"ICMP", "{'IpProtocol': 'icmp', 'FromPort': -1, 'ToPort': -1, " RANGE("0.0.0.0/0") "}",
     "1.2.3.4", RS_RULES_SHUT, 0},
    {"IPv6", TCP(5439, 5439, "'Ipv6Ranges': [{'CidrIpv6': '2001:db8::/32'}]"), "2001:db8:7::/48",
     RS_RULES_OPEN, 1},
    {"IPv6's world is not IPv4's", TCP(5439, 5439, "'Ipv6Ranges': [{'CidrIpv6': '::/0'}]"),
     "1.2.3.4", RS_RULES_SHUT, 0},
    {"a group has private addresses", TCP(5439, 5439, "'UserIdGroupPairs': [{'GroupId': 'sg-2'}]"),
     "10.1.2.3", RS_RULES_PERHAPS, 1},
    {"... and none of the internet's", TCP(5439, 5439, "'UserIdGroupPairs': [{'GroupId': 'sg-2'}]"),
     "1.2.3.4", RS_RULES_SHUT, 0},
    {"a list that is not known", TCP(5439, 5439, "'PrefixListIds': [{'PrefixListId': 'pl-1'}]"),
     "1.2.3.4", RS_RULES_PERHAPS, 1},
    {"a list, for another port", TCP(22, 22, "'PrefixListIds': [{'PrefixListId': 'pl-1'}]"),
     "1.2.3.4", RS_RULES_SHUT, 0},
    {"a rule is better than perhaps",
     TCP(5439, 5439, "'PrefixListIds': [{'PrefixListId': 'pl-1'}], " RANGE("1.2.3.4/32")),
     "1.2.3.4", RS_RULES_OPEN, 1},
};

static void test_vpc_rules__a_port_is_let_in_from_a_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(rule_cases); i++) {
        struct world world;
        begin(&world, rule_cases[i].permissions);
        add(&world);
        const struct rs_rules_judgement found = judge(&world, 5439, rule_cases[i].block);
        if (found.answer != rule_cases[i].answer || found.by_count != rule_cases[i].by) {
            fail_msg("%s: %d by %zu", rule_cases[i].label, (int)found.answer, found.by_count);
        }
        end(&world);
    }
}

static void test_vpc_rules__a_prefix_list_stands_for_its_entries(void **state)
{
    static const struct rs_ec2_text entries[] = {{"198.51.100.0/25", "Lyon"},
                                                 {"198.51.100.128/25", "Oslo"}};
    const struct rs_prefix_list list = {entries, RS_COUNTOF(entries), RS_ARENA_INIT};
    const struct rs_prefix_list none = {NULL, 0, RS_ARENA_INIT};
    struct rs_strbuf text = RS_STRBUF_INIT(200);
    struct world world;

    (void)state;
    begin(&world, TCP(5439, 5439,
                      "'PrefixListIds': [{'PrefixListId': 'pl-1'}, {'PrefixListId': "
                      "'pl-2'}]") "," TCP(22, 22, RANGE("9.9.9.9/32")));
    add(&world);
    assert_string_equal(rs_rules_unknown_list(&world.rules, 5439), "pl-1");
    assert_null(rs_rules_unknown_list(&world.rules, 22));
    assert_true(rs_rules_expand(&world.rules, "pl-1", &list, &world.err));
    const struct rs_rules_judgement found = judge(&world, 5439, "198.51.100.0/24");
    assert_int_equal(found.answer, RS_RULES_OPEN);
    assert_int_equal(found.by_count, 2);
    rs_rule_text(found.by[1], RS_RULES_INBOUND, &text);
    assert_string_equal(rs_strbuf_cstr(&text),
                        "sg-1: tcp 5439 from 198.51.100.128/25 of pl-1 (Oslo)");
    assert_string_equal(rs_rules_unknown_list(&world.rules, 5439), "pl-2");
    assert_int_equal(judge(&world, 5439, "8.8.8.8").answer, RS_RULES_PERHAPS);
    assert_true(rs_rules_expand(&world.rules, "pl-2", &none, &world.err));
    assert_null(rs_rules_unknown_list(&world.rules, 5439));
    assert_int_equal(judge(&world, 5439, "8.8.8.8").answer, RS_RULES_SHUT);
    assert_int_equal(judge(&world, 22, "9.9.9.9").answer, RS_RULES_OPEN);
    rs_strbuf_release(&text);
    end(&world);
}

static void test_vpc_rules__a_rule_is_told_in_words(void **state)
{
    static const struct {
        const char *permissions;
        const char *text;
    } cases[] = {
        {TCP(5000, 6000, RANGE("10.0.0.0/8")), "sg-1: tcp 5000-6000 from 10.0.0.0/8"},
        {"{'IpProtocol': '-1', " RANGE("0.0.0.0/0") "}", "sg-1: all traffic from 0.0.0.0/0"},
        {TCP(1, 1, "'UserIdGroupPairs': [{'GroupId': 'sg-2', 'Description': 'web'}]"),
         "sg-1: tcp 1 from members of sg-2 (web)"},
        {TCP(1, 1, "'PrefixListIds': [{'PrefixListId': 'pl-1'}]"),
         "sg-1: tcp 1 from prefix list pl-1"},
        {TCP(1, 1, "'IpRanges': [{'CidrIp': '1.1.1.1/32', 'Description': 'a\\u001b[2Jb'}]"),
         "sg-1: tcp 1 from 1.1.1.1/32 (a?[2Jb)"},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf text = RS_STRBUF_INIT(200);
        struct world world;
        begin(&world, cases[i].permissions);
        add(&world);
        rs_rule_text(&world.rules.items[0], RS_RULES_INBOUND, &text);
        assert_string_equal(rs_strbuf_cstr(&text), cases[i].text);
        rs_strbuf_release(&text);
        end(&world);
    }
}

static void test_vpc_rules__what_is_no_block_is_an_error(void **state)
{
    struct world world;

    (void)state;
    begin(&world, TCP(5439, 5439, RANGE("10.0.0.0/99")));
    assert_false(rs_rules_add(&world.rules, &world.groups.items[0], RS_RULES_INBOUND, &world.err));
    assert_string_equal(world.err.message, "could not judge security group \"sg-1\": "
                                           "\"10.0.0.0/99\" is no block of addresses");
    end(&world);
}

static void test_vpc_rules__groups_are_read_in_three_forms(void **state)
{
    static const struct {
        const char *json;
        size_t count;
        const char *error;
        const char *hint;
    } cases[] = {
        {"{\"SecurityGroups\": [{\"GroupId\": \"a\"}, {\"GroupId\": \"b\"}]}", 2, "", ""},
        {"[{\"GroupId\": \"a\", \"IpPermissions\": []}]", 1, "", ""},
        {"{\"GroupId\": \"a\", \"IpPermissions\": []}", 1, "", ""},
        {"{\"SecurityGroups\": []}", 0, "could not read the security groups: the list is empty",
         "aws ec2 describe-security-groups prints"},
        {"{}", 0, "could not read the security groups: there is no list \"SecurityGroups\"",
         "aws ec2 describe-security-groups prints"},
        {"7", 0, "could not read the security groups: there is no list \"SecurityGroups\"",
         "aws ec2 describe-security-groups prints"},
        {"{\"SecurityGroups\": {}}", 0,
         "could not read the security groups: there is no list \"SecurityGroups\"",
         "aws ec2 describe-security-groups prints"},
        {"{", 0, "could not read \"the security groups\": line 1",
         "aws ec2 describe-security-groups prints"},
        {" \n", 0, "could not read the security groups: it is empty",
         "aws ec2 describe-security-groups prints"},
        {"{\"SecurityGroupRules\": []}", 0, "could not read the security groups: there is no list",
         "this is of describe-security-group-rules"},
        {"{\"format_version\": \"1.2\"}", 0, "could not read the security groups: there is no list",
         "this is Terraform's"},
        {"[{\"IpPermissions\": [{\"FromPort\": null, \"ToPort\": 5439}]}]", 1, "", ""},
        {"[{\"IpPermissions\": [{\"FromPort\": \"5439\", \"ToPort\": 5439}]}]", 1,
         "could not read the security groups: a port is no number",
         "aws ec2 describe-security-groups prints"},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_security_groups groups = RS_SECURITY_GROUPS_INIT;
        struct rs_error err = {0};
        const bool ok = rs_security_groups_read(rs_str_from(cases[i].json), &groups, &err);
        assert_int_equal(groups.count, cases[i].count);
        if (ok != (cases[i].error[0] == '\0') ||
            strncmp(err.message, cases[i].error, strlen(cases[i].error)) != 0 ||
            strncmp(err.hint, cases[i].hint, strlen(cases[i].hint)) != 0) {
            fail_msg("%s: %s: %s", cases[i].json, err.message, err.hint);
        }
        rs_security_groups_release(&groups);
    }
}

/* ---- Network ACLs ---- */

#define ENTRY(n, proto, act, out, cidr, from, to)                                                  \
    {                                                                                              \
        .number = (n), .protocol = (proto), .action = (act), .egress = (out), .block = (cidr),     \
        .v6_block = "", .from_port = (from), .to_port = (to)                                       \
    }
#define LAST(out) ENTRY(32767, "-1", "deny", out, "0.0.0.0/0", 0, 0)

static const struct {
    const char *label;
    struct rs_acl_entry entries[5]; /* to the first without a number */
    const char *block;              /* NULL: 1.2.3.0/24 */
    unsigned from;                  /* 0: port 5439 alone */
    unsigned to;
    bool allows;
    unsigned by; /* 0: none */
} acl_cases[] = {
    {"all is allowed",
     {ENTRY(100, "-1", "allow", false, "0.0.0.0/0", 0, 0), LAST(false)},
     .allows = true},
    {"nothing matches but the last", {LAST(false)}, .by = 32767},
    {"there is nothing", {LAST(true)}, .by = 0},
    {"a deny before it, in any order",
     {ENTRY(100, "6", "allow", false, "0.0.0.0/0", 0, 65535),
      ENTRY(90, "6", "deny", false, "1.2.0.0/16", 5000, 6000), LAST(false)},
     .by = 90},
    {"a deny behind it",
     {ENTRY(110, "-1", "deny", false, "0.0.0.0/0", 0, 0),
      ENTRY(100, "6", "allow", false, "1.2.3.0/24", 5439, 5439)},
     .allows = true},
    {"a deny of a part of the block",
     {ENTRY(90, "6", "deny", false, "1.2.3.77/32", 5439, 5439),
      ENTRY(100, "-1", "allow", false, "0.0.0.0/0", 0, 0)},
     .by = 90},
    {"a deny beside the block",
     {ENTRY(90, "6", "deny", false, "1.2.4.0/24", 5439, 5439),
      ENTRY(100, "-1", "allow", false, "0.0.0.0/0", 0, 0)},
     .allows = true},
    {"a deny of another port",
     {ENTRY(90, "6", "deny", false, "0.0.0.0/0", 5440, 65535),
      ENTRY(100, "-1", "allow", false, "0.0.0.0/0", 0, 0)},
     .allows = true},
    {"a deny of one port of many",
     {ENTRY(90, "6", "deny", false, "0.0.0.0/0", 3389, 3389),
      ENTRY(100, "-1", "allow", false, "0.0.0.0/0", 0, 0)},
     .by = 90,
     .from = 1024,
     .to = 65535},
    {"ports of two entries",
     {ENTRY(100, "6", "allow", false, "0.0.0.0/0", 1024, 32767),
      ENTRY(110, "6", "allow", false, "0.0.0.0/0", 32768, 65535), LAST(false)},
     .allows = true,
     .from = 1024,
     .to = 65535},
    {"a gap of one port",
     {ENTRY(100, "6", "allow", false, "0.0.0.0/0", 1024, 32766),
      ENTRY(110, "6", "allow", false, "0.0.0.0/0", 32768, 65535), LAST(false)},
     .by = 32767,
     .from = 1024,
     .to = 65535},
    {"blocks of two entries",
     {ENTRY(100, "6", "allow", false, "1.2.3.128/25", 0, 65535),
      ENTRY(110, "6", "allow", false, "1.2.3.0/25", 0, 65535), LAST(false)},
     .allows = true},
    {"UDP is something else",
     {ENTRY(90, "17", "deny", false, "0.0.0.0/0", 0, 65535),
      ENTRY(100, "6", "allow", false, "0.0.0.0/0", 0, 65535)},
     .allows = true},
    {"the other way is something else",
     {ENTRY(90, "-1", "deny", true, "0.0.0.0/0", 0, 0),
      ENTRY(100, "6", "allow", false, "0.0.0.0/0", 0, 65535)},
     .allows = true},
    {"IPv4 entries are not for IPv6",
     {ENTRY(100, "-1", "allow", false, "0.0.0.0/0", 0, 0)},
     .by = 0,
     .block = "2001:db8::/32"},
};

static void test_vpc_rules__in_an_acl_the_lowest_number_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(acl_cases); i++) {
        size_t count = 0;
        while (acl_cases[i].entries[count].number > 0) {
            count++;
        }
        const struct rs_network_acl acl = {.id = "acl-1", .entries = {acl_cases[i].entries, count}};
        const bool ports = acl_cases[i].from > 0;
        const char *block = acl_cases[i].block ? acl_cases[i].block : "1.2.3.0/24";
        struct rs_acl_question question = {false, ports ? acl_cases[i].from : 5439,
                                           ports ? acl_cases[i].to : 5439, RS_CIDR_WORLD_V4};
        const struct rs_acl_entry *by = NULL;
        assert_true(rs_cidr_parse(rs_str_from(block), &question.block));
        const bool allows = rs_acl_allows(&acl, &question, &by);
        if (allows != acl_cases[i].allows || (by ? by->number : 0) != acl_cases[i].by) {
            fail_msg("%s: %d by %u", acl_cases[i].label, (int)allows, by ? by->number : 0);
        }
    }
}

/* ---- Routes ---- */

#define ROUTE(to, by)                                                                              \
    {                                                                                              \
        .block = (to), .v6_block = "", .prefix_list = "", .gateway = (by), .state = "active"       \
    }

static void test_vpc_rules__the_longest_prefix_is_the_route(void **state)
{
    static const struct rs_route routes[] = {ROUTE("0.0.0.0/0", "igw-1"),
                                             ROUTE("10.0.0.0/16", "local"),
                                             ROUTE("10.0.0.0/8", "vgw-1"), ROUTE("", "vpce-1")};
    static const struct rs_route_association of_subnet[] = {{"subnet-1", false}};
    static const struct rs_route_association of_vpc[] = {{"", true}};
    const struct rs_route_table items[] = {
        {.id = "rtb-main", .associations = {of_vpc, 1}},
        {.id = "rtb-1", .routes = {routes, RS_COUNTOF(routes)}, .associations = {of_subnet, 1}}};
    const struct rs_route_tables tables = {items, RS_COUNTOF(items), RS_ARENA_INIT};
    static const struct {
        const char *block;
        const char *by;
    } cases[] = {{"10.0.7.7", "local"}, {"10.0.0.0/16", "local"}, {"10.0.0.0/15", "vgw-1"},
                 {"8.8.8.8", "igw-1"},  {"0.0.0.0/0", "igw-1"},   {"2001:db8::1", ""}};

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_cidr block;
        assert_true(rs_cidr_parse(rs_str_from(cases[i].block), &block));
        const struct rs_route *route = rs_route_find(&items[1], &block);
        assert_string_equal(route ? route->gateway : "", cases[i].by);
    }
    assert_string_equal(rs_route_table_find(&tables, "subnet-1")->id, "rtb-1");
    assert_string_equal(rs_route_table_find(&tables, "subnet-2")->id, "rtb-main");
    const struct rs_route_tables none = {NULL, 0, RS_ARENA_INIT};
    assert_null(rs_route_table_find(&none, "subnet-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vpc_rules__a_port_is_let_in_from_a_block),
        cmocka_unit_test(test_vpc_rules__a_prefix_list_stands_for_its_entries),
        cmocka_unit_test(test_vpc_rules__a_rule_is_told_in_words),
        cmocka_unit_test(test_vpc_rules__what_is_no_block_is_an_error),
        cmocka_unit_test(test_vpc_rules__groups_are_read_in_three_forms),
        cmocka_unit_test(test_vpc_rules__in_an_acl_the_lowest_number_decides),
        cmocka_unit_test(test_vpc_rules__the_longest_prefix_is_the_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
