/*
 * The way through S3. What PostgreSQL gives is cut into files of some 32 MiB of CSV, between two rows, so
 * that all slices of a cluster have work.
 */
#include <string.h>

#include "aws/s3_upload.h"
#include "base/mem.h"
#include "codec/zst.h"
#include "migrate/mover_internal.h"
#include "rows/manifest.h"

enum {
    PART_BYTES = 32 << 20, /* before they are compressed */
    BLOCK_BYTES = 256 << 10,
    URL_MAX = 4096,
    ZSTD_LEVEL = 1,
};

bool rs_piece_copy_check_rows(const struct rs_piece_copy_job *job, uint64_t rows, const char *who,
                              struct rs_error *err)
{
    if (rows == job->rows) {
        return true;
    }
    rs_error_set(err, RS_E_DATABASE, "could not %s all rows: %llu of %llu", who,
                 (unsigned long long)rows, (unsigned long long)job->rows);
    return rs_error_hint(err, "run again; if it stays so, tell what rows the table has");
}

/* --- Redshift --------------------------------------------------------------------------------- */

static struct rs_piece_files files_of(const struct rs_piece_copy *copy, struct rs_str url,
                                      const struct rs_depot_access *access)
{
    const struct rs_account_options *account = rs_depot_account(copy->shared->depot);
    return (struct rs_piece_files){.url = url,
                                   .access = access->copy,
                                   .region = rs_depot_region(copy->shared->depot),
                                   .encryption = rs_str_from(account->encryption),
                                   .kms_key_id = rs_str_from(account->kms_key_id)};
}

static bool ask_count(struct rs_session *session, const char *question, uint64_t *out,
                      struct rs_error *err)
{
    struct rs_result *result = rs_session_query_params(session, question, NULL, 0, err);
    bool ok = result && rs_result_u64(result, 0, 0, out, err);
    rs_result_free(result);
    return ok;
}

bool rs_piece_copy_unload(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                          struct rs_error *err)
{
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_depot_access access;
    uint64_t rows = 0;
    rs_depot_append_url(copy->shared->depot, rs_strbuf_str(&job->name), &url);
    bool ok = rs_depot_take_access(copy->shared->depot, copy->shared->from_role, &access, err);
    if (ok) {
        struct rs_piece_files files = files_of(copy, rs_strbuf_str(&url), &access);
        rs_piece_sql_append_unload(&sql, job->spec, &files);
        ok = rs_session_exec(copy->from, &sql, NULL, err) &&
             ask_count(copy->from, "SELECT pg_last_unload_count()", &rows, err) &&
             rs_piece_copy_check_rows(job, rows, "unload", err);
    }
    rs_depot_release_access(&access);
    rs_strbuf_release_secret(&sql);
    rs_strbuf_release(&url);
    return ok;
}

bool rs_piece_copy_load(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                        struct rs_error *err)
{
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_depot_access access;
    uint64_t rows = 0;
    rs_depot_append_url(copy->shared->depot, rs_strbuf_str(&job->name), &url);
    rs_strbuf_append(&url, "manifest");
    bool ok = rs_depot_take_access(copy->shared->depot, copy->shared->to_role, &access, err);
    if (ok) {
        struct rs_piece_files files = files_of(copy, rs_strbuf_str(&url), &access);
        rs_piece_sql_append_copy(&sql, job->spec, &files);
        ok = rs_session_exec(copy->to, &sql, NULL, err) &&
             ask_count(copy->to, "SELECT pg_last_copy_count()", &rows, err) &&
             rs_piece_copy_check_rows(job, rows, "load", err);
    }
    rs_depot_release_access(&access);
    rs_strbuf_release_secret(&sql);
    rs_strbuf_release(&url);
    return ok;
}

/* --- PostgreSQL, out --------------------------------------------------------------------------- */

/* Takes rows, and cuts them into files. */
struct cutter {
    struct rs_sink sink; /* first: a sink is its cutter */
    const struct rs_piece_copy *copy;
    struct rs_piece_copy_job *job;
    struct rs_s3_uploader *uploader;
    struct rs_zst_encoder *encoder;
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
    rs_depot_append_key(cutter->copy->shared->depot, rs_strbuf_str(&name), &key);
    cutter->object = rs_s3_uploader_begin(cutter->uploader, rs_strbuf_str(&key), NULL, err);
    cutter->rows = cutter->object ? rs_zst_encoder_begin(cutter->encoder, cutter->object) : NULL;
    cutter->part_bytes = 0;
    rs_strbuf_release(&name);
    rs_strbuf_release(&key);
    return cutter->object != NULL;
}

static bool end_part(struct cutter *cutter, struct rs_error *err)
{
    struct rs_sink *object = cutter->object;
    cutter->object = NULL;
    if (!rs_zst_encoder_finish(cutter->encoder, err)) {
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
    const struct rs_depot *depot = cutter->copy->shared->depot;
    struct rs_strbuf text = RS_STRBUF_INIT(64 << 20);
    struct rs_strbuf key = RS_STRBUF_INIT(URL_MAX);
    rs_depot_append_key(depot, rs_strbuf_str(&cutter->job->name), &key);
    rs_strbuf_append(&key, "manifest");
    rs_manifest_append(&cutter->manifest, rs_depot_bucket(depot), &text);
    bool ok = rs_s3_put(cutter->copy->s3, rs_depot_bucket(depot), rs_strbuf_str(&key),
                        rs_strbuf_str(&text), NULL, err);
    rs_strbuf_release(&key);
    rs_strbuf_release(&text);
    return ok;
}

bool rs_piece_copy_upload(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                          struct rs_error *err)
{
    struct cutter cutter = {.sink = {.write = cut_write},
                            .copy = copy,
                            .job = job,
                            .encoder = rs_zst_encoder_new(ZSTD_LEVEL),
                            .manifest = RS_MANIFEST_INIT};
    struct rs_s3_uploader_options options = {
        .bucket = rs_depot_bucket(copy->shared->depot), .done = note_object, .arg = &cutter};
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    uint64_t rows = 0;
    job->bytes = 0;
    cutter.uploader = rs_s3_uploader_new(copy->s3, &options);
    rs_piece_sql_append_copy_out(&sql, job->spec);
    bool ok = rs_session_copy_out(copy->from, &sql, &cutter.sink, &rows, err) &&
              (!cutter.object || end_part(&cutter, err)) &&
              rs_s3_uploader_drain(cutter.uploader, err) &&
              rs_piece_copy_check_rows(job, rows, "read", err) && put_manifest(&cutter, err);
    if (cutter.object) {
        rs_s3_uploader_abort(cutter.uploader, cutter.object);
    }
    rs_s3_uploader_free(cutter.uploader);
    rs_zst_encoder_free(cutter.encoder);
    rs_manifest_release(&cutter.manifest);
    rs_strbuf_release(&sql);
    return ok;
}

/* --- PostgreSQL, in ---------------------------------------------------------------------------- */

/* What a file's bytes go through. */
struct pipe {
    struct rs_zst_decoder *decoder;
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
        status = rs_zst_decoder_run(pipe->decoder, &io, err);
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
    struct rs_s3_stream *stream =
        rs_s3_open(copy->s3, rs_depot_bucket(copy->shared->depot), key, NULL, err);
    bool ok = stream != NULL;
    size_t count = 1;
    rs_zst_decoder_reset(pipe->decoder);
    while (ok && count > 0) {
        ok = rs_s3_read(stream, pipe->in, sizeof pipe->in, &count, err) &&
             (count == 0 || decode(pipe, count, err));
    }
    if (ok && !rs_zst_decoder_at_end(pipe->decoder)) {
        ok = rs_error_set(err, RS_E_INPUT, "the zstd data was cut short");
    }
    rs_s3_close(stream);
    if (!ok) {
        rs_error_prefix(err, "could not read the staged file \"%.*s\"", RS_STR_ARG(key));
    }
    return ok;
}

static bool send_all(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                     struct rs_sink *into, struct rs_error *err)
{
    struct pipe *pipe = rs_mem_zalloc(1, sizeof *pipe);
    struct rs_strbuf prefix = RS_STRBUF_INIT(URL_MAX);
    struct rs_s3_object object = {.size_bytes = 0};
    pipe->decoder = rs_zst_decoder_new();
    pipe->into = into;
    rs_depot_append_key(copy->shared->depot, rs_strbuf_str(&job->name), &prefix);
    struct rs_s3_list_options options = {.prefix = rs_strbuf_str(&prefix)};
    struct rs_s3_list *list =
        rs_s3_list_new(copy->s3, rs_depot_bucket(copy->shared->depot), &options);
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
    rs_zst_decoder_free(pipe->decoder);
    rs_mem_free(pipe);
    return ok;
}

bool rs_piece_copy_download(struct rs_piece_copy *copy, struct rs_piece_copy_job *job,
                            struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    uint64_t rows = 0;
    rs_piece_sql_append_copy_in(&sql, job->spec);
    struct rs_sink *into = rs_session_copy_begin(copy->to, &sql, err);
    bool ok = into && send_all(copy, job, into, err) && rs_session_copy_end(copy->to, &rows, err) &&
              rs_piece_copy_check_rows(job, rows, "load", err);
    if (!ok) {
        rs_session_copy_abort(copy->to, "the rows could not be read");
    }
    rs_strbuf_release(&sql);
    return ok;
}
