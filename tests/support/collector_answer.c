#include "tests/support/collector_answer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/collector_json.h"

bool oa_collector_mode_is(const struct oa_collector *collector, const char *word)
{
    return strcmp(collector->mode, word) == 0;
}

static bool is_metrics(struct oa_slice target)
{
    static const struct oa_slice ends[] = { { "/metrics", 8 }, { "MetricsService/Export", 21 } };

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (target.len >= ends[i].len && memcmp(target.ptr + target.len - ends[i].len, ends[i].ptr, ends[i].len) == 0)
            return true;
    return false;
}

/* 0: no answer at all. */
static int decide(struct oa_collector *collector, const struct oa_collector_request *request, long *spans)
{
    static const char *const silent[] = { "garbage", "close", "blackhole" }, *const refusals[] = { "400", "429",
                                                                                                   "503" };

    *spans = 0;
    if (!oa_slice_eq(request->method, OA_SLICE("POST")) || !request->known)
        return 404;
    for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
        if (oa_collector_mode_is(collector, silent[i]))
            return 0;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        if (oa_collector_mode_is(collector, refusals[i]))
            return atoi(refusals[i]);
    if (is_metrics(request->target))
        return oa_collector_json_metrics(collector->metrics, request->body, request->body_len, request->gzip) < 0
                   ? 400
                   : 200;
    *spans = oa_collector_json_spans(collector->out, request->body, request->body_len, request->gzip);
    return *spans < 0 ? 400 : 200;
}

int oa_collector_take(struct oa_collector *collector, const struct oa_collector_request *request)
{
    long spans;
    int status = decide(collector, request, &spans);

    if (!collector->log)
        return status;
    fputs("{\"method\":", collector->log);
    oa_collector_json_text(collector->log, request->method.ptr, request->method.len);
    fputs(",\"path\":", collector->log);
    oa_collector_json_text(collector->log, request->target.ptr, request->target.len);
    fprintf(collector->log, ",\"headers\":{%s},\"bodyBytes\":%zu,\"status\":%d,\"spans\":%ld}\n", request->headers,
            request->body_len, status, spans);
    fflush(collector->log);
    return status;
}

struct oa_slice oa_collector_body(const struct oa_collector *collector, int status)
{
    /* A google.rpc.Status, or a partial success: field 1 { 1: one span, 2: a message }. */
    static const char refused[] = "\x12\x0fno spans wanted", partial[] = "\x0a\x0d\x08\x01\x12\x09too large";

    if (status != 200)
        return (struct oa_slice){ refused, sizeof(refused) - 1 };
    return oa_collector_mode_is(collector, "partial") ? (struct oa_slice){ partial, sizeof(partial) - 1 }
                                                      : (struct oa_slice){ "", 0 };
}

void oa_collector_answered(struct oa_collector *collector)
{
    if (collector->times > 0 && --collector->times == 0)
        collector->mode = "ok";
}
