#include "sdk/encode/strategy_parts.h"

#include "preload/base/err.h"

static bool is_share(double number)
{
    return number >= 0 && number <= 1; /* no NaN */
}

static bool is_rate(double number)
{
    return number >= 0 && number < 1e300;
}

/* Shell sort: it keeps no order of equals, so that equals are told apart by their place. */
static void sort(struct oa_strategy_operation *list, uint32_t count)
{
    for (uint32_t gap = count / 2; gap > 0; gap /= 2)
        for (uint32_t i = gap; i < count; i++) {
            struct oa_strategy_operation moved = list[i];
            uint32_t at = i;

            for (; at >= gap && list[at - gap].name > moved.name; at -= gap)
                list[at] = list[at - gap];
            list[at] = moved;
        }
}

static bool is_known(const struct oa_strategy_operation *list, uint32_t count, uint64_t name)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i].name == name)
            return true;
    return false;
}

/* Of two of one name the later one stays. */
static uint32_t without_twins(struct oa_strategy_operation *list, uint32_t count)
{
    uint32_t first = count;

    for (uint32_t i = count; i-- > 0;)
        if (!is_known(list + first, count - first, list[i].name))
            list[--first] = list[i];
    for (uint32_t i = first; i < count; i++)
        list[i - first] = list[i];
    return count - first;
}

static int of_operations(struct oa_strategy_parts *parts, struct oa_strategy *ret_strategy)
{
    for (uint32_t i = 0; i < parts->operation_count; i++)
        if (!is_share(parts->operations[i].probability))
            return OA_EINVAL;
    if (!is_share(parts->default_probability) || !is_rate(parts->lower_bound))
        return OA_EINVAL;
    parts->operation_count = without_twins(parts->operations, parts->operation_count);
    sort(parts->operations, parts->operation_count);
    *ret_strategy = (struct oa_strategy){
        .kind = OA_STRATEGY_OPERATIONS,
        .probability = parts->default_probability,
        .traces_per_second = parts->lower_bound,
        .operations = parts->operations,
        .operation_count = parts->operation_count,
    };
    return 0;
}

int oa_strategy_of_parts(struct oa_strategy_parts *parts, struct oa_strategy *ret_strategy)
{
    if (parts->has_operations)
        return of_operations(parts, ret_strategy);
    if (parts->has_probability && is_share(parts->probability)) {
        *ret_strategy = (struct oa_strategy){ .kind = OA_STRATEGY_PROBABILISTIC, .probability = parts->probability };
        return 0;
    }
    if (!parts->has_probability && parts->has_rate && is_rate(parts->traces_per_second)) {
        *ret_strategy =
            (struct oa_strategy){ .kind = OA_STRATEGY_RATE_LIMITING, .traces_per_second = parts->traces_per_second };
        return 0;
    }
    return OA_EINVAL;
}
