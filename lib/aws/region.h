/*
 * aws/region.h - regions: the domain of their services, and the one a host name tells.
 *
 *   rs_region_domain("eu-west-1")       -> "amazonaws.com"
 *   rs_region_domain("cn-north-1")      -> "amazonaws.com.cn"
 *   rs_region_of_host(RS_STR("c.abc123.us-gov-west-1.redshift.amazonaws.com"), region)
 *                                       -> true, "us-gov-west-1"
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/general/latest/gr/rande.html; botocore's endpoints.json.
 */
#ifndef RS_AWS_REGION_H
#define RS_AWS_REGION_H

#include "rs/compiler.h"
#include "rs/str.h"

enum { RS_REGION_MAX = 31 }; /* bytes, without the terminating NUL */

/* The domain of the partition that the region is in. */
const char *rs_region_domain(const char *region);

/* As ARNs have it: "aws", "aws-cn", "aws-us-gov", ... */
const char *rs_region_partition(const char *region);

/* It looks like a region: "eu-west-1", "us-gov-east-1", "us-iso-west-1". */
bool rs_region_is_valid(struct rs_str text);

/* The region in the name of a host in one of AWS's domains; false, out left alone, without one. */
RS_MUST_USE bool rs_region_of_host(struct rs_str host, char out[RS_REGION_MAX + 1]);

#endif
