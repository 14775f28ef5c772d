#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/encode/buf.h"
#include "sdk/encode/console.h"
#include "sdk/encode/console_parts.h"
#include "sdk/encode/span_tree.h"
#include "sdk/model/utf8.h"

#define TREE_INDENT 2u
#define TREE_NAME_COLUMNS 40u
#define TREE_DETAIL_CHARS 120u
#define TREE_DURATION_COLUMNS 7
#define TREE_DEPTH_MAX 32u /* deeper levels are not indented further */

static const char *const kind_words[] = {
    [OA_SPAN_INTERNAL] = "INTERNAL", [OA_SPAN_SERVER] = "SERVER",     [OA_SPAN_CLIENT] = "CLIENT",
    [OA_SPAN_PRODUCER] = "PRODUCER", [OA_SPAN_CONSUMER] = "CONSUMER",
};

/* Digits at the right of `columns`, and a unit. Integers only: the host's locale decides about the point of %f. */
static void put_duration(struct oa_buf *buf, uint64_t ns, int columns)
{
    static const struct {
        uint64_t unit_ns;
        const char *unit;
    } units[] = { { OA_NS_PER_S, "s" }, { OA_NS_PER_MS, "ms" }, { 1000, "us" } };
    size_t i = 0;
    uint64_t tenths;

    while (i + 1 < OA_COUNT(units) && ns < units[i].unit_ns)
        i++;
    tenths = ns / (units[i].unit_ns / 10);
    oa_buf_fmt(buf, "%*llu.%llu%-2s", columns, (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10),
               units[i].unit);
}

/* What came of it: HTTP status or exit code if there is one, the kind of error, and ERROR as such. */
static void put_outcome(struct oa_buf *buf, const struct oa_span_view *span)
{
    const struct oa_attr_view *http = oa_span_view_attr(span, OA_SLICE("http.response.status_code"));
    const struct oa_attr_view *exit_code = oa_span_view_attr(span, OA_SLICE("process.exit.code"));
    const struct oa_attr_view *error = oa_span_view_attr(span, OA_SLICE("error.type"));

    if (http && http->type == OA_ATTR_INT)
        oa_buf_fmt(buf, "  %lld", (long long)http->num);
    if (exit_code && exit_code->type == OA_ATTR_INT)
        oa_buf_fmt(buf, "  exit %lld", (long long)exit_code->num);
    if (span->status == OA_STATUS_ERROR)
        oa_buf_put(buf, OA_SLICE("  ERROR"));
    if (error && error->type == OA_ATTR_STR && !http) {
        oa_buf_put(buf, OA_SLICE(" "));
        oa_console_safe(buf, error->str, TREE_DETAIL_CHARS);
    }
}

/* Where it went or what it asked for: the first of these that the span has. */
static void put_detail(struct oa_buf *buf, const struct oa_span_view *span)
{
    static const struct oa_slice keys[] = {
        OA_SLICE("url.full"),
        OA_SLICE("url.path"),
        OA_SLICE("dns.question.name"),
        OA_SLICE("server.address"),
    };

    for (size_t i = 0; i < OA_COUNT(keys); i++) {
        const struct oa_attr_view *attr = oa_span_view_attr(span, keys[i]);

        if (!attr || attr->type != OA_ATTR_STR)
            continue;
        oa_buf_put(buf, OA_SLICE("  "));
        oa_console_safe(buf, attr->str, TREE_DETAIL_CHARS);
        return;
    }
}

/* A line each: when it was, counted from the span's start, and what; whom a link names. */
static void put_extras(struct oa_buf *buf, const struct oa_span_view *span, size_t column)
{
    const struct oa_span_extras *extras = span->extras;

    for (uint32_t i = 0; i < extras->event_count; i++) {
        const struct oa_event_view *event = &extras->events[i];
        bool before = event->unix_ns < span->start_unix_ns;

        oa_buf_fill(buf, ' ', column);
        oa_buf_put(buf, before ? OA_SLICE("@ -") : OA_SLICE("@ +"));
        put_duration(buf, before ? span->start_unix_ns - event->unix_ns : event->unix_ns - span->start_unix_ns, 0);
        oa_buf_put(buf, OA_SLICE("  "));
        oa_console_safe(buf, event->name, TREE_DETAIL_CHARS);
        oa_buf_put(buf, OA_SLICE("\n"));
    }
    for (uint32_t i = 0; i < extras->link_count; i++) {
        oa_buf_fill(buf, ' ', column);
        oa_buf_put(buf, OA_SLICE("~ trace "));
        oa_buf_hex(buf, extras->links[i].trace_id, sizeof(extras->links[i].trace_id));
        oa_buf_put(buf, OA_SLICE("  span "));
        oa_buf_hex(buf, extras->links[i].span_id, sizeof(extras->links[i].span_id));
        oa_buf_put(buf, OA_SLICE("\n"));
    }
}

static void put_line(struct oa_buf *buf, const struct oa_span_line *line)
{
    const struct oa_span_view *span = line->span;
    uint32_t depth = line->depth < TREE_DEPTH_MAX ? line->depth : TREE_DEPTH_MAX;
    size_t column = (size_t)(depth + 1) * TREE_INDENT;

    if (line->first) {
        oa_buf_put(buf, OA_SLICE("trace "));
        oa_buf_hex(buf, span->trace_id, sizeof(span->trace_id));
        oa_buf_put(buf, OA_SLICE("\n"));
    }
    oa_buf_fill(buf, ' ', column);
    column += oa_console_safe(buf, span->name, OA_UTF8_NO_LIMIT);
    oa_buf_fill(buf, ' ', column < TREE_NAME_COLUMNS ? TREE_NAME_COLUMNS - column : 0);
    oa_buf_fmt(buf, "  %-8s", kind_words[span->kind]);
    put_duration(buf, span->end_unix_ns - span->start_unix_ns, TREE_DURATION_COLUMNS);
    put_outcome(buf, span);
    put_detail(buf, span);
    while (buf->len && buf->ptr[buf->len - 1] == ' ')
        buf->len--;
    oa_buf_put(buf, OA_SLICE("\n"));
    if (span->extras)
        put_extras(buf, span, (size_t)(depth + 2) * TREE_INDENT);
}

int oa_console_tree(const struct oa_batch *batch, struct oa_arena *arena, struct oa_slice *ret_text)
{
    const struct oa_span_line *lines = oa_span_tree_lines(batch, arena);
    struct oa_buf buf;

    if (!lines)
        return OA_ENOMEM;
    oa_buf_init(&buf, arena);
    for (uint32_t i = 0; i < batch->count; i++)
        put_line(&buf, &lines[i]);
    if (buf.err)
        return buf.err;
    *ret_text = (struct oa_slice){ buf.ptr, buf.len };
    return 0;
}
