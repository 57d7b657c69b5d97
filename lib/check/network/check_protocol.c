/*
 * What answers at the port: PostgreSQL or not, with TLS or not, and whether packets of full size
 * and logins without TLS come through. The last two are asked over connections of their own, in
 * threads, while the others go on.
 */
#include <string.h>

#include "check/aws/check_require_ssl.h"
#include "check/network/network_advice.h"
#include "check/network/network_facts.h"
#include "check/network/probe_postgres.h"

/* ---- Protocol ------------------------------------------------------------------------------- */

static void say_silent(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_network_facts *facts = run->network;
    if (facts->unacknowledged > 0) {
        rs_check_say(out, RS_CHECK_FAIL,
                     "the port opens, then nothing that is sent arrives (%u bytes wait)",
                     facts->unacknowledged);
        rs_check_why(out, "A firewall lets the first packets of a connection through and drops "
                          "those after, or the way back is another one than the way there.");
        rs_check_step(out, "look for a firewall, a NAT or a VPN on the way that keeps track of "
                           "connections, and for routes that differ by direction");
        return;
    }
    rs_check_say(out, RS_CHECK_FAIL,
                 "the port opens and takes what is sent, then stalls: "
                 "no answer in time");
    rs_check_why(out, "Something takes connections and no database answers behind it: a proxy or a "
                      "load balancer that does not reach the cluster, or a server that is "
                      "overloaded, starting or stopped.");
    rs_check_network_advise_state(run, RS_PROBE_CLOSED, out);
}

static void say_cut(struct rs_check_run *run, struct rs_check_result *out)
{
    rs_check_say(out, RS_CHECK_FAIL, "the port opens, and the connection is %s at the first bytes",
                 run->network->reply.state == RS_PROBE_RESET ? "reset" : "closed");
    rs_check_why(out, "A proxy or a load balancer without a healthy server behind it does this, a "
                      "firewall that looks into connections, and a server that is stopping.");
    rs_check_network_advise_state(run, run->network->reply.state, out);
    rs_check_network_advise_ssh(run, out);
}

static void say_foreign(struct rs_check_result *out, const char *what)
{
    rs_check_say(out, RS_CHECK_FAIL, "no PostgreSQL: %s answers", what);
    rs_check_why(out, "The port is that of another service, or a proxy answers in the database's "
                      "place.");
    rs_check_step(out, "compare host and port with the endpoint in the Redshift console: the "
                       "cluster > General information > Endpoint");
}

void rs_check_protocol(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_check_network_facts *facts = run->network;
    struct rs_probe_reply *reply = &facts->reply;
    rs_check_network_start_side_probes(facts);
    rs_probe_ask_tls(&facts->limit, facts->open->fd, reply);
    switch (reply->answer) {
    case RS_PROBE_TLS:
        rs_check_say(out, RS_CHECK_PASS, "PostgreSQL's protocol; it takes TLS");
        break;
    case RS_PROBE_NO_TLS:
        rs_check_say(out, RS_CHECK_PASS, "PostgreSQL's protocol; it does not offer TLS");
        break;
    case RS_PROBE_ERROR:
        rs_check_say(out, RS_CHECK_WARN, "asked for TLS, the server answers with an error: %s",
                     reply->message);
        break;
    case RS_PROBE_TAMPERED:
        rs_check_say(out, RS_CHECK_FAIL,
                     "the server sends plain bytes behind its agreement to speak TLS");
        rs_check_why(out, "No server does: somebody between here and there puts them in.");
        rs_check_step(out, "do not log in from this network before it is known who does that");
        break;
    case RS_PROBE_SILENT:
        facts->unacknowledged = rs_probe_unacknowledged(facts->open->fd);
        say_silent(run, out);
        break;
    case RS_PROBE_CUT:
        say_cut(run, out);
        break;
    case RS_PROBE_FOREIGN:
    case RS_PROBE_MORE:
    case RS_PROBE_ASKS:
    case RS_PROBE_LETS_IN:
        say_foreign(out, reply->message);
        break;
    }
}

/* ---- Packets of full size ------------------------------------------------------------------- */

static bool is_answered(const struct rs_probe_reply *reply)
{
    return reply->answer == RS_PROBE_ASKS || reply->answer == RS_PROBE_ERROR ||
           reply->answer == RS_PROBE_LETS_IN;
}

/* Of what the server sends only what is small arrives. */
static bool only_small_comes_back(const struct rs_check_network_facts *facts)
{
    return facts->handshake_tried && facts->tls.end == RS_PROBE_TLS_SILENT &&
           facts->tls.waiting == 0 && is_answered(&facts->plain.reply);
}

static void say_black_hole(const struct rs_check_run *run, struct rs_check_result *out)
{
    rs_check_why(out,
                 "Somewhere on the way large packets are dropped in silence, and the word "
                 "that they are too large (ICMP type 3 code 4) does not come back: connections "
                 "open, then hang with the first large query or result.");
    rs_check_network_advise_mtu(run, out);
}

/* Of the largest packet that was sent. */
static unsigned size_of(const struct rs_probe_path *path)
{
    const unsigned most = path->mtu ? path->mtu : path->segment;
    return most && most < path->bytes ? most : path->bytes;
}

static void judge_path(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_network_facts *facts = run->network;
    const struct rs_probe_path *path = &facts->path.path;
    if (facts->reply.answer == RS_PROBE_SILENT && facts->unacknowledged > 0) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "nothing that is sent arrives, of whatever size");
    } else if (path->sent && !path->acknowledged && path->state == RS_PROBE_OPEN) {
        rs_check_say(out, RS_CHECK_FAIL,
                     "black hole: packets of %u bytes do not arrive, small ones do", size_of(path));
        say_black_hole(run, out);
    } else if (only_small_comes_back(facts)) {
        rs_check_say(
            out, RS_CHECK_FAIL,
            "likely a black hole: small packets of the server arrive, its certificate does not");
        say_black_hole(run, out);
    } else if (!path->acknowledged) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "the connection ended before it could be seen");
    } else if (facts->handshake_tried && facts->tls.end == RS_PROBE_TLS_SILENT) {
        rs_check_say(out, RS_CHECK_UNKNOWN,
                     "packets of full size arrive; whether the server's do "
                     "cannot be told from a server that hangs");
    } else if (facts->handshake_tried && facts->tls.end == RS_PROBE_TLS_DONE) {
        rs_check_say(out, RS_CHECK_PASS, "%u bytes at once arrive, and %u came back", path->bytes,
                     facts->tls.received);
    } else {
        rs_check_say(out, RS_CHECK_PASS, "%u bytes at once arrive", path->bytes);
    }
    if (path->mtu > 0) {
        rs_check_detail(out, "MTU of the route: %u; TCP's segments: %u bytes", path->mtu,
                        path->segment);
    }
}

void rs_check_path(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_check_network_facts *facts = run->network;
    if (facts->open->scope == RS_PROBE_SOCKET) {
        rs_check_say(out, RS_CHECK_SKIP, "a local socket has no packets");
        return;
    }
    if (facts->through_bastion) {
        rs_check_say(out, RS_CHECK_SKIP, "ssh makes its own packets on the way to the bastion");
        return;
    }
    rs_check_network_start_side_probes(facts);
    rs_check_network_join(&facts->path);
    rs_check_network_join(&facts->plain);
    if (facts->path.connected) {
        judge_path(run, out);
    } else {
        rs_check_say(out, RS_CHECK_UNKNOWN, "a second connection did not open");
    }
}

/* ---- Logins without TLS --------------------------------------------------------------------- */

static const char *name_of_auth(unsigned auth)
{
    static const struct {
        unsigned auth;
        const char *name;
    } names[] = {{3, "in clear text"}, {5, "by MD5"}, {10, "by SCRAM"}, {13, "by digest"}};
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        if (names[i].auth == auth) {
            return names[i].name;
        }
    }
    return "by some other way";
}

static void say_taken(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_probe_reply *reply = &run->network->plain.reply;
    if (reply->answer == RS_PROBE_LETS_IN) {
        rs_check_say(out, RS_CHECK_WARN, "lets in without TLS, and without a password");
    } else {
        rs_check_say(out, RS_CHECK_WARN, "a login without TLS is taken: it asks for a password %s",
                     name_of_auth(reply->auth));
    }
    rs_check_why(out, "A client that does not ask for TLS sends its data, and perhaps its "
                      "password, so that all on the way can read them. Segment connects with TLS "
                      "alone, and advises to require it.");
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    rs_check_advise_require_ssl(&ref, out);
}

static void judge_plain(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_probe_reply *reply = &run->network->plain.reply;
    switch (reply->answer) {
    case RS_PROBE_ASKS:
    case RS_PROBE_LETS_IN:
        say_taken(run, out);
        break;
    case RS_PROBE_ERROR:
        if (strncmp(reply->code, "28", 2) == 0 || strstr(reply->message, "SSL off") ||
            strstr(reply->message, "no encryption")) {
            rs_check_say(out, RS_CHECK_PASS, "refused");
            rs_check_detail(out, "%s", reply->message);
        } else {
            rs_check_say(out, RS_CHECK_UNKNOWN, "the server answers with another error: %s",
                         reply->message);
        }
        break;
    case RS_PROBE_CUT:
        rs_check_say(out, RS_CHECK_PASS, "refused: the server hangs up");
        break;
    case RS_PROBE_SILENT:
        rs_check_say(out, RS_CHECK_UNKNOWN, "no answer in time to a login without TLS");
        break;
    case RS_PROBE_MORE:
    case RS_PROBE_TLS:
    case RS_PROBE_NO_TLS:
    case RS_PROBE_FOREIGN:
    case RS_PROBE_TAMPERED:
        rs_check_say(out, RS_CHECK_UNKNOWN, "no answer of PostgreSQL's: %s", reply->message);
        break;
    }
}

void rs_check_plaintext(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_check_network_facts *facts = run->network;
    if (facts->open->scope == RS_PROBE_SOCKET) {
        rs_check_say(out, RS_CHECK_SKIP, "a local socket leaves no machine");
        return;
    }
    if (facts->reply.answer == RS_PROBE_NO_TLS) {
        rs_check_say(out, RS_CHECK_SKIP, "the server has no TLS that it could require");
        return;
    }
    rs_check_network_join(&facts->plain);
    if (facts->plain.connected) {
        judge_plain(run, out);
    } else {
        rs_check_say(out, RS_CHECK_UNKNOWN, "a second connection did not open");
    }
}
