/*
 * rows/partial.h - a temporary folder that is known by its name, and is its process's alone.
 *
 *   int number = rs_partial_make(&partial, "out.partial-");     "out.partial-Xa3b9Z"
 *   number = rs_partial_rename(&partial, "out");                 it is complete
 *   rs_partial_remove(&partial);                                 or it is not, and goes
 *   size_t count = rs_partial_sweep("out.partial-");             those of processes that are dead
 *
 * A file in the folder is locked as long as its process lives (fcntl, which works over NFS too). A
 * folder of that name in which such a file is, of this user and not locked, is of a dead process.
 * Where the system cannot lock, folders are made without and never swept. Where memory runs out, the
 * folder is removed as well.
 *
 * Limits:  one of them at a time in a process.
 * Pure:    no: files.   Threads: main thread only.
 */
#ifndef RS_ROWS_PARTIAL_H
#define RS_ROWS_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "rs/compiler.h"

struct rs_partial {
    char *path; /* NULL: none */
    int lock;
    void *reserve; /* memory to remove the folder with, when there is none left */
};

#define RS_PARTIAL_LOCK ".lock"
#define RS_PARTIAL_INIT ((struct rs_partial){.lock = -1})

/* Make a folder for its user alone; six letters follow the stem. 0, or an errno. */
RS_MUST_USE int rs_partial_make(struct rs_partial *partial, const char *stem);

/* Give the folder its name; it is nobody's from then on. 0, or an errno: then it is as it was. */
RS_MUST_USE int rs_partial_rename(struct rs_partial *partial, const char *name);

/* Remove the folder and all in it; none is nothing. */
void rs_partial_remove(struct rs_partial *partial);

/* Remove what dead processes left; says how many folders that were. */
size_t rs_partial_sweep(const char *stem);

#endif
