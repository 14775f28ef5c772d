/*
 * What a server of sampling strategies is asked, and what it answers (Jaeger's remote sampling): in protobuf by gRPC,
 * in JSON by HTTP. Answers are untrusted: one that does not add up, or holds a number out of its range, is refused
 * as a whole. Which strategy counts is told by what is there, not by the type that the answer names: operations,
 * else probabilistic, else rate limiting.
 */
#ifndef OA_SDK_ENCODE_STRATEGY_H
#define OA_SDK_ENCODE_STRATEGY_H

#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "preload/base/slice.h"
#include "preload/strategy.h"

/* The question about a service, in the arena. 0 or OA_ENOMEM. */
int oa_strategy_proto_question(struct oa_slice service, struct oa_arena *arena,
                               struct oa_slice *ret_message) OA_MUST_CHECK;

/* The strategy of an answer; its operations are in the arena, OA_STRATEGY_OPERATIONS_MAX of them at most.
 * 0; OA_EMALFORMED: no such message; OA_EINVAL: a number is out of range, or there is no strategy; OA_ENOMEM. */
int oa_strategy_proto_read(struct oa_slice message, struct oa_arena *arena,
                           struct oa_strategy *ret_strategy) OA_MUST_CHECK;
int oa_strategy_json_read(struct oa_slice text, struct oa_arena *arena,
                          struct oa_strategy *ret_strategy) OA_MUST_CHECK;

#endif
