#include "hooks/instrumentation/parent.h"

#include "hooks/instrumentation/process.h"

/* Programs whose event loop finishes the work of a request inside the callback that read it; without
 * the version that may end their names (apache2, php-fpm8.2). */
static const char *const plain_loops[] = { "nginx", "lighttpd", "apache", "httpd", "php", "php-cgi", "php-fpm" };

static _Atomic int loops; /* enum loops: the program's name is asked for when it first waits in one */

enum loops { LOOPS_UNKNOWN, LOOPS_PLAIN, LOOPS_OTHER };

void oa_parent_init(struct oa_slice exe_name)
{
    struct oa_slice stem = exe_name;
    int kind = LOOPS_OTHER;

    while (stem.len &&
           ((stem.ptr[stem.len - 1] >= '0' && stem.ptr[stem.len - 1] <= '9') || stem.ptr[stem.len - 1] == '.'))
        stem.len--;
    for (size_t i = 0; i < OA_COUNT(plain_loops); i++)
        if (oa_slice_eq(stem, oa_slice_of(plain_loops[i])))
            kind = LOOPS_PLAIN;
    atomic_store_explicit(&loops, kind, memory_order_relaxed);
}

static bool loops_are_plain(void)
{
    if (oa_unlikely(atomic_load_explicit(&loops, memory_order_relaxed) == LOOPS_UNKNOWN))
        oa_parent_init(oa_process_name());
    return atomic_load_explicit(&loops, memory_order_relaxed) == LOOPS_PLAIN;
}

void oa_parent_enter(struct oa_op_ref ref)
{
    oa_thread.current = ref;
    oa_thread.flags &= ~(uint32_t)OA_THREAD_INHERITED;
}

void oa_parent_waited(bool epoll)
{
    if (epoll)
        oa_thread.flags |= OA_THREAD_LOOP;
    oa_thread.current = (struct oa_op_ref){ 0 };
}

struct oa_op_ref oa_parent_current(void)
{
    if ((oa_thread.flags & OA_THREAD_LOOP) && !loops_are_plain())
        return (struct oa_op_ref){ 0 };
    return oa_thread.current;
}

void oa_parent_inherit(struct oa_op_ref ref)
{
    oa_thread.current = ref;
    oa_thread.flags |= OA_THREAD_INHERITED;
}

static void take_context(struct oa_op *op, const struct oa_context *ctx, enum oa_link link)
{
    op->parent = ctx->span;
    op->link = (uint8_t)link;
    (void)oa_op_set(op, OA_OP_STATE_LIST, ctx->tracestate);
    (void)oa_op_set(op, OA_OP_BAGGAGE_LIST, ctx->baggage);
}

bool oa_parent_take(struct oa_op *op, struct oa_op_ref ref, enum oa_link link)
{
    struct oa_op *parent = oa_op_acquire(ref);

    if (!parent)
        return false;
    struct oa_context ctx = {
        .span = parent->self,
        .tracestate = oa_op_text(parent, OA_OP_STATE_LIST),
        .baggage = oa_op_text(parent, OA_OP_BAGGAGE_LIST),
    };

    take_context(op, &ctx, link);
    op->parent_ref = ref;
    oa_op_release(parent);
    return true;
}

void oa_parent_find(struct oa_op *op, struct oa_op_ref owner)
{
    if (oa_parent_take(op, owner, OA_LINK_OWNER) || oa_parent_take(op, oa_parent_current(), OA_LINK_THREAD))
        return;
    if (oa_process_context())
        take_context(op, oa_process_context(), OA_LINK_PROCESS);
    else
        op->link = OA_LINK_NONE;
}

void oa_parent_context(struct oa_span_context *ret_context)
{
    struct oa_op *current = oa_op_acquire(oa_parent_current());
    const struct oa_context *process;

    if (current) {
        *ret_context = current->self;
        oa_op_release(current);
        return;
    }
    process = oa_process_context();
    *ret_context = process ? process->span : (struct oa_span_context){ 0 };
}
