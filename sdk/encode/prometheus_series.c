#include "sdk/encode/prometheus_series.h"

#include <string.h>

#include "sdk/encode/prometheus_name.h"
#include "sdk/metrics/instruments.h"

static bool ends_in_total(struct oa_slice name)
{
    return name.len > 6 && memcmp(name.ptr + name.len - 6, "_total", 6) == 0;
}

int oa_prometheus_series_init(struct oa_prometheus_series *series, struct oa_prometheus_writer *writer,
                              enum oa_metric metric)
{
    const struct oa_instrument *instrument = &oa_instruments[metric];
    const struct oa_prometheus_format *format = &writer->format;
    struct oa_slice name;
    struct oa_buf buf;
    int err;

    *series = (struct oa_prometheus_series){ .total = oa_metric_is_monotonic(metric) && !format->without_suffixes };
    oa_buf_init(&buf, writer->arena);
    if (!format->without_suffixes)
        oa_prometheus_unit(&buf, instrument->unit);
    series->unit = (struct oa_slice){ buf.ptr ? buf.ptr : "", buf.len };
    err = buf.err;
    oa_buf_init(&buf, writer->arena);
    oa_prometheus_metric_name(&buf, instrument->name, series->unit, format->keeps_names);
    err = err ? err : buf.err;
    name = (struct oa_slice){ buf.ptr, buf.len };
    if (series->total && ends_in_total(name))
        name.len -= 6;
    oa_buf_init(&buf, writer->arena);
    if (err == 0)
        oa_prometheus_escape(&buf, name, format->escaping);
    series->name = (struct oa_slice){ buf.ptr, buf.len };
    err = err ? err : buf.err;
    series->quoted = err == 0 && !oa_prometheus_is_legal(series->name, false);
    return err;
}

static void put_quote(struct oa_buf *buf, const struct oa_prometheus_series *series)
{
    if (series->quoted)
        oa_buf_put(buf, OA_SLICE("\""));
}

void oa_prometheus_put_name(struct oa_buf *buf, const struct oa_prometheus_series *series, bool openmetrics)
{
    put_quote(buf, series);
    oa_buf_put(buf, series->name);
    if (series->total && !openmetrics)
        oa_buf_put(buf, OA_SLICE("_total"));
    put_quote(buf, series);
}

void oa_prometheus_open_sample(struct oa_buf *buf, const struct oa_prometheus_series *series, const char *suffix,
                               struct oa_slice labels)
{
    if (series->quoted)
        oa_buf_put(buf, OA_SLICE("{\""));
    oa_buf_put(buf, series->name);
    oa_buf_put(buf, oa_slice_of(suffix));
    if (!series->quoted)
        oa_buf_put(buf, OA_SLICE("{"));
    else
        oa_buf_put(buf, labels.len ? OA_SLICE("\",") : OA_SLICE("\""));
    oa_buf_put(buf, labels);
}

void oa_prometheus_put_sample(struct oa_buf *buf, const struct oa_prometheus_series *series, const char *suffix,
                              struct oa_slice labels)
{
    if (labels.len || series->quoted) {
        oa_prometheus_open_sample(buf, series, suffix, labels);
        oa_buf_put(buf, OA_SLICE("}"));
    } else {
        oa_buf_put(buf, series->name);
        oa_buf_put(buf, oa_slice_of(suffix));
    }
    oa_buf_put(buf, OA_SLICE(" "));
}
