/*
 * Which cluster it is: names and the region are taken from the host's name where it is one of
 * Redshift, else from the options.
 */
#include "check/network/cluster_ref.h"

#include <string.h>

#include "check/engine/shell_quote.h"
#include "check/network/network_facts.h"

enum { NAME_MAX_BYTES = 64 };

/* A label of a name, if it is one that AWS gives. */
static bool take_label(const char **rest, char out[NAME_MAX_BYTES])
{
    const size_t length = strspn(*rest, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (length == 0 || length >= NAME_MAX_BYTES || (*rest)[length] != '.' || **rest == '-') {
        return false;
    }
    memcpy(out, *rest, length);
    out[length] = '\0';
    *rest += length + 1;
    return true;
}

/* The rest of a name is that of a service of AWS's, China's too. */
static bool is_service(const char *rest, const char *service)
{
    const size_t length = strlen(service);
    return strncmp(rest, service, length) == 0 && (strcmp(rest + length, ".amazonaws.com") == 0 ||
                                                   strcmp(rest + length, ".amazonaws.com.cn") == 0);
}

/* "tea.abc123.eu-west-1.redshift.amazonaws.com" */
static void read_host(const char *host, struct rs_check_result *out,
                      struct rs_check_cluster_ref *ref)
{
    char name[NAME_MAX_BYTES];
    char account[NAME_MAX_BYTES];
    char region[NAME_MAX_BYTES];
    const bool three =
        take_label(&host, name) && take_label(&host, account) && take_label(&host, region);
    const bool serverless = three && is_service(host, "redshift-serverless");
    if (serverless || (three && is_service(host, "redshift"))) {
        ref->redshift = true;
        ref->serverless = serverless;
        ref->name = rs_check_text(out, "%s", name);
        ref->region = rs_check_text(out, " --region %s", region);
    }
}

struct rs_check_cluster_ref rs_check_cluster_ref_of(const struct rs_check_run *run,
                                                    struct rs_check_result *out)
{
    const struct rs_connect_options *connect = &run->options->connect;
    const char *named = connect->cluster ? connect->cluster : connect->workgroup;
    const char *region = run->account ? rs_account_region(run->account) : connect->region;
    struct rs_check_cluster_ref ref = {.redshift = run->endpoint.redshift,
                                       .serverless = run->endpoint.serverless || connect->workgroup,
                                       .region = ""};
    ref.name = ref.serverless ? "WORKGROUP" : "CLUSTER";
    if (region) {
        ref.region = rs_check_text(out, " --region %s", rs_check_quote(out, region));
    }
    if (run->network->host_count > 0) {
        read_host(rs_check_network_host(run->network)->name, out, &ref);
    }
    if (named) {
        ref.name = named;
        ref.redshift = true;
    }
    ref.word = rs_check_quote(out, ref.name);
    return ref;
}

void rs_check_cluster_ref_step(const struct rs_check_cluster_ref *ref, struct rs_check_result *out)
{
    rs_check_step(out, "Redshift console > %s > \"%s\"%s",
                  ref->serverless ? "Serverless dashboard > Workgroups" : "Clusters", ref->name,
                  ref->serverless ? " > Data access" : " > Properties > Network and security");
}

const char *rs_check_cluster_ref_query(const struct rs_check_cluster_ref *ref,
                                       const char *of_cluster, const char *of_workgroup,
                                       struct rs_check_result *out)
{
    return rs_check_text(out,
                         ref->serverless
                             ? "aws redshift-serverless get-workgroup%s --workgroup-name %s "
                               "--query '%s' --output text"
                             : "aws redshift describe-clusters%s --cluster-identifier %s "
                               "--query '%s' --output text",
                         ref->region, ref->word, ref->serverless ? of_workgroup : of_cluster);
}

void rs_check_cluster_ref_add_query(const struct rs_check_cluster_ref *ref, const char *of_cluster,
                                    const char *of_workgroup, struct rs_check_result *out)
{
    rs_check_command(out, "%s", rs_check_cluster_ref_query(ref, of_cluster, of_workgroup, out));
}

const char *rs_check_cluster_ref_query_group(const struct rs_check_cluster_ref *ref,
                                             struct rs_check_result *out)
{
    return rs_check_text(
        out, "\"$(%s)\"",
        rs_check_cluster_ref_query(ref, "Clusters[0].VpcSecurityGroups[0].VpcSecurityGroupId",
                                   "workgroup.securityGroupIds[0]", out));
}
