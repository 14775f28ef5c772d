/* Metrics as Python's ConsoleMetricExporter (1.45) prints them: same keys, order and spelling. */
#include "sdk/encode/console.h"
#include "sdk/encode/console_parts.h"
#include "sdk/metrics/instruments.h"

#define METRICS_INDENT 4u

static void put_number(struct oa_json *json, struct oa_slice key, enum oa_metric metric, int64_t value)
{
    oa_json_key(json, key);
    if (oa_metric_is_real(metric))
        oa_json_double(json, oa_point_real(metric, value));
    else
        oa_json_int(json, value);
}

/* An id as the integer that its bytes are, in decimal: 39 digits hold 128 bits. */
static void put_id(struct oa_json *json, struct oa_slice key, const uint8_t *id, size_t bytes)
{
    unsigned __int128 value = 0;
    char digits[40];
    size_t at = sizeof(digits);

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | id[i];
    do
        digits[--at] = (char)('0' + (int)(value % 10));
    while ((value /= 10) != 0);
    oa_json_key(json, key);
    oa_json_digits(json, (struct oa_slice){ digits + at, sizeof(digits) - at });
}

static void put_exemplars(struct oa_json *json, const struct oa_point *point, enum oa_metric metric)
{
    oa_json_member_array_open(json, OA_SLICE("exemplars"));
    for (uint32_t i = 0; i < point->exemplar_count; i++) {
        const struct oa_cell_exemplar *exemplar = &point->exemplars[i];

        oa_json_object_open(json);
        oa_json_member_object_open(json, OA_SLICE("filtered_attributes"));
        oa_json_object_close(json);
        put_number(json, OA_SLICE("value"), metric, (int64_t)exemplar->value);
        oa_json_member_int(json, OA_SLICE("time_unix_nano"), (int64_t)exemplar->time_unix_ns);
        put_id(json, OA_SLICE("span_id"), exemplar->span_id, sizeof(exemplar->span_id));
        put_id(json, OA_SLICE("trace_id"), exemplar->trace_id, sizeof(exemplar->trace_id));
        oa_json_object_close(json);
    }
    oa_json_array_close(json);
}

static void put_counts(struct oa_json *json, const uint64_t *counts, uint32_t count)
{
    oa_json_member_array_open(json, OA_SLICE("bucket_counts"));
    for (uint32_t i = 0; i < count; i++)
        oa_json_int(json, (int64_t)counts[i]);
    oa_json_array_close(json);
}

static void put_range(struct oa_json *json, const struct oa_point *point, enum oa_metric metric)
{
    if (!point->has_range)
        return;
    put_number(json, OA_SLICE("min"), metric, (int64_t)point->min);
    put_number(json, OA_SLICE("max"), metric, (int64_t)point->max);
}

static void put_explicit(struct oa_json *json, const struct oa_point *point, enum oa_metric metric)
{
    const struct oa_bounds *bounds = oa_metric_bounds(metric);

    put_counts(json, point->buckets, point->bucket_count);
    oa_json_member_array_open(json, OA_SLICE("explicit_bounds"));
    for (uint32_t i = 0; i < bounds->count; i++)
        oa_json_double(json, oa_point_real(metric, (int64_t)bounds->at[i]));
    oa_json_array_close(json);
    put_range(json, point, metric);
}

static void put_buckets(struct oa_json *json, struct oa_slice key, int32_t offset, const uint64_t *counts,
                        uint32_t count)
{
    static const uint64_t none = 0;

    oa_json_member_object_open(json, key);
    oa_json_member_int(json, OA_SLICE("offset"), count ? offset : 0);
    put_counts(json, count ? counts : &none, count ? count : 1);
    oa_json_object_close(json);
}

static void put_exponential(struct oa_json *json, const struct oa_point *point, enum oa_metric metric)
{
    oa_json_member_int(json, OA_SLICE("scale"), point->scale);
    oa_json_member_int(json, OA_SLICE("zero_count"), (int64_t)point->zero_count);
    put_buckets(json, OA_SLICE("positive"), point->offset, point->buckets, point->bucket_count);
    put_buckets(json, OA_SLICE("negative"), 0, NULL, 0);
    oa_json_member_int(json, OA_SLICE("flags"), 0);
    put_range(json, point, metric);
}

static void put_start(struct oa_json *json, const struct oa_point *point, enum oa_metric metric)
{
    oa_json_key(json, OA_SLICE("start_time_unix_nano"));
    if (oa_metric_is_gauge(metric))
        oa_json_null(json);
    else
        oa_json_int(json, (int64_t)point->start_unix_ns);
}

static void put_point(struct oa_json *json, const struct oa_stream *stream, const struct oa_point *point,
                      enum oa_metric metric)
{
    oa_json_object_open(json);
    oa_console_attributes(json, point->attrs, point->attr_count);
    put_start(json, point, metric);
    oa_json_member_int(json, OA_SLICE("time_unix_nano"), (int64_t)point->time_unix_ns);
    if (oa_metric_info[metric].kind == OA_METRIC_HISTOGRAM) {
        oa_json_member_int(json, OA_SLICE("count"), (int64_t)point->count);
        put_number(json, OA_SLICE("sum"), metric, point->value);
        if (stream->exponential)
            put_exponential(json, point, metric);
        else
            put_explicit(json, point, metric);
    } else {
        put_number(json, OA_SLICE("value"), metric, point->value);
    }
    put_exemplars(json, point, metric);
    oa_json_object_close(json);
}

static void put_data(struct oa_json *json, const struct oa_stream *stream, enum oa_metric metric)
{
    oa_json_member_object_open(json, OA_SLICE("data"));
    oa_json_member_array_open(json, OA_SLICE("data_points"));
    for (uint32_t i = 0; i < stream->count; i++)
        put_point(json, stream, &stream->points[i], metric);
    oa_json_array_close(json);
    if (!oa_metric_is_gauge(metric))
        oa_json_member_int(json, OA_SLICE("aggregation_temporality"), stream->temporality);
    if (!oa_metric_is_gauge(metric) && oa_metric_info[metric].kind != OA_METRIC_HISTOGRAM)
        oa_json_member_bool(json, OA_SLICE("is_monotonic"), oa_metric_is_monotonic(metric));
    oa_json_object_close(json);
}

static void put_metric(struct oa_json *json, const struct oa_stream *stream, enum oa_metric metric)
{
    const struct oa_instrument *instrument = &oa_instruments[metric];

    oa_json_object_open(json);
    oa_json_member_str(json, OA_SLICE("name"), instrument->name);
    oa_json_member_str(json, OA_SLICE("description"), instrument->description);
    oa_json_member_str(json, OA_SLICE("unit"), instrument->unit);
    put_data(json, stream, metric);
    oa_json_object_close(json);
}

static void put_scope(struct oa_json *json, const struct oa_collection *metrics, uint8_t scope)
{
    oa_json_object_open(json);
    oa_json_member_object_open(json, OA_SLICE("scope"));
    oa_json_member_str(json, OA_SLICE("name"), oa_slice_of(oa_scope_name(scope)));
    oa_json_member_str(json, OA_SLICE("version"), oa_slice_of(OA_SDK_VERSION));
    oa_json_member_str(json, OA_SLICE("schema_url"), oa_slice_of(OA_SCHEMA_URL));
    oa_json_member_null(json, OA_SLICE("attributes"));
    oa_json_object_close(json);
    oa_json_member_array_open(json, OA_SLICE("metrics"));
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        if (oa_metric_tells((enum oa_metric)i, metrics, scope))
            put_metric(json, &metrics->stream[i], (enum oa_metric)i);
    oa_json_array_close(json);
    oa_json_member_str(json, OA_SLICE("schema_url"), oa_slice_of(OA_SCHEMA_URL));
    oa_json_object_close(json);
}

int oa_console_metrics_json(const struct oa_collection *metrics, const struct oa_resource *resource,
                            struct oa_arena *arena, struct oa_slice *ret_text)
{
    struct oa_json json;

    oa_json_init(&json, arena, METRICS_INDENT);
    oa_json_object_open(&json);
    oa_json_member_array_open(&json, OA_SLICE("resource_metrics"));
    oa_json_object_open(&json);
    oa_console_resource(&json, resource);
    oa_json_member_array_open(&json, OA_SLICE("scope_metrics"));
    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT; scope++)
        if (oa_scope_tells(scope, metrics))
            put_scope(&json, metrics, scope);
    oa_json_array_close(&json);
    oa_json_member_str(&json, OA_SLICE("schema_url"), oa_slice_of(resource->schema_url));
    oa_json_object_close(&json);
    oa_json_array_close(&json);
    oa_json_object_close(&json);
    oa_buf_put(&json.buf, OA_SLICE("\n"));
    return oa_json_finish(&json, ret_text);
}

/* As JSON writes it, without what a terminal could be steered with: JSON escapes that. */
static void line_attrs(struct oa_json *json, const struct oa_point *point)
{
    for (uint32_t i = 0; i < point->attr_count; i++) {
        const struct oa_attr_view *attr = &point->attrs[i];

        oa_buf_put(&json->buf, i ? OA_SLICE(", ") : OA_SLICE(" {"));
        oa_buf_put(&json->buf, attr->key);
        oa_buf_put(&json->buf, OA_SLICE("="));
        json->after_key = true;
        oa_json_value(json, attr);
    }
    if (point->attr_count)
        oa_buf_put(&json->buf, OA_SLICE("}"));
}

static void line_value(struct oa_json *json, enum oa_metric metric, int64_t value)
{
    json->after_key = true;
    if (oa_metric_is_real(metric))
        oa_json_double(json, oa_point_real(metric, value));
    else
        oa_json_int(json, value);
}

static void line_point(struct oa_json *json, enum oa_metric metric, const struct oa_point *point)
{
    oa_buf_put(&json->buf, oa_instruments[metric].name);
    line_attrs(json, point);
    oa_buf_put(&json->buf, OA_SLICE(" "));
    if (oa_metric_info[metric].kind == OA_METRIC_HISTOGRAM)
        oa_buf_fmt(&json->buf, "count %llu, sum ", (unsigned long long)point->count);
    line_value(json, metric, point->value);
    if (point->has_range) {
        oa_buf_put(&json->buf, OA_SLICE(", min "));
        line_value(json, metric, (int64_t)point->min);
        oa_buf_put(&json->buf, OA_SLICE(", max "));
        line_value(json, metric, (int64_t)point->max);
    }
    oa_buf_put(&json->buf, OA_SLICE(" "));
    oa_buf_put(&json->buf, oa_instruments[metric].unit);
    oa_buf_put(&json->buf, OA_SLICE("\n"));
}

int oa_console_metrics_lines(const struct oa_collection *metrics, struct oa_arena *arena, struct oa_slice *ret_text)
{
    struct oa_json json;

    oa_json_init(&json, arena, 0);
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        for (uint32_t p = 0; p < metrics->stream[i].count; p++)
            line_point(&json, (enum oa_metric)i, &metrics->stream[i].points[p]);
    return oa_json_finish(&json, ret_text);
}
