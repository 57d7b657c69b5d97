/*
 * sync/project_chunk.h - a chunk of an input becomes a batch of rows and rejects.
 *
 *   rs_project_chunk(projector, batch, &chunk, &told)
 *     -> for each event told.count(told.arg, outcome); its row or its reject is in the batch
 *
 * Form:    a line may turn out to hold several events, and an object to be a body as Segment's batch
 *          call sends it, whose elements are events: see rs-schema(7).
 * Pure:    yes.
 * Threads: one thread at a time per projector and batch.
 */
#ifndef RS_SYNC_PROJECT_CHUNK_H
#define RS_SYNC_PROJECT_CHUNK_H

#include "read/chunks.h"
#include "transform/project.h"

struct rs_project_count {
    void (*count)(void *arg,
                  enum rs_outcome outcome); /* RS_OUTCOME_NO_EVENT for other rejects too */
    void *arg;
};

void rs_project_chunk(struct rs_projector *projector, struct rs_batch *batch,
                      const struct rs_chunk *chunk, const struct rs_project_count *told);

#endif
