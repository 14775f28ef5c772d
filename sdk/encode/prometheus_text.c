#include "sdk/encode/prometheus_text.h"

#include <string.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/hex.h"
#include "sdk/encode/json.h"
#include "sdk/encode/prometheus_labels.h"
#include "sdk/encode/prometheus_name.h"
#include "sdk/encode/prometheus_series.h"
#include "sdk/metrics/exp2.h"
#include "sdk/metrics/instruments.h"

struct family {
    struct oa_prometheus_writer *writer;
    struct oa_buf *out;
    enum oa_metric metric;
    const struct oa_stream *stream;
    struct oa_prometheus_series series;
    const char *type;
    struct oa_slice le[OA_BOUNDS_MAX]; /* the boundaries as they are written, the same for all points */
};

static bool is_openmetrics(const struct family *f)
{
    return f->writer->format.syntax == OA_PROMETHEUS_OPENMETRICS;
}

static void put_help_text(struct oa_buf *out, struct oa_slice text, bool openmetrics)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n')
            oa_buf_put(out, OA_SLICE("\\n"));
        else if (text.ptr[i] == '\\' || (text.ptr[i] == '"' && openmetrics))
            oa_buf_fmt(out, "\\%c", text.ptr[i]);
        else
            oa_buf_put(out, (struct oa_slice){ &text.ptr[i], 1 });
    }
    oa_buf_put(out, OA_SLICE("\n"));
}

static void put_comment(const struct family *f, const char *word, struct oa_slice text)
{
    oa_buf_put(f->out, OA_SLICE("# "));
    oa_buf_put(f->out, oa_slice_of(word));
    oa_buf_put(f->out, OA_SLICE(" "));
    oa_prometheus_put_name(f->out, &f->series, is_openmetrics(f));
    oa_buf_put(f->out, OA_SLICE(" "));
    put_help_text(f->out, text, is_openmetrics(f));
}

static void put_head(const struct family *f)
{
    struct oa_slice help = oa_instruments[f->metric].description;

    if (!is_openmetrics(f)) {
        put_comment(f, "HELP", help);
        put_comment(f, "TYPE", oa_slice_of(f->type));
        return;
    }
    put_comment(f, "TYPE", oa_slice_of(f->type));
    if (f->series.unit.len)
        put_comment(f, "UNIT", f->series.unit);
    put_comment(f, "HELP", help);
}

/* Counts stand without a point; real numbers of the old text without a needless one. */
static void put_real(const struct family *f, double value)
{
    size_t before = f->out->len;

    oa_json_put_double(f->out, value);
    if (!is_openmetrics(f) && f->out->err == 0 && f->out->len - before > 2 &&
        memcmp(f->out->ptr + f->out->len - 2, ".0", 2) == 0)
        f->out->len -= 2;
}

static void put_value(const struct family *f, int64_t value)
{
    if (oa_metric_is_real(f->metric))
        put_real(f, oa_point_real(f->metric, value));
    else
        oa_buf_fmt(f->out, "%lld", (long long)value);
}

static void put_sample(const struct family *f, const char *suffix, struct oa_slice labels)
{
    oa_prometheus_put_sample(f->out, &f->series, suffix, labels);
}

/* Seconds since the epoch with all their digits: a real number would not hold them. */
static void put_time(const struct family *f, uint64_t unix_ns)
{
    oa_buf_fmt(f->out, "%llu.%09llu", (unsigned long long)(unix_ns / OA_NS_PER_S),
               (unsigned long long)(unix_ns % OA_NS_PER_S));
}

static void put_created(const struct family *f, const struct oa_point *point, struct oa_slice labels)
{
    if (!is_openmetrics(f))
        return;
    put_sample(f, "_created", labels);
    put_time(f, point->start_unix_ns);
    oa_buf_put(f->out, OA_SLICE("\n"));
}

/* The latest one in (lower, upper]. */
static const struct oa_cell_exemplar *exemplar_in(const struct oa_point *point, double lower, double upper,
                                                  enum oa_metric metric)
{
    const struct oa_cell_exemplar *found = NULL;

    for (uint32_t i = 0; i < point->exemplar_count; i++) {
        const struct oa_cell_exemplar *e = &point->exemplars[i];
        double value = oa_point_real(metric, (int64_t)e->value);

        if (value > lower && value <= upper && (!found || e->time_unix_ns > found->time_unix_ns))
            found = e;
    }
    return found;
}

static void put_exemplar(const struct family *f, const struct oa_cell_exemplar *exemplar)
{
    if (!is_openmetrics(f) || !exemplar)
        return;
    oa_buf_put(f->out, OA_SLICE(" # {"));
    if (!oa_id_is_zero(exemplar->trace_id, sizeof(exemplar->trace_id))) {
        oa_buf_put(f->out, OA_SLICE("trace_id=\""));
        oa_buf_hex(f->out, exemplar->trace_id, sizeof(exemplar->trace_id));
        oa_buf_put(f->out, OA_SLICE("\",span_id=\""));
        oa_buf_hex(f->out, exemplar->span_id, sizeof(exemplar->span_id));
        oa_buf_put(f->out, OA_SLICE("\""));
    }
    oa_buf_put(f->out, OA_SLICE("} "));
    put_value(f, (int64_t)exemplar->value);
    oa_buf_put(f->out, OA_SLICE(" "));
    put_time(f, exemplar->time_unix_ns);
}

struct bucket {
    double lower, upper;
    struct oa_slice le; /* upper as text; empty: not made yet */
    uint64_t cumulative;
};

/* begin: the line up to the boundary, the same for all buckets of a point. */
static void put_bucket(const struct family *f, const struct oa_point *point, struct oa_slice begin,
                       const struct bucket *bucket)
{
    oa_buf_put(f->out, begin);
    if (bucket->le.len)
        oa_buf_put(f->out, bucket->le);
    else
        put_real(f, bucket->upper);
    oa_buf_put(f->out, OA_SLICE("\"} "));
    oa_buf_uint(f->out, bucket->cumulative);
    if (point->exemplar_count)
        put_exemplar(f, exemplar_in(point, bucket->lower, bucket->upper, f->metric));
    oa_buf_put(f->out, OA_SLICE("\n"));
}

static void put_explicit(const struct family *f, const struct oa_point *point, struct oa_slice begin)
{
    const struct oa_bounds *bounds = oa_metric_bounds(f->metric);
    struct bucket bucket = { .lower = -1 };

    for (uint32_t i = 0; i < point->bucket_count; i++) {
        bool last = i == bounds->count;

        bucket.upper = last ? __builtin_inf() : oa_point_real(f->metric, (int64_t)bounds->at[i]);
        bucket.le = last ? OA_SLICE("+Inf") : f->le[i];
        bucket.cumulative += point->buckets[i];
        put_bucket(f, point, begin, &bucket);
        bucket.lower = bucket.upper;
    }
}

/* A bucket index holds (base^index, base^(index + 1)], base = 2^(2^-scale). */
static void put_exponential(const struct family *f, const struct oa_point *point, struct oa_slice begin)
{
    struct bucket bucket = { .lower = -1, .upper = 0, .cumulative = point->zero_count };

    put_bucket(f, point, begin, &bucket);
    for (uint32_t i = 0; i < point->bucket_count; i++) {
        bucket.lower = bucket.upper;
        bucket.upper = oa_exp2_bound(point->offset + (int32_t)i + 1, point->scale);
        bucket.cumulative += point->buckets[i];
        if (point->buckets[i])
            put_bucket(f, point, begin, &bucket);
    }
    bucket.lower = bucket.upper;
    bucket.upper = __builtin_inf();
    bucket.le = OA_SLICE("+Inf");
    put_bucket(f, point, begin, &bucket);
}

static int make_begin(const struct family *f, struct oa_slice labels, struct oa_slice *ret_begin)
{
    struct oa_buf buf;

    oa_buf_init(&buf, f->writer->arena);
    oa_prometheus_open_sample(&buf, &f->series, "_bucket", labels);
    oa_buf_put(&buf, labels.len || f->series.quoted ? OA_SLICE(",le=\"") : OA_SLICE("le=\""));
    *ret_begin = (struct oa_slice){ buf.ptr, buf.len };
    return buf.err;
}

static int put_point(const struct family *f, const struct oa_point *point)
{
    const char *scope = f->writer->format.without_scope ? NULL : oa_scope_name(oa_instruments[f->metric].scope);
    struct oa_slice labels, begin;
    int err = oa_prometheus_labels(f->writer, point->attrs, point->attr_count, scope, &labels);

    if (err)
        return err;
    if (oa_metric_info[f->metric].kind != OA_METRIC_HISTOGRAM) {
        put_sample(f, f->series.total ? "_total" : "", labels);
        put_value(f, point->value);
        oa_buf_put(f->out, OA_SLICE("\n"));
        if (f->series.total)
            put_created(f, point, labels);
        return f->out->err;
    }
    err = make_begin(f, labels, &begin);
    if (f->stream->exponential)
        put_exponential(f, point, begin);
    else
        put_explicit(f, point, begin);
    put_sample(f, "_sum", labels);
    put_value(f, point->value);
    oa_buf_put(f->out, OA_SLICE("\n"));
    put_sample(f, "_count", labels);
    oa_buf_uint(f->out, point->count);
    oa_buf_put(f->out, OA_SLICE("\n"));
    put_created(f, point, labels);
    return err ? err : f->out->err;
}

static int make_boundaries(struct family *f)
{
    const struct oa_bounds *bounds = oa_metric_bounds(f->metric);
    struct family into = *f;
    struct oa_buf buf;

    oa_buf_init(&buf, f->writer->arena);
    into.out = &buf;
    for (uint32_t i = 0; bounds && i < bounds->count && buf.err == 0; i++) {
        size_t before = buf.len;

        put_real(&into, oa_point_real(f->metric, (int64_t)bounds->at[i]));
        f->le[i] = (struct oa_slice){ NULL, buf.len - before };
    }
    for (uint32_t i = 0, at = 0; bounds && i < bounds->count && buf.err == 0; at += (uint32_t)f->le[i++].len)
        f->le[i].ptr = buf.ptr + at;
    return buf.err;
}

/* Enough for most: labels are the longer half of a line. */
static size_t bytes_of(const struct oa_collection *metrics)
{
    size_t lines = 64;

    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        const struct oa_bounds *bounds = oa_metric_bounds((enum oa_metric)i);

        lines += (size_t)metrics->stream[i].count * (bounds ? bounds->count + 3 : 1);
    }
    return lines * 400;
}

/* OpenMetrics has no counter whose samples do not end in _total. */
static const char *type_of(struct oa_prometheus_format format, enum oa_metric metric)
{
    if (oa_metric_info[metric].kind == OA_METRIC_HISTOGRAM)
        return "histogram";
    if (!oa_metric_is_monotonic(metric))
        return "gauge";
    return format.without_suffixes && format.syntax == OA_PROMETHEUS_OPENMETRICS ? "unknown" : "counter";
}

static int put_family(struct oa_prometheus_writer *writer, struct oa_buf *out, const struct oa_collection *metrics,
                      enum oa_metric metric)
{
    struct family f = { .writer = writer,
                        .out = out,
                        .metric = metric,
                        .stream = &metrics->stream[metric],
                        .type = type_of(writer->format, metric) };
    int err = oa_prometheus_series_init(&f.series, writer, metric);

    if (err == 0)
        err = make_boundaries(&f);
    if (err)
        return err;
    put_head(&f);
    for (uint32_t i = 0; i < f.stream->count && err == 0; i++)
        err = put_point(&f, &f.stream->points[i]);
    return err ? err : out->err;
}

static struct oa_slice escaped(struct oa_prometheus_writer *writer, struct oa_slice name, int *err)
{
    struct oa_buf buf;

    oa_buf_init(&buf, writer->arena);
    oa_prometheus_escape(&buf, name, writer->format.escaping);
    *err = *err ? *err : buf.err;
    return (struct oa_slice){ buf.ptr, buf.len };
}

/* The resource, once and nowhere else (F.4). */
static int put_target(struct oa_prometheus_writer *writer, struct oa_buf *out, const struct oa_resource *resource)
{
    bool openmetrics = writer->format.syntax == OA_PROMETHEUS_OPENMETRICS;
    struct oa_slice labels, name;
    int err = oa_prometheus_labels(writer, resource->attrs, resource->attr_count, NULL, &labels);

    if (err || labels.len == 0)
        return err;
    name = escaped(writer, openmetrics ? OA_SLICE("target") : OA_SLICE("target_info"), &err);
    oa_buf_put(out, openmetrics ? OA_SLICE("# TYPE ") : OA_SLICE("# HELP "));
    oa_buf_put(out, name);
    oa_buf_put(out, openmetrics ? OA_SLICE(" info\n# HELP ") : OA_SLICE(" Target metadata\n# TYPE "));
    oa_buf_put(out, name);
    oa_buf_put(out, openmetrics ? OA_SLICE(" Target metadata\n") : OA_SLICE(" gauge\n"));
    oa_buf_put(out, escaped(writer, OA_SLICE("target_info"), &err));
    oa_buf_put(out, OA_SLICE("{"));
    oa_buf_put(out, labels);
    oa_buf_put(out, OA_SLICE("} 1\n"));
    return err ? err : out->err;
}

int oa_prometheus_text(const struct oa_collection *metrics, const struct oa_resource *resource,
                       struct oa_prometheus_format format, struct oa_arena *arena, struct oa_slice *ret_text)
{
    struct oa_prometheus_writer writer = { .format = format, .arena = arena };
    struct oa_buf out;
    int err;

    oa_buf_init(&out, arena);
    oa_buf_expect(&out, bytes_of(metrics));
    err = format.without_target ? 0 : put_target(&writer, &out, resource);
    for (int i = 0; i < OA_METRIC_COUNT && err == 0; i++)
        if (metrics->stream[i].count)
            err = put_family(&writer, &out, metrics, (enum oa_metric)i);
    if (format.syntax == OA_PROMETHEUS_OPENMETRICS)
        oa_buf_put(&out, OA_SLICE("# EOF\n"));
    *ret_text = (struct oa_slice){ out.ptr ? out.ptr : "", out.len };
    return err ? err : out.err;
}
