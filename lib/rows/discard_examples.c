/*
 * Discards come in about the order read, and there may be millions: whether one is earlier than what is
 * kept is told by one atomic load, and the lock is for the few that are.
 */
#include "rows/discard_examples.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"

struct kept {
    atomic_uint_least64_t ref; /* UINT64_MAX: nothing is kept */
    uint64_t line;
    size_t table_length;
    size_t column_length;
    size_t value_length;
    char table[RS_DISCARD_NAME_MAX];
    char column[RS_DISCARD_NAME_MAX];
    char value[RS_DISCARD_EXAMPLE_MAX];
};

struct rs_discard_examples {
    pthread_mutex_t mutex;
    struct kept kept[RS_DISCARD_REASONS];
};

struct rs_discard_examples *rs_discard_examples_new(void)
{
    struct rs_discard_examples *examples = rs_mem_zalloc(1, sizeof *examples);
    (void)pthread_mutex_init(&examples->mutex, NULL);
    for (size_t i = 0; i < RS_DISCARD_REASONS; i++) {
        atomic_init(&examples->kept[i].ref, UINT64_MAX);
    }
    return examples;
}

void rs_discard_examples_free(struct rs_discard_examples *examples)
{
    if (examples) {
        (void)pthread_mutex_destroy(&examples->mutex);
        rs_mem_free(examples);
    }
}

static struct rs_str table_of(const struct kept *kept)
{
    return (struct rs_str){kept->table, kept->table_length};
}

static struct rs_str column_of(const struct kept *kept)
{
    return (struct rs_str){kept->column, kept->column_length};
}

static size_t keep(char *out, size_t size, struct rs_str text)
{
    size_t length = rs_utf8_cut(text, size);
    memcpy(out, text.data, length);
    return length;
}

/* One event may have several: then the first by table and column, whichever thread came upon it. */
static bool is_earlier(const struct kept *kept, const struct rs_discard_example *found)
{
    uint64_t ref = atomic_load(&kept->ref);
    int order = rs_str_compare(found->table, table_of(kept));
    order = order != 0 ? order : rs_str_compare(found->column, column_of(kept));
    return found->ref < ref || (found->ref == ref && order < 0);
}

void rs_discard_examples_note(struct rs_discard_examples *examples,
                              const struct rs_discard_example *found)
{
    struct kept *kept = &examples->kept[found->reason];
    if (found->ref > atomic_load_explicit(&kept->ref, memory_order_relaxed)) {
        return;
    }
    (void)pthread_mutex_lock(&examples->mutex);
    if (is_earlier(kept, found)) {
        kept->line = found->line;
        kept->table_length = keep(kept->table, sizeof kept->table, found->table);
        kept->column_length = keep(kept->column, sizeof kept->column, found->column);
        kept->value_length = keep(kept->value, sizeof kept->value, found->value);
        atomic_store(&kept->ref, found->ref);
    }
    (void)pthread_mutex_unlock(&examples->mutex);
}

bool rs_discard_examples_find(const struct rs_discard_examples *examples,
                              enum rs_discard_reason reason, struct rs_discard_example *out)
{
    const struct kept *kept = &examples->kept[reason];
    *out = (struct rs_discard_example){.reason = reason,
                                       .ref = atomic_load(&kept->ref),
                                       .line = kept->line,
                                       .table = table_of(kept),
                                       .column = column_of(kept),
                                       .value = {kept->value, kept->value_length}};
    return out->ref != UINT64_MAX;
}
