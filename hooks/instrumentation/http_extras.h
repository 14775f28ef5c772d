/*
 * What few spans of HTTP have beside attributes: a link to a context that was not believed (http_public.c), and with
 * OTEL_AUTO_HTTP_EVENTS the moments that tell where the time of a request went, seen in the bytes. Their names are
 * those that otelhttptrace for Go gives to events (WithoutSubSpans), the only ones in the field: a start or an end of
 * what this side sends or receives. All functions are called with the connection locked.
 */
#ifndef OA_HTTP_EXTRAS_H
#define OA_HTTP_EXTRAS_H

#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/http.h"
#include "sdk/api/span.h"

/* EVENT(id, "name"). What is told once has no status. */
#define OA_HTTP_EVENTS(EVENT)                                                            \
    EVENT(SEND_START, "http.send.start")       /* the head of what is sent is written */ \
    EVENT(SEND_DONE, "http.send.done")         /* client: the request is written */      \
    EVENT(RECEIVE_START, "http.receive.start") /* client: the first byte that answers */ \
    EVENT(RECEIVE_DONE, "http.receive.done")   /* server: the request is read */         \
    EVENT(GOT_100, "GOT 100 - Continue")       /* client */                              \
    EVENT(GOT_1XX, "GOT 1xx")                  /* client: another interim answer; has its status */

enum oa_http_event {
#define EVENT(id, name) OA_HTTP_EVENT_##id,
    OA_HTTP_EVENTS(EVENT)
#undef EVENT
        OA_HTTP_EVENT_COUNT
};

/* Where the parsers are with a request and its answer. */
enum oa_http_place { OA_HTTP_REQUEST_HEAD, OA_HTTP_REQUEST_END, OA_HTTP_ANSWER_START, OA_HTTP_ANSWER_HEAD };

OA_COLD void oa_http_note(struct oa_op *op, enum oa_http_place place, const struct oa_http1 *p);

/* Notes the moment, if it is one to be told. */
static inline void oa_http_moment(struct oa_op *op, enum oa_http_place place, const struct oa_http1 *p)
{
    if (oa_unlikely(oa_begin_settings.http_events))
        oa_http_note(op, place, p);
}

OA_COLD uint32_t oa_http_extras_bytes(const struct oa_op *op);
OA_COLD void oa_http_extras_put(const struct oa_op *op, struct oa_span_writer *w, uint64_t duration_ns);

/* Room that put needs in the record. */
static inline uint32_t oa_http_extras_room(const struct oa_op *op)
{
    return oa_unlikely(op->linked || op->event_count) ? oa_http_extras_bytes(op) : 0;
}

#endif
