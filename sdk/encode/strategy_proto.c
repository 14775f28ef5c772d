#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_wire.h"
#include "sdk/encode/proto/sampling.pb-c.h"
#include "sdk/encode/strategy_parts.h"
#include "sdk/encode/unpack.h"

#define SERVICE_NAME 1u /* field of the question */

int oa_strategy_proto_question(struct oa_slice service, struct oa_arena *arena, struct oa_slice *ret_message)
{
    uint8_t *message = oa_arena_alloc(arena, OA_OTLP_HEAD_MAX + service.len);
    size_t head;

    if (!message)
        return OA_ENOMEM;
    head = oa_otlp_wire_head(message, SERVICE_NAME, service.len);
    if (service.len)
        memcpy(message + head, service.ptr, service.len);
    *ret_message = (struct oa_slice){ (const char *)message, head + service.len };
    return 0;
}

static int take_operations(const OaSampling__Operations *from, struct oa_arena *arena,
                           struct oa_strategy_parts *parts)
{
    size_t count =
        from->n_per_operation < OA_STRATEGY_OPERATIONS_MAX ? from->n_per_operation : OA_STRATEGY_OPERATIONS_MAX;

    parts->has_operations = true;
    parts->default_probability = from->default_probability;
    parts->lower_bound = from->default_lower_bound;
    parts->operations = oa_arena_calloc(arena, count ? count : 1, sizeof(parts->operations[0]));
    if (!parts->operations)
        return OA_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const OaSampling__Operation *operation = from->per_operation[i];

        if (!operation->probabilistic)
            continue; /* nothing is said of it: the default */
        parts->operations[parts->operation_count++] =
            (struct oa_strategy_operation){ oa_strategy_name(oa_slice_of(operation->operation)),
                                            operation->probabilistic->sampling_rate };
    }
    return 0;
}

int oa_strategy_proto_read(struct oa_slice message, struct oa_arena *arena, struct oa_strategy *ret_strategy)
{
    struct oa_strategy_parts parts = { 0 };
    const OaSampling__Response *answer;
    int err;

    answer = oa_unpack(&oa_sampling__response__descriptor, message, arena, &err);
    if (!answer)
        return err;
    if (answer->operations && take_operations(answer->operations, arena, &parts) != 0)
        return OA_ENOMEM;
    parts.has_probability = answer->probabilistic;
    parts.probability = answer->probabilistic ? answer->probabilistic->sampling_rate : 0;
    parts.has_rate = answer->rate_limiting;
    parts.traces_per_second = answer->rate_limiting ? answer->rate_limiting->max_traces_per_second : 0;
    return oa_strategy_of_parts(&parts, ret_strategy);
}
