/*
 * warehouse/server_errors.h - the errors of Redshift and PostgreSQL, and what to do about them.
 *
 *   rs_server_errors_find("XX000", "[S3ServiceException:Access Denied,...] Listing bucket=b")
 *     -> RS_E_DATABASE, hint: "allow the role s3:ListBucket on the bucket, ..."
 *   rs_connect_errors_find("... failed: Connection refused")
 *     -> RS_E_NET, hint: "check host and port, and that the server runs and listens there"
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  PostgreSQL manual, Appendix A (error codes); messages of libpq 15 and of servers;
 *          Amazon Redshift Database Developer Guide, "Troubleshooting data loads";
 *          segment.com/docs/connections/storage/warehouses/faq and .../catalog/redshift.
 */
#ifndef RS_WAREHOUSE_SERVER_ERRORS_H
#define RS_WAREHOUSE_SERVER_ERRORS_H

#include "rs/compiler.h"
#include "rs/error.h"

struct rs_server_error {
    const char *state; /* a whole SQLSTATE, or the two characters of a class; NULL: any */
    const char *words; /* a part of the text; NULL: any */
    const char *also;  /* another part; NULL: any */
    enum rs_code code;
    bool retryable;
    const char *hint;
};

/*
 * The first rule for a refused statement, or NULL.
 *
 * state  SQLSTATE or ""
 * text   "[MESSAGE] DETAIL" on one line; the brackets are there because some messages are a number
 */
const struct rs_server_error *rs_server_errors_find(const char *state, const char *text);

/* The first rule for a connection that failed, by libpq's message, or NULL. */
const struct rs_server_error *rs_connect_errors_find(const char *text);

#endif
