/*
 * A partition's regions begin alike, so a prefix finds the domain. A region looks like nothing
 * else in a host name of AWS: two or more words of letters and a number, with hyphens between.
 */
#include "aws/region.h"

#include <string.h>

static const struct {
    struct rs_str prefix;
    const char *domain;
    const char *partition;
} partitions[] = {
    {RS_STR_INIT("cn-"), "amazonaws.com.cn", "aws-cn"},
    {RS_STR_INIT("us-gov-"), "amazonaws.com", "aws-us-gov"},
    {RS_STR_INIT("us-isob-"), "sc2s.sgov.gov", "aws-iso-b"},
    {RS_STR_INIT("us-isof-"), "csp.hci.ic.gov", "aws-iso-f"},
    {RS_STR_INIT("us-iso-"), "c2s.ic.gov", "aws-iso"},
    {RS_STR_INIT("eu-isoe-"), "cloud.adc-e.uk", "aws-iso-e"},
    {RS_STR_INIT("eusc-"), "amazonaws.eu", "aws-eusc"},
    {RS_STR_INIT(""), "amazonaws.com", "aws"},
};

static size_t find_partition(const char *region)
{
    size_t i = 0;
    while (!rs_str_starts(rs_str_from(region), partitions[i].prefix)) {
        i++;
    }
    return i;
}

const char *rs_region_domain(const char *region)
{
    return partitions[find_partition(region)].domain;
}

const char *rs_region_partition(const char *region)
{
    return partitions[find_partition(region)].partition;
}

bool rs_region_is_valid(struct rs_str text)
{
    size_t hyphens = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool digit = c >= '0' && c <= '9';
        bool last = i + 1 == text.length ||
                    (i + 2 == text.length && text.data[i + 1] <= '9' && text.data[i + 1] >= '0');
        if (c == '-') {
            hyphens++;
        }
        if (c == '-' ? i == 0 || text.data[i - 1] == '-'
                     : !(c >= 'a' && c <= 'z') && !(digit && (last || i + 1 == text.length))) {
            return false;
        }
    }
    return hyphens >= 2 && text.length <= RS_REGION_MAX && text.data[text.length - 1] <= '9' &&
           text.data[text.length - 1] >= '0';
}

static bool in_domain_of_aws(struct rs_str host)
{
    for (size_t i = 0; i < RS_COUNTOF(partitions); i++) {
        struct rs_str domain = rs_str_from(partitions[i].domain);
        if (rs_str_ends(host, domain) && host.length > domain.length &&
            host.data[host.length - domain.length - 1] == '.') {
            return true;
        }
    }
    return false;
}

bool rs_region_of_host(struct rs_str host, char out[RS_REGION_MAX + 1])
{
    size_t end = host.length;
    if (!in_domain_of_aws(host)) {
        return false;
    }
    while (end > 0) { /* from the right: a bucket's name on the left may look like a region */
        size_t begin = end;
        while (begin > 0 && host.data[begin - 1] != '.') {
            begin--;
        }
        struct rs_str label = rs_str_slice(host, begin, end);
        if (rs_str_starts(label, RS_STR("s3-"))) { /* s3-eu-west-1.amazonaws.com, of old */
            label = rs_str_slice(label, 3, label.length);
        }
        if (rs_region_is_valid(label)) {
            memcpy(out, label.data, label.length);
            out[label.length] = '\0';
            return true;
        }
        end = begin > 0 ? begin - 1 : 0;
    }
    return false;
}
