/* The port. All addresses of all hosts are tried at once, so that one that is dead costs the others
 * nothing. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "check/engine/shell_quote.h"
#include "check/network/network_advice.h"
#include "check/network/network_facts.h"

/* Open the tunnel and take its end here for the server. */
static bool go_through_bastion(struct rs_check_run *run, struct rs_check_network_facts *facts,
                               struct rs_check_result *out)
{
    struct rs_error err = {0};
    struct rs_endpoint end = {0};
    if (rs_check_network_is_asked_of_aws(run)) {
        rs_connect_use_place(run->connect, facts->hosts[0].name, facts->hosts[0].port);
    }
    if (!rs_connect_tunnel(run->connect, &end, &err)) {
        rs_check_say_error(out, RS_CHECK_FAIL, &err);
        rs_check_why(out, "The database is reached through the bastion alone, and the tunnel "
                          "there does not open.");
        rs_check_command(out, "ssh -v %s true", rs_check_quote(out, run->options->connect.ssh));
        return false;
    }
    rs_check_network_renew_limit(run, facts);
    (void)rs_probe_resolve(&facts->limit, end.address, (unsigned)strtoul(end.port, NULL, 10), 0,
                           &facts->addresses);
    rs_endpoint_release(&end);
    return true;
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
        rs_check_network_advise_ssh(run, out);
    }
    say_states(facts, out);
}
