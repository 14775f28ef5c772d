#include "sdk/encode/otlp_metrics.h"

#include "preload/base/err.h"
#include "sdk/encode/otlp_attrs.h"
#include "sdk/encode/otlp_resource.h"
#include "sdk/encode/proto/metrics.pb-c.h"
#include "sdk/metrics/instruments.h"

/* Everything is made in the arena; the first failure sticks. */
struct making {
    struct oa_arena *arena;
    const struct oa_collection *metrics;
    int err;
};

static void *make(struct making *making, size_t count, size_t bytes)
{
    void *block = making->err ? NULL : oa_arena_calloc(making->arena, count ? count : 1, bytes);

    if (!block)
        making->err = OA_ENOMEM;
    return block;
}

/* Never written through: see oa_otlp_text(). */
static char *unconst(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* An array of count messages and of pointers to them. The messages are initialised by the caller. */
#define MAKE_LIST(making, type, count, pointers)                        \
    __extension__({                                                     \
        type *list_ = make(making, count, sizeof(type));                \
        (pointers) = make(making, count, sizeof(type *));               \
        for (uint32_t l_ = 0; (making)->err == 0 && l_ < (count); l_++) \
            (pointers)[l_] = &list_[l_];                                \
        list_;                                                          \
    })

static OaOtlp__KeyValue **make_attrs(struct making *making, const struct oa_point *point)
{
    OaOtlp__AnyValue *values = make(making, point->attr_count, sizeof(*values));
    OaOtlp__KeyValue **pointers, *pairs = MAKE_LIST(making, OaOtlp__KeyValue, point->attr_count, pointers);

    for (uint32_t i = 0; making->err == 0 && i < point->attr_count; i++) {
        oa_otlp__any_value__init(&values[i]);
        oa_otlp__key_value__init(&pairs[i]);
        pairs[i].key = oa_otlp_text(point->attrs[i].key);
        pairs[i].value = &values[i];
        making->err = oa_otlp_value(&point->attrs[i], making->arena, &values[i]);
    }
    return pointers;
}

static void fill_exemplar(OaOtlp__Exemplar *to, const struct oa_cell_exemplar *from, enum oa_metric metric)
{
    oa_otlp__exemplar__init(to);
    to->time_unix_nano = from->time_unix_ns;
    if (oa_metric_is_real(metric)) {
        to->value_case = OA_OTLP__EXEMPLAR__VALUE_AS_DOUBLE;
        to->as_double = oa_point_real(metric, (int64_t)from->value);
    } else {
        to->value_case = OA_OTLP__EXEMPLAR__VALUE_AS_INT;
        to->as_int = (int64_t)from->value;
    }
    if (oa_id_is_zero(from->trace_id, sizeof(from->trace_id)))
        return;
    to->trace_id = (ProtobufCBinaryData){ sizeof(from->trace_id), (uint8_t *)(uintptr_t)from->trace_id };
    to->span_id = (ProtobufCBinaryData){ sizeof(from->span_id), (uint8_t *)(uintptr_t)from->span_id };
}

static OaOtlp__Exemplar **make_exemplars(struct making *making, const struct oa_point *point, enum oa_metric metric)
{
    OaOtlp__Exemplar **pointers, *list = MAKE_LIST(making, OaOtlp__Exemplar, point->exemplar_count, pointers);

    for (uint32_t i = 0; making->err == 0 && i < point->exemplar_count; i++)
        fill_exemplar(&list[i], &point->exemplars[i], metric);
    return pointers;
}

static void fill_number(struct making *making, OaOtlp__NumberDataPoint *to, const struct oa_point *point,
                        enum oa_metric metric)
{
    oa_otlp__number_data_point__init(to);
    to->start_time_unix_nano = oa_metric_is_gauge(metric) ? 0 : point->start_unix_ns;
    to->time_unix_nano = point->time_unix_ns;
    to->n_attributes = point->attr_count;
    to->attributes = make_attrs(making, point);
    if (oa_metric_is_real(metric)) {
        to->value_case = OA_OTLP__NUMBER_DATA_POINT__VALUE_AS_DOUBLE;
        to->as_double = oa_point_real(metric, point->value);
    } else {
        to->value_case = OA_OTLP__NUMBER_DATA_POINT__VALUE_AS_INT;
        to->as_int = point->value;
    }
}

static double *make_bounds(struct making *making, enum oa_metric metric, size_t *ret_count)
{
    const struct oa_bounds *bounds = oa_metric_bounds(metric);
    double *list = make(making, bounds->count, sizeof(*list));

    for (uint32_t i = 0; list && i < bounds->count; i++)
        list[i] = oa_point_real(metric, (int64_t)bounds->at[i]);
    *ret_count = bounds->count;
    return list;
}

static void fill_histogram(struct making *making, OaOtlp__HistogramDataPoint *to, const struct oa_point *point,
                           enum oa_metric metric)
{
    oa_otlp__histogram_data_point__init(to);
    to->start_time_unix_nano = point->start_unix_ns;
    to->time_unix_nano = point->time_unix_ns;
    to->count = point->count;
    to->has_sum_case = OA_OTLP__HISTOGRAM_DATA_POINT__HAS_SUM_SUM;
    to->sum = oa_point_real(metric, point->value);
    to->n_bucket_counts = point->bucket_count;
    to->bucket_counts = (uint64_t *)(uintptr_t)point->buckets;
    to->explicit_bounds = make_bounds(making, metric, &to->n_explicit_bounds);
    to->n_attributes = point->attr_count;
    to->attributes = make_attrs(making, point);
    to->n_exemplars = point->exemplar_count;
    to->exemplars = make_exemplars(making, point, metric);
    if (!point->has_range)
        return;
    to->has_min_case = OA_OTLP__HISTOGRAM_DATA_POINT__HAS_MIN_MIN;
    to->min = oa_point_real(metric, (int64_t)point->min);
    to->has_max_case = OA_OTLP__HISTOGRAM_DATA_POINT__HAS_MAX_MAX;
    to->max = oa_point_real(metric, (int64_t)point->max);
}

static void fill_exponential(struct making *making, OaOtlp__ExponentialHistogramDataPoint *to,
                             const struct oa_point *point, enum oa_metric metric)
{
    OaOtlp__ExponentialHistogramDataPoint__Buckets *buckets = make(making, 1, sizeof(*buckets));

    oa_otlp__exponential_histogram_data_point__init(to);
    if (!buckets)
        return;
    oa_otlp__exponential_histogram_data_point__buckets__init(buckets);
    buckets->offset = point->offset;
    buckets->n_bucket_counts = point->bucket_count;
    buckets->bucket_counts = (uint64_t *)(uintptr_t)point->buckets;
    to->start_time_unix_nano = point->start_unix_ns;
    to->time_unix_nano = point->time_unix_ns;
    to->count = point->count;
    to->has_sum_case = OA_OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__HAS_SUM_SUM;
    to->sum = oa_point_real(metric, point->value);
    to->scale = point->scale;
    to->zero_count = point->zero_count;
    to->positive = buckets;
    to->n_attributes = point->attr_count;
    to->attributes = make_attrs(making, point);
    to->n_exemplars = point->exemplar_count;
    to->exemplars = make_exemplars(making, point, metric);
    if (!point->has_range)
        return;
    to->has_min_case = OA_OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__HAS_MIN_MIN;
    to->min = oa_point_real(metric, (int64_t)point->min);
    to->has_max_case = OA_OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__HAS_MAX_MAX;
    to->max = oa_point_real(metric, (int64_t)point->max);
}

static OaOtlp__NumberDataPoint **make_numbers(struct making *making, const struct oa_stream *stream,
                                              enum oa_metric metric)
{
    OaOtlp__NumberDataPoint **pointers, *list = MAKE_LIST(making, OaOtlp__NumberDataPoint, stream->count, pointers);

    for (uint32_t i = 0; making->err == 0 && i < stream->count; i++)
        fill_number(making, &list[i], &stream->points[i], metric);
    return pointers;
}

static void fill_sum(struct making *making, OaOtlp__Metric *to, const struct oa_stream *stream, enum oa_metric metric)
{
    OaOtlp__Sum *sum = make(making, 1, sizeof(*sum));

    if (!sum)
        return;
    oa_otlp__sum__init(sum);
    sum->aggregation_temporality = (OaOtlp__AggregationTemporality)stream->temporality;
    sum->is_monotonic = oa_metric_is_monotonic(metric);
    sum->n_data_points = stream->count;
    sum->data_points = make_numbers(making, stream, metric);
    to->data_case = OA_OTLP__METRIC__DATA_SUM;
    to->sum = sum;
}

static void fill_gauge(struct making *making, OaOtlp__Metric *to, const struct oa_stream *stream,
                       enum oa_metric metric)
{
    OaOtlp__Gauge *gauge = make(making, 1, sizeof(*gauge));

    if (!gauge)
        return;
    oa_otlp__gauge__init(gauge);
    gauge->n_data_points = stream->count;
    gauge->data_points = make_numbers(making, stream, metric);
    to->data_case = OA_OTLP__METRIC__DATA_GAUGE;
    to->gauge = gauge;
}

static void fill_explicit_all(struct making *making, OaOtlp__Metric *to, const struct oa_stream *stream,
                              enum oa_metric metric)
{
    OaOtlp__Histogram *all = make(making, 1, sizeof(*all));
    OaOtlp__HistogramDataPoint *list;

    if (!all)
        return;
    oa_otlp__histogram__init(all);
    all->aggregation_temporality = (OaOtlp__AggregationTemporality)stream->temporality;
    all->n_data_points = stream->count;
    list = MAKE_LIST(making, OaOtlp__HistogramDataPoint, stream->count, all->data_points);
    for (uint32_t i = 0; making->err == 0 && i < stream->count; i++)
        fill_histogram(making, &list[i], &stream->points[i], metric);
    to->data_case = OA_OTLP__METRIC__DATA_HISTOGRAM;
    to->histogram = all;
}

static void fill_exponential_all(struct making *making, OaOtlp__Metric *to, const struct oa_stream *stream,
                                 enum oa_metric metric)
{
    OaOtlp__ExponentialHistogram *all = make(making, 1, sizeof(*all));
    OaOtlp__ExponentialHistogramDataPoint *list;

    if (!all)
        return;
    oa_otlp__exponential_histogram__init(all);
    all->aggregation_temporality = (OaOtlp__AggregationTemporality)stream->temporality;
    all->n_data_points = stream->count;
    list = MAKE_LIST(making, OaOtlp__ExponentialHistogramDataPoint, stream->count, all->data_points);
    for (uint32_t i = 0; making->err == 0 && i < stream->count; i++)
        fill_exponential(making, &list[i], &stream->points[i], metric);
    to->data_case = OA_OTLP__METRIC__DATA_EXPONENTIAL_HISTOGRAM;
    to->exponential_histogram = all;
}

static void fill_metric(struct making *making, OaOtlp__Metric *to, enum oa_metric metric)
{
    const struct oa_stream *stream = &making->metrics->stream[metric];
    const struct oa_instrument *instrument = &oa_instruments[metric];

    oa_otlp__metric__init(to);
    to->name = oa_otlp_text(instrument->name);
    to->description = oa_otlp_text(instrument->description);
    to->unit = oa_otlp_text(instrument->unit);
    if (oa_metric_is_gauge(metric))
        fill_gauge(making, to, stream, metric);
    else if (oa_metric_info[metric].kind != OA_METRIC_HISTOGRAM)
        fill_sum(making, to, stream, metric);
    else if (stream->exponential)
        fill_exponential_all(making, to, stream, metric);
    else
        fill_explicit_all(making, to, stream, metric);
}

/* Of one scope; false: it has none. */
static bool fill_scope(struct making *making, OaOtlp__ScopeMetrics *to, uint8_t scope)
{
    OaOtlp__InstrumentationScope *who = make(making, 1, sizeof(*who));
    OaOtlp__Metric *list = MAKE_LIST(making, OaOtlp__Metric, (uint32_t)OA_METRIC_COUNT, to->metrics);

    to->n_metrics = 0;
    for (int i = 0; making->err == 0 && i < OA_METRIC_COUNT; i++)
        if (oa_metric_tells((enum oa_metric)i, making->metrics, scope))
            fill_metric(making, &list[to->n_metrics++], (enum oa_metric)i);
    if (making->err || to->n_metrics == 0)
        return false;
    oa_otlp__instrumentation_scope__init(who);
    who->name = unconst(oa_scope_name(scope));
    who->version = unconst(OA_SDK_VERSION);
    to->scope = who;
    to->schema_url = unconst(OA_SCHEMA_URL);
    return true;
}

static void fill_resource(struct making *making, OaOtlp__ResourceMetrics *to)
{
    OaOtlp__ScopeMetrics *list = MAKE_LIST(making, OaOtlp__ScopeMetrics, (uint32_t)OA_SCOPE_COUNT, to->scope_metrics);

    for (uint8_t scope = 0; making->err == 0 && scope < OA_SCOPE_COUNT; scope++) {
        OaOtlp__ScopeMetrics *slot = &list[to->n_scope_metrics];

        oa_otlp__scope_metrics__init(slot);
        to->n_scope_metrics += fill_scope(making, slot, scope);
    }
}

static int pack(struct making *making, const ProtobufCMessage *message, struct oa_otlp_request *ret_request)
{
    size_t bytes = protobuf_c_message_get_packed_size(message);
    uint8_t *body = make(making, 1, bytes + 1);

    if (!body)
        return OA_ENOMEM;
    (void)protobuf_c_message_pack(message, body);
    *ret_request =
        (struct oa_otlp_request){ .parts = { { (const char *)body, bytes } }, .part_count = 1, .bytes = bytes };
    return 0;
}

int oa_otlp_metrics_request(const struct oa_collection *metrics, const struct oa_resource *resource,
                            struct oa_arena *arena, struct oa_otlp_request *ret_request)
{
    struct making making = { .arena = arena, .metrics = metrics };
    OaOtlp__ExportMetricsServiceRequest request = OA_OTLP__EXPORT_METRICS_SERVICE_REQUEST__INIT;
    OaOtlp__ResourceMetrics all = OA_OTLP__RESOURCE_METRICS__INIT, *list = &all;
    OaOtlp__Resource who = OA_OTLP__RESOURCE__INIT;
    struct oa_otlp_attrs attrs;

    oa_otlp_attrs_init(&attrs);
    making.err = oa_otlp_resource_fill(&who, resource, &attrs, arena);
    all.resource = &who;
    all.schema_url = unconst(resource->schema_url);
    fill_resource(&making, &all);
    request.n_resource_metrics = 1;
    request.resource_metrics = &list;
    if (making.err == 0)
        making.err = pack(&making, &request.base, ret_request);
    oa_otlp_attrs_release(&attrs);
    return making.err;
}
