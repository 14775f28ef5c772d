#include "sdk/propagation/baggage.h"

#include "preload/base/limits.h"
#include "sdk/propagation/formats.h"

struct member {
    struct oa_slice key, value;
    struct oa_slice meta; /* everything after the first ";", empty if none */
};

#define SEEN_BITS 512u

/* The list under construction. A key whose bit in `seen` is clear is not in it: that spares nearly
 * all searches for duplicates. */
struct list {
    char *ptr;
    size_t cap, len;
    uint64_t seen[SEEN_BITS / 64];
};

/* RFC 9110 5.6.2 */
static bool token_char(char c)
{
    return oa_ascii_is_letter(c) || oa_ascii_is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool value_char(char c)
{
    return c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\';
}

/* Metadata is opaque, but a control character in it could end a header line. */
static bool meta_char(char c)
{
    return (c >= ' ' && c <= '~') || c == '\t';
}

static bool all_are(struct oa_slice s, bool (*is)(char))
{
    for (size_t i = 0; i < s.len; i++)
        if (!is(s.ptr[i]))
            return false;
    return true;
}

static bool parse_member(struct oa_slice text, struct member *m)
{
    struct oa_slice pair = oa_slice_next(&text, ';');

    m->meta = text;
    m->key = oa_slice_trim(oa_slice_next(&pair, '='));
    if (pair.ptr == NULL)
        return false;
    m->value = oa_slice_trim(pair);
    return m->key.len && all_are(m->key, token_char) && all_are(m->value, value_char) && all_are(m->meta, meta_char);
}

static void append(struct list *out, struct oa_slice s)
{
    memcpy(out->ptr + out->len, s.ptr, s.len);
    out->len += s.len;
}

/* Takes the member with this key out of the list, if there is one. */
static void remove_key(struct list *out, struct oa_slice key)
{
    struct oa_slice rest = { out->ptr, out->len };

    while (rest.len) {
        struct oa_slice member = oa_slice_next(&rest, ',');
        size_t at = (size_t)(member.ptr - out->ptr), cut = member.len;

        if (!oa_slice_starts(member, key) || member.ptr[key.len] != '=')
            continue;
        if (rest.len)
            cut++; /* with the comma after it */
        memmove(out->ptr + at, out->ptr + at + cut, out->len - at - cut);
        out->len -= cut;
        if (out->len == at && at)
            out->len--; /* it was the last one: the comma before it goes */
        return;
    }
}

/* True if the key may have been here before; from now on it has. */
static bool was_seen(struct list *out, struct oa_slice key)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    uint64_t *word, bit;
    bool seen;

    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.ptr[i]) * 16777619u;
    hash = (hash >> 9 ^ hash) % SEEN_BITS;
    word = &out->seen[hash / 64];
    bit = UINT64_C(1) << (hash % 64);
    seen = (*word & bit) != 0;
    *word |= bit;
    return seen;
}

static bool add(struct list *out, const struct member *m)
{
    size_t need = m->key.len + 1 + m->value.len + (m->meta.len ? 1 + m->meta.len : 0);

    if (need > OA_BAGGAGE_MEMBER_BYTES_MAX)
        return false;
    if (was_seen(out, m->key))
        remove_key(out, m->key);
    if (need + (out->len ? 1 : 0) > out->cap - out->len)
        return false;
    if (out->len)
        append(out, OA_SLICE(","));
    append(out, m->key);
    append(out, OA_SLICE("="));
    if (m->value.len)
        append(out, m->value);
    if (m->meta.len) {
        append(out, OA_SLICE(";"));
        append(out, m->meta);
    }
    return true;
}

uint32_t oa_baggage_normalise(struct oa_slice text, struct oa_scratch *scratch, struct oa_slice *ret_list)
{
    size_t room = scratch->cap - scratch->len;
    struct list out = { .ptr = scratch->ptr + scratch->len, .cap = room < OA_BAGGAGE_MAX ? room : OA_BAGGAGE_MAX };
    uint32_t seen = 0, dropped = 0;
    struct oa_slice member;
    struct member m;

    while ((member = oa_slice_item(&text, ',')).len) {
        if (seen == OA_BAGGAGE_MEMBERS_MAX || !parse_member(member, &m)) {
            dropped++;
            continue;
        }
        seen++;
        if (!add(&out, &m))
            dropped++;
    }
    scratch->len += out.len;
    *ret_list = (struct oa_slice){ out.len ? out.ptr : NULL, out.len };
    return dropped;
}

void oa_baggage_set_members(struct oa_slice list, enum oa_field field, unsigned max, struct oa_setter *setter)
{
    while (list.len && max-- > 0) {
        struct oa_slice member = oa_slice_next(&list, ',');

        setter->set(setter, field, oa_slice_next(&member, ';'));
    }
}

void oa_baggage_extract(const struct oa_carrier *carrier, enum oa_field field, struct oa_context *ctx,
                        struct oa_scratch *scratch)
{
    struct oa_slice list;

    if (carrier->lines[field] == 0)
        return;
    (void)oa_baggage_normalise(carrier->value[field], scratch, &list);
    if (list.len)
        ctx->baggage = list;
}

static void extract(const struct oa_carrier *carrier, struct oa_context *ctx, struct oa_scratch *scratch)
{
    oa_baggage_extract(carrier, OA_FIELD_BAGGAGE, ctx, scratch);
}

/* Baggage travels also where no span does. */
static void inject(const struct oa_context *ctx, struct oa_setter *setter)
{
    if (ctx->baggage.len)
        setter->set(setter, OA_FIELD_BAGGAGE, ctx->baggage);
}

const struct oa_propagator oa_propagator_baggage = {
    .name = "baggage",
    .fields = 1u << OA_FIELD_BAGGAGE,
    .reads = 1u << OA_FIELD_BAGGAGE,
    .extract = extract,
    .inject = inject,
};
