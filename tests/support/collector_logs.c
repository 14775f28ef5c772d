#include <inttypes.h>

#include "sdk/encode/proto/logs.pb-c.h"
#include "tests/support/collector_internal.h"

static void put_log(FILE *out, const OaOtlp__ResourceLogs *from, const OaOtlp__ScopeLogs *scope,
                    const OaOtlp__LogRecord *log)
{
    fputc('{', out);
    oa_collector_put_hex(out, "traceId", log->trace_id);
    oa_collector_put_hex(out, "spanId", log->span_id);
    fprintf(out,
            "\"time\":%" PRIu64 ",\"observed\":%" PRIu64 ",\"severity\":%d,\"flags\":%" PRIu32 ",\"severityText\":",
            log->time_unix_nano, log->observed_time_unix_nano, (int)log->severity_number, log->flags);
    oa_collector_put_bytes(out, log->severity_text);
    fputs(",\"eventName\":", out);
    oa_collector_put_bytes(out, log->event_name);
    fputs(",\"body\":", out);
    oa_collector_put_value(out, log->body);
    oa_collector_put_scope(out, scope->scope, scope->schema_url);
    fprintf(out, ",\"droppedAttributes\":%" PRIu32 ",\"attributes\":", log->dropped_attributes_count);
    oa_collector_put_attributes(out, log->attributes, log->n_attributes);
    oa_collector_put_resource(out, from->resource);
    fputs("}\n", out);
}

static long put_scopes(FILE *out, const OaOtlp__ResourceLogs *from)
{
    long logs = 0;

    for (size_t s = 0; s < from->n_scope_logs; s++) {
        const OaOtlp__ScopeLogs *scope = from->scope_logs[s];

        for (size_t i = 0; i < scope->n_log_records; i++, logs++)
            put_log(out, from, scope, scope->log_records[i]);
    }
    return logs;
}

long oa_collector_json_logs(FILE *out, const uint8_t *body, size_t len, int gzip)
{
    OaOtlp__ExportLogsServiceRequest *request;
    uint8_t *plain = oa_collector_plain(body, &len, gzip);
    long logs = 0;

    request = plain ? oa_otlp__export_logs_service_request__unpack(NULL, len, plain) : NULL;
    free(plain);
    if (!request)
        return -1;
    for (size_t i = 0; i < request->n_resource_logs; i++)
        logs += put_scopes(out, request->resource_logs[i]);
    oa_otlp__export_logs_service_request__free_unpacked(request, NULL);
    fflush(out);
    return logs;
}
