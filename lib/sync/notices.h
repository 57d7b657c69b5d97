/*
 * sync/notices.h - what a run tells of its input, without failing for it.
 *
 *   rs_notice_dropped(pipeline);    after the plan
 *   rs_notice_intake(pipeline);     after the input and the catalog were read
 *
 * Pure:    yes.   Threads: main thread only.
 */
#ifndef RS_SYNC_NOTICES_H
#define RS_SYNC_NOTICES_H

#include "sync/pipeline_state.h"

/* One sentence for each table that had no room for all its columns. */
void rs_notice_dropped(struct rs_pipeline *pipeline);

/* Events without a name, keys in place of Segment's, names in --select that nothing has. */
void rs_notice_intake(struct rs_pipeline *pipeline);

#endif
