#include "tests/support/http1_transcript.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const header_names[] = {
    [OA_HTTP1_OTHER] = NULL,
#define HEADER(id, name, use) [OA_HTTP1_##id] = name,
#include "hooks/protocols/headers.def"
#undef HEADER
};

/* The default propagators' fields, a beginning of names, and a name as long as one can be kept whole. */
#define LONGEST "x-a-name-of-sixty-three-bytes-which-is-the-longest-one-kept-who"
static const struct oa_http1_watch watch = {
    .lengths = 1u << 11 | 1u << 10 | 1u << 7 | UINT64_C(1) << 63,
    .count = 5,
    .prefixes = 1,
    .names = {
        { 11, "traceparent" }, { 10, "tracestate" }, { 7, "baggage" }, { 63, LONGEST }, { 8, "uberctx-" },
    },
};
_Static_assert(sizeof(LONGEST) == OA_HTTP1_NAME_MAX, "one byte less than what is kept");

static const char *const body_words[] = {
    [OA_HTTP1_NO_BODY] = "none",
    [OA_HTTP1_LENGTH] = "length",
    [OA_HTTP1_CHUNKED] = "chunked",
    [OA_HTTP1_UNTIL_EOF] = "eof",
};

static void OA_PRINTF(2, 3) say(struct oa_http1_transcript *t, const char *fmt, ...)
{
    char piece[128];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(piece, sizeof(piece), fmt, ap);
    va_end(ap);
    if (n < 0 || t->len + (size_t)n >= sizeof(t->text))
        return;
    memcpy(t->text + t->len, piece, (size_t)n + 1);
    t->len += (size_t)n;
}

static void say_bytes(struct oa_http1_transcript *t, struct oa_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        /* A tab inside a value is a space when it was held back over a cut. */
        if (c == '\t' && t->open == OA_HTTP1_HEADER)
            c = ' ';
        if (c < 0x20 || c > 0x7e || strchr("[]|\\", c))
            say(t, "\\x%02x", c);
        else
            say(t, "%c", c);
    }
}

static void check(struct oa_http1_transcript *t, bool kept, const char *rule)
{
    if (!kept && !t->broken)
        t->broken = rule;
}

static void next_item(struct oa_http1_transcript *t)
{
    if (t->open != OA_HTTP1_NONE)
        say(t, "]");
    t->open = OA_HTTP1_NONE;
    if (t->len)
        say(t, "|");
}

void oa_http1_transcript_init(struct oa_http1_transcript *t, bool response, const char *answers)
{
    oa_http1_init(&t->parser, response);
    t->parser.watch = &watch;
    t->answers = answers ? answers : "";
    t->broken = NULL;
    t->open = OA_HTTP1_NONE;
    t->ends = 0;
    t->len = 0;
    t->text[0] = '\0';
}

static void on_target(struct oa_http1_transcript *t, const struct oa_http1_event *ev)
{
    check(t, ev->first == (t->open != OA_HTTP1_TARGET), "target: first marks the first fragment");
    check(t, ev->text.len || (ev->last && !ev->first), "target: no empty fragment but the last");
    if (ev->first) {
        next_item(t);
        say(t, "target[");
        t->open = OA_HTTP1_TARGET;
    }
    say_bytes(t, ev->text);
    if (ev->last) {
        say(t, "]");
        t->open = OA_HTTP1_NONE;
    }
}

static bool watched(unsigned index, struct oa_slice name)
{
    struct oa_slice want = { watch.names[index].name, watch.names[index].len };

    return index < (unsigned)watch.count - watch.prefixes ? oa_slice_eq(name, want)
                                                          : name.len > want.len && oa_slice_starts(name, want);
}

static void say_name(struct oa_http1_transcript *t, unsigned header)
{
    struct oa_slice name = { t->parser.name, t->parser.name_len };

    if (header >= OA_HTTP1_WATCHED)
        check(t, watched(header - OA_HTTP1_WATCHED, name), "header: name and place in the watch list agree");
    else if (header != OA_HTTP1_OTHER)
        check(t, oa_slice_eq(name, oa_slice_of(header_names[header])), "header: name and number agree");
    else
        say(t, "~");
    say_bytes(t, name);
    say(t, "[");
}

static void on_header(struct oa_http1_transcript *t, const struct oa_http1_event *ev)
{
    check(t, ev->first == (t->open != OA_HTTP1_HEADER), "header: first marks the first fragment");
    check(t, ev->text.len || ev->last, "header: no empty fragment but the last");
    if (ev->first) {
        next_item(t);
        say_name(t, ev->header);
        t->open = OA_HTTP1_HEADER;
        t->header = ev->header;
    }
    check(t, t->header == ev->header, "header: same field until last");
    say_bytes(t, ev->text);
    if (ev->last) {
        say(t, "]");
        t->open = OA_HTTP1_NONE;
    }
}

static void on_body(struct oa_http1_transcript *t, const struct oa_http1_event *ev)
{
    check(t, ev->text.len, "body: data");
    if (t->open != OA_HTTP1_BODY) {
        next_item(t);
        say(t, "body[");
        t->open = OA_HTTP1_BODY;
    }
    say_bytes(t, ev->text);
}

static void on_status(struct oa_http1_transcript *t)
{
    char to = '-';

    if (t->ends < strlen(t->answers))
        to = t->answers[t->ends];
    oa_http1_answers(&t->parser, to == 'H', to == 'C');
    next_item(t);
    say(t, "%u 1.%u", t->parser.status, t->parser.minor);
}

static void on_head_end(struct oa_http1_transcript *t)
{
    const struct oa_http1 *p = &t->parser;

    next_item(t);
    say(t, "head %s", body_words[p->body]);
    if (p->has_length)
        say(t, " cl=%llu", (unsigned long long)p->content_length);
    say(t, "%s%s%s%s", p->keep_alive ? " keep" : " close", p->interim ? " interim" : "",
        p->expect_continue ? " expect" : "", p->upgrade ? " upgrade" : "");
}

static void on_event(struct oa_http1_transcript *t, const struct oa_http1_event *ev)
{
    bool text = ev->type == OA_HTTP1_TARGET || ev->type == OA_HTTP1_HEADER;

    check(t, t->open == OA_HTTP1_NONE || t->open == OA_HTTP1_BODY || t->open == ev->type,
          "text ends before the next");
    check(t, text || (!ev->first && !ev->last), "first and last belong to text");
    switch (ev->type) {
    case OA_HTTP1_TARGET:
        on_target(t, ev);
        return;
    case OA_HTTP1_HEADER:
        on_header(t, ev);
        return;
    case OA_HTTP1_BODY:
        on_body(t, ev);
        return;
    case OA_HTTP1_STATUS_LINE:
        on_status(t);
        return;
    case OA_HTTP1_HEAD_END:
        on_head_end(t);
        return;
    case OA_HTTP1_REQUEST_LINE:
        next_item(t);
        check(t, strlen(t->parser.method) == t->parser.method_len, "method is terminated");
        say(t, "%s 1.%u", t->parser.method, t->parser.minor);
        return;
    case OA_HTTP1_END:
        next_item(t);
        t->ends++;
        say(t, "end %llu", (unsigned long long)t->parser.body_bytes);
        return;
    default:
        next_item(t);
        say(t, "%s", ev->type == OA_HTTP1_START ? "start" : ev->type == OA_HTTP1_BLANK ? "blank" : "switch");
    }
}

static bool points_into(struct oa_slice text, const char *buf, size_t len)
{
    if (text.ptr >= buf && text.ptr <= buf + len && text.len <= (size_t)(buf + len - text.ptr))
        return true;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != ' ')
            return false;
    return true;
}

static void check_event(struct oa_http1_transcript *t, const struct oa_http1_event *ev, struct oa_slice in,
                        size_t used)
{
    bool at_eol = used < in.len && (in.ptr[used] == '\r' || in.ptr[used] == '\n');

    check(t, points_into(ev->text, in.ptr, used), "text points into the bytes consumed");
    check(t, ev->type != OA_HTTP1_NONE || used == in.len, "NONE consumes everything");
    check(t, ev->type != OA_HTTP1_START || (used < in.len && !at_eol), "START stands before its line");
    check(t, ev->type != OA_HTTP1_BLANK || ((used == 0 || t->parser.quiet) && at_eol),
          "BLANK stands before the empty line");
}

/* One step; false when there is nothing more to do with this input. */
static bool feed_once(struct oa_http1_transcript *t, struct oa_slice *in)
{
    struct oa_http1_event ev;
    ssize_t used = oa_http1_step(&t->parser, in->ptr, in->len, &ev);

    if (used < 0) {
        check(t, ev.type == OA_HTTP1_NONE && t->parser.dead, "malformed: dead, and no event");
        t->open = OA_HTTP1_NONE;
        say(t, "%smalformed", t->len ? "|" : "");
        return false;
    }
    check(t, (size_t)used <= in->len, "no more consumed than offered");
    check_event(t, &ev, *in, (size_t)used);
    if (t->broken)
        return false;
    *in = (struct oa_slice){ in->ptr + used, in->len - (size_t)used };
    if (ev.type == OA_HTTP1_NONE)
        return false;
    on_event(t, &ev);
    return !t->broken;
}

void oa_http1_transcript_feed(struct oa_http1_transcript *t, const char *buf, size_t len)
{
    struct oa_slice in = { buf, len };
    /* remaining counts held spaces inside a head, which come out in several events. */
    uint64_t held = t->parser.remaining < OA_HTTP1_TRANSCRIPT_MAX ? t->parser.remaining : OA_HTTP1_TRANSCRIPT_MAX;
    size_t steps = 8 * len + (size_t)held + 64;

    if (t->parser.dead || t->broken)
        return;
    while (feed_once(t, &in))
        if (!steps--)
            check(t, false, "every step gets on");
}

void oa_http1_transcript_finish(struct oa_http1_transcript *t)
{
    const struct oa_http1 *p = &t->parser;

    if (p->dead)
        return;
    if (t->open == OA_HTTP1_BODY)
        next_item(t);
    else if (t->len)
        say(t, "|");
    say(t, "%s", p->opaque ? "opaque" : oa_http1_idle(p) ? "idle" : oa_http1_eof(p) ? "complete" : "cut");
}
