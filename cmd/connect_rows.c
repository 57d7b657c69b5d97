/* A row of an option is written once, so that its help is the same in every tool. */
#include "connect_rows.h"

#include <string.h>

#include "rs/codec/digest.h"
#include "rs/codec/gzip.h"
#include "rs/codec/json_doc.h"
#include "rs/codec/xml.h"
#include "rs/codec/zst.h"
#include "rs/net/http.h"
#include "rs/warehouse/session.h"

const struct rs_app_library rs_tool_libraries[] = {
    {"libpq ", rs_session_library_version},  {"", rs_digest_library_version},
    {"libcurl ", rs_http_library_version},   {"expat ", rs_xml_library_version},
    {"zlib ", rs_gzip_library_version},      {"libzstd ", rs_zst_library_version},
    {"cJSON ", rs_json_doc_library_version}, {NULL, NULL},
};

void rs_add_rows(struct rs_option *table, size_t *count, const struct rs_option *rows,
                 size_t row_count)
{
    memcpy(table + *count, rows, row_count * sizeof *rows);
    *count += row_count;
}

void rs_add_connect_rows(struct rs_connect_options *options, struct rs_option *table, size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_FLAG(0, "iam", &options->iam, "user and password for some minutes, by IAM"),
        RS_OPT_STRING(0, "cluster", &options->cluster, "ID", "of a provisioned cluster, for --iam"),
        RS_OPT_STRING(0, "workgroup", &options->workgroup, "NAME",
                      "of Redshift Serverless, for --iam"),
        RS_OPT_STRING(0, "db-user", &options->db_user, "NAME",
                      "log in as this user (else: one named by the IAM role)"),
        RS_OPT_STRING(0, "ssh", &options->ssh, "BASTION",
                      "go through this SSH server: [USER@]HOST[:PORT]"),
        RS_OPT_STRING(0, "profile", &options->profile, "NAME",
                      "of AWS's shared files (else: AWS_PROFILE)"),
        RS_OPT_STRING(0, "region", &options->region, "NAME",
                      "of AWS (else: AWS_REGION, the profile, S3)"),
    };
    rs_add_rows(table, count, rows, RS_COUNTOF(rows));
}
