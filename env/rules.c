/* What depends on more than one row. Runs after all rows were read, before the first message. */
#include "env/load.h"
#include "env/otlp.h"
#include "env/sampler_arg.h"
#include "env/url.h"
#include "preload/base/err.h"

#define PORT_GRPC 4317
#define PORT_HTTP 4318
#define TEXT(number) #number
#define PORT_TEXT(port) TEXT(port)

static void follow(struct oa_env_load *load, enum oa_env_row row)
{
    const struct oa_env_var *var = &oa_env_vars[row], *leader;

    if (var->follows == 0 || load->source[row] == OA_ENV_SET)
        return;
    leader = &oa_env_vars[var->follows - 1];
    if (var->type == OA_ENV_TYPE_BOOL)
        *(bool *)oa_env_field(load->env, var) = *(const bool *)oa_env_field(load->env, leader);
    else
        *(uint32_t *)oa_env_field(load->env, var) = *(const uint32_t *)oa_env_field(load->env, leader);
}

/* A batch above the queue's size would never fill. Said only to whoever asked for such a batch. */
static void clamp_batch(struct oa_env_load *load, enum oa_env_row row, uint32_t *batch, uint32_t queue)
{
    if (*batch > queue && load->source[row] == OA_ENV_SET)
        oa_env_load_fault(load, row, OA_ENV_FAULT_BATCH);
    if (*batch > queue)
        *batch = queue;
}

/* The argument belongs to a sampler that was asked for; without one it means nothing. */
static void check_sampler_arg(struct oa_env_load *load)
{
    struct oa_env *env = load->env;
    enum oa_env_row row = OA_ENV_ROW_traces_sampler_arg;
    struct oa_jaeger_arg arg;
    double ratio;

    if (load->source[row] != OA_ENV_SET)
        return;
    if (load->source[OA_ENV_ROW_traces_sampler] != OA_ENV_SET) {
        env->traces_sampler_arg = "";
        load->source[row] = OA_ENV_DEFAULT;
        return;
    }
    switch (env->traces_sampler) {
    case OA_ENV_SAMPLER_TRACEIDRATIO:
    case OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO:
    case OA_ENV_SAMPLER_PROBABILITY:
    case OA_ENV_SAMPLER_PARENTBASED_PROBABILITY:
    case OA_ENV_SAMPLER_PARENT_THRESHOLD:
        if (oa_parse_ratio(oa_slice_of(env->traces_sampler_arg), &ratio) != OA_OK)
            oa_env_load_fault(load, row, OA_ENV_FAULT_RATIO);
        return;
    case OA_ENV_SAMPLER_JAEGER_REMOTE:
    case OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE:
        if (oa_jaeger_arg_read(oa_slice_of(env->traces_sampler_arg), &arg) != OA_OK)
            oa_env_load_fault(load, row, OA_ENV_FAULT_JAEGER);
        return;
    default:
        return;
    }
}

/* Its server is not asked for rules. Whoever relies on those must be told. */
static void check_sampler(struct oa_env_load *load)
{
    if (load->env->traces_sampler == OA_ENV_SAMPLER_XRAY)
        oa_env_load_fault(load, OA_ENV_ROW_traces_sampler, OA_ENV_FAULT_REMOTE);
}

/* Nobody but a plug-in is given what is not sampled. While a file is still to be read it is not known who exports. */
static void check_always_record(struct oa_env_load *load)
{
    const struct oa_env *env = load->env;
    bool plugin = *env->config_file || *env->experimental_config_file;

    for (uint32_t i = 0; i < env->traces_exporter.count; i++)
        plugin |= env->traces_exporter.ids[i] == OA_ENV_EXPORTER_plugin;
    if (env->auto_always_record && !plugin)
        oa_env_load_fault(load, OA_ENV_ROW_auto_always_record, OA_ENV_FAULT_LONELY);
}

/* Two names for one thing: that the other one decides for OTLP may surprise whoever set both. */
static void check_temporality(struct oa_env_load *load)
{
    const struct oa_env *env = load->env;

    if (load->source[OA_ENV_ROW_metrics_temporality] == OA_ENV_SET &&
        load->source[OA_ENV_ROW_otlp_metrics_temporality] == OA_ENV_SET &&
        env->metrics_temporality != env->otlp_metrics_temporality)
        oa_env_load_fault(load, OA_ENV_ROW_metrics_temporality, OA_ENV_FAULT_BESIDE);
}

/* Split once more only where the number stands somewhere in it. */
static bool is_other_port(const char *endpoint, uint8_t protocol)
{
    bool grpc = protocol == OA_ENV_PROTOCOL_GRPC;
    struct oa_url url;

    return strstr(endpoint, grpc ? PORT_TEXT(PORT_HTTP) : PORT_TEXT(PORT_GRPC)) &&
           oa_url_split(oa_slice_of(endpoint), &url) == OA_OK && url.port == (grpc ? PORT_HTTP : PORT_GRPC);
}

static void check_endpoint(struct oa_env_load *load, enum oa_env_row row)
{
    const char *const *field = oa_env_field(load->env, &oa_env_vars[row]);
    struct oa_slice endpoint = oa_slice_of(*field);
    uint8_t protocol;

    if (load->source[row] != OA_ENV_SET)
        return;
    protocol = oa_otlp_endpoint_protocol(load->env, row);
    if (!oa_otlp_endpoint_ok(endpoint, protocol))
        oa_env_load_fault(load, row, OA_ENV_FAULT_ENDPOINT);
    else if (is_other_port(*field, protocol))
        oa_env_load_fault(load, row, OA_ENV_FAULT_PORT);
}

void oa_env_rules_apply(struct oa_env_load *load)
{
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++) {
        follow(load, (enum oa_env_row)row);
        if (oa_env_vars[row].check == OA_ENV_CHECK_ENDPOINT)
            check_endpoint(load, (enum oa_env_row)row);
    }
    clamp_batch(load, OA_ENV_ROW_bsp_max_export_batch_size, &load->env->bsp_max_export_batch_size,
                load->env->bsp_max_queue_size);
    clamp_batch(load, OA_ENV_ROW_blrp_max_export_batch_size, &load->env->blrp_max_export_batch_size,
                load->env->blrp_max_queue_size);
    check_sampler_arg(load);
    check_sampler(load);
    check_always_record(load);
    check_temporality(load);
}
