/*
 * warehouse/detail_block.h - what Redshift puts between two rulers in an error's DETAIL.
 *
 *     -----------------------------------------------
 *     error:  The specified S3 prefix 'x' does not exist
 *     code:      8001
 *     context:
 *     query:     634029
 *     location:  s3_utility.cpp:568
 *     process:   padbmaster [pid=29509]
 *     -----------------------------------------------
 *   -> error "The specified S3 prefix 'x' does not exist", code "8001", query "634029"
 *
 * Pure:    yes.   Threads: reentrant.
 * Owns:    nothing: the parts are views of the text.
 * Source:  messages of real clusters; Amazon Redshift Database Developer Guide, "S3ServiceException
 *          errors".
 */
#ifndef RS_WAREHOUSE_DETAIL_BLOCK_H
#define RS_WAREHOUSE_DETAIL_BLOCK_H

#include "rs/compiler.h"
#include "rs/str.h"

/* Trimmed; an error and a context may have several lines. Any may be empty. */
struct rs_detail_block {
    struct rs_str error;
    struct rs_str code;
    struct rs_str context;
    struct rs_str query;
};

/* False when the text has no ruler, or no error after it. */
RS_MUST_USE bool rs_detail_block_parse(struct rs_str detail, struct rs_detail_block *out);

#endif
