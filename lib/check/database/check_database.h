/*
 * check/database/check_database.h - checks that a session makes: login, privileges, room, queues.
 *
 * Each is a row's run, see check/engine/check_run.h; they share one session.
 *
 * Pure:    no: network.   Threads: the thread of their lane.
 */
#ifndef RS_CHECK_DATABASE_CHECK_DATABASE_H
#define RS_CHECK_DATABASE_CHECK_DATABASE_H

#include "check/engine/check_run.h"

void rs_check_login(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_server(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_privileges(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_unload_copy(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_capacity(struct rs_check_run *run, struct rs_check_result *out);
void rs_check_wlm(struct rs_check_run *run, struct rs_check_result *out);

/* NULL is nothing. */
void rs_check_database_free(struct rs_check_database_facts *facts);

#endif
