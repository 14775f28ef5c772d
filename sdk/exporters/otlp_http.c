/*
 * The OTLP exporter, in protobuf or JSON over HTTP, or over gRPC: one request per batch of spans or log records, or
 * per collection of metrics.
 */
#include <stdlib.h>

#include "preload/abi.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/encode/otlp_json.h"
#include "sdk/encode/otlp_logs.h"
#include "sdk/encode/otlp_metrics.h"
#include "sdk/exporters/otlp_channel.h"

struct oa_otlp_http {
    struct oa_exporter base;
    const struct oa_resource *resource;
    struct oa_otlp_channel channel;
};

static const enum oa_otlp_signal otlp_signals[] = {
    [OA_SIGNAL_TRACES] = OA_OTLP_TRACES,
    [OA_SIGNAL_METRICS] = OA_OTLP_METRICS,
    [OA_SIGNAL_LOGS] = OA_OTLP_LOGS,
};

/* A body of one part. */
static int whole(int err, struct oa_otlp_request *body)
{
    body->part_count = 1;
    body->bytes = err ? 0 : body->parts[0].len;
    return err;
}

/* The two forms of a signal that travels in records. */
struct forms {
    int (*json)(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                struct oa_slice *ret_text);
    int (*proto)(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                 struct oa_otlp_request *ret_request);
};

/* What is refused for good counts in the ring that the records came from. */
static int export_records(struct oa_otlp_http *otlp, const struct forms *forms, const struct oa_batch *batch,
                          struct oa_ring_header *ring, uint64_t deadline_mono_ns)
{
    struct oa_otlp_channel *channel = &otlp->channel;
    struct oa_otlp_request body;
    int err;

    if (batch->count == 0)
        return 0;
    err = channel->format == OA_CHANNEL_JSON
              ? whole(forms->json(batch, otlp->resource, &channel->arena, &body.parts[0]), &body)
              : forms->proto(batch, otlp->resource, &channel->arena, &body);
    err = oa_otlp_channel_send(channel, &body, err, batch->count, deadline_mono_ns);
    atomic_fetch_add_explicit(&ring->dropped[OA_DROP_REJECTED], channel->rejected_items, memory_order_relaxed);
    return err;
}

static int otlp_export_spans(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    static const struct forms forms = { oa_otlp_json_spans, oa_otlp_proto_request };
    struct oa_otlp_http *otlp = (struct oa_otlp_http *)self;

    return export_records(otlp, &forms, batch, otlp->channel.host->ring, deadline_mono_ns);
}

static int otlp_export_logs(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    static const struct forms forms = { oa_otlp_json_logs, oa_otlp_logs_request };
    struct oa_otlp_http *otlp = (struct oa_otlp_http *)self;

    return export_records(otlp, &forms, batch, otlp->channel.host->log_ring(), deadline_mono_ns);
}

static int otlp_export_metrics(struct oa_exporter *self, const struct oa_collection *metrics,
                               uint64_t deadline_mono_ns)
{
    struct oa_otlp_http *otlp = (struct oa_otlp_http *)self;
    struct oa_otlp_channel *channel = &otlp->channel;
    struct oa_otlp_request body;
    int err = channel->format == OA_CHANNEL_JSON
                  ? whole(oa_otlp_json_metrics(metrics, otlp->resource, &channel->arena, &body.parts[0]), &body)
                  : oa_otlp_metrics_request(metrics, otlp->resource, &channel->arena, &body);

    return oa_otlp_channel_send(channel, &body, err, metrics->point_count, deadline_mono_ns);
}

static void otlp_free(struct oa_otlp_http *otlp)
{
    oa_otlp_channel_release(&otlp->channel);
    oa_otlp_encoder_free(otlp->base.encoder);
    free(otlp);
}

static int otlp_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    struct oa_otlp_http *otlp = (struct oa_otlp_http *)self;

    (void)deadline_mono_ns;
    oa_otlp_channel_last_words(&otlp->channel);
    otlp_free(otlp);
    return 0;
}

struct oa_exporter *oa_exporter_otlp_new(const struct oa_exporter_setup *setup)
{
    static const char *const kinds[] = {
        [OA_ENV_PROTOCOL_GRPC] = "otlp_grpc",
        [OA_ENV_PROTOCOL_HTTP_PROTOBUF] = "otlp_http",
        [OA_ENV_PROTOCOL_HTTP_JSON] = "otlp_http_json",
    };
    struct oa_otlp_http *otlp = calloc(1, sizeof(*otlp));
    enum oa_otlp_signal signal = otlp_signals[setup->signal];
    bool traces = signal == OA_OTLP_TRACES;

    if (!otlp)
        return NULL;
    otlp->base = (struct oa_exporter){
        .export_spans = otlp_export_spans,
        .export_logs = otlp_export_logs,
        .export_metrics = otlp_export_metrics,
        .shutdown = otlp_shutdown,
    };
    otlp->resource = setup->resource;
    otlp->base.kind = kinds[oa_otlp_protocol(setup->env, signal)];
    if (oa_otlp_channel_init(&otlp->channel, setup, signal) == 0) {
        if (!traces || otlp->channel.format == OA_CHANNEL_JSON || (otlp->base.encoder = oa_otlp_encoder_new()))
            return &otlp->base;
    }
    oa_log(OA_LOG_ERROR, "the OTLP exporter has no usable endpoint; continuing without it");
    otlp_free(otlp);
    return NULL;
}
