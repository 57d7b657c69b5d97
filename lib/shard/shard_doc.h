/*
 * shard/shard_doc.h - what a shard says of itself, as JSON.
 *
 *   I-of-N/shard.json                 one document: the shard; it is written last, so what it names
 *                                     is there
 *   I-of-N/SYNC-ID/tables.ndjson      a table a line
 *   I-of-N/SYNC-ID/inputs.ndjson      an input a line
 *
 *   rs_shard_doc_append(&doc, &text);       rs_shard_doc_parse(text, url, &arena, &doc, err)
 *   rs_shard_table_append(&table, &text);   rs_shard_table_parse(line, url, &arena, &table, err)
 *   rs_shard_input_append(&input, &text);   rs_shard_input_parse(line, url, &arena, &input, err)
 *
 * Limits:  RS_JSON_DOC_MAX_BYTES a document or line: some 100,000 files of a table.
 * Owns:    what is read lives in the caller's arena.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_SHARD_SHARD_DOC_H
#define RS_SHARD_SHARD_DOC_H

#include "base/arena.h"
#include "ledger/ledger_runs.h"
#include "rows/encode.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "shard/shard.h"
#include "sync/staging.h"

/* Grows when what is written changes. */
enum { RS_SHARD_DOC_FORMAT = 2 };

struct rs_shard_counts {
    uint64_t lines;
    uint64_t events;
    uint64_t rejects;
    uint64_t opt_outs;
    uint64_t unselected;
    uint64_t discards;
    uint64_t duplicates;
    uint64_t bytes;
    uint64_t inputs_skipped; /* of its own */
    uint64_t inputs_failed;
    uint64_t inputs_suspect;
};

struct rs_shard_doc {
    struct rs_shard shard;
    struct rs_str schema;
    struct rs_str sync_id; /* of the run that staged it: the name of its folder */
    struct rs_str compression;
    struct rs_str arrays;       /* "text" or "super" */
    struct rs_str selection;    /* SHA-256 of the file of --select; "" without one */
    struct rs_str warehouse_id; /* "" without one */
    struct rs_str opt_out;      /* "warehouses" or "all" */
    struct rs_str null_traits;  /* "keep" or "clear" */
    struct rs_str null_text;
    struct rs_str listed; /* hash of all inputs that it has listed, those of others too */
    struct rs_shard_counts counts;
    uint64_t tables;        /* lines of tables.ndjson */
    uint64_t inputs;        /* lines of inputs.ndjson */
    uint64_t rejects_bytes; /* of their file; 0: there is none */
    uint64_t discards_bytes;
    struct rs_str damage;  /* the first damaged input's error; "" when there is none */
    struct rs_str reasons; /* of rejects and discards: rs_reasons_json */
};

struct rs_shard_table {
    struct rs_table table; /* columns as the files have them: rs_shard_define_files */
    struct rs_encode_counts counts;
    struct rs_staged_part *parts; /* TABLE/rows-0000.csv.zst is of the first one */
    size_t part_count;
};

void rs_shard_doc_append(const struct rs_shard_doc *doc, struct rs_strbuf *out);
void rs_shard_table_append(const struct rs_shard_table *table, struct rs_strbuf *out);
void rs_shard_input_append(const struct rs_ledger_input *input, struct rs_strbuf *out);

/*
 * Read what the append functions wrote.
 *
 * name  of the object, for messages
 * err   RS_E_INPUT: it is damaged; of a document also: it is of another format or version of the
 *       tool. RS_E_LIMIT
 */
RS_MUST_USE bool rs_shard_doc_parse(struct rs_str text, const char *name, struct rs_arena *arena,
                                    struct rs_shard_doc *out, struct rs_error *err);
RS_MUST_USE bool rs_shard_table_parse(struct rs_str line, const char *name, struct rs_arena *arena,
                                      struct rs_shard_table *out, struct rs_error *err);
RS_MUST_USE bool rs_shard_input_parse(struct rs_str line, const char *name, struct rs_arena *arena,
                                      struct rs_ledger_input *out, struct rs_error *err);

#endif
