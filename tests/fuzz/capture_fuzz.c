/* SOURCES: hooks/protocols/http1.c hooks/protocols/http1_start.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_fields.c hooks/protocols/http1_body.c
 * sdk/propagation/propagator.c sdk/propagation/tracecontext.c sdk/propagation/tracestate.c
 * sdk/propagation/id_text.c sdk/propagation/b3.c sdk/propagation/jaeger.c sdk/propagation/xray.c
 * sdk/propagation/ottrace.c sdk/propagation/baggage.c preload/base/hex.c preload/base/log.c */
/*
 * The input is a list of headers to capture and, behind the first line end, one as Python's distribution reads it.
 * Properties: the parser's watch list is in order and has room for every name that can be one, up to its bound; a
 * header of such a name is reported, one that nobody named is not.
 */
#include <stdint.h>
#include <stdio.h>

/* With its state, which is made anew for each input. */
#include "hooks/instrumentation/http_watch.c"
#include "tests/fuzz/must.h"

static char own[8192], python[8192];
static uint32_t fields;

struct oa_header_lists oa_http_header_lists(bool response, bool client)
{
    return response == client ? (struct oa_header_lists){ own, python } : (struct oa_header_lists){ "", own };
}

uint32_t oa_carrier_reads(void)
{
    return fields;
}

uint32_t oa_carrier_writes(void)
{
    return 0;
}

static void check_order(const struct oa_http1_watch *names)
{
    must(names->count <= OA_HTTP1_WATCH_MAX && names->prefixes <= names->count);
    for (unsigned i = 0; i < names->count; i++) {
        bool prefix = i >= (unsigned)(names->count - names->prefixes);

        must(names->names[i].len < OA_HTTP1_NAME_MAX && (prefix || names->names[i].len > 0));
        must(prefix || (names->lengths & UINT64_C(1) << names->names[i].len));
        for (unsigned before = 0; before < i; before++)
            must(prefix != (before >= (unsigned)(names->count - names->prefixes)) ||
                 names->names[i].len != names->names[before].len ||
                 memcmp(names->names[i].name, names->names[before].name, names->names[i].len) != 0);
        for (unsigned c = 0; c < names->names[i].len; c++)
            must(oa_ascii_lower(names->names[i].name[c]) == names->names[i].name[c]);
    }
}

/* Does a request's parser report a field of that name? */
static bool is_reported(const struct oa_http_watch *watch, struct oa_slice name, const char *more)
{
    struct oa_http1 parser;
    struct oa_http1_event ev;
    char head[256];
    size_t at = 0, len;
    bool seen = false;

    len = (size_t)snprintf(head, sizeof(head), "GET / HTTP/1.1\r\n%.*s%s: 1\r\n\r\n", (int)name.len, name.ptr, more);
    oa_http1_init(&parser, false);
    parser.watch = watch ? &watch->names : NULL;
    do {
        ssize_t n = oa_http1_step(&parser, head + at, len - at, &ev);

        if (n < 0)
            return seen;
        at += (size_t)n;
        seen |= ev.type == OA_HTTP1_HEADER && ev.header != OA_HTTP1_OTHER;
    } while (ev.type != OA_HTTP1_NONE && ev.type != OA_HTTP1_BLANK);
    return seen;
}

static struct oa_slice lower(struct oa_slice name)
{
    static char text[OA_HTTP1_NAME_MAX];

    for (size_t i = 0; i < name.len; i++)
        text[i] = oa_ascii_lower(name.ptr[i]);
    return (struct oa_slice){ text, name.len };
}

static void check_item(const struct oa_http_watch *watch, struct oa_slice item)
{
    bool prefix = item.ptr[item.len - 1] == '*';

    item.len -= prefix;
    item.len -= prefix && item.len && item.ptr[item.len - 1] == '.';
    if (item.len == 0 || item.len + prefix >= OA_HTTP1_NAME_MAX)
        return;
    for (size_t i = 0; i < item.len; i++)
        if (!is_name_char(item.ptr[i]))
            return;
    must(watch != NULL);
    if (rows_of(lower(item), false))
        must((watch->names.rows & rows_of(lower(item), false)) != 0);
    else
        must(watch->names.count >= USER_MAX || is_reported(watch, item, prefix ? "x" : ""));
}

static void check_list(const struct oa_http_watch *watch, const char *text)
{
    struct oa_slice list = oa_slice_of(text);

    while (list.len) {
        struct oa_slice item = oa_slice_trim(oa_slice_next(&list, ','));

        if (item.len)
            check_item(watch, item);
    }
}

static void forget(void)
{
    memset(watches, 0, sizeof(watches));
    memset(name_bytes, 0xee, sizeof(name_bytes));
    name_bytes_used = 0;
    built = NOT_YET;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice rest = { (const char *)data, size }, first = oa_slice_next(&rest, '\n');

    if (first.len >= sizeof(own) || rest.len >= sizeof(python) || (size && memchr(data, 0, size)))
        return 0;
    oa_log_init(OA_LOG_NONE, "");
    snprintf(own, sizeof(own), "%.*s", (int)first.len, first.len ? first.ptr : "");
    snprintf(python, sizeof(python), "%.*s", (int)rest.len, rest.len ? rest.ptr : "");
    for (int all = 0; all < 2; all++) {
        fields = all ? (1u << OA_FIELD_COUNT) - 1 : 0;
        forget();
        for (int i = 0; i < 4; i++) {
            bool response = i & 2, client = i & 1;
            const struct oa_http_watch *watch = oa_http_watch(response, client);
            struct oa_header_lists lists = oa_http_header_lists(response, client);

            if (watch)
                check_order(&watch->names);
            check_list(watch, lists.own);
            check_list(watch, lists.python);
            must(all || !size || memchr(data, '*', size) || !is_reported(watch, OA_SLICE("named-by~nobody"), ""));
        }
    }
    return 0;
}
