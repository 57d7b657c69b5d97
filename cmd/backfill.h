/*
 * backfill.h - the subcommands of rs-backfill, each the main of a tool of its own.
 *
 * argv[0] is the subcommand's name. Returns the exit status.
 *
 * Threads: main thread only.
 */
#ifndef RS_CMD_BACKFILL_H
#define RS_CMD_BACKFILL_H

int rs_backfill_replay_main(int argc, char **argv);
int rs_backfill_gap_main(int argc, char **argv);
int rs_backfill_migrate_main(int argc, char **argv);
int rs_backfill_verify_main(int argc, char **argv);
int rs_backfill_switch_main(int argc, char **argv);

#endif
