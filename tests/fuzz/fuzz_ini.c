/*
 * AWS's shared files: each section that is listed is found, and a refusal names its line alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"region", "aws_access_key_id", "s3.x", "s3", "x"};
    struct rs_error err = {0};
    struct rs_ini *ini = rs_ini_parse((struct rs_str){(const char *)data, size}, "fuzz", &err);
    const char *kind = NULL;
    const char *name = NULL;

    claim((ini == NULL) == (err.code != RS_OK));
    if (!ini) {
        claim(strncmp(err.message, "could not read \"fuzz\": line ", 28) == 0);
        claim(strlen(err.message) < 110);
        return 0;
    }
    for (size_t i = 0; (name = rs_ini_section(ini, i, &kind)) != NULL; i++) {
        claim(*name == '\0' || rs_ini_has(ini, kind, name));
        for (size_t j = 0; j < sizeof keys / sizeof keys[0]; j++) {
            const char *value = rs_ini_find(ini, kind, name, keys[j]);
            claim(!value || strlen(value) < size);
        }
    }
    rs_ini_free(ini);
    return 0;
}
