/* A condition is taken apart at its brackets; the names in one part may be a list. */
#include "check/database/wlm_queue.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* A name fits a pattern, whatever the case; wild: "*" and "?" are not themselves. */
static bool fits(struct rs_str name, struct rs_str pattern, bool wild)
{
    size_t n = 0;
    size_t p = 0;
    size_t star = SIZE_MAX; /* behind the last "*" */
    size_t retry = 0;       /* what it took up to here */
    while (n < name.length) {
        if (wild && p < pattern.length && pattern.data[p] == '*') {
            star = ++p;
            retry = n;
        } else if (p < pattern.length && ((wild && pattern.data[p] == '?') ||
                                          lower(pattern.data[p]) == lower(name.data[n]))) {
            n++;
            p++;
        } else if (star != SIZE_MAX) {
            p = star;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (wild && p < pattern.length && pattern.data[p] == '*') {
        p++;
    }
    return p == pattern.length;
}

/* One of a list of names, parted by commas or bars. */
static bool fits_any(struct rs_str name, struct rs_str list, bool wild)
{
    while (list.length > 0 && name.length > 0) {
        size_t end = 0;
        while (end < list.length && list.data[end] != ',' && list.data[end] != '|') {
            end++;
        }
        if (fits(name, rs_str_trim(rs_str_slice(list, 0, end)), wild)) {
            return true;
        }
        list = end < list.length ? rs_str_slice(list, end + 1, list.length) : RS_STR("");
    }
    return false;
}

static bool has_group(const struct rs_check_wlm_queue_who *who, struct rs_str list, bool wild)
{
    for (size_t i = 0; i < who->group_count; i++) {
        if (fits_any(rs_str_from(who->groups[i]), list, wild)) {
            return true;
        }
    }
    return false;
}

/* What stands between one pair of brackets. */
static enum rs_check_wlm_queue_match match_part(struct rs_str part,
                                                const struct rs_check_wlm_queue_rule *rule,
                                                const struct rs_check_wlm_queue_who *who)
{
    const size_t colon = rs_str_find_byte(part, ':');
    const struct rs_str kind = rs_str_trim(rs_str_slice(part, 0, colon));
    const struct rs_str rest =
        colon == SIZE_MAX ? RS_STR("") : rs_str_trim(rs_str_slice(part, colon + 1, part.length));
    if (rs_str_equal(kind, RS_STR("query group"))) {
        return fits_any(rs_str_from(who->query_group), rest, rule->query_wild)
                   ? RS_CHECK_WLM_QUEUE_QUERY_GROUP
                   : RS_CHECK_WLM_QUEUE_NONE;
    }
    if (rs_str_equal(kind, RS_STR("user group")) || rs_str_equal(kind, RS_STR("user role"))) {
        return has_group(who, rest, rule->user_wild) ? RS_CHECK_WLM_QUEUE_USER_GROUP
                                                     : RS_CHECK_WLM_QUEUE_NONE;
    }
    if (rs_str_equal(kind, RS_STR("super user"))) {
        return who->superuser ? RS_CHECK_WLM_QUEUE_USER_GROUP : RS_CHECK_WLM_QUEUE_NONE;
    }
    const bool any = rs_str_equal(kind, RS_STR("querytype")) && rs_str_equal(rest, RS_STR("any"));
    return any ? RS_CHECK_WLM_QUEUE_DEFAULT : RS_CHECK_WLM_QUEUE_NONE;
}

enum rs_check_wlm_queue_match rs_check_wlm_queue_match(const struct rs_check_wlm_queue_rule *rule,
                                                       const struct rs_check_wlm_queue_who *who)
{
    struct rs_str condition = rule->condition;
    enum rs_check_wlm_queue_match best = RS_CHECK_WLM_QUEUE_NONE;
    for (size_t open = rs_str_find_byte(condition, '('); open != SIZE_MAX;
         open = rs_str_find_byte(condition, '(')) {
        condition = rs_str_slice(condition, open + 1, condition.length);
        const size_t close = rs_str_find_byte(condition, ')');
        const enum rs_check_wlm_queue_match match =
            match_part(rs_str_slice(condition, 0, close), rule, who);
        if (match == RS_CHECK_WLM_QUEUE_NONE) {
            return RS_CHECK_WLM_QUEUE_NONE;
        }
        best = match > best ? match : best;
    }
    return best;
}
