/* What the writer puts into the ring is read back by the consumer's own decoder.
 * SOURCES: sdk/api/span.c sdk/api/baggage_attrs.c env/text.c preload/base/glob.c preload/ring.c
 * preload/shared_memory.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * preload/base/arena.c tests/support/ring_consumer.c */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "preload/ring.h"
#include "preload/thread.h"
#include "sdk/api/span.h"
#include "sdk/model/span_view.h"
#include "tests/support/ring_consumer.h"

OA_TLS struct oa_thread oa_thread;

static struct oa_arena arena;
static const struct oa_span_limits no_limits = { UINT32_MAX, UINT32_MAX, UINT32_MAX,
                                                 UINT32_MAX, UINT32_MAX, UINT32_MAX };

static struct oa_span_end span_end(const char *name)
{
    struct oa_span_end end = {
        .name = oa_slice_of(name),
        .start_unix_ns = 1000,
        .duration_ns = 234,
        .scope = OA_SCOPE_HTTP,
        .kind = OA_SPAN_SERVER,
        .self = { .flags = 3, .valid = 1 },
    };

    memset(end.self.trace_id, 0xab, 16);
    memset(end.self.span_id, 0xcd, 8);
    return end;
}

static void open_ring(void)
{
    oa_arena_init(&arena, 1024, 1u << 20);
    cr_assert_eq(oa_ring_open(100), OA_OK);
}

/* The oldest record of the ring, decoded. */
static struct oa_span_view read_back(void)
{
    struct oa_record *record = oa_test_ring_peek(oa_ring());
    struct oa_span_view view;

    cr_assert_not_null(record);
    cr_assert_eq(record->type, OA_RECORD_SPAN);
    cr_assert(record->used <= record->size);
    cr_assert_eq(record->used % 8, 0);
    cr_assert_eq(oa_span_view_read((struct oa_record_span *)record, record->size, &arena, &no_limits, &view), 0);
    oa_test_ring_release(oa_ring(), record);
    return view;
}

static const struct oa_attr_view *attr(const struct oa_span_view *view, const char *key)
{
    const struct oa_attr_view *found = oa_span_view_attr(view, oa_slice_of(key));

    cr_assert_not_null(found, "%s", key);
    return found;
}

static bool is(struct oa_slice s, const char *want)
{
    return oa_slice_eq(s, oa_slice_of(want));
}

Test(span, head__every_field_arrives)
{
    struct oa_span_end end = span_end("GET /x");
    struct oa_span_writer w;
    struct oa_span_view view;

    open_ring();
    memset(end.parent.span_id, 0xef, 8);
    end.parent.valid = end.parent.remote = 1;
    end.tracestate = OA_SLICE("a=1,b=2");
    end.status = OA_STATUS_ERROR;
    end.scope = OA_SCOPE_DNS;
    end.kind = OA_SPAN_CLIENT;
    oa_span_begin(&w, &end, 0, 0);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_arr_eq(view.trace_id, end.self.trace_id, 16);
    cr_assert_arr_eq(view.span_id, end.self.span_id, 8);
    cr_assert_arr_eq(view.parent_id, end.parent.span_id, 8);
    cr_assert(view.has_parent && view.parent_remote);
    cr_assert_eq(view.start_unix_ns, 1000);
    cr_assert_eq(view.end_unix_ns, 1234);
    cr_assert(is(view.name, "GET /x") && is(view.tracestate, "a=1,b=2"));
    cr_assert_eq(view.kind, OA_SPAN_CLIENT);
    cr_assert_eq(view.status, OA_STATUS_ERROR);
    cr_assert_eq(view.scope, OA_SCOPE_DNS);
    cr_assert_eq(view.flags, 3);
    cr_assert_eq(view.pid, (uint32_t)getpid());
    cr_assert_eq(view.attr_count + view.attr_dropped, 0);
}

Test(span, head__a_parent_that_is_not_valid_is_none)
{
    struct oa_span_end end = span_end("x");
    struct oa_span_writer w;
    struct oa_span_view view;

    open_ring();
    memset(end.parent.span_id, 0xef, 8);
    end.parent.remote = 1;
    oa_span_begin(&w, &end, 0, 0);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_not(view.has_parent || view.parent_remote);
}

Test(span, attributes__of_every_type_and_length)
{
    static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    struct oa_span_end end = span_end("x");
    struct oa_span_view view;

    open_ring();
    for (size_t len = 0; len + 1 < sizeof(text); len++) {
        struct oa_span_writer w;

        end.name = (struct oa_slice){ text, len + 1 }; /* every alignment of what follows */
        oa_span_begin(&w, &end, 3, (uint32_t)len);
        oa_span_str(&w, OA_KEY_URL_PATH, (struct oa_slice){ text, len });
        oa_span_int(&w, OA_KEY_SERVER_PORT, INT64_MIN + (int64_t)len);
        oa_span_int(&w, OA_KEY_PROCESS_PID, -1);
        oa_span_commit(&w);
        view = read_back();
        cr_assert_eq(view.attr_count, 3);
        cr_assert_eq(view.attr_dropped, 0);
        cr_assert_eq(view.name.len, len + 1);
        cr_assert(oa_slice_eq(attr(&view, "url.path")->str, (struct oa_slice){ text, len }));
        cr_assert_eq(attr(&view, "url.path")->type, OA_ATTR_STR);
        cr_assert_eq(attr(&view, "server.port")->num, INT64_MIN + (int64_t)len);
        cr_assert_eq(attr(&view, "process.pid")->num, -1);
    }
}

Test(span, str__null_is_left_out_empty_is_not)
{
    struct oa_span_end end = span_end("x");
    struct oa_span_writer w;
    struct oa_span_view view;

    open_ring();
    oa_span_begin(&w, &end, 2, 0);
    oa_span_str(&w, OA_KEY_URL_PATH, (struct oa_slice){ NULL, 0 });
    oa_span_str(&w, OA_KEY_URL_QUERY, OA_SLICE(""));
    oa_span_commit(&w);
    view = read_back();
    cr_assert_eq(view.attr_count, 1);
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_eq(attr(&view, "url.query")->str.len, 0);
}

Test(span, arr__of_any_length)
{
    const struct oa_slice items[] = { OA_SLICE("127.0.0.1"), OA_SLICE(""), OA_SLICE("::1"), OA_SLICE("x") };
    struct oa_span_end end = span_end("x");
    struct oa_span_view view;

    open_ring();
    for (uint32_t count = 0; count <= OA_COUNT(items); count++) {
        struct oa_span_writer w;

        oa_span_begin(&w, &end, 2, 64);
        oa_span_arr(&w, OA_KEY_DNS_ANSWERS, items, count);
        oa_span_int(&w, OA_KEY_SERVER_PORT, 53);
        oa_span_commit(&w);
        view = read_back();
        cr_assert_eq(view.attr_count, 2);
        cr_assert_eq(attr(&view, "dns.answers")->type, OA_ATTR_ARR);
        cr_assert_eq(attr(&view, "dns.answers")->item_count, count);
        for (uint32_t i = 0; i < count; i++)
            cr_assert(oa_slice_eq(attr(&view, "dns.answers")->items[i], items[i]));
        cr_assert_eq(attr(&view, "server.port")->num, 53);
    }
}

/* begin promises room for `attrs` attributes with `text_bytes` of text together, however it is split. */
Test(span, room__what_was_announced_fits)
{
    enum { TEXT = 100 };
    char text[TEXT];
    struct oa_span_end end = span_end("x");

    open_ring();
    memset(text, 't', sizeof(text));
    for (uint32_t attrs = 1; attrs < 40; attrs++) {
        struct oa_span_writer w;
        uint32_t left = TEXT;

        oa_span_begin(&w, &end, attrs, TEXT);
        for (uint32_t i = 0; i < attrs; i++) {
            uint32_t len = i + 1 == attrs || left < 5 ? left : 1 + left % 5;

            oa_span_str(&w, OA_KEY_URL_PATH, (struct oa_slice){ text, len });
            left -= len;
        }
        oa_span_commit(&w);
        cr_assert_eq(w.record->attr_count, attrs);
        cr_assert_eq(w.record->attr_dropped, 0, "%u attributes", attrs);
        oa_test_ring_release(oa_ring(), oa_test_ring_peek(oa_ring()));
    }
}

Test(span, room__what_does_not_fit_is_left_out_and_counted)
{
    char text[300];
    struct oa_span_end end = span_end("x");
    struct oa_span_writer w;
    struct oa_span_view view;
    const struct oa_slice items[] = { { text, sizeof(text) } };

    open_ring();
    memset(text, 't', sizeof(text));
    oa_span_begin(&w, &end, 2, 16);
    oa_span_str(&w, OA_KEY_URL_PATH, (struct oa_slice){ text, sizeof(text) });
    oa_span_arr(&w, OA_KEY_DNS_ANSWERS, items, 1);
    oa_span_str(&w, OA_KEY_URL_QUERY, OA_SLICE("kept"));
    oa_span_int(&w, OA_KEY_SERVER_PORT, 1);
    for (int i = 0; i < 10; i++)
        oa_span_int(&w, OA_KEY_CLIENT_PORT, i);
    cr_assert(w.used <= w.record->head.size);
    oa_span_commit(&w);
    view = read_back();
    cr_assert(is(attr(&view, "url.query")->str, "kept"));
    cr_assert_eq(attr(&view, "server.port")->num, 1);
    cr_assert_null(oa_span_view_attr(&view, OA_SLICE("url.path")));
    cr_assert_null(oa_span_view_attr(&view, OA_SLICE("dns.answers")));
    cr_assert(view.attr_dropped > 2);
}

Test(span, bounds__a_long_name_is_cut_a_long_tracestate_left_out)
{
    char name[OA_NAME_MAX + 10], state[OA_TRACESTATE_MAX + 1];
    struct oa_span_end end = span_end("x");
    struct oa_span_writer w;
    struct oa_span_view view;

    open_ring();
    memset(name, 'n', sizeof(name));
    memset(state, 's', sizeof(state));
    end.name = (struct oa_slice){ name, sizeof(name) };
    end.tracestate = (struct oa_slice){ state, sizeof(state) };
    oa_span_begin(&w, &end, 0, 0);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_eq(view.name.len, OA_NAME_MAX);
    cr_assert_eq(view.tracestate.len, 0);
    end.tracestate.len = OA_TRACESTATE_MAX;
    oa_span_begin(&w, &end, 0, 0);
    oa_span_commit(&w);
    cr_assert_eq(read_back().tracestate.len, OA_TRACESTATE_MAX);
}

Test(span, dropped__every_call_is_a_no_op)
{
    const struct oa_slice items[] = { OA_SLICE("a") };
    struct oa_span_end end = span_end("x");
    struct oa_span_writer w;

    oa_arena_init(&arena, 1024, 1u << 20);
    cr_assert_eq(oa_ring_open(1), OA_OK);
    oa_span_begin(&w, &end, 0, 0);
    oa_thread.flags = 0;
    oa_span_begin(&w, &end, 1, 100); /* the first one is still open: the queue is full */
    cr_assert_null(w.record);
    oa_span_str(&w, OA_KEY_URL_PATH, OA_SLICE("/"));
    oa_span_int(&w, OA_KEY_SERVER_PORT, 1);
    oa_span_arr(&w, OA_KEY_DNS_ANSWERS, items, 1);
    oa_span_commit(&w);
    cr_assert_eq(oa_ring_items(), 1);
    cr_assert_eq(oa_test_ring_dropped(OA_DROP_RING_FULL), 1);
    cr_assert_eq(oa_thread.flags & OA_THREAD_RECORDED, 0);
}

/* The most that may be announced is an upper bound; a span that stays below it must not be lost for that. */
Test(span, more_is_announced_than_a_record_holds)
{
    static char text[OA_RECORD_MAX];
    struct oa_span_end end = span_end("x");
    struct oa_span_writer w;
    struct oa_span_view view;

    open_ring();
    memset(text, 'x', sizeof(text));
    oa_span_begin(&w, &end, 10, 2 * OA_RECORD_MAX);
    cr_assert_not_null(w.record);
    oa_span_str(&w, OA_KEY_URL_PATH, OA_SLICE("/"));
    oa_span_str(&w, OA_KEY_URL_QUERY, (struct oa_slice){ text, sizeof(text) });
    oa_span_str(&w, OA_KEY_USER_AGENT_ORIGINAL, (struct oa_slice){ text, 8192 });
    oa_span_commit(&w);
    view = read_back();
    cr_expect_eq(view.attr_count, 2);
    cr_expect_eq(view.attr_dropped, 1);
    cr_expect_eq(attr(&view, "user_agent.original")->str.len, 8192);
}

Test(span, commit__publishes_and_tells_the_thread)
{
    struct oa_span_end end = span_end("x");
    struct oa_span_writer w;

    open_ring();
    oa_span_begin(&w, &end, 0, 0);
    cr_assert_null(oa_test_ring_peek(oa_ring()));
    cr_assert_eq(oa_thread.flags & OA_THREAD_RECORDED, 0);
    oa_span_commit(&w);
    cr_assert_not_null(oa_test_ring_peek(oa_ring()));
    cr_assert_neq(oa_thread.flags & OA_THREAD_RECORDED, 0);
}
