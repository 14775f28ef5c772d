/*
 * Drives an HTTP/1 parser and writes down what it reports as one line of text, with adjacent fragments
 * joined: transcripts of the same bytes must be equal however the bytes were cut, and the transcript
 * of a prefix must be a prefix. Shared by the unit tests and the fuzzer; checks the contract of
 * oa_http1_step on the way and says in `broken` what was wrong.
 *
 *   start|target[/x]|GET 1.1|host[a]|~x-other[b]|blank|head length cl=5 keep|body[hello]|end 5|idle
 *
 * ~ marks a field outside headers.def and the watch list of these tests (http1_transcript.c); bytes that are not
 * printable, and [ ] | \, are written \xNN.
 */
#ifndef OA_TESTS_HTTP1_TRANSCRIPT_H
#define OA_TESTS_HTTP1_TRANSCRIPT_H

#include "hooks/protocols/http1.h"

#define OA_HTTP1_TRANSCRIPT_MAX (1u << 18)

struct oa_http1_transcript {
    struct oa_http1 parser;
    const char *answers;           /* one letter per final response: H to HEAD, C to CONNECT, else a dash */
    const char *broken;            /* first rule of the contract that was not kept, or NULL */
    enum oa_http1_event_type open; /* TARGET, HEADER or BODY while its bracket is not closed */
    enum oa_http1_header header;   /* the field that is open */
    unsigned ends;
    size_t len;
    char text[OA_HTTP1_TRANSCRIPT_MAX]; /* terminated; what exceeds it is left out */
};

/* answers may be NULL and must stay valid. */
void oa_http1_transcript_init(struct oa_http1_transcript *t, bool response, const char *answers);

/* Offers (buf, len) until all of it is consumed and nothing more is due, or the parser is dead. */
void oa_http1_transcript_feed(struct oa_http1_transcript *t, const char *buf, size_t len);

/* Writes how the peer's close would find the parser: idle, complete, cut or opaque. */
void oa_http1_transcript_finish(struct oa_http1_transcript *t);

#endif
