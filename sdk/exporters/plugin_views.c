#include "sdk/exporters/plugin_views.h"

#include <string.h>

#include "preload/base/err.h"
#include "sdk/metrics/instruments.h"

#define FLAG_HAS_IS_REMOTE 0x100u /* OTLP's SpanFlags */
#define FLAG_IS_REMOTE 0x200u

static struct otel_auto_text text(struct oa_slice slice)
{
    return (struct otel_auto_text){ slice.ptr, slice.len };
}

static struct otel_auto_text text_of(const char *cstr)
{
    return text(oa_slice_of(cstr));
}

static void *take(struct oa_arena *arena, size_t count, size_t size)
{
    void *block = oa_arena_alloc(arena, count * size + 1);

    if (block)
        memset(block, 0, count * size);
    return block;
}

static int put_texts(const struct oa_attr_view *attr, struct oa_arena *arena, struct otel_auto_attribute *ret)
{
    struct otel_auto_text *texts = take(arena, attr->item_count, sizeof(*texts));

    if (!texts)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < attr->item_count; i++)
        texts[i] = text(attr->items[i]);
    ret->type = OTEL_AUTO_TEXTS;
    ret->count = attr->item_count;
    ret->value.texts = texts;
    return 0;
}

static int put_attribute(const struct oa_attr_view *attr, struct oa_arena *arena, struct otel_auto_attribute *ret)
{
    ret->key = text(attr->key);
    switch (attr->type) {
    case OA_ATTR_BOOL:
        ret->type = OTEL_AUTO_BOOL;
        ret->value.number = attr->num;
        return 0;
    case OA_ATTR_INT:
        ret->type = OTEL_AUTO_INT;
        ret->value.number = attr->num;
        return 0;
    case OA_ATTR_DOUBLE:
        ret->type = OTEL_AUTO_DOUBLE;
        ret->value.real = attr->real;
        return 0;
    case OA_ATTR_ARR:
        return put_texts(attr, arena, ret);
    default:
        ret->type = OTEL_AUTO_TEXT;
        ret->value.text = text(attr->str);
        return 0;
    }
}

static int put_attributes(const struct oa_attr_view *attrs, uint32_t count, struct oa_arena *arena,
                          struct otel_auto_attributes *ret)
{
    struct otel_auto_attribute *list = take(arena, count, sizeof(*list));

    if (!list)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        if (put_attribute(&attrs[i], arena, &list[i]) != 0)
            return OA_ENOMEM;
    *ret = (struct otel_auto_attributes){ list, count };
    return 0;
}

int oa_plugin_resource(const struct oa_resource *resource, struct oa_arena *arena,
                       struct otel_auto_resource *ret_resource)
{
    *ret_resource = (struct otel_auto_resource){ .struct_size = sizeof(*ret_resource) };
    ret_resource->schema_url = text_of(resource->schema_url);
    return put_attributes(resource->attrs, resource->attr_count, arena, &ret_resource->attributes);
}

static uint32_t flags_of(uint8_t w3c, bool remote)
{
    return w3c | FLAG_HAS_IS_REMOTE | (remote ? FLAG_IS_REMOTE : 0);
}

static struct otel_auto_event *event_of(const struct oa_event_view *view, struct oa_arena *arena)
{
    struct otel_auto_event *event = take(arena, 1, sizeof(*event));

    if (!event)
        return NULL;
    event->struct_size = sizeof(*event);
    event->time_unix_ns = view->unix_ns;
    event->name = text(view->name);
    event->dropped_attributes = view->attr_dropped;
    return put_attributes(view->attrs, view->attr_count, arena, &event->attributes) == 0 ? event : NULL;
}

static struct otel_auto_link *link_of(const struct oa_link_view *view, struct oa_arena *arena)
{
    struct otel_auto_link *link = take(arena, 1, sizeof(*link));

    if (!link)
        return NULL;
    link->struct_size = sizeof(*link);
    memcpy(link->trace_id, view->trace_id, sizeof(link->trace_id));
    memcpy(link->span_id, view->span_id, sizeof(link->span_id));
    link->flags = flags_of(view->flags, view->remote);
    link->dropped_attributes = view->attr_dropped;
    link->trace_state = text(view->tracestate);
    return put_attributes(view->attrs, view->attr_count, arena, &link->attributes) == 0 ? link : NULL;
}

static int put_extras(const struct oa_span_extras *extras, struct oa_arena *arena, struct otel_auto_span *span)
{
    const struct otel_auto_event **events = take(arena, extras->event_count, sizeof(*events));
    const struct otel_auto_link **links = take(arena, extras->link_count, sizeof(*links));

    if (!events || !links)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < extras->event_count; i++)
        if (!(events[i] = event_of(&extras->events[i], arena)))
            return OA_ENOMEM;
    for (uint32_t i = 0; i < extras->link_count; i++)
        if (!(links[i] = link_of(&extras->links[i], arena)))
            return OA_ENOMEM;
    span->events = events;
    span->event_count = extras->event_count;
    span->links = links;
    span->link_count = extras->link_count;
    span->dropped_events = extras->event_dropped;
    span->dropped_links = extras->link_dropped;
    return 0;
}

static struct otel_auto_span *span_of(const struct oa_span_view *view, struct oa_arena *arena)
{
    struct otel_auto_span *span = take(arena, 1, sizeof(*span));

    if (!span)
        return NULL;
    span->struct_size = sizeof(*span);
    memcpy(span->trace_id, view->trace_id, sizeof(span->trace_id));
    memcpy(span->span_id, view->span_id, sizeof(span->span_id));
    if (view->has_parent)
        memcpy(span->parent_span_id, view->parent_id, sizeof(span->parent_span_id));
    span->flags = flags_of(view->flags, view->parent_remote);
    span->kind = view->kind; /* both number them as OTLP does */
    span->status = view->status;
    span->dropped_attributes = view->attr_dropped;
    span->start_unix_ns = view->start_unix_ns;
    span->end_unix_ns = view->end_unix_ns;
    span->name = text(view->name);
    span->trace_state = text(view->tracestate);
    span->scope_name = text_of(oa_scope_name(view->scope));
    span->scope_version = text_of(OA_SDK_VERSION);
    if (view->extras && put_extras(view->extras, arena, span) != 0)
        return NULL;
    return put_attributes(view->attrs, view->attr_count, arena, &span->attributes) == 0 ? span : NULL;
}

int oa_plugin_spans(const struct oa_batch *batch, const struct otel_auto_resource *resource, struct oa_arena *arena,
                    struct otel_auto_spans *ret_spans)
{
    const struct otel_auto_span **list = take(arena, batch->count, sizeof(*list));

    if (!list)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < batch->count; i++) {
        list[i] = span_of(&batch->spans[i], arena);
        if (!list[i])
            return OA_ENOMEM;
    }
    *ret_spans = (struct otel_auto_spans){ sizeof(*ret_spans), resource, list, batch->count };
    return 0;
}

static struct otel_auto_log *log_of(const struct oa_log_view *view, struct oa_arena *arena)
{
    struct otel_auto_log *log = take(arena, 1, sizeof(*log));

    if (!log)
        return NULL;
    log->struct_size = sizeof(*log);
    log->time_unix_ns = view->unix_ns;
    log->observed_unix_ns = view->observed_unix_ns;
    log->severity = view->severity;
    log->flags = view->flags;
    memcpy(log->trace_id, view->trace_id, sizeof(log->trace_id));
    memcpy(log->span_id, view->span_id, sizeof(log->span_id));
    log->body = text(view->body);
    log->severity_text = text(view->severity_text);
    log->event_name = text(view->event_name);
    log->scope_name = text_of(oa_scope_name(view->scope));
    log->scope_version = text_of(OA_SDK_VERSION);
    log->dropped_attributes = view->attr_dropped;
    return put_attributes(view->attrs, view->attr_count, arena, &log->attributes) == 0 ? log : NULL;
}

int oa_plugin_logs(const struct oa_batch *batch, const struct otel_auto_resource *resource, struct oa_arena *arena,
                   struct otel_auto_logs *ret_logs)
{
    const struct otel_auto_log **list = take(arena, batch->count, sizeof(*list));

    if (!list)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < batch->count; i++) {
        list[i] = log_of(&batch->logs[i], arena);
        if (!list[i])
            return OA_ENOMEM;
    }
    *ret_logs = (struct otel_auto_logs){ sizeof(*ret_logs), resource, list, batch->count };
    return 0;
}

/* The boundaries in the metric's unit; NULL without memory. */
static const double *bounds_of(enum oa_metric metric, struct oa_arena *arena)
{
    const struct oa_bounds *bounds = oa_metric_bounds(metric);
    double *list = take(arena, bounds->count, sizeof(*list));

    for (uint32_t i = 0; list && i < bounds->count; i++)
        list[i] = oa_point_real(metric, (int64_t)bounds->at[i]);
    return list;
}

static struct otel_auto_point *point_of(enum oa_metric metric, const struct oa_point *from, const double *bounds,
                                        struct oa_arena *arena)
{
    struct otel_auto_point *point = take(arena, 1, sizeof(*point));

    if (!point)
        return NULL;
    point->struct_size = sizeof(*point);
    point->start_unix_ns = oa_metric_is_gauge(metric) ? 0 : from->start_unix_ns;
    point->time_unix_ns = from->time_unix_ns;
    point->value = oa_point_real(metric, from->value);
    if (oa_metric_info[metric].kind == OA_METRIC_HISTOGRAM) {
        point->count = from->count;
        point->has_range = from->has_range;
        point->min = oa_point_real(metric, (int64_t)from->min);
        point->max = oa_point_real(metric, (int64_t)from->max);
        point->bucket_count = from->bucket_count;
        point->buckets = from->buckets;
        point->bounds = bounds;
        point->scale = from->scale;
        point->offset = from->offset;
        point->zero_count = from->zero_count;
    }
    return put_attributes(from->attrs, from->attr_count, arena, &point->attributes) == 0 ? point : NULL;
}

static uint32_t kind_of(enum oa_metric metric, const struct oa_stream *stream)
{
    if (oa_metric_is_gauge(metric))
        return OTEL_AUTO_GAUGE;
    if (oa_metric_info[metric].kind != OA_METRIC_HISTOGRAM)
        return OTEL_AUTO_SUM;
    return stream->exponential ? OTEL_AUTO_EXPONENTIAL_HISTOGRAM : OTEL_AUTO_HISTOGRAM;
}

static struct otel_auto_metric *metric_of(enum oa_metric metric, const struct oa_stream *stream,
                                          struct oa_arena *arena)
{
    const struct oa_instrument *instrument = &oa_instruments[metric];
    struct otel_auto_metric *to = take(arena, 1, sizeof(*to));
    const struct otel_auto_point **points = take(arena, stream->count, sizeof(*points));
    uint32_t kind = kind_of(metric, stream);
    const double *bounds = kind == OTEL_AUTO_HISTOGRAM ? bounds_of(metric, arena) : NULL;

    if (!to || !points || (kind == OTEL_AUTO_HISTOGRAM && !bounds))
        return NULL;
    for (uint32_t i = 0; i < stream->count; i++) {
        points[i] = point_of(metric, &stream->points[i], bounds, arena);
        if (!points[i])
            return NULL;
    }
    *to = (struct otel_auto_metric){
        .struct_size = sizeof(*to),
        .name = text(instrument->name),
        .description = text(instrument->description),
        .unit = text(instrument->unit),
        .scope_name = text_of(oa_scope_name(instrument->scope)),
        .scope_version = text_of(OA_SDK_VERSION),
        .kind = kind,
        .temporality = kind == OTEL_AUTO_GAUGE ? 0 : stream->temporality,
        .is_monotonic = oa_metric_is_monotonic(metric),
        .is_integer = !oa_metric_is_real(metric),
        .points = points,
        .count = stream->count,
    };
    return to;
}

int oa_plugin_metrics(const struct oa_collection *metrics, const struct otel_auto_resource *resource,
                      struct oa_arena *arena, struct otel_auto_metrics *ret_metrics)
{
    const struct otel_auto_metric **list = take(arena, OA_METRIC_COUNT, sizeof(*list));
    size_t count = 0;

    if (!list)
        return OA_ENOMEM;
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        if (!metrics->stream[i].count)
            continue;
        list[count] = metric_of((enum oa_metric)i, &metrics->stream[i], arena);
        if (!list[count++])
            return OA_ENOMEM;
    }
    *ret_metrics = (struct otel_auto_metrics){ sizeof(*ret_metrics), resource, list, count };
    return 0;
}
