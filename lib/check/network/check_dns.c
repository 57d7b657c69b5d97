/*
 * Name and port. All addresses of all hosts are tried at once, so that one that is dead costs the
 * others nothing; a private address is tried while its name is judged, because only that tells
 * whether this machine is inside.
 */
#include "check/network/check_net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "check/aws/check_aws.h"
#include "check/engine/shell_quote.h"
#include "check/network/network_facts.h"

enum { TEXT_MAX = 900, PORT_DEFAULT_POSTGRESQL = 5432 };

/* ---- Where it leads ------------------------------------------------------------------------- */

/* The n-th of a list with commas; the last where there are fewer. */
static struct rs_str item_of(const char *list, size_t n)
{
    struct rs_str rest = rs_str_from(list);
    size_t comma = 0;
    while (n-- > 0 && (comma = rs_str_find_byte(rest, ',')) != SIZE_MAX) {
        rest = rs_str_slice(rest, comma + 1, rest.length);
    }
    return rs_str_trim(rs_str_slice(rest, 0, rs_str_find_byte(rest, ',')));
}

static size_t count_items(const char *list)
{
    size_t count = 1;
    for (; *list; list++) {
        count += *list == ',' ? 1 : 0;
    }
    return count;
}

/* Where libpq looks for a server when nobody names one. */
static const char *socket_folder(void)
{
    struct stat folder;
    return stat("/var/run/postgresql", &folder) == 0 ? "/var/run/postgresql" : "/tmp";
}

static bool is_asked_of_aws(const struct rs_check_run *run)
{
    return run->endpoint.host[0] == '\0' && run->offered & RS_CHECK_WANT_AWS;
}

static unsigned port_of(const struct rs_check_run *run, size_t n)
{
    uint64_t port = 0;
    const char *ports = run->endpoint.port ? run->endpoint.port : "";
    if (run->options->port > 0 || is_asked_of_aws(run)) {
        return rs_check_port(run);
    }
    if (rs_str_parse_u64(item_of(ports, n), 1, UINT16_MAX, &port)) {
        return (unsigned)port;
    }
    return run->endpoint.redshift ? rs_check_port(run) : PORT_DEFAULT_POSTGRESQL;
}

static void find_hosts(const struct rs_check_run *run, struct rs_check_network_facts *facts)
{
    const bool aws = is_asked_of_aws(run);
    const char *hosts = aws ? rs_check_aws_host(run) : run->endpoint.host;
    const char *addresses = aws ? hosts : run->endpoint.address;
    size_t count = aws ? *hosts != '\0' : count_items(addresses);
    count = count < RS_CHECK_NETWORK_HOSTS_MAX ? count : RS_CHECK_NETWORK_HOSTS_MAX;
    for (size_t i = 0; i < count; i++) {
        struct rs_str address = item_of(addresses, i);
        struct rs_str host = item_of(hosts, i);
        if (address.length == 0) {
            address = host.length > 0 ? host : rs_str_from(socket_folder());
        }
        facts->hosts[i] = (struct rs_check_network_host){
            .name = rs_arena_copy(&facts->arena, host.length > 0 ? host : address).data,
            .address = rs_arena_copy(&facts->arena, address).data,
            .port = port_of(run, i),
        };
    }
    facts->host_count = count;
}

/* The timeout begins anew when AWS or a bastion had to be waited for. */
static void renew_limit(const struct rs_check_run *run, struct rs_check_network_facts *facts)
{
    facts->limit.deadline_us =
        run->env->monotonic_us(run->env) + run->options->timeout_ms * INT64_C(1000);
}

static struct rs_check_network_facts *new_facts(const struct rs_check_run *run)
{
    struct rs_check_network_facts *facts = rs_mem_zalloc(1, sizeof *facts);
    const int64_t allowed_us = rs_check_left_ms(run) * INT64_C(1000);
    facts->limit.env = run->env;
    facts->limit.deadline_us = run->env->monotonic_us(run->env) + allowed_us;
    facts->arena = RS_ARENA_INIT;
    facts->addresses = RS_PROBE_ADDRESSES_INIT;
    facts->user = run->endpoint.user ? run->endpoint.user : "";
    facts->database = run->endpoint.dbname ? run->endpoint.dbname : "";
    facts->through_bastion = run->options->connect.ssh != NULL;
    if (is_asked_of_aws(run)) {
        renew_limit(run, facts);
    }
    find_hosts(run, facts);
    return facts;
}

const struct rs_check_network_host *
rs_check_network_host(const struct rs_check_network_facts *facts)
{
    return &facts->hosts[facts->open ? facts->open->host : 0];
}

void rs_check_network_connect(struct rs_check_network_facts *facts)
{
    if (facts->tried) {
        return;
    }
    facts->tried = true;
    if (rs_probe_connect(&facts->limit, &facts->addresses)) {
        for (size_t i = 0; !facts->open; i++) {
            facts->open = facts->addresses.items[i].state == RS_PROBE_OPEN
                              ? &facts->addresses.items[i]
                              : NULL;
        }
    }
}

void rs_check_network_free(struct rs_check_network_facts *facts)
{
    if (facts) {
        rs_check_network_join(&facts->plain);
        rs_check_network_join(&facts->path);
        rs_probe_close(&facts->addresses);
        rs_arena_release(&facts->arena);
        rs_mem_free(facts);
    }
}

/* ---- The name ------------------------------------------------------------------------------- */

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
    struct rs_check_network_facts *facts = new_facts(run);
    run->network = facts;
    if (facts->host_count == 0) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "AWS did not say where the database listens");
        rs_check_step(out, "name its host in the connection: -d host=NAME");
        if (!rs_check_held(run, RS_CHECK_CLUSTER)) {
            out->skipped = rs_checks[RS_CHECK_CLUSTER].name;
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

/* ---- The port ------------------------------------------------------------------------------- */

/* Open the tunnel and take its end here for the server. */
static bool go_through_bastion(struct rs_check_run *run, struct rs_check_network_facts *facts,
                               struct rs_check_result *out)
{
    struct rs_error err = {0};
    struct rs_endpoint end = {0};
    if (is_asked_of_aws(run)) {
        rs_connect_use_place(run->connect, facts->hosts[0].name, facts->hosts[0].port);
    }
    if (!rs_connect_tunnel(run->connect, &end, &err)) {
        rs_check_say_error(out, RS_CHECK_FAIL, &err);
        rs_check_why(out, "The database is reached through the bastion alone, and the tunnel "
                          "there does not open.");
        rs_check_command(out, "ssh -v %s true", rs_check_quote(out, run->options->connect.ssh));
        return false;
    }
    renew_limit(run, facts);
    (void)rs_probe_resolve(&facts->limit, end.address, (unsigned)strtoul(end.port, NULL, 10), 0,
                           &facts->addresses);
    rs_endpoint_release(&end);
    return true;
}

void rs_check_network_add_ssh_error(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_error err = {0};
    if (run->network->through_bastion) {
        (void)rs_error_set(&err, RS_E_NET, "the connection is one through a bastion");
        rs_connect_explain(run->connect, &err);
        rs_check_detail(out, "%s", err.message);
        if (err.hint[0]) {
            rs_check_step(out, "%s", err.hint);
        }
    }
}

/* Of what went wrong the most telling: an answer more than none, a way more than no way. */
static const enum rs_probe_state telling[] = {
    RS_PROBE_RESET,     RS_PROBE_CLOSED,      RS_PROBE_REFUSED, RS_PROBE_FORBIDDEN,
    RS_PROBE_TIMED_OUT, RS_PROBE_UNREACHABLE, RS_PROBE_FAILED,
};

static const struct rs_probe_address *most_telling(const struct rs_probe_addresses *addresses)
{
    for (size_t i = 0; i < RS_COUNTOF(telling); i++) {
        for (size_t j = 0; j < addresses->count; j++) {
            if (addresses->items[j].state == telling[i]) {
                return &addresses->items[j];
            }
        }
    }
    return &addresses->items[0];
}

static const char *const state_texts[] = {
    [RS_PROBE_NOT_TRIED] = "was not tried",
    [RS_PROBE_OPEN] = "is open",
    [RS_PROBE_REFUSED] = "refuses connections",
    [RS_PROBE_TIMED_OUT] = "does not answer: timed out",
    [RS_PROBE_UNREACHABLE] = "is unreachable",
    [RS_PROBE_RESET] = "opens, and is reset at once",
    [RS_PROBE_CLOSED] = "opens, and is closed at once",
    [RS_PROBE_FORBIDDEN] = "may not be connected to from this machine",
    [RS_PROBE_FAILED] = "cannot be connected to",
};

static void say_open(const struct rs_check_network_facts *facts, struct rs_check_result *out)
{
    const struct rs_probe_address *open = facts->open;
    if (open->scope == RS_PROBE_SOCKET) {
        rs_check_say(out, RS_CHECK_PASS, "%s is open", open->text);
    } else if (facts->through_bastion) {
        rs_check_say(out, RS_CHECK_PASS, "the tunnel through the bastion is open");
    } else {
        rs_check_say(out, RS_CHECK_PASS, "%s, port %u: open after %u ms", open->text, open->port,
                     open->ms);
    }
}

static void say_states(const struct rs_check_network_facts *facts, struct rs_check_result *out)
{
    const struct rs_probe_addresses *addresses = &facts->addresses;
    for (size_t i = 0; i < addresses->count && addresses->count > 1; i++) {
        const struct rs_probe_address *address = &addresses->items[i];
        rs_check_detail(out, "%s, port %u: %s after %u ms", address->text, address->port,
                        rs_probe_state_names[address->state], address->ms);
        if (facts->open && address->state == RS_PROBE_TIMED_OUT) {
            rs_check_say(out, RS_CHECK_WARN, "%s, port %u: open, but %s does not answer",
                         facts->open->text, facts->open->port, address->text);
            rs_check_why(out, "A login tries the addresses in turn, and waits for each that does "
                              "not answer.");
            rs_check_step(out,
                          "take the address that is dead out of the name, or name the one "
                          "that works: hostaddr=%s",
                          facts->open->text);
        }
    }
}

void rs_check_tcp(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_check_network_facts *facts = run->network;
    if (facts->through_bastion && !go_through_bastion(run, facts, out)) {
        return;
    }
    rs_check_network_connect(facts);
    if (facts->open) {
        say_open(facts, out);
    } else {
        const struct rs_probe_address *address = most_telling(&facts->addresses);
        if (address->scope == RS_PROBE_SOCKET) {
            const bool gone = access(address->text, F_OK) != 0 && errno == ENOENT;
            rs_check_say(out, RS_CHECK_FAIL, "the socket %s %s", address->text,
                         gone ? "is not there" : state_texts[address->state]);
        } else {
            rs_check_say(out, RS_CHECK_FAIL, "port %u of %s %s", address->port, address->text,
                         state_texts[address->state]);
        }
        rs_check_network_advise_state(run, address->state, out);
        rs_check_network_add_ssh_error(run, out);
    }
    say_states(facts, out);
}
