/* SOURCES: tests/support/otlp.sources sdk/transport/plain.c tests/support/tiny_server.c
 * LIBS: -lprotobuf-c -lz */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/otlp_headers.h"
#include "sdk/transport/http.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/log_batch.h"
#include "tests/support/test_host.h"
#include "tests/support/test_log.h"
#include "tests/support/test_ring.h"
#include "tests/support/tiny_server.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct tiny_server server;
static struct oa_resource resource;
static struct oa_batch batch;
static struct oa_exporter *exporter;
static char url[96], seen[8192];
static uint64_t took_ms;

/* https is not under test here. */
struct oa_http_transport *oa_http_curl_new(const struct oa_http_setup *setup)
{
    (void)setup;
    return NULL;
}

static void reset(void)
{
    oa_test_host_reset();
    oa_test_host.ring = oa_test_ring_new(1u << 16, 100);
    oa_test_env.otlp_timeout_ms = 10000;
    oa_test_env.otlp_traces_timeout_ms = OA_ENV_UNSET;
    resource = oa_test_resource();
    oa_test_log_start(OA_LOG_DEBUG);
}

static void clean(void)
{
    free(oa_test_host.ring);
    oa_test_log_end();
}

static void start(void (*talk)(int fd, int number), const char *path)
{
    struct oa_exporter_setup setup = { .env = &oa_test_env, .resource = &resource, .host = &oa_test_host };
    struct oa_test_record record;

    cr_assert_eq(tiny_server_start(&server, talk), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", server.port, path);
    oa_test_env.otlp_endpoint = url;
    exporter = oa_exporter_otlp_new(&setup);
    cr_assert(exporter);
    oa_test_batch_init_encoded(&batch, exporter->encoder);
    for (int i = 0; i < 3; i++) {
        oa_test_record_init(&record, "GET /", "");
        oa_test_batch_add(&batch, &record);
    }
}

static int export_within(unsigned ms)
{
    uint64_t now = oa_clock_mono_ns();
    int err;

    tiny_server_turn();
    err = exporter->export_spans(exporter, &batch, ms ? now + ms * OA_NS_PER_MS : 0);

    took_ms = (oa_clock_mono_ns() - now) / OA_NS_PER_MS;
    tiny_server_turn();
    return err;
}

static void stop(void)
{
    exporter->shutdown(exporter, 0);
    tiny_server_stop(&server);
    cr_expect_eq(oa_test_fds, 0);
    oa_batch_release(&batch);
}

static const char *answers[8]; /* by connection, NULL = close; the last one again and again */
static _Atomic int requests;

static void talk_answers(int fd, int number)
{
    char buf[sizeof(seen)];

    (void)number;
    while (tiny_server_read_request(fd, buf, sizeof(buf))) {
        int i = requests++;

        memcpy(seen, buf, sizeof(seen));
        while (i > 0 && !answers[i] && i >= 7)
            i--;
        if (!answers[i])
            return;
        tiny_server_write(fd, answers[i]);
    }
}

Test(otlp_http, request__says_who_we_are, .init = reset, .fini = clean)
{
    answers[0] = answers[1] = OK_ANSWER;
    start(talk_answers, "/base");
    cr_expect_eq(export_within(2000), 0);
    cr_expect(strstr(seen, "POST /base/v1/traces HTTP/1.1\r\n") &&
                  strstr(seen, "\r\nUser-Agent: libotel-auto/0.1.0 OTel-OTLP-Exporter-C/0.1.0\r\n") &&
                  strstr(seen, "\r\nContent-Type: application/x-protobuf\r\n") && !strstr(seen, "Content-Encoding"),
              "%s", seen);
    cr_expect_eq(strncmp(strstr(seen, "\r\n\r\n") + 4, "\x0a", 1), 0, "field 1 comes first");
    batch.count = 0;
    requests = 0;
    cr_expect_eq(export_within(2000), 0);
    cr_expect_eq(requests, 0, "nothing to send, nothing sent");
    stop();
    cr_expect_str_eq(oa_test_logged(), "");
}

Test(otlp_http, request__headers_and_gzip, .init = reset, .fini = clean)
{
    oa_test_env.otlp_headers = "User-Agent=mine,X-Key=a%20b,Content-Type=no";
    oa_test_env.otlp_compression = OA_ENV_COMPRESSION_GZIP;
    answers[0] = OK_ANSWER;
    start(talk_answers, "");
    cr_expect_eq(export_within(2000), 0);
    cr_expect(strstr(seen, "\r\nuser-agent: mine\r\n") && strstr(seen, "\r\nx-key: a b\r\n") &&
                  strstr(seen, "\r\nContent-Encoding: gzip\r\n") && !strstr(seen, "libotel-auto/") &&
                  !strstr(seen, ": no\r\n"),
              "%s", seen);
    cr_expect_eq(strncmp(strstr(seen, "\r\n\r\n") + 4, "\x1f\x8b", 2), 0);
    stop();
}

static const struct refusal {
    const char *answer;
    const char *logged;
    bool json;
} refusals[] = {
    { "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", "failed: HTTP status 400; 3 spans dropped\n", false },
    { "HTTP/1.1 400 Bad\r\nContent-Length: 6\r\n\r\n\x12\x04no\nt",
      "failed: HTTP status 400: no t; 3 spans dropped\n", false },
    { "HTTP/1.1 400 Bad\r\nContent-Length: 28\r\n\r\n{\"code\":3,\"message\":\"no\\nt\"}",
      "failed: HTTP status 400: no t; 3 spans dropped\n", true },
    { "HTTP/1.1 400 Bad\r\nContent-Length: 6\r\n\r\n<html>", "failed: HTTP status 400; 3 spans dropped\n", true },
    { "HTTP/1.1 408 T\r\nContent-Length: 0\r\n\r\n", "HTTP status 408", false },
    { "HTTP/1.1 413 L\r\nContent-Length: 0\r\n\r\n", "HTTP status 413", false },
    { "HTTP/1.1 500 Err\r\nContent-Length: 0\r\n\r\n", "HTTP status 500", false },
    { "HTTP/1.1 301 M\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "HTTP status 301", false },
    { "garbage, and plenty of it\r\n\r\n", "failed: the answer is not HTTP; 3 spans", false },
};

Test(otlp_http, refusals__are_not_repeated)
{
    for (size_t i = 0; i < OA_COUNT(refusals); i++) {
        reset();
        requests = 0;
        answers[0] = refusals[i].answer;
        oa_test_env.otlp_protocol = refusals[i].json ? OA_ENV_PROTOCOL_HTTP_JSON : OA_ENV_PROTOCOL_UNSET;
        start(talk_answers, "");
        cr_expect_lt(export_within(2000), 0, "row %zu", i);
        cr_expect_eq(requests, 1, "row %zu", i);
        cr_expect(strstr(oa_test_logged(), refusals[i].logged), "row %zu: %s", i, oa_test_logged());
        stop();
        clean();
    }
}

static const char *const again[] = {
    "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 502 G\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 503 B\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 504 T\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
};

Test(otlp_http, retry__until_it_works, .init = reset, .fini = clean)
{
    for (size_t i = 0; i < OA_COUNT(again); i++)
        answers[i] = again[i];
    answers[4] = OK_ANSWER;
    start(talk_answers, "");
    cr_expect_eq(export_within(5000), 0);
    cr_expect_eq(requests, 5);
    cr_expect_lt(took_ms, 1000, "Retry-After: 0 is honoured");
    stop();
}

Test(otlp_http, retry__gives_up_after_five_attempts, .init = reset, .fini = clean)
{
    for (int i = 0; i < 8; i++)
        answers[i] = again[2];
    start(talk_answers, "");
    cr_expect_lt(export_within(5000), 0);
    cr_expect_eq(requests, 5);
    cr_expect(strstr(oa_test_logged(), "failed: HTTP status 503; 3 spans dropped"), "%s", oa_test_logged());
    stop();
}

Test(otlp_http, retry__not_when_the_wait_outlasts_the_deadline, .init = reset, .fini = clean)
{
    answers[0] = "HTTP/1.1 503 B\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n";
    oa_test_env.otlp_timeout_ms = 3000;
    start(talk_answers, "");
    cr_expect_lt(export_within(0), 0);
    cr_expect_lt(took_ms, 500);
    cr_expect_eq(requests, 1);
    stop();
}

static void *stop_soon(void *unused)
{
    (void)unused;
    poll(NULL, 0, 100);
    oa_test_stopping = 1;
    return NULL;
}

Test(otlp_http, retry__ends_with_the_process, .init = reset, .fini = clean)
{
    pthread_t stopper;

    answers[0] = "HTTP/1.1 503 B\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n";
    answers[1] = OK_ANSWER;
    start(talk_answers, "");
    pthread_create(&stopper, NULL, stop_soon, NULL);
    cr_expect_eq(export_within(0), 0, "one last attempt");
    cr_expect(took_ms >= 100 && took_ms < 500, "%llu ms", (unsigned long long)took_ms);
    cr_expect_eq(requests, 2);
    pthread_join(stopper, NULL);
    stop();
}

static void never_answer(int fd, int number)
{
    char buf[sizeof(seen)];

    (void)number;
    while (tiny_server_read_request(fd, buf, sizeof(buf)))
        ;
}

Test(otlp_http, timeout__bounds_the_export, .init = reset, .fini = clean)
{
    oa_test_env.otlp_traces_timeout_ms = 120;
    start(never_answer, "");
    cr_expect_lt(export_within(0), 0);
    cr_expect(took_ms >= 120 && took_ms < 400, "%llu ms", (unsigned long long)took_ms);
    cr_expect(strstr(oa_test_logged(), "failed: timed out; 3 spans dropped"), "%s", oa_test_logged());
    stop();
}

Test(otlp_http, partial_success__is_counted_and_told, .init = reset, .fini = clean)
{
    answers[0] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\x0a\x06\x08\x02\x12\x02no";
    answers[1] = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n\x0a\x05\x12\x03hmm";
    answers[2] = "HTTP/1.1 202 OK\r\nContent-Length: 9\r\n\r\n<html/>\r\n";
    start(talk_answers, "");
    cr_expect_eq(export_within(2000), 0);
    cr_expect_eq(atomic_load(&oa_test_host.ring->dropped[OA_DROP_REJECTED]), 2);
    cr_expect(strstr(oa_test_logged(), "rejected 2 spans: no\n"), "%s", oa_test_logged());
    cr_expect_eq(export_within(2000), 0);
    cr_expect_eq(atomic_load(&oa_test_host.ring->dropped[OA_DROP_REJECTED]), 2);
    cr_expect(strstr(oa_test_logged(), "warns: hmm\n"), "%s", oa_test_logged());
    cr_expect_eq(export_within(2000), 0);
    cr_expect_eq(requests, 3, "never sent again");
    stop();
}

static struct oa_ring_header *log_ring(void)
{
    static struct oa_ring_header ring;

    return &ring;
}

/* Log records go to a place of their own, and what is refused of them is their ring's to count. */
static int export_logs(const char *path, uint8_t protocol)
{
    struct oa_exporter_setup setup = { &oa_test_env, &resource, &oa_test_host, OA_SIGNAL_LOGS, { 0 } };
    struct oa_batch logs = oa_test_log_batch(), none = { .type = OA_RECORD_LOG };
    struct oa_exporter *to;
    int err;

    cr_assert_eq(tiny_server_start(&server, talk_answers), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", server.port, path);
    oa_test_env.otlp_logs_endpoint = url;
    oa_test_env.otlp_logs_timeout_ms = 2000;
    oa_test_env.otlp_logs_protocol = protocol;
    oa_test_host.log_ring = log_ring;
    to = oa_exporter_otlp_new(&setup);
    cr_assert(to);
    cr_assert_null(to->encoder, "views are kept");
    tiny_server_turn();
    err = to->export_logs(to, &logs, 0);
    cr_expect_eq(to->export_logs(to, &none, 0), 0);
    cr_expect_eq(requests, 1, "nothing to send, nothing sent");
    tiny_server_turn();
    to->shutdown(to, 0);
    tiny_server_stop(&server);
    return err;
}

Test(otlp_http, log_records__in_protobuf, .init = reset, .fini = clean)
{
    answers[0] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\x0a\x06\x08\x02\x12\x02no";
    cr_expect_eq(export_logs("/some/where", OA_ENV_PROTOCOL_UNSET), 0);
    cr_expect(strstr(seen, "POST /some/where HTTP/1.1\r\n") && strstr(seen, ": application/x-protobuf\r\n"));
    cr_expect_eq(log_ring()->dropped[OA_DROP_REJECTED], 2);
    cr_expect_eq(oa_test_host.ring->dropped[OA_DROP_REJECTED], 0);
    cr_expect(strstr(oa_test_logged(), "rejected 2 log records: no\n"), "%s", oa_test_logged());
}

Test(otlp_http, log_records__in_json, .init = reset, .fini = clean)
{
    answers[0] = "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n";
    cr_expect_lt(export_logs("/v1/logs", OA_ENV_PROTOCOL_HTTP_JSON), 0);
    cr_expect(strstr(seen, ": application/json\r\n") && strstr(seen, "\r\n\r\n{\"resourceLogs\": [{"));
    cr_expect(strstr(oa_test_logged(), "failed: HTTP status 400; 3 log records dropped\n"), "%s", oa_test_logged());
}

Test(otlp_http, log__one_line_a_minute_with_all_the_counts, .init = reset, .fini = clean)
{
    for (int i = 0; i < 8; i++)
        answers[i] = refusals[0].answer;
    oa_test_log_start(OA_LOG_INFO);
    start(talk_answers, "");
    for (int i = 0; i < 4; i++)
        cr_expect_lt(export_within(2000), 0);
    cr_expect_eq(strstr(strstr(oa_test_logged(), "dropped") + 1, "dropped"), NULL, "%s", oa_test_logged());
    stop();
    cr_expect(strstr(oa_test_logged(), "9 spans dropped"), "told at the end: %s", oa_test_logged());
}

Test(otlp_http, log__never_shows_secrets, .init = reset, .fini = clean)
{
    answers[0] = refusals[0].answer;
    oa_test_env.otlp_headers = "authorization=hush";
    start(talk_answers, "");
    exporter->shutdown(exporter, 0);
    snprintf(url, sizeof(url), "http://user:hush@127.0.0.1:%u/x?key=hush", server.port);
    oa_test_env.otlp_traces_endpoint = url;
    exporter = oa_exporter_otlp_new(
        &(struct oa_exporter_setup){ .env = &oa_test_env, .resource = &resource, .host = &oa_test_host });
    cr_assert(exporter);
    cr_expect_lt(export_within(2000), 0);
    cr_expect(strstr(seen, "POST /x?key=hush HTTP/1.1") && strstr(seen, "authorization: hush") &&
              !strstr(seen, "Basic"));
    cr_expect(strstr(oa_test_logged(), "/x failed") && !strstr(oa_test_logged(), "hush"), "%s", oa_test_logged());
    stop();
}

Test(otlp_http, user_info__becomes_basic_authorization)
{
    static const struct {
        const char *url, *value;
    } rows[] = {
        { "http://aladdin:opensesame@h/", "Basic YWxhZGRpbjpvcGVuc2VzYW1l" },
        { "http://a%3Ab:c%zz@h/", "Basic YTpiOmMleno=" },
        { "http://u@h/", "Basic dQ==" },
        { "http://h/", NULL },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        static struct oa_otlp_headers headers;
        struct oa_arena arena;
        struct oa_url parts;

        oa_arena_init(&arena, 1024, 1u << 20);
        cr_assert_eq(oa_url_split(oa_slice_of(rows[i].url), &parts), 0);
        cr_assert_eq(oa_otlp_headers_init(&headers, "", &parts, &arena), 0);
        cr_expect_eq(headers.count, rows[i].value ? 2 : 1);
        if (rows[i].value)
            cr_expect(oa_slice_eq(headers.list[1].value, oa_slice_of(rows[i].value)), "%s", rows[i].url);
        oa_arena_release(&arena);
    }
}
