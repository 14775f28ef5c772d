/*
 * The Zipkin exporter (otel-environment G): spans to a Zipkin receiver, version 2 of its format, in JSON or
 * protobuf. What is repeated and for how long is as for OTLP.
 */
#include <stdio.h>
#include <stdlib.h>

#include "env/env.h"
#include "preload/base/log.h"
#include "sdk/encode/zipkin.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/otlp_channel.h"

struct zipkin {
    struct oa_exporter base;
    const struct oa_resource *resource;
    struct oa_otlp_channel channel;
};

static int zipkin_export(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct zipkin *zipkin = (struct zipkin *)self;
    struct oa_otlp_channel *channel = &zipkin->channel;
    struct oa_otlp_request body = { .part_count = 1 };
    int err;

    if (batch->count == 0)
        return 0;
    err = channel->format == OA_CHANNEL_ZIPKIN_JSON
              ? oa_zipkin_json(batch, zipkin->resource, &channel->arena, &body.parts[0])
              : oa_zipkin_proto(batch, zipkin->resource, &channel->arena, &body.parts[0]);
    body.bytes = body.parts[0].len;
    return oa_otlp_channel_send(channel, &body, err, batch->count, deadline_mono_ns);
}

static int zipkin_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    struct zipkin *zipkin = (struct zipkin *)self;

    (void)deadline_mono_ns;
    oa_otlp_channel_last_words(&zipkin->channel);
    oa_otlp_channel_release(&zipkin->channel);
    free(zipkin);
    return 0;
}

struct oa_exporter *oa_exporter_zipkin_new(const struct oa_exporter_setup *setup)
{
    const struct oa_env *env = setup->env;
    struct zipkin *zipkin = calloc(1, sizeof(*zipkin));
    struct oa_otlp_config config = { .headers = "",
                                     .certificate = "",
                                     .client_key = "",
                                     .client_certificate = "",
                                     .timeout_ms = env->zipkin_timeout_ms,
                                     .compression = OA_ENV_COMPRESSION_NONE };

    if (!zipkin)
        return NULL;
    zipkin->base = (struct oa_exporter){
        .export_spans = zipkin_export,
        .shutdown = zipkin_shutdown,
        .kind = "zipkin_http",
    };
    zipkin->resource = setup->resource;
    (void)snprintf(config.url, sizeof(config.url), "%s", env->zipkin_endpoint);
    if (oa_otlp_channel_init_as(&zipkin->channel, setup->host, &config,
                                env->zipkin_protocol == OA_ENV_ZIPKIN_PROTOCOL_JSON
                                    ? OA_CHANNEL_ZIPKIN_JSON
                                    : OA_CHANNEL_ZIPKIN_PROTOBUF) == 0)
        return &zipkin->base;
    oa_log(OA_LOG_ERROR, "the Zipkin exporter has no usable endpoint; continuing without it");
    oa_otlp_channel_release(&zipkin->channel);
    free(zipkin);
    return NULL;
}
