/* SOURCES: sdk/config/config_file.c sdk/config/walk.c sdk/config/paths.c sdk/config/sampler.c sdk/config/settings.c
 * sdk/config/substitute.c sdk/config/yaml_api.c env/resource.c env/text.c
 * tests/support/log_capture.c tests/support/convert.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "tests/support/convert.h"

static const struct {
    const char *sampler, *word, *argument, *ignored;
} samplers[] = {
    { "always_on:", "always_on", NULL, NULL },
    { "always_off: {}", "always_off", NULL, NULL },
    { "trace_id_ratio_based: {ratio: 0.5}", "traceidratio", "0.5", NULL },
    { "trace_id_ratio_based:", "traceidratio", NULL, NULL },
    { "probability/development: {ratio: 0.1}", "probability", "0.1", NULL },
    { "probability/development:", "probability", NULL, NULL },
    { "parent_based: {root: {probability/development: {ratio: 0.1}}}", "parentbased_probability", "0.1", NULL },
    { "composite/development: {always_on: }", "probability", "1", NULL },
    { "composite/development: {always_off: {}}", "probability", "0", NULL },
    { "composite/development: {probability: {ratio: 0.25}}", "probability", "0.25", NULL },
    { "composite/development: {probability: }", "probability", NULL, NULL },
    { "composite/development: {parent_threshold: {root: {probability: {ratio: 0.01}}}}", "parent_threshold", "0.01",
      NULL },
    { "composite/development: {parent_threshold: {root: {parent_threshold: {root: {always_on: }}}}}",
      "parent_threshold", "1", NULL },
    { "parent_based: {root: {composite/development: {parent_threshold: {root: {always_off: }}}}}",
      "parentbased_probability", "0", NULL },
    { "composite/development: {parent_threshold: &a {root: {parent_threshold: *a}}}", NULL, NULL,
      "tracer_provider.sampler.composite/development" },
    { "composite/development: {parent_threshold: }", NULL, NULL, "tracer_provider.sampler.composite/development" },
    { "composite/development: {other: }", NULL, NULL, "tracer_provider.sampler.composite/development" },
    { "composite/development:", NULL, NULL, "tracer_provider.sampler.composite/development" },
    { "composite/development: {parent_threshold: {root: {rule_based: {rules: []}}}}", NULL, NULL,
      "tracer_provider.sampler.composite/development (rule_based asks for attributes, sampling comes before them)" },
    { "parent_based: {root: {always_off: }}", "parentbased_always_off", NULL, NULL },
    { "parent_based: {local_parent_not_sampled: {always_off: }}", "parentbased_always_on", NULL, NULL },
    { "parent_based: {remote_parent_sampled: {always_off: }}", "parentbased_always_on", NULL,
      "tracer_provider.sampler.parent_based.remote_parent_sampled" },
    { "jaeger_remote/development: {endpoint: http://h:14250}", "jaeger_remote", "endpoint=http://h:14250", NULL },
    { "jaeger_remote/development:", "jaeger_remote", NULL, NULL },
    { "jaeger_remote/development: {endpoint: h:1, interval: 500, initial_sampler: {trace_id_ratio_based: {ratio: "
      "0.5}}}",
      "jaeger_remote", "endpoint=h:1,pollingIntervalMs=500,initialSamplingRate=0.5", NULL },
    { "parent_based: {root: {jaeger_remote/development: {initial_sampler: {parent_based: {root: {always_on: }}}}}}",
      "parentbased_jaeger_remote", "initialSamplingRate=1", NULL },
    { "jaeger_remote/development: {endpoint: h, initial_sampler: {always_off: }}", "jaeger_remote",
      "endpoint=h,initialSamplingRate=0", NULL },
    { "jaeger_remote/development: {endpoint: h, initial_sampler: {other: }}", "jaeger_remote", "endpoint=h",
      "tracer_provider.sampler.jaeger_remote/development.initial_sampler" },
    { "jaeger_remote/development: {endpoint: 'h,initialSamplingRate=1'}", "jaeger_remote", NULL,
      "tracer_provider.sampler.jaeger_remote/development" },
    { "other/development: {endpoint: x}", NULL, NULL, "tracer_provider.sampler" },
};

Test(sampler, of_a_file)
{
    for (size_t i = 0; i < OA_COUNT(samplers); i++) {
        char yaml[256];
        int n = snprintf(yaml, sizeof(yaml), HEAD "tracer_provider:\n  sampler:\n    %s\n", samplers[i].sampler);

        cr_assert_eq(convert(yaml, (size_t)n), 0, "%s", captured.lines[0]);
        expect("OTEL_TRACES_SAMPLER", samplers[i].word);
        expect("OTEL_TRACES_SAMPLER_ARG", samplers[i].argument);
        if (samplers[i].ignored)
            expect_ignored(samplers[i].ignored);
        else
            cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    }
}
