/*
 * struct oa_strategies: asks the server of the jaeger_remote samplers for its strategy, now and then, and hands each
 * new one to the sampler (oa_host, sampling). Whatever goes wrong, the last good strategy stays in force, and one
 * line a minute says what it is. Asked is on the helper thread only, between two rounds of exports, and for
 * ASK_MAX_MS at most: a process that has no helper, or none yet, keeps its initial share. One thread at a time.
 */
#ifndef OA_SDK_PIPELINE_STRATEGIES_H
#define OA_SDK_PIPELINE_STRATEGIES_H

#include <stdbool.h>
#include <stdint.h>

#include "env/sampler_arg.h"
#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "sdk/exporters/otlp_headers.h"
#include "sdk/transport/grpc.h"
#include "sdk/transport/http.h"
#include "sdk/transport/log_limit.h"

struct oa_resource;

#define OA_STRATEGIES_ASK_MAX_MS 2000u

struct oa_strategies {
    const struct oa_host *host;
    struct oa_http_transport *transport; /* NULL: nobody is to ask */
    bool grpc;
    uint64_t interval_ns;
    uint64_t due_mono_ns;
    uint64_t (*now_mono_ns)(void);
    struct oa_url url;
    struct oa_otlp_headers headers;
    struct oa_slice service;
    struct oa_arena lasting; /* text of the headers */
    struct oa_arena arena;   /* of one question */
    struct oa_log_limit failed;
    struct oa_grpc_fields fields;
    char url_text[OA_JAEGER_URL_MAX];
    char shown[OA_JAEGER_URL_MAX]; /* without user information and query */
    char reason[OA_HTTP_REASON_MAX];
};

/* Does nothing unless the sampler is one that asks. The struct stays where it is. */
void oa_strategies_init(struct oa_strategies *strategies, const struct oa_host *host,
                        const struct oa_resource *resource, uint64_t (*now_mono_ns)(void));

/* As oa_sdk.work() in preload/abi.h. */
uint64_t oa_strategies_work(struct oa_strategies *strategies, uint32_t flags);

#endif
