/* Rows that are not built yet; each goes as soon as its lane has it. */
#include "rs/check/check_bucket.h"
#include "rs/check/check_database.h"

/* ---- database ---- */
void rs_check_login(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_server(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_privileges(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_unload_copy(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_capacity(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_wlm(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_database_free(struct rs_check_database_facts *facts)
{
    (void)facts;
}

/* ---- bucket ---- */
void rs_check_bucket(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_bucket_encryption(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_clock(struct rs_check_run *run, struct rs_check_result *out)
{
    (void)run;
    rs_check_say(out, RS_CHECK_UNKNOWN, "not built yet");
}
void rs_check_bucket_free(struct rs_check_bucket_facts *facts)
{
    (void)facts;
}
