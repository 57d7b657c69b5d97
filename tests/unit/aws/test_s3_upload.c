/* Objects written as streams, whole and in parts, several at once; nothing is left of failures. */
#include "aws/s3_upload.h"

#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "codec/xml.h"
#include "scratch.h"
#include "unit.h"

enum { PART = RS_S3_UPLOAD_PART_BYTES_MIN };

/* What was reported as done. */
struct notes {
    size_t count;
    uint64_t bytes;
    char etag[RS_S3_ETAG_MAX + 1]; /* the last one */
    void *tag;
};

static void note(void *arg, const struct rs_s3_uploaded *uploaded)
{
    struct notes *notes = arg;
    notes->count++;
    notes->bytes += uploaded->size_bytes;
    notes->tag = uploaded->tag;
    (void)snprintf(notes->etag, sizeof notes->etag, "%s", uploaded->etag);
    assert_true(uploaded->key.length > 0);
}

static char *make_bytes(size_t count)
{
    uint64_t random = 88172645463325252U;
    char *bytes = rs_mem_alloc(count + 8);
    for (size_t i = 0; i < count; i += 8) {
        uint64_t number = scratch_random(&random);
        memcpy(bytes + i, &number, 8);
    }
    return bytes;
}

static struct rs_s3_uploader *make_uploader(struct bucket *bucket, unsigned in_flight,
                                            struct notes *notes)
{
    const struct rs_s3_uploader_options options = {.bucket = bucket->name,
                                                   .part_bytes = PART,
                                                   .in_flight = in_flight,
                                                   .done = note,
                                                   .arg = notes};
    return rs_s3_uploader_new(bucket->s3, &options);
}

static void write_object(struct rs_s3_uploader *uploader, const char *key, const char *bytes,
                         size_t count, size_t step)
{
    struct rs_error err = {0};
    struct rs_sink *sink = rs_s3_uploader_begin(uploader, rs_str_from(key), NULL, &err);
    for (size_t i = 0; i < count; i += step) {
        if (!sink->write(sink, bytes + i, count - i < step ? count - i : step, &err)) {
            fail_msg("%s", err.message);
        }
    }
    if (!rs_s3_uploader_finish(uploader, sink, &err)) {
        fail_msg("%s", err.message);
    }
}

static void drain(struct rs_s3_uploader *uploader)
{
    struct rs_error err = {0};
    if (!rs_s3_uploader_drain(uploader, &err)) {
        fail_msg("%s", err.message);
    }
}

static void assert_streams(struct bucket *bucket, const char *key, const char *bytes, size_t count)
{
    struct rs_error err = {0};
    struct rs_s3_object object;
    static char piece[300000];
    size_t got = 0;
    size_t some = 1;
    struct rs_s3_stream *stream =
        rs_s3_open(bucket->s3, bucket->name, rs_str_from(key), &object, &err);
    assert_non_null(stream);
    assert_int_equal(object.size_bytes, count);
    while (some > 0) {
        assert_true(rs_s3_read(stream, piece, sizeof piece, &some, &err));
        assert_true(got + some <= count);
        assert_memory_equal(piece, bytes + got, some);
        got += some;
    }
    assert_int_equal(got, count);
    rs_s3_close(stream);
}

/* How many uploads in parts the server has begun and not ended. */
static size_t count_uploads(struct bucket *bucket)
{
    struct rs_error err = {0};
    struct rs_http *http = rs_http_new(&bucket->env, NULL);
    struct rs_aws_call *call = rs_aws_call_new(&bucket->env, http, bucket->keys, NULL);
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    const struct rs_url_param query = {RS_STR("uploads"), RS_STR("")};
    char path[80];
    size_t count = 0;
    (void)snprintf(path, sizeof path, "/%s", bucket->text);
    const struct rs_aws_call_request request = {.service = "s3",
                                                .region = "us-east-1",
                                                .method = "GET",
                                                .endpoint = getenv("RS_TEST_S3"),
                                                .path = rs_str_from(path),
                                                .query = &query,
                                                .query_count = 1,
                                                .what = "list uploads"};
    assert_true(rs_aws_call_send(call, &request, &reply, NULL, &err));
    struct rs_xml_doc *doc = rs_xml_parse(rs_strbuf_str(&reply.body), "uploads", &err);
    const struct rs_xml_node *node = rs_xml_find(rs_xml_root(doc), "Upload");
    for (; node; node = rs_xml_next(node)) {
        count++;
    }
    rs_xml_free(doc);
    rs_http_reply_release(&reply);
    rs_aws_call_free(call);
    rs_http_free(http);
    return count;
}

static void test_s3_upload__objects_of_every_size_are_whole(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        size_t step;
        const char *etag_end; /* of the number of parts; "" for none */
    } cases[] = {{0, 1, ""},
                 {1, 1, ""},
                 {100000, 777, ""},
                 {PART - 1, 1 << 20, ""},
                 {PART, 65536, ""},
                 {PART + 1, 1 << 20, "-2"},
                 {2 * PART, 3 * PART, "-2"},
                 {3 * PART + 12345, 99999, "-4"}};
    char *bytes = make_bytes(3 * PART + 12345);
    struct bucket bucket;
    bucket_make(&bucket, NULL);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct notes notes = {0};
        struct rs_s3_uploader *uploader = make_uploader(&bucket, 1 + (unsigned)i % 3, &notes);
        write_object(uploader, "a b/key", bytes, cases[i].count, cases[i].step);
        drain(uploader);
        assert_int_equal(notes.count, 1);
        assert_int_equal(notes.bytes, cases[i].count);
        const char *hyphen = strchr(notes.etag, '-');
        assert_string_equal(hyphen ? hyphen : "", cases[i].etag_end);
        assert_streams(&bucket, "a b/key", bytes, cases[i].count);
        rs_s3_uploader_free(uploader);
    }
    assert_int_equal(count_uploads(&bucket), 0);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

static void test_s3_upload__many_objects_are_under_way_at_once(void **state)
{
    (void)state;
    enum { OBJECTS = 40, BYTES = 300000 };
    char *bytes = make_bytes(BYTES + 2 * PART);
    struct bucket bucket;
    struct notes notes = {0};
    char key[32];
    bucket_make(&bucket, NULL);
    struct rs_s3_uploader *uploader = make_uploader(&bucket, 4, &notes);
    for (size_t i = 0; i < OBJECTS; i++) {
        (void)snprintf(key, sizeof key, "part-%03zu", i);
        write_object(uploader, key, bytes + i, i == 7 ? 2 * PART : BYTES, 50000);
    }
    drain(uploader);
    assert_int_equal(notes.count, OBJECTS);
    assert_int_equal(bucket_count(&bucket), OBJECTS);
    for (size_t i = 0; i < OBJECTS; i++) {
        (void)snprintf(key, sizeof key, "part-%03zu", i);
        assert_streams(&bucket, key, bytes + i, i == 7 ? 2 * PART : BYTES);
    }
    rs_s3_uploader_free(uploader);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

static void test_s3_upload__sinks_may_be_open_side_by_side(void **state)
{
    (void)state;
    char *bytes = make_bytes(2 * PART + 10);
    struct bucket bucket;
    struct notes notes = {0};
    struct rs_error err = {0};
    struct rs_sink *sinks[3];
    static const char *const keys[] = {"a", "b", "c"};
    bucket_make(&bucket, NULL);
    struct rs_s3_uploader *uploader = make_uploader(&bucket, 2, &notes);
    for (size_t i = 0; i < 3; i++) {
        sinks[i] = rs_s3_uploader_begin(uploader, rs_str_from(keys[i]), &sinks[i], &err);
        assert_non_null(sinks[i]);
    }
    for (size_t at = 0; at < 2 * PART + 10; at += 100000) {
        size_t some = 2 * PART + 10 - at < 100000 ? 2 * PART + 10 - at : 100000;
        for (size_t i = 0; i < 3; i++) {
            assert_true(sinks[i]->write(sinks[i], bytes + at, some, &err));
        }
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(rs_s3_uploader_finish(uploader, sinks[i], &err));
    }
    drain(uploader);
    assert_int_equal(notes.count, 3);
    assert_true(notes.tag == &sinks[0] || notes.tag == &sinks[1] || notes.tag == &sinks[2]);
    for (size_t i = 0; i < 3; i++) {
        assert_streams(&bucket, keys[i], bytes, 2 * PART + 10);
    }
    rs_s3_uploader_free(uploader);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

static void test_s3_upload__nothing_is_left_of_what_is_given_up(void **state)
{
    (void)state;
    char *bytes = make_bytes(3 * PART);
    struct bucket bucket;
    struct notes notes = {0};
    struct rs_error err = {0};
    bucket_make(&bucket, NULL);
    struct rs_s3_uploader *uploader = make_uploader(&bucket, 3, &notes);
    struct rs_sink *sink = rs_s3_uploader_begin(uploader, RS_STR("aborted"), NULL, &err);
    assert_true(sink->write(sink, bytes, 3 * PART, &err));
    assert_int_equal(count_uploads(&bucket), 1);
    rs_s3_uploader_abort(uploader, sink);
    assert_int_equal(count_uploads(&bucket), 0);
    sink = rs_s3_uploader_begin(uploader, RS_STR("left"), NULL, &err);
    assert_true(sink->write(sink, bytes, 3 * PART, &err));
    assert_int_equal(count_uploads(&bucket), 1);
    rs_s3_uploader_free(uploader);
    assert_int_equal(count_uploads(&bucket), 0);
    assert_int_equal(bucket_count(&bucket), 0);
    assert_int_equal(notes.count, 0);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

static bool is_interrupted(const struct rs_env *env)
{
    return *(bool *)env->user;
}

static void test_s3_upload__an_interrupt_gives_up_and_leaves_nothing(void **state)
{
    (void)state;
    char *bytes = make_bytes(3 * PART);
    bool interrupted = false;
    struct bucket bucket;
    struct notes notes = {0};
    struct rs_error err = {0};
    bucket_make(&bucket, NULL);
    bucket.env.user = &interrupted;
    bucket.env.interrupted = is_interrupted;
    struct rs_s3_uploader *uploader = make_uploader(&bucket, 1, &notes);
    struct rs_sink *sink = rs_s3_uploader_begin(uploader, RS_STR("k"), NULL, &err);
    assert_true(sink->write(sink, bytes, 2 * PART, &err));
    assert_int_equal(count_uploads(&bucket), 1);
    interrupted = true;
    assert_false(sink->write(sink, bytes, 3 * PART, &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    rs_s3_uploader_abort(uploader, sink);
    rs_s3_uploader_free(uploader);
    interrupted = false;
    assert_int_equal(count_uploads(&bucket), 0);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

static void test_s3_upload__the_first_failure_is_told_with_its_key(void **state)
{
    (void)state;
    char *bytes = make_bytes(2 * PART);
    struct bucket bucket;
    struct notes notes = {0};
    struct rs_error err = {0};
    bucket_make(&bucket, NULL);
    struct rs_credentials_provider *wrong = bucket_keys("wrong", NULL);
    struct rs_s3_options options = {.credentials = wrong, .endpoint = getenv("RS_TEST_S3")};
    struct rs_s3 *right = bucket.s3;
    bucket.s3 = rs_s3_new(&bucket.env, &options);
    struct rs_s3_uploader *uploader = make_uploader(&bucket, 2, &notes);
    write_object(uploader, "first", bytes, 100, 100);
    assert_false(rs_s3_uploader_drain(uploader, &err));
    assert_string_equal(err.detail, "SignatureDoesNotMatch");
    assert_non_null(strstr(err.message, "/first\": "));
    rs_error_clear(&err);
    assert_null(rs_s3_uploader_begin(uploader, RS_STR("second"), NULL, &err));
    assert_non_null(strstr(err.message, "/first\": "));
    rs_s3_uploader_free(uploader);
    rs_error_clear(&err);
    uploader = make_uploader(&bucket, 2, &notes);
    struct rs_sink *sink = rs_s3_uploader_begin(uploader, RS_STR("large"), NULL, &err);
    assert_false(sink->write(sink, bytes, 2 * PART, &err));
    assert_non_null(strstr(err.message, "/large\": SignatureDoesNotMatch"));
    rs_error_clear(&err);
    assert_false(rs_s3_uploader_finish(uploader, sink, &err));
    assert_non_null(strstr(err.message, "/large\": SignatureDoesNotMatch"));
    rs_s3_uploader_free(uploader);
    rs_s3_free(bucket.s3);
    rs_credentials_provider_free(wrong);
    bucket.s3 = right;
    assert_int_equal(notes.count, 0);
    assert_int_equal(bucket_count(&bucket), 0);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

static void test_s3_upload__a_busy_server_is_asked_again_until_all_is_there(void **state)
{
    (void)state;
    enum { OBJECTS = 6 };
    char *bytes = make_bytes(1 << 20);
    struct bucket bucket;
    struct notes notes = {0};
    struct rs_s3_options options = {.endpoint = getenv("RS_TEST_S3_SLOW"), .attempts = 40};
    if (!options.endpoint) {
        skip();
    }
    bucket_make(&bucket, &options);
    struct rs_s3_uploader *uploader = make_uploader(&bucket, 4, &notes);
    for (size_t i = 0; i < OBJECTS; i++) {
        char key[8];
        (void)snprintf(key, sizeof key, "%zu", i);
        write_object(uploader, key, bytes, 1 << 20, 1 << 20);
    }
    drain(uploader);
    assert_int_equal(notes.count, OBJECTS);
    rs_s3_uploader_free(uploader);
    rs_mem_free(bytes);
    bucket_remove(&bucket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_upload__objects_of_every_size_are_whole),
        cmocka_unit_test(test_s3_upload__many_objects_are_under_way_at_once),
        cmocka_unit_test(test_s3_upload__sinks_may_be_open_side_by_side),
        cmocka_unit_test(test_s3_upload__nothing_is_left_of_what_is_given_up),
        cmocka_unit_test(test_s3_upload__an_interrupt_gives_up_and_leaves_nothing),
        cmocka_unit_test(test_s3_upload__the_first_failure_is_told_with_its_key),
        cmocka_unit_test(test_s3_upload__a_busy_server_is_asked_again_until_all_is_there),
    };
    return bucket_server_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
