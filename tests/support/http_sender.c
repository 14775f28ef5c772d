#include "tests/support/http_sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct oa_conn *oa_test_sender;
char oa_test_wire[16384];
int oa_test_edits;
bool oa_test_sender_feeds;
static size_t wire_len;

static void must(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

void oa_test_sender_start(const char *const *settings)
{
    oa_test_http_start(settings);
    oa_test_sender = oa_test_http_conn(OA_ROLE_CLIENT);
}

static void put(const char *bytes, size_t len)
{
    must(wire_len + len < sizeof(oa_test_wire), "the wire is full");
    memcpy(oa_test_wire + wire_len, bytes, len);
    wire_len += len;
    oa_test_wire[wire_len] = '\0';
}

/* The application's bytes [from, to) as they lie in the pieces of the call, to the parser or (flow NULL)
 * to the wire. */
static void each_piece(const struct oa_outgoing *out, size_t from, size_t to, struct oa_flow *flow)
{
    size_t base = 0;

    for (int i = 0; i < out->count; base += out->iov[i++].iov_len) {
        size_t lo = from > base ? from - base : 0;
        size_t hi = to < base + out->iov[i].iov_len ? (to > base ? to - base : 0) : out->iov[i].iov_len;
        const char *piece = (const char *)out->iov[i].iov_base + lo;

        if (lo >= hi)
            continue;
        if (!flow)
            put(piece, hi - lo);
        else if (oa_test_sender->protocol->feed(oa_test_sender, flow, (struct oa_slice){ piece, hi - lo }) < 0)
            must(false, "the engine's parser refused what was sent");
    }
}

static void send_edit(const struct oa_outgoing *out, size_t from, struct oa_edit *edit, struct oa_flow *flow)
{
    struct oa_slice text = oa_op_text(edit->op, OA_OP_INJECT);

    must(edit->start >= from && edit->at >= edit->start && edit->at < edit->stop, "an edit out of its place");
    each_piece(out, from, edit->at, NULL);
    put(text.ptr, text.len);
    each_piece(out, edit->at + (edit->replace ? text.len : 0), edit->stop, NULL);
    each_piece(out, from, edit->start, flow);
    if (!oa_test_sender->protocol->plan_commit(oa_test_sender, edit, !oa_test_sender_feeds))
        each_piece(out, edit->start, edit->stop, flow);
}

void oa_test_send_pieces(struct iovec *iov, int count)
{
    struct oa_outgoing out = { .iov = iov, .count = count };
    struct oa_flow flow = { .outgoing = true };
    struct oa_edit edit;
    size_t total = 0, from = 0;

    for (int i = 0; i < count; i++)
        total += iov[i].iov_len;
    for (oa_test_edits = 0; from < total; oa_test_edits++) {
        memset(&edit, 0x77, sizeof(edit)); /* nothing may be taken from what lay there */
        flow.before = (struct oa_when){ 0 };
        oa_when_now(&flow.before);
        if (!oa_test_sender->protocol->plan(oa_test_sender, &flow, &out, from, &edit))
            break;
        must(edit.stop <= total, "an edit beyond the call");
        send_edit(&out, from, &edit, &flow);
        from = edit.stop;
    }
    each_piece(&out, from, total, NULL);
    each_piece(&out, from, total, &flow);
}

void oa_test_send(const char *text)
{
    struct iovec iov = { .iov_base = (char *)text, .iov_len = strlen(text) };

    oa_test_send_pieces(&iov, 1);
}

void oa_test_send_cut(const char *text, size_t cut, bool one_call)
{
    struct iovec iov[2] = { { .iov_base = (char *)text, .iov_len = cut },
                            { .iov_base = (char *)text + cut, .iov_len = strlen(text) - cut } };

    if (one_call) {
        oa_test_send_pieces(iov, 2);
        return;
    }
    oa_test_send_pieces(iov, 1);
    oa_test_send_pieces(iov + 1, 1);
}

const char *oa_test_take_wire(void)
{
    static char sent[sizeof(oa_test_wire)];

    memcpy(sent, oa_test_wire, wire_len + 1);
    wire_len = 0;
    oa_test_wire[0] = '\0';
    return sent;
}

struct oa_span_view oa_test_answered(void)
{
    must(oa_test_http_in(oa_test_sender, OA_TEST_OK_EMPTY) == 0, "the answer was refused");
    return oa_test_http_next_span();
}

const char *oa_test_with_parent(const char *before, const struct oa_span_view *view, const char *flags,
                                const char *after)
{
    static char text[sizeof(oa_test_wire)];

    snprintf(text, sizeof(text), "%straceparent: 00-%s-%s-%s\r\n%s", before, oa_test_trace_id(view),
             oa_test_span_id(view), flags, after);
    return text;
}
