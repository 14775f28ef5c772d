#include "tests/exact/flow.h"

void flow_init(struct flow *f, const struct script *script, bool client, enum script_mode mode)
{
    f->script = script;
    f->client = client;
    f->step = f->sent = 0;
    match_init(&f->in, script, !client, mode);
}

/* Where this end's sending and receiving must be before the next step. */
static size_t send_to(const struct flow *f)
{
    size_t out = f->script->steps[f->step].out;

    if (!f->client)
        return f->script->steps[f->step].in;
    return out < f->script->abort_at ? out : f->script->abort_at;
}

static size_t receive_to(const struct flow *f)
{
    const struct script_step *step = &f->script->steps[f->step];

    return f->client ? step->in : step->out;
}

enum flow_want flow_next(struct flow *f)
{
    for (; f->step < f->script->step_count; f->step++) {
        if (f->client && f->sent < send_to(f))
            return FLOW_SEND;
        if (f->client && f->sent == f->script->abort_at)
            return FLOW_CLOSE;
        if (f->in.pos < receive_to(f))
            return FLOW_RECEIVE;
        if (f->sent < send_to(f))
            return FLOW_SEND;
    }
    return f->client == f->script->server_closes ? FLOW_RECEIVE : FLOW_CLOSE;
}

const char *flow_offer(const struct flow *f, size_t *ret_n)
{
    *ret_n = send_to(f) - f->sent;
    return (f->client ? f->script->out.ptr : f->script->in.ptr) + f->sent;
}

size_t flow_due(const struct flow *f)
{
    return f->step < f->script->step_count ? receive_to(f) - f->in.pos : 0;
}

const struct script_run *flow_run(const struct flow *f, bool sending, size_t at)
{
    const struct script_runs *runs = f->client == sending ? &f->script->out_runs : &f->script->in_runs;
    size_t lo = 0, hi = runs->count;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (runs->run[mid].to <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < runs->count && runs->run[lo].from <= at ? &runs->run[lo] : NULL;
}

bool flow_end_is_fine(const struct flow *f)
{
    if (!f->client && f->script->abort_at != SIZE_MAX)
        return f->in.pos == f->script->abort_at;
    return f->in.pos == f->in.want.len && f->sent == (f->client ? f->script->out.len : f->script->in.len);
}
