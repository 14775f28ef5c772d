/*
 * The spans of one batch ordered for reading. Traces by their first start; in a
 * trace, children below their parents, siblings by start. A span whose parent is not in the batch
 * stands at the top. A ring of parents (only damaged data has one) is cut where it starts first.
 */
#ifndef OA_SDK_ENCODE_SPAN_TREE_H
#define OA_SDK_ENCODE_SPAN_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "sdk/model/batch.h"

struct oa_span_line {
    const struct oa_span_view *span;
    uint32_t depth; /* 0 = at the top */
    bool first;     /* of its trace */
};

/* One line per span of the batch, in reading order, in the arena. NULL without memory. */
const struct oa_span_line *oa_span_tree_lines(const struct oa_batch *batch, struct oa_arena *arena) OA_MUST_CHECK;

#endif
