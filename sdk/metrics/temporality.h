/*
 * Aggregation temporality by kind of instrument (otel-environment A.7.1): the three presets of
 * OTEL_EXPORTER_METRICS_TEMPORALITY_PREFERENCE and OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE.
 */
#ifndef OA_SDK_METRICS_TEMPORALITY_H
#define OA_SDK_METRICS_TEMPORALITY_H

#include <stdint.h>

#include "preload/metric.h"

struct oa_env;

enum oa_temporality { OA_TEMPORALITY_DELTA = 1, OA_TEMPORALITY_CUMULATIVE = 2 }; /* OTLP's numbers */

/* The preset (enum oa_env_temporality, never UNSET) for an exporter (enum oa_env_exporter). */
uint8_t oa_temporality_preset(const struct oa_env *env, uint8_t exporter);

/* Gauges have none; the answer then is CUMULATIVE. */
enum oa_temporality oa_temporality_of(uint8_t preset, enum oa_metric_kind kind);

#endif
