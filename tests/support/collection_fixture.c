#include "tests/support/collection_fixture.h"

#include <stdlib.h>

#define TEXT(name, value)                                                                           \
    {                                                                                               \
        .key = { name, sizeof(name) - 1 }, .type = OA_ATTR_STR, .str = { value, sizeof(value) - 1 } \
    }
#define START 1700000000000000001u
#define TIME 1700000060000000002u

static const struct oa_attr_view server[] = {
    TEXT("http.request.method", "GET"),
    { .key = { "http.response.status_code", 25 }, .type = OA_ATTR_INT, .num = 200 },
};
static const struct oa_attr_view overflow[] = {
    { .key = { "otel.metric.overflow", 20 }, .type = OA_ATTR_BOOL, .num = 1 },
};
static const struct oa_attr_view receive[] = { TEXT("network.io.direction", "receive") };
static const struct oa_attr_view transmit[] = { TEXT("network.io.direction", "a\"b\\c\nd") };
static const struct oa_attr_view user[] = { TEXT("cpu.mode", "user") };
static const uint64_t explicit_buckets[15] = { 1, 0, 2 };
static const uint64_t exponential_buckets[3] = { 4, 0, 1 };
static const struct oa_cell_exemplar exemplars[] = {
    { .value = 20000000, .time_unix_ns = TIME - 1, .trace_id = { 0xab, [15] = 1 }, .span_id = { 0xcd, [7] = 2 } },
};

static void put(struct oa_collection *collection, enum oa_metric metric, struct oa_point point)
{
    struct oa_stream *stream = &collection->stream[metric];

    if (!stream->points)
        stream->points = calloc(4, sizeof(*stream->points));
    point.start_unix_ns = START;
    point.time_unix_ns = TIME;
    stream->points[stream->count++] = point;
    stream->temporality = OA_TEMPORALITY_CUMULATIVE;
    collection->point_count++;
}

void oa_test_collection(struct oa_collection *collection)
{
    *collection = (struct oa_collection){ .time_unix_ns = TIME };
    put(collection, OA_METRIC_HTTP_SERVER_DURATION,
        (struct oa_point){ .attrs = server,
                           .attr_count = 2,
                           .value = 40500000,
                           .count = 3,
                           .has_range = true,
                           .min = 500000,
                           .max = 20000000,
                           .buckets = explicit_buckets,
                           .bucket_count = 15,
                           .exemplars = exemplars,
                           .exemplar_count = 1 });
    put(collection, OA_METRIC_HTTP_CLIENT_DURATION,
        (struct oa_point){ .attrs = overflow,
                           .attr_count = 1,
                           .value = 9000000000,
                           .count = 7,
                           .has_range = true,
                           .min = 0,
                           .max = 4000000000,
                           .buckets = exponential_buckets,
                           .bucket_count = 3,
                           .scale = 0,
                           .offset = -1,
                           .zero_count = 2 });
    collection->stream[OA_METRIC_HTTP_CLIENT_DURATION].exponential = true;
    collection->stream[OA_METRIC_HTTP_CLIENT_DURATION].temporality = OA_TEMPORALITY_DELTA;
    put(collection, OA_METRIC_HTTP_SERVER_ACTIVE, (struct oa_point){ .attrs = server, .attr_count = 1, .value = -1 });
    put(collection, OA_METRIC_CONNECTION_IO, (struct oa_point){ .attrs = receive, .attr_count = 1, .value = 5 });
    put(collection, OA_METRIC_CONNECTION_IO, (struct oa_point){ .attrs = transmit, .attr_count = 1, .value = 1 });
    put(collection, OA_METRIC_PROCESS_UPTIME, (struct oa_point){ .value = 2500000000 });
    put(collection, OA_METRIC_PROCESS_CPU_TIME,
        (struct oa_point){ .attrs = user, .attr_count = 1, .value = 3000000000 });
}

void oa_test_collection_resource(struct oa_resource *resource)
{
    oa_resource_init(resource);
    if (oa_resource_set(resource, OA_SLICE("service.name"), OA_SLICE("shop")) < 0 ||
        oa_resource_set(resource, OA_SLICE("k.1"), OA_SLICE("first")) < 0 ||
        oa_resource_set(resource, OA_SLICE("k-1"), OA_SLICE("second")) < 0 ||
        oa_resource_set_int(resource, OA_SLICE("1st"), 7) < 0)
        abort();
}
