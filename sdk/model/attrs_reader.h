/*
 * The attributes of a ring record, decoded: the inner half of span_view.c. The record is untrusted and
 * may change while it is read: what is made of an attribute rests on bytes that were looked at once, and never on one
 * too many. Borrowed text is the exception (span_view.h).
 */
#ifndef OA_SDK_MODEL_ATTRS_READER_H
#define OA_SDK_MODEL_ATTRS_READER_H

#include <string.h>

#include "preload/base/err.h"
#include "sdk/model/span_view.h"

/* What is left of the record. */
struct oa_record_cursor {
    const char *at;
    size_t left;
};

/* The next bytes bytes, and then the zero bytes up to a multiple of align, of which the last ones may be missing;
 * NULL if the record is shorter. */
static inline const char *oa_record_cursor_step(struct oa_record_cursor *cursor, size_t bytes, size_t align)
{
    const char *at = cursor->at;
    size_t step = (bytes + align - 1) & ~(align - 1); /* a length of 32 bits at most: no overflow */

    if (bytes > cursor->left)
        return NULL;
    step = step < cursor->left ? step : cursor->left;
    cursor->at += step;
    cursor->left -= step;
    return at;
}

static inline const char *oa_record_cursor_take(struct oa_record_cursor *cursor, size_t bytes)
{
    return oa_record_cursor_step(cursor, bytes, 1);
}

static inline const char *oa_record_cursor_take_padded(struct oa_record_cursor *cursor, size_t bytes)
{
    return oa_record_cursor_step(cursor, bytes, 8);
}

/* Copies the next bytes bytes; false if the record is shorter. */
static inline bool oa_record_cursor_copy(struct oa_record_cursor *cursor, void *ret_copy, size_t bytes)
{
    const char *at = oa_record_cursor_take(cursor, bytes);

    if (at)
        memcpy(ret_copy, at, bytes);
    return at != NULL;
}

struct oa_attrs_reader {
    struct oa_record_cursor cursor;
    struct oa_arena *arena;
    const struct oa_span_limits *limits;
    bool borrow;                /* text may stay where it is */
    bool inner;                 /* these are an event's or a link's: no such items among them */
    bool custom;                /* a key that is not in the table was there */
    uint64_t seen;              /* keys of the table that were there, a bit each */
    struct oa_attr_view *attrs; /* result, in the arena */
    uint32_t count;
    uint32_t dropped;              /* over the count limit, or not understood */
    struct oa_span_extras *extras; /* result, in the arena; NULL: none were there */
};

/* Copies the head of a record, whose first member is a struct oa_record, and begins behind it. 0, or OA_EMALFORMED if
 * the record is not as long as it says. */
static inline int oa_attrs_reader_begin(struct oa_attrs_reader *reader, const void *rec, size_t rec_bytes,
                                        void *ret_head, size_t head_bytes)
{
    const struct oa_record *head = ret_head;

    reader->cursor = (struct oa_record_cursor){ rec, rec_bytes };
    if (!oa_record_cursor_copy(&reader->cursor, ret_head, head_bytes) || head->used < head_bytes ||
        head->used > rec_bytes)
        return OA_EMALFORMED;
    reader->cursor.left = head->used - head_bytes;
    return 0;
}

/* Text of the record, repaired and cut after chars_max characters. 0 or OA_ENOMEM. */
int oa_attrs_reader_text(struct oa_attrs_reader *reader, struct oa_slice raw, uint32_t chars_max,
                         struct oa_slice *ret_text) OA_MUST_CHECK;

/* Reads count attributes, with the events and links among them. 0, OA_EMALFORMED, OA_ENOMEM. */
int oa_attrs_reader_run(struct oa_attrs_reader *reader, uint32_t count) OA_MUST_CHECK;

/* One event or link (extras_reader.c): value is that of its item. 0, OA_EMALFORMED, OA_ENOMEM. */
int oa_extras_read(struct oa_attrs_reader *reader, uint8_t type, struct oa_slice value) OA_MUST_CHECK;

#endif
