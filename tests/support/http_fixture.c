#include "tests/support/http_fixture.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/method.h"
#include "hooks/instrumentation/process.h"
#include "hooks/instrumentation/url.h"
#include "preload/base/compiler.h"
#include "preload/base/hex.h"
#include "preload/life.h"
#include "preload/ring.h"
#include "tests/support/ring_consumer.h"

#define SETTINGS_MAX 32
#define TEXTS 16

OA_TLS struct oa_thread oa_thread;
bool oa_test_same_socket = true;
static const uint8_t unmarked = 1;
const volatile uint8_t *oa_life_mark = &unmarked;
static struct oa_arena arena;

/* Weak: a test that links the connection engine has its own. */
__attribute__((weak)) bool oa_conn_same_socket(struct oa_conn *conn, int fd)
{
    (void)conn;
    (void)fd;
    return oa_test_same_socket;
}

uint32_t oa_test_generation;

uint32_t oa_life_fork_generation(void)
{
    return oa_test_generation;
}

void oa_life_forked_unseen(void) {}
void oa_life_watch_forks(void) {}

void oa_test_http_start(const char *const *settings)
{
    char *envp[SETTINGS_MAX + 2] = { NULL };
    size_t n = 0;

    for (; settings && settings[n] && n < SETTINGS_MAX; n++)
        envp[n] = (char *)settings[n];
    envp[n] = (char *)"OTEL_INSTRUMENTATION_PROCESS_ENABLED=false"; /* the first of a name counts */
    oa_env_load(envp);
    oa_method_init(oa_env()->http_known_methods);
    oa_http_url_sensitive(oa_env()->sensitive_query);
    oa_begin_init();
    oa_process_init(true);
    oa_arena_init(&arena, 4096, 64u << 20);
    if (oa_ring_open(1000) < 0)
        abort();
}

/* Who counts leaks can reach the connections here: tests leave them to the end of their process. */
static struct oa_conn *left_open[1024];

struct oa_conn *oa_test_http_conn(enum oa_role role)
{
    static uint32_t index;
    struct oa_conn *conn = calloc(1, sizeof(*conn));
    struct sockaddr_in peer = { .sin_family = AF_INET,
                                .sin_port = htons(8080),
                                .sin_addr.s_addr = htonl(0xc0000201) };

    if (!conn)
        abort();
    left_open[index % OA_COUNT(left_open)] = conn;
    conn->index = index++;
    conn->refs = 1;
    conn->role = (uint8_t)role;
    conn->decided = true;
    conn->protocol = &oa_protocol_http1;
    oa_address_set(&conn->peer, (struct sockaddr *)&peer, sizeof(peer));
    conn->protocol->open(conn);
    return conn;
}

/* One call: the engine takes the time before it when a request may start. */
static int feed(struct oa_conn *conn, bool outgoing, struct oa_slice bytes)
{
    struct oa_flow flow = { .outgoing = outgoing };

    if (conn->protocol->at_request_start(conn, outgoing))
        oa_when_now(&flow.before);
    return conn->protocol->feed(conn, &flow, bytes);
}

int oa_test_http_in(struct oa_conn *conn, const char *text)
{
    return feed(conn, false, oa_slice_of(text));
}

int oa_test_http_out(struct oa_conn *conn, const char *text)
{
    return feed(conn, true, oa_slice_of(text));
}

int oa_test_http_skip(struct oa_conn *conn, bool outgoing, uint64_t n)
{
    struct oa_flow flow = { .outgoing = outgoing };

    return conn->protocol->skip(conn, &flow, n);
}

int oa_test_http_trickle(struct oa_conn *conn, bool outgoing, const char *text)
{
    int err = 0;

    for (; *text && err == 0; text++)
        err = feed(conn, outgoing, (struct oa_slice){ text, 1 });
    return err;
}

ssize_t oa_test_http_read(struct oa_conn *conn, char *buf, size_t len, size_t cap)
{
    struct oa_window window = { .ptr = buf, .len = len, .cap = cap, .fd = -1 };
    struct oa_flow flow = { .outgoing = false };
    int err = conn->protocol->ingress(conn, &flow, &window);

    return err < 0 ? err : (ssize_t)window.len;
}

const char *oa_test_http_reads(struct oa_conn *conn, const char *text, size_t cap)
{
    static char buf[4096];
    ssize_t n;

    memset(buf, '#', sizeof(buf));
    memcpy(buf, text, strlen(text));
    n = oa_test_http_read(conn, buf, strlen(text), cap);
    if (n < 0 || (size_t)n > cap || buf[n] != '#') /* nothing is written behind the end */
        abort();
    buf[n] = '\0';
    return buf;
}

bool oa_test_http_span(struct oa_span_view *ret_view)
{
    static const struct oa_span_limits no_limits = { UINT32_MAX, UINT32_MAX, UINT32_MAX,
                                                     UINT32_MAX, UINT32_MAX, UINT32_MAX };
    struct oa_record *record = oa_ring() ? oa_test_ring_peek(oa_ring()) : NULL;

    if (!record)
        return false;
    if (oa_span_view_read((struct oa_record_span *)record, record->size, &arena, &no_limits, ret_view) != 0)
        abort();
    oa_test_ring_release(oa_ring(), record);
    return true;
}

bool oa_test_http_no_span(void)
{
    struct oa_span_view view;

    return !oa_test_http_span(&view);
}

struct oa_span_view oa_test_http_next_span(void)
{
    struct oa_span_view view = { 0 };

    if (!oa_test_http_span(&view)) {
        fputs("there is no span\n", stderr);
        abort();
    }
    return view;
}

static char *text_room(size_t bytes)
{
    static char *texts[TEXTS];
    static unsigned at;
    char **room = &texts[at++ % TEXTS];

    free(*room);
    *room = malloc(bytes);
    if (!*room)
        abort();
    return *room;
}

const char *oa_test_attr(const struct oa_span_view *view, const char *key)
{
    const struct oa_attr_view *attr = oa_span_view_attr(view, oa_slice_of(key));
    char *text;

    if (!attr)
        return NULL;
    if (attr->type == OA_ATTR_STR)
        return attr->str.ptr; /* terminated, see span_view.h */
    if (attr->type != OA_ATTR_INT)
        return "(neither text nor number)";
    text = text_room(24);
    snprintf(text, 24, "%lld", (long long)attr->num);
    return text;
}

bool oa_test_attr_is(const struct oa_span_view *view, const char *key, const char *want)
{
    const char *have = oa_test_attr(view, key);

    if (have == want || (have && want && strcmp(have, want) == 0))
        return true;
    fprintf(stderr, "%s is %s, wanted %s\n", key, have ? have : "absent", want ? want : "absent");
    return false;
}

bool oa_test_name_is(const struct oa_span_view *view, const char *want)
{
    if (oa_slice_eq(view->name, oa_slice_of(want)))
        return true;
    fprintf(stderr, "the name is %.*s, wanted %s\n", (int)view->name.len, view->name.ptr, want);
    return false;
}

static const char *hex(const uint8_t *bytes, size_t n)
{
    char *text = text_room(2 * n + 1);

    oa_hex_encode(text, bytes, n);
    text[2 * n] = '\0';
    return text;
}

const char *oa_test_span_id(const struct oa_span_view *view)
{
    return hex(view->span_id, sizeof(view->span_id));
}

const char *oa_test_parent_id(const struct oa_span_view *view)
{
    return hex(view->parent_id, sizeof(view->parent_id));
}

const char *oa_test_trace_id(const struct oa_span_view *view)
{
    return hex(view->trace_id, sizeof(view->trace_id));
}

uint64_t oa_test_dropped(enum oa_drop reason)
{
    return oa_test_ring_dropped(reason);
}
