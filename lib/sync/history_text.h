/*
 * sync/history_text.h - the last runs as a table and as pictures of one line, for a person.
 *
 *   rs_history_text(&style, columns, column_count, runs, &out);
 *
 * Runs are told from the oldest to the newest, so that the newest stands above the prompt. Where there is
 * a limit of columns the table keeps to it: columns that say nothing go first, then counts are shortened,
 * then columns go by their rank; an error is cut.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_SYNC_HISTORY_TEXT_H
#define RS_SYNC_HISTORY_TEXT_H

#include "rs/compiler.h"
#include "rs/strbuf.h"
#include "sync/sync.h"
#include "warehouse/session.h"

struct rs_history_column {
    const char *title;
    size_t column; /* of the result */
    bool number;
    unsigned rank; /* the highest goes first where there is no room; 0: stays */
};

/* runs: the newest first. The last column is an error: it takes the room that is left. */
void rs_history_text(const struct rs_history_style *style, const struct rs_history_column *columns,
                     size_t column_count, const struct rs_result *runs, struct rs_strbuf *out);

/*
 * Append "title    ▁▃█  max 12.3K" for the numbers of runs, 0 where there is none, of which the last ones are
 * shown that have room; without UTF-8 of letters. Nothing where all are 0.
 */
void rs_history_spark(const struct rs_history_style *style, const char *title,
                      const double *numbers, size_t count, struct rs_strbuf *out);

#endif
