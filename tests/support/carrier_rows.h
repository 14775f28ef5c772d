/*
 * Golden headers of propagators, as data. A carrier is text, one "name: value" a line; a context is text as well:
 * "trace-span flags [tracestate] [baggage]", flags of the letters s (sampled), r (random), d (debug) or "-".
 */
#ifndef OA_TESTS_CARRIER_ROWS_H
#define OA_TESTS_CARRIER_ROWS_H

#include "sdk/propagation/propagator.h"

/* What is extracted from the headers; "" for an invalid context without lists. Overwritten by the next call. */
const char *oa_test_extract(const uint8_t *list, size_t count, const char *headers);

/* The headers that are injected for what `from` extracts from `headers`. Overwritten by the next call. */
const char *oa_test_inject(const uint8_t *list, size_t count, enum oa_propagator_id from, const char *headers);

/* The value after oa_propagator.retarget to a span of trace 4bf92f3577b34da6a3ce929d0e0e4736 with id
 * b7ad6b7169203331; NULL where it is refused, and abort if a refusal changed it. Overwritten by the next call. */
const char *oa_test_retarget(enum oa_propagator_id id, enum oa_field field, const char *value, uint8_t flags);

#endif
