/*
 * cli/config.h - options from a JSON file: its keys are the long options.
 *
 *   {"dbname": "service=warehouse", "schema": "shop", "threads": 2, "json": true,
 *    "inputs": ["/var/spool/events"]}
 *
 *   if (!rs_config_load("rs.json", table, &arena, &inputs, &err)) ...
 *
 * Form:    a flag takes true or false, a number's option a number, a size a number or text, a
 *          list an array of texts, any other a text. "inputs" holds operands. null is as if
 *          the key were not there.
 * Limits:  1 MiB.   Pure: no: reads the file.
 * Owns:    values are copied into the arena; inputs' array is the caller's to release.
 * Threads: reentrant.
 * Source:  rs-config(5).
 */
#ifndef RS_CLI_CONFIG_H
#define RS_CLI_CONFIG_H

#include "base/arena.h"
#include "cli/options.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum { RS_CONFIG_MAX_BYTES = 1 << 20 };

/*
 * Store the file's values in the table's targets.
 *
 * inputs  the operands of "inputs" are appended to it
 * err     RS_E_CONFIG: the file cannot be read or is no JSON object, a key is unknown or only
 *         for the command line, a value is of the wrong kind; targets may be stored by then
 */
RS_MUST_USE bool rs_config_load(const char *path, const struct rs_option *table,
                                struct rs_arena *arena, struct rs_option_list *inputs,
                                struct rs_error *err);

#endif
