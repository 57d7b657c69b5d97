/*
 * ledger/ledger_inputs.h - the table rs_inputs of the ledger: what is loaded.
 *
 *   rs_ledger_read_inputs(session, schema, loaded, &err)
 *   if (!rs_ledger_input_is_loaded(loaded, &input)) ...
 *
 * A schema or a ledger that is not there has no inputs.
 *
 * Pure:    no: statements on the session.   Threads: as the session.
 */
#ifndef RS_LEDGER_LEDGER_INPUTS_H
#define RS_LEDGER_LEDGER_INPUTS_H

#include "base/map.h"
#include "ledger/ledger_tables.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"

/* One input that is loaded now. */
struct rs_ledger_input {
    struct rs_str name;    /* its identity: a path, or an object's URL; any bytes */
    struct rs_str version; /* whatever changes when its contents do: mtime, ETag, hash */
    uint64_t size_bytes;
    uint64_t events;
    uint64_t rejects;
    uint64_t lines;
};

/* What rs_ledger_put_inputs writes. */
struct rs_ledger_inputs {
    const struct rs_ledger_input *items;
    size_t count;
    int64_t loaded_us;
};

/*
 * Put a key for each loaded input into the map, see rs_ledger_input_is_loaded. The values are
 * not NULL and mean nothing.
 */
RS_MUST_USE bool rs_ledger_read_inputs(struct rs_session *session, struct rs_str schema,
                                       struct rs_map *loaded, struct rs_error *err);

/* An input of this name, size and version is loaded. */
bool rs_ledger_input_is_loaded(const struct rs_map *loaded, const struct rs_ledger_input *input);

/* Add the inputs of a run, in the transaction that is open. */
RS_MUST_USE bool rs_ledger_put_inputs(struct rs_session *session, const struct rs_ledger_run *run,
                                      const struct rs_ledger_inputs *inputs, struct rs_error *err);

#endif
