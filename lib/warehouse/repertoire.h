/*
 * warehouse/repertoire.h - which characters the encoding of a database has.
 *
 *   struct rs_repertoire repertoire = RS_REPERTOIRE_INIT;
 *   rs_repertoire_learn(&repertoire, session, &seen, &err)     asks for those of seen that are new
 *   rs_codepoints_meet(&repertoire.missing, text)              the text cannot be stored
 *   rs_repertoire_release(&repertoire);
 *
 * Texts are UTF-8 on the connection, and the server puts them into its database's encoding. Where
 * that is UTF-8 (or SQL_ASCII, which is any bytes) nothing is asked and nothing is missing. The
 * server's own tables say what it has: those of iconv differ in some characters.
 *
 * Limits:  two statements for each character that is missing, and some more.   Pure: no: network.
 * Owns:    its sets; released with rs_repertoire_release.
 * Threads: one thread at a time per object.
 * Source:  PostgreSQL manual, "Character Set Support", and convert() in "Binary String Functions"
 */
#ifndef RS_WAREHOUSE_REPERTOIRE_H
#define RS_WAREHOUSE_REPERTOIRE_H

#include "codec/codepoints.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "warehouse/session.h"

struct rs_repertoire {
    struct rs_codepoints asked;
    struct rs_codepoints missing;
};

#define RS_REPERTOIRE_INIT ((struct rs_repertoire){RS_CODEPOINTS_INIT, RS_CODEPOINTS_INIT})

/* The error is the server's of a character that its encoding does not have. */
bool rs_repertoire_is_cause(const struct rs_error *err);

/* Ask for the characters that were not asked for yet. Outside of a transaction. */
RS_MUST_USE bool rs_repertoire_learn(struct rs_repertoire *repertoire, struct rs_session *session,
                                     const struct rs_codepoints *seen, struct rs_error *err);

void rs_repertoire_release(struct rs_repertoire *repertoire);

#endif
