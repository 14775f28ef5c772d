/* The context of a span of ours in a head that the application reads or writes: lines that are inserted, values
 * that are made to name another parent where they stand, and how a copy of them is recognised. */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/carrier.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/copy.h"
#include "preload/base/hex.h"
#include "sdk/api/ids.h"
#include "sdk/propagation/ot_entry.h"

static const struct oa_propagator *configured(int i)
{
    const struct oa_env_list *list = &oa_env()->propagators;

    return i < list->count ? oa_propagators[list->ids[i]] : NULL;
}

/* The configured format that has the field, if it carries a span context. */
static const struct oa_propagator *format_of(enum oa_field field)
{
    const struct oa_propagator *format;

    for (int i = 0; (format = configured(i)) != NULL; i++)
        if (format->retarget && (format->reads & 1u << field))
            return format;
    return NULL;
}

/* Is this a tracestate that may hold a sampling threshold? Others are passed on as they are. */
static bool has_threshold(enum oa_field field, struct oa_slice value)
{
    return field == OA_FIELD_TRACESTATE && (oa_carrier_reads() & 1u << field) &&
           oa_ot_entry_read(value).has_threshold;
}

void oa_http_spot(struct oa_http_spots *spots, enum oa_field field, size_t at, struct oa_slice value)
{
    if (spots->count == OA_HTTP_SPOTS || value.len > UINT16_MAX ||
        !((oa_fields_of_spans & 1u << field) || has_threshold(field, value)))
        return;
    spots->spot[spots->count++] =
        (struct oa_http_spot){ .at = at, .len = (uint16_t)value.len, .field = (uint8_t)field };
}

/* A copy of the tracestate that came in must not tell a threshold that did not hold for our own decision. */
static int settle_threshold(const struct oa_op *op, char *value, size_t len)
{
    struct oa_ot_entry ours = oa_ot_entry_read(oa_op_text(op, OA_OP_STATE_LIST));

    return oa_ot_entry_patch(value, len, &ours) ? 0 : -1;
}

int oa_http_retarget(const struct oa_op *op, const struct oa_http_spot *spot, char *value)
{
    const struct oa_propagator *format = format_of((enum oa_field)spot->field);

    if (spot->field == OA_FIELD_TRACESTATE)
        return settle_threshold(op, value, spot->len);
    if (!format || op->lines[spot->field] != 1)
        return -1;
    return format->retarget((enum oa_field)spot->field, value, spot->len, &op->self);
}

bool oa_http_take_tag(struct oa_op *op)
{
    uint8_t id[8];

    for (uint32_t left = op->carried & oa_fields_of_spans; left; left &= left - 1) {
        unsigned f = (unsigned)__builtin_ctz(left);
        struct oa_slice value = oa_op_text(op, (enum oa_op_field)(OA_OP_CARRIED + f));
        const struct oa_propagator *format;
        struct oa_op_ref ref;
        int at;

        if (op->lines[f] != 1 || !(format = format_of((enum oa_field)f)))
            continue;
        at = format->id_at((enum oa_field)f, value);
        if (at < 0 || !oa_hex_decode(id, value.ptr + at, sizeof(id)))
            continue;
        ref = (struct oa_op_ref){ .span_id = oa_ids_number(id), .slot = oa_ids_slot(id) };
        if (oa_parent_take(op, ref, OA_LINK_TAG))
            return true;
    }
    return false;
}

#define TAG_MAX 768u /* all formats together are less */

/* Gathers "name: value\r\n". What has no room takes the rest with it: half a format is none. */
struct tag_setter {
    struct oa_setter base;
    size_t len;
    bool full;
    char text[TAG_MAX];
};

static void put(struct tag_setter *setter, struct oa_slice text)
{
    oa_copy(setter->text + setter->len, text.ptr, text.len);
    setter->len += text.len;
}

static void set_line(struct oa_setter *base, enum oa_field field, struct oa_slice value)
{
    struct tag_setter *setter = (struct tag_setter *)base;
    struct oa_slice name = oa_field_name(field);

    setter->full |= name.len + value.len + 4 > TAG_MAX - setter->len;
    if (setter->full)
        return;
    put(setter, name);
    put(setter, OA_SLICE(": "));
    put(setter, value);
    put(setter, OA_SLICE("\r\n"));
}

/* The lines that tell a span of ours, of the formats that the head does not carry yet; and by which threshold it was
 * sampled, where that is ours and no tracestate stands there. */
static void make_tag(const struct oa_op *op, struct tag_setter *setter)
{
    struct oa_context ctx = { .span = op->self };
    const struct oa_propagator *format;
    struct oa_slice state = { NULL, 0 };

    setter->base.set = set_line;
    setter->len = 0;
    setter->full = false;
    if (!oa_begin_can_tag())
        return;
    for (int i = 0; (format = configured(i)) != NULL; i++)
        if (format->retarget && !(op->carried & format->reads & oa_fields_of_spans))
            format->inject(&ctx, &setter->base);
    if (oa_unlikely(oa_begin_writes_state()) && !op->lines[OA_FIELD_TRACESTATE] &&
        (oa_carrier_writes() & 1u << OA_FIELD_TRACESTATE))
        state = oa_op_text(op, OA_OP_STATE_LIST);
    if (state.len)
        set_line(&setter->base, OA_FIELD_TRACESTATE, state);
}

size_t oa_http_tag_head(struct oa_conn *conn, const struct oa_op *op, struct oa_window *window, size_t at,
                        const struct oa_http_spots *spots)
{
    struct tag_setter tag;
    size_t len;

    make_tag(op, &tag);
    len = tag.full ? 0 : tag.len;
    if (window->len + len > window->cap)
        len = 0;
    if ((!len && !(spots->count && op->parent.valid)) || !oa_begin_can_tag() ||
        !oa_conn_same_socket(conn, window->fd))
        return 0;
    for (unsigned i = 0; op->parent.valid && i < spots->count; i++)
        (void)oa_http_retarget(op, &spots->spot[i], window->ptr + spots->spot[i].at);
    if (!len)
        return 0;
    memmove(window->ptr + at + len, window->ptr + at, window->len - at);
    memcpy(window->ptr + at, tag.text, len);
    window->len += len;
    return len;
}
