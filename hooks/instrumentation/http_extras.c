#include "hooks/instrumentation/http_extras.h"

#include "preload/base/clock.h"
#include "sdk/api/span_extras.h"

static const struct oa_slice names[] = {
#define EVENT(id, name) [OA_HTTP_EVENT_##id] = { name, sizeof(name) - 1 },
    OA_HTTP_EVENTS(EVENT)
#undef EVENT
};
_Static_assert(OA_COUNT(names) == OA_HTTP_EVENT_COUNT, "one name an event");

#define NAME_MAX_LEN 20u
#define ATTR_ROOM (sizeof(struct oa_record_attr) + 8u)

/* The clock is read anew: a call may write one request after another. */
static void note(struct oa_op *op, enum oa_http_event id, uint16_t status)
{
    if (op->event_count < OA_OP_EVENTS)
        op->event[op->event_count] =
            (struct oa_op_event){ .mono_ns = oa_clock_mono_ns(), .status = status, .id = (uint8_t)id };
    op->event_count += op->event_count < UINT8_MAX;
}

static bool has(const struct oa_op *op, enum oa_http_event id)
{
    for (unsigned i = 0; i < op->event_count && i < OA_OP_EVENTS; i++)
        if (op->event[i].id == id)
            return true;
    return false;
}

/* The first byte is the first of all answers, as in Go: an interim one begins to answer too. */
static void note_client(struct oa_op *op, enum oa_http_place place, const struct oa_http1 *p)
{
    if (place == OA_HTTP_REQUEST_HEAD)
        note(op, OA_HTTP_EVENT_SEND_START, 0);
    else if (place == OA_HTTP_REQUEST_END)
        note(op, OA_HTTP_EVENT_SEND_DONE, 0);
    else if (place == OA_HTTP_ANSWER_START && !has(op, OA_HTTP_EVENT_RECEIVE_START))
        note(op, OA_HTTP_EVENT_RECEIVE_START, 0);
    else if (place == OA_HTTP_ANSWER_HEAD && p->interim)
        note(op, p->status == 100 ? OA_HTTP_EVENT_GOT_100 : OA_HTTP_EVENT_GOT_1XX, p->status);
}

void oa_http_note(struct oa_op *op, enum oa_http_place place, const struct oa_http1 *p)
{
    if (!op->recording)
        return;
    if (op->kind == OA_SPAN_CLIENT)
        note_client(op, place, p);
    else if (place == OA_HTTP_REQUEST_END)
        note(op, OA_HTTP_EVENT_RECEIVE_DONE, 0);
    else if (place == OA_HTTP_ANSWER_HEAD && !p->interim)
        note(op, OA_HTTP_EVENT_SEND_START, 0);
}

uint32_t oa_http_extras_bytes(const struct oa_op *op)
{
    uint32_t events = op->event_count < OA_OP_EVENTS ? op->event_count : OA_OP_EVENTS;

    return events * (OA_SPAN_EVENT_ROOM(NAME_MAX_LEN) + ATTR_ROOM) +
           (op->linked ? OA_SPAN_LINK_ROOM(op->origin.state_len) : 0);
}

static void put_link(const struct oa_op *op, struct oa_span_writer *w)
{
    struct oa_slice state = { op->text + op->origin.state_off, op->origin.state_len };
    struct oa_span_item item;

    oa_span_link_open(w, &item, &op->origin.span, state);
    oa_span_item_close(w, &item);
}

/* Times are told within the span's, which are two readings of the clock. */
static void put_event(const struct oa_op *op, unsigned i, struct oa_span_writer *w, uint64_t duration_ns)
{
    const struct oa_op_event *event = &op->event[i];
    uint64_t after_ns = event->mono_ns > op->start.mono_ns ? event->mono_ns - op->start.mono_ns : 0;
    struct oa_span_item item;

    if (after_ns > duration_ns)
        after_ns = duration_ns;
    oa_span_event_open(w, &item, op->start.unix_ns + after_ns, names[event->id]);
    if (event->id == OA_HTTP_EVENT_GOT_1XX)
        oa_span_int(w, OA_KEY_HTTP_RESPONSE_STATUS_CODE, event->status);
    if (i + 1 == OA_OP_EVENTS && op->event_count > OA_OP_EVENTS)
        oa_span_events_lost(w, &item, (uint16_t)(op->event_count - OA_OP_EVENTS));
    oa_span_item_close(w, &item);
}

void oa_http_extras_put(const struct oa_op *op, struct oa_span_writer *w, uint64_t duration_ns)
{
    if (op->linked)
        put_link(op, w);
    for (unsigned i = 0; i < op->event_count && i < OA_OP_EVENTS; i++)
        put_event(op, i, w, duration_ns);
}
