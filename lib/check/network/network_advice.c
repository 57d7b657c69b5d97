/*
 * What to do: by hand in the console, in the order of Segment's guide for Redshift, and the same
 * as commands.
 */
#include "check/network/network_advice.h"

#include <string.h>

#include "check/aws/check_inbound.h"
#include "check/engine/shell_quote.h"
#include "check/network/cluster_ref.h"
#include "check/network/network_facts.h"

/* ---- Name ----------------------------------------------------------------------------------- */

void rs_check_network_advise_lookup(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    if (ref.redshift) {
        rs_check_step(out,
                      "Redshift console > %s > \"%s\" > General information: copy the "
                      "endpoint, without its port and database",
                      ref.serverless ? "Workgroups" : "Clusters", ref.name);
        rs_check_cluster_ref_add_query(&ref, "Clusters[0].[ClusterStatus,Endpoint.Address]",
                                       "workgroup.[status,endpoint.address]", out);
    } else {
        rs_check_step(out, "check how the host is written, and that this machine's name servers "
                           "know its zone");
        rs_check_command(out, "getent ahosts %s",
                         rs_check_quote(out, run->network->hosts[0].address));
    }
}

static void advise_public(const struct rs_check_cluster_ref *ref, struct rs_check_result *out)
{
    rs_check_step(out,
                  ref->serverless
                      ? "Workgroups > \"%s\" > Data access > Network and security > Edit: Turn "
                        "on Publicly accessible"
                      : "Clusters > \"%s\" > Actions > Modify publicly accessible setting: "
                        "Turn on Publicly accessible",
                  ref->name);
    if (ref->serverless) {
        rs_check_command(out,
                         "aws redshift-serverless update-workgroup%s --workgroup-name %s "
                         "--publicly-accessible",
                         ref->region, ref->word);
    } else {
        rs_check_command(out,
                         "aws redshift modify-cluster%s --cluster-identifier %s "
                         "--publicly-accessible",
                         ref->region, ref->word);
    }
}

void rs_check_network_advise_private(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    rs_check_step(out, "run this inside of the VPC, or over its VPN, or through a bastion: "
                       "--ssh=USER@BASTION");
    if (ref.redshift) {
        advise_public(&ref, out);
    }
}

/* ---- Port ----------------------------------------------------------------------------------- */

/* Let in whom the options name, or this machine, by the address that the cluster sees. */
static void add_rules(const struct rs_check_run *run, const struct rs_check_cluster_ref *ref,
                      unsigned port, struct rs_check_result *out)
{
    const struct rs_check_options *options = run->options;
    const struct rs_probe_address *address = &run->network->addresses.items[0];
    const char *group = rs_check_cluster_ref_query_group(ref, out);
    char own[RS_PROBE_ADDRESS_TEXT_MAX];
    const bool inside = run->network->addresses.count > 0 && address->scope == RS_PROBE_PRIVATE &&
                        rs_probe_own_address(address, own);
    const char *texts[] = {inside ? own : ""};
    const char *const *sources = options->allow_count > 0 ? options->allow : texts;
    const size_t count = options->allow_count > 0 ? options->allow_count : 1;
    for (size_t i = 0; i < count; i++) {
        struct rs_cidr block;
        if (rs_cidr_parse(rs_str_from(sources[i]), &block)) {
            rs_check_command(out, "%s%s", rs_check_inbound_command(out, group, port, &block),
                             ref->region);
        } else { /* who is seen from outside is known outside alone */
            rs_check_command(out,
                             "aws ec2 authorize-security-group-ingress --group-id %s --protocol "
                             "tcp --port %u --cidr \"$(curl -s https://checkip.amazonaws.com)/32\""
                             "%s",
                             group, port, ref->region);
        }
    }
}

static void advise_inbound(const struct rs_check_run *run, const struct rs_check_cluster_ref *ref,
                           struct rs_check_result *out)
{
    const unsigned port = rs_check_network_host(run->network)->port;
    rs_check_cluster_ref_step(ref, out);
    rs_check_step(out,
                  "open its VPC security group > Inbound rules > Edit inbound rules > Add rule: "
                  "Redshift, TCP port %u, source: the address of this machine (Segment's loaders: "
                  "34.223.203.0/28 and 52.25.130.38/32 in the US, 3.251.148.96/29 in the EU)",
                  port);
    add_rules(run, ref, port, out);
}

static void advise_timeout(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    rs_check_why(out,
                 "A security group drops what no rule lets in, without a word. So do a network "
                 "ACL, a firewall on the way, and the address of a cluster that is paused or "
                 "not publicly accessible.");
    if (!ref.redshift) {
        rs_check_step(out,
                      "let this machine in where the server's firewall or security group is: "
                      "TCP port %u",
                      rs_check_network_host(run->network)->port);
        return;
    }
    advise_inbound(run, &ref, out);
    advise_public(&ref, out);
}

/* Who names no host gets here, too. */
static void advise_socket(struct rs_check_result *out)
{
    rs_check_why(out, "A socket is of a server on this machine: none runs, or its sockets are in "
                      "another folder or of another port.");
    rs_check_step(out, "where the database is on another machine, name that: -d \"host=NAME ...\"; "
                       "without a host a socket is what libpq takes");
    rs_check_step(out, "else start the server, or name the folder of its sockets "
                       "(unix_socket_directories in postgresql.conf): host=/FOLDER");
}

static void advise_refused(const struct rs_check_run *run, struct rs_check_result *out)
{
    if (rs_check_network_host(run->network)->address[0] == '/') {
        advise_socket(out);
        return;
    }
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    rs_check_why(out, "The machine is there and nothing listens at this port: the port is another, "
                      "or the server is stopped or starting. Some firewalls answer like this too.");
    if (ref.redshift) {
        rs_check_step(out,
                      "Redshift console > \"%s\" > Properties: compare the port, and see "
                      "that the state is Available",
                      ref.name);
        rs_check_cluster_ref_add_query(&ref, "Clusters[0].[ClusterStatus,Endpoint.Port]",
                                       "workgroup.[status,endpoint.port]", out);
    } else {
        rs_check_step(out, "compare the port; start the server, and have it listen at this address "
                           "(listen_addresses in postgresql.conf)");
    }
}

static void advise_hang_up(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    rs_check_why(out, "Something takes the connection and hangs up: a proxy or a load balancer "
                      "without a healthy server behind it, a firewall that looks into connections, "
                      "or a server that is stopping.");
    rs_check_step(out, "name the database's own endpoint instead of a proxy or a load balancer, or "
                       "see that the target group of the load balancer has a healthy target");
    if (ref.redshift) {
        rs_check_cluster_ref_add_query(&ref,
                                       "Clusters[0].[ClusterStatus,Endpoint.Address,Endpoint.Port]",
                                       "workgroup.[status,endpoint.address,endpoint.port]", out);
    }
}

/* The address of which that is said; a route has no name. */
static const char *unreachable_of(const struct rs_check_network_facts *facts)
{
    for (size_t i = 0; i < facts->addresses.count; i++) {
        if (facts->addresses.items[i].state == RS_PROBE_UNREACHABLE) {
            return facts->addresses.items[i].text;
        }
    }
    return rs_check_network_host(facts)->address;
}

static void advise_unreachable(const struct rs_check_run *run, struct rs_check_result *out)
{
    rs_check_why(out, "This machine has no route there, or a router or firewall on the way says "
                      "that there is none: a VPN that is down, an address of IPv6 without IPv6 "
                      "here, a rule that rejects.");
    rs_check_step(out,
                  "connect the VPN, or give this machine's subnet a route (VPC console > Route "
                  "tables: an internet gateway, a NAT gateway or a peering)");
    rs_check_command(out, "ip route get %s", rs_check_quote(out, unreachable_of(run->network)));
}

static void advise_forbidden(struct rs_check_result *out)
{
    rs_check_why(out, "This machine itself does not let the connection out.");
    rs_check_step(out, "look at its firewall's outgoing rules, and at the policy of the container "
                       "or the service that this runs in");
    rs_check_command(out, "nft list ruleset");
}

void rs_check_network_advise_state(const struct rs_check_run *run, enum rs_probe_state state,
                                   struct rs_check_result *out)
{
    switch (state) {
    case RS_PROBE_REFUSED:
        advise_refused(run, out);
        break;
    case RS_PROBE_TIMED_OUT:
        advise_timeout(run, out);
        break;
    case RS_PROBE_UNREACHABLE:
        advise_unreachable(run, out);
        break;
    case RS_PROBE_RESET:
    case RS_PROBE_CLOSED:
        advise_hang_up(run, out);
        break;
    case RS_PROBE_FORBIDDEN:
        advise_forbidden(out);
        break;
    case RS_PROBE_NOT_TRIED:
    case RS_PROBE_OPEN:
    case RS_PROBE_FAILED:
        break;
    }
}

/* ---- TLS ------------------------------------------------------------------------------------ */

void rs_check_network_advise_mtu(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    rs_check_step(out, "let ICMP type 3 code 4 (fragmentation needed) through in the security "
                       "group, the network ACLs and firewalls: Inbound rules > Add rule: Custom "
                       "ICMP - IPv4, Destination unreachable, Fragmentation required");
    rs_check_step(out, "or send smaller packets: an MTU of 1500 at most on this machine, less "
                       "behind a VPN");
    if (ref.redshift) {
        rs_check_command(out,
                         "aws ec2 authorize-security-group-ingress%s --group-id %s "
                         "--ip-permissions "
                         "'IpProtocol=icmp,FromPort=3,ToPort=4,IpRanges=[{CidrIp=0.0.0.0/0}]'",
                         ref.region, rs_check_cluster_ref_query_group(&ref, out));
    }
    rs_check_command(out, "ip link set dev eth0 mtu 1500");
}

void rs_check_network_advise_tls(const struct rs_check_run *run, struct rs_check_result *out)
{
    if (rs_check_cluster_ref_of(run, out).redshift) {
        rs_check_step(out, "connect to the cluster's own endpoint, not to a proxy: Redshift speaks "
                           "TLS 1.2 and newer");
    } else {
        rs_check_step(out, "on the server, in postgresql.conf: ssl = on, with ssl_cert_file and "
                           "ssl_key_file, and ssl_min_protocol_version = 'TLSv1.2'");
    }
}

static void advise_renewal(const struct rs_check_run *run, const struct rs_check_cluster_ref *ref,
                           struct rs_check_result *out)
{
    const struct rs_check_network_host *host = rs_check_network_host(run->network);
    rs_check_why(out, "Who verifies certificates does not connect with one that has ended.");
    if (ref->redshift) {
        rs_check_step(out, "AWS renews the certificates of its own names: see that this machine's "
                           "clock is right, and reboot the cluster in its next window");
        rs_check_step(out, "one of a custom domain is yours: ACM console > Certificates > renew or "
                           "validate it anew");
        rs_check_command(out,
                         "aws acm list-certificates%s --includes keyTypes=RSA_2048,EC_prime256v1",
                         ref->region);
        rs_check_command(out, "date -u");
        return;
    }
    rs_check_step(out, "renew it, put it on the server, and reload (pg_ctl reload)");
    if (!run->network->through_bastion) {
        const bool v6 = strchr(host->address, ':') != NULL;
        rs_check_command(out,
                         "openssl s_client -starttls postgres -connect %s%s%s:%u </dev/null "
                         "2>/dev/null | openssl x509 -noout -subject -dates",
                         v6 ? "'[" : "", host->address, v6 ? "]'" : "", host->port);
    }
}

static void advise_roots(const struct rs_check_run *run, const struct rs_check_cluster_ref *ref,
                         struct rs_check_result *out)
{
    rs_check_why(out, "Whom nobody here vouches for may be anybody.");
    if (ref->redshift || run->network->tls.amazon) {
        rs_check_step(out,
                      "install the system's roots (package ca-certificates), or take Amazon's: "
                      "sslrootcert=amazon-trust-ca-bundle.crt; if it is no root of Amazon's, "
                      "something on the way decrypts");
        rs_check_command(out, "curl -O https://s3.amazonaws.com/redshift-downloads/"
                              "amazon-trust-ca-bundle.crt");
    } else {
        rs_check_step(out, "get the root's certificate from who runs the server, and name it: "
                           "sslrootcert=FILE");
    }
    if (run->network->tls.sent == 1) {
        rs_check_step(out,
                      "if \"%s\" is no root but an intermediate, the server has to send it "
                      "along",
                      run->network->tls.issuer);
    }
}

static void advise_name(const struct rs_check_run *run, const struct rs_check_cluster_ref *ref,
                        struct rs_check_result *out)
{
    rs_check_why(out, "The server that answers is another than the one that was asked for, or is "
                      "asked for by a name that its certificate does not know: an alias, an "
                      "address, a proxy.");
    rs_check_step(out,
                  "connect by a name that is in the certificate: %s; with hostaddr=%s where "
                  "that name leads elsewhere",
                  run->network->tls.names, run->network->open->text);
    if (ref->redshift) {
        rs_check_step(out, "for a name of your own: Redshift console > the cluster > Actions > "
                           "Create custom domain name");
        rs_check_command(out,
                         "aws redshift create-custom-domain-association%s --cluster-identifier %s "
                         "--custom-domain-name %s --custom-domain-certificate-arn ARN",
                         ref->region, ref->word,
                         rs_check_quote(out, rs_check_network_host(run->network)->name));
    }
}

static void advise_intermediate(const struct rs_check_run *run, struct rs_check_result *out)
{
    rs_check_why(out, "A server has to send all certificates between its own and the root: who "
                      "connects has the roots alone.");
    rs_check_step(out,
                  "put the certificate of \"%s\" behind the server's own in its file "
                  "(ssl_cert_file), and reload",
                  run->network->tls.issuer);
    rs_check_command(out, "cat server.crt intermediate.crt > chain.crt");
}

void rs_check_network_advise_certificate(const struct rs_check_run *run, unsigned problem,
                                         struct rs_check_result *out)
{
    const struct rs_check_cluster_ref ref = rs_check_cluster_ref_of(run, out);
    switch ((enum rs_probe_problem)problem) {
    case RS_PROBE_EXPIRED:
        advise_renewal(run, &ref, out);
        break;
    case RS_PROBE_NOT_YET:
        rs_check_why(out,
                     "A certificate that begins in the future mostly means that this machine's "
                     "clock is wrong.");
        rs_check_step(out, "set this machine's clock");
        rs_check_command(out, "date -u");
        break;
    case RS_PROBE_SELF_SIGNED:
    case RS_PROBE_UNKNOWN_ROOT:
        advise_roots(run, &ref, out);
        break;
    case RS_PROBE_NO_INTERMEDIATE:
        advise_intermediate(run, out);
        break;
    case RS_PROBE_WRONG_NAME:
        advise_name(run, &ref, out);
        break;
    case RS_PROBE_WEAK:
    case RS_PROBE_INVALID:
        rs_check_why(out, "OpenSSL on this machine does not take such a certificate.");
        rs_check_step(out, "have a new one made: RSA of 2048 bits or ECDSA of P-256 at least, "
                           "signed with SHA-256");
        break;
    }
}

void rs_check_network_advise_ssh(struct rs_check_run *run, struct rs_check_result *out)
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
