/* Rows that are not built yet; each goes as soon as its lane has it. */
#include "rs/check/check_aws.h"

/* ---- aws ---- */
void rs_check_cluster(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_public(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_encryption(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_require_ssl(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_port_range(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_maintenance(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_inbound(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_acl(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_route(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_outbound(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_cpu(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
const char *rs_check_aws_host(const struct rs_check_run *run)
{
    (void)run;
    return "";
}
unsigned rs_check_aws_port(const struct rs_check_run *run)
{
    (void)run;
    return 0;
}
void rs_check_aws_free(struct rs_check_aws_facts *facts)
{
    (void)facts;
}
