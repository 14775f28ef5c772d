#include "sdk/encode/otlp_json.h"
#include "sdk/encode/otlp_json_internal.h"
#include "sdk/metrics/instruments.h"

static void put_real(struct oa_json *json, struct oa_slice key, enum oa_metric metric, int64_t value)
{
    oa_json_key(json, key);
    oa_otlp_json_double(json, oa_point_real(metric, value));
}

/* asDouble or asInt. */
static void put_number(struct oa_json *json, enum oa_metric metric, int64_t value)
{
    if (oa_metric_is_real(metric)) {
        put_real(json, OA_SLICE("asDouble"), metric, value);
        return;
    }
    oa_json_key(json, OA_SLICE("asInt"));
    oa_otlp_json_digits(json, value);
}

static void put_counts(struct oa_json *json, const uint64_t *counts, uint32_t count)
{
    oa_json_member_array_open(json, OA_SLICE("bucketCounts"));
    for (uint32_t i = 0; i < count; i++)
        oa_otlp_json_digits(json, (int64_t)counts[i]);
    oa_json_array_close(json);
}

static void put_exemplars(struct oa_json *json, const struct oa_point *point, enum oa_metric metric)
{
    if (!point->exemplar_count)
        return;
    oa_json_member_array_open(json, OA_SLICE("exemplars"));
    for (uint32_t i = 0; i < point->exemplar_count; i++) {
        const struct oa_cell_exemplar *e = &point->exemplars[i];

        oa_json_object_open(json);
        oa_otlp_json_u64(json, OA_SLICE("timeUnixNano"), e->time_unix_ns);
        put_number(json, metric, (int64_t)e->value);
        if (!oa_id_is_zero(e->trace_id, sizeof(e->trace_id))) {
            oa_json_member_hex(json, OA_SLICE("spanId"), e->span_id, sizeof(e->span_id));
            oa_json_member_hex(json, OA_SLICE("traceId"), e->trace_id, sizeof(e->trace_id));
        }
        oa_json_object_close(json);
    }
    oa_json_array_close(json);
}

static void put_explicit(struct oa_json *json, const struct oa_point *point, enum oa_metric metric)
{
    const struct oa_bounds *bounds = oa_metric_bounds(metric);

    put_counts(json, point->buckets, point->bucket_count);
    oa_json_member_array_open(json, OA_SLICE("explicitBounds"));
    for (uint32_t i = 0; i < bounds->count; i++)
        oa_otlp_json_double(json, oa_point_real(metric, (int64_t)bounds->at[i]));
    oa_json_array_close(json);
}

static void put_exponential(struct oa_json *json, const struct oa_point *point)
{
    oa_json_member_int(json, OA_SLICE("scale"), point->scale);
    oa_otlp_json_u64(json, OA_SLICE("zeroCount"), point->zero_count);
    oa_json_member_object_open(json, OA_SLICE("positive"));
    oa_json_member_int(json, OA_SLICE("offset"), point->offset);
    put_counts(json, point->buckets, point->bucket_count);
    oa_json_object_close(json);
}

static void put_histogram(struct oa_json *json, const struct oa_stream *stream, const struct oa_point *point,
                          enum oa_metric metric)
{
    oa_otlp_json_u64(json, OA_SLICE("count"), point->count);
    put_real(json, OA_SLICE("sum"), metric, point->value);
    if (stream->exponential)
        put_exponential(json, point);
    else
        put_explicit(json, point, metric);
    if (!point->has_range)
        return;
    put_real(json, OA_SLICE("min"), metric, (int64_t)point->min);
    put_real(json, OA_SLICE("max"), metric, (int64_t)point->max);
}

static void put_point(struct oa_json *json, const struct oa_stream *stream, const struct oa_point *point,
                      enum oa_metric metric)
{
    oa_json_object_open(json);
    oa_otlp_json_attrs(json, point->attrs, point->attr_count);
    if (!oa_metric_is_gauge(metric))
        oa_otlp_json_u64(json, OA_SLICE("startTimeUnixNano"), point->start_unix_ns);
    oa_otlp_json_u64(json, OA_SLICE("timeUnixNano"), point->time_unix_ns);
    if (oa_metric_info[metric].kind == OA_METRIC_HISTOGRAM)
        put_histogram(json, stream, point, metric);
    else
        put_number(json, metric, point->value);
    put_exemplars(json, point, metric);
    oa_json_object_close(json);
}

static struct oa_slice data_key(const struct oa_stream *stream, enum oa_metric metric)
{
    if (oa_metric_is_gauge(metric))
        return OA_SLICE("gauge");
    if (oa_metric_info[metric].kind != OA_METRIC_HISTOGRAM)
        return OA_SLICE("sum");
    return stream->exponential ? OA_SLICE("exponentialHistogram") : OA_SLICE("histogram");
}

static void put_metric(struct oa_json *json, const struct oa_stream *stream, enum oa_metric metric)
{
    bool is_gauge = oa_metric_is_gauge(metric);

    oa_json_object_open(json);
    oa_json_member_str(json, OA_SLICE("name"), oa_instruments[metric].name);
    oa_json_member_str(json, OA_SLICE("description"), oa_instruments[metric].description);
    oa_json_member_str(json, OA_SLICE("unit"), oa_instruments[metric].unit);
    oa_json_member_object_open(json, data_key(stream, metric));
    oa_json_member_array_open(json, OA_SLICE("dataPoints"));
    for (uint32_t i = 0; i < stream->count; i++)
        put_point(json, stream, &stream->points[i], metric);
    oa_json_array_close(json);
    if (!is_gauge)
        oa_json_member_int(json, OA_SLICE("aggregationTemporality"), stream->temporality);
    if (!is_gauge && oa_metric_info[metric].kind != OA_METRIC_HISTOGRAM)
        oa_json_member_bool(json, OA_SLICE("isMonotonic"), oa_metric_is_monotonic(metric));
    oa_json_object_close(json);
    oa_json_object_close(json);
}

static void put_scope_metrics(struct oa_json *json, const struct oa_collection *metrics, uint8_t scope)
{
    oa_otlp_json_scope_open(json, scope, OA_SLICE("metrics"));
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        if (oa_metric_tells((enum oa_metric)i, metrics, scope))
            put_metric(json, &metrics->stream[i], (enum oa_metric)i);
    oa_otlp_json_scope_close(json);
}

int oa_otlp_json_metrics(const struct oa_collection *metrics, const struct oa_resource *resource,
                         struct oa_arena *arena, struct oa_slice *ret_text)
{
    struct oa_json json;

    oa_otlp_json_open(&json, arena, resource, OA_SLICE("resourceMetrics"), OA_SLICE("scopeMetrics"));
    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT; scope++)
        if (oa_scope_tells(scope, metrics))
            put_scope_metrics(&json, metrics, scope);
    return oa_otlp_json_close(&json, ret_text);
}
