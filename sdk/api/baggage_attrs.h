/*
 * OTEL_AUTO_SPAN_ATTRIBUTES_FROM_BAGGAGE: entries of the baggage that a span's parent has become attributes of the
 * span, as the baggage span processors of other languages do it in OnStart. They are written before all others: an
 * attribute of ours with the same key is met later by the reader, and overwrites. What has no room is counted in the
 * record (attr_dropped). No allocation; any hook may call.
 */
#ifndef OA_API_BAGGAGE_ATTRS_H
#define OA_API_BAGGAGE_ATTRS_H

#include <stdbool.h>

#include "sdk/api/span.h"

#define OA_BAGGAGE_ATTRS_MAX 16u /* entries that become attributes of one span */

/* Is any key asked for? Constant after init: all that a span costs where none is. */
extern bool oa_baggage_attrs_on;

/* keys: comma list, `*` at the end of an item stands for any rest; it is borrowed for good. */
void oa_baggage_attrs_init(const char *keys);

/* Bytes of a record that the entries of a normalised list would take. */
uint32_t oa_baggage_attrs_room(struct oa_slice list);
/* Writes them into no more than `room` bytes. */
void oa_baggage_attrs_put(struct oa_span_writer *w, struct oa_slice list, uint32_t room);

#endif
