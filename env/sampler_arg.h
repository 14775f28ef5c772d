/*
 * OTEL_TRACES_SAMPLER_ARG of the jaeger_remote samplers: "endpoint=...,pollingIntervalMs=...,
 * initialSamplingRate=...", in any order, each item cut at its first '='. Pure.
 *
 * A server of sampling strategies is asked by gRPC (SamplingManager of jaeger.api_v2), or by HTTP for JSON. The
 * specification knows gRPC only; both have http:// before them. What tells them apart: gRPC targets have no path,
 * and 5778 and 14268 are Jaeger's ports for HTTP.
 */
#ifndef OA_ENV_SAMPLER_ARG_H
#define OA_ENV_SAMPLER_ARG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_JAEGER_INITIAL_SHARE 0.001 /* as the agents for other languages have it, and so the next two */
#define OA_JAEGER_INTERVAL_MS 60000u
#define OA_JAEGER_ENDPOINT "http://localhost:14250"
#define OA_JAEGER_URL_MAX 1024u

struct oa_jaeger_arg {
    struct oa_slice endpoint; /* host:port, or a URL */
    uint32_t interval_ms;     /* between two questions, never 0 */
    double share;             /* of the traces, before the first answer */
};

/* What the text says, defaults for what it does not. OA_EINVAL (*ret_arg untouched): an unknown key, a number that is
 * none, an endpoint that nobody could be asked at. */
int oa_jaeger_arg_read(struct oa_slice text, struct oa_jaeger_arg *ret_arg) OA_MUST_CHECK;

bool oa_jaeger_by_grpc(struct oa_slice endpoint);
/* Is libcurl needed to ask there? */
bool oa_jaeger_by_libcurl(struct oa_slice endpoint);

/* The URL to ask at, terminated: of the gRPC method, or of the page for this service. OA_EINVAL: no such endpoint, or
 * longer than OA_JAEGER_URL_MAX. */
int oa_jaeger_url(struct oa_slice endpoint, struct oa_slice service, char ret_url[OA_JAEGER_URL_MAX]) OA_MUST_CHECK;

#endif
