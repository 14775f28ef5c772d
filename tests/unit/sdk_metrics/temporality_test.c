/* SOURCES: sdk/metrics/temporality.c tests/support/test_host.c */
#include <criterion/criterion.h>

#include "env/env.h"
#include "sdk/metrics/temporality.h"
#include "tests/support/test_host.h"

#define CUM OA_TEMPORALITY_CUMULATIVE
#define DELTA OA_TEMPORALITY_DELTA

/* The table of A.7.1 (H.1, 37 and 38; H.6, 123): every kind under every preset. */
Test(temporality, h1_37_presets)
{
    static const enum oa_temporality table[OA_METRIC_KIND_COUNT][3] = {
        [OA_METRIC_COUNTER] = { CUM, DELTA, DELTA },          [OA_METRIC_UPDOWN] = { CUM, CUM, CUM },
        [OA_METRIC_HISTOGRAM] = { CUM, DELTA, DELTA },        [OA_METRIC_GAUGE] = { CUM, CUM, CUM },
        [OA_METRIC_OBSERVABLE_COUNTER] = { CUM, DELTA, CUM }, [OA_METRIC_OBSERVABLE_UPDOWN] = { CUM, CUM, CUM },
        [OA_METRIC_OBSERVABLE_GAUGE] = { CUM, CUM, CUM },
    };
    static const uint8_t presets[] = { OA_ENV_TEMPORALITY_CUMULATIVE, OA_ENV_TEMPORALITY_DELTA,
                                       OA_ENV_TEMPORALITY_LOWMEMORY };

    for (int kind = 0; kind < OA_METRIC_KIND_COUNT; kind++)
        for (int i = 0; i < 3; i++)
            cr_assert_eq(oa_temporality_of(presets[i], (enum oa_metric_kind)kind), table[kind][i],
                         "kind %d, preset %d", kind, i);
}

/* Which variable speaks for which exporter (A.7.1). */
Test(temporality, h1_38_precedence)
{
    const struct {
        uint8_t seed, otlp, exporter, expected;
    } rows[] = {
        { OA_ENV_TEMPORALITY_UNSET, OA_ENV_TEMPORALITY_UNSET, OA_ENV_EXPORTER_otlp, OA_ENV_TEMPORALITY_CUMULATIVE },
        { OA_ENV_TEMPORALITY_DELTA, OA_ENV_TEMPORALITY_UNSET, OA_ENV_EXPORTER_otlp, OA_ENV_TEMPORALITY_DELTA },
        { OA_ENV_TEMPORALITY_DELTA, OA_ENV_TEMPORALITY_LOWMEMORY, OA_ENV_EXPORTER_otlp,
          OA_ENV_TEMPORALITY_LOWMEMORY },
        { OA_ENV_TEMPORALITY_DELTA, OA_ENV_TEMPORALITY_CUMULATIVE, OA_ENV_EXPORTER_otlp,
          OA_ENV_TEMPORALITY_CUMULATIVE },
        { OA_ENV_TEMPORALITY_UNSET, OA_ENV_TEMPORALITY_DELTA, OA_ENV_EXPORTER_console,
          OA_ENV_TEMPORALITY_CUMULATIVE },
        { OA_ENV_TEMPORALITY_DELTA, OA_ENV_TEMPORALITY_UNSET, OA_ENV_EXPORTER_console, OA_ENV_TEMPORALITY_DELTA },
        { OA_ENV_TEMPORALITY_DELTA, OA_ENV_TEMPORALITY_DELTA, OA_ENV_EXPORTER_prometheus,
          OA_ENV_TEMPORALITY_CUMULATIVE },
    };

    oa_test_host_reset();
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_test_env.metrics_temporality = rows[i].seed;
        oa_test_env.otlp_metrics_temporality = rows[i].otlp;
        cr_assert_eq(oa_temporality_preset(&oa_test_env, rows[i].exporter), rows[i].expected, "row %zu", i);
    }
}
