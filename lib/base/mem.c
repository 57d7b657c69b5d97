/*
 * malloc that does not fail: a small command-line tool has nothing better to do without memory
 * than to say so and end, and no caller has to carry that branch. Work that is lost this way is
 * done by the next run.
 */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGE_PAGE_BYTES = 2 << 20 };

static void *out_of_memory(void)
{
    static const char text[] = "out of memory: give the process more, or lower --memory\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(1);
}

static bool product_overflows(size_t count, size_t size_bytes)
{
    return size_bytes != 0 && count > (size_t)PTRDIFF_MAX / size_bytes;
}

void *rs_mem_alloc(size_t size_bytes)
{
    void *block = malloc(size_bytes ? size_bytes : 1);
    return block ? block : out_of_memory();
}

void *rs_mem_zalloc(size_t count, size_t size_bytes)
{
    void *block = calloc(count ? count : 1, size_bytes ? size_bytes : 1);
    return block ? block : out_of_memory();
}

void *rs_mem_resize(void *block, size_t count, size_t size_bytes)
{
    if (product_overflows(count, size_bytes)) {
        return out_of_memory();
    }
    size_t total = count * size_bytes;
    void *moved = realloc(block, total ? total : 1);
    return moved ? moved : out_of_memory();
}

void *rs_mem_grow(void *block, size_t *capacity, size_t needed, size_t size_bytes)
{
    if (needed <= *capacity && block) {
        return block;
    }
    size_t wanted = *capacity < 8 ? 8 : *capacity;
    while (wanted < needed) {
        wanted = wanted > SIZE_MAX / 2 ? needed : wanted * 2;
    }
    void *moved = rs_mem_resize(block, wanted, size_bytes);
    *capacity = wanted;
    return moved;
}

void *rs_mem_copy(const void *from, size_t size_bytes)
{
    void *block = rs_mem_alloc(size_bytes);
    if (size_bytes > 0) {
        memcpy(block, from, size_bytes);
    }
    return block;
}

char *rs_mem_strdup(const char *text)
{
    return rs_mem_copy(text, strlen(text) + 1);
}

char *rs_mem_strndup(const char *text, size_t length)
{
    char *copy = rs_mem_alloc(length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    copy[length] = '\0';
    return copy;
}

char *rs_mem_strdup_if_any(const char *text)
{
    return text && *text ? rs_mem_strdup(text) : NULL;
}

void *rs_mem_alloc_huge(size_t size_bytes)
{
    if (size_bytes > (size_t)PTRDIFF_MAX - HUGE_PAGE_BYTES) {
        return out_of_memory();
    }
    size_t rounded = (size_bytes + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    void *block = NULL;
    if (posix_memalign(&block, HUGE_PAGE_BYTES, rounded ? rounded : HUGE_PAGE_BYTES) != 0) {
        return out_of_memory();
    }
    (void)madvise(block, rounded, MADV_HUGEPAGE); /* refused: the run is only slower */
    return block;
}

void rs_mem_free(void *block)
{
    free(block);
}

void rs_mem_wipe(void *block, size_t size_bytes)
{
    volatile unsigned char *bytes = block;
    for (size_t i = 0; i < size_bytes; i++) {
        bytes[i] = 0;
    }
}

void rs_mem_free_secret(char *text)
{
    if (text) {
        rs_mem_wipe(text, strlen(text));
        rs_mem_free(text);
    }
}
