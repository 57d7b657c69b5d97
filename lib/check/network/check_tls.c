/* What TLS comes to: version and cipher, and the certificate against the roots that are in use. */
#include <string.h>

#include "base/timefmt.h"
#include "check/network/network_advice.h"
#include "check/network/network_facts.h"

enum { DATE_LENGTH = 10, DAYS_TO_WARN = 30 };

#define DAY_US (INT64_C(86400) * 1000000)

static bool mode_is(const struct rs_check_run *run, const char *mode)
{
    return strcmp(run->endpoint.sslmode ? run->endpoint.sslmode : "", mode) == 0;
}

static bool wants_tls(const struct rs_check_run *run)
{
    return mode_is(run, "require") || mode_is(run, "verify-ca") || mode_is(run, "verify-full");
}

/* ---- Version and cipher --------------------------------------------------------------------- */

static void say_no_tls(const struct rs_check_run *run, struct rs_check_result *out)
{
    if (wants_tls(run)) {
        rs_check_say(out, RS_CHECK_FAIL, "the server has no TLS, and sslmode=%s wants it",
                     run->endpoint.sslmode);
    } else {
        rs_check_say(out, RS_CHECK_WARN, "the server has no TLS: all goes in the clear");
    }
    rs_check_why(out,
                 run->endpoint.redshift
                     ? "Redshift always has TLS: something between here and there answers "
                       "in its place, or the address is not that of a cluster."
                     : "Without TLS all on the way can read what is sent, the data and perhaps "
                       "the password.");
    rs_check_network_advise_tls(run, out);
}

static void say_session(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_probe_tls *tls = &run->network->tls;
    if (tls->old) {
        rs_check_say(out, RS_CHECK_FAIL, "the server speaks %s and nothing newer", tls->version);
        rs_check_why(out, "TLS below 1.2 is broken and withdrawn (RFC 8996), and libpq does not "
                          "speak it.");
        rs_check_network_advise_tls(run, out);
    } else if (mode_is(run, "disable")) {
        rs_check_say(out, RS_CHECK_WARN, "the server has %s, and sslmode=disable does not use it",
                     tls->version);
        rs_check_why(out, "Without TLS all on the way can read what is sent.");
        rs_check_step(out, "take sslmode=disable out of the connection (or PGSSLMODE)");
    } else {
        rs_check_say(out, RS_CHECK_PASS, "%s, %s (%u bits)", tls->version, tls->cipher, tls->bits);
    }
}

static void say_no_session(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_probe_tls *tls = &run->network->tls;
    switch (tls->end) {
    case RS_PROBE_TLS_SILENT:
        rs_check_say(out, RS_CHECK_FAIL, "the handshake stalls: %u bytes came back in time",
                     tls->received);
        rs_check_why(out, "The server agreed to speak TLS, then no more came: packets of full size "
                          "are lost on the way (see the check \"path\"), or the server hangs.");
        rs_check_network_advise_mtu(run, out);
        break;
    case RS_PROBE_TLS_CUT:
        rs_check_say(out, RS_CHECK_FAIL, "the connection is %s in the handshake",
                     tls->state == RS_PROBE_RESET ? "reset" : "closed");
        rs_check_why(out, "A firewall or a proxy that looks into connections ends this one when it "
                          "sees the name or the encryption.");
        rs_check_step(out, "ask who runs the network to let TLS to this host and port through "
                           "without inspection");
        break;
    case RS_PROBE_TLS_ALERT:
        rs_check_say(out, RS_CHECK_FAIL, "no agreement on TLS: %s", tls->words);
        rs_check_why(out, "Server and client have no version or cipher in common, or what answers "
                          "is not the database.");
        rs_check_network_advise_tls(run, out);
        break;
    case RS_PROBE_TLS_DONE:
        say_session(run, out);
        break;
    }
}

void rs_check_tls(struct rs_check_run *run, struct rs_check_result *out)
{
    struct rs_check_network_facts *facts = run->network;
    if (facts->open->scope == RS_PROBE_SOCKET) {
        rs_check_say(out, RS_CHECK_PASS, "a local socket needs none");
        return;
    }
    if (facts->reply.answer == RS_PROBE_ERROR) {
        rs_check_say(out, wants_tls(run) ? RS_CHECK_FAIL : RS_CHECK_WARN,
                     "no TLS: asked for it, the server answers with an error");
        return;
    }
    if (facts->reply.answer != RS_PROBE_TLS) {
        say_no_tls(run, out);
        return;
    }
    const struct rs_probe_tls_options options = {.host = rs_check_network_host(facts)->name,
                                                 .roots = run->endpoint.roots};
    rs_probe_handshake(&facts->limit, facts->open->fd, &options, &facts->tls);
    facts->handshake_tried = true;
    say_no_session(run, out);
}

/* ---- The certificate ------------------------------------------------------------------------ */

static void format_date(int64_t instant_us, char out[DATE_LENGTH + 1])
{
    char text[RS_TIMEFMT_MAX] = "";
    (void)rs_timefmt_format(instant_us, text);
    memcpy(out, text, DATE_LENGTH);
    out[DATE_LENGTH] = '\0';
}

/* Whole days; negative when it is over. */
static long days_until(const struct rs_check_run *run, int64_t instant_us)
{
    return (long)((instant_us - run->env->now_us(run->env)) / DAY_US);
}

/* A login that verifies less than this does not fail, but does not know its server either. */
static enum rs_check_status weight_of(const struct rs_check_run *run, unsigned problem)
{
    const bool full = mode_is(run, "verify-full");
    const bool chain = full || mode_is(run, "verify-ca");
    return (problem == RS_PROBE_WRONG_NAME ? full : chain) ? RS_CHECK_FAIL : RS_CHECK_WARN;
}

static void say_problem(const struct rs_check_run *run, unsigned problem,
                        struct rs_check_result *out)
{
    const struct rs_probe_tls *tls = &run->network->tls;
    const enum rs_check_status weight = weight_of(run, problem);
    const char *roots = run->endpoint.roots && *run->endpoint.roots ? run->endpoint.roots : "none";
    char date[DATE_LENGTH + 1];
    switch ((enum rs_probe_problem)problem) {
    case RS_PROBE_EXPIRED:
        format_date(tls->not_after_us, date);
        rs_check_say(out, weight, "expired: the certificate of \"%s\" ended on %s, %ld days ago",
                     tls->expires_first, date, -days_until(run, tls->not_after_us));
        break;
    case RS_PROBE_NOT_YET:
        format_date(tls->not_before_us, date);
        rs_check_say(out, weight, "not valid yet: it begins on %s", date);
        break;
    case RS_PROBE_WRONG_NAME:
        rs_check_say(out, weight, "wrong name: it is for %s, and not for %s", tls->names,
                     rs_check_network_host(run->network)->name);
        break;
    case RS_PROBE_SELF_SIGNED:
        rs_check_say(out, weight, "self-signed: \"%s\" vouches for itself", tls->subject);
        break;
    case RS_PROBE_UNKNOWN_ROOT:
        rs_check_say(out, weight, "unknown root: \"%s\" is not among the roots in use (%s)",
                     tls->top, roots);
        break;
    case RS_PROBE_NO_INTERMEDIATE:
        rs_check_say(out, weight,
                     "missing intermediate: the server sends its own certificate "
                     "without that of \"%s\", which signed it",
                     tls->issuer);
        break;
    case RS_PROBE_WEAK:
        rs_check_say(out, weight, "weak: its key or digest is below what this machine takes");
        break;
    case RS_PROBE_INVALID:
        rs_check_say(out, weight, "not valid: %s", tls->words[0] ? tls->words : "no chain");
        break;
    }
    rs_check_network_advise_certificate(run, problem, out);
}

static void say_good(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_probe_tls *tls = &run->network->tls;
    const long days = days_until(run, tls->not_after_us);
    char date[DATE_LENGTH + 1];
    format_date(tls->not_after_us, date);
    if (days >= DAYS_TO_WARN) {
        rs_check_say(out, RS_CHECK_PASS, "of \"%s\", until %s (%ld days)", tls->issuer, date, days);
        return;
    }
    rs_check_say(out, RS_CHECK_WARN, "of \"%s\", ends on %s, in %ld days", tls->issuer, date, days);
    rs_check_why(out, "ACM renews what it issued by itself, sixty days ahead; that this one is "
                      "so near its end says that somebody has to.");
    rs_check_network_advise_certificate(run, RS_PROBE_EXPIRED, out);
}

/* The roots are those of the distribution, and of nobody's choosing. */
static bool roots_are_systems(const struct rs_check_run *run)
{
    const char *roots = run->endpoint.roots ? run->endpoint.roots : "";
    return !rs_env_variable(run->env, "SSL_CERT_FILE") &&
           (strcmp(roots, "system") == 0 || strncmp(roots, "/etc/", 5) == 0);
}

/* A proxy that decrypts has a root of its own, put among the system's by whoever runs it. */
static void compare_with_amazon(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_probe_tls *tls = &run->network->tls;
    const char *host = rs_check_network_host(run->network)->name;
    const bool amazons = run->endpoint.redshift && strstr(host, ".amazonaws.com");
    if (tls->amazon) {
        rs_check_detail(out, "the chain ends in a root of Amazon, \"%s\"", tls->top);
    } else if (amazons && tls->problems == 0 && roots_are_systems(run)) {
        rs_check_say(out, RS_CHECK_WARN,
                     "trusted here, but its root \"%s\" is none of Amazon's: something on the way "
                     "decrypts",
                     tls->top);
        rs_check_why(out, "Redshift's certificates come from Amazon's roots alone.");
        rs_check_step(out, "ask who runs the network to let TLS to this host and port through "
                           "without inspection");
    } else {
        rs_check_detail(out, "the chain ends in \"%s\"", tls->top);
    }
}

static void add_details(const struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_probe_tls *tls = &run->network->tls;
    char begin[DATE_LENGTH + 1];
    char end[DATE_LENGTH + 1];
    format_date(tls->not_before_us, begin);
    format_date(tls->not_after_us, end);
    rs_check_detail(out, "for %s; issued by \"%s\"", tls->names, tls->issuer);
    rs_check_detail(out, "valid from %s to %s (%ld days left); %u sent", begin, end,
                    days_until(run, tls->not_after_us), tls->sent);
    rs_check_detail(out, "roots: %s%s",
                    run->endpoint.roots && *run->endpoint.roots ? run->endpoint.roots : "none",
                    tls->roots_unread ? ", which cannot be read" : "");
    if (tls->problems && !mode_is(run, "verify-ca") && !mode_is(run, "verify-full")) {
        rs_check_detail(out, "sslmode=%s does not look at it: the login works",
                        run->endpoint.sslmode ? run->endpoint.sslmode : "");
    }
}

void rs_check_certificate(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_network_facts *facts = run->network;
    const struct rs_probe_tls *tls = &facts->tls;
    if (!facts->handshake_tried) {
        rs_check_say(out, RS_CHECK_SKIP, "no TLS, no certificate");
        return;
    }
    if (tls->subject[0] == '\0') {
        rs_check_say(out, RS_CHECK_FAIL, "the server sends no certificate");
        rs_check_network_advise_tls(run, out);
        return;
    }
    /* In the order in which they are to be put right. */
    static const unsigned problems[] = {
        RS_PROBE_NO_INTERMEDIATE, RS_PROBE_SELF_SIGNED, RS_PROBE_UNKNOWN_ROOT, RS_PROBE_EXPIRED,
        RS_PROBE_NOT_YET,         RS_PROBE_WRONG_NAME,  RS_PROBE_WEAK,         RS_PROBE_INVALID,
    };
    for (size_t i = 0; i < RS_COUNTOF(problems); i++) {
        if (tls->problems & problems[i]) {
            say_problem(run, problems[i], out);
        }
    }
    if (tls->problems == 0) {
        say_good(run, out);
    }
    compare_with_amazon(run, out);
    add_details(run, out);
}
