#include "hooks/instrumentation/http_watch.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "hooks/instrumentation/carrier.h"
#include "hooks/instrumentation/http_headers.h"
#include "preload/base/log.h"

_Static_assert(offsetof(struct oa_http_watch, names) == 0, "a parser's watch is the beginning of ours");

enum built { NOT_YET, BUILDING, BUILT };

/* Of all names that the user asks for, were every place of every list taken, and of one that is looked at. */
#define NAME_BYTES ((4u * OA_HTTP1_WATCH_MAX + 1) * OA_HTTP1_NAME_MAX)

/* Beginnings of names that propagators read come after the user's whole names, and keep their places. */
enum {
    PREFIX_FIELDS = 0
#define FIELD(id, name, carries, ctx)
#define PREFIX(id, name) +1
#include "sdk/propagation/fields.def"
#undef FIELD
#undef PREFIX
};
#define USER_MAX (OA_HTTP1_WATCH_MAX - PREFIX_FIELDS)

_Static_assert(OA_FIELD_COUNT <= OA_HTTP1_WATCH_MAX, "every field of every propagator has a place");

static struct oa_http_watch watches[2][2]; /* response or not, client or not */
static char name_bytes[NAME_BYTES];
static size_t name_bytes_used;
static _Atomic int built;

/* The place of a name, made if there is none and it would be below max; OA_HTTP1_WATCH_MAX: no room. Whole names
 * come before beginnings of names. */
static unsigned place_of(struct oa_http_watch *watch, struct oa_slice name, bool prefix, unsigned max)
{
    struct oa_http1_watch *names = &watch->names;

    for (unsigned i = prefix ? (unsigned)(names->count - names->prefixes) : 0; i < names->count; i++)
        if (names->names[i].len == name.len && memcmp(names->names[i].name, name.ptr, name.len) == 0)
            return i;
    if (names->count >= max)
        return OA_HTTP1_WATCH_MAX;
    names->names[names->count].name = name.ptr;
    names->names[names->count].len = (uint8_t)name.len;
    watch->target[names->count] = OA_FIELD_COUNT;
    if (prefix)
        names->prefixes++;
    else
        names->lengths |= UINT64_C(1) << name.len;
    return names->count++;
}

static void add_fields(struct oa_http_watch *watch, uint32_t fields, bool prefix)
{
    for (unsigned f = 0; f < OA_FIELD_COUNT; f++) {
        unsigned place = OA_HTTP1_WATCH_MAX;

        if (fields & 1u << f)
            place = place_of(watch, oa_field_name((enum oa_field)f), prefix, OA_HTTP1_WATCH_MAX);
        if (place < OA_HTTP1_WATCH_MAX)
            watch->target[place] = (uint8_t)f;
    }
}

static bool is_name_char(char c)
{
    c = oa_ascii_lower(c);
    return c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* "Name", "name*" or "name.*": its fixed part in lower case, where the next name may stay; false: not understood. */
static bool read_item(struct oa_slice item, struct oa_slice *ret_name, bool *ret_prefix)
{
    char *at = name_bytes + name_bytes_used;
    size_t len = item.len;

    *ret_prefix = item.ptr[len - 1] == '*';
    len -= *ret_prefix;
    len -= *ret_prefix && len && item.ptr[len - 1] == '.';
    if ((len == 0 && !*ret_prefix) || len >= OA_HTTP1_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_name_char(item.ptr[i]))
            return false;
        at[i] = oa_ascii_lower(item.ptr[i]);
    }
    *ret_name = (struct oa_slice){ at, len };
    return true;
}

/* Those that the parser knows anyway. */
static uint32_t rows_of(struct oa_slice name, bool prefix)
{
    uint32_t rows = 0;

    for (unsigned row = OA_HTTP1_OTHER + 1; row < OA_HTTP1_HEADER_COUNT; row++) {
        struct oa_slice known = oa_http1_header_name(row);

        if (prefix ? oa_slice_starts(known, name) : oa_slice_eq(known, name))
            rows |= 1u << row;
    }
    return rows;
}

static void add_item(struct oa_http_watch *watch, struct oa_slice item, bool prefixes)
{
    struct oa_slice name;
    uint32_t rows;
    unsigned place;
    bool prefix;

    if (!read_item(item, &name, &prefix)) {
        if (prefixes) /* said in one of the two rounds */
            oa_log(OA_LOG_WARN, "header to capture: \"%.*s\" is not a name, or a beginning of names and *; skipped",
                   (int)(item.len < 64 ? item.len : 64), item.ptr);
        return;
    }
    if (prefix != prefixes)
        return;
    rows = rows_of(name, prefix);
    watch->names.rows |= rows;
    if (rows && !prefix)
        return;
    place = place_of(watch, name, prefix, USER_MAX);
    if (place == OA_HTTP1_WATCH_MAX) {
        oa_log(OA_LOG_WARN, "headers to capture: no room for \"%.*s\"; skipped", (int)name.len, name.ptr);
        return;
    }
    watch->wanted[place] = true;
    if (watch->names.names[place].name == name.ptr) /* it is new */
        name_bytes_used += name.len;
}

static void add_wanted(struct oa_http_watch *watch, const char *text, bool prefixes)
{
    struct oa_slice list = oa_slice_of(text), item;

    while ((item = oa_slice_item(&list, ',')).len)
        add_item(watch, item, prefixes);
}

static void build_one(bool response, bool client)
{
    struct oa_http_watch *watch = &watches[response][client];
    uint32_t fields = response ? 0 : oa_carrier_reads() | oa_carrier_writes();
    struct oa_header_lists lists = oa_http_header_lists(response, client);

    for (int prefixes = 0; prefixes < 2; prefixes++) {
        add_fields(watch, prefixes ? fields & oa_fields_by_prefix : fields & ~oa_fields_by_prefix, prefixes);
        add_wanted(watch, lists.own, prefixes);
        add_wanted(watch, lists.python, prefixes);
    }
}

static void build(void)
{
    for (int i = 0; i < 4; i++)
        build_one(i & 2, i & 1);
}

/* Whoever comes second waits for some hundred instructions of the first. */
static OA_COLD void build_once(void)
{
    int expected = NOT_YET;

    if (atomic_compare_exchange_strong(&built, &expected, BUILDING)) {
        build();
        atomic_store_explicit(&built, BUILT, memory_order_release);
    }
    while (atomic_load_explicit(&built, memory_order_acquire) != BUILT)
        oa_pause();
}

const struct oa_http_watch *oa_http_watch(bool response, bool client)
{
    const struct oa_http_watch *watch = &watches[response][client];

    if (oa_unlikely(atomic_load_explicit(&built, memory_order_acquire) != BUILT))
        build_once();
    return watch->names.count || watch->names.rows ? watch : NULL;
}
