#include "preload/base/err.h"
#include "sdk/encode/json_reader.h"
#include "sdk/encode/strategy_parts.h"

/* The names of the fields are those of the protobuf messages, in JSON's spelling of them. */
static bool is(struct oa_slice key, const char *name)
{
    return oa_slice_eq(key, oa_slice_of(name));
}

/* {"number": 1}; false: null. */
static bool read_one(struct oa_json_reader *r, const char *name, double *number)
{
    struct oa_slice key;

    *number = 0;
    if (!oa_json_read_object(r))
        return false;
    while (oa_json_read_key(r, &key)) {
        if (is(key, name))
            *number = oa_json_read_number(r);
        else
            oa_json_skip(r);
    }
    return true;
}

static int read_operation(struct oa_json_reader *r, struct oa_arena *arena, struct oa_strategy_parts *parts)
{
    struct oa_slice key, raw = { "", 0 };
    bool has_probability = false;
    double probability = 0;
    char *name;

    if (!oa_json_read_object(r))
        return 0;
    while (oa_json_read_key(r, &key)) {
        if (is(key, "operation"))
            raw = oa_json_read_string(r);
        else if (is(key, "probabilisticSampling"))
            has_probability = read_one(r, "samplingRate", &probability);
        else
            oa_json_skip(r);
    }
    if (!has_probability || parts->operation_count == OA_STRATEGY_OPERATIONS_MAX)
        return 0;
    name = oa_arena_alloc(arena, raw.len + 1);
    if (!name)
        return OA_ENOMEM;
    parts->operations[parts->operation_count++] =
        (struct oa_strategy_operation){ oa_strategy_name((struct oa_slice){ name, oa_json_unescape(raw, name) }),
                                        probability };
    return 0;
}

static int read_list(struct oa_json_reader *r, struct oa_arena *arena, struct oa_strategy_parts *parts)
{
    int err = 0;

    parts->operation_count = 0;
    if (!oa_json_read_array(r))
        return 0;
    if (!parts->operations)
        parts->operations = oa_arena_calloc(arena, OA_STRATEGY_OPERATIONS_MAX, sizeof(parts->operations[0]));
    if (!parts->operations)
        return OA_ENOMEM;
    while (err == 0 && oa_json_read_item(r))
        err = read_operation(r, arena, parts);
    return err;
}

static int read_operations(struct oa_json_reader *r, struct oa_arena *arena, struct oa_strategy_parts *parts)
{
    struct oa_slice key;
    int err = 0;

    parts->has_operations = oa_json_read_object(r);
    while (parts->has_operations && err == 0 && oa_json_read_key(r, &key)) {
        if (is(key, "defaultSamplingProbability"))
            parts->default_probability = oa_json_read_number(r);
        else if (is(key, "defaultLowerBoundTracesPerSecond"))
            parts->lower_bound = oa_json_read_number(r);
        else if (is(key, "perOperationStrategies"))
            err = read_list(r, arena, parts);
        else
            oa_json_skip(r);
    }
    return err;
}

int oa_strategy_json_read(struct oa_slice text, struct oa_arena *arena, struct oa_strategy *ret_strategy)
{
    struct oa_strategy_parts parts = { 0 };
    struct oa_json_reader r;
    struct oa_slice key;
    int err = 0;

    oa_json_reader_init(&r, text);
    if (!oa_json_read_object(&r))
        return OA_EMALFORMED;
    while (err == 0 && oa_json_read_key(&r, &key)) {
        if (is(key, "probabilisticSampling"))
            parts.has_probability = read_one(&r, "samplingRate", &parts.probability);
        else if (is(key, "rateLimitingSampling"))
            parts.has_rate = read_one(&r, "maxTracesPerSecond", &parts.traces_per_second);
        else if (is(key, "operationSampling"))
            err = read_operations(&r, arena, &parts);
        else
            oa_json_skip(&r);
    }
    if (err)
        return err;
    return oa_json_reader_end(&r) ? oa_strategy_of_parts(&parts, ret_strategy) : OA_EMALFORMED;
}
