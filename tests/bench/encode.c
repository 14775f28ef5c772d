/*
 * From a record of the ring to the bytes that are sent: a span with ten attributes, in batches of 512, as the
 * exporters have it. Prints `name value` lines: nanoseconds of CPU a span, and bytes a span.
 *
 *   encode [spans]
 *
 * SOURCES: tests/support/otlp.sources
 * LIBS: -lprotobuf-c -lz
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "preload/base/compiler.h"
#include "sdk/encode/otlp_json.h"
#include "sdk/encode/otlp_proto.h"
#include "sdk/transport/gzip.h"
#include "sdk/transport/http.h"
#include "tests/bench/server_span.h"
#include "tests/support/batch_fixture.h"

#define BATCH 512

static long spans = 512 * 1000;
static struct oa_resource resource;
static struct oa_arena arena;

/* Nothing is sent here. */
struct oa_http_transport *oa_http_curl_new(const struct oa_http_setup *setup OA_UNUSED)
{
    return NULL;
}

struct oa_http_transport *oa_http_plain_new(const struct oa_http_setup *setup OA_UNUSED)
{
    return NULL;
}

static double cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

enum way { PROTOBUF, GZIP, JSON };

/* One batch; the bytes that it came to. */
static size_t once(enum way way, struct oa_batch *batch, const struct oa_test_record *record)
{
    struct oa_otlp_request request;
    struct oa_slice text;

    for (int i = 0; i < BATCH; i++)
        if (oa_batch_append(batch, &record->head.head, record->head.head.size) != 0)
            abort();
    oa_arena_reset(&arena);
    if (way == JSON) {
        if (oa_otlp_json_spans(batch, &resource, &arena, &text) != 0)
            abort();
    } else {
        if (oa_otlp_proto_request(batch, &resource, &arena, &request) != 0)
            abort();
        text.len = request.bytes;
        if (way == GZIP && oa_gzip_pack(request.parts, request.part_count, &arena, &text) != 0)
            abort();
    }
    oa_batch_next(batch);
    return text.len;
}

static void measure(const char *name, enum way way)
{
    static struct oa_test_record record;
    struct oa_span_encoder *encoder = way == JSON ? NULL : oa_otlp_encoder_new();
    struct oa_batch batch;
    size_t bytes = 0;
    double began;

    oa_bench_server_span(&record);
    if (encoder)
        oa_test_batch_init_encoded(&batch, encoder);
    else
        oa_test_batch_init(&batch);
    batch.capacity_max = BATCH;
    (void)once(way, &batch, &record);
    began = cpu_ns();
    for (long done = 0; done < spans; done += BATCH)
        bytes = once(way, &batch, &record);
    printf("%s %.1f\n%s_bytes %.1f\n", name, (cpu_ns() - began) / (double)spans, name, (double)bytes / BATCH);
    oa_batch_release(&batch);
    oa_otlp_encoder_free(encoder);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        spans = atol(argv[1]);
    resource = oa_test_resource();
    oa_arena_init(&arena, 1u << 16, 64u << 20);
    measure("protobuf", PROTOBUF);
    measure("gzip", GZIP);
    measure("json", JSON);
    return 0;
}
