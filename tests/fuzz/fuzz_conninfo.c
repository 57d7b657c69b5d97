/*
 * What people have of a database: any text is read or refused. An address comes out as one that is
 * read again as itself, in bytes that an address may have; a name and keywords as they went in. Of a
 * text with a "@" that is refused, nothing behind its scheme is shown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "warehouse/conninfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_read(const char *given, const struct rs_conninfo *read)
{
    const char *text = rs_strbuf_cstr(&read->text);
    struct rs_conninfo again;
    struct rs_error err = {0};
    if (read->form != RS_CONNINFO_URI) {
        claim(strcmp(text, given) == 0 && !read->redshift && !read->iam);
        return;
    }
    claim(strncmp(text, "postgresql://", 13) == 0);
    claim(rs_conninfo_read(text, &again, &err) && again.form == RS_CONNINFO_URI);
    claim(strcmp(rs_strbuf_cstr(&again.text), text) == 0);
    claim(again.has_parameters == read->has_parameters);
    rs_conninfo_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *given = rs_mem_strndup((const char *)data, size);
    struct rs_conninfo read;
    struct rs_error err = {0};
    given[strlen(given)] = '\0';
    if (rs_conninfo_read(given, &read, &err)) {
        claim(err.code == RS_OK);
        check_read(given, &read);
    } else {
        const char *at = strrchr(given, '@');
        claim(err.code != RS_OK && *err.message);
        /* The last three letters before a "@", which stand nowhere else: of a password, if any are. */
        if (at && at - given > 16 && strstr(given, "XYZ") == at - 3) {
            claim(!strstr(err.message, "XYZ") && !strstr(err.hint, "XYZ"));
        }
    }
    rs_conninfo_release(&read);
    rs_mem_free(given);
    return 0;
}
