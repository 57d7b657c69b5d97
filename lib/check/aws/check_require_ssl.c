/*
 * require_ssl: what the parameter group says, and whether it is in force, which takes a reboot. The
 * default groups cannot be changed; a cluster that has one needs a group of its own.
 */
#include "check/aws/check_require_ssl.h"

#include <string.h>

#include "check/aws/aws_facts.h"
#include "check/engine/shell_quote.h"

/* What is the same, whether AWS told of the cluster or its name alone is known. */
#define REBOOT_ENDS                                                                                \
    "ends all sessions, and from then on who does not encrypt is refused, by each cluster that "   \
    "has the group"
#define SET_IN_GROUP     "--parameters ParameterName=require_ssl,ParameterValue=true"
#define SET_IN_WORKGROUP "--config-parameters parameterKey=require_ssl,parameterValue=true"

static const char default_prefix[] = "default.";
static const char why[] =
    "The server takes logins in plain text too, and then passwords and rows cross the network for "
    "everybody on the way to read. The loader itself always encrypts.";

/* A parameter group of one's own, with the commands to make it where there is none. */
static void suggest_group(struct rs_check_run *run, const struct rs_check_target *target,
                          const char *group, struct rs_check_result *out)
{
    const bool shared = strncmp(group, default_prefix, sizeof default_prefix - 1) == 0;
    const char *own = rs_check_quote(
        out, rs_check_text(out, "%s%s", shared ? target->name : group, shared ? "-tls" : ""));

    rs_check_step(out,
                  "Redshift console: Configurations, Workload management, the parameter group, "
                  "Parameters, Edit: set require_ssl to true; then reboot the cluster");
    rs_check_step(out, "choose a time for it: the reboot " REBOOT_ENDS);
    if (shared) {
        rs_check_aws_command(run, out,
                             "aws redshift create-cluster-parameter-group --parameter-group-name "
                             "%s --parameter-group-family %s --description 'TLS is required'",
                             own, rs_check_quote(out, group + sizeof default_prefix - 1));
    }
    rs_check_aws_command(
        run, out,
        "aws redshift modify-cluster-parameter-group --parameter-group-name %s " SET_IN_GROUP, own);
    if (shared) {
        rs_check_aws_command(run, out,
                             "aws redshift modify-cluster --cluster-identifier %s "
                             "--cluster-parameter-group-name %s",
                             rs_check_quote(out, target->name), own);
    }
}

static void suggest_reboot(struct rs_check_run *run, const struct rs_check_target *target,
                           struct rs_check_result *out)
{
    rs_check_aws_command(run, out, "aws redshift reboot-cluster --cluster-identifier %s",
                         rs_check_quote(out, target->name));
}

/* Of one parameter, where the cluster tells it apart from its group. */
static const char *status_of(const struct rs_cluster_group *group, const char *name)
{
    for (size_t i = 0; i < group->settings.count; i++) {
        if (strcmp(group->settings.items[i].name, name) == 0) {
            return group->settings.items[i].status;
        }
    }
    return group->status;
}

static void check_group(struct rs_check_run *run, const struct rs_check_target *target,
                        const struct rs_cluster_group *group, struct rs_check_result *out)
{
    struct rs_cluster_parameters parameters = RS_CLUSTER_PARAMETERS_INIT;
    const struct rs_service redshift = rs_check_aws_service(run, "redshift");
    struct rs_error err = {0};

    if (!rs_redshift_parameters(&redshift, group->id, &parameters, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
        rs_cluster_parameters_release(&parameters);
        return;
    }
    const char *value = rs_cluster_parameter_find(&parameters, "require_ssl");
    const char *status = status_of(group, "require_ssl");
    if (!value || strcmp(value, "true") != 0) {
        rs_check_say(out, RS_CHECK_WARN, "require_ssl is %s in parameter group %s",
                     value && *value ? value : "not set", group->id);
        rs_check_why(out, why);
        suggest_group(run, target, group->id, out);
        suggest_reboot(run, target, out);
    } else if (status[0] != '\0' && strcmp(status, "in-sync") != 0) {
        rs_check_say(out, RS_CHECK_WARN,
                     "require_ssl is true in parameter group %s, but not in force: \"%s\"",
                     group->id, status);
        rs_check_why(out, why);
        rs_check_step(out, "Redshift console: choose the cluster, Actions, Reboot cluster");
        suggest_reboot(run, target, out);
    } else {
        rs_check_say(out, RS_CHECK_PASS, "require_ssl is true in parameter group %s, and in force",
                     group->id);
    }
    rs_cluster_parameters_release(&parameters);
}

static void check_workgroup(struct rs_check_run *run, const struct rs_check_target *target,
                            struct rs_check_result *out)
{
    const struct rs_workgroup *workgroup = target->workgroup;
    const char *value = "";

    for (size_t i = 0; i < workgroup->settings.count; i++) {
        if (strcmp(workgroup->settings.items[i].key, "require_ssl") == 0) {
            value = workgroup->settings.items[i].value;
        }
    }
    if (strcmp(value, "true") == 0) {
        rs_check_say(out, RS_CHECK_PASS, "require_ssl is true");
        return;
    }
    rs_check_say(out, RS_CHECK_WARN, "require_ssl is %s in workgroup \"%s\"",
                 *value ? value : "not set", target->name);
    rs_check_why(out, why);
    rs_check_step(out, "Redshift console: open the workgroup, tab Database access, Edit: turn "
                       "require_ssl on");
    rs_check_aws_command(
        run, out, "aws redshift-serverless update-workgroup --workgroup-name %s " SET_IN_WORKGROUP,
        rs_check_quote(out, target->name));
}

void rs_check_require_ssl(struct rs_check_run *run, struct rs_check_result *out)
{
    const struct rs_check_target *target = NULL;
    struct rs_error err = {0};

    if (!rs_check_aws_target(run, &target, &err)) {
        rs_check_say_error(out, RS_CHECK_UNKNOWN, &err);
    } else if (target->workgroup) {
        check_workgroup(run, target, out);
    } else if (target->cluster->parameter_groups.count == 0) {
        rs_check_say(out, RS_CHECK_UNKNOWN, "AWS names no parameter group for the cluster");
    } else {
        check_group(run, target, &target->cluster->parameter_groups.items[0], out);
    }
}

void rs_check_advise_require_ssl(const struct rs_check_cluster_ref *ref,
                                 struct rs_check_result *out)
{
    if (!ref->redshift) {
        rs_check_step(out, "in pg_hba.conf of the server write \"hostssl\" in place of \"host\", "
                           "then reload it; on RDS set rds.force_ssl to 1 in the parameter group");
        return;
    }
    if (ref->serverless) {
        rs_check_step(out,
                      "Redshift console > Workgroups > \"%s\" > Database configurations: "
                      "require_ssl true",
                      ref->name);
        rs_check_command(
            out, "aws redshift-serverless update-workgroup%s --workgroup-name %s " SET_IN_WORKGROUP,
            ref->region, ref->word);
        return;
    }
    rs_check_step(out, "Redshift console > Configurations > Workload management > the cluster's "
                       "parameter group > Parameters > Edit: require_ssl true (default groups "
                       "cannot be edited: make one, and give it to the cluster)");
    rs_check_step(out, "reboot the cluster: Clusters > \"%s\" > Actions > Reboot; it " REBOOT_ENDS,
                  ref->name);
    const char *group = rs_check_cluster_ref_query(
        ref, "Clusters[0].ClusterParameterGroups[0].ParameterGroupName", "", out);
    rs_check_command(out,
                     "aws redshift modify-cluster-parameter-group%s --parameter-group-name "
                     "\"$(%s)\" " SET_IN_GROUP,
                     ref->region, group);
    rs_check_command(out, "aws redshift reboot-cluster%s --cluster-identifier %s", ref->region,
                     ref->word);
}
