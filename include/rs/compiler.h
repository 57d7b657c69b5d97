/*
 * rs/compiler.h - attributes and small macros that every layer uses.
 *
 *   RS_API void rs_thing_close(...);         librs gives it to other programs
 *   RS_MUST_USE bool rs_thing_open(...);     a result that may not be ignored
 *   RS_PRINTF(3, 4)                          format string checked by the compiler
 *   RS_COUNTOF(table)                        elements in an array
 *
 * Pure: yes.   Threads: reentrant.
 */
#ifndef RS_COMPILER_H
#define RS_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RS_API             __attribute__((visibility("default")))
#define RS_MUST_USE        __attribute__((warn_unused_result))
#define RS_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#define RS_LIKELY(x)       __builtin_expect(!!(x), 1)
#define RS_UNLIKELY(x)     __builtin_expect(!!(x), 0)
#define RS_PREFETCH(at)    __builtin_prefetch(at)
#define RS_COUNTOF(array)  (sizeof(array) / sizeof((array)[0]))

#endif
