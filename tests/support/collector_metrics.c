/* The other half of collector_json.h: data points. */
#include <inttypes.h>

#include "sdk/encode/proto/metrics.pb-c.h"
#include "tests/support/collector_internal.h"

struct about {
    FILE *out;
    const OaOtlp__Resource *resource;
    const OaOtlp__ScopeMetrics *scope;
    const OaOtlp__Metric *metric;
    const char *kind;
    int temporality;
    bool monotonic;
};

static void put_head(const struct about *about, OaOtlp__KeyValue **attrs, size_t count, uint64_t start, uint64_t time)
{
    FILE *out = about->out;

    fputs("{\"metric\":", out);
    oa_collector_put_bytes(out, about->metric->name);
    fputs(",\"unit\":", out);
    oa_collector_put_bytes(out, about->metric->unit);
    fputs(",\"description\":", out);
    oa_collector_put_bytes(out, about->metric->description);
    fprintf(out,
            ",\"kind\":\"%s\",\"temporality\":%d,\"monotonic\":%s,\"scope\":\"%s\",\"start\":%" PRIu64
            ",\"time\":%" PRIu64 ",\"attributes\":",
            about->kind, about->temporality, about->monotonic ? "true" : "false",
            about->scope->scope ? about->scope->scope->name : "", start, time);
    oa_collector_put_attributes(out, attrs, count);
    oa_collector_put_resource(out, about->resource);
}

static void put_exemplars(FILE *out, OaOtlp__Exemplar **list, size_t count)
{
    fputs(",\"exemplars\":[", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ",{" : "{", out);
        oa_collector_put_hex(out, "traceId", list[i]->trace_id);
        oa_collector_put_hex(out, "spanId", list[i]->span_id);
        if (list[i]->value_case == OA_OTLP__EXEMPLAR__VALUE_AS_INT)
            fprintf(out, "\"value\":%" PRId64 "}", list[i]->as_int);
        else
            fprintf(out, "\"value\":%.17g}", list[i]->as_double);
    }
    fputc(']', out);
}

static void put_counts(FILE *out, const uint64_t *counts, size_t count)
{
    fputs(",\"buckets\":[", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%" PRIu64, i ? "," : "", counts[i]);
    fputc(']', out);
}

static long put_numbers(const struct about *about, OaOtlp__NumberDataPoint **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_head(about, list[i]->attributes, list[i]->n_attributes, list[i]->start_time_unix_nano,
                 list[i]->time_unix_nano);
        if (list[i]->value_case == OA_OTLP__NUMBER_DATA_POINT__VALUE_AS_INT)
            fprintf(about->out, ",\"value\":%" PRId64 "}\n", list[i]->as_int);
        else
            fprintf(about->out, ",\"value\":%.17g}\n", list[i]->as_double);
    }
    return (long)count;
}

static long put_explicit(const struct about *about, const OaOtlp__Histogram *all)
{
    for (size_t i = 0; i < all->n_data_points; i++) {
        const OaOtlp__HistogramDataPoint *p = all->data_points[i];

        put_head(about, p->attributes, p->n_attributes, p->start_time_unix_nano, p->time_unix_nano);
        fprintf(about->out, ",\"count\":%" PRIu64 ",\"sum\":%.17g", p->count, p->sum);
        if (p->has_min_case)
            fprintf(about->out, ",\"min\":%.17g,\"max\":%.17g", p->min, p->max);
        put_counts(about->out, p->bucket_counts, p->n_bucket_counts);
        fputs(",\"bounds\":[", about->out);
        for (size_t b = 0; b < p->n_explicit_bounds; b++)
            fprintf(about->out, "%s%.17g", b ? "," : "", p->explicit_bounds[b]);
        fputc(']', about->out);
        put_exemplars(about->out, p->exemplars, p->n_exemplars);
        fputs("}\n", about->out);
    }
    return (long)all->n_data_points;
}

static long put_exponential(const struct about *about, const OaOtlp__ExponentialHistogram *all)
{
    for (size_t i = 0; i < all->n_data_points; i++) {
        const OaOtlp__ExponentialHistogramDataPoint *p = all->data_points[i];

        put_head(about, p->attributes, p->n_attributes, p->start_time_unix_nano, p->time_unix_nano);
        fprintf(about->out, ",\"count\":%" PRIu64 ",\"sum\":%.17g,\"scale\":%d,\"zero\":%" PRIu64 ",\"offset\":%d",
                p->count, p->sum, p->scale, p->zero_count, p->positive ? p->positive->offset : 0);
        if (p->has_min_case)
            fprintf(about->out, ",\"min\":%.17g,\"max\":%.17g", p->min, p->max);
        put_counts(about->out, p->positive ? p->positive->bucket_counts : NULL,
                   p->positive ? p->positive->n_bucket_counts : 0);
        put_exemplars(about->out, p->exemplars, p->n_exemplars);
        fputs("}\n", about->out);
    }
    return (long)all->n_data_points;
}

static long put_metric(struct about *about)
{
    const OaOtlp__Metric *metric = about->metric;

    switch (metric->data_case) {
    case OA_OTLP__METRIC__DATA_GAUGE:
        about->kind = "gauge";
        return put_numbers(about, metric->gauge->data_points, metric->gauge->n_data_points);
    case OA_OTLP__METRIC__DATA_SUM:
        about->kind = "sum";
        about->temporality = (int)metric->sum->aggregation_temporality;
        about->monotonic = metric->sum->is_monotonic;
        return put_numbers(about, metric->sum->data_points, metric->sum->n_data_points);
    case OA_OTLP__METRIC__DATA_HISTOGRAM:
        about->kind = "histogram";
        about->temporality = (int)metric->histogram->aggregation_temporality;
        return put_explicit(about, metric->histogram);
    case OA_OTLP__METRIC__DATA_EXPONENTIAL_HISTOGRAM:
        about->kind = "exponential";
        about->temporality = (int)metric->exponential_histogram->aggregation_temporality;
        return put_exponential(about, metric->exponential_histogram);
    default:
        return 0;
    }
}

long oa_collector_json_metrics(FILE *out, const uint8_t *body, size_t len, int gzip)
{
    OaOtlp__ExportMetricsServiceRequest *request;
    long points = 0;
    uint8_t *plain = oa_collector_plain(body, &len, gzip);

    request = plain ? oa_otlp__export_metrics_service_request__unpack(NULL, len, plain) : NULL;
    free(plain);
    if (!request)
        return -1;
    for (size_t r = 0; r < request->n_resource_metrics; r++)
        for (size_t s = 0; s < request->resource_metrics[r]->n_scope_metrics; s++)
            for (size_t m = 0; m < request->resource_metrics[r]->scope_metrics[s]->n_metrics; m++)
                points += put_metric(
                    &(struct about){ .out = out,
                                     .resource = request->resource_metrics[r]->resource,
                                     .scope = request->resource_metrics[r]->scope_metrics[s],
                                     .metric = request->resource_metrics[r]->scope_metrics[s]->metrics[m] });
    oa_otlp__export_metrics_service_request__free_unpacked(request, NULL);
    fflush(out);
    return points;
}
