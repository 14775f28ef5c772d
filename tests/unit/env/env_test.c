/* SOURCES: env/env.c env/entities.c env/rules.c env/sampler_arg.c env/message.c env/table.c env/words.c
 * env/parse.c env/peers.c env/text.c env/url.c env/otlp.c env/unix_target.c env/resource.c env/headers.c
 * tests/support/log_capture.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/env.h"
#include "env/table.h"
#include "preload/base/clock.h"
#include "preload/base/limits.h"
#include "tests/support/log_capture.h"

Test(env, defaults_of_the_specification)
{
    LOAD("A=b");
    cr_assert_eq(oa_env()->bsp_schedule_delay_ms, 5000);
    cr_assert_eq(oa_env()->bsp_export_timeout_ms, 30000);
    cr_assert_eq(oa_env()->bsp_max_queue_size, 2048);
    cr_assert_eq(oa_env()->bsp_max_export_batch_size, 512);
    cr_assert_eq(oa_env()->span_attribute_count_limit, 128);
    cr_assert_eq(oa_env()->span_attribute_value_length_limit, OA_ENV_UNSET);
    cr_assert_eq(oa_env()->span_event_count_limit, 128);
    cr_assert_eq(oa_env()->span_link_count_limit, 128);
    cr_assert_eq(oa_env()->event_attribute_count_limit, 128);
    cr_assert_eq(oa_env()->link_attribute_count_limit, 128);
    cr_assert_eq(oa_env()->logrecord_attribute_count_limit, 128);
    cr_assert_eq(oa_env()->logrecord_attribute_value_length_limit, OA_ENV_UNSET);
    cr_assert_eq(oa_env()->blrp_schedule_delay_ms, 1000);
    cr_assert_eq(oa_env()->blrp_export_timeout_ms, 30000);
    cr_assert_eq(oa_env()->blrp_max_queue_size, 2048);
    cr_assert_eq(oa_env()->blrp_max_export_batch_size, 512);
    cr_assert_eq(oa_env()->otlp_timeout_ms, 10000);
    cr_assert_eq(oa_env()->traces_sampler, OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON);
    cr_assert_eq(oa_env()->propagators.count, 2);
    cr_assert_eq(oa_env()->propagators.ids[0], OA_ENV_PROPAGATOR_tracecontext);
    cr_assert_eq(oa_env()->propagators.ids[1], OA_ENV_PROPAGATOR_baggage);
    cr_assert_eq(oa_env()->traces_exporter.count, 1);
    cr_assert_eq(oa_env()->traces_exporter.ids[0], OA_ENV_EXPORTER_otlp);
    cr_assert(!oa_env()->sdk_disabled && !oa_env()->auto_disabled && oa_env()->http_enabled);
}

Test(env, text_area_is_shared)
{
    static char big[OA_ENV_TEXT - 8 + sizeof("OTEL_SERVICE_NAME=")];

    memset(big, 'x', sizeof(big) - 1);
    memcpy(big, "OTEL_SERVICE_NAME=", 18);
    LOAD("TRACESTATE=0123456789", big, "TRACEPARENT=123");
    cr_assert_eq(oa_env_source(OA_ENV_ROW_service_name), OA_ENV_SET);
    cr_assert_eq(oa_env_source(OA_ENV_ROW_ctx_traceparent), OA_ENV_SET);
    cr_assert_eq(oa_env_source(OA_ENV_ROW_ctx_tracestate), OA_ENV_IGNORED);
    cr_assert_str_eq(oa_env()->ctx_traceparent, "123");
    cr_assert_str_eq(oa_env()->ctx_tracestate, "");
}

Test(env, text_outlives_the_environment)
{
    char service[] = "OTEL_SERVICE_NAME=shop", endpoint[] = "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318";

    LOAD(service, endpoint);
    memset(service, 'z', sizeof(service) - 1);
    memset(endpoint, 'z', sizeof(endpoint) - 1);
    cr_assert_str_eq(oa_env()->service_name, "shop");
    cr_assert_str_eq(oa_env()->otlp_endpoint, "http://c:4318");
}

Test(env, first_of_equal_names_counts)
{
    LOAD("OTEL_SERVICE_NAME=one", "OTEL_SERVICE_NAME=two", "OTEL_SDK_DISABLED=", "OTEL_SDK_DISABLED=true");
    cr_assert_str_eq(oa_env()->service_name, "one");
    cr_assert(!oa_env()->sdk_disabled);
}

Test(env, other_names_are_not_ours)
{
    char name[600] = "OTEL_";

    memset(name + 5, 'A', sizeof(name) - 6);
    LOAD("otel_sdk_disabled=true", "OTEL_SDK_DISABLEDX=true", "OTEL_SDK_DISABLE=true", "OTEL_SDK_DISABLED", "=x", "",
         "O", "T", "B", "OTEL_", "OTEL_=", "TRACE", "traceparent=x", "BAGGAGE_X=1", name);
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++)
        cr_assert_eq(oa_env_source((enum oa_env_row)row), OA_ENV_DEFAULT, "%s", oa_env_name((enum oa_env_row)row));
    LOAD("OTEL_XERVICE_NAME=same-key", "OTEL_SERVICE_NAMX=same-key", "BB=x", "TRUE=x", "X_=x", "UBER=x");
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++)
        cr_assert_eq(oa_env_source((enum oa_env_row)row), OA_ENV_DEFAULT, "%s", oa_env_name((enum oa_env_row)row));
    cr_assert_eq(captured.count, 0);
}

/* What is not there in a file is not there: the rest of the environment does not fill it up. */
Test(env, a_configuration_file_decides_alone)
{
    LOAD("OTEL_CONFIG_FILE= /etc/otel.yaml ", "OTEL_SERVICE_NAME=one", "OTEL_BSP_SCHEDULE_DELAY=bad",
         "OTEL_AUTO_EXIT_TIMEOUT=7", "TRACESTATE=a=1");
    cr_assert_str_eq(oa_env_config_file(), "/etc/otel.yaml");
    cr_assert_str_eq(oa_env()->service_name, "");
    cr_assert_eq(oa_env()->auto_exit_timeout_ms, 7);
    cr_assert_str_eq(oa_env()->ctx_tracestate, "a=1");
    cr_assert_eq(captured.count, 0);
    LOAD("OTEL_EXPERIMENTAL_CONFIG_FILE=/old", "OTEL_SERVICE_NAME=one");
    cr_assert_str_eq(oa_env_config_file(), "/old");
    LOAD("OTEL_EXPERIMENTAL_CONFIG_FILE=/old", "OTEL_CONFIG_FILE=/new");
    cr_assert_str_eq(oa_env_config_file(), "/new");
    LOAD("OTEL_CONFIG_FILE= ", "OTEL_SERVICE_NAME=one");
    cr_assert_str_eq(oa_env_config_file(), "");
    cr_assert_str_eq(oa_env()->service_name, "one");
}

/* What stands beside a file is loaded twice, and said once. */
Test(env, before_a_file_nothing_is_said)
{
    char *beside[] = { (char *)"OTEL_CONFIG_FILE=/f", (char *)"OTEL_AUTO_HTTP_ROUTE=bad", NULL };

    captured.count = 0;
    oa_env_load_before_file(beside);
    cr_assert_str_eq(oa_env_config_file(), "/f");
    cr_assert_eq(captured.count, 0);
    oa_env_load_before_file(beside + 1);
    cr_assert_eq(captured.count, 1);
    LOAD("OTEL_CONFIG_FILE=/f", "OTEL_AUTO_HTTP_ROUTE=bad");
    cr_assert_eq(captured.count, 1);
}

Test(env, second_load_starts_anew)
{
    LOAD("OTEL_SERVICE_NAME=one", "OTEL_SDK_DISABLED=true");
    LOAD("OTEL_SERVICE_NAME=two");
    cr_assert_str_eq(oa_env()->service_name, "two");
    cr_assert(!oa_env()->sdk_disabled);
    cr_assert_eq(oa_env_source(OA_ENV_ROW_sdk_disabled), OA_ENV_DEFAULT);
}

Test(env, log_is_set_up_before_the_first_message)
{
    LOAD("OTEL_SDK_DISABLED=maybe", "OTEL_BSP_SCHEDULE_DELAY=5s", "OTEL_AUTO_LOG= /tmp/x.log",
         "OTEL_LOG_LEVEL=Verbose");
    cr_assert_eq(captured.inits, 1);
    cr_assert_eq(captured.level, OA_LOG_DEBUG);
    cr_assert_str_eq(captured.path, "/tmp/x.log");
    cr_assert_eq(captured.count, 2); /* a message before the set-up would have been forgotten by it */
}

/* Something that every type accepts. */
static const char *any_value(const struct oa_env_var *var)
{
    switch ((enum oa_env_type)var->type) {
    case OA_ENV_TYPE_BOOL:
        return "true";
    case OA_ENV_TYPE_ENUM:
        return oa_words_get((enum oa_words_id)var->words)->words[0].text;
    case OA_ENV_TYPE_LIST:
        return "none";
    case OA_ENV_TYPE_STR:
    case OA_ENV_TYPE_TEXT:
        return var->check == OA_ENV_CHECK_ENDPOINT ? "http://collector.example/" : "key=some%20value";
    default:
        return "100";
    }
}

#define MANY 200

/* All rows, then names as long as theirs that are not ours: the search cannot tell them by their length. */
static char **many_variables(void)
{
    static char texts[MANY][160];
    static char *all[MANY + 1];

    for (int i = 0; i < MANY; i++) {
        const struct oa_env_var *var = &oa_env_vars[i % OA_ENV_ROW_COUNT];

        all[i] = texts[i];
        snprintf(texts[i], sizeof(texts[i]), "%s=%s", var->name, any_value(var));
        if (i >= OA_ENV_ROW_COUNT)
            texts[i][strlen(oa_env_vars[i % OA_ENV_ROW_COUNT].name) - 1] = '_';
    }
    return all;
}

Test(env, load_time_of_200_variables)
{
    char **all = many_variables();
    uint64_t best = UINT64_MAX;

    for (int i = 0; i < 300; i++) {
        uint64_t start = oa_clock_mono_ns(), took;

        oa_env_load(all);
        took = oa_clock_mono_ns() - start;
        best = took < best ? took : best;
    }
    cr_assert_eq(captured.count, 0);
    fprintf(stderr, "env: %d variables load in %.1f us\n", MANY, (double)best / 1000);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    cr_assert_lt(best, 50000);
#endif
}
