/*
 * Four digits for three bytes. The decoder also refuses bits behind the last byte that are not
 * zero, so each byte string has one text only.
 */
#include "codec/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char digit)
{
    if (digit >= 'A' && digit <= 'Z') {
        return digit - 'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - 'a' + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - '0' + 52;
    }
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

void rs_base64_append(struct rs_strbuf *out, struct rs_str bytes)
{
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t count = bytes.length - i < 3 ? bytes.length - i : 3;
        uint32_t group = 0;
        char four[4];
        for (size_t j = 0; j < 3; j++) {
            group = group << 8 | (j < count ? (unsigned char)bytes.data[i + j] : 0);
        }
        for (size_t j = 0; j < 4; j++) {
            four[j] = j <= count ? digits[group >> (18 - 6 * j) & 63] : '=';
        }
        rs_strbuf_append_bytes(out, four, sizeof four);
    }
}

bool rs_base64_decode(struct rs_str text, struct rs_strbuf *out)
{
    if (text.length % 4 != 0) {
        return false;
    }
    for (size_t i = 0; i < text.length; i += 4) {
        bool last = i + 4 == text.length;
        size_t padding = 0;
        uint32_t group = 0;
        for (size_t j = 0; j < 4; j++) {
            char c = text.data[i + j];
            int value = value_of(c);
            if (c == '=' && last && j >= 2) {
                padding++;
                value = 0;
            } else if (padding > 0) {
                return false;
            }
            if (value < 0) {
                return false;
            }
            group = group << 6 | (uint32_t)value;
        }
        if ((group & ((1U << (8 * padding)) - 1)) != 0) {
            return false;
        }
        char three[3] = {(char)(group >> 16 & 255), (char)(group >> 8 & 255), (char)(group & 255)};
        rs_strbuf_append_bytes(out, three, sizeof three - padding);
    }
    return true;
}
