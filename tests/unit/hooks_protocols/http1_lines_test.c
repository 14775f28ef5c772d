/* Lines that lie in the input as a whole are read sixteen bytes at a time: wherever the sixteen end, and whatever
 * stands there, it is what the handlers make of the same bytes one by one.
 * SOURCES: hooks/protocols/http1.c hooks/protocols/http1_body.c hooks/protocols/http1_fields.c
 *   hooks/protocols/http1_head.c hooks/protocols/http1_lines.c hooks/protocols/http1_start.c
 *   tests/support/http1_transcript.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "tests/support/guard_page.h"
#include "tests/support/http1_transcript.h"

#define NAME_MOST 36
#define VALUE_MOST 52

static struct oa_http1_transcript whole, bytes;

static void read_all(struct oa_http1_transcript *t, bool quiet, const char *text, size_t len, size_t step)
{
    oa_http1_transcript_init(t, false, NULL);
    t->parser.quiet = quiet;
    for (size_t at = 0; at < len; at += step) {
        size_t n = len - at < step ? len - at : step;

        oa_http1_transcript_feed(t, oa_guard_page_copy(text + at, n), n);
        oa_guard_page_free();
    }
    oa_http1_transcript_finish(t);
}

/* A head with this line before its end, and another one behind. */
static void same(const char *line, size_t len)
{
    static const char before[] = "GET / HTTP/1.1\r\n", after[] = "Host: h\r\n\r\n";
    char text[256];
    size_t n = sizeof(before) - 1;

    memcpy(text, before, n);
    memcpy(text + n, line, len);
    n += len;
    memcpy(text + n, after, sizeof(after) - 1);
    for (int short_end = 0; short_end < 2; short_end++) {
        size_t all = short_end ? n + 2 : n + sizeof(after) - 1;

        if (short_end)
            memcpy(text + n, "\r\n", 2);
        read_all(&whole, true, text, all, all);
        read_all(&bytes, true, text, all, 1);
        cr_assert_null(whole.broken, "contract: %s", whole.broken);
        cr_assert_str_eq(whole.text, bytes.text, "%zu bytes of line: %.*s", len, (int)len, line);
        cr_assert_eq(whole.parser.flags, bytes.parser.flags);
        cr_assert_eq(whole.parser.content_length, bytes.parser.content_length);
    }
}

static size_t make(char *line, const char *name, size_t name_len, size_t value_len, const char *end)
{
    size_t n = strlen(name);

    memset(line, 'x', name_len);
    memcpy(line, name, n < name_len ? n : name_len);
    line[name_len] = ':';
    memset(line + name_len + 1, 'v', value_len);
    memcpy(line + name_len + 1 + value_len, end, strlen(end));
    return name_len + 1 + value_len + strlen(end);
}

Test(http1_lines, every_length__of_name_and_value)
{
    static const char *const ends[] = { "\r\n", "\n", "\r\n \r\n", "\r\n\tmore\r\n", "\r", "" };
    char line[256];

    for (size_t name = 1; name < NAME_MOST; name++)
        for (size_t value = 0; value < VALUE_MOST; value++)
            for (size_t i = 0; i < OA_COUNT(ends); i++)
                same(line, make(line, "X", name, value, ends[i]));
}

Test(http1_lines, every_place__of_an_odd_byte)
{
    static const char odd[] = { '\0', '\t', ' ', ':', '\r', '\n', '_', '"', '\x1f', '\x7f', '\x80', '\xff' };
    char line[256];

    for (size_t name = 3; name < 18; name += 7) {
        size_t len = make(line, "X", name, 40, "\r\n");

        for (size_t at = 0; at < len; at++) {
            char was = line[at];

            for (size_t i = 0; i < OA_COUNT(odd); i++) {
                line[at] = odd[i];
                same(line, len);
            }
            line[at] = was;
        }
    }
}

/* Of any case; one letter more, less or other is another name. */
Test(http1_lines, names__of_the_table_and_nearly)
{
    static const char *const names[] = {
#define HEADER(id, name, use) name,
#include "hooks/protocols/headers.def"
#undef HEADER
        "traceparent",
        "tracestate",
        "baggage",
    };
    char line[128];

    for (size_t i = 0; i < OA_COUNT(names); i++) {
        size_t n = strlen(names[i]);

        for (size_t at = 0; at < n; at++) {
            for (int how = 0; how < 4; how++) {
                char name[64];

                memcpy(name, names[i], n + 1);
                if (how == 0)
                    name[at] = name[at] == '-' ? '\r' : (char)(name[at] & ~0x20);
                else if (how == 1)
                    name[at] = (char)(name[at] ^ 1);
                else if (how == 2)
                    memmove(name + at, name + at + 1, n - at);
                else
                    memmove(name + at + 1, name + at, n - at + 1);
                same(line, (size_t)snprintf(line, sizeof(line), "%s: 7\r\n", name));
            }
        }
    }
}
