/*
 * What recording costs, and what a scrape of many series costs. Prints `name value` lines, nanoseconds of CPU, and
 * bytes.
 *
 *   meter [requests]
 *
 * SOURCES: tests/support/metrics.sources sdk/encode/prometheus_text.c sdk/encode/prometheus_labels.c
 * sdk/encode/prometheus_name.c sdk/encode/prometheus_series.c sdk/encode/json.c sdk/encode/buf.c
 * sdk/model/resource.c preload/base/hex.c
 * LIBS: -lpthread
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "env/env.h"
#include "sdk/encode/prometheus_text.h"
#include "tests/support/metrics_fixture.h"

#define THREADS 16
#define SERIES 2000

static const struct oa_span_context span = {
    .valid = 1, .flags = OA_FLAG_SAMPLED, .trace_id = { 1 }, .span_id = { 2 }
};
static long requests = 2000000;

static double cpu_ns(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static struct oa_meter_place active(void)
{
    struct oa_meter_place place;
    struct oa_set set;

    set.count = 0;
    oa_set_str(&set, OA_KEY_HTTP_REQUEST_METHOD, OA_SLICE("GET"));
    oa_set_str(&set, OA_KEY_URL_SCHEME, OA_SLICE("http"));
    oa_meter_up(OA_METRIC_HTTP_SERVER_ACTIVE, &set, &place);
    return place;
}

/* All that the hooks record of one served request (hooks/instrumentation/http_metrics.c). */
static void record(uint64_t duration_ns)
{
    struct oa_moment moment = { .span = &span, .unix_ns = 1 };
    struct oa_measurement list[] = { { OA_METRIC_HTTP_SERVER_DURATION, duration_ns },
                                     { OA_METRIC_HTTP_SERVER_REQUEST_BODY, 0 },
                                     { OA_METRIC_HTTP_SERVER_RESPONSE_BODY, 612 } };
    struct oa_meter_place place = active();
    struct oa_set set;

    set.count = 0;
    oa_set_str(&set, OA_KEY_HTTP_REQUEST_METHOD, OA_SLICE("GET"));
    oa_set_str(&set, OA_KEY_URL_SCHEME, OA_SLICE("http"));
    oa_set_int(&set, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 200);
    oa_set_str(&set, OA_KEY_HTTP_ROUTE, OA_SLICE("/api/users/{id}"));
    oa_set_str(&set, OA_KEY_NETWORK_PROTOCOL_VERSION, OA_SLICE("1.1"));
    oa_meter_record(&set, list, 3, &moment);
    oa_meter_down(OA_METRIC_HTTP_SERVER_ACTIVE, &place);
}

static void *run(void *result)
{
    double start = cpu_ns(CLOCK_THREAD_CPUTIME_ID);

    for (long i = 0; i < requests; i++)
        record(200000 + (uint64_t)(i & 0xffff));
    *(double *)result = (cpu_ns(CLOCK_THREAD_CPUTIME_ID) - start) / (double)requests;
    return NULL;
}

static double threads(int count)
{
    pthread_t thread[THREADS];
    double result[THREADS], sum = 0;

    for (int i = 0; i < count; i++)
        if (pthread_create(&thread[i], NULL, run, &result[i]) != 0)
            abort();
    for (int i = 0; i < count; i++) {
        pthread_join(thread[i], NULL);
        sum += result[i];
    }
    return sum / count;
}

static double scrape(void)
{
    struct oa_prometheus_format format = { .syntax = OA_PROMETHEUS_TEXT_0_0_4 };
    struct oa_collector collector;
    struct oa_metric_reader reader;
    struct oa_collection collection;
    struct oa_resource resource;
    struct oa_arena arena;
    struct oa_slice text;
    char route[32];
    double best = 1e18;

    oa_test_metrics_start((const char *const[]){ "OTEL_METRICS_EXPORTER=prometheus", NULL });
    for (int i = 0; i < SERIES; i++) {
        snprintf(route, sizeof(route), "/api/users/%d", i);
        oa_test_request(route, (uint64_t)i * 1000000);
    }
    oa_collector_init(&collector, false, 1, 1);
    oa_arena_init(&arena, 1u << 16, 256u << 20);
    oa_resource_init(&resource);
    if (oa_collector_add(&collector, &reader, OA_ENV_TEMPORALITY_CUMULATIVE) != 0)
        abort();
    for (int i = 0; i < 20; i++) {
        double start = cpu_ns(CLOCK_PROCESS_CPUTIME_ID), took;

        oa_arena_reset(&arena);
        if (oa_metric_reader_collect(&reader, oa_meter_family(), 1, &collection) != 0 ||
            oa_prometheus_text(&collection, &resource, format, &arena, &text) != 0)
            abort();
        took = cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
        best = took < best ? took : best;
    }
    return best;
}

/* Pages of the region that one request touched. */
static size_t touched(void)
{
    const size_t page = 4096;
    unsigned char in[OA_CELLS_BYTES / 4096];
    size_t bytes = 0;

    oa_test_metrics_start(NULL);
    record(1);
    if (mincore(oa_meter_own(), OA_CELLS_BYTES, in) != 0)
        abort();
    for (size_t i = 0; i < sizeof(in); i++)
        bytes += in[i] & 1 ? page : 0;
    return bytes;
}

int main(int argc, char **argv)
{
    double one, many;

    if (argc > 1)
        requests = atol(argv[1]);
    oa_test_metrics_start(NULL);
    one = threads(1);
    requests /= 4;
    many = threads(THREADS);
    printf("record %.1f\nrecord16 %.1f\nscrape %.0f\nmemory %zu\n", one, many, scrape(), touched());
    return 0;
}
