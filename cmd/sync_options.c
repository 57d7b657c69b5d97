/* Rows that stand in more than one tool's table, and what they have to do with each other. */
#include "sync_options.h"

#include <string.h>

#include "net/url.h"
#include "sync/reject_limit.h"

enum { THREADS_MAX = 256, MAX_TABLES_MAX = 10000000, LOCK_TIMEOUT_MAX = 86400 };

static const uint64_t MEMORY_MIN_BYTES = (uint64_t)1 << 20;
static const uint64_t MEMORY_MAX_BYTES = (uint64_t)1 << 40;

static const char *const compressions[] = {
    [RS_COMPRESS_ZSTD] = "zstd", [RS_COMPRESS_GZIP] = "gzip", [RS_COMPRESS_NONE] = "none", NULL};

static const char *const arrays[] = {[RS_ARRAYS_TEXT] = "text", [RS_ARRAYS_SUPER] = "super", NULL};

static const char *const opt_outs[] = {
    [RS_OPT_OUT_WAREHOUSES] = "warehouses", [RS_OPT_OUT_ALL] = "all", NULL};

static const char *const null_traits[] = {
    [RS_NULL_TRAITS_KEEP] = "keep", [RS_NULL_TRAITS_CLEAR] = "clear", NULL};

void rs_sync_options_add_events(struct rs_sync_choices *choices, struct rs_option *table,
                                size_t *count)
{
    struct rs_sync_options *o = choices->options;
    const struct rs_option events[] = {
        RS_OPT_LIST(0, "exclude", &choices->excludes, "GLOB", NULL),
        RS_OPT_FLAG(0, "skip-archived", &o->skip_archived,
                    "leave out such names; archived objects"),
        RS_OPT_STRING(0, "warehouse-id", &o->warehouse_id, "ID",
                      "name of this warehouse in integrations"),
        RS_OPT_ENUM(0, "opt-out", &choices->opt_out, opt_outs, "HOW",
                    "what keeps events out there: warehouses (default), all"),
        RS_OPT_ENUM(0, "null-traits", &choices->null_traits, null_traits, "HOW",
                    "null in the latest call: keep (default), clear"),
        RS_OPT_UINT(0, "max-new-columns", &o->max_new_columns, 1, RS_TABLE_MAX_COLUMNS, "N",
                    "a table may get in a run (default: half its room)"),
    };
    rs_options_append(table, count, events, RS_COUNTOF(events));
}

void rs_sync_options_add_run(struct rs_sync_choices *choices, struct rs_option *table,
                             size_t *count)
{
    struct rs_sync_options *o = choices->options;
    const struct rs_option run[] = {
        RS_OPT_STRING(0, "select", &o->select_file, "FILE",
                      "collections and properties to take, as JSON"),
        RS_OPT_ENUM(0, "compress", &choices->compress, compressions, "HOW",
                    "of files: zstd (default), gzip, none"),
        RS_OPT_UINT(0, "threads", &o->threads, 1, THREADS_MAX, "N", NULL),
        RS_OPT_BYTES(0, "memory", &o->memory_bytes, MEMORY_MIN_BYTES, MEMORY_MAX_BYTES, "SIZE",
                     "(default: all cores; 512M, then $TMPDIR)"),
        RS_OPT_UINT(0, "lock-timeout", &o->lock_timeout_seconds, 1, LOCK_TIMEOUT_MAX, "SECONDS",
                    "for another's lock on a table (default: 300)"),
    };
    rs_options_append(table, count, run, RS_COUNTOF(run));
}

void rs_sync_options_add_redshift(struct rs_sync_choices *choices, struct rs_option *table,
                                  size_t *count)
{
    struct rs_sync_options *o = choices->options;
    const struct rs_option redshift[] = {
        RS_OPT_STRING(0, "stage", &o->stage, "S3-URL",
                      "where files are staged for COPY: s3://BUCKET/PREFIX"),
        RS_OPT_STRING(0, "iam-role", &o->iam_role, "ARN",
                      "role that COPY reads as, or default (else: our keys)"),
        RS_OPT_ENUM(0, "arrays", &choices->arrays, arrays, "HOW",
                    "new columns of arrays: text (default), super"),
        RS_OPT_UINT(0, "max-tables", &o->max_tables, 1, MAX_TABLES_MAX, "N",
                    "that the cluster can hold (else: by its nodes)"),
        RS_OPT_ENUM(0, "sse", &choices->sse, rs_option_sse_names, "HOW",
                    "encrypt staged files: AES256, aws:kms, aws:kms:dsse"),
        RS_OPT_STRING(0, "kms-key", &o->account.kms_key_id, "ID",
                      "of aws:kms, which it implies (else: the account's)"),
        RS_OPT_STRING(0, "query-group", &o->connect.query_group, "NAME",
                      "for WLM (default: segment)"),
    };
    rs_options_append(table, count, redshift, RS_COUNTOF(redshift));
}

void rs_sync_options_add_aws(struct rs_sync_options *options, struct rs_option *table,
                             size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_FLAG(0, "request-payer", &options->account.request_payer,
                    "pay for requests where buckets' owners do not"),
        RS_OPT_STRING(0, "s3-endpoint", &options->account.s3_endpoint, "URL",
                      "an S3 server that is not AWS's"),
    };
    rs_connect_options_add(&options->connect, table, count);
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

bool rs_sync_options_check_names(const struct rs_sync_options *options, struct rs_error *err)
{
    if (!options->schema || *options->schema == '\0') {
        rs_error_set(err, RS_E_USAGE, "no schema is given");
        return rs_error_hint(err, "name the source with -n, --schema=NAME, for instance -n shop");
    }
    return rs_option_check_stage(options->stage, err) &&
           rs_option_check_role("iam-role", options->iam_role, err) &&
           rs_option_check_sse(&options->account, err);
}

/* Addresses of other places than S3, which no file of that name is meant by. */
static bool check_scheme(const char *input, struct rs_error *err)
{
    static const struct {
        const char *begin;
        const char *hint;
    } others[] = {
        {"file://", "name the file alone: /PATH"},
        {"http://", "fetch it first: curl -sS URL | rs-sync ... -"},
        {"https://", "fetch it first: curl -sS URL | rs-sync ... -; what is in a bucket of S3 is "
                     "named s3://BUCKET/PREFIX"},
        {"gs://", "fetch it first: gcloud storage cat gs://... | rs-sync ... -"},
        {"s3a://", "write it as s3://BUCKET/PREFIX"},
        {"s3n://", "write it as s3://BUCKET/PREFIX"},
        {"S3://", "write it as s3://BUCKET/PREFIX"},
        {"arn:aws:s3:", "write it as s3://BUCKET/PREFIX, also with the ARN of an access point: "
                        "s3://arn:.../PREFIX"},
        {"postgres", "a database is named with -d"},
        {"redshift", "a database is named with -d"},
        {"jdbc:", "a database is named with -d"},
        {"", "copy it to a file or to S3 first, or write it to standard input: -"},
    };
    const char *rest = "";
    const struct rs_str shown = rs_options_shown(input, &rest);
    const char *scheme = strstr(input, "://");
    const bool path = scheme && memchr(input, '/', (size_t)(scheme - input));
    const bool arn = rs_str_starts(shown, RS_STR("arn:aws:s3:"));
    if ((!scheme && !arn) || path || rs_str_equal(shown, RS_STR("s3://"))) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "\"%.*s%s\" is no file and no address in S3",
                       RS_STR_ARG(shown), rest);
    for (size_t i = 0; i < RS_COUNTOF(others) && !*err->hint; i++) {
        if (rs_str_starts(shown, rs_str_from(others[i].begin))) {
            (void)rs_error_hint(err, "%s", others[i].hint);
        }
    }
    return false;
}

bool rs_sync_options_check_limit(const struct rs_sync_options *options, struct rs_error *err)
{
    struct rs_reject_limit limit = {0};
    return rs_reject_limit_parse(options->max_rejects, &limit, err);
}

bool rs_sync_options_check_addresses(const struct rs_sync_options *options, struct rs_error *err)
{
    if (!rs_option_check_endpoint(options->account.s3_endpoint, err)) {
        return false;
    }
    for (size_t i = 0; i < options->input_count; i++) {
        struct rs_str input = rs_str_from(options->inputs[i]);
        if (!check_scheme(options->inputs[i], err)) {
            return false;
        }
        struct rs_str bucket = {NULL, 0};
        struct rs_str key = {NULL, 0};
        if (rs_str_starts(input, RS_STR("s3://")) && !rs_url_split_s3(input, &bucket, &key)) {
            rs_error_set(err, RS_E_USAGE, "\"%s\" is no S3 address", options->inputs[i]);
            return rs_error_hint(err,
                                 "write it as s3://BUCKET/PREFIX, or with the ARN of an access "
                                 "point of one region in place of the bucket");
        }
    }
    return true;
}

bool rs_sync_options_check_source(const struct rs_sync_options *options, struct rs_error *err)
{
    if (!options->dbname) {
        (void)rs_error_set(err, RS_E_USAGE, "no database is given");
        return rs_error_hint(err, "give it with -d CONNINFO; -d '' takes the PG* variables alone");
    }
    if (!rs_connect_check(&options->connect, err) || !rs_sync_options_check_names(options, err)) {
        return false;
    }
    if (options->input_count == 0) {
        (void)rs_error_set(err, RS_E_USAGE, "no source is given");
        return rs_error_hint(err, "name files or folders, or s3://BUCKET/PREFIX");
    }
    return rs_sync_options_check_addresses(options, err);
}

void rs_sync_options_settle(struct rs_sync_choices *choices, struct rs_app *app)
{
    struct rs_sync_options *options = choices->options;
    options->compress = (enum rs_compression)choices->compress;
    options->arrays = (enum rs_arrays)choices->arrays;
    rs_passwords_init(&choices->passwords, rs_option_ask_password, app);
    options->connect.passwords = &choices->passwords;
    options->connect.conninfo = options->dbname;
    rs_option_settle_sse(choices->sse, &options->account);
    options->opt_out = (enum rs_opt_out)choices->opt_out;
    options->null_traits = (enum rs_null_traits)choices->null_traits;
    options->account.profile = options->connect.profile;
    options->account.region = options->connect.region;
    options->excludes = (const char *const *)choices->excludes.items;
    options->exclude_count = choices->excludes.count;
    options->inputs = app->operands.items;
    options->input_count = app->operands.count;
}

void rs_sync_choices_release(struct rs_sync_choices *choices)
{
    rs_option_list_release(&choices->excludes);
    rs_passwords_release(&choices->passwords);
}
