#include "tests/exact/message.h"

#include <stdio.h>
#include <string.h>

#include "tests/exact/message_text.h"

struct writer {
    struct script *script;
    struct bytes *out;
    struct rng *rng;
    struct request *request;
    struct script_mark mark;
    enum line_style style;
    bool stranger; /* another program's exporter: known by its name, left alone */
};

static void line(struct writer *w, const char *text)
{
    bytes_str(w->out, text);
    text_eol(w->out, w->rng, w->style);
}

static const char *method_of(struct writer *w)
{
    static const char *const known[] = {
        "GET",  "GET",    "GET",     "GET",   "POST",     "POST",  "PUT",    "HEAD",
        "HEAD", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE", "SEARCH", "QUERY"
    };
    /* None begins as a known one does: their first byte alone tells. */
    static const char *const unknown[] = { "BREW", "X-GETS", "X_SEARCH", "B", "ABCDEFGHIJKLMNOPQRSTUVW" };
    struct request *request = w->request;
    bool hidden = request->first && !request->known_method;

    if (request->turn == TURN_CONNECT && !hidden)
        return "CONNECT";
    if (hidden || (!request->first && rng_chance(w->rng, 30)))
        return unknown[rng_below(w->rng, sizeof(unknown) / sizeof(*unknown))];
    return known[rng_below(w->rng, sizeof(known) / sizeof(*known))];
}

static void target(struct writer *w)
{
    if (w->request->turn == TURN_CONNECT) {
        bytes_str(w->out, "upstream.example:443");
        return;
    }
    if (rng_chance(w->rng, 50))
        bytes_str(w->out, "http://other.example:81");
    bytes_str(w->out, "/");
    text_token(w->out, w->rng, rng_chance(w->rng, 980) ? rng_below(w->rng, 60) : rng_range(w->rng, 1000, 5000));
    if (rng_chance(w->rng, 200))
        bytes_str(w->out, "?q=%20traceparent:&x=1");
}

/* The request's own context; a value that is not as the standard wants it is its own all the same. */
static void own_traceparent(struct writer *w)
{
    static const char *const odd[] = {
        "",
        "00-0-0-00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more",
        "not a traceparent at all",
    };
    size_t again = rng_chance(w->rng, 60) ? 2 : 1;

    w->mark.own[0] = true;
    for (size_t i = 0; i < again; i++) {
        text_any_case(w->out, w->rng, "traceparent");
        bytes_str(w->out, rng_chance(w->rng, 800) ? ": " : rng_chance(w->rng, 500) ? ":" : ": \t ");
        if (rng_chance(w->rng, 200)) {
            bytes_str(w->out, odd[rng_below(w->rng, sizeof(odd) / sizeof(*odd))]);
            again = 1;
        } else {
            size_t id = text_traceparent(w->out, w->rng);

            w->mark.id = again == 1 ? id : SIZE_MAX;
        }
        bytes_str(w->out, rng_chance(w->rng, 900) ? "" : " \t");
        text_eol(w->out, w->rng, w->style);
    }
}

static void own_list(struct writer *w, int which)
{
    w->mark.own[which] = true;
    for (size_t i = rng_chance(w->rng, 800) ? 1 : 3; i > 0; i--) {
        text_any_case(w->out, w->rng, which == 1 ? "tracestate" : "baggage");
        bytes_str(w->out, ": key=");
        text_token(w->out, w->rng, rng_size(w->rng, which == 1 ? 500 : 4000));
        text_eol(w->out, w->rng, w->style);
    }
}

static void filler(struct writer *w)
{
    static const char *const names[] = {
        "Accept", "Cookie", "User-Agent", "X-Forwarded-For", "Forwarded", "Referer"
    };

    if (rng_chance(w->rng, 400)) {
        bytes_str(w->out, "X-");
        text_token(w->out, w->rng, rng_range(w->rng, 1, 60));
    } else {
        text_any_case(w->out, w->rng, names[rng_below(w->rng, sizeof(names) / sizeof(*names))]);
    }
    bytes_str(w->out, rng_chance(w->rng, 900) ? ": " : ":");
    text_value(w->out, w->rng, rng_size(w->rng, rng_chance(w->rng, 950) ? 200 : 3000));
    bytes_str(w->out, rng_chance(w->rng, 950) ? "" : "  ");
    text_eol(w->out, w->rng, w->style);
}

static size_t head_size(struct rng *rng)
{
    if (rng_chance(rng, 600))
        return rng_range(rng, 40, 300);
    if (rng_chance(rng, 850))
        return rng_range(rng, 300, 2000);
    return rng_chance(rng, 900) ? rng_range(rng, 2000, 9000) : rng_range(rng, 9000, 70000);
}

/* Context, look-alikes and filler in any order, until the head has its size. */
static void fields(struct writer *w, size_t head_begin)
{
    size_t size = head_begin + head_size(w->rng);
    bool context = rng_chance(w->rng, 140), list = rng_chance(w->rng, 70), decoy = rng_chance(w->rng, 200);

    w->stranger = rng_chance(w->rng, 20);
    if (rng_chance(w->rng, 900))
        line(w, "Host: server.example");
    if (w->stranger)
        line(w, "User-Agent: OTel-OTLP-Exporter-Test/1.0");
    while (w->out->len < size || context || list || decoy) {
        size_t pick = rng_below(w->rng, 4);

        if (pick == 0 && context) {
            own_traceparent(w);
            context = false;
        } else if (pick == 1 && list) {
            own_list(w, (int)rng_range(w->rng, 1, 2));
            list = false;
        } else if (pick == 2 && decoy) {
            text_decoy(w->out, w->rng, w->style);
            decoy = rng_chance(w->rng, 500);
        } else if (!w->stranger) {
            filler(w);
        } else {
            line(w, "X-Filler: some text to fill the head of another exporter's request");
        }
    }
}

static void run_of(struct writer *w, size_t n)
{
    size_t from = w->out->len;

    message_noise(w->out, w->rng, n);
    script_run_add(&w->script->out_runs, from, w->out->len);
}

static void chunks(struct writer *w, size_t n)
{
    while (n > 0) {
        size_t take = rng_range(w->rng, 1, n);

        bytes_fmt(w->out, rng_chance(w->rng, 500) ? "%zx" : "%04zX", take);
        bytes_str(w->out, rng_chance(w->rng, 850) ? "" : rng_chance(w->rng, 500) ? ";name=\"traceparent: x\"" : " ");
        bytes_str(w->out, "\r\n");
        run_of(w, take);
        bytes_str(w->out, "\r\n");
        n -= take;
    }
    bytes_str(w->out, "0\r\n");
    if (rng_chance(w->rng, 150)) {
        bytes_str(w->out, "traceparent: ");
        text_traceparent(w->out, w->rng);
        bytes_str(w->out, "\r\nX-Trailer: GET / HTTP/1.1\r\n");
    }
    bytes_str(w->out, "\r\n");
}

static size_t body_size(struct rng *rng)
{
    return rng_size(rng, rng_chance(rng, 990) ? rng_chance(rng, 900) ? 1500 : 20000 : 250000);
}

static void settle(struct writer *w)
{
    bool connect = w->request->turn == TURN_CONNECT && (w->request->known_method || !w->request->first);
    uint8_t *want = w->mark.want;

    if (!w->script->followed)
        return;
    want[SCRIPT_INJECT] = w->mark.own[0] || connect || w->stranger ? WANT_NEVER : WANT_MUST;
    want[SCRIPT_TAG] = w->mark.own[0] ? WANT_NEVER : connect ? WANT_MAY : WANT_MUST;
    want[SCRIPT_PROXY] = w->mark.own[0] ? WANT_NEVER : connect || w->stranger ? WANT_MAY : WANT_MUST;
}

void message_request(struct script *script, struct rng *rng, struct request *request)
{
    struct writer w = { .script = script, .out = &script->out, .rng = rng, .request = request };
    bool body = rng_chance(rng, 450) || request->turn == TURN_EXPECT, chunked = rng_chance(rng, 450);
    size_t n = rng_chance(rng, 100) ? 0 : body_size(rng), begin;
    const char *method = method_of(&w);
    char length[64];

    if (request->turn == TURN_CONNECT || request->turn == TURN_UPGRADE)
        body = false;
    w.style = rng_chance(rng, 850) ? LINES_CRLF : rng_chance(rng, 700) ? LINES_LF : LINES_MIXED;
    w.mark.id = SIZE_MAX;
    if (!request->first && rng_chance(rng, 30))
        line(&w, "");
    begin = w.out->len;
    bytes_str(w.out, method);
    bytes_str(w.out, " ");
    target(&w);
    line(&w, rng_chance(rng, 900) || request->turn == TURN_UPGRADE ? " HTTP/1.1" : " HTTP/1.0");
    if (body) {
        snprintf(length, sizeof(length), "Content-Length: %zu", n);
        line(&w, chunked ? "Transfer-Encoding: chunked" : length);
    }
    if (request->turn == TURN_UPGRADE)
        line(&w, "Connection: keep-alive, Upgrade\r\nUpgrade: websocket");
    if (request->turn == TURN_EXPECT)
        line(&w, "Expect: 100-continue");
    fields(&w, begin);
    w.mark.blank = w.out->len;
    line(&w, "");
    settle(&w);
    request->is_head = strcmp(method, "HEAD") == 0;
    request->head_end = w.out->len;
    script->marks = list_grow(script->marks, script->mark_count, sizeof(*script->marks));
    script->marks[script->mark_count++] = w.mark;
    if (body && chunked)
        chunks(&w, n);
    else if (body)
        run_of(&w, n);
}
