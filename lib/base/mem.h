/*
 * base/mem.h - memory that is there: running out ends the process in one place.
 *
 * Limits:  a request over SSIZE_MAX, or a count * size that overflows, is out of memory too.
 * Owns:    every block is freed with rs_mem_free; big blocks ask for huge pages, because the
 *          first touch of 4 KiB pages was measured at a tenth of a run's time.
 * Threads: reentrant.
 */
#ifndef RS_BASE_MEM_H
#define RS_BASE_MEM_H

#include "rs/compiler.h"

/* size bytes, not initialised; size 0 gives a block that may be freed. */
RS_MUST_USE void *rs_mem_alloc(size_t size_bytes);

/* count * size bytes, all zero. */
RS_MUST_USE void *rs_mem_zalloc(size_t count, size_t size_bytes);

/* The block resized to count * size bytes; block may be NULL. */
RS_MUST_USE void *rs_mem_resize(void *block, size_t count, size_t size_bytes);

/*
 * Make room for at least needed elements: doubles *capacity until it is enough.
 * Returns the block, moved or not.
 */
RS_MUST_USE void *rs_mem_grow(void *block, size_t *capacity, size_t needed, size_t size_bytes);

/* A copy of size bytes. */
RS_MUST_USE void *rs_mem_copy(const void *from, size_t size_bytes);

/* A copy of a NUL-terminated string. */
RS_MUST_USE char *rs_mem_strdup(const char *text);

/* A copy of length bytes, with a NUL behind them. */
RS_MUST_USE char *rs_mem_strndup(const char *text, size_t length);

/* A copy of a string that says something; NULL for NULL and for "". */
RS_MUST_USE char *rs_mem_strdup_if_any(const char *text);

/*
 * A large buffer, aligned to 2 MiB and backed by huge pages where the system has them.
 * Freed with rs_mem_free.
 */
RS_MUST_USE void *rs_mem_alloc_huge(size_t size_bytes);

/* Frees a block of any of the above; NULL is nothing. */
void rs_mem_free(void *block);

/*
 * Have call be called, once, when memory has run out and before the process ends: on the thread that
 * found none, while others go on, with whatever memory it has kept for this. NULL: nothing is called.
 */
void rs_mem_before_end(void (*call)(void *arg), void *arg);

/* Overwrite a secret so that the compiler may not leave it out. */
void rs_mem_wipe(void *block, size_t size_bytes);

/* Wipe a string and free it; NULL is nothing. */
void rs_mem_free_secret(char *text);

#endif
