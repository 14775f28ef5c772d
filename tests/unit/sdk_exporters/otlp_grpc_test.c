/* SOURCES: tests/support/otlp.sources
 * LIBS: -lprotobuf-c -lz */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/otlp_channel.h"
#include "sdk/transport/http.h"
#include "sdk/transport/retry.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/log_batch.h"
#include "tests/support/test_host.h"
#include "tests/support/test_log.h"
#include "tests/support/test_ring.h"

#define AT "exporting to http://127.0.0.1:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export "
/* google.rpc.Status { code: 8, details: RetryInfo { 1 ms } } */
#define IN_1_MS "CAgaMgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIGCgQQwIQ9"

/* What the transport answers, one after the other; the last one again and again. */
struct answer {
    int err, http;
    const char *type, *status, *message, *details;
    struct oa_slice body;
};

static const struct answer *answers;
static uint32_t posts;
static char seen[4096], url[1024];
static struct oa_http_setup given;
static struct oa_resource resource;
static struct oa_batch batch;
static struct oa_exporter *exporter;

static void tell(const struct oa_http_request *request, const char *name, const char *value)
{
    if (value)
        request->on_field(request->user, oa_slice_of(name), oa_slice_of(value));
}

static void note(const struct oa_http_request *request)
{
    size_t at = 0;

    for (uint32_t i = 0; i < request->header_count; i++)
        at += (size_t)snprintf(seen + at, sizeof(seen) - at, "%.*s: %.*s\n", (int)request->headers[i].name.len,
                               request->headers[i].name.ptr, (int)request->headers[i].value.len,
                               request->headers[i].value.ptr);
}

static int fake_post(struct oa_http_transport *self, const struct oa_http_request *request,
                     struct oa_http_response *ret_response)
{
    const struct answer *answer = answers;

    (void)self;
    note(request);
    cr_assert_eq(request->body[0].len, 5, "the prefix is a part of its own");
    cr_assert_eq((size_t)(uint8_t)request->body[0].ptr[4] | (size_t)(uint8_t)request->body[0].ptr[3] << 8,
                 oa_http_body_bytes(request) - 5);
    for (uint32_t i = 0; i < posts && answer[1].http + answer[1].err != 0; i++)
        answer++;
    posts++;
    *ret_response = (struct oa_http_response){ .status = answer->http,
                                               .retry_after_ns = OA_RETRY_AFTER_NONE,
                                               .body = answer->body };
    (void)snprintf(ret_response->reason, sizeof(ret_response->reason), "no way");
    tell(request, "", "HTTP/2 200");
    tell(request, "content-type", answer->type);
    tell(request, "grpc-status", answer->status);
    tell(request, "grpc-message", answer->message);
    tell(request, "grpc-status-details-bin", answer->details);
    return answer->err;
}

static void fake_close(struct oa_http_transport *self)
{
    (void)self;
}

struct oa_http_transport *oa_http_curl_new(const struct oa_http_setup *setup)
{
    static struct oa_http_transport transport = { fake_post, fake_close };

    given = *setup;
    snprintf(url, sizeof(url), "%s", setup->url);
    return &transport;
}

struct oa_http_transport *oa_http_plain_new(const struct oa_http_setup *setup)
{
    (void)setup;
    cr_assert_fail("gRPC is not for the transport of HTTP/1");
    return NULL;
}

static void reset(void)
{
    oa_test_host_reset();
    oa_test_host.ring = oa_test_ring_new(1u << 16, 100);
    oa_test_env.otlp_protocol = OA_ENV_PROTOCOL_GRPC;
    oa_test_env.otlp_endpoint = "http://127.0.0.1:4317";
    oa_test_env.otlp_timeout_ms = 10000;
    oa_test_env.otlp_traces_timeout_ms = OA_ENV_UNSET;
    resource = oa_test_resource();
    oa_test_log_start(OA_LOG_WARN);
}

static void clean(void)
{
    free(oa_test_host.ring);
    oa_test_log_end();
}

static void start(void)
{
    struct oa_exporter_setup setup = { .env = &oa_test_env, .resource = &resource, .host = &oa_test_host };
    struct oa_test_record record;

    exporter = oa_exporter_otlp_new(&setup);
    cr_assert(exporter);
    oa_test_batch_init_encoded(&batch, exporter->encoder);
    for (int i = 0; i < 3; i++) {
        oa_test_record_init(&record, "GET /", "");
        oa_test_batch_add(&batch, &record);
    }
}

static void stop(void)
{
    exporter->shutdown(exporter, 0);
    oa_batch_release(&batch);
}

/* Exports once against these answers. */
static int export_against(const struct answer *list, unsigned ms)
{
    int err;

    reset();
    answers = list;
    posts = 0;
    start();
    err = exporter->export_spans(exporter, &batch, oa_clock_mono_ns() + ms * OA_NS_PER_MS);
    return err;
}

static const struct answer good[] = { { 0, 200, "application/grpc", "0", NULL, NULL, { "\0\0\0\0\0", 5 } }, { 0 } };

static struct oa_ring_header *log_ring(void)
{
    static struct oa_ring_header ring;

    return &ring;
}

Test(otlp_grpc, request)
{
    cr_expect_eq(export_against(good, 2000), 0);
    cr_expect_str_eq(url, "http://127.0.0.1:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    cr_expect(given.http2);
    cr_expect(strstr(seen, "Content-Type: application/grpc\n") && strstr(seen, "te: trailers\n") &&
                  strstr(seen, "User-Agent: libotel-auto/0.1.0 OTel-OTLP-Exporter-C/0.1.0\n") &&
                  !strstr(seen, "ncoding"),
              "%s", seen);
    cr_expect(strstr(seen, "grpc-timeout: 1999m\n") || strstr(seen, "grpc-timeout: 2000m\n"), "%s", seen);
    cr_expect_str_eq(oa_test_logged(), "");
    stop();
    clean();
}

Test(otlp_grpc, log_records_have_a_method_of_their_own)
{
    struct oa_exporter_setup setup = {
        .env = &oa_test_env, .resource = &resource, .host = &oa_test_host, .signal = OA_SIGNAL_LOGS
    };
    struct oa_batch logs = oa_test_log_batch();

    reset();
    answers = good;
    posts = 0;
    oa_test_env.otlp_logs_protocol = OA_ENV_PROTOCOL_GRPC;
    oa_test_host.log_ring = log_ring;
    exporter = oa_exporter_otlp_new(&setup);
    cr_assert(exporter);
    cr_expect_str_eq(exporter->kind, "otlp_grpc");
    cr_expect_eq(exporter->export_logs(exporter, &logs, oa_clock_mono_ns() + OA_NS_PER_S), 0);
    cr_expect_str_eq(url, "http://127.0.0.1:4317/opentelemetry.proto.collector.logs.v1.LogsService/Export");
    cr_expect_eq(posts, 1);
    exporter->shutdown(exporter, 0);
    clean();
}

Test(otlp_grpc, request__no_deadline_is_not_told)
{
    reset();
    oa_test_env.otlp_timeout_ms = 0;
    oa_test_env.otlp_compression = OA_ENV_COMPRESSION_GZIP;
    answers = good;
    start();
    cr_expect_eq(exporter->export_spans(exporter, &batch, 0), 0);
    cr_expect(!strstr(seen, "grpc-timeout") && strstr(seen, "grpc-encoding: gzip\n"), "%s", seen);
    stop();
    clean();
}

Test(otlp_grpc, h3_64_66_repeated_until_accepted)
{
    static const struct answer list[] = {
        { 0, 200, "application/grpc", "8", "later", IN_1_MS, { NULL, 0 } },
        { 0, 200, "application/grpc", "14", NULL, IN_1_MS, { NULL, 0 } },
        { 0, 200, "application/grpc", "0", NULL, NULL, { "\0\0\0\0\0", 5 } },
        { 0 },
    };

    cr_expect_eq(export_against(list, 5000), 0);
    cr_expect_eq(posts, 3);
    cr_expect_str_eq(oa_test_logged(), "");
    stop();
    clean();
}

static const struct refusal {
    struct answer answer;
    const char *logged;
} refusals[] = {
    { { 0, 200, "application/grpc", "3", "bad%20span%0A", NULL, { NULL, 0 } },
      AT "failed: gRPC status 3 (INVALID_ARGUMENT): bad span ; 3 spans dropped\n" },
    { { 0, 200, "application/grpc", "8", NULL, NULL, { NULL, 0 } },
      AT "failed: gRPC status 8 (RESOURCE_EXHAUSTED); 3 spans dropped\n" },
    { { 0, 200, "application/grpc", NULL, NULL, NULL, { "\0\0\0\0\0", 5 } },
      AT "failed: no gRPC status with HTTP status 200: UNKNOWN; 3 spans dropped\n" },
    { { 0, 404, "text/html", NULL, NULL, NULL, { "<html>", 6 } },
      AT "failed: no gRPC status with HTTP status 404: UNIMPLEMENTED; 3 spans dropped\n" },
    { { 0, 200, "application/grpc", "0", NULL, NULL, { "", 0 } },
      AT "failed: the gRPC answer is not one message; 3 spans dropped\n" },
    { { 0, 200, "application/grpc", "0", NULL, NULL, { "\0\0\0\0\0\0\0\0\0\0", 10 } },
      AT "failed: the gRPC answer is not one message; 3 spans dropped\n" },
    { { OA_ENOTSUP, 0, NULL, NULL, NULL, NULL, { NULL, 0 } }, AT "failed: no way; 3 spans dropped\n" },
};

Test(otlp_grpc, h3_65_67_refusals_are_not_repeated)
{
    for (size_t i = 0; i < OA_COUNT(refusals); i++) {
        struct answer list[2] = { refusals[i].answer, { 0 } };

        cr_expect_lt(export_against(list, 2000), 0, "row %zu", i);
        cr_expect_eq(posts, 1, "row %zu", i);
        cr_expect_eq(strcmp(oa_test_logged() + strlen("otel-auto: "), refusals[i].logged), 0, "row %zu: %s", i,
                     oa_test_logged());
        stop();
        clean();
    }
}

Test(otlp_grpc, h3_68_a_broken_exchange_is_repeated)
{
    static const struct answer list[] = {
        { OA_EIO, 0, NULL, NULL, NULL, NULL, { NULL, 0 } },
        { 0, 200, "application/grpc", "0", NULL, NULL, { "\0\0\0\0\0", 5 } },
        { 0 },
    };

    cr_expect_eq(export_against(list, 5000), 0);
    cr_expect_eq(posts, 2);
    stop();
    clean();
}

Test(otlp_grpc, h3_71_partial_success)
{
    static const struct answer list[] = {
        { 0, 200, "application/grpc", "0", NULL, NULL, { "\0\0\0\0\x0f\x0a\x0d\x08\x01\x12\x09too large", 20 } },
        { 0 },
    };

    cr_expect_eq(export_against(list, 2000), 0);
    cr_expect_eq(posts, 1);
    cr_expect(strstr(oa_test_logged(), "rejected 1 spans: too large\n"), "%s", oa_test_logged());
    cr_expect_eq(oa_test_host.ring->dropped[OA_DROP_REJECTED], 1);
    stop();
    clean();
}

Test(otlp_grpc, h3_61_too_large_is_not_sent)
{
    struct oa_exporter_setup setup = { .env = &oa_test_env, .resource = &resource, .host = &oa_test_host };
    struct oa_otlp_channel channel;
    struct oa_otlp_request body = { .part_count = 1, .bytes = OA_HTTP_REQUEST_MAX + 1 };

    reset();
    answers = good;
    posts = 0;
    cr_assert_eq(oa_otlp_channel_init(&channel, &setup, OA_OTLP_TRACES), 0);
    body.parts[0] = (struct oa_slice){ "", 0 };
    cr_expect_lt(oa_otlp_channel_send(&channel, &body, 0, 7, 0), 0);
    cr_expect_eq(posts, 0);
    cr_expect(strstr(oa_test_logged(), AT "failed: a request of more than 64 MiB; 7 spans dropped\n"), "%s",
              oa_test_logged());
    oa_otlp_channel_release(&channel);
    clean();
}
