/*
 * Two questions, to one of two services: where does it listen, and what opens it. The first one is
 * left out where the caller knows the answer, so that a narrow policy is enough.
 */
#include "aws/iam_login.h"

#include <stdio.h>
#include <string.h>

#include "aws/redshift_api.h"
#include "aws/serverless_api.h"

enum { USUAL_PORT = 5439 };

/* Take the address over; without one nothing can be opened. */
static bool set_place(struct rs_database_login *out, const char *what, const char *name,
                      const char *status, const char *address, unsigned port, struct rs_error *err)
{
    if (!*address) {
        rs_error_set(err, RS_E_BUSY, "could not log in to %s \"%s\": it has no endpoint, being %s",
                     what, name, *status ? status : "in no known state");
        return rs_error_hint(err, "resume it if it is paused, or wait until it is available");
    }
    if (strlen(address) > RS_LOGIN_HOST_MAX) {
        return rs_error_set(err, RS_E_LIMIT,
                            "could not log in to %s \"%s\": its address is over "
                            "%d bytes",
                            what, name, (int)RS_LOGIN_HOST_MAX);
    }
    (void)snprintf(out->host, sizeof out->host, "%s", address);
    out->port = port > 0 ? port : USUAL_PORT;
    return true;
}

static bool find_cluster(const struct rs_service *service, const char *name,
                         struct rs_database_login *out, struct rs_error *err)
{
    struct rs_clusters clusters = RS_CLUSTERS_INIT;
    bool ok = rs_redshift_clusters(service, name, &clusters, err);

    if (ok && clusters.count == 0) {
        ok = rs_error_set(err, RS_E_INPUT, "could not log in to cluster \"%s\": there is none",
                          name);
    }
    if (ok) {
        const struct rs_cluster *cluster = &clusters.items[0];
        ok = set_place(out, "cluster", name, cluster->status, cluster->address, cluster->port, err);
    }
    rs_clusters_release(&clusters);
    return ok;
}

static bool find_workgroup(const struct rs_service *service, const char *name,
                           struct rs_database_login *out, struct rs_error *err)
{
    struct rs_workgroup workgroup = RS_WORKGROUP_INIT;
    bool ok =
        rs_serverless_workgroup(service, name, &workgroup, err) &&
        set_place(out, "workgroup", name, workgroup.status, workgroup.address, workgroup.port, err);

    rs_workgroup_release(&workgroup);
    return ok;
}

static bool find_place(const struct rs_iam_login_options *options, const struct rs_service *service,
                       struct rs_database_login *out, struct rs_error *err)
{
    if (options->host && *options->host) {
        return set_place(out, options->cluster ? "cluster" : "workgroup",
                         options->cluster ? options->cluster : options->workgroup, "",
                         options->host, options->port, err);
    }
    return options->cluster ? find_cluster(service, options->cluster, out, err)
                            : find_workgroup(service, options->workgroup, out, err);
}

static bool get_password(const struct rs_iam_login_options *options,
                         const struct rs_service *service, struct rs_database_login *out,
                         struct rs_error *err)
{
    if (!options->cluster) {
        return rs_serverless_password(service, options->workgroup, options->database,
                                      options->duration_seconds, out, err);
    }
    const struct rs_redshift_user user = {
        .cluster = options->cluster,
        .user = options->user && *options->user ? options->user : NULL,
        .database = options->database,
        .groups = options->groups,
        .group_count = options->group_count,
        .auto_create = options->auto_create,
        .duration_seconds = options->duration_seconds,
    };
    return rs_redshift_password(service, &user, out, err);
}

bool rs_iam_login_get(const struct rs_iam_login_options *options, struct rs_database_login *out,
                      struct rs_error *err)
{
    const char *name = options->cluster ? "redshift" : "redshift-serverless";
    const struct rs_service service = {
        .call = options->call,
        .region = options->region,
        .endpoint = options->profiles ? rs_profiles_endpoint(options->profiles, name) : NULL,
    };
    struct rs_database_login found = RS_DATABASE_LOGIN_INIT;

    if (!options->cluster == !options->workgroup) {
        return rs_error_set(err, RS_E_CONFIG, "could not log in by IAM: %s",
                            options->cluster ? "both a cluster and a workgroup are named"
                                             : "neither a cluster nor a workgroup is named");
    }
    if (!find_place(options, &service, &found, err) ||
        !get_password(options, &service, &found, err)) {
        rs_database_login_release(&found);
        return false;
    }
    rs_database_login_release(out);
    *out = found;
    return true;
}
