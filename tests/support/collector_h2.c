#include "tests/support/collector_h2.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "preload/base/clock.h"
#include "preload/base/compiler.h"
#include "tests/support/collector_json.h"

#define PREFIX 5u

struct call {
    struct call *next;
    struct oa_collector_h2 *h2;
    int32_t stream;
    FILE *headers, *body;
    char *headers_text, *body_bytes;
    size_t headers_len, body_len;
    char method[16], target[256];
    bool gzip, grpc;
    uint64_t answer_at; /* 0: not yet complete, or answered */
    /* The answer. */
    char message[64];
    size_t message_len, sent;
    const char *status, *text, *details;
};

struct oa_collector_h2 {
    int fd;
    struct oa_collector *collector;
    nghttp2_session *session;
    struct call *calls;
    bool broken;
};

static nghttp2_nv field(const char *name, const char *value)
{
    return (nghttp2_nv){ (uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value), 0 };
}

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct oa_collector_h2 *h2 = user;
    struct call *call = calloc(1, sizeof(*call));

    if (!call || frame->hd.type != NGHTTP2_HEADERS)
        abort();
    call->h2 = h2;
    call->stream = frame->hd.stream_id;
    call->headers = open_memstream(&call->headers_text, &call->headers_len);
    call->body = open_memstream(&call->body_bytes, &call->body_len);
    call->next = h2->calls;
    h2->calls = call;
    return nghttp2_session_set_stream_user_data(session, call->stream, call);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                     const uint8_t *value, size_t value_len, uint8_t flags, void *user)
{
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    struct oa_slice key = { (const char *)name, name_len }, text = { (const char *)value, value_len };

    (void)flags;
    (void)user;
    if (!call)
        return 0;
    if (oa_slice_eq(key, OA_SLICE(":path")))
        (void)snprintf(call->target, sizeof(call->target), "%.*s", (int)text.len, text.ptr);
    if (oa_slice_eq(key, OA_SLICE(":method")))
        (void)snprintf(call->method, sizeof(call->method), "%.*s", (int)text.len, text.ptr);
    if (oa_slice_eq(key, OA_SLICE("grpc-encoding")))
        call->gzip = oa_slice_eq(text, OA_SLICE("gzip"));
    if (oa_slice_eq(key, OA_SLICE("content-type")))
        call->grpc = oa_slice_eq(text, OA_SLICE("application/grpc"));
    if (ftell(call->headers) > 0)
        fputc(',', call->headers);
    oa_collector_json_text(call->headers, key.ptr, key.len);
    fputc(':', call->headers);
    oa_collector_json_text(call->headers, text.ptr, text.len);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data, size_t len,
                   void *user)
{
    struct call *call = nghttp2_session_get_stream_user_data(session, stream);

    (void)flags;
    (void)user;
    if (call)
        (void)fwrite(data, 1, len, call->body);
    return 0;
}

/* The message, then its trailers. */
static ssize_t give(nghttp2_session *session, int32_t stream, uint8_t *buf, size_t len, uint32_t *flags,
                    nghttp2_data_source *source, void *user)
{
    struct call *call = source->ptr;
    size_t left = call->message_len - call->sent, n = left < len ? left : len;
    nghttp2_nv trailers[3] = { field("grpc-status", call->status ? call->status : ""),
                               field("grpc-message", call->text ? call->text : ""),
                               field("grpc-status-details-bin", call->details ? call->details : "") };

    (void)user;
    memcpy(buf, call->message + call->sent, n);
    call->sent += n;
    if (call->sent < call->message_len)
        return (ssize_t)n;
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (call->status) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        (void)nghttp2_submit_trailer(session, stream, trailers, call->details ? 3 : call->text ? 2 : 1);
    }
    return (ssize_t)n;
}

static void trailers_only(struct call *call)
{
    nghttp2_nv fields[] = { field(":status", "200"), field("content-type", "application/grpc"),
                            field("grpc-status", call->status), field("grpc-message", call->text) };

    (void)nghttp2_submit_response(call->h2->session, call->stream, fields, OA_COUNT(fields), NULL);
}

static void respond(struct call *call)
{
    nghttp2_nv fields[] = { field(":status", "200"), field("content-type", "application/grpc") };
    nghttp2_data_provider provider = { .source.ptr = call, .read_callback = give };

    (void)nghttp2_submit_response(call->h2->session, call->stream, fields, OA_COUNT(fields), &provider);
}

static void put_message(struct call *call, struct oa_slice message)
{
    memcpy(call->message, (const char[PREFIX]){ 0, 0, 0, 0, (char)message.len }, PREFIX);
    memcpy(call->message + PREFIX, message.len ? message.ptr : "", message.len);
    call->message_len = PREFIX + message.len;
}

/* A google.rpc.Status with a RetryInfo of one second, in base64 without padding, as servers write it. */
static const char retry_info[] = "CA4aMAoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIECgIIAQ";

static void refuse(struct call *call, int status)
{
    static const struct {
        int http;
        const char *grpc;
        bool only;
    } rows[] = { { 400, "3", true }, { 404, "12", true }, { 429, "8", false }, { 503, "14", false } };

    call->text = "no spans wanted: 100%25%20sure";
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        if (rows[i].http != status)
            continue;
        call->status = rows[i].grpc;
        if (rows[i].only) {
            trailers_only(call);
            return;
        }
    }
    if (call->h2->collector->argument != UINT32_MAX)
        call->details = retry_info;
    respond(call);
}

static void answer(struct call *call)
{
    struct oa_collector *collector = call->h2->collector;
    struct oa_collector_request request = { .method = oa_slice_of(call->method),
                                            .target = oa_slice_of(call->target),
                                            .gzip = call->gzip };
    int status;

    (void)fflush(call->headers);
    (void)fflush(call->body);
    call->answer_at = 0;
    request.headers = call->headers_text;
    request.known = call->grpc && call->body_len >= PREFIX && call->body_bytes[0] == (call->gzip ? 1 : 0);
    request.body = (const uint8_t *)call->body_bytes + (request.known ? PREFIX : 0);
    request.body_len = call->body_len - (request.known ? PREFIX : 0);
    status = oa_collector_take(collector, &request);
    if (status == 200) {
        put_message(call, oa_collector_body(collector, status));
        call->status = oa_collector_mode_is(collector, "nostatus") ? NULL : "0";
        respond(call);
    } else if (status) {
        refuse(call, status);
    } else if (oa_collector_mode_is(collector, "garbage")) {
        call->status = "0";
        memcpy(call->message, "no message", 10);
        call->message_len = 10;
        respond(call);
    } else {
        call->h2->broken = oa_collector_mode_is(collector, "close");
    }
    oa_collector_answered(collector);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct oa_collector_h2 *h2 = user;
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    bool slow = oa_collector_mode_is(h2->collector, "slow");

    if (!call || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    call->answer_at = oa_clock_mono_ns() + (slow ? h2->collector->argument * OA_NS_PER_MS : 0);
    if (!slow)
        answer(call);
    return 0;
}

static void call_free(struct call *call)
{
    (void)fclose(call->headers);
    (void)fclose(call->body);
    free(call->headers_text);
    free(call->body_bytes);
    free(call);
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *user)
{
    struct oa_collector_h2 *h2 = user;

    (void)session;
    (void)error;
    for (struct call **at = &h2->calls; *at; at = &(*at)->next) {
        struct call *call = *at;

        if (call->stream != stream)
            continue;
        *at = call->next;
        call_free(call);
        return 0;
    }
    return 0;
}

struct oa_collector_h2 *oa_collector_h2_new(int fd, struct oa_collector *collector)
{
    struct oa_collector_h2 *h2 = calloc(1, sizeof(*h2));
    nghttp2_session_callbacks *callbacks;

    if (!h2 || nghttp2_session_callbacks_new(&callbacks) != 0)
        abort();
    h2->fd = fd;
    h2->collector = collector;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    if (nghttp2_session_server_new(&h2->session, callbacks, h2) != 0 ||
        nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, NULL, 0) != 0)
        abort();
    nghttp2_session_callbacks_del(callbacks);
    return h2;
}

void oa_collector_h2_free(struct oa_collector_h2 *h2)
{
    nghttp2_session_del(h2->session);
    while (h2->calls) {
        struct call *call = h2->calls;

        h2->calls = call->next;
        call_free(call);
    }
    free(h2);
}

static bool flush(struct oa_collector_h2 *h2)
{
    for (;;) {
        const uint8_t *bytes;
        ssize_t len = h2->broken ? 0 : nghttp2_session_mem_send(h2->session, &bytes);

        if (len <= 0)
            return len == 0 && !h2->broken;
        while (len > 0) {
            ssize_t n = send(h2->fd, bytes, (size_t)len, MSG_NOSIGNAL);

            if (n <= 0)
                return false;
            bytes += n;
            len -= n;
        }
    }
}

bool oa_collector_h2_feed(struct oa_collector_h2 *h2, const char *buf, size_t len)
{
    return nghttp2_session_mem_recv(h2->session, (const uint8_t *)buf, len) >= 0 && flush(h2);
}

bool oa_collector_h2_tick(struct oa_collector_h2 *h2)
{
    for (struct call *call = h2->calls; call; call = call->next)
        if (call->answer_at && call->answer_at <= oa_clock_mono_ns())
            answer(call);
    return flush(h2);
}
