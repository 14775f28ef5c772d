/*
 * A small JSON writer. Values are written in order into an arena; commas, line breaks and
 * indentation are the writer's business. Output is ASCII: every other character is escaped, so that
 * it reads the same on any terminal. Errors stick until oa_json_finish.
 *
 * The caller pairs open and close and writes a key before each value of an object: a member is both at once.
 */
#ifndef OA_SDK_ENCODE_JSON_H
#define OA_SDK_ENCODE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "sdk/encode/buf.h"

#define OA_JSON_DEPTH_MAX 32u

struct oa_attr_view;

struct oa_json {
    struct oa_buf buf;
    unsigned indent; /* spaces per level; 0: all on one line */
    unsigned depth;
    uint32_t has_item; /* bit per level: a comma is due before the next item */
    bool after_key;
};

void oa_json_init(struct oa_json *json, struct oa_arena *arena, unsigned indent);

void oa_json_object_open(struct oa_json *json);
void oa_json_object_close(struct oa_json *json);
void oa_json_array_open(struct oa_json *json);
void oa_json_array_close(struct oa_json *json);
void oa_json_key(struct oa_json *json, struct oa_slice key);

void oa_json_str(struct oa_json *json, struct oa_slice value);
/* An integer of any size, as its digits. */
void oa_json_digits(struct oa_json *json, struct oa_slice digits);
void oa_json_int(struct oa_json *json, int64_t value);
void oa_json_bool(struct oa_json *json, bool value);
void oa_json_null(struct oa_json *json);

void oa_json_member_object_open(struct oa_json *json, struct oa_slice key);
void oa_json_member_array_open(struct oa_json *json, struct oa_slice key);
void oa_json_member_str(struct oa_json *json, struct oa_slice key, struct oa_slice value);
void oa_json_member_int(struct oa_json *json, struct oa_slice key, int64_t value);
void oa_json_member_bool(struct oa_json *json, struct oa_slice key, bool value);
/* Of 16 bytes at most, as hexadecimal digits. */
void oa_json_member_hex(struct oa_json *json, struct oa_slice key, const uint8_t *id, size_t bytes);
void oa_json_member_null(struct oa_json *json, struct oa_slice key);

/* An attribute's value, a list as an array; attributes as members, in order. */
void oa_json_value(struct oa_json *json, const struct oa_attr_view *attr);
void oa_json_members(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count);

/* Shortest digits that read back as the same number, as Python prints them: 1.0, 1e+16, NaN, -Infinity. */
void oa_json_double(struct oa_json *json, double value);

/* The same digits outside of JSON: a finite number. */
void oa_json_put_double(struct oa_buf *buf, double value);

/* The whole text, in the arena. 0, OA_ENOMEM, or OA_EFULL (deeper than OA_JSON_DEPTH_MAX). */
int oa_json_finish(struct oa_json *json, struct oa_slice *ret_text) OA_MUST_CHECK;

#endif
