/* SOURCES: sdk/encode/strategy_proto.c sdk/encode/strategy_json.c sdk/encode/strategy_parts.c sdk/encode/json_reader.c
 * env/parse.c env/words.c preload/base/arena.c build/gen/sdk/encode/proto/sampling.pb-c.c
 * LIBS: -lprotobuf-c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/err.h"
#include "sdk/encode/proto/sampling.pb-c.h"
#include "sdk/encode/strategy.h"

static struct oa_arena arena;
static struct oa_strategy strategy;

static void setup(void)
{
    oa_arena_init(&arena, 1024, 1u << 20);
}

static void teardown(void)
{
    oa_arena_release(&arena);
}

TestSuite(strategy, .init = setup, .fini = teardown);

#define KEEPS OA_STRATEGY_PROBABILISTIC
#define RATE OA_STRATEGY_RATE_LIMITING
#define NAMES OA_STRATEGY_OPERATIONS

static const struct {
    const char *json;
    int err;
    uint32_t kind, operations;
    double probability, per_second;
} rows[] = {
    { "{\"strategyType\":\"PROBABILISTIC\",\"probabilisticSampling\":{\"samplingRate\":0.25}}", 0, KEEPS, 0, 0.25,
      0 },
    { "{\"strategyType\":0,\"probabilisticSampling\":{\"samplingRate\":1e-3},\"x\":[{}]}", 0, KEEPS, 0, 0.001, 0 },
    { "{\"probabilisticSampling\":{}}", 0, KEEPS, 0, 0, 0 },
    { "{\"strategyType\":\"RATE_LIMITING\",\"rateLimitingSampling\":{\"maxTracesPerSecond\":7}}", 0, RATE, 0, 0, 7 },
    { "{\"probabilisticSampling\":null,\"rateLimitingSampling\":{\"maxTracesPerSecond\":0}}", 0, RATE, 0, 0, 0 },
    { "{\"probabilisticSampling\":{\"samplingRate\":1},\"rateLimitingSampling\":{\"maxTracesPerSecond\":7}}", 0,
      KEEPS, 0, 1, 0 },
    { "{\"probabilisticSampling\":{\"samplingRate\":1},\"operationSampling\":{\"defaultSamplingProbability\":0.5,"
      "\"defaultLowerBoundTracesPerSecond\":0.0166,\"defaultUpperBoundTracesPerSecond\":9,\"perOperationStrategies\":"
      "[{\"operation\":\"GET /a\",\"probabilisticSampling\":{\"samplingRate\":0.1}},{\"operation\":\"none\"},"
      "{\"operation\":\"GET \\u002fb\",\"probabilisticSampling\":{\"samplingRate\":0.2}},"
      "{\"operation\":\"GET /a\",\"probabilisticSampling\":{\"samplingRate\":0.3}}]}}",
      0, NAMES, 2, 0.5, 0.0166 },
    { "{\"operationSampling\":{\"perOperationStrategies\":null}}", 0, NAMES, 0, 0, 0 },
    { "{}", OA_EINVAL, 0, 0, 0, 0 },
    { "{\"strategyType\":\"PROBABILISTIC\"}", OA_EINVAL, 0, 0, 0, 0 },
    { "{\"probabilisticSampling\":{\"samplingRate\":1.01}}", OA_EINVAL, 0, 0, 0, 0 },
    { "{\"probabilisticSampling\":{\"samplingRate\":-0.5}}", OA_EINVAL, 0, 0, 0, 0 },
    { "{\"rateLimitingSampling\":{\"maxTracesPerSecond\":-1}}", OA_EINVAL, 0, 0, 0, 0 },
    { "{\"rateLimitingSampling\":{\"maxTracesPerSecond\":1e999}}", OA_EINVAL, 0, 0, 0, 0 },
    { "{\"probabilisticSampling\":{\"samplingRate\":2},\"rateLimitingSampling\":{\"maxTracesPerSecond\":1}}",
      OA_EINVAL, 0, 0, 0, 0 },
    { "{\"operationSampling\":{\"defaultSamplingProbability\":2}}", OA_EINVAL, 0, 0, 0, 0 },
    { "{\"operationSampling\":{\"perOperationStrategies\":[{\"operation\":\"a\",\"probabilisticSampling\":"
      "{\"samplingRate\":2}}]}}",
      OA_EINVAL, 0, 0, 0, 0 },
    { "{\"probabilisticSampling\":{\"samplingRate\":\"1\"}}", OA_EMALFORMED, 0, 0, 0, 0 },
    { "{\"probabilisticSampling\":0.5}", OA_EMALFORMED, 0, 0, 0, 0 },
    { "{\"probabilisticSampling\":{\"samplingRate\":1}} x", OA_EMALFORMED, 0, 0, 0, 0 },
    { "<html>", OA_EMALFORMED, 0, 0, 0, 0 },
    { "null", OA_EMALFORMED, 0, 0, 0, 0 },
    { "", OA_EMALFORMED, 0, 0, 0, 0 },
};

Test(strategy, statement_97__json)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert_eq(oa_strategy_json_read(oa_slice_of(rows[i].json), &arena, &strategy), rows[i].err, "%s",
                     rows[i].json);
        if (rows[i].err)
            continue;
        cr_assert_eq(strategy.kind, rows[i].kind, "%s", rows[i].json);
        cr_assert_eq(strategy.operation_count, rows[i].operations, "%s", rows[i].json);
        cr_assert_eq(strategy.probability, rows[i].probability, "%s", rows[i].json);
        cr_assert_eq(strategy.traces_per_second, rows[i].per_second, "%s", rows[i].json);
    }
}

static double of_operation(const char *name)
{
    for (uint32_t i = 0; i < strategy.operation_count; i++)
        if (strategy.operations[i].name == oa_strategy_name(oa_slice_of(name)))
            return strategy.operations[i].probability;
    return -1;
}

Test(strategy, statement_97__operations_are_sorted_and_the_later_of_two_counts)
{
    cr_assert_eq(oa_strategy_json_read(oa_slice_of(rows[6].json), &arena, &strategy), 0);
    cr_assert_eq(of_operation("GET /a"), 0.3);
    cr_assert_eq(of_operation("GET /b"), 0.2);
    cr_assert_lt(strategy.operations[0].name, strategy.operations[1].name);
}

Test(strategy, statement_97__too_many_operations)
{
    size_t room = 200 * OA_STRATEGY_OPERATIONS_MAX, at;
    char *text = oa_arena_alloc(&arena, room);

    at = (size_t)snprintf(text, room, "{\"operationSampling\":{\"perOperationStrategies\":[");
    for (int i = 0; i < (int)OA_STRATEGY_OPERATIONS_MAX + 10; i++)
        at += (size_t)snprintf(text + at, room - at,
                               "%s{\"operation\":\"%d\",\"probabilisticSampling\":{\"samplingRate\":1}}",
                               i ? "," : "", i);
    at += (size_t)snprintf(text + at, room - at, "]}}");
    cr_assert_lt(at, room);
    cr_assert_eq(oa_strategy_json_read((struct oa_slice){ text, at }, &arena, &strategy), 0);
    cr_assert_eq(strategy.operation_count, OA_STRATEGY_OPERATIONS_MAX);
    for (uint32_t i = 1; i < strategy.operation_count; i++)
        cr_assert_lt(strategy.operations[i - 1].name, strategy.operations[i].name);
}

static int read_packed(const OaSampling__Response *answer)
{
    uint8_t bytes[512];
    size_t len = oa_sampling__response__pack(answer, bytes);

    for (size_t cut = 0; cut < len; cut++) /* whatever it says, it is an answer or none */
        (void)!oa_strategy_proto_read((struct oa_slice){ (char *)bytes, cut }, &arena, &strategy);
    return oa_strategy_proto_read((struct oa_slice){ (char *)bytes, len }, &arena, &strategy);
}

Test(strategy, statement_97__proto)
{
    OaSampling__Probabilistic half = OA_SAMPLING__PROBABILISTIC__INIT, bad = OA_SAMPLING__PROBABILISTIC__INIT;
    OaSampling__RateLimiting rate = OA_SAMPLING__RATE_LIMITING__INIT;
    OaSampling__Operation one = OA_SAMPLING__OPERATION__INIT, two = OA_SAMPLING__OPERATION__INIT,
                          *list[] = { &one, &two };
    OaSampling__Operations operations = OA_SAMPLING__OPERATIONS__INIT;
    OaSampling__Response answer = OA_SAMPLING__RESPONSE__INIT;

    half.sampling_rate = 0.5;
    bad.sampling_rate = 1.5;
    rate.max_traces_per_second = 12;
    one.operation = (char *)"GET /a";
    one.probabilistic = &half;
    two.operation = (char *)"GET /b";
    operations.default_probability = 0.125;
    operations.default_lower_bound = 2;
    operations.n_per_operation = 2;
    operations.per_operation = list;

    cr_assert_eq(read_packed(&answer), OA_EINVAL, "no strategy");
    answer.rate_limiting = &rate;
    cr_assert_eq(read_packed(&answer), 0);
    cr_assert(strategy.kind == RATE && strategy.traces_per_second == 12);
    answer.probabilistic = &half;
    cr_assert_eq(read_packed(&answer), 0);
    cr_assert(strategy.kind == KEEPS && strategy.probability == 0.5);
    answer.operations = &operations;
    cr_assert_eq(read_packed(&answer), 0);
    cr_assert(strategy.kind == NAMES && strategy.probability == 0.125 && strategy.traces_per_second == 2);
    cr_assert_eq(strategy.operation_count, 1, "nothing is said of the other one");
    cr_assert_eq(of_operation("GET /a"), 0.5);
    one.probabilistic = &bad;
    cr_assert_eq(read_packed(&answer), OA_EINVAL);
    answer.operations = NULL;
    answer.probabilistic = &bad;
    cr_assert_eq(read_packed(&answer), OA_EINVAL);
    cr_assert_eq(oa_strategy_proto_read(OA_SLICE("\x12\xff"), &arena, &strategy), OA_EMALFORMED);
}

Test(strategy, statement_97__proto_question)
{
    char name[300];
    struct oa_slice message;
    OaSampling__Parameters *back;

    memset(name, 'n', sizeof(name));
    for (size_t len = 0; len <= sizeof(name); len += 75) {
        cr_assert_eq(oa_strategy_proto_question((struct oa_slice){ name, len }, &arena, &message), 0);
        back = oa_sampling__parameters__unpack(NULL, message.len, (const uint8_t *)message.ptr);
        cr_assert(back && strlen(back->service_name) == len, "%zu", len);
        oa_sampling__parameters__free_unpacked(back, NULL);
    }
}

Test(strategy, statement_97__no_memory)
{
    struct oa_arena small;

    for (size_t bytes = 0; bytes < 32768; bytes += 512) {
        int err;

        oa_arena_init(&small, 256, bytes);
        err = oa_strategy_json_read(oa_slice_of(rows[6].json), &small, &strategy);
        cr_assert(err == 0 || err == OA_ENOMEM);
        cr_assert(err == 0 || bytes < 30000, "it is enough in the end");
        oa_arena_release(&small);
    }
}
