#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/proto/sampling.pb-c.h"
#include "sdk/encode/strategy_parts.h"

#define FIELD_SERVICE_NAME 0x0a /* field 1, length-delimited */

int oa_strategy_proto_question(struct oa_slice service, struct oa_arena *arena, struct oa_slice *ret_message)
{
    uint8_t *message = oa_arena_alloc(arena, 1 + 10 + service.len), *at = message;
    size_t rest = service.len;

    if (!message)
        return OA_ENOMEM;
    *at++ = FIELD_SERVICE_NAME;
    for (; rest >= 0x80; rest >>= 7)
        *at++ = (uint8_t)(rest | 0x80);
    *at++ = (uint8_t)rest;
    if (service.len)
        memcpy(at, service.ptr, service.len);
    *ret_message = (struct oa_slice){ (const char *)message, (size_t)(at - message) + service.len };
    return 0;
}

struct memory {
    struct oa_arena *arena;
    bool exhausted;
};

static void *answer_alloc(void *data, size_t bytes)
{
    struct memory *memory = data;
    void *block = oa_arena_alloc(memory->arena, bytes);

    memory->exhausted |= !block;
    return block;
}

static void answer_free(void *data, void *block)
{
    (void)data;
    (void)block;
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
    struct memory memory = { .arena = arena };
    ProtobufCAllocator allocator = { .alloc = answer_alloc, .free = answer_free, .allocator_data = &memory };
    struct oa_strategy_parts parts = { 0 };
    const OaSampling__Response *answer;

    answer = oa_sampling__response__unpack(&allocator, message.len, (const uint8_t *)message.ptr);
    if (!answer)
        return memory.exhausted ? OA_ENOMEM : OA_EMALFORMED;
    if (answer->operations && take_operations(answer->operations, arena, &parts) != 0)
        return OA_ENOMEM;
    parts.has_probability = answer->probabilistic;
    parts.probability = answer->probabilistic ? answer->probabilistic->sampling_rate : 0;
    parts.has_rate = answer->rate_limiting;
    parts.traces_per_second = answer->rate_limiting ? answer->rate_limiting->max_traces_per_second : 0;
    return oa_strategy_of_parts(&parts, ret_strategy);
}
