#include "tests/support/collector_answer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/collector_json.h"

bool oa_collector_mode_is(const struct oa_collector *collector, const char *word)
{
    return strcmp(collector->mode, word) == 0;
}

static bool ends_in(struct oa_slice target, struct oa_slice end)
{
    return target.len >= end.len && memcmp(target.ptr + target.len - end.len, end.ptr, end.len) == 0;
}

/* Writes what the body holds, by where it was sent to. How many items, -1: it is not what it claims to be. */
static long put(struct oa_collector *collector, const struct oa_collector_request *request)
{
    const struct {
        struct oa_slice path, method;
        long (*put)(FILE *out, const uint8_t *body, size_t len, int gzip);
        FILE *out;
    } signals[] = {
        { OA_SLICE("/metrics"), OA_SLICE("MetricsService/Export"), oa_collector_json_metrics, collector->metrics },
        { OA_SLICE("/logs"), OA_SLICE("LogsService/Export"), oa_collector_json_logs, collector->logs },
        { OA_SLICE(""), OA_SLICE(""), oa_collector_json_spans, collector->out },
    };
    size_t i = 0;

    while (!ends_in(request->target, signals[i].path) && !ends_in(request->target, signals[i].method))
        i++;
    return signals[i].put(signals[i].out, request->body, request->body_len, request->gzip);
}

/* 0: no answer at all. */
static int decide(struct oa_collector *collector, const struct oa_collector_request *request, long *items)
{
    static const char *const silent[] = { "garbage", "close", "blackhole" }, *const refusals[] = { "400", "429",
                                                                                                   "503" };

    *items = 0;
    if (!oa_slice_eq(request->method, OA_SLICE("POST")) || !request->known)
        return 404;
    for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
        if (oa_collector_mode_is(collector, silent[i]))
            return 0;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        if (oa_collector_mode_is(collector, refusals[i]))
            return atoi(refusals[i]);
    *items = put(collector, request);
    return *items < 0 ? 400 : 200;
}

int oa_collector_take(struct oa_collector *collector, const struct oa_collector_request *request)
{
    long items;
    int status = decide(collector, request, &items);

    if (!collector->log)
        return status;
    fputs("{\"method\":", collector->log);
    oa_collector_json_text(collector->log, request->method.ptr, request->method.len);
    fputs(",\"path\":", collector->log);
    oa_collector_json_text(collector->log, request->target.ptr, request->target.len);
    fprintf(collector->log, ",\"headers\":{%s},\"bodyBytes\":%zu,\"status\":%d,\"items\":%ld}\n", request->headers,
            request->body_len, status, items);
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
