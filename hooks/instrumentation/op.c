#include "hooks/instrumentation/op.h"

#include <stddef.h>
#include <string.h>

#include "preload/base/copy.h"
#include "preload/pool.h"
#include "preload/ring.h"
#include "sdk/api/ids.h"

OA_BIG static struct oa_op first_ops[OA_OP_FIRST];
static struct oa_pool ops = {
    .first = first_ops,
    .first_count = OA_OP_FIRST,
    .entry_bytes = sizeof(struct oa_op),
    .max = OA_OP_MAX,
};
_Static_assert((OA_OP_FIRST & (OA_OP_FIRST - 1)) == 0, "chunk arithmetic");
_Static_assert(OA_OP_TEXT + OA_OP_INJECT_ROOM < UINT16_MAX, "text offsets are 16 bits");
_Static_assert(OA_OP_FIELD_COUNT <= 32, "left_out has a bit per field");

_Atomic uint32_t oa_op_fork_generation, oa_op_born;

/* By how much the wall clock was ahead of the monotonic one, and until when that is taken for true. Any thread writes
 * and reads them, in no order: each of two values that follow each other is as good as the other. */
static _Atomic uint64_t wall_ahead_ns, wall_until_ns;

#define LOOK_NS 5000u /* longest time for a look at both clocks */
#define LOOKS_MAX 4

/* Also false where the monotonic clock was set back (a restored checkpoint), or is not there. */
static bool wall_is_known(uint64_t mono_ns)
{
    return atomic_load_explicit(&wall_until_ns, memory_order_relaxed) - mono_ns - 1 < OA_NS_PER_MS - 1;
}

/* Where the thread lost the processor between the clocks, once more. */
static void look_at_wall(void)
{
    uint64_t mono_ns, unix_ns, after_ns = oa_clock_mono_ns();
    int tries = LOOKS_MAX;

    do {
        mono_ns = after_ns;
        unix_ns = oa_clock_unix_ns();
        after_ns = oa_clock_mono_ns();
    } while (after_ns - mono_ns > LOOK_NS && --tries);
    atomic_store_explicit(&wall_ahead_ns, unix_ns - mono_ns, memory_order_relaxed);
    atomic_store_explicit(&wall_until_ns, mono_ns + OA_NS_PER_MS, memory_order_relaxed);
}

void oa_when_now(struct oa_when *when)
{
    if (when->unix_ns)
        return;
    oa_when_end(when);
    if (oa_unlikely(!wall_is_known(when->mono_ns)))
        look_at_wall();
    when->unix_ns = when->mono_ns + atomic_load_explicit(&wall_ahead_ns, memory_order_relaxed);
}

struct oa_op *oa_op_open(void)
{
    uint32_t slot;
    struct oa_op *op = oa_pool_take(&ops, &slot);

    if (!op) {
        oa_drop(OA_DROP_NO_SLOT);
        return NULL;
    }
    memset((char *)op + offsetof(struct oa_op, slot), 0,
           offsetof(struct oa_op, header) - offsetof(struct oa_op, slot));
    op->slot = slot;
    op->fork_generation = atomic_load_explicit(&oa_op_fork_generation, memory_order_relaxed);
    atomic_store_explicit(&op->id, 0, memory_order_relaxed);
    atomic_store_explicit(&op->refs, 1, memory_order_release);
    return op;
}

struct oa_op *oa_op_at(uint32_t slot)
{
    return oa_pool_at(&ops, slot);
}

void oa_op_publish(struct oa_op *op)
{
    atomic_store_explicit(&op->id, oa_ids_number(op->self.span_id), memory_order_release);
}

struct oa_op_ref oa_op_ref(const struct oa_op *op)
{
    return (struct oa_op_ref){ .span_id = oa_ids_number(op->self.span_id), .slot = op->slot };
}

struct oa_op *oa_op_acquire(struct oa_op_ref ref)
{
    struct oa_op *op = ref.span_id ? oa_op_at(ref.slot) : NULL;
    uint32_t refs;

    if (!op || atomic_load_explicit(&op->id, memory_order_acquire) != ref.span_id)
        return NULL;
    refs = atomic_load_explicit(&op->refs, memory_order_relaxed);
    do {
        if (refs == 0)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&op->refs, &refs, refs + 1, memory_order_acq_rel,
                                                    memory_order_relaxed));
    if (atomic_load_explicit(&op->id, memory_order_acquire) == ref.span_id)
        return op;
    oa_op_release(op); /* closed, perhaps reopened, between the two looks */
    return NULL;
}

void oa_op_release(struct oa_op *op)
{
    if (atomic_fetch_sub_explicit(&op->refs, 1, memory_order_acq_rel) == 1)
        oa_pool_give(&ops, op->slot);
}

void oa_op_close(struct oa_op *op)
{
    atomic_store_explicit(&op->id, 0, memory_order_release);
    oa_op_release(op);
}

struct oa_slice oa_op_text(const struct oa_op *op, enum oa_op_field field)
{
    return (struct oa_slice){ op->text + op->field[field].off, op->field[field].len };
}

/* Makes the field the last run of the text area, so that it can grow; false if there is no room. */
static bool at_end(struct oa_op *op, enum oa_op_field field, uint32_t extra)
{
    uint32_t off = op->field[field].off, len = op->field[field].len;

    if (len && off + len == op->text_len)
        return op->text_len + extra <= OA_OP_TEXT;
    if (op->text_len + len + extra > OA_OP_TEXT)
        return false;
    if (oa_likely(len == 0)) {
        op->field[field].off = op->text_len;
        return true;
    }
    memcpy(op->text + op->text_len, op->text + off, len);
    op->field[field].off = op->text_len;
    op->text_len = (uint16_t)(op->text_len + len);
    return true;
}

size_t oa_op_room(struct oa_op *op, enum oa_op_field field)
{
    return at_end(op, field, 0) ? OA_OP_TEXT - op->field[field].off : 0;
}

static void grow(struct oa_op *op, enum oa_op_field field, const char *bytes, size_t len)
{
    oa_copy(op->text + op->text_len, bytes, len);
    op->text_len = (uint16_t)(op->text_len + len);
    op->field[field].len = (uint16_t)(op->field[field].len + len);
}

/* Half a list is no list. */
void oa_op_leave_out(struct oa_op *op, enum oa_op_field field)
{
    op->field[field].off = op->field[field].len = 0;
    op->left_out |= 1u << field;
}

void oa_op_append(struct oa_op *op, enum oa_op_field field, struct oa_slice text, bool first, uint32_t limit)
{
    bool comma = first && op->field[field].len;
    size_t len = text.len;

    if (op->left_out & 1u << field)
        return;
    if (field == OA_OP_TARGET && op->field[field].len + len > limit)
        len = limit - op->field[field].len;
    if (len + comma == 0)
        return;
    if (op->field[field].len + comma + len > limit || !at_end(op, field, (uint32_t)len + comma)) {
        oa_op_leave_out(op, field);
        return;
    }
    if (comma)
        grow(op, field, ",", 1);
    grow(op, field, text.ptr, len);
}

bool oa_op_set(struct oa_op *op, enum oa_op_field field, struct oa_slice text)
{
    op->field[field].off = op->text_len;
    op->field[field].len = 0;
    if (text.len == 0)
        return true;
    if (op->text_len + text.len > (field == OA_OP_INJECT ? sizeof(op->text) : OA_OP_TEXT))
        return false;
    grow(op, field, text.ptr, text.len);
    return true;
}

void oa_op_copy(struct oa_op *to, const struct oa_op *from)
{
    uint32_t slot = to->slot;

    memcpy((char *)to + offsetof(struct oa_op, next), (const char *)from + offsetof(struct oa_op, next),
           offsetof(struct oa_op, text) + from->text_len - offsetof(struct oa_op, next));
    to->slot = slot;
    to->next = 0;
}
