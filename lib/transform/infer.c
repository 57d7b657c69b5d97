/*
 * One projector, as a worker of a run has it. What a run keeps of an event, its cells, is
 * forgotten at once; what the projector has learnt of its columns stays.
 */
#include "rs/infer.h"

#include <string.h>

#include "base/mem.h"
#include "base/slab.h"
#include "codec/json_token.h"
#include "transform/layout.h"
#include "transform/project.h"

struct rs_infer {
    struct rs_projector *projector;
    struct rs_slab slab;
    enum rs_arrays arrays;
};

struct rs_infer *rs_infer_new(const struct rs_infer_options *options)
{
    struct rs_infer *infer = rs_mem_zalloc(1, sizeof *infer);
    infer->projector = rs_projector_new(
        &(struct rs_projector_options){.seed = options->seed, .name_limit = options->name_limit});
    infer->arrays = options->arrays;
    return infer;
}

void rs_infer_free(struct rs_infer *infer)
{
    if (infer) {
        rs_projector_free(infer->projector);
        rs_slab_release(&infer->slab);
        rs_mem_free(infer);
    }
}

bool rs_infer_line(struct rs_infer *infer, struct rs_str line, struct rs_error *err)
{
    struct rs_batch *batch = rs_batch_new(0, 0, 0, &infer->slab, 1, line.length);
    char *padded = rs_mem_alloc(line.length + RS_JSON_PADDING);
    bool ok = true;
    memset(padded + line.length, 0, RS_JSON_PADDING);
    if (line.length > 0) {
        memcpy(padded, line.data, line.length);
    }
    const char *reason = NULL;
    const struct rs_str text = {padded, line.length};
    enum rs_outcome outcome = rs_str_trim(text).length == 0
                                  ? RS_OUTCOME_UNSELECTED
                                  : rs_projector_event(infer->projector, batch, text, &reason);
    if (outcome == RS_OUTCOME_NO_EVENT || outcome == RS_OUTCOME_REJECT) {
        ok = rs_error_set(err, RS_E_INPUT, "could not read the event: %s", reason);
    }
    rs_batch_end(batch);
    rs_batch_free(batch);
    rs_slab_reset(&infer->slab);
    rs_mem_free(padded);
    return ok;
}

void rs_infer_schema(const struct rs_infer *infer, struct rs_str name, struct rs_schema *out)
{
    rs_schema_init(out, name);
    rs_layout_schema(&infer->projector, 1, NULL, infer->arrays, out);
}
