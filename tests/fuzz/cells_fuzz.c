/* SOURCES: tests/support/metrics.sources */
/*
 * The input is what happened to the shared memory of the metrics: changes to a region in which something was
 * counted, eight bytes each (a place, two bytes, in words of four bytes; the number of words; a value). Bit 0 of
 * the first byte: the histograms are exponential. Properties: reading stays in the region, what is told is text and
 * numbers within bounds, and two readers of any temporality can go on.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "env/env.h"
#include "preload/base/log.h"
#include "sdk/metrics/series_reader.h"
#include "tests/fuzz/must.h"
#include "tests/support/metrics_fixture.h"

struct change {
    uint16_t word;
    uint16_t count;
    uint32_t value;
};

static struct oa_cells *counted[2]; /* by aggregation */
static uint32_t counted_bytes[2];

/* A region as it is, cut behind what is in use. */
static void count(int exponential)
{
    const char *const settings[] = {
        "OTEL_AUTO_LOG=/dev/null",
        exponential ? "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram"
                    : "A=b",
        "OTEL_METRICS_EXEMPLAR_FILTER=always_on", NULL
    };
    const struct oa_span_context span = { .trace_id = { 1 }, .span_id = { 2 }, .valid = 1, .flags = 1 };
    struct oa_cells *cells;

    oa_test_metrics_start(settings);
    for (uint64_t i = 1; i < 200; i++)
        oa_test_request_in(i & 1 ? "/one" : "/two/*", i * i * 100000, &span);
    oa_test_active("GET", 2);
    cells = oa_meter_own();
    must(cells != NULL);
    counted_bytes[exponential] = (cells->used + 63) & ~63u;
    counted[exponential] = malloc(counted_bytes[exponential]);
    must(counted[exponential] != NULL);
    memcpy(counted[exponential], cells, counted_bytes[exponential]);
    counted[exponential]->capacity = counted_bytes[exponential];
}

static void change(struct oa_cells *cells, const uint8_t *data, size_t size)
{
    struct change change;
    uint32_t words = cells->capacity / 4;

    for (; size >= sizeof(change); data += sizeof(change), size -= sizeof(change)) {
        memcpy(&change, data, sizeof(change));
        for (uint32_t i = change.word; i < words && i < change.word + 1u + change.count % 64; i++)
            ((uint32_t *)cells)[i] = change.value;
    }
}

static void check_point(const struct oa_point *point)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < point->attr_count; i++) {
        must_be_text(point->attrs[i].key);
        if (point->attrs[i].type == OA_ATTR_STR)
            must_be_text(point->attrs[i].str);
    }
    must(point->bucket_count <= OA_EXP_BUCKETS || point->bucket_count <= OA_BOUNDS_MAX + 1u);
    for (uint32_t i = 0; i < point->bucket_count; i++)
        sum += point->buckets[i];
    for (uint32_t i = 0; i < point->exemplar_count; i++)
        sum += point->exemplars[i].value + point->exemplars[i].span_id[0];
    must(!point->has_range || point->min <= point->max);
    *(volatile uint64_t *)&sum = sum; /* all was read */
}

static void collect(struct oa_metric_reader *reader, struct oa_cells *cells, uint64_t now)
{
    struct oa_collection collection;

    if (oa_metric_reader_collect(reader, cells, now, &collection) < 0)
        return;
    for (int m = 0; m < OA_METRIC_COUNT; m++)
        for (uint32_t i = 0; i < collection.stream[m].count; i++)
            check_point(&collection.stream[m].points[i]);
    oa_metric_reader_told(reader);
}

static void read_region(struct oa_cells *cells)
{
    struct oa_collector collector;
    struct oa_metric_reader cumulative, delta;

    oa_collector_init(&collector, true, 1, 1);
    must(oa_collector_add(&collector, &cumulative, OA_ENV_TEMPORALITY_CUMULATIVE) == 0);
    must(oa_collector_add(&collector, &delta, OA_ENV_TEMPORALITY_DELTA) == 0);
    for (uint64_t now = 10; now < 12; now++) {
        collect(&cumulative, cells, now);
        collect(&delta, cells, now);
    }
    oa_collector_release(&collector);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int exponential = size && (data[0] & 1);
    struct oa_cells *cells;

    if (size > 4096)
        return 0;
    if (!counted[exponential])
        count(exponential);
    oa_log_init(OA_LOG_NONE, "");
    cells = aligned_alloc(64, counted_bytes[exponential]);
    must(cells != NULL);
    memcpy(cells, counted[exponential], counted_bytes[exponential]);
    if (size)
        change(cells, data + 1, size - 1);
    if (cells->capacity <= counted_bytes[exponential])
        read_region(cells);
    free(cells);
    return 0;
}
