/*
 * base/banned.h - functions that have hurt others, so using one does not compile.
 *
 * Included by the compiler for every file of ours (see CMakeLists.txt), after nothing else.
 */
#ifndef RS_BASE_BANNED_H
#define RS_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* With _FORTIFY_SOURCE and clang they are macros, which cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison gets strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atoll atof
#pragma GCC poison asctime ctime gmtime localtime tmpnam mktemp

#endif
