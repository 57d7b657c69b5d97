/*
 * Whether several blocks cover one is found by halving it: a half that one of them covers is done,
 * one that none of them touches is missing, and only what they touch in part is halved again. Each
 * halving follows a block that is smaller, so there are no more than count * 128 of them.
 */
#include "check/aws/cidr.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

enum { V4_BITS = 32, V6_BITS = 128 };

static unsigned bits_of(const struct rs_cidr *block)
{
    return block->v6 ? V6_BITS : V4_BITS;
}

static void clear_behind(struct rs_cidr *block)
{
    for (unsigned i = 0; i < RS_CIDR_BYTES; i++) {
        const unsigned kept = block->prefix > i * 8 ? block->prefix - i * 8 : 0;
        const unsigned mask = kept >= 8 ? 0xFF : 0xFF00U >> kept;
        block->bytes[i] = (unsigned char)(block->bytes[i] & mask);
    }
}

bool rs_cidr_parse(struct rs_str text, struct rs_cidr *out)
{
    const size_t slash = rs_str_find_byte(text, '/');
    const struct rs_str address = rs_str_slice(text, 0, slash);
    struct rs_cidr block = {.v6 = rs_str_find_byte(address, ':') != SIZE_MAX};
    char copy[RS_CIDR_TEXT_MAX];
    uint64_t prefix = bits_of(&block);

    if (address.length == 0 || address.length >= sizeof copy ||
        memchr(address.data, '\0', address.length)) {
        return false;
    }
    memcpy(copy, address.data, address.length);
    copy[address.length] = '\0';
    if (inet_pton(block.v6 ? AF_INET6 : AF_INET, copy, block.bytes) != 1 ||
        (slash != SIZE_MAX && !rs_str_parse_u64(rs_str_slice(text, slash + 1, text.length), 0,
                                                bits_of(&block), &prefix))) {
        return false;
    }
    block.prefix = (unsigned)prefix;
    clear_behind(&block);
    *out = block;
    return true;
}

void rs_cidr_format(const struct rs_cidr *block, char out[RS_CIDR_TEXT_MAX])
{
    char address[INET6_ADDRSTRLEN] = "";

    (void)inet_ntop(block->v6 ? AF_INET6 : AF_INET, block->bytes, address, sizeof address);
    (void)snprintf(out, RS_CIDR_TEXT_MAX, "%s/%u", address, block->prefix);
}

bool rs_cidr_covers(const struct rs_cidr *outer, const struct rs_cidr *inner)
{
    if (outer->v6 != inner->v6 || outer->prefix > inner->prefix) {
        return false;
    }
    struct rs_cidr cut = *inner;
    cut.prefix = outer->prefix;
    clear_behind(&cut);
    return memcmp(cut.bytes, outer->bytes, RS_CIDR_BYTES) == 0;
}

bool rs_cidr_overlaps(const struct rs_cidr *one, const struct rs_cidr *other)
{
    return rs_cidr_covers(one, other) || rs_cidr_covers(other, one);
}

bool rs_cidr_is_split(const struct rs_cidr *block)
{
    return block->prefix < bits_of(block);
}

void rs_cidr_split(const struct rs_cidr *block, struct rs_cidr out[2])
{
    const unsigned bit = block->prefix;

    out[0] = *block;
    out[0].prefix++;
    out[1] = out[0];
    out[1].bytes[bit / 8] = (unsigned char)(out[1].bytes[bit / 8] | 0x80U >> bit % 8);
}

bool rs_cidr_joined(const struct rs_cidr *block, const struct rs_cidr *blocks, size_t count)
{
    struct rs_cidr halves[2];
    bool touched = false;

    for (size_t i = 0; i < count; i++) {
        if (rs_cidr_covers(&blocks[i], block)) {
            return true;
        }
        touched = touched || rs_cidr_covers(block, &blocks[i]);
    }
    if (!touched) {
        return false;
    }
    rs_cidr_split(block, halves); /* what a smaller block touches is no single address */
    return rs_cidr_joined(&halves[0], blocks, count) && rs_cidr_joined(&halves[1], blocks, count);
}

bool rs_cidr_is_private(const struct rs_cidr *block)
{
    static const struct rs_cidr own[] = {
        {.bytes = {10}, .prefix = 8},
        {.bytes = {172, 16}, .prefix = 12},
        {.bytes = {192, 168}, .prefix = 16},
        {.bytes = {100, 64}, .prefix = 10}, /* of carriers, and of some VPCs */
        {.bytes = {127}, .prefix = 8},
        {.bytes = {169, 254}, .prefix = 16},
        {.bytes = {0xFC}, .prefix = 7, .v6 = true},
        {.bytes = {0xFE, 0x80}, .prefix = 10, .v6 = true},
        {.bytes = {[15] = 1}, .prefix = V6_BITS, .v6 = true},
    };

    for (size_t i = 0; i < RS_COUNTOF(own); i++) {
        if (rs_cidr_covers(&own[i], block)) {
            return true;
        }
    }
    return false;
}
