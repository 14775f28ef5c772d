#include "tests/support/collector_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "sdk/encode/proto/trace_service.pb-c.h"
#include "tests/support/collector_internal.h"

#define UNPACKED_MAX (64u * 1024 * 1024)

void oa_collector_json_text(FILE *out, const char *text, size_t len)
{
    fputc('"', out);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void put_text(FILE *out, const char *text)
{
    oa_collector_json_text(out, text, strlen(text));
}

void oa_collector_put_bytes(FILE *out, ProtobufCBinaryData text)
{
    oa_collector_json_text(out, (const char *)text.data, text.len);
}

void oa_collector_put_hex(FILE *out, const char *key, ProtobufCBinaryData data)
{
    fprintf(out, "\"%s\":\"", key);
    for (size_t i = 0; i < data.len; i++)
        fprintf(out, "%02x", data.data[i]);
    fputs("\",", out);
}

static void put_array(FILE *out, const OaOtlp__ArrayValue *array)
{
    fputc('[', out);
    for (size_t i = 0; i < array->n_values; i++) {
        fputs(i ? "," : "", out);
        oa_collector_put_value(out, array->values[i]);
    }
    fputc(']', out);
}

/* Never without a point or an exponent: it would be read back as an integer. */
static void put_double(FILE *out, double value)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%.17g", value);
    fprintf(out, "%s%s", text, strpbrk(text, ".en") ? "" : ".0");
}

void oa_collector_put_value(FILE *out, const OaOtlp__AnyValue *value)
{
    switch (value ? value->value_case : OA_OTLP__ANY_VALUE__VALUE__NOT_SET) {
    case OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE:
        oa_collector_put_bytes(out, value->string_value);
        break;
    case OA_OTLP__ANY_VALUE__VALUE_BOOL_VALUE:
        fputs(value->bool_value ? "true" : "false", out);
        break;
    case OA_OTLP__ANY_VALUE__VALUE_INT_VALUE:
        fprintf(out, "%" PRId64, value->int_value);
        break;
    case OA_OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE:
        put_double(out, value->double_value);
        break;
    case OA_OTLP__ANY_VALUE__VALUE_ARRAY_VALUE:
        put_array(out, value->array_value);
        break;
    default:
        fputs("null", out);
        break;
    }
}

void oa_collector_put_attributes(FILE *out, OaOtlp__KeyValue **list, size_t n)
{
    fputc('{', out);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? "," : "", out);
        oa_collector_put_bytes(out, list[i]->key);
        fputc(':', out);
        oa_collector_put_value(out, list[i]->value);
    }
    fputc('}', out);
}

void oa_collector_put_resource(FILE *out, const OaOtlp__Resource *resource)
{
    fputs(",\"resource\":", out);
    oa_collector_put_attributes(out, resource ? resource->attributes : NULL, resource ? resource->n_attributes : 0);
}

void oa_collector_put_scope(FILE *out, const OaOtlp__InstrumentationScope *scope, const char *schema_url)
{
    fputs(",\"scope\":", out);
    put_text(out, scope ? scope->name : "");
    fputs(",\"schemaUrl\":", out);
    put_text(out, schema_url);
}

static const char *kind_word(int kind)
{
    static const char *const words[] = { "UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER" };

    return kind >= 0 && kind < 6 ? words[kind] : "?";
}

static void put_events(FILE *out, const OaOtlp__Span *span)
{
    fprintf(out, ",\"droppedEvents\":%" PRIu32 ",\"events\":[", span->dropped_events_count);
    for (size_t i = 0; i < span->n_events; i++) {
        const OaOtlp__Span__Event *event = span->events[i];

        fprintf(out, "%s{\"time\":%" PRIu64 ",\"name\":", i ? "," : "", event->time_unix_nano);
        oa_collector_put_bytes(out, event->name);
        fprintf(out, ",\"droppedAttributes\":%" PRIu32 ",\"attributes\":", event->dropped_attributes_count);
        oa_collector_put_attributes(out, event->attributes, event->n_attributes);
        fputc('}', out);
    }
    fputc(']', out);
}

static void put_links(FILE *out, const OaOtlp__Span *span)
{
    fprintf(out, ",\"droppedLinks\":%" PRIu32 ",\"links\":[", span->dropped_links_count);
    for (size_t i = 0; i < span->n_links; i++) {
        const OaOtlp__Span__Link *link = span->links[i];

        fputs(i ? ",{" : "{", out);
        oa_collector_put_hex(out, "traceId", link->trace_id);
        oa_collector_put_hex(out, "spanId", link->span_id);
        fprintf(out, "\"flags\":%" PRIu32 ",\"traceState\":", link->flags);
        oa_collector_put_bytes(out, link->trace_state);
        fprintf(out, ",\"droppedAttributes\":%" PRIu32 ",\"attributes\":", link->dropped_attributes_count);
        oa_collector_put_attributes(out, link->attributes, link->n_attributes);
        fputc('}', out);
    }
    fputc(']', out);
}

static void put_span(FILE *out, const OaOtlp__ResourceSpans *from, const OaOtlp__ScopeSpans *scope,
                     const OaOtlp__Span *span)
{
    fputc('{', out);
    oa_collector_put_hex(out, "traceId", span->trace_id);
    oa_collector_put_hex(out, "spanId", span->span_id);
    oa_collector_put_hex(out, "parentSpanId", span->parent_span_id);
    fputs("\"name\":", out);
    oa_collector_put_bytes(out, span->name);
    fprintf(out, ",\"kind\":\"%s\",\"start\":%" PRIu64 ",\"end\":%" PRIu64 ",\"flags\":%" PRIu32 ",\"traceState\":",
            kind_word((int)span->kind), span->start_time_unix_nano, span->end_time_unix_nano, span->flags);
    oa_collector_put_bytes(out, span->trace_state);
    fprintf(out, ",\"status\":%d", span->status ? (int)span->status->code : 0);
    oa_collector_put_scope(out, scope->scope, scope->schema_url);
    fprintf(out, ",\"droppedAttributes\":%" PRIu32 ",\"attributes\":", span->dropped_attributes_count);
    oa_collector_put_attributes(out, span->attributes, span->n_attributes);
    put_events(out, span);
    put_links(out, span);
    oa_collector_put_resource(out, from->resource);
    fputs("}\n", out);
}

static long put_scopes(FILE *out, const OaOtlp__ResourceSpans *from)
{
    long spans = 0;

    for (size_t s = 0; s < from->n_scope_spans; s++) {
        const OaOtlp__ScopeSpans *scope = from->scope_spans[s];

        for (size_t i = 0; i < scope->n_spans; i++, spans++)
            put_span(out, from, scope, scope->spans[i]);
    }
    return spans;
}

/* malloc'ed; NULL if it is no gzip or too much. */
static uint8_t *gunzip(const uint8_t *in, size_t len, size_t *ret_len)
{
    z_stream z = { .next_in = (z_const Bytef *)in, .avail_in = (uInt)len };
    size_t capacity = 64 * 1024;
    uint8_t *out = malloc(capacity);
    int state = inflateInit2(&z, 15 + 16);

    while (out && state == Z_OK && z.total_out < UNPACKED_MAX) {
        if (z.total_out == capacity)
            out = realloc(out, capacity *= 2);
        if (!out)
            break;
        z.next_out = out + z.total_out;
        z.avail_out = (uInt)(capacity - z.total_out);
        state = inflate(&z, Z_NO_FLUSH);
    }
    *ret_len = z.total_out;
    (void)inflateEnd(&z);
    if (state == Z_STREAM_END)
        return out;
    free(out);
    return NULL;
}

uint8_t *oa_collector_plain(const uint8_t *body, size_t *len, int gzip)
{
    uint8_t *copy;

    if (gzip)
        return gunzip(body, *len, len);
    copy = malloc(*len + 1);
    if (copy && *len)
        memcpy(copy, body, *len);
    return copy;
}

long oa_collector_json_spans(FILE *out, const uint8_t *body, size_t len, int gzip)
{
    uint8_t *plain = oa_collector_plain(body, &len, gzip);
    OaOtlp__ExportTraceServiceRequest *request;
    long spans = 0;

    request = plain ? oa_otlp__export_trace_service_request__unpack(NULL, len, plain) : NULL;
    free(plain);
    if (!request)
        return -1;
    for (size_t i = 0; i < request->n_resource_spans; i++)
        spans += put_scopes(out, request->resource_spans[i]);
    oa_otlp__export_trace_service_request__free_unpacked(request, NULL);
    fflush(out);
    return spans;
}
