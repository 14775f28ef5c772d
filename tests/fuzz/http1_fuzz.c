/* SOURCES: hooks/protocols/http1.c hooks/protocols/http1_start.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_fields.c hooks/protocols/http1_body.c
 * hooks/protocols/http1_detect.c tests/support/http1_transcript.c */
/*
 * The first byte says how to read the rest. Bit 0: responses. Bits 1 and 2: they answer HEAD, or
 * CONNECT, in turn with others. Bits 3 to 7: how to cut, 0 byte by byte. Properties: the contract of
 * oa_http1_step (kept by the transcript), equal transcripts whole and cut, and a detection that
 * never takes back what it said about a prefix.
 */
#include "hooks/protocols/http1.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/http1_transcript.h"

#define INPUT_MAX (1u << 17)
#define PIECE_MAX 37u
#define DETECT_MAX 64u

static struct oa_http1_transcript whole, cut;

static void fail(const char *what)
{
    fprintf(stderr, "%s\nwhole: %s\ncut:   %s\n", what, whole.text, cut.text);
    abort();
}

/* Pieces end where the block ends: the sanitizer sees the first byte too far, and nothing is allocated. */
static void feed(struct oa_http1_transcript *t, const uint8_t *data, size_t size)
{
    static char block[INPUT_MAX];
    char *piece = block + sizeof(block) - size;

    memcpy(piece, data, size);
    oa_http1_transcript_feed(t, piece, size);
    if (t->broken)
        fail(t->broken);
}

static void feed_cut(uint8_t pattern, const uint8_t *data, size_t size)
{
    uint32_t seed = pattern;
    size_t piece = 1;

    for (size_t at = 0; at < size; at += piece) {
        seed = seed * 1664525u + 1013904223u;
        piece = pattern ? (seed >> 16) % PIECE_MAX + !(seed >> 31) : 1;
        piece = piece < size - at ? piece : size - at;
        feed(&cut, data + at, piece);
    }
}

static void check_detect(const uint8_t *data, size_t size)
{
    enum oa_http1_guess last = oa_http1_detect((const char *)data, size);

    for (size_t n = 0; n < size && n < DETECT_MAX; n++) {
        enum oa_http1_guess g = oa_http1_detect((const char *)data, n);

        if ((g == OA_HTTP1_NOT || g == OA_HTTP1_IS_REQUEST || g == OA_HTTP1_IS_RESPONSE) && g != last)
            fail("detect: a verdict was taken back");
    }
}

static void compare(uint8_t control, const uint8_t *data, size_t size, bool quiet)
{
    static const char *const answers[] = { NULL, "H-H-H", "C-C-C", "HCCHH" };

    oa_http1_transcript_init(&whole, control & 1, answers[control >> 1 & 3]);
    oa_http1_transcript_init(&cut, control & 1, answers[control >> 1 & 3]);
    whole.parser.quiet = cut.parser.quiet = quiet;
    feed(&whole, data + 1, size - 1);
    feed_cut(control >> 3, data + 1, size - 1);
    oa_http1_transcript_finish(&whole);
    oa_http1_transcript_finish(&cut);
    if (strcmp(whole.text, cut.text) != 0)
        fail("the cut changed what was reported");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned ends;

    if (!size || size > INPUT_MAX)
        return 0;
    compare(*data, data, size, false);
    ends = whole.ends;
    compare(*data, data, size, true);
    if (whole.ends != ends)
        fail("a quiet parser sees other messages");
    check_detect(data + 1, size - 1);
    return 0;
}
