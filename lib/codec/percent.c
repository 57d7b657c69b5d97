/* Byte by byte; runs of kept bytes are appended as one piece. */
#include "codec/percent.h"

static bool is_kept(char c, bool keep_slash)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || (keep_slash && c == '/');
}

static int value_of(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

void rs_percent_append(struct rs_strbuf *out, struct rs_str text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t begin = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (is_kept(text.data[i], keep_slash)) {
            continue;
        }
        unsigned char byte = (unsigned char)text.data[i];
        char three[3] = {'%', digits[byte >> 4], digits[byte & 15]};
        rs_strbuf_append_str(out, rs_str_slice(text, begin, i));
        rs_strbuf_append_bytes(out, three, sizeof three);
        begin = i + 1;
    }
    rs_strbuf_append_str(out, rs_str_slice(text, begin, text.length));
}

bool rs_percent_decode(struct rs_str text, bool plus_is_space, struct rs_strbuf *out)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.length ? value_of(text.data[i + 1]) : -1;
            int low = i + 2 < text.length ? value_of(text.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        rs_strbuf_append_char(out, c);
    }
    return true;
}
