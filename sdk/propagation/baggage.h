/*
 * W3C baggage as text: checked and brought to one form, never decoded (percent-encoded text and
 * metadata travel as they came). Pure: no allocation, any thread. The work per list is bounded: a
 * duplicate is looked for among 180 members at most.
 */
#ifndef OA_BAGGAGE_H
#define OA_BAGGAGE_H

#include "sdk/propagation/propagator.h"

#define OA_BAGGAGE_MEMBERS_MAX 180u
#define OA_BAGGAGE_MEMBER_BYTES_MAX 4096u

/*
 * Writes "key=value;metadata,..." to scratch and points *ret_list at it (empty if nothing is left).
 * Malformed members, members over 4096 bytes, those after the 180th, and those that do not fit in
 * OA_BAGGAGE_MAX bytes (or in scratch) are left out, always whole. Of equal keys the later one
 * stays. Returns how many members were left out (replaced ones are not counted).
 */
uint32_t oa_baggage_normalise(struct oa_slice text, struct oa_scratch *scratch, struct oa_slice *ret_list);

/* Takes over what the field holds of baggage, if anything. */
void oa_baggage_extract(const struct oa_carrier *carrier, enum oa_field field, struct oa_context *ctx,
                        struct oa_scratch *scratch);

/* For formats that write one header a member: set(field, "key=value") for each of the first `max` members of a
 * normalised list. Metadata does not travel: those formats have no place for it. */
void oa_baggage_set_members(struct oa_slice list, enum oa_field field, unsigned max, struct oa_setter *setter);

#endif
