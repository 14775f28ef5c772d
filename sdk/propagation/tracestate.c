#include "sdk/propagation/tracestate.h"

#include "preload/base/limits.h"

#define MEMBERS_MAX 32
#define MEMBER_LONG 128 /* members over this go first when room is short (3.3.1.5) */
#define KEY_MAX 256
#define VALUE_MAX 256

/* The members in order; `keep` has a bit for each that is to be written. */
struct members {
    uint32_t keep;
    uint32_t count;
    size_t bytes; /* of all kept members with the commas between them */
    uint16_t len[MEMBERS_MAX];
};

static bool key_char(char c, bool first)
{
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        return true;
    return !first && (c == '_' || c == '-' || c == '*' || c == '/' || c == '@');
}

/* Length of the key of a well-formed member, else 0. */
static size_t key_len(struct oa_slice member)
{
    size_t n = 0;

    while (n < member.len && n < KEY_MAX && key_char(member.ptr[n], n == 0))
        n++;
    if (n == 0 || n >= member.len || member.ptr[n] != '=')
        return 0;
    if (member.len - n - 1 == 0 || member.len - n - 1 > VALUE_MAX)
        return 0;
    for (size_t i = n + 1; i < member.len; i++)
        if (member.ptr[i] < ' ' || member.ptr[i] > '~' || member.ptr[i] == '=')
            return 0;
    return n;
}

/* True if one of the first `count` members of text starts with head ("key="). */
static bool key_seen(struct oa_slice text, uint32_t count, struct oa_slice head)
{
    for (uint32_t i = 0; i < count; i++)
        if (oa_slice_starts(oa_slice_item(&text, ','), head))
            return true;
    return false;
}

static bool scan(struct oa_slice text, struct members *m)
{
    struct oa_slice rest = text, member;

    while ((member = oa_slice_item(&rest, ',')).len) {
        size_t key = key_len(member);

        if (key == 0 || m->count == MEMBERS_MAX)
            return false;
        if (!key_seen(text, m->count, (struct oa_slice){ member.ptr, key + 1 })) {
            m->bytes += member.len + (m->keep ? 1 : 0);
            m->keep |= 1u << m->count;
        }
        m->len[m->count++] = (uint16_t)member.len;
    }
    return true;
}

/* Takes whole members out until the rest fits. */
static void shrink(struct members *m, size_t cap)
{
    while (m->keep && m->bytes > cap) {
        int victim = -1;

        for (int i = (int)m->count - 1; i >= 0; i--) {
            if (!(m->keep & 1u << i))
                continue;
            if (victim < 0)
                victim = i;
            if (m->len[i] > MEMBER_LONG) {
                victim = i;
                break;
            }
        }
        m->keep &= ~(1u << victim);
        m->bytes -= m->len[victim] + (m->keep ? 1u : 0u);
    }
}

struct oa_slice oa_tracestate_normalise(struct oa_slice text, struct oa_scratch *scratch)
{
    struct members m = { .keep = 0 };
    size_t room = scratch->cap - scratch->len;
    char *out = scratch->ptr + scratch->len;
    size_t n = 0;

    if (!scan(text, &m))
        return (struct oa_slice){ NULL, 0 };
    shrink(&m, room < OA_TRACESTATE_MAX ? room : OA_TRACESTATE_MAX);
    for (uint32_t i = 0; i < m.count; i++) {
        struct oa_slice member = oa_slice_item(&text, ',');

        if (!(m.keep & 1u << i))
            continue;
        if (n)
            out[n++] = ',';
        memcpy(out + n, member.ptr, member.len);
        n += member.len;
    }
    scratch->len += n;
    return (struct oa_slice){ n ? out : NULL, n };
}
