#include "sdk/api/span.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/copy.h"
#include "preload/base/limits.h"
#include "preload/ring.h"
#include "preload/thread.h"
#include "sdk/api/baggage_attrs.h"

#define SAMPLED_BY_ATTRS 2u
#define SAMPLED_BY_TEXT 16u
_Static_assert(OA_RECORD_FLAG_SAMPLED == OA_FLAG_SAMPLED, "flags travel as they are");

static inline void put(struct oa_span_writer *w, const void *bytes, uint32_t len)
{
    char *at = (char *)w->record + w->used;
    uint32_t padded = OA_RECORD_PAD8(len);

    if (len == 0)
        return;
    memset(at + padded - 8, 0, 8); /* whatever of it the value leaves over */
    oa_copy(at, bytes, len);
    w->used += padded;
}

/* Room for one attribute with `len` bytes of value? Counts the ones that have none. */
static inline bool fits(struct oa_span_writer *w, enum oa_key key, enum oa_attr_type type, uint32_t len)
{
    if (!w->record)
        return false;
    if (w->used + sizeof(struct oa_record_attr) + OA_RECORD_PAD8(len) > w->record->head.size) {
        w->record->attr_dropped++;
        return false;
    }
    struct oa_record_attr attr = { .key = (uint16_t)key, .type = (uint8_t)type, .len = len };

    memcpy((char *)w->record + w->used, &attr, sizeof(attr));
    w->used += (uint32_t)sizeof(attr);
    w->record->attr_count++;
    return true;
}

/* Servers that adapt their strategies (Jaeger's) count by these, at roots. */
static OA_COLD void put_sampled_by(struct oa_span_writer *w, const struct oa_sampled_by *by)
{
    static const struct oa_slice words[] = {
        [OA_SAMPLED_BY_NOTHING] = { "", 0 },
        [OA_SAMPLED_BY_PROBABILISTIC] = { "probabilistic", 13 },
        [OA_SAMPLED_BY_RATE_LIMITING] = { "ratelimiting", 12 },
        [OA_SAMPLED_BY_LOWER_BOUND] = { "lowerbound", 10 },
    };

    oa_span_str(w, OA_KEY_SAMPLER_TYPE, words[by->kind]);
    if (fits(w, OA_KEY_SAMPLER_PARAM, OA_ATTR_DOUBLE, sizeof(by->param)))
        put(w, &by->param, sizeof(by->param));
}

void oa_span_begin(struct oa_span_writer *w, const struct oa_span_end *span, uint32_t attrs, uint32_t text_bytes)
{
    struct oa_slice name = span->name, state = span->tracestate;
    bool told = span->sampled_by.kind != OA_SAMPLED_BY_NOTHING;
    uint32_t bytes, baggage_room = 0;

    if (oa_unlikely(told))
        attrs += SAMPLED_BY_ATTRS, text_bytes += SAMPLED_BY_TEXT;
    if (name.len > OA_NAME_MAX)
        name.len = OA_NAME_MAX;
    if (state.len > OA_TRACESTATE_MAX)
        state.len = 0; /* never a cut list */
    bytes = (uint32_t)(sizeof(struct oa_record_span) + OA_RECORD_PAD8(name.len + state.len) + text_bytes +
                       attrs * (sizeof(struct oa_record_attr) + 16));
    if (oa_unlikely(bytes > OA_RECORD_MAX))
        bytes = OA_RECORD_MAX; /* rather some attributes fewer than no span */
    if (oa_unlikely(oa_baggage_attrs_on)) {
        baggage_room = oa_baggage_attrs_room(span->baggage);
        if (baggage_room > OA_RECORD_MAX - bytes)
            baggage_room = OA_RECORD_MAX - bytes;
    }
    w->record = (struct oa_record_span *)oa_ring_reserve(bytes + baggage_room);
    if (!w->record)
        return;
    struct oa_record_span *r = w->record;

    r->head.type = OA_RECORD_SPAN;
    r->head.scope = (uint16_t)span->scope;
    memcpy(r->trace_id, span->self.trace_id, 16);
    memcpy(r->span_id, span->self.span_id, 8);
    memset(r->parent_id, 0, 8);
    if (span->parent.valid)
        memcpy(r->parent_id, span->parent.span_id, 8);
    r->start_unix_ns = span->start_unix_ns;
    r->end_unix_ns = span->start_unix_ns + span->duration_ns;
    r->kind = (uint8_t)span->kind;
    r->flags = span->self.flags;
    r->parent_remote = span->parent.valid && span->parent.remote;
    r->status = (uint8_t)span->status;
    r->attr_count = r->attr_dropped = 0;
    r->name_len = (uint16_t)name.len;
    r->tracestate_len = (uint16_t)state.len;
    r->pid = oa_ring()->pid;
    oa_copy((char *)(r + 1), name.ptr, name.len);
    if (state.len)
        memcpy((char *)(r + 1) + name.len, state.ptr, state.len);
    w->used = (uint32_t)sizeof(*r) + OA_RECORD_PAD8(name.len + state.len);
    memset((char *)(r + 1) + name.len + state.len, 0, w->used - sizeof(*r) - name.len - state.len);
    if (oa_unlikely(told))
        put_sampled_by(w, &span->sampled_by);
    if (oa_unlikely(oa_baggage_attrs_on))
        oa_baggage_attrs_put(w, span->baggage, baggage_room);
}

void oa_span_str(struct oa_span_writer *w, enum oa_key key, struct oa_slice value)
{
    if (value.ptr && fits(w, key, OA_ATTR_STR, (uint32_t)value.len))
        put(w, value.ptr, (uint32_t)value.len);
}

void oa_span_int(struct oa_span_writer *w, enum oa_key key, int64_t value)
{
    if (fits(w, key, OA_ATTR_INT, 8))
        put(w, &value, 8);
}

static uint32_t arr_bytes(const struct oa_slice *values, uint32_t count)
{
    uint32_t len = 0;

    for (uint32_t i = 0; i < count; i++)
        len += 4u + (uint32_t)values[i].len;
    return len;
}

static void put_arr(struct oa_span_writer *w, const struct oa_slice *values, uint32_t count)
{
    char *begin = (char *)w->record + w->used, *at = begin;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t n = (uint32_t)values[i].len;

        memcpy(at, &n, 4);
        if (n)
            memcpy(at + 4, values[i].ptr, n);
        at += 4 + n;
    }
    memset(at, 0, OA_RECORD_PAD8(at - begin) - (size_t)(at - begin));
    w->used += OA_RECORD_PAD8(at - begin);
}

void oa_span_arr(struct oa_span_writer *w, enum oa_key key, const struct oa_slice *values, uint32_t count)
{
    if (fits(w, key, OA_ATTR_ARR, arr_bytes(values, count)))
        put_arr(w, values, count);
}

/* The head and the key of an attribute that is in no table: its value follows. False if there is no room for both. */
static bool open_named(struct oa_span_writer *w, const struct oa_slice name[2], enum oa_attr_type type, uint32_t len)
{
    uint32_t name_len = (uint32_t)(name[0].len + name[1].len);
    struct oa_record_attr attr = {
        .key = OA_KEY_CUSTOM, .type = (uint8_t)type, .name_len = (uint8_t)name_len, .len = len
    };
    char *at;

    if (!w->record)
        return false;
    if (name_len > UINT8_MAX ||
        w->used + sizeof(attr) + OA_RECORD_PAD8(name_len) + OA_RECORD_PAD8(len) > w->record->head.size) {
        w->record->attr_dropped++;
        return false;
    }
    put(w, &attr, sizeof(attr));
    at = (char *)w->record + w->used;
    oa_copy(at, name[0].ptr, name[0].len);
    oa_copy(at + name[0].len, name[1].ptr, name[1].len);
    memset(at + name_len, 0, OA_RECORD_PAD8(name_len) - name_len);
    w->used += OA_RECORD_PAD8(name_len);
    w->record->attr_count++;
    return true;
}

void oa_span_arr_named(struct oa_span_writer *w, struct oa_slice prefix, struct oa_slice name,
                       const struct oa_slice *values, uint32_t count)
{
    if (open_named(w, (struct oa_slice[]){ prefix, name }, OA_ATTR_ARR, arr_bytes(values, count)))
        put_arr(w, values, count);
}

static uint32_t decoded_bytes(struct oa_slice text)
{
    uint32_t len = 0;

    for (; text.len; len++)
        (void)oa_slice_decoded(&text);
    return len;
}

void oa_span_str_encoded(struct oa_span_writer *w, struct oa_slice name, struct oa_slice value)
{
    char *begin, *at;

    if (!open_named(w, (struct oa_slice[]){ name, OA_SLICE("") }, OA_ATTR_STR, decoded_bytes(value)))
        return;
    begin = at = (char *)w->record + w->used;
    while (value.len)
        *at++ = oa_slice_decoded(&value);
    memset(at, 0, OA_RECORD_PAD8(at - begin) - (size_t)(at - begin));
    w->used += OA_RECORD_PAD8(at - begin);
}

void oa_span_commit(struct oa_span_writer *w)
{
    if (!w->record)
        return;
    w->record->head.used = w->used;
    oa_ring_commit(&w->record->head);
    oa_thread.flags |= OA_THREAD_RECORDED;
}
