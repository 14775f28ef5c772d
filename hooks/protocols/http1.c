#include "hooks/protocols/http1.h"

#include "hooks/protocols/http1_internal.h"

enum { PLAIN, FRAMING };

static const struct {
    int (*handler)(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev);
    int kind;
} states[] = {
#define STATE(id, handler, kind) [OA_HTTP1_IN_##id] = { oa_http1_on_##handler, kind },
#include "hooks/protocols/http1_states.def"
#undef STATE
};

_Static_assert(OA_COUNT(states) == OA_HTTP1_STATE_COUNT, "one row per state");
_Static_assert(OA_HTTP1_STATE_COUNT <= UINT8_MAX, "the state fits its byte");
_Static_assert(OA_HTTP1_IN_START == 0, "a zeroed parser stands between messages");

void oa_http1_init(struct oa_http1 *p, bool response)
{
    memset(p, 0, sizeof(*p));
    p->response = response;
}

static ssize_t give_up(struct oa_http1 *p, struct oa_http1_event *ev)
{
    *ev = (struct oa_http1_event){ 0 };
    p->dead = true;
    return OA_EMALFORMED;
}

/* A step between the data of chunks, which is counted. */
static OA_NOINLINE int step_framing(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    size_t used = in->len;
    int verdict = states[p->state].handler(p, in, ev);

    used -= in->len;
    p->overhead += (uint32_t)(used < OA_HTTP1_OVERHEAD_MAX ? used : OA_HTTP1_OVERHEAD_MAX);
    return p->overhead < OA_HTTP1_OVERHEAD_MAX ? verdict : OA_EMALFORMED;
}

ssize_t oa_http1_step(struct oa_http1 *p, const char *buf, size_t len, struct oa_http1_event *ev)
{
    struct oa_slice in = { len ? buf : "", len };
    int verdict = OA_HTTP1_GO;

    *ev = (struct oa_http1_event){ 0 };
    if (p->dead)
        return OA_EMALFORMED;
    while (verdict == OA_HTTP1_GO)
        verdict = states[p->state].kind == FRAMING ? step_framing(p, &in, ev) : states[p->state].handler(p, &in, ev);
    if (oa_unlikely(verdict < 0))
        return give_up(p, ev);
    return (ssize_t)(len - in.len);
}

void oa_http1_answers(struct oa_http1 *p, bool to_head, bool to_connect)
{
    p->answers_head = to_head;
    p->answers_connect = to_connect;
}

ssize_t oa_http1_skip(struct oa_http1 *p, uint64_t n, struct oa_http1_event *ev)
{
    *ev = (struct oa_http1_event){ 0 };
    if (p->dead)
        return OA_EMALFORMED;
    /* An event that is due comes first, so that a caller who only skips stays in step. */
    if (p->state == OA_HTTP1_IN_END || p->state == OA_HTTP1_IN_SWITCH)
        return oa_http1_step(p, NULL, 0, ev);
    if (n > SIZE_MAX >> 1)
        n = SIZE_MAX >> 1;
    if (!n || p->opaque)
        return (ssize_t)n;
    if (p->state == OA_HTTP1_IN_LENGTH || p->state == OA_HTTP1_IN_CHUNK_DATA)
        n = n < p->remaining ? n : p->remaining;
    else if (p->state != OA_HTTP1_IN_UNTIL_EOF)
        return give_up(p, ev);
    oa_http1_take_data(p, (struct oa_slice){ NULL, (size_t)n }, ev);
    return (ssize_t)n;
}

bool oa_http1_eof(const struct oa_http1 *p)
{
    if (p->dead)
        return false;
    return p->state == OA_HTTP1_IN_START || p->state == OA_HTTP1_IN_UNTIL_EOF || p->state == OA_HTTP1_IN_END ||
           p->state == OA_HTTP1_IN_SWITCH || p->state == OA_HTTP1_IN_OPAQUE;
}

bool oa_http1_idle(const struct oa_http1 *p)
{
    return p->state == OA_HTTP1_IN_START && !p->dead;
}
