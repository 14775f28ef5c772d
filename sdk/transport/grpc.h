/*
 * One unary gRPC call, as bytes: the prefix of a message, the deadline that the server is told, the status among the
 * fields of the answer, the message in its body (gRPC over HTTP/2: Length-Prefixed-Message, Timeout, Trailers;
 * otlp-wire 15). Pure: the exchange is a transport's, what an answer means is the exporter's.
 */
#ifndef OA_SDK_TRANSPORT_GRPC_H
#define OA_SDK_TRANSPORT_GRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_GRPC_PREFIX 5u
#define OA_GRPC_TIMEOUT_MAX 16u
#define OA_GRPC_MESSAGE_MAX 128u
#define OA_GRPC_DETAILS_MAX 8192u /* what servers allow for all of their metadata */

enum oa_grpc_code {
    OA_GRPC_MISSING = -1, /* the answer does not say */
#define CODE(name, number, repeatable) OA_GRPC_##name = (number),
#include "sdk/transport/grpc_codes.def"
#undef CODE
};

/* May a call that ended so be made again? (otlp-wire 11) */
enum oa_grpc_repeatable { OA_GRPC_NEVER, OA_GRPC_IF_TOLD, OA_GRPC_ALWAYS };

/* What the fields of an answer said, in the headers or behind the body: both count. */
struct oa_grpc_fields {
    int32_t status; /* of grpc-status, OA_GRPC_MISSING without */
    bool is_grpc;   /* the content type says so */
    uint32_t message_len, details_len;
    char message[OA_GRPC_MESSAGE_MAX];    /* decoded, cut to fit */
    uint8_t details[OA_GRPC_DETAILS_MAX]; /* a google.rpc.Status; none if it is larger */
};

void oa_grpc_prefix(uint8_t ret_prefix[OA_GRPC_PREFIX], bool compressed, uint32_t message_len);

/* The value of grpc-timeout: 8 digits and a unit at most. */
void oa_grpc_timeout(uint64_t left_ns, char ret_text[OA_GRPC_TIMEOUT_MAX]);

void oa_grpc_fields_init(struct oa_grpc_fields *fields);
void oa_grpc_fields_add(struct oa_grpc_fields *fields, struct oa_slice name, struct oa_slice value);

/* The code in force: what the answer said, or what the HTTP status stands for. Never MISSING, and OK only if the
 * server said so. */
int32_t oa_grpc_status(const struct oa_grpc_fields *fields, int http_status);

const char *oa_grpc_status_name(int32_t status); /* "UNKNOWN" for a number that has none */
enum oa_grpc_repeatable oa_grpc_repeatable(int32_t status);

/* The one message of a body, without its prefix, unpacked in the arena if need be. 0; OA_EMALFORMED: not exactly one,
 * or not what its prefix says; OA_EFULL: larger than OA_HTTP_RESPONSE_MAX; OA_ENOMEM, OA_ENOTSUP as of gzip.h. */
int oa_grpc_message(struct oa_slice body, struct oa_arena *arena, struct oa_slice *ret_message) OA_MUST_CHECK;

#endif
