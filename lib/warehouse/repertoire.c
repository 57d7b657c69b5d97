/*
 * There is no function that tells without failing, so many characters are converted at once, and what
 * fails is halved. The bytes go as bytea: a text would fail before the function sees it.
 */
#include "warehouse/repertoire.h"

#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"

enum { HEX_MAX = 16 << 20 };

bool rs_repertoire_is_cause(const struct rs_error *err)
{
    return err->code == RS_E_DATABASE && strcmp(err->detail, "22P05") == 0;
}

/* Does the database's encoding have all of these characters? */
static bool ask(struct rs_session *session, const uint32_t *codes, size_t count, bool *has,
                struct rs_error *err)
{
    struct rs_strbuf hex = RS_STRBUF_INIT(HEX_MAX);
    struct rs_error why = {0};
    rs_strbuf_append(&hex, "\\x");
    for (size_t i = 0; i < count; i++) {
        char bytes[RS_UTF8_MAX];
        size_t length = rs_utf8_encode(codes[i], bytes);
        for (size_t k = 0; k < length; k++) {
            rs_strbuf_printf(&hex, "%02x", (unsigned)(unsigned char)bytes[k]);
        }
    }
    const struct rs_str params[] = {rs_strbuf_str(&hex)};
    struct rs_result *result = rs_session_query_params(
        session,
        "SELECT length(pg_catalog.convert($1::bytea, 'UTF8', pg_catalog.getdatabaseencoding()))",
        params, 1, &why);
    *has = result != NULL;
    if (!result && !rs_repertoire_is_cause(&why)) {
        *err = why;
    }
    rs_result_free(result);
    rs_strbuf_release(&hex);
    return err->code == RS_OK;
}

static bool find_missing(struct rs_repertoire *repertoire, struct rs_session *session,
                         const uint32_t *codes, size_t count, struct rs_error *err)
{
    bool has = false;
    if (count == 0) {
        return true;
    }
    if (!ask(session, codes, count, &has, err)) {
        return false;
    }
    if (has) {
        return true;
    }
    if (count == 1) {
        rs_codepoints_add(&repertoire->missing, codes[0]);
        return true;
    }
    return find_missing(repertoire, session, codes, count / 2, err) &&
           find_missing(repertoire, session, codes + count / 2, count - count / 2, err);
}

bool rs_repertoire_learn(struct rs_repertoire *repertoire, struct rs_session *session,
                         const struct rs_codepoints *seen, struct rs_error *err)
{
    if (seen->count == 0 || rs_session_stores_unicode(session)) {
        return true;
    }
    uint32_t *codes = rs_mem_zalloc(seen->count, sizeof *codes);
    size_t count = 0;
    for (uint32_t code = rs_codepoints_next(seen, 0); code != UINT32_MAX;
         code = rs_codepoints_next(seen, code + 1)) {
        if (!rs_codepoints_has(&repertoire->asked, code)) {
            codes[count++] = code;
        }
    }
    bool ok = find_missing(repertoire, session, codes, count, err);
    for (size_t i = 0; ok && i < count; i++) {
        rs_codepoints_add(&repertoire->asked, codes[i]);
    }
    rs_mem_free(codes);
    return ok;
}

void rs_repertoire_release(struct rs_repertoire *repertoire)
{
    rs_codepoints_release(&repertoire->asked);
    rs_codepoints_release(&repertoire->missing);
}
