/* Whom a server's certificate is verified by, where nobody named a file of roots. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "warehouse/login_internal.h"

enum { LIBPQ_WITH_SYSTEM_ROOTS = 160000, PATH_BYTES = 4096 };

/* Where distributions keep the roots that they trust. */
static const char *const root_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Amazon Linux, Fedora, RHEL */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL without the links */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/ssl/cert.pem",                                 /* macOS, the BSDs */
};

const char *rs_login_system_roots(const struct rs_env *env, const char *sslmode, int libpq_version)
{
    const char *file = env->getenv(env, "SSL_CERT_FILE");
    if (file && *file) {
        return file;
    }
    if (libpq_version >= LIBPQ_WITH_SYSTEM_ROOTS && strcmp(sslmode, "verify-full") == 0) {
        return "system";
    }
    for (size_t i = 0; i < RS_COUNTOF(root_bundles); i++) {
        if (access(root_bundles[i], R_OK) == 0) {
            return root_bundles[i];
        }
    }
    return NULL;
}

char *rs_login_roots(const struct rs_env *env, const char *named, int libpq_version)
{
    char own[PATH_BYTES];
    const char *home = env->getenv(env, "HOME");
    if (named && *named) {
        return rs_mem_strdup(named);
    }
    (void)snprintf(own, sizeof own, "%s/.postgresql/root.crt", home ? home : "");
    if (access(own, R_OK) == 0) {
        return rs_mem_strdup(own);
    }
    const char *system = rs_login_system_roots(env, "verify-full", libpq_version);
    return rs_mem_strdup(system ? system : "");
}
