/*
 * migrate/hosts.h - the two databases that a job is between, and the schema in both.
 *
 *   struct rs_hosts hosts;
 *   rs_hosts_open(&env, &options, &hosts, &err)
 *   rs_hosts_close(&hosts);
 *
 * Pure:    no: network.
 * Owns:    connections and sessions; options are borrowed until close.
 * Threads: main thread only; rs_connect_open on hosts.from and hosts.to: any thread.
 */
#ifndef RS_MIGRATE_HOSTS_H
#define RS_MIGRATE_HOSTS_H

#include "base/env.h"
#include "connect/connect.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "warehouse/table_definition.h"

struct rs_hosts_options {
    struct rs_connect_options from;
    struct rs_connect_options to;
    const char *schema;
    const char *to_schema; /* NULL: called the same */
};

struct rs_hosts {
    const struct rs_env *env;
    struct rs_connect *from;
    struct rs_connect *to;
    struct rs_session *from_session;
    struct rs_session *to_session;
    struct rs_strbuf from_schema; /* the names in the databases */
    struct rs_strbuf to_schema;
};

RS_MUST_USE bool rs_hosts_open(const struct rs_env *env, const struct rs_hosts_options *options,
                               struct rs_hosts *out, struct rs_error *err);
void rs_hosts_close(struct rs_hosts *hosts);

/* From where to where. */
struct rs_table_definition_place rs_hosts_place(const struct rs_hosts *hosts);

/*
 * Read the tables of both schemas, of which the new one need not be there.
 *
 * verb  "migrate", for the message: RS_E_DATABASE when the old host has no such schema
 */
RS_MUST_USE bool rs_hosts_read_tables(const struct rs_hosts *hosts, const char *verb,
                                      struct rs_table_definitions *old,
                                      struct rs_table_definitions *new, struct rs_error *err);

/* Append what the new host and schema are called, as a folder's name of letters and digits. */
void rs_hosts_append_folder(const struct rs_hosts *hosts, struct rs_strbuf *out);

/* The list of names, with commas between, has the table; an empty list has all. */
bool rs_hosts_is_listed(const char *list, struct rs_str table);

/* Each name of the option's list is one of a table of the old host. err RS_E_USAGE. */
RS_MUST_USE bool rs_hosts_check_list(const char *option, const char *list,
                                     const struct rs_table_definitions *old, struct rs_error *err);

#endif
