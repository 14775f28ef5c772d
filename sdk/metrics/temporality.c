#include "sdk/metrics/temporality.h"

#include "env/env.h"

uint8_t oa_temporality_preset(const struct oa_env *env, uint8_t exporter)
{
    uint8_t chosen = OA_ENV_TEMPORALITY_UNSET;

    if (exporter == OA_ENV_EXPORTER_prometheus)
        return OA_ENV_TEMPORALITY_CUMULATIVE;
    if (exporter != OA_ENV_EXPORTER_console) /* the name scopes it to OTLP */
        chosen = env->otlp_metrics_temporality;
    if (chosen == OA_ENV_TEMPORALITY_UNSET)
        chosen = env->metrics_temporality;
    return chosen == OA_ENV_TEMPORALITY_UNSET ? (uint8_t)OA_ENV_TEMPORALITY_CUMULATIVE : chosen;
}

enum oa_temporality oa_temporality_of(uint8_t preset, enum oa_metric_kind kind)
{
    switch (kind) {
    case OA_METRIC_COUNTER:
    case OA_METRIC_HISTOGRAM:
        return preset == OA_ENV_TEMPORALITY_CUMULATIVE ? OA_TEMPORALITY_CUMULATIVE : OA_TEMPORALITY_DELTA;
    case OA_METRIC_OBSERVABLE_COUNTER:
        return preset == OA_ENV_TEMPORALITY_DELTA ? OA_TEMPORALITY_DELTA : OA_TEMPORALITY_CUMULATIVE;
    default:
        return OA_TEMPORALITY_CUMULATIVE;
    }
}
