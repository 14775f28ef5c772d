/*
 * The tracestate list of W3C trace context, level 2 (section 3.3). A list is checked,
 * brought to one form and passed on; the one member that may be ours is that of ot_entry.h. Pure: no allocation,
 * any thread; the cost grows with 32 times the text at most.
 */
#ifndef OA_TRACESTATE_H
#define OA_TRACESTATE_H

#include "sdk/propagation/propagator.h"

/*
 * The list without blanks around members, empty members and repeated keys (the first one stays), as
 * a slice of scratch (which grows by its length). Empty if nothing is left or the list is invalid:
 * more than 32 members, or one that breaks the grammar, discard all of it. A list over
 * OA_TRACESTATE_MAX bytes loses whole members, those over 128 bytes first, each time the right-most.
 */
struct oa_slice oa_tracestate_normalise(struct oa_slice text, struct oa_scratch *scratch);

#endif
