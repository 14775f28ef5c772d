/*
 * A small strict JSON reader (RFC 8259) over a text that is there as a whole: the caller asks for what it expects, in
 * order, and skips the rest. Pure, no recursion. Errors stick: after one, every question is answered no, and
 * oa_json_reader_end() says so.
 *
 *     if (oa_json_read_object(&r))
 *         while (oa_json_read_key(&r, &key))
 *             oa_slice_eq(key, OA_SLICE("a")) ? a = oa_json_read_number(&r) : oa_json_skip(&r);
 */
#ifndef OA_SDK_ENCODE_JSON_READER_H
#define OA_SDK_ENCODE_JSON_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_JSON_READ_DEPTH_MAX 64u

struct oa_json_reader {
    struct oa_slice rest;
    bool failed;
    uint32_t depth;
    bool first; /* in what was opened last, nothing was read yet */
};

void oa_json_reader_init(struct oa_json_reader *r, struct oa_slice text);

/* The value is an object or an array, and open from now on; false: it is null, and read. Anything else fails. */
bool oa_json_read_object(struct oa_json_reader *r);
bool oa_json_read_array(struct oa_json_reader *r);

/* The next member's key as it stands between its quotes, and then its value is due; false: the object is closed. */
bool oa_json_read_key(struct oa_json_reader *r, struct oa_slice *ret_key);
/* Another item is due; false: the array is closed. */
bool oa_json_read_item(struct oa_json_reader *r);

/* A number, with its sign; null is 0. Anything else fails. */
double oa_json_read_number(struct oa_json_reader *r);
/* A whole number, or a string that is one, as protobuf's JSON writes 64 bits; what is too large is INT64_MAX, what is
 * negative 0. */
int64_t oa_json_read_int64(struct oa_json_reader *r);
/* A string as it stands between its quotes; its escapes were looked at. null is empty. */
struct oa_slice oa_json_read_string(struct oa_json_reader *r);
/* Writes the text of such a string, which is not longer: room for raw.len bytes. A lone surrogate is U+FFFD. */
size_t oa_json_unescape(struct oa_slice raw, char *out);

/* Whatever comes. */
void oa_json_skip(struct oa_json_reader *r);

/* True if the text was one value, read to its end. */
bool oa_json_reader_end(struct oa_json_reader *r) OA_MUST_CHECK;

#endif
