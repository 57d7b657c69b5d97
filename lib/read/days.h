/*
 * read/days.h - the days of an archive, whose folders are named by them, as Segment's are.
 *
 *   segment-logs/9tEdoyqZ/1762128000000/a.gz     received on 2025-11-03
 *
 *   struct rs_days days;
 *   rs_days_parse("2025-11-01", "2025-11-30", &days, err)
 *   rs_days_of_path(path, 0, &day_ms) && rs_days_has(&days, day_ms)
 *
 * A set of days tells what an input holds once it was read: few days, exactly; of many only the
 * first and the last instant.
 *
 * Form:    a day's folder has 13 digits: the milliseconds from 1970 to its midnight, UTC.
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://segment.com/docs/connections/storage/catalog/aws-s3/, "Data format".
 */
#ifndef RS_READ_DAYS_H
#define RS_READ_DAYS_H

#include "base/interval.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

/* All zero: every input, whether its day can be told or not. */
struct rs_days {
    bool limited;
    int64_t first_ms; /* midnights, both taken */
    int64_t last_ms;
    bool takes_undated; /* an input or stream whose day cannot be told is in */
};

enum { RS_DAY_SET_MAX = 16 };

/* The days of what was found in an input; starts as {0}. */
struct rs_day_set {
    bool known;       /* the input was read: this is all that it has */
    uint32_t count;   /* of days; past RS_DAY_SET_MAX: any from the first to the last */
    int64_t first_us; /* instants, when count is not 0 */
    int64_t last_us;
    int64_t days[RS_DAY_SET_MAX]; /* since 1970 */
};

/*
 * Read the values of --since and --until, YYYY-MM-DD; NULL or "" is no limit.
 *
 * err   RS_E_USAGE when one is no day, or the last comes before the first
 */
RS_MUST_USE bool rs_days_parse(const char *since, const char *until, struct rs_days *out,
                               struct rs_error *err);

bool rs_days_has(const struct rs_days *days, int64_t day_ms);

/* The day that a folder of this name is for; false when it is for none. */
RS_MUST_USE bool rs_days_of_name(struct rs_str name, int64_t *out_ms);

/*
 * The day of a file: of the first folder in its path that ends behind the first skip bytes and
 * is for a day; where there is none, of the last one within them.
 */
RS_MUST_USE bool rs_days_of_path(struct rs_str path, size_t skip, int64_t *out_ms);

/* Note that something of this instant was found. */
void rs_day_set_add(struct rs_day_set *set, int64_t us);

/* Add all that from has, but whether it is known. */
void rs_day_set_merge(struct rs_day_set *set, const struct rs_day_set *from);

/* Whether something of the interval may have been found. */
bool rs_day_set_meets(const struct rs_day_set *set, const struct rs_interval *interval);

#endif
