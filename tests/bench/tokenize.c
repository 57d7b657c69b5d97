/*
 * tokenize - time rs_json_tokenize alone, on every line of a file that is in memory already.
 *
 *   tokenize FILE [ROUNDS]      prints the best round's seconds
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "codec/json_token.h"

static double now_seconds(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Tokenize every line; returns the number of tokens, so that the work cannot be left out. */
static uint64_t tokenize_all(const char *text, size_t size, struct rs_json_tape *tape)
{
    const char *end = text + size;
    uint64_t tokens = 0;

    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        struct rs_json_fault fault = {0};
        stop = stop ? stop : end;
        if (rs_json_tokenize((struct rs_str){line, (size_t)(stop - line)}, tape, &fault)) {
            tokens += tape->count;
        }
        line = stop + 1;
    }
    return tokens;
}

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 5;
    struct rs_json_tape tape = {0};
    struct stat status = {0};
    uint64_t tokens = 0;
    double best = 1e9;
    char *text = NULL;
    size_t size = 0;

    if (!file || fstat(fileno(file), &status) != 0) {
        fprintf(stderr, "usage: tokenize FILE [ROUNDS]\n");
        return 2;
    }
    text = calloc(1, (size_t)status.st_size + RS_JSON_PADDING);
    if (!text) {
        fprintf(stderr, "tokenize: not enough memory\n");
        return 1;
    }
    size = fread(text, 1, (size_t)status.st_size, file);
    fclose(file);
    for (long i = 0; i < rounds; i++) {
        double begin = now_seconds();
        tokens = tokenize_all(text, size, &tape);
        double seconds = now_seconds() - begin;
        best = seconds < best ? seconds : best;
    }
    printf("%.6f\n", best);
    fprintf(stderr, "%llu tokens\n", (unsigned long long)tokens);
    rs_json_tape_release(&tape);
    free(text);
    return 0;
}
