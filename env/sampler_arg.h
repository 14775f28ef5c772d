/*
 * OTEL_TRACES_SAMPLER_ARG of the jaeger_remote samplers: "endpoint=...,pollingIntervalMs=...,
 * initialSamplingRate=...", in any order, each item cut at its first '='. Pure.
 */
#ifndef OA_ENV_SAMPLER_ARG_H
#define OA_ENV_SAMPLER_ARG_H

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_JAEGER_INITIAL_SHARE 0.001 /* as the agents for other languages have it */

/* *ret_share is set if the text says one. OA_EINVAL: an unknown key, or a number that is none. */
int oa_jaeger_arg_share(struct oa_slice text, double *ret_share) OA_MUST_CHECK;

#endif
