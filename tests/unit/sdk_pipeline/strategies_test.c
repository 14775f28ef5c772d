/* The transports are played by the test.
 * SOURCES: sdk/pipeline/strategies.c sdk/encode/strategy_proto.c sdk/encode/strategy_json.c
 * sdk/encode/strategy_parts.c
 * sdk/encode/json_reader.c sdk/exporters/otlp_headers.c sdk/model/resource.c sdk/model/utf8.c sdk/transport/grpc.c
 * sdk/transport/gzip.c sdk/transport/wait.c env/sampler_arg.c env/headers.c env/text.c env/url.c env/parse.c
 * env/words.c env/entities.c preload/base/arena.c preload/base/log.c build/gen/sdk/encode/proto/sampling.pb-c.c
 * tests/support/test_host.c tests/support/test_log.c
 * LIBS: -lprotobuf-c -lz -ldl */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/model/resource.h"
#include "sdk/pipeline/strategies.h"
#include "tests/support/test_host.h"
#include "tests/support/test_log.h"

#define S OA_NS_PER_S

/* What the server answers, and how long that takes. */
static struct {
    int err, status;
    const char *grpc_status;
    struct oa_slice body;
    uint64_t takes_ns;
    bool ends_process;
} answer;

static uint64_t now_ns;
static int asked, by_curl, by_plain;
static char seen_url[512], seen_headers[1024], seen_body[256];
static size_t seen_body_len;
static uint64_t seen_left_ns, seen_grace_ns;
static struct oa_resource resource;
static struct oa_strategies strategies;

static uint64_t now(void)
{
    return now_ns;
}

static int fake_post(struct oa_http_transport *self, const struct oa_http_request *request,
                     struct oa_http_response *ret_response)
{
    size_t at = 0;

    (void)self;
    asked++;
    seen_left_ns = request->wait->deadline_mono_ns - now_ns;
    seen_grace_ns = request->wait->grace_ns;
    for (uint32_t i = 0; i < request->header_count; i++)
        at += (size_t)snprintf(seen_headers + at, sizeof(seen_headers) - at, "%.*s: %.*s\n",
                               (int)request->headers[i].name.len, request->headers[i].name.ptr,
                               (int)request->headers[i].value.len, request->headers[i].value.ptr);
    seen_body_len = 0;
    for (uint32_t i = 0; i < request->body_parts; i++) {
        memcpy(seen_body + seen_body_len, request->body[i].ptr, request->body[i].len);
        seen_body_len += request->body[i].len;
    }
    now_ns += answer.takes_ns;
    oa_test_stopping = answer.ends_process;
    *ret_response = (struct oa_http_response){ .status = answer.status, .body = answer.body };
    (void)snprintf(ret_response->reason, sizeof(ret_response->reason), "%s", answer.err ? "no way" : "");
    if (request->on_field) {
        request->on_field(request->user, OA_SLICE(""), OA_SLICE("HTTP/2 200"));
        request->on_field(request->user, OA_SLICE("content-type"), OA_SLICE("application/grpc"));
        if (answer.grpc_status)
            request->on_field(request->user, OA_SLICE("grpc-status"), oa_slice_of(answer.grpc_status));
    }
    return answer.err;
}

static struct oa_http_transport transport = { .post = fake_post };

struct oa_http_transport *oa_http_curl_new(const struct oa_http_setup *setup)
{
    by_curl++;
    (void)snprintf(seen_url, sizeof(seen_url), "%s%s", setup->url, setup->http2 ? " 2" : "");
    return &transport;
}

struct oa_http_transport *oa_http_plain_new(const struct oa_http_setup *setup)
{
    by_plain++;
    (void)snprintf(seen_url, sizeof(seen_url), "%s", setup->url);
    return &transport;
}

static void start(const char *arg)
{
    oa_test_host_reset();
    oa_test_env.traces_sampler = OA_ENV_SAMPLER_JAEGER_REMOTE;
    oa_test_env.traces_sampler_arg = arg;
    oa_test_env.traces_exporter.count = 1;
    now_ns = 1000 * S;
    asked = by_curl = by_plain = 0;
    oa_resource_init(&resource);
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("service.name"), OA_SLICE("a shop")), 0);
    oa_test_log_start(OA_LOG_WARN);
    oa_strategies_init(&strategies, &oa_test_host, &resource, now);
}

static void clean(void)
{
    oa_test_log_end();
    oa_resource_release(&resource);
    oa_arena_release(&strategies.arena);
    oa_arena_release(&strategies.lasting);
}

TestSuite(strategies, .fini = clean);

#define HALF "{\"probabilisticSampling\":{\"samplingRate\":0.5}}"

static void answers(int err, int status, const char *body)
{
    answer = (__typeof__(answer)){ .err = err, .status = status, .body = oa_slice_of(body) };
}

Test(strategies, statement_97__by_http)
{
    start("endpoint=http://user:pass@h:5778/sampling,pollingIntervalMs=5000");
    cr_assert_str_eq(seen_url, "http://user:pass@h:5778/sampling?service=a%20shop");
    cr_assert_eq(by_plain, 1);
    answers(0, 200, HALF);
    cr_assert_eq(oa_strategies_work(&strategies, 0), 5 * S, "the first question comes at once");
    cr_assert_eq(asked, 1);
    cr_assert_eq(oa_test_strategies, 1);
    cr_assert(oa_test_strategy.kind == OA_STRATEGY_PROBABILISTIC && oa_test_strategy.probability == 0.5);
    cr_assert_eq(seen_body_len, 0);
    cr_assert(strstr(seen_headers, "Authorization: Basic dXNlcjpwYXNz\n"));
    cr_assert(strstr(seen_headers, "User-Agent: "));
    cr_assert_eq(seen_left_ns, OA_STRATEGIES_ASK_MAX_MS * OA_NS_PER_MS);
    cr_assert_eq(seen_grace_ns, 0, "no end of a process waits for the answer");
    now_ns += 4 * S;
    cr_assert_eq(oa_strategies_work(&strategies, 0), S);
    cr_assert_eq(asked, 1, "not yet");
    now_ns += S;
    cr_assert_eq(oa_strategies_work(&strategies, 0), 5 * S);
    cr_assert_eq(asked, 2);
    cr_assert_str_eq(oa_test_logged(), "");
}

/* Prefix, then RateLimiting { 7 }. */
#define SEVEN ((struct oa_slice){ "\0\0\0\0\x04\x1a\x02\x08\x07", 9 })

Test(strategies, statement_97__by_grpc)
{
    start("");
    cr_assert_str_eq(seen_url, "http://localhost:14250/jaeger.api_v2.SamplingManager/GetSamplingStrategy 2");
    cr_assert_eq(by_curl, 1);
    answers(0, 200, "");
    answer.grpc_status = "0";
    answer.body = SEVEN;
    cr_assert_eq(oa_strategies_work(&strategies, 0), 60 * S);
    cr_assert_eq(oa_test_strategies, 1);
    cr_assert(oa_test_strategy.kind == OA_STRATEGY_RATE_LIMITING && oa_test_strategy.traces_per_second == 7);
    cr_assert_eq(seen_body_len, 13);
    cr_assert_arr_eq(seen_body,
                     "\0\0\0\0\x08\x0a\x06"
                     "a shop",
                     13);
    cr_assert(strstr(seen_headers, "Content-Type: application/grpc\n") && strstr(seen_headers, "te: trailers\n"));
}

static const struct {
    int err, status;
    const char *body, *said;
} failures[] = {
    { OA_EIO, 0, "", ": no way (" },
    { OA_ETIMEOUT, 0, "", ": no way (" },
    { 0, 503, HALF, ": HTTP status 503 (" },
    { 0, 404, "", ": HTTP status 404 (" },
    { 0, 200, "<html>", ": the answer is no sampling strategy (" },
    { 0, 200, "{}", ": the answer is no sampling strategy (" },
    { 0, 200, "{\"probabilisticSampling\":{\"samplingRate\":7}}", ": the answer is no sampling strategy (" },
};

Test(strategies, statement_97__the_last_good_strategy_stays)
{
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        start("endpoint=http://u:secret@h:5778");
        for (int good = 0; good < 2; good++) {
            answers(failures[i].err, failures[i].status, failures[i].body);
            cr_assert_eq(oa_strategies_work(&strategies, 0), 60 * S);
            cr_assert_eq(oa_test_strategies, good, "row %zu", i);
            cr_assert(strstr(oa_test_logged(), failures[i].said), "row %zu: %s", i, oa_test_logged());
            cr_assert_eq(strstr(oa_test_logged(), "continuing with the last one") != NULL, good);
            cr_assert(strstr(oa_test_logged(), "asking http://h:5778/sampling for"), "%s", oa_test_logged());
            answers(0, 200, HALF);
            now_ns += 60 * S;
            (void)oa_strategies_work(&strategies, 0);
            cr_assert_eq(oa_test_strategies, good + 1, "it is asked again");
            now_ns += 60 * S;
        }
        clean();
    }
    start("");
}

Test(strategies, statement_97__a_forked_child_goes_on_with_its_parents)
{
    start("endpoint=http://h:5778");
    answers(0, 200, HALF);
    (void)oa_strategies_work(&strategies, 0);
    oa_arena_release(&strategies.arena);
    oa_arena_release(&strategies.lasting);
    oa_test_host.fork_generation = 1;
    oa_strategies_init(&strategies, &oa_test_host, &resource, now);
    answers(OA_EIO, 0, "");
    (void)oa_strategies_work(&strategies, 0);
    cr_assert(strstr(oa_test_logged(), "continuing with the last one"), "%s", oa_test_logged());
}

static const struct {
    const char *status;
    struct oa_slice body;
    const char *said;
} grpc_failures[] = {
    { "12", { "", 0 }, "HTTP status 200, gRPC status 12 (UNIMPLEMENTED)" },
    { NULL, { "\0\0\0\0\x04\x1a\x02\x08\x07", 9 }, "HTTP status 200, gRPC status 2 (UNKNOWN)" },
    { "0", { "\0\0\0\0\x04\x1a\x02\x08", 8 }, "the answer is no sampling strategy" },
    { "0", { "", 0 }, "the answer is no sampling strategy" },
    { "0", { "\0\0\0\0\0", 5 }, "the answer is no sampling strategy" },
};

Test(strategies, statement_97__failures_of_grpc)
{
    for (size_t i = 0; i < sizeof(grpc_failures) / sizeof(grpc_failures[0]); i++) {
        start("endpoint=h:1");
        answers(0, 200, "");
        answer.grpc_status = grpc_failures[i].status;
        answer.body = grpc_failures[i].body;
        (void)oa_strategies_work(&strategies, 0);
        cr_assert_eq(oa_test_strategies, 0, "row %zu", i);
        cr_assert(strstr(oa_test_logged(), grpc_failures[i].said), "row %zu: %s", i, oa_test_logged());
        clean();
    }
    start("");
}

Test(strategies, statement_97__one_line_a_minute)
{
    const char *line;
    int lines = 0;

    start("endpoint=http://h:5778,pollingIntervalMs=1000");
    answers(OA_EIO, 0, "");
    for (int i = 0; i < 90; i++) {
        (void)oa_strategies_work(&strategies, 0);
        now_ns += S;
    }
    cr_assert_eq(asked, 90);
    for (line = oa_test_logged(); (line = strchr(line, '\n')); line++)
        lines++;
    cr_assert_eq(lines, 2, "%s", oa_test_logged());
    cr_assert(strstr(oa_test_logged(), "(60 times)"), "%s", oa_test_logged());
}

Test(strategies, statement_97__a_slow_server_is_asked_less_often)
{
    start("endpoint=http://h:5778,pollingIntervalMs=100");
    answers(OA_ETIMEOUT, 0, "");
    answer.takes_ns = 2 * S;
    cr_assert_eq(oa_strategies_work(&strategies, 0), 20 * S);
    answers(0, 200, HALF);
    now_ns += 20 * S;
    cr_assert_eq(oa_strategies_work(&strategies, 0), S / 10);
}

/* Who waits for us is not kept waiting by a question. */
Test(strategies, statement_97__nobody_is_asked_while_somebody_waits)
{
    static const uint32_t flags[] = { OA_WORK_FLUSH, OA_WORK_SHUTDOWN, OA_WORK_PAUSE };

    start("endpoint=http://h:5778");
    for (int i = 0; i < 3; i++)
        cr_assert_eq(oa_strategies_work(&strategies, flags[i]), UINT64_MAX);
    oa_test_stopping = 1;
    cr_assert_eq(oa_strategies_work(&strategies, 0), UINT64_MAX);
    oa_test_stopping = 0;
    cr_assert_eq(asked, 0);
    answers(0, 200, HALF);
    (void)oa_strategies_work(&strategies, 0);
    cr_assert_eq(asked, 1);
}

/* The process began to end while the question was under way: no failure. */
Test(strategies, statement_97__a_question_that_the_end_cuts_off_is_not_told)
{
    start("");
    answers(OA_ETIMEOUT, 0, "");
    answer.ends_process = true;
    (void)oa_strategies_work(&strategies, 0);
    cr_assert_eq(asked, 1);
    cr_assert_str_eq(oa_test_logged(), "");
}

Test(strategies, statement_97__other_samplers_ask_nobody)
{
    start("");
    for (uint8_t kind = 0; kind <= OA_ENV_SAMPLER_XRAY; kind++) {
        bool remote = kind == OA_ENV_SAMPLER_JAEGER_REMOTE || kind == OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE;

        by_curl = 0;
        oa_arena_release(&strategies.arena);
        oa_arena_release(&strategies.lasting);
        oa_test_env.traces_sampler = kind;
        oa_strategies_init(&strategies, &oa_test_host, &resource, now);
        cr_assert_eq(by_curl, remote);
        cr_assert_eq(oa_strategies_work(&strategies, OA_WORK_FLUSH), UINT64_MAX);
    }
    oa_test_env.traces_sampler = OA_ENV_SAMPLER_JAEGER_REMOTE;
    oa_test_env.traces_exporter.count = 0;
    oa_strategies_init(&strategies, &oa_test_host, &resource, now);
    cr_assert_eq(by_curl, 0, "nobody would take what is sampled");
}
