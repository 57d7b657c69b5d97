/*
 * sync/history_page.h - the last runs of a schema as a page, for --history with --report.
 *
 * Pure:    yes.   Owns: nothing.   Threads: as the results.
 */
#ifndef RS_SYNC_HISTORY_PAGE_H
#define RS_SYNC_HISTORY_PAGE_H

#include "codec/html.h"
#include "rs/str.h"
#include "warehouse/session.h"

/*
 * Write the page, but for its end.
 *
 * runs    as rs_ledger_list_runs gives them, the newest first
 * tables  as rs_ledger_list_loads does
 */
void rs_history_page(const struct rs_result *runs, const struct rs_result *tables,
                     struct rs_str schema, struct rs_html *html);

#endif
