#include "env/sampler_arg.h"

#include "env/parse.h"
#include "preload/base/err.h"

static int read_item(struct oa_slice item, double *ret_share)
{
    struct oa_slice value = item, key = oa_slice_trim(oa_slice_next(&value, '='));
    uint32_t number;

    value = oa_slice_trim(value);
    if (value.len == 0)
        return OA_EINVAL;
    if (oa_slice_eq(key, OA_SLICE("endpoint")))
        return OA_OK;
    if (oa_slice_eq(key, OA_SLICE("pollingIntervalMs")))
        return oa_parse_u32(value, &number) == OA_OK ? OA_OK : OA_EINVAL;
    if (oa_slice_eq(key, OA_SLICE("initialSamplingRate")))
        return oa_parse_ratio(value, ret_share) == OA_OK ? OA_OK : OA_EINVAL;
    return OA_EINVAL;
}

int oa_jaeger_arg_share(struct oa_slice text, double *ret_share)
{
    double share = *ret_share;

    while (text.len) {
        struct oa_slice item = oa_slice_trim(oa_slice_next(&text, ','));

        if (item.len && read_item(item, &share) != OA_OK)
            return OA_EINVAL;
    }
    *ret_share = share;
    return OA_OK;
}
