/*
 * upload - put files into a bucket with one thread, and say how fast that was.
 *
 *   RS_TEST_S3=... RS_TEST_S3_KEY=... RS_TEST_S3_SECRET=... bench_upload BUCKET PREFIX FILE...
 *     -> "536870912 bytes in 1.234 s: 414.9 MB/s"
 *
 * BENCH_IN_FLIGHT and BENCH_PART_BYTES change what is under way at once.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/s3_upload.h"
#include "base/env.h"

enum { PIECE_BYTES = 256 << 10 };

static char piece[PIECE_BYTES];

static void die(const char *why)
{
    (void)fprintf(stderr, "bench_upload: %s\n", why);
    exit(1);
}

static uint64_t put_file(struct rs_s3_uploader *uploader, const char *prefix, const char *path)
{
    struct rs_error err = {0};
    char key[512];
    const char *name = strrchr(path, '/');
    int fd = open(path, O_RDONLY);
    ssize_t count = 0;
    uint64_t total = 0;
    (void)snprintf(key, sizeof key, "%s%s", prefix, name ? name + 1 : path);
    struct rs_sink *sink = rs_s3_uploader_begin(uploader, rs_str_from(key), NULL, &err);
    if (fd < 0 || !sink) {
        die(sink ? path : err.message);
    }
    while ((count = read(fd, piece, sizeof piece)) > 0) {
        if (!sink->write(sink, piece, (size_t)count, &err)) {
            die(err.message);
        }
        total += (uint64_t)count;
    }
    (void)close(fd);
    if (!rs_s3_uploader_finish(uploader, sink, &err)) {
        die(err.message);
    }
    return total;
}

int main(int argc, char **argv)
{
    struct rs_env env;
    struct rs_error err = {0};
    struct rs_credentials keys = RS_CREDENTIALS_INIT;
    const char *in_flight = getenv("BENCH_IN_FLIGHT");
    const char *part_bytes = getenv("BENCH_PART_BYTES");
    uint64_t total = 0;
    if (argc < 4 || !getenv("RS_TEST_S3")) {
        die("usage: bench_upload BUCKET PREFIX FILE...");
    }
    rs_env_init_system(&env, "bench_upload");
    rs_credentials_set(&keys, rs_str_from(getenv("RS_TEST_S3_KEY")),
                       rs_str_from(getenv("RS_TEST_S3_SECRET")), rs_str_from(NULL),
                       RS_CREDENTIALS_NEVER);
    struct rs_credentials_provider *provider = rs_credentials_fixed_new(&keys);
    const struct rs_s3_options options = {.credentials = provider,
                                          .endpoint = getenv("RS_TEST_S3")};
    struct rs_s3 *s3 = rs_s3_new(&env, &options);
    const struct rs_s3_uploader_options upload = {
        .bucket = rs_str_from(argv[1]),
        .in_flight = in_flight ? (unsigned)strtoul(in_flight, NULL, 10) : 0,
        .part_bytes = part_bytes ? strtoul(part_bytes, NULL, 10) : 0};
    struct rs_s3_uploader *uploader = rs_s3_uploader_new(s3, &upload);
    int64_t begin_us = env.monotonic_us(&env);
    for (int i = 3; i < argc; i++) {
        total += put_file(uploader, argv[2], argv[i]);
    }
    if (!rs_s3_uploader_drain(uploader, &err)) {
        die(err.message);
    }
    double seconds = (double)(env.monotonic_us(&env) - begin_us) / 1e6;
    (void)printf("%llu bytes in %.3f s: %.1f MB/s\n", (unsigned long long)total, seconds,
                 (double)total / 1e6 / seconds);
    rs_s3_uploader_free(uploader);
    rs_s3_free(s3);
    rs_credentials_provider_free(provider);
    rs_credentials_release(&keys);
    return 0;
}
