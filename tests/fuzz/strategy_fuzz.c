/* SOURCES: sdk/encode/strategy_proto.c sdk/encode/strategy_json.c sdk/encode/strategy_parts.c sdk/encode/json_reader.c
 * sdk/api/strategy.c env/parse.c env/words.c preload/base/arena.c build/gen/sdk/encode/proto/sampling.pb-c.c
 * LIBS: -lprotobuf-c */
/*
 * The input is what a server of sampling strategies answers, in protobuf or in JSON. Properties: what is accepted is
 * in range and in order; what the sampler makes of it decides by a threshold of 56 bits, for each name that is
 * listed by the probability that was given; and a text that is JSON stays so behind blanks, not with a second value.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/api/strategy.h"
#include "sdk/encode/json_reader.h"
#include "sdk/encode/strategy.h"
#include "tests/fuzz/must.h"

static void check(const struct oa_strategy *strategy)
{
    struct oa_strategy_rule rule;

    must(strategy->kind > OA_STRATEGY_NONE && strategy->kind <= OA_STRATEGY_OPERATIONS);
    must(strategy->probability >= 0 && strategy->probability <= 1);
    must(strategy->traces_per_second >= 0 && strategy->traces_per_second < 1e300);
    must(strategy->operation_count <= OA_STRATEGY_OPERATIONS_MAX);
    for (uint32_t i = 0; i < strategy->operation_count; i++) {
        must(strategy->operations[i].probability >= 0 && strategy->operations[i].probability <= 1);
        must(i == 0 || strategy->operations[i - 1].name < strategy->operations[i].name);
    }
    oa_strategy_put(strategy);
    rule = oa_strategy_get(OA_SLICE("GET /a"));
    must(rule.kind == strategy->kind && rule.threshold <= UINT64_C(1) << 56);
    must((rule.interval_ns != 0) == (strategy->traces_per_second > 0));
    for (uint32_t i = 0; i < strategy->operation_count; i++)
        if (strategy->operations[i].name == rule.name)
            must(rule.probability == strategy->operations[i].probability);
    (void)oa_strategy_take(&rule, 1);
}

static bool is_json(struct oa_slice text)
{
    struct oa_json_reader r;

    oa_json_reader_init(&r, text);
    oa_json_skip(&r);
    return oa_json_reader_end(&r);
}

static void fuzz_text(struct oa_slice text)
{
    char *longer = malloc(text.len + 3), *end = longer + 1 + text.len;

    must(longer);
    longer[0] = ' ';
    if (text.len)
        memcpy(longer + 1, text.ptr, text.len);
    memcpy(end, "\n0", 2);
    must(is_json((struct oa_slice){ longer, text.len + 2 }) == is_json(text));
    must(!is_json(text) || !is_json((struct oa_slice){ longer, text.len + 3 }));
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice text = { (const char *)data, size };
    struct oa_strategy strategy;
    struct oa_arena arena;

    oa_arena_init(&arena, 256, 1u << 20);
    if (oa_strategy_json_read(text, &arena, &strategy) == 0)
        check(&strategy);
    if (oa_strategy_proto_read(text, &arena, &strategy) == 0)
        check(&strategy);
    oa_arena_release(&arena);
    fuzz_text(text);
    return 0;
}
