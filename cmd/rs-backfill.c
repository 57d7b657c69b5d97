/*
 * rs-backfill - fill a warehouse with the past: archived events, and what another schema holds.
 *
 * The first word says which job it is; each has a file of its own, backfill_<name>.c. See
 * man/rs-backfill.1.
 */
#include "backfill.h"
#include "cli/subcommand.h"
#include "connect_options.h"
#include "warehouse/login.h"

static const struct rs_subcommand subcommands[] = {
    {"replay", "load archived events of a time range, window by window", rs_backfill_replay_main},
    {"gap", "find the days whose events are in an archive and not in the tables",
     rs_backfill_gap_main},
    {"migrate", "carry a schema from one host to another", rs_backfill_migrate_main},
    {"verify", "compare a schema on two hosts, day by day", rs_backfill_verify_main},
    {"switch", "move a schema's rs-sync to another host", rs_backfill_switch_main},
    {.name = NULL},
};

static const struct rs_tool tool = {
    .name = "rs-backfill",
    .summary = "Fill Redshift or PostgreSQL with the past of a source.",
    .operands = "",
    .manual = "rs-backfill(1)",
    .subcommands = subcommands,
};

int main(int argc, char **argv)
{
    rs_login_process_init();
    return rs_subcommand_main(&tool, rs_tool_libraries, argc, argv);
}
