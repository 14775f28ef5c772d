/*
 * From a record of the ring to the answer of a receiver: a span with ten attributes, in batches of 512, by the OTLP
 * exporter. Prints `wire N`, nanoseconds of this process' CPU a span.
 *
 *   wire grpc|http/protobuf|http/json URL [spans]
 *
 * SOURCES: tests/support/otlp.sources sdk/transport/plain.c sdk/transport/curl.c sdk/transport/curl_api.c
 * sdk/transport/curl_fds.c sdk/transport/curl_pace.c sdk/transport/curl_request.c preload/host_alloc.c
 * LIBS: -lprotobuf-c -lz -ldl
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "preload/base/clock.h"
#include "preload/base/compiler.h"
#include "sdk/exporters/exporter.h"
#include "tests/bench/server_span.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/test_host.h"
#include "tests/support/test_ring.h"

#define BATCH 512

static struct oa_batch batch;
static struct oa_exporter *exporter;

static double cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void once(const struct oa_test_record *record)
{
    for (int i = 0; i < BATCH; i++)
        if (oa_batch_append(&batch, &record->head.head, record->head.head.size) != 0)
            abort();
    if (exporter->export_spans(exporter, &batch, oa_clock_mono_ns() + 10 * OA_NS_PER_S) != 0)
        exit(1);
    oa_batch_next(&batch);
}

static uint8_t protocol(const char *word)
{
    return strcmp(word, "grpc") == 0        ? OA_ENV_PROTOCOL_GRPC
           : strcmp(word, "http/json") == 0 ? OA_ENV_PROTOCOL_HTTP_JSON
                                            : OA_ENV_PROTOCOL_HTTP_PROTOBUF;
}

int main(int argc, char **argv)
{
    static struct oa_test_record record;
    struct oa_resource resource = oa_test_resource();
    struct oa_exporter_setup setup = { .env = &oa_test_env, .resource = &resource, .host = &oa_test_host };
    long spans = argc > 3 ? atol(argv[3]) : BATCH * 200;
    double began;

    if (argc < 3)
        return 2;
    oa_test_host_reset();
    oa_test_host.ring = oa_test_ring_new(1u << 16, 100);
    oa_test_env.otlp_endpoint = argv[2];
    oa_test_env.otlp_protocol = protocol(argv[1]);
    oa_test_env.otlp_timeout_ms = 10000;
    oa_test_env.otlp_traces_timeout_ms = OA_ENV_UNSET;
    exporter = oa_exporter_otlp_new(&setup);
    if (!exporter)
        return 1;
    if (exporter->encoder)
        oa_test_batch_init_encoded(&batch, exporter->encoder);
    else
        oa_test_batch_init(&batch);
    batch.capacity_max = BATCH;
    oa_bench_server_span(&record);
    once(&record);
    began = cpu_ns();
    for (long done = 0; done < spans; done += BATCH)
        once(&record);
    printf("wire %.1f\n", (cpu_ns() - began) / (double)spans);
    return 0;
}
