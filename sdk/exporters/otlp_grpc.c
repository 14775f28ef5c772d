/* What is different when a channel speaks gRPC (otlp-wire 11 and 15). */
#include <stdio.h>

#include "preload/base/err.h"
#include "sdk/exporters/otlp_channel_internal.h"
#include "sdk/transport/retry.h"

int otlp_grpc_set_method(struct oa_otlp_config *config, enum oa_otlp_signal signal)
{
    static const char *const methods[OA_OTLP_SIGNAL_COUNT] = {
        [OA_OTLP_TRACES] = "trace.v1.TraceService",
        [OA_OTLP_METRICS] = "metrics.v1.MetricsService",
        [OA_OTLP_LOGS] = "logs.v1.LogsService",
    };
    size_t at = strlen(config->url), room = sizeof(config->url) - at;
    int n = snprintf(config->url + at, room, "/opentelemetry.proto.collector.%s/Export", methods[signal]);

    return n > 0 && (size_t)n < room ? 0 : OA_EINVAL;
}

void otlp_grpc_add_headers(struct oa_otlp_channel *otlp)
{
    oa_otlp_headers_add(&otlp->headers, OA_SLICE("te"), OA_SLICE("trailers"));
    if (otlp->config.compression == OA_ENV_COMPRESSION_GZIP)
        oa_otlp_headers_add(&otlp->headers, OA_SLICE("grpc-encoding"), OA_SLICE("gzip"));
    oa_otlp_headers_add(&otlp->headers, OA_SLICE("grpc-timeout"), OA_SLICE(""));
}

static void grpc_on_field(void *user, struct oa_slice name, struct oa_slice value)
{
    struct oa_otlp_channel *otlp = user;

    if (name.len == 0)
        oa_grpc_fields_init(&otlp->grpc.fields);
    else
        oa_grpc_fields_add(&otlp->grpc.fields, name, value);
}

void otlp_grpc_begin(struct oa_otlp_channel *otlp, struct oa_http_request *request)
{
    uint64_t left = oa_wait_left_ns(request->wait);
    struct oa_http_header *deadline = &otlp->headers.list[otlp->headers.count - 1];
    bool bounded = request->wait->deadline_mono_ns != UINT64_MAX;

    oa_grpc_timeout(left, otlp->grpc.timeout);
    deadline->value = oa_slice_of(otlp->grpc.timeout);
    request->header_count = otlp->headers.count - (bounded ? 0 : 1);
    request->on_field = grpc_on_field;
    request->user = otlp;
    oa_grpc_fields_init(&otlp->grpc.fields);
}

void otlp_grpc_wrap(struct oa_otlp_channel *otlp, const struct oa_otlp_request *body, struct oa_slice *parts)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < body->part_count; i++) {
        parts[1 + i] = body->parts[i];
        bytes += body->parts[i].len;
    }
    oa_grpc_prefix(otlp->grpc.prefix, otlp->config.compression == OA_ENV_COMPRESSION_GZIP, (uint32_t)bytes);
    parts[0] = (struct oa_slice){ (const char *)otlp->grpc.prefix, OA_GRPC_PREFIX };
}

static enum otlp_verdict grpc_refused(struct oa_otlp_channel *otlp, struct oa_http_response *response, int32_t status)
{
    const struct oa_grpc_fields *fields = &otlp->grpc.fields;
    struct oa_slice details = { (const char *)fields->details, fields->details_len };
    struct oa_otlp_status said = { 0 };

    if (fields->status == OA_GRPC_MISSING)
        (void)snprintf(otlp->reason, sizeof(otlp->reason), "no gRPC status with HTTP status %d: %s", response->status,
                       oa_grpc_status_name(status));
    else
        (void)snprintf(otlp->reason, sizeof(otlp->reason), "gRPC status %d (%s)", (int)status,
                       oa_grpc_status_name(status));
    if (fields->message_len)
        otlp_add_message(otlp, (struct oa_slice){ fields->message, fields->message_len });
    response->retry_after_ns = OA_RETRY_AFTER_NONE;
    if (details.len && oa_otlp_proto_decode_status(details, &otlp->arena, &said) == 0 && said.has_retry_delay)
        response->retry_after_ns = said.retry_delay_ns;
    switch (oa_grpc_repeatable(status)) {
    case OA_GRPC_ALWAYS:
        return OTLP_AGAIN;
    case OA_GRPC_IF_TOLD:
        return said.has_retry_delay ? OTLP_AGAIN : OTLP_GIVE_UP;
    case OA_GRPC_NEVER:
    default:
        return OTLP_GIVE_UP;
    }
}

enum otlp_verdict otlp_grpc_judge(struct oa_otlp_channel *otlp, struct oa_http_response *response, uint32_t items)
{
    int32_t status = oa_grpc_status(&otlp->grpc.fields, response->status);
    struct oa_slice message;

    if (status != OA_GRPC_OK)
        return grpc_refused(otlp, response, status);
    if (oa_grpc_message(response->body, &otlp->arena, &message) != 0) {
        (void)snprintf(otlp->reason, sizeof(otlp->reason), "the gRPC answer is not one message");
        return OTLP_GIVE_UP;
    }
    return otlp_accepted(otlp, message, items);
}
