/* 122 of the bits are random, six say version 4 and the variant. */
#include "base/uuid.h"

#include <stdio.h>

void rs_uuid_format(uint64_t high, uint64_t low, char out[RS_UUID_SIZE])
{
    (void)snprintf(out, RS_UUID_SIZE, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32),
                   (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff),
                   (unsigned)(0x8000 | (low >> 48 & 0x3fff)),
                   (unsigned long long)(low & 0xffffffffffff));
}
