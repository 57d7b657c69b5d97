/*
 * The name. A private address is tried while its name is judged, because only that tells whether
 * this machine is inside.
 */
#include <string.h>

#include "check/engine/shell_quote.h"
#include "check/network/network_advice.h"
#include "check/network/network_facts.h"

enum { TEXT_MAX = 900 };

static void list_addresses(const struct rs_probe_addresses *addresses, size_t tag,
                           struct rs_strbuf *out)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->items[i].host == tag) {
            rs_strbuf_append(out, out->length > 0 ? ", " : "");
            rs_strbuf_append(out, addresses->items[i].text);
        }
    }
}

static const char *const lookup_failures[] = {
    [RS_PROBE_FOUND] = "it has an address",
    [RS_PROBE_NO_SUCH_NAME] = "there is no such name",
    [RS_PROBE_NO_ADDRESS] = "the name is there, but has no address",
    [RS_PROBE_NO_RESOLVER] = "no name server gives an answer",
    [RS_PROBE_LOOKUP_TIMED_OUT] = "the resolver did not answer in time",
    [RS_PROBE_LOOKUP_FAILED] = "the resolver failed",
};

static void say_lookup(const struct rs_check_run *run, struct rs_check_result *out,
                       const struct rs_check_network_host *host, enum rs_probe_lookup lookup)
{
    rs_check_say(out, RS_CHECK_FAIL, "could not find an address of \"%s\": %s", host->address,
                 lookup_failures[lookup]);
    if (lookup == RS_PROBE_NO_SUCH_NAME || lookup == RS_PROBE_NO_ADDRESS) {
        rs_check_why(out, "A name that does not exist is a typing error, or that of a cluster that "
                          "was deleted, renamed or moved; a private zone answers inside of its "
                          "VPC alone.");
        rs_check_network_advise_lookup(run, out);
    } else {
        rs_check_why(out, "Without an answer of a name server nothing is known about the database "
                          "itself: it is this machine's resolver that does not work.");
        rs_check_step(out, "check the name servers of this machine (/etc/resolv.conf), the VPN, "
                           "and that UDP and TCP port 53 are let out");
        rs_check_command(out, "getent ahosts %s", rs_check_quote(out, host->address));
    }
}

/* What an address is, in the details. */
static void detail_addresses(const struct rs_probe_addresses *addresses,
                             struct rs_check_result *out)
{
    static const char *const scopes[] = {
        [RS_PROBE_PUBLIC] = "public",     [RS_PROBE_PRIVATE] = "private",
        [RS_PROBE_LINK] = "of this link", [RS_PROBE_LOOPBACK] = "this machine",
        [RS_PROBE_SOCKET] = "a socket",
    };
    for (size_t i = 0; i < addresses->count; i++) {
        const struct rs_probe_address *address = &addresses->items[i];
        if (address->scope != RS_PROBE_SOCKET) {
            rs_check_detail(out, "%s: %s, %s", address->text,
                            address->socket.ss_family == AF_INET6 ? "AAAA" : "A",
                            scopes[address->scope]);
        }
    }
}

/* Something said no: it is there, whatever is wrong with it. */
static bool is_heard_of(const struct rs_probe_addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++) {
        const enum rs_probe_state state = addresses->items[i].state;
        if (state != RS_PROBE_TIMED_OUT && state != RS_PROBE_UNREACHABLE) {
            return true;
        }
    }
    return false;
}

/* Private, and not to be reached from here: the finding is the name's as much as the port's. */
static void judge_private(const struct rs_check_run *run, struct rs_check_network_facts *facts,
                          struct rs_check_result *out)
{
    const struct rs_probe_addresses *addresses = &facts->addresses;
    size_t others = 0;
    for (size_t i = 0; i < addresses->count; i++) {
        others += addresses->items[i].scope != RS_PROBE_PRIVATE ? 1 : 0;
    }
    if (addresses->count == 0 || others > 0) {
        return;
    }
    rs_check_network_connect(facts);
    if (facts->open || is_heard_of(addresses)) {
        rs_check_detail(out, "private, and reached: this machine is inside, or has a way in");
        return;
    }
    rs_check_say(out, RS_CHECK_WARN,
                 "\"%s\" has a private address, %s, that is not reached from here",
                 facts->hosts[0].name, addresses->items[0].text);
    rs_check_why(out, "A private address leads to the database from inside of its VPC alone, or "
                      "over a VPN, a peering or a bastion.");
    rs_check_network_advise_private(run, out);
}

static void say_found(const struct rs_check_network_facts *facts, size_t tag, size_t before,
                      struct rs_check_result *out)
{
    const struct rs_check_network_host *host = &facts->hosts[tag];
    struct rs_strbuf list = RS_STRBUF_INIT(TEXT_MAX);
    list_addresses(&facts->addresses, tag, &list);
    if (facts->addresses.count == before) {
        rs_check_say(out, RS_CHECK_WARN, "over %d addresses: those of \"%s\" are not tried",
                     RS_PROBE_ADDRESSES_MAX, host->name);
    } else if (facts->addresses.items[before].scope == RS_PROBE_SOCKET) {
        rs_check_say(out, RS_CHECK_PASS, "no name to look up: the socket %s",
                     rs_strbuf_cstr(&list));
    } else if (strcmp(host->name, host->address) != 0) {
        rs_check_say(out, RS_CHECK_PASS, "%s is given for %s, which is not looked up",
                     rs_strbuf_cstr(&list), host->name);
    } else if (rs_probe_is_address(host->address)) {
        rs_check_say(out, RS_CHECK_PASS, "no name to look up: the address %s", host->address);
    } else {
        rs_check_say(out, RS_CHECK_PASS, "%s: %s", host->name, rs_strbuf_cstr(&list));
    }
    if (facts->addresses.alias_of[0]) {
        rs_check_detail(out, "%s is an alias of %s", host->name, facts->addresses.alias_of);
    }
    rs_strbuf_release(&list);
}

/* A host of several that has no address is not the end. */
static void resolve_all(const struct rs_check_run *run, struct rs_check_network_facts *facts,
                        struct rs_check_result *out)
{
    for (size_t i = 0; i < facts->host_count; i++) {
        const struct rs_check_network_host *host = &facts->hosts[i];
        const size_t before = facts->addresses.count;
        const enum rs_probe_lookup lookup =
            rs_probe_resolve(&facts->limit, host->address, host->port, i, &facts->addresses);
        if (lookup == RS_PROBE_FOUND) {
            say_found(facts, i, before, out);
        } else {
            say_lookup(run, out, host, lookup);
        }
    }
    if (facts->addresses.count > 0 && out->status == RS_CHECK_FAIL) {
        out->status = RS_CHECK_WARN; /* another host of the list may do */
    }
}

void rs_check_dns(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_check_network_facts *facts = rs_check_network_new(run);
    run->network = facts;
    if (facts->host_count == 0) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "AWS did not say where the database listens");
        rs_check_step(out, "name its host in the connection: -d host=NAME");
        if (!rs_check_held(run, RS_CHECK_CLUSTER)) {
            out->skipped = RS_CHECK_CLUSTER;
        }
    } else if (facts->through_bastion) {
        rs_check_say(out, RS_CHECK_PASS, "%s is looked up by the bastion, %s", facts->hosts[0].name,
                     run->options->connect.ssh);
    } else {
        resolve_all(run, facts, out);
        detail_addresses(&facts->addresses, out);
        judge_private(run, facts, out);
    }
}
