/* Manifests: what COPY is told to load. */
#include "rows/manifest.h"

#include "unit.h"

static void test_manifest__lists_every_object_as_mandatory_in_the_order_of_keys(void **state)
{
    (void)state;
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    rs_manifest_add(&manifest, "stage/t/part-0001.csv.zst", 7);
    rs_manifest_add(&manifest, "stage/t/part-0000.csv.zst", UINT64_C(5000000000));
    rs_manifest_append(&manifest, RS_STR("bucket"), &text);
    assert_string_equal(rs_strbuf_cstr(&text),
                        "{\"entries\":["
                        "{\"url\":\"s3://bucket/stage/t/part-0000.csv.zst\",\"mandatory\":true,"
                        "\"meta\":{\"content_length\":5000000000}},"
                        "{\"url\":\"s3://bucket/stage/t/part-0001.csv.zst\",\"mandatory\":true,"
                        "\"meta\":{\"content_length\":7}}]}\n");
    rs_manifest_release(&manifest);
    rs_strbuf_release(&text);
}

static void test_manifest__a_key_is_written_as_json(void **state)
{
    (void)state;
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    rs_manifest_add(&manifest, "a\"b\\/\xe6\xb3\xa8 c", 0);
    rs_manifest_append(&manifest, RS_STR("b"), &text);
    assert_string_equal(rs_strbuf_cstr(&text),
                        "{\"entries\":[{\"url\":\"s3://b/a\\\"b\\\\/\xe6\xb3\xa8 c\","
                        "\"mandatory\":true,\"meta\":{\"content_length\":0}}]}\n");
    rs_manifest_release(&manifest);
    rs_strbuf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest__lists_every_object_as_mandatory_in_the_order_of_keys),
        cmocka_unit_test(test_manifest__a_key_is_written_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
