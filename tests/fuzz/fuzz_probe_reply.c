/*
 * A server's first bytes: whatever they are, there is an answer of a parser; what is shown of it is
 * UTF-8 without control characters.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check/network/probe_reply.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_text(const char *text, size_t room)
{
    const size_t length = strnlen(text, room);
    claim(length < room);
    claim(rs_utf8_valid((struct rs_str){text, length}));
    for (size_t i = 0; i < length; i++) {
        claim((uint8_t)text[i] >= ' ' && text[i] != 0x7f);
    }
}

static void check(enum rs_probe_answer (*parse)(struct rs_str, struct rs_probe_reply *),
                  const uint8_t *data, size_t size)
{
    struct rs_probe_reply reply;
    const struct rs_str bytes = {(const char *)data, size};
    const enum rs_probe_answer answer = parse(bytes, &reply);
    claim(reply.answer == answer);
    claim(answer != RS_PROBE_SILENT && answer != RS_PROBE_CUT);
    claim(answer != RS_PROBE_FOREIGN || reply.message[0] != '\0');
    check_text(reply.code, sizeof reply.code);
    check_text(reply.message, sizeof reply.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(rs_probe_parse_tls, data, size);
    check(rs_probe_parse_startup, data, size);
    return 0;
}
