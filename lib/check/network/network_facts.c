/*
 * Where the login leads, and what was found on the way there. The timeout begins anew when AWS or a
 * bastion had to be waited for.
 */
#include "check/network/network_facts.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "check/network/probe_postgres.h"

enum { PORT_DEFAULT_POSTGRESQL = 5432 };

/* ---- Hosts and addresses -------------------------------------------------------------------- */

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

bool rs_check_network_is_asked_of_aws(const struct rs_check_run *run)
{
    return run->endpoint.host[0] == '\0' && run->offered & RS_CHECK_WANT_AWS;
}

static unsigned port_of(const struct rs_check_run *run, size_t n)
{
    uint64_t port = 0;
    const char *ports = run->endpoint.port ? run->endpoint.port : "";
    if (run->options->port > 0 || rs_check_network_is_asked_of_aws(run)) {
        return rs_check_port(run);
    }
    if (rs_str_parse_u64(item_of(ports, n), 1, UINT16_MAX, &port)) {
        return (unsigned)port;
    }
    return run->endpoint.redshift ? rs_check_port(run) : PORT_DEFAULT_POSTGRESQL;
}

static void find_hosts(const struct rs_check_run *run, struct rs_check_network_facts *facts)
{
    const bool aws = rs_check_network_is_asked_of_aws(run);
    const char *hosts = aws ? run->cluster_host : run->endpoint.host;
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

void rs_check_network_renew_limit(const struct rs_check_run *run,
                                  struct rs_check_network_facts *facts)
{
    facts->limit.deadline_us =
        run->env->monotonic_us(run->env) + run->options->timeout_ms * INT64_C(1000);
}

struct rs_check_network_facts *rs_check_network_new(const struct rs_check_run *run)
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
    if (rs_check_network_is_asked_of_aws(run)) {
        rs_check_network_renew_limit(run, facts);
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

/* ---- Probes beside the others --------------------------------------------------------------- */

static void *ask_in_plain(void *arg)
{
    struct rs_check_side_probe *side = arg;
    const struct rs_check_network_facts *facts = side->facts;
    const int fd = rs_probe_connect_again(&facts->limit, facts->open);
    side->connected = fd >= 0;
    if (fd >= 0) {
        rs_probe_ask_startup(&facts->limit, fd, facts->user, facts->database, &side->reply);
        (void)close(fd);
    }
    return NULL;
}

static void *fill_path(void *arg)
{
    struct rs_check_side_probe *side = arg;
    const struct rs_check_network_facts *facts = side->facts;
    const int fd = rs_probe_connect_again(&facts->limit, facts->open);
    side->connected = fd >= 0;
    if (fd >= 0) {
        rs_probe_fill_path(&facts->limit, fd, facts->user, facts->database, &side->path);
        (void)close(fd);
    }
    return NULL;
}

static void start(struct rs_check_side_probe *side, const struct rs_check_network_facts *facts,
                  void *(*work)(void *))
{
    side->facts = facts;
    side->started = pthread_create(&side->thread, NULL, work, side) == 0;
    if (!side->started) {
        (void)work(side);
    }
}

void rs_check_network_start_side_probes(struct rs_check_network_facts *facts)
{
    if (!facts->plain.facts && facts->open->scope != RS_PROBE_SOCKET) {
        start(&facts->plain, facts, ask_in_plain);
        if (!facts->through_bastion) {
            start(&facts->path, facts, fill_path);
        }
    }
}

void rs_check_network_join(struct rs_check_side_probe *side)
{
    if (side->started) {
        (void)pthread_join(side->thread, NULL);
        side->started = false;
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
