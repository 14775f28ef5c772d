/*
 * http.request.resend_count: which request follows a redirect. A 3xx answer with Location leaves the
 * place it points to, for the same thread and parent; the next request to exactly that place is the
 * resend. Exact match or nothing. The table is small and shared; a writer that finds it busy skips.
 */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "hooks/instrumentation/url.h"
#include "preload/base/spin.h"

#define REDIRECTS 32u
#define REDIRECT_AGE_NS (60 * OA_NS_PER_S)

struct redirect {
    uint64_t target; /* hash of host, port, path, query and parent; 0 = free */
    uint64_t seen_mono_ns;
    uint32_t count; /* resends up to and with the next one */
};

OA_BIG static struct redirect table[REDIRECTS];
static _Atomic uint32_t table_lock;
static _Atomic uint32_t table_used; /* entries ever written: 0 spares every other request the hash */

/* FNV-1a over the parts, with a separator. */
static uint64_t hash(uint64_t h, struct oa_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (uint8_t)s.ptr[i]) * 0x100000001b3ull;
    return (h ^ 0xff) * 0x100000001b3ull;
}

static uint64_t place(const struct oa_op *op, const struct oa_http_url *url, struct oa_slice host, uint16_t port)
{
    uint64_t h = 0xcbf29ce484222325ull;

    h = hash(h, (struct oa_slice){ (const char *)op->parent.span_id, sizeof(op->parent.span_id) });
    h = hash(h, host);
    h = hash(h, (struct oa_slice){ (const char *)&port, sizeof(port) });
    h = hash(h, url->path);
    h = hash(h, url->query);
    return h ? h : 1;
}

/* Host and port that a request of op goes to. */
static bool own_place(const struct oa_op *op, struct oa_http_url *url)
{
    if (oa_http_url_split(oa_op_text(op, OA_OP_TARGET), false, url) < 0)
        return false;
    if (url->host.len == 0 && oa_http_url_authority(oa_op_text(op, OA_OP_HOST), url) < 0)
        return false;
    if (url->port == 0)
        url->port = 80;
    return true;
}

void oa_http_redirected(const struct oa_op *op)
{
    struct oa_http_url to = { 0 }, own = { 0 };
    struct redirect *slot = NULL;
    uint64_t now, where;

    if (op->status < 301 || op->status > 308 || op->field[OA_OP_LOCATION].len == 0)
        return;
    if (!own_place(op, &own) || oa_http_url_split(oa_op_text(op, OA_OP_LOCATION), false, &to) < 0)
        return;
    if (to.host.len == 0) { /* an absolute path on the same host */
        to.host = own.host;
        to.port = own.port;
    }
    if (to.port == 0)
        to.port = oa_http_url_default_port(to.scheme);
    where = place(op, &to, to.host, to.port);
    if (!oa_spin_try(&table_lock, 1))
        return;
    now = oa_clock_mono_ns();
    for (uint32_t i = 0; i < REDIRECTS; i++)
        if (!slot || table[i].target == 0 || table[i].seen_mono_ns < slot->seen_mono_ns)
            slot = slot && slot->target == 0 ? slot : &table[i];
    atomic_store_explicit(&table_used, 1, memory_order_relaxed);
    *slot = (struct redirect){ .target = where, .seen_mono_ns = now, .count = op->resend_count + 1 };
    oa_spin_unlock(&table_lock);
}

uint32_t oa_http_resend_count(const struct oa_op *op)
{
    struct oa_http_url own = { 0 };
    uint32_t count = 0;
    uint64_t where;

    if (atomic_load_explicit(&table_used, memory_order_relaxed) == 0 || !own_place(op, &own))
        return 0;
    where = place(op, &own, own.host, own.port);
    if (!oa_spin_try(&table_lock, 1))
        return 0;
    for (uint32_t i = 0; i < REDIRECTS && count == 0; i++) {
        if (table[i].target != where)
            continue;
        if (table[i].seen_mono_ns > op->start.mono_ns)
            continue; /* this request was on its way already */
        if (op->start.mono_ns - table[i].seen_mono_ns < REDIRECT_AGE_NS)
            count = table[i].count;
        table[i].target = 0;
    }
    oa_spin_unlock(&table_lock);
    return count;
}

void oa_http_resend_forked(void)
{
    if (oa_spin_forked(&table_lock))
        memset(table, 0, sizeof(table));
}
