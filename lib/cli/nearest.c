/*
 * Edit distance with swaps of neighbours (optimal string alignment), over three rolling rows
 * of a fixed width: option names are short, and a longer word is nobody's typing mistake.
 * A name counts as near when a third of its letters, and at least one, may be wrong; a word of
 * two letters or more that is the beginning of a name, or one of the parts between its dashes, is
 * near as well.
 */
#include "cli/nearest.h"

enum { WORD_MAX = 32, PREFIX_MIN = 2 };

static size_t smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

size_t rs_nearest_distance(struct rs_str left, struct rs_str right)
{
    size_t rows[3][WORD_MAX + 1] = {{0}};
    if (left.length > WORD_MAX || right.length > WORD_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= right.length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= left.length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= right.length; j++) {
            size_t changed = left.data[i - 1] == right.data[j - 1] ? 0 : 1;
            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + changed);
            if (i > 1 && j > 1 && left.data[i - 1] == right.data[j - 2] &&
                left.data[i - 2] == right.data[j - 1]) {
                row[j] = smaller(row[j], above2[j - 2] + 1);
            }
        }
    }
    return rows[left.length % 3][right.length];
}

struct rs_nearest rs_nearest_of(struct rs_str word)
{
    return (struct rs_nearest){.word = word, .best = NULL, .best_distance = SIZE_MAX};
}

/* role, of iam-role */
static bool is_part(struct rs_str word, struct rs_str name)
{
    while (name.length > 0) {
        const size_t dash = rs_str_find_byte(name, '-');
        if (rs_str_equal(rs_str_slice(name, 0, dash), word)) {
            return true;
        }
        name = dash == SIZE_MAX ? RS_STR("") : rs_str_slice(name, dash + 1, name.length);
    }
    return false;
}

void rs_nearest_offer(struct rs_nearest *nearest, const char *name)
{
    struct rs_str offered = rs_str_from(name);
    size_t distance = rs_nearest_distance(nearest->word, offered);
    size_t allowed = offered.length / 3 > 0 ? offered.length / 3 : 1;
    bool begins = nearest->word.length >= PREFIX_MIN && rs_str_starts(offered, nearest->word);
    if (begins || is_part(nearest->word, offered)) {
        distance = smaller(distance, 1);
    }
    if (distance <= allowed && distance < offered.length && distance < nearest->best_distance) {
        nearest->best = name;
        nearest->best_distance = distance;
    }
}

const char *rs_nearest_name(const struct rs_nearest *nearest)
{
    return nearest->best;
}
