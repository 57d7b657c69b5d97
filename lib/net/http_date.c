/* The fields are put in ISO's order and read by rs_timefmt_parse, which checks their ranges. */
#include "net/http_date.h"

#include <string.h>

#include "base/timefmt.h"

bool rs_http_date_parse(struct rs_str text, int64_t *out_us)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char form[] = "???, 00 ??? 0000 00:00:00 GMT";
    char iso[] = "0000-00-00T00:00:00";
    size_t month = 0;
    if (text.length != sizeof form - 1) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (form[i] == '0' ? c < '0' || c > '9' : form[i] != '?' && form[i] != c) {
            return false;
        }
    }
    while (month < 12 && memcmp(months + 3 * month, text.data + 8, 3) != 0) {
        month++;
    }
    if (month == 12) {
        return false;
    }
    memcpy(iso, text.data + 12, 4);
    iso[5] = (char)('0' + (month + 1) / 10);
    iso[6] = (char)('0' + (month + 1) % 10);
    memcpy(iso + 8, text.data + 5, 2);
    memcpy(iso + 11, text.data + 17, 8);
    return rs_timefmt_parse(rs_str_from(iso), out_us);
}
