/* The smallest pieces of messages: words, header lines, texts that deceive. */
#ifndef EXACT_MESSAGE_TEXT_H
#define EXACT_MESSAGE_TEXT_H

#include "tests/exact/bytes.h"
#include "tests/exact/rng.h"

/* How a head ends its lines: CR LF, a bare LF, or now this, now that. */
enum line_style { LINES_CRLF, LINES_LF, LINES_MIXED };

void text_eol(struct bytes *out, struct rng *rng, enum line_style style);
/* n characters of a token, a value (with spaces inside, never at an end), or anything at all. */
void text_token(struct bytes *out, struct rng *rng, size_t n);
void text_value(struct bytes *out, struct rng *rng, size_t n);
void text_hex(struct bytes *out, struct rng *rng, size_t n);
/* "00-<32>-<16>-01"; returns where the parent id begins. */
size_t text_traceparent(struct bytes *out, struct rng *rng);
/* name with its letters in any case */
void text_any_case(struct bytes *out, struct rng *rng, const char *name);
/* A whole header line that looks like trace context but is none. */
void text_decoy(struct bytes *out, struct rng *rng, enum line_style style);

#endif
