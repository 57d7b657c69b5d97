/*
 * What a piece does on the old host is one transaction that only reads, on the new host one that
 * writes, and it begins when the first is over: what is staged by then is what was counted. Between
 * two PostgreSQLs both are open at once.
 *
 * On Redshift the table is locked before anything else: pieces of one table are loaded one after
 * the other, and no snapshot is older than the wait, which would end in a serialization failure.
 *
 * On the way through S3, what PostgreSQL gives is cut into files of some 32 MiB of CSV, between two
 * rows, so that all slices of a cluster have work.
 */
#include "migrate/piece_copy.h"

#include "aws/s3_upload.h"
#include "base/mem.h"
#include "codec/zst.h"
#include "connect/s3_access.h"
#include "ledger/ledger_pieces.h"
#include "migrate/row_checksum.h"
#include "net/retry.h"
#include "rows/manifest.h"
#include "warehouse/load_errors.h"

enum {
    NAME_MAX_BYTES = 1024,
    SMALL_SQL = 8192,
    PART_BYTES = 32 << 20, /* before they are compressed */
    BLOCK_BYTES = 256 << 10,
    URL_MAX = 4096,
    TELL_ROWS = 256, /* how far it is, as often */
    ZSTD_LEVEL = 1,
};

/* Where in a piece its steps end: its rows are counted, are out of the old host, are in the new one. */
static const double COUNTED = 0.15;
static const double TAKEN_OUT = 0.5;
static const double PUT_IN = 0.95;

static const struct rs_retry_policy policy = {5, 400, 10000};

struct rs_piece_copy {
    const struct rs_piece_copy_shared *shared;
    struct rs_session *from; /* NULL: to be opened */
    struct rs_session *to;
    bool has_batch; /* to does, of a piece before */
    struct rs_s3 *s3;
};

/* A piece on its way. */
struct job {
    const struct rs_piece_spec *spec;
    struct rs_meter_piece *under_way;
    struct rs_strbuf name; /* of its folder in S3, with a slash at its end */
    uint64_t rows;         /* as counted in the old host's snapshot */
    uint64_t sum;
    uint64_t bytes;
    uint64_t old_rows; /* of the whole table, of RS_PIECE_SINCE */
    uint64_t new_rows;
    struct rs_horizon horizon;
};

/* RS_E_DATABASE unless the two counts are one. */
static bool check_rows(const struct job *job, uint64_t rows, const char *who, struct rs_error *err)
{
    if (rows == job->rows) {
        return true;
    }
    rs_error_set(err, RS_E_DATABASE, "could not %s all rows: %llu of %llu", who,
                 (unsigned long long)rows, (unsigned long long)job->rows);
    return rs_error_hint(err, "run again; if it stays so, tell what rows the table has");
}

/* --- Redshift, by S3 ------------------------------------------------------------------------- */

static bool ask_count(struct rs_session *session, const char *question, uint64_t *out,
                      struct rs_error *err)
{
    struct rs_result *result = rs_session_query_params(session, question, NULL, 0, err);
    bool ok = result && rs_result_u64(result, 0, 0, out, err);
    rs_result_free(result);
    return ok;
}

/* UNLOAD or COPY: who runs it, and as whom in S3. */
struct statement {
    struct rs_session *session;
    const char *role;
    const char *file; /* in the piece's folder */
    void (*append)(struct rs_strbuf *out, const struct rs_piece_spec *spec,
                   const struct rs_piece_files *files);
    const char *count;
    const char *verb;
};

static bool run_statement(struct rs_piece_copy *copy, struct job *job,
                          const struct statement *statement, struct rs_error *err)
{
    const struct rs_piece_copy_shared *shared = copy->shared;
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_s3_access access;
    uint64_t rows = 0;
    rs_s3_place_append_root(shared->place, &url);
    rs_s3_place_append_key(shared->place, rs_strbuf_str(&job->name), &url);
    rs_strbuf_append(&url, statement->file);
    bool ok =
        rs_s3_access_take(&access, statement->role, rs_account_credentials(shared->account), err);
    if (ok) {
        const struct rs_account_options *account = shared->account_options;
        const struct rs_piece_files files = {.url = rs_strbuf_str(&url),
                                             .access = access.copy,
                                             .region = rs_str_from(shared->place->region),
                                             .encryption = rs_str_from(account->encryption),
                                             .kms_key_id = rs_str_from(account->kms_key_id)};
        statement->append(&sql, job->spec, &files);
        ok = rs_session_exec(statement->session, &sql, NULL, err) &&
             ask_count(statement->session, statement->count, &rows, err) &&
             check_rows(job, rows, statement->verb, err);
    }
    if (!ok) {
        rs_s3_access_renew(&access, err);
    }
    rs_s3_access_release(&access);
    rs_strbuf_release_secret(&sql);
    rs_strbuf_release(&url);
    return ok;
}

static bool unload(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    const struct statement statement = {copy->from,
                                        copy->shared->from_role,
                                        "",
                                        rs_piece_sql_append_unload,
                                        "SELECT pg_last_unload_count()",
                                        "unload"};
    return run_statement(copy, job, &statement, err);
}

/* COPY of what UNLOAD or upload has written. */
static bool load(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    const struct statement statement = {copy->to,
                                        copy->shared->to_role,
                                        "manifest",
                                        rs_piece_sql_append_copy,
                                        "SELECT pg_last_copy_count()",
                                        "load"};
    return run_statement(copy, job, &statement, err);
}

/* --- PostgreSQL, out ------------------------------------------------------------------------- */

/* Takes rows, and cuts them into files. */
struct cutter {
    struct rs_sink sink; /* first: a sink is its cutter */
    const struct rs_piece_copy *copy;
    struct job *job;
    struct rs_s3_uploader *uploader;
    struct rs_encoder *encoder;
    struct rs_manifest manifest;
    struct rs_sink *object; /* of the file that is open, or NULL */
    struct rs_sink *rows;   /* into its compressor */
    size_t part_bytes;
    unsigned parts;
};

static void note_object(void *arg, const struct rs_s3_uploaded *uploaded)
{
    struct cutter *cutter = arg;
    char *key = rs_mem_strndup(uploaded->key.data, uploaded->key.length);
    rs_manifest_add(&cutter->manifest, key, uploaded->size_bytes);
    cutter->job->bytes += uploaded->size_bytes;
    rs_mem_free(key);
}

static bool begin_part(struct cutter *cutter, struct rs_error *err)
{
    struct rs_strbuf name = RS_STRBUF_INIT(URL_MAX);
    struct rs_strbuf key = RS_STRBUF_INIT(URL_MAX);
    rs_strbuf_append_str(&name, rs_strbuf_str(&cutter->job->name));
    rs_strbuf_printf(&name, "%06u.csv.zst", cutter->parts++);
    rs_s3_place_append_key(cutter->copy->shared->place, rs_strbuf_str(&name), &key);
    cutter->object = rs_s3_uploader_begin(cutter->uploader, rs_strbuf_str(&key), NULL, err);
    cutter->rows = cutter->object ? cutter->encoder->begin(cutter->encoder, cutter->object) : NULL;
    cutter->part_bytes = 0;
    rs_strbuf_release(&name);
    rs_strbuf_release(&key);
    return cutter->object != NULL;
}

static bool end_part(struct cutter *cutter, struct rs_error *err)
{
    struct rs_sink *object = cutter->object;
    cutter->object = NULL;
    if (!cutter->encoder->finish(cutter->encoder, err)) {
        rs_s3_uploader_abort(cutter->uploader, object);
        return false;
    }
    return rs_s3_uploader_finish(cutter->uploader, object, err);
}

static bool cut_write(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct cutter *cutter = (struct cutter *)sink;
    if (cutter->object && cutter->part_bytes >= PART_BYTES && !end_part(cutter, err)) {
        return false;
    }
    if (!cutter->object && !begin_part(cutter, err)) {
        return false;
    }
    cutter->part_bytes += count;
    return cutter->rows->write(cutter->rows, bytes, count, err);
}

static bool put_manifest(struct cutter *cutter, struct rs_error *err)
{
    const struct rs_s3_place *place = cutter->copy->shared->place;
    struct rs_strbuf text = RS_STRBUF_INIT(64 << 20);
    struct rs_strbuf key = RS_STRBUF_INIT(URL_MAX);
    rs_s3_place_append_key(place, rs_strbuf_str(&cutter->job->name), &key);
    rs_strbuf_append(&key, "manifest");
    rs_manifest_append(&cutter->manifest, place->bucket, &text);
    bool ok = rs_s3_put(cutter->copy->s3, place->bucket, rs_strbuf_str(&key), rs_strbuf_str(&text),
                        NULL, err);
    rs_strbuf_release(&key);
    rs_strbuf_release(&text);
    return ok;
}

static bool upload(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    struct cutter cutter = {.sink = {.write = cut_write},
                            .copy = copy,
                            .job = job,
                            .encoder = rs_zst_encoder_new(ZSTD_LEVEL),
                            .manifest = RS_MANIFEST_INIT};
    struct rs_s3_uploader_options options = {
        .bucket = copy->shared->place->bucket, .done = note_object, .arg = &cutter};
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    uint64_t rows = 0;
    job->bytes = 0;
    cutter.uploader = rs_s3_uploader_new(copy->s3, &options);
    rs_piece_sql_append_copy_out(&sql, job->spec);
    bool ok = rs_session_copy_out(copy->from, &sql, &cutter.sink, &rows, err) &&
              (!cutter.object || end_part(&cutter, err)) &&
              rs_s3_uploader_drain(cutter.uploader, err) && check_rows(job, rows, "read", err) &&
              put_manifest(&cutter, err);
    if (cutter.object) {
        rs_s3_uploader_abort(cutter.uploader, cutter.object);
    }
    rs_s3_uploader_free(cutter.uploader);
    rs_encoder_free(cutter.encoder);
    rs_manifest_release(&cutter.manifest);
    rs_strbuf_release(&sql);
    return ok;
}

/* --- PostgreSQL, in -------------------------------------------------------------------------- */

/* What a file's bytes go through. */
struct pipe {
    struct rs_decoder *decoder;
    struct rs_sink *into;
    unsigned char in[BLOCK_BYTES];
    unsigned char out[BLOCK_BYTES];
};

static bool decode(struct pipe *pipe, size_t count, struct rs_error *err)
{
    struct rs_decode_io io = {.in = pipe->in, .in_left = count};
    enum rs_decode_status status = RS_DECODE_OUTPUT;
    while (status == RS_DECODE_OUTPUT) {
        io.out = pipe->out;
        io.out_left = sizeof pipe->out;
        status = pipe->decoder->run(pipe->decoder, &io, err);
        size_t made = sizeof pipe->out - io.out_left;
        if (status == RS_DECODE_ERROR ||
            (made > 0 && !pipe->into->write(pipe->into, pipe->out, made, err))) {
            return false;
        }
    }
    return true;
}

/* Send one object's rows. */
static bool send_object(struct rs_piece_copy *copy, struct pipe *pipe, struct rs_str key,
                        struct rs_error *err)
{
    struct rs_s3_stream *stream = rs_s3_open(copy->s3, copy->shared->place->bucket, key, NULL, err);
    bool ok = stream != NULL;
    size_t count = 1;
    pipe->decoder = rs_zst_decoder_new();
    while (ok && count > 0) {
        ok = rs_s3_read(stream, pipe->in, sizeof pipe->in, &count, err) &&
             (count == 0 || decode(pipe, count, err));
    }
    if (ok && !pipe->decoder->at_end(pipe->decoder)) {
        ok = rs_error_set(err, RS_E_INPUT, "the zstd data was cut short");
    }
    rs_decoder_free(pipe->decoder);
    rs_s3_close(stream);
    if (!ok) {
        rs_error_prefix(err, "could not read the staged file \"%.*s\"", RS_STR_ARG(key));
    }
    return ok;
}

static bool send_all(struct rs_piece_copy *copy, struct job *job, struct rs_sink *into,
                     struct rs_error *err)
{
    struct pipe *pipe = rs_mem_zalloc(1, sizeof *pipe);
    struct rs_strbuf prefix = RS_STRBUF_INIT(URL_MAX);
    struct rs_s3_object object = {.size_bytes = 0};
    pipe->into = into;
    rs_s3_place_append_key(copy->shared->place, rs_strbuf_str(&job->name), &prefix);
    struct rs_s3_list_options options = {.prefix = rs_strbuf_str(&prefix)};
    struct rs_s3_list *list = rs_s3_list_new(copy->s3, copy->shared->place->bucket, &options);
    enum rs_next next = RS_NEXT_ERROR;
    bool ok = true;
    job->bytes = 0;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        job->bytes += object.size_bytes;
        ok = rs_str_ends(object.key, RS_STR("/manifest")) || object.size_bytes == 0 ||
             send_object(copy, pipe, object.key, err);
    }
    ok = ok && next == RS_NEXT_END;
    rs_s3_list_free(list);
    rs_strbuf_release(&prefix);
    rs_mem_free(pipe);
    return ok;
}

static bool download(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    uint64_t rows = 0;
    rs_piece_sql_append_copy_in(&sql, job->spec);
    struct rs_sink *into = rs_session_copy_begin(copy->to, &sql, err);
    bool ok = into && send_all(copy, job, into, err) && rs_session_copy_end(copy->to, &rows, err) &&
              check_rows(job, rows, "load", err);
    if (!ok) {
        rs_session_copy_abort(copy->to, "the rows could not be read");
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* --- the steps of a piece -------------------------------------------------------------------- */

/* Floats have all of their digits in what is read; the sums of rows ask for others. */
static bool set_digits(struct rs_session *session, struct rs_error *err)
{
    return rs_session_exec_text(session, rs_session_facts(session)->all_digits, err);
}

static bool open_sessions(struct rs_piece_copy *copy, struct rs_error *err)
{
    if (!copy->from) {
        copy->from = rs_connect_open(copy->shared->from, err);
    }
    if (copy->from && !copy->to) {
        copy->to = rs_connect_open(copy->shared->to, err);
    }
    if (copy->from && copy->to) { /* a piece that has begun comes to its end */
        rs_session_shield(copy->from, true);
        rs_session_shield(copy->to, true);
    }
    return copy->from && copy->to;
}

bool rs_piece_copy_ask_horizon(struct rs_session *session, struct rs_horizon *out,
                               struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    *out = (struct rs_horizon){0, 0};
    if (!rs_session_facts(session)->horizon) {
        return true;
    }
    rs_strbuf_append(&sql, rs_session_facts(session)->horizon);
    struct rs_result *result = rs_session_query(session, &sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, &out->transaction, err) &&
              rs_result_u64(result, 0, 1, &out->system, err);
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

static bool count_table(struct rs_session *session, struct rs_str schema,
                        const struct rs_table_definition *definition, uint64_t *out,
                        struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "SELECT count(*) FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(rs_session_dialect(session), definition));
    rs_sql_qualified(&sql, schema, definition->name);
    struct rs_result *result = rs_session_query(session, &sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, out, err);
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

/*
 * Count the piece's rows and sum them up, in a transaction that stays open. Where a policy of
 * PostgreSQL hides rows from this user it fails, as those would be left behind without a word.
 */
static bool count_rows(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    const struct rs_piece_spec *spec = job->spec;
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_row_checksum sum = {.dialect = spec->place.from, .definition = spec->definition};
    rs_strbuf_append(&sql, "SELECT count(*), ");
    rs_row_checksum_append_rows(&sql, &sum, spec->definition);
    rs_strbuf_append(&sql, " FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(spec->place.from, spec->definition));
    rs_sql_qualified(&sql, spec->from_schema, spec->definition->name);
    rs_piece_sql_append_where(&sql, spec);
    const char *begin = rs_session_facts(copy->from)->begin_reading;
    struct rs_result *result = NULL;
    bool ok = rs_session_exec_text(copy->from, begin, err) &&
              (result = rs_session_query(copy->from, &sql, err)) != NULL &&
              rs_result_u64(result, 0, 0, &job->rows, err);
    if (ok) {
        job->sum = rs_row_checksum_parse(rs_result_text(result, 0, 1));
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok &&
           (spec->piece->kind != RS_PIECE_SINCE ||
            (count_table(copy->from, spec->from_schema, spec->definition, &job->old_rows, err) &&
             rs_piece_copy_ask_horizon(copy->from, &job->horizon, err))) &&
           set_digits(copy->from, err);
}

static bool make_batch(struct rs_piece_copy *copy, const struct job *job, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_piece_sql_append_batch(&sql, job->spec);
    /* only one of ours: without it the name may be that of somebody's table on the search_path */
    bool ok =
        !copy->has_batch || rs_session_exec_text(copy->to, "DROP TABLE " RS_PIECE_SQL_BATCH, err);
    copy->has_batch = copy->has_batch && !ok;
    ok = ok && rs_session_exec(copy->to, &sql, NULL, err);
    copy->has_batch = copy->has_batch || ok;
    rs_strbuf_release(&sql);
    return ok;
}

/* A transaction of the new host in which the range is empty. */
static bool begin_target(struct rs_piece_copy *copy, const struct job *job, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    bool since = job->spec->piece->kind == RS_PIECE_SINCE;
    bool ok = !rs_piece_sql_has_batch(job->spec) || make_batch(copy, job, err);
    ok = ok && rs_session_begin(copy->to, err);
    if (ok && rs_session_facts(copy->to)->refuses_conflicts) {
        rs_strbuf_append(&sql, "LOCK TABLE ");
        rs_sql_qualified(&sql, job->spec->place.schema, job->spec->definition->name);
        ok = rs_session_exec(copy->to, &sql, NULL, err);
        rs_strbuf_reset(&sql);
    }
    rs_piece_sql_append_delete(&sql, job->spec);
    ok = ok && (since || rs_session_exec(copy->to, &sql, NULL, err));
    rs_strbuf_release(&sql);
    return ok;
}

static bool put_batch(struct rs_piece_copy *copy, const struct job *job, struct rs_error *err)
{
    struct rs_strbuf put = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    uint64_t rows = 0;
    rs_piece_sql_append_put(&put, job->spec);
    bool ok = rs_session_exec(copy->to, &put, &rows, err) && check_rows(job, rows, "put in", err);
    rs_strbuf_release(&put);
    return ok;
}

/* The row about the piece. */
static bool tell_piece(struct rs_piece_copy *copy, const struct job *job, struct rs_error *err)
{
    const struct rs_piece_spec *spec = job->spec;
    struct rs_strbuf name = RS_STRBUF_INIT(NAME_MAX_BYTES);
    rs_piece_append_name(&name, spec->piece);
    const struct rs_ledger_piece piece = {.table = spec->definition->name,
                                          .piece = rs_strbuf_str(&name),
                                          .rows = job->rows,
                                          .rowsum = job->sum,
                                          .run_id = copy->shared->run_id};
    bool ok = rs_ledger_put_piece(copy->to, spec->place.schema, &piece, err);
    rs_strbuf_release(&name);
    return ok;
}

/* What was open in the snapshot of these rows is looked at the next time. */
static bool tell_horizon(struct rs_piece_copy *copy, const struct job *job, struct rs_error *err)
{
    const struct rs_piece_spec *spec = job->spec;
    struct rs_strbuf name = RS_STRBUF_INIT(NAME_MAX_BYTES);
    rs_horizon_append_name(&name, &job->horizon);
    const struct rs_ledger_piece seen = {.table = spec->definition->name,
                                         .piece = rs_strbuf_str(&name),
                                         .rowsum = job->horizon.transaction,
                                         .run_id = copy->shared->run_id};
    bool ok = job->horizon.transaction == 0 || job->horizon.transaction == spec->seen ||
              (rs_ledger_forget_piece(copy->to, spec->place.schema, seen.table, seen.piece, err) &&
               rs_ledger_put_piece(copy->to, spec->place.schema, &seen, err));
    rs_strbuf_release(&name);
    return ok;
}

/*
 * The batch replaces the rows of its keys. Once is told of a table that such rows have come: pieces
 * do not hold any more what they held.
 */
static bool merge_batch(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    struct rs_strbuf drop = RS_STRBUF_INIT(SMALL_SQL);
    rs_piece_sql_append_drop_old(&drop, job->spec);
    bool ok = rs_session_exec(copy->to, &drop, NULL, err) && put_batch(copy, job, err) &&
              (job->spec->is_marked || tell_piece(copy, job, err)) &&
              tell_horizon(copy, job, err) &&
              count_table(copy->to, job->spec->place.schema,
                          job->spec->target ? job->spec->target : job->spec->definition,
                          &job->new_rows, err) &&
              rs_session_commit(copy->to, err);
    rs_strbuf_release(&drop);
    return ok;
}

/* Between two PostgreSQLs: from the one session into the other, whose sink counts bytes. */
struct counter {
    struct rs_sink sink; /* first: a sink is its counter */
    struct rs_sink *below;
    const struct job *job;
    uint64_t bytes;
    uint64_t rows;
};

static bool count_write(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct counter *counter = (struct counter *)sink;
    counter->bytes += count;
    if (++counter->rows % TELL_ROWS == 0) { /* each comes by itself */
        rs_meter_advance(counter->job->under_way,
                         (double)counter->rows / (double)counter->job->rows);
    }
    return counter->below->write(counter->below, bytes, count, err);
}

static bool pipe_rows(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    struct rs_strbuf out = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_strbuf in = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct counter counter = {.sink = {.write = count_write}, .job = job};
    uint64_t rows = 0;
    rs_piece_sql_append_copy_out(&out, job->spec);
    rs_piece_sql_append_copy_in(&in, job->spec);
    counter.below = rs_session_copy_begin(copy->to, &in, err);
    bool ok = counter.below && rs_session_copy_out(copy->from, &out, &counter.sink, NULL, err) &&
              rs_session_copy_end(copy->to, &rows, err) && check_rows(job, rows, "load", err);
    job->bytes = counter.bytes;
    rs_strbuf_release(&out);
    rs_strbuf_release(&in);
    return ok;
}

/* The rows out of the old host, if any, into files. */
static bool take_out(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    rs_meter_step(job->under_way, COUNTED);
    bool ok = count_rows(copy, job, err);
    if (ok && job->rows > 0 && copy->shared->place) {
        rs_meter_step(job->under_way, TAKEN_OUT);
        ok = rs_session_facts(copy->from)->loads_from_s3 ? unload(copy, job, err)
                                                         : upload(copy, job, err);
    }
    return ok && (!copy->shared->place || rs_session_commit(copy->from, err));
}

static bool put_in(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    bool ok = begin_target(copy, job, err);
    rs_meter_step(job->under_way, PUT_IN);
    if (ok && job->rows > 0) {
        ok = !copy->shared->place                        ? pipe_rows(copy, job, err)
             : rs_session_facts(copy->to)->loads_from_s3 ? load(copy, job, err)
                                                         : download(copy, job, err);
    }
    bool since = job->spec->piece->kind == RS_PIECE_SINCE;
    rs_meter_step(job->under_way, 1.0);
    if (since) {
        return ok && merge_batch(copy, job, err);
    }
    return ok && (!rs_piece_sql_has_batch(job->spec) || put_batch(copy, job, err)) &&
           tell_piece(copy, job, err) && rs_session_commit(copy->to, err);
}

/* What a COPY refused is told by row, once the transaction is over. */
static void give_up(struct rs_piece_copy *copy, struct rs_error *err)
{
    if (copy->from) {
        rs_session_rollback(copy->from);
    }
    if (copy->to) {
        rs_session_rollback(copy->to);
        if (rs_session_facts(copy->to)->loads_from_s3 && rs_load_errors_is_cause(err)) {
            rs_load_errors_explain(copy->to, NULL, err);
        }
    }
    if (err->code == RS_E_NET) { /* nobody knows which of the two it was */
        rs_session_close(copy->from);
        rs_session_close(copy->to);
        copy->from = NULL;
        copy->to = NULL;
        copy->has_batch = false;
    }
}

/*
 * The folder's name is of this attempt alone, as UNLOAD wants an empty prefix. What could mean
 * something in an address is not taken over from the table's name.
 */
static void name_folder(const struct rs_piece_copy *copy, struct job *job)
{
    const struct rs_env *env = copy->shared->env;
    char fitted[RS_NAME_MAX];
    struct rs_str table =
        rs_sql_fit_name(RS_DIALECT_POSTGRESQL, job->spec->definition->name, fitted);
    rs_strbuf_reset(&job->name);
    for (size_t i = 0; i < table.length; i++) {
        bool plain = rs_str_find_byte(RS_STR("abcdefghijklmnopqrstuvwxyz0123456789_"),
                                      table.data[i]) != SIZE_MAX;
        rs_strbuf_append_char(&job->name, plain ? table.data[i] : '-');
    }
    rs_strbuf_printf(&job->name, "/%016llx/", (unsigned long long)env->random_u64(env));
}

/* What cannot be removed does no harm to the rows, but it is theirs, and somebody has to know. */
static void clear_folder(struct rs_piece_copy *copy, struct job *job)
{
    struct rs_error refusal = {0};
    struct rs_strbuf folder = RS_STRBUF_INIT(NAME_MAX_BYTES + RS_S3_KEY_MAX);
    rs_s3_place_append_key(copy->shared->place, rs_strbuf_str(&job->name), &folder);
    struct rs_s3_removal removal = {.prefix = rs_strbuf_str(&folder)};
    if (!rs_s3_place_remove(copy->shared->place, copy->s3, &removal, &refusal)) {
        rs_log(&copy->shared->env->log, RS_LOG_WARNING,
               "could not remove the staged files of table \"%.*s\", the next run tries again: %s",
               RS_STR_ARG(job->spec->definition->name), refusal.message);
    }
    job->bytes = removal.bytes;
    rs_strbuf_release(&folder);
}

static bool try_once(struct rs_piece_copy *copy, struct job *job, struct rs_error *err)
{
    name_folder(copy, job);
    bool ok = open_sessions(copy, err) && take_out(copy, job, err) && put_in(copy, job, err);
    if (ok && !copy->shared->place) {
        rs_session_rollback(copy->from);
    }
    if (!ok) {
        give_up(copy, err);
    }
    if (copy->shared->place && job->rows > 0) {
        clear_folder(copy, job);
    }
    return ok;
}

struct rs_piece_copy *rs_piece_copy_new(const struct rs_piece_copy_shared *shared)
{
    struct rs_piece_copy *copy = rs_mem_zalloc(1, sizeof *copy);
    copy->shared = shared;
    copy->s3 = shared->place ? rs_account_s3(shared->account, shared->place->region) : NULL;
    return copy;
}

void rs_piece_copy_free(struct rs_piece_copy *copy)
{
    if (copy) {
        rs_session_close(copy->from);
        rs_session_close(copy->to);
        rs_s3_free(copy->s3);
        rs_mem_free(copy);
    }
}

bool rs_piece_copy_run(struct rs_piece_copy *copy, const struct rs_piece_spec *spec,
                       struct rs_meter_piece *under_way, struct rs_piece_copied *out,
                       struct rs_error *err)
{
    const struct rs_env *env = copy->shared->env;
    struct job job = {.spec = spec, .under_way = under_way, .name = RS_STRBUF_INIT(NAME_MAX_BYTES)};
    bool ok = false;
    for (unsigned attempt = 1; !ok; attempt++) {
        rs_error_clear(err);
        job.rows = 0;
        job.sum = 0;
        job.bytes = 0;
        ok = try_once(copy, &job, err);
        if (ok || !err->retryable || attempt >= policy.attempts) {
            break;
        }
        rs_log(&env->log, RS_LOG_INFO, "table \"%.*s\", once more: %s",
               RS_STR_ARG(spec->definition->name), err->message);
        struct rs_error interrupt = {0};
        if (!rs_env_pause(env, rs_retry_pause_ms(&policy, attempt, env->random_u64(env)),
                          &interrupt)) {
            break;
        }
    }
    if (!ok) {
        struct rs_strbuf name = RS_STRBUF_INIT(NAME_MAX_BYTES);
        rs_piece_append_name(&name, spec->piece);
        rs_error_prefix(err, "could not migrate table \"%.*s\", piece %s",
                        RS_STR_ARG(spec->definition->name), rs_strbuf_cstr(&name));
        rs_strbuf_release(&name);
    }
    *out = (struct rs_piece_copied){job.rows, job.bytes, job.old_rows, job.new_rows};
    rs_strbuf_release(&job.name);
    return ok;
}
