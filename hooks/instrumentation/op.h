/*
 * An operation: one request and its response, from the first byte to the last, with the text that
 * its span will need. Operations live in a pool; whoever has one open owns it, others reach it by a
 * weak reference (struct oa_op_ref: slot and span id) that oa_op_acquire() turns into a counted one.
 *
 * Text is appended to one area per operation and addressed by field; a field that arrives in
 * fragments, or in several lines, ends up as one run of bytes. What does not fit is cut (target) or
 * left out (lists), never half kept.
 */
#ifndef OA_OP_H
#define OA_OP_H

#include <stdatomic.h>

#include "hooks/protocols/http1.h"
#include "preload/base/clock.h"
#include "preload/base/limits.h"
#include "preload/record.h"
#include "preload/thread.h"
#include "sdk/api/meter.h"
#include "sdk/propagation/propagator.h"

enum oa_op_field {
    OA_OP_TARGET,
    OA_OP_HOST,
    OA_OP_USER_AGENT,
    OA_OP_FORWARDED,
    OA_OP_X_FORWARDED_FOR,
    OA_OP_X_FORWARDED_HOST,
    OA_OP_X_FORWARDED_PROTO,
    OA_OP_LOCATION,
    OA_OP_CARRIED, /* the fields of propagators as received: OA_OP_CARRIED + enum oa_field */
    OA_OP_CARRIED_LAST = OA_OP_CARRIED + OA_FIELD_COUNT - 1,
    OA_OP_STATE_LIST,   /* normalised tracestate that goes with `self` */
    OA_OP_BAGGAGE_LIST, /* normalised baggage that goes with `self` */
    OA_OP_INJECT,       /* header lines to insert */
    OA_OP_FIELD_COUNT
};

/* How the parent was found; recorded as otel_auto.link. LINK(id, "word"). */
#define OA_LINKS(LINK)        \
    LINK(NONE, "root")        \
    LINK(REMOTE, "header")    \
    LINK(TAG, "tag")          \
    LINK(OWNER, "connection") \
    LINK(THREAD, "thread")    \
    LINK(PROCESS, "process")

enum oa_link {
#define LINK(id, word) OA_LINK_##id,
    OA_LINKS(LINK)
#undef LINK
        OA_LINK_COUNT
};

struct oa_when {
    uint64_t unix_ns; /* of starts */
    uint64_t mono_ns; /* 0 = not taken yet */
};

/* A captured header line: its name, and behind that its value, in the operation's text. */
struct oa_op_header {
    uint16_t off, len; /* len: of the value */
    uint8_t name_len;
    bool response;
};
#define OA_OP_HEADERS 24u
#define OA_OP_EVENTS 16u

struct oa_op {
    uint32_t pool_link;
    _Atomic uint32_t refs; /* 0 = closed; the opener holds one */
    _Atomic uint64_t id;   /* oa_ids_number(self.span_id), 0 = closed: what weak references compare */
    uint32_t slot;
    uint32_t next; /* slot + 1 of the next request on the connection, 0 = last */
    uint32_t fork_generation;
    _Atomic uint32_t conn_index; /* of the connection that it came in on */
    struct oa_span_context self;
    struct oa_span_context parent;
    struct oa_sampled_by sampled_by;
    struct oa_op_ref parent_ref; /* the parent, if it is an operation of this process */
    struct oa_when start;
    uint64_t request_body_bytes;
    uint64_t response_body_bytes;
    uint32_t resend_count;
    uint32_t active_since;              /* fork generation + 1 of the process that counts it as active; 0 = none */
    struct oa_meter_place active_place; /* where that is counted */
    uint16_t status;                    /* 0 = none seen */
    uint8_t kind;                       /* enum oa_span_kind */
    uint8_t link;                       /* enum oa_link */
    uint8_t minor;
    uint8_t response_minor;
    uint8_t method_len;
    char method[24];
    uint8_t lines[OA_FIELD_COUNT]; /* of each field of a propagator */
    bool begun;                    /* the head was complete: ids and parent are settled */
    bool recording;
    bool suppressed; /* no span for this one: the application has its own */
    bool untold;     /* nor does it count: telemetry on its way to a backend */
    bool has_request_body, has_response_body;
    bool request_done, response_done;
    bool tagged;         /* client: the application copied one of our tags */
    uint32_t carried;    /* bit per enum oa_field: has lines */
    uint32_t left_out;   /* bit per field: did not fit, stays empty */
    bool header_open;    /* the last captured header may go on */
    bool linked;         /* server: its client's context is `origin`, and not believed */
    uint8_t event_count; /* moments that were noted, also those that have no place */
    uint8_t header_count;
    uint16_t text_len;
    struct {
        uint16_t off, len;
    } field[OA_OP_FIELD_COUNT];
    struct oa_op_header header[OA_OP_HEADERS]; /* captured for the user; not cleared by open */
    struct oa_op_origin {                      /* if linked; not cleared by open */
        struct oa_span_context span;
        uint16_t state_off, state_len; /* its tracestate, in the text */
    } origin;
    struct oa_op_event { /* not cleared by open */
        uint64_t mono_ns;
        uint16_t status;
        uint8_t id; /* enum oa_http_event */
    } event[OA_OP_EVENTS];
    struct oa_http1 plan; /* parser of a dry run, kept off the application's stack; not cleared by open */
    char text[OA_OP_TEXT + OA_OP_INJECT_ROOM];
};

/* An open operation with refs = 1 and empty fields, id still 0; NULL (counted) if the pool is full. */
struct oa_op *oa_op_open(void);
struct oa_op *oa_op_at(uint32_t slot);

/* Makes weak references work: publishes self.span_id. */
void oa_op_publish(struct oa_op *op);
struct oa_op_ref oa_op_ref(const struct oa_op *op);

/* A counted pointer if ref still names an open operation, else NULL. Pair with release. */
struct oa_op *oa_op_acquire(struct oa_op_ref ref);
/* Drops one reference; the last one gives the slot back. */
void oa_op_release(struct oa_op *op);
/* The opener is done: weak references end now. Drops the opener's reference. */
void oa_op_close(struct oa_op *op);

/* Appends a fragment; first starts the field or, if it has text already, a further list member after
 * ",". limit bounds the field: a target is cut there, any other field that passes it is emptied. */
void oa_op_append(struct oa_op *op, enum oa_op_field field, struct oa_slice text, bool first, uint32_t limit);
/* Empties a field for good: fragments and lines that are still to come are left out with it. */
void oa_op_leave_out(struct oa_op *op, enum oa_op_field field);
/* Copies text in as the whole field; false (field empty) if it does not fit. */
bool oa_op_set(struct oa_op *op, enum oa_op_field field, struct oa_slice text);
/* Makes the field the last run of the text area; returns how long it may become there, 0: it could not be moved. Who
 * changes its length changes text_len with it. */
size_t oa_op_room(struct oa_op *op, enum oa_op_field field);
struct oa_slice oa_op_text(const struct oa_op *op, enum oa_op_field field);
/* Copies everything captured so far from one operation to another fresh one. */
void oa_op_copy(struct oa_op *to, const struct oa_op *from);

/* Bumped in each forked child and in the parent: operations of before were shared with a child. */
extern _Atomic uint32_t oa_op_fork_generation;
static inline bool oa_op_shared(const struct oa_op *op)
{
    return op->fork_generation != atomic_load_explicit(&oa_op_fork_generation, memory_order_relaxed);
}

/* What the generation became when this process was forked: operations of before were opened by an ancestor, which
 * answers for them. What it counts as lost is not lost once more here. */
extern _Atomic uint32_t oa_op_born;
static inline bool oa_op_inherited(const struct oa_op *op)
{
    return (int32_t)(op->fork_generation - atomic_load_explicit(&oa_op_born, memory_order_relaxed)) < 0;
}

/* An end: only durations are computed from it. */
static inline void oa_when_end(struct oa_when *when)
{
    if (!when->mono_ns)
        when->mono_ns = oa_clock_mono_ns();
}

/* A start. The wall clock is read once a millisecond; in between it goes as the other one does. */
void oa_when_now(struct oa_when *when);

#endif
