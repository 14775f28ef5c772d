/* SOURCES: sdk/transport/grpc.c sdk/transport/gzip.c sdk/encode/otlp_answer.c sdk/encode/otlp_json_answer.c
 * sdk/encode/json_reader.c env/parse.c env/words.c sdk/model/utf8.c preload/base/arena.c
 * build/gen/sdk/encode/proto/common.pb-c.c build/gen/sdk/encode/proto/resource.pb-c.c
 * build/gen/sdk/encode/proto/trace.pb-c.c build/gen/sdk/encode/proto/trace_service.pb-c.c
 * build/gen/sdk/encode/proto/rpc_status.pb-c.c
 * LIBS: -lprotobuf-c -lz -ldl */
/*
 * The input is what a receiver of OTLP answers: a message of gRPC, a response or a status in protobuf or in JSON,
 * and the fields of a call, a line each. Properties: messages for the log are valid UTF-8 within the input's
 * length (three bytes for a bad one), success is said only by a status of 0.
 */
#include <stdint.h>
#include <string.h>

#include "sdk/encode/otlp_json.h"
#include "sdk/encode/otlp_proto.h"
#include "sdk/model/utf8.h"
#include "sdk/transport/grpc.h"
#include "sdk/transport/http.h"
#include "tests/fuzz/must.h"

static void fuzz_fields(struct oa_slice text)
{
    struct oa_grpc_fields fields;
    bool zero = false;

    oa_grpc_fields_init(&fields);
    while (text.len) {
        struct oa_slice line = oa_slice_next(&text, '\n'), name = oa_slice_next(&line, ':');

        oa_grpc_fields_add(&fields, name, line);
        if (oa_slice_ieq(name, OA_SLICE("grpc-status")))
            zero = fields.status == OA_GRPC_OK;
        must(fields.message_len <= OA_GRPC_MESSAGE_MAX && fields.details_len <= OA_GRPC_DETAILS_MAX);
    }
    must(zero || oa_grpc_status(&fields, 200) != OA_GRPC_OK);
    must(oa_grpc_status_name(oa_grpc_status(&fields, 500))[0]);
}

static void fuzz_messages(struct oa_slice text)
{
    struct oa_otlp_response response = { 0 };
    struct oa_otlp_status status = { 0 };
    struct oa_slice message;
    struct oa_arena arena;

    oa_arena_init(&arena, 256, 8u << 20);
    if (oa_otlp_proto_decode_response(text, &arena, &response) == 0)
        must(response.message.len <= 3 * text.len);
    if (oa_otlp_proto_decode_status(text, &arena, &status) == 0)
        must(status.message.len <= 3 * text.len);
    if (oa_grpc_message(text, &arena, &message) == 0)
        must(message.len <= OA_HTTP_RESPONSE_MAX);
    response = (struct oa_otlp_response){ 0 };
    if (oa_otlp_json_decode_response(text, &arena, &response) == 0)
        must(response.message.len <= 3 * text.len && response.rejected_items >= 0);
    status = (struct oa_otlp_status){ 0 };
    if (oa_otlp_json_decode_status(text, &arena, &status) == 0)
        must(status.message.len <= 3 * text.len);
    oa_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice text = { (const char *)data, size };

    fuzz_fields(text);
    fuzz_messages(text);
    return 0;
}
