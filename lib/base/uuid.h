/*
 * base/uuid.h - a UUID of random bits (version 4), as text.
 *
 *   char id[RS_UUID_SIZE];
 *   rs_uuid_format(env->random_u64(env), env->random_u64(env), id);
 *
 * Pure:    yes.   Threads: reentrant.   Source: RFC 9562, 5.4.
 */
#ifndef RS_BASE_UUID_H
#define RS_BASE_UUID_H

#include <stdint.h>

enum { RS_UUID_SIZE = 37 }; /* with its NUL */

/* Write the UUID that these bits make, but for those that say which kind it is. */
void rs_uuid_format(uint64_t high, uint64_t low, char out[RS_UUID_SIZE]);

#endif
