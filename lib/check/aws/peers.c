/*
 * Who has to be let in: whom the options name, or this host. Its address is that of the socket that
 * would go there: connecting a datagram socket picks it, and sends nothing. Behind a NAT that is
 * not the one that the cluster sees; then, where AWS is asked anyway, so is the server of AWS that
 * answers with the asker's address.
 */
#include "check/aws/peers.h"

#include <stdio.h>

#include "base/mem.h"
#include "check/aws/aws_facts.h"
#include "check/network/probe.h"
#include "net/http.h"

enum { OWN_MAX_BYTES = 256, PORT = 5439 /* any would do */ };

/* An address that stands for the internet: of a network that is kept for documents. */
static const char somewhere[] = "192.0.2.1";

/* Ask the server that says who asks; true: out is an address. */
static bool ask_outside(struct rs_check_run *run, struct rs_cidr *out)
{
    const struct rs_check_target *target = NULL;
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_error ignored = {0};

    if (!rs_check_asks_aws(run) || !rs_check_aws_target(run, &target, &ignored)) {
        return false;
    }
    const struct rs_service service = rs_check_aws_service(run, "checkip");
    const struct rs_http_request request = {
        .method = "GET",
        .url = service.endpoint ? service.endpoint : "https://checkip.amazonaws.com",
        .max_body_bytes = OWN_MAX_BYTES,
        .limits = service.limits,
    };
    const bool ok =
        rs_http_send(run->aws->http, &request, &reply, &ignored) && reply.status == 200 &&
        rs_cidr_parse(rs_str_trim(rs_strbuf_str(&reply.body)), out) && !rs_cidr_is_split(out);
    rs_http_reply_release(&reply);
    return ok;
}

/* The address of the target, as text: "" when it is not known. */
static const char *find_destination(struct rs_check_run *run)
{
    const struct rs_check_target *target = NULL;
    struct rs_error ignored = {0};

    if (rs_check_asks_aws(run) && rs_check_aws_target(run, &target, &ignored)) {
        const char *known = target->publicly_accessible ? target->public_ip : target->private_ip;
        return *known || !target->publicly_accessible ? known : somewhere;
    }
    return run->endpoint.address && !rs_check_asks_aws(run) ? run->endpoint.address : "";
}

static bool refuse(const char *why, struct rs_error *err)
{
    (void)rs_error_set(err, RS_E_NET, "could not tell this host's address: %s", why);
    return rs_error_hint(err, "say who has to be let in: --allow=ADDRESS, or --allow=CIDR");
}

/* This host's address on the way to the target, as the target sees it. err: RS_E_NET, with a hint */
static bool find_own(struct rs_check_run *run, struct rs_cidr *out, struct rs_error *err)
{
    const char *destination = find_destination(run);
    const int64_t left_us = rs_check_left_ms(run) * INT64_C(1000);
    const struct rs_probe_limit limit = {.env = run->env,
                                         .deadline_us = run->env->monotonic_us(run->env) + left_us};
    struct rs_probe_addresses addresses = RS_PROBE_ADDRESSES_INIT;
    struct rs_cidr to;
    char text[RS_PROBE_ADDRESS_TEXT_MAX];
    char why[RS_PROBE_ADDRESS_TEXT_MAX + 64];

    if (destination[0] == '\0') {
        return refuse("where it would connect to is not known", err);
    }
    if (rs_probe_resolve(&limit, destination, PORT, 0, &addresses) != RS_PROBE_FOUND ||
        addresses.count == 0) {
        return refuse("the name of the database does not resolve", err);
    }
    if (!rs_cidr_parse(rs_str_from(addresses.items[0].text), &to) ||
        !rs_probe_own_address(&addresses.items[0], text) ||
        !rs_cidr_parse(rs_str_from(text), out)) {
        return refuse("there is no route to the database", err);
    }
    if (rs_cidr_is_private(out) && !rs_cidr_is_private(&to) && !ask_outside(run, out)) {
        (void)snprintf(why, sizeof why, "%s is behind a NAT whose address is not known", text);
        return refuse(why, err);
    }
    return true;
}

static struct rs_check_peer *add_peer(struct rs_check_peers *peers, const struct rs_cidr *block)
{
    peers->items =
        rs_mem_grow(peers->items, &peers->capacity, peers->count + 1, sizeof *peers->items);
    struct rs_check_peer *peer = &peers->items[peers->count++];
    *peer = (struct rs_check_peer){.block = *block};
    rs_cidr_format(block, peer->text);
    return peer;
}

static bool find_peers(struct rs_check_run *run, struct rs_error *err)
{
    struct rs_check_peers *peers = &run->aws->peers;
    struct rs_cidr block;

    for (size_t i = 0; i < run->options->allow_count; i++) {
        const char *text = run->options->allow[i];
        if (!rs_cidr_parse(rs_str_from(text), &block)) {
            return rs_error_set(err, RS_E_USAGE, "\"%s\" is no address or block of addresses",
                                text);
        }
        (void)add_peer(peers, &block);
    }
    if (run->options->allow_count == 0) {
        if (!find_own(run, &block, err)) {
            return false;
        }
        add_peer(peers, &block)->own = true;
    }
    return true;
}

bool rs_check_aws_peers(struct rs_check_run *run, const struct rs_check_peers **out,
                        struct rs_error *err)
{
    struct rs_check_aws_facts *facts = rs_check_aws_facts_of(run);

    if (rs_check_is_first(&facts->once_peers)) {
        (void)!find_peers(run, &facts->once_peers.err);
    }
    *out = &facts->peers;
    return rs_check_outcome(&facts->once_peers, err);
}
