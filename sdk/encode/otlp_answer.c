/* The reading half of otlp_proto.h. What a receiver sends is untrusted (unpack.h), and its text is repaired like any
 * other. */
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/encode/otlp_proto.h"
#include "sdk/encode/proto/rpc_status.pb-c.h"
#include "sdk/encode/proto/trace_service.pb-c.h"
#include "sdk/encode/unpack.h"
#include "sdk/model/utf8.h"

#define RETRY_DELAY_S_MAX 86400 /* what asks for more than a day asks for nothing that we could do */

int oa_otlp_proto_decode_response(struct oa_slice body, struct oa_arena *arena, struct oa_otlp_response *ret_response)
{
    struct oa_otlp_response response = { .message = OA_SLICE("") };
    OaOtlp__ExportTraceServiceResponse *message;
    int err = 0;

    message = oa_unpack(&oa_otlp__export_trace_service_response__descriptor, body, arena, &err);
    if (!message)
        return err;
    if (message->partial_success) {
        response.rejected_items = message->partial_success->rejected_spans;
        err = oa_utf8_copy(arena, oa_slice_of(message->partial_success->error_message), OA_OTLP_ANSWER_CHARS,
                           &response.message);
    }
    if (err == 0)
        *ret_response = response;
    return err;
}

/* A delay that is negative or absurd still says that another try is allowed: at once, or much later. */
static void status_take_retry_info(const OaRpc__Any *any, struct oa_arena *arena, struct oa_otlp_status *status)
{
    const char *slash = strrchr(any->type_url, '/');
    const OaRpc__RetryInfo *info;
    int64_t seconds;
    int err;

    if (strcmp(slash ? slash + 1 : any->type_url, "google.rpc.RetryInfo") != 0)
        return;
    info = oa_unpack(&oa_rpc__retry_info__descriptor,
                     (struct oa_slice){ (const char *)any->value.data, any->value.len }, arena, &err);
    if (!info)
        return;
    status->has_retry_delay = true;
    if (!info->retry_delay || info->retry_delay->seconds < 0)
        return;
    seconds = info->retry_delay->seconds;
    status->retry_delay_ns = (uint64_t)(seconds < RETRY_DELAY_S_MAX ? seconds : RETRY_DELAY_S_MAX) * OA_NS_PER_S;
    if (info->retry_delay->nanos > 0 && info->retry_delay->nanos < (int32_t)OA_NS_PER_S)
        status->retry_delay_ns += (uint64_t)info->retry_delay->nanos;
}

int oa_otlp_proto_decode_status(struct oa_slice body, struct oa_arena *arena, struct oa_otlp_status *ret_status)
{
    struct oa_otlp_status status = { 0 };
    OaRpc__Status *message;
    int err = 0;

    message = oa_unpack(&oa_rpc__status__descriptor, body, arena, &err);
    if (!message)
        return err;
    status.code = message->code;
    err = oa_utf8_copy(arena, oa_slice_of(message->message), OA_OTLP_ANSWER_CHARS, &status.message);
    if (err < 0)
        return err;
    for (size_t i = 0; i < message->n_details && !status.has_retry_delay; i++)
        status_take_retry_info(message->details[i], arena, &status);
    *ret_status = status;
    return 0;
}
