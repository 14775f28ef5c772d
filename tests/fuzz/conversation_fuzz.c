/* SOURCES: tests/support/http.sources */
/*
 * The input is what happens on a connection: parts that end with a zero byte, the first byte of each says what it
 * is. Of the connection's beginning, bit 0: we are the server; bit 1: a public one; bit 2: with events. Of others,
 * bit 0: outgoing. Bit 1: the direction ends behind it. Bit 2: the call fails behind it. Bit 3: its bytes pass
 * unseen. Bits 4 to 7: how to cut it into pieces.
 * All propagators, all headers are captured. Properties: an edit lies in what the program sends, and inserts whole
 * header lines; what comes in keeps its place, its line ends and the buffer's room; each record is read as one; no
 * operation is left behind.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/conn.h"
#include "preload/ring.h"
#include "sdk/api/meter.h"
#include "sdk/model/span_view.h"
#include "tests/fuzz/must.h"
#include "tests/support/http_fixture.h"
#include "tests/support/ring_consumer.h"

#define PIECES 4
#define ROOM 600 /* behind what was read, in the program's buffer */

static struct oa_conn conn;
static bool over; /* nothing more can be said of the connection */

static void start(void)
{
    static const char *const settings[] = {
        "OTEL_AUTO_LOG=/dev/null",
        "OTEL_PROPAGATORS=tracecontext,baggage,b3,b3multi,jaeger,xray,ottrace",
        "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS=accept,x-one",
        "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS=content-type,x-one",
        "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST=.*",
        "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE=x-.*,set-cookie",
        "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS=.*secret.*,cookie",
        NULL,
    };
    static bool started;

    if (!started)
        oa_test_http_start(settings);
    started = true;
}

static void open_conn(enum oa_role role)
{
    struct sockaddr_in peer = { .sin_family = AF_INET,
                                .sin_port = htons(8080),
                                .sin_addr.s_addr = htonl(0xc0000201) };

    memset(&conn, 0, sizeof(conn));
    conn.refs = 1;
    conn.role = (uint8_t)role;
    conn.decided = true;
    conn.protocol = &oa_protocol_http1;
    oa_address_set(&conn.peer, (struct sockaddr *)&peer, sizeof(peer));
    conn.protocol->open(&conn);
    over = false;
}

/* Pieces of the call, each in a block of its own size: the sanitizer sees the first byte too far. */
static int cut(unsigned how, const uint8_t *data, size_t size, struct iovec *iov)
{
    size_t step = how ? 1 + size * how / 40 : size, at = 0;
    int n = 0;

    while (at < size) {
        size_t len = n == PIECES - 1 || step > size - at ? size - at : step;

        iov[n].iov_base = malloc(len);
        must(iov[n].iov_base != NULL);
        memcpy(iov[n].iov_base, data + at, len);
        iov[n++].iov_len = len;
        at += len;
    }
    return n;
}

static void feed(struct oa_flow *flow, struct oa_slice bytes)
{
    if (!over && bytes.len && conn.protocol->feed(&conn, flow, bytes) < 0)
        over = true;
}

/* The program's bytes [from, to) as they lie in the pieces. */
static void feed_part(const struct oa_outgoing *out, size_t from, size_t to, struct oa_flow *flow)
{
    size_t base = 0;

    for (int i = 0; i < out->count; base += out->iov[i++].iov_len) {
        size_t lo = from > base ? from - base : 0;
        size_t hi = to < base + out->iov[i].iov_len ? (to > base ? to - base : 0) : out->iov[i].iov_len;

        if (lo < hi)
            feed(flow, (struct oa_slice){ (const char *)out->iov[i].iov_base + lo, hi - lo });
    }
}

/* Whole lines "name: value", and nothing that would end the head. */
static void check_lines(struct oa_slice text)
{
    must(text.len > 2 && memcmp(text.ptr + text.len - 2, "\r\n", 2) == 0);
    text.len -= 2;
    while (text.len) {
        struct oa_slice line = oa_slice_next(&text, '\n'), value;

        if (text.ptr) {
            must(line.len > 0 && line.ptr[line.len - 1] == '\r');
            line.len--;
        }
        must(!memchr(line.ptr, '\r', line.len) && !memchr(line.ptr, '\0', line.len));
        value = line;
        must(oa_slice_next(&value, ':').len > 0 && value.len > 1 && value.ptr[0] == ' ');
    }
}

/* What the dry run has read must be what feeding would have made of the same bytes. */
static void check_taken(struct oa_http1 parser, const struct oa_outgoing *out, const struct oa_edit *edit)
{
    size_t base = 0;

    for (int i = 0; i < out->count; base += out->iov[i++].iov_len) {
        size_t lo = edit->start > base ? edit->start - base : 0, hi = edit->stop > base ? edit->stop - base : 0;
        const char *piece = out->iov[i].iov_base;
        struct oa_http1_event ev;

        hi = hi < out->iov[i].iov_len ? hi : out->iov[i].iov_len;
        if (lo >= hi)
            continue;
        do {
            ssize_t n = oa_http1_step(&parser, piece + lo, hi - lo, &ev);

            must(n >= 0);
            lo += (size_t)n;
        } while (!oa_http1_over(&ev, hi - lo));
    }
    must(memcmp(&parser, &conn.http.out, sizeof(parser)) == 0);
}

/* As the engine does it where everything can be sent at once, or where the kernel takes all but a few bytes. */
static void send_all(struct iovec *iov, int count, size_t total)
{
    struct oa_outgoing out = { .iov = iov, .count = count };
    struct oa_flow flow = { .outgoing = true };
    struct oa_http1 before;
    struct oa_edit edit;
    size_t from = 0;

    while (!over && from < total) {
        memset(&edit, 0x77, sizeof(edit)); /* nothing may be taken from what lay there */
        flow.before = (struct oa_when){ 0 };
        oa_when_now(&flow.before);
        if (conn.role != OA_ROLE_CLIENT || !conn.protocol->plan(&conn, &flow, &out, from, &edit))
            break;
        must(edit.start >= from && edit.at >= edit.start && edit.at <= edit.stop && edit.stop <= total);
        if (edit.replace)
            must(edit.at + oa_op_text(edit.op, OA_OP_INJECT).len <= edit.stop);
        else
            check_lines(oa_op_text(edit.op, OA_OP_INJECT));
        feed_part(&out, from, edit.start, &flow);
        before = conn.http.out;
        if (conn.protocol->plan_commit(&conn, &edit, (edit.stop - from) % 4 != 0))
            check_taken(before, &out, &edit);
        else
            feed_part(&out, edit.start, edit.stop, &flow);
        from = edit.stop;
    }
    feed_part(&out, from, total, &flow);
}

static void read_last(struct oa_flow *flow, const struct iovec *iov)
{
    struct oa_window window = { .len = iov->iov_len, .cap = iov->iov_len + ROOM, .fd = -1 };

    window.ptr = malloc(window.cap);
    must(window.ptr != NULL);
    memcpy(window.ptr, iov->iov_base, iov->iov_len);
    if (conn.protocol->ingress(&conn, flow, &window) < 0)
        over = true;
    must(window.len >= iov->iov_len && window.len <= window.cap);
    for (size_t i = 0; window.len == iov->iov_len && i < window.len; i++)
        must((window.ptr[i] == '\n') == (((const char *)iov->iov_base)[i] == '\n'));
    free(window.ptr);
}

static void receive(const struct iovec *iov, int count)
{
    struct oa_flow flow = { .outgoing = false };

    for (int i = 0; i < count && !over; i++)
        if (i == count - 1)
            read_last(&flow, &iov[i]);
        else
            feed(&flow, (struct oa_slice){ iov[i].iov_base, iov[i].iov_len });
}

static void part(uint8_t control, const uint8_t *data, size_t size)
{
    bool outgoing = control & 1;
    struct oa_flow flow = { .outgoing = outgoing };
    struct iovec iov[PIECES];
    int count = cut(control >> 4, data, size, iov);

    if (control & 8)
        over |= size && conn.protocol->skip(&conn, &flow, size) < 0;
    else if (outgoing)
        send_all(iov, count, size);
    else
        receive(iov, count);
    if (!over && (control & 2))
        conn.protocol->eof(&conn, outgoing);
    if (!over && (control & 4))
        conn.protocol->failed(&conn, ECONNRESET);
    for (int i = 0; i < count; i++)
        free(iov[i].iov_base);
}

static void check_records(void)
{
    static const struct oa_span_limits limits = { UINT32_MAX, UINT32_MAX, UINT32_MAX,
                                                  UINT32_MAX, UINT32_MAX, UINT32_MAX };
    struct oa_record *record;

    while ((record = oa_test_ring_peek(oa_ring())) != NULL) {
        struct oa_span_view view;
        struct oa_arena arena;

        oa_arena_init(&arena, 4096, 1u << 20);
        must(oa_span_view_read((struct oa_record_span *)record, record->size, &arena, &limits, &view) == 0);
        must(view.name.len > 0 && view.end_unix_ns >= view.start_unix_ns);
        oa_arena_release(&arena);
        oa_test_ring_release(oa_ring(), record);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 1;

    if (!size || size > 1u << 16)
        return 0;
    start();
    oa_begin_settings = (struct oa_begin_settings){ data[0] & 2, data[0] & 2, data[0] & 4 };
    open_conn(data[0] & 1 ? OA_ROLE_SERVER : OA_ROLE_CLIENT);
    while (at < size && !over) {
        const uint8_t *end = memchr(data + at + 1, 0, size - at - 1);
        size_t len = end ? (size_t)(end - (data + at + 1)) : size - at - 1;

        part(data[at], data + at + 1, len);
        at += len + 2;
    }
    conn.protocol->closed(&conn, over);
    must(conn.http.head == 0 && oa_test_dropped(OA_DROP_NO_SLOT) == 0);
    check_records();
    return 0;
}
