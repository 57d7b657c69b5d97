/*
 * check/aws/cidr.h - blocks of addresses, IPv4 and IPv6: read, compared, joined.
 *
 *   struct rs_cidr block;
 *   rs_cidr_parse(RS_STR("34.223.203.7/28"), &block)       -> 34.223.203.0/28
 *   rs_cidr_parse(RS_STR("52.25.130.38"), &block)          -> 52.25.130.38/32
 *   rs_cidr_covers(10.0.0.0/8, 10.1.0.0/16)                -> true
 *   rs_cidr_joined(10.0.0.0/8, {10.0.0.0/9, 10.128.0.0/9}) -> true: together they cover it
 *
 * Limits:  RS_CIDR_TEXT_MAX bytes of text.   Pure: yes.   Threads: reentrant.
 * Source:  RFC 4632, RFC 4291; RFC 1918, 4193, 6598 for addresses of one's own.
 */
#ifndef RS_CHECK_AWS_CIDR_H
#define RS_CHECK_AWS_CIDR_H

#include <stddef.h>
#include <stdint.h>

#include "rs/compiler.h"
#include "rs/str.h"

enum { RS_CIDR_BYTES = 16, RS_CIDR_TEXT_MAX = 64 };

/* The bits behind the prefix are 0; IPv4 has the first four bytes. */
struct rs_cidr {
    unsigned char bytes[RS_CIDR_BYTES];
    unsigned prefix;
    bool v6;
};

#define RS_CIDR_WORLD_V4 ((struct rs_cidr){.v6 = false})

/*
 * Read "address/prefix", or an address alone, which is a block of one. Bits behind the prefix are
 * cleared, as AWS does. False: it is neither; out is left alone.
 */
RS_MUST_USE bool rs_cidr_parse(struct rs_str text, struct rs_cidr *out);

/* Write "10.0.0.0/8" or "2001:db8::/32", in the one form that RFC 5952 gives. */
void rs_cidr_format(const struct rs_cidr *block, char out[RS_CIDR_TEXT_MAX]);

bool rs_cidr_covers(const struct rs_cidr *outer, const struct rs_cidr *inner);

/* One of them covers the other: blocks never overlap in part. */
bool rs_cidr_overlaps(const struct rs_cidr *one, const struct rs_cidr *other);

/* The blocks together cover it. */
bool rs_cidr_joined(const struct rs_cidr *block, const struct rs_cidr *blocks, size_t count);

/* The halves of a block that is more than one address. */
void rs_cidr_split(const struct rs_cidr *block, struct rs_cidr out[2]);

/* It is more than one address. */
bool rs_cidr_is_split(const struct rs_cidr *block);

/* All of it is out of the internet's reach: 10.0.0.0/8, fd00::/8, 127.0.0.1, fe80::1, ... */
bool rs_cidr_is_private(const struct rs_cidr *block);

#endif
