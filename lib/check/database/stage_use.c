/*
 * What is written goes into a folder that nothing else is in, and is removed with our own keys. The
 * client has an environment of its own, in which there are no signals: each of its requests is
 * bounded, and what a check has written goes, whoever ends the run.
 */
#include "check/database/stage_use.h"

#include <inttypes.h>
#include <stdio.h>

#include "check/bucket/bucket_facts.h"
#include "check/engine/shell_quote.h"

enum { URL_MAX = RS_S3_KEY_MAX + 128 };

/* Names, and the region that a cluster elsewhere has to be told. */
bool rs_check_stage_prepare(struct rs_check_stage_use *use, const struct rs_check_run *run,
                            const struct rs_session *session, struct rs_error *err)
{
    char text[URL_MAX] = "";
    struct rs_str folder = RS_STR("");
    *use =
        (struct rs_check_stage_use){.arena = RS_ARENA_INIT,
                                    .access = {.keys = RS_CREDENTIALS_INIT},
                                    .files = {.url = RS_STR_INIT(""), .region = RS_STR_INIT("")}};
    rs_env_init_quiet(&use->quiet, run->env);
    if (!rs_check_split_stage(run, &use->arena, &use->bucket, &folder)) {
        return rs_error_set(err, RS_E_CONFIG, "\"%s\" is no address of S3", run->options->stage);
    }
    (void)snprintf(text, sizeof text, "%.*s%016" PRIx64 "/", RS_STR_ARG(folder),
                   run->env->random_u64(run->env));
    use->prefix = rs_arena_copy(&use->arena, rs_str_from(text));
    (void)snprintf(text, sizeof text, "s3://%.*s/%.*s", RS_STR_ARG(use->bucket),
                   RS_STR_ARG(use->prefix));
    use->files.url = rs_arena_copy(&use->arena, rs_str_from(text));
    use->s3 = rs_account_s3_in(run->account, &use->quiet, NULL);
    if (rs_account_tells_region(run->account)) {
        struct rs_error unknown = {0}; /* then the cluster's own is tried */
        use->files.region = rs_str_from(rs_s3_region(use->s3, use->bucket, &unknown));
    }
    const bool ok = rs_s3_access_check(session, run->options->iam_role, "--iam-role", err) &&
                    rs_s3_access_take(&use->access, run->options->iam_role,
                                      rs_account_credentials(run->account), err);
    use->files.access = use->access.copy;
    return ok;
}

void rs_check_stage_remove(struct rs_check_stage_use *use, struct rs_check_result *out)
{
    struct rs_error err = {0};
    size_t count = 0;
    if (!rs_check_remove(use->s3, use->bucket, use->prefix, &count, &err)) {
        rs_check_say(out, RS_CHECK_WARN, "what was unloaded could not be removed: %s", err.message);
        rs_check_command(out, "aws s3 rm --recursive %s", rs_check_quote(out, use->files.url.data));
    }
}

void rs_check_stage_release(struct rs_check_stage_use *use)
{
    rs_s3_free(use->s3);
    rs_s3_access_release(&use->access);
    rs_arena_release(&use->arena);
    use->s3 = NULL;
}
