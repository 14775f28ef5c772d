#include "tests/exact/match.h"

#include <string.h>

#define VALUE_BEFORE_ID 36 /* "00-<trace id>-" */

static const char *const names[3] = { "traceparent: ", "tracestate: ", "baggage: " };

void match_init(struct match *m, const struct script *script, bool client_bytes, enum script_mode mode)
{
    memset(m, 0, offsetof(struct match, line));
    m->script = script;
    m->want = client_bytes ? script->out : script->in;
    m->plain = !client_bytes;
    m->mode = mode;
    m->untagged_at = m->unnamed_at = SIZE_MAX;
}

static bool wrong(struct match *m, const char *why)
{
    m->trouble = why;
    m->corrupted++;
    return false;
}

static const struct script_mark *mark(const struct match *m)
{
    return !m->plain && m->mark < m->script->mark_count ? &m->script->marks[m->mark] : NULL;
}

static bool is_hex(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr("0123456789abcdef", s[i]) || !s[i])
            return false;
    return true;
}

/* "traceparent: 00-<32>-<16>-<2>\r\n" */
static bool is_traceparent(const char *line, size_t n)
{
    return n == 70 && memcmp(line + 13, "00-", 3) == 0 && is_hex(line + 16, 32) && line[48] == '-' &&
           is_hex(line + 49, 16) && line[65] == '-' && is_hex(line + 66, 2) && line[68] == '\r';
}

/* A whole inserted line is there. */
static bool judge_line(struct match *m, const struct script_mark *at)
{
    int which = 0;

    while (which < 3 && strncmp(m->line, names[which], strlen(names[which])) != 0)
        which++;
    if (which == 3 || m->line_len < 2 || m->line[m->line_len - 2] != '\r')
        return wrong(m, "a foreign line stands in front of the empty line");
    if (which == 0 && !is_traceparent(m->line, m->line_len))
        return wrong(m, "the inserted traceparent is broken");
    if (m->lines[which]++ || at->own[which])
        m->doubled++;
    if (at->want[m->mode] == WANT_NEVER && !at->own[which])
        return wrong(m, "a head was changed that must be left alone");
    if (m->mode == SCRIPT_TAG && which != 0)
        return wrong(m, "a tag is one line");
    return true;
}

static bool feed_line(struct match *m, char c)
{
    if (m->line_len == sizeof(m->line) - 1)
        return wrong(m, "an inserted line has no end");
    m->line[m->line_len++] = c;
    m->line[m->line_len] = '\0';
    if (c != '\n')
        return true;
    m->in_line = false;
    return judge_line(m, mark(m));
}

void match_missed(struct match *m, size_t head)
{
    m->missing++;
    m->missed = head;
}

/* The empty line of a head begins: what was in front of it? */
static void judge_head(struct match *m, const struct script_mark *at)
{
    bool demands = !m->changed_nothing && !m->may_miss, must = demands && at->want[m->mode] == WANT_MUST;

    m->inserted += m->lines[0] > 0;
    m->overwritten += m->id_changed;
    if (must && m->lines[0] == 0 && m->mode == SCRIPT_TAG)
        m->untagged_at = m->seen;
    else if (must && m->lines[0] == 0)
        match_missed(m, m->mark);
    if (demands && m->mode == SCRIPT_TAG && at->id != SIZE_MAX && !m->id_changed && m->script->followed)
        m->unnamed_at = m->id_at - VALUE_BEFORE_ID;
    memset(m->lines, 0, sizeof(m->lines));
    m->id_changed = false;
    m->mark++;
}

/* Inside the parent id of the request's own header, where a tag may write over it. */
static bool is_new_id(struct match *m, const struct script_mark *at, char c)
{
    size_t place;

    if (!at || at->id == SIZE_MAX || m->mode == SCRIPT_INJECT || m->changed_nothing)
        return false;
    if (m->pos < at->id || m->pos >= at->id + PARENT_BYTES)
        return false;
    place = m->pos - at->id;
    m->id_changed = true;
    return place == 16 ? c == '-' : is_hex(&c, 1);
}

static bool feed_one(struct match *m, char c)
{
    const struct script_mark *at = mark(m);
    bool at_blank = at && m->pos == at->blank;

    if (m->in_line)
        return feed_line(m, c);
    if (at && m->pos == at->id)
        m->id_at = m->seen;
    if (at_blank && c != '\r' && c != '\n') {
        m->in_line = true;
        m->line_len = 0;
        return m->changed_nothing ? wrong(m, "something was inserted") : feed_line(m, c);
    }
    if (m->pos == m->want.len)
        return wrong(m, "more bytes than were sent");
    if (c != m->want.ptr[m->pos] && !is_new_id(m, at, c))
        return wrong(m, "a byte differs");
    if (at_blank)
        judge_head(m, at);
    m->pos++;
    return true;
}

/* Bytes up to the next place where something may differ, if they are all as they should be. */
static size_t same_run(const struct match *m, const char *bytes, size_t n)
{
    const struct script_mark *at = mark(m);
    size_t stop = m->want.len;

    if (m->in_line)
        return 0;
    if (at)
        stop = at->id != SIZE_MAX && m->pos < at->id + PARENT_BYTES ? at->id : at->blank;
    if (m->pos >= stop)
        return 0;
    if (n > stop - m->pos)
        n = stop - m->pos;
    return memcmp(bytes, m->want.ptr + m->pos, n) == 0 ? n : 0;
}

bool match_feed(struct match *m, const char *bytes, size_t n)
{
    size_t i = 0;

    m->untagged_at = m->unnamed_at = SIZE_MAX;
    while (i < n && !m->trouble) {
        size_t run = same_run(m, bytes + i, n - i);

        if (run == 0 && !feed_one(m, bytes[i]))
            break;
        if (run)
            m->pos += run;
        run = run ? run : 1;
        m->seen += run;
        i += run;
    }
    return !m->trouble;
}

size_t match_requests(const struct match *m)
{
    return m->plain ? 0 : m->mark;
}

static void print_bytes(const char *label, const char *p, size_t n, FILE *to)
{
    fprintf(to, "  %s \"", label);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];

        if (c == '\r' || c == '\n')
            fputs(c == '\r' ? "\\r" : "\\n", to);
        else if (c < 0x20 || c > 0x7e || c == '"')
            fprintf(to, "\\x%02x", c);
        else
            fputc(c, to);
    }
    fputs("\"\n", to);
}

void match_explain(const struct match *m, const char *bytes, size_t n, FILE *to)
{
    size_t back = m->pos < 80 ? m->pos : 80, ahead = m->want.len - m->pos < 120 ? m->want.len - m->pos : 120;

    fprintf(to, "  %s: at byte %zu of %zu meant (%zu arrived), request %zu of %zu\n", m->trouble, m->pos, m->want.len,
            m->seen, m->mark, m->script->mark_count);
    print_bytes("before:", m->want.ptr + m->pos - back, back, to);
    print_bytes("meant: ", m->want.ptr + m->pos, ahead, to);
    print_bytes("came:  ", bytes, n < 200 ? n : 200, to);
    if (m->in_line || m->line_len)
        print_bytes("line:  ", m->line, m->line_len < 100 ? m->line_len : 100, to);
}
