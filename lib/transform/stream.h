/*
 * transform/stream.h - what one kind of call has shown so far: its columns, and the ways to
 * them through the event's objects.
 *
 *   track "Signed Up"          one stream a table of events       -> tracks, signed_up
 *   track without an event     one                                -> tracks
 *   identify with a user id    one                                -> identifies, users
 *   identify without           one                                -> identifies
 *   page, screen, alias        one each                           -> pages, screens, aliases
 *   group with, without an id  one each                           -> groups, accounts; groups
 *
 * A path is an object's place in the event (context, context.page, properties ...). It knows
 * its keys, and which key came after which: the next event's keys mostly come in that order, so
 * that finding a column is one comparison of the key's bytes and no hash.
 *
 * Owns:    everything of a stream lives in its arena and arrays; freed with rs_stream_free.
 * Pure:    yes.   Threads: one thread at a time per object.
 */
#ifndef RS_TRANSFORM_STREAM_H
#define RS_TRANSFORM_STREAM_H

#include "base/arena.h"
#include "base/map.h"
#include "rs/compiler.h"
#include "rs/name.h"
#include "rs/strbuf.h"
#include "transform/cardinality_limit.h"

/* The first columns of every stream. The last is event_text, group_id or previous_id. */
enum {
    RS_STREAM_ID,
    RS_STREAM_RECEIVED_AT,
    RS_STREAM_SENT_AT,
    RS_STREAM_TIMESTAMP,
    RS_STREAM_ORIGINAL_TIMESTAMP,
    RS_STREAM_ANONYMOUS_ID,
    RS_STREAM_USER_ID,
    RS_STREAM_EXTRA,
    RS_STREAM_STANDARD_COUNT,
};

enum { RS_NO_COLUMN = -1, RS_STREAM_MAX_COLUMNS = (1 << 24) - 1 };

struct rs_stream_column {
    struct rs_str name;
    uint64_t stamp; /* the last event that filled it */
    uint64_t max_bytes;
    uint64_t value_count;
    unsigned kinds; /* set of enum rs_kind */
    bool common;    /* standard or context: what an event's two tables share */
    bool standard;  /* one of the first: there without a value too */
};

enum rs_key_role { RS_KEY_PLAIN, RS_KEY_NAME, RS_KEY_CATEGORY };

struct rs_path;

struct rs_path_key {
    struct rs_str raw; /* as in the JSON text, escapes and all */
    uint64_t head;     /* its first 8 bytes, or all of them and zeros */
    uint64_t tail;     /* its last 8 bytes, where it has more than 8 */
    uint64_t hash;
    struct rs_path_key *after; /* the key that came after this one last time */
    struct rs_path *path;      /* of the object that is its value; NULL until there is one */
    int32_t column;            /* of a value that is none; RS_NO_COLUMN until there is one */
    int32_t other_column;      /* of a page's "name" where the page has one itself: "_name" */
    enum rs_key_role role;
};

struct rs_path {
    const struct rs_path *parent;
    struct rs_str words; /* of its own key; all of them are joined when a column is named */
    bool context;
    struct rs_path_key *first;
    struct rs_path_key **index; /* open addressing; NULL: free */
    size_t index_size;
    size_t count;
};

struct rs_stream {
    uint32_t number;
    enum rs_call_type call;
    struct rs_str table; /* track: the event's own, "" without an event; else the call's */
    bool folds;          /* into users or accounts */
    bool wanted;         /* selective sync wants one of its tables */
    bool refused;        /* of all track calls whose names were not admitted */
    uint64_t stamp;      /* events so far */
    struct rs_stream_column *columns;
    size_t column_count;
    size_t column_capacity;
    struct rs_map *by_name; /* to a column's number + 1 */
    struct rs_path *context;
    struct rs_path *fields; /* properties or traits */
    struct rs_key_budget *budget;
    size_t key_count;
    struct rs_path_key refused_key; /* the one key that was not learned, while it is looked at */
    bool knows_existing;            /* has the columns of its tables in the database */
    uint64_t seed;
    size_t name_limit;
    struct rs_strbuf words;
    struct rs_strbuf name;
    struct rs_arena arena;
};

struct rs_stream_options {
    enum rs_call_type call;
    struct rs_str table;
    bool folds;
    uint64_t seed;
    size_t name_limit;
    struct rs_key_budget *budget; /* borrowed */
};

RS_MUST_USE struct rs_stream *rs_stream_new(uint32_t number,
                                            const struct rs_stream_options *options);
void rs_stream_free(struct rs_stream *stream);

/*
 * The key of a path that is written raw in the event; made when new. previous is the key before
 * it in the same object, or NULL. raw is followed by 8 readable bytes. Where no more keys are
 * learned, a new one is good until the next call alone.
 */
struct rs_path_key *rs_stream_key(struct rs_stream *stream, struct rs_path *path,
                                  struct rs_path_key *previous, struct rs_str raw);

/*
 * The path of the object that is key's value; NULL: not learned, and no column begins like it.
 * decoded is the key's text.
 */
struct rs_path *rs_stream_child(struct rs_stream *stream, struct rs_path *path,
                                struct rs_path_key *key, struct rs_str decoded);

/*
 * Settle key->column, key->role and, for a role, key->other_column. False: there is no column of
 * this name, and no more are learned.
 */
RS_MUST_USE bool rs_stream_name_key(struct rs_stream *stream, const struct rs_path *path,
                                    struct rs_path_key *key, struct rs_str decoded);

/* The number of the column that discards of what a path holds are told of. */
int32_t rs_stream_path_column(struct rs_stream *stream, const struct rs_path *path);

/* The number of the column with this name; made when new. common sticks. */
int32_t rs_stream_column(struct rs_stream *stream, struct rs_str name, bool common);

enum rs_layout_rows {
    RS_LAYOUT_OWN,    /* the stream's own table: all cells of a row */
    RS_LAYOUT_COMMON, /* tracks: the common cells of every track row */
    RS_LAYOUT_FOLD,   /* users, accounts: the rows of one id folded into one */
};

/* A table that a stream fills. */
struct rs_stream_target {
    struct rs_str table;
    enum rs_layout_rows rows;
};

/* The tables that a stream fills: how many, 2 at most. */
size_t rs_stream_targets(const struct rs_stream *stream, struct rs_stream_target out[2]);

#endif
