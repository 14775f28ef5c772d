#include "hooks/instrumentation/dns.h"

#include <arpa/inet.h>
#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/spin.h"
#include "sdk/api/meter.h"
#include "sdk/api/span.h"

#define REMEMBERED 32u
#define LOCK_TRIES 1000u

OA_BIG static struct memory {
    struct oa_address address; /* port 0 */
    uint8_t len;
    char name[OA_DNS_NAME_MAX - 1];
} memory[REMEMBERED];
static _Atomic uint32_t memory_lock, memory_next;

struct oa_slice oa_dns_gai_error(int error)
{
    static const struct {
        int error;
        struct oa_slice word;
    } words[] = {
#define WORD(id) { id, { #id, sizeof(#id) - 1 } },
        WORD(EAI_AGAIN) WORD(EAI_BADFLAGS) WORD(EAI_FAIL) WORD(EAI_FAMILY) WORD(EAI_MEMORY) WORD(EAI_NODATA)
            WORD(EAI_NONAME) WORD(EAI_SERVICE) WORD(EAI_SOCKTYPE) WORD(EAI_SYSTEM) WORD(EAI_ADDRFAMILY)
#undef WORD
    };

    for (size_t i = 0; i < OA_COUNT(words); i++)
        if (words[i].error == error)
            return words[i].word;
    return OA_SLICE("_OTHER");
}

struct oa_slice oa_dns_host_error(int error)
{
    switch (error) {
    case HOST_NOT_FOUND:
        return OA_SLICE("HOST_NOT_FOUND");
    case TRY_AGAIN:
        return OA_SLICE("TRY_AGAIN");
    case NO_RECOVERY:
        return OA_SLICE("NO_RECOVERY");
    case NO_DATA:
        return OA_SLICE("NO_DATA");
    default:
        return OA_SLICE("_OTHER");
    }
}

void oa_dns_begin(struct oa_dns *dns, const char *name)
{
    struct in_addr literal;

    dns->question = (struct oa_slice){ 0 };
    dns->error_type = (struct oa_slice){ 0 };
    dns->answer_count = dns->address_count = 0;
    dns->start = (struct oa_when){ 0 };
    if (!name || !*name || inet_aton(name, &literal) != 0 || strchr(name, ':'))
        return;
    dns->question = oa_slice_of(name);
    oa_when_now(&dns->start);
}

static void add(struct oa_dns *dns, const struct sockaddr *addr, socklen_t len)
{
    struct oa_address a;

    oa_address_set(&a, addr, len);
    a.port = 0;
    if (a.family != AF_INET && a.family != AF_INET6)
        return;
    if (dns->address_count && oa_address_equal(&a, &dns->last_seen)) /* one entry per socket type */
        return;
    dns->last_seen = a;
    dns->address_count++;
    if (dns->answer_count < OA_DNS_ANSWERS)
        dns->answers[dns->answer_count++] = a;
}

void oa_dns_add_addrinfo(struct oa_dns *dns, const struct addrinfo *list)
{
    for (; list; list = list->ai_next)
        add(dns, list->ai_addr, list->ai_addrlen);
}

void oa_dns_add_hostent(struct oa_dns *dns, const struct hostent *host)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    struct sockaddr_in in = { .sin_family = AF_INET };

    for (int i = 0; host && host->h_addr_list[i]; i++) {
        if (host->h_addrtype == AF_INET6) {
            memcpy(&in6.sin6_addr, host->h_addr_list[i], sizeof(in6.sin6_addr));
            add(dns, (struct sockaddr *)&in6, sizeof(in6));
        } else {
            memcpy(&in.sin_addr, host->h_addr_list[i], sizeof(in.sin_addr));
            add(dns, (struct sockaddr *)&in, sizeof(in));
        }
    }
}

static struct memory *find(const struct oa_address *address)
{
    for (uint32_t i = 0; i < REMEMBERED; i++)
        if (memory[i].len && oa_address_equal(&memory[i].address, address))
            return &memory[i];
    return NULL;
}

static void remember(const struct oa_dns *dns)
{
    if (dns->question.len >= sizeof(memory[0].name) || !oa_spin_try(&memory_lock, LOCK_TRIES))
        return;
    for (uint32_t i = 0; i < dns->answer_count; i++) {
        struct memory *m = find(&dns->answers[i]);

        if (!m)
            m = &memory[atomic_fetch_add_explicit(&memory_next, 1, memory_order_relaxed) % REMEMBERED];
        m->address = dns->answers[i];
        m->len = (uint8_t)dns->question.len;
        memcpy(m->name, dns->question.ptr, dns->question.len);
    }
    oa_spin_unlock(&memory_lock);
}

struct oa_slice oa_dns_name_of(const struct oa_address *address, char *buf)
{
    struct oa_address key = *address;
    struct memory *m;
    size_t len = 0;

    key.port = 0;
    if (!oa_spin_try(&memory_lock, LOCK_TRIES))
        return (struct oa_slice){ 0 };
    m = find(&key);
    if (m) {
        len = m->len;
        memcpy(buf, m->name, len);
    }
    oa_spin_unlock(&memory_lock);
    return (struct oa_slice){ buf, len };
}

static void record(const struct oa_dns *dns, struct oa_op *op, uint64_t end_mono_ns)
{
    struct oa_slice answers[OA_DNS_ANSWERS];
    char *text = op->text + op->text_len;
    struct oa_span_writer w;

    for (uint32_t i = 0; i < dns->answer_count; i++)
        answers[i] = oa_address_text(&dns->answers[i], text + i * OA_ADDRESS_TEXT);
    oa_span_begin(&w,
                  &(struct oa_span_end){
                      .self = op->self,
                      .parent = op->parent,
                      .tracestate = oa_op_text(op, OA_OP_STATE_LIST),
                      .baggage = oa_op_text(op, OA_OP_BAGGAGE_LIST),
                      .name = OA_SLICE("DNS lookup"),
                      .start_unix_ns = dns->start.unix_ns,
                      .duration_ns = end_mono_ns - dns->start.mono_ns,
                      .scope = OA_SCOPE_DNS,
                      .kind = OA_SPAN_CLIENT,
                      .status = dns->error_type.len ? OA_STATUS_ERROR : OA_STATUS_UNSET,
                  },
                  4, (uint32_t)dns->question.len + OA_DNS_ANSWERS * OA_ADDRESS_TEXT + 64);
    oa_span_str(&w, OA_KEY_DNS_QUESTION_NAME, dns->question);
    if (dns->answer_count)
        oa_span_arr(&w, OA_KEY_DNS_ANSWERS, answers, dns->answer_count);
    if (dns->error_type.len)
        oa_span_str(&w, OA_KEY_ERROR_TYPE, dns->error_type);
    oa_span_commit(&w);
}

static void measure(const struct oa_dns *dns, uint64_t end_mono_ns)
{
    struct oa_set set;

    set.count = 0;
    oa_set_str(&set, OA_KEY_DNS_QUESTION_NAME, dns->question);
    oa_set_str(&set, OA_KEY_ERROR_TYPE, dns->error_type);
    oa_meter_record(&set, &(struct oa_measurement){ OA_METRIC_DNS_LOOKUP_DURATION, end_mono_ns - dns->start.mono_ns },
                    1, NULL);
    if (dns->error_type.len)
        return;
    set.count = 0;
    oa_set_str(&set, OA_KEY_DNS_QUESTION_NAME, dns->question);
    oa_meter_record(&set, &(struct oa_measurement){ OA_METRIC_DNS_LOOKUP_ADDRESSES, dns->address_count }, 1, NULL);
}

void oa_dns_end(struct oa_dns *dns)
{
    uint64_t end_mono_ns;
    struct oa_op *op;

    if (dns->question.len == 0)
        return;
    if (dns->error_type.len == 0)
        remember(dns);
    if (!oa_env()->dns_enabled)
        return;
    end_mono_ns = oa_clock_mono_ns();
    if (oa_meter_on)
        measure(dns, end_mono_ns);
    if (!(op = oa_op_open()))
        return;
    op->kind = OA_SPAN_CLIENT;
    oa_parent_find(op, (struct oa_op_ref){ 0 });
    if (op->parent.valid) { /* never a root of its own */
        oa_begin_span(op, true, (struct oa_slice){ NULL, 0 });
        if (op->recording)
            record(dns, op, end_mono_ns);
    }
    oa_op_close(op);
}

void oa_dns_forked(void)
{
    if (oa_spin_forked(&memory_lock))
        memset(memory, 0, sizeof(memory));
}
