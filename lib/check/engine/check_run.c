/* What each check may ask of its run. */
#include "check/engine/check_run.h"

#include <stdlib.h>

enum { PORT_DEFAULT = 5439 };

unsigned rs_check_left_ms(const struct rs_check_run *run)
{
    const int64_t gone_ms = (run->env->monotonic_us(run->env) - run->started_us) / 1000;
    const int64_t left_ms = (int64_t)run->options->timeout_ms - gone_ms;
    return left_ms < 1 ? 1 : (unsigned)left_ms;
}

bool rs_check_held(const struct rs_check_run *run, enum rs_check_id id)
{
    const enum rs_check_status status = run->results[id].status;
    return status == RS_CHECK_PASS || status == RS_CHECK_WARN;
}

unsigned rs_check_port(const struct rs_check_run *run)
{
    if (run->options->port > 0) {
        return run->options->port;
    }
    const bool asked = run->endpoint.host && run->endpoint.host[0] == '\0';
    const unsigned told = asked ? run->cluster_port : 0;
    const char *port = run->endpoint.port ? run->endpoint.port : "";
    const unsigned long number = told ? told : strtoul(port, NULL, 10);
    return number > 0 && number <= UINT16_MAX ? (unsigned)number : PORT_DEFAULT;
}
