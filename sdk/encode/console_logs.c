/*
 * Log records as Python's ConsoleLogRecordExporter (1.45) prints them: same keys, order and spelling; null for what a
 * record does not say, ids of zeros outside of spans. And for people, a line each.
 */
#include "sdk/encode/console.h"
#include "sdk/encode/console_parts.h"
#include "sdk/model/iso_time.h"
#include "sdk/model/utf8.h"

#define LOGS_INDENT 4u
#define LOGS_BODY_CHARS 1000u /* of a line */
#define LOGS_WORD_CHARS 40u

static void put_severity(struct oa_json *json, const struct oa_log_view *log)
{
    if (log->severity)
        oa_json_member_int(json, OA_SLICE("severity_number"), log->severity);
    else
        oa_json_member_null(json, OA_SLICE("severity_number"));
    if (log->severity_text.len)
        oa_json_member_str(json, OA_SLICE("severity_text"), log->severity_text);
    else
        oa_json_member_null(json, OA_SLICE("severity_text"));
}

static void put_log(struct oa_json *json, const struct oa_log_view *log, const struct oa_resource *resource)
{
    oa_json_object_open(json);
    oa_json_member_str(json, OA_SLICE("body"), log->body);
    put_severity(json, log);
    if (log->attr_count)
        oa_console_attributes(json, log->attrs, log->attr_count);
    else
        oa_json_member_null(json, OA_SLICE("attributes"));
    oa_json_member_int(json, OA_SLICE("dropped_attributes"), log->attr_dropped);
    if (log->unix_ns)
        oa_console_time(json, OA_SLICE("timestamp"), log->unix_ns);
    else
        oa_json_member_null(json, OA_SLICE("timestamp"));
    oa_console_time(json, OA_SLICE("observed_timestamp"), log->observed_unix_ns);
    oa_console_id(json, OA_SLICE("trace_id"), log->trace_id, sizeof(log->trace_id));
    oa_console_id(json, OA_SLICE("span_id"), log->span_id, sizeof(log->span_id));
    oa_json_member_int(json, OA_SLICE("trace_flags"), log->flags);
    oa_console_resource(json, resource);
    oa_json_member_str(json, OA_SLICE("event_name"), log->event_name);
    oa_json_object_close(json);
}

int oa_console_log_json(const struct oa_log_view *log, const struct oa_resource *resource, struct oa_arena *arena,
                        struct oa_slice *ret_text)
{
    struct oa_json json;

    oa_json_init(&json, arena, LOGS_INDENT);
    put_log(&json, log, resource);
    oa_buf_put(&json.buf, OA_SLICE("\n"));
    return oa_json_finish(&json, ret_text);
}

/* The name of its number, as the data model has it: ERROR3 is 19. */
static void line_severity(struct oa_buf *buf, uint8_t severity)
{
    static const char *const words[] = { "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL" };
    char text[8] = "-";

    if (severity) {
        size_t at = oa_slice_of(words[(severity - 1) / 4]).len;

        memcpy(text, words[(severity - 1) / 4], at + 1);
        text[at] = (severity - 1) % 4 ? (char)('1' + (severity - 1) % 4) : '\0';
        text[at + 1] = '\0';
    }
    oa_buf_fmt(buf, "  %-6s  ", text);
}

static void line_log(struct oa_buf *buf, const struct oa_log_view *log)
{
    char time[OA_ISO_TIME_BYTES];

    oa_buf_put(buf, oa_iso_time(time, log->unix_ns ? log->unix_ns : log->observed_unix_ns, 3));
    line_severity(buf, log->severity);
    if (log->event_name.len) {
        oa_buf_put(buf, OA_SLICE("["));
        oa_console_safe(buf, log->event_name, LOGS_WORD_CHARS);
        oa_buf_put(buf, OA_SLICE("] "));
    }
    oa_console_safe(buf, log->body, LOGS_BODY_CHARS);
    if (log->has_context) {
        oa_buf_put(buf, OA_SLICE("  trace "));
        oa_buf_hex(buf, log->trace_id, sizeof(log->trace_id));
        oa_buf_put(buf, OA_SLICE("  span "));
        oa_buf_hex(buf, log->span_id, sizeof(log->span_id));
    }
    oa_buf_put(buf, OA_SLICE("\n"));
}

int oa_console_log_lines(const struct oa_batch *batch, struct oa_arena *arena, struct oa_slice *ret_text)
{
    struct oa_buf buf;

    oa_buf_init(&buf, arena);
    for (uint32_t i = 0; i < batch->count; i++)
        line_log(&buf, &batch->logs[i]);
    if (buf.err)
        return buf.err;
    *ret_text = (struct oa_slice){ buf.ptr, buf.len };
    return 0;
}
